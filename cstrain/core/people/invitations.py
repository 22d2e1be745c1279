"""Invitations: a link or QR code by which new trainees join a team by themselves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from cstrain.core.people.access import Role
from cstrain.core.people.models import Invitation, Team
from cstrain.core.people.service import NewPerson, admit, require_give
from cstrain.kit.db import db
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

VALID_DAYS = 7
VALID_DAYS_MAX = 30
USES = 30
USES_MAX = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """What an invitation offers: a place as trainee in a team and batch."""

    team_id: int
    batch: str | None = None
    days: int = VALID_DAYS
    uses: int = USES


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that somebody with its link may still use."""

    id: int
    team_id: int
    team_name: str
    batch: str | None
    expires_at: datetime


def token_of(nonce: str, secret: str) -> str:
    """The secret part of an invitation's link, 24 characters."""
    digest = hmac.new(secret.encode(), f"invitation|{nonce}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()


def create(terms: Terms, *, secret: str, by: int, now: datetime) -> int:
    """Make an invitation for trainees; gives its id.

    Args:
        terms: For which team, how long, for how many.
        secret: The site's secret.
        by: Who invites.
        now: The current time.

    Raises:
        InvalidError: If it would last too long or let too many in.
    """
    require_give(by, terms.team_id, Role.TRAINEE)
    if not (1 <= terms.days <= VALID_DAYS_MAX and 1 <= terms.uses <= USES_MAX):
        raise InvalidError(
            _("邀请最长 %(days)s 天、最多 %(uses)s 人。", days=VALID_DAYS_MAX, uses=USES_MAX)
        )
    nonce = secrets.token_hex(16)
    row = Invitation(
        nonce=nonce,
        token_hash=_digest(token_of(nonce, secret)),
        team_id=terms.team_id,
        batch=terms.batch,
        by_person_id=by,
        created_at=now,
        expires_at=now + timedelta(days=terms.days),
        uses_left=terms.uses,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def revoke(invitation_id: int, *, by: int, now: datetime) -> None:
    """Close an invitation; closing it twice does nothing.

    Raises:
        NotFoundError: If it is not of a team of ``by``.
    """
    row = db.session.get(Invitation, invitation_id)
    if row is None:
        raise NotFoundError
    require_give(by, row.team_id, Role.TRAINEE)
    if row.revoked_at is None:
        row.revoked_at = now
        db.session.flush()


def find_open(token: str, *, now: datetime) -> OpenInvitation | None:
    """The invitation of a link; None when it is unknown, closed, used up or too old."""
    row = db.session.execute(
        select(Invitation, Team.name)
        .join(Team, Team.id == Invitation.team_id)
        .where(Invitation.token_hash == _digest(token))
    ).first()
    if row is None:
        return None
    invitation, team_name = row
    is_open = invitation.revoked_at is None and invitation.uses_left > 0
    if not is_open or invitation.expires_at <= now:
        return None
    return OpenInvitation(
        invitation.id, invitation.team_id, team_name, invitation.batch, invitation.expires_at
    )


def accept(token: str, new: NewPerson, *, now: datetime) -> int:
    """Let the bearer of a link join as a trainee; gives the person's id.

    Args:
        token: Of the link.
        new: What the joiner filled in, with the hash of the password just chosen; role and
            batch are the invitation's.
        now: The current time.

    Raises:
        NotFoundError: If the invitation is closed by now.
        FieldError: If a field is not allowed or its number is taken.
    """
    found = find_open(token, now=now)
    if found is None:
        raise NotFoundError(_("这个邀请已经不能用了，请找带教老师要一个新的。"))
    taken = db.session.execute(
        update(Invitation)
        .where(
            Invitation.id == found.id,
            Invitation.uses_left > 0,
            Invitation.revoked_at.is_(None),
        )
        .values(uses_left=Invitation.uses_left - 1)
        .returning(Invitation.id)
    ).first()
    if taken is None:
        raise NotFoundError(_("这个邀请已经不能用了，请找带教老师要一个新的。"))
    joiner = NewPerson(
        name=new.name,
        employee_no=new.employee_no,
        phone=new.phone,
        batch=found.batch,
        password_hash=new.password_hash,
        must_change_password=False,
        language=new.language,
    )
    return admit(joiner, team_id=found.team_id, by=None, now=now, action="accepted")


def _digest(token: str) -> str:
    return hashlib.sha256(f"invitation|{token}".encode()).hexdigest()
