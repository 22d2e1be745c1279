from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from cstrain import testing
from cstrain.core.catalogue import active
from cstrain.core.people.access import Role
from tests.activities.lesson.lesson_course import COURSE, FIRST, JSON, RIGHT, Class, enrol
from tests.plugins.course import Statements
from tests.plugins.shop import MakePerson, MakeTeam, SignIn


def test_reading_begins_no_attempt(lessons: Class) -> None:
    page = lessons.client.get("/lesson/1.1")

    assert page.status_code == 200
    assert lessons.attempts() == []


def test_the_first_part_opened_begins_the_attempt(lessons: Class) -> None:
    told = lessons.open("intro", "1.1.1")

    assert told["recorded"]
    assert [attempt.activity for attempt in lessons.attempts()] == ["1.1"]


def test_everything_opened_and_answered_closes_it_once(lessons: Class) -> None:
    told = lessons.read()

    assert told["done"]
    (evidence,) = lessons.evidence()
    assert evidence.score == 1.0
    assert evidence.measures == {"answered_count": 8.0, "right_first_ratio": 1.0}
    assert evidence.summary["zh"] == "读完 2 个小节，答完 8 题，8 题一次答对"


@pytest.mark.parametrize("item_id", list(RIGHT))
def test_every_kind_of_question_is_judged_at_once(lessons: Class, item_id: str) -> None:
    told = lessons.answer_right(item_id)

    assert "答对了" in told["ask"]


def test_a_wrong_answer_counts_as_answered_and_may_be_given_again(lessons: Class) -> None:
    wrong = lessons.answer("1.1-t4", {"text": "207"})
    right = lessons.answer("1.1-t4", {"text": "187"})

    assert "还不对" in wrong["ask"]
    assert "答对了" in right["ask"]
    assert wrong["value"] == right["value"] == 1


def test_the_first_try_is_what_the_outcome_tells(lessons: Class) -> None:
    lessons.answer("1.1-t4", {"text": "207"})
    lessons.read()

    (evidence,) = lessons.evidence()
    assert evidence.measures["right_first_ratio"] == 7 / 8


def test_a_thought_on_a_prompt_is_never_asked_for(lessons: Class) -> None:
    told = lessons.answer("1.1-q1", {"choice": "a"})

    assert "我们的答案" in told["ask"]
    assert told["value"] == 0


def test_what_most_thought_is_shown_once_enough_have_answered(
    lessons: Class, make_person: MakePerson, sign_in: SignIn
) -> None:
    told = None
    for number in range(5):
        reader = make_person()
        enrol(lessons.app, reader)
        one = Class(lessons.app, lessons.exam, reader, sign_in(reader))
        told = one.answer("1.1-q1", {"choice": "a"})
        assert ("同事们先想到的" in told["ask"]) == (number == 4)


def test_the_shares_of_a_prompt_add_up_to_a_hundred(
    lessons: Class, make_person: MakePerson, sign_in: SignIn
) -> None:
    told = ""
    for choice in "aaaabb":
        reader = make_person()
        enrol(lessons.app, reader)
        one = Class(lessons.app, lessons.exam, reader, sign_in(reader))
        told = one.answer("1.1-q1", {"choice": choice})["ask"]

    shown = re.findall(r'<span class="num">(\d+) %</span>', told)
    assert sorted(map(int, shown)) == [33, 67]


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {},
        {"number": 1, "parts": []},
        {"number": 0, "parts": ["1.1.1"]},
        {"number": 1, "parts": ["9.9"]},
        {"number": 1, "parts": [["1.1.1"]]},
        {"number": "1", "parts": ["1.1.1"]},
        {"number": 1, "parts": "1.1.1"},
    ],
)
def test_a_forged_report_is_refused_and_leaves_nothing(lessons: Class, sent: object) -> None:
    answer = lessons.client.post("/lesson/1.1/opened", json=sent, headers=JSON)

    assert answer.status_code == 422
    assert lessons.attempts() == []


@pytest.mark.parametrize(
    ("item_id", "raw", "status"),
    [
        ("1.1-t1", {"choice": "z"}, 422),
        ("1.1-t1", {"choice": None}, 422),
        ("1.1-t4", {"text": "\u0000\u0007"}, 422),
        ("1.1-t4", {"text": "9" * 5000}, 422),
        ("1.1-t4", {"choices": []}, 422),
        ("1.1-t4", None, 422),
        ("1.1-01", {"choice": "a"}, 404),
        ("nothing", {"choice": "a"}, 404),
    ],
)
def test_what_is_no_answer_is_refused(
    lessons: Class, item_id: str, raw: object, status: int
) -> None:
    url = f"/lesson/1.1/answer/{item_id}"

    answer = lessons.client.post(url, json=raw, headers=JSON)

    assert answer.status_code == status


