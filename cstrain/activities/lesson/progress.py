"""What a lesson asks for and what is left of it. Pure.

The rule, as printed on the page: every section opened and every question answered. In
retraining: the sections of the plan opened again, their questions and those drawn from the bank
answered right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cstrain.activities.lesson.spec import LessonSpec


@dataclass(frozen=True, slots=True)
class Answered:
    """How one question stands.

    Attributes:
        ratio: Of the newest answer; None before there is one, and for a prompt.
        first_ratio: Of the first answer.
        try_count: How often it was answered.
        drawn_for: The section a bank question was drawn for; empty for the lesson's own.
    """

    item_id: str
    item_digest: str
    ratio: float | None = None
    first_ratio: float | None = None
    try_count: int = 0
    drawn_for: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the newest answer is right in full."""
        return self.ratio == 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody is in a lesson, and what it asks for.

    Attributes:
        sections: Refs that must be opened.
        questions: Ids of questions that must be answered; bank questions last.
        opened: Refs opened so far.
        answers: Id → how it stands, for what was answered or drawn.
        is_relearning: Whether answers must be right.
    """

    sections: tuple[str, ...]
    questions: tuple[str, ...]
    opened: frozenset[str] = frozenset()
    answers: Mapping[str, Answered] = field(default_factory=dict)
    is_relearning: bool = False

    def has_opened(self, ref: str) -> bool:
        """Whether a part was opened."""
        return ref in self.opened

    def has_done(self, item_id: str) -> bool:
        """Whether a question needs nothing more."""
        answer = self.answers.get(item_id)
        if answer is None or answer.try_count == 0:
            return False
        return answer.is_right or not self.is_relearning

    @property
    def sections_left(self) -> tuple[str, ...]:
        """Sections still to open."""
        return tuple(ref for ref in self.sections if ref not in self.opened)

    @property
    def questions_left(self) -> tuple[str, ...]:
        """Questions still to answer."""
        return tuple(each for each in self.questions if not self.has_done(each))

    @property
    def left_count(self) -> int:
        """How many things are left."""
        return len(self.sections_left) + len(self.questions_left)

    @property
    def total_count(self) -> int:
        """How many things it asks for."""
        return len(self.sections) + len(self.questions)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left."""
        return self.left_count == 0


def asked(
    spec: LessonSpec,
    *,
    opened: Sequence[str] = (),
    answers: Sequence[Answered] = (),
    is_relearning: bool = False,
    scope: Sequence[str] = (),
) -> Progress:
    """Give the progress in a lesson.

    Args:
        spec: The lesson.
        opened: Refs opened so far.
        answers: What was answered and drawn. An answer to a question that has changed since
            does not count.
        is_relearning: Whether a retraining plan asked for it.
        scope: The plan's sections; those the lesson no longer has do not count, and empty means
            all of it.
    """
    known = {
        each.item_id: each
        for each in answers
        if each.drawn_for or spec.digests.get(each.item_id) == each.item_digest
    }
    drawn = tuple(each.item_id for each in answers if each.drawn_for)
    wanted = tuple(ref for ref in spec.sections if ref in set(scope)) if is_relearning else ()
    return Progress(
        sections=wanted or spec.sections,
        questions=(spec.questions_of(wanted) if wanted else spec.questions) + drawn,
        opened=frozenset(opened),
        answers=known,
        is_relearning=is_relearning,
    )
