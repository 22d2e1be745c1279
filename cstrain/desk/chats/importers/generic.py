"""Tables and lines of JSON of any tool, by a mapping of their columns. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

from cstrain.desk.chats.importers import names, texts, times
from cstrain.desk.chats.importers.adapter import Format, Head, NotUnderstoodError, exact_id
from cstrain.desk.chats.importers.delimited import Row
from cstrain.desk.chats.importers.inputs import Input, text_of
from cstrain.desk.chats.importers.mapping import FIELDS, ColumnMapping, Guess, field_of, guess
from cstrain.desk.chats.message import Kind, Precision, Refused, Role, SourceMessage
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _

#: So many rows are looked at to guess a mapping that nobody has given.
_LOOKED_AT = 300
_IDS = ("buyer", "conversation", "message_id", "order")
_EXTRA = ("order", "rating")
#: A row that ends before one of these is too short; others may be left off at its end.
_NEEDED = ("text", "at", "role", "sender", "conversation")
_KINDS = {
    **dict.fromkeys(("text", "文本", "0", ""), Kind.TEXT),
    **dict.fromkeys(("image", "img", "picture", "图片"), Kind.IMAGE),
    **dict.fromkeys(("card", "卡片", "商品卡片", "订单卡片"), Kind.CARD),
    **dict.fromkeys(("link", "链接"), Kind.LINK),
    **dict.fromkeys(("emoji", "表情"), Kind.EMOJI),
    **dict.fromkeys(("recall", "撤回"), Kind.RECALL),
    **dict.fromkeys(("system", "系统", "系统消息"), Kind.SYSTEM),
}
_YES = frozenset({"1", "是", "true", "yes", "y"})


def read_table(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of a table, one a row.

    Raises:
        InvalidError: If there are no headings, or no column that holds what was said.
    """
    table = given.table(*_known_headings(given.mapping))
    first = list(islice(table.rows, _LOOKED_AT))
    mapping = _settled(given, table.headings, [cells for _line, cells, _source in first])
    yield from messages(given, table.headings, chain(first, table.rows), mapping)


def _known_headings(mapping: ColumnMapping) -> list[tuple[str, ...]]:
    return [tuple(mapping.columns.values())] if mapping.columns else []


def _settled(given: Input, headings: Sequence[str], rows: list[list[str]]) -> ColumnMapping:
    """The mapping that is given, or the one that is guessed.

    Raises:
        InvalidError: If neither says where the text stands.
    """
    mapping = given.mapping
    if not mapping.columns:
        guessed = guess(headings, rows)
        roles = {**guessed.mapping.roles, **mapping.roles}
        if "roles_guessed" in guessed.unsure and not mapping.roles:
            given.is_guessed = True
        given.speakers.update(roles)
        mapping = ColumnMapping(
            guessed.mapping.columns, roles, mapping.date_format, mapping.platform, mapping.shop
        )
        given.mapping = mapping
    if "text" not in mapping.columns:
        raise InvalidError(
            _(
                "没有找到写着消息内容的那一列。表头是：%(first)s。请先对一下列。",
                first=_("、").join(headings[:20])[:200],
            )
        )
    return mapping


