"""Drawing from a frame by a plan, and checking a draw by doing it again. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cstrain.desk.quality import chance, designs, iso2859
from cstrain.desk.quality import frame as frames
from cstrain.desk.quality.frame import Frame, FrameError
from cstrain.desk.quality.iso2859 import Inspection
from cstrain.desk.quality.plan import By, Design, Order, Plan
from cstrain.desk.quality.risk import Reason, points_of

#: Version of these rules; stored with a draw, because a later one may draw differently.
RULES: Final = 1
#: Stratum of those that are taken always.
ALWAYS: Final = "always"
WHOLE: Final = "all"
STAGES: Final = ("presale", "after_sale")
TENURES: Final = ("experienced", "new")
_SAME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Drawn:
    """A conversation that is looked at.

    Attributes:
        id: Its id.
        probability: How probable it was to be drawn, above 0 and at most 1.
        stratum: Of what it was drawn.
        reasons: What made it worth a look, codes by blanks; also of one drawn by chance alone.
    """

    id: int
    probability: float
    stratum: str
    reasons: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What a window takes over from the one before.

    Attributes:
        carried: Systematic: what was left over; None for the first window.
        inspection: Lot: how strictly this one is looked at.
    """

    carried: float | None = None
    inspection: Inspection = Inspection.NORMAL


@dataclass(frozen=True, slots=True)
class Draw:
    """What a plan gives of a frame.

    Attributes:
        drawn: By id.
        probabilities: Of every unit of the frame, in its order; above 0, unless nothing of its
            agent is drawn at all.
        left_over: Systematic: what the next window starts with.
    """

    drawn: tuple[Drawn, ...]
    probabilities: tuple[float, ...]
    left_over: float | None = None


@dataclass(slots=True)
class _Chosen:
    """Places drawn so far and the probability of every place."""

    places: set[int]
    probabilities: list[float]
    left_over: float | None = None


def draw(frame: Frame, plan: Plan, seed: str, name: str, state: State | None = None) -> Draw:
    """Carry a plan out on a frame.

    Args:
        frame: What there is.
        plan: How to draw.
        seed: Of the window (see ``chance.seed_of``).
        name: Of this draw; another name draws others.
        state: What the window before left.

    Raises:
        ValueError: If a lot's inspection is stopped.
    """
    state = state or State()
    always = frozenset(plan.always)
    sure = [place for place, each in enumerate(frame.reasons) if always & frames.codes(each)]
    taken = set(sure)
    rest = [place for place in range(len(frame)) if place not in taken]
    strata = _strata(frame, plan)
    drawing = _Drawing(frame, plan, seed, name, state, rest, strata)
    chosen = drawing.chosen()
    for place in sure:
        chosen.probabilities[place] = 1.0
    found = sorted(chosen.places | taken)
    return Draw(
        tuple(
            Drawn(
                frame.ids[place],
                chosen.probabilities[place],
                ALWAYS if place in taken else strata[place],
                frame.reasons[place],
            )
            for place in found
        ),
        tuple(chosen.probabilities),
        chosen.left_over,
    )


