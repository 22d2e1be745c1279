"""Checks of honesty: what a log gives away about how the text came about.

A flag means that a person looks, not a penalty; only what cannot have been typed is rejected.
Limits without a named source are our own and to be calibrated on the first month of real logs.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from statistics import fmean, median, pstdev
from typing import Final

from cstrain.activities.typing_speed.eventlog import (
    INPUT_KINDS,
    Event,
    EventKind,
    Rhythm,
    blurs,
    gap_digest,
    gaps_ms,
    keydowns_ms,
)
from cstrain.activities.typing_speed.normalise import is_cjk
from cstrain.activities.typing_speed.scoring import Score, ratio, retest_speed

_ALLOWANCE_MS: Final = 2_000
_ALLOWANCE_RATIO: Final = 0.02
_BULK_CHARS: Final = 8
_BULK_REJECT_CHARS: Final = 30
_BULK_KEYS: Final = 2
_KEY_BEFORE_MS: Final = 1_000
_MEDIAN_GAP_MS: Final = 40
"""keybr's limit: 40 ms a key is 1,500 characters a minute."""
_MEDIAN_GAPS: Final = 50
_EVEN_GAPS: Final = 100
_EVEN_VARIATION: Final = 0.15
_BEST_FACTOR: Final = 1.25
_BEST_FROM_CPM: Final = 60
_LEAST_ACCURACY: Final = 0.75
_LEAST_CHARS: Final = 50
_LEAST_KINDS: Final = 10
_LEAST_MS: Final = 15_000
_IDLE_RATIO: Final = 0.3
_TAIL_MS: Final = 5_000
_AWAY_MS: Final = 3_000
_AWAY_TIMES: Final = 3


class Severity(IntEnum):
    """What follows from a flag, the worse the greater."""

    NOTE = 0
    REVIEW = 1
    INVALID = 2
    REJECT = 3


class Verdict(StrEnum):
    """What follows from all flags together."""

    VALID = "valid"
    REVIEW = "review"
    INVALID = "invalid"
    REJECT = "reject"


