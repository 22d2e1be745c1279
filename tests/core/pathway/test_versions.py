"""Moving people within a stage to a new version: seen before, reasoned, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cstrain.core.catalogue import active
from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway import by_hand, decisions, enrolments, standing, version_words, versions
from cstrain.core.pathway.definition import Pathway
from cstrain.core.pathway.gates import Verdict
from cstrain.core.pathway.models import VersionMove
from cstrain.core.people.access import Role, TeamRef
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError
from tests.core.pathway.conftest import PATHWAY, Way, lost
from tests.plugins.course import Statements
from tests.plugins.shop import MakePerson, MakeTeam, Shop, SignIn, Someone

PATH = "pathways/three-exams.yaml"
HARDER = PATHWAY.replace("ratio: 0.8}", "ratio: 0.95}")
NO_TYPING = PATHWAY.replace(
    PATHWAY[PATHWAY.index("          - on_one") : PATHWAY.index("      attempts:")], ""
).replace("{exam: 2, typing: 5}", "{exam: 2}")
NO_EXAM = PATHWAY.replace("          - score_at_least: {activity: exam, ratio: 0.8}\n", "").replace(
    "      attempts: {exam: 2, typing: 5}\n      delay_minutes: {exam: 30}\n",
    "      attempts: {typing: 5}\n",
)
MORE_LESSONS = PATHWAY.replace(
    '    learn: ["1.1", "1.2"]\n', '    learn: ["1.1", "1.2", "2.1"]\n'
).replace('activities: ["1.1", "1.2"]', 'activities: ["1.1", "1.2", "2.1"]')
ONE_ATTEMPT = PATHWAY.replace("{exam: 2, typing: 5}", "{exam: 1, typing: 5}")
RENAMED = PATHWAY.replace("slug: basic", "slug: first")
LATER_STAGE = PATHWAY.replace("接满一个班", "接满两个班")


def team_of(way: Way) -> TeamRef:
    return TeamRef(way.trainee.team_id, "team-1", "云朵家居旗舰店", "Asia/Shanghai")


def new_version(way: Way, text: str) -> Pathway:
    """Publish another version; gives it as the team sees it."""
    way.publish(**{PATH: text})
    with way.app.app_context():
        return standing.published(active.for_team("team-1"), "three-exams")


def move(way: Way, **changes: Any) -> None:
    """Move the trainee to what is published, as a manager who has looked at the page."""
    found = way.stand()
    with way.app.app_context():
        published = standing.published(active.for_team("team-1"), "three-exams")
    seen = {
        "stage_slug": found.stage.slug,
        "from_digest": found.pathway.digest,
        "to_digest": published.digest,
        "reason": "新规矩，大家都照新的",
        "by": way.manager.id,
        **changes,
    }
    with way.app.app_context(), transaction():
        by_hand.move(decisions.locked_enrolment(way.enrolment_id), now=way.now, **seen)


def preview(way: Way) -> tuple[list[str], version_words.Prospect]:
    """What changes, and what it would mean for the one trainee."""
    with way.app.app_context():
        groups = versions.behind([team_of(way)])
        ((moving,),) = versions.people(groups, now=way.now)
        catalogue = active.for_team("team-1")
        (group,) = groups
        changes = version_words.changes(group.old, group.new, catalogue) if group.new else []
        told = [f"{change.how}: {change.text}" for change in changes]
        return told, version_words.prospect(moving, group, catalogue)


def moves(way: Way) -> list[VersionMove]:
    with way.app.app_context():
        return list(db.session.scalars(select(VersionMove).order_by(VersionMove.id)))


def evidence_count(way: Way) -> int:
    with way.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Evidence)) or 0


@pytest.fixture
def in_basic(way: Way) -> Way:
    """Has learned everything and passed the exam with 90 %; the typing test is left."""
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.9, [lost("section:1.1.2", 0.3)])
    return way


def test_a_harder_exam_calls_for_it_again_and_for_a_plan(in_basic: Way) -> None:
    before = evidence_count(in_basic)
    new = new_version(in_basic, HARDER)

    told, prospect = preview(in_basic)
    move(in_basic)

    assert told == ["changed: 标题exam：80 % → 95 %"]
    assert (prospect.how, prospect.text) == ("more", "要多做：标题exam：95 %")
    assert in_basic.enrolment().pathway_digest == new.digest
    assert in_basic.state() == "repeat"
    assert [(step.for_activity, step.activity) for step in in_basic.plan()] == [("exam", "1.1")]
    assert in_basic.lock("exam") == "plan_open"
    assert evidence_count(in_basic) == before


def test_what_already_lacks_nothing_under_the_new_version_passes_at_once(in_basic: Way) -> None:
    new_version(in_basic, NO_TYPING)

    told, prospect = preview(in_basic)
    move(in_basic)

    assert all(each.startswith("removed: ") for each in told)
    assert (prospect.how, prospect.text) == ("pass", "换了就通过，进入“岗位培训”")
    assert in_basic.enrolment().stage == "post"
    assert in_basic.stand().stages[0].state == "passed"


def test_a_plan_that_the_new_version_does_not_call_for_is_dropped(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2")])
    new_version(way, NO_EXAM)

    _told, prospect = preview(way)
    move(way)

    assert (prospect.how, prospect.text) == ("stay", "还在这一关（进行中）")
    assert way.plan() == []
    assert way.state() == "open"
    assert not way.stand().has_open_plan


def test_a_plan_that_the_new_version_still_calls_for_stays_as_it_is(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2")])
    (step,) = way.plan()
    new_version(way, HARDER)

    _told, prospect = preview(way)
    move(way)

    assert prospect.how == "stay"
    assert [each.id for each in way.plan()] == [step.id]


@pytest.mark.parametrize(("minutes", "after"), [(0, None), (120, "too_early")])
def test_the_wait_before_another_attempt_is_that_of_the_new_version(
    way: Way, minutes: int, after: str | None
) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2")])
    way.learn("1.1")
    way.later(minutes=10 if not minutes else 31)
    before = way.lock("exam")
    new_version(way, PATHWAY.replace("{exam: 30}", f"{{exam: {minutes}}}"))

    move(way)

    assert (before, way.lock("exam")) == ("too_early" if not minutes else None, after)


def test_a_new_lesson_is_named_and_opens_before_the_exams(in_basic: Way) -> None:
    new_version(in_basic, MORE_LESSONS)

    told, prospect = preview(in_basic)
    move(in_basic)

    assert told == ["added: 要学完：2.1 标题2.1"]
    assert prospect.text == "要多做：2.1 标题2.1"
    assert in_basic.lock("2.1", is_exam=False) is None
    assert in_basic.lock("typing") == "learn_first"


def test_fewer_attempts_than_were_used_ask_for_a_trainer(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5, [lost("section:1.1.2")])
    new_version(way, ONE_ATTEMPT)

    told, prospect = preview(way)
    move(way)

    assert told == ["changed: 标题exam的次数：2 次 → 1 次"]
    assert prospect.text == "还在这一关（等带教决定）"
    assert way.state() == "help"


def test_who_was_stopped_by_hand_stays_stopped(in_basic: Way) -> None:
    in_basic.override(Verdict.HELP)
    in_basic.second(in_basic.manager)
    new_version(in_basic, NO_TYPING)

    _told, prospect = preview(in_basic)
    move(in_basic)

    assert prospect.how == "held"
    assert in_basic.enrolment().stage == "basic"
    assert in_basic.lock("exam") == "held"


def test_a_stage_that_is_gone_cannot_be_moved(in_basic: Way) -> None:
    old = in_basic.enrolment().pathway_digest
    new_version(in_basic, RENAMED)

    _told, prospect = preview(in_basic)
    with pytest.raises(InvalidError, match="没有这个阶段"):
        move(in_basic)

    assert prospect.how == "gone"
    assert in_basic.enrolment().pathway_digest == old
    assert moves(in_basic) == []


@pytest.mark.parametrize("text", [PATHWAY, LATER_STAGE, f"# 只加了一行说明\n{PATHWAY}"])
def test_a_version_that_leaves_the_stage_alone_concerns_nobody(in_basic: Way, text: str) -> None:
    new_version(in_basic, text)

    with in_basic.app.app_context():
        assert versions.behind([team_of(in_basic)]) == []


def test_a_move_is_kept_with_who_when_why_and_both_versions(in_basic: Way) -> None:
    old = in_basic.enrolment().pathway_digest
    new = new_version(in_basic, HARDER)

    move(in_basic)

    (row,) = moves(in_basic)
    assert (row.from_digest, row.to_digest) == (old, new.digest)
    assert (row.stage, row.reason) == ("basic", "新规矩，大家都照新的")
    assert (row.by_person_id, row.at) == (in_basic.manager.id, in_basic.now)
    assert in_basic.decisions()[-1].pathway_digest == new.digest


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": " "}, InvalidError),
        ({"stage_slug": "post"}, ConflictError),
        ({"from_digest": "0" * 64}, ConflictError),
        ({"to_digest": "0" * 64}, ConflictError),
    ],
    ids=["no reason", "another stage", "another old version", "another new version"],
)
def test_what_was_not_looked_at_is_not_moved(
    in_basic: Way, changes: dict[str, Any], error: type[Exception]
) -> None:
    old = in_basic.enrolment().pathway_digest
    new_version(in_basic, HARDER)

    with pytest.raises(error):
        move(in_basic, **changes)

    assert in_basic.enrolment().pathway_digest == old
    assert moves(in_basic) == []


def test_nobody_moves_themselves(in_basic: Way) -> None:
    new_version(in_basic, HARDER)

    with pytest.raises(ForbiddenError):
        move(in_basic, by=in_basic.trainee.id)

    assert moves(in_basic) == []


def test_the_same_move_twice_is_refused(in_basic: Way) -> None:
    new_version(in_basic, HARDER)
    move(in_basic)

    with pytest.raises(ConflictError):
        move(in_basic)

    assert len(moves(in_basic)) == 1


# -- the page --------------------------------------------------------------------------------


@pytest.fixture
def page(way: Way, sign_in: SignIn) -> FlaskClient:
    """The manager's browser."""
    return sign_in(way.manager)


