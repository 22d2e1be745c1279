"""Numbers as people type them."""

import re
from dataclasses import dataclass
from decimal import Decimal

from cstrain.core.items.item import Number
from cstrain.core.items.text import visible

_DIGIT_COUNT = 24
_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    {
        "\u3000": " ",
        "。": ".",
        "−": "-",
        "–": "-",
        "—": "-",
        "￥": "¥",
    }
)
_FIGURE = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+"
_TYPED = re.compile(rf"(?P<yuan>¥)?\s*(?P<figure>{_FIGURE})\.?\s*(?P<unit>\D*)", re.ASCII)
_KEY = re.compile(
    rf"(?P<value>{_FIGURE})\s*(?:(?:±|\+/-|\+-)\s*(?P<tolerance>{_FIGURE}))?\s*(?P<unit>\D.{{0,11}})?",
    re.ASCII,
)
_YUAN = "元"


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """A number somebody typed, with the unit as typed (empty for none)."""

    value: Decimal
    unit: str


def read_typed(text: str) -> TypedNumber | None:
    """Read an answer; None when it is not a plain decimal number.

    Full-width digits and signs, thousands separators and a unit after the number are understood,
    ``¥`` before it as 元. Fractions, powers of ten, NaN and infinity are no plain numbers.
    """
    match = _TYPED.fullmatch(_folded(text))
    if match is None or not _is_short(match["figure"]):
        return None
    unit = "".join(match["unit"].split())
    if match["yuan"]:
        if unit not in {"", _YUAN}:
            return None
        unit = _YUAN
    return TypedNumber(_decimal(match["figure"]), unit)


def read_key(text: str) -> Number | None:
    """Read ``47.64 ± 0.01 %`` of a question; None when it is written otherwise."""
    match = _KEY.fullmatch(_folded(text))
    if match is None or not _is_short(match["value"]):
        return None
    tolerance = match["tolerance"] or "0"
    unit = "".join((match["unit"] or "").split())
    if not _is_short(tolerance) or _decimal(tolerance) < 0 or re.search(r"[/±\d]", unit):
        return None
    return Number(_decimal(match["value"]), _decimal(tolerance), unit)


def is_met(number: Number, text: str) -> bool:
    """Tell whether a typed answer is right: its unit is the asked one or none, its value near."""
    typed = read_typed(text)
    if typed is None or typed.unit.casefold() not in {"", number.unit.casefold()}:
        return False
    low, high = number.value - number.tolerance, number.value + number.tolerance
    return low <= typed.value <= high


def shown(value: Decimal) -> str:
    """Give a number as written, never in powers of ten."""
    return f"{value:f}"


def _folded(text: str) -> str:
    return visible(text.translate(_WIDTH))


def _is_short(figure: str) -> bool:
    return sum(c.isdigit() for c in figure) <= _DIGIT_COUNT


def _decimal(figure: str) -> Decimal:
    return Decimal(figure.replace(",", ""))
