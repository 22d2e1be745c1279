"""The curve of a run as figures for an SVG drawing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 200
_LEFT: Final = 40
_TOP: Final = 12
_BOTTOM: Final = 28
_EDGE: Final = 20
_STEPS: Final = (20, 40, 50, 100, 200, 400)
_LINES_AT_MOST: Final = 5
_LABEL_EVERY: Final = (15, 30, 60, 120, 300)
_LABELS_AT_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """Five seconds: where it stands and what it tells."""

    x: float
    y: float
    width: float
    height: float
    start_s: int
    end_s: int
    net_cpm: float
    error_count: int


@dataclass(frozen=True, slots=True)
class Label:
    """A figure beside an axis; ``anchor`` is SVG's text-anchor."""

    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything a template draws.

    Attributes:
        bars: Net speed of each five seconds.
        pauses: Left end and width of each pause.
        across: Lines of equal speed with their figure.
        along: Times below.
        target_y: Where the speed that is asked for lies, ``None`` for none.
        top_cpm: The speed at the upper edge.
    """

    bars: tuple[Bar, ...]
    pauses: tuple[tuple[float, float], ...]
    across: tuple[Label, ...]
    along: tuple[Label, ...]
    target_y: float | None
    top_cpm: float
    left: int = _LEFT
    right: int = WIDTH
    bottom: int = HEIGHT - _BOTTOM


def of_run(
    buckets: Sequence[Sequence[int]],
    pauses: Sequence[Sequence[int]],
    elapsed_ms: int,
    target_cpm: float | None,
) -> Chart:
    """Lay out a run.

    Args:
        buckets: Start, length, correct and wrong characters of each span.
        pauses: Start and length of each pause.
        elapsed_ms: The scored duration.
        target_cpm: The speed that is asked for.
    """
    speeds = [correct * 60_000 / length if length else 0.0 for _, length, correct, _ in buckets]
    highest = max([*speeds, target_cpm or 0.0, 1.0])
    step = next((each for each in _STEPS if highest / each < _LINES_AT_MOST), _STEPS[-1])
    top = step * (int(highest / step) + 1)
    floor = HEIGHT - _BOTTOM
    span_ms = max(elapsed_ms, 1)

    def x(at_ms: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT) * min(at_ms / span_ms, 1.0), 1)

    def y(cpm: float) -> float:
        return round(floor - (floor - _TOP) * cpm / top, 1)

    every = next(
        (s for s in _LABEL_EVERY if span_ms / 1000 / s <= _LABELS_AT_MOST), _LABEL_EVERY[-1]
    )
    return Chart(
        bars=tuple(
            Bar(
                x=x(start),
                y=y(speed),
                width=round(max(x(start + length) - x(start) - 1, 1), 1),
                height=round(floor - y(speed), 1),
                start_s=start // 1000,
                end_s=-(-(start + length) // 1000),
                net_cpm=speed,
                error_count=wrong,
            )
            for (start, length, _, wrong), speed in zip(buckets, speeds, strict=True)
        ),
        pauses=tuple(
            (x(start), round(x(start + length) - x(start), 1)) for start, length in pauses
        ),
        across=tuple(Label(y(cpm), str(cpm)) for cpm in range(0, top + 1, step)),
        along=tuple(
            Label(x(at * 1000), f"{at // 60}:{at % 60:02d}", _anchor(x(at * 1000)))
            for at in range(0, span_ms // 1000 + 1, every)
        ),
        target_y=None if target_cpm is None else y(target_cpm),
        top_cpm=top,
    )


def _anchor(x: float) -> str:
    """Labels at an edge stay inside the picture."""
    if x <= _LEFT:
        return "start"
    return "end" if x > WIDTH - _EDGE else "middle"


def line_of(values: Sequence[float], *, width: int = 240, height: int = 56) -> str:
    """The points of a small curve of past results, for ``<polyline>``; empty below two values."""
    if len(values) < 2:  # noqa: PLR2004 - one point is no line
        return ""
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    points = (
        (
            4 + (width - 8) * place / (len(values) - 1),
            height - 6 - (height - 12) * (v - low) / spread,
        )
        for place, v in enumerate(values)
    )
    return " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
