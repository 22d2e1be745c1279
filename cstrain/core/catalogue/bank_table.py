"""Questions as rows of a table, and rows as the Markdown a trainer would have written. Pure.

One truth: a row becomes a block, and the block is read like any other; so a table can hold
nothing that a bank file could not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cstrain.core.items.item import KIND_NAMES, USE_NAMES, Item, Kind, Use
from cstrain.core.items.parse import parse_items
from cstrain.kit import chat, tables
from cstrain.kit.i18n import gettext as _

OPTIONS: Final = "ABCDEFGHIJ"
MAX_ROWS: Final = 500
_EXAMPLE: Final = "样例"

HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    "id": ("编号", "id"),
    "lesson": ("课", "lesson"),
    "section": ("小节", "section"),
    "kind": ("题型", "kind"),
    "level": ("难度", "level"),
    "points": ("分值", "points"),
    "use": ("用途", "use"),
    "stem": ("题干", "question"),
    **{f"option_{letter}": (f"选项{letter}", f"option {letter}") for letter in OPTIONS},
    "answer": ("答案", "answer"),
    "explanation": ("解析", "explanation"),
}
REQUIRED: Final = ("lesson", "kind", "stem", "explanation")
_LETTERED = frozenset({Kind.SINGLE, Kind.MULTIPLE, Kind.SPOT})
_ANSWERED = frozenset({Kind.TRUEFALSE, Kind.NUMERIC})
_ARROW = re.compile(r"\s*(?:[=＝\-—–]+\s*[>＞]|→)\s*")
_FENCE = re.compile(r"(?m)^\s*[/／]{3}")
_ID_CHARS = re.compile(r"[A-Za-z0-9._-]")
_FULL_WIDTH = {ord("Ａ") + n: letter for n, letter in enumerate(OPTIONS)} | {
    ord("ａ") + n: letter for n, letter in enumerate(OPTIONS)
}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row, as a spreadsheet counts rows."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Question:
    """A row that is a question.

    Attributes:
        number: The row.
        lesson: The lesson it is for.
        item: The question.
        text: Its block.
        is_id_made: Whether the row has no id, and got one made of its words.
    """

    number: int
    lesson: str
    item: Item
    text: str
    is_id_made: bool


def read(
    data: bytes, misplaced: Callable[[str, str, str], Iterable[str]] = lambda *_place: ()
) -> tuple[list[Question], list[RowProblem]]:
    """Read a table of questions.

    Args:
        data: XLSX or CSV, see ``kit.tables``.
        misplaced: What is wrong with a lesson, a section (empty for the whole lesson) and an id.

    Returns:
        The rows that are questions, and every problem of the others.

    Raises:
        InvalidError: If the file cannot be read, or a column is missing.
    """
    questions: list[Question] = []
    problems: list[RowProblem] = []
    seen: dict[str, int] = {}
    for record in tables.read_records(data, HEADINGS, required=REQUIRED, max_rows=MAX_ROWS):
        if record["explanation"].startswith(_EXAMPLE) and record["id"].startswith(_EXAMPLE):
            continue  # the template's own rows, left standing
        question, found = _question(record)
        if record["lesson"]:
            found += misplaced(record["lesson"], record["section"], _id(record))
        problems += [RowProblem(record.number, reason) for reason in found]
        if question is None:
            continue
        other = seen.setdefault(question.item.id, record.number)
        if other != record.number:
            if question.is_id_made:
                reason = _("和第 %(n)s 行是同一道题；真要留两道，就各写一个编号", n=other)
            else:
                reason = _("编号 %(id)s 和第 %(n)s 行重复", id=question.item.id, n=other)
            problems.append(RowProblem(record.number, reason))
        questions.append(question)
    return questions, problems


def _question(record: tables.Record) -> tuple[Question | None, list[str]]:
    lesson, kind = record["lesson"], Kind.named(record["kind"])
    empty = [name for name in REQUIRED if not record[name]]
    problems = [_("“%(name)s”这一格空着", name=HEADINGS[name][0]) for name in empty]
    if kind is None and record["kind"]:
        known = "、".join(KIND_NAMES.values())
        name = record["kind"]
        problems.append(_("不认识题型“%(name)s”，可用：%(known)s", name=name, known=known))
    if not record["explanation"]:
        record = tables.Record(record.number, {**record.values, "explanation": "…"})
    if any(_FENCE.search(text) for text in record.values.values()):
        return None, [*problems, _("格子里不能有以 /// 开头的一行")]
    rows, unfit = _rows(record, kind) if kind else ([], [])
    problems += unfit
    if kind is None or not record["stem"] or unfit:
        # The rest of the row is looked at with a question that is right in its place.
        kind = kind or Kind.SINGLE
        record = tables.Record(record.number, {**record.values, **_right(kind)})
        rows, _unfit = _rows(record, kind)
    text = _block(record, kind, rows)
    items, found = parse_items("", text, section=lesson)
    problems += dict.fromkeys(each.problem for each in found)
    if problems or len(items) != 1:
        return None, problems
    return Question(record.number, lesson, items[0], text, is_id_made=not record["id"]), []


def _right(kind: Kind) -> dict[str, str]:
    """The cells of the template's example that are asked and answered."""
    stem, options, answer = _EXAMPLES[kind]
    filled = [*options, *[""] * (len(OPTIONS) - len(options))]
    cells = {f"option_{letter}": text for letter, text in zip(OPTIONS, filled, strict=True)}
    return {"stem": stem, **cells, "answer": answer}


