"""Every day belongs to one window of one version of a plan, whenever the plan is edited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.ctx import AppContext
from sqlalchemy import func, select, update

from cstrain.desk.chats.models import ChatAccount
from cstrain.desk.quality import jobs, queries, service, versions
from cstrain.desk.quality.iso2859 import Inspection
from cstrain.desk.quality.models import SampleDraw, SamplingActivation
from cstrain.desk.quality.plan import Plan, Window, due_windows
from cstrain.kit.clock import local_day, utc_now
from cstrain.kit.db import db, run, transaction
from cstrain.kit.errors import NotFoundError
from tests.desk.quality.conftest import ChatDesk
from tests.desk.quality.test_draws import account, conversations, plan_bytes, published
from tests.desk.quality.test_lots import PLAN, looked_at, lot
from tests.plugins.shop import MakeTeam, Shop, SignIn

FIRST = date(2026, 10, 20)
EDITED = datetime(2026, 10, 25, 2, tzinfo=UTC)
BEGUN = EDITED - timedelta(days=5)
#: Early on the 29th in the shop.
MORNING = datetime(2026, 10, 28, 22, tzinfo=UTC)
DAYS = {"every_days": "3", "second_percent": "0"}


def october(first: int, last: int) -> Window:
    return Window(date(2026, 10, first), date(2026, 10, last))


def put_in_force(team: Shop, body: bytes, at: datetime) -> int:
    plan = published(body)
    with transaction():
        first_on = local_day(at, "Asia/Shanghai")
        return service.activate(team.id, plan, first_on=first_on, by=None, now=at).id


def waiting(now: datetime = MORNING) -> Sequence[tuple[int, Window]]:
    return jobs.missing(now=now)


@pytest.fixture
def team(app_context: AppContext, make_team: MakeTeam) -> Shop:
    """A shop with chats on every day from the 20th to the 28th."""
    del app_context
    team = make_team()
    made = account(team, "小美")
    for days in range(9):
        conversations(team, made, 4, day=FIRST + timedelta(days=days))
    return team


@pytest.fixture
def edited(team: Shop) -> tuple[int, int]:
    """Two versions; nothing was drawn when the second took the first one's place."""
    first = put_in_force(team, plan_bytes(), BEGUN)
    second = put_in_force(team, plan_bytes() + b"\n", EDITED)
    return first, second


@pytest.mark.parametrize(
    ("until", "today", "wanted"),
    [
        (25, 29, [(20, 22), (23, 24)]),
        (26, 29, [(20, 22), (23, 25)]),
        (25, 25, [(20, 22), (23, 24)]),
        (25, 24, [(20, 22)]),
        (20, 29, []),
    ],
)
def test_the_last_window_before_another_version_is_shorter(
    until: int, today: int, wanted: list[tuple[int, int]]
) -> None:
    plan = Plan("every-agent", {}, per_agent=3, every_days=3)

    found = due_windows(plan, FIRST, date(2026, 10, today), date(2026, 10, until))

    assert found == [october(*each) for each in wanted]


def test_an_edited_plan_loses_no_day(edited: tuple[int, int]) -> None:
    first, second = edited

    assert waiting() == [
        (first, october(20, 22)),
        (first, october(23, 24)),
        (second, october(25, 27)),
    ]


def test_what_a_replaced_version_left_is_drawn_with_its_own_secret(
    edited: tuple[int, int],
) -> None:
    first, second = edited

    jobs.draw_due(MORNING)

    drawn = db.session.execute(
        select(SampleDraw.id, SampleDraw.activation_id).order_by(SampleDraw.first_on)
    ).all()
    assert [row.activation_id for row in drawn] == [first, first, second]
    assert [queries.verified(row.id) for row in drawn] == [(), (), ()]
    assert waiting() == []


def test_a_window_of_a_replaced_version_can_be_drawn_again(
    team: Shop, edited: tuple[int, int]
) -> None:
    first, _second = edited
    jobs.draw_due(MORNING)
    conversations(team, db.session.scalars(select(ChatAccount.id)).one(), 1, day=date(2026, 10, 23))

    with transaction():
        again = service.draw(first, october(23, 24), by=None, now=MORNING, reason="又导入了")

    assert queries.verified(again) == ()
    with pytest.raises(NotFoundError), transaction():
        service.draw(first, october(23, 25), by=None, now=MORNING)  # the 25th is the second's


