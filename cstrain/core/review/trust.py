"""Rules against trainers: how often they agree, and from when on rules alone may decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from cstrain.core.review import agreement
from cstrain.core.review.agreement import Figure, Interval, Pair
from cstrain.core.review.models import Review, ReviewMark, RuleTrust
from cstrain.core.review.rubric import Rubric
from cstrain.kit.db import db, run

#: From so many marks on agreement says something.
SHOWN_FROM = 30
NOT_APPLICABLE = "na"


@dataclass(frozen=True, slots=True)
class Compared:
    """How far the rule of one criterion and trainers agree, in one team.

    Attributes:
        full: The criterion's best value; marks on another scale are told apart.
        agreed: The share of equal marks.
        kappa: Cohen's kappa; "does not apply" is a category of its own.
        interval: Where that kappa lies; None where it is not defined.
        weighted: Quadratically weighted kappa of those that apply, on scales of three and more.
    """

    rubric: str
    criterion: str
    full: int
    agreed: Figure
    kappa: Figure
    interval: Interval | None
    weighted: Figure | None

    @property
    def count(self) -> int:
        """How many marks are compared."""
        return self.agreed.n

    @property
    def same_count(self) -> int:
        """On how many of them both gave the same."""
        return round((self.agreed.value or 0.0) * self.count)

    @property
    def missing_count(self) -> int:
        """How many more are needed before the figures are shown."""
        return max(0, SHOWN_FROM - self.count)


_later = aliased(Review)
_team_ids: Any = bindparam("team_ids", expanding=True)
_PAIRS = (
    select(
        Review.team_id,
        Review.rubric,
        ReviewMark.criterion,
        ReviewMark.full,
        ReviewMark.proposed,
        ReviewMark.is_proposed_na,
        ReviewMark.value,
        func.count().label("mark_count"),
    )
    .join(Review, Review.id == ReviewMark.review_id)
    .outerjoin(_later, (_later.supersedes_id == Review.id) & (_later.state == "done"))
    .where(
        Review.team_id.in_(_team_ids),
        Review.state == "done",
        Review.for_person_id.is_(None),
        _later.id.is_(None),
        ReviewMark.rule.is_not(None),
        ReviewMark.is_marked,
        ReviewMark.is_auto.is_(False),
        ReviewMark.proposed.is_not(None) | ReviewMark.is_proposed_na,
    )
    .group_by(
        Review.team_id,
        Review.rubric,
        ReviewMark.criterion,
        ReviewMark.full,
        ReviewMark.proposed,
        ReviewMark.is_proposed_na,
        ReviewMark.value,
    )
    .order_by(Review.team_id, Review.rubric, ReviewMark.criterion, ReviewMark.full)
)


def compared(team_ids: Sequence[int]) -> dict[int, list[Compared]]:
    """Each team's criteria with what its rules and trainers gave. One statement.

    Of a review that was corrected the correction counts. What rules could not tell is left out,
    and so are what they decided alone and blind markings of what was marked before.
    """
    pairs: dict[tuple[int, str, str, int], list[Pair]] = {}
    for row in run(_PAIRS, {"team_ids": list(team_ids)}):
        proposed = NOT_APPLICABLE if row.is_proposed_na else row.proposed
        given = NOT_APPLICABLE if row.value is None else row.value
        key = (row.team_id, row.rubric, row.criterion, row.full)
        pairs.setdefault(key, []).extend([(proposed, given)] * row.mark_count)
    found: dict[int, list[Compared]] = {team_id: [] for team_id in team_ids}
    for (team_id, rubric, criterion, full), given in pairs.items():
        found[team_id].append(_compare(rubric, criterion, full, given))
    return found


def _compare(rubric: str, criterion: str, full: int, pairs: Sequence[Pair]) -> Compared:
    weighted = None
    if full > 1:
        both = [pair for pair in pairs if NOT_APPLICABLE not in pair]
        weighted = agreement.cohen_kappa(
            both, order=range(full + 1), disagreement=agreement.quadratic
        )
    return Compared(
        rubric,
        criterion,
        full,
        agreement.percent_agreement(pairs),
        agreement.cohen_kappa(pairs),
        agreement.kappa_interval(pairs),
        weighted,
    )


@dataclass(frozen=True, slots=True)
class Trust:
    """From when on rules alone may decide a team's practice.

    Attributes:
        min_kappa: The least kappa of every rule; None for never.
        min_count: From how many marks.
        at: Since when; None where nobody has said anything.
    """

    min_kappa: float | None = None
    min_count: int = 100
    at: datetime | None = None


def trusts(team_ids: Sequence[int]) -> dict[int, Trust]:
    """What managers have set, by team. One statement."""
    newest = (
        select(func.max(RuleTrust.id))
        .where(RuleTrust.team_id.in_(team_ids))
        .group_by(RuleTrust.team_id)
    )
    rows = db.session.scalars(select(RuleTrust).where(RuleTrust.id.in_(newest)))
    found = {row.team_id: Trust(row.min_kappa, row.min_count, row.at) for row in rows}
    return {team_id: found.get(team_id, Trust()) for team_id in team_ids}


def set_trust(
    team_id: int, *, min_kappa: float | None, min_count: int, by: int, now: datetime
) -> None:
    """Set from when on rules alone may decide; earlier settings stay on record."""
    db.session.add(
        RuleTrust(
            team_id=team_id, min_kappa=min_kappa, min_count=min_count, by_person_id=by, at=now
        )
    )
    db.session.flush()


def may_decide(team_id: int, rubric: Rubric) -> bool:
    """Whether a team lets the rules of a rubric decide practice by themselves.

    Every criterion needs a rule, and each rule its agreement with trainers; where kappa is not
    defined there is none.
    """
    if any(criterion.rule is None for criterion in rubric):
        return False
    trust = trusts([team_id])[team_id]
    if trust.min_kappa is None:
        return False
    known = {
        (each.criterion, each.full): each
        for each in compared([team_id])[team_id]
        if each.rubric == rubric.slug
    }
    return all(is_enough(known.get((criterion.key, criterion.full)), trust) for criterion in rubric)


def is_enough(compared_: Compared | None, trust: Trust) -> bool:
    """Whether a rule agrees with trainers as far as the team asks."""
    return (
        trust.min_kappa is not None
        and compared_ is not None
        and compared_.count >= trust.min_count
        and compared_.kappa.value is not None
        and compared_.kappa.value >= trust.min_kappa
    )
