"""What is marked blind: a sampled chat again, and the chats of a calibration. No evidence of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from markupsafe import Markup
from sqlalchemy import ColumnElement, select

from cstrain.core.evidence.marks import Mark, Scored
from cstrain.core.review.models import Review
from cstrain.desk.quality import calibrating, kind, listing, seconds
from cstrain.desk.quality.calibration_models import CalibrationChat, CalibrationPart


class SecondKind(kind.ChatKind):
    """A chat that is marked a second time, blind."""

    name = seconds.KIND
    title: ClassVar[Mapping[str, str]] = {"zh": "聊天再评一遍", "en": "Chats marked again"}
    activities: ClassVar[Mapping[str, Mapping[str, str]]] = {
        seconds.ACTIVITY: {"zh": "抽检的聊天", "en": "Sampled chats"}
    }

    def urgency(self) -> ColumnElement[int]:
        """As the first marking of the chat."""
        return listing.urgency()

    def render_review(self, review: Review) -> Markup:
        """The chat, with the hints that the first one saw too."""
        return kind.rendered(kind.transcript(review.subject_id), with_hints=True)

    def settle_marks(
        self, review: Review, scored: Scored, marks: Mapping[str, Mark], *, by: int, now: datetime
    ) -> None:
        """Keep no evidence, the first marks count."""
        del review, scored, marks, by, now


class CalibrationKind(kind.ChatKind):
    """A chat of a calibration, marked blind by one of those who take part."""

    name = calibrating.KIND
    title: ClassVar[Mapping[str, str]] = {"zh": "一起校准", "en": "Calibration"}
    activities: ClassVar[Mapping[str, Mapping[str, str]]] = {
        calibrating.ACTIVITY: {"zh": "校准用的聊天", "en": "Chats of a calibration"}
    }

    def render_review(self, review: Review) -> Markup:
        """The chat, with the hints that everybody sees."""
        chat_review_id = (
            select(CalibrationChat.chat_review_id)
            .join(CalibrationPart, CalibrationPart.chat_id == CalibrationChat.id)
            .where(CalibrationPart.id == review.subject_id)
            .scalar_subquery()
        )
        return kind.rendered(kind.transcript(chat_review_id), with_hints=True)

    def settle_marks(
        self, review: Review, scored: Scored, marks: Mapping[str, Mark], *, by: int, now: datetime
    ) -> None:
        """Keep no evidence."""
        del review, scored, marks, by, now


SECOND, CALIBRATION = SecondKind(), CalibrationKind()
