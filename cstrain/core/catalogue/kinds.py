"""What a kind is, and the registry in which kinds and materials are found."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from markupsafe import Markup, escape

from cstrain.core.evidence.marks import Mark, ReviewRequest, Scored
from cstrain.core.evidence.outcome import EvidenceView, Measure, Outcome
from cstrain.kit.chat import ChatLine
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import pick

if TYPE_CHECKING:
    from flask import Blueprint

    from cstrain.core.catalogue.catalogue import Activity, Catalogue, SearchEntry
    from cstrain.core.catalogue.sources import Source

API_VERSION = 1
GROUP = "cstrain.activities"


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt as kinds and pages see it.

    Attributes:
        number: From 1 within the activity, enrolment and cycle.
        seed: Seeds the draw; stored, so that the draw can be repeated.
        scope: Sections to relearn; empty for the whole activity.
        deadline_at: When the server's clock closes it; None without a time limit.
        closed_at: None while it is open.
    """

    id: int
    person_id: int
    team_id: int
    enrolment_id: int
    activity: str
    kind: str
    cycle: int
    number: int
    seed: int
    scope: tuple[str, ...]
    revision_id: int
    content_digest: str
    started_at: datetime
    deadline_at: datetime | None
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether answers are still taken."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class WeakPoint:
    """Something a team gets wrong.

    Attributes:
        text: The question, plain, in the content's language.
        section: The section it tests.
        wrong_count: How many answers were wrong.
        answered_count: Of how many.
    """

    text: str
    section: str
    wrong_count: int
    answered_count: int


class EvidenceKind(ABC):
    """Something that produces evidence.

    Attributes:
        name: Unique, never renamed: it is stored with the evidence.
        title: What people call it, ``{zh, en}``.
        measures: The figures its outcomes may carry.
        activities: Under what its evidence stands where no content is written for it: slug →
            title. Gates may ask for these like for an activity.
    """

    name: ClassVar[str]
    title: ClassVar[Mapping[str, str]]
    measures: ClassVar[Sequence[Measure]] = ()
    activities: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    def render_evidence(self, view: EvidenceView) -> Markup:
        """A short account of one row of evidence, safe HTML; the stored summary by default."""
        return escape(pick(view.outcome.summary))

    def evidence_url(self, view: EvidenceView) -> str | None:
        """The page of what the evidence rests on; None (the default) where there is none."""
        del view
        return None

    def own_url(self) -> str | None:
        """Where people read all of their own of this kind; None (the default) where nowhere."""
        return None


