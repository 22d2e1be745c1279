"""Going to another shop: what a certificate is worth there, and what is begun."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cstrain.core.certification import duties
from cstrain.core.certification.models import Certificate
from cstrain.core.pathway import standing
from cstrain.core.pathway.models import Enrolment
from cstrain.core.people import memberships, service
from cstrain.core.people.access import Role
from cstrain.kit.db import db, transaction
from cstrain.kit.outbox import OutboxMessage
from tests.plugins.course import Course
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop, SignIn, Someone


@dataclass(slots=True)
class Move:
    """A trainee of one shop, and the manager of both."""

    app: Flask
    course: Course
    trainee: Someone
    manager: Someone
    client: FlaskClient
    old: Shop
    new: Shop

    def transfer(self, pathway: str | None = None) -> str:
        """Transfer the trainee; gives the page that tells so."""
        form = {"move-move": f"{self.old.id}:{self.new.id}"}
        if pathway is not None:
            form["move-pathway"] = pathway
        url = f"/people/{self.trainee.id}/transfer"
        return self.client.post(url, data=form, follow_redirects=True).text

    def begun(self) -> list[str]:
        """The pathways begun in the new shop."""
        query = select(Enrolment.pathway).where(Enrolment.team_id == self.new.id)
        with self.app.app_context():
            return list(db.session.scalars(query))


@pytest.fixture
def move(
    app: Flask, course: Course, make_team: MakeTeam, make_person: MakePerson, sign_in: SignIn
) -> Iterator[Move]:
    with time_machine.travel(NOW + timedelta(hours=2), tick=True):
        old, new = make_team("云朵家居旗舰店"), make_team("童装店")
        manager = make_person(Role.MANAGER, team=old)
        with app.app_context(), transaction():
            memberships.give_role(manager.id, service.Post(new.id, Role.MANAGER), by=None, now=NOW)
        trainee = make_person(team=old, name="林晓雨")
        yield Move(app, course, trainee, manager, sign_in(manager), old, new)


def test_a_valid_certificate_goes_along_and_nothing_is_begun_afresh(
    move: Move, sign_in: SignIn, make_person: MakePerson
) -> None:
    number = move.course.certify(move.trainee, move.manager)

    move.transfer()
    trainer = sign_in(make_person(Role.TRAINER, team=move.new))
    page = trainer.get(f"/people/{move.trainee.id}").text

    assert move.begun() == []
    assert f"/certificates/{number}" in page
    assert "云朵家居旗舰店发的" in page
    assert "到 2027年11月1日" in page
    assert "安排这条路径" in page
    assert "林晓雨" in trainer.get("/duty").text
    assert "全部通过，可以上岗了" in sign_in(move.trainee).get("/").text


@pytest.mark.parametrize("how", ["expired", "revoked", "none"])
def test_without_a_valid_certificate_the_usual_pathway_begins(move: Move, how: str) -> None:
    if how != "none":
        at = NOW - timedelta(days=365) if how == "expired" else NOW
        move.course.certify(move.trainee, move.manager, at=at)
    with move.app.app_context(), transaction() as session:
        for row in session.scalars(select(Certificate)):
            row.state = "revoked" if how == "revoked" else "valid"

    page = move.transfer("usual")

    assert move.begun() == ["three-exams"]
    assert "证书有效" not in page


def test_who_transfers_chooses_the_pathway_or_none(move: Move, make_team: MakeTeam) -> None:
    move.course.certify(move.trainee, move.manager)

    move.transfer("slug:three-exams")
    chosen = move.begun()
    third = make_team("男装店")
    with move.app.app_context(), transaction():
        memberships.give_role(
            move.manager.id, service.Post(third.id, Role.MANAGER), by=None, now=NOW
        )
    replace(move, old=move.new, new=third).transfer("none")
    forged = replace(move, old=third, new=move.old).transfer("slug:nowhere")

    assert chosen == ["three-exams"]
    assert replace(move, new=third).begun() == []
    assert "转好了" not in forged


def test_ones_own_results_stay_ones_own(move: Move, sign_in: SignIn) -> None:
    move.course.enrol(move.trainee)
    attempt_id = move.course.take(move.trainee, "lesson")

    move.transfer()

    assert sign_in(move.trainee).get(f"/fake/attempts/{attempt_id}").status_code == 200


def test_the_managers_where_somebody_works_now_hear_that_a_certificate_ends(
    move: Move, make_person: MakePerson
) -> None:
    move.course.certify(move.trainee, move.manager)
    left_behind = make_person(Role.MANAGER, team=move.old)
    there = make_person(Role.MANAGER, team=move.new)
    move.transfer()

    with move.app.app_context():
        duties.remind(NOW + timedelta(days=357))
        told = set(
            db.session.scalars(
                select(OutboxMessage.person_id).where(OutboxMessage.topic == "certificate_expiring")
            )
        )

    assert told == {move.trainee.id, move.manager.id, there.id}
    assert left_behind.id not in told


def test_who_looks_through_a_trainees_eyes_sees_what_is_of_their_own_shop(
    move: Move, sign_in: SignIn, make_person: MakePerson
) -> None:
    here = move.trainee
    move.course.enrol(here)
    first = move.course.take(here, "lesson")
    with move.app.app_context(), transaction():
        memberships.give_role(here.id, service.Post(move.new.id, Role.TRAINEE), by=None, now=NOW)
    second = move.course.take(here, "lesson")
    trainer = sign_in(make_person(Role.TRAINER, team=move.old))
    trainer.post(f"/people/{here.id}/see")
    paths = [f"/fake/attempts/{first}", f"/fake/attempts/{second}"]

    seen, own = trainer.get("/records").text, sign_in(here).get("/records").text

    assert [trainer.get(path).status_code for path in paths] == [200, 404]
    assert [sign_in(here).get(path).status_code for path in paths] == [200, 200]
    assert (move.new.name in seen, move.new.name in own) == (False, True)
    assert move.old.name in seen
    with move.app.app_context():
        found = standing.of_person(here.id)
    assert found is not None
    assert found.team_id == move.new.id
    assert standing_seen(move, trainer) == move.old.slug


def standing_seen(move: Move, client: FlaskClient) -> str | None:
    """The shop whose pathway a browser's course page is made of."""
    with client:
        client.get("/course")
        found = standing.of_person(move.trainee.id)
    return found.team_slug if found is not None else None
