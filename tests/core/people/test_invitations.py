"""Invitations: a link that lets so many in for so long, and nobody after."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cstrain.config import Settings
from cstrain.core.people import invitations
from cstrain.core.people.access import Role
from cstrain.core.people.invitations import Terms
from cstrain.core.people.models import Invitation, Membership, Person
from cstrain.core.people.service import NewPerson
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from tests.plugins.shop import NOW, SECRET, MakePerson, MakeTeam, Shop, SignIn

JOINER = {
    "name": "林小满",
    "phone": "13800138000",
    "password": "cloud-seven-42",
    "repeat": "cloud-seven-42",
}


def invite(app: Flask, by: int, team: Shop, **terms: object) -> str:
    """A fresh invitation's token."""
    with app.app_context(), transaction():
        made = invitations.create(
            Terms(team.id, **terms),  # type: ignore[arg-type]  # a test's own words
            secret=SECRET,
            by=by,
            now=utc_now(),
        )
        return invitations.token_of(db.session.get_one(Invitation, made).nonce, SECRET)


def test_a_newcomer_joins_by_the_link(
    app: Flask, client: FlaskClient, team: Shop, make_person: MakePerson
) -> None:
    trainer = make_person(Role.TRAINER)
    token = invite(app, trainer.id, team, batch="十一月班")

    answer = client.post(f"/join/{token}", data=JOINER)

    assert answer.status_code == 302
    assert client.get("/account").status_code == 200
    with app.app_context():
        membership = db.session.scalars(
            select(Membership).where(Membership.role == "trainee")
        ).one()
        assert (membership.team_id, membership.batch) == (team.id, "十一月班")
        assert db.session.scalars(select(Invitation.uses_left)).one() == 29


def test_only_its_hash_is_stored(app: Flask, team: Shop, make_person: MakePerson) -> None:
    token = invite(app, make_person(Role.TRAINER).id, team)

    with app.app_context():
        row = db.session.scalars(select(Invitation)).one()

    assert token not in (row.token_hash, row.nonce)


def test_a_link_lets_in_as_many_as_it_says(app: Flask, team: Shop, make_person: MakePerson) -> None:
    token = invite(app, make_person(Role.TRAINER).id, team, uses=1)
    app.test_client().post(f"/join/{token}", data=JOINER)

    answer = app.test_client().post(f"/join/{token}", data={**JOINER, "phone": "13800138001"})

    assert answer.status_code == 410


@pytest.mark.parametrize("path", ["/join/unknown", "/join/" + "a" * 300])
def test_an_unknown_link_is_gone(path: str, client: FlaskClient) -> None:
    assert client.get(path).status_code == 410


def test_a_closed_link_is_gone(
    app: Flask, client: FlaskClient, team: Shop, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer = make_person(Role.TRAINER)
    token = invite(app, trainer.id, team)
    with app.app_context():
        made = db.session.scalars(select(Invitation.id)).one()

    answer = sign_in(trainer).post(f"/people/invitations/{made}/revoke")

    assert answer.status_code == 302
    assert client.get(f"/join/{token}").status_code == 410


@pytest.mark.usefixtures("app_context")
def test_a_link_ends_on_its_day(team: Shop, make_person: MakePerson) -> None:
    trainer = make_person(Role.TRAINER)
    with transaction():
        made = invitations.create(Terms(team.id), secret=SECRET, by=trainer.id, now=NOW)
    token = invitations.token_of(db.session.get_one(Invitation, made).nonce, SECRET)
    end = NOW + timedelta(days=7)

    assert invitations.find_open(token, now=end - timedelta(seconds=1))
    with pytest.raises(NotFoundError), transaction():
        invitations.accept(token, NewPerson("甲"), now=end)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "填姓名"),
        ({"name": "林" * 61}, "最多"),
        ({"phone": ""}, "填手机号"),
        ({"phone": "12"}, "11 位"),
        ({"employee_no": "T0001"}, "登记过"),
        ({"password": "short", "repeat": "short"}, "至少"),
        ({"password": "12345678", "repeat": "12345678"}, "猜到"),
        ({"password": "13800138000", "repeat": "13800138000"}, "猜到"),
        ({"phone": "138", "password": "12345678", "repeat": "12345678"}, "11 位数字"),
        ({"phone": "138", "password": "12345678", "repeat": "12345678"}, "猜到"),
        ({"repeat": "other-words-1"}, "不一样"),
    ],
)
def test_a_form_says_what_is_wrong_and_uses_nothing_up(
    change: dict[str, str],
    words: str,
    app: Flask,
    team: Shop,
    make_person: MakePerson,
) -> None:
    token = invite(app, make_person(Role.TRAINER, employee_no="T0001").id, team)

    joiner = app.test_client()
    sent = joiner.post(f"/join/{token}", data={**JOINER, **change})
    page = joiner.get(sent.location).text
    reloaded = joiner.get(sent.location).text

    assert sent.location == f"/join/{token}"
    assert words in page
    assert "field-wrong" not in reloaded
    assert JOINER["password"] not in page
    with app.app_context():
        assert db.session.scalars(select(Invitation.uses_left)).one() == 30


