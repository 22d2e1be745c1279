"""A quiz as content: from front matter to a checked plan of its paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import Kind, Source, Use

REVEALS = ("always", "after_pass", "never")
MAX_QUESTIONS = 200
MAX_MINUTES = 600
#: What people need for a question where no time is set.
MINUTES_A_QUESTION = 0.75

_KEYS = frozenset(
    {
        *("kind", "slug", "title", "use", "minutes", "pass_ratio", "attempts", "delay_minutes"),
        *("reveal", "always", "draw"),
    }
)
_DRAW_KEYS = frozenset({"sections", "levels", "kinds", "count", "fewer"})
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Draw:
    """So many questions from these sections.

    Attributes:
        sections: Lessons or subsections.
        levels: Allowed levels; empty for all.
        kinds: Allowed kinds; empty for all.
        line: Where it stands in its file.
        may_be_fewer: Whether a bank with fewer does as well, as long as it has one.
    """

    sections: tuple[str, ...]
    count: int
    levels: frozenset[int] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    line: int = 0
    may_be_fewer: bool = False

    @property
    def least_count(self) -> int:
        """How many there must be."""
        return 1 if self.may_be_fewer else self.count


@dataclass(frozen=True, slots=True)
class QuizSpec:
    """An exam or a practice quiz.

    Attributes:
        use: Whether exam or practice questions are drawn.
        minutes: The time limit; None without one.
        pass_ratio: Share of the points that passes; None where nothing depends on it.
        attempts: How many attempts there are where no gate says so.
        delay_minutes: Between a failed attempt and the next, where no gate says so.
        reveal: When right answers and explanations are shown: always, after_pass or never.
        always: Ids of questions that every paper has.
        intro_md: What people read before they begin.
        path: The file.
        lines: Line by key of the front matter.
    """

    slug: str
    title: Mapping[str, str]
    use: Use
    minutes: int | None
    pass_ratio: float | None
    attempts: int | None
    delay_minutes: int | None
    reveal: str
    always: tuple[str, ...]
    draws: tuple[Draw, ...]
    intro_md: str
    path: str
    lines: Mapping[str, int]

    @property
    def question_count(self) -> int:
        """How many questions a paper has."""
        return len(self.always) + sum(draw.count for draw in self.draws)

    @property
    def may_be_fewer(self) -> bool:
        """Whether a paper may have fewer."""
        return any(draw.may_be_fewer for draw in self.draws)

    @property
    def is_exam(self) -> bool:
        """Whether attempts count."""
        return self.use is Use.EXAM

    @property
    def about_minutes(self) -> float:
        """About how long it takes."""
        return self.minutes or max(self.question_count * MINUTES_A_QUESTION, 1)

    def problem(
        self, text: str, key: str = "slug", *, line: int = 0, missing: str = ""
    ) -> ContentProblem:
        """A problem at a key, for checks that need the whole catalogue."""
        return ContentProblem(self.path, line or self.lines.get(key, 1), text, missing)


def load(source: Source) -> QuizSpec:
    """Read a quiz file.

    Raises:
        ContentError: With every problem found.
    """
    return _Reader(source).spec()


class _Reader:
    """Reads one file, collecting problems with their lines."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data: Mapping[str, Any] = source.meta.data
        self.problems: list[ContentProblem] = []

    def complain(self, text: str, *at: str | int) -> None:
        self.problems.append(self.source.problem(text, *at))

    def spec(self) -> QuizSpec:
        for key in sorted(self.data.keys() - _KEYS):
            self.complain(_("不认识 %(key)s，可以写 %(known)s", key=key, known=_known(_KEYS)), key)
        slug = self.data.get("slug")
        if isinstance(slug, str) and _DIGITS.fullmatch(slug):
            self.complain(_("slug 不能全是数字"), "slug")
        use = self.use()
        always = self.always()
        draws = self.draws()
        spec = QuizSpec(
            slug=str(slug),
            title=self.data.get("title") or {},
            use=use,
            minutes=self.whole("minutes", 1, MAX_MINUTES),
            pass_ratio=self.ratio(),
            attempts=self.whole("attempts", 1, 100),
            delay_minutes=self.whole("delay_minutes", 0, 100_000),
            reveal=self.reveal(use),
            always=always,
            draws=draws,
            intro_md=self.source.body.strip(),
            path=self.source.path,
            lines={key: self.source.meta.line_of(key) for key in _KEYS},
        )
        if not self.problems and not 0 < spec.question_count <= MAX_QUESTIONS:
            self.complain(_("一份卷子要有 1 到 %(most)s 题", most=MAX_QUESTIONS), "draw")
        if use is Use.PRACTICE and spec.minutes is not None:
            self.complain(_("练习不限时，不写 minutes"), "minutes")
        if self.problems:
            raise ContentError(self.problems)
        return spec

    def use(self) -> Use:
        value = self.data.get("use")
        if value in {Use.EXAM.value, Use.PRACTICE.value}:
            return Use(value)
        self.complain(_("use 要写 exam 或 practice"), "use")
        return Use.PRACTICE

    def reveal(self, use: Use) -> str:
        value = self.data.get("reveal", "after_pass" if use is Use.EXAM else "always")
        if value in REVEALS:
            return str(value)
        self.complain(_("reveal 要写 %(known)s", known=_known(REVEALS)), "reveal")
        return "never"

    def ratio(self) -> float | None:
        value = self.data.get("pass_ratio")
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
            return float(value)
        self.complain(_("pass_ratio 要写 0 到 1 之间的数，例如 0.8"), "pass_ratio")
        return None

    def whole(self, key: str, least: int, most: int) -> int | None:
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        text = _("%(key)s 要写 %(least)s 到 %(most)s 的整数", key=key, least=least, most=most)
        self.complain(text, key)
        return None

    def always(self) -> tuple[str, ...]:
        value = self.data.get("always", [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.complain(_("always 要列出题目编号，像数字的要带引号"), "always")
            return ()
        if len(set(value)) < len(value):
            self.complain(_("always 里有一题写了两次"), "always")
        return tuple(dict.fromkeys(value))

    def draws(self) -> tuple[Draw, ...]:
        value = self.data.get("draw", [])
        if not isinstance(value, list):
            self.complain(_('draw 要写成列表，例如 - {sections: ["1.1"], count: 3}'), "draw")
            return ()
        return tuple(self.draw(each, index) for index, each in enumerate(value))

    def draw(self, data: Any, index: int) -> Draw:
        at = ("draw", index)
        if not isinstance(data, dict):
            self.complain(_('这里要写成 {sections: ["1.1"], count: 3}'), *at)
            return Draw((), 0)
        for key in sorted(data.keys() - _DRAW_KEYS):
            self.complain(
                _("不认识 %(key)s，可以写 %(known)s", key=key, known=_known(_DRAW_KEYS)), *at, key
            )
        sections = data.get("sections")
        if not sections or not _all(sections, str):
            self.complain(_('sections 要列出节，例如 ["1.1", "1.2.3"]，要带引号'), *at, "sections")
            sections = []
        count = data.get("count")
        if not isinstance(count, int) or isinstance(count, bool) or not 0 < count <= MAX_QUESTIONS:
            self.complain(_("count 要写抽几题"), *at, "count")
            count = 0
        fewer = data.get("fewer", False)
        if not isinstance(fewer, bool) or (fewer and self.data.get("use") == Use.EXAM.value):
            self.complain(_("fewer 写 true 或 false，只有练习能写 true"), *at, "fewer")
        levels = data.get("levels", [])
        if not _all(levels, int) or not set(levels) <= {1, 2, 3}:
            self.complain(_("levels 要列出难度 1、2、3 中的几个"), *at, "levels")
            levels = []
        return Draw(
            sections=tuple(sections),
            count=count,
            levels=frozenset(levels),
            kinds=self.kinds(data.get("kinds", []), (*at, "kinds")),
            line=self.source.meta.line_of(*at),
            may_be_fewer=fewer is True,
        )

    def kinds(self, names: Any, at: tuple[str | int, ...]) -> frozenset[Kind]:
        if not _all(names, str):
            self.complain(_("kinds 要列出题型，例如 [单选, 找错]"), *at)
            return frozenset()
        found = {name: Kind.named(name) for name in names}
        for name, kind in found.items():
            if kind is None:
                self.complain(_("不认识题型“%(name)s”", name=name), *at)
        return frozenset(kind for kind in found.values() if kind is not None)


def _all(values: Any, wanted: type) -> bool:
    return isinstance(values, list) and all(
        isinstance(each, wanted) and not isinstance(each, bool) for each in values
    )


def _known(names: Any) -> str:
    return ", ".join(sorted(names))
