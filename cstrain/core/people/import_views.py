"""Pages of the import: upload, the dry run's report, and what came of it.

Between the two steps the table lies in the data folder under the importer's id and a random
token; it goes when it is imported, and after a day.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people import fields, forms, import_table, importing, sessions
from cstrain.core.people.access import STAFF, requires, viewer
from cstrain.core.people.import_table import RowProblem
from cstrain.core.people.importing import ImportPlan, RowState
from cstrain.core.people.rights import RANKS, givable
from cstrain.core.people.roster_views import login_text, staffed_teams
from cstrain.kit import tables
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

bp = Blueprint("people_import", __name__, url_prefix="/people/import")
#: More new people than this get no passwords at once, because hashing them takes too long.
PASSWORDS_MAX = 200
#: Rows of each kind that the report shows; the figures count them all.
SHOWN = 200
_KEPT = timedelta(days=1)


@bp.route("", methods=["GET", "POST"])
@requires(*STAFF)
def upload() -> ResponseReturnValue:
    """Take a table; a readable one goes on to its report."""
    teams = staffed_teams()
    form = forms.ImportForm()
    form.team.choices = [(team.id, team.name) for team in teams]
    if not form.is_submitted():
        return render_template("people/import.html", form=form)
    if form.validate():
        data = form.file.data.read()
        try:
            import_table.read(data, teams=teams, default_team_id=form.team.data)
        except InvalidError as error:
            form.file.errors = [str(error)]
        else:
            token = f"{form.team.data}-{secrets.token_hex(16)}"
            _file(token).write_bytes(data)
            return redirect(url_for("people_import.report", token=token))
    return render_template("people/import.html", form=form), 422


@bp.get("/template.xlsx")
@requires(*STAFF)
def template() -> ResponseReturnValue:
    """The table to fill in."""
    me, teams = viewer(), staffed_teams()
    may = {role for team in teams for role in givable(me.roles, team.id)}
    data = import_table.template(teams, [role for role in RANKS if role in may])
    return send_file(
        BytesIO(data), mimetype=tables.XLSX, as_attachment=True, download_name="人员导入模板.xlsx"
    )


@bp.get("/<token>")
@requires(*STAFF)
def report(token: str) -> ResponseReturnValue:
    """What the import would do, or every row that is wrong."""
    return _report(token, _planned(token))


@bp.post("/<token>")
@requires(*STAFF)
def apply(token: str) -> ResponseReturnValue:
    """Import the table as a whole; a table that went wrong meanwhile is reported again."""
    me, now = viewer(), utc_now()
    form = forms.ApplyImportForm()
    if not form.validate_on_submit():
        return _report(token, _planned(token))
    before = _planned(token)
    numbers = [p.row.employee_no for p in before.planned if p.state is RowState.NEW]
    wants_passwords = form.passwords.data and len(numbers) <= PASSWORDS_MAX
    passwords = {no: fields.first_password() for no in numbers} if wants_passwords else {}
    hashes = {no: sessions.hash_password(password) for no, password in passwords.items()}
    with transaction():
        made = _planned(token)
        if not made.problems:
            importing.apply(made, password_hashes=hashes, by=me.id, now=now)
    if made.problems:
        return _report(token, made)
    _file(token).unlink(missing_ok=True)
    flash(
        _(
            "导入好了：新增 %(new)s 人，更新 %(changed)s 人，重新入职 %(rehired)s 人。",
            new=made.count("new"),
            changed=made.count("changed"),
            rehired=made.count("rehired"),
        ),
        "passed",
    )
    new = [
        p.row for p in made.planned if p.state is RowState.NEW and p.row.employee_no in passwords
    ]
    if not new:
        return redirect(url_for("roster.index"))
    return render_template(
        "people/import_passwords.html",
        rows=[(row, passwords[row.employee_no]) for row in new],
        text="\n".join(
            login_text(row.name, row.employee_no, passwords[row.employee_no]) for row in new
        ),
    )


def _planned(token: str) -> ImportPlan:
    """What the table would do as things stand now.

    Raises:
        NotFoundError: If the table is gone, or somebody else's.
    """
    file = _file(token)
    if not file.is_file():
        raise NotFoundError(_("这份表格已经导入过，或放了太久。请再上传一次。"))
    rows, problems = import_table.read(
        file.read_bytes(), teams=staffed_teams(), default_team_id=int(token.partition("-")[0])
    )
    made = importing.plan(rows, by=viewer().id)
    made.problems = sorted([*problems, *made.problems], key=lambda problem: problem.number)
    return made


def _report(token: str, made: ImportPlan) -> ResponseReturnValue:
    shown: list[RowProblem] = made.problems
    page = render_template(
        "people/import_report.html",
        token=token,
        plan=made,
        problems=shown,
        changing=[p for p in made.planned if p.state is not RowState.UNCHANGED][:SHOWN],
        team_names={team.id: team.name for team in staffed_teams()},
        form=forms.ApplyImportForm(),
        passwords_max=PASSWORDS_MAX,
    )
    return page, 422 if made.problems else 200


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
    for file in folder.glob("people-*"):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
    return folder / f"people-{viewer().id}-{token}"
