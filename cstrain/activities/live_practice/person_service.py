"""Writing sessions in which a trainer plays the customer. Nothing here commits or asks the clock.

Lines are rows with keys, as everywhere in this room, so a page or server that starts again loses
nothing. Nothing happens by itself: a look at the session writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, func, select, update

from cstrain.activities.live_practice import person, pictures, queries, service
from cstrain.activities.live_practice.arrivals import Seat
from cstrain.activities.live_practice.models import (
    PracticeCustomer,
    PracticeLine,
    PracticePlayer,
    PracticeSession,
)
from cstrain.activities.live_practice.play import Desk, Guest, NewLine
from cstrain.activities.live_practice.scenario import Scenario
from cstrain.activities.live_practice.service import View
from cstrain.activities.live_practice.storing import keep
from cstrain.kit import outbox
from cstrain.kit.db import insert_row, run
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import AttemptView

_sessions = cast("Table", PracticeSession.__table__)
_players = cast("Table", PracticePlayer.__table__)
_customers = cast("Table", PracticeCustomer.__table__)
_lines = cast("Table", PracticeLine.__table__)
_PLAN = (
    update(_sessions)
    .where(_sessions.c.attempt_id == bindparam("of_attempt"))
    .values(plan=bindparam("new_plan", type_=_sessions.c.plan.type), chosen=bindparam("slug"))
)
_ENTER = (
    update(_players)
    .where(_players.c.attempt_id == bindparam("of_attempt"), _players.c.entered_at.is_(None))
    .values(entered_at=bindparam("at"))
)
_PLAYER = select(_players).where(_players.c.attempt_id == bindparam("of_attempt"))
_STAMP = (
    select(
        _sessions.c.person_id.label("trainee_id"),
        _players.c.person_id.label("player_id"),
        _players.c.entered_at,
        _sessions.c.closed_at,
        _sessions.c.team_id,
        select(func.max(_lines.c.id))
        .where(_lines.c.attempt_id == _sessions.c.attempt_id)
        .scalar_subquery()
        .label("line_id"),
        select(_customers.c.gone_ms)
        .where(_customers.c.attempt_id == _sessions.c.attempt_id, _customers.c.seat == 0)
        .scalar_subquery()
        .label("gone_ms"),
    )
    .join(_players, _players.c.attempt_id == _sessions.c.attempt_id)
    .where(_sessions.c.attempt_id == bindparam("of_attempt"))
)
_UNDER_WAY = (
    select(
        _sessions.c.attempt_id,
        _sessions.c.person_id.label("trainee_id"),
        _players.c.person_id.label("player_id"),
        _sessions.c.started_at,
    )
    .join(_players, _players.c.attempt_id == _sessions.c.attempt_id)
    .where(
        _sessions.c.team_id.in_(bindparam("team_ids", expanding=True)),
        _sessions.c.closed_at.is_(None),
    )
    .order_by(_sessions.c.attempt_id)
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something that the trainer sends as the customer, checked for form only.

    Attributes:
        mood: How the customer feels, one of ``person.MOODS``; empty for no note.
    """

    key: str
    text: str = ""
    picture: str = ""
    mood: str = ""


def read_spoken(data: Mapping[str, Any]) -> Spoken:
    """What the trainer's page sends.

    Raises:
        InvalidError: If it cannot be.
    """
    picture, mood = data.get("picture") or "", data.get("mood") or ""
    form = {**data, "customer": 0, "kind": "line", "quick": "", "card": ""}
    if picture:
        form["text"] = data.get("text") or picture
    sent = service.read_sent(form)
    if not isinstance(picture, str) or (picture and picture not in pictures.PICTURES):
        raise InvalidError(_("没有这张图。"))
    if not isinstance(mood, str) or (mood and mood not in person.MOODS):
        raise InvalidError(_("这一句读不懂，请刷新页面再试。"))
    text = "" if picture and not data.get("text") else sent.text
    return Spoken(sent.key, text, picture, mood)


def open_session(
    attempt: AttemptView, *, player_id: int, scenario: Scenario | None, now: datetime
) -> None:
    """Let the customer come, played by a trainer, and tell the trainee.

    Nothing where the same trainer has opened it before.

    Raises:
        ConflictError: If another trainer plays in it.
    """
    service_row = queries.session_of(attempt.id, is_locked=True)
    there = player_of(attempt.id)
    if there is not None:
        if there.person_id != player_id:
            raise ConflictError(_("另一位带教老师正在和这位学员练。"))
        return
    who = scenario or person.STRANGER
    plan = [[who.slug, who.digest, 0, 0]]
    run(_PLAN, {"of_attempt": attempt.id, "new_plan": plan, "slug": who.slug or None})
    script = person.played(who)
    guest = Guest(0, script, 0, 0, person.begin(script))
    keep(attempt, Desk([Seat(who.slug, 0, 0)], 1, [guest], {who.slug: script}, is_played=True))
    insert_row(
        PracticePlayer, {"attempt_id": attempt.id, "person_id": player_id, "entered_at": None}
    )
    outbox.tell(
        service_row.person_id,
        "practice_waiting",
        f"attempt:{attempt.id}",
        team_id=attempt.team_id,
        data={"player_person_id": player_id, "attempt_id": attempt.id, "kind": attempt.kind},
        now=now,
    )


