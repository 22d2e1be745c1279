"""What pages cost and show; the team's figures; content checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from cstrain.activities.quiz import queries
from cstrain.activities.quiz.kind import KIND
from cstrain.core.catalogue.active import Active
from cstrain.core.items.parse import parse_items
from cstrain.core.pathway import enrolments
from cstrain.core.people.access import Role
from cstrain.core.people.models import Membership
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.testing import FakeKind, install, publish
from tests.activities.quiz.quiz_course import COURSE, Sitting, answer_to, bank, text_of
from tests.plugins.shop import MakePerson, MakeTeam, SignIn


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collects the SQL that runs inside."""
    found: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def test_what_requests_cost(sitting: Sitting) -> None:
    sitting.begin()
    question = sitting.questions()[0]
    sitting.send(0, answer_to(question, right=True))

    with statements(sitting.app) as answering:
        sitting.send(0, answer_to(question, right=False))
    with statements(sitting.app) as paper:
        sitting.open()
    sitting.answer_all(wrong=3)
    sitting.hand_in()
    with statements(sitting.app) as result:
        sitting.client.get(sitting.url)
    with statements(sitting.app) as staff:
        sitting.staff.get(sitting.url)
    with statements(sitting.app) as before:
        sitting.client.get("/quiz/exam")

    assert len(answering) <= 4, answering
    assert len(paper) <= 8, paper
    assert len(result) <= 8, result
    assert len(staff) <= 8, staff
    assert len(before) <= 8, before


def test_the_page_before_says_the_rules(sitting: Sitting) -> None:
    page = text_of(sitting.client.get("/quiz/exam"))

    for word in ("10", "30", "80 %", "一共 3 次", "开始考试", "两节各出几题"):
        assert word in page
    sitting.begin()
    assert "继续作答" in text_of(sitting.client.get("/quiz/exam"))
    sitting.answer_all(wrong=5)
    sitting.hand_in()
    after = text_of(sitting.client.get("/quiz/exam"))
    assert "补学还剩" in after
    assert "10 题答对 5 题" in after


def test_the_result_shows_a_match_in_words_and_not_in_a_list_that_cuts_them(
    sitting: Sitting,
) -> None:
    sitting.begin()
    sitting.answer_all(wrong=10)
    sitting.hand_in()

    result = sitting.client.get(sitting.url).get_data(as_text=True)

    assert 'class="match-row"' in result
    assert "<select" not in result


def test_a_slug_of_another_kind_is_not_found(sitting: Sitting) -> None:
    assert sitting.client.get("/quiz/manners").status_code == 404
    assert sitting.client.post("/quiz/manners/start").status_code == 404
    assert sitting.client.get("/quiz/nothing").status_code == 404
    assert sitting.client.get("/quiz/999999").status_code == 404


def test_a_picture_in_a_chat_to_find_faults_in_is_drawn_as_one(sitting: Sitting) -> None:
    assert '<span class="chat-picture">[图]</span> 在吗' in sitting.begin().text


def test_staff_print_the_same_paper_again_with_its_key(sitting: Sitting) -> None:
    first = sitting.staff.get("/quiz/exam/print")
    assert first.status_code == 302
    paper = sitting.staff.get(first.location)
    key = sitting.staff.get(f"{first.location}&key=1")

    assert paper.text.count('class="question"') == 10
    assert "因为规矩" not in paper.text
    assert key.text.count("因为规矩") == 10
    questions = [text.partition("printed-lines")[2][:4000] for text in (paper.text, key.text)]
    assert questions[0] == questions[1]


def test_a_trainer_sees_no_exam_of_a_shop_in_which_they_learn(
    sitting: Sitting, tmp_path: Path, make_team: MakeTeam, make_person: MakePerson, sign_in: SignIn
) -> None:
    other = make_team()
    theirs = COURSE["exams/exam.md"].replace("slug: exam", "slug: their-exam")
    own = {f"teams/{other.slug}/exams/their-exam.md": theirs}
    publish(sitting.app, tmp_path / "more", {**COURSE, **own})
    learner = make_person(Role.TRAINER)
    trainer = make_person(Role.TRAINER, team=other)
    content: Active = sitting.app.extensions["cstrain.content"]
    with sitting.app.app_context(), transaction() as session:
        content.reload()
        learns = Membership(
            person_id=learner.id, team_id=other.id, role=Role.TRAINEE, since_at=utc_now()
        )
        session.add(learns)
        session.flush()
        enrolments.enrol(learner.id, other.id, "short", now=utc_now())

    printed = "/quiz/their-exam/print?seed=1&key=1"
    found = sign_in(learner)
    assert found.get("/quiz/their-exam").status_code == 200
    assert found.get(printed).status_code == 404
    assert found.get("/quiz/their-exam/preview").status_code == 404
    assert found.get("/quiz/exam/print?seed=1").status_code == 200
    assert sign_in(trainer).get(printed).status_code == 200


