"""Issuing, suspending and revoking certificates."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import update

from cstrain.core.certification.models import Certificate, CertificateEvent
from cstrain.kit.clock import local_day
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, InvalidError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.outbox import tell

#: Digits and capitals without I, L, O and U, so that a number can be read out and typed.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LENGTH = 10

#: Action → the states it may start from and the state it leads to.
_MOVES = {
    "suspend": (("valid",), "suspended"),
    "restore": (("suspended",), "valid"),
    "revoke": (("valid", "suspended"), "revoked"),
}


def new_number() -> str:
    """A certificate number: 50 random bits, so that numbers cannot be guessed or counted."""
    return "".join(secrets.choice(CROCKFORD) for _place in range(NUMBER_LENGTH))


def clean_number(text: str) -> str:
    """A number as typed by people: case, spaces, hyphens and the look-alikes I, L, O folded."""
    plain = "".join(ch for ch in text.upper() if ch.isalnum())
    return plain.translate(str.maketrans("ILO", "110"))


def issue(  # noqa: PLR0913 - a certificate says all of this
    *,
    person_id: int,
    team_id: int,
    timezone: str,
    enrolment_id: int,
    decision_id: int,
    pathway: str,
    title: Mapping[str, str],
    pathway_title: Mapping[str, str],
    queues: Sequence[Mapping[str, str]],
    valid_days: int,
    now: datetime,
) -> Certificate:
    """Issue the certificate of a decision; one decision issues one, by the database's rule."""
    today = local_day(now, timezone)
    certificate = Certificate(
        number=new_number(),
        person_id=person_id,
        team_id=team_id,
        enrolment_id=enrolment_id,
        decision_id=decision_id,
        pathway=pathway,
        title=dict(title),
        pathway_title=dict(pathway_title),
        queues=[dict(queue) for queue in queues],
        issued_at=now,
        valid_from_on=today,
        valid_until_on=today + timedelta(days=valid_days - 1),
    )
    db.session.add(certificate)
    db.session.flush()
    db.session.add(
        CertificateEvent(certificate_id=certificate.id, action="issue", by_person_id=None, at=now)
    )
    return certificate


def change(certificate_id: int, action: str, *, reason: str, by: int, now: datetime) -> None:
    """Suspend, restore or revoke a certificate, and tell its holder.

    Raises:
        InvalidError: Without a reason.
        ConflictError: If the certificate is not in a state that allows it.
    """
    if not reason.strip():
        raise InvalidError(_("写一句原因，本人和主管都会看到。"))
    before, after = _MOVES[action]
    changed = db.session.execute(
        update(Certificate)
        .where(Certificate.id == certificate_id, Certificate.state.in_(before))
        .values(state=after)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise ConflictError(_("这张证书的状态刚刚变过，请刷新再看。"))
    event = CertificateEvent(
        certificate_id=certificate_id,
        action=action,
        reason=reason.strip(),
        by_person_id=by,
        at=now,
    )
    db.session.add(event)
    db.session.flush()
    certificate = db.session.get_one(Certificate, certificate_id)
    tell(
        certificate.person_id,
        f"certificate_{after}" if action != "restore" else "certificate_restored",
        f"certificate_event:{event.id}",
        team_id=certificate.team_id,
        data={
            "number": certificate.number,
            "title": dict(certificate.title),
            "reason": reason.strip(),
        },
        now=now,
    )