def value_of(way: Way, new: Pathway) -> str:
    """What the page posts for the trainee."""
    return f"{way.enrolment_id}:basic:{way.enrolment().pathway_digest}:{new.digest}"


def test_a_manager_is_led_from_the_board_sees_what_changes_and_moves(
    in_basic: Way, page: FlaskClient
) -> None:
    assert "/versions" not in page.get("/board").text
    new = new_version(in_basic, HARDER)
    value = value_of(in_basic, new)

    board, shown = page.get("/board").text, page.get("/versions").text
    answer = page.post("/versions", data={"enrolment": value, "reason": "旺季前统一"})
    record = page.get(f"/records/{in_basic.trainee.id}").text

    assert 'href="/versions"' in board
    assert f'value="{value}" checked' in shown
    assert "80 % → 95 %" in shown
    assert "要多做" in shown
    assert answer.status_code == 302
    assert in_basic.enrolment().pathway_digest == new.digest
    assert "旺季前统一" in record
    assert new.digest[:8] in record
    assert "basic" not in record  # what was decided under the old version keeps its gate's title
    assert "旺季前统一" in page.get(f"/enrolments/{in_basic.enrolment_id}").text
    assert "没有人要换" in page.get("/versions").text
    assert "/versions" not in page.get("/board").text


