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
