"""What the page of a person shows of the path."""

from __future__ import annotations

from collections.abc import Collection

from flask import render_template
from markupsafe import Markup
from sqlalchemy import select

from cstrain.core.catalogue import active
from cstrain.core.catalogue.publish import active_revision_id
from cstrain.core.certification import queries as certificates
from cstrain.core.pathway import hooks, standing, words
from cstrain.core.pathway.definition import MATERIAL, Pathway
from cstrain.core.pathway.models import Enrolment, StageState
from cstrain.core.people.access import Role, viewer
from cstrain.core.people.person_page import PersonPage
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db
from cstrain.kit.i18n import pick


def path_panel(page: PersonPage) -> Markup | str:
    """Pathways in the teams the viewer looks after, and valid certificates with their notes.

    Two statements, and those of the notes.
    """
    rows = db.session.execute(
        select(
            Enrolment.id,
            Enrolment.state,
            Enrolment.team_id,
            Enrolment.pathway,
            Enrolment.pathway_digest,
            Enrolment.started_at,
            StageState.stage,
            StageState.state.label("stage_state"),
            StageState.since_at,
        )
        .join(
            StageState,
            (StageState.enrolment_id == Enrolment.id)
            & (StageState.cycle == Enrolment.cycle)
            & (StageState.stage == Enrolment.stage),
        )
        .where(Enrolment.person_id == page.id, Enrolment.team_id.in_(page.team_ids))
        .order_by(Enrolment.id.desc())
    ).all()
    pathways = standing.pinned_all({row.pathway_digest for row in rows})
    held = certificates.held(page.id, now=utc_now()) if page.is_here else ()
    serves = bool(rows or held)
    return Markup(  # noqa: S704 - the template escapes
        render_template(
            "pathway/panel.html",
            rows=[
                (row, pathways[row.pathway_digest], pathways[row.pathway_digest].stage(row.stage))
                for row in rows
            ],
            held=held,
            notes=list(filter(None, (note(page) for note in hooks.duty_notes if serves))),
            person_id=page.id,
            may_see=page.left_at is None
            and any(post.role == Role.TRAINEE for post in page.current),
            offers=_offers(
                page, {(row.team_id, row.pathway) for row in rows if row.state == "active"}
            ),
            state_word=words.stage_state_word,
        )
    )


def _offers(
    page: PersonPage, taken: Collection[tuple[int, str]]
) -> list[tuple[int, str, list[Pathway]]]:
    """The pathways the person could be put on: team id, team name, pathways not under way."""
    offers = []
    for post in page.current:
        if post.role != Role.TRAINEE or page.left_at is not None:
            continue
        team = viewer().teams.get(post.team_id)
        if team is None:
            continue
        pathways = [
            pathway
            for pathway in active.for_team(team.slug).materials.get(MATERIAL, ())
            if (team.id, pathway.slug) not in taken
        ]
        if pathways:
            offers.append((team.id, team.name, pathways))
    return offers


def pathway_choices() -> list[tuple[str, str]]:
    """Every published pathway of the shared course: slug and title; none before the first."""
    if not active_revision_id():
        return []
    pathways = active.for_team(None).materials.get(MATERIAL, ())
    return [(pathway.slug, pick(pathway.title)) for pathway in pathways]