@pytest.mark.parametrize("typed", ["差不多一百", "1/2", "1e3", "😀"])
def test_text_where_a_number_is_asked_for_is_refused_and_not_counted(
    lessons: Class, typed: str
) -> None:
    refused = lessons.client.post("/lesson/1.1/answer/1.1-t4", json={"text": typed}, headers=JSON)
    right = lessons.answer("1.1-t4", {"text": " １８７元 "})

    assert refused.status_code == 422
    assert "填一个数字" in refused.get_json()["error"]
    assert "答对了" in right["ask"]
    lessons.read()
    assert lessons.evidence()[0].measures["right_first_ratio"] == 1.0


def test_without_scripts_the_page_says_that_reading_is_not_noted(lessons: Class) -> None:
    page = lessons.page()

    inside = page.partition("<noscript>")[2].partition("</noscript>")[0]
    assert "这一课学不完" in inside


def test_emoji_and_odd_characters_are_an_answer_like_any_other(lessons: Class) -> None:
    told = lessons.answer("1.1-t5", {"texts": ["🛒\u200b千牛"]})

    assert "还不对" in told["ask"]
    assert "🛒千牛" in lessons.page()


def test_a_form_without_script_is_taken_too(lessons: Class) -> None:
    answer = lessons.client.post("/lesson/1.1/answer/1.1-t4", data={"1.1-t4": "187"})

    assert answer.status_code == 302
    assert answer.location == "/lesson/1.1#ask-1.1-t4"
    assert "答对了" in lessons.page()


def test_a_locked_lesson_shows_what_opens_it_and_nothing_else(lessons: Class) -> None:
    answer = lessons.client.get("/lesson/later")
    text = answer.get_data(as_text=True)

    assert answer.status_code == 409
    assert "先通过“培训考核”" in text
    assert "秘密" not in text


def test_a_locked_lesson_is_locked_for_posts_too(lessons: Class) -> None:
    opened = lessons.client.post(
        "/lesson/later/opened", json={"number": 1, "parts": ["A.1"]}, headers=JSON
    )

    assert opened.status_code == 409
    assert lessons.attempts() == []


@pytest.mark.usefixtures("published")
def test_somebody_without_a_path_is_told_so(make_person: MakePerson, sign_in: SignIn) -> None:
    answer = sign_in(make_person()).get("/lesson/1.1")

    assert answer.status_code == 409
    assert "请带教老师安排" in answer.get_data(as_text=True)