def player_of(attempt_id: int) -> Row[Any] | None:
    """Who plays in a session; None where nobody does."""
    return run(_PLAYER, {"of_attempt": attempt_id}).first()


def under_way(team_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """The open sessions of teams in which a trainer plays: attempt, trainee, player, start."""
    return run(_UNDER_WAY, {"team_ids": list(team_ids)}).all()


def enter(attempt: AttemptView, *, now: datetime) -> None:
    """The trainee has come in; again it changes nothing."""
    run(_ENTER, {"of_attempt": attempt.id, "at": now})


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether anything has changed. One statement.

    Attributes:
        tag: Differs whenever something has.
    """

    tag: str
    team_id: int
    is_closed: bool
    is_player: bool
    has_entered: bool


def stamp(attempt_id: int, *, by: int) -> Stamp:
    """How it stands with a session, for one of the two people in it.

    Raises:
        NotFoundError: If ``by`` is neither of them.
    """
    row = run(_STAMP, {"of_attempt": attempt_id}).first()
    if row is None or by not in {row.trainee_id, row.player_id}:
        raise NotFoundError(_("没有这次作答。"))
    is_closed, has_entered = row.closed_at is not None, row.entered_at is not None
    parts = (row.line_id or 0, int(has_entered), int(row.gone_ms is not None), int(is_closed))
    return Stamp(
        ".".join(map(str, parts)), row.team_id, is_closed, by == row.player_id, has_entered
    )


def look(attempt: AttemptView, *, after: int, now: datetime) -> View:
    """A session as it is; nothing is written, as nothing happens by itself."""
    row = queries.session_of(attempt.id)
    desk, now_ms = service.catch_up(attempt, row, now)
    return service.view_of(row, desk, after, now, now_ms)


def say(attempt: AttemptView, spoken: Spoken, *, after: int, by: int, now: datetime) -> View:
    """Take in what the trainer says as the customer; a second delivery changes nothing.

    Raises:
        NotFoundError: If ``by`` does not play in it.
        ConflictError: If it is over, or the trainee has not come in yet.
    """
    row, player = _played_session(attempt, by)
    desk, now_ms = service.catch_up(attempt, row, now)
    if queries.is_known(attempt.id, spoken.key):
        return service.view_of(row, desk, after, now, now_ms)
    if player.entered_at is None:
        raise ConflictError(_("学员还没进来，进来以后再说第一句。"))
    (guest,) = desk.guests
    if guest.gone_ms is not None:
        raise ConflictError(_("这次已经结束，这一句没有发出。"))
    at_ms = max(now_ms, desk.latest_ms)
    guest.condition = person.say(guest.condition, at_ms)
    guest.last_ms, guest.is_changed = at_ms, True
    if guest.waiting_since_ms is None:
        guest.waiting_since_ms = at_ms
    desk.lines.append(
        NewLine(
            guest,
            at_ms,
            "buyer",
            "picture" if spoken.picture else "text",
            spoken.text,
            spoken.picture or None,
            key=spoken.key,
            origin={"mood": spoken.mood} if spoken.mood else None,
        )
    )
    keep(attempt, desk)
    return service.view_of(row, desk, after, now, now_ms)


def end(attempt: AttemptView, ending: str, *, by: int, now: datetime) -> None:
    """The customer leaves, as the trainer says; again it changes nothing.

    Args:
        attempt: The attempt.
        ending: One of ``person.Endings``; empty for none.
        by: The trainer.
        now: The time.

    Raises:
        NotFoundError: If ``by`` does not play in it.
        ConflictError: If it is closed.
        InvalidError: If there is no such ending.
    """
    if ending and ending not in person.Endings():
        raise InvalidError(_("没有这种结果。"))
    row, _player = _played_session(attempt, by)
    desk, now_ms = service.catch_up(attempt, row, now)
    (guest,) = desk.guests
    if guest.gone_ms is None:
        guest.condition = replace(guest.condition, state=ending or person.PLAYED, gone_ms=now_ms)
        guest.gone_ms = guest.last_ms = max(now_ms, desk.latest_ms)
        guest.waiting_since_ms, guest.is_changed = None, True
        keep(attempt, desk)


def _played_session(attempt: AttemptView, by: int) -> tuple[Row[Any], Row[Any]]:
    """The open session and its player, held until the transaction ends.

    Raises:
        NotFoundError: If ``by`` does not play in it.
        ConflictError: If it is closed.
    """
    row, player = queries.session_of(attempt.id, is_locked=True), player_of(attempt.id)
    if player is None or player.person_id != by:
        raise NotFoundError(_("没有这次作答。"))
    if row.closed_at is not None:
        raise ConflictError(_("这次作答已经交了。"))
    return row, player
