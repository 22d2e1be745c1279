"""Who is within a stage of a version that is not the published one, and what a move would do.

A new version of a pathway reaches everybody at their next stage by itself. Within a stage people
stay on the version they entered it with, until a manager has looked at this and moves them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import and_, func, or_, select

from cstrain.core.catalogue import active
from cstrain.core.evidence import ledger
from cstrain.core.pathway.decisions import fact
from cstrain.core.pathway.definition import MATERIAL, Pathway, Stage
from cstrain.core.pathway.findings import Facts
from cstrain.core.pathway.gates import Decision, decide
from cstrain.core.pathway.models import DecisionRow, Enrolment, Grant, StageState
from cstrain.core.pathway.overview import current_stage
from cstrain.core.pathway.standing import pinned_all
from cstrain.core.people.access import TeamRef
from cstrain.core.people.models import Identity, Person
from cstrain.kit.db import db

#: A page shows, and a click moves, so many people; the others come after them.
PEOPLE_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Behind:
    """The people of one team in one stage of one version that is not the published one.

    Attributes:
        digest: The version they are on.
        old: The stage as that version has it.
        pathway: The published version.
        new: The stage as the published version has it; None where it is gone.
        count: How many they are.
    """

    team: TeamRef
    digest: str
    old: Stage
    pathway: Pathway
    new: Stage | None
    count: int


@dataclass(frozen=True, slots=True)
class Moving:
    """One of them, and what the gate would say.

    Attributes:
        state: The state of the stage.
        is_held: Whether a person has said to stop; a move does not lift that.
        before: What the gate of their version says now.
        after: What the published one would; None where the stage is gone.
    """

    enrolment_id: int
    person_id: int
    name: str
    employee_no: str
    state: str
    is_held: bool
    before: Decision
    after: Decision | None


def behind(teams: Sequence[TeamRef]) -> list[Behind]:
    """Where the published version has changed the stage that people are in.

    One statement; one more for versions that this process has not read yet. Pathways that are
    not published any more have nothing to move to.
    """
    published = {
        team.id: {each.slug: each for each in active.for_team(team.slug).materials[MATERIAL]}
        for team in teams
        if MATERIAL in active.for_team(team.slug).materials
    }
    if not published:
        return []
    rows = db.session.execute(
        select(
            Enrolment.team_id,
            Enrolment.pathway,
            Enrolment.pathway_digest,
            Enrolment.stage,
            func.count().label("people_count"),
        )
        .where(
            Enrolment.state == "active",
            or_(
                *(
                    and_(
                        Enrolment.team_id == team_id,
                        Enrolment.pathway_digest.not_in([each.digest for each in now.values()]),
                    )
                    for team_id, now in published.items()
                )
            ),
        )
        .group_by(Enrolment.team_id, Enrolment.pathway, Enrolment.pathway_digest, Enrolment.stage)
        .order_by(Enrolment.team_id, Enrolment.pathway, Enrolment.pathway_digest)
    ).all()
    versions = pinned_all(row.pathway_digest for row in rows)
    refs = {team.id: team for team in teams}
    found: list[tuple[int, Behind]] = []
    for row in rows:
        pathway, version = published[row.team_id].get(row.pathway), versions.get(row.pathway_digest)
        if pathway is None or version is None:
            continue
        place = version.position(row.stage)
        old = version.stages[place]
        new = next((stage for stage in pathway.stages if stage.slug == row.stage), None)
        if new != old:
            group = Behind(
                refs[row.team_id], row.pathway_digest, old, pathway, new, row.people_count
            )
            found.append((place, group))
    found.sort(key=lambda each: (each[1].team.id, each[1].pathway.slug, each[0]))
    return [group for _place, group in found]


def people(groups: Sequence[Behind], *, now: datetime) -> list[list[Moving]]:
    """The people of each group by employee number, ``PEOPLE_SHOWN`` at most. Four statements."""
    if not groups:
        return []
    rows = db.session.execute(
        select(
            Enrolment.id,
            Enrolment.person_id,
            Enrolment.team_id,
            Enrolment.pathway_digest,
            Enrolment.stage,
            Enrolment.cycle,
            Identity.name,
            Person.employee_no,
            StageState.state,
            DecisionRow.by_person_id.label("decided_by"),
        )
        .join(Identity, Identity.person_id == Enrolment.person_id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(StageState, current_stage())
        .outerjoin(DecisionRow, DecisionRow.id == StageState.decision_id)
        .where(
            Enrolment.state == "active",
            or_(
                *(
                    and_(
                        Enrolment.team_id == group.team.id,
                        Enrolment.pathway_digest == group.digest,
                        Enrolment.stage == group.old.slug,
                    )
                    for group in groups
                )
            ),
        )
        .order_by(Person.employee_no)
        .limit(PEOPLE_SHOWN)
    ).all()
    evidence = ledger.of_enrolments({row.id: row.cycle for row in rows})
    work = ledger.at_work({(row.team_id, row.person_id) for row in rows})
    extra: defaultdict[int, dict[str, int]] = defaultdict(dict)
    granted = db.session.execute(
        select(Grant.enrolment_id, Grant.activity, func.count())
        .join(Enrolment, and_(Enrolment.id == Grant.enrolment_id, Enrolment.cycle == Grant.cycle))
        .where(Grant.enrolment_id.in_([row.id for row in rows]))
        .group_by(Grant.enrolment_id, Grant.activity)
    )
    for enrolment_id, activity, count in granted:
        extra[enrolment_id][activity] = count
    places = {
        (each.team.id, each.digest, each.old.slug): place for place, each in enumerate(groups)
    }
    found: list[list[Moving]] = [[] for _group in groups]
    for row in rows:
        place = places[row.team_id, row.pathway_digest, row.stage]
        group = groups[place]
        views = ledger.joined(evidence[row.id], work.get((row.team_id, row.person_id), ()))
        facts = Facts.of([fact(view, group.team.timezone) for view in views])
        ask = partial(decide, facts=facts, now=now, extra_attempts=extra[row.id])
        found[place].append(
            Moving(
                row.id,
                row.person_id,
                row.name,
                row.employee_no,
                row.state,
                row.state == "help" and row.decided_by is not None,
                before=ask(group.old.gate),
                after=ask(group.new.gate) if group.new else None,
            )
        )
    return found
