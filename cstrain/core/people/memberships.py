"""Writes about memberships: who leaves and comes back, moves, and gets or loses a role.

``by`` and what it may do are as in ``service.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from cstrain.core.people import fields, hooks, sessions
from cstrain.core.people.access import Role
from cstrain.core.people.models import Invitation, Membership, Team
from cstrain.core.people.service import Post, changing, join, note, require_give, roles_of
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError
from cstrain.kit.i18n import gettext as _


def leave(person_id: int, *, by: int | None, now: datetime) -> None:
    """End a person's access everywhere; what the person did stays.

    Raises:
        ConflictError: If the person has left already, is ``by``, or the last administrator.
    """
    person = changing(person_id, by, floor=Role.MANAGER)
    if person.left_at is not None:
        raise ConflictError(_("他已经离职了。"))
    if person_id == by:
        raise ConflictError(_("不能给自己办离职，请另一位管理员来做。"))
    roles = roles_of(person_id)
    for team_id, held in roles.items():
        if Role.ADMINISTRATOR in held:
            _keep_an_administrator(team_id, person_id)
    person.left_at = now
    _end(person_id, tuple(roles), now=now)
    sessions.end_all(person_id, now=now)
    db.session.execute(
        update(Invitation)
        .where(Invitation.by_person_id == person_id, Invitation.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    for team_id in roles:
        note(person_id, "left", by=by, now=now, team_id=team_id)
    db.session.flush()
    for told in hooks.on_leave:
        told(hooks.Departure(person_id, tuple(roles), is_transfer=False, by=by, at=now))


def _end(person_id: int, team_ids: Sequence[int], *, now: datetime) -> None:
    db.session.execute(
        update(Membership)
        .where(
            Membership.person_id == person_id,
            Membership.team_id.in_(team_ids),
            Membership.until_at.is_(None),
        )
        .values(until_at=now)
    )


def _keep_an_administrator(team_id: int, but: int) -> None:
    """Refuse to leave a team without an administrator.

    Raises:
        ConflictError: If there is no other.
    """
    other = select(Membership.id).where(
        Membership.team_id == team_id,
        Membership.role == Role.ADMINISTRATOR,
        Membership.until_at.is_(None),
        Membership.person_id != but,
    )
    if db.session.scalar(other.limit(1)) is None:
        raise ConflictError(_("他是这家店铺唯一的管理员。先给另一个人管理员角色。"))


def undo_leave(person_id: int, *, by: int | None, now: datetime) -> None:
    """Take a leaving back: the same roles and batches go on as if nothing had happened.

    Raises:
        ConflictError: If the person has not left.
    """
    person = changing(person_id, by, floor=Role.MANAGER)
    if person.left_at is None:
        raise ConflictError(_("他没有离职。"))
    db.session.execute(
        update(Membership)
        .where(Membership.person_id == person_id, Membership.until_at == person.left_at)
        .values(until_at=None)
    )
    person.left_at = None
    roles = roles_of(person_id)
    for team_id in roles:
        note(person_id, "leave_undone", by=by, now=now, team_id=team_id)
    db.session.flush()
    for team_id, held in roles.items():
        for role in held:
            for told in hooks.on_join:
                told(hooks.Arrival(person_id, team_id, role, by, now))


def rehire(person_id: int, post: Post, *, by: int | None, now: datetime) -> None:
    """Let somebody who left come back: the same record, a new membership, the old password.

    Raises:
        ConflictError: If the person has not left.
    """
    person = changing(person_id, by, floor=Role.MANAGER)
    require_give(by, post.team_id, post.role, floor=Role.MANAGER)
    if person.left_at is None:
        raise ConflictError(_("他没有离职。"))
    person.left_at = None
    join(person.id, post, by=by, now=now, action="rehired")


def transfer(  # noqa: PLR0913 - from where to where, and what to begin there
    person_id: int,
    *,
    from_team_id: int,
    to_team_id: int,
    pathway: str | None = None,
    by: int | None,
    now: datetime,
) -> None:
    """Move a person to another team with the same roles; certificates and history stay.

    Args:
        person_id: Who.
        from_team_id: The team to leave.
        to_team_id: The team to go to.
        pathway: What a trainee begins there; None for the usual pathway, unless a certificate
            is still valid; empty for none.
        by: Who does it.
        now: The current time.

    Raises:
        ConflictError: If the person is not in the one team or already in the other.
    """
    changing(person_id, by, floor=Role.MANAGER)
    roles = roles_of(person_id)
    moved = roles.get(from_team_id)
    if not moved or from_team_id == to_team_id:
        raise ConflictError(_("他已经不在这家店铺了。"))
    if roles.get(to_team_id):
        raise ConflictError(_("他已经在那家店铺了。"))
    for role in moved:
        require_give(by, from_team_id, role, floor=Role.MANAGER)
        require_give(by, to_team_id, role, floor=Role.MANAGER)
    if Role.ADMINISTRATOR in moved:
        _keep_an_administrator(from_team_id, person_id)
    old = db.session.scalars(
        select(Membership).where(
            Membership.person_id == person_id,
            Membership.team_id == from_team_id,
            Membership.until_at.is_(None),
        )
    ).all()
    posts = [Post(to_team_id, Role(row.role), row.batch, pathway) for row in old]
    for row in old:
        row.until_at = now
    target = db.session.get_one(Team, to_team_id)
    note(person_id, "moved_away", by=by, now=now, team_id=from_team_id, detail=target.name)
    db.session.flush()
    for told in hooks.on_leave:
        told(hooks.Departure(person_id, (from_team_id,), is_transfer=True, by=by, at=now))
    for post in posts:
        join(person_id, post, by=by, now=now, action="moved_here")


def give_role(person_id: int, post: Post, *, by: int | None, now: datetime) -> None:
    """Give a person one more role in a team.

    Raises:
        ConflictError: If the person has left or holds it already.
    """
    person = changing(person_id, by, floor=Role.MANAGER)
    require_give(by, post.team_id, post.role, floor=Role.MANAGER)
    if person.left_at is not None:
        raise ConflictError(_("他已经离职了。"))
    if post.role in roles_of(person_id).get(post.team_id, ()):
        raise ConflictError(_("他已经有这个角色了。"))
    join(person_id, post, by=by, now=now, action="role_given")


def end_role(person_id: int, *, team_id: int, role: Role, by: int | None, now: datetime) -> None:
    """Take a role away again.

    Raises:
        ConflictError: If the person does not hold it, or holds no other.
    """
    changing(person_id, by, floor=Role.MANAGER)
    require_give(by, team_id, role, floor=Role.MANAGER)
    roles = roles_of(person_id)
    if role not in roles.get(team_id, ()):
        raise ConflictError(_("他已经没有这个角色了。"))
    if sum(len(held) for held in roles.values()) == 1:
        raise ConflictError(_("这是他最后一个角色。人要走，请办离职。"))
    if role is Role.ADMINISTRATOR:
        _keep_an_administrator(team_id, person_id)
    db.session.execute(
        update(Membership)
        .where(
            Membership.person_id == person_id,
            Membership.team_id == team_id,
            Membership.role == role,
            Membership.until_at.is_(None),
        )
        .values(until_at=now)
    )
    note(person_id, "role_ended", by=by, now=now, team_id=team_id, detail=role)
    db.session.flush()
    if len(roles[team_id]) == 1:
        for told in hooks.on_leave:
            told(hooks.Departure(person_id, (team_id,), is_transfer=False, by=by, at=now))


def set_batch(
    person_id: int, *, team_id: int, batch: str | None, by: int | None, now: datetime
) -> None:
    """Put a trainee into another batch.

    Raises:
        ConflictError: If the person is no trainee of the team.
    """
    require_give(by, team_id, Role.TRAINEE)
    text = fields.checked("batch", fields.batch, batch or "")
    membership = db.session.scalar(
        select(Membership).where(
            Membership.person_id == person_id,
            Membership.team_id == team_id,
            Membership.role == Role.TRAINEE,
            Membership.until_at.is_(None),
        )
    )
    if membership is None:
        raise ConflictError(_("他现在不是这家店铺的学员。"))
    if membership.batch != text:
        membership.batch = text
        note(person_id, "batch_set", by=by, now=now, team_id=team_id, detail=text or "")
    db.session.flush()
