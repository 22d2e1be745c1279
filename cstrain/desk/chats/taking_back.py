"""Undoing an import within a day, as long as nothing rests on it.

What came in is erased like anything else, so the chain stays whole; its keys are given free, so
that the same file can be brought in again, read in another way.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import LargeBinary, delete, func, select, update

from cstrain.core.people.models import Team
from cstrain.desk.chats import hooks
from cstrain.desk.chats.erasing import erase, forget_refused
from cstrain.desk.chats.follow_ups import followed
from cstrain.desk.chats.keys import KEY_BYTES
from cstrain.desk.chats.models import ChatConversation, ChatImport, ChatMessage, ChatRefused
from cstrain.desk.chats.prepared import Counts
from cstrain.desk.chats.retention import held
from cstrain.desk.chats.service import lives, subject_of
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.jobs import Job

WITHIN: Final = timedelta(hours=24)
_AT_ONCE: Final = 500
_ASKED_AT_ONCE: Final = 5_000
_ENDED: Final = frozenset({"done", "cancelled", "failed"})


def is_open(row: ChatImport, *, now: datetime) -> bool:
    """Whether somebody may still ask for it; whether it can be done, ``begin`` tells.

    What was begun is gone on with, however late, where its job has ended before it.
    """
    if row.state == "taking_back":
        job = db.session.get(Job, row.job_id) if row.job_id else None
        return job is None or job.ended_at is not None
    is_recent = row.ended_at is not None and now - row.ended_at <= WITHIN
    return row.state in _ENDED and is_recent and bool(Counts.of(row.counts).messages)


def begin(import_id: int, *, now: datetime) -> ChatImport:
    """Let nobody go on with an import that is to be undone, in the caller's transaction.

    Raises:
        ConflictError: If it is too late, something is being brought in, or something rests on
            what came in; with the reason.
    """
    row = db.session.get_one(ChatImport, import_id, with_for_update=True, populate_existing=True)
    if not is_open(row, now=now):
        raise ConflictError(_("导入满 24 小时，或者已经撤回，不能再撤。"))
    if row.state == "taking_back":
        return row
    db.session.get_one(Team, row.team_id, with_for_update={"key_share": True})
    running = db.session.scalars(
        select(ChatImport).where(
            ChatImport.team_id == row.team_id,
            ChatImport.state == "running",
            ChatImport.runner != "",
        )
    )
    if any(lives(each, now) for each in running):
        raise ConflictError(_("有文件正在导入，等它导完再撤。"))
    if Counts.of(row.counts).grown:
        raise ConflictError(_("它给以前的会话补过消息，单独撤不出来。"))
    later = db.session.scalars(
        select(ChatImport.counts).where(
            ChatImport.team_id == row.team_id,
            ChatImport.id > import_id,
            ChatImport.state != "taken_back",
        )
    )
    if any(each.get("duplicates") or each.get("grown") for each in later):
        raise ConflictError(_("后来导入的文件和它有重复，先撤回后来的那一次。"))
    if _is_kept(import_id):
        raise ConflictError(_("里面有会话已经抽中、评过或要留着，不能撤。"))
    # From now on nobody draws, marks, holds or follows up what is going.
    db.session.execute(
        update(ChatConversation)
        .where(ChatConversation.import_id == import_id, ChatConversation.erased_by.is_(None))
        .values(erased_by=0)
    )
    row.state = "taking_back"
    return row


def _is_kept(import_id: int) -> bool:
    """Whether a room above needs one of its conversations."""
    ids = db.session.scalars(
        select(ChatConversation.id)
        .where(ChatConversation.import_id == import_id)
        .order_by(ChatConversation.id)
    ).all()
    pieces = [ids[start : start + _ASKED_AT_ONCE] for start in range(0, len(ids), _ASKED_AT_ONCE)]
    return any(
        held(piece) or followed(piece) or any(keeps(piece) for keeps in hooks.keeps)
        for piece in pieces
    )


def step(import_id: int, *, now: datetime) -> int:
    """Undo some conversations, in the caller's transaction; gives how many, 0 at the end."""
    row = db.session.get_one(ChatImport, import_id, populate_existing=True)
    ids = db.session.scalars(
        select(ChatConversation.id)
        .where(ChatConversation.import_id == import_id)
        .order_by(ChatConversation.id)
        .limit(_AT_ONCE)
    ).all()
    if not ids:
        forget_refused(ChatRefused.import_id == import_id)
        row.state = "taken_back"
        return 0
    erase(ids, team_id=row.team_id, reason=f"{subject_of(import_id)} taken back", now=now)
    # Numbers of conversations may be given again, so what is left belongs to none.
    free_key = func.substr(ChatMessage.commitment, 1, KEY_BYTES, type_=LargeBinary)
    db.session.execute(
        update(ChatMessage)
        .where(ChatMessage.conversation_id.in_(ids))
        .values(conversation_id=0, key=free_key)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        delete(ChatConversation)
        .where(ChatConversation.id.in_(ids))
        .execution_options(synchronize_session=False)
    )
    return len(ids)
