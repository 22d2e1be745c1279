"""What the queue says of chats: which one it is and why it is looked at; what comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, literal, select

from cstrain.core.review.models import Review
from cstrain.core.review.subjects import REST, RISKS, About
from cstrain.desk.chats.models import ChatMessage
from cstrain.desk.quality import agreement_queries, reviewing, seconds, words
from cstrain.desk.quality.calibration_models import CalibrationChat, CalibrationPart
from cstrain.desk.quality.models import ChatReview, SampledChat, SampleDraw
from cstrain.desk.quality.risk import Reason
from cstrain.desk.quality.sampling import ALWAYS
from cstrain.kit.db import db
from cstrain.kit.i18n import day, ngettext
from cstrain.kit.i18n import gettext as _

_KINDS: Final = frozenset({reviewing.KIND, seconds.KIND, agreement_queries.CALIBRATION})
#: Reasons that are about the person, not about the chat.
_OF_PEOPLE: Final = (Reason.BELOW_AVERAGE, Reason.NEW_HIRE)
_NO_RISK: Final = ("", *_OF_PEOPLE, " ".join(_OF_PEOPLE))


def urgency() -> ColumnElement[int]:
    """Where a review of a chat stands in the queue: before others if something speaks for it."""
    is_risk = (
        select(ChatReview.id)
        .where(ChatReview.id == Review.subject_id, ChatReview.reasons.not_in(_NO_RISK))
        .exists()
    )
    return case((is_risk, literal(RISKS)), else_=literal(REST))


def about(reviews: Sequence[Review]) -> dict[int, About]:
    """The day, the length and the reasons of the chats among reviews, by id. One statement."""
    ids = [each.id for each in reviews if each.kind in _KINDS]
    if not ids:
        return {}
    said = select(func.count(ChatMessage.id)).where(
        ChatMessage.conversation_id == ChatReview.conversation_id
    )
    always = (
        select(SampledChat.id)
        .join(SampleDraw, SampleDraw.id == SampledChat.draw_id)
        .where(
            SampledChat.conversation_id == ChatReview.conversation_id,
            SampledChat.stratum == ALWAYS,
            SampleDraw.state == "in_force",
        )
    )
    is_calibration = Review.kind == agreement_queries.CALIBRATION
    rows = db.session.execute(
        select(
            Review.id,
            ChatReview.at,
            ChatReview.reasons,
            said.correlate(ChatReview).scalar_subquery().label("line_count"),
            always.correlate(ChatReview).exists().label("is_always"),
        )
        .outerjoin(CalibrationPart, and_(is_calibration, CalibrationPart.id == Review.subject_id))
        .outerjoin(CalibrationChat, CalibrationChat.id == CalibrationPart.chat_id)
        .join(
            ChatReview,
            ChatReview.id == func.coalesce(CalibrationChat.chat_review_id, Review.subject_id),
        )
        .where(Review.id.in_(ids))
    )
    found = {}
    for row in rows:
        text = day(row.at)
        if row.line_count:  # none of a chat that is erased
            text += " · " + ngettext("%(count)s 行", row.line_count)
        chips = [_("必检")] if row.is_always else []
        chips += [str(words.SHORT[each]) for each in row.reasons.split() if each in words.SHORT]
        found[row.id] = About(text, chips)
    return found
