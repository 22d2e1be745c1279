"""The server killed under twenty people who answer: nothing acknowledged is lost, nothing doubled.

The server is the one that ``make run`` starts, its parent, workers and job process are killed by
SIGKILL while twenty people answer a live exam, and it is started again; the same attempts live
through all of it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from cstrain.activities.quiz.models import Answer, AnswerEvent
from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway.models import Attempt
from cstrain.kit.db import db
from tests.faults.sitters import CUT_OFF, Delivery, Sitter
from tests.plugins.school import School, right_number
from tests.plugins.server import Server
from tests.plugins.shop import MakePerson, SignIn

PEOPLE = 20
KILLS = 20
#: So many answers are acknowledged in a round before the server dies; a random number of these.
LIVES = (25, 90)
RNG = random.Random(20261111)


class Count:
    """Counts what is done, and lets somebody wait until it is enough."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._done = 0

    def one_more(self) -> None:
        with self._changed:
            self._done += 1
            self._changed.notify_all()

    def wait_for(self, enough: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._done >= enough, timeout=60)


@pytest.fixture
def sitters(
    school: School, server: Server, make_person: MakePerson, sign_in: SignIn
) -> Iterator[list[Sitter]]:
    made = []
    for number in range(PEOPLE):
        person = make_person()
        school.enrol(person, "exam-first")
        cookie = sign_in(person).get_cookie("session")
        assert cookie is not None
        made.append(Sitter(server.port, cookie.value, random.Random(number)))
    all_do(made, lambda each: each.begin("basic-exam"))
    yield made
    for each in made:
        each.hang_up()


def all_do(sitters: Sequence[Sitter], deed: Callable[[Sitter], None]) -> None:
    """Everybody does something at the same time."""
    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(deed, sitters))


def until_it_dies(
    server: Server,
    sitters: Sequence[Sitter],
    deed: Callable[[Sitter, Count], None],
    *,
    enough: int,
    workers_first: bool,
) -> None:
    """Let everybody act until the server is killed under them, after so many deeds."""
    count = Count()

    def act(each: Sitter) -> None:
        try:
            deed(each, count)
        except CUT_OFF:
            return

    with ThreadPoolExecutor(PEOPLE) as pool:
        done = [pool.submit(act, each) for each in sitters]
        count.wait_for(enough)
        server.kill(workers_first=workers_first)
    for each in done:
        each.result()
    for sitter in sitters:
        sitter.hang_up()


def keep_answering(sitter: Sitter, count: Count) -> None:
    while True:
        sitter.answer()
        count.one_more()


def hand_in(sitter: Sitter, count: Count) -> None:
    sitter.hand_in()
    count.one_more()


def resume(sitter: Sitter) -> None:
    """Send again what was never acknowledged: half from the old page, half after a reload."""
    is_reloaded = sitter.attempt_id % 2 == 0
    if is_reloaded:
        sheet = sitter.open()
        assert sitter.first is not None
        assert (sheet.questions, sheet.deadline) == (sitter.first.questions, sitter.first.deadline)
        for position, text in last_of(counting(sitter)).items():
            unsure = {each.text for each in sitter.waiting if each.position == position}
            assert sheet.given[position] in {text, *unsure}
    for sent in list(sitter.waiting):
        said = sitter.deliver(sent)
        assert said["counted"] or is_reloaded, said


def counting(sitter: Sitter) -> list[Delivery]:
    """The acknowledged answers that were said to count."""
    return [sent for sent, is_counted in sitter.told.items() if is_counted]


def last_of(deliveries: Sequence[Delivery]) -> dict[int, str]:
    """The text that stands for each question, where all of these counted."""
    ordered = sorted(deliveries, key=lambda each: (each.epoch, each.seq))
    return {each.position: each.text for each in ordered}


def kept(
    attempt_ids: Sequence[int],
) -> tuple[dict[int, list[AnswerEvent]], dict[int, dict[int, str]]]:
    """Every delivery by attempt, and the answers that stand by attempt and place."""
    db.session.rollback()
    events: dict[int, list[AnswerEvent]] = {each: [] for each in attempt_ids}
    found = select(AnswerEvent).where(AnswerEvent.attempt_id.in_(attempt_ids))
    for event in db.session.scalars(found.execution_options(populate_existing=True)):
        events[event.attempt_id].append(event)
    standing: dict[int, dict[int, str]] = {each: {} for each in attempt_ids}
    answers = select(Answer).where(Answer.attempt_id.in_(attempt_ids))
    for answer in db.session.scalars(answers.execution_options(populate_existing=True)):
        standing[answer.attempt_id][answer.position] = answer.response["text"]
    return events, standing


def check(sitters: Sequence[Sitter]) -> None:
    """All that was acknowledged is there, once; nothing else is; and the latest of it stands."""
    events, standing = kept([each.attempt_id for each in sitters])
    for sitter in sitters:
        rows = events[sitter.attempt_id]
        stored = [Delivery(e.epoch, e.seq, e.position, e.response["text"]) for e in rows]
        assert len(stored) == len(set(stored))
        assert set(stored) == set(sitter.told)
        counted = {each for each, row in zip(stored, rows, strict=True) if row.counted}
        assert counted == set(counting(sitter))
        assert standing[sitter.attempt_id] == last_of(counting(sitter))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_or_doubled_however_often_the_server_dies(
    school: School, server: Server, sitters: list[Sitter]
) -> None:
    for nth in range(KILLS - 1):
        enough = RNG.randint(*LIVES)
        until_it_dies(server, sitters, keep_answering, enough=enough, workers_first=nth % 2 == 1)
        server.start()
        all_do(sitters, resume)
        with school.app.app_context():
            check(sitters)

    until_it_dies(server, sitters, hand_in, enough=PEOPLE // 3, workers_first=True)
    server.start()
    all_do(sitters, Sitter.hand_in)

    with school.app.app_context():
        check(sitters)
        _events, standing = kept([each.attempt_id for each in sitters])
        for sitter in sitters:
            assert sitter.first is not None
            attempt = db.session.get_one(Attempt, sitter.attempt_id)
            row = db.session.scalars(
                select(Evidence).where(Evidence.source_id == sitter.attempt_id)
            ).one()
            given = standing[sitter.attempt_id]
            right = [
                position
                for position, question in enumerate(sitter.first.questions)
                if given.get(position) == right_number(f"-{question}")
            ]
            assert attempt.closed_at is not None
            assert row.measures["right_count"] == len(right)
