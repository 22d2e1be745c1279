"""The case document: new cases that go out to a team's agents by a rule, to be read."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, func, select, update

from cstrain.core.people.models import Team
from cstrain.desk.cases import service, text
from cstrain.desk.cases.models import CaseRule, Notice, TypicalCase
from cstrain.desk.cases.service import Draft
from cstrain.kit.clock import local_day
from cstrain.kit.db import db, insert_for
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _

log = logging.getLogger(__name__)

#: A document that holds more is not read; the rest comes with the next.
CASES_MOST: Final = 5
EVERY_DAYS, READ_DAYS = (1, 14), (1, 7)
#: Of the day, by the clock of Shanghai.
SENT_AT_HOUR: Final = 8
_TITLE_SIGNS: Final = 60


@dataclass(frozen=True, slots=True)
class Outlook:
    """What comes next in a team.

    Attributes:
        rule: None where nothing goes out by itself.
        next_on: The day on which the cases that wait go out; None without a rule.
    """

    rule: CaseRule | None
    next_on: date | None
    waiting: Sequence[TypicalCase]


def next_on(last_on: date | None, every_days: int, today: date) -> date:
    """The day of the next document: days that were missed are not made up one by one."""
    return today if last_on is None else max(last_on + timedelta(days=every_days), today)


def outlook(team: Team, *, now: datetime) -> Outlook:
    """What comes next in a team. Three statements."""
    rule, day = db.session.get(CaseRule, team.id), None
    if rule is not None:
        # Today's hour may be over.
        first = local_day(now + timedelta(hours=24 - SENT_AT_HOUR), team.timezone)
        day = next_on(_last_on(team), rule.every_days, first)
    return Outlook(rule, day, waiting(team.id))


def waiting(team_id: int) -> list[TypicalCase]:
    """The cases that have not gone out yet, oldest first."""
    return list(db.session.scalars(_waiting(team_id).limit(100)))


def _waiting(team_id: int) -> Select[TypicalCase]:
    return (
        select(TypicalCase)
        .where(
            TypicalCase.team_id == team_id,
            TypicalCase.notice_id.is_(None),
            TypicalCase.withdrawn_at.is_(None),
        )
        .order_by(TypicalCase.id)
    )


def _last_on(team: Team) -> date | None:
    """The local day of the last document."""
    last = db.session.scalar(
        select(func.max(Notice.published_at))
        .join(TypicalCase, TypicalCase.notice_id == Notice.id)
        .where(Notice.team_id == team.id)
    )
    return local_day(last, team.timezone) if last else None


def set_rule(team_id: int, every_days: int, read_days: int, *, by: int, now: datetime) -> None:
    """Let documents go out every so many days, in the name of who says so.

    Raises:
        InvalidError: If a number is out of range.
    """
    for days, (least, most) in ((every_days, EVERY_DAYS), (read_days, READ_DAYS)):
        if not least <= days <= most:
            raise InvalidError(_("这里填 %(least)s 到 %(most)s。", least=least, most=most))
    values = {"every_days": every_days, "read_days": read_days, "by_person_id": by, "at": now}
    db.session.execute(
        insert_for(CaseRule)
        .values(team_id=team_id, **values)
        .on_conflict_do_update(index_elements=["team_id"], set_=values)
    )


def end_rule(team_id: int) -> None:
    """Let nothing go out by itself any more."""
    db.session.execute(delete(CaseRule).where(CaseRule.team_id == team_id))


def send(team: Team, *, read_days: int, by: int, now: datetime) -> Notice:
    """Send the cases that wait, five at most, as one notice; its question is the last one's.

    Raises:
        InvalidError: If there is none, or nobody would get it.
    """
    # Held, so that two who send at once do not send the same.
    cases = db.session.scalars(_waiting(team.id).limit(CASES_MOST).with_for_update()).all()
    if not cases:
        raise InvalidError(_("没有新的案例可发。"))
    today = local_day(now, team.timezone)
    body = "\n\n".join(_part(number, case) for number, case in enumerate(cases, start=1))
    asked = cases[-1]
    notice = service.publish(
        team.id,
        team.timezone,
        Draft(
            title=_title(cases, today),
            body=body,
            question=f"{asked.title}：{asked.question}" if len(cases) > 1 else asked.question,
            options=list(asked.options),
            right_index=0,
            explanation=asked.explanation,
            due_on=today + timedelta(days=read_days - 1),
            least_s=text.least_s(body),
        ),
        by=by,
        now=now,
    )
    db.session.execute(
        update(TypicalCase)
        .where(TypicalCase.id.in_([each.id for each in cases]))
        .values(notice_id=notice.id)
    )
    return notice


def _title(cases: Sequence[TypicalCase], today: date) -> str:
    """In Chinese, as all that is written for agents."""
    more = f" 等 {len(cases)} 个" if len(cases) > 1 else ""
    return f"案例 {today.month} 月 {today.day} 日：{cases[0].title[:_TITLE_SIGNS]}{more}"


def _part(number: int, case: TypicalCase) -> str:
    sort = "好的，照着做" if case.is_good else "要改的"
    made = text.markdown(
        happened=case.happened,
        chat=case.chat,
        better=case.better,
        headings=("聊天", "好在哪" if case.is_good else "该怎么说"),
        level=3,
    )
    return f"## {number}. {text.plain(case.title)}（{sort}）\n\n{made}"


def send_due(*, now: datetime) -> int:
    """Send what is due by the teams' rules; gives how many documents went out.

    Called daily; after days on which nothing ran, what waits goes out at once.
    """
    rows = db.session.execute(
        select(CaseRule, Team).join(Team, Team.id == CaseRule.team_id).order_by(Team.id)
    ).all()
    sent = 0
    for rule, team in rows:
        today = local_day(now, team.timezone)
        if next_on(_last_on(team), rule.every_days, today) > today or not waiting(team.id):
            continue
        try:
            send(team, read_days=rule.read_days, by=rule.by_person_id, now=now)
        except InvalidError as error:
            log.warning("team %s: the cases wait: %s", team.id, error)
        else:
            sent += 1
    return sent
