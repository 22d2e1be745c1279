"""Writing to and reading from the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Row, Select, bindparam, select, tuple_
from sqlalchemy.orm import aliased

from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import EvidenceView, Outcome, shortfalls_from_json
from cstrain.kit.db import db, insert_row, run


def add(  # noqa: PLR0913 - the columns of one row
    outcome: Outcome,
    *,
    person_id: int,
    team_id: int,
    enrolment_id: int | None,
    cycle: int,
    activity: str,
    kind: str,
    source_kind: str,
    source_id: int | None,
    content_digest: str,
    by: int | None,
    now: datetime,
    at: datetime | None = None,
    by_role: str | None = None,
    supersedes_id: int | None = None,
) -> int:
    """Add a row and give its id. A second correction of one row is refused by the database.

    ``at`` is when the person showed it, where that is not now.
    """
    return insert_row(
        Evidence,
        {
            "person_id": person_id,
            "team_id": team_id,
            "enrolment_id": enrolment_id,
            "cycle": cycle,
            "activity": activity,
            "kind": kind,
            "source_kind": source_kind,
            "source_id": source_id,
            "score": outcome.score,
            "measures": dict(outcome.measures),
            "shortfalls": [asdict(shortfall) for shortfall in outcome.shortfalls],
            "summary": dict(outcome.summary),
            "content_digest": content_digest,
            "by_person_id": by,
            "by_role": by_role,
            "at": at or now,
            "recorded_at": now,
            "supersedes_id": supersedes_id,
        },
    )


def standing_rows() -> Select[Evidence]:
    """A select of the rows that nothing supersedes."""
    later = aliased(Evidence)
    return (
        select(Evidence)
        .outerjoin(later, later.supersedes_id == Evidence.id)
        .where(later.id.is_(None))
    )


_COLUMNS = (
    Evidence.id,
    Evidence.person_id,
    Evidence.team_id,
    Evidence.enrolment_id,
    Evidence.activity,
    Evidence.kind,
    Evidence.source_kind,
    Evidence.source_id,
    Evidence.score,
    Evidence.measures,
    Evidence.shortfalls,
    Evidence.summary,
    Evidence.at,
    Evidence.by_person_id,
    Evidence.by_role,
)
_KEPT = "cstrain.evidence"
#: Cycles whose evidence a process remembers; each takes some twenty kilobytes.
_KEPT_COUNT = 500
#: Where score, measures, shortfalls and summary begin.
_FIGURES_AT = 8
_later = aliased(Evidence)
_OF_ENROLMENT = (
    select(*_COLUMNS)
    .outerjoin(_later, _later.supersedes_id == Evidence.id)
    .where(
        _later.id.is_(None),
        Evidence.enrolment_id == bindparam("enrolment_id"),
        Evidence.cycle == bindparam("cycle"),
    )
    .order_by(Evidence.at, Evidence.id)
)


def of_enrolment(enrolment_id: int, cycle: int) -> tuple[EvidenceView, ...]:
    """The evidence that stands for an enrolment's cycle, oldest first. One statement."""
    rows = run(_OF_ENROLMENT, {"enrolment_id": enrolment_id, "cycle": cycle})
    return tuple(_view(row) for row in rows)


def of_enrolments(cycles: Mapping[int, int]) -> dict[int, list[EvidenceView]]:
    """What stands for several enrolments, oldest first, by enrolment. One statement.

    Args:
        cycles: Enrolment → its cycle.
    """
    found: dict[int, list[EvidenceView]] = {enrolment_id: [] for enrolment_id in cycles}
    rows = db.session.execute(
        select(*_COLUMNS)
        .outerjoin(_later, _later.supersedes_id == Evidence.id)
        .where(
            _later.id.is_(None),
            tuple_(Evidence.enrolment_id, Evidence.cycle).in_(list(cycles.items())),
        )
        .order_by(Evidence.at, Evidence.id)
    )
    for row in rows:
        found[row.enrolment_id].append(_view(row))
    return found


def at_work(
    people: Collection[tuple[int, int]],
) -> dict[tuple[int, int], list[EvidenceView]]:
    """What stands of people's work with customers, oldest first. One statement.

    Sampled chats are of the work in a team, whatever pathway the person was on then, if any.

    Args:
        people: Team and person.

    Returns:
        By team and person; those without are left out.
    """
    found: dict[tuple[int, int], list[EvidenceView]] = {}
    rows = db.session.execute(
        select(*_COLUMNS)
        .outerjoin(_later, _later.supersedes_id == Evidence.id)
        .where(
            _later.id.is_(None),
            Evidence.source_kind == "sampled_chat",
            tuple_(Evidence.team_id, Evidence.person_id).in_(list(people)),
        )
        .order_by(Evidence.at, Evidence.id)
    )
    for row in rows:
        found.setdefault((row.team_id, row.person_id), []).append(_view(row))
    return found


def joined(*parts: Iterable[EvidenceView]) -> tuple[EvidenceView, ...]:
    """Rows from several readings, each once, oldest first."""
    rows = {view.id: view for part in parts for view in part}
    return tuple(sorted(rows.values(), key=lambda view: (view.at, view.id)))


def as_of(enrolment_id: int, cycle: int, newest_id: int | None) -> tuple[EvidenceView, ...]:
    """The same, from memory as long as ``newest_id`` is the newest row of the cycle.

    A row is never changed, and only a newer one can supersede it.
    """
    kept: dict[tuple[int, int], tuple[int | None, tuple[EvidenceView, ...]]]
    kept = current_app.extensions.setdefault(_KEPT, {})
    known = kept.get((enrolment_id, cycle))
    if known is not None and known[0] == newest_id:
        return known[1]
    found = of_enrolment(enrolment_id, cycle)
    if len(kept) >= _KEPT_COUNT:
        kept.clear()
    kept[enrolment_id, cycle] = (newest_id, found)
    return found


def _view(row: Sequence[Any]) -> EvidenceView:
    """A row of ``_COLUMNS`` as a value; by place, because by name takes several times as long."""
    head, (score, measures, shortfalls, summary, *tail) = row[:_FIGURES_AT], row[_FIGURES_AT:]
    outcome = Outcome(score, measures, shortfalls_from_json(shortfalls), summary)
    return EvidenceView(*[*head, outcome, *tail])


def view(row: Evidence | Row[Any]) -> EvidenceView:
    """A row as a value."""
    return EvidenceView(
        id=row.id,
        person_id=row.person_id,
        team_id=row.team_id,
        enrolment_id=row.enrolment_id,
        activity=row.activity,
        kind=row.kind,
        source_kind=row.source_kind,
        source_id=row.source_id,
        outcome=Outcome(row.score, row.measures, shortfalls_from_json(row.shortfalls), row.summary),
        at=row.at,
        by_person_id=row.by_person_id,
        by_role=row.by_role,
    )
