"""What one chat shows by rule: points, each resting on lines of the transcript. Pure.

A point is right, wrong, missing, or unclear. Unclear is what the rules could not tell: it is left
to a person, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cstrain.activities.live_practice.scenario import ActionCode, Ending, Scenario
from cstrain.plugin import kpi, promises, signs, steps

#: Said where the shop cannot decide it, it promises too much; whether it is so, a person tells.
#: A word of certainty; “不敢保证” is none.
_STRONG = re.compile(
    r"(?<![不没])(?<!不[敢能好])(?<![没无]法)(?:一定|保证|绝对|肯定|百分之百|100%|包(?:过|好|退|换))"
)
#: Marks of lines that say nothing about what was asked.
_EMPTY_TURNS: Final = frozenset({"none", "holding", "greeting", "asked"})


class State(StrEnum):
    """What became of a point."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Talk:
    """A line as it was kept.

    Attributes:
        asks: Whether a customer's line waits for an answer.
    """

    id: int
    at_ms: int
    role: str
    kind: str
    text: str
    mark: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    picture: str = ""

    @property
    def asks(self) -> bool:
        """Whether a customer's line waits for an answer; saying goodbye does not."""
        return bool(self.origin.get("asks", True))


@dataclass(frozen=True, slots=True)
class Chat:
    """A customer's whole conversation.

    Attributes:
        visits: The states the customer has been in.
        ending: How it ended; None where the session was over first.
    """

    customer_id: int
    scenario: Scenario
    lines: tuple[Talk, ...]
    visits: frozenset[str]
    state: str
    ending: Ending | None

    @property
    def messages(self) -> list[kpi.Message]:
        """For the figures: what was said, in order; actions are not said."""
        return [_message(line) for line in self.said]

    @property
    def said(self) -> list[Talk]:
        """What was said, without what was done, and without cards of something else."""
        return [
            line
            for line in self.lines
            if line.kind != "action" and line.role != "system" and self._is_to_the_point(line)
        ]

    def _is_to_the_point(self, line: Talk) -> bool:
        card = line.origin.get("card")
        return not card or self.scenario.speaks_of(str(card))

    @property
    def own(self) -> list[Talk]:
        """What the agent said and did."""
        return [line for line in self.lines if line.role == "agent"]


_ROLES: Final = {
    "buyer": kpi.Role.BUYER,
    "agent": kpi.Role.AGENT,
    "auto": kpi.Role.AGENT,
    "system": kpi.Role.SYSTEM,
}


def _message(line: Talk) -> kpi.Message:
    return kpi.Message(
        _ROLES[line.role],
        line.at_ms / 1000,
        line.text,
        is_auto=line.role == "auto",
        asks=line.asks,
    )


@dataclass(frozen=True, slots=True)
class Point:
    """Something seen or missed.

    Attributes:
        rule: ``facts``, ``actions``, ``steps``, ``forbidden``, ``promises`` or ``outcome``.
        key: Which: a fact, an action, a step, a word.
        lines: Ids of the lines it rests on; of something missing, the customer's line that asked.
        section: What to relearn; empty for nothing.
    """

    rule: str
    key: str
    state: State
    customer_id: int
    lines: tuple[int, ...] = ()
    section: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "rule": self.rule,
            "key": self.key,
            "state": self.state.value,
            "customer": self.customer_id,
            "lines": list(self.lines),
            "section": self.section,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Point:
        """As it was kept."""
        return cls(
            rule=kept["rule"],
            key=kept["key"],
            state=State(kept["state"]),
            customer_id=kept["customer"],
            lines=tuple(kept["lines"]),
            section=kept["section"],
        )


def points(chat: Chat, *, end_ms: int, midnight_s: float = 0.0) -> list[Point]:
    """Everything the rules see in a chat.

    Args:
        chat: The chat.
        end_ms: When the session was over.
        midnight_s: When a local midnight was, on the session's clock; for promises by the clock.
    """
    return [
        *_facts(chat),
        *_actions(chat),
        *_steps(chat),
        *_forbidden(chat),
        *_promises(chat, end_ms=end_ms, midnight_s=midnight_s),
        *_outcome(chat),
    ]


