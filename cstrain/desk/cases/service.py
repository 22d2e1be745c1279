"""Publishing, confirming and withdrawing notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from cstrain.core.people.access import Role
from cstrain.core.people.hooks import Arrival
from cstrain.core.people.models import Membership
from cstrain.desk.cases.models import Notice, NoticeAnswer, NoticeReading
from cstrain.kit.clock import day_start, local_day
from cstrain.kit.db import db, insert_for
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext
from cstrain.kit.outbox import tell

OPTIONS_LEAST, OPTIONS_MOST = 2, 4
#: Whoever joins later has at least so long.
NEWCOMER_TIME = timedelta(days=1)
#: Notes that a page is in sight come every few seconds; a longer silence is none of reading.
BEAT_MOST_S = 20
#: More is not counted.
READ_MOST_S = 3600
#: A notice that is due later than this is none.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice as its writer hands it in.

    Attributes:
        batch: Only people of this batch; None for the whole team.
        body: Markdown.
        options: Two to four answers to choose from.
        right_index: Which of them is right, from 0.
        explanation: Shown after a wrong answer; may be empty.
        due_on: The last day, by the team's clock.
        least_s: So long the page must have been in sight before an answer counts.
    """

    title: str
    body: str
    question: str
    options: Sequence[str]
    right_index: int
    due_on: date
    batch: str | None = None
    explanation: str = ""
    least_s: int = 0


def due_at(due_on: date, timezone: str) -> datetime:
    """The last minute of a day by the team's clock, which reads as that day."""
    return day_start(due_on + timedelta(days=1), timezone) - timedelta(minutes=1)


def publish(team_id: int, timezone: str, draft: Draft, *, by: int, now: datetime) -> Notice:
    """Send a notice to the agents who are in the team, or in the batch, now.

    Raises:
        InvalidError: If it has no question that can be answered, the day is past, or nobody
            would get it.
    """
    if draft.due_on > local_day(now, timezone) + LONGEST:
        raise InvalidError(_("截止日期最远是一年以后。"))
    until = due_at(draft.due_on, timezone)
    options = list(draft.options)
    if not OPTIONS_LEAST <= len(options) <= OPTIONS_MOST or len(set(options)) != len(options):
        raise InvalidError(_("写 2 到 4 个不同的选项。"))
    if not 0 <= draft.right_index < len(options):
        raise InvalidError(_("标出哪个选项是对的。"))
    if until <= now:
        raise InvalidError(_("截止日期已经过了。"))
    people = _agents(team_id, draft.batch)
    if not people:
        raise InvalidError(_("没有人会收到：店铺里或这个批次里还没有学员。"))
    notice = Notice(
        team_id=team_id,
        batch=draft.batch or None,
        title=draft.title,
        body=draft.body,
        question=draft.question,
        options=options,
        right_index=draft.right_index,
        explanation=draft.explanation,
        least_s=draft.least_s,
        due_at=until,
        by_person_id=by,
        published_at=now,
    )
    db.session.add(notice)
    db.session.flush()
    _give(notice, people, due=until, now=now)
    return notice


def _agents(team_id: int, batch: str | None) -> list[int]:
    """The people a notice of the team, or the batch, goes to."""
    chosen = select(Membership.person_id).where(
        Membership.team_id == team_id,
        Membership.role == Role.TRAINEE,
        Membership.until_at.is_(None),
    )
    if batch:
        chosen = chosen.where(Membership.batch == batch)
    return list(db.session.scalars(chosen.order_by(Membership.person_id)))


def _give(notice: Notice, people: Sequence[int], *, due: datetime, now: datetime) -> None:
    """Open readings and tell the people."""
    db.session.execute(
        insert_for(NoticeReading).on_conflict_do_nothing(index_elements=["notice_id", "person_id"]),
        [
            {
                "notice_id": notice.id,
                "person_id": person_id,
                "team_id": notice.team_id,
                "due_at": due,
                "answer_count": 0,
                "read_s": 0,
            }
            for person_id in people
        ],
    )
    for person_id in people:
        tell(
            person_id,
            "notice_to_read",
            f"notice:{notice.id}",
            team_id=notice.team_id,
            data={"notice_id": notice.id, "title": notice.title, "due_at": due.isoformat()},
            now=now,
        )


def welcome(arrival: Arrival) -> None:
    """Give somebody who takes up work in a team the notices that still matter there.

    Those are the ones that are not withdrawn, not yet due, and for the whole team or the
    person's batch. Runs inside the transaction of the arrival.
    """
    if arrival.role is not Role.TRAINEE:
        return
    batch = db.session.scalar(
        select(Membership.batch).where(
            Membership.person_id == arrival.person_id,
            Membership.team_id == arrival.team_id,
            Membership.role == Role.TRAINEE,
            Membership.until_at.is_(None),
        )
    )
    notices = db.session.scalars(
        select(Notice).where(
            Notice.team_id == arrival.team_id,
            Notice.withdrawn_at.is_(None),
            Notice.due_at > arrival.at,
            Notice.batch.is_(None) | (Notice.batch == batch),
        )
    ).all()
    for notice in notices:
        due = max(notice.due_at, arrival.at + NEWCOMER_TIME)
        _give(notice, [arrival.person_id], due=due, now=arrival.at)


