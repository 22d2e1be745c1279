"""Writing papers, answers and grades. Nothing here commits or asks the clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import Row, Table, and_, bindparam, insert, or_, select, update

from cstrain.activities.quiz import blueprint
from cstrain.activities.quiz.models import Answer, AnswerEvent, GradedAnswer, ItemStat, Paper
from cstrain.activities.quiz.papers import Question, questions_of
from cstrain.activities.quiz.scoring import Marked, outcome_of
from cstrain.activities.quiz.spec import QuizSpec
from cstrain.kit.db import db, insert_for, insert_row, run
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import (
    GRACE_S,
    AttemptView,
    Outcome,
    canonical,
    catalogue_of,
    grading,
    paper,
    responses,
)

#: Papers looked at to find what a person has seen.
SEEN_PAPERS = 30
#: A page never gives so many answers; a number beyond it is forged.
MAX_SEQ = 1_000_000_000
GRACE = timedelta(seconds=GRACE_S)
#: Sums of points may lie a hair under a limit they have reached.
EPSILON = 1e-9

ReadForm = Callable[[paper.PublicItem, str], object]


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a page sent something, as it says: its own epoch, and a number that grows."""

    epoch: object
    seq: object


@dataclass(frozen=True, slots=True)
class Delivery:
    """One answer as a page sends it.

    Attributes:
        position: The question's place, from 0.
        raw: The answer, as JSON or read from form fields.
    """

    position: object
    raw: object


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a delivery.

    Attributes:
        counted: Whether it can stand as the answer.
        reason: Why it cannot: ``elsewhere`` (a newer page has been opened), ``closed`` (handed
            in) or ``late`` (the time was over); empty when it counts.
    """

    counted: bool
    reason: str = ""


def prepare(attempt: AttemptView, spec: QuizSpec, rng: random.Random) -> None:
    """Draw the paper and freeze it.

    Raises:
        ConflictError: If the bank cannot fill it, which publishing had checked.
    """
    use = spec.use.value
    try:
        drawn = blueprint.draw(spec, catalogue_of(attempt).bank, _seen(attempt.person_id, use), rng)
    except blueprint.ShortBankError as error:
        raise ConflictError(_("题库里的题不够组成这份卷子，请告诉带教老师。")) from error
    items = [
        [
            entry.item.id,
            entry.digest,
            list(paper.freeze(entry.item, rng).order),
            entry.item.points,
            entry.section,
        ]
        for entry in drawn
    ]
    insert_row(
        Paper,
        {
            "attempt_id": attempt.id,
            "person_id": attempt.person_id,
            "use": use,
            "items": items,
            "deadline_at": attempt.deadline_at,
        },
    )


def _seen(person_id: int, use: str) -> dict[str, int]:
    """How often a person has had a question on the latest papers of this use."""
    seen: dict[str, int] = {}
    for items in run(_SEEN, {"of_person": person_id, "for_use": use}).scalars():
        for item in items:
            seen[item[0]] = seen.get(item[0], 0) + 1
    return seen


_SEEN = (
    select(Paper.items)
    .where(Paper.person_id == bindparam("of_person"), Paper.use == bindparam("for_use"))
    .order_by(Paper.attempt_id.desc())
    .limit(SEEN_PAPERS)
)
_papers = cast("Table", Paper.__table__)
_OPEN_PAGE = (
    update(_papers)
    .where(_papers.c.attempt_id == bindparam("of_attempt"), _papers.c.closed_at.is_(None))
    .values(epoch=_papers.c.epoch + 1)
    .returning(_papers.c.epoch, _papers.c["items"], _papers.c.marked)
)


def open_page(attempt_id: int) -> tuple[int, list[Question], list[int]]:
    """Give a page its epoch, the paper and the marked places.

    With the new epoch every older page's answers count no more.

    Raises:
        ConflictError: If the attempt has been closed meanwhile.
    """
    row = run(_OPEN_PAGE, {"of_attempt": attempt_id}).first()
    if row is None:
        raise ConflictError(_("这次作答已经交了。"))
    epoch, items, marked = row
    return epoch, questions_of(items), marked


_PAPER = (
    select(Paper.person_id, Paper.items, Paper.epoch, Paper.deadline_at, Paper.closed_at)
    .where(Paper.attempt_id == bindparam("attempt_id"))
    .with_for_update()
)


def is_over(attempt: AttemptView, now: datetime) -> bool:
    """Whether deadline and grace of an attempt are over."""
    return attempt.deadline_at is not None and now > attempt.deadline_at + GRACE


def take_answer(  # noqa: PLR0913 - what, in which order, by whom and when
    attempt_id: int, delivery: Delivery, *, epoch: object, seq: object, by: int, now: datetime
) -> Taken:
    """Keep an answer; three statements, and a second delivery of the same changes nothing.

    Args:
        attempt_id: The attempt.
        delivery: Which question, and what was answered.
        epoch: That of the page, as it says.
        seq: Its number within the page, as it says; a later answer has a greater one.
        by: Who answers.
        now: When it arrived.

    Raises:
        NotFoundError: If it is not the attempt of ``by``.
        InvalidError: If place, epoch, number or answer cannot be.
        ConflictError: If another answer came under the same number.
    """
    row = _own_paper(attempt_id, by)
    event = _event(attempt_id, row, Stamp(epoch, seq), delivery)
    reason = _reason(row, event["epoch"], now)
    statements = _statements(db.engine.dialect.name)
    kept = run(statements.append, {**event, "received_at": now, "counted": not reason}).first()
    if kept is None:
        return _delivered_before(event, reason)
    if not reason:
        run(statements.keep, event)
    return Taken(not reason, reason)


def take_form(attempt_id: int, stamp: Stamp, read: ReadForm, *, by: int, now: datetime) -> Taken:
    """Keep all answers of a posted page that differ from what stands.

    Args:
        attempt_id: The attempt.
        stamp: The page's.
        read: Gives the JSON of an answer by question and name of its field; None where the
            page did not hold the question.
        by: Who posts.
        now: When.

    Raises:
        NotFoundError: If it is not the attempt of ``by``.
        InvalidError: If an epoch, number or answer cannot be.
    """
    row = _own_paper(attempt_id, by)
    given = {
        position: raw
        for position, question in enumerate(questions_of(row.items))
        if (raw := read(question.public, field_name(position))) is not None
    }
    standing = answers(attempt_id) if given else {}
    events = []
    for position, raw in given.items():
        event = _event(attempt_id, row, stamp, Delivery(position, raw))
        before = standing.get(position)
        is_news = (
            _says_something(event["response"]) if before is None else (before != event["response"])
        )
        if is_news:
            events.append(event)
    reason = _reason(row, _whole(stamp.epoch, row.epoch), now)
    if events:
        statements = _statements(db.engine.dialect.name)
        run(
            statements.append_all,
            [{**event, "received_at": now, "counted": not reason} for event in events],
        )
        if not reason:
            run(statements.keep, events)
    return Taken(not reason, reason)


def take_marks(attempt_id: int, places: object, *, epoch: object, by: int, now: datetime) -> Taken:
    """Keep which questions somebody wants to look at again; two statements.

    Args:
        attempt_id: The attempt.
        places: All places that are marked now, from 0.
        epoch: That of the page, as it says; an older page's marks do not count.
        by: Who marks.
        now: When.

    Raises:
        NotFoundError: If it is not the attempt of ``by``.
        InvalidError: If epoch or places cannot be.
    """
    row = _own_paper(attempt_id, by)
    of_page = _whole(epoch, row.epoch)
    reason = _reason(row, of_page, now)
    if not isinstance(places, list) or len(places) > len(row.items):
        raise InvalidError(_("卷子上没有这一题，请刷新页面。"))
    marked = sorted({_place(place, row) for place in places})
    if not reason:
        values = {"of_attempt": attempt_id, "of_page": of_page, "places": marked}
        if not run(_MARK, values).rowcount:
            reason = "elsewhere"  # a page was opened since the paper was read
    return Taken(not reason, reason)


_MARK = (
    update(_papers)
    .where(_papers.c.attempt_id == bindparam("of_attempt"), _papers.c.epoch == bindparam("of_page"))
    .values(marked=bindparam("places", type_=_papers.c.marked.type))
)


def field_name(position: int) -> str:
    """The name of a question's form fields."""
    return f"q{position + 1}"


