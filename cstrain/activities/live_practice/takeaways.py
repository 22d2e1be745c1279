"""What of a session was good, and what to mind the next time, over all customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cstrain.activities.live_practice.points import Chat, Point, State
from cstrain.activities.live_practice.results import named, point_words
from cstrain.kit.i18n import gettext as _

#: So much is kept in mind until the next time; the rest stands at each customer.
MOST: Final = 6
_RULES: Final = ("facts", "steps", "actions", "promises")


@dataclass(frozen=True, slots=True)
class Mind:
    """Something that was wrong or missing.

    Attributes:
        customers: Id and nick of those with whom it was.
    """

    text: str
    customers: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Takeaways:
    """What stays of a session: names of what was right with everybody, and what was not."""

    good: tuple[str, ...]
    mind: tuple[Mind, ...]


def takeaways(chats: Sequence[Chat], points: Sequence[Point]) -> Takeaways:
    """The points of all customers in one, what happened most often first."""
    nicks = {chat.customer_id: chat.scenario.customer.nick for chat in chats}
    judged: dict[str, dict[str, list[Point]]] = {rule: {} for rule in _RULES}
    for point in points:
        if point.rule in judged:
            judged[point.rule].setdefault(point.key, []).append(point)
    kinds = [found for keys in judged.values() for found in keys.values()]
    good = [named(found[0]) for found in kinds if all(_is(State.RIGHT, each) for each in found)]
    if any(chat.own for chat in chats) and not any(each.rule == "forbidden" for each in points):
        good.append(_("没有违禁词"))
    missed: dict[str, list[int]] = {}
    for point in (each for found in kinds for each in found):
        if _is(State.WRONG, point) or _is(State.MISSING, point):
            missed.setdefault(point_words(point), []).append(point.customer_id)
    mind = [
        Mind(text, tuple((each, nicks[each]) for each in dict.fromkeys(customers)))
        for text, customers in sorted(missed.items(), key=lambda pair: -len(pair[1]))
    ]
    return Takeaways(tuple(good), tuple(mind[:MOST]))


def _is(state: State, point: Point) -> bool:
    return point.state is state
