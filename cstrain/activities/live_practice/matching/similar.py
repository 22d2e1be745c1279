"""How near a reply is to references: what it does, its values, characters and their pairs.

A cosine of sparse vectors with a constant in the denominator, so that two short replies are not
near for a character they share. Courtesy is left out, unless there is nothing else. The weights
and the threshold were tuned on half of a research corpus; ``benchmarks/matching.py`` measures.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import sqrt
from typing import Final

from cstrain.activities.live_practice.matching.clauses import parse
from cstrain.activities.live_practice.matching.courtesy import is_courtesy, without_courtesy
from cstrain.activities.live_practice.matching.tables import (
    ACTS,
    EVERYDAY,
    EVERYDAY_PAIRS,
    LOOSE,
)
from cstrain.activities.live_practice.matching.values import HOLE

#: Weights: a character, a pair, a value; of everyday characters and pairs; of a pair with one.
CHAR, PAIR, VALUE = 1.0, 0.45, 1.7
EVERYDAY_CHAR, EVERYDAY_PAIR, MIXED_PAIR = 0.05, 0.15, 1.0
#: What each repetition adds; what the denominator holds besides the lengths where nothing is alike.
REPEATED, DAMPING = 0.15, 4.0

_LOOSE: Final = re.compile("|".join(sorted(map(re.escape, LOOSE), key=len, reverse=True)))
_FIRST_MARK: Final = 0xE000
_ACTS: Final = tuple(
    (chr(_FIRST_MARK + number), re.compile(pattern))
    for number, (_n, _w, pattern) in enumerate(ACTS)
)
_ACT_WEIGHT: Final = {
    chr(_FIRST_MARK + number): each for number, (_name, each, _pattern) in enumerate(ACTS)
}


@lru_cache(maxsize=4096)
def _vector(text: str) -> tuple[Mapping[object, float], float]:
    """Weights of what a text holds, and the length of that vector."""
    counts: Counter[object] = Counter()
    for clause in parse(text if is_courtesy(text) else without_courtesy(text)):
        for value in clause.values:
            counts[value.kind, value.low] += 1
        words = _LOOSE.sub(lambda found: LOOSE[found[0]], clause.text)
        for mark, pattern in _ACTS:
            words = pattern.sub(mark, words)
        words = words.replace(HOLE, "").replace('"', "")
        counts.update(words)
        counts.update(
            words[i : i + 2]
            for i in range(len(words) - 1)
            if words[i] < "\ue000" and words[i + 1] < "\ue000"
        )
    vector = {
        gram: _weight(gram) * (1 + REPEATED * min(count - 1, 3)) for gram, count in counts.items()
    }
    return vector, sqrt(sum(each * each for each in vector.values()))


def _weight(gram: object) -> float:
    if not isinstance(gram, str):
        return VALUE
    if len(gram) == 1:
        return _ACT_WEIGHT.get(gram) or (EVERYDAY_CHAR if gram in EVERYDAY else CHAR)
    everyday = (gram[0] in EVERYDAY) + (gram[1] in EVERYDAY)
    if gram in EVERYDAY_PAIRS or everyday == len(gram):
        return EVERYDAY_PAIR
    return MIXED_PAIR if everyday else PAIR


def similarity(reply: str, references: Sequence[str]) -> tuple[float, int]:
    """How near a reply is to the nearest of the references.

    Returns:
        0 to 1, and the reference's index; 0 and -1 without references. The same text is 1.
    """
    scores = likenesses(reply, references)
    best = max(scores, default=0.0)
    return best, scores.index(best) if scores else -1


def likenesses(reply: str, references: Sequence[str]) -> Sequence[float]:
    """How near a reply is to each of the references, 0 to 1; the same text is 1."""
    mine, length = _vector(reply)
    scores = []
    for reference in references:
        theirs, other = _vector(reference)
        score = min(_near(mine, theirs, length * other), 1.0)
        scores.append(score if reply != reference else 1.0)
    return scores


def _near(one: Mapping[object, float], other: Mapping[object, float], lengths: float) -> float:
    if len(one) > len(other):
        one, other = other, one
    shared = sum(each * other[gram] for gram, each in one.items() if gram in other)
    if not shared:
        return 0.0
    cosine = min(shared / lengths, 1.0)
    return shared / (lengths + DAMPING * (1 - cosine))
