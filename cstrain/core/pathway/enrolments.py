"""Entering and leaving pathways."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text, update

from cstrain.core.catalogue import active
from cstrain.core.catalogue.publish import active_revision_id
from cstrain.core.certification import queries as certificates
from cstrain.core.pathway import decisions
from cstrain.core.pathway.models import Enrolment
from cstrain.core.pathway.stages import enter_stage
from cstrain.core.pathway.standing import forget, is_published, published
from cstrain.core.people.access import STAFF, Role
from cstrain.core.people.hooks import Arrival, Departure
from cstrain.core.people.models import Team
from cstrain.core.people.queries import people_with
from cstrain.kit.db import db, insert_for
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.outbox import tell


def enrol(person_id: int, team_id: int, pathway_slug: str | None, *, now: datetime) -> Enrolment:
    """Put a person on a pathway of a team, at its first stage.

    Args:
        person_id: The trainee.
        team_id: The team.
        pathway_slug: The pathway; None for the team's usual one.
        now: The time of entry.

    Raises:
        NotFoundError: If the team or the pathway does not exist.
        ConflictError: If the person is on this pathway already.
    """
    team = db.session.get(Team, team_id)
    if team is None:
        raise NotFoundError
    pathway = published(active.for_team(team.slug), pathway_slug or team.pathway_slug)
    enrolment_id = db.session.scalar(
        insert_for(Enrolment)
        .values(
            person_id=person_id,
            team_id=team_id,
            pathway=pathway.slug,
            pathway_digest=pathway.digest,
            stage=pathway.stages[0].slug,
            started_at=now,
            last_activity_at=now,
        )
        .on_conflict_do_nothing(
            index_elements=["team_id", "person_id", "pathway"],
            index_where=text("state = 'active'"),
        )
        .returning(Enrolment.id)
    )
    if enrolment_id is None:
        raise ConflictError(_("已经在这条路径上了。"))
    enrolment = decisions.locked_enrolment(enrolment_id)
    enter_stage(enrolment, pathway, 0, now=now)
    decisions.evaluate(enrolment, team, now=now)
    forget()
    return enrolment


def joined(arrival: Arrival) -> None:
    """Somebody takes up a role: a trainee goes on where leaving stopped, or begins.

    Who comes from another team with a valid certificate begins only what was chosen. Where the
    team's usual pathway is not published, a trainer enrols people later by hand.

    Raises:
        InvalidError: If the chosen pathway is not published for the team.
    """
    chosen = arrival.pathway
    if arrival.role is not Role.TRAINEE or not active_revision_id() or chosen == "":
        return
    is_usual_move = chosen is None and arrival.is_transfer
    if is_usual_move and certificates.held(arrival.person_id, now=arrival.at):
        return
    team = db.session.get_one(Team, arrival.team_id)
    rows = db.session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id == arrival.person_id, Enrolment.team_id == arrival.team_id)
        .order_by(Enrolment.id.desc())
    ).all()
    if rows and rows[0].state == "stopped" and chosen in {None, rows[0].pathway}:
        rows[0].state, rows[0].ended_at = "active", None
        db.session.flush()
        forget()
    elif is_published(active.for_team(team.slug), chosen or team.pathway_slug):
        if chosen or not rows:
            enrol(arrival.person_id, arrival.team_id, chosen, now=arrival.at)
    elif chosen:
        raise InvalidError(_("%(team)s没有这条路径，换一条。", team=team.name))


def left(departure: Departure) -> None:
    """End a leaver's active pathways in the teams left; everything so far stays.

    What waits for a leaving trainer is the team's, so the other trainers find it in the queue.
    """
    db.session.execute(
        update(Enrolment)
        .where(
            Enrolment.person_id == departure.person_id,
            Enrolment.team_id.in_(departure.team_ids),
            Enrolment.state == "active",
        )
        .values(state="stopped", ended_at=departure.at)
    )
    for team_id in departure.team_ids:
        _hand_over(departure, team_id)


def _hand_over(departure: Departure, team_id: int) -> None:
    """Tell those who stay what the leaver's going means for them: the queue is theirs."""
    for person_id in people_with(team_id, *STAFF):
        if person_id not in {departure.person_id, departure.by}:
            tell(
                person_id,
                "person_left",
                f"person:{departure.person_id}:{departure.at.isoformat()}",
                team_id=team_id,
                data={"person_id": departure.person_id},
                now=departure.at,
            )
    forget()
