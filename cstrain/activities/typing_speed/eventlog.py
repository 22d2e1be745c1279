"""The event log of a typing field: reading, replay, and what it tells about fixing and rhythm.

An event is ``[t, kind, ...]`` with ``t`` in whole milliseconds from the start of the clock.
Positions and deletions of edits are UTF-16 offsets, as browsers count.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import fmean, pstdev
from typing import Final

PAUSE_MS: Final = 2_000
"""Usual threshold of keystroke-logging research."""

BUCKET_MS: Final = 5_000
_MIN_BUCKETS: Final = 6
_MAX_MS: Final = 24 * 60 * 60 * 1000
_MAX_TEXT_CHARS: Final = 20_000
_MIN_GAPS_TO_COMPARE: Final = 20
_DELETE_KEYS: Final = frozenset({"Backspace", "Delete"})


class EventKind(StrEnum):
    """The kinds of events, by the letter that stands in the log."""

    KEY = "k"
    COMPOSE = "s"
    PREEDIT = "u"
    COMMIT = "c"
    EDIT = "e"
    BLOCKED = "x"
    BLUR = "b"
    FOCUS = "f"


INPUT_KINDS: Final = frozenset(
    {EventKind.KEY, EventKind.COMPOSE, EventKind.PREEDIT, EventKind.COMMIT, EventKind.EDIT}
)


class LogError(ValueError):
    """A log that no page of ours can have written."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        at_ms: Milliseconds from the start of the clock.
        kind: What happened.
        text: Key code of a key, committed text of a commit, inserted text of an edit, type of
            what was blocked.
        position: Where an edit begins, or how long the preedit is; UTF-16 units.
        deleted: How many UTF-16 units an edit removes.
        why: The edit's input type, or ``ime``.
    """

    at_ms: int
    kind: EventKind
    text: str = ""
    position: int = 0
    deleted: int = 0
    why: str = ""


def parse(raw: object) -> tuple[Event, ...]:
    """Read a log as it came in JSON.

    Args:
        raw: The array of events, in the order of sending.

    Returns:
        The events in the same order. Times may run backwards; a check notices that.

    Raises:
        LogError: If anything has another form; the message names the event by its number.
    """
    if not isinstance(raw, list):
        raise LogError('the log must be a JSON array of events like [120, "k", "KeyA"]')
    events = []
    for number, item in enumerate(raw, start=1):
        try:
            events.append(_read(item))
        except LogError as error:
            raise LogError(f"event {number}: {error}") from None
    return tuple(events)


def _read(item: object) -> Event:
    """Read one event.

    Raises:
        LogError: If it has no known form.
    """
    match item:
        case [at, "s" | "b" | "f" as letter]:
            return Event(_number(at, _MAX_MS), EventKind(letter))
        case [at, "u", length]:
            size = _number(length, _MAX_TEXT_CHARS)
            return Event(_number(at, _MAX_MS), EventKind.PREEDIT, position=size)
        case [at, "k" | "c" | "x" as letter, text]:
            return Event(_number(at, _MAX_MS), EventKind(letter), _text(text))
        case [at, "e", position, deleted, inserted, why]:
            return Event(
                _number(at, _MAX_MS),
                EventKind.EDIT,
                _text(inserted),
                _number(position, _MAX_TEXT_CHARS),
                _number(deleted, _MAX_TEXT_CHARS),
                _text(why),
            )
    raise LogError(f"{item!r:.80} is none of the kinds k, s, u, c, e, x, b, f with their fields")


def _number(value: object, most: int) -> int:
    """A whole number from 0 to ``most``.

    Raises:
        LogError: If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise LogError(f"{value!r:.40} must be a whole number from 0 to {most}")
    return value


def _text(value: object) -> str:
    """A string of bearable length.

    Raises:
        LogError: If it is anything else.
    """
    if not isinstance(value, str) or len(value) > _MAX_TEXT_CHARS:
        raise LogError(f"{value!r:.40} must be text of at most {_MAX_TEXT_CHARS} characters")
    return value


@dataclass(frozen=True, slots=True)
class Replay:
    """The field as the log leaves it.

    Attributes:
        text: What stands in the field (T), exactly as typed.
        times_ms: For each character of ``text`` when it was committed.
        fixed_count: Committed characters that were deleted later (IF).
        fixes_count: Delete commands on committed text (F), also those that found nothing.
    """

    text: str
    times_ms: tuple[int, ...]
    fixed_count: int
    fixes_count: int