class FlagCode(StrEnum):
    """What a check can notice; put into words by a template."""

    CLOCK_MISMATCH = "clock_mismatch"
    REPLAY_DIFFERS = "replay_differs"
    BULK_INSERT = "bulk_insert"
    BLOCKED_INPUT = "blocked_input"
    KSPC_LOW = "kspc_low"
    TEXT_WITHOUT_KEYS = "text_without_keys"
    SPEED_IMPLAUSIBLE = "speed_implausible"
    KEYS_TOO_FAST = "keys_too_fast"
    KEYS_TOO_EVEN = "keys_too_even"
    LOG_REPEATED = "log_repeated"
    ABOVE_OWN_BEST = "above_own_best"
    TOO_LITTLE = "too_little"
    IDLE = "idle"
    TAIL_EMPTY = "tail_empty"
    LEFT_PAGE = "left_page"
    CHUNK_MISSING = "chunk_missing"
    TIME_BACKWARDS = "time_backwards"
    LATE_EVENTS = "late_events"


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing noticed.

    Attributes:
        code: What.
        severity: What follows.
        numbers: The figures behind it, by name.
    """

    code: FlagCode
    severity: Severity
    numbers: Mapping[str, float] = field(default_factory=dict)


class Language(StrEnum):
    """Language of a passage; limits of speed depend on it."""

    ZH = "zh"
    EN = "en"


_SPEED_LIMITS: Final = {Language.ZH: (200, 320), Language.EN: (250 * 5, 350 * 5)}
"""Characters per minute to review and to reject. Chinese contests were won at 222 and 244, the
record over ten minutes is 316; monkeytype logs 250 wpm and refuses 350."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the server knows about a run besides its log.

    Attributes:
        official: Whether it is an official test, not practice.
        limit_ms: The time limit, ``None`` for none.
        finished: Whether the person finished the passage before the limit.
        final_value: The field as the page sent it, ``None`` if it never did.
        replayed: The field as the whole log leaves it.
        language: Of the passage.
        own_best_net_cpm: Best valid speed so far, ``None`` without one.
        earlier_digests: Fingerprints of the logs of earlier runs (``eventlog.gap_digest``).
        missing_chunk_count: Numbers of chunks that never came.
        late_event_count: Events that came after the run was finished.
    """

    official: bool
    limit_ms: int | None
    finished: bool
    final_value: str | None
    replayed: str
    language: Language = Language.ZH
    own_best_net_cpm: float | None = None
    earlier_digests: Collection[str] = ()
    missing_chunk_count: int = 0
    late_event_count: int = 0


def scored_ms(client_ms: int, server_ms: int) -> tuple[int, Flag | None]:
    """The duration that counts: the page's, unless the server's clock contradicts it.

    Args:
        client_ms: Time on the page's monotonic clock.
        server_ms: Receipt of the finish less receipt of the start.

    Returns:
        The page's time within an allowance of 2 s or 2 % (the greater), else the longer of both
        and a flag: to slow the page's clock gains nothing.
    """
    allowance = max(_ALLOWANCE_MS, _ALLOWANCE_RATIO * server_ms)
    if abs(server_ms - client_ms) <= allowance:
        return client_ms, None
    numbers = {"client_ms": client_ms, "server_ms": server_ms}
    flag = Flag(FlagCode.CLOCK_MISMATCH, Severity.REVIEW, numbers)
    return max(server_ms, client_ms), flag


def verdict(flags: Iterable[Flag]) -> Verdict:
    """What follows from the worst of the flags."""
    worst = max((flag.severity for flag in flags), default=Severity.NOTE)
    return {
        Severity.NOTE: Verdict.VALID,
        Severity.REVIEW: Verdict.REVIEW,
        Severity.INVALID: Verdict.INVALID,
        Severity.REJECT: Verdict.REJECT,
    }[worst]


def inspect(
    events: Sequence[Event], score: Score, rhythm: Rhythm, given: Circumstances
) -> tuple[Flag, ...]:
    """Run every check but the clock's.

    Args:
        events: The events up to the limit.
        score: The figures of the run.
        rhythm: The rhythm of the events.
        given: What the server knows besides.

    Returns:
        The flags in a fixed order; at most one of each code.
    """
    net = score.net_cpm or 0.0
    elapsed_ms = score.elapsed_ms or 0
    found = (
        _differs(given),
        _disorder(events, given),
        bulk_insert(events),
        blocked_input(events, official=given.official),
        kspc_low(rhythm.keydown_count, len(score.typed.text), given.language),
        text_without_keys(events),
        speed_implausible(net, given.language),
        keys_too_fast(events),
        keys_too_even(events),
        _repeated(events, given.earlier_digests),
        above_own_best(net, given.own_best_net_cpm),
        _missing(given),
        _late(given),
        too_little(score),
        _idle(rhythm),
        _tail_empty(events, elapsed_ms, given),
        left_page(events, elapsed_ms, official=given.official),
    )
    return tuple(flag for flag in found if flag)


def _differs(given: Circumstances) -> Flag | None:
    """The field was written past its events: ``el.value =`` fires none."""
    if given.final_value is None or given.final_value == given.replayed:
        return None
    numbers = {"field_chars": len(given.final_value), "log_chars": len(given.replayed)}
    return Flag(FlagCode.REPLAY_DIFFERS, Severity.REJECT, numbers)


def _disorder(events: Sequence[Event], given: Circumstances) -> Flag | None:
    """The log's time runs backwards, which the page never lets it do."""
    del given
    back = sum(gap < 0 for gap in gaps_ms([event.at_ms for event in events]))
    return Flag(FlagCode.TIME_BACKWARDS, Severity.INVALID, {"count": back}) if back else None


