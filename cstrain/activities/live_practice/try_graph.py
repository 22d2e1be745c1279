"""A scenario's states drawn as a graph: where each box stands and how the lines run. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cstrain.activities.live_practice import lint
from cstrain.activities.live_practice.scenario import BACK, Scenario

WIDTH: Final = 104
HEIGHT: Final = 30
_GAP: Final = 14
_DROP: Final = 34
_MARGIN: Final = 30
#: Wide characters that fit into a box.
_MOST_CHARS: Final = 7


@dataclass(frozen=True, slots=True)
class Box:
    """A state or an ending; x and y are of its upper left corner, in user units.

    Attributes:
        look: ``state``, ``good``, ``bad`` (endings) or ``lost`` (nothing leads there).
    """

    name: str
    label: str
    x: int
    y: int
    look: str


@dataclass(frozen=True, slots=True)
class Way:
    """A line from box to box: the path to draw, and whether it is the right way."""

    path: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """All of it, with its size in user units."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]


def graph(scenario: Scenario) -> Graph:
    """Rows from the opening downwards, each state in the row after the first that leads to it."""
    rows = _rows(scenario)
    widest = max(len(row) for row in rows)
    width = widest * (WIDTH + _GAP) - _GAP + 2 * _MARGIN
    reached = lint.reachable(scenario)
    boxes: dict[str, Box] = {}
    for number, row in enumerate(rows):
        left = (width - len(row) * (WIDTH + _GAP) + _GAP) // 2
        for place, name in enumerate(row):
            x, y = left + place * (WIDTH + _GAP), 4 + number * (HEIGHT + _DROP)
            label = name if len(name) <= _MOST_CHARS else f"{name[: _MOST_CHARS - 1]}…"
            boxes[name] = Box(name, label, x, y, _look(scenario, name, name in reached))
    ways = tuple(
        Way(_path(boxes[start], boxes[end], width), is_right)
        for (start, end), is_right in _ways(scenario).items()
    )
    height = len(rows) * (HEIGHT + _DROP) - _DROP + 8
    return Graph(width, height, tuple(boxes.values()), ways)


def _look(scenario: Scenario, name: str, is_reached: bool) -> str:  # noqa: FBT001 - told by its place
    if not is_reached:
        return "lost"
    if name in scenario.states:
        return "state"
    return "good" if scenario.endings[name].is_good else "bad"


def _rows(scenario: Scenario) -> list[list[str]]:
    """States by their distance from the opening; endings last, then what nothing leads to."""
    rows, seen = [[scenario.opening]], {scenario.opening}
    rows[0] += [each for each in _dropped_in(scenario) if each != scenario.opening]
    seen.update(rows[0])
    while rows[-1]:
        coming: list[str] = []
        for name in rows[-1]:
            for to in _targets(scenario, name):
                if to in scenario.states and to not in seen:
                    seen.add(to)
                    coming.append(to)
        rows.append(coming)
    lost = [name for name in scenario.states if name not in seen]
    found = [*rows, lost, list(scenario.endings)]
    return [row for row in found if row]


def _dropped_in(scenario: Scenario) -> Iterator[str]:
    yield from dict.fromkeys(each.state for each in scenario.interruptions)


def _targets(scenario: Scenario, name: str) -> list[str]:
    """Where a state leads, in the order of the file, silence last."""
    state = scenario.states[name]
    found = [move.to for move in state.moves if move.to not in {None, BACK}]
    return [to for to in dict.fromkeys([*found, state.silence.to]) if to and to != name]


def _ways(scenario: Scenario) -> dict[tuple[str, str], bool]:
    return {
        (name, to): state.on_right.to == to
        for name, state in scenario.states.items()
        for to in _targets(scenario, name)
    }


def _path(start: Box, end: Box, width: int) -> str:
    """From below to above; backwards and sideways around the outside."""
    x, y = start.x + WIDTH // 2, start.y + HEIGHT
    to_x, to_y = end.x + WIDTH // 2, end.y - 3
    if end.y > start.y:
        bend = (to_y - y) // 2
        return f"M{x} {y}C{x} {y + bend} {to_x} {to_y - bend} {to_x} {to_y}"
    is_left = x < width // 2
    side, reach = (0, -_MARGIN) if is_left else (WIDTH, _MARGIN)
    x, y, to_x, to_y = start.x + side, start.y + HEIGHT // 2, end.x + side, end.y + HEIGHT // 2
    return f"M{x} {y}C{x + reach} {y} {to_x + reach} {to_y} {to_x} {to_y}"
