"""The home page that answers "what now?", and the search that opens with ``/`` on any page."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active
from cstrain.core.pathway import standing
from cstrain.core.people.access import STAFF, Role, requires, viewer
from cstrain.kit.clock import utc_now
from cstrain.layout import staff, trainee

home = Blueprint("home", __name__)
QUERY_LIMIT = 60


@home.get("/")
@requires()
def index() -> ResponseReturnValue:
    """The next step, for every role the viewer holds."""
    me, now = viewer(), utc_now()
    trains = me.has(Role.TRAINER)
    manages = me.has(Role.MANAGER, Role.ADMINISTRATOR)
    learns = me.has(Role.TRAINEE) or not (trains or manages)
    return render_template(
        "layout/home.html",
        trainee=trainee.trainee_home(me, now) if learns else None,
        trainer=staff.trainer_home(me, now) if trains else None,
        manager=staff.manager_home(me, now) if manages else None,
    )


@home.get("/search")
@requires()
def search() -> ResponseReturnValue:
    """Results of the course and of all that a shop looks up; locked lessons stay out."""
    me, now = viewer(), utc_now()
    found = standing.of_person(me.id)
    query = request.args.get("q", "")[:QUERY_LIMIT]
    if found is None:
        catalogue = active.for_team(next((team.slug for team in me.teams.values()), None))
        is_staff = me.has(*STAFF)
        hits = catalogue.search(query, lambda _slug: is_staff)
    else:
        catalogue = found.catalogue()
        hits = catalogue.search(
            query,
            lambda slug: (
                found.lock(slug, is_exam=catalogue.activity(slug).is_exam, now=now) is None
            ),
        )
    return render_template("layout/results.html", hits=hits, query=query)
