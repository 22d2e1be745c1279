"""What is marked in the one queue besides attempts.

A kind of evidence that is no activity but is marked by a rubric, as sampled chats are, is a
``MarkedKind`` and is registered by ``Registry.add_evidence_kind``. The queue, the marking page,
drafts, corrections and agreement are the same as for attempts.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import ColumnElement, false, literal

from cstrain.core.catalogue import active
from cstrain.core.catalogue.kinds import EvidenceKind
from cstrain.core.evidence.marks import Mark, Scored
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.rubric import Rubric


@dataclass(frozen=True, slots=True)
class Bound:
    """What holds somebody who marks an item that was marked before.

    Attributes:
        was: The mark that stands; the item must not end below it.
        is_asked: Whether the review is about this item; the page opens on the first of them.
        words: What stands at the item; empty for nothing.
    """

    was: ReviewMark
    is_asked: bool
    words: str

    @property
    def least(self) -> int | None:
        """The value it must not end below; None for any."""
        return self.was.value if self.was.is_marked else None


@dataclass(frozen=True, slots=True)
class About:
    """What tells a review from the others in a list: a few words, and why it is looked at."""

    text: str
    chips: Sequence[str] = ()


#: Places in the queue: what must be decided, what is looked at for a reason, the rest.
APPEALS, RISKS, REST = range(3)


class MarkedKind(EvidenceKind):
    """Something that trainers mark and that nobody has handed in."""

    @abstractmethod
    def render_review(self, review: Review) -> Markup:
        """What is marked, safe HTML, with numbered lines as ``ActivityKind.render_review`` says."""

    @abstractmethod
    def settle_marks(
        self, review: Review, scored: Scored, marks: Mapping[str, Mark], *, by: int, now: datetime
    ) -> int | None:
        """Keep what marks came to, in the transaction that ends the review, and tell the person.

        Args:
            review: The review, still open; of a correction too.
            scored: It has a ratio.
            marks: Key of a criterion → its mark.
            by: Who marked.
            now: The time.

        Returns:
            The id of the evidence; None where none is kept of it.
        """

    def refuses(self, person_id: int) -> ColumnElement[bool]:
        """Whether somebody must not mark an open review of this kind; never, by default.

        A condition on ``Review`` that becomes part of the statements behind the queue, its counts
        and the marking page, so that many are asked about at once and all of them say the same.
        """
        del person_id
        return false()

    def refusal(self) -> str:
        """Why somebody must not who is refused, in words."""
        return ""

    def kept(self, text: str) -> str:
        """What a trainer writes to a mark or to the whole, as it may be kept; all, by default."""
        return text

    def bounds(self, review: Review, rubric: Rubric) -> Mapping[str, Bound]:
        """What holds the marker of an open review, by criterion; nothing by default.

        One statement at most.
        """
        del review, rubric
        return {}

    def objections(
        self, rubric: Rubric, rows: Mapping[str, ReviewMark], bounds: Mapping[str, Bound]
    ) -> Mapping[str, str]:
        """What speaks against ending a review with these marks, by criterion and in words.

        They are told as soon as they are there, and again by who ends the review.

        Args:
            rubric: The version the review holds.
            rows: Its marks so far.
            bounds: What ``bounds`` gives of it.
        """
        del rubric, rows, bounds
        return {}

    def urgency(self) -> ColumnElement[int]:
        """Where an open review of this kind stands in the queue; ``REST`` by default.

        An expression on ``Review``, as of ``refuses``; what waits longest is first in each place.
        """
        return literal(REST)

    def about(self, reviews: Sequence[Review]) -> Mapping[int, About]:
        """What lists say of reviews, by id; nothing by default. One statement at most.

        Args:
            reviews: Of every kind, so that kinds which belong together are asked once.
        """
        del reviews
        return {}

    def may_withdraw(self, review: Review) -> bool:
        """Whether a correction may be given up (the default); one that must be decided may not."""
        del review
        return True

    def agreement_parts(self, team_ids: Sequence[int]) -> Mapping[int, Markup]:
        """What the page of agreement says of this kind, by team; nothing by default."""
        del team_ids
        return {}


def marked_kinds() -> list[MarkedKind]:
    """Every kind that is marked and is no activity."""
    found = active.active().registry.evidence_kinds.values()
    return [each for each in found if isinstance(each, MarkedKind)]


def marked_kind(name: str) -> MarkedKind | None:
    """The kind of a review that is about no attempt; None for attempts."""
    found = active.active().registry.evidence_kinds.get(name)
    return found if isinstance(found, MarkedKind) else None
