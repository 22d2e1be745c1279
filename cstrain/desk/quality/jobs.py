"""Draws by the calendar, with those caught up with that were missed."""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Final

from sqlalchemy import select, true

from cstrain.core.people.models import Team
from cstrain.desk.quality import agreement_queries, queries, reviewing, seconds, service
from cstrain.desk.quality.models import SampleDraw, SamplingActivation
from cstrain.desk.quality.plan import Window, due_windows
from cstrain.kit import duties
from cstrain.kit.clock import local_day
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError

log = logging.getLogger(__name__)

_OPENED_AT_ONCE: Final = 50


def missing(*, now: datetime, team_id: int | None = None) -> list[tuple[int, Window]]:
    """The plans in force and those of their windows that are over and were not drawn.

    Args:
        now: The time.
        team_id: Only of this team; None for all.
    """
    is_meant = true() if team_id is None else SamplingActivation.team_id == team_id
    rows = db.session.execute(
        select(
            SamplingActivation.id,
            SamplingActivation.plan_digest,
            SamplingActivation.first_on,
            Team.timezone,
        )
        .join(Team, Team.id == SamplingActivation.team_id)
        .where(SamplingActivation.ended_at.is_(None), is_meant)
        .order_by(SamplingActivation.id)
    ).all()
    drawn: set[tuple[int, date]] = {
        (row.activation_id, row.first_on)
        for row in db.session.execute(
            select(SampleDraw.activation_id, SampleDraw.first_on).where(
                SampleDraw.activation_id.in_([row.id for row in rows])
            )
        )
    }
    return [
        (row.id, window)
        for row in rows
        for window in due_windows(
            queries.plan_of(row.plan_digest), row.first_on, local_day(now, row.timezone)
        )
        if (row.id, window.first_on) not in drawn
    ]


def queue(draw_id: int | None = None, *, now: datetime) -> None:
    """Put drawn chats into the queue, a few in each transaction, so that nobody waits long.

    Args:
        draw_id: Of this draw; None for whatever still waits of draws in force.
        now: The time.
    """
    last_id, is_going_on = 0, True
    while is_going_on:
        with transaction():
            _count, last_id = reviewing.open_drawn(
                draw_id, now=now, after_id=last_id, most=_OPENED_AT_ONCE
            )
        is_going_on = last_id > 0


@duties.daily(5)
def draw_due(now: datetime) -> None:
    """Draw what is due, each in its own transaction; queue what had waited for its agent's name.

    A window without conversations waits: its files may come later.
    """
    for activation_id, window in missing(now=now):
        try:
            with transaction():
                service.draw(activation_id, window, by=None, now=now)
        except InvalidError as error:  # no chats yet, or lots are stopped
            log.info("sampling %s, %s: %s", activation_id, window.name, error)
        except (ConflictError, NotFoundError):  # somebody was quicker
            log.info("sampling %s: %s is drawn, or has ended", activation_id, window.name)
    queue(now=now)
    with transaction():
        reviewing.count_chosen()
        seconds.end_old(now=now)
        for team_id in agreement_queries.teams():
            agreement_queries.reassess(team_id, now=now)
