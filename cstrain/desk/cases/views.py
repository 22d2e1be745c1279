"""Pages of notices: to read them, to write them, and to see who has not."""

from __future__ import annotations

import random
from datetime import timedelta
from urllib.parse import urljoin

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from cstrain.config import Settings
from cstrain.core.catalogue import active
from cstrain.core.people.access import (
    STAFF,
    Role,
    TeamRef,
    requires,
    row_of_my_team,
    staff_of_or_404,
    team_ids_as,
    viewer,
)
from cstrain.core.people.hooks import on_join
from cstrain.desk.cases import forms, queries, service
from cstrain.desk.cases import jobs as _duties  # noqa: F401 - registers the reminder
from cstrain.desk.cases.models import Notice, NoticeReading
from cstrain.desk.cases.words import reminder
from cstrain.kit.clock import local_day, utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext
from cstrain.kit.markdown import dead_links, render

bp = Blueprint("notices", __name__, template_folder="templates")
WRITERS = (Role.TRAINER, Role.MANAGER)
on_join.register(service.welcome)


@bp.get("/notices")
@requires()
def index() -> ResponseReturnValue:
    """What the viewer must read, and what has been read."""
    open_ones = queries.to_read(viewer().id)
    return render_template(
        "cases/index.html",
        open_ones=open_ones,
        read_ones=queries.have_read(viewer().id),
        is_staff=viewer().is_staff,
        at=utc_now(),
    )


@bp.get("/notices/<int:notice_id>")
@requires()
def show(notice_id: int) -> ResponseReturnValue:
    """A notice with its question, for those it was sent to and the staff of the team."""
    notice, reading = _visible(notice_id)
    return render_template("cases/show.html", **_shown(notice, reading))


@bp.post("/notices/<int:notice_id>/answer")
@requires()
def answer(notice_id: int) -> ResponseReturnValue:
    """Take the answer; a wrong one leads to the notice again, which tells why."""
    chosen = request.form.get("option", -1, type=int)
    try:
        with transaction():
            is_right = service.answer(notice_id, chosen, by=viewer().id, now=utc_now())
    except InvalidError as error:
        notice, reading = _visible(notice_id)
        return render_template(
            "cases/show.html", problem=str(error), **_shown(notice, reading)
        ), 422
    if is_right:
        flash(_("答对了，已经记下你读过。"), "passed")
        return redirect(url_for("notices.index"))
    return redirect(url_for("notices.show", notice_id=notice_id))


@bp.post("/notices/<int:notice_id>/beat")
@requires()
def beat(notice_id: int) -> ResponseReturnValue:
    """Note that the page is in sight; answers how many seconds are left."""
    with transaction():
        left = service.beat(notice_id, by=viewer().id, now=utc_now())
    return {"left": left}


def _visible(notice_id: int) -> tuple[Notice, NoticeReading | None]:
    """A notice that was sent to the viewer, or whose team the viewer looks after.

    Raises:
        NotFoundError: If it is none of these, or withdrawn and the viewer is no staff.
    """
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        raise NotFoundError
    is_staff = notice.team_id in viewer().team_ids(*STAFF)
    reading = queries.reading(notice_id, viewer().id) if notice.team_id in viewer().roles else None
    if not is_staff and (reading is None or notice.withdrawn_at is not None):
        raise NotFoundError
    return notice, reading


def _shown(notice: Notice, reading: NoticeReading | None) -> dict[str, object]:
    """What the page of a notice prints. Options change places after every wrong answer."""
    options = list(enumerate(notice.options))
    # Whoever has answered and not confirmed has answered wrong.
    is_wrong = reading is not None and reading.answer_count and reading.confirmed_at is None
    if reading is not None:
        random.Random(f"{reading.id}.{reading.answer_count}").shuffle(options)  # noqa: S311 - no secret
    return {
        "notice": notice,
        "reading": reading,
        "body": Markup(render(notice.body, _resolve)),  # noqa: S704 - render sanitises
        "options": options,
        "why": (notice.explanation or _("答案在通知里，再看一遍就能找到。")) if is_wrong else "",
        "left_s": service.left_s(notice, reading) if reading is not None else 0,
        "is_staff": notice.team_id in viewer().team_ids(*STAFF),
        "at": utc_now(),
    }


def _resolve(target: str) -> str | None:
    kind, _colon, slug = target.partition(":")
    return f"/go/{kind}/{slug}" if kind in {"section", "activity"} and slug else None


# -- for those who send them -------------------------------------------------------------------


@bp.get("/notices/sent")
@requires(*STAFF)
def sent() -> ResponseReturnValue:
    """The notices of the viewer's teams, and who has not read them in time."""
    now, wanted = utc_now(), request.args.get("team", type=int)
    teams = team_ids_as(wanted, *STAFF)
    page = queries.sent(teams, number=request.args.get("page", 1, type=int), now=now)
    late = queries.overdue(teams, now=now)
    links = {each.notice_id: _address(each.notice_id) for each in late}
    return render_template(
        "cases/sent.html",
        page=page,
        late=late,
        copy_text=reminder(late, links),
        may_write=bool(viewer().team_ids(*WRITERS)),
        many_teams=len(teams) > 1,
        kept={} if wanted is None else {"team": wanted},
        at=now,
    )


