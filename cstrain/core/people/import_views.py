"""Pages of the import: upload, the dry run's report, and the first passwords of who is new."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people import forms, handout, import_table
from cstrain.core.people import jobs as import_jobs
from cstrain.core.people.access import STAFF, requires, viewer
from cstrain.core.people.rights import RANKS, givable
from cstrain.core.people.roster_views import login_text, staffed_teams
from cstrain.kit import jobs, tables, uploads
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.uploads import Upload

bp = Blueprint("people_import", __name__, url_prefix="/people/import")


@bp.route("", methods=["GET", "POST"])
@requires(*STAFF)
def upload() -> ResponseReturnValue:
    """Take a table and look at it: a small one at once, any other one by a job."""
    teams = staffed_teams()
    form = forms.ImportForm()
    form.team.choices = [(team.id, team.name) for team in teams]
    if not form.is_submitted():
        return render_template("people/import.html", form=form)
    if form.validate():
        me, data = viewer(), form.file.data.read()
        kept = uploads.keep(import_jobs.KIND, data, owner_id=me.id, team_id=form.team.data)
        url = url_for("people_import.report", token=kept.token)
        if len(data) > uploads.AT_ONCE_BYTES:
            return _by_job(import_jobs.CHECK, kept, url=url)
        try:
            import_jobs.look(kept, teams, by=me.id)
        except InvalidError as error:
            kept.forget()
            form.file.errors = [str(error)]
        else:
            return redirect(url)
    return render_template("people/import.html", form=form), 422


def _by_job(name: str, kept: Upload, **data: object) -> ResponseReturnValue:
    """Let a job work on a table, and show how far it is."""
    values = {
        "token": kept.token,
        "team_ids": [team.id for team in staffed_teams()],
        "back": url_for("people_import.upload"),
        **data,
    }
    with transaction():
        job_id = jobs.enqueue(name, values, by=kept.owner_id, team_id=kept.team_id, now=utc_now())
    return redirect(url_for("jobs.page", job_id=job_id))


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
    return _report(_upload(token), forms.ApplyImportForm())


@bp.post("/<token>")
@requires(*STAFF)
def apply(token: str) -> ResponseReturnValue:
    """Let a job import the table; it looks at all of it once more before it writes."""
    kept, form = _upload(token), forms.ApplyImportForm()
    if not form.validate_on_submit() or kept.report()["problems"]:
        return _report(kept, form)
    wants_passwords = (
        form.passwords.data and kept.report()["counts"]["new"] <= import_jobs.PASSWORDS_MAX
    )
    kept.take()
    done_url = url_for("roster.index")
    return _by_job(import_jobs.IMPORT, kept, passwords=wants_passwords, done_url=done_url)


def _upload(token: str) -> Upload:
    return uploads.find(import_jobs.KIND, token, owner_id=viewer().id)


def _report(kept: Upload, form: forms.ApplyImportForm) -> ResponseReturnValue:
    found = import_jobs.Report(**kept.report())
    page = render_template(
        "people/import_report.html",
        token=kept.token,
        report=found,
        form=form,
        passwords_max=import_jobs.PASSWORDS_MAX,
    )
    return page, 422 if found.problems else 200


@bp.get("/passwords/<int:job_id>")
@requires(*STAFF)
def passwords(job_id: int) -> ResponseReturnValue:
    """The first passwords of the people whom one has just imported, for a day.

    Whoever is in none of the viewer's teams by now is left out.

    Raises:
        NotFoundError: After that, or where somebody else imported them.
    """
    job = db.session.get(jobs.Job, job_id)
    if job is None or job.name != import_jobs.IMPORT or job.by_person_id != viewer().id:
        raise NotFoundError
    if job.ended_at is None or utc_now() - job.ended_at > handout.LIST_SHOWN_FOR:
        raise NotFoundError(_("过了一天，这批初始密码看不到了。还没登录过的人，可以逐个重设密码。"))
    people = [(int(each[0]), str(each[1])) for each in job.result.get("people", ())]
    team_ids = viewer().team_ids(*STAFF)
    rows = handout.imported(job.data["token"], people, team_ids=team_ids, since=job.created_at)
    return render_template(
        "people/import_passwords.html",
        rows=rows,
        text="\n".join(login_text(row.name, row.employee_no, row.password) for row in rows),
    )
