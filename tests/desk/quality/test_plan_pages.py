"""Pages of plans and draws: one sentence in force, what it drew, and doing it again."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cstrain.core.people.access import Role
from cstrain.desk.quality import queries, service
from cstrain.desk.quality.iso2859 import Level
from cstrain.desk.quality.models import SampledChat, SampleDraw, SamplingActivation
from cstrain.desk.quality.plan import By, Design, Plan, Window
from cstrain.desk.quality.risk import Reason
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.desk.quality.conftest import ChatDesk
from tests.plugins.shop import MakePerson, MakeTeam, SignIn

FORM = {
    "per_agent": "2",
    "always": ["complaint"],
    "extra_below": "1",
    "every_days": "3",
    "second_percent": "15",
}


@pytest.fixture
def trainer(chat_desk: ChatDesk, sign_in: SignIn) -> FlaskClient:
    chat_desk.now = utc_now()
    return sign_in(chat_desk.trainer)


def activation(desk: ChatDesk) -> SamplingActivation:
    with desk.app.app_context():
        return db.session.scalars(
            select(SamplingActivation).order_by(SamplingActivation.id.desc())
        ).one()


def begun(desk: ChatDesk, *, days_ago: int) -> None:
    """Let the plan in force have begun some days ago."""
    with desk.app.app_context(), transaction():
        row = db.session.scalars(select(SamplingActivation)).one()
        row.first_on -= timedelta(days=days_ago)
        db.session.flush()


def test_the_sentence_is_put_in_force_and_its_hash_is_shown(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    first = trainer.get("/quality").text
    answer = trainer.post("/quality", data=FORM)
    page = trainer.get("/quality").text

    row = activation(chat_desk)
    with chat_desk.app.app_context():
        plan = queries.plan_of(row.plan_digest)
    assert answer.status_code == 302
    assert (plan.per_agent, plan.extra_below, plan.every_days) == (2, 1, 3)
    assert (plan.always, plan.second_ratio) == ((Reason.COMPLAINT,), 0.15)
    assert "还没有抽过" in first
    assert row.commitment in page
    assert row.secret.hex() not in page
    assert "看 20 条" in page


def test_what_other_numbers_would_buy_is_seen_before_they_are_in_force(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    asked = trainer.get("/quality?per_agent=10&every_days=1").text
    unsound = trainer.get("/quality?per_agent=0&every_days=x&design=y").text

    assert "看 300 条" in asked
    assert "看 30 条" in unsound
    with chat_desk.app.app_context():
        assert db.session.scalars(select(SamplingActivation)).all() == []


@pytest.mark.parametrize(
    ("design", "more", "wanted"),
    [
        (Design.SIMPLE, {}, {}),
        (Design.PROPORTIONAL, {"strata": ["stage", "tenure"]}, {"strata": (By.STAGE, By.TENURE)}),
        (
            Design.NEYMAN,
            {"presale": "8", "after_sale": "15.5"},
            {"deviations": {"presale": 8.0, "after_sale": 15.5}, "strata": (By.STAGE,)},
        ),
        (Design.SYSTEMATIC, {"one_in": "12.5"}, {"one_in": 12.5}),
        (Design.RISK, {}, {}),
        (
            Design.LOT,
            {"limit": "4.0", "level": "III"},
            {"limit": "4.0", "level": Level.III, "always": (), "extra_below": 0},
        ),
    ],
)
def test_every_design_is_put_in_force_on_the_page_and_draws(
    chat_desk: ChatDesk,
    trainer: FlaskClient,
    design: Design,
    more: dict[str, object],
    wanted: dict[str, object],
) -> None:
    for _each in range(8):
        chat_desk.chat()
    trainer.post("/quality", data={**FORM, "every_days": "1", "design": design.value, **more})
    row = activation(chat_desk)
    with chat_desk.app.app_context(), transaction():
        window = Window(chat_desk.now.date(), chat_desk.now.date())
        draw_id = service.draw(row.id, window, by=None, now=chat_desk.now)
        plan, differences = queries.plan_of(row.plan_digest), queries.verified(draw_id)
    page = trainer.get("/quality").text

    assert plan.design is design
    assert {name: getattr(plan, name) for name in wanted} == wanted
    assert differences == ()
    assert re.search(rf'<input checked[^>]*value="{design.value}"', page)


@pytest.mark.parametrize(
    "wrong",
    [
        {"design": "best"},
        {"design": "proportional"},
        {"design": "systematic", "one_in": "nan"},
        {"design": "neyman", "presale": "0"},
        {"design": "lot", "limit": "3"},
        {"per_agent": "0"},
        {"every_days": "x"},
        {"second_percent": "101"},
        {"always": ["all"]},
    ],
)
def test_what_makes_no_sense_is_not_put_in_force(
    chat_desk: ChatDesk, trainer: FlaskClient, wrong: dict[str, object]
) -> None:
    assert trainer.post("/quality", data={**FORM, **wrong}).status_code == 422
    with chat_desk.app.app_context():
        assert db.session.scalar(select(SamplingActivation.id)) is None


def test_the_same_sentence_twice_stays_one_and_can_be_ended(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    trainer.post("/quality", data=FORM)
    trainer.post("/quality", data=FORM)
    row = activation(chat_desk)
    trainer.post(f"/quality/{row.id}/end")

    assert row.ended_at is None
    assert activation(chat_desk).ended_at is not None


def test_a_draw_shows_its_proof_and_comes_out_again(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    trainer.post("/quality", data=FORM)
    chat_desk.later(days=-2)
    chats = [chat_desk.chat() for _n in range(4)]
    begun(chat_desk, days_ago=3)
    due = trainer.get("/quality").text
    trainer.post(f"/quality/{activation(chat_desk).id}/draw")
    with chat_desk.app.app_context():
        draw = db.session.scalars(select(SampleDraw)).one()
        taken = set(db.session.scalars(select(SampledChat.conversation_id)))
    page = trainer.get(f"/quality/draws/{draw.id}").text
    verified = trainer.post(f"/quality/draws/{draw.id}/verify", follow_redirects=True).text

    assert "1 轮还没有抽" in due
    assert len(taken) == 2
    assert taken < set(chats)
    assert "4 条里抽了 2 条" in page
    assert draw.seed in page
    assert "50%" in page.replace("\u202f", "").replace(" ", "")
    assert "对得上" in verified
    assert len(chat_desk.reviews()) == 2


def test_a_tampered_draw_is_told(chat_desk: ChatDesk, trainer: FlaskClient) -> None:
    trainer.post("/quality", data=FORM)
    chat_desk.later(days=-2)
    for _n in range(4):
        chat_desk.chat()
    begun(chat_desk, days_ago=3)
    trainer.post(f"/quality/{activation(chat_desk).id}/draw")
    with chat_desk.app.app_context(), transaction():
        draw = db.session.scalars(select(SampleDraw)).one()
        draw_id, draw.seed = draw.id, "0" * 64
        db.session.flush()

    page = trainer.post(f"/quality/draws/{draw_id}/verify", follow_redirects=True).text
    assert "种子不对" in page


def test_a_window_is_drawn_again_with_a_reason_only(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    trainer.post("/quality", data=FORM)
    chat_desk.later(days=-2)
    chat_desk.chat()
    begun(chat_desk, days_ago=3)
    trainer.post(f"/quality/{activation(chat_desk).id}/draw")
    with chat_desk.app.app_context():
        first = db.session.scalars(select(SampleDraw.id)).one()
    without = trainer.post(f"/quality/draws/{first}/again", data={"reason": " "})
    unchanged = trainer.post(f"/quality/draws/{first}/again", data={"reason": "抽得不巧"})
    chat_desk.chat()
    again = trainer.post(f"/quality/draws/{first}/again", data={"reason": "又导入了一份"})

    assert without.status_code == 422
    assert "没有多也没有变" in unchanged.text
    assert "又导入了一份" in trainer.get(again.location).text
    assert "重抽过" in trainer.get("/quality").text


def test_what_a_replaced_draw_alone_took_leaves_the_queue_unless_somebody_is_at_it(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    trainer.post("/quality", data=FORM)
    chat_desk.later(days=-2)
    for _each in range(12):
        chat_desk.chat()
    begun(chat_desk, days_ago=3)
    trainer.post(f"/quality/{activation(chat_desk).id}/draw")
    begun_review = chat_desk.reviews()[0]
    trainer.post(f"/reviews/{begun_review.id}/claim")

    with chat_desk.app.app_context():
        first = db.session.scalars(select(SampleDraw.id)).one()
    trainer.post(f"/quality/draws/{first}/again", data={"reason": "又导入了一份"})

    with chat_desk.app.app_context():
        in_force = select(SampledChat.conversation_id).join(
            SampleDraw, SampleDraw.id == SampledChat.draw_id
        )
        wanted = set(db.session.scalars(in_force.where(SampleDraw.state == "in_force")))
    waiting = {chat_desk.subject(each).conversation_id for each in chat_desk.reviews()}
    assert len(wanted) == 2
    assert waiting == wanted | {chat_desk.subject(begun_review).conversation_id}


@pytest.mark.parametrize(("percent", "is_asked"), [("0", False), ("1", True)])
def test_agreement_asks_nobody_again_where_the_plan_does_not(
    trainer: FlaskClient, percent: str, *, is_asked: bool
) -> None:
    trainer.post("/quality", data={**FORM, "second_percent": percent})

    page = trainer.get("/quality/agreement").text

    assert ("自动请另一位再评一遍" in page) is is_asked
    assert ("不请第二个人评" in page) is not is_asked


def test_only_trainers_and_managers_of_the_shop_come_in(
    chat_desk: ChatDesk,
    trainer: FlaskClient,
    sign_in: SignIn,
    make_team: MakeTeam,
    make_person: MakePerson,
) -> None:
    trainer.post("/quality", data=FORM)
    row = activation(chat_desk)
    stranger = sign_in(make_person(Role.TRAINER, team=make_team()))

    assert sign_in(chat_desk.trainee).get("/quality").status_code == 403
    assert stranger.post(f"/quality/{row.id}/end").status_code == 404
    assert stranger.get(f"/quality?team={row.team_id}").status_code == 404
    assert stranger.post("/quality", data={**FORM, "team": row.team_id}).status_code == 404


def plan_with(design: str) -> bytes:
    """A plan of the page's slug that says more than the page has fields for."""
    advanced = "\n".join(f"  {line}" for line in design.splitlines())
    return f"""\
---
kind: sampling_plan
slug: every-agent
title: {{zh: 样例, en: Sample}}
per_agent: 2
always: [complaint]
extra_below: 1
advanced:
  second_ratio: 0.125
{advanced}
---
""".encode()


