"""Pages of teams, for administrators."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people import forms, hooks, queries, teams
from cstrain.core.people.access import Role, requires, staff_of_or_404, viewer
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import zone_words

bp = Blueprint("teams", __name__, url_prefix="/teams")
#: The zones shops are in; a team's own zone is added when it is another one.
TIMEZONES = (
    *("Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Tokyo"),
    *("Asia/Singapore", "Asia/Bangkok", "Asia/Kolkata", "Asia/Dubai", "Europe/Berlin"),
    *("Europe/London", "America/New_York", "America/Los_Angeles", "Australia/Sydney", "UTC"),
)


@bp.get("")
@requires(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """The teams one administers."""
    rows = queries.team_list(viewer().team_ids(Role.ADMINISTRATOR))
    return render_template(
        "people/teams.html", rows=rows, pathways=dict(hooks.pathways()), zone_words=zone_words
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def create() -> ResponseReturnValue:
    """Open a team."""
    form = forms.NewTeamForm(timezone=TIMEZONES[0], needed_on_duty_count=0)
    _fill(form)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                with transaction():
                    teams.create_team(
                        form.slug.data or "", _facts(form), by=viewer().id, now=utc_now()
                    )
            except InvalidError as error:
                forms.refuse(form, error)
            else:
                flash(_("店铺开好了，你是它的管理员。"), "passed")
                return redirect(url_for("teams.index"))
    return render_template("people/team.html", form=form, row=None), status


@bp.route("/<int:team_id>", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def edit(team_id: int) -> ResponseReturnValue:
    """Change what a team is set to.

    Raises:
        NotFoundError: If the viewer does not administer it.
    """
    staff_of_or_404(team_id, Role.ADMINISTRATOR)
    row = next(iter(queries.team_list([team_id])), None)
    if row is None:
        raise NotFoundError
    form = forms.TeamForm(obj=row)
    _fill(form, row)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                with transaction():
                    teams.change_team(team_id, _facts(form), by=viewer().id)
            except InvalidError as error:
                forms.refuse(form, error)
            else:
                flash(_("保存好了。"), "passed")
                return redirect(url_for("teams.index"))
    return render_template("people/team.html", form=form, row=row), status


def _fill(form: forms.TeamForm, row: queries.TeamRow | None = None) -> None:
    own_zone = [row.timezone] if row and row.timezone not in TIMEZONES else []
    form.timezone.choices = [(zone, zone_words(zone)) for zone in [*own_zone, *TIMEZONES]]
    pathways = hooks.pathways()
    own = row.pathway_slug if row else teams.FIRST_PATHWAY
    if not pathways or (row and own not in dict(pathways)):
        pathways = [(own, own), *pathways]
    form.pathway_slug.choices = pathways
    if row is None and request.method == "GET":
        form.pathway_slug.data = own  # not simply the first of the list


def _facts(form: forms.TeamForm) -> teams.TeamFacts:
    return teams.TeamFacts(
        name=form.name.data or "",
        timezone=form.timezone.data,
        needed_on_duty_count=form.needed_on_duty_count.data or 0,
        pathway_slug=form.pathway_slug.data,
    )
