"""Two clauses beside each other: how much is shared, what conflicts."""

from collections.abc import Sequence
from typing import Final

from cstrain.activities.live_practice.matching.clauses import Clause, Stance
from cstrain.activities.live_practice.matching.values import Value
from cstrain.activities.live_practice.matching.weights import weight

#: Code of a conflict by the kind of the values; other kinds are their own code.
_CODES: Final = {
    "size": "size",
    "date": "date",
    "weekday": "date",
    "relday": "date",
    "day": "date",
    "clock": "date",
    "clock12": "date",
    "colour": "colour",
    "party": "party",
    "model": "number",
}
_WORDED: Final = frozenset(
    (
        "carrier",
        "payment",
        "fit",
        "wash",
        "store",
        "origin",
        "material",
        "place",
        "sex",
        "thickness",
        "route",
    )
)
#: What share of the shared content must stand under the opposite sign.
OPPOSED: Final = 0.34


def code_of(kind: str) -> str:
    """The code that a conflict of two values of a kind is reported with."""
    return _CODES.get(kind, kind if kind in _WORDED else "number")


def covered(part: Clause, window: Sequence[Clause]) -> float:
    """Share of a clause's content that others hold, by weight; 1 where it has none."""
    whole = sum(map(weight, part.content))
    if not whole:
        return 1.0
    have = {char for each in window for char in each.content}
    return sum(weight(char) for char in part.content if char in have) / whole


def opposed(one: Clause, other: Clause) -> bool:
    """Whether what both speak of is affirmed by one and denied by the other."""
    if one.is_bare or other.is_bare:
        return one.sign != other.sign and not (one.content and other.content)
    mine = _signs(one)
    theirs = _signs(other)
    shared = against = 0.0
    for char, signs in mine.items():
        if char in theirs:
            shared += weight(char)
            if len(signs | theirs[char]) > 1 and not signs & theirs[char]:
                against += weight(char)
    if not shared:
        return one.sign != other.sign and not (one.content and other.content)
    return against >= OPPOSED * shared


def _signs(clause: Clause) -> dict[str, set[int]]:
    signs: dict[str, set[int]] = {}
    for char, sign in zip(clause.content, clause.signs, strict=True):
        signs.setdefault(char, set()).add(sign)
    return signs


def same(one: Value, other: Value) -> bool | None:
    """Whether two values say the same; None where they cannot be compared."""
    kinds = {one.kind, other.kind}
    if one.kind != other.kind:
        if kinds == {"clock", "clock12"}:
            return float(one.low) % 720 == float(other.low) % 720 and not _against(one, other)
        if "number" in kinds and kinds & {
            "money",
            "discount",
            "percent",
            "points",
            "length",
            "weight",
        }:
            return one.low == other.low and one.high == other.high or None
        if kinds == {"date", "day"}:
            return float(one.low) % 100 == float(other.low) % 100
        return None
    if _against(one, other):
        return False
    return one.low == other.low and one.high == other.high


def _against(one: Value, other: Value) -> bool:
    return {one.bound, other.bound} == {"<", ">"}


def within(one: Value, other: Value) -> bool:
    """Whether the second value lies inside the first, which is a range."""
    if one.low == one.high or isinstance(one.low, str) or isinstance(other.low, str):
        return False
    return one.kind == other.kind and one.low <= other.low and other.high <= one.high  # type: ignore[operator]


def conflict(part: Clause, other: Clause) -> str | None:
    """Code of the first value of a clause that the other contradicts, or None."""
    for value in part.values:
        verdicts = [(each, same(value, each)) for each in other.values]
        compared = [(each, is_same) for each, is_same in verdicts if is_same is not None]
        if not compared:
            continue
        if any(is_same and each.denied != value.denied for each, is_same in compared):
            return code_of(value.kind)
        if any(is_same for _each, is_same in compared):
            continue
        asserted = [each for each, _same in compared if not each.denied and not within(value, each)]
        if asserted and not value.denied:
            return code_of(value.kind)
    return None


def values_agree(part: Clause, window: Sequence[Clause]) -> bool:
    """Whether every value of a clause stands in the others, affirmed or denied alike."""
    return all(
        any(
            same(value, each) and each.denied == value.denied
            for clause in window
            for each in clause.values
        )
        for value in part.values
    )


def is_stated(clause: Clause) -> bool:
    """Whether a clause states what it says."""
    return clause.stance is Stance.STATES
