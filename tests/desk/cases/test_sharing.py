"""Sharing sessions: an agenda, who came, what was agreed; and the short form that feeds cases."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from cstrain.core.people.access import Role
from cstrain.desk.cases import sharing
from cstrain.desk.cases.models import CaseTip, SharingSession, TypicalCase
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, InvalidError
from cstrain.kit.outbox import OutboxMessage
from tests.desk.cases.test_cases import FORM
from tests.desk.cases.test_documents import made
from tests.desk.quality.conftest import ChatDesk, chat_desk
from tests.plugins.shop import NOW, MakePerson, MakeTeam, SignIn, Someone

__all__ = ["chat_desk"]

LATER = NOW + timedelta(days=2)


def planned(app: Flask, by: Someone, *case_ids: int, at: datetime = LATER) -> int:
    with app.app_context(), transaction():
        return sharing.plan(by.team_id, "周三分享", at, case_ids, by=by.id, now=NOW)


def ids(app: Flask) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(select(TypicalCase.id).order_by(TypicalCase.id)))


def session(app: Flask, session_id: int) -> SharingSession:
    with app.app_context():
        return db.session.get_one(SharingSession, session_id)


def test_the_agents_hear_of_it_and_see_the_agenda_in_its_order(
    app: Flask, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    stranger = make_person(team=make_team("别的店"))
    made(app, trainer, "一", "二", "三")
    first, _second, third = ids(app)

    session_id = planned(app, trainer, third, first)

    with app.app_context():
        assert [each.title for each in sharing.agenda(session_id)] == ["三", "一"]
        told = db.session.scalars(
            select(OutboxMessage.person_id).where(OutboxMessage.topic == "sharing_session")
        ).all()
    assert told == [agent.id]
    page = sign_in(agent).get(f"/cases/sessions/{session_id}").text
    assert page.index("三</a>") < page.index("一</a>")
    assert sign_in(stranger).get(f"/cases/sessions/{session_id}").status_code == 404


def test_what_is_only_planned_was_not_said_yet(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer = make_person(Role.TRAINER)
    made(app, trainer, "一", "二", "三")
    first, second, _third = ids(app)
    planned(app, trainer, first)
    held = planned(app, trainer, second)
    with app.app_context(), transaction():
        db.session.get_one(SharingSession, held).held_at = NOW

    page = sign_in(trainer).get("/cases/sessions/new").text

    assert "一（已排进“周三分享”）" in page
    assert "二（说过了）" in page
    assert "三（" not in page


@pytest.mark.parametrize("wrong", ["past", "none", "many", "foreign", "withdrawn"])
def test_what_cannot_be_held_is_not_planned(
    app: Flask, make_person: MakePerson, make_team: MakeTeam, wrong: str
) -> None:
    trainer = make_person(Role.TRAINER)
    other = make_person(Role.TRAINER, team=make_team("别的店"))
    made(app, trainer, *map(str, range(11)))
    made(app, other, "别人的")
    own, foreign = ids(app)[:11], ids(app)[11]
    with app.app_context(), transaction():
        db.session.execute(
            update(TypicalCase).where(TypicalCase.id == own[1]).values(withdrawn_at=NOW)
        )
    chosen = {"none": [], "many": own, "foreign": [foreign], "withdrawn": [own[1]]}

    with pytest.raises(InvalidError):
        planned(app, trainer, *chosen.get(wrong, [own[0]]), at=NOW if wrong == "past" else LATER)


def test_attendance_and_outcomes_are_written_down_and_written_again(
    app: Flask, make_person: MakePerson, make_team: MakeTeam
) -> None:
    trainer, agent, absent = make_person(Role.TRAINER), make_person(), make_person()
    stranger = make_person(team=make_team("别的店"))
    made(app, trainer, "一")
    (case_id,) = ids(app)
    session_id = planned(app, trainer, case_id)

    def record(now: datetime, *present: int) -> None:
        with app.app_context(), transaction():
            sharing.record(
                session_id,
                present=present,
                outcomes={case_id: "先说几点"},
                outcome="周五前改快捷回复",
                now=now,
            )

    with pytest.raises(ConflictError):
        record(NOW, agent.id)
    record(LATER, agent.id, absent.id, stranger.id)
    record(LATER + timedelta(days=1), agent.id, stranger.id)

    with app.app_context():
        row = db.session.get_one(SharingSession, session_id)
        came = [each.person_id for each in sharing.guests(row) if each.was_there]
        assert came == [agent.id]
        assert [each.outcome for each in sharing.agenda(session_id)] == ["先说几点"]
        assert (row.held_at, row.outcome) == (LATER, "周五前改快捷回复")


def test_one_that_is_called_off_is_not_held_and_a_held_one_not_called_off(
    app: Flask, make_person: MakePerson
) -> None:
    trainer, _agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")
    off, held = planned(app, trainer, *ids(app)), planned(app, trainer, *ids(app))
    with app.app_context(), transaction():
        sharing.record(held, present=(), outcomes={}, outcome="", now=LATER)

    with app.app_context(), transaction():
        assert sharing.cancel(off, now=NOW)
        assert not sharing.cancel(held, now=LATER)
        told = db.session.scalars(
            select(OutboxMessage.data).where(OutboxMessage.topic == "sharing_cancelled")
        ).all()
        assert [each["session_id"] for each in told] == [off]
        with pytest.raises(ConflictError):
            sharing.record(off, present=(), outcomes={}, outcome="", now=LATER)


def test_the_next_one_begins_with_what_the_last_one_agreed_on(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")
    last, off, following = (
        planned(app, trainer, *ids(app), at=LATER + timedelta(days=7 * week)) for week in range(3)
    )
    with app.app_context(), transaction():
        sharing.record(last, present=(), outcomes={}, outcome="小美周五前改", now=LATER)
        sharing.cancel(off, now=LATER)

    client = sign_in(agent)
    assert "小美周五前改" in client.get(f"/cases/sessions/{following}").text
    assert "上次说好的" not in client.get(f"/cases/sessions/{last}").text


def test_a_week_after_the_last_one_is_offered_with_the_cases_of_none(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer = make_person(Role.TRAINER)
    made(app, trainer, "说过的", "新的")
    old, _new = ids(app)
    begun = utc_now().astimezone(ZoneInfo("Asia/Shanghai")).replace(second=0, microsecond=0)
    at = begun - timedelta(days=8)
    with app.app_context(), transaction():
        sharing.plan(trainer.team_id, "周三", at, [old], by=trainer.id, now=at - timedelta(days=1))

    page = sign_in(trainer).get("/cases/sessions/new").text

    assert f'value="{begun + timedelta(days=6):%Y-%m-%dT%H:%M}"' in page
    assert page.count("checked") == 1
    assert page.index("新的") < page.index("说过的")
    assert page.index("checked") < page.index("新的")


def test_a_trainer_plans_one_on_the_page_and_writes_it_down(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    made(app, trainer, "一")
    (case_id,) = ids(app)
    client = sign_in(trainer)
    local = utc_now().astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    form = {"team": str(trainer.team_id), "title": "周三分享", "cases": str(case_id)}

    assert client.post("/cases/sessions/new", data=form).status_code == 422
    starts = {"starts_at": f"{local:%Y-%m-%dT%H:%M}"}
    where = client.post("/cases/sessions/new", data={**form, **starts}).headers["Location"]
    session_id = int(where.rsplit("/", 1)[1])
    assert abs(session(app, session_id).starts_at - local) < timedelta(minutes=1)
    with app.app_context(), transaction():
        db.session.execute(update(SharingSession).values(starts_at=NOW))
    agreed = f"先说几点{'，' * 188}13812345678"  # where it is cut off nothing of a number stays
    record = {"present": [str(agent.id)], f"outcome-{case_id}": agreed, "outcome": "周五改"}
    client.post(where, data=record)

    page = sign_in(agent).get(where).text
    assert "先说几点" in page
    assert "138" not in page
    assert "周五改" in page
    assert agent.name in page
    assert 'name="present"' not in page
    assert "周三分享" in sign_in(agent).get("/cases/sessions").text
    assert sign_in(agent).post(where, data=record).status_code == 403


# -- the short form -------------------------------------------------------------------------------


def tip(app: Flask) -> CaseTip:
    with app.app_context():
        return db.session.scalars(select(CaseTip)).one()


def test_what_an_agent_tells_becomes_a_case(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    app, trainer, agent = chat_desk.app, chat_desk.trainer, chat_desk.trainee
    told = {"kind": "review", "text": "顾客写：客服半天不回，打 13812345678", "product": "四件套"}

    sign_in(agent).post("/cases/tips/new", data=told)

    assert "1381234" not in tip(app).text
    client = sign_in(trainer)
    assert "客服半天不回" in client.get("/cases/tips").text
    assert "来稿 1" in client.get("/cases").text
    offered = f"/cases/new?tip={tip(app).id}"
    assert "顾客写：客服半天不回" in client.get(offered).text
    client.post(offered, data=FORM)
    assert tip(app).state == "used"
    assert "做成案例了" in sign_in(agent).get("/cases/tips/new").text
    assert "客服半天不回" not in client.get("/cases/tips").text


def test_a_tip_is_put_by_and_taken_up_again_by_its_own_shop(
    app: Flask, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    trainer, agent = make_person(Role.TRAINER), make_person()
    stranger = make_person(Role.TRAINER, team=make_team("别的店"))
    sign_in(agent).post("/cases/tips/new", data={"kind": "observation", "text": "小李答得快"})
    url = f"/cases/tips/{tip(app).id}/settle"

    assert sign_in(stranger).post(url).status_code == 404
    assert sign_in(stranger).get(f"/cases/new?tip={tip(app).id}").status_code == 404
    assert sign_in(agent).post(url).status_code == 403
    sign_in(trainer).post(url)
    assert tip(app).state == "put_by"
    assert "小李答得快" in sign_in(trainer).get("/cases/tips?show=put_by").text
    sign_in(trainer).post(url, data={"back": "1"})
    assert tip(app).state == "new"


@pytest.mark.parametrize("change", [{"text": ""}, {"kind": "rumour"}, {"text": "字" * 501}])
def test_a_tip_says_something(
    app: Flask, make_person: MakePerson, sign_in: SignIn, change: dict[str, str]
) -> None:
    form = {"kind": "review", "text": "回得慢", **change}

    assert sign_in(make_person()).post("/cases/tips/new", data=form).status_code == 422
    with app.app_context():
        assert db.session.scalars(select(CaseTip)).all() == []
