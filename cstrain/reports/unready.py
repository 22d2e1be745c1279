"""Who answered real customers without being on the way to it: for managers, above the duty list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import exists, func, select

from cstrain.core.certification.models import Certificate
from cstrain.core.pathway.models import Enrolment, StageState
from cstrain.core.pathway.overview import current_stage
from cstrain.core.people.access import Role
from cstrain.core.people.models import Identity, Membership
from cstrain.desk.chats.models import ChatAccount, ChatConversation
from cstrain.kit.db import db

DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Unready:
    """Somebody who served and may not yet.

    Attributes:
        account_id: The sub-account, the one with most of the chats.
        chat_count: Chats of the last days in which the person wrote.
    """

    person_id: int
    name: str
    account_id: int
    chat_count: int


def served_unready(team_id: int, *, today: date) -> Sequence[Unready]:
    """Who served in the last seven days, today among them, and might not, most chats first.

    That is a trainee without a certificate good on that day who has not passed the first gate of a
    pathway either: after it pathways let people serve beside a trainer. One statement.
    """
    was_good = exists().where(
        Certificate.person_id == ChatAccount.person_id,
        Certificate.state == "valid",
        Certificate.valid_from_on <= ChatConversation.day,
        Certificate.valid_until_on >= ChatConversation.day,
    )
    is_further = (
        select(StageState.enrolment_id)
        .join(Enrolment, current_stage())
        .where(
            Enrolment.person_id == ChatAccount.person_id,
            Enrolment.team_id == team_id,
            Enrolment.state == "active",
            StageState.position > 0,
        )
        .exists()
    )
    is_trainee = exists().where(
        Membership.person_id == ChatAccount.person_id,
        Membership.team_id == team_id,
        Membership.role == Role.TRAINEE,
        Membership.until_at.is_(None),
    )
    chats = func.count(ChatConversation.id)
    rows = db.session.execute(
        select(Identity.person_id, Identity.name, ChatAccount.id, chats)
        .join(ChatConversation, ChatConversation.account_id == ChatAccount.id)
        .join(Identity, Identity.person_id == ChatAccount.person_id)
        .where(
            ChatConversation.team_id == team_id,
            ChatConversation.day.between(today - timedelta(days=DAYS - 1), today),
            ChatConversation.agent_count > 0,
            is_trainee,
            ~was_good,
            ~is_further,
        )
        .group_by(Identity.person_id, Identity.name, ChatAccount.id)
        .order_by(chats.desc(), ChatAccount.id)
    ).all()
    found: dict[int, Unready] = {}
    for person_id, name, account_id, count in rows:
        before = found.get(person_id)
        first = before.account_id if before else account_id
        total = count + (before.chat_count if before else 0)
        found[person_id] = Unready(person_id, name, first, total)
    return list(found.values())
