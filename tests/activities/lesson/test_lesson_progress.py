from __future__ import annotations

from cstrain.activities.lesson import progress
from cstrain.activities.lesson.progress import Answered
from cstrain.activities.lesson.spec import load
from cstrain.core.catalogue.sources import File, digest_of, open_source
from tests.activities.lesson.lesson_course import FIRST

SPEC = load(open_source("1.1.md", File(digest_of(FIRST.encode()), FIRST.encode()), {}))


def answered(item_id: str, ratio: float, *, drawn_for: str = "") -> Answered:
    digest = SPEC.digests.get(item_id, "drawn")
    return Answered(item_id, digest, ratio, ratio, 1, drawn_for)


def test_all_sections_opened_and_all_questions_answered_is_done() -> None:
    answers = [answered(item_id, 0.0) for item_id in SPEC.questions]

    found = progress.asked(SPEC, opened=["1.1.1", "1.1.2"], answers=answers)

    assert found.is_complete


def test_a_section_or_a_question_less_is_not_done() -> None:
    answers = [answered(item_id, 1.0) for item_id in SPEC.questions]

    unread = progress.asked(SPEC, opened=["1.1.1"], answers=answers)
    unanswered = progress.asked(SPEC, opened=["1.1.1", "1.1.2"], answers=answers[1:])

    assert unread.sections_left == ("1.1.2",)
    assert unanswered.questions_left == ("1.1-t1",)


def test_an_answer_to_a_question_that_has_changed_does_not_count() -> None:
    old = Answered("1.1-t1", "another digest", 1.0, 1.0, 1)

    found = progress.asked(SPEC, answers=[old])

    assert "1.1-t1" in found.questions_left


def test_retraining_asks_only_for_the_plan_and_for_right_answers() -> None:
    answers = [answered("1.1-t1", 0.5), answered("1.1-01", 1.0, drawn_for="1.1.1")]

    found = progress.asked(
        SPEC, opened=["1.1.1"], answers=answers, is_relearning=True, scope=["1.1.1"]
    )

    assert found.sections == ("1.1.1",)
    assert found.questions == ("1.1-t1", "1.1-01")
    assert found.questions_left == ("1.1-t1",)


def test_a_plan_for_sections_that_are_gone_asks_for_the_whole_lesson() -> None:
    found = progress.asked(SPEC, is_relearning=True, scope=["8.8"])

    assert found.sections == SPEC.sections
