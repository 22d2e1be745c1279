"""The small course of ``cstrain.testing``, and people led along it through the real services."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
from flask import Flask
from sqlalchemy import event, select

from cstrain import testing
from cstrain.core.certification.models import Certificate
from cstrain.core.evidence.outcome import ContentRef, Outcome, Shortfall
from cstrain.core.pathway import attempts, by_hand, decisions, enrolments
from cstrain.core.pathway.gates import Verdict
from cstrain.kit.db import db, transaction
from tests.plugins.shop import NOW, Someone

RNG = random.Random(3)


@dataclass(frozen=True, slots=True)
class Course:
    """Leads people along; every step opens a context of its own."""

    app: Flask
    kind: testing.FakeKind

    def enrol(self, person: Someone, *, at: datetime = NOW) -> int:
        """Begin the pathway; gives the enrolment."""
        with self.app.app_context(), transaction():
            return enrolments.enrol(person.id, person.team_id, None, now=at).id

    def take(
        self, person: Someone, slug: str, score: float | None = 1.0, *, at: datetime = NOW
    ) -> int:
        """Begin and close an attempt; gives its id."""
        lost = () if score is None or score >= 0.8 else (_WEAK,)
        outcome = Outcome(score, shortfalls=lost, summary={"zh": f"得分 {score}", "en": f"{score}"})
        self.kind.outcome = outcome
        with self.app.app_context(), transaction():
            attempt = attempts.start(person.id, slug, now=at, rng=RNG)
            attempts.close(attempt.id, by=person.id, now=at)
            return attempt.id

    def sign(
        self,
        enrolment_id: int,
        by: Someone,
        *,
        accepted: bool = True,
        reason: str = "接满一个班",
        at: datetime = NOW,
    ) -> None:
        """A trainer signs."""
        with self.app.app_context(), transaction():
            row = decisions.locked_enrolment(enrolment_id)
            by_hand.sign_off(row, accepted=accepted, reason=reason, by=by.id, now=at)

    def override(
        self, enrolment_id: int, by: Someone, *, reason: str = "系统故障，补录", at: datetime = NOW
    ) -> None:
        """Somebody passes the gate by hand."""
        with self.app.app_context(), transaction():
            row = decisions.locked_enrolment(enrolment_id)
            by_hand.override(row, Verdict.PASS, reason=reason, by=by.id, now=at)

    def fail_out(self, person: Someone, *, at: datetime = NOW) -> int:
        """Fail the first exam as often as is allowed; gives the enrolment."""
        enrolment_id = self.enrol(person, at=at)
        self.take(person, "lesson", at=at)
        for nth in range(3):
            later = at + timedelta(hours=nth)
            self.take(person, "first-exam", 0.5, at=later)
            if nth < 2:
                self.take(person, "lesson", at=later + timedelta(minutes=5))
        return enrolment_id

    def reach_live(self, person: Someone, *, at: datetime = NOW) -> int:
        """Pass everything but the last signature; gives the enrolment."""
        enrolment_id = self.enrol(person, at=at)
        self.take(person, "lesson", at=at)
        self.take(person, "first-exam", 0.9, at=at)
        self.take(person, "second-exam", 0.85, at=at)
        return enrolment_id

    def certify(self, person: Someone, by: Someone, *, at: datetime = NOW) -> str:
        """Pass everything; gives the certificate's number."""
        enrolment_id = self.reach_live(person, at=at)
        self.sign(enrolment_id, by, at=at)
        with self.app.app_context():
            return db.session.scalars(
                select(Certificate.number).where(Certificate.enrolment_id == enrolment_id)
            ).one()


_WEAK = Shortfall(ContentRef("section:lesson.1"), 0.5, 4, "wrong_answers")


@pytest.fixture
def course(app: Flask, tmp_path: Path) -> Course:
    """The small course, published, and people led along it."""
    kind = testing.FakeKind()
    testing.install(app, kind)
    testing.publish(app, tmp_path / "course")
    return Course(app, kind)


class Statements:
    """Counts the SQL statements sent while it is open, transactions' ends aside."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            self._engine = db.engine
        self.sent: list[str] = []

    def __enter__(self) -> Self:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, *arguments: object) -> None:
        statement = str(arguments[2])
        if not statement.startswith("PRAGMA"):
            self.sent.append(statement)
