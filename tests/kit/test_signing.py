"""Tokens of forms: signed once, good for their own session only."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.plugins.shop import MakePerson, SignIn

PASSWORD = "cloud-seven-42"


def token_of(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.fixture
def guarded(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def test_a_token_stays_the_same_and_good(
    guarded: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    client = sign_in(make_person())
    first, second = (token_of(client.get("/account").text) for _each in range(2))

    answer = client.post("/account/look", data={"language": "en", "csrf_token": second})

    assert guarded.config["WTF_CSRF_ENABLED"]
    assert first == second
    assert answer.status_code == 302


def test_another_sessions_token_is_refused(
    guarded: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    mine, other = sign_in(make_person()), sign_in(make_person())
    token = token_of(other.get("/account").text)
    mine.get("/account")

    answer = mine.post("/account/look", data={"language": "en", "csrf_token": token})

    assert guarded.config["WTF_CSRF_ENABLED"]
    assert answer.status_code == 400


@pytest.mark.parametrize("token", ["", "某某", "x" * 80, None])
def test_what_is_no_token_is_refused(
    guarded: Flask, make_person: MakePerson, sign_in: SignIn, token: str | None
) -> None:
    client = sign_in(make_person())
    client.get("/account")
    sent = {"language": "en"} if token is None else {"language": "en", "csrf_token": token}

    answer = client.post("/account/look", data=sent)

    assert guarded.config["WTF_CSRF_ENABLED"]
    assert answer.status_code == 400


def test_a_forged_cookie_is_nobodys_even_beside_a_good_one(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    client = sign_in(make_person())
    client.get("/account")
    cookie = client.get_cookie("session")
    assert cookie is not None
    forger = app.test_client()
    forger.set_cookie("session", cookie.value[:-2] + ("AA" if cookie.value[-2:] != "AA" else "BB"))

    statuses = [each.get("/account").status_code for each in (client, forger, client)]

    assert statuses == [200, 302, 200]


def test_what_a_session_says_in_passing_is_said_once(
    make_person: MakePerson, sign_in: SignIn
) -> None:
    client = sign_in(make_person(password=PASSWORD))
    changed = {"current": "wrong", "password": "another-42-x", "repeat": "another-42-x"}

    client.post("/account/password", data=changed)
    with client.session_transaction() as cookie:
        cookie["_flashes"] = [("passed", "只说一次")]

    assert [("只说一次" in client.get("/account").text) for _each in range(2)] == [True, False]
