"""The ledger: rows are only ever added, and a correction supersedes exactly one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cstrain.core.evidence import ledger
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import ContentRef, Outcome, Shortfall
from cstrain.kit.db import db, transaction
from tests.plugins.shop import NOW, MakePerson, Someone

WEAK = Shortfall(ContentRef("section:1.1"), 0.25, 4, "wrong_answers")
FULL = Outcome(0.75, {"net_cpm": 41.5}, (WEAK,), {"zh": "四十一", "en": "forty-one"})


@pytest.fixture
def person(make_person: MakePerson) -> Someone:
    return make_person()


def add(app: Flask, person: Someone, outcome: Outcome = FULL, **more: object) -> int:
    values: dict[str, object] = {"at": None, "supersedes_id": None, **more}
    with app.app_context(), transaction():
        return ledger.add(
            outcome,
            person_id=person.id,
            team_id=person.team_id,
            enrolment_id=None,
            cycle=1,
            activity="typing",
            kind="fake",
            source_kind="import",
            source_id=None,
            content_digest="d",
            by=None,
            now=NOW,
            **values,  # type: ignore[arg-type]  # checked by the tests themselves
        )


def test_what_is_kept_comes_back_as_it_was(app: Flask, person: Someone) -> None:
    add(app, person, at=NOW - timedelta(hours=1))

    with app.app_context():
        row = db.session.scalars(select(Evidence)).one()
        view = ledger.view(row)
        assert view.outcome == FULL
        assert (view.at, row.recorded_at) == (NOW - timedelta(hours=1), NOW)


def test_a_correction_stands_in_the_place_of_what_it_corrects(app: Flask, person: Someone) -> None:
    first = add(app, person)
    second = add(app, person, Outcome(1.0), supersedes_id=first)
    third = add(app, person, Outcome(0.5), supersedes_id=second)

    with app.app_context():
        standing = db.session.scalars(ledger.standing_rows()).all()
        assert [row.id for row in standing] == [third]
        assert len(db.session.scalars(select(Evidence)).all()) == 3


def test_one_row_is_corrected_once(app: Flask, person: Someone) -> None:
    first = add(app, person)
    add(app, person, supersedes_id=first)

    with pytest.raises(IntegrityError):
        add(app, person, supersedes_id=first)


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_is_a_ratio(score: float) -> None:
    with pytest.raises(ValueError, match="ratio"):
        Outcome(score)


@pytest.mark.parametrize("figure", [float("nan"), float("inf")])
def test_a_measure_is_finite(figure: float) -> None:
    with pytest.raises(ValueError, match="net_cpm"):
        Outcome(1.0, {"net_cpm": figure})
