"""The demo shop's notice: some have confirmed it, some have not."""

from __future__ import annotations

from sqlalchemy import select

from cstrain.core.people.models import Person
from cstrain.desk.cases.models import Notice, NoticeReading
from cstrain.kit.db import db
from tests.plugins.pages import Site


def test_some_of_the_demo_shop_have_confirmed_its_notice(site: Site) -> None:
    with site.app.app_context():
        notice = db.session.scalars(select(Notice).order_by(Notice.id)).first()
        assert notice is not None
        rows = db.session.execute(
            select(Person.employee_no, NoticeReading.answer_count, NoticeReading.confirmed_at)
            .join(NoticeReading, NoticeReading.person_id == Person.id)
            .where(NoticeReading.notice_id == notice.id)
        ).all()

    confirmed = {row.employee_no: row.answer_count for row in rows if row.confirmed_at}
    assert confirmed == {"S003": 2, "S008": 1, "S010": 1, "S011": 1, "S012": 1}
    assert len(rows) == 12
    assert all(row.confirmed_at is None or row.confirmed_at < notice.due_at for row in rows)
