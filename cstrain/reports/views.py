"""The board, the duty list and people's records."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.certification import duty_list
from cstrain.core.pathway import overview, versions
from cstrain.core.pathway.words import stage_state_word, verdict_word
from cstrain.core.people.access import STAFF, Role, TeamRef, requires, teams_looked_into, viewer
from cstrain.core.review.blind import MARKERS
from cstrain.desk.quality import red_lines
from cstrain.kit import jobs
from cstrain.kit.clock import local_day, utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import day, pick
from cstrain.kit.i18n import gettext as _
from cstrain.kit.tables import XLSX
from cstrain.reports import jobs as exports
from cstrain.reports import queries
from cstrain.reports.filters import SORTS, STATES, BoardFilter
from cstrain.reports.grouping import grouped
from cstrain.reports.record import record
from cstrain.reports.unready import DAYS, served_unready

bp = Blueprint(
    "board",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/board",
)
records = Blueprint("records", __name__)


def _teams(slug: str) -> list[TeamRef]:
    """The teams that the viewer looks after; one of them when it is named.

    Raises:
        NotFoundError: If that one is not among them.
    """
    teams = viewer().teams_as(*STAFF)
    if not slug:
        return teams
    chosen = [team for team in teams if team.slug == slug]
    if not chosen:
        raise NotFoundError(_("没有这家店，或者你不在那里带人。"))
    return chosen


@bp.get("/board")
@requires(*STAFF)
def index() -> ResponseReturnValue:
    """People by stages, with the four numbers above."""
    wanted, now = BoardFilter.read(request.args), utc_now()
    teams = _teams(wanted.team)
    ids = [team.id for team in teams]
    page = queries.board_page(wanted, teams, now)
    everywhere = _teams("")
    batches = queries.batches(teams)
    duty = duty_list.duty_counts(ids, now)
    movable = [viewer().teams[each] for each in viewer().team_ids(Role.MANAGER, Role.ADMINISTRATOR)]
    return render_template(
        "reports/board.html",
        wanted=wanted,
        page=page,
        args=wanted.args(),
        on_duty=sum(each.on_duty_count for each in duty),
        missing=sum(each.missing_count for each in duty),
        needed=sum(each.needed_count for each in duty),
        due=sum(each.due_count for each in duty),
        progress=overview.progress(ids, now),
        behind_count=sum(group.count for group in versions.behind(movable)),
        chips=_chips(wanted),
        teams=everywhere,
        team_choices=[(team.slug, team.name) for team in everywhere],
        batches=batches,
        batch_choices=[(batch, batch) for batch in batches],
        stages=queries.stage_choices(teams),
        sorts=list(zip(SORTS, _sort_words(), strict=True)),
        state_word=stage_state_word,
    )


def _chips(wanted: BoardFilter) -> list[tuple[str, str, bool, None]]:
    """The states, and whether only those who are stuck, as links."""
    words = (_("学习中"), _("补学中"), _("等带教"), _("已过关"), _("7 天内到期"))
    plain = not wanted.state and not wanted.stuck
    chips = [(_("全部"), _board(wanted, state="", stuck=False), plain, None)]
    for state, word in zip(STATES, words, strict=True):
        is_on = wanted.state == state
        chips.append((word, _board(wanted, state="" if is_on else state), is_on, None))
    chips.append((_("卡住的"), _board(wanted, stuck=not wanted.stuck), wanted.stuck, None))
    return chips


def _board(wanted: BoardFilter, **changes: object) -> str:
    return url_for("board.index", **wanted.args(**changes))


def _sort_words() -> Sequence[str]:
    return (_("工号"), _("停得最久的在前"), _("走得最远的在前"), _("最先到期的在前"))


@bp.post("/board/export")
@requires(*STAFF)
def export() -> ResponseReturnValue:
    """The board as a workbook: at once, or by a job where it is long."""
    wanted, now = BoardFilter.read(request.form), utc_now()
    teams = _teams(wanted.team)
    if queries.board_count(wanted, teams, now) > exports.AT_ONCE:
        data = {"filter": asdict(wanted), "team_ids": [team.id for team in teams]}
        with transaction():
            job_id = jobs.enqueue(exports.JOB, data, by=viewer().id, team_id=teams[0].id, now=now)
        return redirect(url_for("jobs.page", job_id=job_id))
    body = exports.workbook(queries.board_ids(wanted, teams, now), teams, now)
    name = exports.file_name(now)
    return send_file(io.BytesIO(body), mimetype=XLSX, as_attachment=True, download_name=name)


@bp.get("/duty")
@requires(*STAFF)
def duty() -> ResponseReturnValue:
    """Who may work today, a page at a time; filters are in the address."""
    team, now, wanted = _duty_team(), utc_now(), BoardFilter.read(request.args)
    today = local_day(now, team.timezone)
    is_due = wanted.state == "due"
    page = duty_list.duty_page(team.id, today=today, q=wanted.q, is_due=is_due, number=wanted.page)
    args = wanted.args(team=team.slug)
    chips = [
        (
            _("全部"),
            url_for("board.duty", **wanted.args(team=team.slug, state="")),
            not is_due,
            None,
        ),
        (
            _("7 天内到期"),
            url_for("board.duty", **wanted.args(team=team.slug, state="due")),
            is_due,
            None,
        ),
    ]
    return render_template(
        "reports/duty.html",
        page=page,
        wanted=wanted,
        args=args,
        chips=chips,
        is_narrow=bool(wanted.q or is_due),
        teams=[
            (each.name, url_for("board.duty", team=each.slug), each.id == team.id, None)
            for each in _teams("")
        ],
        sentence=duty_list.duty_sentence([team.id], now),
        red_lines=red_lines.recent([team.id], me=viewer(), now=now),
        unready=served_unready(team.id, today=today),
        may_read=team.id in viewer().team_ids(*MARKERS),
        since=today - timedelta(days=DAYS - 1),
        **_duty_head(team, today),
    )


@bp.get("/duty/print")
@requires(*STAFF)
def duty_print() -> ResponseReturnValue:
    """Everybody who may work today, to print and sign."""
    team, now = _duty_team(), utc_now()
    today = local_day(now, team.timezone)
    people = duty_list.on_duty(team.id, today=today)
    # Most certificates say the same: their words are made once.
    words = {str(each.queues): _queues(each.queues) for each in people}
    days = {each.valid_until_on: day(each.valid_until_on) for each in people}
    rows = [
        (each.name, each.employee_no, words[str(each.queues)], days[each.valid_until_on])
        for each in people
    ]
    return render_template(
        "reports/duty_print.html",
        rows=rows,
        sentence=duty_list.duty_sentence([team.id], now),
        **_duty_head(team, today),
    )


def _duty_team() -> TeamRef:
    """The team of a duty list: the one in the address, else the viewer's first."""
    return _teams(request.args.get("team", ""))[0]


