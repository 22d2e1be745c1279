"""A record's evidence by the stage it was shown in, and there by what it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cstrain.reports.evidence import Shown
from cstrain.reports.record import Path


class What(StrEnum):
    """What a row is, in the order of a page."""

    EXAM = "exam"
    PRACTICE = "practice"
    LESSON = "lesson"


@dataclass(frozen=True, slots=True)
class Group:
    """What was shown in one stage of one pathway, or after the last one.

    Attributes:
        path_title: The pathway; empty where the row belongs to none.
        stage_title: The stage; empty after the last one, and without a pathway.
        cycle: Which time the pathway was gone; 0 outside of its stages.
        rows: What it is → the rows, the newest first; signatures stand with the exams.
    """

    path_title: str
    stage_title: str
    cycle: int
    rows: dict[What, list[Shown]] = field(default_factory=dict)

    @property
    def parts(self) -> list[tuple[What, list[Shown]]]:
        """The rows by what they are, in the order of a page."""
        return [(what, self.rows[what]) for what in What if what in self.rows]

    @property
    def count(self) -> int:
        """How many rows it holds."""
        return sum(map(len, self.rows.values()))

    @property
    def newest(self) -> Shown:
        """The row that was shown last."""
        return max((rows[0] for rows in self.rows.values()), key=lambda row: row.at)


def grouped(rows: Sequence[Shown], paths: Sequence[Path]) -> list[Group]:
    """Rows that come the newest first, group by group in the same order."""
    known = {path.enrolment_id: path for path in paths}
    found: dict[tuple[int | None, int, str], Group] = {}
    for row in rows:
        path = known.get(row.enrolment_id) if row.enrolment_id is not None else None
        cycle, slug, title = _stage_of(row, path)
        key = (path.enrolment_id if path else None, cycle, slug)
        group = found.setdefault(key, Group(path.title if path else "", title, cycle))
        group.rows.setdefault(_what(row, path), []).append(row)
    return list(found.values())


def _stage_of(row: Shown, path: Path | None) -> tuple[int, str, str]:
    """The stage that was open when a row was shown: its cycle, slug and title.

    What passes a gate opens the next stage in the same moment, and belongs to the one before. A
    signature names its stage.
    """
    if path is None or not path.stages:
        return 0, "", ""
    if path.state == "completed" and row.at > path.stages[-1].since_at:
        return 0, "", ""
    signed = row.activity.removeprefix("sign-off:") if row.source_kind == "sign_off" else ""
    entered = [
        stage
        for stage in path.stages
        if (stage.entered_at < row.at and not signed)
        or (stage.entered_at <= row.at and stage.slug == signed)
    ]
    stage = entered[-1] if entered else path.stages[0]
    return stage.cycle, stage.slug, stage.title


def _what(row: Shown, path: Path | None) -> What:
    if row.source_kind == "sign_off" or (path is not None and row.activity in path.exams):
        return What.EXAM
    if path is not None and row.activity in path.learn:
        return What.LESSON
    return What.PRACTICE
