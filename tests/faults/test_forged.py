"""Attempts of every kind against forgery, haste and lateness; posts too old and too large."""

from __future__ import annotations

import json
import re
import socket
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from cstrain.activities.lesson.models import LessonProgress
from cstrain.activities.quiz.models import Paper
from cstrain.activities.typing_speed.models import TypingChunk, TypingRun
from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway import sweeping
from cstrain.core.pathway.models import Attempt
from cstrain.core.people.access import Role
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.plugins.school import School
from tests.plugins.server import Server
from tests.plugins.shop import MakePerson, SignIn, Someone

JSON = {"Accept": "application/json"}
LESSON, QUIZ, TYPING = "1.1", "basic-exam", "typing-practice"


class Desk:
    """A trainee with an open attempt of every kind."""

    def __init__(self, school: School, person: Someone, client: FlaskClient) -> None:
        self.app, self.person, self.client = school.app, person, client
        school.enrol(person, "exam-first")
        client.post(f"/lesson/{LESSON}/opened", json={"number": 1, "parts": ["1.1.1"]})
        client.post(f"/quiz/{QUIZ}/start")
        client.post(f"/typing/{TYPING}")

    def attempt(self, activity: str) -> int:
        with self.app.app_context():
            found = db.session.scalars(
                select(Attempt.id).where(
                    Attempt.activity == activity, Attempt.person_id == self.person.id
                )
            )
            return found.one()

    def evidence(self, activity: str) -> list[Evidence]:
        with self.app.app_context():
            rows = db.session.scalars(select(Evidence).where(Evidence.activity == activity)).all()
            db.session.expunge_all()
            return list(rows)

    def type(self, events: list[list[Any]], final_value: str) -> Any:
        """Begin, deliver and hand in a typing run; gives the answer."""
        url = f"/typing/attempts/{self.attempt(TYPING)}"
        self.client.post(f"{url}/start", json={}, headers=JSON)
        self.client.post(f"{url}/chunks", json={"seq": 1, "events": events}, headers=JSON)
        body = {"seq": 1, "final_value": final_value, "client_ms": 5_000, "finished": False}
        return self.client.post(f"{url}/finish", json=body, headers=JSON)


@pytest.fixture
def desk(school: School, make_person: MakePerson, sign_in: SignIn) -> Desk:
    person = make_person()
    return Desk(school, person, sign_in(person))


def test_nobody_reaches_an_attempt_of_somebody_else(
    desk: Desk, make_person: MakePerson, sign_in: SignIn, school: School
) -> None:
    stranger = make_person()
    school.enrol(stranger, "exam-first")
    client = sign_in(stranger)
    ids = {
        "lesson": desk.attempt(LESSON),
        "quiz": desk.attempt(QUIZ),
        "typing": desk.attempt(TYPING),
    }
    rules = [rule for rule in desk.app.url_map.iter_rules() if "attempt_id" in rule.arguments]
    body = {"epoch": 1, "seq": 1, "position": 0, "response": {"text": "1"}, "events": []}

    answers = {
        (method, rule.rule, kind): client.open(
            rule.rule.replace("<int:attempt_id>", str(attempt_id)),
            method=method,
            json=body if method == "POST" else None,
            headers=JSON,
        ).status_code
        for rule in rules
        for method in (rule.methods or set()) & {"GET", "POST"}
        for kind, attempt_id in {**ids, "none": 10**17}.items()
    }

    assert len(rules) >= 10
    assert set(answers.values()) == {404}, answers


def test_reports_of_a_lesson_cannot_be_forged(desk: Desk) -> None:
    attempt_id = desk.attempt(LESSON)
    url = f"/lesson/{LESSON}/opened"

    for number, parts in ((2, ["9.9"]), (-1, ["1.1.2"]), (10**30, ["1.1.2"]), (2, ["1.1.2"] * 9)):
        desk.client.post(url, json={"number": number, "parts": parts}, headers=JSON)
    unasked = desk.client.post(f"/lesson/{LESSON}/answer/1.2.1-t", json={"choice": "a"})

    assert unasked.status_code == 404
    with desk.app.app_context():
        row = db.session.get_one(LessonProgress, attempt_id)
        assert set(row.opened) <= {"1.1.1", "1.1.2"}
        assert len(row.opened) == len(set(row.opened))
    assert desk.evidence(LESSON) == []


