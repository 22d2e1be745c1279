"""Reviews: opened by the closing of attempts, marked once, corrected by another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cstrain.core.evidence.marks import Proposal, ReviewRequest
from cstrain.core.pathway import attempts, sweeping
from cstrain.core.people.access import Role
from cstrain.core.review import agreement, correcting, service, trust
from cstrain.core.review.models import Review, ReviewMark, RuleTrust
from cstrain.core.review.service import Draft, UnfinishedError
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from cstrain.kit.outbox import OutboxMessage
from tests.core.pathway.conftest import COURSE
from tests.core.review.conftest import FULL, REQUEST, RUBRIC, SHORT, UNCLEAR, Desk
from tests.plugins.shop import MakePerson, Shop


def test_handing_in_opens_a_review_with_what_rules_propose(desk: Desk) -> None:
    attempt_id = desk.hand_in()

    review, marks = desk.review(), desk.marks()

    assert (review.state, review.subject_id, review.is_exam) == ("open", attempt_id, True)
    assert (marks["facts"].proposed, marks["facts"].proposed_lines) == (3, ["2"])
    assert not marks["facts"].is_marked
    assert desk.evidence(attempt_id).outcome.score is None


def test_what_rules_cannot_tell_is_unclear_and_not_guessed(desk: Desk) -> None:
    desk.hand_in(request=UNCLEAR)

    row = desk.marks()["facts"]

    assert (row.rule, row.proposed, row.is_proposed_na, row.is_marked) == (
        "facts",
        None,
        False,
        False,
    )


def test_no_request_no_review(desk: Desk) -> None:
    desk.hand_in(request=None)

    assert desk.review().id is None


def test_an_unknown_rubric_does_not_keep_anybody_from_handing_in(desk: Desk) -> None:
    attempt_id = desk.hand_in(request=ReviewRequest("nothing"))

    assert desk.review().id is None
    assert desk.evidence(attempt_id).outcome.score is None


def test_the_sweep_opens_a_review_too(desk: Desk) -> None:
    desk.kind.review, desk.kind.outcome = REQUEST, replace(desk.kind.outcome, score=None)
    attempt = desk.start("exam")
    assert attempt.deadline_at is not None

    with desk.app.app_context():
        sweeping.sweep(attempt.deadline_at + timedelta(minutes=1))

    assert desk.review().subject_id == attempt.id


def test_marks_make_the_outcome_and_the_gate_is_asked(desk: Desk) -> None:
    attempt_id = desk.hand_in()

    assert desk.mark(SHORT) == pytest.approx((3 * 0.5 + 1) / 4)

    evidence = desk.evidence(attempt_id)
    assert evidence.outcome.score == pytest.approx(0.625)
    assert [each.target for each in evidence.outcome.shortfalls] == ["section:1.1.2"]
    assert evidence.outcome.measures == {"fake_cpm": 30}
    assert evidence.by_person_id == desk.trainer.id
    assert [row.verdict for row in desk.decisions()][-1] == "repeat"
    assert [step.activity for step in desk.plan()] == ["1.1"]
    review, marks = desk.review(), desk.marks()
    assert (review.state, review.by_person_id, review.score) == ("done", desk.trainer.id, 0.625)
    assert (marks["facts"].is_overruled, marks["words"].is_overruled) == (True, False)


def test_the_trainee_is_told_once(desk: Desk) -> None:
    desk.hand_in()
    desk.mark()

    with desk.app.app_context():
        told = db.session.scalars(
            select(OutboxMessage.person_id).where(OutboxMessage.topic == "review_done")
        ).all()

    assert told == [desk.trainee.id]


def test_failing_at_once_keeps_the_raw_score(desk: Desk) -> None:
    desk.hand_in()

    desk.mark({**FULL, "words": Draft(is_marked=True, value=0)})

    assert (desk.review().score, desk.review().raw_score) == (0.4, 0.75)


@pytest.mark.parametrize(
    ("drafts", "lacks"),
    [
        ({}, [("facts", "unmarked"), ("words", "unmarked")]),
        ({"facts": FULL["facts"]}, [("words", "unmarked")]),
        (
            {**FULL, "facts": Draft(is_marked=True, value=2)},
            [("facts", "no_evidence")],
        ),
        ({**FULL, "facts": Draft(is_marked=False)}, [("facts", "unmarked")]),
    ],
)
def test_nothing_unfinished_is_done(
    desk: Desk, drafts: dict[str, Draft], lacks: list[tuple[str, str]]
) -> None:
    desk.hand_in()
    saved = desk.save(drafts)

    with pytest.raises(UnfinishedError) as caught:
        desk.complete()

    assert [(each.key, each.code) for each in caught.value.lacks] == lacks
    assert saved.lacks == caught.value.lacks
    assert desk.review().state == "drafted"


def test_what_does_not_apply_leaves_the_score(desk: Desk) -> None:
    desk.hand_in()

    assert desk.mark({**FULL, "facts": Draft(is_marked=True, value=None)}) == 1.0


@pytest.mark.parametrize(
    ("key", "draft", "error"),
    [
        ("facts", Draft(is_marked=True, value=5), InvalidError),
        ("words", Draft(is_marked=True, value=None), InvalidError),
        ("facts", Draft(is_marked=True, value=4, lines=("a b",)), InvalidError),
        (
            "facts",
            Draft(is_marked=True, value=4, lines=tuple(map(str, range(31)))),
            InvalidError,
        ),
        ("nothing", Draft(is_marked=True, value=1), NotFoundError),
    ],
)
def test_a_mark_that_the_rubric_does_not_take_is_refused(
    desk: Desk, key: str, draft: Draft, error: type[Exception]
) -> None:
    desk.hand_in()

    with pytest.raises(error):
        desk.save({key: draft})


def test_a_draft_is_kept_and_counted(desk: Desk) -> None:
    desk.hand_in()

    first = desk.save({"facts": SHORT["facts"]})
    second = desk.save({"words": SHORT["words"]})

    assert (first.revision, second.revision) == (1, 2)
    assert second.scored.ratio == pytest.approx(0.625)
    assert desk.marks()["facts"].note == "运费说反了"


def test_two_trainers_do_not_both_mark(desk: Desk, make_person: MakePerson) -> None:
    other = make_person(Role.TRAINER, team=Shop(desk.trainer.team_id, "", ""))
    desk.hand_in()
    desk.save({"facts": FULL["facts"]})

    with pytest.raises(ConflictError):
        desk.save({"facts": SHORT["facts"]}, other)
    with pytest.raises(ConflictError):
        desk.complete(other)
    with desk.app.app_context(), transaction():
        service.claim(desk.review().id, by=other.id, now=desk.now, is_taken_over=True)
    desk.save({"words": FULL["words"]}, other)

    with pytest.raises(ConflictError):
        desk.complete()
    assert desk.complete(other) == 1.0


def test_a_claim_ends_by_itself(desk: Desk, make_person: MakePerson) -> None:
    other = make_person(Role.TRAINER, team=Shop(desk.trainer.team_id, "", ""))
    desk.hand_in()
    desk.save({"facts": FULL["facts"]})

    desk.later(minutes=21)

    assert desk.mark(FULL, other) == 1.0


def test_nobody_marks_their_own(desk: Desk) -> None:
    desk.hand_in()

    with pytest.raises(ForbiddenError):
        desk.save(FULL, desk.trainee)
    with pytest.raises(ForbiddenError):
        desk.complete(desk.trainee)


def test_what_is_done_is_done_once(desk: Desk) -> None:
    desk.hand_in()
    desk.mark()

    with pytest.raises(ConflictError):
        desk.complete()
    with pytest.raises(ConflictError):
        desk.save(SHORT)


def test_marked_by_a_rubric_it_is_never_accepted_or_refused(desk: Desk) -> None:
    attempt_id = desk.hand_in()
    evidence_id = desk.evidence(attempt_id).id

    with desk.app.app_context(), transaction(), pytest.raises(NotFoundError):
        attempts.settle(evidence_id, accepted=True, by=desk.trainer.id, now=desk.now)


def test_a_correction_supersedes_when_it_is_done(desk: Desk) -> None:
    attempt_id = desk.hand_in()
    desk.mark(SHORT)
    old = desk.review()

    desk.correct()
    before = desk.evidence(attempt_id).outcome.score
    kept = desk.marks()["facts"]
    desk.mark(FULL)

    assert before == pytest.approx(0.625)
    assert (kept.value, kept.note, kept.proposed) == (2, "运费说反了", 3)
    assert desk.evidence(attempt_id).outcome.score == 1.0
    assert (desk.review().supersedes_id, desk.review().reason) == (old.id, "看漏了一行")
    with desk.app.app_context():
        assert db.session.get_one(Review, old.id).score == pytest.approx(0.625)
        assert (
            db.session.scalar(
                select(ReviewMark.value).where(
                    ReviewMark.review_id == old.id, ReviewMark.criterion == "facts"
                )
            )
            == 2
        )
    with pytest.raises(ConflictError), desk.app.app_context(), transaction():
        correcting.correct(old.id, reason="又", by=desk.manager.id, now=desk.now)


def test_a_correction_is_the_markers_or_a_managers(desk: Desk, make_person: MakePerson) -> None:
    other = make_person(Role.TRAINER, team=Shop(desk.trainer.team_id, "", ""))
    desk.hand_in()
    desk.mark()

    with pytest.raises(ForbiddenError):
        desk.correct(other)
    with pytest.raises(InvalidError):
        desk.correct(reason=" ")
    desk.correct(desk.manager)

    assert desk.review().state == "drafted"


def test_a_correction_may_be_given_up_and_begun_again(desk: Desk) -> None:
    attempt_id = desk.hand_in()
    desk.mark(SHORT)
    first = desk.review().id

    second = desk.correct()
    with desk.app.app_context(), transaction():
        correcting.withdraw(second, by=desk.trainer.id)
    with desk.app.app_context(), transaction():
        correcting.correct(first, reason="再看", by=desk.trainer.id, now=desk.now)

    assert desk.evidence(attempt_id).outcome.score == pytest.approx(0.625)
    assert desk.mark(FULL) == 1.0


def test_a_first_marking_is_not_given_up(desk: Desk) -> None:
    desk.hand_in()

    with pytest.raises(ConflictError), desk.app.app_context(), transaction():
        correcting.withdraw(desk.review().id, by=desk.trainer.id)


def test_a_review_keeps_the_version_of_its_rubric(desk: Desk) -> None:
    desk.hand_in()
    desk.publish(**COURSE, **{"rubrics/reception.yaml": RUBRIC.replace("most: 4", "most: 2")})

    assert desk.mark(FULL) == 1.0


# -- rules against trainers ---------------------------------------------------------------------


def practise(desk: Desk, count: int, facts: int, *, says: float = 0.75) -> None:
    """Practise, each time marked by the trainer; the rules say ``says``."""
    request = ReviewRequest(
        "reception", {"facts": Proposal(says, lines=("2",)), "forbidden": Proposal(1.0)}
    )
    for _each in range(count):
        desk.hand_in("drill", request)
        desk.mark({**FULL, "facts": Draft(is_marked=True, value=facts, lines=("2",))})


def figures(desk: Desk) -> dict[str, trust.Compared]:
    with desk.app.app_context():
        found = trust.compared([desk.trainer.team_id])[desk.trainer.team_id]
    return {each.criterion: each for each in found}


def test_rules_are_compared_with_what_trainers_gave(desk: Desk) -> None:
    practise(desk, 3, 3)
    practise(desk, 1, 2)
    practise(desk, 2, 1, says=0.25)
    desk.hand_in("drill", UNCLEAR)
    desk.mark()

    found = figures(desk)

    pairs: list[agreement.Pair] = [*[(3, 3)] * 3, (3, 2), *[(1, 1)] * 2]
    assert found["facts"].count == 6  # what was unclear is no pair
    assert found["facts"].agreed.value == pytest.approx(5 / 6)
    assert found["facts"].kappa == agreement.cohen_kappa(pairs)
    assert found["facts"].weighted == agreement.cohen_kappa(
        pairs, order=range(5), disagreement=agreement.quadratic
    )
    assert found["words"].count == 7
    assert found["words"].kappa.value is None
    assert found["facts"].missing_count == 24


def test_a_corrected_review_counts_once(desk: Desk) -> None:
    practise(desk, 1, 3)
    desk.correct()
    desk.mark(FULL)

    assert (figures(desk)["facts"].count, figures(desk)["facts"].agreed.value) == (1, 0.0)


def trusting(desk: Desk, min_kappa: float | None = 0.5, min_count: int = 4) -> None:
    with desk.app.app_context(), transaction():
        trust.set_trust(
            desk.trainer.team_id,
            min_kappa=min_kappa,
            min_count=min_count,
            by=desk.manager.id,
            now=desk.now,
        )


def agreeing(desk: Desk) -> None:
    """Both rules agree with the trainer, on more than one level."""
    for says, value in ((1.0, 4), (0.0, 0), (1.0, 4), (0.0, 0)):
        request = ReviewRequest("reception", {"facts": Proposal(says), "forbidden": Proposal(says)})
        desk.hand_in("drill", request)
        desk.mark(
            {
                "facts": Draft(is_marked=True, value=value, lines=("1",)),
                "words": Draft(is_marked=True, value=int(says)),
            }
        )


def test_rules_alone_decide_practice_where_the_manager_lets_them(desk: Desk) -> None:
    agreeing(desk)
    trusting(desk)

    attempt_id = desk.hand_in("drill")

    review = desk.review()
    assert (review.state, review.by_person_id) == ("done", None)
    assert review.score == pytest.approx((3 * 0.75 + 1) / 4)
    assert desk.evidence(attempt_id).outcome.score == review.score
    assert desk.marks()["facts"].is_auto
    assert figures(desk)["facts"].count == 4  # what rules decided alone compares with nobody


@pytest.mark.parametrize(
    ("slug", "request_", "min_kappa", "min_count"),
    [
        ("exam", REQUEST, 0.5, 4),  # never an assessment
        ("drill", UNCLEAR, 0.5, 4),  # nor what is unclear
        ("drill", REQUEST, None, 4),  # nor where it is off
        ("drill", REQUEST, 0.5, 5),  # nor from too few
    ],
)
def test_otherwise_a_trainer_marks(
    desk: Desk,
    slug: str,
    request_: ReviewRequest,
    min_kappa: float | None,
    min_count: int,
) -> None:
    agreeing(desk)
    trusting(desk, min_kappa, min_count)

    desk.hand_in(slug, request_)

    assert desk.review().state == "open"


def test_rules_that_always_say_the_same_are_not_trusted(desk: Desk) -> None:
    practise(desk, 4, 3)
    trusting(desk)

    desk.hand_in("drill")

    assert desk.review().state == "open"


def test_a_setting_of_old_stays_on_record(desk: Desk) -> None:
    trusting(desk)
    trusting(desk, None)

    with desk.app.app_context():
        team_id = desk.trainer.team_id
        assert trust.trusts([team_id])[team_id].min_kappa is None
        assert db.session.scalar(select(func.count()).select_from(RuleTrust)) == 2


def test_a_rubric_that_points_nowhere_is_not_published(desk: Desk) -> None:
    with pytest.raises(ValueError, match=r"section:9\.9\.9 不存在") as caught:
        desk.publish(**{"rubrics/other.yaml": RUBRIC.replace("1.1.2", "9.9.9")})

    assert "评分表 reception 重复" in str(caught.value)