def answer(notice_id: int, chosen_index: int, *, by: int, now: datetime) -> bool:
    """Take an answer to the notice's question; gives whether it was right.

    A right one confirms the reading. Once confirmed, later answers change nothing. After a wrong
    one the time in sight begins again.

    Raises:
        NotFoundError: If the notice was not sent to the person.
        ConflictError: If it was withdrawn.
        InvalidError: If there is no such option, or the page was not in sight long enough.
    """
    reading, notice = _held(notice_id, by)
    if notice.withdrawn_at is not None:
        raise ConflictError(_("这条通知已经撤回，不用再读了。"))
    if not 0 <= chosen_index < len(notice.options):
        raise InvalidError(_("选一个答案再提交。"))
    if reading.confirmed_at is not None:
        return True
    if left_s(notice, reading):
        raise InvalidError(ngettext("再看 %(count)s 秒就可以答了。", left_s(notice, reading)))
    is_right = chosen_index == notice.right_index
    db.session.add(
        NoticeAnswer(reading_id=reading.id, chosen_index=chosen_index, is_right=is_right, at=now)
    )
    reading.answer_count += 1
    if is_right:
        reading.confirmed_at = now
    elif notice.least_s:
        reading.read_s, reading.beat_at = 0, None
    db.session.flush()
    return is_right


def _held(notice_id: int, person_id: int) -> tuple[NoticeReading, Notice]:
    """Somebody's reading, held, and its notice.

    Raises:
        NotFoundError: If the notice was not sent to the person.
    """
    row = db.session.execute(
        select(NoticeReading, Notice)
        .join(Notice, Notice.id == NoticeReading.notice_id)
        .where(NoticeReading.notice_id == notice_id, NoticeReading.person_id == person_id)
        .with_for_update(of=NoticeReading)
    ).first()
    if row is None:
        raise NotFoundError
    return row[0], row[1]


def left_s(notice: Notice, reading: NoticeReading) -> int:
    """How long the page must still be in sight before an answer counts, in seconds."""
    return max(notice.least_s - reading.read_s, 0)


def beat(notice_id: int, *, by: int, now: datetime) -> int:
    """Note that somebody has a notice in sight; gives ``left_s``.

    Time counts between two notes that lie close together, so a page that is left open behind
    others, and a second window, count nothing twice.

    Raises:
        NotFoundError: If the notice was not sent to the person.
    """
    reading, notice = _held(notice_id, by)
    since_s = BEAT_MOST_S + 1
    if reading.beat_at is not None:
        since_s = int((now - reading.beat_at).total_seconds())
    if 0 <= since_s <= BEAT_MOST_S and reading.beat_at is not None:
        reading.read_s = min(reading.read_s + since_s, READ_MOST_S)
        reading.beat_at += timedelta(seconds=since_s)
    elif since_s > 0:
        reading.beat_at = now
    db.session.flush()
    return left_s(notice, reading)


def withdraw(notice_id: int, *, by: int, now: datetime) -> bool:
    """Take a notice back: nobody need read it any more; gives whether it was still out."""
    done = db.session.execute(
        update(Notice)
        .where(Notice.id == notice_id, Notice.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_by_person_id=by)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


def restore(notice_id: int, *, now: datetime) -> bool:
    """Undo a withdrawal; gives whether there was one.

    Readings, confirmed ones too, are as they were. Who joined meanwhile gets one while the
    notice is not due.
    """
    notice = db.session.scalars(
        select(Notice).where(Notice.id == notice_id).with_for_update()
    ).first()
    if notice is None or notice.withdrawn_at is None:
        return False
    notice.withdrawn_at = notice.withdrawn_by_person_id = None
    db.session.flush()
    people = _agents(notice.team_id, notice.batch) if notice.due_at > now else []
    if people:
        _give(notice, people, due=max(notice.due_at, now + NEWCOMER_TIME), now=now)
    return True


def tell_overdue(*, now: datetime) -> int:
    """Tell those whose time is over, once each; gives how many are late."""
    rows = db.session.execute(
        select(NoticeReading.person_id, Notice.id, Notice.team_id, Notice.title)
        .join(Notice, Notice.id == NoticeReading.notice_id)
        .join(
            Membership,
            (Membership.person_id == NoticeReading.person_id)
            & (Membership.team_id == NoticeReading.team_id)
            & (Membership.role == Role.TRAINEE)
            & Membership.until_at.is_(None),
        )
        .where(
            NoticeReading.confirmed_at.is_(None),
            NoticeReading.due_at <= now,
            NoticeReading.due_at > now - timedelta(days=7),
            Notice.withdrawn_at.is_(None),
        )
    ).all()
    for row in rows:
        tell(
            row.person_id,
            "notice_overdue",
            f"notice:{row.id}",
            team_id=row.team_id,
            data={"notice_id": row.id, "title": row.title},
            now=now,
        )
    return len(rows)