def _left_states(chat: Chat) -> Iterator[str]:
    """The states in which an answer was due: those left, and the present one if it was tried."""
    tried = {line.mark.get("state") for line in chat.own if line.mark.get("turn") != "none"}
    for name in chat.scenario.states:
        if name in chat.visits and (name != chat.state or chat.ending is not None or name in tried):
            yield name


def _facts(chat: Chat) -> Iterator[Point]:
    """One point for each fact that was needed or stated.

    In a turn the last statement counts. A fact that one turn leaves wrong is wrong, whatever other
    turns say: the customer has heard it.
    """
    needed = {key for name in _left_states(chat) for key in chat.scenario.states[name].needs.facts}
    for key in chat.scenario.facts:
        told = _told(chat, key)
        wrong = [line.id for line, state in told if state == State.WRONG]
        right = [line.id for line, state in told if state == State.RIGHT]
        section = _section_of_fact(chat.scenario, key)
        if wrong:
            yield Point("facts", key, State.WRONG, chat.customer_id, tuple(wrong), section)
        elif right:
            yield Point("facts", key, State.RIGHT, chat.customer_id, tuple(right), section)
        elif key in needed:
            asked_in = _asking(chat, lambda needs, key=key: key in needs.facts)  # type: ignore[misc]
            yield _not_seen(chat, "facts", key, asked_in, section)


def _told(chat: Chat, key: str) -> list[tuple[Talk, str]]:
    """In each turn the last line that states a fact, with what it states."""
    last: dict[Any, tuple[Talk, str]] = {}
    for line in chat.own:
        state = line.mark.get("facts", {}).get(key)
        if state in {State.RIGHT, State.WRONG}:
            last[line.mark.get("turn_no")] = (line, state)
    return list(last.values())


def _asking(chat: Chat, needs: Callable[[Any], bool]) -> frozenset[str]:
    """The states of the chat that ask for something."""
    states = chat.scenario.states
    return frozenset(name for name in _left_states(chat) if needs(states[name].needs))


def _not_seen(chat: Chat, rule: str, key: str, asked_in: frozenset[str], section: str) -> Point:
    """Something needed that no line shows: missing, or unclear where the rules understood little.

    It is missing where nothing of substance was said at all, or where the turn was judged without
    it; unclear where a line in these states could not be read.
    """
    tried = [line for line in chat.own if line.mark.get("state") in asked_in]
    unread = [line.id for line in deciding(tried) if line.mark.get("turn") == "unclear"]
    if unread and rule == "facts":
        return Point(rule, key, State.UNCLEAR, chat.customer_id, tuple(unread), section)
    spoken = [line.id for line in tried if line.mark.get("turn") not in _EMPTY_TURNS]
    asked = [line.id for line in chat.lines if line.role == "buyer"]
    rests = tuple(spoken) or tuple(asked[-1:])
    return Point(rule, key, State.MISSING, chat.customer_id, rests, section)


def deciding(lines: Sequence[Talk]) -> list[Talk]:
    """In each turn the line that decided: the last one with a mark that says something."""
    last: dict[tuple[Any, Any], Talk] = {}
    for line in lines:
        if line.mark.get("turn") != "none":
            last[line.mark.get("turn_no"), line.mark.get("state")] = line
    return list(last.values())


def _section_of_fact(scenario: Scenario, key: str) -> str:
    own = scenario.facts[key].section
    if own:
        return own
    of_state = (state.section for state in scenario.states.values() if key in state.needs.facts)
    return next(filter(None, of_state), _section(scenario))


def _section(scenario: Scenario) -> str:
    return scenario.sections[0] if scenario.sections else ""


