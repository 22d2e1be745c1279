"""Second markings: who is asked, what they see, and that nothing counts twice."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cstrain.core.evidence import ledger
from cstrain.core.evidence.models import Evidence
from cstrain.core.people.access import Role
from cstrain.core.review import blind, correcting, queries
from cstrain.core.review.models import Review
from cstrain.core.review.service import CLAIM_LASTS
from cstrain.core.review.trust import compared
from cstrain.desk.quality import appeals, coaching, estimate_queries, seconds
from cstrain.desk.quality.models import SampleDraw
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ForbiddenError, NotFoundError
from tests.desk.quality.conftest import ChatDesk
from tests.plugins.shop import MakePerson, MakeTeam, Shop, SignIn, Someone


@pytest.fixture
def other(chat_desk: ChatDesk, make_person: MakePerson) -> Someone:
    """Another trainer of the team."""
    return make_person(Role.TRAINER, team=Shop(chat_desk.trainee.team_id, "", ""))


def first_marked(desk: ChatDesk, ratio: float = 1.0) -> list[Review]:
    """A drawn chat with its first marks, and the second review if one was asked for."""
    desk.draw(desk.chat(), second_ratio=ratio)
    desk.mark(desk.review(), facts=1)
    return desk.reviews()


def evidence_count(desk: ChatDesk) -> int:
    with desk.app.app_context():
        return len(db.session.scalars(ledger.standing_rows().where(Evidence.team_id > 0)).all())


@pytest.mark.parametrize(("ratio", "count"), [(0.0, 1), (1.0, 2)])
def test_chance_asks_for_the_share_of_the_plan(
    chat_desk: ChatDesk, other: Someone, ratio: float, count: int
) -> None:
    found = first_marked(chat_desk, ratio)

    assert len(found) == count
    assert all(each.for_person_id == other.id for each in found[1:])


def test_a_seed_which_stands_on_a_page_does_not_tell_who_is_marked_twice(
    chat_desk: ChatDesk, other: Someone
) -> None:
    del other
    draw_id = chat_desk.draw(chat_desk.chat(), second_ratio=0.5)
    told = set()
    with chat_desk.app.app_context():
        subject_id = chat_desk.review().subject_id
        for number in range(20):
            with transaction():
                db.session.get_one(SampleDraw, draw_id).seed = f"seed {number}"
            told.add(seconds._is_wanted(subject_id))  # noqa: SLF001 - what chance says

    assert len(told) == 1


def test_the_second_one_sees_hints_and_no_mark_of_the_first(
    chat_desk: ChatDesk, other: Someone
) -> None:
    first, second = first_marked(chat_desk)

    marks = chat_desk.marks(second)

    assert (second.kind, second.subject_id, second.beside_id) == (
        "chat_second",
        first.subject_id,
        first.id,
    )
    assert marks["follow_up"].proposed == 0
    assert not any(each.is_marked or each.note for each in marks.values())
    assert other.id == second.for_person_id


def test_second_marks_are_kept_beside_the_first_and_count_for_nothing(
    chat_desk: ChatDesk, other: Someone
) -> None:
    first, second = first_marked(chat_desk)
    before = evidence_count(chat_desk)
    with chat_desk.app.app_context():
        rules_before = compared([first.team_id])

    chat_desk.mark(second, by=other, facts=0)

    first, second = chat_desk.reviews()
    assert (first.state, second.state, second.evidence_id) == ("done", "done", None)
    assert first.score != second.score
    assert evidence_count(chat_desk) == before
    with chat_desk.app.app_context():
        assert compared([first.team_id]) == rules_before


def test_nobody_else_marks_it_and_it_stands_in_nobody_elses_queue(
    chat_desk: ChatDesk, other: Someone
) -> None:
    first, second = first_marked(chat_desk)
    team_ids = [first.team_id]
    with chat_desk.app.app_context():
        of_other = queries.ahead(team_ids, me=other.id, now=chat_desk.now)
        of_first = queries.ahead(team_ids, me=chat_desk.trainer.id, now=chat_desk.now)
        listed = queries.waiting(team_ids, me=chat_desk.trainer.id)

    assert (of_other.review_id, of_first.review_id, listed) == (second.id, None, [])
    with pytest.raises(NotFoundError):
        chat_desk.mark(second)


def test_who_marks_second_sees_the_first_marks_only_afterwards(
    chat_desk: ChatDesk, other: Someone, sign_in: SignIn
) -> None:
    first, second = first_marked(chat_desk)
    client = sign_in(other)
    places = (
        f"/reviews/{first.id}",
        f"/quality/chats/{first.subject_id}",
        "/reviews?show=done",
        f"/records/{chat_desk.trainee.id}",
    )
    points = rf">{int((chat_desk.reviews()[0].score or 0) * 100)}[.\d]* [分%]"

    before = [bool(re.search(points, client.get(place).text)) for place in places]
    chat_desk.mark(second, by=other)
    after = [bool(re.search(points, client.get(place).text)) for place in places]

    assert (before, after) == ([False] * 4, [True] * 4)


def test_the_mean_of_one_chat_does_not_tell_its_score_either(
    chat_desk: ChatDesk, other: Someone
) -> None:
    draw_id = chat_desk.draw(chat_desk.chat(), second_ratio=1.0)
    chat_desk.mark(chat_desk.review())

    def is_told(who: Someone) -> bool:
        with chat_desk.app.app_context():
            return estimate_queries.drawn([draw_id], me=who.id)[0].seen is not None

    before = is_told(other), is_told(chat_desk.trainer)
    chat_desk.mark(chat_desk.review(), by=other)

    assert (before, is_told(other)) == ((False, True), True)


def test_a_red_line_does_not_tell_by_being_there(
    chat_desk: ChatDesk, other: Someone, sign_in: SignIn
) -> None:
    chat_desk.draw(chat_desk.chat(), second_ratio=1.0)
    chat_desk.mark(chat_desk.review(), lure=0)
    place = f"/records/{chat_desk.trainee.id}"
    client, first_one = sign_in(other), sign_in(chat_desk.trainer)

    before = client.get(place).text
    chat_desk.mark(chat_desk.review(), by=other)

    row, figure = '<th scope="row">碰红线', "1 次"
    assert (row in before, figure in before) == (False, False)
    assert "同一条还有一份等你单独评" in before
    for page in (client.get(place).text, first_one.get(place).text):
        assert (row in page, figure in page) == (True, True)


def test_an_appeal_does_not_tell_the_mark_and_coaching_waits(
    chat_desk: ChatDesk, other: Someone, sign_in: SignIn
) -> None:
    first, second = first_marked(chat_desk)
    with chat_desk.app.app_context(), transaction():
        correction_id = appeals.appeal(
            first.subject_id, "facts", "查过了再回的", by=chat_desk.trainee.id, now=chat_desk.now
        )
    client, place = sign_in(other), f"/reviews/{correction_id}"
    with chat_desk.app.app_context(), transaction(), pytest.raises(ForbiddenError):
        coaching.coach(first.subject_id, "facts", "先查", by=other.id, now=chat_desk.now)

    before = client.get(place).text
    chat_desk.mark(second, by=other)

    assert "先评你自己的那一份" in before
    assert "查过了再回的" not in before
    assert f"{place}/withdraw" not in before
    assert "查过了再回的" in client.get(place).text


def test_what_coaching_came_to_does_not_tell_a_mark(chat_desk: ChatDesk, other: Someone) -> None:
    chat_desk.draw(chat_desk.chat())
    earlier = chat_desk.review()
    chat_desk.mark(earlier, facts=1)
    with chat_desk.app.app_context(), transaction():
        coaching.coach(
            earlier.subject_id, "facts", "先查", by=chat_desk.trainer.id, now=chat_desk.now
        )
    chat_desk.later(days=1)
    second = first_marked(chat_desk)[-1]

    def seen(who: Someone) -> int:
        with chat_desk.app.app_context():
            (found,) = coaching.of_team(chat_desk.trainee.team_id, me=who.id)
            return found.seen_count

    before = seen(other), seen(chat_desk.trainer)
    chat_desk.mark(second, by=other)

    assert (before, seen(other)) == ((0, 1), 1)


def test_coaching_in_another_shop_is_no_coaching_here(
    chat_desk: ChatDesk, make_team: MakeTeam
) -> None:
    elsewhere = make_team().id
    by, now = chat_desk.trainer.id, chat_desk.now
    for _n in range(2):
        chat_desk.draw(chat_desk.chat())
        chat_desk.mark(chat_desk.review(), facts=1)
    first, again = chat_desk.reviews()
    with chat_desk.app.app_context(), transaction():
        there = coaching.coach(first.subject_id, "facts", "先查再答", by=by, now=now)
        there.team_id = elsewhere

    with chat_desk.app.app_context(), transaction():
        made = coaching.coach(again.subject_id, "facts", "先查再答", by=by, now=now)
        assert made.team_id == again.team_id


def test_both_markings_stand_side_by_side_with_the_one_that_counts(
    chat_desk: ChatDesk, other: Someone, sign_in: SignIn
) -> None:
    first, second = first_marked(chat_desk)
    client = sign_in(chat_desk.trainer)
    early = client.get(f"/quality/doubles/{second.id}")
    chat_desk.mark(second, by=other, facts=3, warmth=2)

    page = client.get(f"/quality/doubles/{second.id}")
    listed = client.get("/quality/agreement").text

    assert early.status_code == 404
    assert page.text.count("不一样</span>") == 2
    assert f"/reviews/{first.id}" in page.text
    assert f"/quality/doubles/{second.id}" in listed
    with chat_desk.app.app_context(), transaction():
        correcting.correct(first.id, reason="看漏", by=chat_desk.trainer.id, now=chat_desk.now)
    chat_desk.mark(chat_desk.review(), facts=3)
    again = client.get(f"/quality/doubles/{second.id}").text
    assert "后来改成：3 / 3" in again
    assert f"/reviews/{chat_desk.review().id}" in again


def test_nobody_sees_both_markings_of_the_own_chat_or_of_another_shop(
    chat_desk: ChatDesk,
    other: Someone,
    sign_in: SignIn,
    make_person: MakePerson,
    make_team: MakeTeam,
) -> None:
    second = first_marked(chat_desk)[-1]
    chat_desk.mark(second, by=other)
    stranger = make_person(Role.TRAINER, team=make_team())

    answers = [
        sign_in(who).get(f"/quality/doubles/{second.id}").status_code
        for who in (chat_desk.trainee, stranger, chat_desk.manager)
    ]

    assert answers == [403, 404, 200]


def test_a_manager_who_marks_second_corrects_the_first_only_afterwards(
    chat_desk: ChatDesk,
) -> None:
    first, second = first_marked(chat_desk)  # nobody but the manager is left
    assert second.for_person_id == chat_desk.manager.id
    with pytest.raises(ForbiddenError), chat_desk.app.app_context(), transaction():
        correcting.correct(first.id, reason="看漏", by=chat_desk.manager.id, now=chat_desk.now)

    chat_desk.mark(second, by=chat_desk.manager)
    with chat_desk.app.app_context(), transaction():
        correcting.correct(first.id, reason="看漏", by=chat_desk.manager.id, now=chat_desk.now)

    assert chat_desk.review().supersedes_id == first.id


def test_a_correction_of_what_one_marks_blind_is_not_ones_turn(
    chat_desk: ChatDesk, other: Someone, sign_in: SignIn
) -> None:
    first, second = first_marked(chat_desk)
    with chat_desk.app.app_context(), transaction():
        correction_id = correcting.correct(
            first.id, reason="看漏", by=chat_desk.trainer.id, now=chat_desk.now - 2 * CLAIM_LASTS
        )
    with chat_desk.app.app_context():
        ahead = queries.ahead([first.team_id], me=other.id, now=chat_desk.now)
    page = sign_in(other).get("/queue").text

    assert (ahead.count, ahead.review_id) == (1, second.id)
    assert f"/reviews/{second.id}/claim" in page
    assert f"/reviews/{correction_id}/claim" not in page
    assert "先评完那一份" in page


def test_blind_marks_stay_as_they_are(chat_desk: ChatDesk, other: Someone) -> None:
    second = first_marked(chat_desk)[-1]
    chat_desk.mark(second, by=other)

    with pytest.raises(ForbiddenError), chat_desk.app.app_context(), transaction():
        correcting.correct(second.id, reason="改口", by=other.id, now=chat_desk.now)


def test_a_correction_asks_for_no_second_marking(chat_desk: ChatDesk, other: Someone) -> None:
    first, second = first_marked(chat_desk)
    chat_desk.mark(second, by=other)
    with chat_desk.app.app_context(), transaction():
        correcting.correct(first.id, reason="看漏", by=chat_desk.trainer.id, now=chat_desk.now)
    chat_desk.mark(chat_desk.review())

    assert len(chat_desk.reviews()) == 3


def test_what_waits_too_long_is_asked_for_no_more(chat_desk: ChatDesk, other: Someone) -> None:
    first = first_marked(chat_desk)[0]
    with chat_desk.app.app_context(), transaction():
        seconds.end_old(now=chat_desk.now + seconds.LASTS + timedelta(seconds=1))
        hidden = blind.is_hidden(first, other.id)

    assert chat_desk.review().state == "withdrawn"
    assert not hidden


def test_who_is_kept_from_exams_marks_none_until_it_is_over(
    chat_desk: ChatDesk, other: Someone, sign_in: SignIn
) -> None:
    chat_desk.draw(chat_desk.chat())
    review = chat_desk.review()
    team_ids = [review.team_id]
    with chat_desk.app.app_context(), transaction():
        db.session.get_one(Review, review.id).is_exam = True
        blind.set_bars(review.team_id, [other.id], now=chat_desk.now)
    with chat_desk.app.app_context():
        ahead = queries.ahead(team_ids, me=other.id, now=chat_desk.now)
    page = sign_in(other).get("/queue").text
    with pytest.raises(ForbiddenError):
        chat_desk.mark(review, by=other)
    with chat_desk.app.app_context(), transaction():
        blind.set_bars(review.team_id, [], now=chat_desk.now)

    chat_desk.mark(review, by=other)

    assert ahead.review_id is None
    assert "这段时间阶段考试由别人批" in page
    assert f"/reviews/{review.id}/claim" not in page
    assert chat_desk.review().by_person_id == other.id
