"""What a scenario is: a customer, an order, what is true, and how the talk can go. Types only.

A scenario is read from a file by ``reading``, checked by ``lint`` and played by ``customer``.
Everything here is frozen, can be pickled and holds no behaviour but look-ups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cstrain.activities.live_practice.matching import Fact
from cstrain.activities.live_practice.terms import (
    ACTIONS,
    STEPS,
    TOPICS,
    ActionCode,
    LostReason,
    OutcomeKind,
    Track,
)

__all__ = [
    "ACTIONS",
    "BACK",
    "STEPS",
    "TOPICS",
    "ActionCode",
    "Branch",
    "Burst",
    "Customer",
    "Ending",
    "Groups",
    "Interruption",
    "Limits",
    "Line",
    "LostReason",
    "Move",
    "NeededAction",
    "Needs",
    "Order",
    "OrderLine",
    "OutcomeKind",
    "ParamRule",
    "PastOrder",
    "Scenario",
    "ScenarioFact",
    "Silence",
    "State",
    "ToldWhenAsked",
    "Track",
    "Variants",
]

#: Words a text must have: every group, and of each group one word.
Groups = tuple[tuple[str, ...], ...]

#: As a move's target: where the customer was before an interruption.
BACK: Final = "回"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the customer: a text, or a picture with what is said to it."""

    text: str
    picture: str = ""


#: What is sent in one go, and the variants of which one is drawn.
Burst = tuple[Line, ...]
Variants = tuple[Burst, ...]


@dataclass(frozen=True, slots=True)
class ScenarioFact:
    """Something true that agents must get right.

    Attributes:
        section: What to relearn; None for the state's or the scenario's sections.
    """

    fact: Fact
    section: str | None = None


@dataclass(frozen=True, slots=True)
class ToldWhenAsked:
    """What the customer tells only when asked.

    Attributes:
        ask: Words by which a question is known.
        answer: What is then said.
    """

    ask: Groups
    answer: Variants


@dataclass(frozen=True, slots=True)
class ParamRule:
    """What a parameter of an action must be; exactly one of them is given.

    Attributes:
        param: Its code, one of the action's fields.
        contains: Words of which one must be in it.
        equals: The whole text, or the amount.
        at_most: The largest amount, in yuan.
    """

    param: str
    contains: tuple[str, ...] = ()
    equals: str | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class NeededAction:
    """An action on the order, with what it must say."""

    code: ActionCode
    rules: tuple[ParamRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """What makes a turn right: all of it.

    Attributes:
        told_wrong: Facts that were stated wrongly; only for a branch.
    """

    facts: tuple[str, ...] = ()
    words: Groups = ()
    actions: tuple[NeededAction, ...] = ()
    told_wrong: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.facts or self.words or self.actions or self.told_wrong)


@dataclass(frozen=True, slots=True)
class Move:
    """Where the customer goes, and how the mood changes.

    Attributes:
        to: A state, an ending, or ``BACK``; None to stay and to wait.
        mood: Points, −100 to 100.
    """

    to: str | None
    mood: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """A way that is looked at before all others.

    Attributes:
        when: What must have been said or done; a fact counts when it was stated rightly.
        verdict: ``right`` or ``wrong``, the mark of the turn; None for neither.
    """

    when: Needs
    move: Move
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """What the customer does while nobody answers; seconds since the last line.

    Attributes:
        to: Where the customer goes in the end.
    """

    nudge_s: int
    complain_s: int
    leave_s: int
    nudges: Variants
    complaints: Variants
    to: str


