"""Versions of a plan: which of them still draw, and until which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import or_, select

from cstrain.core.people.models import Team
from cstrain.desk.quality.models import SamplingActivation
from cstrain.desk.quality.plan import Design, Plan, Window, due_windows
from cstrain.desk.quality.queries import plan_of
from cstrain.kit.clock import local_day
from cstrain.kit.db import db

#: So long what a version left undrawn is tried; two of the longest windows.
TRIED_DAYS: Final = 62


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a plan that draws.

    Attributes:
        first_on: The first day that is its own.
        until_on: The first day of the version that took its place; None while it is in force.
    """

    id: int
    plan_digest: str
    timezone: str
    first_on: date
    until_on: date | None

    def has(self, window: Window) -> bool:
        """Whether every day of a window is its own."""
        return self.until_on is None or window.last_on < self.until_on

    def due(self, now: datetime) -> list[Window]:
        """Its windows that are over; the last one of a replaced version may be shorter."""
        today = local_day(now, self.timezone)
        return due_windows(plan_of(self.plan_digest), self.first_on, today, self.until_on)


def drawing(team_id: int | None = None, *, now: datetime | None = None) -> list[Version]:
    """The versions that draw, the oldest first. One statement.

    A version that another one took the place of still draws the days before that one's first;
    what a person has ended draws nothing more, nor do the versions before it.

    Args:
        team_id: Only of this team; None for all.
        now: Leave out what was replaced more than ``TRIED_DAYS`` before; None for all of them.
    """
    statement = (
        select(SamplingActivation, Team.timezone)
        .join(Team, Team.id == SamplingActivation.team_id)
        .order_by(SamplingActivation.id.desc())
    )
    if team_id is not None:
        statement = statement.where(SamplingActivation.team_id == team_id)
    if now is not None:
        since = now - timedelta(days=TRIED_DAYS)
        ended_at = SamplingActivation.ended_at
        statement = statement.where(or_(ended_at.is_(None), ended_at >= since))
    after: dict[tuple[int, str], SamplingActivation] = {}
    found = []
    for row, timezone in db.session.execute(statement):
        following = after.get((row.team_id, row.slug))
        if row.ended_at is None or _took_over(row, following):
            until_on = following.first_on if following else None
            found.append(Version(row.id, row.plan_digest, timezone, row.first_on, until_on))
            after[row.team_id, row.slug] = row
        else:
            after.pop((row.team_id, row.slug), None)
    return found[::-1]


def _took_over(row: SamplingActivation, following: SamplingActivation | None) -> bool:
    """Whether a version ended because the following one took its place."""
    return following is not None and following.activated_at == row.ended_at


def may_draw(row: SamplingActivation, window: Window) -> bool:
    """Whether a version draws a window, for the first time or again."""
    if row.ended_at is None:
        return True
    return any(each.id == row.id and each.has(window) for each in drawing(row.team_id))


def of_lots(row: SamplingActivation) -> dict[int, Plan]:
    """The plans of a version and of those it took the place of, as far back as all are lots.

    How strictly the next lot is looked at does not begin anew because a plan was edited.
    """
    rows = db.session.scalars(
        select(SamplingActivation)
        .where(
            SamplingActivation.team_id == row.team_id,
            SamplingActivation.slug == row.slug,
            SamplingActivation.id < row.id,
        )
        .order_by(SamplingActivation.id.desc())
    )
    found, following = {row.id: plan_of(row.plan_digest)}, row
    for each in rows:
        plan = plan_of(each.plan_digest)
        if plan.design is not Design.LOT or not _took_over(each, following):
            break
        found[each.id], following = plan, each
    return found
