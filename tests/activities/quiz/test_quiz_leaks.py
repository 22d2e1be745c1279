"""No answer to a request of a live attempt tells a key, an explanation or a score."""

from __future__ import annotations

import re

from cstrain.core.items.item import Kind
from tests.activities.quiz.quiz_course import EXPLANATION, FEEDBACK, Sitting, answer_to

SECRETS = (EXPLANATION, FEEDBACK, "is_right", "is_faulty", "is_key", "ratio", "大红", "score")


def secrets_in(text: str) -> list[str]:
    # The words of the questions may hold a right choice, but nothing may tell which it is.
    found = [each for each in SECRETS if each in text]
    if re.search(r"\d 分[^钟]|得分|\d %", text):
        found.append("a score")
    return found


def test_a_live_attempt_tells_nothing(sitting: Sitting) -> None:
    pages = [sitting.begin().text]
    questions = sitting.questions()
    assert {each.public.kind for each in questions} >= {Kind.SINGLE, Kind.BLANKS, Kind.SPOT}
    for position, question in enumerate(questions):
        pages += [
            sitting.send(position, answer_to(question, right=right)).text for right in (False, True)
        ]
    pages += [
        sitting.send(0, {"choice": "zzz"}).text,
        sitting.send(0, answer_to(questions[0], right=True), epoch=99).text,
        sitting.open().text,
        sitting.hand_in(sure=0).text,
        sitting.client.post(
            f"{sitting.url}/save", data={"epoch": sitting.epoch, "seq": 77}, follow_redirects=True
        ).text,
        sitting.client.post("/quiz/exam/start", follow_redirects=True).text,
        sitting.client.get("/quiz/exam").text.replace("得分要到", "").replace("80 %", ""),
        sitting.staff.get(sitting.url).text,
    ]

    assert [secrets_in(page) for page in pages] == [[] for _page in pages]
    numbers = [str(each.frozen.item.number.value) for each in questions if each.frozen.item.number]
    assert all(number not in pages[0] for number in numbers)


def test_shown_orders_do_not_tell_the_key(sitting: Sitting) -> None:
    page = sitting.begin().text
    for position, question in enumerate(sitting.questions(), start=1):
        if question.public.kind is not Kind.ORDER:
            continue
        block = page.partition(f'id="q{position}"')[2].partition("</fieldset>")[0]
        shown = re.findall(r'data-key="(\w)"', block)
        assert shown == sorted(shown)
        assert [question.frozen.keys[key] for key in shown] != [0, 1, 2]
        assert 'value=""' in block, "a place before the trainee has chosen one would be a hint"


def test_trainees_cannot_print_or_preview(sitting: Sitting) -> None:
    for path in ("print?seed=1", "print?seed=1&key=1", "preview"):
        assert sitting.client.get(f"/quiz/exam/{path}").status_code == 403


def test_after_a_fail_the_key_stays_hidden(sitting: Sitting) -> None:
    sitting.begin()
    sitting.answer_all(wrong=4)
    sitting.hand_in()

    page = sitting.client.get(sitting.url).text

    assert [each for each in (EXPLANATION, FEEDBACK, "大红") if each in page] == []
    assert "is-right" not in page.partition("quiz-rows")[2]
    assert page.count('data-state="failed" open') + page.count('data-state="needs_you" open') == 4
    assert "/go/section/manners." in page
    staff = sitting.staff.get(sitting.url).text
    assert EXPLANATION in staff


def test_after_a_pass_all_is_explained(sitting: Sitting) -> None:
    sitting.begin()
    sitting.answer_all(wrong=1)
    sitting.hand_in()

    page = sitting.client.get(sitting.url).text

    assert page.count(EXPLANATION) == 10
    assert "通过" in page


def test_practice_explains_at_once_and_can_be_repeated(sitting: Sitting) -> None:
    sitting.begin("drill")
    first = {each.public.id for each in sitting.questions()}
    sitting.answer_all(wrong=2)
    sitting.hand_in()
    page = sitting.client.get(sitting.url).text
    assert page.count(EXPLANATION) == 4
    assert "错题 2 道" in page
    assert "再来一组" in page

    sitting.begin("drill")

    assert not first & {each.public.id for each in sitting.questions()}
