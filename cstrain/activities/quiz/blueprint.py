"""Drawing a paper from the bank. Pure.

Which questions go together is a transversal matroid: taking questions one by one in order of
preference, and each that still leaves a place for all taken so far, gives the best set there is.
So a paper that can be filled is filled, with as few questions seen before as possible.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cstrain.activities.quiz.spec import Draw, QuizSpec
from cstrain.plugin import BankItem

#: Papers drawn to find the expected overlap.
ROUNDS = 8


class ShortBankError(ValueError):
    """The bank cannot fill the paper; publishing checks for it."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """A draw that the bank cannot fill.

    Attributes:
        draw: Which; None when each could be filled alone but not all together.
        wanted_count: How many are asked for.
        found_count: How many there are.
    """

    draw: Draw | None
    wanted_count: int
    found_count: int


def draw(
    spec: QuizSpec,
    bank: Mapping[str, BankItem],
    seen: Mapping[str, int],
    rng: random.Random,
) -> list[BankItem]:
    """Draw a paper.

    Args:
        spec: The blueprint.
        bank: Every question by id.
        seen: How often the person has had a question; those with the least come first.
        rng: Decides between equals; the same seed gives the same paper.

    Returns:
        The questions in the order of the paper: those of ``always``, then draw by draw.

    Raises:
        ShortBankError: If the bank cannot fill it.
    """
    filled = _fill(spec, _pools(spec, bank), seen, rng)
    if any(len(ids) < each.least_count for ids, each in zip(filled, spec.draws, strict=True)):
        raise ShortBankError(f"the bank cannot fill {spec.slug}")
    always = [bank[item_id] for item_id in spec.always if item_id in bank]
    return [*always, *(bank[item_id] for ids in filled for item_id in ids)]


def shortages(spec: QuizSpec, bank: Mapping[str, BankItem]) -> list[Shortage]:
    """What keeps the bank from filling the paper; empty when nothing does."""
    pools = _pools(spec, bank)
    found = [
        Shortage(each, each.least_count, len(pool))
        for each, pool in zip(spec.draws, pools, strict=True)
        if len(pool) < each.least_count
    ]
    if found:
        return found
    taken = _fill(spec, pools, {}, random.Random(0))  # noqa: S311 - a draw
    pairs = zip(taken, spec.draws, strict=True)
    filled = sum(min(len(ids), each.least_count) for ids, each in pairs)
    wanted = sum(each.least_count for each in spec.draws)
    return [Shortage(None, wanted, filled)] if filled < wanted else []


def expected_overlaps(
    spec: QuizSpec, bank: Mapping[str, BankItem], attempt_count: int
) -> list[float]:
    """The share of each attempt's questions that the attempts before it showed.

    Args:
        spec: A blueprint that the bank can fill.
        bank: Every question by id.
        attempt_count: How many attempts to look at.

    Returns:
        A ratio for each attempt from the second, the mean over some seeds.
    """
    sums = [0.0] * max(attempt_count - 1, 0)
    for seed in range(ROUNDS):
        rng = random.Random(seed)  # noqa: S311 - a draw
        seen: dict[str, int] = {}
        for number in range(attempt_count):
            ids = [entry.item.id for entry in draw(spec, bank, seen, rng)]
            if number:
                sums[number - 1] += sum(item_id in seen for item_id in ids) / len(ids)
            for item_id in ids:
                seen[item_id] = seen.get(item_id, 0) + 1
    return [each / ROUNDS for each in sums]


def _pools(spec: QuizSpec, bank: Mapping[str, BankItem]) -> list[list[str]]:
    """The ids each draw may take, in the bank's order."""
    by_section: dict[str, list[BankItem]] = {}
    always = set(spec.always)
    for item_id, entry in bank.items():
        item = entry.item
        if item_id in always or item.is_prompt or not item.use.allows(spec.use):
            continue
        by_section.setdefault(entry.lesson, []).append(entry)
        if entry.section != entry.lesson:
            by_section.setdefault(entry.section, []).append(entry)
    return [list(dict.fromkeys(_allowed(each, by_section))) for each in spec.draws]


def _allowed(wanted: Draw, by_section: Mapping[str, Sequence[BankItem]]) -> Iterable[str]:
    for section in wanted.sections:
        for entry in by_section.get(section, ()):
            item = entry.item
            if wanted.levels and item.level not in wanted.levels:
                continue
            if wanted.kinds and item.kind not in wanted.kinds:
                continue
            yield item.id


def _fill(
    spec: QuizSpec,
    pools: Sequence[Sequence[str]],
    seen: Mapping[str, int],
    rng: random.Random,
) -> list[list[str]]:
    """Give each draw its questions, as many as can be, the least seen first."""
    places: dict[str, list[int]] = {}
    for index, pool in enumerate(pools):
        for item_id in pool:
            places.setdefault(item_id, []).append(index)
    order = list(places)
    rng.shuffle(order)
    order.sort(key=lambda item_id: seen.get(item_id, 0))
    room = [each.count for each in spec.draws]
    taken: list[list[str]] = [[] for _ in room]
    wanted = sum(room)
    for item_id in order:
        if not wanted:
            break
        wanted -= _place(item_id, places, taken, room, set())
    return taken


def _place(
    item_id: str,
    places: Mapping[str, Sequence[int]],
    taken: Sequence[list[str]],
    room: Sequence[int],
    tried: set[int],
) -> bool:
    """Find a place for a question, moving others to draws that allow them too."""
    for index in places[item_id]:
        if len(taken[index]) < room[index]:
            taken[index].append(item_id)
            return True
    for index in places[item_id]:
        if index in tried:
            continue
        tried.add(index)
        for at, other in enumerate(taken[index]):
            if _place(other, places, taken, room, tried):
                taken[index][at] = item_id
                return True
    return False
