"""What makes a conversation worth a look, and whose replies fall behind. Pure.

Reasons are codes; a plan says how many points each is worth and which of them leave no choice. A
reason is never a grade: it only makes a look likelier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cstrain.desk.figures.kpi import Ratio, pooled
from cstrain.desk.quality.intervals import Interval, wilson

#: 3 min, as 淘宝 and 晓多 count a reply as late.
LATE_S: Final = 180.0
#: Of five stars so many or fewer.
LOW_RATING: Final = 2
#: With fewer who asked, a rate says nothing about a person.
FEW: Final = 30
#: So many days after the first day somebody is new; about three months.
NEW_HIRE_DAYS: Final = 90


class Reason(StrEnum):
    """Why a conversation may be worth a look. The order is that of the frame."""

    LATE = "late"
    UNANSWERED = "unanswered"
    REFUND = "refund"
    COMPLAINT = "complaint"
    FORBIDDEN = "forbidden"
    LOW_RATING = "low_rating"
    BELOW_AVERAGE = "below_average"
    NEW_HIRE = "new_hire"


#: Points of a reason where a plan gives none.
POINTS: Final[Mapping[Reason, float]] = {
    Reason.LATE: 2,
    Reason.UNANSWERED: 3,
    Reason.REFUND: 2,
    Reason.COMPLAINT: 4,
    Reason.FORBIDDEN: 4,
    Reason.LOW_RATING: 4,
    Reason.BELOW_AVERAGE: 1,
    Reason.NEW_HIRE: 2,
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What a conversation's summary tells.

    Attributes:
        late_count: Replies that came after more than ``LATE_S``.
        is_unanswered: The buyer wrote and no person answered any of it.
        has_refund: The buyer spoke of a refund.
        has_complaint: The buyer spoke of a complaint.
        has_forbidden: The agent used a forbidden word.
        rating: Stars from 1 to 5; None where the buyer gave none.
        is_below: The agent is clearly below the others (see ``standings``).
        is_new_hire: The agent is new.
    """

    late_count: int = 0
    is_unanswered: bool = False
    has_refund: bool = False
    has_complaint: bool = False
    has_forbidden: bool = False
    rating: int | None = None
    is_below: bool = False
    is_new_hire: bool = False


def reasons_of(signs: Signs) -> str:
    """The codes of a conversation's reasons, by blanks, in the order of ``Reason``."""
    found = {
        Reason.LATE: signs.late_count > 0,
        Reason.UNANSWERED: signs.is_unanswered,
        Reason.REFUND: signs.has_refund,
        Reason.COMPLAINT: signs.has_complaint,
        Reason.FORBIDDEN: signs.has_forbidden,
        Reason.LOW_RATING: signs.rating is not None and signs.rating <= LOW_RATING,
        Reason.BELOW_AVERAGE: signs.is_below,
        Reason.NEW_HIRE: signs.is_new_hire,
    }
    return " ".join(reason for reason in Reason if found[reason])


def points_of(
    reasons: Iterable[Reason], points: Mapping[Reason, float] = POINTS, *, base: float = 1.0
) -> float:
    """The size by which a conversation is likelier to be drawn: ``base`` plus its points."""
    return base + sum(points.get(reason, 0) for reason in reasons)


class Place(StrEnum):
    """Where somebody's rate stands beside that of the others."""

    TOO_FEW = "too_few"
    CLEARLY_BELOW = "clearly_below"
    BELOW = "below"
    NOT_BELOW = "not_below"


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's rate beside that of the others; it is shown to the agent with its numbers.

    Attributes:
        own: Replied to, of those who asked.
        others: The same of all others together.
        interval: Within which the own rate may truly lie, 95 %.
        place: ``CLEARLY_BELOW`` only where the whole interval lies under the others' rate.
    """

    own: Ratio
    others: Ratio
    interval: Interval
    place: Place


def standings(rates: Mapping[str, Ratio]) -> dict[str, Standing]:
    """Each agent's rate beside the pooled rate of the *others*.

    Half of all people are always below a mean; so only who is below by more than chance is
    focused on, and nobody on fewer than 30 who asked. Nobody pulls down the mean one is held
    against.

    Args:
        rates: Agent → replied to, of those who asked.

    Returns:
        By agent. Alone, or beside others whom nobody asked, one is not below.

    Source: the interval is Wilson's (see ``intervals.wilson``).
    """
    whole = pooled(rates.values())
    return {agent: _standing(own, whole) for agent, own in rates.items()}


def _standing(own: Ratio, whole: Ratio) -> Standing:
    others = Ratio(whole.numerator - own.numerator, whole.denominator - own.denominator)
    interval = wilson(own.numerator, own.denominator)
    rate, theirs = own.value, others.value
    if own.denominator < FEW:
        place = Place.TOO_FEW
    elif rate is None or theirs is None or rate >= theirs:
        place = Place.NOT_BELOW
    else:
        place = Place.CLEARLY_BELOW if interval.high < theirs else Place.BELOW
    return Standing(own, others, interval, place)


def clearly_below(found: Mapping[str, Standing]) -> frozenset[str]:
    """Who is looked at more."""
    return frozenset(agent for agent, each in found.items() if each.place is Place.CLEARLY_BELOW)
