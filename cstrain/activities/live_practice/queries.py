"""Reading sessions: the session, its customers and lines, and the scenarios it was drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select

from cstrain.activities.live_practice import panel, person
from cstrain.activities.live_practice.models import PracticeCustomer, PracticeLine, PracticeSession
from cstrain.activities.live_practice.reading import MATERIAL
from cstrain.activities.live_practice.scenario import Scenario
from cstrain.activities.live_practice.spec import PracticeSpec
from cstrain.kit.db import Model, db, run
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import AttemptView, Catalogue, catalogue_of, material_of

_CUSTOMER_COLUMNS = tuple(PracticeCustomer.__table__.columns)
_LINE_COLUMNS = tuple(PracticeLine.__table__.columns)
_SESSION = select(*PracticeSession.__table__.columns).where(
    PracticeSession.attempt_id == bindparam("of_attempt")
)
_LOCKED = _SESSION.with_for_update()
_CUSTOMERS = (
    select(*_CUSTOMER_COLUMNS)
    .where(PracticeCustomer.attempt_id == bindparam("of_attempt"))
    .order_by(PracticeCustomer.seat)
)
_LINES = (
    select(*_LINE_COLUMNS)
    .where(PracticeLine.attempt_id == bindparam("of_attempt"), PracticeLine.id > bindparam("after"))
    .order_by(PracticeLine.id)
)
_OPEN = select(PracticeSession.settings, PracticeSession.deadline_at).where(
    PracticeSession.person_id == bindparam("of_person"), PracticeSession.closed_at.is_(None)
)
_BY_KEY = select(PracticeLine.id).where(
    PracticeLine.attempt_id == bindparam("of_attempt"), PracticeLine.key == bindparam("of_key")
)


def session_of(attempt_id: int, *, is_locked: bool = False) -> Row[Any]:
    """The session of an attempt; locked, it is held until the transaction ends.

    Raises:
        NotFoundError: If there is none.
    """
    row = run(_LOCKED if is_locked else _SESSION, {"of_attempt": attempt_id}).first()
    if row is None:
        raise NotFoundError(_("没有这次作答。"))
    return row


def is_assessed(person_id: int, *, now: datetime) -> bool:
    """Whether somebody is in an assessment just now. One statement."""
    rows = run(_OPEN, {"of_person": person_id})
    return any(row.settings["is_exam"] and row.deadline_at > now for row in rows)


def is_practising(person_id: int) -> bool:
    """Whether somebody has a session open that is no assessment. One statement."""
    return any(not row.settings["is_exam"] for row in run(_OPEN, {"of_person": person_id}))


def customers_of(attempt_id: int) -> Sequence[Row[Any]]:
    """Everybody who has come, in the order of their seats."""
    return run(_CUSTOMERS, {"of_attempt": attempt_id}).all()


def lines_of(attempt_id: int, *, after: int = 0) -> Sequence[Row[Any]]:
    """The lines after a cursor, in order."""
    return run(_LINES, {"of_attempt": attempt_id, "after": after}).all()


def is_known(attempt_id: int, key: str) -> bool:
    """Whether a line of this key has been kept."""
    return run(_BY_KEY, {"of_attempt": attempt_id, "of_key": key}).first() is not None


def scenarios_of(catalogue: Catalogue) -> list[Scenario]:
    """Every scenario of a team, in path order."""
    return [each for each in catalogue.materials.get(MATERIAL, ()) if isinstance(each, Scenario)]


def candidates(
    spec: PracticeSpec, catalogue: Catalogue, scope: Sequence[str] = ()
) -> list[Scenario]:
    """The scenarios that may come in a session.

    Args:
        spec: The session; it names them, or says of which track, topics and levels they are.
        catalogue: The team's content. A scenario whose products the shop lacks is left out.
        scope: Sections to relearn; scenarios of these are taken where there are some.
    """
    numbers = {card.number for card in panel.cards(catalogue)}
    found = [
        each
        for each in scenarios_of(catalogue)
        if set(each.products) <= numbers and _fits(each, spec)
    ]
    wanted = set(scope)
    return [each for each in found if wanted.intersection(each.sections)] or found


def _fits(scenario: Scenario, spec: PracticeSpec) -> bool:
    if spec.scenarios:
        return scenario.slug in spec.scenarios
    return (
        (not spec.tracks or scenario.track in spec.tracks)
        and (not spec.topics or not set(spec.topics).isdisjoint(scenario.topics))
        and scenario.level in spec.levels
    )


def finder(
    attempt: AttemptView, digests: Mapping[str, str], *, is_played: bool = False
) -> Mapping[str, Scenario]:
    """The scenarios of a session by slug, each as it was when the session began.

    Args:
        attempt: The attempt.
        digests: Slug → digest of its file; both empty where a person plays without a script.
        is_played: Whether a person plays the customer.

    Raises:
        NotFoundError: If one of that time is missing.
    """
    now = {each.slug: each for each in scenarios_of(catalogue_of(attempt)) if each.slug in digests}
    found = {
        slug: now[slug]
        if slug in now and now[slug].digest == digest
        else material_of(attempt, digest)
        if digest
        else person.STRANGER
        for slug, digest in digests.items()
    }
    return {slug: person.played(each) for slug, each in found.items()} if is_played else found


_SEEN = (
    select(PracticeCustomer.scenario, func.count())
    .where(PracticeCustomer.person_id == bindparam("of_person"))
    .group_by(PracticeCustomer.scenario)
)


def seen(person_id: int) -> dict[str, int]:
    """How often a person has met each scenario."""
    return {row[0]: row[1] for row in run(_SEEN, {"of_person": person_id})}


@dataclass(frozen=True, slots=True)
class Met:
    """How a person has fared with a scenario.

    Attributes:
        good_count: How often it ended as the shop wants.
        last_at: When the latest session with it began.
    """

    count: int
    good_count: int
    last_at: datetime


_MET = (
    select(
        PracticeCustomer.scenario,
        func.count(),
        func.sum(case((PracticeCustomer.is_good.is_(True), 1), else_=0)),
        func.max(PracticeSession.started_at),
    )
    .join(PracticeSession, PracticeSession.attempt_id == PracticeCustomer.attempt_id)
    .where(
        PracticeCustomer.person_id == bindparam("of_person"), PracticeCustomer.outcome.is_not(None)
    )
    .group_by(PracticeCustomer.scenario)
)


def met(person_id: int) -> dict[str, Met]:
    """How a person has fared with each scenario that came to an end."""
    return {row[0]: Met(row[1], int(row[2]), row[3]) for row in run(_MET, {"of_person": person_id})}


def chats_of(lines: Iterable[Row[Any]]) -> dict[int, list[Row[Any]]]:
    """Lines by customer, in order."""
    chats: dict[int, list[Row[Any]]] = {}
    for line in lines:
        chats.setdefault(line.customer_id, []).append(line)
    return chats


def team_timezone(team_id: int) -> str:
    """The zone in which a team lives its days."""
    teams = Model.metadata.tables["team"]  # the door tells no team's zone without a viewer
    zone: str = db.session.execute(
        select(teams.c.timezone).where(teams.c.id == team_id)
    ).scalar_one()
    return zone