def answers(attempt_id: int) -> dict[int, Mapping[str, Any]]:
    """The answers that stand, by place."""
    rows = run(_ANSWERS, {"of_attempt": attempt_id})
    return {row[0]: row[1] for row in rows}


_ANSWERS = select(Answer.position, Answer.response).where(
    Answer.attempt_id == bindparam("of_attempt")
)


def close(attempt: AttemptView, *, now: datetime) -> Outcome:
    """Grade what stands, keep it in words, and give the outcome."""
    items = run(_CLOSE, {"of_attempt": attempt.id, "at": now}).scalars().one()
    marked = _mark(questions_of(items), answers(attempt.id))
    rows = [_graded_row(attempt, each) for each in marked]
    run(_KEEP_GRADED, rows)
    _count(attempt.team_id, marked)
    return outcome_of(marked, _duration_s(attempt, now))


_CLOSE = (
    update(_papers)
    .where(_papers.c.attempt_id == bindparam("of_attempt"))
    .values(closed_at=bindparam("at"))
    .returning(_papers.c["items"])
)


_KEEP_GRADED = insert(cast("Table", GradedAnswer.__table__))


def regrade(attempt: AttemptView, *, now: datetime) -> Outcome:
    """Grade a closed attempt again; the team's figures are left alone."""
    row = db.session.execute(
        select(Paper.items, Paper.closed_at).where(Paper.attempt_id == attempt.id)
    ).one()
    marked = _mark(questions_of(row.items), answers(attempt.id))
    for each in marked:
        db.session.execute(
            update(GradedAnswer)
            .where(GradedAnswer.attempt_id == attempt.id, GradedAnswer.position == each.position)
            .values(ratio=each.graded.ratio, is_right=each.graded.is_right)
        )
    return outcome_of(marked, _duration_s(attempt, row.closed_at or now))


