"""A pathway with an exam, a typing test and a signature, and one trainee led along it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cstrain import testing
from cstrain.core.catalogue import active
from cstrain.core.catalogue.kinds import AttemptView
from cstrain.core.evidence.outcome import ContentRef, Outcome, Shortfall
from cstrain.core.pathway import attempts, by_hand, decisions, enrolments, standing
from cstrain.core.pathway.gates import Verdict
from cstrain.core.pathway.models import DecisionRow, Enrolment, PlanStep
from cstrain.core.pathway.standing import Standing
from cstrain.core.people.access import Role
from cstrain.kit.db import db, transaction
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Someone

PATHWAY = """\
slug: three-exams
title: {zh: 三考上岗, en: Three exams to duty}
summary: {zh: 样例路径, en: A sample pathway}
certificate:
  title: {zh: 客服上岗证, en: Certificate}
  valid_days: 365
  queues: [{zh: 售前, en: Pre-sales}]
stages:
  - slug: basic
    title: {zh: 基础培训, en: Basic training}
    summary: {zh: 可以旁听。, en: You may listen.}
    learn: ["1.1", "1.2"]
    practise: [drill]
    gate:
      title: {zh: 培训考核, en: Basic assessment}
      rule:
        all:
          - done: {activities: ["1.1", "1.2"]}
          - score_at_least: {activity: exam, ratio: 0.8}
          - on_one_attempt:
              activity: typing
              rules:
                - measure_at_least: {measure: fake_cpm, value: 40}
                - measure_at_least: {measure: fake_accuracy_ratio, value: 0.95}
      attempts: {exam: 2, typing: 5}
      delay_minutes: {exam: 30}
  - slug: post
    title: {zh: 岗位培训, en: Post training}
    summary: {zh: 可以试接。, en: You may try.}
    learn: ["2.1"]
    practise: []
    gate:
      title: {zh: 商品考核, en: Product assessment}
      rule: {done: {activities: ["2.1"]}}
  - slug: live
    title: {zh: 实战, en: Live practice}
    summary: {zh: 可以上岗。, en: You may serve.}
    learn: []
    practise: []
    gate:
      title: {zh: 实战考核, en: Live assessment}
      rule: {signed_off: {role: trainer, about: {zh: 接满一个班, en: Served a shift}}}
