"""Calibration: blind first, side by side then, and gold kept apart from the blind marks."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cstrain.core.people.access import Role
from cstrain.core.review import queries, trust
from cstrain.core.review.models import Review
from cstrain.desk.quality import agreement_queries, calibrating
from cstrain.desk.quality.calibration_models import Calibration, CalibrationGold
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, InvalidError
from tests.desk.quality.conftest import ChatDesk
from tests.plugins.shop import MakePerson, MakeTeam, Shop, SignIn


@pytest.fixture
def trainer(chat_desk: ChatDesk, sign_in: SignIn) -> FlaskClient:
    return sign_in(chat_desk.trainer)


def begin(desk: ChatDesk, count: int = 2) -> int:
    """A session of two chats for the trainer and the manager."""
    chats = [desk.chat() for _each in range(2)]
    desk.draw(*chats)
    for review in desk.reviews():
        if review.state == "open":
            desk.mark(review)
    with desk.app.app_context(), transaction():
        return calibrating.begin(
            desk.trainee.team_id, "十一月", count, by=desk.trainer.id, now=desk.now
        )


def parts(desk: ChatDesk) -> list[Review]:
    with desk.app.app_context():
        return list(
            db.session.scalars(
                select(Review).where(Review.kind == calibrating.KIND).order_by(Review.id)
            )
        )


def mark_all(desk: ChatDesk) -> None:
    """The trainer gives 3 for facts, the manager 1."""
    for review in parts(desk):
        is_trainer = review.for_person_id == desk.trainer.id
        desk.mark(
            review,
            by=desk.trainer if is_trainer else desk.manager,
            facts=3 if is_trainer else 1,
        )


def test_everybody_has_a_part_of_their_own_in_each_chat(chat_desk: ChatDesk) -> None:
    begin(chat_desk)

    found = parts(chat_desk)

    assert len(found) == 4
    assert {each.for_person_id for each in found} == {chat_desk.trainer.id, chat_desk.manager.id}
    with chat_desk.app.app_context():
        listed = queries.waiting([chat_desk.trainee.team_id], me=chat_desk.trainer.id)
    assert [each.review.for_person_id for each in listed] == [chat_desk.trainer.id] * 2


def test_marks_are_seen_by_others_only_when_they_are_compared(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    session_id = begin(chat_desk)
    url = f"/quality/calibrations/{session_id}"
    of_manager = [each for each in parts(chat_desk) if each.for_person_id == chat_desk.manager.id]
    chat_desk.mark(of_manager[0], by=chat_desk.manager, facts=1)

    blind = trainer.get(url).text
    hidden = trainer.get(f"/reviews/{of_manager[0].id}").status_code
    too_early = trainer.post(f"{url}/compare", follow_redirects=True).text
    mark_rest = [each for each in parts(chat_desk) if each.for_person_id == chat_desk.trainer.id]
    chat_desk.mark(mark_rest[0], facts=3)
    trainer.post(f"{url}/compare")
    open_page = trainer.get(url).text

    assert "1 / 3" not in blind
    assert hidden == 404
    assert "至少两个人" in too_early
    assert "1 / 3" in open_page
    assert "不一样" in open_page
    assert [each.state for each in parts(chat_desk)].count("withdrawn") == 2


def test_nobodys_mark_is_proposed_where_as_many_gave_another(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    session_id = begin(chat_desk)
    mark_all(chat_desk)
    trainer.post(f"/quality/calibrations/{session_id}/compare")

    page = trainer.get(f"/quality/calibrations/{session_id}").text

    def proposed(key: str) -> list[str]:
        chosen = page.split(f'name="value-{key}"')[1].split("</select>")[0]
        return re.findall(r'value="(\w*)" selected', chosen)

    assert (proposed("facts"), proposed("need")) == ([], ["3"])


def test_what_most_gave_is_no_agreement(
    chat_desk: ChatDesk, trainer: FlaskClient, make_person: MakePerson
) -> None:
    third = make_person(Role.TRAINER, team=Shop(chat_desk.trainee.team_id, "", ""))
    session_id = begin(chat_desk)
    people = {each.id: each for each in (chat_desk.trainer, chat_desk.manager, third)}
    for review in parts(chat_desk):
        by = people[review.for_person_id or 0]
        chat_desk.mark(review, by=by, facts=1 if by is third else 3)
    trainer.post(f"/quality/calibrations/{session_id}/compare")

    page = trainer.get(f"/quality/calibrations/{session_id}").text
    facts, need = (
        page.split(f'name="value-{key}"')[1].split("</select>")[0] for key in ("facts", "need")
    )

    assert " required" in facts
    assert " selected" not in facts
    assert 'value="3" selected' in need
    assert " required" not in need


def test_what_was_marked_differently_is_agreed_upon_before_the_end(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    session_id = begin(chat_desk)
    url = f"/quality/calibrations/{session_id}"
    mark_all(chat_desk)
    trainer.post(f"{url}/compare")
    for place in (1, 2):
        trainer.post(f"{url}/chats/{place}", data={"value-need": "3"})

    assert "第 1 条的“商品、活动、店规说得对”还没有商定" in (
        trainer.post(f"{url}/close", follow_redirects=True).text
    )


def test_how_far_all_agree_is_a_click_away_with_its_interval_and_count(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    session_id = begin(chat_desk)
    url = f"/quality/calibrations/{session_id}"
    early = trainer.get(f"{url}/figures").status_code
    mark_all(chat_desk)
    trainer.post(f"{url}/compare")
    page, figures = trainer.get(url).text, trainer.get(f"{url}/figures").text

    def row(title: str) -> str:
        return figures.split(f">{title}</th>")[1].split("</tr>")[0]

    assert early == 404
    assert f'href="{url}/figures"' in page
    assert "2 条里 0 条" in row("商品、活动、店规说得对")
    assert "-0.50（-0.50 到 -0.50）" in row("商品、活动、店规说得对")
    assert "2 条里 2 条" in row("问清了要什么，答到点上")
    assert "算不出" in row("问清了要什么，答到点上")
    assert '<td class="num">2</td>' in row("总分")


def test_gold_is_kept_apart_and_judges_after_the_end(
    chat_desk: ChatDesk, trainer: FlaskClient
) -> None:
    session_id = begin(chat_desk)
    url = f"/quality/calibrations/{session_id}"
    mark_all(chat_desk)
    before = {each.id: each.score for each in parts(chat_desk)}
    trainer.post(f"{url}/compare")
    unfinished = trainer.post(f"{url}/close", follow_redirects=True).text
    for place in (1, 2):
        trainer.post(f"{url}/chats/{place}", data={"value-facts": "3", "note-facts": "第 3 行"})
    with chat_desk.app.app_context():
        early = agreement_queries.gold(chat_desk.trainee.team_id, now=chat_desk.now)
    closed = trainer.post(f"{url}/close", follow_redirects=True).text

    assert "第 1 条还没有商定" in unfinished
    assert "校准结束了" in closed
    assert early == []
    assert {each.id: each.score for each in parts(chat_desk)} == before
    with chat_desk.app.app_context():
        later = db.session.get_one(Calibration, session_id).closed_at or chat_desk.now
        gold = agreement_queries.gold(chat_desk.trainee.team_id, now=later)
    assert {(each.first_by, each.same_count, len(each.marks)) for each in gold} == {
        (chat_desk.trainer.id, 1, 1),
        (chat_desk.manager.id, 0, 1),
    }
    assert all(each.second_by is None for each in gold)
    # Of the items agreed upon alone: 1 of 3 beside 3 of 3.
    leans = {each.first_by: each.first_score - each.second_score for each in gold}
    assert leans[chat_desk.trainer.id] == 0
    assert leans[chat_desk.manager.id] == pytest.approx(-2 / 3)


def test_a_calibration_counts_for_nothing_else(chat_desk: ChatDesk) -> None:
    begin(chat_desk)
    team_id = chat_desk.trainee.team_id
    with chat_desk.app.app_context():
        before = trust.compared([team_id])

    mark_all(chat_desk)

    with chat_desk.app.app_context():
        assert trust.compared([team_id]) == before
    assert all(each.evidence_id is None for each in parts(chat_desk))


def test_what_makes_no_sense_is_refused(chat_desk: ChatDesk, trainer: FlaskClient) -> None:
    session_id = begin(chat_desk)
    team_id, now = chat_desk.trainee.team_id, chat_desk.now
    with chat_desk.app.app_context():
        for title, count in (("", 3), ("好", 1), ("好", 11)):
            with pytest.raises(InvalidError), transaction():
                calibrating.begin(team_id, title, count, by=chat_desk.trainer.id, now=now)
        with pytest.raises(ConflictError), transaction():  # one at a time
            calibrating.begin(team_id, "又一次", 2, by=chat_desk.trainer.id, now=now)
        with pytest.raises(ConflictError), transaction():  # not compared yet
            calibrating.agree(session_id, 1, {"facts": "3"}, {})
    mark_all(chat_desk)
    with chat_desk.app.app_context(), transaction():
        calibrating.compare(session_id, now=now)
    for wrong in ({"value-facts": "9"}, {"value-facts": "x"}, {"value-facts": "-1"}):
        trainer.post(f"/quality/calibrations/{session_id}/chats/1", data=wrong)
    with chat_desk.app.app_context():
        assert db.session.scalar(select(CalibrationGold.id)) is None
    assert trainer.post(f"/quality/calibrations/{session_id}/chats/9").status_code == 404


def test_too_few_chats_are_said(trainer: FlaskClient) -> None:
    page = trainer.post(
        "/quality/calibrations", data={"title": "十一月", "count": "5"}, follow_redirects=True
    ).text

    assert "只有 0 条" in page


def test_other_shops_see_nothing_of_it(
    chat_desk: ChatDesk, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    session_id = begin(chat_desk)
    stranger = sign_in(make_person(Role.TRAINER, team=make_team()))

    assert stranger.get(f"/quality/calibrations/{session_id}").status_code == 404
    assert stranger.post(f"/quality/calibrations/{session_id}/compare").status_code == 404
