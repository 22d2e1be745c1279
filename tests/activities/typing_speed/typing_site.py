"""The application with typing content in it, and somebody who types."""

from __future__ import annotations

import html
import random
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cstrain.activities.typing_speed import queries
from cstrain.activities.typing_speed.models import TypingRun
from cstrain.core.evidence.models import Evidence
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.plugins.shop import Someone

PATHWAY = """\
slug: short
title: {zh: 打字, en: Typing}
summary: {zh: 只有打字, en: Typing only}
certificate:
  title: {zh: 证书, en: Certificate}
  valid_days: 30
stages:
  - slug: ready
    title: {zh: 打字, en: Typing}
    summary: {zh: 打字, en: Typing}
    learn: []
    practise: [typing-practice]
    gate:
      title: {zh: 打字关, en: Typing gate}
      rule:
        all:
          - on_one_attempt:
              activity: typing-basic
              rules:
                - measure_at_least: {measure: net_cpm, value: 40}
                - measure_at_least: {measure: accuracy_ratio, value: 0.95}
      attempts: {typing-basic: 3}
      delay_minutes: {typing-basic: 0}
"""
WRONG = "龘"
"""A character that no shipped passage holds."""

OFFICIAL = "/typing/typing-basic"
PRACTICE = "/typing/typing-practice"


def keyed(
    text: str, *, seed: int = 1, wrong_every: int = 0, until_ms: int | None = None
) -> list[list[Any]]:
    """The log of somebody who types a text, one character a commit, stretched to end in time."""
    rng = random.Random(seed)
    log: list[list[Any]] = []
    at = 0
    for place, wanted in enumerate(text):
        char = WRONG if wrong_every and place % wrong_every == 3 else wanted
        log += [[at, "k", "KeyN"], [at + 1, "s"]]
        for _ in range(2):
            at += rng.randint(90, 260)
            log.append([at, "k", "KeyI"])
        at += rng.randint(90, 260)
        log += [[at, "k", "Space"], [at + 1, "c", char], [at + 1, "e", place, 0, char, "ime"]]
        at += rng.randint(90, 400)
    if until_ms is not None:
        stretch = until_ms / log[-1][0]
        return [[int(event[0] * stretch), *event[1:]] for event in log]
    return log


@dataclass
class Site:
    """The application with typing content, and somebody who types."""

    app: Flask
    trainee: Someone
    trainer: Someone
    client: FlaskClient
    staff: FlaskClient
    url: str = ""
    log: list[list[Any]] = field(default_factory=list)

    def code(self) -> str:
        self.staff.post(f"/typing/proctor/{self.trainee.team_id}/code")
        page = self.staff.get("/typing/proctor").text
        found = re.search(r"data-code>(\w+)<", page)
        assert found is not None
        return found[1]

    def begin(self, slug: str, **form: str) -> str:
        answer = self.client.post(slug, data=form)
        assert answer.status_code == 302, answer.text
        self.url = answer.location
        return self.url

    def passage(self) -> str:
        page = self.client.get(self.url).text
        found = re.search(r"<template data-passage[^>]*>(.*?)</template>", page, re.DOTALL)
        assert found is not None
        return html.unescape(found[1])

    def post(self, name: str, data: object) -> Any:
        return self.client.post(
            f"{self.url}/{name}", json=data, headers={"Accept": "application/json"}
        )

    def type_in(self, chars: int, **how: Any) -> str:
        """Begin the clock, type, and let the server see as much time as the log says."""
        text = self.passage().replace("\n", "")[:chars]
        self.log = keyed(text, **how)
        assert self.post("start", {}).status_code == 200
        size = 400
        for number, start in enumerate(range(0, len(self.log), size), start=1):
            chunk = {"seq": number, "events": self.log[start : start + size]}
            assert self.post("chunks", chunk).status_code == 200
        self.shift_start(self.log[-1][0] + 300)
        return "".join(event[4] for event in self.log if event[1] == "e")

    def shift_start(self, ago_ms: int) -> None:
        with self.app.app_context(), transaction() as session:
            run = session.get_one(TypingRun, self.attempt_id)
            run.started_at = utc_now() - timedelta(milliseconds=ago_ms)

    def hand_in(self, final_value: str, **changes: object) -> Any:
        chunks = -(-len(self.log) // 400)
        body = {
            "seq": chunks,
            "final_value": final_value,
            "client_ms": self.log[-1][0] + 100,
            "finished": False,
        }
        return self.post("finish", {**body, **changes})

    @property
    def attempt_id(self) -> int:
        return int(self.url.rpartition("/")[2])

    def run(self) -> TypingRun:
        run = queries.run_of(self.attempt_id)
        db.session.expunge(run)
        return run

    def evidence(self) -> Evidence:
        return db.session.scalars(
            select(Evidence).where(Evidence.source_id == self.attempt_id).order_by(-Evidence.id)
        ).one()
