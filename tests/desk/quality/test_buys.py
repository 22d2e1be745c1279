"""What a plan's sample will tell, before anything is drawn."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from cstrain import testing
from cstrain.config import shipped
from cstrain.desk.chats.models import ChatAccount, ChatConversation
from cstrain.desk.quality import plan_queries
from cstrain.desk.quality.buys import Lately, buys
from cstrain.desk.quality.intervals import Interval, wilson, zero_found_upper
from cstrain.desk.quality.iso2859 import LotPlan, let_through, lot_plan
from cstrain.desk.quality.plan import Design, Plan
from cstrain.kit.clock import local_day, utc_now
from cstrain.kit.db import run, transaction
from tests.desk.quality.conftest import ChatDesk
from tests.desk.quality.test_draws import account, row_of
from tests.plugins.shop import Shop, SignIn

LATELY = Lately(chat_count=4000, agent_count=4)
#: What the page says of each design, of 600 chats of two agents.
OF_DESIGN = {
    Design.PER_AGENT: "全店一个月大约看 120 条",
    Design.SIMPLE: "全店一个月大约看 120 条",
    Design.PROPORTIONAL: "全店一个月大约看 120 条",
    Design.NEYMAN: "全店一个月大约看 120 条",
    Design.SYSTEMATIC: "全店一个月大约看 60 条",
    Design.RISK: "真实的范围会再宽一些",
    Design.LOT: "一批大约 60 条：抽 20 条，不合格（低于 60 分）的最多 1 条就收",
}


def plan(**more: object) -> Plan:
    return Plan("sample", {}, **{"per_agent": 3, "every_days": 3, **more})  # type: ignore[arg-type]  # values of several fields


def test_what_nobody_knows_yet_is_not_corrected_for() -> None:
    found = buys(plan(), Lately())

    assert [each.count for each in found.agent] == [30, 60, 120]
    assert found.agent[0].interval == wilson(3, 30)
    assert (found.team, found.wanted, found.lot) == (None, 0, None)


def test_of_few_chats_a_sample_tells_more() -> None:
    found = buys(plan(), Lately(chat_count=160, agent_count=2))

    assert [each.count for each in found.agent] == [30, 60, 80]
    assert found.agent[1].interval == wilson(6, 60, population=80)
    assert found.agent[2].is_all
    assert found.agent[2].interval == Interval(0.1, 0.1)
    assert found.team is not None
    assert (found.team.count, found.team.interval) == (60, wilson(6, 60, population=160))
    assert found.team.none_upper == zero_found_upper(60)


def test_more_than_there_is_is_told_once() -> None:
    found = buys(plan(per_agent=50), Lately(chat_count=100, agent_count=2))

    assert [(each.count, each.is_all) for each in found.agent] == [(50, True)]


@pytest.mark.parametrize(
    ("more", "of_agent", "of_team"),
    [
        ({"design": Design.SIMPLE}, 30, 120),
        ({"design": Design.SIMPLE, "size": 40}, 100, 400),
        ({"design": Design.RISK, "size": 2}, 5, 20),
        ({"design": Design.SYSTEMATIC, "one_in": 20.0}, 50, 200),
        ({"design": Design.SYSTEMATIC, "one_in": 20.0, "every_days": 1}, 50, 200),
    ],
)
def test_every_design_says_how_many_a_month(
    more: dict[str, object], of_agent: int, of_team: int
) -> None:
    found = buys(plan(**more), LATELY)

    assert found.team is not None
    assert (found.agent[0].count, found.team.count) == (of_agent, of_team)
    assert found.wanted == 351  # of 4000; Cochran's 385 of very many


def test_a_lot_of_the_usual_size_says_what_it_lets_through() -> None:
    found = buys(plan(design=Design.LOT), Lately(chat_count=10_000, agent_count=4)).lot

    assert found is not None
    assert (found.lot_count, found.asked.n, found.asked.accept) == (1000, 80, 5)
    assert (found.passing, found.slipping) == pytest.approx((0.0332, 0.113), abs=5e-4)
    assert buys(plan(design=Design.LOT), Lately()).lot is None


@pytest.mark.parametrize(
    ("lot", "limit", "passing", "slipping"),
    # ISO 2859-1:1999 (MIL-STD-105E), tables X-D, X-F, X-J, quality of lots in percent.
    [(40, "1.5", 0.0064, 0.250), (60, "2.5", 0.0181, 0.181), (1000, "1.0", 0.0103, 0.0652)],
)
def test_what_lots_let_through_is_what_the_standard_says(
    lot: int, limit: str, passing: float, slipping: float
) -> None:
    found = lot_plan(lot, limit)

    assert let_through(found, 0.95) == pytest.approx(passing, abs=1e-4)
    assert let_through(found, 0.1) == pytest.approx(slipping, abs=1e-3)


def test_a_lot_without_a_faulty_one_lets_through_what_zero_found_leaves() -> None:
    found = let_through(LotPlan("F", "F", 20, 0, 1, inspects_all=False), 0.05)

    assert found == pytest.approx(zero_found_upper(20))


@pytest.fixture
def team(chat_desk: ChatDesk) -> Shop:
    return Shop(chat_desk.trainee.team_id, "", "")


@pytest.fixture
def trainer(chat_desk: ChatDesk, team: Shop, sign_in: SignIn) -> FlaskClient:
    """Of a shop with two agents who had 600 chats in the last month, and some before."""
    yesterday = local_day(utc_now(), "Asia/Shanghai") - timedelta(days=1)
    with chat_desk.app.app_context():
        accounts = (chat_desk.account_id, account(team, "小丽"))
        with transaction():
            run(
                insert(ChatConversation),
                [
                    {**row_of(team, each, chat_desk.import_id), "day": day}
                    for each in accounts
                    for day in [yesterday] * 300 + [yesterday - timedelta(days=30)] * 5
                ],
            )
    return sign_in(chat_desk.trainer)


def test_what_came_in_lately_is_of_people(
    chat_desk: ChatDesk, team: Shop, trainer: FlaskClient
) -> None:
    del trainer
    today = local_day(utc_now(), "Asia/Shanghai")
    with chat_desk.app.app_context():
        two = plan_queries.lately(team.id, today)
        erased = {
            **row_of(team, chat_desk.account_id, chat_desk.import_id),
            "day": today - timedelta(days=1),
            "erased_by": 1,
        }
        with transaction():
            run(update(ChatAccount).values(person_id=chat_desk.trainee.id))
            run(insert(ChatConversation), [erased])
        one = plan_queries.lately(team.id, today)

    assert (two, one) == (Lately(600, 2), Lately(600, 1))


@pytest.mark.parametrize("design", Design)
def test_the_page_says_of_every_design_what_it_buys(trainer: FlaskClient, design: Design) -> None:
    page = trainer.get(f"/quality?design={design}&every_days=3&per_agent=6&one_in=10").text

    assert OF_DESIGN[design] in page


@pytest.mark.parametrize("more", ["size=0", "size=5001", "one_in=nan", "limit=3", "one_in=0"])
def test_what_makes_no_sense_is_not_asked(trainer: FlaskClient, more: str) -> None:
    page = trainer.get(f"/quality?design=simple&per_agent=9&{more}").text

    assert "全店一个月大约看 60 条" in page  # as the plan is: three of each in three days


@pytest.mark.parametrize(
    ("design", "said"), [("systematic", "每来 100 条大约看 5 条"), ("lot", "先说不出够说什么")]
)
def test_without_chats_lately_it_says_what_can_be_said(
    chat_desk: ChatDesk, sign_in: SignIn, design: str, said: str
) -> None:
    assert said in sign_in(chat_desk.trainer).get(f"/quality?design={design}").text


def test_the_other_plans_say_what_they_buy(
    chat_desk: ChatDesk, trainer: FlaskClient, tmp_path: Path
) -> None:
    month = (shipped("content") / "quality" / "team-month.md").read_text("utf-8")
    testing.publish(chat_desk.app, tmp_path / "course", {"quality/team-month.md": month})
    with chat_desk.app.app_context():
        chat_desk.app.extensions["cstrain.content"].reload()

    others = trainer.get("/quality").text.partition("别的方案")[2]

    assert "照最近 30 天来的 600 条，全店一个月大约看 24 条" in others
