"""How the columns of a table become messages: said by a person, or guessed for them. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Final

from cstrain.desk.chats.importers import names, sides, times
from cstrain.desk.chats.importers.roles import WORDS_OF_ROLES, are_words, is_word, polite_side
from cstrain.desk.chats.message import Role

KeyOf = Callable[[str], str]
#: So many values of a role's column are known by their keys at once.
_VALUES_KNOWN: Final = 4_096
#: Fields of a message that a column may hold, with the headings under which they are met.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": (
        *("消息内容", "聊天内容", "发送内容", "内容", "消息", "文本", "content", "text", "message"),
        *("msg", "body", "send_content", "utterance"),
    ),
    "at": (
        *("消息时间", "发送时间", "聊天时间", "时间", "日期时间", "创建时间", "time", "timestamp"),
        *("datetime", "send_time", "msg_time", "message_time", "created_at", "sent_at", "at", "ts"),
    ),
    "date": ("日期", "发送日期", "date", "day"),
    "clock": ("时刻", "时分秒", "clock", "time_of_day"),
    "role": (
        *("角色", "发送方", "发送方类型", "发送者类型", "消息方向", "方向", "发言方", "身份"),
        *("role", "sender_type", "direction", "from_type", "speaker", "who", "act"),
    ),
    "sender": ("发送人", "发送者", "发言人", "发信人", "说话人", "sender", "from", "sender_nick"),
    "receiver": ("接收人", "接收者", "接收方", "收信人", "receiver", "to"),
    "account": (
        *("客服", "客服账号", "客服昵称", "客服名称", "子账号", "坐席", "接待客服", "agent"),
        *("waiter", "snick", "agent_account", "staff", "service_staff_id", "seller_nick"),
    ),
    "buyer": (
        *("买家", "顾客", "客户", "用户", "访客", "买家昵称", "顾客昵称", "客户昵称", "买家账号"),
        *("买家ID", "用户ID", "客户ID", "buyer", "customer", "buyer_nick", "cnick", "user_id"),
        *("buyer_id", "customer_id", "userid", "visitor"),
    ),
    "shop": ("店铺", "店铺名称", "店铺名", "商家", "shop", "shop_name", "store"),
    "conversation": (
        *("会话ID", "会话编号", "会话id", "会话", "会话号", "对话ID", "session_id", "sid"),
        *("conversation_id", "conversation", "session", "chat_id", "dialog_id", "thread_id"),
    ),
    "message_id": ("消息ID", "消息编号", "消息id", "msg_id", "message_id", "msgid"),
    "kind": ("消息类型", "类型", "type", "msg_type", "content_type"),
    "auto": ("是否自动回复", "自动回复", "is_auto", "auto_reply"),
    "platform": ("平台", "platform"),
    "order": ("订单号", "订单编号", "order_id", "order_no"),
    "rating": ("评分", "满意度", "满意度评分", "rating", "score", "csat"),
}
#: Without these a table holds no messages that could be told apart.
REQUIRED: Final = ("text",)

#: A side's name is so short, and speaks at least one row in so many.
_SIDE_CHARS: Final = 8
_SIDE_SHARE: Final = 5
#: In fewer rows a value that nobody knows may as well be a slip.
_ROWS_MIN: Final = 10
_OTHER_SIDE: Final = {Role.BUYER: Role.AGENT, Role.AGENT: Role.BUYER}
_KEY = re.compile("#[0-9a-f]{64}")
#: Signs of headings that are written otherwise in Hong Kong and Taiwan.
_SIMPLIFIED: Final = str.maketrans(
    "帐買賣顧戶訪暱帳號內時間發會話對編類鋪稱訂單評滿動復覆說資員臺雙標識",
    "账买卖顾户访昵账号内时间发会话对编类铺称订单评满动复复说资员台双标识",
)
_NAMES = re.compile(
    "(?:买家|顾客|客户|用户|访客|会员)?(?:昵称|姓名|名称|名字|旺旺|旺旺号)|收货人|收件人(?:姓名)?"
    r"|(?:buyer|customer|user|visitor|contact|client)\.?(?:nick|name|nickname)|nick(?:name)?"
)
_NAMES_OF_SENDERS = re.compile(
    r"(?:发送人|发送者|发言人)(?:昵称|姓名|名称)|(?:sender|from|author)\.?(?:nick|name|nickname)"
)
_PLAIN = re.compile(r"[(（\[【].*|[*\s:：_\-]")


def nameless(roles: Mapping[str, Role], key_of: KeyOf) -> dict[str, Role]:
    """Roles as they may be kept: values that may be somebody's name only by their keys.

    Args:
        roles: Value → role; what was kept already stays as it is.
        key_of: Gives the key of a value, from which nobody finds the value.
    """
    return {
        value if is_word(value) or _KEY.fullmatch(value) else f"#{key_of(value)}": role
        for value, role in roles.items()
    }


class KeptRoles(Mapping[str, Role]):
    """Roles by value, of which some are kept by their keys; see ``nameless``."""

    def __init__(self, kept: Mapping[str, Role], key_of: KeyOf) -> None:
        self._kept, self._key_of = dict(kept), key_of
        self._has_keys = any(map(_KEY.fullmatch, kept))
        self._keyed = lru_cache(_VALUES_KNOWN)(key_of)

    def __getitem__(self, value: str) -> Role:
        if self._has_keys and not is_word(value):
            found = self._kept.get(f"#{self._keyed(value)}")
            if found is not None:
                return found
        return self._kept[value]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def over(self, guessed: Mapping[str, Role]) -> KeptRoles:
        """These, and what is guessed of values that nobody has told."""
        return KeptRoles({**guessed, **self._kept}, self._key_of)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which column is what.

    Attributes:
        columns: Field (a key of ``FIELDS``) → the heading of its column; in JSON a dotted path.
        roles: Value of the role's column, or a sender's name → role.
        date_format: A ``strptime`` pattern for times; empty to read the usual forms.
        platform: Of all messages.
        shop: Of all messages that do not tell their own.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    date_format: str = ""
    platform: str = ""
    shop: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it can be kept and read again with ``of_json``."""
        return asdict(self)

    @classmethod
    def of_json(cls, value: Mapping[str, Any], key_of: KeyOf) -> ColumnMapping:
        """Read what ``as_json`` gave.

        Args:
            value: It, with roles as they are or ``nameless``.
            key_of: As of ``nameless``.

        Raises:
            ValueError: If a field or role is unknown.
        """
        columns = {str(key): str(heading) for key, heading in value.get("columns", {}).items()}
        unknown = set(columns) - set(FIELDS)
        if unknown:
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
        return cls(
            columns=columns,
            roles=KeptRoles(
                {str(key): Role(role) for key, role in value.get("roles", {}).items()}, key_of
            ),
            date_format=str(value.get("date_format", "")),
            platform=str(value.get("platform", "")),
            shop=str(value.get("shop", "")),
        )

    def moment(self, text: str) -> times.Moment | None:
        """The time that a text gives, by the stated pattern if there is one."""
        if self.date_format:
            return times.by_format(text, self.date_format)
        return times.moment(text)

    def is_time(self, heading: str) -> bool:
        """Whether the column of this heading holds times."""
        if self.columns:
            return heading in {self.columns.get("at"), self.columns.get("date")}
        return field_of(heading) == "at"

    def role(self, value: str) -> Role | None:
        """The role that a value means; None where nobody has said."""
        found = self.roles.get(value)
        return found if found is not None else WORDS_OF_ROLES.get(value.strip().casefold())


