"""Whether digits in groups are a phone's, and no prices or sizes. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from cstrain.desk.chats.masking.labels import Kind, Label

Shape = tuple[int, ...]


class Number(NamedTuple):
    """Digits that may be one number.

    Attributes:
        view: The text in which they stand.
        start: Position of the first.
        end: Position behind the last.
        digits: They without what stands between.
        shape: How many stand together in each group.
        groups: Where each group stands.
        is_alone: Whether there is no other group beside them.
    """

    view: str
    start: int
    end: int
    digits: str
    shape: Shape
    groups: Sequence[re.Match[str]]
    is_alone: bool


_MOBILE = re.compile(r"0?(1[3-9][0-9]{9})")
_MOBILE_DIGITS: Final = 11
#: How the eleven digits of a mobile number are grouped as a rule, also among other numbers.
USUAL_SHAPES: Final = frozenset(((11,), (3, 4, 4), (3, 8), (7, 4)))
#: How they are grouped as well, where nothing else stands beside.
_SHAPES: Final = frozenset(((4, 4, 3), (4, 3, 4), (3, 5, 3), (5, 6), (6, 5), (3, 4, 2, 2)))
#: Groups that are a phone's only with a hyphen or the like between all of them, or where one
#: begins with 0, as no price or size does.
_JOINED_SHAPES: Final = frozenset(
    (
        *((3, 3, 5), (5, 3, 3), (2, 3, 3, 3), (3, 3, 3, 2), (3, 2, 2, 4)),
        *((3, 2, 2, 2, 2), (4, 7), (8, 3)),
    )
)
#: A digit that slipped off is a phone's first only where nothing says what it counts.
_SLIPPED_SHAPE: Shape = (1, 10)
_BEFORE_SLIPPED = re.compile(r"(?:[,，。;；!！?？是打我]|\A)\s?\Z")
_JOINTS: Final = frozenset("-—–_·.")
_COUNTRY_CODES: Final = ("0086", "86")
_COUNTRY_CODE_DIGITS: Final = (2, 4)
_WITH_COUNTRY_DIGITS: Final = (12, 14)
_MOST_LOCAL_DIGITS: Final = 8
#: So many digits are a mobile phone's (with 86) or an identity card's, however they are grouped.
_ANY_GROUPS_DIGITS: Final = (11, 13, 15, 17, 18)
#: Groups of a card or a parcel's number have so many digits at least, but for the last.
_LEAST_GROUP: Final = 3
_AREA_AND_LINE = re.compile(r"0(?:10|2[0-57-9])[2-9][0-9]{7}|0[3-9][0-9]{2}[2-9][0-9]{6,7}")
_LINE_SHAPES: Final[frozenset[Shape]] = frozenset(
    ((8,), (7,), (4, 4), (3, 4), (4, 3), (2, 2, 2, 2), (2, 2, 3), (3, 2, 2), (2, 3, 3))
)
_AREA_SHAPES: Final[frozenset[Shape]] = frozenset(
    ((11,), (12,), *((area, *rest) for area in (3, 4) for rest in _LINE_SHAPES))
)
_UNIT = re.compile(
    r"\s?(?:元|块|件(?!人)|个(?!号)|毫米|厘米|[mc]m|ml|k?g(?![a-z])|克|斤|码|寸|折|%|万|亿|毫升|粒|片"
    r"|分钟|小时)"
)
_PAIR: Final = 2
_DAY = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


@lru_cache(maxsize=4096)
def may_be_number(shape: Shape) -> bool:
    """Whether seven digits or more in such groups may be any number that is hidden."""
    count = sum(shape)
    if count <= _MOST_LOCAL_DIGITS:
        return shape in _LINE_SHAPES
    return (
        count in _ANY_GROUPS_DIGITS
        or shape in _AREA_SHAPES
        or max(shape) <= _PAIR
        or min(shape[:-1], default=_LEAST_GROUP) >= _LEAST_GROUP
        or (shape[0] in _COUNTRY_CODE_DIGITS and count in _WITH_COUNTRY_DIGITS)
    )


def is_phone(number: Number, label: Label) -> bool:
    """Whether a number is a mobile phone's, or a landline's with its area or behind a label."""
    if label.kind is Kind.THING or (label.kind is Kind.PARCEL and label.is_near):
        return False
    digits, shape = _without_country(number.digits, number.shape)
    is_called = label.kind is Kind.PHONE and label.is_near
    if _MOBILE.fullmatch(digits):
        shape = (shape[0] - len(digits) + _MOBILE_DIGITS, *shape[1:])
        return is_called or (not _is_measure(number) and _is_grouped_well(number, shape))
    if digits is not number.digits and digits[:1] != "0":
        digits, shape = "0" + digits, (shape[0] + 1, *shape[1:])
    if _AREA_AND_LINE.fullmatch(digits):
        return shape in _AREA_SHAPES and not _is_fraction(number)
    return is_called and _is_local(number)


def is_day(digits: str) -> bool:
    """Whether eight digits are a day, year first."""
    return _DAY.fullmatch(digits) is not None


def _without_country(digits: str, shape: Shape) -> tuple[str, Shape]:
    """Digits and shape without 86; as they are where they do not begin so or end within it."""
    for code in _COUNTRY_CODES:
        if digits.startswith(code) and len(digits) >= len(code) + 9:
            if shape[0] == len(code):
                return digits.removeprefix(code), shape[1:]
            if shape[0] > len(code):
                return digits.removeprefix(code), (shape[0] - len(code), *shape[1:])
    return digits, shape


def _is_local(number: Number) -> bool:
    """Whether seven or eight digits behind a label are a landline's; not those of a 400 line."""
    return (
        number.shape in _LINE_SHAPES
        and number.digits[0] in "2345678"
        and number.view[number.start - 1] != "-"
        and not _UNIT.match(number.view, number.end)
        and not is_day(number.digits)
    )


def _is_grouped_well(number: Number, shape: Shape) -> bool:
    """Whether eleven digits stand in groups as a mobile phone's do."""
    groups = [group[0] for group in number.groups]
    if max(shape) <= _PAIR:  # one by one, or two by two with a 0 that no size begins with
        return max(shape) == 1 or any(group[0] == "0" for group in groups)
    if shape in USUAL_SHAPES:
        return not (shape == (3, 8) and is_day(groups[-1]))
    between = [number.view[one.end() : other.start()] for one, other in pairwise(number.groups)]
    gaps = {each.strip() for each in between}
    if len(gaps) > 1 or not number.is_alone:
        return False
    if shape == _SLIPPED_SHAPE:
        return (
            between[0] == " " and _BEFORE_SLIPPED.search(number.view, 0, number.start) is not None
        )
    if shape in _JOINED_SHAPES:
        return gaps <= _JOINTS or any(group[0] == "0" for group in groups)
    return shape in _SHAPES and not all(group[-1] == "0" for group in groups)  # 1500 2000 180


def _is_fraction(number: Number) -> bool:
    """Whether ``0.`` stands before; other digits with a dot may count what follows."""
    before = number.view[max(0, number.start - 3) : number.start]
    return before.endswith("0.") and not before[:-2].isdecimal()


def _is_measure(number: Number) -> bool:
    """Whether a unit or a decimal follows, or ``0.`` or a currency's sign stands before."""
    view, end = number.view, number.end
    return (
        _UNIT.match(view, end) is not None
        or (view[end : end + 1] == "." and view[end + 1 : end + 2].isdigit())
        or (number.start > 0 and view[number.start - 1] in "¥￥$")
        or _is_fraction(number)
    )
