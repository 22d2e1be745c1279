"""A reflection as content: what to look back at, and how much to write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import Source

#: The longest text that a file may ask for; far more than anybody marks with care.
MAX_CHARS: Final = 5_000
MAX_MINUTES: Final = 120
DEFAULT_RUBRIC: Final = "reflection"

_KEYS: Final = frozenset(
    {"kind", "slug", "title", "sections", "minutes", "least", "most", "rubric"}
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class ReflectionSpec:
    """A reflection to be written.

    Attributes:
        sections: What it looks back at, section refs.
        minutes: About how long it takes.
        least: Characters below which handing in asks once more; white space does not count.
        most: Characters above which it is not taken.
        rubric: By which a trainer marks.
        task_md: What to look back at, with the questions.
        path: The file.
        lines: Line by key of the front matter.
    """

    slug: str
    title: Mapping[str, str]
    sections: tuple[str, ...]
    minutes: int
    least: int
    most: int
    rubric: str
    task_md: str
    path: str
    lines: Mapping[str, int]

    def problem(self, text: str, key: str, *, missing: str = "") -> ContentProblem:
        """A problem at a key, for checks that need the whole catalogue."""
        return ContentProblem(self.path, self.lines.get(key, 1), text, missing)


def load(source: Source) -> ReflectionSpec:
    """Read a reflection's file.

    Raises:
        ContentError: With every problem found.
    """
    data: Mapping[str, Any] = source.meta.data
    problems = [source.problem(text, key) for key, text in _wrong(data)]
    task = source.body.strip()
    if not task:
        problems.append(source.problem(_("写上回头看什么"), line=source.body_line))
    if problems:
        raise ContentError(problems)
    return ReflectionSpec(
        slug=data["slug"],
        title=data.get("title") or {},
        sections=tuple(data.get("sections", ())),
        minutes=data["minutes"],
        least=data["least"],
        most=data["most"],
        rubric=data.get("rubric", DEFAULT_RUBRIC),
        task_md=task,
        path=source.path,
        lines={key: source.meta.line_of(key) for key in _KEYS},
    )


def _wrong(data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Pairs of a key and what is wrong with its value."""
    known = ", ".join(sorted(_KEYS))
    for key in sorted(data.keys() - _KEYS):
        yield key, _("不认识 %(key)s，可以写 %(known)s", key=key, known=known)
    if isinstance(slug := data.get("slug"), str) and _DIGITS.fullmatch(slug):
        yield "slug", _("slug 不能全是数字")
    for key, limit in (("minutes", MAX_MINUTES), ("least", MAX_CHARS), ("most", MAX_CHARS)):
        if not _is_whole(data.get(key), 1, limit):
            text = _("%(key)s 要写 %(least)s 到 %(most)s 的整数", key=key, least=1, most=limit)
            yield key, text
    least, most = data.get("least"), data.get("most")
    if isinstance(least, int) and isinstance(most, int) and least >= most:
        yield "most", _("most 要比 least 大")
    sections = data.get("sections", [])
    if not isinstance(sections, list) or not all(isinstance(each, str) for each in sections):
        yield "sections", _("%(key)s 要写成列表，例如 [a, b]", key="sections")
    if not isinstance(data.get("rubric", DEFAULT_RUBRIC), str):
        yield "rubric", _("rubric 写评分表的 slug")


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
