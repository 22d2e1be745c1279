"""What the made shop has at the desk: chats, marks and calibrations, cases, a hand-over."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from cstrain.core.pathway import attempts
from cstrain.core.review import opening
from cstrain.core.review import service as review_service
from cstrain.core.review.models import Review
from cstrain.core.review.rubric import Rubric
from cstrain.core.review.versions import rubric_of
from cstrain.desk.cases import case_service, documents, sharing, tips
from cstrain.desk.cases.case_service import CaseDraft
from cstrain.desk.cases.models import TypicalCase
from cstrain.desk.cases.tips import TipKind
from cstrain.desk.chats import follow_ups, handover, looking, pasting
from cstrain.desk.chats import jobs as chat_jobs
from cstrain.desk.chats import service as chat_archive
from cstrain.desk.chats.models import ChatConversation
from cstrain.desk.quality import appeals, calibrating, coaching, seconds
from cstrain.desk.quality import reviewing as chat_reviews
from cstrain.desk.quality import service as draws
from cstrain.desk.quality.calibration_models import Calibration, CalibrationChat, CalibrationPart
from cstrain.desk.quality.models import ChatReview, SampleDraw
from cstrain.desk.quality.plan import Window
from cstrain.desk.quality.plan_file import of_catalogue
from cstrain.desk.quality.risk import Reason
from cstrain.kit.db import db, insert_row, transaction
from cstrain.kit.uploads import Upload
from tests.plugins.actors import ACTORS, CHAT, TABLE_TOKEN, Actor, actor_of


def leave_cases(trainer: Actor, now: datetime) -> None:
    """A case that went out to be read, and one that waits for the rule."""
    draft = CaseDraft(
        title="没说几点就答应今天发",
        is_good=False,
        step="help",
        reason="promise",
        product="四件套",
        happened="顾客问多久发货，客服二十分钟后才回。",
        chat="顾客：多久发货\n客服：今天发",
        better="16:00 前付款今天发。",
        question="顾客问几点发，怎么回？",
        options=["16:00 前付款今天发", "今天发"],
    )
    team_id = trainer.team_id
    for is_sent in (True, False):
        with transaction():
            case_service.add(team_id, draft, source="none", source_id=None, by=trainer.id, now=now)
            documents.set_rule(team_id, 3, 2, by=trainer.id, now=now)
            if is_sent:
                documents.send_due(now=now)
    case_ids = db.session.scalars(select(TypicalCase.id)).all()
    for days in (-1, 1):
        at = now + timedelta(days=days)
        with transaction():
            session_id = sharing.plan(
                team_id, "周三分享", at, case_ids, by=trainer.id, now=at - timedelta(hours=1)
            )
            if days < 0:
                outcomes = {case_ids[0]: "先说几点"}
                sharing.record(
                    session_id, present=[trainer.id], outcomes=outcomes, outcome="周五改", now=now
                )
    with transaction():
        tips.tell(team_id, TipKind.REVIEW, "回得慢", "四件套", by=trainer.id, now=now)


def leave_chats(trainer: Actor, now: datetime) -> None:
    """A real chat that the trainer has pasted, a file that was looked at, half of another one."""
    pasted = pasting.read(CHAT, {}, now.date(), team_id=trainer.team_id)
    with transaction():
        pasting.save(CHAT, pasted, now.date(), team_id=trainer.team_id, by=trainer.id, now=now)
    upload = Upload(chat_jobs.KIND, trainer.id, f"{trainer.team_id}-{TABLE_TOKEN}")
    for name in (upload.table, f"{upload.table}.part"):
        Path(name).write_text(CHAT, encoding="utf-8")
    upload.tell(
        looking.look(
            upload.table, "一段.txt", {}, team_id=trainer.team_id, tell=lambda _done, _all: None
        )
    )


def _pasted() -> ChatConversation:
    """The chat that was pasted; the demo shop has others of its own."""
    newest = select(ChatConversation).order_by(ChatConversation.id.desc())
    found = db.session.scalars(newest).first()
    if found is None:
        raise LookupError("no chat was pasted")
    return found


def leave_marked_chat(trainee: Actor, trainer: Actor, now: datetime) -> None:
    """The pasted chat, in which a colleague wrote too, marked, of a trainee below average."""
    with transaction():
        chat = _pasted()
        chat_archive.assign(chat.account_id or 0, trainee.id, team_id=trainer.team_id)
        review_id = chat_reviews.choose(chat.id, team_ids=[trainer.team_id], by=trainer.id, now=now)
    with transaction():
        review = db.session.get_one(Review, review_id)
        subject_id, rubric = review.subject_id, rubric_of(review.rubric_digest)
        db.session.get_one(ChatReview, subject_id).reasons = Reason.BELOW_AVERAGE
        marks = {
            each.key: review_service.Draft(
                is_marked=True, value=1 if each.key == "facts" else each.full, lines=("1",)
            )
            for each in rubric
        }
        review_service.save(review_id, marks, by=trainer.id, now=now)
        review_service.complete(review_id, by=trainer.id, now=now)
        coaching.coach(subject_id, "facts", "先查再答", by=trainer.id, now=now)
        appeals.appeal(subject_id, "facts", "查过了再回的", by=trainee.id, now=now)


def leave_handover(trainee: Actor, trainer: Actor, now: datetime) -> None:
    """What is to be done after the pasted chat, handed to the trainee with its pack."""
    chat_id = _pasted().id
    with transaction():
        made = follow_ups.open_up(
            chat_id,
            "告诉顾客单号",
            team_id=trainer.team_id,
            owner_id=trainer.id,
            due_on=now.date(),
            by=trainer.id,
            now=now,
        )
        handover.hand_over(
            trainer.team_id,
            trainer.id,
            trainee.id,
            why="shift",
            note="仓库下午才回",
            follow_up_ids=[made],
            chats=[],
            by=trainer.id,
            now=now,
        )


def leave_calibrations(now: datetime) -> None:
    """The marked chat in a calibration that is compared, in one still blind, and marked twice."""
    trainer, manager = (actor_of(name, ACTORS[name]) for name in ("trainer", "manager"))
    marked = select(Review).where(Review.kind == chat_reviews.KIND, Review.state == "done")
    first = db.session.scalars(marked.order_by(Review.id.desc())).first()
    if first is None:
        raise LookupError("no marked chat")
    rubric = rubric_of(first.rubric_digest)
    for who, compared_at in ((trainer, now), (manager, None)):
        with transaction():
            session_id = insert_row(
                Calibration,
                {
                    "team_id": first.team_id,
                    "title": "一起评",
                    "rubric_digest": first.rubric_digest,
                    "by_person_id": trainer.id,
                    "opened_at": now,
                    "compared_at": compared_at,
                },
            )
            chat = {"calibration_id": session_id, "place": 1, "chat_review_id": first.subject_id}
            part = {"chat_id": insert_row(CalibrationChat, chat), "person_id": who.id}
            about = opening.About(
                kind=calibrating.KIND,
                subject_id=insert_row(CalibrationPart, part),
                team_id=first.team_id,
                person_id=first.person_id,
                activity=calibrating.ACTIVITY,
                for_person_id=who.id,
                beside_id=first.id,
            )
            review_id = opening.open_for(
                about, rubric, seconds.request_of(first.subject_id), now=now
            )
            if compared_at is not None:
                _mark_in_full(review_id, rubric, by=who.id, now=now)
    with transaction():
        about = opening.About(
            kind=seconds.KIND,
            subject_id=first.subject_id,
            team_id=first.team_id,
            person_id=first.person_id,
            activity=seconds.ACTIVITY,
            for_person_id=manager.id,
            beside_id=first.id,
        )
        review_id = opening.open_for(about, rubric, seconds.request_of(first.subject_id), now=now)
        _mark_in_full(review_id, rubric, by=manager.id, now=now)


def _mark_in_full(review_id: int, rubric: Rubric, *, by: int, now: datetime) -> None:
    full = {each.key: review_service.Draft(True, each.full) for each in rubric}  # noqa: FBT003
    review_service.save(review_id, full, by=by, now=now)
    review_service.complete(review_id, by=by, now=now)


def leave_draw(trainer: Actor, now: datetime) -> None:
    """The usual plan in force, and what it drew of the pasted chats, unless the demo has both."""
    if db.session.scalars(select(SampleDraw.id)).first():
        return
    first_on = _pasted().day or now.date()
    catalogue = attempts.catalogue_of(attempts.get(1))
    with transaction():
        plan = of_catalogue(catalogue)["every-agent"]
        row = draws.activate(trainer.team_id, plan, first_on=first_on, by=trainer.id, now=now)
        draw_id = draws.draw(row.id, Window(first_on, first_on), by=trainer.id, now=now)
        chat_reviews.open_drawn(draw_id, now=now)
