"""Values between a kind and the trainers who mark its attempts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cstrain.core.evidence.outcome import Shortfall


@dataclass(frozen=True, slots=True)
class Proposal:
    """What rules say about one criterion.

    Attributes:
        ratio: From 0 to 1; None where they cannot tell, which is left to a trainer.
        is_na: Whether the criterion does not apply here at all.
        lines: Ids of the lines of the transcript that show it.
        note: Why, ``{zh, en}``; may be empty.
    """

    ratio: float | None
    is_na: bool = False
    lines: tuple[str, ...] = ()
    note: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.ratio is not None and not 0 <= self.ratio <= 1:
            raise ValueError(f"a proposal is a ratio from 0 to 1, not {self.ratio}")


#: What rules cannot judge.
UNCLEAR = Proposal(None)


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """What a kind asks for when a person must mark an attempt.

    Attributes:
        rubric: The slug of a rubric in the team's content.
        proposals: Name of a rule → what it says; criteria name their rule.
    """

    rubric: str
    proposals: Mapping[str, Proposal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mark:
    """What was given for one criterion.

    Attributes:
        value: From 0 to ``full``; None where the criterion did not apply.
        full: The best value.
        note: The trainer's words.
        lines: Ids of the lines attached as evidence.
        is_auto: Whether rules alone gave it.
        is_overruled: Whether a trainer gave something else than the rules had proposed.
    """

    key: str
    value: int | None
    full: int
    note: str = ""
    lines: tuple[str, ...] = ()
    is_auto: bool = False
    is_overruled: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """What marks come to.

    Attributes:
        ratio: From 0 to 1, after failing at once; None where nothing applied.
        raw_ratio: The same as if nothing failed at once.
        failed_at_once: Keys of the criteria that failed the whole.
        shortfalls: What to relearn, worst first.
    """

    ratio: float | None
    raw_ratio: float | None
    failed_at_once: tuple[str, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
