"""The draw of an official text: blocks from the reserved pool, unseen ones first."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Final

CHARS_PER_MINUTE: Final = 160
"""800 字 for five minutes: more than nearly anybody types, so that the clock ends the run."""

BAND_RATIO: Final = 0.05
_TRIES: Final = 200


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of the official pool.

    Attributes:
        slug: Its name in the content.
        chars: Its length.
        keys_per_char: Its difficulty (``difficulty.measure``).
    """

    slug: str
    chars: int
    keys_per_char: float


def chars_needed(limit_ms: int) -> int:
    """How long an official text must be."""
    return -(-CHARS_PER_MINUTE * limit_ms // 60_000)


def draw(
    pool: Sequence[Block],
    seen_at: Mapping[str, datetime],
    *,
    chars: int,
    rng: random.Random,
) -> list[Block]:
    """Draw blocks for one run.

    Unseen blocks come first; where they do not suffice, those seen longest ago are added. Of the
    draws tried, the first within ±5 % of the pool's difficulty is taken, else the nearest.

    Args:
        pool: All official blocks.
        seen_at: When this person last saw a block, by slug.
        chars: How long the text must be at least.
        rng: Decides; the same generator draws the same blocks.

    Returns:
        The blocks in their order; all of the pool where it is too small.
    """
    ordered = sorted(pool, key=lambda block: block.slug)
    if not ordered:
        return []
    target = _keys_per_char(ordered)
    unseen = [block for block in ordered if block.slug not in seen_at]
    seen = sorted(
        (block for block in ordered if block.slug in seen_at), key=lambda b: seen_at[b.slug]
    )
    best: list[Block] = []
    for _ in range(_TRIES):
        rng.shuffle(unseen)
        taken = _fill([*unseen, *seen], chars)
        rng.shuffle(taken)
        if not best or _distance(taken, target) < _distance(best, target):
            best = taken
        if _distance(best, target) <= BAND_RATIO:
            break
    return best


def _fill(blocks: Sequence[Block], chars: int) -> list[Block]:
    """The first blocks that are long enough together."""
    taken: list[Block] = []
    total = 0
    for block in blocks:
        if total >= chars:
            break
        taken.append(block)
        total += block.chars
    return taken


def _keys_per_char(blocks: Sequence[Block]) -> float:
    """Mean difficulty, weighed by length."""
    total = sum(block.chars for block in blocks)
    if not total:
        return fmean(block.keys_per_char for block in blocks)
    return sum(block.keys_per_char * block.chars for block in blocks) / total


def _distance(blocks: Sequence[Block], target: float) -> float:
    """How far a draw's difficulty is from the target, as a ratio."""
    return abs(_keys_per_char(blocks) / target - 1) if target else 0.0
