"""The server killed under people who receive customers: no line that was acknowledged is lost,
none is there twice, and what customers said is what a replay of the log gives.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cstrain.activities.live_practice import customer, queries
from cstrain.activities.live_practice.condition import Event
from cstrain.activities.live_practice.models import PracticeCustomer, PracticeLine
from cstrain.config import Settings
from cstrain.core.pathway import attempts, enrolments
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.plugin import forbidden_words
from cstrain.testing import publish
from tests.activities.live_practice.practice_course import COURSE
from tests.faults.sitters import Sitter
from tests.faults.test_kill import Count, all_do, until_it_dies
from tests.plugins.server import Server
from tests.plugins.shop import MakePerson, SignIn

PEOPLE = 8
KILLS = 5
RNG = random.Random(20261123)
#: The lesson is of a kind that the server does not know, so nothing may refer to its sections.
FILES = {
    path: text.replace('sections: ["3.5"]\n', "").replace(', 节: "3.4"', "")
    for path, text in COURSE.items()
    if not path.startswith("course/") and "vest" not in path
}


@dataclass
class Agent(Sitter):
    """Somebody at the reception desk.

    Attributes:
        kept: Keys of the lines that were acknowledged.
        unsure: Key → text of those whose answer never came.
    """

    customer: int = 0
    number: int = 0
    kept: set[str] = field(default_factory=set)
    unsure: dict[str, str] = field(default_factory=dict)

    def take_seat(self) -> None:
        """Begin, and wait for the first customer."""
        self._ask("GET", "/practice/desk")
        status, place, _body = self._ask(
            "POST", "/practice/desk/start", form={"scenario": "parcel-late"}
        )
        assert status == 302, _body
        self.attempt_id = int(place.rpartition("/")[2])
        for _second in range(40):
            status, _place, answer = self._ask(
                "POST", f"/practice/{self.attempt_id}/news", data={"after": 0}
            )
            assert status == 200, answer
            if there := json.loads(answer)["customers"]:
                self.customer = there[0]["id"]
                return
            time.sleep(0.25)
        raise AssertionError("nobody came")

    def say(self) -> None:
        """Send a new line."""
        self.number += 1
        self.unsure[f"{self.attempt_id}-{self.number}"] = f"稍等，我查一下 {self.number}"
        self.send_again()

    def send_again(self) -> None:
        """Send what was never acknowledged, in its order, under the same keys."""
        for key, text in list(self.unsure.items()):
            body = {"after": 0, "customer": self.customer, "key": key, "kind": "line", "text": text}
            status, _place, answer = self._ask(
                "POST", f"/practice/{self.attempt_id}/send", data=body
            )
            del self.unsure[key]
            if status == 200:
                self.kept.add(key)
            else:
                assert status == 409, answer  # the customer has gone; the page keeps the text


@pytest.fixture
def reception_server(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "course"
    publish(app, folder, FILES)
    made = Server(settings, folder)
    made.start()
    yield made
    made.kill()


def keep_talking(agent: Agent, count: Count) -> None:
    while True:
        agent.say()
        count.one_more()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_line_is_lost_or_doubled_however_often_the_server_dies(
    app: Flask, reception_server: Server, make_person: MakePerson, sign_in: SignIn
) -> None:
    agents = []
    for number in range(PEOPLE):
        person = make_person()
        with app.app_context(), transaction():
            enrolments.enrol(person.id, person.team_id, "short", now=utc_now())
        cookie = sign_in(person).get_cookie("session")
        assert cookie is not None
        agents.append(Agent(reception_server.port, cookie.value, random.Random(number)))
    all_do(agents, Agent.take_seat)  # type: ignore[arg-type]  # agents are sitters

    for nth in range(KILLS):
        until_it_dies(
            reception_server,
            agents,
            keep_talking,  # type: ignore[arg-type]  # agents are sitters
            enough=RNG.randint(15, 50),
            workers_first=nth % 2 == 1,
        )
        reception_server.start()
        all_do(agents, Agent.send_again)  # type: ignore[arg-type]  # agents are sitters

    with app.app_context():
        for agent in agents:
            check(agent)
    for agent in agents:
        agent.hang_up()


def check(agent: Agent) -> None:
    """What was acknowledged is there once, in the order sent, and replays to the same talk."""
    found = attempts.get(agent.attempt_id)
    lines = db.session.scalars(
        select(PracticeLine)
        .where(PracticeLine.attempt_id == agent.attempt_id)
        .order_by(PracticeLine.id)
    ).all()
    own = [line for line in lines if line.role == "agent"]
    assert {line.key for line in own} == agent.kept
    assert len(own) == len(agent.kept) > 5
    numbers = [int(str(line.key).rpartition("-")[2]) for line in own]
    assert numbers == sorted(numbers)

    row = db.session.scalars(
        select(PracticeCustomer).where(PracticeCustomer.attempt_id == agent.attempt_id)
    ).one()
    scenario = queries.finder(found, {row.scenario: row.digest})[row.scenario]
    log = customer.Log(
        begun_ms=row.arrived_ms,
        events=tuple(Event(line.at_ms, "line", text=line.text) for line in own),
        until_ms=row.last_ms,
    )
    words = forbidden_words.words_of(attempts.catalogue_of(found))
    _condition, said, marks = customer.replay(scenario, row.seed, log, words=words)
    told = [(line.at_ms, line.text) for line in lines if line.role == "buyer"]
    assert [(each.at_ms, each.text) for each in said] == told
    assert [mark.to_json() for mark in marks] == [line.mark for line in own]
