"""A conversation as its page shows it: who, when, the silences between, what no person wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cstrain.desk.chats.importers.words import auto_reason
from cstrain.desk.chats.message import Role
from cstrain.desk.chats.prepared import Conversation
from cstrain.desk.chats.queries import Said
from cstrain.desk.chats.summary import LATE_S
from cstrain.kit.i18n import clock_seconds, day, waited
from cstrain.kit.i18n import gettext as _

#: A shorter silence is not worth a line.
GAP_S: Final = 60
_SIDES: Final = {
    Role.BUYER: "customer",
    Role.AGENT: "agent",
    Role.BOT: "auto",
    Role.AUTO: "auto",
    Role.SYSTEM: "system",
}


@dataclass(frozen=True, slots=True)
class Row:
    """The source's own row of a message; ``text`` is None when it was erased."""

    line: int
    text: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One message.

    Attributes:
        number: Which one it is, from 1; of a chat that is kept, which one came in.
        side: ``customer``, ``agent``, ``auto`` or ``system``, as the style sheet calls them.
        who: Empty for a message of the same as before.
        time: The time of day; empty where the source has none.
        day: The day, where it is another than that of the line before.
        gap: The silence before it in words, of a late one the buyer's wait; empty for a short one.
        is_late: Whether a buyer waited so long for it that it counts as late.
        reason: Why no person wrote it; empty where one did.
        text: None when it was erased.
    """

    number: int
    side: str
    who: str
    time: str
    day: str
    gap: str
    is_late: bool
    reason: str
    kind: str
    text: str | None
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class _Message:
    number: int
    at_ms: int | None
    role: str
    kind: str
    account: str
    auto_reason: str
    text: str | None
    row: Row | None


def stored(
    said: Sequence[Said], buyer: str, accounts: Mapping[int, str], rows: Mapping[int, Row]
) -> list[Line]:
    """The lines of a conversation that is kept.

    Args:
        said: Its messages, in order.
        buyer: The buyer's name as it may be shown.
        accounts: Names of sub-accounts by id.
        rows: The source's rows by the message's id.
    """
    messages = [
        _Message(
            each.number,
            each.at_ms,
            each.role,
            each.kind,
            accounts.get(each.account_id or 0, ""),
            each.auto_reason,
            each.text,
            rows.get(each.id),
        )
        for each in said
    ]
    return _lines(messages, buyer)


def read(conversation: Conversation) -> list[Line]:
    """The lines of a conversation that was read and is not kept yet."""
    messages = [
        _Message(number, at_ms, role, kind, account, reason, text, Row(line, source))
        for number, (_key, at_ms, role, kind, account, reason, text, line, source) in enumerate(
            conversation.messages, start=1
        )
    ]
    return _lines(messages, conversation.buyer_nick)


def _lines(messages: Sequence[_Message], buyer: str) -> list[Line]:
    made: list[Line] = []
    before: _Message | None = None
    last_day = waiting_ms = None
    for each in messages:
        role = Role(each.role)
        at = None if each.at_ms is None else datetime.fromtimestamp(each.at_ms / 1000, UTC)
        own_day = day(at) if at else None
        gap_s = 0.0
        if each.at_ms is not None and before is not None and before.at_ms is not None:
            gap_s = (each.at_ms - before.at_ms) / 1000
        if role is Role.BUYER and waiting_ms is None:
            waiting_ms = each.at_ms
        is_late = False
        if role is Role.AGENT:
            if waiting_ms is not None and each.at_ms is not None:
                waited_s = (each.at_ms - waiting_ms) / 1000
                is_late = waited_s > LATE_S
                # From the buyer's first line on, whatever a machine has said meanwhile.
                gap_s = waited_s if is_late else gap_s
            waiting_ms = None
        who = _who(role, each.account, buyer)
        is_same = before is not None and who == _who(Role(before.role), before.account, buyer)
        made.append(
            Line(
                number=each.number,
                side=_SIDES[role],
                who="" if is_same else who,
                time=clock_seconds(at) if at else "",
                day=own_day if own_day and own_day != last_day else "",
                gap=waited(gap_s) if gap_s >= GAP_S else "",
                is_late=is_late,
                reason=_reason(role, each.auto_reason),
                kind=each.kind,
                text=each.text,
                row=each.row,
            )
        )
        before, last_day = each, own_day or last_day
    return made


def _who(role: Role, account: str, buyer: str) -> str:
    if role is Role.BUYER:
        return buyer or _("顾客")
    if role is Role.SYSTEM:
        return _("系统")
    return account or (_("机器人") if role is Role.BOT else _("客服"))


def _reason(role: Role, code: str) -> str:
    """In words, for what no person wrote."""
    if role not in {Role.BOT, Role.AUTO} and not code:
        return ""
    title = _("机器人") if role is Role.BOT else _("自动回复")
    return _("%(title)s：%(reason)s", title=title, reason=auto_reason(code)) if code else title
