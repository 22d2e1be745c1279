"""Draws by the calendar, with those caught up with that were missed."""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Final

from sqlalchemy import select

from cstrain.desk.quality import agreement_queries, reviewing, seconds, service, versions
from cstrain.desk.quality.models import SampleDraw
from cstrain.desk.quality.plan import Window
from cstrain.kit import duties
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError

log = logging.getLogger(__name__)

_OPENED_AT_ONCE: Final = 50


def missing(*, now: datetime, team_id: int | None = None) -> list[tuple[int, Window]]:
    """The versions that draw and those of their windows that are over and were not drawn.

    Args:
        now: The time.
        team_id: Only of this team; None for all.
    """
    rows = versions.drawing(team_id, now=now)
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
        for window in row.due(now)
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
