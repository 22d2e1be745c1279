"""How the customer takes what the agent says and does. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from cstrain.activities.live_practice import hearing
from cstrain.activities.live_practice.condition import Condition, Event, Left, Mark
from cstrain.activities.live_practice.hearing import Heard
from cstrain.activities.live_practice.matching import FactState, Verdict, asks_for
from cstrain.activities.live_practice.moving import (
    GRACE_MS,
    Talk,
    awaiting,
    bounded,
    busy,
    enter,
    follow,
    mood_at,
    storming_end,
)
from cstrain.activities.live_practice.scenario import Move, State

LISTENING_MS: Final = (8_000, 14_000)
#: After a holding line the customer says nothing for so long.
HOLDING_MS: Final = 60_000
#: Holding lines that a customer accepts in one state.
HOLDING_MAX_COUNT: Final = 2
APOLOGY_MOOD: Final = 5
PASTED_MOOD: Final = -10
ASKED_TWICE_MOOD: Final = -5
#: A line shorter than this may be sent again without being called pasted.
PASTED_MIN_CHARS: Final = 8
#: What is remembered of a turn; longer talk is cut at its beginning.
_TEXT_MAX_CHARS: Final = 600


@dataclass(frozen=True, slots=True)
class _Decision:
    """What a turn is worth, and where it leads; without a move it is still open."""

    turn: str
    reason: str
    move: Move | None = None


def take_in(
    talk: Talk, condition: Condition, event: Event, forbidden: tuple[str, ...]
) -> tuple[Condition, Mark]:
    """Take in one line, card or action; the condition has come up to the event's time.

    Args:
        talk: Scenario and seed.
        condition: Of a customer who is still there.
        event: What the agent did.
        forbidden: What of it is forbidden.
    """
    state, at_ms, is_early = talk.state(condition), event.at_ms, bool(condition.queue)
    if event.card and not talk.scenario.speaks_of(event.card):
        event = replace(event, text="")  # a card of something else answers nothing
    before = mood_at(condition, at_ms)
    turn_no = condition.turn_no + (not condition.turn_is_open)
    is_pasted = _digest(event.text) in condition.sent
    condition = _noted(condition, event, is_early=is_early)
    heard = hearing.hear_turn(
        talk.scenario,
        state,
        line=event.text,
        turn_text=condition.turn_text,
        visit_text=condition.visit_text,
        done=condition.done,
        done_before=condition.done_before,
        known=condition.known,
    )
    known = _known(state, condition.known, heard)
    is_further = len(known) > len(condition.known)  # then what is left is asked for once more
    asked_again = condition.asked_again and not is_further
    condition = replace(condition, known=known, asked_again=asked_again)
    decision = _decided(talk, condition, heard, is_forbidden=bool(forbidden))
    late = None
    if decision.move is None and condition.left is not None and not condition.left.verdict:
        condition, late = _heard_late(talk, condition, condition.left, event)
    if event.text or decision.move:
        condition = replace(condition, mood=before, waiting_ms=None)
    condition = _felt(condition, event, state, is_forbidden=bool(forbidden), is_pasted=is_pasted)
    condition, asked = _told(talk, condition, event)
    if decision.move is not None:
        pause_ms = talk.think_ms(condition)
        condition = follow(talk, condition, decision.move, at_ms, think_ms=pause_ms)
    elif not condition.mood:
        condition = enter(talk, condition, storming_end(talk, condition), at_ms)
    elif late is not None:
        state, heard = late
        decision = _Decision(heard.verdict.value, heard.reason)
        condition = busy(condition) if is_early else awaiting(busy(condition), at_ms)
    else:
        turn, condition = _left_open(
            talk, condition, event, has_asked=bool(asked), is_early=is_early
        )
        decision = replace(decision, turn=turn)
    mood = mood_at(condition, at_ms)
    return condition, Mark(
        turn="forbidden" if forbidden else decision.turn,
        turn_no=turn_no,
        state=state.name,
        step=state.step,
        facts=heard.facts,
        forbidden=forbidden,
        asked=asked,
        actions=heard.actions,
        needs_left=heard.needs_left,
        mood=mood,
        mood_change=mood - before,
        is_pasted=is_pasted,
        is_apology=hearing.is_apology(event.text),
        similarity=heard.similarity,
        reason=decision.reason,
    )


def _heard_late(
    talk: Talk, condition: Condition, left: Left, event: Event
) -> tuple[Condition, tuple[State, Heard] | None]:
    """What a line says to the state that an interruption broke off; None where it decides nothing.

    The customer takes that up when the interruption is over.
    """
    state = talk.scenario.states[left.state]
    said = _joined(left.visit_text, event.text)
    heard = hearing.hear_turn(
        talk.scenario,
        state,
        line=event.text,
        visit_text=said,
        done=condition.done,
        done_before=left.done_before,
        known=left.known,
    )
    branch = None
    if heard.verdict is Verdict.UNCLEAR:
        branch = _right_branch(talk, state, condition, event)
        if branch is not None:
            heard = replace(heard, verdict=Verdict.RIGHT, reason="branch", needs_left=())
    is_clear = heard.verdict is not Verdict.UNCLEAR
    verdict = heard.verdict.value if is_clear else ""
    known = _known(state, left.known, heard)
    left = replace(left, visit_text=said, known=known, verdict=verdict, branch=branch)
    return replace(condition, left=left), (state, heard) if is_clear else None


def _right_branch(talk: Talk, state: State, condition: Condition, event: Event) -> int | None:
    """The first branch of a right answer that a line takes.

    Words are too few to call it a wrong answer: the line was said to something else.
    """
    if not event.text:
        return None
    return next(
        (
            number
            for number, each in enumerate(state.branches)
            if each.verdict == Verdict.RIGHT
            and hearing.holds(each, talk.scenario, event.text, condition.done)
            and hearing.is_meant(each, state, event.text)
        ),
        None,
    )


def _known(state: State, before: tuple[str, ...], heard: Heard) -> tuple[str, ...]:
    """Needed facts that have been stated rightly."""
    return tuple(
        key for key in state.needs.facts if key in before or heard.facts[key] == FactState.RIGHT
    )


def _digest(text: str) -> str:
    """A line's short name, to know it again; empty for lines that may be repeated."""
    said = "".join(text.split())
    return hashlib.sha256(said.encode()).hexdigest()[:8] if len(said) >= PASTED_MIN_CHARS else ""


