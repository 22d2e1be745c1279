"""Looking at every page as one trainee sees it, without being able to do anything.

The choice stands in the cookie of the session; every request checks again that the viewer may
see the trainee. ``read_only`` refuses whatever would write.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from cstrain.core.people.access import STAFF, Role, Viewer, requires, viewer
from cstrain.core.people.models import Identity, Membership, Person
from cstrain.kit.db import db
from cstrain.kit.errors import ForbiddenError, NotFoundError
from cstrain.kit.i18n import gettext as _

bp = Blueprint("seeing", __name__)
KEY = "seeing"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ALLOWED = frozenset({"seeing.stop", "people.log_out"})
#: Pages that are the person's own, not a trainee's work.
_PRIVATE = ("people.account", "people.events", "inbox.")


def eyes_of(me: Viewer, person_id: int) -> Viewer | None:
    """The trainee as seen by ``me``; None when ``me`` may not, or may no longer."""
    row = db.session.execute(
        select(Person.employee_no, Person.extra_time_ratio, Identity.name)
        .join(Identity, Identity.person_id == Person.id)
        .where(Person.id == person_id, Person.left_at.is_(None))
    ).first()
    held = db.session.scalars(
        select(Membership.team_id).where(
            Membership.person_id == person_id,
            Membership.role == Role.TRAINEE,
            Membership.until_at.is_(None),
        )
    )
    mine = set(me.team_ids(*STAFF))
    teams = [team_id for team_id in held if team_id in mine]
    if row is None or not teams:
        return None
    return replace(
        me,
        id=person_id,
        employee_no=row.employee_no,
        name=row.name,
        extra_time_ratio=row.extra_time_ratio,
        must_change_password=False,
        roles={team_id: frozenset({Role.TRAINEE}) for team_id in teams},
        teams={team_id: me.teams[team_id] for team_id in teams},
        viewing_as_trainee=True,
        unread_count=0,
    )


def read_only(me: Viewer) -> None:
    """Stop a request that would do something in the trainee's name, or open what is private.

    Raises:
        ForbiddenError: While looking through a trainee's eyes.
    """
    if not me.viewing_as_trainee or request.endpoint in _ALLOWED:
        return
    if request.method not in _SAFE_METHODS:
        raise ForbiddenError(_("你在看学员的页面，不能替他操作。先点“不看了”。"))
    if (request.endpoint or "").startswith(_PRIVATE):
        raise ForbiddenError(_("这是学员自己的页面，带教看不到。"))


@bp.post("/people/<int:person_id>/see")
@requires(*STAFF)
def start(person_id: int) -> ResponseReturnValue:
    """Begin to look through a trainee's eyes.

    Raises:
        NotFoundError: If it is no trainee of the viewer's teams.
    """
    if eyes_of(viewer(), person_id) is None:
        raise NotFoundError
    session[KEY] = person_id
    return redirect(url_for("home.index"))


@bp.post("/see/stop")
@requires()
def stop() -> ResponseReturnValue:
    """Be oneself again."""
    person_id = session.pop(KEY, None)
    if person_id is None:
        return redirect(url_for("home.index"))
    return redirect(url_for("roster.person", person_id=person_id))
