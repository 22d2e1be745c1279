"""Lots that were looked at by ISO 2859-1: what came of each, and how the next is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import and_, case, func, or_, select, true
from sqlalchemy.orm import aliased

from cstrain.core.review.blind import is_hidden_from
from cstrain.core.review.models import Review
from cstrain.desk.quality.iso2859 import Inspection, LotPlan, lot_plan, switched
from cstrain.desk.quality.models import ChatReview, SampledChat, SampleDraw
from cstrain.desk.quality.plan import Plan
from cstrain.desk.quality.reviewing import KIND
from cstrain.kit.db import db

#: Below so much of the score a chat is faulty; one with a red line has 0.
FAULTY_BELOW: Final = 0.6


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot and what is known of it by now.

    Attributes:
        inspection: How strictly it is looked at.
        asked: What the standard asks for.
        drawn_count: How many were taken.
        handled_count: How many of them are marked, or could not be.
        faulty_count: How many were marked below ``FAULTY_BELOW``.
    """

    draw_id: int
    inspection: Inspection
    asked: LotPlan
    drawn_count: int
    handled_count: int
    faulty_count: int

    @property
    def is_accepted(self) -> bool | None:
        """Whether it passes; None while marks that could still refuse it are missing."""
        if self.faulty_count > self.asked.accept:
            return False
        return True if self.handled_count == self.drawn_count else None


_later = aliased(Review)


def lots_of(plans: Mapping[int, Plan], *, me: int | None = None) -> list[tuple[date, Lot]]:
    """The lots in force of versions of a plan, by the day they begin with. One statement.

    ``plans`` are those of the versions, by the id of the activation (``versions.of_lots``).

    To ``me``, who still marks a chat blind, it is not marked: a lot of few would tell its score.
    """
    is_seen = true() if me is None else ~is_hidden_from(me, Review.kind, Review.subject_id)
    is_faulty = and_(Review.state == "done", Review.score < FAULTY_BELOW)
    rows = db.session.execute(
        select(
            SampleDraw.id,
            SampleDraw.activation_id,
            SampleDraw.first_on,
            SampleDraw.inspection,
            SampleDraw.frame_count,
            func.count(SampledChat.id).label("drawn_count"),
            func.count(Review.id).label("handled_count"),
            func.sum(case((is_faulty, 1), else_=0)).label("faulty_count"),
        )
        .join(SampledChat, SampledChat.draw_id == SampleDraw.id)
        .outerjoin(ChatReview, ChatReview.conversation_id == SampledChat.conversation_id)
        .outerjoin(
            Review,
            and_(
                Review.kind == KIND,
                Review.subject_id == ChatReview.id,
                is_seen,
                or_(
                    Review.state == "done",
                    and_(Review.state == "withdrawn", Review.supersedes_id.is_(None)),
                ),
                ~select(_later.id)
                .where(_later.supersedes_id == Review.id, _later.state == "done")
                .exists(),
            ),
        )
        .where(
            SampleDraw.activation_id.in_(plans),
            SampleDraw.state == "in_force",
        )
        .group_by(SampleDraw.id)
        .order_by(SampleDraw.first_on)
    )
    found = []
    for row in rows:
        plan, inspection = plans[row.activation_id], Inspection(row.inspection)
        asked = lot_plan(row.frame_count, plan.limit, plan.level, inspection)
        counts = (row.drawn_count, row.handled_count, int(row.faulty_count))
        found.append((row.first_on, Lot(row.id, inspection, asked, *counts)))
    return found


def next_inspection(lots: Sequence[tuple[date, Lot]], first_on: date) -> Inspection:
    """How a lot that begins on a day is looked at: by the lots before it that are decided."""
    return switched(
        lot.is_accepted for day, lot in lots if day < first_on and lot.is_accepted is not None
    )