def test_the_preview_keeps_nothing(sitting: Sitting) -> None:
    page = sitting.staff.get("/quiz/exam/preview")

    assert page.text.count('class="question"') == 10
    assert "预览，不保存" in page.text
    assert "hand-in" not in page.text


def test_the_questions_a_class_failed_most(sitting: Sitting) -> None:
    for wrong in (4, 4, 4, 4, 1, 1, 1, 1):  # each of the 16 twice, some wrongly twice
        sitting.begin("drill")
        sitting.answer_all(wrong=wrong)
        sitting.hand_in()
    with sitting.app.app_context():
        team = sitting.trainee.team_id
        points = queries.most_failed([team], 3)

        assert len(points) == 3
        assert [each.wrong_count for each in points] == [2, 2, 2]
        assert points[0].answered_count >= 2
        assert points[0].text.startswith("第")
        assert points[0].section.startswith("manners.")
        assert list(KIND.weak_points([team], 3)) == points
        assert queries.most_failed([], 3) == []
        assert queries.most_failed([team + 1], 3) == []


@pytest.mark.parametrize(
    ("kind", "rows", "asked"),
    [
        ("单选", ["- [ ] 在", "- [x] 我查"], "哪句对？"),
        (
            "找错",
            ["- 买家：在吗", "- [x] 客服：一定到", "- [ ] 客服：我查"],
            "哪句对？\n买家：在吗\n客服：一定到\n客服：我查",
        ),
    ],
)
def test_of_a_failed_question_what_is_asked_is_shown(
    kind: str, rows: list[str], asked: str
) -> None:
    lines = [f"/// 题 | {kind}", "    编号: a-1", "    难度: 1", "", "哪句对？", "", *rows]
    text = "\n".join([*lines, "", "解析：因为。", "///", ""])
    (item,), problems = parse_items("a.md", text, section="1.1")

    assert problems == []
    assert queries.asked(item) == asked


def exam(*lines: str) -> str:
    head = "---\nkind: quiz\nslug: exam\ntitle: {zh: 考试, en: Exam}\nuse: exam\n"
    return head + "\n".join(lines) + "\n---\n"


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        (exam("draw:", "  - {sections: [manners], count: 99}"), 7, "合条件的只有 24 题"),
        (exam("draw:", "  - {sections: [manner], count: 1}"), 7, "没有这一节"),
        (
            exam(
                "draw:",
                "  - {sections: [manners], count: 20}",
                "  - {sections: [manners.1], count: 8}",
            ),
            6,
            "合起来不够",
        ),
        (exam("always: [nothing]"), 6, "不在题库里"),
        (exam("always: [manners-practice-single-4]"), 6, "用途不对"),
        (exam("draw:", "  - {sections: [manners], count: 20}"), 6, "第二次考会有"),
        (exam("attempts: 2", "draw:", "  - {sections: [manners], count: 2}"), 6, "3 次"),
    ],
)
def test_content_is_checked_against_the_bank(
    app: Flask, tmp_path: Path, text: str, line: int, word: str
) -> None:
    install(app, FakeKind())
    with pytest.raises(ValueError, match=word) as refused:
        publish(app, tmp_path / "content", {**COURSE, "exams/exam.md": text})
    assert f"exams/exam.md:{line}: " in str(refused.value)


def test_notes_tell_the_expected_overlap(sitting: Sitting) -> None:
    content: Active = sitting.app.extensions["cstrain.content"]
    with sitting.app.app_context():
        assert list(KIND.notes(content.for_team(None))) == [
            "exam：预计和以前考过的题重复：第 2 次 0 %，第 3 次 0 %"
        ]


def test_what_was_drawn_is_graded_as_it_was_when_content_changes(
    sitting: Sitting, tmp_path: Path
) -> None:
    sitting.begin()
    before = [each.public.stem_md for each in sitting.questions()]
    changed = bank("manners", "exam", range(1, 4)).replace("位顾客问", "位顾客又问")
    publish(
        sitting.app,
        tmp_path / "content",
        {**COURSE, "course/a-manners.questions.md": changed},
    )
    content: Active = sitting.app.extensions["cstrain.content"]
    with sitting.app.app_context():
        content.reload()

    sitting.open()

    assert [each.public.stem_md for each in sitting.questions()] == before
    sitting.answer_all()
    sitting.hand_in()
    assert sitting.evidence()[0].score == 1