def _block(record: tables.Record, kind: Kind, rows: Sequence[str]) -> str:
    """The row as a block, with the lines to answer by."""
    options = {
        "编号": _id(record),
        "难度": record["level"],
        "分值": record["points"],
        "用途": record["use"],
        "小节": record["section"],
    }
    head = [f"    {name}: {_line(value)}" for name, value in options.items() if value]
    answer = [f"答案：{_line(record['answer'])}"] if kind in _ANSWERED else []
    lines = [
        f"/// 题 | {KIND_NAMES[kind]}",
        *head,
        "",
        record["stem"],
        "",
        *rows,
        *answer,
        "",
        f"解析：{record['explanation']}",
        "///",
    ]
    return "\n".join(lines) + "\n"


def _rows(record: tables.Record, kind: Kind) -> tuple[list[str], list[str]]:
    """The lines to answer by, and what is wrong with them."""
    texts = {
        letter: _line(record[f"option_{letter}"])
        for letter in OPTIONS
        if record[f"option_{letter}"]
    }
    if kind in _LETTERED:
        return _lettered(texts, record["answer"], kind)
    if kind in _ANSWERED and not record["answer"]:
        return [], [_("“%(name)s”这一格空着", name=HEADINGS["answer"][0])]
    if kind is Kind.MATCH and not all(_ARROW.search(text) for text in texts.values()):
        return [], [_("配对题的选项一格写一对：左边 => 右边")]
    match kind:
        case Kind.BLANKS | Kind.ORDER:
            return [f"{n}. {text}" for n, text in enumerate(texts.values(), start=1)], []
        case Kind.MATCH:
            return [f"- {_ARROW.sub(' => ', text, count=1)}" for text in texts.values()], []
    return [], [_("%(kind)s题不用选项，答案写在“答案”一列", kind=KIND_NAMES[kind])] if texts else []


def _lettered(texts: Mapping[str, str], answer: str, kind: Kind) -> tuple[list[str], list[str]]:
    """Rows with boxes, ticked by the letters of the answer."""
    letters = re.sub(r"[\s,，、;；/]", "", answer.translate(_FULL_WIDTH)).upper()
    if not letters:
        return [], [_("“答案”一列要写选项的字母，例如 B 或 AC")]
    unknown = [letter for letter in letters if letter not in texts]
    if unknown:
        return [], [_("答案里的 %(letter)s 没有对应的选项", letter=unknown[0])]
    if kind is Kind.SINGLE and len(set(letters)) > 1:
        return [], [_("单选的“答案”一列只写一个字母")]
    if kind is Kind.MULTIPLE and len(set(letters)) < 2:  # noqa: PLR2004 - one is a single choice
        return [], [_("多选的“答案”一列至少写两个字母")]
    rows = []
    for letter, text in texts.items():
        box = f"[{'x' if letter in letters else ' '}] "
        if kind is Kind.SPOT and letter not in letters and not _is_agent(text):
            box = ""
        rows.append(f"- {box}{text}")
    return rows, []


