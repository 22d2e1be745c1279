"""Pages of sharing sessions, and of what people tell for cases."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people.access import Role, TeamRef, requires, row_of_my_team, team_as, viewer
from cstrain.desk.cases import sharing, tips
from cstrain.desk.cases.case_forms import SessionForm, TipForm
from cstrain.desk.cases.case_views import WRITERS, bp
from cstrain.desk.cases.models import CaseTip, SharingSession
from cstrain.desk.cases.tips import TipKind
from cstrain.desk.chats import typed
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

_OUTCOME_MAX, _LINE_MAX = 2000, 200


@bp.get("/sessions")
@requires()
def sessions() -> ResponseReturnValue:
    """The sharing sessions of the viewer's teams."""
    now = utc_now()
    rows = sharing.listed(list(viewer().roles))
    return render_template(
        "cases/sessions.html",
        coming=[row for row in reversed(rows) if row.held_at is None and row.starts_at > now],
        begun=[row for row in rows if row.held_at is not None or row.starts_at <= now],
        may_write=viewer().has(*WRITERS),
        my_teams=viewer().team_ids(*WRITERS),
    )


@bp.route("/sessions/new", methods=["GET", "POST"])
@requires(*WRITERS)
def new_session() -> ResponseReturnValue:
    """Plan one: when, and which cases."""
    team = _team(*WRITERS)
    cases = sharing.recent_cases(team.id)
    fresh = [each.case_id for each in cases if not each.was_shared and each.planned is None]
    form = SessionForm(
        title=_("案例分享会"),
        starts_at=sharing.next_time(team.id, team.timezone, now=utc_now()),
        cases=fresh[: sharing.CASES_USUAL],
    )
    form.offer(cases)
    if form.is_submitted() and form.validate() and form.starts_at.data is not None:
        starts_at = form.starts_at.data.replace(tzinfo=ZoneInfo(team.timezone))
        title = typed.kept(form.title.data)
        try:
            with transaction():
                session_id = sharing.plan(
                    team.id,
                    title,
                    starts_at,
                    form.cases.data or [],
                    by=viewer().id,
                    now=utc_now(),
                )
        except InvalidError as error:
            form.form_errors.append(str(error))
        else:
            flash(_("定好了，学员会收到通知。"), "passed")
            return redirect(url_for("cases.sharing_session", session_id=session_id))
    page = render_template(
        "cases/session_form.html", form=form, team=team, teams=viewer().teams_as(*WRITERS)
    )
    return page, 422 if form.errors else 200


def _team(*roles: Role) -> TeamRef:
    """The team that ``?team=`` or the form names, the first one without it.

    Raises:
        NotFoundError: If it is none in which the viewer holds one of the roles.
    """
    return team_as(request.values.get("team", type=int), *roles)


@bp.get("/sessions/<int:session_id>")
@requires()
def sharing_session(session_id: int) -> ResponseReturnValue:
    """One session: its agenda, who was there, what came of it.

    Raises:
        NotFoundError: If it is no team's of the viewer's.
    """
    row = db.session.get(SharingSession, session_id)
    if row is None or row.team_id not in viewer().roles:
        raise NotFoundError
    guests = sharing.guests(row)
    return render_template(
        "cases/session.html",
        session=row,
        agenda=sharing.agenda(session_id),
        before=sharing.agreed_before(row),
        guests=guests,
        there=[each for each in guests if each.was_there],
        may_write=row.team_id in viewer().team_ids(*WRITERS),
        has_begun=row.starts_at <= utc_now(),
        line_max=_LINE_MAX,
        outcome_max=_OUTCOME_MAX,
    )


def _session(session_id: int) -> SharingSession:
    """A session of a team whose cases the viewer looks after.

    Raises:
        NotFoundError: If there is none.
    """
    return row_of_my_team(SharingSession, session_id, *WRITERS)


@bp.post("/sessions/<int:session_id>")
@requires(*WRITERS)
def record_session(session_id: int) -> ResponseReturnValue:
    """Write down who was there and what came of it."""
    said = {
        int(name.removeprefix("outcome-")): " ".join(value.split())
        for name, value in request.form.items()
        if re.fullmatch(r"outcome-[0-9]{1,18}", name)
    }
    whole = request.form.get("outcome", "")
    outcomes = typed.kept_all({**said, None: whole})
    present = [int(each) for each in request.form.getlist("present") if _is_id(each)]
    try:
        with transaction():
            _session(session_id)
            sharing.record(
                session_id,
                present=present,
                outcomes={case_id: outcomes[case_id][:_LINE_MAX] for case_id in said},
                outcome=outcomes[None][:_OUTCOME_MAX],
                now=utc_now(),
            )
    except ConflictError as error:
        flash(str(error), "failed")
    else:
        flash(_("记下了，学员在这一页看得到。"), "passed")
    return redirect(url_for("cases.sharing_session", session_id=session_id))


def _is_id(said: str) -> bool:
    return re.fullmatch(r"[0-9]{1,18}", said) is not None


@bp.post("/sessions/<int:session_id>/cancel")
@requires(*WRITERS)
def cancel_session(session_id: int) -> ResponseReturnValue:
    """Call one off."""
    with transaction():
        _session(session_id)
        sharing.cancel(session_id, now=utc_now())
    flash(_("取消了。"), "passed")
    return redirect(url_for("cases.sessions"))


# -- what people tell ------------------------------------------------------------------------------


@bp.route("/tips/new", methods=["GET", "POST"])
@requires()
def new_tip() -> ResponseReturnValue:
    """The short form: something seen, or what a customer wrote."""
    team, form = _team(), TipForm()
    if not form.is_submitted():
        form.kind.data = TipKind.OBSERVATION.value
    elif form.validate():
        said = typed.kept_all({"": form.text.data or "", "product": form.product.data or ""})
        with transaction():
            tips.tell(
                team.id,
                TipKind(form.kind.data),
                said[""],
                said["product"],
                by=viewer().id,
                now=utc_now(),
            )
        flash(_("收到了，带教会看。谢谢！"), "passed")
        return redirect(url_for("cases.new_tip", team=team.id if len(viewer().roles) > 1 else None))
    page = render_template(
        "cases/tip_form.html",
        form=form,
        team=team,
        teams=list(viewer().teams.values()),
        kinds=tips.KINDS,
        told=tips.own(viewer().id),
    )
    return page, 422 if form.errors else 200


@bp.get("/tips")
@requires(*WRITERS)
def tip_list() -> ResponseReturnValue:
    """What people of the viewer's teams have told and nobody has looked at yet."""
    is_put_by = request.args.get("show") == "put_by"
    teams = viewer().team_ids(*WRITERS)
    rows = tips.waiting(teams, state=tips.PUT_BY if is_put_by else tips.NEW)
    return render_template("cases/tips.html", rows=rows, kinds=tips.KINDS, is_put_by=is_put_by)


@bp.post("/tips/<int:tip_id>/settle")
@requires(*WRITERS)
def settle_tip(tip_id: int) -> ResponseReturnValue:
    """Put a tip by; with ``back=1`` take it up again.

    Raises:
        NotFoundError: If there is none.
    """
    row_of_my_team(CaseTip, tip_id, *WRITERS)
    is_back = request.form.get("back") == "1"
    with transaction():
        tips.settle(tip_id, tips.NEW if is_back else tips.PUT_BY)
    flash(_("放回来了。") if is_back else _("放到一边了，随时可以拿回来。"), "passed")
    return redirect(url_for("cases.tip_list"))
