"""An assessment waits for a trainer, who marks it beside the transcript."""

from __future__ import annotations

from sqlalchemy import select

from cstrain.core.review import service as reviews
from cstrain.core.review.models import Review, ReviewMark
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.activities.live_practice.practice_course import Reception

RIGHT = "抱歉让您等了，今天 16 点前发货。"


def finished(reception: Reception) -> int:
    """An assessment with one answered customer, handed in; gives its review."""
    reception.begin("desk-exam", "")
    reception.wait(3.1)
    reception.wait(60)
    who = {each["nick"]: each["id"] for each in reception.state["customers"]}
    reception.send(RIGHT, customer=who["山茶"])
    reception.wait(300)
    reception.finish()
    with reception.app.app_context():
        return db.session.scalars(select(Review.id)).one()


def test_the_rules_propose_and_leave_the_rest_to_the_trainer(reception: Reception) -> None:
    review_id = finished(reception)

    with reception.app.app_context():
        rows = db.session.scalars(select(ReviewMark).where(ReviewMark.review_id == review_id))
        marks = {row.criterion: row for row in rows}
    assert set(marks) == {"facts", "outcome", "manner"}
    assert marks["facts"].proposed is not None
    assert marks["facts"].proposed_note["zh"]
    assert marks["manner"].proposed is None
    kept = {str(number) for number in range(1, len(reception.lines()) + 1)}
    assert {line for row in marks.values() for line in row.proposed_lines} <= kept


def test_the_transcript_stands_beside_the_rubric(reception: Reception) -> None:
    review_id = finished(reception)

    page = reception.staff.get(f"/reviews/{review_id}")

    assert page.status_code == 200
    assert RIGHT in page.text
    for number in range(1, len(reception.lines()) + 1):
        assert f'data-line="{number}"' in page.text


def test_after_the_marking_the_trainee_sees_marks_and_the_veteran(reception: Reception) -> None:
    review_id = finished(reception)
    now = utc_now()
    with reception.app.app_context():
        for criterion, value in (("facts", 3), ("outcome", 2), ("manner", 3)):
            with transaction():
                marks = {criterion: reviews.Draft(is_marked=True, value=value)}
                reviews.save(review_id, marks, by=reception.trainer.id, now=now)
        with transaction():
            reviews.complete(review_id, by=reception.trainer.id, now=now)

    page = reception.client.get(reception.url)
    with reception.statements() as noted:
        reception.client.get(reception.url)

    assert len(noted) <= 8, "\n".join(noted)
    first, second = sorted(reception.evidence(), key=lambda row: row.id)
    assert (first.score, second.supersedes_id) == (None, first.id)
    assert second.score is not None
    assert second.measures == first.measures
    assert "老客服会说" in page.text
    assert "和批改不一样的，以批改为准" in page.text