"""


def file_of(slug: str, *lines: str, text: str = "") -> str:
    """A file of the fake kind."""
    head = ["kind: fake", f'slug: "{slug}"', f'title: {{zh: 标题{slug}, en: "Title {slug}"}}']
    return "\n".join(["---", *head, *lines, "---", text])


def lesson(slug: str, *sections: str, text: str = "") -> str:
    """A lesson that teaches sections."""
    rows = [f'  "{ref}": {{zh: 小节{ref}, en: "Section {ref}"}}' for ref in sections]
    return file_of(slug, "sections:", *rows, text=text)


COURSE: Mapping[str, str] = {
    "course/chapter.yaml": testing.SMALL_COURSE["course/chapter.yaml"],
    "course/1.1.md": lesson("1.1", "1.1.1", "1.1.2"),
    "course/1.2.md": lesson("1.2", "1.2.1"),
    "course/2.1.md": lesson("2.1", "2.1.1"),
    "exams/exam.md": file_of("exam", "exam: true", "limit_s: 1800"),
    "exams/typing.md": file_of("typing", "exam: true"),
    "exams/drill.md": file_of("drill"),
    "exams/extra.md": file_of("extra", "exam: true"),
    "pathways/three-exams.yaml": PATHWAY,
}


def lost(target: str, ratio: float = 0.5) -> Shortfall:
    return Shortfall(ContentRef(target), ratio, 3, "wrong_answers")


@dataclass(slots=True)
class Way:
    """One trainee's way; every step opens a context and a transaction of its own.

    Attributes:
        now: The time of the next step; ``later`` moves it.
    """

    app: Flask
    kind: testing.FakeKind
    folder: Path
    trainee: Someone
    trainer: Someone
    manager: Someone
    now: datetime = NOW
    enrolment_id: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def enrol(self) -> int:
        with self.app.app_context(), transaction():
            row = enrolments.enrol(self.trainee.id, self.trainee.team_id, None, now=self.now)
            self.enrolment_id = row.id
        return self.enrolment_id

    def start(self, slug: str) -> AttemptView:
        with self.app.app_context(), transaction():
            return attempts.start(self.trainee.id, slug, now=self.now, rng=self.rng)

    def close(
        self,
        attempt: AttemptView,
        score: float | None = 1.0,
        shortfalls: Sequence[Shortfall] = (),
        **measures: float,
    ) -> str | None:
        """Close an attempt; gives the verdict it led to."""
        self.kind.outcome = Outcome(score, measures, shortfalls, {"zh": "结果", "en": "Result"})
        with self.app.app_context(), transaction():
            row = attempts.close(attempt.id, by=self.trainee.id, now=self.now)
            return row.verdict if row else None

    def take(
        self,
        slug: str,
        score: float | None = 1.0,
        shortfalls: Sequence[Shortfall] = (),
        **measures: float,
    ) -> str | None:
        """Begin and close an attempt; gives the verdict it led to."""
        return self.close(self.start(slug), score, shortfalls, **measures)

    def type(self, cpm: float, accuracy: float = 1.0, score: float | None = 1.0) -> str | None:
        """Take the typing test."""
        return self.take(
            "typing",
            score,
            [lost("activity:drill")],
            fake_cpm=cpm,
            fake_accuracy_ratio=accuracy,
        )

    def learn(self, *slugs: str) -> None:
        for slug in slugs:
            self.take(slug)

    def pass_basic(self) -> str | None:
        self.learn("1.1", "1.2")
        self.take("exam", 0.9)
        return self.type(50)

    def reach_live(self) -> None:
        self.enrol()
        self.pass_basic()
        self.learn("2.1")

    def use_up_exam(self) -> None:
        """Fail the exam twice, the plan done in between."""
        self.learn("1.1", "1.2")
        self.take("exam", 0.5, [lost("section:1.1.2")])
        self.learn("1.1")
        self.later(minutes=31)
        self.take("exam", 0.6, [lost("section:1.2.1")])

    def by_hand(self, call: Any, *arguments: Any, by: Someone | None = None, **named: Any) -> Any:
        """Call a function of ``decisions`` on the enrolment; gives the verdict, if any."""
        with self.app.app_context(), transaction():
            row = decisions.locked_enrolment(self.enrolment_id)
            found = call(row, *arguments, by=(by or self.trainer).id, now=self.now, **named)
            return found.verdict if found is not None else None

    def sign(self, *, accepted: bool = True, by: Someone | None = None, reason: str = "好") -> Any:
        return self.by_hand(by_hand.sign_off, by=by, accepted=accepted, reason=reason)

    def grant(
        self, slug: str = "exam", *, reason: str = "当天停电", by: Someone | None = None
    ) -> Any:
        return self.by_hand(by_hand.grant_attempt, slug, reason=reason, by=by)

    def override(self, verdict: Verdict = Verdict.PASS, *, by: Someone | None = None) -> Any:
        return self.by_hand(by_hand.override, verdict, reason="系统故障", by=by)

    def second(self, by: Someone, *, agrees: bool = True) -> None:
        with self.app.app_context(), transaction():
            row = db.session.scalars(
                select(DecisionRow)
                .where(DecisionRow.by_person_id.is_not(None))
                .order_by(DecisionRow.id.desc())
            ).first()
            assert row is not None
            enrolment = decisions.locked_enrolment(row.enrolment_id)
            by_hand.second(row, enrolment, agrees=agrees, by=by.id, now=self.now)

    def publish(self, **changes: str) -> None:
        """Publish the course with some files changed, and let the process see it."""
        testing.publish(self.app, self.folder, {**COURSE, **changes})
        with self.app.app_context():
            active.active().reload()

    def stand(self) -> Standing:
        with self.app.app_context():
            return standing.of_enrolment(self.enrolment_id)

    def lock(self, slug: str, *, is_exam: bool = True) -> str | None:
        """The code of the lock on an activity."""
        found = self.stand().lock(slug, is_exam=is_exam, now=self.now)
        return found.code if found else None

    def state(self) -> str:
        found = self.stand()
        return found.stages[found.position].state

    def enrolment(self) -> Enrolment:
        with self.app.app_context():
            return db.session.get_one(Enrolment, self.enrolment_id)

    def decisions(self) -> list[DecisionRow]:
        with self.app.app_context():
            return list(
                db.session.scalars(
                    select(DecisionRow)
                    .where(DecisionRow.enrolment_id == self.enrolment_id)
                    .order_by(DecisionRow.id)
                )
            )

    def plan(self, *, is_open: bool = True) -> list[PlanStep]:
        with self.app.app_context():
            rows = db.session.scalars(
                select(PlanStep)
                .where(PlanStep.enrolment_id == self.enrolment_id)
                .order_by(PlanStep.id)
            )
            return [row for row in rows if (row.done_at is None) is is_open]


@pytest.fixture
def way(app: Flask, make_team: MakeTeam, make_person: MakePerson, tmp_path: Path) -> Way:
    """The course, published, a trainee who is not on it yet, a trainer and a manager."""
    kind = testing.FakeKind()
    testing.install(app, kind)
    testing.publish(app, tmp_path / "course", COURSE)
    team = make_team()
    return Way(
        app,
        kind,
        tmp_path / "course",
        make_person(team=team),
        make_person(Role.TRAINER, team=team),
        make_person(Role.MANAGER, team=team),
    )
