"""What a case can be made of: a real chat, a practice session; read and masked once more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cstrain.core.pathway import attempts
from cstrain.core.people.models import Identity, Membership
from cstrain.core.review.models import Review
from cstrain.core.review.subjects import marked_kind
from cstrain.desk.cases import text
from cstrain.desk.cases.models import CaseTip
from cstrain.desk.chats import queries as chats
from cstrain.desk.chats.message import Role
from cstrain.desk.chats.queries import Said
from cstrain.desk.quality.models import ChatReview
from cstrain.desk.quality.reviewing import KIND
from cstrain.kit.chat import ChatLine, Voice
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError

CHAT, ATTEMPT, TIP, NONE = "chat", "attempt", "tip", "none"
SOURCES: Final = (CHAT, ATTEMPT, TIP, NONE)
_VOICES: Final[Mapping[str, tuple[Voice, str]]] = {
    Role.BUYER: (Voice.CUSTOMER, "顾客"),
    Role.AGENT: (Voice.AGENT, "客服"),
    Role.BOT: (Voice.AUTO, "自动回复"),
    Role.AUTO: (Voice.AUTO, "自动回复"),
    Role.SYSTEM: (Voice.SYSTEM, "系统"),
}
_LETTERS: Final = "ABCDEFGHIJ"
#: What sub-accounts are often called: their work, which stands in every chat and names nobody.
_WORK: Final = re.compile(
    "(?:客服|售前|售后|接待|值班|[早中晚夜白]班|主管|店长|小二|助手|服务|官方|顾客|买家|系统)+"
    "[0-9A-Za-z一二三四五六七八九十]*[号组]?"
)


@dataclass(frozen=True, slots=True)
class Source:
    """What a case is made of.

    Attributes:
        kind: One of ``SOURCES``.
        team_id: Whose it is.
        chats: Each chat in it: the customer's name, and its text without what certainly tells
            who somebody is.
    """

    kind: str
    id: int | None
    team_id: int
    chats: Sequence[tuple[str, str]] = ()
    #: What somebody told, to begin with; empty for the others.
    told: str = ""
    product: str = ""
    #: Whether it is from an assessment, whose customers others will meet.
    is_exam: bool = False


def of_review(review_id: int, team_ids: Sequence[int], timezones: Mapping[int, str]) -> Source:
    """The source of what a review is about.

    Raises:
        NotFoundError: If none of the teams has it.
    """
    review = db.session.get(Review, review_id)
    if review is None or review.team_id not in team_ids:
        raise NotFoundError
    if review.kind != KIND:
        if marked_kind(review.kind) is not None:  # a blind marking: its subject is no attempt
            raise NotFoundError
        return of_attempt(review.subject_id, team_ids)
    conversation_id = db.session.scalar(
        select(ChatReview.conversation_id).where(ChatReview.id == review.subject_id)
    )
    return of_chat(conversation_id or 0, team_ids, timezones)


def of_chat(conversation_id: int, team_ids: Sequence[int], timezones: Mapping[int, str]) -> Source:
    """A real chat.

    Raises:
        NotFoundError: If none of the teams has it, or what was said is erased.
    """
    found, said = chats.conversation(conversation_id, team_ids)
    lines = _lines(said, timezones[found.team_id])
    if not lines:
        raise NotFoundError
    whole = text.hidden(text.chat_text(lines), [*names_in(found.team_id), found.buyer_nick])
    return Source(CHAT, found.id, found.team_id, [(found.buyer_nick, whole)])


def of_attempt(attempt_id: int, team_ids: Sequence[int]) -> Source:
    """A closed attempt of a kind that has chats.

    Raises:
        NotFoundError: If none of the teams has it, it is open, or there is no chat in it.
    """
    attempt = attempts.get(attempt_id)
    if attempt.team_id not in team_ids or attempt.is_open:
        raise NotFoundError
    names, kind = names_in(attempt.team_id), attempts.kind_of(attempt)
    found = [
        (nick, text.hidden(text.chat_text(lines), names))
        for nick, lines in kind.chats(attempt)
        if lines
    ]
    if not found:
        raise NotFoundError
    is_exam = kind.is_exam(attempts.spec_of(attempt))
    return Source(ATTEMPT, attempt.id, attempt.team_id, found, is_exam=is_exam)


def of_tip(tip_id: int, team_ids: Sequence[int]) -> Source:
    """What somebody told.

    Raises:
        NotFoundError: If none of the teams has it.
    """
    row = db.session.get(CaseTip, tip_id)
    if row is None or row.team_id not in team_ids:
        raise NotFoundError
    told = text.hidden(row.text, names_in(row.team_id))
    return Source(TIP, row.id, row.team_id, told=told, product=row.product)


def names_in(team_id: int) -> list[str]:
    """What the people of a team and its sub-accounts are called, but for words of their work."""
    people = db.session.scalars(
        select(Identity.name)
        .join(Membership, Membership.person_id == Identity.person_id)
        .where(Membership.team_id == team_id)
        .distinct()
    )
    accounts = (each.name for each in chats.accounts([team_id]))
    return [*people, *(each for each in accounts if each and not _WORK.fullmatch(each))]


def _lines(said: Sequence[Said], timezone: str) -> list[ChatLine]:
    """Messages as lines; agents are told apart by letters where there are several."""
    agents = list(
        dict.fromkeys(
            each.account_id for each in said if each.role == Role.AGENT and each.account_id
        )
    )
    letters = dict(zip(agents, _LETTERS, strict=False)) if len(agents) > 1 else {}
    zone, lines = ZoneInfo(timezone), []
    first_on: date | None = None
    for each in said:
        if each.text is None:
            continue
        voice, who = _VOICES[each.role]
        if each.role == Role.AGENT:
            who += letters.get(each.account_id or 0, "")
        at = ""
        if each.at_ms is not None:
            told = datetime.fromtimestamp(each.at_ms / 1000, UTC).astimezone(zone)
            first_on = first_on or told.date()
            at = f"{_later((told.date() - first_on).days)}{told:%H:%M}"
        lines.append(ChatLine(voice, who, each.text, at))
    return lines


def _later(days: int) -> str:
    """How many days after the first a line was said, as a chat is written."""
    if days <= 0:
        return ""
    return "次日 " if days == 1 else f"第{days + 1}天 "