class ActivityKind(EvidenceKind):
    """A kind of activity: the one object a plug-in exports.

    Services of the kind never commit and know no clock: ``now`` and ``rng`` are given.
    """

    api_version: ClassVar[int]
    blueprint: ClassVar[Blueprint]
    #: Front-matter kinds of the material files the kind reads, with their loaders.
    materials: ClassVar[Mapping[str, Callable[[Source], Any]]] = {}
    #: Folder of the Alembic versions of an outside distribution's own tables, a branch by itself.
    migrations: ClassVar[Path | None] = None

    @abstractmethod
    def load(self, source: Source) -> Any:
        """Turn a file into a spec (frozen, picklable).

        Raises:
            ContentError: With every problem of the file.
        """

    def check(self, catalogue: Catalogue) -> Iterable[ContentProblem]:
        """Problems that only show when all content is loaded; none by default."""
        del catalogue
        return ()

    def advice(self, catalogue: Catalogue) -> Iterable[ContentProblem]:
        """What an editor would mend: ``content check`` lists it, publishing does not mind it."""
        del catalogue
        return ()

    def notes(self, catalogue: Catalogue) -> Iterable[str]:
        """Lines that ``content check`` prints beside its counts; none by default."""
        del catalogue
        return ()

    def sections(self, spec: Any) -> Mapping[str, Mapping[str, str]]:
        """Section refs the activity teaches, in order, with their titles; none by default."""
        del spec
        return {}

    def search_entries(self, activity: Activity) -> Iterable[SearchEntry]:
        """What the search box finds of the activity; nothing by default."""
        del activity
        return ()

    def weak_points(self, team_ids: Sequence[int], limit: int) -> Sequence[WeakPoint]:
        """What the teams got wrong most lately, worst first; nothing by default."""
        del team_ids, limit
        return ()

    def minutes(self, spec: Any) -> float:
        """About how long a trainee needs, for "how much is left"."""
        del spec
        return 10.0

    def time_limit_s(self, spec: Any) -> int | None:
        """Seconds until the server closes an attempt; None without a limit (the default)."""
        del spec
        return None

    def is_exam(self, spec: Any) -> bool:
        """Whether an attempt counts against a limit and opens only when its learning is done."""
        del spec
        return False

    @abstractmethod
    def prepare(
        self, attempt: AttemptView, spec: Any, rng: random.Random, *, now: datetime
    ) -> None:
        """Draw and freeze what this attempt will show; runs in the transaction that starts it."""

    @abstractmethod
    def start_url(self, slug: str) -> str:
        """The page from which the activity is begun or continued."""

    @abstractmethod
    def attempt_url(self, attempt_id: int) -> str:
        """The page of one attempt: to go on while it is open, the result afterwards."""

    def evidence_url(self, view: EvidenceView) -> str | None:
        """The page of the attempt."""
        if view.source_kind != "attempt" or view.source_id is None:
            return None
        return self.attempt_url(view.source_id)

    def call(self, spec: Any, attempt_id: int) -> str | None:
        """Who waits for the trainee in an open attempt, as the home page says it.

        None (the default) where nobody does. It may ask the database once.
        """
        del spec, attempt_id
        return None

    @abstractmethod
    def close(self, attempt: AttemptView, *, now: datetime) -> Outcome:
        """End the attempt from what is stored: at hand-in, and at the deadline by the sweep."""

    def settle(self, attempt: AttemptView, *, accepted: bool, now: datetime) -> Outcome:
        """The outcome after a trainer has looked at an attempt that was left unmarked.

        Only kinds whose outcomes may have no score, and are not marked by a rubric, need it.

        Raises:
            NotImplementedError: By default.
        """
        raise NotImplementedError(f"{self.name} leaves nothing to accept or refuse")

    @property
    def is_accepted_or_refused(self) -> bool:
        """Whether a trainer says yes or no to its unmarked outcomes."""
        return type(self).settle is not ActivityKind.settle

    def needs_review(self, attempt: AttemptView, outcome: Outcome) -> ReviewRequest | None:
        """How a trainer is to mark an outcome without a score; None (the default) for not at all.

        Asked once, in the transaction that closes the attempt.
        """
        del attempt, outcome
        return None

    def render_review(self, attempt: AttemptView) -> Markup | None:
        """What the trainer marks, safe HTML; None (the default) for what ``render_evidence`` shows.

        Each line that may be evidence has ``data-line="12"`` and ``id="line-12"``: its number in
        the transcript, by which people speak of it.
        """
        del attempt
        return None

    def chats(self, attempt: AttemptView) -> Sequence[tuple[str, Sequence[ChatLine]]]:
        """What was said in a closed attempt, for a case: each customer's name, and the lines.

        Nothing by default. Names and all in the lines are masked before anybody else reads them.
        """
        del attempt
        return ()

    @property
    def has_chats(self) -> bool:
        """Whether its attempts have something said in them."""
        return type(self).chats is not ActivityKind.chats

    def settle_marks(
        self, attempt: AttemptView, scored: Scored, marks: Mapping[str, Mark], *, now: datetime
    ) -> Outcome:
        """The outcome after marking, also after a correction of the marks.

        Args:
            attempt: The attempt, closed.
            scored: What the marks come to; it has a ratio.
            marks: Key of a criterion → its mark.
            now: The time.

        Returns:
            By default the score and shortfalls of the marks, and no measures; where these or the
            summary are empty, those of the unmarked outcome stay.
        """
        del attempt, marks, now
        return Outcome(scored.ratio, shortfalls=scored.shortfalls)

    def regrade(self, attempt: AttemptView, *, now: datetime) -> Outcome:
        """Judge a closed attempt again; like ``close`` by default."""
        return self.close(attempt, now=now)


