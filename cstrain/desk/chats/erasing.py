"""Taking out what was said, for good, in such a way that it can be told from tampering.

Counts, keys and commitments stay: figures do not change, the chain can be checked, and the same
export does not bring back what was erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select, update

from cstrain.desk.chats.models import (
    SEARCH,
    ChatConversation,
    ChatFollowUp,
    ChatFollowUpNote,
    ChatMessage,
    ChatRefused,
)
from cstrain.desk.chats.service import chain_of
from cstrain.kit import bulk, chain
from cstrain.kit.db import db


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


def forget_refused(import_ids: Sequence[int] | Select[int]) -> None:
    """Forget what stood in the lines of imports that were no messages, in the caller's transaction.

    Number and reason stay; notes about customers may stand in the lines.
    """
    db.session.execute(
        update(ChatRefused)
        .where(ChatRefused.import_id.in_(import_ids), ChatRefused.source.is_not(None))
        .values(source=None, details={})
        .execution_options(synchronize_session=False)
    )
