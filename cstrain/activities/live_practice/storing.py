"""A reception as rows: read back into play, and written where it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, insert, update

from cstrain.activities.live_practice import arrivals, panel, queries
from cstrain.activities.live_practice.condition import Condition
from cstrain.activities.live_practice.models import PracticeCustomer, PracticeLine
from cstrain.activities.live_practice.play import Desk, Guest, NewLine
from cstrain.activities.live_practice.spec import Settings
from cstrain.kit.db import insert_row, run
from cstrain.plugin import AttemptView, catalogue_of

_customers = cast("Table", PracticeCustomer.__table__)
_lines = cast("Table", PracticeLine.__table__)
_INSERT_LINES = insert(_lines)
_UPDATE_CUSTOMER = (
    update(_customers)
    .where(_customers.c.id == bindparam("of_customer"))
    .values(
        {
            name: bindparam(f"new_{name}", type_=_customers.c[name].type)
            for name in (
                *("gone_ms", "ending", "outcome", "is_good", "condition", "waiting_since_ms"),
                *("last_ms", "next_ms", "actions"),
            )
        }
    )
)


def desk_of(attempt: AttemptView, row: Row[Any], customers: Sequence[Row[Any]]) -> Desk:
    """The reception as it was kept."""
    settings = Settings.from_json(row.settings)
    scenarios = queries.finder(
        attempt,
        {slug: digest for slug, digest, *_rest in row.plan},
        is_played=settings.is_played,
    )
    guests = [
        Guest(
            seat=each.seat,
            scenario=scenarios[each.scenario],
            seed=each.seed,
            arrived_ms=each.arrived_ms,
            condition=Condition.from_json(each.condition),
            id=each.id,
            gone_ms=each.gone_ms,
            waiting_since_ms=each.waiting_since_ms,
            last_ms=each.last_ms,
            next_ms=each.next_ms,
            actions=list(each.actions),
            is_changed=False,
        )
        for each in customers
    ]
    return Desk(
        seats=[
            arrivals.Seat(scenario=slug, seed=seed, earliest_ms=earliest_ms)
            for slug, _digest, seed, earliest_ms in row.plan
        ],
        at_once=settings.at_once,
        guests=guests,
        scenarios=scenarios,
        auto_reply=panel.auto_reply(catalogue_of(attempt)) if settings.auto_reply else "",
        is_played=settings.is_played,
    )


def keep(attempt: AttemptView, desk: Desk) -> None:
    """Write who has come and changed, and what was said."""
    for guest in desk.guests:
        if not guest.id:
            guest.id = insert_row(PracticeCustomer, _new_row(attempt, guest))
            guest.is_changed = False
    changed = [_changed_row(guest) for guest in desk.guests if guest.is_changed]
    if changed:
        run(_UPDATE_CUSTOMER, changed)
    if desk.lines:
        ordered = sorted(desk.lines, key=lambda line: line.at_ms)
        run(_INSERT_LINES, [_line_row(attempt.id, line) for line in ordered])
    desk.lines.clear()


def _new_row(attempt: AttemptView, guest: Guest) -> dict[str, Any]:
    who = guest.scenario.customer
    return {
        "attempt_id": attempt.id,
        "person_id": attempt.person_id,
        "seat": guest.seat,
        "scenario": guest.scenario.slug,
        "digest": guest.scenario.digest,
        "seed": guest.seed,
        "nick": who.nick,
        "is_returning": who.is_returning,
        "arrived_ms": guest.arrived_ms,
        **_kept(guest),
    }


def _changed_row(guest: Guest) -> dict[str, Any]:
    return {"of_customer": guest.id} | {
        f"new_{name}": value for name, value in _kept(guest).items()
    }


def _kept(guest: Guest) -> dict[str, Any]:
    ending = guest.ending
    return {
        "gone_ms": guest.gone_ms,
        "ending": ending.name if ending else None,
        "outcome": ending.kind.value if ending else None,
        "is_good": ending.is_good if ending else None,
        "condition": guest.condition.to_json(),
        "waiting_since_ms": guest.waiting_since_ms,
        "last_ms": guest.last_ms,
        "next_ms": guest.next_ms,
        "actions": guest.actions,
    }


def _line_row(attempt_id: int, line: NewLine) -> dict[str, Any]:
    return {
        "attempt_id": attempt_id,
        "customer_id": line.guest.id,
        "at_ms": line.at_ms,
        "role": line.role,
        "kind": line.kind,
        "text": line.text,
        "picture": line.picture,
        "key": line.key,
        "mark": None if line.mark is None else dict(line.mark),
        "origin": None if line.origin is None else dict(line.origin),
    }
