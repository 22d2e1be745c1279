"""A shop's FAQ, replies, products or words by table: what it would do, and taking it back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import select

from cstrain.core.catalogue import active
from cstrain.core.catalogue.bank_table import RowProblem
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.edits import Edit
from cstrain.core.catalogue.entries import in_order
from cstrain.core.catalogue.models import ContentRevision
from cstrain.core.catalogue.publish import (
    active_revision,
    active_revision_id,
    files_of,
    publish_edit,
)
from cstrain.core.catalogue.sources import TEAMS, File, open_source
from cstrain.desk.replies import left_out, shop_rows, shop_table, words
from cstrain.desk.replies.shop_table import Group, Row, Table
from cstrain.kit.db import db
from cstrain.kit.errors import ContentError, ContentProblem, InvalidError
from cstrain.kit.i18n import gettext as _


class RowState(StrEnum):
    """What becomes of an entry."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GONE = "gone"


@dataclass(slots=True)
class ShopPlan(Edit):
    """What a shop's table would do.

    Attributes:
        entries: Every row, and what the shop has and the table has not, with what becomes of it.
        before: Digest of what the shop has now.
    """

    entries: list[tuple[Row, RowState]] = field(default_factory=list)
    before: str = ""

    def count(self, state: str) -> int:
        """How many entries are in a state."""
        return sum(each is RowState(state) for _row, each in self.entries)


def plan(table: Table, data: bytes, team_slug: str) -> ShopPlan:
    """Find out what a table would do to a shop's files, without doing it.

    Raises:
        InvalidError: If the table cannot be read, or holds nothing.
    """
    made = ShopPlan(revision_id=active_revision_id())
    catalogue = active.for_team(team_slug)
    rows, made.problems = shop_rows.read(table, data)
    if not rows and not made.problems:
        raise InvalidError(_("表里一条也没有。要撤掉表格带进来的内容，用这一页下面的“撤回”。"))
    if table is not Table.WORDS:
        made.problems += _forbidden(catalogue, rows)
    made.problems.sort(key=lambda each: each.number)
    before = shop_table.groups_of(catalogue, table)
    made.before = sha256(repr(before).encode()).hexdigest()
    after = _placed(_grouped(table, rows, before))
    made.entries = _states(before, rows)
    _add_changes(made, table, team_slug, before, after)
    if not made.problems:
        made.check()
        _tell_rows(made, table, team_slug, after)
    return made


def _forbidden(catalogue: Catalogue, rows: Sequence[Row]) -> list[RowProblem]:
    known = words.words_of(catalogue)
    return [
        RowProblem(row.number, reason)
        for row in rows
        for reason in dict.fromkeys(words.told(row.sent, known))
    ]


def _grouped(table: Table, rows: Sequence[Row], before: Sequence[Group]) -> list[Group]:
    """The classes of the table in their order; one that the shop has keeps its file."""
    there = {group.name: group for group in reversed(before)}
    found: dict[object, Group] = {}
    for row in rows:
        name = (row.group, row.use)
        group = found.get(name) or there.get(name) or shop_table.new_group(table, *name)
        kept = group.rows if name in found else ()
        found[name] = replace(group, rows=(*kept, row))
    return list(found.values())


def _placed(groups: list[Group]) -> list[Group]:
    """The classes with places named where their files would stand otherwise."""
    if in_order(groups) == groups:
        return groups
    return [replace(group, order=place) for place, group in enumerate(groups, start=1)]


def _states(before: Sequence[Group], rows: Sequence[Row]) -> list[tuple[Row, RowState]]:
    there = {row.key: row for group in before for row in group.rows}
    states = []
    for row in rows:
        old = there.pop(row.key, None)
        state = RowState.NEW if old is None else RowState.CHANGED
        if old is not None and old.said == row.said:
            state = RowState.UNCHANGED
        states.append((row, state))
    return [*states, *((row, RowState.GONE) for row in there.values())]


def _add_changes(
    made: ShopPlan, table: Table, team_slug: str, before: Sequence[Group], after: Sequence[Group]
) -> None:
    """The files of the shop's own folder that are written, and that take the place of others."""
    there = {group.path: group for group in before}
    for group in after:
        old = there.pop(group.path, None)
        if old is None or _told(old) != _told(group):
            made.changes[_path(team_slug, group)] = shop_table.text_of(table, group)[0].encode()
    for group in there.values():
        is_made = group.path.rpartition("/")[2].startswith(shop_table.MADE)
        body = None if is_made else left_out.text_of(table).encode()
        made.changes[_path(team_slug, group)] = body


