"""How near a reply is to references: characters and pairs of characters, weighted."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import sqrt

from cstrain.activities.live_practice.matching.clauses import parse
from cstrain.activities.live_practice.matching.values import HOLE
from cstrain.activities.live_practice.matching.weights import weight


@lru_cache(maxsize=4096)
def _vector(text: str) -> dict[str, float]:
    grams: Counter[str] = Counter()
    for clause in parse(text):
        words = clause.text.replace(HOLE, "#")
        grams.update(words)
        grams.update(words[i : i + 2] for i in range(len(words) - 1))
    vector = {gram: (1 + (count > 1) * 0.5) * weight(gram) for gram, count in grams.items()}
    norm = sqrt(sum(each * each for each in vector.values())) or 1.0
    return {gram: each / norm for gram, each in vector.items()}


def similarity(reply: str, references: Sequence[str]) -> tuple[float, int]:
    """How near a reply is to the nearest of the references.

    Returns:
        0 to 1, and the reference's index; -1 without references.
    """
    best, index = 0.0, -1
    mine = _vector(reply)
    for number, reference in enumerate(references):
        theirs = _vector(reference)
        score = sum(each * theirs[gram] for gram, each in mine.items() if gram in theirs)
        if score > best or index < 0:
            best, index = min(score, 1.0), number
    return best, index
