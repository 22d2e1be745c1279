"""Addresses that content links to, and files that only their teams may fetch."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cstrain import testing
from cstrain.core.catalogue import active
from cstrain.core.catalogue.sources import digest_of
from tests.core.catalogue.conftest import COURSE, Folder
from tests.plugins.shop import MakePerson, MakeTeam, SignIn

PNG, FILM, SHEET, SECRET = b"\x89PNG picture", b"0123456789", b"PK sheet", b"another shop's"
FILES: dict[str, str | bytes] = {
    **COURSE,
    "c/media/a.png": PNG,
    "c/media/b.mp4": FILM,
    "c/media/c.xlsx": SHEET,
    "teams/other/c/media/d.png": SECRET,
}


@pytest.fixture
def client(
    app: Flask, folder: Folder, make_team: MakeTeam, make_person: MakePerson, sign_in: SignIn
) -> FlaskClient:
    testing.install(app, testing.FakeKind())
    root: Path = folder(files=FILES)
    testing.publish(app, root, {})
    return sign_in(make_person(team=make_team()))


def fetch(client: FlaskClient, body: bytes, name: str = "x", **headers: str) -> tuple[int, bytes]:
    answer = client.get(f"/media/{digest_of(body)}/{name}", headers=headers)
    return answer.status_code, answer.data


def test_links_lead_to_where_things_begin(client: FlaskClient) -> None:
    places = [
        client.get(path).location
        for path in ("/go/section/1.1", "/go/section/1.1.1", "/go/activity/1.1")
    ]

    assert places == ["/fake/1.1", "/fake/1.1#1.1.1", "/fake/1.1"]
    assert client.get("/go/section/9").status_code == 404
    assert client.get("/go/activity/nine").status_code == 404


def test_pictures_are_shown_and_files_are_saved(client: FlaskClient) -> None:
    picture = client.get(f"/media/{digest_of(PNG)}/a.png")
    sheet = client.get(f"/media/{digest_of(SHEET)}/c.xlsx")

    assert (picture.data, picture.mimetype) == (PNG, "image/png")
    assert "Content-Disposition" not in picture.headers
    assert sheet.headers["Content-Disposition"] == "attachment"
    assert "immutable" in picture.headers["Cache-Control"]


def test_the_name_in_the_address_decides_nothing(client: FlaskClient) -> None:
    answer = client.get(f"/media/{digest_of(PNG)}/page.html")

    assert answer.mimetype == "image/png"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_players_may_ask_for_parts_of_a_film(client: FlaskClient) -> None:
    assert fetch(client, FILM, Range="bytes=2-4") == (206, b"234")
    assert fetch(client, FILM) == (200, FILM)


@pytest.mark.parametrize("body", [COURSE["c/1.1.questions.md"].encode(), SECRET, b"nothing"])
def test_keys_and_other_teams_files_are_not_there(client: FlaskClient, body: bytes) -> None:
    assert fetch(client, body)[0] == 404


def test_a_question_by_itself_is_no_file(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        digest = active.for_team(None).bank["t-1"].digest

    assert client.get(f"/media/{digest}/t.png").status_code == 404


def test_nobody_fetches_without_signing_in(app: Flask, client: FlaskClient) -> None:
    assert fetch(client, PNG)[0] == 200
    assert app.test_client().get(f"/media/{digest_of(PNG)}/a.png").status_code == 302