def _plain(heading: str) -> str:
    """A heading without what people add to it: brackets, stars, spaces, case; 帐号 as 账号.

    Traditional signs are read as their simplified ones, and 訊息 as 消息.
    """
    return _PLAIN.sub("", heading).casefold().replace("訊息", "消息").translate(_SIMPLIFIED)


_BY_HEADING: Final = {_plain(name): key for key, known in FIELDS.items() for name in known}


def field_of(heading: str) -> str:
    """The field that a heading names; empty where nobody knows it."""
    return _BY_HEADING.get(_plain(heading), "")


def names_whom(heading: str) -> str:
    """Whose name a column holds beside the one that is read: ``buyer``, ``sender`` or empty."""
    key = field_of(heading)
    if key in {"buyer", "sender"}:
        return key
    if _NAMES.fullmatch(_plain(heading)):
        return "buyer"
    return "sender" if _NAMES_OF_SENDERS.fullmatch(_plain(heading)) else ""


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping for a person to confirm.

    Attributes:
        mapping: As far as it could be told.
        samples: Heading → its first values that are not empty, for the page.
        role_values: What stands in the role's column, the most frequent first.
        unsure: Codes of what should be looked at (see ``words.py``).
    """

    mapping: ColumnMapping
    samples: Mapping[str, Sequence[str]]
    role_values: Sequence[str]
    unsure: Sequence[str]


def guess(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    told: Mapping[str, str] | None = None,
) -> Guess:
    """Guess what the columns are, from headings and then from values.

    Args:
        headings: In order; of a file of JSON lines, its keys.
        rows: The first rows, at best some hundred.
        told: Field → heading as a person has said it; then only roles are guessed.
    """
    values = {
        heading: [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        for place, heading in enumerate(headings)
        if heading
    }
    columns = {key: heading for key, heading in (told or {}).items() if heading in values}
    if not told:
        columns = _by_headings(values)
        _by_words(columns, values, headings, rows)
    names_text = "text" in columns
    if not told:
        _by_values(columns, values)
    roles: Mapping[str, Role] = {}
    role_values: list[str] = []
    is_guessed = False
    if "role" in columns:
        role_values = [each for each, _count in Counter(values[columns["role"]]).most_common(20)]
        roles, is_guessed = _roles(role_values, columns, headings, rows)
    elif "sender" in columns:
        roles = sides.find(headings, columns, rows).guessed
        role_values, is_guessed = list(roles)[:20], bool(roles)
    unsure = _unsure(columns, headings, rows, is_guessed=is_guessed, names_text=names_text)
    samples = {heading: found[:3] for heading, found in values.items()}
    return Guess(ColumnMapping(columns, roles), samples, role_values, unsure)


def _unsure(
    columns: Mapping[str, str],
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    is_guessed: bool,
    names_text: bool,
) -> list[str]:
    """What should be looked at; whether roles are guessed, and a heading names the text."""
    unsure = ["roles_guessed"] if is_guessed else []
    if not {"role", "sender"} & columns.keys() and not _is_told_by_gaps(columns, headings, rows):
        unsure.append("no_role_column")
    if "text" not in columns:
        unsure.append("no_text_column")
    elif not names_text:
        unsure.append("text_guessed")
    if not {"at", "date", "clock"} & columns.keys():
        unsure.append("no_time_column")
    if not {"buyer", "conversation"} & columns.keys():
        unsure.append("no_buyer_column")
    return unsure


def _by_words(
    columns: dict[str, str],
    values: Mapping[str, Sequence[str]],
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> None:
    """Take who wrote for words where they are words, and for names where they are names."""
    if "role" not in columns and are_words(set(values.get(columns.get("sender", ""), ()))):
        columns["role"] = columns.pop("sender")
    elif "role" in columns and "sender" not in columns:
        if are_words(set(values[columns["role"]])):
            return
        as_names = {**columns, "sender": columns["role"]}
        if sides.are_named(headings, as_names, rows):
            columns["sender"] = columns.pop("role")


def _is_told_by_gaps(
    columns: Mapping[str, str], headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> bool:
    """Whether each row has either an agent or a buyer, so that one sees who wrote it."""
    if not {"account", "buyer"} <= columns.keys():
        return False
    places = [headings.index(columns[key]) for key in ("account", "buyer")]
    whole = [row for row in rows if len(row) > max(places)]
    return all(bool(row[places[0]]) != bool(row[places[1]]) for row in whole)


def _by_headings(headings: Iterable[str]) -> dict[str, str]:
    """What headings name, the first one of each field."""
    columns: dict[str, str] = {}
    for heading in headings:
        key = field_of(heading)
        if key:
            columns.setdefault(key, heading)
    return columns


def _by_values(columns: dict[str, str], values: Mapping[str, Sequence[str]]) -> None:
    """Find by their values what headings do not tell: times, roles, senders, and the text."""
    if "at" not in columns and any(":" in each for each in values.get(columns.get("date", ""), ())):
        columns["at"] = columns.pop("date")
    taken = set(columns.values())
    for heading, found in values.items():
        if heading in taken or not found:
            continue
        if "at" not in columns and all(times.moment(each) for each in found[:50]):
            columns["at"] = heading
        elif "clock" not in columns and all(times.clock(each) for each in found[:50]):
            columns["clock"] = heading
        elif "role" not in columns and all(
            each.casefold() in WORDS_OF_ROLES for each in found[:50]
        ):
            columns["role"] = heading
        elif "sender" not in columns and any(names.split(each).is_of_shop for each in found[:50]):
            columns["sender"] = heading
        else:
            continue
        taken.add(heading)
    if "text" not in columns:
        rest = {heading: found for heading, found in values.items() if heading not in taken}
        longest = max(rest, key=lambda name: sum(map(len, set(rest[name]))), default="")
        if longest and len(set(rest[longest])) > len(rest[longest]) // 4:
            columns["text"] = longest
    _by_two_sides(columns, values)


def _by_two_sides(columns: dict[str, str], values: Mapping[str, Sequence[str]]) -> None:
    """Where nothing tells who speaks, take the first column of two short, frequent values."""
    if "role" in columns or "sender" in columns:
        return
    for heading, found in values.items():
        counted = Counter(found)
        is_short = all(len(each) <= _SIDE_CHARS for each in counted)
        if heading in columns.values() or len(counted) != 2 or not is_short:  # noqa: PLR2004 - sides
            continue
        if min(counted.values()) * _SIDE_SHARE >= len(found):
            columns["role"] = heading
            return


def _roles(
    role_values: Sequence[str],
    columns: Mapping[str, str],
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
) -> tuple[dict[str, Role], bool]:
    """Roles of values; the second is whether one was told by politeness alone, as of 0 and 1."""
    roles = {
        value: WORDS_OF_ROLES[value.casefold()]
        for value in role_values
        if value.casefold() in WORDS_OF_ROLES
    }
    open_values = [value for value in role_values if value not in roles]
    if len(open_values) == len(roles) == 1:
        place = headings.index(columns["role"])
        count = sum(place < len(row) and row[place].strip() == open_values[0] for row in rows)
        other = _OTHER_SIDE.get(next(iter(roles.values())))
        if other is not None and len(rows) >= _ROWS_MIN and count * _SIDE_SHARE >= len(rows):
            return {**roles, open_values[0]: other}, True
    if len(open_values) != 2 or "text" not in columns or roles:  # noqa: PLR2004 - two sides
        return roles, bool(open_values)
    place, text = headings.index(columns["role"]), headings.index(columns["text"])
    pairs = [(row[place].strip(), row[text]) for row in rows if len(row) > max(place, text)]
    agent = polite_side(pairs, open_values)
    return {value: Role.AGENT if value == agent else Role.BUYER for value in open_values}, True
