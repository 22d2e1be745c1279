"""Pages of retention: how long chats are kept, what must stay, what was deleted."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people.access import Role, requires, staff_of_or_404, viewer
from cstrain.desk.chats import retention, typed
from cstrain.desk.chats.views import READERS, reader_teams
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ConflictError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext

bp = Blueprint("chat_retention", __name__, url_prefix="/chats")
_REASON_MAX = 200
_PAGES_MAX = 10_000


@bp.get("/retention")
@requires(*READERS)
def page() -> ResponseReturnValue:
    """The rule of each team, what must stay, and the log of what was deleted."""
    team_ids = reader_teams()
    number = min(max(request.args.get("page", 1, type=int), 1), _PAGES_MAX)
    return render_template(
        "chats/retention.html",
        teams=[viewer().teams[team_id] for team_id in team_ids],
        may_change=set(viewer().team_ids(Role.MANAGER)),
        days=retention.days_of(team_ids),
        usual=retention.USUAL_DAYS,
        least=retention.MIN_DAYS,
        most=retention.MAX_DAYS,
        holds=retention.holds(team_ids),
        erasures=retention.erasures(team_ids, number=number),
    )


@bp.post("/retention")
@requires(Role.MANAGER)
def change() -> ResponseReturnValue:
    """Say how long a team keeps what was said.

    Raises:
        NotFoundError: If the viewer does not manage the team.
    """
    team_id = request.form.get("team", type=int)
    if team_id is None:
        raise NotFoundError
    staff_of_or_404(team_id, Role.MANAGER)
    days = request.form.get("days", type=int)
    if days is None or not retention.MIN_DAYS <= days <= retention.MAX_DAYS:
        text = _(
            "天数要在 %(least)s 到 %(most)s 之间。",
            least=retention.MIN_DAYS,
            most=retention.MAX_DAYS,
        )
        flash(text, "failed")
    else:
        with transaction():
            retention.set_days(team_id, days, by=viewer().id, now=utc_now())
        flash(_("记下了。每天凌晨按这个期限删，删了什么在下面查得到。"), "passed")
        zone = viewer().teams[team_id].timezone
        count = retention.due_count(team_id, zone, days, now=utc_now())
        if count:
            text = ngettext(
                "下一个凌晨会删 %(count)s 段聊天的内容，要留的先点“到期也留着”。", count
            )
            flash(text, "note")
    return redirect(url_for("chat_retention.page"))


@bp.post("/<int:conversation_id>/hold")
@requires(*READERS)
def hold(conversation_id: int) -> ResponseReturnValue:
    """Let a conversation stay, with a reason."""
    reason = typed.kept_line(request.form.get("reason"), _REASON_MAX)
    try:
        with transaction():
            retention.hold(
                conversation_id,
                reason,
                team_ids=viewer().team_ids(*READERS),
                by=viewer().id,
                now=utc_now(),
            )
        flash(_("留着了，到期也不会删。"), "passed")
    except ConflictError as error:
        flash(str(error), "failed")
    return redirect(url_for("chats.show", conversation_id=conversation_id))


@bp.post("/<int:conversation_id>/release")
@requires(*READERS)
def release(conversation_id: int) -> ResponseReturnValue:
    """Let the rule apply to a conversation again."""
    with transaction():
        retention.release(
            conversation_id, team_ids=viewer().team_ids(*READERS), by=viewer().id, now=utc_now()
        )
    flash(_("不再特别留着，按期限处理。"), "passed")
    return redirect(url_for("chat_retention.page"))
