"""Answers as they arrive: kept once, in order, in time, and only from their owner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Row, func, select

from cstrain.activities.quiz import service
from cstrain.activities.quiz.models import GradedAnswer
from cstrain.core.evidence.models import Evidence
from cstrain.core.items.item import Kind
from cstrain.core.pathway import sweeping
from cstrain.core.pathway.models import Enrolment
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db
from cstrain.plugin import GRACE_S
from tests.activities.quiz.quiz_course import Sitting, answer_to
from tests.plugins.shop import MakePerson, SignIn


def position_of(sitting: Sitting, kind: Kind) -> int:
    return next(n for n, each in enumerate(sitting.questions()) if each.public.kind is kind)


def standing(sitting: Sitting) -> dict[int, object]:
    with sitting.app.app_context():
        return dict(service.answers(sitting.attempt_id))


def test_from_start_to_the_next_stage(sitting: Sitting) -> None:
    sitting.begin()
    sitting.answer_all()

    answer = sitting.hand_in()

    assert answer.location == sitting.url
    page = sitting.client.get(sitting.url)
    assert "100 %" in page.text
    assert "“基础关”通过了" in page.text
    with sitting.app.app_context():
        assert db.session.scalars(select(Enrolment.stage)).one() == "live"
        row = db.session.scalars(select(Evidence)).one()
        assert (row.score, row.shortfalls) == (1.0, [])
        assert row.measures["right_count"] == row.measures["question_count"] == 10
        assert row.summary["en"] == "10 of 10 questions right, score 100 %"


def test_a_reload_resumes_with_the_same_questions_answers_and_deadline(sitting: Sitting) -> None:
    first = sitting.begin()
    before = [each.public for each in sitting.questions()]
    position = position_of(sitting, Kind.BLANKS)
    sitting.send(position, {"texts": ["红颜色一"]})

    again = sitting.open()

    assert [each.public for each in sitting.questions()] == before
    assert 'value="红颜色一"' in again.text
    deadline = 'data-deadline="'
    assert first.text.partition(deadline)[2][:13] == again.text.partition(deadline)[2][:13]
    started = sitting.client.post("/quiz/exam/start")
    assert started.location == sitting.url


def test_the_older_tab_is_told_and_its_answer_kept_but_not_counted(sitting: Sitting) -> None:
    sitting.begin()
    old_epoch = sitting.epoch
    position = position_of(sitting, Kind.NUMERIC)
    sitting.open()
    sitting.send(position, {"text": "2"})

    late = sitting.send(position, {"text": "1"}, epoch=old_epoch, seq=99)

    assert late.get_json()["saved"] is True
    assert (late.get_json()["counted"], late.get_json()["reason"]) == (False, "elsewhere")
    assert standing(sitting) == {position: {"text": "2"}}
    assert sitting.events() == [(position, 2, 1, True), (position, 1, 99, False)]


def test_within_a_page_the_number_decides_whatever_the_order_of_arrival(sitting: Sitting) -> None:
    sitting.begin()
    position = position_of(sitting, Kind.NUMERIC)

    sitting.send(position, {"text": "second"}, seq=2)
    sitting.send(position, {"text": "first"}, seq=1)

    assert standing(sitting) == {position: {"text": "second"}}
    assert len(sitting.events()) == 2


def test_a_second_delivery_changes_nothing(sitting: Sitting) -> None:
    sitting.begin()
    position = position_of(sitting, Kind.NUMERIC)
    first = sitting.send(position, {"text": "1"}, seq=5)
    sitting.send(position, {"text": "2"}, seq=6)

    again = sitting.send(position, {"text": "1"}, seq=5)

    assert again.get_json()["counted"] is first.get_json()["counted"] is True
    assert standing(sitting) == {position: {"text": "2"}}
    assert len(sitting.events()) == 2


def test_another_answer_under_a_used_number_is_refused(sitting: Sitting) -> None:
    sitting.begin()
    position = position_of(sitting, Kind.NUMERIC)
    sitting.send(position, {"text": "1"}, seq=5)

    refused = sitting.send(position, {"text": "2"}, seq=5)

    assert refused.status_code == 409
    assert standing(sitting) == {position: {"text": "1"}}


def test_a_redelivery_after_the_end_tells_what_became_of_the_first(sitting: Sitting) -> None:
    sitting.begin()
    position = position_of(sitting, Kind.NUMERIC)
    sitting.send(position, {"text": "1"}, seq=5)
    sitting.hand_in()

    again = sitting.send(position, {"text": "1"}, seq=5)

    assert (again.get_json()["counted"], again.get_json()["reason"]) == (True, "")


def test_an_answer_taken_back_stands_as_none(sitting: Sitting) -> None:
    sitting.begin()
    position = position_of(sitting, Kind.SINGLE)
    sitting.send(position, answer_to(sitting.questions()[position], right=True))

    sitting.send(position, {"choice": None})

    assert standing(sitting) == {position: {"choice": None}}


@pytest.mark.parametrize(
    "changes",
    [
        {"position": -1},
        {"position": 10},
        {"position": "0"},
        {"position": True},
        {"position": None},
        {"position": 10**30},
        {"epoch": 0},
        {"epoch": 2},
        {"epoch": -1},
        {"epoch": "1"},
        {"epoch": None},
        {"seq": 0},
        {"seq": 1.5},
        {"seq": 10**30},
        {"response": None},
        {"response": []},
        {"response": {"choice": "z", "more": 1}},
        {"response": {"text": 3}},
        {"response": {"text": "长" * 501}},
    ],
)
def test_what_is_forged_is_refused_and_nothing_kept(
    sitting: Sitting, changes: dict[str, Any]
) -> None:
    sitting.begin()
    position = position_of(sitting, Kind.NUMERIC)

    refused = sitting.send(position, {"text": "1"}, **changes)

    assert refused.status_code == 422, refused.text
    assert refused.get_json()["error"]
    assert sitting.events() == []


@pytest.mark.parametrize("body", [b"", b"[]", b"3", b"{", b"\xff\xfe"])
def test_what_is_no_answer_at_all_is_refused(sitting: Sitting, body: bytes) -> None:
    sitting.begin()

    refused = sitting.client.post(
        f"{sitting.url}/answer",
        data=body,
        content_type="application/json",
        headers={"Accept": "application/json"},
    )

    assert refused.status_code == 422


def test_emoji_and_control_characters_are_kept_as_text(sitting: Sitting) -> None:
    sitting.begin()
    position = position_of(sitting, Kind.BLANKS)

    sent = sitting.send(position, {"texts": ["好\x00的\u202e\n😀<b>"]})

    assert sent.get_json()["counted"] is True
    assert standing(sitting) == {position: {"texts": ["好的 😀<b>"]}}
    assert "好的 😀&lt;b&gt;" in sitting.open().text


def test_marks_are_kept_with_the_attempt_for_every_device(
    sitting: Sitting, sign_in: SignIn
) -> None:
    sitting.begin()
    told = sitting.mark(3, 0, 3)

    elsewhere = sitting.open(sign_in(sitting.trainee))

    assert told.get_json() == {"counted": True, "reason": ""}
    assert 'data-marked="0 3"' in elsewhere.text
    sitting.mark()
    assert 'data-marked=""' in sitting.open().text


def test_marks_of_an_older_page_or_a_closed_attempt_do_not_count(sitting: Sitting) -> None:
    sitting.begin()
    old = sitting.epoch
    sitting.open()
    sitting.mark(1)

    from_old = sitting.mark(2, epoch=old).get_json()

    assert from_old == {"counted": False, "reason": "elsewhere"}
    assert 'data-marked="1"' in sitting.open().text
    sitting.hand_in()
    assert sitting.mark(2).get_json() == {"counted": False, "reason": "closed"}


def test_marks_do_not_count_when_a_page_is_opened_meanwhile(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting.begin()
    read = service._own_paper  # noqa: SLF001 - between its reading and the write

    def read_and_open(attempt_id: int, by: int) -> Row[Any]:
        row = read(attempt_id, by)
        service.open_page(attempt_id)
        return row

    monkeypatch.setattr(service, "_own_paper", read_and_open)

    answer = sitting.mark(2).get_json()

    monkeypatch.undo()
    assert answer == {"counted": False, "reason": "elsewhere"}
    assert 'data-marked=""' in sitting.open().text


@pytest.mark.parametrize("marked", [None, {}, "0", [10], [-1], [True], ["0"], [0] * 11])
def test_forged_marks_are_refused(sitting: Sitting, marked: object) -> None:
    sitting.begin()

    refused = sitting.client.post(
        f"{sitting.url}/marks",
        json={"epoch": sitting.epoch, "marked": marked},
        headers={"Accept": "application/json"},
    )

    assert refused.status_code == 422
    assert 'data-marked=""' in sitting.open().text


def test_nobody_else_gets_at_an_attempt(
    sitting: Sitting, make_person: MakePerson, sign_in: SignIn
) -> None:
    sitting.begin()
    position = position_of(sitting, Kind.NUMERIC)
    other = sign_in(make_person())
    for client in (other, sitting.staff):
        answers = [
            sitting.send(position, {"text": "1"}, client=client),
            client.post(f"{sitting.url}/save", data={"epoch": 1, "seq": 1}),
            client.post(f"{sitting.url}/marks", json={"epoch": 1, "marked": [1]}),
            client.post(f"{sitting.url}/hand-in", data={"epoch": 1, "seq": 1, "sure": 1}),
        ]
        assert [each.status_code for each in answers] == [404, 404, 404, 404]
    assert other.get(sitting.url).status_code == 404
    assert sitting.staff.get(sitting.url).status_code == 409
    assert sitting.events() == []
    sitting.hand_in()
    assert other.get(sitting.url).status_code == 404
    assert sitting.staff.get(sitting.url).status_code == 200


def test_in_the_grace_an_answer_counts_and_after_it_does_not(sitting: Sitting) -> None:
    sitting.begin()
    position = position_of(sitting, Kind.NUMERIC)
    sitting.shift(30 + (GRACE_S - 5) / 60)
    assert sitting.send(position, {"text": "1"}).get_json()["counted"] is True

    sitting.shift(10 / 60)
    late = sitting.send(position, {"text": "2"}).get_json()

    assert (late["saved"], late["counted"], late["reason"]) == (True, False, "late")
    assert standing(sitting) == {position: {"text": "1"}}
    assert len(sitting.events()) == 2


def test_the_sweep_grades_what_was_saved_though_nobody_comes_back(sitting: Sitting) -> None:
    sitting.begin()
    sitting.answer_all(wrong=2)
    with sitting.app.app_context():
        assert sweeping.sweep(utc_now()) == 0
    sitting.shift(31)

    with sitting.app.app_context():
        assert sweeping.sweep(utc_now()) == 1
        assert sweeping.sweep(utc_now()) == 0

    (row,) = sitting.evidence()
    assert row.measures["right_count"] == 8
    assert row.measures["duration_s"] == 1800
    position = position_of(sitting, Kind.NUMERIC)
    assert sitting.send(position, {"text": "1"}).get_json()["reason"] == "closed"


def test_the_owner_who_comes_too_late_finds_the_result(sitting: Sitting) -> None:
    sitting.begin()
    sitting.answer_all()
    sitting.shift(31)

    page = sitting.client.get(sitting.url)

    assert "100 %" in page.text
    assert len(sitting.evidence()) == 1


def test_handing_in_after_the_deadline_counts_what_was_saved_in_time(sitting: Sitting) -> None:
    sitting.begin()
    position = position_of(sitting, Kind.NUMERIC)
    right = answer_to(sitting.questions()[position], right=True)
    sitting.send(position, right)
    sitting.shift(31)

    sitting.hand_in(whole=1, **{f"q{position + 1}": "0"})

    (row,) = sitting.evidence()
    assert row.measures["right_count"] == 1
    assert sitting.events()[-1][3] is False


def test_handing_in_twice_is_once(sitting: Sitting) -> None:
    sitting.begin()
    sitting.answer_all()

    first, second = sitting.hand_in(), sitting.hand_in()

    assert first.location == second.location == sitting.url
    assert len(sitting.evidence()) == 1


def test_handing_in_at_the_same_time_is_once(sitting: Sitting, sign_in: SignIn) -> None:
    sitting.begin()
    sitting.answer_all()
    clients = [sign_in(sitting.trainee) for _each in range(4)]
    form = {"epoch": sitting.epoch, "seq": 99, "sure": 1}

    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda each: each.post(f"{sitting.url}/hand-in", data=form), clients)
        )

    assert {each.status_code for each in answers} <= {302, 409}
    assert len(sitting.evidence()) == 1
    with sitting.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(GradedAnswer)) == 10


def test_an_older_tab_cannot_hand_in(sitting: Sitting) -> None:
    sitting.begin()
    old = sitting.epoch
    sitting.open()

    answer = sitting.hand_in(epoch=old, whole=1)

    assert answer.location == sitting.url
    assert "别处继续" in sitting.client.get(sitting.url).text
    assert sitting.evidence() == []


def test_without_scripts_the_whole_page_is_posted(sitting: Sitting) -> None:
    sitting.begin()
    form: dict[str, object] = {"epoch": sitting.epoch, "seq": 1, "whole": 1}
    for position, question in enumerate(sitting.questions()):
        ((_name, value),) = answer_to(question, right=True).items()
        name = f"q{position + 1}"
        if isinstance(value, dict):
            form.update({f"{name}-{left}": right for left, right in value.items()})
        elif question.public.kind is Kind.BLANKS:
            form[f"{name}-1"] = value[0]
        elif question.public.kind is Kind.ORDER:
            form.update({f"{name}-{key}": place for place, key in enumerate(value, start=1)})
        else:
            form[name] = value
    saved = sitting.client.post(f"{sitting.url}/save", data=form)
    assert saved.location == sitting.url
    again = sitting.client.post(f"{sitting.url}/save", data=form)
    assert again.location == sitting.url
    assert len(standing(sitting)) == len(sitting.events()) == 10

    sitting.open()
    asked = sitting.hand_in(sure=0)

    assert "全部答完了" in asked.text
    assert sitting.evidence() == []
    sitting.hand_in()
    assert sitting.evidence()[0].score == 1


def test_before_handing_in_the_open_questions_are_shown(sitting: Sitting) -> None:
    sitting.begin()
    sitting.send(0, answer_to(sitting.questions()[0], right=True))

    asked = sitting.hand_in(sure=0)

    assert "还有 9 题没答" in asked.text
    assert "#q10" in asked.text
    assert '#q1"' not in asked.text


def test_a_failed_attempt_names_its_sections_and_the_next_avoids_its_questions(
    sitting: Sitting,
) -> None:
    sitting.begin()
    first = {each.public.id for each in sitting.questions()}
    sections = {each.section for each in sitting.questions()[:4]}
    sitting.answer_all(wrong=4)

    sitting.hand_in()

    (row,) = sitting.evidence()
    assert row.score == pytest.approx(0.6)
    assert {each["target"] for each in row.shortfalls} == {f"section:{each}" for each in sections}
    ratios = [each["lost_ratio"] for each in row.shortfalls]
    assert ratios == sorted(ratios, reverse=True)
    assert {each["reason"] for each in row.shortfalls} == {"wrong_answers"}
    refused = sitting.client.post("/quiz/exam/start")
    assert refused.status_code == 409, "the plan must be done first"
    sitting.begin("drill")
    assert not first & {each.public.id for each in sitting.questions()}
