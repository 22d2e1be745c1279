"""What the page of a person shows of the path."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup
from sqlalchemy import select

from cstrain.core.pathway import standing, words
from cstrain.core.pathway.models import Enrolment, StageState
from cstrain.core.people.person_page import PersonPage
from cstrain.kit.db import db


def path_panel(page: PersonPage) -> Markup | str:
    """The pathways of the person in the teams the viewer looks after. One statement."""
    rows = db.session.execute(
        select(
            Enrolment.id,
            Enrolment.state,
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
    return Markup(  # noqa: S704 - the template escapes
        render_template(
            "pathway/panel.html",
            rows=[
                (row, pathways[row.pathway_digest], pathways[row.pathway_digest].stage(row.stage))
                for row in rows
            ],
            person_id=page.id,
            state_word=words.stage_state_word,
        )
    )
