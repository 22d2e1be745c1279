"""The ways from a case to the shop's content: each leads to the page that shows the draft."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active, bank_jobs
from cstrain.core.people.access import TeamRef, requires, viewer
from cstrain.desk.cases import drafts
from cstrain.desk.cases.case_views import bp, own
from cstrain.desk.cases.models import TypicalCase
from cstrain.desk.replies import shop_jobs, shop_table
from cstrain.desk.replies.shop_table import Table
from cstrain.desk.replies.shops import MAY_CHANGE
from cstrain.kit import jobs, uploads
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.i18n import gettext as _


@bp.post("/<int:case_id>/question")
@requires(*MAY_CHANGE)
def as_question(case_id: int) -> ResponseReturnValue:
    """Lay the case's question before the bank; a job looks at it, nothing is published yet."""
    case, team = _case(case_id)
    lesson = request.form.get("lesson", "")
    if lesson not in {each.slug for each in active.for_team(team.slug).lessons()}:
        flash(_("选一课，题放在它下面。"), "failed")
        return redirect(url_for("cases.show", case_id=case_id))
    table = drafts.question_table(case, lesson)
    kept = uploads.keep(bank_jobs.KIND, table, owner_id=viewer().id, team_id=team.id)
    return _looked_at(
        bank_jobs.CHECK,
        team,
        token=kept.token,
        file=case.title,
        source=url_for("cases.show", case_id=case_id),
        url=url_for("bank.report", token=kept.token),
        back=url_for("bank.index"),
    )


@bp.post("/<int:case_id>/reply")
@requires(*MAY_CHANGE)
def as_reply(case_id: int) -> ResponseReturnValue:
    """Lay the case's words before the shop's replies, likewise."""
    case, team = _case(case_id)
    groups = shop_table.groups_of(active.for_team(team.slug), Table.REPLIES)
    table = drafts.replies_table(case, groups)
    kept = uploads.keep(shop_jobs.KIND, table, owner_id=viewer().id, team_id=team.id)
    name = Table.REPLIES.value
    return _looked_at(
        shop_jobs.CHECK,
        team,
        table=name,
        token=kept.token,
        file=case.title,
        source=url_for("cases.show", case_id=case_id),
        url=url_for("shop_tables.report", name=name, token=kept.token),
        back=url_for("shop_tables.index", name=name, team=team.id),
        page=url_for("replies.index", team=team.id),
    )


def _case(case_id: int) -> tuple[TypicalCase, TeamRef]:
    case = own(case_id, *MAY_CHANGE)
    return case, viewer().teams[case.team_id]


def _looked_at(job: str, team: TeamRef, **data: str) -> ResponseReturnValue:
    """Let a job look at the draft, and show how far it is."""
    with transaction():
        job_id = jobs.enqueue(
            job, {"team": team.slug, **data}, by=viewer().id, team_id=team.id, now=utc_now()
        )
    return redirect(url_for("jobs.page", job_id=job_id))
