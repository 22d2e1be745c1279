"""Check digits of identity cards, bank cards and tax numbers. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

ID_DIGITS: Final = 18
OLD_ID_DIGITS: Final = 15
TAX_SIGNS_COUNT: Final = 18
#: Digits and letters of a tax number; I, O, S, V and Z are left out.
TAX_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"

_PROVINCES: Final = frozenset(
    (
        *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
        *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64"),
        *("65", "71", "81", "82", "83", "91"),
    )
)


def is_id_card(number: str) -> bool:
    """Whether 18 or 15 signs are an identity card's: province, day of birth, check digit.

    Source: GB 11643-1999; the older form of 15 has no check digit and two digits of the year.
    """
    if len(number) == OLD_ID_DIGITS:
        number = f"{number[:6]}19{number[6:]}"
    elif len(number) != ID_DIGITS or number[17].upper() != id_check_digit(number):
        return False
    return number[:2] in _PROVINCES and number[6:8] in ("19", "20") and _is_day(number[6:14])


def id_check_digit(number: str) -> str:
    """The 18th sign of an identity card by its first 17 (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) << (17 - at) for at, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11]


def meets_luhn(number: str) -> bool:
    """Whether a card's digits end with their check digit (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * 2 for digit in number[-2::-2])
    return (sum(map(int, number[::-2])) + sum(each // 10 + each % 10 for each in doubled)) % 10 == 0


def is_tax_number(number: str) -> bool:
    """Whether a text is a 统一社会信用代码 by its check sign (GB 32100-2015), in either case."""
    number = number.upper()
    if len(number) != TAX_SIGNS_COUNT or any(sign not in TAX_SIGNS for sign in number):
        return False
    return number[17] == tax_check_sign(number)


def tax_check_sign(number: str) -> str:
    """The 18th sign of a 统一社会信用代码 by its first 17, in capitals."""
    total = sum(TAX_SIGNS.index(sign) * pow(3, at, 31) for at, sign in enumerate(number[:17]))
    return TAX_SIGNS[-total % 31]


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
