"""A customer played by a person: who it is, how it ends, what the rules make of the replies. Pure.

No machine answers here. What the agent says is still read for the facts of the script, where one
was taken, and for forbidden words; nothing is asked for, so nothing can be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from cstrain.activities.live_practice.condition import Condition, Event, Mark
from cstrain.activities.live_practice.hearing import is_apology, is_greeting, is_holding, stated
from cstrain.activities.live_practice.scenario import (
    Customer,
    Ending,
    Limits,
    LostReason,
    OutcomeKind,
    Scenario,
    Track,
)
from cstrain.activities.live_practice.terms import STEPS_WHEN_ASKED
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import forbidden_words

#: The state of a customer whom a person plays: no state of any file, and no ending.
PLAYED: Final = "(person)"
MAX_AMOUNT: Final = 100_000
#: How the customer feels, as the trainer notes it with a line.
MOODS: Final = ("glad", "calm", "impatient", "angry")
_GOOD: Final = frozenset({OutcomeKind.PAID, OutcomeKind.REFUND_SAVED, OutcomeKind.SOLVED})


def mood_title(code: str) -> str:
    """A mood in words; empty for none."""
    return {
        "glad": _("高兴"),
        "calm": _("平静"),
        "impatient": _("着急"),
        "angry": _("生气"),
    }.get(code, "")


class Endings(Mapping[str, Ending]):
    """Every way in which a trainer may end it: ``paid:279``, ``lost:price``, ``complaint``."""

    def __getitem__(self, name: str) -> Ending:
        code, _colon, more = (name or "").partition(":")
        try:
            kind = OutcomeKind(code)
            reason = LostReason(more) if kind is OutcomeKind.LOST else None
            amount = int(more) if kind is OutcomeKind.PAID and more else 0
        except ValueError as error:
            raise KeyError(name) from error
        if not 0 <= amount <= MAX_AMOUNT or (more and not reason and kind is not OutcomeKind.PAID):
            raise KeyError(name)
        return Ending(name, kind, kind in _GOOD, reason=reason, amount=float(amount))

    def __iter__(self) -> Iterator[str]:
        for kind in OutcomeKind:
            if kind is OutcomeKind.LOST:
                yield from (f"{kind.value}:{reason.value}" for reason in LostReason)
            else:
                yield kind.value

    def __len__(self) -> int:
        return len(OutcomeKind) - 1 + len(LostReason)


#: Who comes where no script was taken.
STRANGER: Final = Scenario(
    slug="",
    title={"zh": "带教老师扮的顾客", "en": "A customer played by a trainer"},
    track=Track.PRESALES,
    level=1,
    topics=(),
    minutes=10,
    sections=(),
    products=(),
    customer=Customer("新顾客", is_returning=False, patience=60, typing_s=5),
    order=None,
    unjudged_steps=STEPS_WHEN_ASKED,
    facts={},
    told_when_asked={},
    opening="",
    states={},
    interruptions=(),
    endings={},
    limits=Limits(turns=0, seconds=0),
    debrief="",
)


def played(scenario: Scenario) -> Scenario:
    """A scenario as a script: everything of it, but the trainer says how it ends."""
    return replace(scenario, endings=Endings())


def begin(scenario: Scenario) -> Condition:
    """A customer who waits for the trainer to say something."""
    return Condition(at_ms=0, begun_ms=0, state=PLAYED, mood=scenario.customer.patience)


def say(condition: Condition, at_ms: int) -> Condition:
    """The trainer has said something: the agent's next lines are another turn."""
    if not condition.turn_text and condition.turn_no:
        return replace(condition, at_ms=at_ms)
    return replace(condition, at_ms=at_ms, turn_no=condition.turn_no + 1, turn_text="")


def hear(
    scenario: Scenario,
    condition: Condition,
    event: Event,
    words: Sequence[forbidden_words.Word],
) -> tuple[Condition, Mark]:
    """Note what the agent said: stated facts, right or wrong, and forbidden words."""
    if event.kind == "action":
        return condition, Mark("none", condition.turn_no, PLAYED, mood=condition.mood)
    text = f"{condition.turn_text}\n{event.text}".strip()
    facts = stated(scenario, text)
    hits = forbidden_words.hits(event.text, words)
    turn = "none"
    if hits:
        turn = "forbidden"
    elif "wrong" in facts.values():
        turn = "wrong"
    elif is_holding(event.text):
        turn = "holding"
    elif is_greeting(event.text):
        turn = "greeting"
    elif facts:
        turn = "right"
    mark = Mark(
        turn,
        condition.turn_no,
        PLAYED,
        facts=facts,
        forbidden=tuple(event.text[each.start : each.end] for each in hits),
        mood=condition.mood,
        is_apology=is_apology(event.text),
    )
    return replace(condition, at_ms=event.at_ms, turn_text=text), mark