def bulk_insert(events: Iterable[Event]) -> Flag | None:
    """Much text at once and hardly a key before it: what a script or a paste leaves behind."""
    worst = Severity.NOTE
    most = keys = 0
    for event in events:
        if event.kind is EventKind.KEY:
            keys += 1
        elif event.kind is EventKind.EDIT:
            chars = len(event.text)
            if keys < _BULK_KEYS and chars >= _BULK_REJECT_CHARS:
                worst, most = Severity.REJECT, max(most, chars)
            elif keys < _BULK_KEYS and chars >= _BULK_CHARS and event.why != "ime":
                worst, most = max(worst, Severity.REVIEW), max(most, chars)
            keys = 0
    return Flag(FlagCode.BULK_INSERT, worst, {"chars": most}) if most else None


def blocked_input(events: Iterable[Event], *, official: bool) -> Flag | None:
    """A paste, a drop or an undo was tried. The page prevented it; practice only notes it."""
    count = sum(event.kind is EventKind.BLOCKED for event in events)
    severity = Severity.REVIEW if official else Severity.NOTE
    return Flag(FlagCode.BLOCKED_INPUT, severity, {"count": count}) if count else None


def kspc_low(keydown_count: int, typed_chars: int, language: Language = Language.ZH) -> Flag | None:
    """Fewer keys than any input method needs (pinyin about 3.6, wubi words near 1)."""
    kspc = ratio(keydown_count, typed_chars)
    return None if language is not Language.ZH else _low(FlagCode.KSPC_LOW, kspc, 0.8, 0.3)


def _low(code: FlagCode, value: float | None, review: float, reject: float) -> Flag | None:
    """A flag for a value below one of two limits."""
    if value is None or value >= review:
        return None
    severity = Severity.REJECT if value < reject else Severity.REVIEW
    return Flag(code, severity, {"value": value})


def _high(code: FlagCode, value: float, review: float, reject: float) -> Flag | None:
    """A flag for a value above one of two limits."""
    if value <= review:
        return None
    severity = Severity.REJECT if value > reject else Severity.REVIEW
    return Flag(code, severity, {"value": value})


def text_without_keys(events: Iterable[Event]) -> Flag | None:
    """Text with no key in the second before it or before its composition: voice, handwriting."""
    last_key = last_start = -_KEY_BEFORE_MS - 1
    start_has_key = False
    chars = without = 0
    for event in events:
        if event.kind is EventKind.KEY:
            last_key = event.at_ms
        elif event.kind is EventKind.COMPOSE:
            last_start = event.at_ms
            start_has_key = last_start - last_key <= _KEY_BEFORE_MS
        elif event.kind is EventKind.EDIT and event.text:
            chars += len(event.text)
            composed = event.why == "ime" and start_has_key
            if not composed and event.at_ms - last_key > _KEY_BEFORE_MS:
                without += len(event.text)
            start_has_key = False
    share = ratio(without, chars) or 0.0
    return _high(FlagCode.TEXT_WITHOUT_KEYS, share, 0.05, 0.5)


def speed_implausible(net_cpm: float, language: Language = Language.ZH) -> Flag | None:
    """Faster than contests are won, or than anybody ever was."""
    return _high(FlagCode.SPEED_IMPLAUSIBLE, net_cpm, *_SPEED_LIMITS[language])


def keys_too_fast(events: Iterable[Event]) -> Flag | None:
    """A median gap between keys that no hand keeps up."""
    gaps = gaps_ms(keydowns_ms(events))
    if len(gaps) < _MEDIAN_GAPS or median(gaps) >= _MEDIAN_GAP_MS:
        return None
    return Flag(FlagCode.KEYS_TOO_FAST, Severity.REJECT, {"median_ms": median(gaps)})


def keys_too_even(events: Iterable[Event]) -> Flag | None:
    """Gaps between keys as even as a program's."""
    gaps = gaps_ms(keydowns_ms(events))
    if len(gaps) < _EVEN_GAPS:
        return None
    variation = ratio(pstdev(gaps), fmean(gaps)) or 0.0
    if variation >= _EVEN_VARIATION:
        return None
    return Flag(FlagCode.KEYS_TOO_EVEN, Severity.REVIEW, {"variation": variation})