def _told(group: Group) -> tuple[object, ...]:
    """All that makes the file."""
    return (group.order, *(row.said for row in group.rows))


def _path(team_slug: str, group: Group) -> str:
    return f"{TEAMS}{team_slug}/{group.path}"


def _tell_rows(made: ShopPlan, table: Table, team_slug: str, after: Sequence[Group]) -> None:
    """Name the row where a problem stands in a file that the table makes."""
    written = {_path(team_slug, group): group for group in after}
    elsewhere: list[ContentProblem] = []
    for problem in made.elsewhere:
        group = written.get(problem.path)
        if group is None or problem.path not in made.changes:
            elsewhere.append(problem)
            continue
        _text, lines = shop_table.text_of(table, group)
        row = group.rows[max(bisect_right(lines, problem.line) - 1, 0)]
        made.problems.append(RowProblem(row.number, problem.problem))
    made.elsewhere = elsewhere


def brought(table: Table, team_slug: str) -> list[str]:
    """Where what a shop brought in by tables lies."""
    revision = active_revision()
    (found,) = _brought(table, team_slug, [revision.manifest if revision is not None else {}])
    return sorted(found)


def _brought(
    table: Table, team_slug: str, manifests: Sequence[Mapping[str, Sequence[str]]]
) -> list[dict[str, Sequence[str]]]:
    """Of each manifest what tables have brought in, in one statement."""
    start = f"{TEAMS}{team_slug}/"
    own = [
        {
            path: entry
            for path, entry in manifest.items()
            if entry[1] == "edit" and path.startswith(start) and path.endswith(".md")
        }
        for manifest in manifests
    ]
    paths = {entry[0]: path for held in own for path, entry in held.items()}
    files = files_of({digest: [digest, "edit"] for digest in paths})
    is_of_table = {digest: _is_of(table, paths[digest], file) for digest, file in files.items()}
    return [{path: entry for path, entry in held.items() if is_of_table[entry[0]]} for held in own]


def _is_of(table: Table, path: str, file: File) -> bool:
    try:
        source = open_source(path, file, {})
    except ContentError:
        return False
    stands_for = source.meta.data.get("of") if source.kind == left_out.MATERIAL else source.kind
    return stands_for in {table.value, shop_table.KINDS[table]}


@dataclass(frozen=True, slots=True)
class Standing:
    """What tables have brought in, as it was after one of them.

    Attributes:
        at: When it was published; None for what lay there before the first.
        files: Path → entry of a manifest.
    """

    at: datetime | None
    files: Mapping[str, Sequence[str]]


def note_of(table: Table, team_slug: str, told: str) -> str:
    """One line for a revision, by which the shop's uploads are found again."""
    return f"{table.value} {team_slug}: {told}"


def before_last(table: Table, team_slug: str) -> Standing:
    """What taking the last table back leads to: the table before it, or what lay there at first.

    A table that was taken back is none; so one taken back after the other leads to the first.
    """
    revisions = db.session.execute(
        select(ContentRevision.at, ContentRevision.manifest)
        .where(ContentRevision.note.startswith(note_of(table, team_slug, ""), autoescape=True))
        .order_by(ContentRevision.id)
    ).all()
    stack = [Standing(None, {})]
    states = _brought(table, team_slug, [row.manifest for row in revisions])
    for at, held in zip((row.at for row in revisions), states, strict=True):
        if len(stack) > 1 and held == stack[-2].files:
            stack.pop()
        elif held != stack[-1].files:
            stack.append(Standing(at, held))
    return stack[-2] if len(stack) > 1 else stack[0]


def take_back(
    table: Table, team_slug: str, *, by: int, now: datetime
) -> tuple[int | None, Sequence[ContentProblem]]:
    """Take the last table back; what lay there before it is there again.

    Returns:
        The revision's id, None where something still needs it; and the problems.
    """
    before = before_last(table, team_slug).files
    changes: dict[str, bytes | None] = dict.fromkeys(brought(table, team_slug))
    changes |= {path: file.body for path, file in files_of(before).items()}
    revision_id, checked = publish_edit(
        active.active().builder,
        changes,
        by=by,
        note=note_of(table, team_slug, "table taken back"),
        now=now,
    )
    return revision_id, checked.problems
