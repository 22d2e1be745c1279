"""The body of a question block: stem, answer rows and explanation, told apart line by line."""

import re
from dataclasses import dataclass, field

from cstrain.core.items.blocks import Block
from cstrain.core.items.item import Kind
from cstrain.kit.i18n import gettext as _
from cstrain.kit.markdown import fence_of

_CHECKBOX = re.compile(r"[-*+]\s*\[\s*(?P<mark>[xX√✓]?)\s*\]\s*(?P<text>.*)")
_BULLET = re.compile(r"[-*+]\s+(?P<text>.*)")
_PAIR = re.compile(r"[-*+]\s*(?P<text>.*[=＝][>＞].*)")
_NUMBERED = re.compile(r"(?P<mark>\d{1,2})\s*[.．、)）]\s*(?P<text>.*)")
_ROWS: dict[Kind, tuple[re.Pattern[str], ...]] = {
    Kind.SINGLE: (_CHECKBOX,),
    Kind.MULTIPLE: (_CHECKBOX,),
    Kind.TRUEFALSE: (),
    Kind.NUMERIC: (),
    Kind.BLANKS: (_NUMBERED,),
    Kind.ORDER: (_NUMBERED,),
    Kind.MATCH: (_PAIR,),
    Kind.SPOT: (_CHECKBOX, _BULLET),
}
_ANSWERED = frozenset({Kind.TRUEFALSE, Kind.NUMERIC})
_ANSWER = re.compile(r"\s*(?:\*\*)?(?:答案|[Aa]nswer)(?:\*\*)?\s*[：:]\s*(?P<text>.*)")
_EXPLANATION = re.compile(
    r"\s*(?:\*\*)?(?:解析|[Ee]xplanation)(?:\*\*)?\s*[：:](?:\*\*)?\s*(?P<text>.*)"
)
_FEEDBACK = re.compile(r"\s*>\s?(?P<text>.*)")


@dataclass(slots=True)
class Row:
    """One answer row.

    ``mark`` is ``x`` or a space for a checkbox, the number of a numbered row, empty for neither.
    """

    line: int
    mark: str
    text: str
    feedback: list[str] = field(default_factory=list)

    @property
    def is_checked(self) -> bool:
        """Whether the box is ticked."""
        return self.mark == "x"

    @property
    def feedback_md(self) -> str:
        """The comment on this row."""
        return "\n".join(self.feedback).strip()


@dataclass(slots=True)
class Body:
    """What a block holds.

    ``answers`` are the lines 答案; ``problems`` are lines that fit nowhere, with what is wrong.
    """

    stem: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    explanation: list[str] | None = None
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def stem_md(self) -> str:
        """The question."""
        return "\n".join(self.stem).strip()

    @property
    def explanation_md(self) -> str:
        """The explanation, empty when there is none."""
        return "\n".join(self.explanation or []).strip()


def read_body(block: Block) -> Body:
    """Sort the lines of a block; what fits nowhere or would show the key is a problem."""
    reader = _Reader(block.kind)
    fence = ""
    for number, line in block.body:
        was_open, fence = fence, fence_of(line, fence)
        reader.take(number, line, is_code=bool(was_open or fence))
    return reader.body


class _Reader:
    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.body = Body()

    def take(self, number: int, line: str, *, is_code: bool) -> None:
        body = self.body
        if is_code:
            self._take_code(number, line)
        elif body.explanation is None and (match := _EXPLANATION.fullmatch(line)):
            body.explanation = [match["text"]]
        elif match := _ANSWER.fullmatch(line):
            self._take_answer(number, match["text"].strip())
        elif body.explanation is not None:
            if _CHECKBOX.match(line.lstrip()):
                body.problems.append((number, _("选项要写在“解析：”前面")))
            body.explanation.append(line)
        elif row := self._row(number, line):
            body.rows.append(row)
        elif body.rows:
            self._take_below_row(number, line)
        elif body.answers and line.strip():
            body.problems.append((number, _("“答案：”和“解析：”之间不能有别的文字")))
        elif _CHECKBOX.match(line.lstrip()):
            body.problems.append((number, _("这种题型不用 - [x] 写答案，或者这一行缩进了")))
        else:
            body.stem.append(line)

    def _take_code(self, number: int, line: str) -> None:
        body = self.body
        if body.explanation is not None:
            body.explanation.append(line)
        elif body.rows or body.answers:
            body.problems.append((number, _("``` 要放在题干或解析里，不能夹在选项之间")))
        else:
            body.stem.append(line)

    def _take_answer(self, number: int, text: str) -> None:
        body = self.body
        if self.kind not in _ANSWERED:
            message = _("这种题型没有“答案：”一行，答案写在选项里")
            body.problems.append((number, message))
        elif body.explanation is not None:
            body.problems.append((number, _("“答案：”要写在“解析：”前面")))
        else:
            body.answers.append((number, text))

    def _row(self, number: int, line: str) -> Row | None:
        plain = line.removeprefix(" ")
        for pattern in _ROWS[self.kind]:
            if match := pattern.fullmatch(plain.rstrip()):
                groups = match.groupdict()
                mark = groups.get("mark")
                if pattern is _CHECKBOX:
                    mark = "x" if mark else " "
                return Row(number, mark or "", groups["text"].strip())
        return None

    def _take_below_row(self, number: int, line: str) -> None:
        row = self.body.rows[-1]
        if not line.strip():
            return
        if match := _FEEDBACK.fullmatch(line):
            row.feedback.append(match["text"])
        elif line[0] in " \t" and not row.feedback:
            row.text = f"{row.text}\n{line.strip()}"
        else:
            message = _("这一行既不是选项，也不是点评（缩进的 >）或“解析：”")
            self.body.problems.append((number, message))