def _duration_s(attempt: AttemptView, closed_at: datetime) -> float:
    """Seconds from the first look to the end, at most to the deadline."""
    end = min(closed_at, attempt.deadline_at) if attempt.deadline_at else closed_at
    return max((end - attempt.started_at).total_seconds(), 0.0)


def _mark(questions: Sequence[Question], given: Mapping[int, Mapping[str, Any]]) -> list[Marked]:
    marked = []
    for position, question in enumerate(questions):
        raw = given.get(position)
        response = responses.clean_response(question.public, raw) if raw else None
        marked.append(
            Marked(
                position,
                question,
                grading.grade(question.frozen, response),
                raw,
                is_answered=response is not None and not response.is_empty,
            )
        )
    return marked


def _graded_row(attempt: AttemptView, each: Marked) -> dict[str, Any]:
    return {
        "attempt_id": attempt.id,
        "position": each.position,
        "team_id": attempt.team_id,
        "person_id": attempt.person_id,
        "item_id": each.question.public.id,
        "digest": each.question.digest,
        "section": each.question.section,
        "part_order": list(each.question.frozen.order),
        "response": each.response,
        "question": canonical.question_text(each.question.frozen.item, each.question.frozen.order),
        "given": each.graded.given_text,
        "right": each.graded.right_text,
        "ratio": each.graded.ratio,
        "points": each.question.points,
        "is_right": each.graded.is_right,
        "is_answered": each.is_answered,
    }


def _count(team_id: int, marked: Sequence[Marked]) -> None:
    """Add to the team's figures; in one order, so that two closings never wait for each other."""
    rows = [
        {
            "team_id": team_id,
            "item_id": each.question.public.id,
            "digest": each.question.digest,
            "section": each.question.section,
            "answered_count": 1,
            "wrong_count": int(not each.graded.is_right),
        }
        for each in sorted(marked, key=lambda each: each.question.public.id)
        if each.is_answered
    ]
    if rows:
        run(_statements(db.engine.dialect.name).count, rows)


def _own_paper(attempt_id: int, by: int) -> Row[Any]:
    """The paper, held against closing until the transaction ends.

    Raises:
        NotFoundError: If it is not the attempt of ``by``.
    """
    row = run(_PAPER, {"attempt_id": attempt_id}).first()
    if row is None or row.person_id != by:
        raise NotFoundError(_("没有这次作答。"))
    return row


