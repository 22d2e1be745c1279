"""Figures about a bank that tell whether it can be answered without knowing anything."""

from collections.abc import Iterable
from dataclasses import dataclass

from cstrain.core.items.item import Item, Kind


@dataclass(frozen=True, slots=True)
class BankFigures:
    """Hints that the form of the choices gives away.

    Attributes:
        single_count: Single-choice questions looked at.
        longest_right_count: Those whose right reply is longer than every other.
        shortest_right_count: Those whose right reply is shorter than every other.
        expected_ratio: Share of ``longest_right`` (or shortest) to expect if length meant nothing.
        true_ratio: Share of true/false statements that are true, None without any.
    """

    single_count: int
    longest_right_count: int
    shortest_right_count: int
    expected_ratio: float
    true_ratio: float | None

    @property
    def longest_right_ratio(self) -> float:
        """Share of single-choice questions whose right reply is the single longest."""
        return self.longest_right_count / self.single_count if self.single_count else 0.0

    @property
    def shortest_right_ratio(self) -> float:
        """Share of single-choice questions whose right reply is the single shortest."""
        return self.shortest_right_count / self.single_count if self.single_count else 0.0


def check_bank(items: Iterable[Item]) -> BankFigures:
    """Give the figures of a bank; prompts do not count."""
    graded = [item for item in items if not item.is_prompt]
    single = [item for item in graded if item.kind is Kind.SINGLE]
    truths = [item.choices[0].is_right for item in graded if item.kind is Kind.TRUEFALSE]
    longest = shortest = 0
    for item in single:
        right = next(len(choice.text) for choice in item.choices if choice.is_right)
        others = [len(choice.text) for choice in item.choices if not choice.is_right]
        longest += right > max(others)
        shortest += right < min(others)
    expected = sum(1 / len(item.choices) for item in single)
    return BankFigures(
        single_count=len(single),
        longest_right_count=longest,
        shortest_right_count=shortest,
        expected_ratio=expected / len(single) if single else 0.0,
        true_ratio=sum(truths) / len(truths) if truths else None,
    )