def _strata(frame: Frame, plan: Plan) -> Sequence[str]:
    """The stratum of every unit, for drawing and for estimating."""
    if plan.design is Design.PER_AGENT:
        return frame.agents
    if plan.design not in {Design.PROPORTIONAL, Design.NEYMAN}:
        return [WHOLE] * len(frame)
    columns: Mapping[By, Sequence[str]] = {
        By.AGENT: frame.agents,
        By.STAGE: [STAGES[each] for each in frame.after_sale],
        By.TENURE: [TENURES[each] for each in frame.new_hire],
    }
    return list(map("/".join, zip(*map(columns.__getitem__, plan.strata), strict=True)))


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One draw of what is not taken anyway."""

    frame: Frame
    plan: Plan
    seed: str
    name: str
    state: State
    rest: Sequence[int]
    strata: Sequence[str]

    def chosen(self) -> _Chosen:
        if self.plan.design is Design.PER_AGENT:
            return self.per_agent()
        by_design = {
            Design.SIMPLE: self.simple,
            Design.PROPORTIONAL: self.stratified,
            Design.NEYMAN: self.stratified,
            Design.SYSTEMATIC: self.systematic,
            Design.RISK: self.by_risk,
            Design.LOT: self.lot,
        }
        return self.with_extra(by_design[self.plan.design]())

    def keys(self, name: str = "") -> list[float]:
        """A number of chance for every unit of the frame."""
        return chance.numbers(self.seed, f"{self.name}{name}", self.frame.ids)

    def groups(self, labels: Sequence[str]) -> dict[str, list[int]]:
        """The places of each label, the labels sorted."""
        found: dict[str, list[int]] = {}
        for place in self.rest:
            found.setdefault(labels[place], []).append(place)
        return dict(sorted(found.items()))

    def size(self) -> int:
        """How many the plan wants in all, at most what there is."""
        agents = {self.frame.agents[place] for place in self.rest}
        wanted = self.plan.size
        if wanted is None:
            wanted = self.plan.per_agent * len(agents)
        return min(wanted, len(self.rest))

    def nothing(self) -> _Chosen:
        return _Chosen(set(), [0.0] * len(self.frame))

    def of_groups(
        self, groups: Mapping[str, list[int]], counts: Sequence[int], name: str = ""
    ) -> _Chosen:
        """Simple random draws of groups that do not overlap."""
        chosen, keys = self.nothing(), self.keys(name)
        for places, count in zip(groups.values(), counts, strict=True):
            found = designs.smallest(keys, places, count)
            chosen.places.update(found)
            for place in places:
                chosen.probabilities[place] = len(found) / len(places)
        return chosen

    def per_agent(self) -> _Chosen:
        groups, below = self.groups(self.frame.agents), self.below()
        extra = self.plan.extra_below
        return self.of_groups(
            groups, [self.plan.per_agent + extra * (agent in below) for agent in groups]
        )

    def simple(self) -> _Chosen:
        return self.of_groups({WHOLE: list(self.rest)}, [self.size()])

    def stratified(self) -> _Chosen:
        groups = self.groups(self.strata)
        deviations = None
        if self.plan.design is Design.NEYMAN:
            deviations = [self.plan.deviations.get(label, 1.0) for label in groups]
        sizes = [len(places) for places in groups.values()]
        counts = designs.allocate(
            self.size(), sizes, deviations=deviations, minimum=self.plan.minimum
        )
        return self.of_groups(groups, counts)

    def systematic(self) -> _Chosen:
        frame, step = self.frame, self.plan.one_in
        if self.plan.order is Order.TIME:
            order = sorted(
                self.rest, key=lambda at: (frame.agents[at], frame.began_s[at], frame.ids[at])
            )
        else:
            keys = self.keys()
            order = sorted(self.rest, key=lambda at: (frame.agents[at], keys[at], at))
        start = self.state.carried
        if start is None:
            start = chance.number(self.seed, self.name, "start") * step
        turns, left_over = designs.systematic(len(order), step, start)
        chosen = self.nothing()
        chosen.places.update(order[turn] for turn in turns)
        for place in self.rest:
            chosen.probabilities[place] = 1 / step
        chosen.left_over = left_over
        return chosen

    def by_risk(self) -> _Chosen:
        chosen, keys = self.nothing(), self.keys()
        worth = {
            each: points_of(frames.codes(each), self.plan.points, base=self.plan.base)
            for each in set(self.frame.reasons)
        }
        found = designs.inclusion_probabilities(
            [worth[self.frame.reasons[place]] for place in self.rest],
            self.size(),
            floor=self.plan.floor,
        )
        order = sorted(range(len(self.rest)), key=lambda turn: (keys[self.rest[turn]], turn))
        start = chance.number(self.seed, self.name, "start")
        chosen.places.update(
            self.rest[turn] for turn in designs.pps_systematic(found, order, start)
        )
        for place, probability in zip(self.rest, found, strict=True):
            chosen.probabilities[place] = probability
        return chosen

    def lot(self) -> _Chosen:
        if not self.rest:
            return self.nothing()
        lot = iso2859.lot_plan(
            len(self.rest), self.plan.limit, self.plan.level, self.state.inspection
        )
        return self.of_groups({WHOLE: list(self.rest)}, [lot.n])

    def below(self) -> set[str]:
        """Agents whom the frame marks as clearly below the others."""
        frame = self.frame
        return {
            frame.agents[place]
            for place in range(len(frame))
            if Reason.BELOW_AVERAGE in frames.codes(frame.reasons[place])
        }

    def with_extra(self, first: _Chosen) -> _Chosen:
        """Draw more of who is below, independently; some may be among those drawn already."""
        below = self.below() if self.plan.extra_below else set()
        if not below:
            return first
        groups = {
            agent: places
            for agent, places in self.groups(self.frame.agents).items()
            if agent in below
        }
        more = self.of_groups(groups, [self.plan.extra_below] * len(groups), "|below")
        first.places |= more.places
        first.probabilities = [
            designs.combined([one, other])
            for one, other in zip(first.probabilities, more.probabilities, strict=True)
        ]
        return first


class Difference(StrEnum):
    """What does not fit when a draw is done again."""

    FRAME = "frame"
    SECRET = "secret"  # noqa: S105 - no password
    SEED = "seed"
    PLAN = "plan"
    DRAWN = "drawn"
    CARRIED = "carried"
    LEFT_OVER = "left_over"


@dataclass(frozen=True, slots=True)
class Record:
    """A draw as it is kept.

    Attributes:
        frame: The packed frame.
        frame_digest: SHA-256 of the canonical frame.
        plan_digest: SHA-256 of the plan's file.
        secret: The plan's secret, told when the draw is checked.
        commitment: Its hash, shown when the plan was activated.
        window: Name of the window.
        seed: Made of secret and window.
        name: Of the draw.
        state: What was taken over from the window before.
        drawn: What was drawn, and what was picked beside it.
        left_over: What the next window took over.
    """

    frame: bytes
    frame_digest: str
    plan_digest: str
    secret: bytes
    commitment: str
    window: str
    seed: str
    name: str
    state: State
    drawn: Sequence[Drawn]
    left_over: float | None = None


def verify(record: Record, plan: Plan) -> tuple[Difference, ...]:
    """Do a draw again from what is kept, and tell what does not fit; nothing where all does.

    Picks have no probability and are left aside.
    """
    found = []
    if chance.commitment(record.secret) != record.commitment:
        found.append(Difference.SECRET)
    if chance.seed_of(record.secret, record.window) != record.seed:
        found.append(Difference.SEED)
    if plan.digest != record.plan_digest:
        found.append(Difference.PLAN)
    try:
        body = frames.unpacked(record.frame)
        frame = frames.read(body)
    except FrameError:
        return (*found, Difference.FRAME)
    if frames.digest(body) != record.frame_digest:
        found.append(Difference.FRAME)
    again = draw(frame, plan, record.seed, record.name, record.state)
    kept = sorted(record.drawn, key=lambda each: each.id)
    if len(kept) != len(again.drawn) or not all(map(_is_same, kept, again.drawn)):
        found.append(Difference.DRAWN)
    if not _is_near(record.left_over, again.left_over):
        found.append(Difference.LEFT_OVER)
    return tuple(found)


def _is_same(one: Drawn, other: Drawn) -> bool:
    return (one.id, one.stratum, one.reasons) == (
        other.id,
        other.stratum,
        other.reasons,
    ) and _is_near(one.probability, other.probability)


def _is_near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _SAME
