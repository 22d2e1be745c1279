"""The words of a scenario file, and typed access to its parts that collects every problem."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cstrain import plugin
from cstrain.activities.live_practice.pictures import PICTURES
from cstrain.activities.live_practice.scenario import Burst, Groups, Line, Variants
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _

#: What trainers write → what the machine calls it; the latter may be written too.
KEYS: Final[Mapping[str, str]] = {
    "顾客": "customer",
    "昵称": "nick",
    "老客": "is_returning",
    "性子": "nature",
    "耐心": "patience",
    "打字": "typing_s",
    "资料": "details",
    "旧单": "past_orders",
    "尾号": "tail",
    "日期": "on",
    "金额": "amount",
    "状态": "states",
    "订单": "order",
    "商品": "goods",
    "编号": "number",
    "名称": "name",
    "规格": "variant",
    "数量": "count",
    "单价": "price",
    "运费": "freight",
    "实付": "paid",
    "地址": "address",
    "备注": "note",
    "步骤": "step",
    "事实": "facts",
    "说错": "told_wrong",
    "话": "text",
    "也": "also",
    "错": "wrong",
    "关于": "about",
    "节": "section",
    "问了才说": "told_when_asked",
    "问": "ask",
    "答": "answer",
    "开场": "opening",
    "说": "say",
    "要": "needs",
    "词": "words",
    "动作": "actions",
    "像": "good_replies",
    "错例": "bad_replies",
    "对": "right",
    "忌": "forbidden",
    "不明": "unclear",
    "分支": "branches",
    "当": "when",
    "去": "to",
    "心情": "mood",
    "评": "verdict",
    "再问": "ask_again",
    "沉默": "silence",
    "催": "nudge_s",
    "怨": "complain_s",
    "走": "leave_s",
    "催话": "nudges",
    "怨话": "complaints",
    "打断": "interruptions",
    "之间": "between",
    "结局": "endings",
    "是": "kind",
    "因": "reason",
    "好": "is_good",
    "限": "limits",
    "轮": "turns",
    "秒": "seconds",
    "图": "picture",
    "字": "caption",
    "含": "contains",
    "等于": "equals",
    "至多": "at_most",
}
_WRITTEN: Final[Mapping[str, str]] = {code: word for word, code in KEYS.items()}


def written(code: str) -> str:
    """A key as trainers write it."""
    return _WRITTEN.get(code, code)


@dataclass(slots=True)
class Notes:
    """What is found while a file is read.

    Attributes:
        problems: Everything wrong with it.
        lines: Line numbers by place, in the machine's words.
    """

    source: plugin.Source
    problems: list[ContentProblem] = field(default_factory=list)
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)

    def add(self, place: tuple[str | int, ...], text: str) -> None:
        """Keep a problem at a place of the file, in the file's words."""
        self.problems.append(self.source.problem(text, *place))

    def tell(self, called: tuple[str, ...], text: str) -> None:
        """Keep a problem at a place, in the machine's words."""
        ends = (called[:end] for end in range(len(called), -1, -1))
        line = next(self.lines[each] for each in ends if each in self.lines)
        self.problems.append(self.source.problem(text, line=line))

    def seen(self, called: tuple[str, ...], place: tuple[str | int, ...]) -> None:
        """Keep the line of a place."""
        self.lines[called] = self.source.meta.line_of(*place)


