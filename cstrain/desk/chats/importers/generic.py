"""Tables and lines of JSON of any tool, by a mapping of their columns. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from cstrain.desk.chats.importers import names, sides
from cstrain.desk.chats.importers.adapter import Format, Head
from cstrain.desk.chats.importers.cast import roles_of
from cstrain.desk.chats.importers.delimited import Row
from cstrain.desk.chats.importers.inputs import Input, text_of
from cstrain.desk.chats.importers.mapping import ColumnMapping, Guess, KeptRoles, field_of, guess
from cstrain.desk.chats.importers.rows import messages
from cstrain.desk.chats.importers.towhom import ToWhom
from cstrain.desk.chats.message import Refused, Role, SourceMessage
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _

#: So many rows are looked at to guess a mapping that nobody has given.
_LOOKED_AT = 300
#: Columns of which one says between whom a message was.
_WHO = frozenset({"role", "buyer", "receiver", "account", "conversation"})


def read_table(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of a table, one a row.

    Raises:
        InvalidError: If there are no headings, or no column that holds what was said.
    """
    table = given.table(*_known_headings(given.mapping))
    first = list(islice(table.rows, _LOOKED_AT))
    yield from _said(given, table.headings, first, table.rows)


def _known_headings(mapping: ColumnMapping) -> list[tuple[str, ...]]:
    return [tuple(mapping.columns.values())] if mapping.columns else []


def _settled(given: Input, headings: Sequence[str], rows: list[list[str]]) -> ColumnMapping:
    """The mapping that is given, or the one that is guessed from headings.

    Where only its values tell which column is the text, a person must say so.

    Raises:
        InvalidError: If nothing says where the text stands.
    """
    mapping = given.mapping
    if not mapping.columns:
        guessed = guess(headings, rows)
        if "text_guessed" in guessed.unsure:
            raise InvalidError(_no_text(headings))
        if "roles_guessed" in guessed.unsure and not mapping.roles:
            given.is_guessed = True
        told, guesses = mapping.roles, guessed.mapping.roles
        roles = told.over(guesses) if isinstance(told, KeptRoles) else {**guesses, **told}
        given.speakers.update((value, roles[value]) for value in guesses)
        mapping = replace(mapping, columns=guessed.mapping.columns, roles=roles)
        given.mapping = mapping
    if "text" not in mapping.columns:
        raise InvalidError(_no_text(headings))
    return mapping


def _no_text(headings: Sequence[str]) -> str:
    return _(
        "没有找到写着消息内容的那一列。表头是：%(first)s。请先对一下列。",
        first=_("、").join(headings[:20])[:200],
    )


def _said(
    given: Input, headings: Sequence[str], first: list[Row], rows: Iterator[Row]
) -> Iterator[SourceMessage]:
    """The messages of rows, the first of which have been read ahead."""
    mapping = _settled(given, headings, [cells for _line, cells, _source in first])
    every = chain(first, rows)
    if _WHO & mapping.columns.keys() or mapping.columns.get("sender") not in headings:
        others = None
        if "role" not in mapping.columns and "sender" in mapping.columns:
            found = sides.find(
                headings, mapping.columns, [cells for _line, cells, _source in first]
            )
            roles, others = {**found.guessed}, found.others
            given.is_guessed |= any(name not in mapping.roles for name in roles)
            told = mapping.roles
            mapping = replace(
                mapping,
                roles=told.over(roles) if isinstance(told, KeptRoles) else {**roles, **told},
            )
        yield from messages(given, headings, every, mapping, others=others)
        return
    # Only who wrote is told: everybody's role is found out, and to whom agents wrote.
    at, text_at = (headings.index(mapping.columns[key]) for key in ("sender", "text"))
    heard: dict[str, list[str]] = {}
    for _line, cells, _source in first:
        if len(cells) > max(at, text_at):
            heard.setdefault(cells[at], []).append(cells[text_at])
    roles, given.is_guessed = roles_of(list(heard), mapping.roles, heard)
    shops = {names.split(name).shop for name in roles} - {""}
    mapping = replace(
        mapping,
        # A robot's account is known by its name when its lines are read.
        roles={name: Role.AGENT if role is Role.BOT else role for name, role in roles.items()},
        shop=mapping.shop or (shops.pop() if len(shops) == 1 else ""),
    )
    to_whom = ToWhom()
    for message in messages(given, headings, every, mapping, others=Role.BUYER):
        yield from to_whom.next(message)
    yield from to_whom.rest()


def read_json_lines(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of a file of JSON, one an object, by keys; keys of inner objects with dots.

    Raises:
        InvalidError: If no key holds what was said.
    """
    records = _flat_records(given)
    first = list(islice(records, _LOOKED_AT))
    keys = list(given.mapping.columns.values()) or _keys(first)

    def row(record: _Flat) -> Row:
        line, flat, raw = record
        return line, [flat.get(key, "") for key in keys], raw

    yield from _said(given, keys, list(map(row, first)), map(row, records))


_Flat = tuple[int, dict[str, str], str]


def _keys(records: Sequence[_Flat]) -> list[str]:
    return list(dict.fromkeys(key for _line, flat, _raw in records for key in flat))


def _flat_records(given: Input) -> Iterator[_Flat]:
    """Objects with all their fields; those of a list know what stands around it."""
    records = given.records("messages", "data", "items", "rows", "list", "records")
    for line, value, raw in records:
        if isinstance(value, dict):
            yield line, {**records.around, **_flat(value)} if records.around else _flat(value), raw
        else:
            given.refuse(line, "unknown_record", raw)


def look(given: Input) -> Guess:
    """A guess of the mapping of a table or a file of JSON, with samples.

    Columns that a person has said stay as they are.

    Raises:
        InvalidError: If there are no headings.
    """
    if given.starts_as_json():
        first = list(islice(_flat_records(given), _LOOKED_AT))
        keys = _keys(first)
        rows = [[flat.get(key, "") for key in keys] for _line, flat, _raw in first]
        return guess(keys, rows, given.mapping.columns)
    table = given.table(*_known_headings(given.mapping))
    rows = [cells for _line, cells, _source in islice(table.rows, _LOOKED_AT)]
    return guess(table.headings, rows, given.mapping.columns)


def _flat(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    found: dict[str, str] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            found.update((f"{key}.{name}", text) for name, text in _flat(inner).items())
        else:
            found[key] = inner if type(inner) is str else text_of(inner)
    return found


def _looks_like_table(head: Head) -> str:
    if head.is_json or not head.rows:
        return ""
    found = {field_of(cell) for row in head.rows[:10] for cell in row}
    return "headings_known" if "text" in found and len(found) > 2 else ""  # noqa: PLR2004 - and one more


TABLE = Format(
    "table",
    {"zh": "自定义表格（CSV、Excel）", "en": "Table with a mapping (CSV, Excel)"},
    read_table,
    _looks_like_table,
)
JSON_LINES = Format(
    "json_lines",
    {"zh": "自定义 JSON（每行或每项一条消息）", "en": "JSON with a mapping, one message an object"},
    read_json_lines,
    lambda head: "json" if head.is_json else "",
)
