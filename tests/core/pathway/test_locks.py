"""Locks: one pure function that every way in asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from cstrain.core.pathway.definition import CertificateTerms, Pathway, Stage
from cstrain.core.pathway.gates import Gate
from cstrain.core.pathway.locks import Lock, Place, TallyView, lock_of
from cstrain.core.pathway.rules import AllOf, Rule, ScoreAtLeast

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DONE = TallyView(done_at=NOW)


def stage(slug: str, learn: str, *exams: str, practise: str = "") -> Stage:
    rule: Rule = AllOf(tuple(ScoreAtLeast(exam, 0.8) for exam in exams))
    gate = Gate({}, rule, dict.fromkeys(exams, 2))
    return Stage(slug, {}, {}, tuple(learn.split()), tuple(practise.split()), gate)


PATHWAY = Pathway(
    slug="path",
    title={},
    summary={},
    stages=(
        stage("first", "l1 l2", "exam", "twice", practise="drill mock"),
        stage("second", "l3"),
        stage("third", "", "last", "twice"),
    ),
    certificate=CertificateTerms({}, 365),
    path="pathways/path.yaml",
    digest="d",
)
LEARNED = {"l1": DONE, "l2": DONE, "l3": DONE}


def lock(
    activity: str,
    *,
    is_exam: bool = True,
    position: int = 0,
    is_completed: bool = False,
    tallies: Mapping[str, TallyView] = LEARNED,
    lacking: Collection[str] | None = None,
    is_held: bool = False,
) -> Lock | None:
    place = Place(PATHWAY, position, is_completed, tallies, lacking, is_held)
    return lock_of(place, activity, is_exam=is_exam, now=NOW)


@pytest.mark.parametrize(
    ("activity", "is_exam", "position", "found"),
    [
        ("l1", False, 0, None),
        ("l1", False, 2, None),
        ("l3", False, 0, Lock("stage_locked", stage="second")),
        ("l3", False, 1, None),
        ("drill", False, 0, None),
        ("elsewhere", False, 0, None),
        ("elsewhere", True, 0, Lock("not_on_path")),
        ("exam", True, 0, None),
        ("exam", True, 1, Lock("stage_passed")),
        ("last", True, 0, Lock("stage_locked", stage="third")),
        ("last", True, 2, None),
        ("twice", True, 0, None),
        ("twice", True, 1, Lock("stage_locked", stage="third")),
        ("twice", True, 2, None),
        ("mock", True, 0, None),
        ("mock", True, 1, None),
    ],
)
def test_a_stage_opens_its_activities(
    activity: str, is_exam: bool, position: int, found: Lock | None
) -> None:
    assert lock(activity, is_exam=is_exam, position=position) == found


@pytest.mark.parametrize(
    ("activity", "is_exam", "found"),
    [
        ("exam", True, Lock("stage_passed")),
        ("last", True, Lock("stage_passed")),
        ("l1", False, None),
        ("l3", False, None),
    ],
)
def test_after_the_last_gate_learning_stays_open_and_exams_do_not(
    activity: str, is_exam: bool, found: Lock | None
) -> None:
    assert lock(activity, is_exam=is_exam, position=2, is_completed=True) == found


def test_an_exam_opens_when_its_learning_is_done() -> None:
    assert lock("exam", tallies={}) == Lock("learn_first", count=2)
    assert lock("exam", tallies={"l1": DONE}) == Lock("learn_first", count=1)
    assert lock("exam", tallies=LEARNED) is None


@pytest.mark.parametrize(
    ("tally", "found"),
    [
        (TallyView(attempt_count=1), None),
        (TallyView(attempt_count=2), Lock("used_up")),
        (TallyView(attempt_count=2, extra_attempt_count=1), None),
        (TallyView(attempt_count=3, extra_attempt_count=1), Lock("used_up")),
        (TallyView(attempt_count=1, open_plan_count=3), Lock("plan_open", count=3)),
        (TallyView(attempt_count=2, open_plan_count=3), Lock("used_up")),
        (TallyView(retry_at=NOW), None),
        (TallyView(retry_at=NOW - timedelta(hours=1)), None),
        (
            TallyView(retry_at=NOW + timedelta(seconds=1)),
            Lock("too_early", until=NOW + timedelta(seconds=1)),
        ),
        (
            TallyView(open_plan_count=1, retry_at=NOW + timedelta(hours=1)),
            Lock("plan_open", count=1),
        ),
    ],
)
def test_the_next_attempt_waits_for_plan_delay_and_limit(
    tally: TallyView, found: Lock | None
) -> None:
    assert lock("exam", tallies={**LEARNED, "exam": tally}) == found


@pytest.mark.parametrize(
    ("tally", "lacking", "found"),
    [
        (DONE, (), Lock("met")),
        (DONE, ("twice",), Lock("met")),
        (DONE, ("exam",), None),
        (DONE, None, None),
        (TallyView(), (), None),
    ],
)
def test_what_is_reached_is_not_examined_again(
    tally: TallyView, lacking: Collection[str] | None, found: Lock | None
) -> None:
    assert lock("exam", tallies={**LEARNED, "exam": tally}, lacking=lacking) == found


def test_whoever_is_held_learns_but_takes_no_exam() -> None:
    assert lock("exam", is_held=True) == Lock("held")
    assert lock("l1", is_exam=False, is_held=True) is None
