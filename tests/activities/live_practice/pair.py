"""A trainer who plays the customer and a trainee who receives, as their two pages drive them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from werkzeug.test import TestResponse

from tests.activities.live_practice.practice_course import COURSE, Reception

PLAYED = """\
---
kind: live_practice
slug: played
title: {zh: 带教扮顾客, en: Your trainer is the customer}
use: practice
customer: person
---
"""
#: The course of the tests, with a session in which a trainer plays.
PAIR_COURSE = {**COURSE, "practice/played.md": PLAYED}


@dataclass
class Pair:
    """Both sides of a session; ``reception`` is the trainee's."""

    reception: Reception
    _keys: count[int] = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        return self.reception.url

    def open(self, scenario: str = "parcel-late", *, entered: bool = True) -> TestResponse:
        """The trainer begins, and the trainee comes in."""
        answer = self.reception.staff.post(
            "/practice/played/play",
            data={"person": self.reception.trainee.id, "scenario": scenario},
        )
        assert answer.status_code == 302, answer.text
        self.reception.attempt_id = int(answer.location.split("/")[-2])
        if entered:
            assert self.reception.client.get(self.url).status_code == 200
        return answer

    def say(self, text: str, /, **changes: Any) -> TestResponse:
        """The trainer speaks as the customer."""
        body = {"after": 0, "key": f"c{next(self._keys)}", "text": text, "mood": "calm", **changes}
        return self.reception.staff.post(f"{self.url}/say", json=body, headers=JSON)

    def answer(self, text: str) -> TestResponse:
        """The trainee answers."""
        self.reception.state = self.poll().get_json()
        return self.reception.send(text)

    def poll(self, tag: str = "", *, staff: bool = False) -> TestResponse:
        """One side asks for news."""
        client = self.reception.staff if staff else self.reception.client
        headers = {**JSON, **({"If-None-Match": tag} if tag else {})}
        return client.get(f"{self.url}/poll?after=0", headers=headers)

    def end(self, outcome: str = "", amount: str = "") -> TestResponse:
        """The trainer says how it ends."""
        form = {"outcome": outcome, "amount": amount}
        return self.reception.staff.post(f"{self.url}/end", data=form)


JSON = {"Accept": "application/json"}
