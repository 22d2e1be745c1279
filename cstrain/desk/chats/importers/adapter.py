"""What every adapter is made of, and the steps they share. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cstrain.desk.chats.importers import jsons, texts, times
from cstrain.desk.chats.importers.inputs import Input
from cstrain.desk.chats.message import Refused, SourceMessage

#: What a spreadsheet's cell holds at most; it cuts what is longer.
CELL_CHARS: Final = 32_767
#: Digits of an id that a spreadsheet has turned into a number: what is left is not the id.
_FLOAT_ID = re.compile(r"\d(?:\.(\d+))?[eE]\+?(\d{1,3})")
_EXACT_FLOAT: Final = re.compile(r"(\d{1,15})\.0")

Read = Callable[[Input], Iterator[SourceMessage | Refused]]


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file, for telling its format.

    Attributes:
        name: Of the file.
        shape: ``text``, ``workbook`` or ``html``.
        text: Of a text file its first part; empty for a workbook.
        rows: Of a table its first rows, the first ones perhaps notes.
    """

    name: str
    shape: str
    text: str
    rows: list[list[str]]

    @property
    def is_json(self) -> bool:
        """Whether it begins as JSON does."""
        return jsons.STARTS.match(self.text) is not None

    def has_keys(self, *keys: str) -> bool:
        """Whether it is JSON in which all of these stand."""
        return self.is_json and all(f'"{key}"' in self.text for key in keys)

    def has_headings(self, *headings: str) -> bool:
        """Whether one of the first rows has all of these."""
        return any(set(headings) <= {cell.strip() for cell in row} for row in self.rows)


@dataclass(frozen=True, slots=True)
class Format:
    """One format that can be read.

    Attributes:
        name: For the command line and the database; never renamed.
        title: Language → its name for people.
        read: Yields messages and refusals in the order of the file.
        reason: Why a head is taken for this format, a code; empty where it is not.
    """

    name: str
    title: Mapping[str, str]
    read: Read
    reason: Callable[[Head], str]


class NotUnderstoodError(Exception):
    """A line or record that is no message; its reader goes on with the next one.

    Attributes:
        reason: A code (see ``words.py``).
        details: What the reason's words name.
    """

    def __init__(self, reason: str, **details: str) -> None:
        self.reason = reason
        self.details = details
        super().__init__(reason)


def exact_id(text: str, column: str = "") -> str:
    """An id as it was, without what keeps a spreadsheet from taking it for a number.

    ``10026084786191.0`` has all its digits; ``1.00260847862E+13`` has lost two.

    Raises:
        NotUnderstoodError: If a spreadsheet has cut its digits.
    """
    if text[:2] == '="' and text[-1] == '"':
        text = text[2:-1]
    text = text.strip("'")
    if "." not in text and "E" not in text and "e" not in text:
        return text
    whole = _EXACT_FLOAT.fullmatch(text)
    if whole:
        return whole[1]
    lost = _FLOAT_ID.fullmatch(text)
    if not lost:
        return text
    digits = len(lost[1] or "")
    if digits < int(lost[2]):
        raise NotUnderstoodError("id_digits_lost", column=column, value=text)
    return str(int(float(text)))


def written_at(when: str) -> times.Moment:
    """The time of a message that must have one.

    Raises:
        NotUnderstoodError: If there is none, or it is no time.
    """
    at = times.moment(when)
    if at is None:
        raise NotUnderstoodError("bad_time" if when.strip() else "no_time", value=when)
    return at


def said(*contents: str) -> str:
    """The first content that is not empty, as it was meant.

    Raises:
        NotUnderstoodError: If all are empty.
    """
    for content in contents:
        text = texts.cleaned(content)
        if text:
            return text
    raise NotUnderstoodError("no_text")


def understood(
    given: Input,
    records: Iterable[tuple[int, Any, str]],
    one: Callable[[Input, int, Any, str], SourceMessage],
    buyer: str | Callable[[Any], str] = "",
) -> Iterator[SourceMessage]:
    """The messages of records; what ``one`` does not understand is refused.

    Args:
        given: The input, for what is refused.
        records: Line, value, and the value as it stands.
        one: Reads one of them.
        buyer: The buyer's name, or what finds it in one that is refused.
    """
    for line, record, raw in records:
        try:
            yield one(given, line, record, raw)
        except NotUnderstoodError as error:
            name = buyer if isinstance(buyer, str) else buyer(record)
            given.refuse(line, error.reason, raw, buyer=name, **error.details)


def name_in(record: Any, *keys: str) -> str:
    """A name that stands in a record, under keys of which each leads further in; else empty."""
    for key in keys:
        record = record.get(key) if isinstance(record, dict) else None
    return record.strip() if isinstance(record, str) else ""


def parts(line: int, values: Iterable[Any]) -> Iterator[tuple[int, Any, str]]:
    """What stands inside one record, each as a record of the same line."""
    return ((line, value, jsons.dumped(value)) for value in values)
