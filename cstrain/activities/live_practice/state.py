"""What a session's page is told: all customers and what is new, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from cstrain.activities.live_practice import customer
from cstrain.activities.live_practice.play import Guest
from cstrain.activities.live_practice.scenario import ActionCode
from cstrain.activities.live_practice.service import View
from cstrain.activities.live_practice.timing import milliseconds
from cstrain.activities.live_practice.words import action_title, outcome_title, step_title
from cstrain.kit.i18n import clock_seconds
from cstrain.kit.i18n import gettext as _


def to_json(view: View, *, after: int) -> dict[str, Any]:
    """The state of a session.

    Args:
        view: The session now.
        after: The page's cursor.
    """
    row, desk, now = view.session, view.desk, view.now
    is_paused = row.paused_at is not None
    left_ms = None if row.deadline_at is None else max(milliseconds(row.deadline_at - now), 0)
    is_over = desk.is_over or left_ms == 0
    next_ms = None if is_paused or is_over else desk.next_ms()
    return {
        "now_ms": view.now_ms,
        "clock": clock_seconds(now),
        "left_ms": left_ms,
        "is_paused": is_paused,
        "is_over": is_over,
        "next_in_ms": None if next_ms is None else max(next_ms - view.now_ms, 0),
        "cursor": max((line.id for line in view.lines), default=after),
        "total": len(desk.seats),
        "arrived": len(desk.guests),
        "has_hints": view.settings.has_hints,
        "customers": [_customer(guest, view) for guest in desk.guests],
        "lines": [_line(line, view) for line in view.lines],
    }


def _customer(guest: Guest, view: View) -> dict[str, Any]:
    is_gone, ending = guest.gone_ms is not None, guest.ending
    types_from_ms = customer.typing_from_ms(guest.scenario, guest.condition)
    types_in_ms = None if types_from_ms is None else max(types_from_ms - view.now_ms, 0)
    shows_outcome = is_gone and ending is not None and not view.settings.is_exam
    return {
        "id": guest.id,
        "nick": guest.scenario.customer.nick,
        "is_returning": guest.scenario.customer.is_returning,
        "arrived_ms": guest.arrived_ms,
        "waiting_since_ms": guest.waiting_since_ms,
        "is_gone": is_gone,
        "outcome": outcome_title(ending.kind) if shows_outcome and ending else None,
        "typing": types_in_ms == 0,
        "typing_in_ms": types_in_ms,
        "hint": hint(guest) if view.settings.has_hints and not is_gone else None,
    }


def _line(line: Row[Any], view: View) -> dict[str, Any]:
    origin: Mapping[str, Any] = line.origin or {}
    shows_mark = view.settings.has_hints and line.mark is not None
    return {
        "id": line.id,
        "customer": line.customer_id,
        "at_ms": line.at_ms,
        "clock": clock_seconds(_real_time(view, line.at_ms)),
        "role": line.role,
        "kind": line.kind,
        "text": line.text,
        "picture": line.picture,
        "action": origin.get("action"),
        "card": origin.get("card"),
        "mark": _mark(line.mark) if shows_mark else None,
    }


def _real_time(view: View, at_ms: int) -> datetime:
    """When something of the session was; a pause since then makes it look later."""
    return (view.session.paused_at or view.now) - timedelta(milliseconds=view.now_ms - at_ms)


def _mark(mark: Mapping[str, Any]) -> dict[str, str] | None:
    text = mark_words(mark)
    return {"turn": mark["turn"], "text": text} if text else None


def hint(guest: Guest) -> str | None:
    """What the customer's present state is about; None where nothing is asked for."""
    state = guest.scenario.states.get(guest.condition.state)
    if state is None:
        return None
    parts = [step_title(state.step)] if state.step else []
    if facts := state.needs.facts:
        parts.append(_("要说清：%(facts)s", facts="、".join(facts)))
    if actions := state.needs.actions:
        named = "、".join(action_title(action.code) for action in actions)
        parts.append(_("要操作：%(actions)s", actions=named))
    return " · ".join(parts) or None


def mark_words(mark: Mapping[str, Any]) -> str:
    """What the rules say of a line, in words; empty where they say nothing."""
    facts: Mapping[str, str] = mark.get("facts", {})
    wrong = [key for key, state in facts.items() if state == "wrong"]
    left = "、".join(_needed(each) for each in mark.get("needs_left", ()))
    said = {
        "forbidden": _("有违禁词：%(words)s", words="、".join(mark.get("forbidden", ()))),
        "wrong": _("说得不对：%(facts)s", facts="、".join(wrong)) if wrong else _("说得不对"),
        "right": _("说到了"),
        "asked": _("问到了：%(what)s", what="、".join(mark.get("asked", ()))),
        "holding": _("请顾客等了，记得回来"),
        "greeting": _("打了招呼"),
        "unclear": _("还没说清：%(what)s", what=left) if left else _("还没说清"),
    }
    return said.get(mark["turn"], "")


def _needed(need: str) -> str:
    """Something a turn still lacks, in words."""
    kind, _colon, name = need.partition(":")
    if kind == "action" and name in set(ActionCode):
        return action_title(ActionCode(name))
    return name if kind == "fact" else _("关键的话")
