"""The page of estimates: intervals, coverage, and no ranking where they overlap."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from cstrain.core.review.models import Review
from cstrain.desk.chats.models import ChatAccount
from cstrain.desk.quality import chance, estimate_queries
from cstrain.desk.quality import service as draws
from cstrain.desk.quality.models import ChatReview, SampledChat, SampleDraw, SamplingActivation
from cstrain.desk.quality.plan import Order, Window, draw_name
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, insert_row, transaction
from tests.desk.quality.conftest import ChatDesk
from tests.plugins.shop import MakePerson, Shop, SignIn, Someone


@pytest.fixture
def trainer(chat_desk: ChatDesk, sign_in: SignIn) -> FlaskClient:
    return sign_in(chat_desk.trainer)


@pytest.fixture
def other(chat_desk: ChatDesk, make_person: MakePerson) -> Someone:
    """Another agent."""
    return make_person(team=Shop(chat_desk.trainee.team_id, "", ""))


def account_of(desk: ChatDesk, person: Someone) -> int:
    with desk.app.app_context(), transaction():
        return insert_row(
            ChatAccount,
            {
                "team_id": person.team_id,
                "platform": "taobao",
                "shop": "云朵家居",
                "name": "小丽",
                "person_id": person.id,
            },
        )


def draw_of_today(desk: ChatDesk, *chat_ids: int, frame_count: int = 40) -> int:
    """A draw of which the frame was larger, on the days of its chats."""
    draw_id = desk.draw(*chat_ids)
    with desk.app.app_context(), transaction():
        today = utc_now().date()
        drawn = db.session.get_one(SampleDraw, draw_id)
        drawn.first_on, drawn.last_on = desk.now.date(), max(today, desk.now.date())
        drawn.frame_count = frame_count
    return draw_id


def test_what_waits_and_what_nobody_drew_is_said(trainer: FlaskClient) -> None:
    assert "还没有评好的" in trainer.get("/quality/estimates").text


def test_the_team_has_a_range_with_its_coverage(chat_desk: ChatDesk, trainer: FlaskClient) -> None:
    draw_of_today(chat_desk, *(chat_desk.chat() for _each in range(4)))
    first, second, third, _open = chat_desk.reviews()
    for review, facts in ((first, 1), (second, 2), (third, 3)):
        chat_desk.mark(review, facts=facts)

    page = trainer.get("/quality/estimates").text

    assert "3 / 40 条，全店" in page
    assert "还有 1 条没评" in page
    assert "3 / 4 条" in page
    assert "层内方差" in page
    assert page.index("<details") < page.index("层内方差")


def test_rare_chats_weigh_more(chat_desk: ChatDesk) -> None:
    draw_id = draw_of_today(chat_desk, chat_desk.chat(), chat_desk.chat())
    first, second = chat_desk.reviews()
    chat_desk.mark(first, facts=0)
    chat_desk.mark(second)
    bad, good = (each.score or 0 for each in chat_desk.reviews())
    with chat_desk.app.app_context(), transaction():
        chat_id = chat_desk.subject(first).conversation_id
        rare = update(SampledChat).where(SampledChat.conversation_id == chat_id)
        db.session.execute(rare.values(probability=0.1))

    with chat_desk.app.app_context():
        found = estimate_queries.estimate(
            estimate_queries.drawn([draw_id], me=chat_desk.trainer.id), 40
        )

    assert found is not None
    assert found.value == pytest.approx((10 * bad + 2 * good) / 12)
    assert found.effective_n == pytest.approx(12**2 / (10**2 + 2**2))


@pytest.mark.parametrize("order", Order)
def test_chats_drawn_in_turn_are_told_in_the_order_of_their_list(
    chat_desk: ChatDesk, trainer: FlaskClient, order: Order
) -> None:
    """Brought in not as they took place; the scores differ more the farther apart in time."""
    began = chat_desk.now
    hours = (3, 0, 2, 1)
    chat_ids = []
    for hour in hours:
        chat_desk.now = began + timedelta(hours=hour)
        chat_ids.append(chat_desk.chat())
    chat_desk.now = began + timedelta(hours=4)
    draw_id = draw_of_today(chat_desk, *chat_ids)
    for review, hour in zip(chat_desk.reviews(), hours, strict=True):
        chat_desk.mark(review, facts=hour)
    with chat_desk.app.app_context(), transaction():
        drawn = db.session.get_one(SampleDraw, draw_id)
        active = db.session.get_one(SamplingActivation, drawn.activation_id)
        about = f"kind: sampling_plan\nslug: {active.slug}\ntitle: {{zh: 隔几条, en: In turn}}\n"
        front = f"{about}per_agent: 1\n"
        advanced = f"advanced:\n  design: systematic\n  order: {order}\n"
        plan = draws.keep(f"---\n{front}{advanced}---\n".encode())
        active.plan_digest, drawn.left_over = plan.digest, 0.5
        name = draw_name(active.slug, Window(drawn.first_on, drawn.last_on), drawn.number)
        seed = drawn.seed

    with chat_desk.app.app_context():
        told = estimate_queries.drawn([draw_id], me=chat_desk.trainer.id)
        rows = db.session.execute(
            select(ChatReview.conversation_id, Review.score).join(
                Review, Review.subject_id == ChatReview.id
            )
        )
        scores = {row.conversation_id: row.score for row in rows}
    place: dict[int, float] = {each: chance.number(seed, name, each) for each in chat_ids}
    if order is Order.TIME:
        place = dict(zip(chat_ids, hours, strict=True))
    expected = [scores[each] for each in sorted(chat_ids, key=place.__getitem__)]
    assert [each.seen.value for each in told if each.seen and each.seen.is_in_turn] == expected
    page = trainer.get("/quality/estimates").text
    assert "逐差方差" in page
    assert "层内方差" not in page


def test_who_can_be_told_apart_stands_in_groups_of_their_own(
    chat_desk: ChatDesk, other: Someone, trainer: FlaskClient
) -> None:
    account_id = account_of(chat_desk, other)
    draw_of_today(
        chat_desk,
        *(chat_desk.chat() for _each in range(6)),
        *(chat_desk.chat(account_id=account_id) for _each in range(6)),
    )
    for number, review in enumerate(chat_desk.reviews()):
        good = review.person_id == chat_desk.trainee.id
        chat_desk.mark(review, facts=3 if good else 0, need=3 if good else number % 2)

    page = trainer.get("/quality/estimates").text

    assert "第 2 组" in page
    assert "范围都叠在一起" not in page
    assert page.index(chat_desk.trainee.name) < page.index(other.name)


def test_one_marked_complaint_gives_nobody_a_range(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    """What is always taken is marked first, and tells nothing of the other chats."""
    draw_of_today(chat_desk, *(chat_desk.chat() for _each in range(4)))
    first = chat_desk.reviews()[0]
    with chat_desk.app.app_context(), transaction():
        chat_id = chat_desk.subject(first).conversation_id
        always = update(SampledChat).where(SampledChat.conversation_id == chat_id)
        db.session.execute(always.values(probability=1.0))
    chat_desk.mark(first, facts=0)

    page = trainer.get("/quality/estimates").text

    assert "1 / 40 条，还说不出全店多少分" in page
    assert "评得还不够，说不出范围：" in page
    assert "quality-bar" not in page