def replay(events: Iterable[Event]) -> Replay:
    """Play the edits of a log into an empty field.

    Returns:
        The field. A deletion in an unfinished composition is not a fix.

    Raises:
        LogError: If an edit lies outside the field.
    """
    units: list[bytes] = []
    times: list[int] = []
    fixed = fixes = 0
    composing = pending_delete = False
    for event in events:
        match event.kind:
            case EventKind.COMPOSE:
                composing = True
            case EventKind.COMMIT:
                composing = False
            case EventKind.KEY:
                fixes += pending_delete
                pending_delete = not composing and event.text in _DELETE_KEYS
            case EventKind.EDIT:
                end = event.position + event.deleted
                if end > len(units):
                    raise LogError(
                        f"the edit at {event.at_ms} ms ends at {end}, "
                        f"but the field has only {len(units)} characters"
                    )
                if event.deleted:
                    fixed += _char_count(units[event.position : end])
                    fixes += 1
                    pending_delete = False
                inserted = _units(event.text)
                units[event.position : end] = inserted
                times[event.position : end] = [event.at_ms] * len(inserted)
                if len(units) > _MAX_TEXT_CHARS:
                    raise LogError(f"the field grows beyond {_MAX_TEXT_CHARS} characters")
            case _:
                pass
    fixes += pending_delete
    text = b"".join(units).decode("utf-16-le", errors="replace")
    if len(text) != len(units):
        times = _times_of_chars(text, times)
    return Replay(text, tuple(times), fixed, fixes)


def _units(text: str) -> list[bytes]:
    """The UTF-16 units of a text; a lone half of a pair is kept, an edit may split pairs."""
    data = text.encode("utf-16-le", errors="surrogatepass")
    return [data[index : index + 2] for index in range(0, len(data), 2)]


def _char_count(units: Sequence[bytes]) -> int:
    """How many characters the units are; the second half of a pair does not count again."""
    return sum(not 0xDC <= unit[1] <= 0xDF for unit in units)  # noqa: PLR2004 - low surrogates


def _times_of_chars(text: str, times: Sequence[int]) -> list[int]:
    """The times of characters from the times of UTF-16 units."""
    result, unit = [], 0
    for char in text:
        result.append(times[min(unit, len(times) - 1)])
        unit += 2 if ord(char) > 0xFFFF else 1  # noqa: PLR2004 - the end of the basic plane
    return result


def replay_stream(stream: str, backspace: str = "<") -> Replay:
    """Play a typed stream in which one character stands for the backspace key.

    Returns:
        The field, with all times 0.

    Raises:
        ValueError: If ``backspace`` is not one character.
    """
    if len(backspace) != 1:
        raise ValueError(f"backspace must be one character, not {backspace!r}")
    field: list[str] = []
    fixed = 0
    for char in stream:
        if char != backspace:
            field.append(char)
        elif field:
            field.pop()
            fixed += 1
    return Replay("".join(field), (0,) * len(field), fixed, stream.count(backspace))


def within(events: Iterable[Event], limit_ms: int | None) -> tuple[Event, ...]:
    """The events up to the time limit, ``None`` for no limit."""
    return tuple(event for event in events if limit_ms is None or event.at_ms <= limit_ms)