def _repeated(events: Sequence[Event], earlier: Collection[str]) -> Flag | None:
    """The very rhythm of an earlier run: a log played again."""
    digest = gap_digest(events)
    if digest is None or digest not in earlier:
        return None
    return Flag(FlagCode.LOG_REPEATED, Severity.REJECT)


def above_own_best(net_cpm: float, best_cpm: float | None) -> Flag | None:
    """Far better than ever before; a supervised re-test near that speed settles it."""
    if best_cpm is None or net_cpm <= max(_BEST_FACTOR * best_cpm, _BEST_FROM_CPM):
        return None
    numbers = {
        "net_cpm": net_cpm,
        "best_net_cpm": best_cpm,
        "retest_net_cpm": retest_speed(net_cpm),
    }
    return Flag(FlagCode.ABOVE_OWN_BEST, Severity.REVIEW, numbers)


def _missing(given: Circumstances) -> Flag | None:
    """Part of the log never came."""
    count = given.missing_chunk_count
    return Flag(FlagCode.CHUNK_MISSING, Severity.INVALID, {"count": count}) if count else None


def _late(given: Circumstances) -> Flag | None:
    """Events came after the run was finished."""
    count = given.late_event_count
    return Flag(FlagCode.LATE_EVENTS, Severity.INVALID, {"count": count}) if count else None


def too_little(score: Score) -> Flag | None:
    """Too few, too short, too wrong to be recorded as a figure; such a run may be repeated."""
    typed = score.typed.text
    enough = (
        score.accuracy_ratio >= _LEAST_ACCURACY
        and len(typed) >= _LEAST_CHARS
        and len(set(typed)) >= _LEAST_KINDS
        and (score.elapsed_ms or 0) >= _LEAST_MS
    )
    if enough:
        return None
    numbers = {
        "accuracy_ratio": score.accuracy_ratio,
        "chars": len(typed),
        "kinds": len(set(typed)),
        "elapsed_ms": score.elapsed_ms or 0,
    }
    return Flag(FlagCode.TOO_LITTLE, Severity.INVALID, numbers)


def _idle(rhythm: Rhythm) -> Flag | None:
    """Nearly a third of the time without an input."""
    if rhythm.idle_ratio is None or rhythm.idle_ratio < _IDLE_RATIO:
        return None
    return Flag(FlagCode.IDLE, Severity.REVIEW, {"idle_ratio": rhythm.idle_ratio})


def _tail_empty(events: Sequence[Event], elapsed_ms: int, given: Circumstances) -> Flag | None:
    """Nothing came in the last five seconds of a test that ran out of time."""
    if given.limit_ms is None or given.finished or elapsed_ms < _TAIL_MS:
        return None
    last = max((event.at_ms for event in events if event.kind in INPUT_KINDS), default=0)
    if elapsed_ms - last < _TAIL_MS:
        return None
    return Flag(FlagCode.TAIL_EMPTY, Severity.REVIEW, {"empty_ms": elapsed_ms - last})


def left_page(events: Iterable[Event], elapsed_ms: int, *, official: bool) -> Flag | None:
    """The page was left for more than three seconds in an official test; thrice is too often."""
    away = [span for span in blurs(events, elapsed_ms) if span.length_ms > _AWAY_MS]
    if not official or not away:
        return None
    severity = Severity.INVALID if len(away) >= _AWAY_TIMES else Severity.REVIEW
    numbers = {"count": len(away), "longest_ms": max(span.length_ms for span in away)}
    return Flag(FlagCode.LEFT_PAGE, severity, numbers)


def language_of(passage: str) -> Language:
    """Chinese as soon as a fifth of a passage is."""
    chinese = sum(is_cjk(char) for char in passage)
    return Language.ZH if chinese * 5 >= len(passage) else Language.EN
