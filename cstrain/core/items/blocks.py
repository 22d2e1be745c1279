"""Finds the question blocks in a Markdown text, line by line.

The scanner comes before any Markdown: a block it cannot read is a problem with a line and never
reaches a page, so a mistyped fence cannot show a key. Code fences are respected.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cstrain.core.items.item import KIND_NAMES, Kind
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.kit.markdown import fence_of

_RULE = re.compile(r"\s*(?P<slashes>[/／]{3,})(?P<rest>.*)")
_OPTION_LINE = re.compile(r"(?: {4,}|\t)\s*(?P<text>\S.*)")
_OPTION = re.compile(r"(?P<name>[^\s：:]+)\s*[：:]\s*(?P<value>.*)")
_CHECKED = re.compile(r"\s*[-*+]\s*\[\s*[xX√✓]\s*\]")


class Role(StrEnum):
    """What a block is for: a graded question, or a prompt to think first."""

    QUESTION = "question"
    PROMPT = "prompt"


_ROLES = {
    "题": Role.QUESTION,
    "question": Role.QUESTION,
    "启发": Role.PROMPT,
    "prompt": Role.PROMPT,
}
_OPTIONS = {
    "编号": "id",
    "难度": "level",
    "分值": "points",
    "用途": "use",
    "小节": "section",
    "参数": "ranges",
    "验算": "worked",
    **{name: name for name in ("id", "level", "points", "use", "section", "ranges", "worked")},
}


@dataclass(frozen=True, slots=True)
class Option:
    """The value of an option as written, and its line."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """The lines between two fences, with the options read off.

    ``options`` has the English names (id, level, points, use, section, ranges, worked). ``body``
    holds numbered lines, the first option's line excluded.
    """

    path: str
    role: Role
    kind: Kind
    line: int
    options: Mapping[str, Option]
    body: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown between blocks; ``line`` is the number of its first line."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A text in pieces, in order, and everything that is wrong with its fences.

    A block with a problem in its head is left out of the pieces; its text is not prose either.
    """

    pieces: tuple[Prose | Block, ...]
    problems: tuple[ContentProblem, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks alone."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Block))

    @property
    def prose(self) -> tuple[Prose, ...]:
        """The prose alone."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Prose))


def scan(path: str, text: str, *, first_line: int = 1) -> Scan:
    """Part a Markdown text without front matter into prose and blocks.

    Args:
        path: The file, for problems.
        text: The body.
        first_line: The number of the body's first line in its file.
    """
    scanner = _Scanner(path)
    for number, line in enumerate(text.split("\n"), start=first_line):
        scanner.take(number, line.rstrip("\r"))
    scanner.end()
    return Scan(tuple(scanner.pieces), tuple(sorted(scanner.problems, key=lambda p: p.line)))


@dataclass(slots=True)
class _Scanner:
    path: str
    pieces: list[Prose | Block] = field(default_factory=list)
    problems: list[ContentProblem] = field(default_factory=list)
    head: tuple[int, str] | None = None  # the open block's first line
    held: list[tuple[int, str]] = field(default_factory=list)
    fence: str = ""
    fence_line: int = 0

    def take(self, number: int, line: str) -> None:
        """Read the next line."""
        fence = fence_of(line, self.fence)
        if fence and not self.fence:
            self.fence_line = number
        was_code, self.fence = bool(self.fence or fence), fence
        rule = None if was_code else _RULE.fullmatch(line)
        if rule is None:
            if self.head is None and not was_code and _CHECKED.match(line):
                self._problem(number, _("带勾的选项不在题里：前面少了“/// 题 | 题型”这一行"))
            self.held.append((number, line))
        elif "／" in rule["slashes"]:
            self._problem(number, _("题的首尾要用半角的 ///，不是全角的 ／／／"))
            self._fence(number, rule["rest"].strip())
        else:
            self._fence(number, rule["rest"].strip())

    def end(self) -> None:
        """Close what is open at the end of the text."""
        if self.fence:
            self._problem(self.fence_line, _("这里开始的代码框没有收尾，少了一行 ```"))
        if self.head is None:
            self._flush_prose()
        else:
            self._problem(self.head[0], _("这一题没有收尾，少了一行 ///"))

    def _fence(self, number: int, rest: str) -> None:
        if rest and self.head is not None:
            text = _("上一题（第 %(line)s 行）还没有用 /// 收尾，这里又开了一题", line=self.head[0])
            self._problem(number, text)
            self._begin(number, rest)
        elif rest:
            self._flush_prose()
            self._begin(number, rest)
        elif self.head is not None:
            self._flush_block()
        else:
            self._problem(number, _("这一行 /// 前面没有题"))

    def _begin(self, number: int, rest: str) -> None:
        self.head, self.held = (number, rest), []

    def _flush_prose(self) -> None:
        if any(line.strip() for _number, line in self.held):
            self.pieces.append(Prose(self.held[0][0], "\n".join(line for _n, line in self.held)))
        self.held = []

    def _flush_block(self) -> None:
        assert self.head is not None  # noqa: S101 - for the type checker; the caller has looked
        (number, head), lines = self.head, self.held
        self.head, self.held = None, []
        role, kind = self._read_head(number, head)
        options, rest = self._read_options(lines)
        if role is not None and kind is not None:
            self.pieces.append(Block(self.path, role, kind, number, options, rest))

    def _read_head(self, number: int, head: str) -> tuple[Role | None, Kind | None]:
        role_name, bar, kind_name = head.replace("｜", "|").partition("|")
        role = _ROLES.get(role_name.strip().lower())
        kind = Kind.named(kind_name)
        if role is None:
            text = _("不认识“%(name)s”，只有 题、启发 两种", name=role_name.strip())
            self._problem(number, text)
        if not bar or not kind_name.strip():
            self._problem(number, _("要写明题型，例如 /// 题 | 单选"))
        elif kind is None:
            known = "、".join(KIND_NAMES.values())
            text = _("不认识题型“%(name)s”，可用：%(known)s", name=kind_name.strip(), known=known)
            self._problem(number, text)
        return role, kind

    def _read_options(
        self, lines: list[tuple[int, str]]
    ) -> tuple[dict[str, Option], tuple[tuple[int, str], ...]]:
        options: dict[str, Option] = {}
        for index, (number, line) in enumerate(lines):
            written = _OPTION_LINE.fullmatch(line)
            if written is None:
                return options, tuple(lines[index:])
            match = _OPTION.fullmatch(written["text"].rstrip())
            name = _OPTIONS.get(match["name"].lower()) if match else None
            if match is None or name is None:
                known = "、".join(key for key in _OPTIONS if not key.isascii())
                text = _("不认识选项“%(name)s”，可用：%(known)s", name=line.strip(), known=known)
                self._problem(number, text)
            elif name in options:
                self._problem(number, _("选项“%(name)s”写了两次", name=match["name"]))
            else:
                options[name] = Option(match["value"].strip(), number)
        return options, ()

    def _problem(self, line: int, text: str) -> None:
        self.problems.append(ContentProblem(self.path, line, text))
