"""A stratified draw of 500 with its messages, next to a bare query on the summaries.

The bare query is the driver's own: of every conversation of the window what the frame is made of,
and nothing done with it.
"""

from __future__ import annotations

import time

from flask import Flask
from sqlalchemy import func, select

from benchmarks.ratios import Goal, Ratio, line
from cstrain.core.catalogue.models import ContentBlob
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.core.people.models import Team
from cstrain.desk.chats.models import ChatConversation, ChatMessage
from cstrain.desk.quality import service
from cstrain.desk.quality.models import SampledChat
from cstrain.desk.quality.plan import Window
from cstrain.desk.quality.plan_file import load
from cstrain.kit import bulk
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, run, transaction

ROUNDS = 7
DRAWN = 500
_PLAN = f"""\
---
kind: sampling_plan
slug: bench
title: {{zh: 分层, en: Strata}}
per_agent: 1
advanced:
  design: proportional
  size: {DRAWN}
  strata: [agent, stage]
---
""".encode()
_BARE = (
    "SELECT id, account_id, began_at, late_count, round_count, is_unanswered, has_refund, "
    "has_complaint, has_forbidden, rating FROM chat_conversation "
    "WHERE team_id = {team} AND day BETWEEN '{first}' AND '{last}'"
)


def report(app: Flask, goal: Goal) -> None:
    """Print the ratio, from an archive that stands; its draws stay in it."""
    with app.app_context():
        team_id = db.session.scalars(select(Team.id).limit(1)).one()
        first, last = run(
            select(func.min(ChatConversation.day), func.max(ChatConversation.day))
        ).one()
        ratios, spent = [], []
        for number in range(ROUNDS):
            activation_id = _activated(team_id, Window(first, last), number)
            bare_s = _bare(_BARE.format(team=team_id, first=first, last=last))
            begun = time.perf_counter()
            count = _drawn(activation_id, Window(first, last))
            spent.append(time.perf_counter() - begun)
            ratios.append(spent[-1] / bare_s)
    shown = " ".join(f"{each * 1e3:.0f}" for each in spent)
    print(line(f"draw of {DRAWN} with messages ÷ bare query", Ratio(ratios), goal, unit=""))
    print(f"    {count} messages; ms: {shown}")


def _activated(team_id: int, window: Window, number: int) -> int:
    """A plan of its own for each round, for the same chats are drawn once only."""
    body = _PLAN.replace(b"slug: bench", b"slug: bench-%d" % number)
    digest = digest_of(body)
    plan = load(open_source("quality/bench.md", File(digest, body), {}))
    with transaction():
        if db.session.get(ContentBlob, digest) is None:
            db.session.add(ContentBlob(digest=digest, body=body))
        return service.activate(team_id, plan, first_on=window.first_on, by=None, now=utc_now()).id


def _bare(statement: str) -> float:
    with transaction():
        begun = time.perf_counter()
        bulk.driver().execute(statement).fetchall()
        return time.perf_counter() - begun


def _drawn(activation_id: int, window: Window) -> int:
    """Draw and read what was said; gives how many messages there are."""
    with transaction():
        draw_id = service.draw(activation_id, window, by=None, now=utc_now())
    messages = run(
        select(ChatMessage.conversation_id, ChatMessage.at_ms, ChatMessage.role, ChatMessage.text)
        .join(SampledChat, SampledChat.conversation_id == ChatMessage.conversation_id)
        .where(SampledChat.draw_id == draw_id)
        .order_by(ChatMessage.conversation_id, ChatMessage.ordinal)
    ).all()
    return len(messages)
