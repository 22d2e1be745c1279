"""How the customer goes from state to state, and what is said on the way. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from cstrain.activities.live_practice.condition import Condition, Said
from cstrain.activities.live_practice.matching import Verdict
from cstrain.activities.live_practice.scenario import (
    BACK,
    Move,
    OutcomeKind,
    Scenario,
    State,
    Track,
    Variants,
)

THINKING_MS: Final = (6_000, 14_000)
#: Waiting costs one point of mood every ten seconds after so long.
GRACE_MS: Final = 15_000
POINT_MS: Final = 10_000
MOOD_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Talk:
    """What stays the same in one conversation: the scenario, and the seed chance hangs on."""

    scenario: Scenario
    seed: int

    @property
    def gap_ms(self) -> int:
        """Between the lines of a burst."""
        return self.scenario.customer.typing_s * 1000

    def state(self, condition: Condition) -> State:
        """The state the customer is in."""
        return self.scenario.states[condition.state]

    def has_ended(self, condition: Condition) -> bool:
        """Whether an ending has been decided."""
        return condition.state in self.scenario.endings

    def chance(self, purpose: str, condition: Condition, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, fixed by purpose, state, visit and turn."""
        visit = condition.visits.get(condition.state, 0)
        return self.drawn(f"{purpose}|{condition.state}|{visit}|{condition.turn_no}", low, high)

    def drawn(self, key: str, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, fixed by the key."""
        digest = hashlib.sha256(f"{self.seed}|{key}".encode()).digest()
        return low + int.from_bytes(digest[:8]) % (high - low + 1)

    def think_ms(self, condition: Condition) -> int:
        """How long the customer thinks before answering; half as long without any patience."""
        drawn = self.chance("think", condition, *THINKING_MS)
        return drawn * (100 + self.scenario.customer.patience) // 200

    def burst(
        self, condition: Condition, purpose: str, variants: Variants, at_ms: int
    ) -> tuple[Said, ...]:
        """The lines of the variant that is drawn, the first one sent at ``at_ms``."""
        if not variants:
            return ()
        lines = variants[self.chance(purpose, condition, 0, len(variants) - 1)]
        return tuple(
            Said(
                at_ms + place * self.gap_ms,
                "picture" if line.picture else "text",
                line.text,
                line.picture,
            )
            for place, line in enumerate(lines)
        )


def mood_at(condition: Condition, at_ms: int) -> int:
    """The mood at a time, 0 to 100, with what waiting has cost until then."""
    if condition.waiting_ms is None:
        return condition.mood
    lost = max(0, at_ms - condition.waiting_ms - GRACE_MS) // POINT_MS
    return max(0, condition.mood - lost)


def bounded(mood: int) -> int:
    """A mood between nothing and all there is."""
    return max(0, min(MOOD_MAX, mood))


def awaiting(condition: Condition, from_ms: int) -> Condition:
    """From here on the customer waits."""
    return replace(condition, waiting_ms=from_ms, quiet_ms=from_ms, quiet_phase=0)


def busy(condition: Condition) -> Condition:
    """The customer waits for nothing just now."""
    return replace(condition, listening_ms=None, waiting_ms=None, quiet_ms=None)


def enter(talk: Talk, condition: Condition, to: str, at_ms: int, *, think_ms: int = 0) -> Condition:
    """Go to a state or an ending, or back to what an interruption broke off.

    What is being written is sent first.
    """
    condition = busy(condition)
    if to == BACK and condition.left is not None:
        return _return(talk, condition, at_ms, think_ms=think_ms)
    if to == BACK:  # a state that no interruption led to: ask the same again
        to = condition.state
    starts_ms = (condition.queue[-1].at_ms if condition.queue else at_ms) + think_ms
    visits = {**condition.visits, to: condition.visits.get(to, 0) + 1}
    condition = replace(
        condition,
        state=to,
        visits=visits,
        free_ms=starts_ms,
        visit_text="",
        known=(),
        asked_again=False,
        greeted=False,
        held_count=0,
        done_before=len(condition.done),
    )
    scenario = talk.scenario
    say = scenario.endings[to].say if to in scenario.endings else scenario.states[to].say
    queue = (*condition.queue, *talk.burst(condition, "say", say, starts_ms))
    condition = replace(condition, queue=queue)
    if queue or to in scenario.endings:
        return condition
    return awaiting(condition, starts_ms)


def _return(talk: Talk, condition: Condition, at_ms: int, *, think_ms: int) -> Condition:
    """Take up again what was broken off; what was said meanwhile may have answered it."""
    left = condition.left
    if left is None:
        return condition
    condition = replace(
        condition,
        state=left.state,
        left=None,
        visit_text=left.visit_text,
        known=left.known,
        asked_again=left.asked_again,
        done_before=left.done_before,
    )
    state = talk.state(condition)
    if left.verdict:
        move = state.on_right if left.verdict == Verdict.RIGHT else state.on_wrong
        move = move if left.branch is None else state.branches[left.branch].move
        return follow(talk, condition, move, at_ms, think_ms=think_ms)
    starts_ms = (condition.queue[-1].at_ms if condition.queue else at_ms) + think_ms
    lines = talk.burst(condition, "return", state.ask_again or state.say, starts_ms)
    return replace(condition, queue=(*condition.queue, *lines), free_ms=starts_ms)


def follow(
    talk: Talk, condition: Condition, move: Move, at_ms: int, *, think_ms: int = 0
) -> Condition:
    """Follow a move: change the mood, and go; at the end of all patience go elsewhere."""
    mood = bounded(condition.mood + move.mood)
    is_upset = condition.is_upset or move.mood < 0
    condition = replace(condition, mood=mood, is_upset=is_upset)
    to = move.to or condition.state
    if not mood:
        to = storming_end(talk, condition)
    elif condition.turn_no >= talk.scenario.limits.turns and to not in talk.scenario.endings:
        to = silent_end(talk, condition)
    return enter(talk, condition, to, at_ms, think_ms=think_ms)


def storming_end(talk: Talk, condition: Condition) -> str:
    """Where a customer goes whose patience is at its end."""
    if talk.scenario.track is Track.AFTERSALES:
        for name, ending in talk.scenario.endings.items():
            if ending.kind is OutcomeKind.COMPLAINT:
                return name
    return silent_end(talk, condition)


def silent_end(talk: Talk, condition: Condition) -> str:
    """The ending that silence leads to in the end."""
    states, endings = talk.scenario.states, talk.scenario.endings
    to = talk.state(condition).silence.to
    for _each in states:
        if to in states:
            to = states[to].silence.to
    return to if to in endings else next(iter(endings))
