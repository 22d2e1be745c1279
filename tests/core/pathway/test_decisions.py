"""The way from enrolment to certificate, through the real services on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from cstrain.core.certification.models import Certificate
from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway import attempts, by_hand, decisions, enrolments
from cstrain.core.pathway.gates import Verdict
from cstrain.core.pathway.models import Grant
from cstrain.core.people.access import Role
from cstrain.core.people.hooks import Arrival, Departure
from cstrain.core.people.models import Membership
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from cstrain.kit.outbox import OutboxMessage
from tests.core.pathway.conftest import PATHWAY, Way, lost
from tests.plugins.shop import MakePerson

PATH = "pathways/three-exams.yaml"


def told(way: Way, person_id: int) -> list[str]:
    with way.app.app_context():
        rows = db.session.scalars(
            select(OutboxMessage.topic)
            .where(OutboxMessage.person_id == person_id)
            .order_by(OutboxMessage.id)
        )
        return list(rows)


def certificates(way: Way) -> list[Certificate]:
    with way.app.app_context():
        return list(db.session.scalars(select(Certificate)))


def test_the_whole_way(way: Way) -> None:
    way.enrol()
    assert (way.lock("exam"), way.lock("2.1", is_exam=False)) == ("learn_first", "stage_locked")

    way.learn("1.1", "1.2")
    assert way.take("exam", 0.5, [lost("section:1.1.2"), lost("section:1.2.1", 0.9)]) == "repeat"

    steps = [(step.activity, step.scope, step.for_activity) for step in way.plan()]
    assert steps == [("1.1", ["1.1.2"], "exam"), ("1.2", ["1.2.1"], "exam")]
    assert (way.state(), way.lock("exam")) == ("repeat", "plan_open")

    way.later(minutes=10)
    relearning = way.start("1.1")
    assert relearning.scope == ("1.1.2",)
    way.close(relearning)
    way.learn("1.2")
    assert (way.plan(), way.lock("exam")) == ([], "too_early")

    way.later(minutes=21)
    assert way.lock("exam") is None
    second_try = way.start("exam")
    assert second_try.number == 2
    assert way.close(second_try, 24 / 30) == "open"
    assert (way.state(), way.lock("exam")) == ("open", "met")

    assert way.type(50, 0.96) == "pass"
    assert (way.stand().stage.slug, way.lock("2.1", is_exam=False)) == ("post", None)

    way.learn("2.1")
    assert (way.stand().stage.slug, way.state()) == ("live", "wait")
    assert "gate_wait_staff" in told(way, way.trainer.id)

    assert way.sign() == "pass"
    (certificate,) = certificates(way)
    last = way.decisions()[-1]
    assert way.enrolment().state == "completed"
    assert (certificate.decision_id, certificate.enrolment_id) == (last.id, way.enrolment_id)
    assert (certificate.valid_from_on, certificate.valid_until_on) == (
        date(2026, 11, 2),
        date(2027, 11, 1),
    )
    assert told(way, way.trainee.id)[-1] == "certificate_issued"
    assert way.lock("exam") == "stage_passed"


def test_every_judged_result_has_a_decision_of_its_own(way: Way) -> None:
    way.enrol()
    way.pass_basic()

    rows = way.decisions()

    assert [row.verdict for row in rows] == ["open", "pass"]
    assert all(row.evidence_id in row.evidence_ids for row in rows)


def test_one_signature_can_open_no_second_gate(way: Way) -> None:
    two = PATHWAY.replace(
        'rule: {done: {activities: ["2.1"]}}',
        "rule: {signed_off: {role: trainer, about: {zh: 甲, en: A}}}",
    )
    way.publish(**{PATH: two})
    way.enrol()
    way.pass_basic()
    way.sign()

    assert (way.stand().stage.slug, way.state()) == ("live", "wait")


# Retraining.


def test_a_typing_failure_asks_for_its_own_drill_only(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2")])

    way.type(20)

    steps = [(step.activity, step.for_activity) for step in way.plan()]
    assert steps == [("1.1", "exam"), ("drill", "typing")]
    way.take("drill")
    assert (way.lock("typing"), way.lock("exam")) == (None, "plan_open")


def test_work_worth_nothing_does_not_count_for_a_plan(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.type(20)

    way.take("drill", 0.0)

    assert [step.activity for step in way.plan()] == ["drill"]
    assert way.lock("typing") == "plan_open"


def test_what_was_begun_before_the_plan_does_not_count_for_it(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    open_lesson = way.start("1.1")
    way.later(minutes=1)
    way.take("exam", 0.5, [lost("section:1.1.2")])
    way.later(minutes=1)

    way.close(open_lesson)

    assert way.lock("exam") == "plan_open"


def test_a_target_that_is_gone_makes_no_step(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")

    way.take("exam", 0.5, [lost("section:9.9"), lost("activity:gone"), lost("section:1.2")])

    assert [(step.activity, step.scope) for step in way.plan()] == [("1.2", [])]


def test_without_shortfalls_only_the_delay_holds_the_next_attempt(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5)

    assert way.lock("exam") == "too_early"


def test_a_passed_gate_leaves_no_open_plan(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2")])
    way.override()
    way.second(way.manager)

    assert way.plan() == []
    assert [step.evidence_id for step in way.plan(is_open=False)] == [None]
    with way.app.app_context():
        assert attempts.open_scope(way.enrolment_id, "1.1") is None


# Used-up attempts.


def test_used_up_attempts_ask_a_trainer_who_gives_one_more(way: Way) -> None:
    way.enrol()
    way.use_up_exam()
    assert (way.state(), way.lock("exam")) == ("help", "used_up")
    assert "gate_help_staff" in told(way, way.trainer.id)
    assert [step.activity for step in way.plan()] == ["1.2"]

    assert way.grant() == "repeat"

    assert (way.state(), way.lock("exam")) == ("repeat", "plan_open")
    assert "attempt_granted" in told(way, way.trainee.id)
    way.learn("1.2")
    way.later(minutes=31)
    assert way.take("exam", 0.85) == "open"


def test_a_second_click_gives_no_second_attempt(way: Way) -> None:
    way.enrol()
    way.use_up_exam()
    way.grant()

    with pytest.raises(ConflictError):
        way.grant()
    assert way.stand().tally("exam").extra_attempt_count == 1
    assert told(way, way.trainee.id).count("attempt_granted") == 1


def test_attempts_can_be_given_again_and_again(way: Way) -> None:
    way.enrol()
    way.use_up_exam()
    way.grant()
    way.learn("1.2")
    way.later(minutes=31)
    assert way.take("exam", 0.5) == "help"

    assert way.grant() == "repeat"


@pytest.mark.parametrize(("slug", "reason"), [("exam", "  "), ("1.1", "好"), ("drill", "好")])
def test_a_grant_needs_a_reason_and_a_limit(way: Way, slug: str, reason: str) -> None:
    way.enrol()

    with pytest.raises(InvalidError):
        way.grant(slug, reason=reason)


# Signatures.


def test_a_refused_signature_asks_for_help_until_somebody_signs(way: Way) -> None:
    way.reach_live()

    assert way.sign(accepted=False, reason="再接半天") == "help"
    assert way.state() == "help"
    assert way.sign(reason="这次好了") == "pass"
    assert [row.verdict for row in way.decisions()][-3:] == ["wait", "help", "pass"]


def test_a_signature_needs_a_reason(way: Way) -> None:
    way.reach_live()

    with pytest.raises(InvalidError):
        way.sign(reason=" ")


def test_a_stage_without_a_signature_cannot_be_signed(way: Way) -> None:
    way.enrol()

    with pytest.raises(InvalidError):
        way.sign()


def test_a_manager_may_sign_for_a_trainer_but_not_the_other_way(way: Way) -> None:
    way.publish(**{PATH: PATHWAY.replace("role: trainer", "role: manager")})
    way.reach_live()

    with pytest.raises(ForbiddenError):
        way.sign(by=way.trainer)
    assert way.sign(by=way.manager) == "pass"


def test_nobody_decides_about_themselves(way: Way) -> None:
    way.reach_live()

    for call in (way.sign, way.override, way.grant):
        with pytest.raises(ForbiddenError):
            call(by=way.trainee)


def test_strangers_sign_nothing(way: Way, make_person: MakePerson) -> None:
    way.reach_live()
    other = make_person()

    with pytest.raises(ForbiddenError):
        way.sign(by=other)


# Decisions by hand.


def test_an_override_waits_for_a_second_person(way: Way) -> None:
    way.enrol()

    way.override()

    (row,) = way.decisions()
    assert (row.state, row.is_single_handed, way.stand().stage.slug) == ("proposed", False, "basic")
    assert "override_proposed" in told(way, way.manager.id)
    with pytest.raises(ConflictError):
        way.second(way.trainer)
    with pytest.raises(ConflictError):
        way.override(by=way.manager)

    way.second(way.manager)

    (row,) = way.decisions()
    assert (row.state, row.second_person_id) == ("in_force", way.manager.id)
    assert way.stand().stage.slug == "post"


def test_a_declined_override_changes_nothing_and_frees_the_way_for_another(way: Way) -> None:
    way.enrol()
    way.override()

    way.second(way.manager, agrees=False)

    assert way.decisions()[0].state == "declined"
    assert way.stand().stage.slug == "basic"
    way.override()
    assert [row.state for row in way.decisions()] == ["declined", "proposed"]


def test_where_nobody_else_may_the_override_stands_out(way: Way) -> None:
    way.enrol()
    with way.app.app_context(), transaction():
        _leave(way.manager.id)

    way.override()

    (row,) = way.decisions()
    assert (row.state, row.is_single_handed) == ("in_force", True)
    assert way.stand().stage.slug == "post"


def test_a_proposal_lapses_when_the_gate_is_passed_anyway(way: Way) -> None:
    way.enrol()
    way.override()

    way.pass_basic()

    assert way.decisions()[0].state == "lapsed"
    with pytest.raises(ConflictError):
        way.second(way.manager)
    assert way.stand().stage.slug == "post"


def test_an_override_of_the_last_gate_issues_the_certificate(way: Way) -> None:
    way.reach_live()
    way.override()

    way.second(way.manager)

    (certificate,) = certificates(way)
    assert certificate.decision_id == way.decisions()[-1].id


def test_sent_back_to_relearning_one_more_attempt_is_there(way: Way) -> None:
    way.enrol()
    way.use_up_exam()
    way.override(Verdict.REPEAT)
    way.second(way.manager)

    assert (way.state(), way.lock("exam")) == ("repeat", "plan_open")
    with way.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Grant)) == 1


def test_who_is_told_to_stop_takes_no_exam_until_somebody_decides_again(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.override(Verdict.HELP)
    way.second(way.manager)
    assert (way.state(), way.lock("exam")) == ("help", "held")

    way.take("drill")
    assert (way.state(), way.lock("exam")) == ("help", "held")

    way.override(Verdict.REPEAT)
    way.second(way.manager)
    assert way.lock("exam") is None
    assert way.take("exam", 0.9) == "open"


def test_a_second_click_decides_no_further_stage(way: Way) -> None:
    way.enrol()
    way.pass_basic()

    with pytest.raises(ConflictError):
        way.by_hand(by_hand.override, Verdict.PASS, reason="再点一次", stage_slug="basic")
    with pytest.raises(ConflictError):
        way.by_hand(by_hand.sign_off, accepted=True, reason="再点一次", stage_slug="basic")


def test_ended_pathways_cannot_be_decided(way: Way) -> None:
    way.reach_live()
    way.sign()

    for call in (way.sign, way.override, way.grant):
        with pytest.raises(ConflictError):
            call()


# Unmarked results and corrections.


def settle(way: Way, *, accepted: bool, nth: int = -1, by: int | None = None) -> str | None:
    with way.app.app_context(), transaction():
        ids = db.session.scalars(
            select(Evidence.id).where(Evidence.score.is_(None)).order_by(Evidence.id)
        ).all()
        row = attempts.settle(ids[nth], accepted=accepted, by=by or way.trainer.id, now=way.now)
        return row.verdict if row else None


def unmarked_typing(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.9)
    assert way.type(50, score=None) == "wait"


def test_an_unmarked_run_waits_and_passes_when_it_is_accepted(way: Way) -> None:
    unmarked_typing(way)
    assert (way.state(), way.lock("typing")) == ("wait", None)
    way.later(days=2)

    assert settle(way, accepted=True) == "pass"

    assert way.stand().tally("typing").best_score == 1.0
    assert way.stand().stage.slug == "post"


def test_a_correction_keeps_the_day_of_the_work(way: Way) -> None:
    unmarked_typing(way)
    shown_at = way.now
    way.later(days=2)
    settle(way, accepted=True)

    with way.app.app_context():
        row = db.session.scalars(select(Evidence).where(Evidence.supersedes_id.is_not(None))).one()
        assert (row.at, row.recorded_at) == (shown_at, way.now)


def test_a_result_is_settled_once_and_never_by_its_owner(way: Way) -> None:
    unmarked_typing(way)
    with pytest.raises(ForbiddenError):
        settle(way, accepted=True, by=way.trainee.id)
    settle(way, accepted=False)

    with pytest.raises(ConflictError):
        settle(way, accepted=True)


def test_settling_an_old_run_leaves_the_plan_of_the_latest(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.type(20, score=None)
    way.later(hours=1)
    way.take("exam", 0.5, [lost("section:1.1")])
    way.learn("1.1")
    way.later(hours=1)
    way.take("exam", 0.9)
    assert way.type(20) == "wait"

    assert settle(way, accepted=False) == "repeat"

    assert [step.activity for step in way.plan()] == ["drill"]
    assert way.stand().tally("typing").latest_score == 1.0


def test_settling_an_old_result_leaves_a_plan_that_is_there(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", None)
    way.later(hours=1)
    way.take("exam", 0.5, [lost("section:1.2")])
    way.learn("1.2")

    assert settle(way, accepted=False) == "help"

    assert way.plan() == []
    assert way.stand().tally("exam").latest_score == 0.5


# New versions of a pathway.


def test_a_new_version_is_taken_up_with_the_next_stage(way: Way) -> None:
    way.enrol()
    before = way.enrolment().pathway_digest
    way.publish(**{PATH: PATHWAY.replace("ratio: 0.8", "ratio: 0.95")})
    assert way.enrolment().pathway_digest == before

    assert way.pass_basic() == "pass"  # 0.9 is enough by the version that was pinned

    assert way.enrolment().pathway_digest != before
    assert way.stand().stages[0].state == "passed"
    assert way.stand().stage.slug == "post"


def test_a_stage_put_in_before_is_not_asked_for_one_put_in_after_is(way: Way) -> None:
    way.enrol()
    way.pass_basic()
    basic, post, live = split_stages(PATHWAY)
    extra = post.replace("slug: post", "slug: extra")
    way.publish(**{PATH: PATHWAY.split("stages:\n")[0] + "stages:\n" + basic + extra + post + live})

    way.learn("2.1")

    assert way.stand().stage.slug == "live"
    assert sorted(way.stand().stages) == [0, 2, 3]


def test_stages_may_be_dropped_and_moved_without_being_entered_twice(way: Way) -> None:
    way.enrol()
    way.pass_basic()
    basic, post, live = split_stages(PATHWAY)
    way.publish(**{PATH: PATHWAY.split("stages:\n")[0] + "stages:\n" + post + basic + live})

    way.learn("2.1")

    assert way.stand().stage.slug == "live"
    states = [view.state for _place, view in sorted(way.stand().stages.items())]
    assert states == ["passed", "passed", "wait"]


def test_a_pathway_that_is_withdrawn_is_finished_as_it_was_pinned(way: Way) -> None:
    way.enrol()
    way.publish(**{PATH: PATHWAY.replace("slug: three-exams", "slug: new-way")})

    way.pass_basic()
    way.learn("2.1")
    way.sign()

    assert [each.pathway for each in certificates(way)] == ["three-exams"]


def split_stages(text: str) -> list[str]:
    parts = text.split("stages:\n")[1].split("  - slug: ")[1:]
    return [f"  - slug: {part}" for part in parts]


# Coming and going.


def test_one_is_on_a_pathway_once(way: Way) -> None:
    way.enrol()

    with pytest.raises(ConflictError):
        way.enrol()


def test_an_unknown_pathway_or_team_is_refused(way: Way) -> None:
    for team_id, slug in ((way.trainee.team_id, "nowhere"), (999, None)):
        with pytest.raises(NotFoundError), way.app.app_context(), transaction():
            enrolments.enrol(way.trainee.id, team_id, slug, now=way.now)


def test_leaving_stops_and_coming_back_goes_on(way: Way) -> None:
    way.enrol()
    way.learn("1.1")
    left = Departure(way.trainee.id, (way.trainee.team_id,), is_transfer=False, by=None, at=way.now)
    back = Arrival(way.trainee.id, way.trainee.team_id, Role.TRAINEE, by=None, at=way.now)

    with way.app.app_context(), transaction():
        enrolments.left(left)
    assert way.enrolment().state == "stopped"

    with way.app.app_context(), transaction():
        enrolments.joined(back)
    assert way.enrolment().state == "active"
    assert way.stand().tally("1.1").done_at is not None


def test_a_newcomer_is_enrolled_where_the_teams_pathway_is_published(way: Way) -> None:
    arrival = Arrival(way.trainee.id, way.trainee.team_id, Role.TRAINEE, by=None, at=way.now)

    with way.app.app_context(), transaction():
        enrolments.joined(arrival)
        enrolments.joined(arrival)
        found = decisions.locked_enrolment(1)
        assert (found.person_id, found.stage) == (way.trainee.id, "basic")


def test_without_the_teams_pathway_a_newcomer_is_still_welcome(way: Way) -> None:
    way.publish(**{PATH: PATHWAY.replace("slug: three-exams", "slug: new-way")})
    arrival = Arrival(way.trainee.id, way.trainee.team_id, Role.TRAINEE, by=None, at=way.now)

    with way.app.app_context(), transaction():
        enrolments.joined(arrival)
        with pytest.raises(NotFoundError):
            decisions.locked_enrolment(1)


def test_last_activity_is_kept(way: Way) -> None:
    way.enrol()
    way.later(hours=5)
    way.learn("1.1")

    assert way.enrolment().last_activity_at == way.now
    assert way.enrolment().started_at == way.now - timedelta(hours=5)


def _leave(person_id: int) -> None:
    for row in db.session.scalars(select(Membership).where(Membership.person_id == person_id)):
        row.until_at = row.since_at
