"""What the marking page sends: a whole form, or one draft as JSON."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

from flask import request

from cstrain.core.review.rubric import Rubric
from cstrain.core.review.service import Draft
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _

_NA = "na"
#: No value has more digits.
_VALUE_DIGITS = 1
_SPLIT = str.maketrans(dict.fromkeys(",、;", " "))


def marks_in_form(rubric: Rubric) -> dict[str, Draft]:
    """What the form holds for each criterion."""
    return {
        each.key: _draft(
            request.form.get(f"value-{each.key}", ""),
            request.form.get(f"note-{each.key}", ""),
            [request.form.get(f"lines-{each.key}", "")],
        )
        for each in rubric
    }


def _draft(value: str, note: str, lines: list[str]) -> Draft:
    """One criterion's part of a form; numbers of lines as an input method writes them, too.

    Raises:
        InvalidError: If the value is none of a rubric.
    """
    lines = normalize("NFKC", " ".join(lines)).translate(_SPLIT).split()
    if value in {"", _NA}:
        return Draft(bool(value), None, note, tuple(lines))
    if not (value.isascii() and value.isdecimal() and len(value) <= _VALUE_DIGITS):
        raise InvalidError(_("没有这一档。"))
    return Draft(is_marked=True, value=int(value), note=note, lines=tuple(lines))


def marks_in_json(data: Any) -> tuple[dict[str, Draft], str | None]:
    """``{"marks": {key: {"value": "3", "note": "", "lines": []}}, "comment": ""}``.

    Raises:
        InvalidError: If it is anything else.
    """
    marks = data.get("marks", {}) if isinstance(data, dict) else None
    comment = data.get("comment") if isinstance(data, dict) else None
    if not isinstance(marks, dict) or not isinstance(comment, str | None):
        raise InvalidError(_("内容读不懂，请刷新页面再试。"))
    drafts = {}
    for key, mark in marks.items():
        if not isinstance(mark, dict):
            raise InvalidError(_("内容读不懂，请刷新页面再试。"))
        value: Any = mark.get("value")
        note: Any = mark.get("note")
        lines: Any = mark.get("lines")
        is_text = isinstance(value, str) and isinstance(note, str) and isinstance(lines, list)
        if not is_text or not all(isinstance(line, str) for line in lines):
            raise InvalidError(_("内容读不懂，请刷新页面再试。"))
        drafts[key] = _draft(value, _storable(note), lines)
    return drafts, None if comment is None else _storable(comment)


def _storable(text: str) -> str:
    """Text that every database takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
