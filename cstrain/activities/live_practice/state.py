"""What a session's page is told: all customers and what is new, as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from cstrain.activities.live_practice import customer, lacking
from cstrain.activities.live_practice.play import Guest
from cstrain.activities.live_practice.scenario import Scenario
from cstrain.activities.live_practice.service import View
from cstrain.activities.live_practice.timing import milliseconds
from cstrain.activities.live_practice.words import outcome_title
from cstrain.kit.i18n import clock_seconds
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import forbidden_words

#: Customers that can be chosen by Alt and a figure.
KEYS: Final = 9
#: Better words of at most so many characters are put in the place of a forbidden one.
WORD_CHARS: Final = 4
_CLAUSE_END = re.compile(r"[，。！？；、,.!?;：:~～\n]|(?<=[亲您])")


def to_json(view: View, *, after: int) -> dict[str, Any]:
    """The state of a session.

    Args:
        view: The session now.
        after: The page's cursor.
    """
    row, desk, now = view.session, view.desk, view.now
    numbers, scenarios = numbered(desk.guests), {each.id: each.scenario for each in desk.guests}
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
        "customers": [_customer(guest, view, numbers.get(guest.id)) for guest in desk.guests],
        "lines": [_line(line, view, scenarios[line.customer_id]) for line in view.lines],
    }


def numbered(guests: Sequence[Guest]) -> dict[int, int]:
    """The key with Alt of each customer, by id: it stays, whoever leaves.

    Only where more come than there are keys does a newcomer take over the key of the one who has
    been gone the longest; that one has none any more.
    """
    holders: dict[int, Guest] = {}
    for guest in guests:
        gone = sorted(
            (each.gone_ms, key)
            for key, each in holders.items()
            if each.gone_ms is not None and each.gone_ms <= guest.arrived_ms
        )
        if len(holders) < KEYS:
            holders[len(holders) + 1] = guest
        elif gone:
            holders[gone[0][1]] = guest
    return {guest.id: key for key, guest in holders.items()}


def _customer(guest: Guest, view: View, number: int | None) -> dict[str, Any]:
    is_gone, ending = guest.gone_ms is not None, guest.ending
    types_from_ms = customer.typing_from_ms(guest.scenario, guest.condition)
    types_in_ms = None if types_from_ms is None else max(types_from_ms - view.now_ms, 0)
    shows_outcome = is_gone and ending is not None and not view.settings.is_exam
    return {
        "id": guest.id,
        "number": number,
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


def _line(line: Row[Any], view: View, scenario: Scenario) -> dict[str, Any]:
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
        "mark": _mark(line.mark, scenario) if shows_mark else None,
    }


def hit_json(text: str, hit: forbidden_words.Hit) -> dict[str, Any]:
    """A forbidden word of a line, as it stands there, and what to say instead.

    What to say instead is mostly a sentence of its own. It ``fits`` into the place of the word
    only where it is a word, too, or where the word is all that its clause says.
    """
    instead = hit.word.instead
    before, after = text[: hit.start], text[hit.end :]
    is_alone = not _CLAUSE_END.split(before)[-1].strip() and not _CLAUSE_END.split(after)[0].strip()
    is_word = len(instead) <= WORD_CHARS and not _CLAUSE_END.search(instead)
    return {
        "start": _browser_place(text, hit.start),
        "end": _browser_place(text, hit.end),
        "word": text[hit.start : hit.end],
        "instead": instead,
        "fits": is_word or is_alone,
    }


def _browser_place(text: str, place: int) -> int:
    """Where a character stands as browsers count, to whom some are two."""
    return len(text[:place].encode("utf-16-le")) // 2


def _real_time(view: View, at_ms: int) -> datetime:
    """When something of the session was; a pause since then makes it look later."""
    return (view.session.paused_at or view.now) - timedelta(milliseconds=view.now_ms - at_ms)


def _mark(mark: Mapping[str, Any], scenario: Scenario) -> dict[str, str] | None:
    text = mark_words(mark, scenario)
    return {"turn": mark["turn"], "text": text} if text else None


def hint(guest: Guest) -> dict[str, str] | None:
    """A hint in two steps: what the customer wants now, then what a good answer has.

    Either may be empty; None where there is neither.
    """
    state = guest.scenario.states.get(guest.condition.state)
    if state is None:
        return None
    wants, needed = lacking.wanted(state), lacking.needed(state)
    how = _("要说清：%(what)s", what=_("、").join(needed)) if needed else ""
    return {"wants": wants, "how": how} if wants or how else None


def mark_words(mark: Mapping[str, Any], scenario: Scenario) -> str:
    """What the rules say of a line, in words; empty where they say nothing."""
    state = scenario.states.get(mark.get("state", ""))
    facts: Mapping[str, str] = mark.get("facts", {})
    wrong = [key for key, state in facts.items() if state == "wrong"]
    left = _("、").join(lacking.told(state, mark.get("needs_left", ())))
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
