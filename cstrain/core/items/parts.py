"""The parts of each kind, made from the rows of a block."""

import re
from collections.abc import Callable
from dataclasses import replace

from cstrain.core.items.body import Body, Row
from cstrain.core.items.item import Blank, Choice, Item, Kind, Line, Pair, Step
from cstrain.core.items.numbers import read_key
from cstrain.core.items.stem import has_marks, mark_blanks
from cstrain.kit import chat
from cstrain.kit.i18n import gettext as _

TRUE, FALSE = "对", "错"
_TRUTH = {
    **dict.fromkeys((TRUE, "正确", "是", "√", "true", "yes"), True),
    **dict.fromkeys((FALSE, "错误", "否", "不对", "不正确", "×", "false", "no"), False),
}
_FORMULA = re.compile(r"\{(?P<formula>[^{}]+)\}")
_ARROW = re.compile(r"\s*[=＝][>＞]\s*")

Note = Callable[[int, str], None]
"""Takes a line and what is wrong there."""


def fill(item: Item, body: Body, note: Note) -> Item:
    """Give the item with the parts of its kind; what cannot be read is noted."""
    if has_marks(item.stem_md):
        note(item.line, _("题干里不能用 ⟦1⟧ 这种括号加数字的写法"))
    return _FILLERS[item.kind](item, body, note)


def _choices(item: Item, body: Body, note: Note) -> Item:
    del note
    choices = (Choice(row.text, row.is_checked, row.feedback_md) for row in body.rows)
    return replace(item, choices=tuple(choices))


def _truth(item: Item, body: Body, note: Note) -> Item:
    answer = _only_answer(item, body, note)
    if answer is None:
        return item
    line, text = answer
    is_true = _TRUTH.get(text.rstrip("。. ").lower())
    if is_true is None:
        note(line, _("判断题写“答案：对”或“答案：错”"))
        return item
    return replace(item, choices=(Choice(TRUE, is_true), Choice(FALSE, not is_true)))


def _number(item: Item, body: Body, note: Note) -> Item:
    answer = _only_answer(item, body, note)
    if answer is None:
        return item
    line, text = answer
    formula = ""
    if item.ranges and (match := _FORMULA.match(text)):
        # What stands around the formula is read as around a number.
        formula, text = match["formula"], f"0{text[match.end() :]}"
    elif item.ranges:
        note(line, _("有参数的题写“答案：{公式} ± 0.01 元”"))
    number = read_key(text)
    if number is None:
        note(line, _("数值题写“答案：47.64 ± 0.01 元”这样的一个数，误差和单位可以省"))
    return replace(item, number=number, formula=formula)


def _only_answer(item: Item, body: Body, note: Note) -> tuple[int, str] | None:
    if not body.answers:
        note(item.line, _("缺少“答案：”一行"))
        return None
    for line, _text in body.answers[1:]:
        note(line, _("“答案：”写了两次"))
    return body.answers[0]


def _blanks(item: Item, body: Body, note: Note) -> Item:
    stem_md, count = mark_blanks(item.stem_md)
    _check_numbers(body.rows, note)
    if count == 0:
        note(item.line, _("填空题的题干里要用 ____ 留空"))
    elif count != len(body.rows):
        message = _("题干有 %(blanks)s 个空，下面写了 %(rows)s 个答案")
        note(item.line, message % {"blanks": count, "rows": len(body.rows)})
    blanks = []
    for row in body.rows:
        written = row.text.replace("\\|", "|").replace("｜", "|").split("|")
        accepted = tuple(dict.fromkeys(text.strip() for text in written if text.strip()))
        if not accepted:
            note(row.line, _("这个空没有写答案"))
        blanks.append(Blank(accepted, row.feedback_md))
    return replace(item, stem_md=stem_md, blanks=tuple(blanks))


def _steps(item: Item, body: Body, note: Note) -> Item:
    _check_numbers(body.rows, note)
    return replace(item, steps=tuple(Step(row.text, row.feedback_md) for row in body.rows))


def _check_numbers(rows: list[Row], note: Note) -> None:
    for number, row in enumerate(rows, start=1):
        if row.mark != str(number):
            note(row.line, _("这里应当是 %(number)s.，从 1 连着写", number=number))
            return


def _pairs(item: Item, body: Body, note: Note) -> Item:
    pairs, decoys = [], []
    for row in body.rows:
        left, right, *more = _ARROW.split(row.text)
        if more or not right:
            note(row.line, _("配对写成“- 左边 => 右边”，一行一对"))
        elif left:
            pairs.append(Pair(left, right, row.feedback_md))
        else:
            decoys.append(right)
    return replace(item, pairs=tuple(pairs), decoys=tuple(decoys))


def _lines(item: Item, body: Body, note: Note) -> Item:
    lines = []
    for row in body.rows:
        said = chat.read_line(row.text)
        is_agent = said is not None and said.voice is chat.Voice.AGENT
        if said is None:
            note(row.line, _("找错题的每一行要写成“谁：说了什么”"))
        elif row.mark and not is_agent:
            note(row.line, _("只有客服的话能判对错，这一行不要带 [ ]"))
        elif is_agent and not row.mark:
            note(row.line, _("客服的话要带勾：- [x] 有错，- [ ] 没错"))
        lines.append(Line(row.text, is_agent, row.is_checked, row.feedback_md))
    return replace(item, lines=tuple(lines))


_FILLERS: dict[Kind, Callable[[Item, Body, Note], Item]] = {
    Kind.SINGLE: _choices,
    Kind.MULTIPLE: _choices,
    Kind.TRUEFALSE: _truth,
    Kind.NUMERIC: _number,
    Kind.BLANKS: _blanks,
    Kind.ORDER: _steps,
    Kind.MATCH: _pairs,
    Kind.SPOT: _lines,
}
