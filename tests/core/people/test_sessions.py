"""Logging in: the throttle, the same answer for everybody, sessions that end."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from tests.plugins.shop import MakePerson, SignIn

PASSWORD = "cloud-seven-42"


def test_a_person_logs_in_with_the_employee_number(
    client: FlaskClient, make_person: MakePerson
) -> None:
    person = make_person(password=PASSWORD)

    answer = client.post("/login", data={"login": person.employee_no, "password": PASSWORD})

    assert answer.status_code == 302
    assert client.get("/account").status_code == 200


def test_a_signed_in_client_is_that_person(
    make_person: MakePerson, sign_in: SignIn, app: Flask
) -> None:
    first, second = make_person(), make_person()

    pages = [sign_in(person).get("/account").status_code for person in (first, second)]

    assert pages == [200, 200]
    assert app.test_client().get("/account").status_code == 302