def test_what_a_person_has_ended_draws_nothing_more(team: Shop, edited: tuple[int, int]) -> None:
    _first, second = edited
    with transaction():
        service.end(second, team_id=team.id, now=EDITED + timedelta(hours=1))

    anew = put_in_force(team, plan_bytes(), EDITED + timedelta(days=1))

    assert waiting() == [(anew, october(26, 28))]


def test_a_version_that_was_edited_on_its_first_day_has_no_days(
    team: Shop, edited: tuple[int, int]
) -> None:
    first, _second = edited
    third = put_in_force(team, plan_bytes(), EDITED + timedelta(hours=1))

    assert {activation_id for activation_id, _window in waiting()} == {first, third}


def test_what_was_replaced_long_ago_is_not_tried_for_ever(edited: tuple[int, int]) -> None:
    _first, second = edited

    late = waiting(EDITED + timedelta(days=versions.TRIED_DAYS + 1))

    assert {activation_id for activation_id, _window in late} == {second}


def test_a_replaced_version_is_drawn_and_drawn_again_on_the_page(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat_desk.now = utc_now()
    team_id, today = chat_desk.trainee.team_id, local_day(chat_desk.now, "Asia/Shanghai")
    trainer = sign_in(chat_desk.trainer)
    trainer.post("/quality", data={"per_agent": "2", "extra_below": "0", **DAYS})
    chat_desk.later(days=-2)
    for _n in range(4):
        chat_desk.chat()
    with chat_desk.app.app_context(), transaction():
        first = db.session.scalars(select(SamplingActivation.id)).one()
        run(update(SamplingActivation).values(first_on=today - timedelta(days=5)))
    trainer.post("/quality", data={"per_agent": "3", "extra_below": "0", **DAYS})

    due = trainer.get("/quality").text
    trainer.post(f"/quality/{first}/draw")
    with chat_desk.app.app_context():
        draw = db.session.scalars(select(SampleDraw)).one()
        second = db.session.scalars(select(func.max(SamplingActivation.id))).one()
    shown = trainer.get(f"/quality/draws/{draw.id}").text
    chat_desk.chat()
    again = trainer.post(f"/quality/draws/{draw.id}/again", data={"reason": "又导入了一份"})
    with chat_desk.app.app_context(), transaction():
        service.end(second, team_id=team_id, now=utc_now())
    ended = trainer.get(again.location).text

    assert "2 轮还没有抽" in due
    assert (draw.activation_id, draw.last_on) == (first, today - timedelta(days=1))
    assert "重抽这几天？" in shown
    assert again.status_code == 302
    assert "重抽这几天？" not in ended
    assert "这几天不能重抽" in ended


def test_an_edited_plan_goes_on_with_what_came_of_the_lots_before(chat_desk: ChatDesk) -> None:
    first = _lots_in_force(chat_desk, PLAN)
    for _n in range(2):
        lot(chat_desk, first)
        looked_at(chat_desk, is_good=False)

    second = _lots_in_force(chat_desk, PLAN.replace("6.5", "4.0"))
    lot(chat_desk, second)

    with chat_desk.app.app_context():
        latest = db.session.scalars(select(SampleDraw).order_by(SampleDraw.id.desc())).first()
        assert latest is not None
        assert latest.inspection == Inspection.TIGHTENED
        assert queries.verified(latest.id) == ()


def test_lots_begin_anew_after_another_design(chat_desk: ChatDesk) -> None:
    first = _lots_in_force(chat_desk, PLAN)
    for _n in range(2):
        lot(chat_desk, first)
        looked_at(chat_desk, is_good=False)
    _lots_in_force(chat_desk, PLAN.partition("  design")[0] + "  every_days: 1\n---\n")

    anew = _lots_in_force(chat_desk, PLAN.replace("6.5", "4.0"))

    with chat_desk.app.app_context():
        assert list(versions.of_lots(db.session.get_one(SamplingActivation, anew))) == [anew]


def _lots_in_force(desk: ChatDesk, body: str) -> int:
    desk.later(hours=1)
    with desk.app.app_context(), transaction():
        return service.activate(
            desk.trainee.team_id,
            service.keep(body.encode()),
            first_on=desk.now.date(),
            by=None,
            now=desk.now,
        ).id
