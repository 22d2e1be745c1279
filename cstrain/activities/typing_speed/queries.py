"""Reads for pages and services: runs, bests, duty, codes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, func, select

from cstrain import plugin
from cstrain.activities.typing_speed.eventlog import Event, parse
from cstrain.activities.typing_speed.models import TypingChunk, TypingCode, TypingRun
from cstrain.kit.clock import day_start, local_day, week_start
from cstrain.kit.db import Model, db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _

UNSEEN_FOR: Final = timedelta(days=183)
"""An official block may come again after half a year."""

DUTY_DAYS: Final = 3
"""Weekly duty: runs on at least three days (spread practice learns faster than massed)."""


def team_timezone(team_id: int) -> str:
    """The zone in which a team lives its days."""
    teams = Model.metadata.tables["team"]  # the door tells no team's zone without a viewer
    zone: str = db.session.execute(
        select(teams.c.timezone).where(teams.c.id == team_id)
    ).scalar_one()
    return zone


def run_of(attempt_id: int) -> TypingRun:
    """The run of an attempt.

    Raises:
        NotFoundError: If there is none.
    """
    run = db.session.get(TypingRun, attempt_id)
    if run is None:
        raise NotFoundError(_("没有这次作答。"))
    return run


def chunks_of(attempt_id: int) -> tuple[list[tuple[Event, ...]], int]:
    """The chunks of a run up to the first that is missing, and the number of the last one."""
    rows = db.session.execute(
        select(TypingChunk.seq, TypingChunk.body)
        .where(TypingChunk.attempt_id == attempt_id)
        .order_by(TypingChunk.seq)
    ).all()
    whole = [
        parse(json.loads(gzip.decompress(row.body)))
        for place, row in enumerate(rows, start=1)
        if row.seq == place
    ]
    return whole, rows[-1].seq if rows else 0


def own_best(person_id: int, *, before_attempt: int | None = None) -> float | None:
    """The best recorded speed of a person, a given run left out."""
    query = select(func.max(TypingRun.net_cpm)).where(
        TypingRun.person_id == person_id, TypingRun.is_recorded
    )
    if before_attempt is not None:
        query = query.where(TypingRun.attempt_id != before_attempt)
    return db.session.scalar(query)


def is_repeated(digest: str | None, attempt_id: int) -> bool:
    """Whether another run has this fingerprint."""
    if digest is None:
        return False
    found = db.session.scalar(
        select(TypingRun.attempt_id)
        .where(TypingRun.gap_digest == digest, TypingRun.attempt_id != attempt_id)
        .limit(1)
    )
    return found is not None


def sources_seen(person_id: int, *, official: bool, since: datetime) -> dict[str, datetime]:
    """When a person was last shown each block or passage, by slug."""
    rows = db.session.execute(
        select(TypingRun.sources, TypingRun.drawn_at)
        .where(
            TypingRun.person_id == person_id,
            TypingRun.is_official.is_(official),
            TypingRun.drawn_at >= since,
        )
        .order_by(TypingRun.drawn_at)
    )
    return {slug: row.drawn_at for row in rows for slug in row.sources}


@dataclass(frozen=True, slots=True)
class Progress:
    """How a person comes on.

    Attributes:
        days_done: Days of this week with a recorded run.
        best_net_cpm: The best recorded speed ever, ``None`` without one.
        runs: The latest recorded runs, oldest first.
        worst: Characters most often wrong in these, the worst first.
    """

    days_done: int
    best_net_cpm: float | None
    runs: Sequence[Row[Any]]
    worst: tuple[str, ...]


def progress_of(person_id: int, *, timezone: str, now: datetime, limit: int = 20) -> Progress:
    """How a person comes on: weekly duty, best, latest runs. One statement."""
    rows = db.session.execute(
        select(
            TypingRun.attempt_id,
            TypingRun.drawn_at,
            TypingRun.net_cpm,
            TypingRun.accuracy_ratio,
            TypingRun.is_official,
            TypingRun.result,
            select(func.max(TypingRun.net_cpm))
            .where(TypingRun.person_id == person_id, TypingRun.is_recorded)
            .scalar_subquery()
            .label("best"),
        )
        .where(TypingRun.person_id == person_id, TypingRun.is_recorded)
        .order_by(TypingRun.drawn_at.desc())
        .limit(limit)
    ).all()
    monday = day_start(week_start(local_day(now, timezone)), timezone)
    days = {local_day(row.drawn_at, timezone) for row in rows if row.drawn_at >= monday}
    worst: dict[str, int] = {}
    for row in rows[:5]:
        for char, count in row.result["worst"]:
            worst[char] = worst.get(char, 0) + count
    return Progress(
        days_done=len(days),
        best_net_cpm=rows[0].best if rows else None,
        runs=rows[::-1],
        worst=tuple(sorted(worst, key=lambda char: -worst[char])[:5]),
    )


def days_this_week(person_id: int, *, timezone: str, now: datetime) -> int:
    """On how many days of this week, as the team lives them, the person has a recorded run."""
    monday = day_start(week_start(local_day(now, timezone)), timezone)
    rows = db.session.scalars(
        select(TypingRun.drawn_at).where(
            TypingRun.person_id == person_id, TypingRun.is_recorded, TypingRun.drawn_at >= monday
        )
    )
    return len({local_day(at, timezone) for at in rows})


def standing_codes(team_ids: Sequence[int], now: datetime) -> dict[int, TypingCode]:
    """The newest code in force of each team."""
    rows = db.session.scalars(
        select(TypingCode)
        .where(TypingCode.team_id.in_(team_ids), TypingCode.expires_at > now)
        .order_by(TypingCode.id)
    )
    return {row.team_id: row for row in rows}


def opener(team_id: int, code: str, now: datetime) -> int | None:
    """The trainer whose code this is, ``None`` if it opens nothing (any more)."""
    return db.session.scalar(
        select(TypingCode.by_person_id)
        .where(TypingCode.team_id == team_id, TypingCode.code == code, TypingCode.expires_at > now)
        .limit(1)
    )


def official_runs(
    team_ids: Sequence[int], *, since: datetime, limit: int = 100
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Official runs of teams, newest first, with the person's name."""
    identity = Model.metadata.tables["person_identity"]
    rows: Sequence[Row[*tuple[Any, ...]]] = db.session.execute(
        select(
            TypingRun.attempt_id,
            TypingRun.team_id,
            TypingRun.drawn_at,
            TypingRun.started_at,
            TypingRun.finished_at,
            TypingRun.verdict,
            TypingRun.is_recorded,
            TypingRun.net_cpm,
            TypingRun.accuracy_ratio,
            TypingRun.supervised_by_person_id,
            identity.c.name,
        )
        .outerjoin(identity, identity.c.person_id == TypingRun.person_id)
        .where(TypingRun.team_id.in_(team_ids), TypingRun.is_official, TypingRun.drawn_at >= since)
        .order_by(TypingRun.drawn_at.desc())
        .limit(limit)
    ).all()
    return rows


def titles(catalogue: plugin.Catalogue, slug: str) -> Mapping[str, str]:
    """The title of an activity, its slug where it is gone."""
    found = catalogue.activities.get(slug)
    return found.title if found else {"zh": slug, "en": slug}