@dataclass(frozen=True, slots=True)
class State:
    """What the customer wants just now.

    Attributes:
        step: One of ``STEPS``; None where it is none of them.
        say: What is said on entering it, in variants; empty to say nothing.
        good_replies: Replies that are right; the first is the veteran's.
        bad_replies: Replies that are wrong.
        ask_again: What is said when an answer was unclear; empty for something general.
        section: What to relearn when it goes wrong.
    """

    name: str
    say: Variants
    needs: Needs
    good_replies: tuple[str, ...]
    bad_replies: tuple[str, ...]
    on_right: Move
    on_wrong: Move
    on_forbidden: Move
    on_unclear: Move
    branches: tuple[Branch, ...]
    ask_again: Variants
    silence: Silence
    step: str | None = None
    section: str | None = None

    @property
    def moves(self) -> tuple[Move, ...]:
        """Every way out of it but silence."""
        own = (self.on_right, self.on_wrong, self.on_forbidden, self.on_unclear)
        return (*(branch.move for branch in self.branches), *own)


@dataclass(frozen=True, slots=True)
class Interruption:
    """Another topic that the customer drops in, once, so many seconds after the first line."""

    from_s: int
    to_s: int
    state: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ends.

    Attributes:
        reason: Why a customer was lost; None for other kinds.
        amount: What was paid, in yuan.
        is_good: Whether the shop wants this.
    """

    name: str
    kind: OutcomeKind
    is_good: bool
    say: Variants = ()
    reason: LostReason | None = None
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An earlier order, as the side panel shows it."""

    tail: str
    on: str
    goods: str
    amount: float
    state: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One kind of goods in an order; the price in yuan for one."""

    number: str
    name: str
    variant: str
    count: int
    price: float


@dataclass(frozen=True, slots=True)
class Order:
    """The order in question; amounts in yuan.

    Attributes:
        tail: The last figures of its number.
        state: One of ``ORDER_STATES``.
        address: Masked: no whole name, no whole number.
    """

    tail: str
    state: str
    lines: tuple[OrderLine, ...]
    freight: float
    paid: float
    address: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """Who it is.

    Attributes:
        nature: For trainers, ``{zh, en}``; may be empty.
        patience: The mood at the start, 1–100.
        typing_s: Seconds between the lines of a burst.
        details: What the side panel shows beside the name.
    """

    nick: str
    is_returning: bool
    patience: int
    typing_s: int
    nature: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    past_orders: tuple[PastOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """When a talk ends whatever is said: after so many turns of the agent, or seconds."""

    turns: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """A simulated customer.

    Attributes:
        topics: Codes of ``TOPICS``.
        sections: What to relearn when it goes wrong.
        products: Numbers of the shop's products that it speaks of.
        unjudged_steps: Codes of ``STEPS`` that do not count here.
        told_when_asked: What is told only when asked, by name.
        opening: The first state.
        states: By name, in the order of the file.
        endings: By name, in the order of the file.
        debrief: Markdown for afterwards.
        path: The file.
        digest: SHA-256 of the file.
        lines: Line numbers in the file, by place: ``("states", name, "say")``.
    """

    slug: str
    title: Mapping[str, str]
    track: Track
    level: int
    topics: tuple[str, ...]
    minutes: float
    sections: tuple[str, ...]
    products: tuple[str, ...]
    customer: Customer
    order: Order | None
    unjudged_steps: frozenset[str]
    facts: Mapping[str, ScenarioFact]
    told_when_asked: Mapping[str, ToldWhenAsked]
    opening: str
    states: Mapping[str, State]
    interruptions: tuple[Interruption, ...]
    endings: Mapping[str, Ending]
    limits: Limits
    debrief: str
    path: str = ""
    digest: str = ""
    lines: Mapping[tuple[str, ...], int] = field(default_factory=dict, compare=False)

    def speaks_of(self, number: str) -> bool:
        """Whether a product is one that the customer speaks of; any is, where nothing is told."""
        ordered = self.order.lines if self.order else ()
        named = {each.casefold() for each in (*self.products, *(line.number for line in ordered))}
        return not self.states or number.casefold() in named

    def line_of(self, *place: str) -> int:
        """The line of a place in the file, or of the nearest one around it."""
        for end in range(len(place), -1, -1):
            if place[:end] in self.lines:
                return self.lines[place[:end]]
        return 1