class Part:
    """A mapping of the file: its values by the machine's keys, each checked when it is asked for.

    A value that is missing or of another form is told once and replaced by the default.
    """

    def __init__(
        self,
        notes: Notes,
        given: Any,
        place: tuple[str | int, ...],
        called: tuple[str, ...],
        known: Collection[str],
    ) -> None:
        self.notes, self.place, self.called = notes, place, called
        self._values: dict[str, tuple[str, Any]] = {}
        notes.seen(called, place)
        if not isinstance(given, dict):
            if given is not None or place:
                notes.add(place, _("这里要写成“名称: 内容”的形式"))
            return
        for raw, value in given.items():
            code = KEYS.get(str(raw), str(raw))
            if code not in known:
                words = "、".join(written(each) for each in known)
                text = _("不认识 %(key)s，可以写 %(known)s", key=raw, known=words)
                notes.add((*place, str(raw)), text)
            elif code in self._values:
                notes.add((*place, str(raw)), _("%(key)s 写了两次", key=raw))
            else:
                self._values[code] = (str(raw), value)
                notes.seen((*called, code), (*place, str(raw)))

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def given(self, key: str) -> Any:
        """The value as it is written; None where there is none."""
        return self._values[key][1] if key in self._values else None

    def at(self, key: str) -> tuple[str | int, ...]:
        """Where the value stands, or should."""
        return (*self.place, self._values[key][0]) if key in self._values else self.place

    def wrong(self, key: str, form: str) -> None:
        """Tell that a value is missing, or of another form than it should be."""
        if key in self._values:
            self.notes.add(self.at(key), _("%(key)s 要写成：%(form)s", key=written(key), form=form))
        else:
            self.notes.add(
                self.place, _("缺 %(key)s，要写成：%(form)s", key=written(key), form=form)
            )

    def text(self, key: str, default: str | None = None) -> str:
        """A text; a number or a date is taken as it is written."""
        value = self.given(key)
        if value is None and default is not None:
            return default
        said = plain(value)
        if not said:
            self.wrong(key, _("文字"))
        return said or ""

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self.given(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.wrong(key, _("%(low)s 到 %(high)s 的整数", low=low, high=high))
            return low if default is None else default
        return value

    def amount(self, key: str, default: float | None = None) -> float:
        """An amount of money, in yuan."""
        value = self.given(key)
        if value is None and default is not None:
            return default
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _MOST:
            return float(value)
        self.wrong(key, _("金额，例如 279"))
        return 0.0

    def flag(self, key: str, *, default: bool) -> bool:
        """``true`` or ``false``."""
        value = self.given(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong(key, _("true 或 false"))
            return default
        return value

    def choice(self, key: str, options: Mapping[str, str], default: str | None = None) -> str:
        """One of a closed set, by either of its names; the second is given."""
        value = self.given(key)
        if value is None and default is not None:
            return default
        found = options.get(str(value)) or next(
            (code for code in options.values() if code == value), None
        )
        if found is None:
            self.wrong(key, "、".join(options))
            return next(iter(options.values()))
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text; empty where there is none."""
        value = self.given(key)
        if value is None:
            return ()
        found = [plain(each) for each in (value if isinstance(value, list) else [value])]
        if not all(found):
            self.wrong(key, _("文字的列表"))
        return tuple(each for each in found if each)

    def groups(self, key: str) -> Groups:
        """Words: ``[[满减, 优惠], 20]`` is one of the first two, and the third."""
        value = self.given(key)
        if value is None:
            return ()
        rows = value if isinstance(value, list) else [value]
        found = [
            tuple(plain(word) or "" for word in row) if isinstance(row, list) else (plain(row),)
            for row in rows
        ]
        if not found or not all(row and all(row) for row in found):
            self.wrong(key, _("词的列表，例如 [[满减, 优惠], [20]]"))
            return ()
        return tuple(tuple(word for word in row if word) for row in found)

    def variants(self, key: str) -> Variants:
        """What the customer says, in variants; a plain text is a variant of one line."""
        value = self.given(key)
        if value is None:
            return ()
        rows = value if isinstance(value, list) else [value]
        found = [self._burst(key, row if isinstance(row, list) else [row]) for row in rows]
        if not found or not all(found):
            self.wrong(key, _("几种说法，每种一到三句，例如 [[在吗, 能便宜点不], [能少十块吗]]"))
            return ()
        return tuple(found)

    def _burst(self, key: str, row: list[Any]) -> Burst:
        lines: list[Line] = []
        for each in row:
            if isinstance(each, dict):
                part = Part(self.notes, each, self.at(key), (*self.called, key), _PICTURED)
                picture = part.choice("picture", {name: name for name in PICTURES})
                lines.append(Line(part.text("caption", ""), picture))
            elif said := plain(each):
                lines.append(Line(said))
            else:
                return ()
        return tuple(lines) if len(lines) <= BURST_MAX_COUNT else ()

    def part(self, key: str, known: Collection[str]) -> Part:
        """A mapping inside; empty where there is none."""
        return Part(self.notes, self.given(key) or {}, self.at(key), (*self.called, key), known)

    def named(self, key: str) -> Iterator[tuple[str, Any, tuple[str | int, ...]]]:
        """Name, value and place of what authors name themselves."""
        value = self.given(key)
        if value is None:
            return
        if not isinstance(value, dict):
            self.wrong(key, _("“名称: 内容”的形式"))
            return
        for raw, inner in value.items():
            self.notes.seen((*self.called, key, str(raw)), (*self.at(key), str(raw)))
            yield str(raw), inner, (*self.at(key), str(raw))

    def parts(self, key: str, known: Collection[str]) -> Iterator[Part]:
        """The mappings of a list."""
        value = self.given(key)
        if value is None:
            return
        for index, inner in enumerate(value if isinstance(value, list) else [value]):
            called = (*self.called, key, str(index))
            place = (*self.at(key), index) if isinstance(value, list) else self.at(key)
            yield Part(self.notes, inner, place, called, known)


BURST_MAX_COUNT: Final = 3
#: Amounts in yuan are smaller; this also leaves out what is no number at all.
_MOST: Final = 10_000_000
_PICTURED: Final = ("picture", "caption")


def plain(value: Any) -> str | None:
    """A value as one line of text; None for what is no text, number or date."""
    if value is None or isinstance(value, bool | dict | list):
        return None
    return " ".join(str(value).split()) or None