def test_without_a_reason_the_ticks_stay_and_nobody_is_moved(
    in_basic: Way, page: FlaskClient, make_person: MakePerson
) -> None:
    other = make_person(team=Shop(in_basic.trainee.team_id, "team-1", "本店"))
    first = in_basic.enrolment_id
    in_basic.trainee = other
    second = in_basic.enrol()
    new = new_version(in_basic, HARDER)
    value = value_of(in_basic, new)

    answer = page.post("/versions", data={"enrolment": value, "reason": ""})

    assert answer.status_code == 422
    assert f'value="{second}:basic:{value.split(":", 2)[2]}" checked' in answer.text
    assert f'value="{first}:basic:{value.split(":", 2)[2]}">' in answer.text
    assert moves(in_basic) == []


def test_an_old_page_moves_nobody_and_says_so(in_basic: Way, page: FlaskClient) -> None:
    value = value_of(in_basic, new_version(in_basic, HARDER))
    new_version(in_basic, NO_TYPING)

    page.post("/versions", data={"enrolment": value, "reason": "旺季前统一"})

    assert moves(in_basic) == []
    assert "没有换" in page.get("/versions").text


def test_a_stage_that_is_gone_is_said_and_offers_no_tick(in_basic: Way, page: FlaskClient) -> None:
    new_version(in_basic, RENAMED)

    shown = page.get("/versions").text

    assert "新版里没有“基础培训”这个阶段" in shown
    assert 'type="checkbox"' not in shown


def test_a_tick_that_is_not_ones_own_moves_nobody_else_either(
    in_basic: Way,
    page: FlaskClient,
    make_team: MakeTeam,
    make_person: MakePerson,
) -> None:
    new = new_version(in_basic, HARDER)
    own = value_of(in_basic, new)
    stranger = make_person(team=make_team("别的店"))
    with in_basic.app.app_context(), transaction():
        foreign = enrolments.enrol(stranger.id, stranger.team_id, None, now=in_basic.now).id
    ticks = [own, f"{foreign}:{own.split(':', 1)[1]}"]

    answers = [
        page.post("/versions", data={"enrolment": each, "reason": "好"}).status_code
        for each in (ticks, [own, f"99999:{own.split(':', 1)[1]}"])
    ]

    assert answers == [404, 404]
    assert moves(in_basic) == []


def test_a_trainer_may_not_and_another_shop_sees_and_moves_nothing(
    in_basic: Way, sign_in: SignIn, make_team: MakeTeam, make_person: MakePerson
) -> None:
    foreign = sign_in(make_person(Role.MANAGER, team=make_team("别的店")))
    new = new_version(in_basic, HARDER)
    data = {"enrolment": value_of(in_basic, new), "reason": "好"}

    trainer = sign_in(in_basic.trainer)

    assert trainer.get("/versions").status_code == 403
    assert trainer.post("/versions", data=data).status_code == 403
    assert in_basic.trainee.name not in foreign.get("/versions").text
    assert foreign.post("/versions", data=data).status_code == 404
    assert moves(in_basic) == []


def test_the_page_asks_no_more_often_for_many_people(
    in_basic: Way, page: FlaskClient, make_person: MakePerson
) -> None:
    many: list[Someone] = [
        make_person(team=Shop(in_basic.trainee.team_id, "team-1", "本店")) for _n in range(6)
    ]
    for in_basic.trainee in many:
        in_basic.enrol()
        in_basic.learn("1.1")
    new_version(in_basic, HARDER)
    page.get("/versions")

    with Statements(in_basic.app) as statements:
        shown = page.get("/versions").text

    assert shown.count('name="enrolment"') == 7
    assert len(statements.sent) <= 8, "\n".join(statements.sent)
