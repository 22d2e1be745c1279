"""Which characters keep the same company: 退 and 款, 修 and 坏, in our own content.

``kinship.txt`` holds how often each character stands in one sentence with each of 64 common
ones, counted in ``content/`` by ``python -m tools.kinship``. Two replies on one matter are kin
though they share few words. It knows nothing of facts, polarity or values.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat
from math import sqrt
from operator import mul, sub
from pathlib import Path
from typing import Final

from cstrain.activities.live_practice.matching.normal import fold

#: One digit of the table, and how many of its steps make one (natural logarithms).
DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-"
RARITY_STEPS, COMPANY_STEPS = 8, 12
TABLE: Final = Path(__file__).with_name("kinship.txt")


@lru_cache(maxsize=1)
def _rows() -> dict[str, tuple[float, ...]]:
    """For each character its company less the usual one, at unit length, times its rarity."""
    chars, rarities, *companies = TABLE.read_text(encoding="utf-8").splitlines()
    columns = [[float(DIGITS.index(each)) for each in line[1:]] for line in companies]
    means = [sum(column) / len(column) for column in columns]
    rows = {}
    for char, rarity, *company in zip(chars, rarities, *columns, strict=True):
        row = list(map(sub, company, means))
        length = sqrt(sum(map(mul, row, row))) or 1.0
        factor = DIGITS.index(rarity) / RARITY_STEPS / length
        rows[char] = tuple(map(mul, row, repeat(factor)))
    return rows


def company(text: str) -> Sequence[float]:
    """Direction of a text's company, at unit length; empty where no character is known."""
    rows = _rows()
    known = [rows[char] for char in sorted(set(fold(text).text)) if char in rows]
    total = list(map(sum, zip(*known, strict=True)))
    length = sqrt(sum(map(mul, total, total)))
    return tuple(each / length for each in total) if length else ()


def kinship(one: Sequence[float], other: Sequence[float]) -> float:
    """Cosine of two companies, 0 to 1; 0 where one is unknown or they turn away."""
    cosine: float = sum(map(mul, one, other))
    return max(cosine, 0.0)