def running(desk: ChatDesk) -> Plan:
    with desk.app.app_context():
        row = db.session.scalars(
            select(SamplingActivation).where(SamplingActivation.ended_at.is_(None))
        ).one()
        return queries.plan_of(row.plan_digest)


def put_in_force(desk: ChatDesk, body: bytes) -> Plan:
    with desk.app.app_context(), transaction():
        plan = service.keep(body)
        service.activate(
            desk.trainee.team_id, plan, first_on=desk.now.date(), by=None, now=desk.now
        )
    return plan


def as_shown(page: str) -> dict[str, list[str]]:
    """What a browser would send of the plan's form as it stands on a page."""
    (form,) = re.findall(r'<form class="plan".*?</form>', page, re.DOTALL)
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if found.get("type") not in {"checkbox", "radio"} or " checked" in tag:
            sent.setdefault(found["name"], []).append(found.get("value", ""))
    for name, options in re.findall(
        r'<select[^>]* name="(\w+)".*?>(.*?)</select>', form, re.DOTALL
    ):
        sent[name] = re.findall(r'<option selected value="([^"]*)"', options)
    return sent


RISK = "design: risk\nsize: 40\nbase: 0.5\nfloor: 0.05\npoints:\n  complaint: 50"
BY_TENURE = "design: neyman\nstrata: [tenure]\nminimum: 2\ndeviations: {experienced: 8.25, new: 16}"


