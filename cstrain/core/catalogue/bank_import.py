"""Questions that trainers bring in: what a table would do, and doing it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial

from cstrain.core.catalogue import active
from cstrain.core.catalogue.bank_table import Question, read
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.edits import Edit
from cstrain.core.catalogue.publish import (
    active_revision,
    active_revision_id,
    files_of,
    publish_edit,
)
from cstrain.core.catalogue.sources import TEAMS, digest_of
from cstrain.core.items.blocks import scan
from cstrain.kit import frontmatter
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _

_FOLDER = "imports/"
_SUFFIX = ".questions.md"


class RowState(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class ImportPlan(Edit):
    """What a table of questions would do.

    Attributes:
        questions: Every row that is a question, with what becomes of it.
    """

    questions: list[tuple[Question, RowState]] = field(default_factory=list)

    def count(self, state: str) -> int:
        """How many rows are in a state."""
        return sum(each is RowState(state) for _question, each in self.questions)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a team has brought in for a lesson."""

    lesson: str
    path: str
    count: int


def plan(data: bytes, team_slug: str) -> ImportPlan:
    """Find out what a table would do to a team's bank, without doing it.

    Raises:
        InvalidError: If the table cannot be read.
    """
    revision_id = active_revision_id()
    catalogue = active.for_team(team_slug)
    questions, problems = read(data, partial(_misplaced, catalogue))
    made = ImportPlan(problems=problems, revision_id=revision_id)
    kept = _kept_blocks(team_slug, {question.lesson for question in questions})
    for question in questions:
        before = kept.get(question.lesson, {}).get(question.item.id)
        state = RowState.NEW if before is None else RowState.CHANGED
        if before == question.text:
            state = RowState.UNCHANGED
        made.questions.append((question, state))
    made.problems.sort(key=lambda problem: problem.number)
    if not made.problems:
        _add_changes(made, team_slug, kept)
        made.check()
    return made


def _misplaced(catalogue: Catalogue, lesson: str, section: str, item_id: str) -> Iterable[str]:
    """What is wrong with where a question is to stand."""
    if catalogue.lesson_of(lesson) != lesson:
        yield _("没有“%(slug)s”这一课", slug=lesson)
        return
    if section and catalogue.lesson_of(section) != lesson:
        yield _("小节 %(ref)s 不在 %(lesson)s 这一课里", ref=section, lesson=lesson)
    there = catalogue.bank.get(item_id)
    if there is not None and there.path != _own_path(lesson):
        yield _("编号 %(id)s 已经被 %(path)s 用了，换一个", id=item_id, path=there.path)


def _own_path(lesson: str) -> str:
    """Where a lesson's imported questions lie, as the team sees it; no two in one place."""
    name = re.sub(r"[^a-z0-9.-]", "-", lesson.lower())
    if name != lesson:
        name += f"-{digest_of(lesson.encode())[:8]}"
    return f"{_FOLDER}{name}{_SUFFIX}"


def _path(team_slug: str, lesson: str) -> str:
    return f"{TEAMS}{team_slug}/{_own_path(lesson)}"


def _kept_blocks(team_slug: str, lessons: Iterable[str]) -> dict[str, dict[str, str]]:
    """What the team has brought in before: lesson → id → block."""
    revision = active_revision()
    manifest: Mapping[str, list[str]] = revision.manifest if revision is not None else {}
    paths = {_path(team_slug, lesson): lesson for lesson in lessons}
    files = files_of({path: manifest[path] for path in paths if path in manifest})
    return {paths[path]: _blocks(path, file.body.decode("utf-8")) for path, file in files.items()}


def _blocks(path: str, text: str) -> dict[str, str]:
    """The blocks of a bank file as written, by id."""
    _meta, body, first_line = frontmatter.split(text)
    lines = body.split("\n")
    blocks = scan(path, body, first_line=first_line).blocks
    starts = [block.line - first_line for block in blocks] + [len(lines)]
    return {
        block.options["id"].value: "\n".join(lines[start:end]).strip() + "\n"
        for block, start, end in zip(blocks, starts, starts[1:], strict=False)
    }


def _add_changes(made: ImportPlan, team_slug: str, kept: Mapping[str, Mapping[str, str]]) -> None:
    """Lay the new blocks over what is there."""
    lessons = {q.lesson for q, state in made.questions if state is not RowState.UNCHANGED}
    for lesson in sorted(lessons):
        blocks = dict(kept.get(lesson, {}))
        blocks.update((q.item.id, q.text) for q, _state in made.questions if q.lesson == lesson)
        text = f'---\nsection: "{lesson}"\n---\n\n' + "\n".join(blocks.values())
        made.changes[_path(team_slug, lesson)] = text.encode()


def kept(team_slug: str) -> list[Kept]:
    """What a team has brought in, by lesson."""
    catalogue = active.for_team(team_slug)
    counts: dict[str, int] = {}
    lessons: dict[str, str] = {}
    for entry in catalogue.bank.values():
        if entry.path.startswith(_FOLDER):
            counts[entry.path] = counts.get(entry.path, 0) + 1
            lessons[entry.path] = entry.lesson
    return [Kept(lessons[path], path, count) for path, count in sorted(counts.items())]


def take_back(
    team_slug: str, lesson: str, *, by: int, now: datetime
) -> tuple[int | None, Sequence[ContentProblem]]:
    """Take a lesson's imported questions out again; drawn papers keep theirs.

    Returns:
        The revision's id, None where something still needs them; and the problems.
    """
    revision_id, checked = publish_edit(
        active.active().builder,
        {_path(team_slug, lesson): None},
        by=by,
        note=f"bank {lesson}: taken back",
        now=now,
    )
    return revision_id, checked.problems
