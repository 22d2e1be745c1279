"""The quiz flow as a browser does it: start, open the paper, twenty answers, hand in, result."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

from benchmarks.load import Answer, Script, expect, request_bytes
from benchmarks.shop import EXAM, QUESTION_COUNT, Visitor

_EPOCH = re.compile(rb'data-epoch="(\d+)"')
_KIND = re.compile(rb'data-question="(\w+)"')
_RESPONSES = {
    b"single": {"choice": "a"},
    b"truefalse": {"choice": "a"},
    b"multiple": {"choices": ["a", "b"]},
}
#: start, paper, answers, hand-in, result
REQUEST_COUNT = 4 + QUESTION_COUNT


def start(visitor: Visitor) -> bytes:
    """The request that begins an attempt."""
    return _form(visitor, f"/quiz/{EXAM}/start", {})


def place(answer: Answer) -> str:
    """Where a redirect leads."""
    expect(answer, 302)
    return answer.headers["location"]


class Paper:
    """An open paper."""

    def __init__(self, visitor: Visitor, path: str, page: Answer) -> None:
        expect(page, 200)
        self.visitor, self.path, self.seq = visitor, path, 0
        found = _EPOCH.search(page.body)
        assert found is not None  # noqa: S101 - a paper that is open has an epoch
        self.epoch = int(found[1])
        self.kinds = _KIND.findall(page.body)
        assert len(self.kinds) == QUESTION_COUNT, "the paper has another number of questions"  # noqa: S101

    def answer(self, position: int) -> bytes:
        """The request that saves one answer."""
        self.seq += 1
        sent = {
            "position": position,
            "response": _RESPONSES[self.kinds[position]],
            "epoch": self.epoch,
            "seq": self.seq,
        }
        return request_bytes(
            "POST",
            f"{self.path}/answer",
            cookie=self.visitor.cookie,
            body=json.dumps(sent).encode(),
            kind="application/json",
            more=f"X-CSRFToken: {self.visitor.token}",
        )

    def hand_in(self) -> bytes:
        """The request that closes the attempt."""
        stamp = {"epoch": str(self.epoch), "seq": str(self.seq + 1), "sure": "1"}
        return _form(self.visitor, f"{self.path}/hand-in", stamp)


def open_paper(visitor: Visitor) -> Script:
    """Begin an attempt and leave it open."""
    path = place((yield start(visitor)))
    expect((yield get(visitor, path)), 200)


def attempt(visitor: Visitor) -> Script:
    """A whole attempt, to the gate's decision."""
    path = place((yield start(visitor)))
    paper = Paper(visitor, path, (yield get(visitor, path)))
    for position in range(QUESTION_COUNT):
        saved = yield paper.answer(position)
        expect(saved, 200)
        assert json.loads(saved.body)["counted"], saved.body  # noqa: S101 - never lost
    result = place((yield paper.hand_in()))
    expect((yield get(visitor, result)), 200)


def get(visitor: Visitor, path: str) -> bytes:
    """The request for a page."""
    return request_bytes("GET", path, cookie=visitor.cookie)


def _form(visitor: Visitor, path: str, values: dict[str, str]) -> bytes:
    body = urlencode({"csrf_token": visitor.token, **values}).encode()
    return request_bytes("POST", path, cookie=visitor.cookie, body=body)
