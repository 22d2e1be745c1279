"""Which customers come, and when: drawn from a seed, then only a matter of who has gone. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cstrain.activities.live_practice.scenario import Scenario
from cstrain.activities.live_practice.spec import PracticeSpec

FIRST_MS: Final = 3_000
#: Between two arrivals while there is room.
GAP_MS: Final = (20_000, 40_000)
#: From when somebody has gone until the next one comes.
REFILL_MS: Final = (5_000, 15_000)


@dataclass(frozen=True, slots=True)
class Seat:
    """One customer to come.

    Attributes:
        scenario: Its slug.
        seed: What the customer's chance hangs on.
        earliest_ms: Not before this session time.
    """

    scenario: str
    seed: int
    earliest_ms: int


def plan(
    spec: PracticeSpec,
    scenarios: Sequence[Scenario],
    seed: int,
    seen: Mapping[str, int],
    only: str | None = None,
) -> tuple[Seat, ...]:
    """Draw who comes, in order.

    However often it is drawn, there are as many of each level; what was seen least comes first.

    Args:
        spec: How many come.
        scenarios: Those that may come.
        seed: The attempt's.
        seen: Slug → how often the person has met it.
        only: The one scenario that was chosen; then nobody else comes.
    """
    if only is not None:
        return (Seat(only, _drawn(seed, "seat|0", 0, _SEEDS), FIRST_MS),)
    slugs = [
        slug
        for level, count in quotas(scenarios, spec.count).items()
        for slug in _of_level(scenarios, level, count, seed, seen)
    ]
    slugs.sort(key=lambda slug: _drawn(seed, f"order|{slug}", 0, _SEEDS))
    seats: list[Seat] = []
    at_ms = FIRST_MS
    for place, slug in enumerate(slugs):
        seats.append(Seat(slug, _drawn(seed, f"seat|{place}", 0, _SEEDS), at_ms))
        at_ms += _drawn(seed, f"gap|{place}", *GAP_MS)
    return tuple(seats)


def quotas(scenarios: Sequence[Scenario], count: int) -> dict[int, int]:
    """Level → how many of it come: evenly, as far as there are enough; no chance is in it.

    Half of a level is left for the next time, so that a re-sit brings others of the same levels,
    unless that is too few. Scenarios come twice only when all have come once.
    """
    there = {
        level: sum(each.level == level for each in scenarios)
        for level in sorted({each.level for each in scenarios})
    }
    half = {level: number // 2 for level, number in there.items()}
    most = half if sum(half.values()) >= count else there
    taken = dict.fromkeys(there, 0)
    left = count if there else 0
    rounds = 1
    while left:
        open_levels = [level for level in there if taken[level] < most[level] * rounds]
        rounds += not open_levels
        for level in open_levels[:left]:
            taken[level] += 1
        left -= min(left, len(open_levels))
    return taken


def next_arrival_ms(
    seats: Sequence[Seat], stays: Sequence[tuple[int, int | None]], *, at_once: int
) -> int | None:
    """When the next customer comes, given those who came so far.

    Args:
        seats: The plan.
        stays: For each who has come, in order: when, and when they were gone (None: still there).
        at_once: How many may be there at the same time.

    Returns:
        Session time; None when nobody is left, or everybody's place is taken until one goes.
    """
    place = len(stays)
    if place >= len(seats):
        return None
    seat = seats[place]
    must_go = place - at_once + 1
    if must_go <= 0:
        return max(seat.earliest_ms, stays[-1][0] if stays else 0)
    gone = sorted(gone_ms for _came_ms, gone_ms in stays if gone_ms is not None)
    if len(gone) < must_go:
        return None
    free_ms = gone[must_go - 1] + _drawn(seat.seed, "refill", *REFILL_MS)
    return max(seat.earliest_ms, free_ms, stays[-1][0])


def due(
    seats: Sequence[Seat], stays: Sequence[tuple[int, int | None]], *, at_once: int, at_ms: int
) -> bool:
    """Whether the next customer should have come by a time."""
    comes_ms = next_arrival_ms(seats, stays, at_once=at_once)
    return comes_ms is not None and comes_ms <= at_ms


_SEEDS: Final = 2**31 - 1


def _of_level(
    scenarios: Sequence[Scenario], level: int, count: int, seed: int, seen: Mapping[str, int]
) -> list[str]:
    """As many slugs of a level, the least seen first, equals by chance."""
    slugs = sorted(
        (each.slug for each in scenarios if each.level == level),
        key=lambda slug: (seen.get(slug, 0), _drawn(seed, f"draw|{slug}", 0, _SEEDS), slug),
    )
    return (slugs * (count // max(len(slugs), 1) + 1))[:count]


def _drawn(seed: int, key: str, low: int, high: int) -> int:
    digest = hashlib.sha256(f"{seed}|{key}".encode()).digest()
    return low + int.from_bytes(digest[:8]) % (high - low + 1)
