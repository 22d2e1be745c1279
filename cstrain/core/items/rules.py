"""What a good question of each kind must have, checked on the item alone."""

import re
from collections.abc import Callable, Sequence

from cstrain.core.items.item import Item, Kind
from cstrain.core.items.stem import fill_blanks
from cstrain.core.items.text import normalise
from cstrain.kit.i18n import gettext as _
from cstrain.kit.markdown import plain

MAX_ROWS = 20
MAX_STEM_LENGTH = 4000
MAX_ROW_LENGTH = 500
_LEAK_LENGTH = 6
_ALL_OF_THEM = re.compile(r"(?:以上|上述)(?:选项|各项|几项|说法|做法)?(?:都|均|全|皆)")
_PROMPT_KINDS = frozenset({Kind.SINGLE, Kind.TRUEFALSE, Kind.NUMERIC})

Note = Callable[[int, str], None]
"""Takes a line and what is wrong there."""


def check(item: Item, note: Note) -> None:
    """Note everything that is wrong with an item, at its first line."""

    def problem(text: str) -> None:
        note(item.line, text)

    if not item.stem_md:
        problem(_("没有题干"))
    if len(item.stem_md) > MAX_STEM_LENGTH:
        problem(_("题干太长，最多 %(most)s 个字", most=MAX_STEM_LENGTH))
    if not item.explanation_md:
        problem(_("缺少“解析：”"))
    if item.is_prompt and item.kind not in _PROMPT_KINDS:
        problem(_("启发只能是单选、判断或数值：点一下或填一个数"))
    _check_rows(item, problem)
    _CHECKS.get(item.kind, _nothing)(item, problem)


def _nothing(item: Item, problem: Callable[[str], None]) -> None:
    del item, problem


def _rows(item: Item) -> Sequence[str]:
    match item.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            return [choice.text for choice in item.choices]
        case Kind.ORDER:
            return [step.text for step in item.steps]
        case Kind.MATCH:
            return [pair.left for pair in item.pairs]
        case Kind.SPOT:
            return [line.text for line in item.lines]
    return [text for blank in item.blanks for text in blank.accepted]


def _check_rows(item: Item, problem: Callable[[str], None]) -> None:
    rows = [*_rows(item), *(item.rights if item.kind is Kind.MATCH else ())]
    if len(rows) > MAX_ROWS:
        problem(_("选项太多，最多 %(most)s 个", most=MAX_ROWS))
    for text in rows:
        if not text:
            problem(_("有一个选项是空的"))
        elif len(text) > MAX_ROW_LENGTH:
            problem(
                _("选项太长，最多 %(most)s 个字：%(text)s…", most=MAX_ROW_LENGTH, text=text[:12])
            )
        elif item.kind is not Kind.SPOT and _ALL_OF_THEM.search(text):
            problem(_("不要用“%(text)s”这样的选项：选项的次序会打乱", text=text))


def _check_repeats(texts: Sequence[str], problem: Callable[[str], None]) -> None:
    seen: set[str] = set()
    for text in texts:
        key = normalise(text)
        if key in seen and text:
            problem(_("“%(text)s”出现了两次", text=text))
        seen.add(key)


def _check_single(item: Item, problem: Callable[[str], None]) -> None:
    right = [choice.text for choice in item.choices if choice.is_right]
    if len(item.choices) < 2:  # noqa: PLR2004 - one reply is no choice
        problem(_("单选至少要两个选项"))
    if len(right) != 1:
        problem(_("单选要恰好一个 - [x]，现在有 %(count)s 个", count=len(right)))
    _check_repeats([choice.text for choice in item.choices], problem)
    stem = normalise(plain(item.stem_md))
    inside = [c for c in item.choices if normalise(plain(c.text)) in stem]
    is_told = len(right) == 1 and [choice.text for choice in inside] == right
    if is_told and len(normalise(right[0])) >= _LEAK_LENGTH:
        problem(_("题干里写着正确选项的原话，等于告诉了答案"))


def _check_multiple(item: Item, problem: Callable[[str], None]) -> None:
    right_count = sum(choice.is_right for choice in item.choices)
    if right_count < 2:  # noqa: PLR2004 - otherwise it is a single choice
        problem(_("多选至少要两个 - [x]，现在有 %(count)s 个", count=right_count))
    elif right_count == len(item.choices):
        problem(_("多选至少要留一个不对的选项"))
    _check_repeats([choice.text for choice in item.choices], problem)


def _check_blanks(item: Item, problem: Callable[[str], None]) -> None:
    stem = normalise(plain(fill_blanks(item.stem_md, lambda _number: "____")))
    for number, blank in enumerate(item.blanks, start=1):
        for text in blank.accepted:
            key = normalise(text)
            if not key:
                problem(_("第 %(number)s 空的答案“%(text)s”只有标点", number=number, text=text))
            elif len(key) > 1 and key in stem and not key.isdigit():
                message = _("第 %(number)s 空的答案“%(text)s”写在题干里了")
                problem(message % {"number": number, "text": text})


def _check_order(item: Item, problem: Callable[[str], None]) -> None:
    if len(item.steps) < 3:  # noqa: PLR2004 - two steps are a coin toss
        problem(_("排序至少要三步"))
    _check_repeats([step.text for step in item.steps], problem)


def _check_match(item: Item, problem: Callable[[str], None]) -> None:
    if len(item.pairs) < 2:  # noqa: PLR2004 - one pair matches itself
        problem(_("配对至少要两对"))
    if len(item.rights) < 2:  # noqa: PLR2004 - nothing to choose from
        problem(_("配对的右边至少要两种"))
    _check_repeats([pair.left for pair in item.pairs], problem)
    used = {normalise(pair.right) for pair in item.pairs}
    for decoy in item.decoys:
        if normalise(decoy) in used:
            problem(_("干扰项“%(text)s”也是正确的右边", text=decoy))
    _check_repeats(item.rights, problem)


def _check_spot(item: Item, problem: Callable[[str], None]) -> None:
    agent = [line for line in item.lines if line.is_agent]
    faulty_count = sum(line.is_faulty for line in agent)
    if faulty_count == 0:
        problem(_("找错题至少要有一句客服的话是错的"))
    elif faulty_count == len(agent):
        problem(_("找错题至少要有一句客服的话是对的"))


_CHECKS: dict[Kind, Callable[[Item, Callable[[str], None]], None]] = {
    Kind.SINGLE: _check_single,
    Kind.MULTIPLE: _check_multiple,
    Kind.BLANKS: _check_blanks,
    Kind.ORDER: _check_order,
    Kind.MATCH: _check_match,
    Kind.SPOT: _check_spot,
}
