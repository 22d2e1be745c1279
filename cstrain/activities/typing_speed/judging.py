"""From a run's log to everything that is kept of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cstrain.activities.typing_speed import checks, confusions, eventlog, scoring
from cstrain.activities.typing_speed.checks import Circumstances, Flag, FlagCode, Severity, Verdict
from cstrain.activities.typing_speed.eventlog import Event, LogError, Replay
from cstrain.activities.typing_speed.normalise import WidthPolicy

_WORST_COUNT: Final = 10
_NOT_RECORDED: Final = frozenset({Verdict.INVALID, Verdict.REJECT})


@dataclass(frozen=True, slots=True)
class Delivery:
    """A run as it reached the server.

    Attributes:
        passage: What was shown.
        policy: How strictly widths are compared.
        limit_ms: The time limit.
        is_official: Whether it is an official test.
        chunks: The events of the chunks, by number without a gap from 1.
        missing_chunk_count: Chunks between these and the last one known.
        client_ms: The page's own time, ``None`` if it never finished.
        server_ms: Receipt of the finish less receipt of the start, ``None`` likewise.
        is_complete: Whether the person finished before the limit.
        final_value: The field as the page sent it, ``None`` likewise.
        own_best_net_cpm: Best recorded speed so far.
        is_repeated: Whether another run has the very same rhythm.
    """

    passage: str
    policy: WidthPolicy
    limit_ms: int
    is_official: bool
    chunks: Sequence[Sequence[Event]]
    missing_chunk_count: int
    client_ms: int | None
    server_ms: int | None
    is_complete: bool
    final_value: str | None
    own_best_net_cpm: float | None
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What a run came to.

    Attributes:
        verdict: What the flags together mean.
        flags: What the checks noticed.
        typed: The text that counts.
        elapsed_ms: The duration that counts.
        net_cpm: Correct characters per minute.
        accuracy_ratio: Correct characters over all.
        gap_digest: The rhythm's fingerprint.
        details: The rest, as JSON values for the result page.
    """

    verdict: Verdict
    flags: tuple[Flag, ...]
    typed: str
    elapsed_ms: int
    net_cpm: float
    accuracy_ratio: float
    gap_digest: str | None
    details: dict[str, Any]

    @property
    def is_recorded(self) -> bool:
        """Whether speed and accuracy may stand as figures."""
        return self.verdict not in _NOT_RECORDED


def gap_digest(chunks: Sequence[Sequence[Event]]) -> str | None:
    """The fingerprint by which a repeated log is found."""
    return eventlog.gap_digest(event for chunk in chunks for event in chunk)


def judge(given: Delivery) -> Judged:
    """Recompute everything from the log."""
    events = [event for chunk in given.chunks for event in chunk]
    elapsed_ms, clock_flag = _elapsed_ms(given, events)
    counted = eventlog.within(events, given.limit_ms)
    whole, is_whole_broken = _play(events)
    field, is_broken = _play(counted)
    digest = eventlog.gap_digest(events)
    beat = eventlog.rhythm(counted, elapsed_ms)
    result = scoring.score(
        given.passage,
        field.text,
        elapsed_ms=elapsed_ms,
        finished=given.is_complete,
        fixing=scoring.Fixing(field.fixed_count, field.fixes_count, beat.keydown_count),
        policy=given.policy,
    )
    late = 0
    if given.is_complete and given.client_ms is not None:
        late = sum(event.at_ms > given.client_ms for event in events)
    flags = [] if clock_flag is None else [clock_flag]
    if is_broken or is_whole_broken:
        flags.append(Flag(FlagCode.REPLAY_DIFFERS, Severity.REJECT))
    flags += (
        flag
        for flag in checks.inspect(
            counted,
            result,
            beat,
            Circumstances(
                official=given.is_official,
                limit_ms=given.limit_ms,
                finished=given.is_complete,
                final_value=None if is_whole_broken else given.final_value,
                replayed=whole.text,
                language=checks.language_of(given.passage),
                own_best_net_cpm=given.own_best_net_cpm,
                earlier_digests=(digest,) if given.is_repeated and digest else (),
                missing_chunk_count=given.missing_chunk_count,
                late_event_count=late,
            ),
        )
    )
    spans = scoring.buckets(
        result.alignment.ops,
        [field.times_ms[source] for source in result.typed.sources],
        elapsed_ms,
    )
    return Judged(
        verdict=checks.verdict(flags),
        flags=tuple(flags),
        typed=field.text,
        elapsed_ms=elapsed_ms,
        net_cpm=result.net_cpm or 0.0,
        accuracy_ratio=result.accuracy_ratio,
        gap_digest=digest,
        details={
            "figures": result.figures(),
            "flags": [
                {"code": flag.code, "severity": flag.severity.name.lower(), **_numbers(flag)}
                for flag in flags
            ],
            "buckets": [
                [span.start_ms, span.length_ms, span.correct_count, span.error_count]
                for span in spans
            ],
            "pauses": [[pause.at_ms, pause.length_ms] for pause in beat.pauses],
            "idle_ratio": beat.idle_ratio,
            "consistency_percent": beat.consistency_percent,
            "commit_chars_mean": beat.commit_chars_mean,
            "confusions": [
                [pair.typed, pair.presented, pair.count]
                for pair in confusions.most_confused(confusions.substitutions(result), _WORST_COUNT)
            ],
            "worst": [
                [char, count]
                for char, count in confusions.worst_chars(result).most_common(_WORST_COUNT)
            ],
            "is_traditional": confusions.in_traditional_mode(result),
        },
    )


def _numbers(flag: Flag) -> dict[str, Any]:
    return {"numbers": dict(flag.numbers)}


def _elapsed_ms(given: Delivery, events: Sequence[Event]) -> tuple[int, Flag | None]:
    """The duration that counts: the limit where time ran out, else the checked clock."""
    last_ms = max((event.at_ms for event in events), default=0)
    if given.client_ms is None or given.server_ms is None:
        return given.limit_ms, None
    client_ms = given.limit_ms
    if given.is_complete:
        client_ms = min(max(given.client_ms, last_ms), given.limit_ms)
    return checks.scored_ms(client_ms, given.server_ms)


def _play(events: Sequence[Event]) -> tuple[Replay, bool]:
    """The field, or an empty one where the log cannot be played."""
    try:
        field = eventlog.replay(events)
    except LogError:
        return Replay("", (), 0, 0), True
    if "\0" not in field.text:
        return field, False
    # Databases keep no NUL; no key types it, so it counts as one wrong character.
    text = field.text.replace("\0", "\ufffd")
    return Replay(text, field.times_ms, field.fixed_count, field.fixes_count), True