def test_chunks_of_a_typing_run_cannot_be_forged(desk: Desk) -> None:
    url = f"/typing/attempts/{desk.attempt(TYPING)}"
    key = [0, "k", "KeyA"]
    too_early = desk.client.post(f"{url}/chunks", json={"seq": 1, "events": [key]}, headers=JSON)
    desk.client.post(f"{url}/start", json={}, headers=JSON)

    forged = [
        desk.client.post(f"{url}/chunks", json={"seq": seq, "events": events}, headers=JSON)
        for seq, events in (
            (0, [key]),
            (-1, [key]),
            (10**9, [key]),
            (1.0, [key]),
            (True, [key]),
            (None, [key]),
            (1, []),
            (1, [[10**30, "k", "KeyA"]]),
            (1, [[-5, "k", "KeyA"]]),
            (1, [[0, "e", 0, 10**9, "a", "ime"]]),
            (1, [[0, "q"]]),
            (1, [key] * 6_000),
            (1, "k"),
        )
    ]
    first = desk.client.post(f"{url}/chunks", json={"seq": 1, "events": [key]}, headers=JSON)
    again = desk.client.post(f"{url}/chunks", json={"seq": 1, "events": [key]}, headers=JSON)
    other = desk.client.post(f"{url}/chunks", json={"seq": 1, "events": [key] * 2}, headers=JSON)

    assert too_early.status_code == 409
    assert {answer.status_code for answer in forged} == {422}
    assert all(answer.get_json()["error"] for answer in forged)
    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 409)
    with desk.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(TypingChunk)) == 1


@pytest.mark.parametrize(
    "text",
    ["a\x00b", "\ud800", "\udc00\ud800", "😀\x00\u202e", "字" * 900],
    ids=["nul", "half a pair", "halves", "emoji", "long"],
)
def test_a_typing_run_of_strange_text_ends_and_can_be_looked_at(desk: Desk, text: str) -> None:
    events = [[0, "k", "KeyA"], [900, "e", 0, 0, text, "ime"], [1500, "e", 1, 1, text, "ime"]]

    answer = desk.type(events, text)

    assert answer.status_code == 200, answer.text
    assert desk.client.get(answer.get_json()["url"]).status_code == 200
    assert len(desk.evidence(TYPING)) == 1


def test_what_is_handed_in_twice_counts_once(desk: Desk) -> None:
    sheet = desk.client.get(f"/quiz/{desk.attempt(QUIZ)}").text
    epoch = _found(r'data-epoch="(\d+)"', sheet)
    form = {"epoch": epoch, "seq": "9", "sure": "1"}
    typed = [[0, "k", "KeyA"], [10, "e", 0, 0, "亲", "ime"]]

    for _time in range(3):
        desk.client.post(f"/quiz/{desk.attempt(QUIZ)}/hand-in", data=form)
        desk.type(typed, "亲")
        desk.client.post(f"/typing/attempts/{desk.attempt(TYPING)}/hand-in")

    assert len(desk.evidence(QUIZ)) == 1
    assert len(desk.evidence(TYPING)) == 1


def test_what_comes_after_the_end_changes_nothing(desk: Desk) -> None:
    quiz_id, typing_id = desk.attempt(QUIZ), desk.attempt(TYPING)
    desk.client.get(f"/quiz/{quiz_id}")
    desk.type([[0, "k", "KeyA"], [10, "e", 0, 0, "亲", "ime"]], "亲")
    past = utc_now() - timedelta(hours=1)
    with desk.app.app_context(), transaction() as session:
        session.execute(
            update(Attempt).where(Attempt.id == quiz_id).values(started_at=past, deadline_at=past)
        )
        session.execute(update(Paper).where(Paper.attempt_id == quiz_id).values(deadline_at=past))
    body = {"epoch": 1, "seq": 1, "position": 0, "response": {"text": "101"}}

    late = desk.client.post(f"/quiz/{quiz_id}/answer", json=body, headers=JSON)
    with desk.app.app_context():
        sweeping.sweep(utc_now())
    closed = desk.client.post(f"/quiz/{quiz_id}/answer", json={**body, "seq": 2}, headers=JSON)
    desk.client.post(f"/quiz/{quiz_id}/save", data={"epoch": 1, "seq": 3, "whole": 1, "q1": "1"})
    desk.client.post(f"/quiz/{quiz_id}/hand-in", data={"epoch": 1, "seq": 4, "sure": 1})
    chunk = desk.client.post(
        f"/typing/attempts/{typing_id}/chunks",
        json={"seq": 2, "events": [[20, "k", "KeyA"]]},
        headers=JSON,
    )

    assert (late.get_json()["counted"], late.get_json()["reason"]) == (False, "late")
    assert (closed.get_json()["counted"], closed.get_json()["reason"]) == (False, "closed")
    (row,) = desk.evidence(QUIZ)
    assert row.measures["right_count"] == 0
    assert chunk.status_code == 409
    with desk.app.app_context():
        assert db.session.get_one(TypingRun, typing_id).typed == "亲"