@dataclass(slots=True)
class Registry:
    """Every kind and material loader of this installation."""

    kinds: dict[str, ActivityKind] = field(default_factory=dict)
    #: What produces evidence and is no activity that anybody begins.
    evidence_kinds: dict[str, EvidenceKind] = field(default_factory=dict)
    materials: dict[str, Callable[[Source], Any]] = field(default_factory=dict)
    #: Name of a material that a table may bring in → what people call the table.
    tables: dict[str, str] = field(default_factory=dict)
    checks: list[Callable[[Catalogue], Iterable[ContentProblem]]] = field(default_factory=list)
    #: Give what is no fault and should be mended all the same.
    advisers: list[Callable[[Catalogue], Iterable[ContentProblem]]] = field(default_factory=list)
    #: Name of a kind or material → the distribution it comes from.
    owners: dict[str, str] = field(
        default_factory=lambda: dict.fromkeys(("bank", "chapter"), "cstrain")
    )

    def add_kind(self, kind: ActivityKind, *, distribution: str) -> None:
        """Register a kind.

        Raises:
            RuntimeError: If its name is taken, it is built for another version of the interface,
                or it is no kind at all. The message names the distribution.
        """
        if not isinstance(kind, ActivityKind):
            raise RuntimeError(f"{distribution}: {kind!r} is no ActivityKind")  # noqa: TRY004
        version = getattr(kind, "api_version", None)
        if version != API_VERSION:
            raise RuntimeError(
                f"{distribution}: {kind!r} is built for interface {version}, this is {API_VERSION}"
            )
        for name in (kind.name, *kind.materials):
            self._claim(name, distribution)
        self.kinds[kind.name] = kind
        self.materials.update(kind.materials)
        self.checks.append(kind.check)
        self.advisers.append(kind.advice)

    def add_evidence_kind(self, kind: EvidenceKind, *, distribution: str = "cstrain") -> None:
        """Register what produces evidence and is no activity.

        Raises:
            RuntimeError: If its name is taken; the message names both distributions.
        """
        self._claim(kind.name, distribution)
        self.evidence_kinds[kind.name] = kind

    def source_of(self, name: str) -> EvidenceKind | None:
        """The kind of evidence of this name; None if it is not installed any more."""
        return self.kinds.get(name) or self.evidence_kinds.get(name)

    def add_material(
        self, name: str, loader: Callable[[Source], Any], *, distribution: str = "cstrain"
    ) -> None:
        """Register the loader of a material.

        Raises:
            RuntimeError: If the name is taken; the message names both distributions.
        """
        self._claim(name, distribution)
        self.materials[name] = loader

    def _claim(self, name: str, distribution: str) -> None:
        if name in self.owners:
            raise RuntimeError(f"{distribution}: {name!r} is taken already, by {self.owners[name]}")
        self.owners[name] = distribution

    def measure(self, name: str) -> Measure:
        """The declared measure of this name, or one that shows the bare name."""
        for kind in self.kinds.values():
            for measure in kind.measures:
                if measure.name == name:
                    return measure
        return Measure(name, {"zh": name, "en": name}, {"zh": "", "en": ""})


def discover(registry: Registry, points: Iterable[EntryPoint] | None = None) -> None:
    """Register the kinds of every installed distribution, ours included.

    Raises:
        RuntimeError: If an import fails or a kind is refused, naming the distribution.
    """
    found = entry_points(group=GROUP) if points is None else points
    for point in sorted(found, key=lambda each: each.name):
        distribution = point.dist.name if point.dist else point.value
        try:
            kind = point.load()
        except Exception as error:
            raise RuntimeError(
                f"{distribution}: the activity kind {point.name!r} cannot be loaded: {error}"
            ) from error
        registry.add_kind(kind, distribution=distribution)
