"""One row of a table as a message, by a mapping. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

from cstrain.desk.chats.importers import names, sides, texts, times
from cstrain.desk.chats.importers.adapter import CELL_CHARS, NotUnderstoodError, exact_id
from cstrain.desk.chats.importers.delimited import Row
from cstrain.desk.chats.importers.inputs import Input
from cstrain.desk.chats.importers.mapping import FIELDS, ColumnMapping, names_whom
from cstrain.desk.chats.importers.roles import is_word
from cstrain.desk.chats.masking import without_nick
from cstrain.desk.chats.message import Kind, Precision, Role, SourceMessage

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
#: So many names are kept at most for a person to confirm; a large file has a buyer a chat.
_MAX_SPEAKERS: Final = 1_000
_YES = frozenset({"1", "是", "true", "yes", "y"})


def messages(
    given: Input,
    headings: Sequence[str],
    rows: Iterator[Row],
    mapping: ColumnMapping,
    *,
    others: Role | None = None,
) -> Iterator[SourceMessage]:
    """Turn rows into messages by a mapping; what is none is refused.

    A last row that is too short is what a file ends with that was not written to its end.

    Args:
        given: The input, for what is refused.
        headings: In the order of the rows' cells.
        rows: Under the headings.
        mapping: With at least the text's column.
        others: Who a sender is of whom neither a word nor another column tells it.
    """
    reader = _RowReader(given, headings, mapping, others=others)
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
        text = cells[reader.text_place] if reader.text_place < len(cells) else ""
        if len(text) == CELL_CHARS:  # the message goes on behind it
            given.refuse(line, "cell_cut", text[-200:], buyer="".join(reader.names(cells)[:1]))
        try:
            yield reader.message(line, cells, source)
        except NotUnderstoodError as error:
            buyer, *also_called = reader.names(cells) or [""]
            shown = source
            for name in also_called:
                shown = without_nick(shown, name, said=False)
            given.refuse(line, error.reason, shown, buyer=buyer, **error.details)
    if short:
        given.refuse(short[0], "cut_off", short[1])


def _refuse_short(given: Input, short: tuple[int, str, int], width: int) -> None:
    line, source, found = short
    given.refuse(line, "too_few_columns", source, found=str(found), wanted=str(width))


class _RowReader:
    """Reads the rows under one row of headings.

    Attributes:
        last_place: The last place that a row must have.
        text_place: Where its text stands.
    """

    def __init__(
        self,
        given: Input,
        headings: Sequence[str],
        mapping: ColumnMapping,
        *,
        others: Role | None,
    ) -> None:
        self._others = others
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
        self._extras = [(field, here[field]) for field in _EXTRA if field in here]
        taken = set(here.values())
        left = [(each, names_whom(heading)) for each, heading in enumerate(headings)]
        self._called = [each for each, whom in left if whom == "buyer" and each not in taken]
        self._senders = [each for each, whom in left if whom == "sender" and each not in taken]
        self.text_place = place["text"]
        self._at = place["at"]
        self._has_day_and_clock = "clock" in here
        self._has_date_only = "date" in here and "at" not in here and "clock" not in here
        self._names_roles = "role" in here

    def names(self, cells: Sequence[str]) -> list[str]:
        """What a row that is refused may call its buyer, by all of its columns."""
        places = (self._place["buyer"], *self._called, self._place["sender"], *self._senders)
        told = [cells[each].strip() for each in places if each < min(self._width, len(cells))]
        return [
            each for each in told if each and not is_word(each) and not names.split(each).is_of_shop
        ]

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
            texts.cleaned(cells[self.text_place]),
            at,
            precision,
            names.platform(cells[place["platform"]]) or self._mapping.platform,
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
        elif self.text_place == width - 1:
            delimiter = source[len(cells[0]) : len(cells[0]) + 1] or ","
            cells[self.text_place :] = [delimiter.join(cells[self.text_place :])]
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
        sender, receiver = self._name(message, sender), self._name(message, receiver)
        staff = message.account or (receiver if is_buyers else sender)
        if staff:
            name = names.split(staff)
            message.account = name.account
            message.shop = name.shop or message.shop
            message.platform = message.platform or name.platform
        buyer = message.buyer or (sender if is_buyers else receiver)
        message.buyer = names.split(buyer).account if buyer else ""
        beside = sender if is_buyers else receiver
        called = [beside] if beside and beside not in (buyer, staff) else []
        called += [cells[each] for each in self._called if cells[each]]
        if is_buyers:
            called += [cells[each] for each in self._senders if cells[each]]
        if called:
            message.also_called = tuple(called)
        if role is Role.AGENT and message.account:
            role, message.auto_reason = names.role_of_staff(message.account)
        elif role is Role.AUTO:
            message.auto_reason = "source"
        message.role = role
        value = cells[place["role"]] if self._names_roles else ""
        if value and not is_word(value):  # a column of names, taken for one of roles
            message.source = without_nick(message.source, value, said=False)
        sender, speakers = cells[place["sender"]], self._given.speakers
        if sender and len(speakers) < _MAX_SPEAKERS and sender not in speakers:
            speakers[sender] = role

    def _role(
        self, message: SourceMessage, cells: Sequence[str], sender: str, receiver: str
    ) -> Role:
        role: Role | None
        if self._names_roles:
            value = cells[self._place["role"]]
            role = self._mapping.role(value) or self._mapping.role(sender)
            role = role or sides.told(value, message.buyer, message.account)
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
        role = sides.told(sender, message.buyer, message.account, receiver) or self._others
        if role is not None:
            return role
        return Role.AGENT if message.buyer else self._mapping.role(sender)

    @staticmethod
    def _name(message: SourceMessage, value: str) -> str:
        """A value as somebody's name; empty where it is a word of a role or a side's number."""
        if not value or value in (message.buyer, message.account):
            return value
        is_number = len(value) == 1 and value.isdecimal()
        return "" if is_number or sides.word(value) else value

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
