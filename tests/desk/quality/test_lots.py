"""Lots by ISO 2859-1: what came of each decides how the next is looked at."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cstrain.core.review.models import Review
from cstrain.desk.quality import lots, queries, reviewing, seconds, service
from cstrain.desk.quality.models import SampleDraw, SamplingActivation
from cstrain.desk.quality.plan import Window
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import InvalidError
from tests.desk.quality.conftest import ChatDesk
from tests.plugins.shop import SignIn

PLAN = """\
---
kind: sampling_plan
slug: by-lot
title: {zh: 按批, en: By lot}
per_agent: 1
advanced:
  design: lot
  every_days: 1
  limit: "6.5"
---
"""


@pytest.fixture
def activation_id(chat_desk: ChatDesk) -> int:
    with chat_desk.app.app_context(), transaction():
        return service.activate(
            chat_desk.trainee.team_id,
            service.keep(PLAN.encode()),
            first_on=chat_desk.now.date(),
            by=None,
            now=chat_desk.now,
        ).id


def lot(desk: ChatDesk, activation_id: int) -> int:
    """Three chats of a new day, drawn as a lot."""
    desk.later(days=1)
    for _n in range(3):
        desk.chat()
    today = desk.now.date()
    with desk.app.app_context(), transaction():
        draw_id = service.draw(activation_id, Window(today, today), by=None, now=desk.now)
        reviewing.open_drawn(draw_id, now=desk.now)
        return draw_id


def looked_at(desk: ChatDesk, *, is_good: bool) -> None:
    """Mark all that waits."""
    for review in desk.reviews():
        if (review.kind, review.state) == (reviewing.KIND, "open"):
            desk.mark(review, lure=int(is_good))


def inspections(desk: ChatDesk) -> list[str]:
    with desk.app.app_context():
        return list(db.session.scalars(select(SampleDraw.inspection).order_by(SampleDraw.id)))


def test_two_refused_lots_tighten_and_five_good_ones_loosen(
    chat_desk: ChatDesk, activation_id: int
) -> None:
    for is_good in (False, False, *(True,) * 5, True):
        lot(chat_desk, activation_id)
        looked_at(chat_desk, is_good=is_good)

    assert inspections(chat_desk) == ["normal"] * 2 + ["tightened"] * 5 + ["normal"]


def test_five_refused_while_tightened_stop_it_until_it_is_put_in_force_anew(
    chat_desk: ChatDesk, activation_id: int
) -> None:
    for _n in range(7):
        lot(chat_desk, activation_id)
        looked_at(chat_desk, is_good=False)
    with pytest.raises(InvalidError):
        lot(chat_desk, activation_id)

    with chat_desk.app.app_context(), transaction():
        row = db.session.get_one(SamplingActivation, activation_id)
        service.end(activation_id, team_id=row.team_id, now=chat_desk.now)
        chat_desk.later(minutes=1)
        plan = queries.plan_of(row.plan_digest)
        anew = service.activate(
            row.team_id, plan, first_on=chat_desk.now.date(), by=None, now=chat_desk.now
        ).id
    assert lot(chat_desk, anew)
    assert inspections(chat_desk)[-1] == "normal"


def test_a_lot_is_decided_when_all_is_known_or_too_much_is_bad(
    chat_desk: ChatDesk, activation_id: int, sign_in: SignIn
) -> None:
    draw_id = lot(chat_desk, activation_id)
    first, second = chat_desk.reviews()
    trainer = sign_in(chat_desk.trainer)

    def told() -> tuple[bool | None, str]:
        with chat_desk.app.app_context():
            row = db.session.get_one(SamplingActivation, activation_id)
            ((_day, found),) = lots.lots_of({activation_id: queries.plan_of(row.plan_digest)})
        return found.is_accepted, trainer.get(f"/quality/draws/{draw_id}").text

    before, page = told()
    trainer.post(f"/quality/reviews/{first.id}/aside", data={"why": "empty"})
    half, _page = told()
    chat_desk.mark(second)
    after, good_page = told()

    assert (before, half, after) == (None, None, True)
    assert "这一批还没看完" in page
    assert "这一批通过" in good_page
    assert "评不了" in good_page


def test_a_lot_does_not_tell_who_marks_second_what_the_first_gave(
    chat_desk: ChatDesk, activation_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seconds, "_is_wanted", lambda _chat_review_id: True)
    lot(chat_desk, activation_id)
    looked_at(chat_desk, is_good=False)  # both are asked of the manager again
    with chat_desk.app.app_context():
        row = db.session.get_one(SamplingActivation, activation_id)
        told = [
            (found.handled_count, found.faulty_count)
            for me in (None, chat_desk.trainer.id, chat_desk.manager.id)
            for _day, found in lots.lots_of(
                {activation_id: queries.plan_of(row.plan_digest)}, me=me
            )
        ]

    assert told == [(2, 2), (2, 2), (0, 0)]


def test_what_came_of_a_lot_follows_the_scores(chat_desk: ChatDesk, activation_id: int) -> None:
    lot(chat_desk, activation_id)
    looked_at(chat_desk, is_good=False)
    with chat_desk.app.app_context(), transaction():
        row = db.session.get_one(SamplingActivation, activation_id)
        plan = queries.plan_of(row.plan_digest)
        ((_day, refused),) = lots.lots_of({activation_id: plan})
        for review in db.session.scalars(select(Review)):
            review.score = 0.9
        db.session.flush()
        ((_day, passed),) = lots.lots_of({activation_id: plan})

    assert (refused.is_accepted, passed.is_accepted) == (False, True)