def _actions(chat: Chat) -> Iterator[Point]:
    """One point for each action that was needed, and for each that moved money unasked."""
    wanted = {
        action.code
        for name in _left_states(chat)
        for action in chat.scenario.states[name].needs.actions
    }
    marked: dict[str, list[tuple[int, str]]] = {}
    for line in chat.own:
        for code, state in line.mark.get("actions", {}).items():
            marked.setdefault(code, []).append((line.id, state))
    for code in sorted(wanted):
        seen = marked.get(code.value, [])
        right = tuple(line for line, state in seen if state == State.RIGHT)
        wrong = tuple(line for line, state in seen if state == State.WRONG)
        section = _section(chat.scenario)
        if right or wrong:
            state = State.RIGHT if right else State.WRONG
            yield Point("actions", code.value, state, chat.customer_id, right or wrong, section)
        else:
            asked_in = frozenset(
                name
                for name in _left_states(chat)
                if any(each.code is code for each in chat.scenario.states[name].needs.actions)
            )
            yield _not_seen(chat, "actions", code.value, asked_in, section)
    money = {ActionCode.CHANGE_PRICE, ActionCode.REFUND}
    for line in chat.own:
        done = line.origin.get("action")
        if done in money and done not in wanted:
            yield Point("actions", str(done), State.UNCLEAR, chat.customer_id, (line.id,))


def _steps(chat: Chat) -> Iterator[Point]:
    """One point for each step that applies; seen too where a state of this step was answered.

    A step that only states play to which the talk did not come does not apply.

    What to relearn for a step says the rubric: it is the same in every scenario.
    """
    if not any(line.role == "agent" for line in chat.said):
        return
    states = chat.scenario.states
    came = {state.step for name, state in states.items() if name in chat.visits}
    played = {state.step for state in states.values() if state.step} - {steps.Step.GREET.value}
    left_out = {steps.Step(code) for code in (played - came) | chat.scenario.unjudged_steps}
    said = chat.said
    answered = {
        line.mark["step"]: line.id
        for line in chat.own
        if line.mark.get("turn") == "right" and line.mark.get("step")
    }
    for step, sign in steps.steps(chat.messages, not_applicable=left_out).items():
        rests = () if sign.index is None else (said[sign.index].id,)
        state = {
            signs.Seen.SEEN: State.RIGHT,
            signs.Seen.NOT_SEEN: State.MISSING,
            signs.Seen.UNCLEAR: State.UNCLEAR,
        }[sign.seen]
        if state is not State.RIGHT and step.value in answered:
            state, rests = State.RIGHT, (answered[step.value],)
        yield Point("steps", step.value, state, chat.customer_id, rests)


def _forbidden(chat: Chat) -> Iterator[Point]:
    """Forbidden words, which a person looks at, and invitations to leave the platform."""
    said = chat.said
    for line in chat.own:
        for word in line.mark.get("forbidden", ()):
            yield Point("forbidden", word, State.UNCLEAR, chat.customer_id, (line.id,))
    for sign in signs.lures(chat.messages):
        if sign.index is not None:
            state = State.WRONG if sign.seen is signs.Seen.SEEN else State.UNCLEAR
            rests = (said[sign.index].id,)
            yield Point("forbidden", sign.text, state, chat.customer_id, rests)


def _promises(chat: Chat, *, end_ms: int, midnight_s: float) -> Iterator[Point]:
    """Promises to come back, kept or not, and strong words, which a person looks at."""
    said = chat.said
    found = promises.promises(chat.messages, end_s=end_ms / 1000, midnight_s=midnight_s)
    for promise in found:
        state = {
            signs.Seen.SEEN: State.RIGHT,
            signs.Seen.NOT_SEEN: State.WRONG,
            signs.Seen.UNCLEAR: State.UNCLEAR,
        }[promise.kept]
        rests: tuple[int, ...] = (said[promise.index].id,)
        if promise.kept_index is not None:
            rests = (*rests, said[promise.kept_index].id)
        yield Point("promises", promise.what, state, chat.customer_id, rests)
    for line in chat.own:
        if line.kind == "text" and (strong := _STRONG.search(line.text)):
            yield Point("promises", strong[0], State.UNCLEAR, chat.customer_id, (line.id,))


def _outcome(chat: Chat) -> Iterator[Point]:
    """How it ended; nothing where the session was over first."""
    if chat.ending is None:
        return
    state = State.RIGHT if chat.ending.is_good else State.WRONG
    own: Sequence[Talk] = chat.own
    rests = tuple(line.id for line in own[-1:])
    key = chat.ending.kind.value
    yield Point("outcome", key, state, chat.customer_id, rests, _section(chat.scenario))