@pytest.mark.parametrize(
    "design",
    [
        RISK,
        BY_TENURE,
        "design: neyman\nstrata: [stage]\nsize: 30\ndeviations: {presale: 8.25, after_sale: 16}",
        "design: proportional\nstrata: [stage, tenure]\nminimum: 2",
        "design: systematic\norder: time\none_in: 12.345",
        "design: simple\nsize: 25",
    ],
)
def test_what_the_page_does_not_show_stays_when_it_is_saved(
    chat_desk: ChatDesk, trainer: FlaskClient, design: str
) -> None:
    before = put_in_force(chat_desk, plan_with(design))
    sent = as_shown(trainer.get("/quality").text)

    answer = trainer.post("/quality", data={**sent, "per_agent": "5"})

    assert answer.status_code == 302
    after = running(chat_desk)
    wanted = replace(before, per_agent=5, title=after.title, path=after.path, digest=after.digest)
    assert after == wanted


def test_the_same_page_twice_is_the_same_plan(chat_desk: ChatDesk, trainer: FlaskClient) -> None:
    put_in_force(chat_desk, plan_with(RISK))
    for _each in range(2):
        trainer.post("/quality", data=as_shown(trainer.get("/quality").text))

    with chat_desk.app.app_context():
        assert len(db.session.scalars(select(SamplingActivation)).all()) == 2


def test_another_design_takes_over_what_both_have(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    put_in_force(chat_desk, plan_with(BY_TENURE))

    trainer.post("/quality", data={**FORM, "design": "proportional", "strata": ["agent"]})

    after = running(chat_desk)
    assert (after.design, after.strata, after.minimum) == (Design.PROPORTIONAL, (By.AGENT,), 2)
    assert after.deviations == {}


@pytest.mark.parametrize(("given", "size"), [("40", 40), ("", None), (" ", None)])
def test_so_many_in_all_is_said_behind_the_sentence(
    chat_desk: ChatDesk, trainer: FlaskClient, given: str, size: int | None
) -> None:
    put_in_force(chat_desk, plan_with(RISK))

    trainer.post("/quality", data={**FORM, "design": "risk", "size": given})

    assert running(chat_desk).size == size


@pytest.mark.parametrize("given", ["0", "5001", "x"])
def test_a_size_out_of_bounds_is_told(trainer: FlaskClient, given: str) -> None:
    wrong = trainer.post("/quality", data={**FORM, "design": "risk", "size": given})
    unused = trainer.post("/quality", data={**FORM, "size": given})

    assert wrong.status_code == 422
    assert wrong.text.count("写 1 到 5000 的整数，或者空着。") == 1
    assert unused.status_code == 302
