"""The figures of a run: speed, accuracy, error rates. All ratios, all unrounded.

C, INF, IF and F are those of Soukoreff & MacKenzie, CHI 2003: correct characters, errors left in
the text, characters deleted after they were committed, and delete commands. C is counted on the
canonical alignment, so that it equals what the result page highlights.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cstrain.activities.typing_speed.alignment import Alignment, Op, OpKind, align, msd
from cstrain.activities.typing_speed.eventlog import BUCKET_MS
from cstrain.activities.typing_speed.normalise import Normalised, WidthPolicy, normalise

_MINUTE_MS: Final = 60_000
_CHARS_PER_WORD: Final = 5
_PENALTY_CHARS: Final = 5


def ratio(part: float, whole: float) -> float | None:
    """A part of a whole, ``None`` where there is no whole."""
    return part / whole if whole else None


def cpm(chars: float, elapsed_ms: float | None, *, from_first_char: bool = False) -> float | None:
    """Characters per minute (字/分钟).

    Args:
        chars: Characters, punctuation included, one code point each.
        elapsed_ms: Milliseconds on the clock.
        from_first_char: Whether the clock started with the first *character*, which then does
            not count. Not so for runs of ours: they start with the first key.

    Returns:
        The speed, at least 0; ``None`` without a positive duration.

    Source: I. S. MacKenzie, "A Note on Calculating Text Entry Speed".
    """
    if elapsed_ms is None or elapsed_ms <= 0:
        return None
    return max(chars - from_first_char, 0) / elapsed_ms * _MINUTE_MS


def wpm(chars_per_minute: float | None) -> float | None:
    """Words per minute, five characters a word; for English text only."""
    return None if chars_per_minute is None else chars_per_minute / _CHARS_PER_WORD


def accuracy_ratio(correct: int, incorrect: int) -> float:
    """Correct characters over all; 0 where nothing was typed, since nothing is no skill."""
    return ratio(correct, correct + incorrect) or 0.0


def penalty_cpm(chars: int, wrong: int, elapsed_ms: float | None) -> float | None:
    """Speed when each wrong character costs five (错一罚五), at least 0."""
    return cpm(max(chars - _PENALTY_CHARS * wrong, 0), elapsed_ms)


def retest_speed(speed: float, fraction: float = 0.75) -> int:
    """The speed that a supervised re-test must reach, rounded down.

    Source: TypeRacer, 2008-05-19: 145 wpm asks for 108.
    """
    return math.floor(speed * fraction)


@dataclass(frozen=True, slots=True)
class Fixing:
    """What is known of the way to the text, from a log or a stream.

    Attributes:
        fixed_count: Characters deleted after they were committed (IF).
        fixes_count: Delete commands on committed text (F).
        keystroke_count: Keydowns of a log, or the length of a stream with its backspaces.
    """

    fixed_count: int
    fixes_count: int
    keystroke_count: int


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """Error rates that need the way to the text; each ``None`` where it is undefined.

    Source: Soukoreff & MacKenzie, CHI 2003.
    """

    corrected: float | None
    uncorrected: float | None
    total: float | None
    correction_efficiency: float
    conscientiousness: float
    utilised_bandwidth: float | None
    wasted_bandwidth: float | None


def error_rates(correct: int, incorrect: int, fixed: int, fixes: int) -> ErrorRates:
    """Work out the error rates from C, INF, IF and F."""
    entered = correct + incorrect + fixed
    wasted = incorrect + fixed + fixes
    efficiency, conscience = ratio(fixed, fixes), ratio(fixed, fixed + incorrect)
    return ErrorRates(
        corrected=ratio(fixed, entered),
        uncorrected=ratio(incorrect, entered),
        total=ratio(incorrect + fixed, entered),
        correction_efficiency=1.0 if efficiency is None else efficiency,
        conscientiousness=1.0 if conscience is None else conscience,
        utilised_bandwidth=ratio(correct, correct + wasted),
        wasted_bandwidth=ratio(wasted, correct + wasted),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """A typed text against its passage.

    Attributes:
        presented: The passage in the form that was compared.
        typed: What was typed, likewise.
        alignment: The canonical alignment of the two.
        elapsed_ms: The scored duration, ``None`` where there was no clock.
        fixing: The way to the text, ``None`` where only the text is known.
    """

    presented: Normalised
    typed: Normalised
    alignment: Alignment
    elapsed_ms: int | None
    fixing: Fixing | None

    @property
    def accuracy_ratio(self) -> float:
        """C / (C + INF)."""
        return accuracy_ratio(self.alignment.correct_count, self.alignment.edit_count)

    @property
    def gross_cpm(self) -> float | None:
        """Everything typed, per minute."""
        return cpm(len(self.typed.text), self.elapsed_ms)

    @property
    def net_cpm(self) -> float | None:
        """Correct characters per minute: the figure of the gate."""
        return cpm(self.alignment.correct_count, self.elapsed_ms)

    @property
    def kspc(self) -> float | None:
        """Keystrokes per character (码长)."""
        return ratio(self.fixing.keystroke_count, len(self.typed.text)) if self.fixing else None

    @property
    def width_count(self) -> int:
        """Characters that are right but for their width (标点全半角不一致); no error."""
        return sum(
            self.presented.shown[op.presented_at] != self.typed.shown[op.typed_at]
            for op in self.alignment.ops
            if op.presented_at is not None and op.typed_at is not None and op.kind is OpKind.MATCH
        )

    def figures(self) -> dict[str, float | int | None]:
        """All figures by their public names, ``None`` where undefined."""
        found, fixing = self.alignment, self.fixing
        prefix = self.presented.text[: found.prefix_chars]
        typed_chars = len(self.typed.text)
        rates = fixing and error_rates(
            found.correct_count, found.edit_count, fixing.fixed_count, fixing.fixes_count
        )
        adjusted = wpm(self.gross_cpm)
        if adjusted is not None:
            uncorrected = rates.uncorrected if rates else 1 - self.accuracy_ratio
            adjusted *= 1 - (uncorrected or 0)
        return {
            "presented_chars": len(self.presented.text),
            "typed_chars": typed_chars,
            "elapsed_ms": self.elapsed_ms,
            "prefix_chars": found.prefix_chars,
            "correct_count": found.correct_count,
            "substitution_count": found.substitution_count,
            "omission_count": found.omission_count,
            "insertion_count": found.insertion_count,
            "incorrect_count": found.edit_count,
            "width_mismatch_count": self.width_count,
            "msd": found.edit_count,
            "full_msd": msd(self.presented.text, self.typed.text),
            "msd_error_ratio": ratio(found.edit_count, max(len(prefix), typed_chars)),
            "accuracy_ratio": self.accuracy_ratio,
            "gross_cpm": self.gross_cpm,
            "net_cpm": self.net_cpm,
            "gross_wpm": wpm(self.gross_cpm),
            "net_wpm": wpm(self.net_cpm),
            "adjusted_wpm": adjusted,
            "penalty5_cpm": penalty_cpm(typed_chars, found.edit_count, self.elapsed_ms),
            "keystrokes_per_s": ratio(fixing.keystroke_count * 1000, self.elapsed_ms or 0)
            if fixing
            else None,
            "kspc": self.kspc,
            "fixed_count": fixing.fixed_count if fixing else None,
            "fixes_count": fixing.fixes_count if fixing else None,
            "corrected_error_ratio": rates.corrected if rates else None,
            "uncorrected_error_ratio": rates.uncorrected if rates else None,
            "total_error_ratio": rates.total if rates else None,
            "correction_efficiency_ratio": rates.correction_efficiency if rates else None,
            "conscientiousness_ratio": rates.conscientiousness if rates else None,
            "utilised_bandwidth_ratio": rates.utilised_bandwidth if rates else None,
            "wasted_bandwidth_ratio": rates.wasted_bandwidth if rates else None,
        }


def score(  # noqa: PLR0913 - each is a fact of the run
    presented: str,
    typed: str,
    *,
    elapsed_ms: int | None,
    finished: bool,
    fixing: Fixing | None = None,
    policy: WidthPolicy = WidthPolicy.LENIENT,
    trim: bool = True,
) -> Score:
    """Score what was typed.

    Args:
        presented: The passage as published.
        typed: The field as the replay leaves it.
        elapsed_ms: The scored duration.
        finished: Whether the person says that the whole passage is done; else the part that was
            not reached counts as untyped.
        fixing: The way to the text, if known.
        policy: How strictly widths are compared.
        trim: Whether spaces at the ends are dropped first.
    """
    wanted = normalise(presented, policy, trim=trim)
    given = normalise(typed, policy, trim=trim)
    found = align(wanted.text, given.text, finished=finished)
    return Score(wanted, given, found, elapsed_ms, fixing)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Five seconds of a run: what of the final text was committed in them.

    Attributes:
        start_ms: When it begins.
        length_ms: Its length; the last may be shorter.
        correct_count: Characters that are right.
        error_count: Characters that are wrong or too many, and omissions before these.
    """

    start_ms: int
    length_ms: int
    correct_count: int
    error_count: int

    @property
    def net_cpm(self) -> float:
        """Correct characters per minute in this span."""
        return cpm(self.correct_count, self.length_ms) or 0.0


def buckets(
    ops: Sequence[Op], times_ms: Sequence[int], elapsed_ms: int, span_ms: int = BUCKET_MS
) -> tuple[Bucket, ...]:
    """The run in spans of equal length.

    Args:
        ops: The alignment's columns.
        times_ms: For each typed character (as aligned) when it was committed.
        elapsed_ms: The scored duration.
        span_ms: Length of a span.
    """
    count = -(-elapsed_ms // span_ms)
    correct, errors = [0] * count, [0] * count
    waiting = 0
    last = 0
    for op in ops:
        if op.typed_at is None:
            waiting += 1
            continue
        last = min(times_ms[op.typed_at] // span_ms, count - 1)
        if count:
            errors[last] += waiting + (op.kind is not OpKind.MATCH)
            correct[last] += op.kind is OpKind.MATCH
        waiting = 0
    if count:
        errors[last] += waiting
    return tuple(
        Bucket(
            index * span_ms,
            min(span_ms, elapsed_ms - index * span_ms),
            correct[index],
            errors[index],
        )
        for index in range(count)
    )
