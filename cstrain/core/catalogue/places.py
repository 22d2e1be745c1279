"""Where a problem stands that was brought in by a table: table, class and row instead of a file.

What came through the pages lies in no folder, so its path would lead nobody anywhere. Pure.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from cstrain.core.catalogue.sources import File, Source, open_source, owned
from cstrain.core.items.blocks import scan
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick

_ROW_MAX_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Places:
    """The files that tables made, and how people know them.

    Attributes:
        files: Path → file, of all content.
        edits: The paths that were brought in through the pages.
        tables: Kind → what people call a table of it.
    """

    files: Mapping[str, File]
    edits: Collection[str]
    tables: Mapping[str, str]

    def named(self, problems: Iterable[ContentProblem]) -> tuple[ContentProblem, ...]:
        """The problems, with the place of each that a table brought in, and in their words."""
        return tuple(self._named(each) for each in problems)

    def _named(self, problem: ContentProblem) -> ContentProblem:
        place = self._place(problem.path, problem.line) if problem.path in self.edits else ""
        text = problem.problem
        concerned = set(owned(problem.path)[0])
        for path in self.edits:
            owners, seen = owned(path)
            if seen in text and (not concerned or concerned.intersection(owners)):
                text = self._told(text, path, seen)
        return replace(problem, place=place, problem=text)

    def _told(self, text: str, path: str, seen: str) -> str:
        """A text that names a file, as its team sees it, with the place instead."""

        def place(found: re.Match[str]) -> str:
            return self._place(path, int(found[1] or 0)) or found[0]

        return re.sub(rf"{re.escape(seen)}(?::(\d+))?", place, text)

    def _place(self, path: str, line: int) -> str:
        """A line of a file in words; empty where the file can be none that a table made."""
        try:
            source = open_source(path, self.files[path], {})
        except (ContentError, KeyError):
            return ""
        is_bank = source.kind == "bank"
        table = _("题库表格") if is_bank else str(self.tables.get(source.kind, ""))
        if not table:
            return ""
        title = source.meta.data.get("section" if is_bank else "title")
        group = pick(title) if isinstance(title, dict) else str(title or "")
        row = _row(source, line)
        return " · ".join(part for part in (table, group, row) if part)


def _row(source: Source, line: int) -> str:
    """The heading of the entry, or the first words of the question, that a line is of."""
    if source.kind == "bank":
        blocks = scan(source.path, source.body, first_line=source.body_line).blocks
        said = {
            block.line: next((text for _n, text in block.body if text.strip()), "")
            for block in blocks
        }
    else:
        lines = enumerate(source.body.split("\n"), start=source.body_line)
        said = {number: text[3:] for number, text in lines if text.startswith("## ")}
    starts = sorted(said)
    place = bisect_right(starts, line)
    words = said[starts[place - 1]].strip() if place else ""
    return words if len(words) <= _ROW_MAX_LENGTH else f"{words[:_ROW_MAX_LENGTH]}…"
