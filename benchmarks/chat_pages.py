"""Trainers' pages about chats with a large archive ÷ the same pages with a small one.

In both as many chats were drawn and marked; only what lies in the archive differs.
"""

from __future__ import annotations

import time
from statistics import median

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from benchmarks import shop
from benchmarks.ratios import Goal, Ratio, line
from cstrain.core.people.access import Role
from cstrain.core.people.models import Team
from cstrain.core.review import service as reviews
from cstrain.core.review.models import Review
from cstrain.core.review.service import Draft
from cstrain.core.review.versions import rubric_of
from cstrain.desk.chats.models import ChatAccount, ChatConversation
from cstrain.desk.quality import jobs, service
from cstrain.desk.quality.plan import Window
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, run, transaction

ROUNDS = 5
ASKED_A_ROUND = 12
DRAWN, MARKED = 100, 40
_PLAN = f"""\
---
kind: sampling_plan
slug: pages
title: {{zh: 随机, en: Random}}
per_agent: 1
advanced:
  design: simple
  size: {DRAWN}
---
""".encode()
PAGES = (
    ("queue", "/reviews"),
    ("next to mark", "/reviews/next"),
    ("plans and draws", "/quality"),
    ("estimates", "/quality/estimates?days=90"),
    ("agreement", "/quality/agreement"),
    ("archive", "/chats"),
)


def live(app: Flask) -> FlaskClient:
    """Draw and mark in an archive that stands; gives a trainer's browser."""
    (trainer_id,) = shop.add_people(app, 1, Role.TRAINER, prefix="T")
    agents = shop.add_people(app, 10)
    with app.app_context():
        team_id = db.session.scalars(select(Team.id)).one()
        with transaction():
            run(update(ChatAccount).values(person_id=agents[0] + ChatAccount.id % len(agents)))
        first, last = run(
            select(func.min(ChatConversation.day), func.max(ChatConversation.day))
        ).one()
        with transaction():
            plan = service.keep(_PLAN)
            active = service.activate(team_id, plan, first_on=first, by=None, now=utc_now()).id
        with transaction():
            draw_id = service.draw(active, Window(first, last), by=None, now=utc_now())
        jobs.queue(draw_id, now=utc_now())
        _mark(trainer_id)
    (visitor,) = shop.visitors(app, [trainer_id])
    client = app.test_client()
    name, _equals, value = visitor.cookie.partition("=")
    client.set_cookie(name, value)
    return client


def _mark(trainer_id: int) -> None:
    """Mark some of what was drawn in full."""
    wanted = select(Review).where(Review.person_id != trainer_id).order_by(Review.id).limit(MARKED)
    for review in db.session.scalars(wanted).all():
        drafts = {
            each.key: Draft(is_marked=True, value=each.full, lines=("1",))
            for each in rubric_of(review.rubric_digest)
        }
        with transaction():
            reviews.save(review.id, drafts, by=trainer_id, now=utc_now())
            reviews.complete(review.id, by=trainer_id, now=utc_now())


def report(few: Flask, many: Flask, goal: Goal) -> None:
    """Print each page's time with many messages ÷ with few, in alternating rounds."""
    clients = (live(few), live(many))
    for title, path in PAGES:
        values = []
        for number in range(ROUNDS + 1):
            times: tuple[list[float], list[float]] = ([], [])
            for _each in range(ASKED_A_ROUND):
                for client, taken in zip(clients, times, strict=True):
                    taken.append(_seconds(client, path))
            if number:
                values.append(median(times[1]) / median(times[0]))
        shown = f"{title}, {median(times[1]) * 1e3:.0f} ms"
        print(line(f"  {shown}", Ratio(values), goal, unit="×"))


def _seconds(client: FlaskClient, path: str) -> float:
    """How long a page takes.

    Raises:
        RuntimeError: If it is broken.
    """
    begun = time.perf_counter()
    answer = client.get(path)
    took_s = time.perf_counter() - begun
    if answer.status_code >= 400:  # noqa: PLR2004 - neither a page nor the way to one
        raise RuntimeError(f"{path} answers {answer.status_code}")
    return took_s
