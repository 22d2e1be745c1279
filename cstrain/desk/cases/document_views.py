"""Pages of case documents: the rule by which they go out, what waits, sending now."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people.access import requires, staff_of_or_404, viewer
from cstrain.core.people.models import Team
from cstrain.desk.cases import documents
from cstrain.desk.cases.case_forms import RuleForm
from cstrain.desk.cases.case_views import WRITERS, bp
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

#: What the form offers first: as practitioners do it.
_USUAL = {"every_days": 3, "read_days": 2}


@bp.route("/documents", methods=["GET", "POST"])
@requires(*WRITERS)
def documents_page() -> ResponseReturnValue:
    """The rule of a team and the cases that wait; a post sets the rule."""
    team = _team()
    outlook = documents.outlook(team, now=utc_now())
    form = RuleForm(obj=outlook.rule) if outlook.rule is not None else RuleForm(data=_USUAL)
    if form.is_submitted() and form.validate():
        with transaction():
            documents.set_rule(
                team.id,
                form.every_days.data or 0,
                form.read_days.data or 0,
                by=viewer().id,
                now=utc_now(),
            )
        flash(_("记下了，到日子早上 8 点自动发。"), "passed")
        return redirect(_back(team))
    page = render_template(
        "cases/documents.html",
        team=team,
        teams=viewer().teams_as(*WRITERS),
        outlook=outlook,
        form=form,
        most=documents.CASES_MOST,
    )
    return page, 422 if form.errors else 200


def _team() -> Team:
    """The team that ``?team=`` or the form names, the first one without it.

    Raises:
        NotFoundError: If it is none whose cases the viewer looks after.
    """
    wanted = request.values.get("team", type=int)
    mine = viewer().team_ids(*WRITERS)
    if wanted is not None and wanted not in mine:
        raise NotFoundError
    return db.session.get_one(Team, mine[0] if wanted is None else wanted)


def _back(team: Team) -> str:
    return url_for("cases.documents_page", team=team.id)


@bp.post("/documents/<int:team_id>/end")
@requires(*WRITERS)
def end_rule(team_id: int) -> ResponseReturnValue:
    """Let nothing go out by itself any more."""
    staff_of_or_404(team_id, *WRITERS)
    with transaction():
        documents.end_rule(team_id)
    flash(_("不再自动发了。已经发出的照样要读。"), "passed")
    return redirect(url_for("cases.documents_page", team=team_id))


@bp.post("/documents/<int:team_id>/send")
@requires(*WRITERS)
def send_now(team_id: int) -> ResponseReturnValue:
    """Send what waits now."""
    staff_of_or_404(team_id, *WRITERS)
    team, now = db.session.get_one(Team, team_id), utc_now()
    rule = documents.outlook(team, now=now).rule
    read_days = rule.read_days if rule is not None else _USUAL["read_days"]
    try:
        with transaction():
            team = db.session.get_one(Team, team_id)
            notice = documents.send(team, read_days=read_days, by=viewer().id, now=now)
            notice_id = notice.id
    except InvalidError as error:
        flash(str(error), "failed")
        return redirect(url_for("cases.documents_page", team=team_id))
    flash(_("发出去了。谁读了、谁没读，都在这里看。"), "passed")
    return redirect(url_for("notices.readers", notice_id=notice_id))
