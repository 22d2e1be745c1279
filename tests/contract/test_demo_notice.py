"""The demo shop's notices and chats: what some have done, and some have not."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import select

from cstrain.core.people.models import Person
from cstrain.core.review.models import APPEAL, Review
from cstrain.desk.cases import queries
from cstrain.desk.cases.models import Notice, NoticeReading
from cstrain.desk.chats.models import ChatConversation
from cstrain.desk.quality.models import ChatReview
from cstrain.desk.quality.reviewing import KIND
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db
from tests.plugins.actors import Site

#: Of the chat that the tests paste beside the demo shop's own.
PASTED_ON = date(2026, 10, 20)


def test_some_of_the_demo_shop_have_confirmed_its_notice(site: Site) -> None:
    with site.app.app_context():
        notice = db.session.scalars(select(Notice).where(Notice.title.contains("双 11"))).one()
        rows = db.session.execute(
            select(Person.employee_no, NoticeReading.answer_count, NoticeReading.confirmed_at)
            .join(NoticeReading, NoticeReading.person_id == Person.id)
            .where(NoticeReading.notice_id == notice.id)
        ).all()

    confirmed = {row.employee_no: row.answer_count for row in rows if row.confirmed_at}
    assert confirmed == {"S003": 2, "S008": 1, "S010": 1, "S011": 1, "S012": 1}
    assert len(rows) == 12
    assert all(row.confirmed_at is None or row.confirmed_at < notice.due_at for row in rows)


def test_the_demo_shops_chats_are_marked_appealed_and_made_cases_of(site: Site) -> None:
    with site.app.app_context():
        states = db.session.execute(
            select(Review.state, Review.reason)
            .join(ChatReview, ChatReview.id == Review.subject_id)
            .join(ChatConversation, ChatConversation.id == ChatReview.conversation_id)
            .where(Review.kind == KIND, ChatConversation.day != PASTED_ON)
        ).all()
        document = db.session.scalars(select(Notice).where(Notice.title.startswith("案例"))).first()
        assert document is not None
        late = [each.name for each in queries.overdue([document.team_id], now=utc_now())]

    counts = Counter(tuple(row) for row in states)
    appeals = {("done", APPEAL): 1, ("open", APPEAL): 1}
    assert counts == {("done", ""): 12, ("open", ""): 2, **appeals}
    assert "秦建国" in late
