"""The simulated customer: a pure machine that can be replayed.

The same scenario, seed and log give the same conversation, for ever: chance is a hash of seed,
purpose and place, never a stream, and nothing depends on how often ``advance`` is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cstrain.activities.live_practice.answering import take_in
from cstrain.activities.live_practice.condition import Condition, Event, Left, Mark, Said
from cstrain.activities.live_practice.moving import (
    GRACE_MS,
    POINT_MS,
    Talk,
    awaiting,
    enter,
    follow,
    mood_at,
    silent_end,
    storming_end,
)
from cstrain.activities.live_practice.scenario import Line, Scenario, Track
from cstrain.plugin import forbidden_words

__all__ = [
    "ENGINE_VERSION",
    "Condition",
    "Event",
    "Log",
    "Mark",
    "Said",
    "advance",
    "begin",
    "hear",
    "is_typing",
    "mood_at",
    "next_at_ms",
    "replay",
    "typing_from_ms",
]

#: Raised with every change after which an old log would give another conversation.
ENGINE_VERSION: Final = 2

#: What is said where a state does not tell what to say when an answer was unclear.
ASK_AGAIN: Final = ((Line("什么意思"),), (Line("没太看懂，你再说说"),))
#: After the last words the customer still reads for so long, so that the agent can say goodbye.
LINGER_MS: Final = 25_000
#: From the agent's goodbye until the customer is gone.
GOODBYE_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Log:
    """A conversation as it is kept: when the customer came, what the agent did, until when."""

    begun_ms: int
    events: tuple[Event, ...]
    until_ms: int


def begin(scenario: Scenario, seed: int, *, at_ms: int) -> Condition:
    """The customer arrives: the first line of the opening burst is said at ``at_ms``."""
    talk = Talk(scenario, seed)
    condition = Condition(
        at_ms=at_ms,
        begun_ms=at_ms,
        state="",
        mood=scenario.customer.patience,
        free_ms=at_ms,
        is_upset=scenario.track is Track.AFTERSALES,
    )
    return _timed(talk, enter(talk, condition, scenario.opening, at_ms))


def next_at_ms(condition: Condition) -> int | None:
    """When something happens if the agent stays silent; None when nothing will."""
    return condition.next_ms


def typing_from_ms(scenario: Scenario, condition: Condition) -> int | None:
    """From when the customer is seen typing the next line; None when none is coming."""
    if not condition.queue:
        return None
    return condition.queue[0].at_ms - scenario.customer.typing_s * 1000


def is_typing(scenario: Scenario, condition: Condition, at_ms: int) -> bool:
    """Whether the customer is seen typing."""
    from_ms = typing_from_ms(scenario, condition)
    return from_ms is not None and from_ms <= at_ms


def advance(
    scenario: Scenario, seed: int, condition: Condition, *, until_ms: int
) -> tuple[Condition, list[Said]]:
    """Let time pass; cutting it into any steps gives the same."""
    talk = Talk(scenario, seed)
    said: list[Said] = []
    while condition.next_ms is not None and condition.next_ms <= until_ms:
        what, at_ms = _next(talk, condition)
        condition, lines = _happen(talk, condition, what, at_ms)
        said += lines
        condition = _timed(talk, condition)
    return replace(condition, at_ms=max(condition.at_ms, until_ms)), said


def hear(
    scenario: Scenario,
    seed: int,
    condition: Condition,
    event: Event,
    *,
    words: Sequence[forbidden_words.Word],
) -> tuple[Condition, list[Said], Mark]:
    """Let time pass up to an event, then take it in.

    Args:
        scenario: Who the customer is.
        seed: What chance hangs on.
        condition: What the customer remembers.
        event: What the agent did; one that is older than the condition counts as of its time.
        words: The shop's forbidden words.

    Returns:
        What the customer remembers then, what was said up to the event (what follows from it
        comes with a later ``advance``), and the mark of the event.
    """
    talk = Talk(scenario, seed)
    at_ms = max(event.at_ms, condition.at_ms)
    condition, said = advance(scenario, seed, condition, until_ms=at_ms)
    found = forbidden_words.hits(event.text, words) if event.text else ()
    forbidden = tuple(event.text[each.start : each.end] for each in found)
    if talk.has_ended(condition):
        mark = Mark(
            turn="forbidden" if forbidden else "none",
            turn_no=condition.turn_no,
            state=condition.state,
            forbidden=forbidden,
            mood=condition.mood,
            reason="ended",
        )
        return _timed(talk, _bidden_goodbye(condition, event, at_ms)), said, mark
    condition, mark = take_in(talk, condition, replace(event, at_ms=at_ms), forbidden)
    return _timed(talk, condition), said, mark


def replay(
    scenario: Scenario, seed: int, log: Log, *, words: Sequence[forbidden_words.Word]
) -> tuple[Condition, list[Said], list[Mark]]:
    """A whole conversation from its log: the last condition, all lines, a mark for each event."""
    condition = begin(scenario, seed, at_ms=log.begun_ms)
    said: list[Said] = []
    marks: list[Mark] = []
    for event in log.events:
        condition, lines, mark = hear(scenario, seed, condition, event, words=words)
        said += lines
        marks.append(mark)
    condition, lines = advance(scenario, seed, condition, until_ms=log.until_ms)
    return condition, said + lines, marks


def _timed(talk: Talk, condition: Condition) -> Condition:
    """The condition with the time of what happens next."""
    return replace(condition, next_ms=None if condition.is_gone else _next(talk, condition)[1])


def _next(talk: Talk, condition: Condition) -> tuple[str, int]:
    """What happens next by itself, and when; of what falls together the first of this list."""
    if condition.queue:
        return "say", condition.queue[0].at_ms
    if talk.has_ended(condition):
        return "go", condition.free_ms
    if condition.listening_ms is not None:
        return "unclear", condition.listening_ms
    return min(_coming(talk, condition), key=lambda each: each[1])


def _coming(talk: Talk, condition: Condition) -> Iterator[tuple[str, int]]:
    """What can happen to a customer who waits."""
    limit_ms = condition.begun_ms + talk.scenario.limits.seconds * 1000
    yield "limit", max(limit_ms, condition.free_ms)
    if condition.waiting_ms is not None:
        yield "storm", condition.waiting_ms + GRACE_MS + condition.mood * POINT_MS
    if condition.quiet_ms is not None:
        silence = talk.state(condition).silence
        what, after_s = (
            ("nudge", silence.nudge_s),
            ("complain", silence.complain_s),
            ("leave", silence.leave_s),
        )[condition.quiet_phase]
        yield what, condition.quiet_ms + after_s * 1000
    if condition.left is not None:
        return
    for index, each in enumerate(talk.scenario.interruptions):
        if index not in condition.interrupted and each.state != condition.state:
            after_s = talk.drawn(f"interruption|{index}", each.from_s, each.to_s)
            from_ms = condition.begun_ms + after_s * 1000
            yield f"interruption:{index}", max(from_ms, condition.free_ms + talk.gap_ms)


def _happen(
    talk: Talk, condition: Condition, what: str, at_ms: int
) -> tuple[Condition, list[Said]]:
    """Let one thing happen."""
    condition = replace(condition, at_ms=max(condition.at_ms, at_ms))
    if what == "say":
        return _say(talk, condition)
    if what == "go":
        return replace(condition, gone_ms=at_ms), []
    if what in {"nudge", "complain"}:
        return _urge(talk, condition, what, at_ms)
    condition = replace(condition, mood=mood_at(condition, at_ms), waiting_ms=None)
    if what == "unclear":
        return _unclear(talk, condition, at_ms), []
    if what.startswith("interruption"):
        return _interrupted(talk, condition, int(what.partition(":")[2]), at_ms), []
    to = {
        "leave": talk.state(condition).silence.to,
        "limit": silent_end(talk, condition),
        "storm": storming_end(talk, condition),
    }[what]
    return enter(talk, condition, to, at_ms), []


def _say(talk: Talk, condition: Condition) -> tuple[Condition, list[Said]]:
    """Send the next line; after the last one an answer is awaited."""
    line, *rest = condition.queue
    condition = replace(
        condition,
        queue=tuple(rest),
        turn_is_open=False,
        turn_text="",
        free_ms=max(condition.free_ms, line.at_ms),
    )
    if not rest and talk.has_ended(condition):
        condition = replace(condition, free_ms=line.at_ms + LINGER_MS)
    elif not rest:
        condition = awaiting(condition, line.at_ms)
    return condition, [line]


def _bidden_goodbye(condition: Condition, event: Event, at_ms: int) -> Condition:
    """A line after the last words: the customer goes soon."""
    if condition.is_gone or condition.queue or event.kind == "action":
        return condition
    return replace(condition, free_ms=min(condition.free_ms, at_ms + GOODBYE_MS))


def _urge(talk: Talk, condition: Condition, what: str, at_ms: int) -> tuple[Condition, list[Said]]:
    """Nudge or complain; its lines come at once."""
    silence = talk.state(condition).silence
    variants = silence.nudges if what == "nudge" else silence.complaints
    said = [replace(each, at_ms=at_ms) for each in talk.burst(condition, what, variants, at_ms)]
    condition = replace(
        condition,
        quiet_phase=condition.quiet_phase + 1,
        turn_is_open=False,
        turn_text="",
        is_upset=True,
        free_ms=at_ms,
    )
    return condition, said


def _unclear(talk: Talk, condition: Condition, at_ms: int) -> Condition:
    """Ask once what was meant; the second time go on as the scenario says."""
    state = talk.state(condition)
    if condition.asked_again:
        return follow(talk, condition, state.on_unclear, at_ms)
    queue = talk.burst(condition, "again", state.ask_again or ASK_AGAIN, at_ms)
    return replace(condition, listening_ms=None, asked_again=True, queue=queue)


def _interrupted(talk: Talk, condition: Condition, index: int, at_ms: int) -> Condition:
    """Turn to another topic, and remember this one."""
    left = Left(condition.state, condition.visit_text, condition.known, condition.asked_again)
    left = replace(left, done_before=condition.done_before)
    condition = replace(condition, left=left, interrupted=(*condition.interrupted, index))
    return enter(talk, condition, talk.scenario.interruptions[index].state, at_ms)
