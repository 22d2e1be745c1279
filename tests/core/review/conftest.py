"""A kind that is marked by a rubric, a trainee who hands in, and trainers who mark."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cstrain import testing
from cstrain.core.catalogue.kinds import ActivityKind
from cstrain.core.evidence import ledger
from cstrain.core.evidence.marks import Proposal, ReviewRequest
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.core.pathway import attempts
from cstrain.core.people.access import Role
from cstrain.core.review import correcting, service
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.service import Draft
from cstrain.kit.db import db, transaction
from tests.core.pathway.conftest import COURSE, Way
from tests.plugins.shop import MakePerson, MakeTeam, Someone

RUBRIC = """\
slug: reception
title: {zh: 接待评分表, en: Reception}
sections:
  - key: all
    title: {zh: 全部, en: All}
    criteria:
      - key: facts
        title: {zh: 事实, en: Facts}
        kind: scale
        most: 4
        weight: 3
        needs_evidence: true
        allows_na: true
        rule: facts
        relearn: ["section:1.1.2"]
      - key: words
        title: {zh: 红线, en: Red line}
        weight: 1
        cap: 0.4
        rule: forbidden
"""
REQUEST = ReviewRequest(
    "reception",
    {
        "facts": Proposal(0.8, lines=("2",), note={"zh": "说错一处", "en": "One is wrong"}),
        "forbidden": Proposal(1.0),
    },
)
UNCLEAR = ReviewRequest("reception", {"forbidden": Proposal(1.0)})
FULL: Mapping[str, Draft] = {
    "facts": Draft(is_marked=True, value=4),
    "words": Draft(is_marked=True, value=1),
}
SHORT: Mapping[str, Draft] = {
    "facts": Draft(is_marked=True, value=2, note="运费说反了", lines=("2",)),
    "words": Draft(is_marked=True, value=1),
}


class MarkedKind(testing.FakeKind):
    """Its unmarked attempts are marked by a rubric, never accepted or refused."""

    settle = ActivityKind.settle


class Desk(Way):
    """A way whose attempts are marked; every step opens a context and a transaction."""

    def hand_in(self, slug: str = "exam", request: ReviewRequest | None = REQUEST) -> int:
        """Hand in what a person must mark; gives the attempt."""
        self.kind.review = request
        attempt = self.start(slug)
        self.close(attempt, None, fake_cpm=30)
        return attempt.id

    def review(self) -> Review:
        """The newest review."""
        with self.app.app_context():
            return db.session.scalars(select(Review).order_by(Review.id.desc())).first() or Review()

    def marks(self) -> dict[str, ReviewMark]:
        """The marks of the newest review."""
        with self.app.app_context():
            return service.marks_of(self.review().id)

    def save(self, drafts: Mapping[str, Draft], by: Someone | None = None) -> service.Saved:
        with self.app.app_context(), transaction():
            by_id = (by or self.trainer).id
            return service.save(self.review().id, drafts, by=by_id, now=self.now)

    def complete(self, by: Someone | None = None) -> float | None:
        with self.app.app_context(), transaction():
            by_id = (by or self.trainer).id
            return service.complete(self.review().id, by=by_id, now=self.now).ratio

    def mark(self, drafts: Mapping[str, Draft] = FULL, by: Someone | None = None) -> float | None:
        self.save(drafts, by)
        return self.complete(by)

    def correct(self, by: Someone | None = None, reason: str = "看漏了一行") -> int:
        with self.app.app_context(), transaction():
            by_id = (by or self.trainer).id
            return correcting.correct(self.review().id, reason=reason, by=by_id, now=self.now)

    def evidence(self, attempt_id: int) -> EvidenceView:
        """What stands for an attempt."""
        with self.app.app_context():
            return ledger.view(attempts.standing_evidence(attempt_id))


@pytest.fixture
def desk(app: Flask, make_team: MakeTeam, make_person: MakePerson, tmp_path: Path) -> Desk:
    """The course with a rubric, and a trainee who has learned what the exam asks for."""
    kind = MarkedKind()
    testing.install(app, kind)
    course = {**COURSE, "rubrics/reception.yaml": RUBRIC}
    testing.publish(app, tmp_path / "course", course)
    team = make_team()
    made = Desk(
        app,
        kind,
        tmp_path / "course",
        make_person(team=team),
        make_person(Role.TRAINER, team=team),
        make_person(Role.MANAGER, team=team),
    )
    made.enrol()
    made.learn("1.1", "1.2")
    return made
