"""A small course with a reflection, somebody who writes and somebody who marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from cstrain.activities.reflection.models import Reflection
from cstrain.core.evidence import ledger
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.core.pathway import attempts
from cstrain.core.review.models import Review
from cstrain.kit.db import db
from cstrain.testing import SMALL_COURSE
from tests.plugins.shop import Someone

TEXT = "买家问几点发，我回“今天发”，其实过了 16:00。\n\n下次先看钟：“现在付，明天发。”"
LOOK_BACK = """\
---
kind: reflection
slug: look-back
title: {zh: 回头看一句承诺, en: Look back at a promise}
sections: [lesson.1]
minutes: 10
least: 20
most: 200
---
挑一句你答应过的话。

1. 买家问的是什么，你回的是哪一句？
2. 下次第一句怎么说？
"""
RUBRIC = """\
slug: reflection
title: {zh: 心得评分表, en: Rubric for a reflection}
sections:
  - key: all
    title: {zh: 心得, en: Reflection}
    criteria:
      - key: cause
        title: {zh: 找到了原因, en: It finds a cause}
        kind: scale
        most: 4
        relearn: ["section:lesson.1"]
"""
COURSE: Mapping[str, str] = {
    **SMALL_COURSE,
    "pathways/three-exams.yaml": SMALL_COURSE["pathways/three-exams.yaml"].replace(
        "practise: []", "practise: [look-back]", 1
    ),
    "rubrics/reflection.yaml": RUBRIC,
    "reflections/look-back.md": LOOK_BACK,
}


@dataclass
class Desk:
    """The application with the course, a trainee's browser and a trainer's."""

    app: Flask
    trainee: Someone
    trainer: Someone
    page: FlaskClient
    staff: FlaskClient

    def begin(self) -> str:
        """Begin, or go on; gives the sheet's address."""
        return self.page.post("/reflections/look-back/start").location

    def save(self, url: str, text: str, version: object = 0, writer: str = "a") -> TestResponse:
        data = {"text": text, "version": version, "writer": writer}
        return self.page.post(f"{url}/draft", json=data, headers={"Accept": "application/json"})

    def hand_in(self, url: str, text: str = TEXT, version: int = 0, **more: str) -> TestResponse:
        form = {"text": text, "version": str(version), "action": "hand_in", **more}
        return self.page.post(url, data=form)

    def kept(self, url: str) -> str:
        with self.app.app_context():
            query = select(Reflection.text).where(Reflection.attempt_id == self.number(url))
            return db.session.scalars(query).one()

    def evidence(self, url: str) -> EvidenceView:
        with self.app.app_context():
            return ledger.view(attempts.standing_evidence(self.number(url)))

    def review(self) -> Review | None:
        with self.app.app_context():
            return db.session.scalars(select(Review).order_by(Review.id.desc())).first()

    @staticmethod
    def number(url: str) -> int:
        return int(url.rsplit("/", 1)[1])