def _joined(before: str, line: str) -> str:
    return f"{before}\n{line}".strip()[-_TEXT_MAX_CHARS:]


def _noted(condition: Condition, event: Event, *, is_early: bool) -> Condition:
    """Remember what was said and done."""
    if event.kind == "action":
        return replace(condition, done=(*condition.done, (event.action, dict(event.params))))
    digest = _digest(event.text)
    is_new = bool(digest) and digest not in condition.sent
    return replace(
        condition,
        turn_no=condition.turn_no + (not condition.turn_is_open),
        turn_is_open=True,
        turn_text="" if is_early else _joined(condition.turn_text, event.text),
        visit_text=_joined(condition.visit_text, event.text),
        sent=(*condition.sent, digest) if is_new else condition.sent,
    )


def _decided(talk: Talk, condition: Condition, heard: Heard, *, is_forbidden: bool) -> _Decision:
    """What the turn comes to: forbidden words, branches, wrong facts, all needs met."""
    state = talk.state(condition)
    if is_forbidden and state.on_forbidden.to is not None:
        return _Decision("forbidden", "forbidden", state.on_forbidden)
    found = _Decision("unclear", heard.reason)
    text = condition.turn_text
    branch = hearing.taken(talk.scenario, state, text, condition.done) if text else None
    if branch is not None:
        verdict = branch.verdict or ("none" if heard.verdict is Verdict.UNCLEAR else heard.verdict)
        found = _Decision(str(verdict), "branch", branch.move)
    elif heard.verdict is Verdict.RIGHT:
        found = _Decision("right", heard.reason, state.on_right)
    elif heard.verdict is Verdict.WRONG and heard.reason.startswith(hearing.OTHER_FACT):
        found = _Decision("wrong", heard.reason, replace(state.on_right, mood=0))
    elif heard.verdict is Verdict.WRONG:
        found = _Decision("wrong", heard.reason, state.on_wrong)
    return found