def _is_agent(text: str) -> bool:
    said = chat.read_line(text)
    return said is not None and said.voice is chat.Voice.AGENT


def _line(text: str) -> str:
    """A cell on one line."""
    return " ".join(text.split())


def _id(record: tables.Record) -> str:
    """A row's id, or one made for it: the same row gets the same, so that it can come again."""
    if record["id"]:
        return record["id"]
    options = [record[f"option_{letter}"] for letter in OPTIONS]
    told = "|".join([record["kind"], record["stem"], *options])
    lesson = "".join(_ID_CHARS.findall(record["lesson"])) or "x"  # others are no lesson's name
    return f"{lesson}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def template(lessons: Sequence[str]) -> bytes:
    """The table to fill in, with an example of each kind; the examples are never taken."""
    choices = {
        "lesson": tuple(lessons),
        "kind": tuple(KIND_NAMES.values()),
        "level": ("1", "2", "3"),
        "use": tuple(USE_NAMES.values()),
    }
    hints = {
        "id": _(
            "可以空着，系统按题干和选项编一个；那样改了题干再导入，就是另一道新题。"
            "写了就不要再改：同一个编号再导入是更新。"
        ),
        "lesson": _("从列表里选这道题属于哪一课。"),
        "section": _("考的是哪一小节，例如 1.1.2；空着就是整课。"),
        "use": _("考试题只在考试里出现，练习题只在练习里出现。"),
        "stem": _("填空题用 ____ 留空。"),
        "option_A": _(
            "单选、多选、找错：一格一个选项。填空：一格一个空的答案，几种写法用 | 隔开。"
            "排序：按正确先后。配对：左边 => 右边。"
        ),
        "answer": _(
            "单选 B，多选 AC，找错写有错的那几行；判断写 对 或 错；数值写 47.64 ± 0.01 %。"
            "填空、排序、配对不用写。"
        ),
        "explanation": _("必填：为什么，错在哪。"),
    }
    widths = {"stem": 44, "explanation": 44, "id": 12, "level": 8, "points": 8}
    columns = [
        tables.Column(
            names[0],
            width=widths.get(field, 18 if field.startswith("option") else 12),
            choices=choices.get(field, ()),
            hint=hints.get(field, ""),
        )
        for field, names in HEADINGS.items()
    ]
    lesson = lessons[0] if lessons else ""
    rows = [_example(number, lesson, kind) for number, kind in enumerate(Kind, start=1)]
    return tables.write_xlsx(tables.Sheet(_("题库"), columns, rows))


_EXAMPLES: Mapping[Kind, tuple[str, Sequence[str], str]] = {
    Kind.SINGLE: (
        "顾客催发货，先回哪一句？",
        ("请您自己看物流", "给您添麻烦了，我马上查", "等着"),
        "B",
    ),
    Kind.MULTIPLE: ("交班要写进登记表的有哪些？", ("答应回电的", "好评的", "少件没补的"), "AC"),
    Kind.TRUEFALSE: ("包装拆了就一定不能退。", (), "错"),
    Kind.NUMERIC: ("咨询 106 人，下单 50.5 人，转化率是多少？", (), "47.64 ± 0.01 %"),
    Kind.BLANKS: ("急单插 ____ 旗，退货用 ____ 登记。", ("红 | 红色", "千牛 | 千牛工作台"), ""),
    Kind.ORDER: ("少件了，按先后排好。", ("道歉", "要照片", "核对", "补发"), ""),
    Kind.MATCH: ("各归哪一班？", ("咨询 => 售前", "退款 => 售后", "=> 仓库"), ""),
    Kind.SPOT: (
        "哪几句说错了？",
        ("买家：在吗", "客服：明天一定到", "客服：16 点前付款今天发"),
        "B",
    ),
}


def _example(number: int, lesson: str, kind: Kind) -> list[tables.Cell]:
    stem, options, answer = _EXAMPLES[kind]
    filled = [*options, *[""] * (len(OPTIONS) - len(options))]
    why = f"{_EXAMPLE}：写清为什么。这一行可以留着，不会导入。"
    head = [f"{_EXAMPLE}{number}", lesson, "", KIND_NAMES[kind], "1", "1", USE_NAMES[Use.PRACTICE]]
    return [*head, stem, *filled, answer, why]