# -- posts that are too old, or too large ------------------------------------------------------


def test_every_post_with_a_stale_token_is_told_to_load_the_page_anew(
    app: Flask, desk: Desk
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]

    answers = {
        rule.rule: desk.client.post(
            re.sub(r"<(?:any\((\w+).*?\))?[^>]+>", lambda part: part[1] or "1", rule.rule),
            headers={"X-CSRFToken": "stale"},
        )
        for rule in rules
    }

    assert len(rules) > 40
    assert {answer.status_code for answer in answers.values()} == {400}
    assert all("刷新" in answer.text for answer in answers.values())


def test_a_refusal_speaks_the_readers_language_and_keeps_the_way_out(
    app: Flask, desk: Desk, make_person: MakePerson, sign_in: SignIn
) -> None:
    trainer = sign_in(make_person(Role.TRAINER, language="en"))
    trainer.post(f"/people/{desk.person.id}/see")

    refused = trainer.post("/quiz/drill/start")
    app.config["WTF_CSRF_ENABLED"] = True
    stale = trainer.post("/quiz/drill/start")

    assert (refused.status_code, stale.status_code) == (403, 400)
    assert all('<html lang="en"' in answer.text for answer in (refused, stale))
    assert all('action="/see/stop"' in answer.text for answer in (refused, stale))


def body_of(size: int) -> tuple[bytes, str]:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
    return head + bytes(size) + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"


def posted(port: int, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """The answer to a large post, read even where the server stops reading early."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        # It may have heard enough; what it said is still to be read.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def memory_kb(server: Server) -> int:
    """What the largest process of the server has held at most."""
    return max(
        int(_found(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()))
        for pid in server.pids
    )


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_fifty_megabytes_are_refused_with_a_page_and_without_holding_them(
    desk: Desk, server: Server
) -> None:
    cookie = desk.client.get_cookie("session")
    assert cookie is not None
    who = {"Cookie": f"session={cookie.value}", "Accept": "text/html"}
    large, kind = body_of(50 * 1024 * 1024)
    before = memory_kb(server)

    answers = [
        posted(server.port, path, large, {**who, "Content-Type": content_type})
        for path, content_type in (
            ("/people/import", kind),
            ("/login", "application/x-www-form-urlencoded"),
            (f"/quiz/{desk.attempt(QUIZ)}/answer", "application/json"),
            (f"/typing/attempts/{desk.attempt(TYPING)}/chunks", "application/json"),
        )
    ]

    assert [status for status, _page in answers] == [413] * 4
    assert all("压缩或拆开后再传" in page for _status, page in answers)
    assert memory_kb(server) - before < 40 * 1024
    assert desk.client.get("/").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_large_post_of_unknown_length_is_no_way_around(desk: Desk, server: Server) -> None:
    del desk
    piece = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        line.sendall(
            b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
        )
        with suppress(BrokenPipeError, ConnectionResetError):
            for _part in range(800):
                line.sendall(piece)
            line.sendall(b"0\r\n\r\n")
        try:
            said = line.recv(65536)
        except ConnectionResetError:
            said = b""

    assert not said or said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 2")), said[:200]
    assert memory_kb(server) < 400 * 1024


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None
    return found[1]


def test_json_that_is_none_is_answered_in_json(desk: Desk) -> None:
    url = f"/quiz/{desk.attempt(QUIZ)}/answer"

    answers = [
        desk.client.post(url, data=body, content_type="application/json", headers=JSON)
        for body in (b"[" * 200_000, b"", b"nul", json.dumps([1]).encode())
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert all(answer.get_json()["error"] for answer in answers)