def test_somebody_with_an_account_is_told_so(
    app: Flask, team: Shop, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer = make_person(Role.TRAINER)
    token = invite(app, trainer.id, team)

    answer = sign_in(trainer).post(f"/join/{token}", data=JOINER)

    assert answer.status_code == 200
    with app.app_context():
        assert len(db.session.scalars(select(Person.id)).all()) == 1


def test_names_of_every_script_come_through(
    app: Flask, client: FlaskClient, team: Shop, make_person: MakePerson
) -> None:
    token = invite(app, make_person(Role.TRAINER).id, team)

    client.post(f"/join/{token}", data={**JOINER, "name": "𠮷\u0000田🙂<b>"})

    assert "𠮷田🙂&lt;b&gt;" in client.get("/account").text


def test_the_page_of_an_invitation_has_link_code_and_words(
    app: Flask, team: Shop, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer = make_person(Role.TRAINER)
    client = sign_in(trainer)

    made = client.post(
        "/people/invitations", data={"team": team.id, "days": 7, "uses": 5, "batch": "一班"}
    )
    page = client.get(made.headers["Location"]).text

    link = re.search(r"http://localhost(/join/[\w-]{24})", page)
    assert link
    assert "data:image/svg+xml" in page
    assert app.test_client().get(link[1]).status_code == 200


@pytest.mark.parametrize(
    ("host", "base_url", "is_warned"),
    [
        ("127.0.0.1:8000", "", True),
        ("localhost", "", True),
        ("[::1]:8000", "", True),
        ("192.168.1.20:8000", "", False),
        ("train.example.com", "", False),
        ("127.0.0.1:8000", "https://train.example.com", False),
        ("train.example.com", "http://localhost:8000", True),
    ],
)
def test_a_link_that_no_phone_can_open_is_warned_of(
    host: str,
    base_url: str,
    *,
    is_warned: bool,
    app: Flask,
    settings: Settings,
    team: Shop,
    make_person: MakePerson,
    sign_in: SignIn,
) -> None:
    trainer = make_person(Role.TRAINER)
    invite(app, trainer.id, team)
    with app.app_context():
        made = db.session.scalars(select(Invitation.id)).one()
    app.extensions["cstrain.settings"] = replace(settings, base_url=base_url)

    cookie = sign_in(trainer).get_cookie("session")
    assert cookie is not None
    headers = {"Host": host, "Cookie": f"session={cookie.value}"}

    page = (
        app.test_client(use_cookies=False).get(f"/people/invitations/{made}", headers=headers).text
    )

    assert ("手机打不开这个链接" in page) is is_warned
    assert ("CSTRAIN_BASE_URL" in page) is is_warned


def test_invitations_of_other_teams_are_not_found(
    app: Flask, make_team: MakeTeam, make_person: MakePerson, sign_in: SignIn
) -> None:
    other = make_team()
    invite(app, make_person(Role.TRAINER, team=other).id, other)
    with app.app_context():
        made = db.session.scalars(select(Invitation.id)).one()
    client = sign_in(make_person(Role.ADMINISTRATOR))

    answers = [
        client.get(f"/people/invitations/{made}").status_code,
        client.post(f"/people/invitations/{made}/revoke").status_code,
    ]

    assert answers == [404, 404]


@pytest.mark.usefixtures("app_context")
@pytest.mark.parametrize(("days", "uses"), [(0, 1), (31, 1), (1, 0), (1, 501)])
def test_an_invitation_has_limits(
    days: int, uses: int, team: Shop, make_person: MakePerson
) -> None:
    trainer = make_person(Role.TRAINER)

    with pytest.raises(InvalidError), transaction():
        invitations.create(
            Terms(team.id, days=days, uses=uses), secret=SECRET, by=trainer.id, now=NOW
        )