def read_json_lines(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of a file of JSON, one an object, by keys; keys of inner objects with dots.

    Raises:
        InvalidError: If no key holds what was said.
    """
    records = _flat_records(given)
    first = list(islice(records, _LOOKED_AT))
    keys = list(given.mapping.columns.values()) or _keys(first)
    mapping = _settled(
        given, keys, [[flat.get(key, "") for key in keys] for _line, flat, _raw in first]
    )
    rows = (
        (line, [flat.get(key, "") for key in keys], raw)
        for line, flat, raw in chain(first, records)
    )
    yield from messages(given, keys, rows, mapping)


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

    Raises:
        InvalidError: If there are no headings.
    """
    if given.starts_as_json():
        first = list(islice(_flat_records(given), _LOOKED_AT))
        keys = _keys(first)
        return guess(keys, [[flat.get(key, "") for key in keys] for _line, flat, _raw in first])
    table = given.table()
    return guess(table.headings, [cells for _l, cells, _s in islice(table.rows, _LOOKED_AT)])


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


def messages(
    given: Input,
    headings: Sequence[str],
    rows: Iterator[Row],
    mapping: ColumnMapping,
) -> Iterator[SourceMessage]:
    """Turn rows into messages by a mapping; what is none is refused.

    A last row that is too short is what a file ends with that was not written to its end.
    """
    reader = _RowReader(given, headings, mapping)
    short: tuple[int, str, int] | None = None
    width = len(headings)
    for line, cells, source in rows:
        if short:
            _refuse_short(given, short, width)
            short = None
        if len(cells) <= reader.last_place:
            short = (line, source, len(cells))
            continue
        if not any(cells):
            continue
        try:
            yield reader.message(line, cells, source)
        except NotUnderstoodError as error:
            given.refuse(line, error.reason, source, **error.details)
    if short:
        given.refuse(short[0], "cut_off", short[1])


def _refuse_short(given: Input, short: tuple[int, str, int], width: int) -> None:
    line, source, found = short
    given.refuse(line, "too_few_columns", source, found=str(found), wanted=str(width))


class _RowReader:
    """Reads the rows under one row of headings.

    Attributes:
        last_place: The last place that a row must have.
    """

    def __init__(self, given: Input, headings: Sequence[str], mapping: ColumnMapping) -> None:
        self._given = given
        self._mapping = mapping
        self._headings = headings
        self._width = len(headings)
        place = {
            field: headings.index(mapping.columns[field])
            if mapping.columns.get(field) in headings
            else self._width
            for field in FIELDS
        }
        self._place = place
        here = {field: each for field, each in place.items() if each < self._width}
        self.last_place = max(here.get(field, 0) for field in _NEEDED)
        self._ids = [here[field] for field in _IDS if field in here]
        self._extras = [(headings[here[field]], here[field]) for field in _EXTRA if field in here]
        self._text = place["text"]
        self._at = place["at"]
        self._has_day_and_clock = "clock" in here
        self._has_date_only = "date" in here and "at" not in here and "clock" not in here
        self._names_roles = "role" in here

    def message(self, line: int, cells: list[str], source: str) -> SourceMessage:
        """One row as a message.

        Raises:
            NotUnderstoodError: If it is none.
        """
        place = self._place
        if len(cells) != self._width:
            self._fit(cells, source)
        cells.append("")  # where a column that is missing reads
        for each in self._ids:
            cells[each] = exact_id(cells[each].strip(), self._headings[each])
        at, precision = self._moment(cells)
        message = SourceMessage(
            line,
            Role.BUYER,
            texts.cleaned(cells[self._text]),
            at,
            precision,
            cells[place["platform"]] or self._mapping.platform,
            cells[place["shop"]] or self._mapping.shop,
            cells[place["account"]],
            cells[place["buyer"]],
            cells[place["conversation"]],
            cells[place["message_id"]],
            source=source,
        )
        if not message.text:
            raise NotUnderstoodError("no_text")
        self._say_who(message, cells)
        self._say_what(message, cells)
        if self._extras:
            message.extra = {name: cells[each] for name, each in self._extras if cells[each]}
        return message

    def _fit(self, cells: list[str], source: str) -> None:
        """Make a row as wide as the headings; a last column of text takes what is too much.

        Raises:
            NotUnderstoodError: If another column is last.
        """
        width = self._width
        if len(cells) < width:
            cells += [""] * (width - len(cells))
        elif not any(cells[width:]):
            del cells[width:]
        elif self._text == width - 1:
            delimiter = source[len(cells[0]) : len(cells[0]) + 1] or ","
            cells[self._text :] = [delimiter.join(cells[self._text :])]
        else:
            raise NotUnderstoodError("too_many_columns", found=str(len(cells)), wanted=str(width))

    def _moment(self, cells: Sequence[str]) -> tuple[datetime | None, Precision]:
        text = cells[self._at]
        if text:
            found = self._mapping.moment(text)
            if found:
                return found
            return self._of_clock(text, self._given.day)
        if self._has_day_and_clock or self._has_date_only:
            day = cells[self._place["date"]]
            found = self._mapping.moment(day) if day else None
            if day and not found:
                raise NotUnderstoodError("bad_time", value=day)
            if not self._has_day_and_clock:
                return found or (None, Precision.NONE)
            return self._of_clock(
                cells[self._place["clock"]], found[0].date() if found else self._given.day
            )
        if self._at < self._width:
            raise NotUnderstoodError("no_time")
        return None, Precision.NONE

    @staticmethod
    def _of_clock(text: str, day: date | None) -> tuple[datetime | None, Precision]:
        found = times.clock(text)
        if not found:
            raise NotUnderstoodError("bad_time", value=text)
        if day is None:
            return None, Precision.NONE
        return times.on(day, found[0]), found[1]

    def _say_who(self, message: SourceMessage, cells: Sequence[str]) -> None:
        """Set role, account, buyer, shop and platform.

        Raises:
            NotUnderstoodError: If nobody has said what a role's value means.
        """
        place = self._place
        sender = cells[place["sender"]]
        receiver = cells[place["receiver"]]
        role = self._role(message, cells, sender, receiver)
        is_buyers = role is Role.BUYER
        staff = message.account or (receiver if is_buyers else sender)
        if staff:
            name = names.split(staff)
            message.account = name.account
            message.shop = name.shop or message.shop
            message.platform = message.platform or name.platform
        buyer = message.buyer or (sender if is_buyers else receiver)
        message.buyer = names.split(buyer).account if buyer else ""
        if role is Role.AGENT and message.account:
            role, message.auto_reason = names.role_of_staff(message.account)
        elif role is Role.AUTO:
            message.auto_reason = "source"
        message.role = role
        if sender and sender not in self._given.speakers:
            self._given.speakers[sender] = role

    def _role(
        self, message: SourceMessage, cells: Sequence[str], sender: str, receiver: str
    ) -> Role:
        role: Role | None
        if self._names_roles:
            value = cells[self._place["role"]]
            role = self._mapping.role(value) or self._mapping.role(sender)
        elif sender:
            value = sender
            role = self._role_by_name(message, sender, receiver)
        else:
            # Tools with one column of names for each side leave the other one empty.
            value = ""
            role = Role.AGENT if message.account else Role.BUYER
            if bool(message.account) == bool(message.buyer):
                role = None
        if role is None:
            raise NotUnderstoodError("unknown_role", value=value)
        return role

    def _role_by_name(self, message: SourceMessage, sender: str, receiver: str) -> Role | None:
        told = self._mapping.roles.get(sender)
        if told is not None:
            return told
        if names.split(sender).is_of_shop or names.is_robot(sender):
            return Role.AGENT
        if sender == message.buyer or names.split(receiver).is_of_shop:
            return Role.BUYER
        if sender == message.account or message.buyer:
            return Role.AGENT
        return self._mapping.role(sender)

    def _say_what(self, message: SourceMessage, cells: Sequence[str]) -> None:
        kind = cells[self._place["kind"]]
        message.kind = _KINDS.get(kind.strip().casefold(), Kind.TEXT) if kind else Kind.TEXT
        if message.kind is Kind.TEXT:
            message.kind = texts.kind_of(message.text)
        if message.role is not Role.BUYER:
            auto = cells[self._place["auto"]]
            if message.role is Role.SYSTEM or texts.is_system(message.text):
                message.role, message.kind, message.auto_reason = Role.SYSTEM, Kind.SYSTEM, ""
            elif auto and auto.strip().casefold() in _YES:
                message.role, message.auto_reason = Role.AUTO, "source"


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