def _whole(value: object, most: int) -> int:
    """A number from 1 to ``most``.

    Raises:
        InvalidError: If it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise InvalidError(_("这份答案的编号不对，请刷新页面。"))
    return value


def _place(value: object, row: Row[Any]) -> int:
    """The place of a question of the paper.

    Raises:
        InvalidError: If it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < len(row.items):
        raise InvalidError(_("卷子上没有这一题，请刷新页面。"))
    return value


def _event(attempt_id: int, row: Row[Any], stamp: Stamp, delivery: Delivery) -> dict[str, Any]:
    """A delivery, checked.

    Raises:
        InvalidError: If place, epoch, number or answer cannot be.
    """
    position = _place(delivery.position, row)
    (question,) = questions_of([row.items[position]])
    try:
        response = responses.clean_response(question.public, delivery.raw)
    except ValueError as error:
        raise InvalidError(str(error)) from error
    return {
        "attempt_id": attempt_id,
        "position": position,
        "epoch": _whole(stamp.epoch, row.epoch),
        "seq": _whole(stamp.seq, MAX_SEQ),
        "response": response.to_json(),
    }


def _reason(row: Row[Any], epoch: int, now: datetime) -> str:
    """Why an answer of this epoch does not count now; empty when it does."""
    if row.closed_at is not None:
        return "closed"
    if row.deadline_at is not None and now > row.deadline_at + GRACE:
        return "late"
    return "elsewhere" if epoch < row.epoch else ""


def _says_something(response: Mapping[str, Any]) -> bool:
    ((_name, value),) = response.items()
    if isinstance(value, Mapping):
        return any(value.values())
    return any(value) if isinstance(value, list) else bool(value)


def _delivered_before(event: Mapping[str, Any], reason: str) -> Taken:
    """What became of the first delivery of this number.

    Raises:
        ConflictError: If that was another answer.
    """
    first = db.session.execute(
        select(AnswerEvent.response, AnswerEvent.counted).where(
            AnswerEvent.attempt_id == event["attempt_id"],
            AnswerEvent.epoch == event["epoch"],
            AnswerEvent.seq == event["seq"],
            AnswerEvent.position == event["position"],
        )
    ).one()
    if first.response != event["response"]:
        raise ConflictError(_("同一个编号来过另一份答案，请刷新页面。"))
    return Taken(first.counted, "" if first.counted else reason or "elsewhere")


@dataclass(frozen=True, slots=True)
class _Statements:
    """Upserts, made once for each kind of database.

    Attributes:
        append: Keeps a delivery and gives its id; nothing when it was there.
        append_all: The same for many.
        keep: Makes it the answer unless a later one stands.
        count: Adds to a team's figures.
    """

    append: Any
    append_all: Any
    keep: Any
    count: Any


@cache
def _statements(dialect: str) -> _Statements:
    del dialect  # the cache's key; insert_for looks itself
    # Tables and not classes: the session would otherwise prepare objects that nobody asks for.
    events, answers_, stats = (
        cast("Table", model.__table__) for model in (AnswerEvent, Answer, ItemStat)
    )
    append = insert_for(events).on_conflict_do_nothing(
        index_elements=["attempt_id", "epoch", "seq", "position"]
    )
    answer = insert_for(answers_)
    new, old = answer.excluded, answers_.c
    keep = answer.on_conflict_do_update(
        index_elements=["attempt_id", "position"],
        set_={"response": new.response, "epoch": new.epoch, "seq": new.seq},
        where=or_(old.epoch < new.epoch, and_(old.epoch == new.epoch, old.seq < new.seq)),
    )
    stat = insert_for(stats)
    more, there = stat.excluded, stats.c
    count = stat.on_conflict_do_update(
        index_elements=["team_id", "item_id"],
        set_={
            "digest": more.digest,
            "section": more.section,
            "answered_count": there.answered_count + more.answered_count,
            "wrong_count": there.wrong_count + more.wrong_count,
        },
    )
    return _Statements(append.returning(events.c.id), append, keep, count)
