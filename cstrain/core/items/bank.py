"""What tells whether a bank can be answered without knowing anything, and asks nothing twice."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from cstrain.core.items.item import Item, Kind
from cstrain.kit.markdown import plain

#: A bank of fewer single-choice questions says nothing about its author's habits.
LEAST_SINGLE_COUNT = 20
MOST_LONGEST_RATIO = 0.4
#: Stems that share so much of their three-character pieces ask the same.
SAME_RATIO = 0.75
#: A sentence in so many stems is how questions are put, and says nothing about what is asked.
_COMMON_COUNT = 4
_GRAM_LENGTH = 3
_LEAST_GRAM_COUNT = 6
_SENTENCE_END = re.compile(r"[。？！?!\n]+")
_NO_WORD = re.compile(r"[\W_]+")
_SITUATION = re.compile(r"买家|顾客|客户|“[^”]+”")


@dataclass(frozen=True, slots=True)
class BankFigures:
    """Hints that the form of the choices gives away.

    Attributes:
        single_count: Single-choice questions looked at.
        longest_right_count: Those whose right reply is longer than every other.
        shortest_right_count: Those whose right reply is shorter than every other.
        expected_ratio: Share of ``longest_right`` (or shortest) to expect if length meant nothing.
        true_ratio: Share of true/false statements that are true, None without any.
        right_counts: How often the right reply is written first, second …
    """

    single_count: int
    longest_right_count: int
    shortest_right_count: int
    expected_ratio: float
    true_ratio: float | None
    right_counts: tuple[int, ...] = ()

    @property
    def is_told_by_length(self) -> bool:
        """Whether who always takes the longest reply does too well."""
        return (
            self.single_count >= LEAST_SINGLE_COUNT
            and self.longest_right_ratio > MOST_LONGEST_RATIO
        )

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
    places = Counter(
        place for item in single for place, choice in enumerate(item.choices) if choice.is_right
    )
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
        right_counts=tuple(places[place] for place in range(max(places, default=-1) + 1)),
    )


def is_situation(item: Item) -> bool:
    """Whether a question puts one before a customer, or words that somebody says."""
    return item.kind is Kind.SPOT or bool(_SITUATION.search(item.stem_md))


@dataclass(frozen=True, slots=True)
class Alike:
    """Two questions that ask much the same.

    Attributes:
        ratio: Share of the three-character pieces of both that they have in common.
    """

    first: str
    second: str
    ratio: float


def alike(items: Sequence[Item], least: float = SAME_RATIO) -> Iterator[Alike]:
    """Give pairs of questions whose stems are nearly the same, in the order of the items.

    Sentences that many stems hold, as "哪句合适？", are left out; what is short then is compared
    with nothing. Two such sets can only be as alike as ``least`` when they share one of their
    rarest pieces, so only those are looked up.
    """
    grams = _grams(items)
    spread = Counter(gram for found in grams.values() for gram in found)
    holders: dict[str, list[str]] = defaultdict(list)
    for item_id, found in grams.items():
        rarest = sorted(found, key=lambda gram: (spread[gram], gram))
        looked_up = rarest[: len(found) - ceil(least * len(found) - 1e-9) + 1]
        candidates = dict.fromkeys(other for gram in looked_up for other in holders[gram])
        for other in candidates:
            common = len(found & grams[other])
            ratio = common / (len(found) + len(grams[other]) - common)
            if ratio >= least:
                yield Alike(other, item_id, ratio)
        for gram in looked_up:
            holders[gram].append(item_id)


def _grams(items: Sequence[Item]) -> Mapping[str, frozenset[str]]:
    """The three-character pieces of what each stem says that others do not."""
    sentences = {
        item.id: [
            words
            for sentence in _SENTENCE_END.split(plain(item.stem_md))
            if (words := _NO_WORD.sub("", sentence))
        ]
        for item in items
    }
    spread = Counter(words for found in sentences.values() for words in set(found))
    grams = {}
    for item_id, found in sentences.items():
        text = "".join(words for words in found if spread[words] < _COMMON_COUNT)
        pieces = {text[at : at + _GRAM_LENGTH] for at in range(len(text) - _GRAM_LENGTH + 1)}
        if len(pieces) >= _LEAST_GRAM_COUNT:
            grams[item_id] = frozenset(pieces)
    return grams