def _address(notice_id: int) -> str:
    """The address of a notice as people outside of the page can open it."""
    settings: Settings = current_app.extensions["cstrain.settings"]
    path = url_for("notices.show", notice_id=notice_id)
    return urljoin(settings.base_url or request.host_url, path)


@bp.get("/notices/<int:notice_id>/readers")
@requires(*STAFF)
def readers(notice_id: int) -> ResponseReturnValue:
    """Who has read a notice and who has not."""
    notice, now = _of_my_team(notice_id, *STAFF), utc_now()
    listed = queries.readers(notice_id)
    is_out = notice.withdrawn_at is None
    missing = [each for each in listed if each.confirmed_at is None and is_out]
    names = _("、").join(each.name for each in missing)
    lines = [
        _("【%(title)s】请尽快读完", title=notice.title),
        _("还没读（%(n)s 人）：%(names)s", n=len(missing), names=names),
        _address(notice_id),
    ]
    return render_template(
        "cases/readers.html",
        notice=notice,
        readers=listed,
        missing=missing,
        copy_text="\n".join(lines) if missing else "",
        may_write=notice.team_id in viewer().team_ids(*WRITERS),
        at=now,
    )


def _of_my_team(notice_id: int, *roles: Role) -> Notice:
    """A notice of a team in which the viewer holds one of the roles.

    Raises:
        NotFoundError: If it is another team's.
    """
    return row_of_my_team(Notice, notice_id, *roles)


@bp.get("/notices/new")
@requires(*WRITERS)
def new() -> ResponseReturnValue:
    """An empty notice, due tomorrow."""
    return render_template("cases/new.html", form=_form())


@bp.post("/notices/new")
@requires(*WRITERS)
def publish() -> ResponseReturnValue:
    """Send a notice."""
    form = _form()
    draft = form.draft() if form.validate_on_submit() else None
    if draft is None:
        return render_template("cases/new.html", form=form), 422
    staff_of_or_404(form.team.data, *WRITERS)
    team = viewer().teams[form.team.data]
    dead = _dead_links(draft.body, team)
    if dead:
        form.body.errors = [
            _(
                "这些链接打不开：%(words)s。小节写成 section:1.2，练习和考试写成 activity:编号，"
                "网页从 https:// 写起。",
                words=_("、").join(dead),
            )
        ]
        return render_template("cases/new.html", form=form), 422
    try:
        with transaction():
            notice = service.publish(team.id, team.timezone, draft, by=viewer().id, now=utc_now())
            notice_id = notice.id
    except InvalidError as error:
        form.form_errors.append(str(error))
        return render_template("cases/new.html", form=form), 422
    flash(_("发出去了。谁读了、谁没读，都在这里看。"), "passed")
    return redirect(url_for("notices.readers", notice_id=notice_id))


def _dead_links(body: str, team: TeamRef) -> list[str]:
    """The words of links in a text that lead nowhere in the team's content."""

    def known(target: str) -> str | None:
        kind, _colon, slug = target.partition(":")
        catalogue = active.for_team(team.slug)
        there = {"section": catalogue.sections, "activity": catalogue.activities}.get(kind, {})
        return target if slug in there else None

    return dead_links(body, known)


def _form() -> forms.NoticeForm:
    """The form with the viewer's teams and their batches to choose from."""
    teams = viewer().team_ids(*WRITERS)
    first = viewer().teams[teams[0]]
    form = forms.NoticeForm(
        team=first.id,
        right="1",
        due_on=local_day(utc_now(), first.timezone) + timedelta(days=1),
    )
    form.offer({team_id: viewer().teams[team_id].name for team_id in teams}, queries.batches(teams))
    return form


@bp.post("/notices/<int:notice_id>/withdraw")
@requires(*WRITERS)
def withdraw(notice_id: int) -> ResponseReturnValue:
    """Take a notice back; it can be sent again as it was."""
    with transaction():
        _of_my_team(notice_id, *WRITERS)
        service.withdraw(notice_id, by=viewer().id, now=utc_now())
    flash(_("撤回了，没读的人不用再读。点“恢复”就和原来一样。"), "passed")
    return redirect(url_for("notices.readers", notice_id=notice_id))


@bp.post("/notices/<int:notice_id>/restore")
@requires(*WRITERS)
def restore(notice_id: int) -> ResponseReturnValue:
    """Undo a withdrawal."""
    with transaction():
        _of_my_team(notice_id, *WRITERS)
        service.restore(notice_id, now=utc_now())
    missing = sum(each.confirmed_at is None for each in queries.readers(notice_id))
    flash(ngettext("恢复了，还有 %(count)s 人要读。", missing), "passed")
    return redirect(url_for("notices.readers", notice_id=notice_id))
