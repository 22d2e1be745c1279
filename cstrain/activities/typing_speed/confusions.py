"""What is typed for what, and a drill made of it."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from cstrain.activities.typing_speed.alignment import OpKind
from cstrain.activities.typing_speed.normalise import is_han
from cstrain.activities.typing_speed.scoring import Score

_SENTENCE: Final = re.compile(r"[^。！？；\n]+[。！？；]?")
_SKIPPED_CHARS: Final = 3
_TRADITIONAL_COUNT: Final = 3
_TRADITIONAL_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True, order=True)
class Confusion:
    """A character typed for another, 打成 ``typed`` 应为 ``presented``."""

    typed: str
    presented: str
    count: int


def substitutions(score: Score) -> Counter[tuple[str, str]]:
    """How often each (typed, presented) pair stands in a run, as the characters were written."""
    return Counter(
        (score.typed.shown[op.typed_at], score.presented.shown[op.presented_at])
        for op in score.alignment.ops
        if op.kind is OpKind.SUBSTITUTION
        and op.typed_at is not None
        and op.presented_at is not None
    )


def most_confused(pairs: Counter[tuple[str, str]], count: int = 5) -> list[Confusion]:
    """The pairs most often confused, the most frequent first, ties in the order of the text."""
    return [
        Confusion(typed, presented, number)
        for (typed, presented), number in pairs.most_common(count)
    ]


def worst_chars(score: Score) -> Counter[str]:
    """How often each presented character was typed wrong or slipped out.

    Three and more left out in a row are a skipped phrase and say nothing of their characters.
    """
    found: Counter[str] = Counter()
    for kind, group in groupby(score.alignment.ops, key=lambda op: op.kind):
        chars = [
            score.presented.shown[op.presented_at] for op in group if op.presented_at is not None
        ]
        is_slip = kind is OpKind.OMISSION and len(chars) < _SKIPPED_CHARS
        if kind is OpKind.SUBSTITUTION or is_slip:
            found.update(chars)
    return found


def drill(targets: Sequence[str], texts: Iterable[str], *, chars: int, rng: random.Random) -> str:
    """A text that exercises some characters: sentences rich in them, in a mixed order.

    Args:
        targets: The characters to exercise, the worst first.
        texts: Where sentences may come from.
        chars: About how long the drill becomes; it is shorter where the sentences do not suffice.
        rng: Decides the order.

    Returns:
        Whole sentences, ``""`` where none has a target.
    """
    weights = {char: len(targets) - place for place, char in enumerate(targets)}

    def richness(sentence: str) -> float:
        return sum(weights.get(char, 0) for char in sentence) / len(sentence)

    sentences = dict.fromkeys(
        sentence.strip() for text in texts for sentence in _SENTENCE.findall(text)
    )
    useful = [sentence for sentence in sentences if weights.keys() & set(sentence)]
    rng.shuffle(useful)
    useful.sort(key=richness, reverse=True)
    chosen: list[str] = []
    for sentence in useful:
        if sum(map(len, chosen)) >= chars:
            break
        chosen.append(sentence)
    rng.shuffle(chosen)
    return "".join(chosen)


def in_traditional_mode(score: Score) -> bool:
    """Whether the input method seems to write traditional characters.

    True where several substitutions, and a good part of all, are characters of the same sound
    that the simplified standard set lacks. Only a hint: they stay errors.
    """
    pairs = substitutions(score)
    traditional = sum(
        count for (typed, presented), count in pairs.items() if _traditional_for(typed, presented)
    )
    return traditional >= max(_TRADITIONAL_COUNT, _TRADITIONAL_SHARE * pairs.total())


def _traditional_for(typed: str, presented: str) -> bool:
    """Whether ``typed`` can be the traditional form of ``presented``."""
    if not (is_han(typed) and is_han(presented)) or in_charset(typed, "gb2312"):
        return False
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its tables cost every start 0.1 s

    return in_charset(typed, "big5") and lazy_pinyin(typed) == lazy_pinyin(presented)


def in_charset(char: str, charset: str) -> bool:
    """Whether a legacy character set knows the character."""
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
