"""Pages of the bank: bring questions in by a table, see what came in, take it out again.

Between upload and confirmation the table lies in the data folder under the importer's id and a
random token; it goes when it is imported, and after a day.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active, bank_import, bank_table
from cstrain.core.catalogue.bank_import import ImportPlan
from cstrain.core.catalogue.forms import ActForm, UploadForm
from cstrain.core.people.access import Role, TeamRef, requires, viewer
from cstrain.kit import tables
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ContentProblem, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

bp = Blueprint("bank", __name__, url_prefix="/bank", template_folder="templates")
MAY = (Role.TRAINER, Role.ADMINISTRATOR)
_KEPT = timedelta(days=1)


def _teams() -> list[TeamRef]:
    """The shops whose bank the viewer may change."""
    me = viewer()
    return [me.teams[team_id] for team_id in me.team_ids(*MAY)]


def _team(team_id: int) -> TeamRef:
    """One of them.

    Raises:
        NotFoundError: If it is none.
    """
    found = next((team for team in _teams() if team.id == team_id), None)
    if found is None:
        raise NotFoundError
    return found


@bp.route("", methods=["GET", "POST"])
@requires(*MAY)
def index() -> ResponseReturnValue:
    """Take a table, which goes on to its report; and what was brought in before."""
    teams = _teams()
    form = UploadForm()
    form.team.choices = [(team.id, team.name) for team in teams]
    if form.is_submitted() and form.validate():
        data = form.file.data.read()
        try:
            bank_table.read(data)
        except InvalidError as error:
            form.file.errors = [str(error)]
        else:
            token = f"{form.team.data}-{secrets.token_hex(16)}"
            _file(token).write_bytes(data)
            return redirect(url_for("bank.report", token=token))
    page = render_template(
        "bank/index.html",
        form=form,
        act=ActForm(),
        kept=[(team, bank_import.kept(team.slug)) for team in teams],
        title_of=active.for_team(teams[0].slug).section_title,
        max_rows=bank_table.MAX_ROWS,
    )
    return page, 422 if form.errors else 200


@bp.get("/template.xlsx")
@requires(*MAY)
def template() -> ResponseReturnValue:
    """The table to fill in."""
    lessons = [each.slug for each in active.for_team(_teams()[0].slug).lessons()]
    return send_file(
        BytesIO(bank_table.template(lessons)),
        mimetype=tables.XLSX,
        as_attachment=True,
        download_name="题库导入模板.xlsx",
    )


@bp.get("/import/<token>")
@requires(*MAY)
def report(token: str) -> ResponseReturnValue:
    """What the table would do, or every row that is wrong."""
    return _report(token, _planned(token))


@bp.post("/import/<token>")
@requires(*MAY)
def apply(token: str) -> ResponseReturnValue:
    """Publish the table's questions as a whole; one that went wrong meanwhile is reported again."""
    made = _planned(token)
    me, team = viewer(), _team(int(token.partition("-")[0]))
    if not made.is_bad and made.changes:
        with transaction():
            _revision_id, problems = bank_import.publish(
                made, by=me.id, note=f"bank {team.slug}: {len(made.questions)}", now=utc_now()
            )
        made.elsewhere = list(problems)
    if made.is_bad:
        return _report(token, made)
    active.active().reload()
    _file(token).unlink(missing_ok=True)
    flash(
        _(
            "题目已经发布：新增 %(new)s 题，更新 %(changed)s 题。",
            new=made.count("new"),
            changed=made.count("changed"),
        ),
        "passed",
    )
    return redirect(url_for("bank.index"))


@bp.post("/<int:team_id>/<lesson>/take-back")
@requires(*MAY)
def take_back(team_id: int, lesson: str) -> ResponseReturnValue:
    """Take a lesson's imported questions out again.

    Raises:
        NotFoundError: If there are none.
    """
    team = _team(team_id)
    if not any(each.lesson == lesson for each in bank_import.kept(team.slug)):
        raise NotFoundError
    with transaction():
        revision_id, problems = bank_import.take_back(
            team.slug, lesson, by=viewer().id, now=utc_now()
        )
    if revision_id is None:
        flash(_("没有撤回，还有内容要用它们：%(why)s", why=_told(problems)), "failed")
    else:
        active.active().reload()
        flash(_("已经撤回。正在考的卷子不受影响。"), "passed")
    return redirect(url_for("bank.index"))


def _told(problems: Sequence[ContentProblem]) -> str:
    return "; ".join(map(str, problems[:3]))


def _planned(token: str) -> ImportPlan:
    """What the table would do as things stand now.

    Raises:
        NotFoundError: If the table is gone, or somebody else's.
    """
    file = _file(token)
    if not file.is_file():
        raise NotFoundError(_("这份表格已经导入过，或放了太久。请再上传一次。"))
    return bank_import.plan(file.read_bytes(), _team(int(token.partition("-")[0])).slug)


def _report(token: str, made: ImportPlan) -> ResponseReturnValue:
    page = render_template("bank/report.html", token=token, plan=made, form=ActForm())
    return page, 422 if made.is_bad else 200


def _file(token: str) -> Path:
    """Where the viewer's table of this token lies; clears away old ones.

    Raises:
        NotFoundError: If the token cannot be one.
    """
    if not re.fullmatch(r"\d{1,18}-[0-9a-f]{32}", token):
        raise NotFoundError
    folder: Path = current_app.extensions["cstrain.settings"].var_dir / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    oldest = (utc_now() - _KEPT).timestamp()
    for file in folder.glob("bank-*"):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
    return folder / f"bank-{viewer().id}-{token}"
