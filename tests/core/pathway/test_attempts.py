"""Attempts: begun once, closed once, also when two ask at the same moment."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from cstrain.core.catalogue import active
from cstrain.core.evidence import ledger
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import Outcome
from cstrain.core.pathway import attempts, by_hand, enrolments, standing, words
from cstrain.core.pathway.gates import Verdict
from cstrain.core.pathway.models import Attempt, DecisionRow
from cstrain.core.people.models import Person
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, CstrainError, LockedError, NotFoundError
from tests.core.pathway.conftest import PATHWAY, Way, file_of, lesson, lost
from tests.plugins.shop import NOW, SignIn


def numbers(app: Flask, slug: str) -> list[int]:
    with app.app_context():
        rows = db.session.scalars(
            select(Attempt.number).where(Attempt.activity == slug).order_by(Attempt.id)
        )
        return list(rows)


def test_starting_again_gives_the_open_attempt(way: Way) -> None:
    way.enrol()

    first, second = way.start("1.1"), way.start("1.1")

    assert first == second
    assert numbers(way.app, "1.1") == [1]


def test_attempts_are_numbered_one_after_the_other(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.1", "1.1")

    assert numbers(way.app, "1.1") == [1, 2, 3]
    assert way.stand().tally("1.1").attempt_count == 3


def test_what_is_begun_is_frozen(way: Way) -> None:
    way.enrol()

    attempt = way.start("drill")

    with way.app.app_context():
        assert attempts.get(attempt.id) == attempt
        there = active.for_team(None)
        assert attempt.revision_id == there.revision_id
        assert attempt.content_digest == there.activity("drill").digest
    assert attempt.is_open
    assert attempt.seed < 2**48


@pytest.mark.parametrize(("slug", "error"), [("2.1", LockedError), ("nothing", NotFoundError)])
def test_what_is_locked_or_unknown_cannot_be_begun(
    way: Way, slug: str, error: type[CstrainError]
) -> None:
    way.enrol()

    with pytest.raises(error):
        way.start(slug)


def test_without_a_pathway_nothing_can_be_begun(way: Way) -> None:
    with pytest.raises(LockedError, match="带教老师"):
        way.start("1.1")


def test_an_exam_off_the_path_is_closed_and_practice_off_the_path_is_open(way: Way) -> None:
    way.publish(**{"exams/more.md": file_of("more")})
    way.enrol()

    with pytest.raises(LockedError):
        way.start("extra")
    assert way.start("more").number == 1


def test_an_attempt_is_closed_once(way: Way) -> None:
    way.enrol()
    attempt = way.start("1.1")
    way.close(attempt)

    with pytest.raises(ConflictError):
        way.close(attempt)
    with way.app.app_context():
        assert len(db.session.scalars(select(Evidence)).all()) == 1


def test_a_failing_close_leaves_the_attempt_open(way: Way) -> None:
    way.enrol()
    attempt = way.start("1.1")

    with pytest.raises(ValueError, match="ratio"):
        way.close(attempt, 1.5)

    assert way.start("1.1") == attempt


def test_two_clicks_at_once_begin_one_attempt(way: Way) -> None:
    way.enrol()
    ready = Barrier(2)

    def click(seed: int) -> int:
        with way.app.app_context():
            ready.wait()
            with transaction():
                return attempts.start(way.trainee.id, "1.1", now=NOW, rng=random.Random(seed)).id

    with ThreadPoolExecutor(2) as pool:
        ids = list(pool.map(click, (1, 2)))

    assert ids[0] == ids[1]
    assert numbers(way.app, "1.1") == [1]


def test_two_hand_ins_at_once_close_it_once(way: Way) -> None:
    way.enrol()
    attempt = way.start("1.1")
    ready = Barrier(2)

    def hand_in(_nth: int) -> bool:
        with way.app.app_context():
            ready.wait()
            try:
                with transaction():
                    attempts.close(attempt.id, by=way.trainee.id, now=NOW)
            except ConflictError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(hand_in, (1, 2)))

    assert sorted(done) == [False, True]
    with way.app.app_context():
        assert len(db.session.scalars(select(Evidence)).all()) == 1


def test_two_trainers_at_once_enrol_once(way: Way) -> None:
    ready = Barrier(2)

    def enrol(_nth: int) -> bool:
        with way.app.app_context():
            ready.wait()
            try:
                with transaction():
                    enrolments.enrol(way.trainee.id, way.trainee.team_id, None, now=NOW)
            except ConflictError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(enrol, (1, 2)))

    assert sorted(done) == [False, True]


def test_the_last_two_conditions_met_at_once_pass_the_gate(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    exam, typing = way.start("exam"), way.start("typing")
    way.kind.outcome = Outcome(
        1.0, {"fake_cpm": 60, "fake_accuracy_ratio": 1}, summary={"zh": "好", "en": "Good"}
    )
    ready = Barrier(2)

    def hand_in(attempt_id: int) -> None:
        with way.app.app_context():
            ready.wait()
            with transaction():
                attempts.close(attempt_id, by=way.trainee.id, now=NOW)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(hand_in, (exam.id, typing.id)))

    assert way.stand().stage.slug == "post"
    assert [row.verdict for row in way.decisions()] == ["open", "pass"]


# Time.


@pytest.mark.parametrize(("ratio", "minutes"), [(1.0, 30), (1.5, 45)])
def test_the_deadline_gives_people_the_time_they_need(way: Way, ratio: float, minutes: int) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    with way.app.app_context(), transaction():
        db.session.get_one(Person, way.trainee.id).extra_time_ratio = ratio

    assert way.start("exam").deadline_at == NOW + timedelta(minutes=minutes)
    assert way.start("drill").deadline_at is None


@pytest.mark.parametrize(("late_s", "found"), [(1800, False), (1815, False), (1816, True)])
def test_overdue_attempts_are_listed_after_the_grace(way: Way, late_s: int, found: bool) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    exam = way.start("exam")
    way.start("drill")

    with way.app.app_context():
        overdue = attempts.overdue(NOW + timedelta(seconds=late_s), grace_s=15)

    assert overdue == ([exam.id] if found else [])


def test_what_is_closed_late_was_shown_at_the_deadline(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    exam = way.start("exam")
    way.later(days=2)

    assert way.close(exam, 0.5) == "repeat"

    with way.app.app_context():
        (view,) = [
            each for each in ledger.of_enrolment(way.enrolment_id, 1) if each.activity == "exam"
        ]
    assert view.at == NOW + timedelta(minutes=30)
    assert way.lock("exam") is None  # the delay runs from the deadline and is over


def test_attempts_of_a_kind_that_is_gone_are_left_alone(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    exam = way.start("exam")
    with way.app.app_context():
        kinds = active.active().registry.kinds
        kept = kinds.pop("fake")
        assert attempts.overdue(NOW + timedelta(days=1), grace_s=0) == []
        with pytest.raises(NotFoundError), transaction():
            attempts.close(exam.id, by=None, now=NOW)
        kinds["fake"] = kept

    assert way.close(exam, 0.9) == "open"


# Scope and spec.


def test_the_scope_is_what_open_steps_ask_for(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2"), lost("section:1.1.1")])

    with way.app.app_context():
        assert attempts.open_scope(way.enrolment_id, "1.1") == ["1.1.1", "1.1.2"]
        assert attempts.open_scope(way.enrolment_id, "1.2") is None


def test_a_step_for_a_whole_lesson_has_no_scope(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2"), lost("section:1.2")])

    with way.app.app_context():
        assert attempts.open_scope(way.enrolment_id, "1.2") == []
    assert way.start("1.2").scope == ()


def test_an_attempt_keeps_the_content_it_began_with(way: Way) -> None:
    way.enrol()
    attempt = way.start("1.1")
    way.publish(**{"course/1.1.md": lesson("1.1", "1.1.1", text="改过的课文")})

    with way.app.app_context():
        assert set(attempts.spec_of(attempt).sections) == {"1.1.1", "1.1.2"}
        assert set(attempts.catalogue_of(attempt).activity("1.1").spec.sections) == {"1.1.1"}
    assert way.close(attempt) is None


def test_an_attempt_keeps_its_content_when_the_activity_is_withdrawn(way: Way) -> None:
    way.publish(**{"exams/more.md": file_of("more", text="从前的题")})
    way.enrol()
    attempt = way.start("more")
    (way.folder / "exams/more.md").unlink()
    way.publish()

    with way.app.app_context():
        assert attempts.spec_of(attempt).text == "从前的题"
        with pytest.raises(NotFoundError):
            attempts.catalogue_of(attempt).activity("more")
    way.close(attempt)


def test_a_team_begins_with_its_own_files(way: Way) -> None:
    own = file_of("drill", text="本店的练习")
    way.publish(**{"teams/team-1/exams/drill.md": own})
    way.enrol()

    attempt = way.start("drill")

    with way.app.app_context():
        assert attempts.spec_of(attempt).text == "本店的练习"
        assert active.for_team(None).activity("drill").spec.text == ""


# Where somebody stands.


def stands_on(way: Way) -> int | None:
    found = standing.of_person(way.trainee.id)
    return found.enrolment_id if found else None


def test_an_active_pathway_goes_before_a_finished_newer_one(way: Way) -> None:
    way.publish(
        **{
            "pathways/short.yaml": PATHWAY.replace("three-exams", "short").split("  - slug: post")[
                0
            ]
        }
    )
    way.enrol()
    long_way = way.enrolment_id
    with way.app.app_context(), transaction():
        row = enrolments.enrol(way.trainee.id, way.trainee.team_id, "short", now=NOW)
        assert stands_on(way) == row.id

        by_hand.override(row, Verdict.PASS, reason="试", by=way.trainer.id, now=NOW)
        (proposal,) = db.session.scalars(select(DecisionRow)).all()
        by_hand.second(proposal, row, agrees=True, by=way.manager.id, now=NOW)

        assert row.state == "completed"
        assert stands_on(way) == long_way


def test_enrolling_is_seen_at_once_in_the_same_context(way: Way) -> None:
    with way.app.app_context(), transaction():
        assert standing.of_person(way.trainee.id) is None

        enrolments.enrol(way.trainee.id, way.trainee.team_id, None, now=NOW)

        assert standing.of_person(way.trainee.id) is not None


def test_the_result_tells_the_decision_it_led_to(way: Way, sign_in: SignIn) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    failed = way.start("exam")
    way.close(failed, 0.5, [lost("section:1.1.2")])
    way.type(50)
    page = sign_in(way.trainee)

    told = page.get(f"/fake/attempts/{failed.id}").get_json()

    assert told["verdict"] == "repeat"
    assert told["is_passed"] is False
    assert told["headline"] == "这次没有通过。按下面的补学做完，就能再考一次。"
    assert told["findings"][1] == ["标题exam", "missing", "50 %", "80 %", "还差 30 %"]


def test_a_result_offers_no_exam_that_is_closed_by_now(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2")])
    decision = way.decisions()[-1]

    with way.app.test_request_context():
        kept = db.session.get_one(Evidence, decision.evidence_id)
        told = words.of_result(ledger.view(kept), decision, way.stand(), now=way.now)

    urls = {line.activity: line.url for line in told.lines}
    assert urls["exam"] is None
    assert urls["typing"] is not None


def test_attempts_of_one_exam_are_not_used_up_by_another(way: Way) -> None:
    way.enrol()
    way.use_up_exam()
    way.type(10)
    decision = way.decisions()[-1]

    with way.app.test_request_context():
        kept = db.session.get_one(Evidence, decision.evidence_id)
        told = words.of_result(ledger.view(kept), decision, way.stand(), now=way.now)

    assert decision.verdict == Verdict.HELP
    assert told.headline == "这次没有通过。按下面的补学做完，就能再考一次。"


def test_the_home_page_tells_a_failed_attempt_from_the_one_that_passed(
    way: Way, sign_in: SignIn
) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2")])
    page = sign_in(way.trainee)
    planned = page.get("/").text
    way.learn("1.1")
    way.later(days=1)
    way.take("exam", 0.9)

    results = page.get("/").text.partition("最近的结果")[2]

    assert "1 步补学" in planned
    assert results.count("未通过") == 1
