"""Taking out what was said, for good, in such a way that it can be told from tampering.

Counts, keys and commitments stay: figures do not change, the chain can be checked, and the same
export does not bring back what was erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select, update

from cstrain.desk.chats.models import (
    SEARCH,
    ChatConversation,
    ChatFollowUp,
    ChatFollowUpNote,
    ChatHandover,
    ChatHandoverItem,
    ChatMessage,
    ChatRefused,
)
from cstrain.desk.chats.service import chain_of
from cstrain.kit import bulk, chain, jobs
from cstrain.kit.db import db

#: The job that makes the pack of a hand-over.
PACK: Final = "chats.handover_pack"


def erase(
    conversation_ids: Sequence[int], *, team_id: int, reason: str, now: datetime
) -> int | None:
    """Erase conversations of a team, in the caller's transaction.

    Args:
        conversation_ids: Some thousand at most; of other teams none is touched.
        team_id: The team.
        reason: In one line, kept in the chain: a rule of retention, a request.
        now: The time.

    Returns:
        The number of the link that says so; None where nothing was left to erase.
    """
    rows = db.session.execute(
        select(
            ChatMessage.id,
            ChatMessage.conversation_id,
            ChatMessage.ordinal,
            ChatMessage.text,
            ChatMessage.commitment,
        )
        .join(ChatConversation, ChatConversation.id == ChatMessage.conversation_id)
        .where(ChatConversation.id.in_(conversation_ids), ChatConversation.team_id == team_id)
        .where(ChatMessage.erased_by.is_(None))
        .order_by(ChatMessage.id)
        .with_for_update()
    ).all()
    if not rows:
        return None
    link = chain.append_erasure(
        chain_of(team_id), reason, (bytes(row.commitment) for row in rows), now=now
    )
    texts: dict[int, list[str]] = {}
    for row in sorted(rows, key=lambda row: (row.conversation_id, row.ordinal)):
        texts.setdefault(row.conversation_id, []).append(row.text or "")
    SEARCH.remove(bulk.driver(), bulk.dialect(), list(texts.items()))
    db.session.execute(
        update(ChatMessage)
        .where(ChatMessage.conversation_id.in_(texts), ChatMessage.erased_by.is_(None))
        .values(text=None, source=None, salt=None, erased_by=link.number)
    )
    db.session.execute(
        update(ChatConversation)
        .where(ChatConversation.id.in_(texts))
        .values(buyer_nick="", buyer_key=None, erased_by=link.number)
    )
    _forget_tasks(list(texts))
    _forget_packs(list(texts))
    return link.number


def _forget_tasks(conversation_ids: Sequence[int]) -> None:
    """Forget what was to be done after conversations, in which the buyer's words may stand."""
    of_these = ChatFollowUp.conversation_id.in_(conversation_ids)
    db.session.execute(update(ChatFollowUp).where(of_these).values(task=""))
    db.session.execute(
        update(ChatFollowUpNote)
        .where(
            ChatFollowUpNote.what == "opened",
            ChatFollowUpNote.follow_up_id.in_(select(ChatFollowUp.id).where(of_these)),
        )
        .values(text="")
        .execution_options(synchronize_session=False)
    )


def _forget_packs(conversation_ids: Sequence[int]) -> None:
    """Take away the packs of hand-overs in which these conversations stand; each can be made anew.

    A pack that was made before another of the same hand-over goes, too.
    """
    handover_ids = db.session.scalars(
        select(ChatHandoverItem.handover_id)
        .join(ChatFollowUp, ChatFollowUp.id == ChatHandoverItem.follow_up_id)
        .where(ChatFollowUp.conversation_id.in_(conversation_ids))
        .distinct()
    ).all()
    jobs.take_files(PACK, {"handover": handover_ids})
    db.session.execute(
        update(ChatHandover)
        .where(ChatHandover.id.in_(handover_ids))
        .values(digest="")
        .execution_options(synchronize_session=False)
    )


def forget_refused(which: ColumnElement[bool]) -> None:
    """Forget what stood in these lines that were no messages, in the caller's transaction.

    Number and reason stay; notes about customers may stand in the lines.
    """
    db.session.execute(
        update(ChatRefused)
        .where(which, ChatRefused.source.is_not(None))
        .values(source=None, details={})
        .execution_options(synchronize_session=False)
    )
