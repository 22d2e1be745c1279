"""The form that names, employee numbers, phones and batches take, wherever they come in."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _

T = TypeVar("T")

NAME_MAX = 60
EMPLOYEE_NO_MAX = 32
BATCH_MAX = 40
_MOBILE = re.compile(r"1[3-9]\d{9}")
_ABROAD = re.compile(r"\+[1-9]\d{5,14}")
_CONSONANTS, _VOWELS = "bdfghjkmnprstvwz", "aeiu"


def one_line(text: str) -> str:
    """The text without control characters and the white space around it, in composed form."""
    printable = "".join(ch for ch in text if ch.isprintable())
    return unicodedata.normalize("NFC", printable).strip()


def name(text: str) -> str:
    """A person's name.

    Raises:
        InvalidError: If there is none, or it is too long.
    """
    plain = re.sub(r"\s+", " ", one_line(text))
    if not plain:
        raise InvalidError(_("姓名不能空。"))
    if len(plain) > NAME_MAX:
        raise InvalidError(_("姓名最多 %(n)s 个字。", n=NAME_MAX))
    return plain


def employee_no(text: str) -> str:
    """An employee number as it is stored and compared: half width, capitals, no spaces.

    Raises:
        InvalidError: If it is too long or holds other characters than letters, digits, - _ .
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", one_line(text))).upper()
    if len(plain) > EMPLOYEE_NO_MAX:
        raise InvalidError(_("工号最多 %(n)s 个字符。", n=EMPLOYEE_NO_MAX))
    if plain and not re.fullmatch(r"[\w.-]+", plain):
        raise InvalidError(_("工号只能用字母、数字和 - _ . 这几个符号。"))
    return plain


def phone(text: str) -> str | None:
    """A phone number as it is stored and compared; None when there is none.

    Raises:
        InvalidError: If it is neither a Chinese mobile number nor begins with another ``+``.
    """
    plain = re.sub(r"[\s().-]", "", unicodedata.normalize("NFKC", one_line(text)))
    if not plain:
        return None
    for prefix in ("+86", "0086", "86"):
        if plain.startswith(prefix) and _MOBILE.fullmatch(plain.removeprefix(prefix)):
            plain = plain.removeprefix(prefix)
    if not _MOBILE.fullmatch(plain) and not _ABROAD.fullmatch(plain):
        raise InvalidError(_("手机号要 11 位数字；境外号码以 + 和国家号开头。"))
    return plain


def login(text: str) -> tuple[str, str]:
    """What somebody typed to log in, as an employee number and as a phone number."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", one_line(text)))
    try:
        as_phone = phone(text) or ""
    except InvalidError:
        as_phone = ""
    return plain.upper(), as_phone


def batch(text: str) -> str | None:
    """The name of a batch; None when there is none.

    Raises:
        InvalidError: If it is too long.
    """
    plain = re.sub(r"\s+", " ", one_line(text))
    if len(plain) > BATCH_MAX:
        raise InvalidError(_("批次最多 %(n)s 个字。", n=BATCH_MAX))
    return plain or None


def first_password(dice: bytes = b"") -> str:
    """A password to read out: four syllables and three digits, some 33 bits, no 0 1 o l.

    Args:
        dice: 11 bytes that decide; fresh ones where there are none.
    """
    dice = dice or secrets.token_bytes(11)
    syllables = [_CONSONANTS[dice[n] % 16] + _VOWELS[dice[n + 4] % 4] for n in range(4)]
    digits = "".join("23456789"[each % 8] for each in dice[8:11])
    return f"{syllables[0]}{syllables[1]}-{syllables[2]}{syllables[3]}-{digits}"


class FieldError(InvalidError):
    """What was written into one field is not allowed; a form shows it there."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def checked(field: str, check: Callable[[str], T], text: str) -> T:
    """What ``check`` makes of the text.

    Raises:
        FieldError: If it refuses; names the field.
    """
    try:
        return check(text)
    except InvalidError as error:
        raise FieldError(field, str(error)) from error