def _duty_head(team: TeamRef, today: date) -> dict[str, object]:
    return {"team": team, "today": today, "weekday": _weekdays()[today.weekday()]}


def _queues(queues: Sequence[Mapping[str, str]]) -> str:
    """What somebody may serve."""
    return _("、").join(pick(each) for each in queues) or _("全部")


def _weekdays() -> Sequence[str]:
    return (
        _("星期一"),
        _("星期二"),
        _("星期三"),
        _("星期四"),
        _("星期五"),
        _("星期六"),
        _("星期日"),
    )


@records.get("/records", endpoint="index")
@requires()
def own() -> ResponseReturnValue:
    """One's own record."""
    return _record_page(viewer().id, teams_looked_into(), is_own=True)


@records.get("/records/<int:person_id>")
@requires()
def person(person_id: int) -> ResponseReturnValue:
    """The record of one of the viewer's people; one's own for oneself.

    Raises:
        NotFoundError: If the viewer looks after nobody.
    """
    me = viewer()
    if person_id == me.id:
        return own()
    teams = me.team_ids(*STAFF)
    if not teams:
        raise NotFoundError(_("没有这个人，或者不在你的店里。"))
    return _record_page(person_id, teams, is_own=False)


def _record_page(
    person_id: int, team_ids: Sequence[int] | None, *, is_own: bool
) -> ResponseReturnValue:
    page = request.args.get("page", "")
    number = max(int(page), 1) if page.isdecimal() and len(page) <= 6 else 1  # noqa: PLR2004 - as many as anybody has
    found = record(person_id, team_ids, page=number, me=viewer().id, now=utc_now())
    return render_template(
        "reports/record.html",
        found=found,
        groups=grouped(found.evidence.rows, found.paths),
        is_own=is_own,
        state_word=stage_state_word,
        verdict_word=verdict_word,
    )
