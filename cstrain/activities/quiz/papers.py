"""A paper in memory: its questions as one attempt shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cstrain.plugin import BankItem, Item, canonical, paper
from cstrain.plugin import items as items_by_digest

#: Questions in one order, kept by a process; a handful of orders of each question of a bank.
KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a paper. ``frozen`` holds the key; only ``public`` may reach a browser.

    Attributes:
        section: The section it tests.
        points: What it was worth when the paper was drawn.
    """

    frozen: paper.FrozenItem
    public: paper.PublicItem
    digest: str
    section: str
    points: int

    @property
    def right_text(self) -> str:
        """The right answer in words. It is the key."""
        return canonical.right_text(self.frozen.item)


_kept: dict[tuple[str, tuple[int, ...], int, str], Question] = {}


def questions_of(rows: Sequence[Sequence[Any]]) -> list[Question]:
    """The questions of a paper; what they show never changes, so each is made once.

    Args:
        rows: As stored: [item id, digest, order of its parts, points, section].

    Returns:
        The questions in order; at most one statement.
    """
    keys = [(row[1], tuple(row[2]), row[3], row[4]) for row in rows]
    found = {key: question for key in keys if (question := _kept.get(key)) is not None}
    missing = [key for key in keys if key not in found]
    if missing:
        known = items_by_digest([key[0] for key in missing])
        made = {key: _make(known[key[0]], *key) for key in missing}
        if len(_kept) + len(made) > KEPT:
            _kept.clear()
        _kept.update(made)
        found.update(made)
    return [found[key] for key in keys]


def question_of(entry: BankItem, frozen: paper.FrozenItem) -> Question:
    """A question just drawn, which no attempt keeps."""
    item = entry.item
    return _make(item, entry.digest, frozen.order, item.points, entry.section)


def _make(item: Item, digest: str, order: tuple[int, ...], points: int, section: str) -> Question:
    frozen = paper.frozen(item, order)
    return Question(frozen, replace(paper.present(frozen), points=points), digest, section, points)