def test_a_trainer_sees_a_preview_and_nothing_is_kept(
    lessons: Class, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer = make_person(Role.TRAINER)
    one = Class(lessons.app, lessons.exam, trainer, sign_in(trainer))

    assert "学员看到的就是这样" in one.page("later")
    assert one.open("1.1.1") == {"recorded": False}
    assert not one.answer("1.1-t4", {"text": "187"})["recorded"]
    assert lessons.attempts() == []


def test_reading_a_done_lesson_again_keeps_nothing(lessons: Class) -> None:
    lessons.read()

    page = lessons.page()
    told = lessons.answer("1.1-t4", {"text": "1"})

    assert "已学完" in page
    assert page.count("答对了") == 8
    assert not told["recorded"]
    assert len(lessons.attempts()) == 1


def test_an_exercise_takes_the_place_of_a_section(lessons: Class) -> None:
    lessons.open("exercise-1", slug="1.2")
    told = lessons.answer("1.2-t1", {"choice": "a"}, slug="1.2")

    assert told["done"]


def test_a_failed_exam_asks_for_exactly_its_sections_again(lessons: Class) -> None:
    lessons.read()
    lessons.open("exercise-1", slug="1.2")
    lessons.answer("1.2-t1", {"choice": "a"}, slug="1.2")
    lessons.fail_exam("1.1.1")

    page = lessons.page()

    assert page.count("要补学</span>") == 1
    assert "考试里这几个小节丢了分" in page


def test_retraining_is_done_when_all_of_it_is_right(lessons: Class) -> None:
    lessons.read()
    lessons.open("exercise-1", slug="1.2")
    lessons.answer("1.2-t1", {"choice": "a"}, slug="1.2")
    lessons.fail_exam("1.1.1")

    lessons.open("1.1.1")
    drawn = [each for each in ("1.1-01", "1.1-02", "1.1-03") if f"ask-{each}" in lessons.page()]
    wrong = lessons.answer("1.1-t1", {"choice": "z"})
    for item_id in drawn:
        lessons.answer(item_id, {"choice": "b"})
    assert not lessons.answer_right("1.1-t1")["done"]
    told = [lessons.answer(item_id, {"choice": "a"}) for item_id in drawn]

    assert len(drawn) == 2
    assert "error" in wrong
    assert [each["done"] for each in told] == [False, True]
    assert [attempt.scope for attempt in lessons.attempts() if attempt.number == 2] == [["1.1.1"]]
    assert all(step.done_at for step in lessons.steps())
    lessons.pass_exam()


def test_a_plan_opens_a_lesson_again_only_until_it_is_done(lessons: Class) -> None:
    lessons.read()
    lessons.open("exercise-1", slug="1.2")
    lessons.answer("1.2-t1", {"choice": "a"}, slug="1.2")
    lessons.fail_exam("1.2")

    first = lessons.open("exercise-1", slug="1.2")
    told = lessons.answer("1.2-t1", {"choice": "a"}, slug="1.2")
    again = lessons.open("exercise-1", slug="1.2", number=2)

    assert first["recorded"]
    assert told["done"]
    assert again == {"recorded": False}


def test_an_attempt_goes_on_with_the_text_it_began_with(
    lessons: Class, published: testing.FakeKind, tmp_path_factory: pytest.TempPathFactory
) -> None:
    del published
    lessons.open("1.1.1")
    course = {**COURSE, "course/1.1.md": FIRST.replace("先问好。", "先道歉。")}
    testing.publish(lessons.app, tmp_path_factory.mktemp("new"), course)
    with lessons.app.app_context():
        active.active().reload()

    page = re.sub("<[^>]+>", "", lessons.page())

    assert "先问好。" in page
    assert "先道歉。" not in page


def test_the_attempt_can_be_looked_at_by_its_reader_and_the_teams_trainers_alone(
    lessons: Class, make_person: MakePerson, sign_in: SignIn, make_team: object
) -> None:
    lessons.answer("1.1-t4", {"text": "207"})
    (attempt,) = lessons.attempts()
    stranger = make_person(team=make_team(name="另一家店"))  # type: ignore[operator]  # a fixture
    trainer, mate = make_person(Role.TRAINER), make_person()
    url = f"/lesson/attempt/{attempt.id}"

    statuses = [sign_in(each).get(url).status_code for each in (trainer, mate, stranger)]

    assert "207" in lessons.client.get(url).get_data(as_text=True)
    assert statuses == [200, 404, 404]


def test_the_page_needs_few_statements_however_far_one_is(lessons: Class) -> None:
    counts = []
    for step in (lambda: None, lambda: lessons.open("1.1.1"), lessons.read):
        step()
        lessons.page()
        with Statements(lessons.app) as counted:
            lessons.page()
        counts.append(len(counted.sent))

    assert max(counts) <= 8


@pytest.mark.parametrize("path", ["/course", "/practice"])
def test_the_lists_need_few_statements(lessons: Class, path: str) -> None:
    lessons.read()
    lessons.client.get(path)

    with Statements(lessons.app) as counted:
        answer = lessons.client.get(path)

    assert answer.status_code == 200
    assert len(counted.sent) <= 8


def test_the_course_says_what_is_done_and_what_opens_the_rest(lessons: Class) -> None:
    lessons.read()

    page = lessons.client.get("/course").get_data(as_text=True)

    assert "学完 1 / 3 课" in page
    assert "先通过“培训考核”" in page
    assert 'href="/lesson/1.2"' in page
    assert 'href="/lesson/later"' not in page


def test_a_lesson_to_relearn_still_counts_as_learned(lessons: Class) -> None:
    lessons.read()
    lessons.open("exercise-1", slug="1.2")
    lessons.answer("1.2-t1", {"choice": "a"}, slug="1.2")
    lessons.fail_exam("1.1.1")

    page = lessons.client.get("/course").get_data(as_text=True)

    assert "要补学" in page
    assert "学完 2 / 3 课" in page


@pytest.mark.usefixtures("published")
def test_the_course_is_open_to_staff(make_person: MakePerson, sign_in: SignIn) -> None:
    client = sign_in(make_person(Role.MANAGER))

    page = client.get("/course").get_data(as_text=True)

    assert 'href="/lesson/later"' in page
    assert client.get("/practice").status_code == 200


def test_nobody_reads_without_signing_in(app: Flask, lessons: Class) -> None:
    del lessons
    client = app.test_client()

    assert client.get("/lesson/1.1").status_code == 302
    assert client.post("/lesson/1.1/opened", json={}, headers=JSON).status_code == 401


def test_staying_awake_changes_nothing(lessons: Class) -> None:
    assert lessons.client.post("/lesson/1.1/reading").status_code == 204
    assert lessons.attempts() == []


FIGURES = """---
kind: shop_figures
slug: figures
title: {zh: 本店数字, en: Shop figures}
---
## dispatch_limit | 发货时限 | Dispatch limit
    数值: 48 小时
    核对: 2026-11-20
    负责: 沈经理
"""


def test_each_shop_reads_its_own_figures(
    lessons: Class, tmp_path: Path, make_team: MakeTeam, make_person: MakePerson, sign_in: SignIn
) -> None:
    other = make_person(team=make_team(slug="other"))
    enrol(lessons.app, other)
    before = lessons.client.get("/lesson/1.2").text
    testing.publish(
        lessons.app, tmp_path / "course", COURSE | {"teams/other/shop/figures.md": FIGURES}
    )
    with lessons.app.app_context():
        active.active().reload()

    theirs = sign_in(other).get("/lesson/1.2").text
    ours = lessons.client.get("/lesson/1.2").text

    assert "发货时限：48\u00a0小时（沈经理 2026-11-20 核对）" in plain(theirs)
    assert "发货时限：以商家后台当日规则为准" in plain(ours)
    assert plain(before) == plain(ours)


def plain(page: str) -> str:
    """The words of the paragraph about the shop's figure."""
    return re.sub("<[^>]+>", "", page[page.index("本店的数看") :].partition("</p>")[0])