def _felt(
    condition: Condition, event: Event, state: State, *, is_forbidden: bool, is_pasted: bool
) -> Condition:
    """What a line does to the mood, whatever it says."""
    change = 0
    if is_forbidden and state.on_forbidden.to is None:
        change += state.on_forbidden.mood
    if is_pasted:
        change += PASTED_MOOD
    is_apology = hearing.is_apology(event.text)
    helps = is_apology and condition.is_upset and not condition.was_appeased
    if helps:
        change += APOLOGY_MOOD
    return replace(
        condition,
        mood=bounded(condition.mood + change),
        is_upset=condition.is_upset or is_forbidden,
        was_appeased=condition.was_appeased or helps,
    )


def _told(talk: Talk, condition: Condition, event: Event) -> tuple[Condition, tuple[str, ...]]:
    """Answer what was asked for; asking again annoys."""
    asked = tuple(
        key
        for key, each in talk.scenario.told_when_asked.items()
        if event.kind == "line" and asks_for(event.text, each.ask)
    )
    for key in asked:
        is_known = key in condition.told
        starts_ms = event.at_ms + talk.think_ms(condition)
        if condition.queue:
            starts_ms = condition.queue[-1].at_ms + talk.gap_ms
        answer = talk.scenario.told_when_asked[key].answer
        lines = talk.burst(condition, f"told:{key}", answer, starts_ms)
        condition = replace(
            condition,
            queue=(*condition.queue, *lines),
            told=condition.told if is_known else (*condition.told, key),
            mood=bounded(condition.mood + (ASKED_TWICE_MOOD if is_known else 0)),
        )
    return condition, asked


def _left_open(
    talk: Talk, condition: Condition, event: Event, *, has_asked: bool, is_early: bool
) -> tuple[str, Condition]:
    """What a line is that decides nothing, and what the customer then waits for."""
    at_ms, turn = event.at_ms, _turn_of(condition, event, has_asked=has_asked, is_early=is_early)
    if turn == "none" and event.kind == "action":
        return turn, condition
    condition = busy(replace(condition, quiet_phase=0))
    if turn == "holding":
        condition = replace(condition, held_count=condition.held_count + 1)
    if is_early or has_asked:
        return turn, condition
    condition = replace(condition, free_ms=at_ms)
    if turn == "holding":
        late_ms = max(0, HOLDING_MS - talk.state(condition).silence.nudge_s * 1000)
        waiting_ms = at_ms + HOLDING_MS - GRACE_MS
        return turn, replace(condition, waiting_ms=waiting_ms, quiet_ms=at_ms + late_ms)
    if turn == "greeting":
        return turn, replace(condition, greeted=True, waiting_ms=at_ms, quiet_ms=at_ms)
    until_ms = at_ms + talk.chance("listen", condition, *LISTENING_MS)
    return turn, replace(condition, listening_ms=until_ms)


def _turn_of(condition: Condition, event: Event, *, has_asked: bool, is_early: bool) -> str:
    """The mark of a line that decides nothing."""
    if event.kind == "action":
        return "none"
    if has_asked:
        return "asked"
    if condition.held_count < HOLDING_MAX_COUNT and hearing.is_holding(event.text):
        return "holding"
    is_first = condition.turn_text == event.text.strip()
    if is_first and not condition.greeted and hearing.is_greeting(event.text):
        return "greeting"
    return "none" if is_early else "unclear"
