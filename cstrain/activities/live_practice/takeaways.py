"""What of a session was good, and what to mind the next time, over all customers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cstrain.activities.live_practice.points import Chat, Point, State
from cstrain.activities.live_practice.results import point_words
from cstrain.activities.live_practice.scenario import ActionCode, Scenario
from cstrain.activities.live_practice.words import action_title, step_title
from cstrain.kit.i18n import gettext as _

#: So much is kept in mind until the next time; the rest stands at each customer.
MOST: Final = 6
_RULES: Final = ("steps", "actions", "facts", "promises")


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
    """What stays of a session: what was right with everybody, a line each, and what was not."""

    good: tuple[str, ...]
    mind: tuple[Mind, ...]


def takeaways(chats: Sequence[Chat], points: Sequence[Point]) -> Takeaways:
    """The points of all customers in one: forbidden words first, then what happened most often."""
    nicks = {chat.customer_id: chat.scenario.customer.nick for chat in chats}
    judged: dict[str, dict[str, list[Point]]] = {rule: {} for rule in _RULES}
    for point in points:
        if point.rule in judged:
            judged[point.rule].setdefault(point.key, []).append(point)
    kinds = [found for keys in judged.values() for found in keys.values()]
    good = list(_good(judged))
    if any(chat.own for chat in chats) and not any(each.rule == "forbidden" for each in points):
        good.append(_("没有违禁词"))
    scenarios = {chat.customer_id: chat.scenario for chat in chats}
    missed: dict[str, list[int]] = {}
    for point in (each for found in kinds for each in found):
        if point.state in {State.WRONG, State.MISSING}:
            text = _missed(point, scenarios[point.customer_id])
            missed.setdefault(text, []).append(point.customer_id)
    ordered = sorted(missed.items(), key=lambda pair: -len(pair[1]))
    if said := [point for point in points if point.rule == "forbidden"]:
        words = "、".join(dict.fromkeys(point.key for point in said))
        customers = [point.customer_id for point in said]
        ordered.insert(0, (_("有违禁词：%(words)s", words=words), customers))
    mind = [
        Mind(text, tuple((each, nicks[each]) for each in dict.fromkeys(customers)))
        for text, customers in ordered[:MOST]
    ]
    return Takeaways(tuple(good), tuple(mind))


def _missed(point: Point, scenario: Scenario) -> str:
    """A point in words; of a fact, what is true as well."""
    fact = scenario.facts.get(point.key) if point.rule == "facts" else None
    if fact is None:
        return point_words(point)
    return _("%(point)s，该说“%(text)s”", point=point_words(point), text=fact.fact.text)


def _good(judged: Mapping[str, Mapping[str, Sequence[Point]]]) -> Iterator[str]:
    for rule, keys in judged.items():
        names = [
            _name(found[0])
            for found in keys.values()
            if all(each.state is State.RIGHT for each in found)
        ]
        if rule != "promises" and names:
            title = {"facts": _("事实"), "steps": _("步骤"), "actions": _("订单操作")}[rule]
            yield _("%(what)s：%(state)s", what=title, state=_("、").join(names))
        elif names and len(names) == len(keys):
            yield _("答应的都做到了")


def _name(point: Point) -> str:
    if point.rule == "steps":
        return step_title(point.key)
    return action_title(ActionCode(point.key)) if point.rule == "actions" else point.key
