"""From graded questions to the outcome of an attempt. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cstrain.activities.quiz.papers import Question
from cstrain.plugin import ContentRef, Outcome, Shortfall, grading

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Marked:
    """A question of a paper with what its answer is worth.

    Attributes:
        response: The answer as JSON; None where nothing was ever sent.
        is_answered: Whether the answer says something.
    """

    position: int
    question: Question
    graded: grading.Graded
    response: Mapping[str, Any] | None
    is_answered: bool


def outcome_of(marked: Sequence[Marked], duration_s: float) -> Outcome:
    """The outcome of an attempt.

    Args:
        marked: Every question of the paper.
        duration_s: Seconds from beginning to end.

    Returns:
        The score is the points got over all points; shortfalls name the sections that lost any.
    """
    points = sum(each.question.points for each in marked)
    got = sum(each.question.points * each.graded.ratio for each in marked)
    right_count = sum(each.graded.is_right for each in marked)
    score = min(max(got / points, 0.0), 1.0)
    return Outcome(
        score=score,
        measures={
            "right_count": float(right_count),
            "question_count": float(len(marked)),
            "answered_count": float(sum(each.is_answered for each in marked)),
            "duration_s": round(duration_s, 1),
        },
        shortfalls=shortfalls_of(marked),
        summary=_summary(right_count, len(marked), score),
    )


def shortfalls_of(marked: Sequence[Marked]) -> tuple[Shortfall, ...]:
    """The sections that lost points, the greatest share first, then the most points."""
    points: dict[str, int] = {}
    lost: dict[str, float] = {}
    counts: dict[str, int] = {}
    for each in marked:
        section, worth = each.question.section, each.question.points
        points[section] = points.get(section, 0) + worth
        lost[section] = lost.get(section, 0.0) + worth * (1 - each.graded.ratio)
        counts[section] = counts.get(section, 0) + 1
    worst = sorted(
        (section for section in lost if lost[section] > 0),
        key=lambda section: (-lost[section] / points[section], -lost[section], section),
    )
    return tuple(
        Shortfall(
            target=ContentRef(f"section:{section}"),
            lost_ratio=round(lost[section] / points[section], _DIGITS),
            item_count=counts[section],
            reason="wrong_answers",
        )
        for section in worst
    )


def _summary(right_count: int, question_count: int, score: float) -> Mapping[str, str]:
    shown = int(score * 100 + 1e-9)  # rounded down, so that 79.96 never reads as 80
    return {
        "zh": f"{question_count} 题答对 {right_count} 题，得分 {shown} %",
        "en": f"{right_count} of {question_count} questions right, score {shown} %",
    }
