"""What names and numbers become, wherever they come in."""

from __future__ import annotations

import pytest

from cstrain.core.people import fields
from cstrain.kit.errors import InvalidError


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (" 林 小满\t", "林 小满"),
        ("林\u0000小满\u200b", "林小满"),
        ("𠮷🙂", "𠮷🙂"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("=HYPERLINK()", "=HYPERLINK()"),
    ],
)
def test_a_name_keeps_what_can_be_read(text: str, name: str) -> None:
    assert fields.name(text) == name


@pytest.mark.parametrize("text", ["", "  ", "\u0000", "林" * 61])
def test_a_name_is_neither_empty_nor_endless(text: str) -> None:
    with pytest.raises(InvalidError):
        fields.name(text)


@pytest.mark.parametrize(
    ("text", "number"), [("", ""), ("t001", "T001"), ("Ｔ００１", "T001"), (" yd-1 02 ", "YD-102")]
)
def test_an_employee_number_has_one_form(text: str, number: str) -> None:
    assert fields.employee_no(text) == number


@pytest.mark.parametrize("text", ["#12", "a@b", "🙂", "9" * 33])
def test_an_employee_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        fields.employee_no(text)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("", None),
        ("138 0013-8000", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("+852 6123 4567", "+85261234567"),
    ],
)
def test_a_phone_number_has_one_form(text: str, phone: str | None) -> None:
    assert fields.phone(text) == phone


@pytest.mark.parametrize("text", ["12345", "23800138000", "1380013800", "abc", "+86 123"])
def test_a_phone_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        fields.phone(text)


def test_first_passwords_differ_and_read_well() -> None:
    made = {fields.first_password() for _time in range(50)}

    assert len(made) == 50
    assert all(len(password) == 13 and password.isascii() for password in made)


def test_a_first_password_follows_from_its_dice() -> None:
    assert fields.first_password(bytes(11)) == "baba-baba-222"
    assert fields.first_password(bytes([1, 2, 3, 15, 1, 2, 3, 0, 1, 2, 15])) == "defi-guza-349"