@dataclass(frozen=True, slots=True)
class Pause:
    """A gap of more than two seconds between two inputs."""

    at_ms: int
    length_ms: int


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a log tells about how somebody types.

    Attributes:
        keydown_count: Keys pressed, repeats and bare modifiers left out.
        composition_count: Compositions begun.
        commit_count: Commits of an input method that gave text.
        commit_chars_mean: Characters per commit, ``None`` without commits.
        commit_chars_max: The most characters in one commit, ``None`` without commits.
        letters_per_commit_char: Letter keys in compositions for each character committed.
        digit_choice_count: Candidates chosen by a digit key.
        pauses: Gaps over two seconds, also the one before the end.
        idle_ratio: Sum of the pauses over the duration, ``None`` where that is 0.
        consistency_percent: Evenness of keydowns per 5 s, 0 to 100; ``None`` below 30 s.
    """

    keydown_count: int
    composition_count: int
    commit_count: int
    commit_chars_mean: float | None
    commit_chars_max: int | None
    letters_per_commit_char: float | None
    digit_choice_count: int
    pauses: tuple[Pause, ...]
    idle_ratio: float | None
    consistency_percent: float | None


def rhythm(events: Sequence[Event], elapsed_ms: int) -> Rhythm:
    """Work out the rhythm of a log.

    Args:
        events: The events up to the limit, in order.
        elapsed_ms: The scored duration.
    """
    commits = [len(event.text) for event in events if event.kind is EventKind.COMMIT and event.text]
    letters = digits = 0
    composing = False
    for event in events:
        if event.kind is EventKind.COMPOSE:
            # The first letter's keydown comes before the composition it opens.
            composing, letters = True, letters + 1
        elif event.kind is EventKind.COMMIT:
            composing = False
        elif composing and event.kind is EventKind.KEY:
            letters += event.text.startswith("Key")
            digits += event.text.startswith("Digit")
    found = pauses(events, elapsed_ms)
    return Rhythm(
        keydown_count=len(keydowns_ms(events)),
        composition_count=sum(event.kind is EventKind.COMPOSE for event in events),
        commit_count=len(commits),
        commit_chars_mean=fmean(commits) if commits else None,
        commit_chars_max=max(commits, default=None),
        letters_per_commit_char=letters / sum(commits) if commits else None,
        digit_choice_count=digits,
        pauses=found,
        idle_ratio=sum(pause.length_ms for pause in found) / elapsed_ms if elapsed_ms else None,
        consistency_percent=keydown_consistency(keydowns_ms(events), elapsed_ms),
    )


def keydowns_ms(events: Iterable[Event]) -> list[int]:
    """The times of the keydowns."""
    return [event.at_ms for event in events if event.kind is EventKind.KEY]


def gaps_ms(times_ms: Sequence[int]) -> list[int]:
    """The gaps between neighbouring times."""
    return [later - earlier for earlier, later in pairwise(times_ms)]


def pauses(events: Iterable[Event], elapsed_ms: int) -> tuple[Pause, ...]:
    """Gaps between inputs of more than two seconds; the end of the run closes the last one."""
    times = [0, *(event.at_ms for event in events if event.kind in INPUT_KINDS), elapsed_ms]
    return tuple(
        Pause(earlier, later - earlier)
        for earlier, later in pairwise(times)
        if later - earlier > PAUSE_MS
    )


def blurs(events: Iterable[Event], elapsed_ms: int) -> tuple[Pause, ...]:
    """The times when the page was not in front; one that never ends lasts to the end."""
    found = []
    left_at: int | None = None
    for event in events:
        if event.kind is EventKind.BLUR and left_at is None:
            left_at = event.at_ms
        elif event.kind is EventKind.FOCUS and left_at is not None:
            found.append(Pause(left_at, event.at_ms - left_at))
            left_at = None
    if left_at is not None and elapsed_ms > left_at:
        found.append(Pause(left_at, elapsed_ms - left_at))
    return tuple(found)


def consistency(counts: Sequence[float]) -> float | None:
    """Evenness of counts per equal span of time.

    Returns:
        0 to 100, 100 for no variation; ``None`` where nothing was counted.

    Source: monkeytype's ``kogasa``: ``100 * (1 - tanh(v + v³/3 + v⁵/5))``, with v the population
    standard deviation over the mean.
    """
    if not counts or not (mean := fmean(counts)):
        return None
    return evenness(pstdev(counts) / mean)


def evenness(variation: float) -> float:
    """The percentage for a coefficient of variation; see ``consistency``."""
    return 100 * (1 - math.tanh(variation + variation**3 / 3 + variation**5 / 5))


def keydown_consistency(times_ms: Iterable[int], elapsed_ms: int) -> float | None:
    """Evenness of keydowns per whole 5 s; ``None`` for fewer than six such spans.

    Not of committed characters: an input method hands those over in bursts.
    """
    spans = elapsed_ms // BUCKET_MS
    if spans < _MIN_BUCKETS:
        return None
    counts = [0] * spans
    for at_ms in times_ms:
        if at_ms // BUCKET_MS < spans:
            counts[at_ms // BUCKET_MS] += 1
    return consistency(counts)


def gap_digest(events: Iterable[Event]) -> str | None:
    """A fingerprint of the gaps between keydowns, ``None`` where they are too few to tell."""
    gaps = gaps_ms(keydowns_ms(events))
    if len(gaps) < _MIN_GAPS_TO_COMPARE:
        return None
    return hashlib.sha256(",".join(map(str, gaps)).encode()).hexdigest()
