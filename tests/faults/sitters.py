"""People who sit an exam over HTTP as its page does, and remember what they were told."""

from __future__ import annotations

import html
import json
import random
import re
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

from tests.plugins.school import right_number

#: What a request raises when the server dies under it.
CUT_OFF = (OSError, HTTPException)
_COOKIE = "session"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An answer on its way."""

    epoch: int
    seq: int
    position: int
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a paper's page shows."""

    questions: tuple[str, ...]
    deadline: str
    given: dict[int, str]


@dataclass
class Sitter:
    """One person with an open attempt.

    Attributes:
        told: Every answer that was acknowledged, and whether it was said to count.
        waiting: Answers sent whose acknowledgement never came; the page keeps them.
    """

    port: int
    cookie: str
    rng: random.Random
    attempt_id: int = 0
    epoch: int = 0
    seq: int = 0
    csrf: str = ""
    first: Sheet | None = None
    told: dict[Delivery, bool] = field(default_factory=dict)
    waiting: list[Delivery] = field(default_factory=list)
    _connection: HTTPConnection | None = None

    def begin(self, slug: str) -> None:
        """Start the exam and open its paper."""
        self._ask("GET", f"/quiz/{slug}")
        status, place, _body = self._ask("POST", f"/quiz/{slug}/start", form={})
        assert status == 302, _body
        self.attempt_id = int(place.rpartition("/")[2])
        self.first = self.open()

    def open(self) -> Sheet:
        """Load the paper anew, as after a crash of the browser."""
        status, _place, page = self._ask("GET", f"/quiz/{self.attempt_id}")
        assert status == 200, page[:2000]
        self.epoch, self.seq = int(_found(r'data-epoch="(\d+)"', page)), 0
        stems = re.findall(r"(\d+) 加 100 是多少", page)
        given = re.findall(r'name="q(\d+)"[^>]*?value="([^"]*)"', page)
        return Sheet(
            tuple(stems),
            _found(r'data-deadline="(\d+)"', page),
            {int(number) - 1: html.unescape(text) for number, text in given if text},
        )

    def answer(self) -> None:
        """Answer some question, right every third time, and remember what came back."""
        assert self.first is not None
        self.seq += 1
        position = self.rng.randrange(len(self.first.questions))
        is_right = self.rng.random() < 1 / 3
        text = (
            right_number("-" + self.first.questions[position])
            if is_right
            else str(self.rng.randrange(10_000, 10_000_000))
        )
        self.deliver(Delivery(self.epoch, self.seq, position, text))

    def deliver(self, sent: Delivery) -> dict[str, Any]:
        """Send an answer, perhaps once more; waits until it is acknowledged."""
        if sent not in self.waiting:
            self.waiting.append(sent)
        body = {
            "epoch": sent.epoch,
            "seq": sent.seq,
            "position": sent.position,
            "response": {"text": sent.text},
        }
        status, _place, answer = self._ask("POST", f"/quiz/{self.attempt_id}/answer", data=body)
        assert status == 200, answer
        said: dict[str, Any] = json.loads(answer)
        assert said["saved"] is True
        self.waiting.remove(sent)
        self.told[sent] = said["counted"]
        return said

    def hand_in(self) -> None:
        """Hand in, sure."""
        form = {"epoch": self.epoch, "seq": self.seq + 1, "sure": 1}
        status, _place, page = self._ask("POST", f"/quiz/{self.attempt_id}/hand-in", form=form)
        assert status == 302, page[:2000]

    def hang_up(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(
        self,
        method: str,
        path: str,
        *,
        form: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
    ) -> tuple[int, str, str]:
        """A request; gives status, place to go on to, and the answer's text."""
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": f"{_COOKIE}={self.cookie}", "X-CSRFToken": self.csrf}
        body = None
        if data is not None:
            body = json.dumps(data)
            headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        elif form is not None:
            body = urlencode(form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except CUT_OFF:
            self.hang_up()
            raise
        for value in answer.headers.get_all("Set-Cookie") or ():
            if value.startswith(f"{_COOKIE}="):
                self.cookie = value.partition("=")[2].partition(";")[0]
        if found := re.search(r'name="csrf-token" content="([^"]+)"', text):
            self.csrf = found[1]
        return answer.status, answer.headers.get("Location", ""), text


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, (pattern, text[:2000])
    return found[1]
