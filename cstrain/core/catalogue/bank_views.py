"""Pages of the bank: bring questions in by a table, see what came in, take it out again.

Whatever looks at all content is done by a job.
"""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active, bank_import, bank_jobs, bank_table, folders
from cstrain.core.catalogue.forms import ActForm, UploadForm
from cstrain.core.people.access import Role, TeamRef, requires, team_as, viewer
from cstrain.kit import jobs, tables, uploads
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.uploads import Upload

bp = Blueprint("bank", __name__, url_prefix="/bank", template_folder="templates")
MAY = (Role.TRAINER, Role.ADMINISTRATOR)


@bp.route("", methods=["GET", "POST"])
@requires(*MAY)
def index() -> ResponseReturnValue:
    """Take a table, which a job looks at; and what was brought in before."""
    teams = viewer().teams_as(*MAY)
    form = UploadForm()
    form.team.choices = [(team.id, team.name) for team in teams]
    if form.is_submitted() and form.validate():
        data, team = form.file.data.read(), team_as(form.team.data, *MAY)
        try:
            if len(data) <= uploads.AT_ONCE_BYTES:
                bank_table.read(data)
        except InvalidError as error:
            form.file.errors = [str(error)]
        else:
            kept = uploads.keep(bank_jobs.KIND, data, owner_id=viewer().id, team_id=team.id)
            url = url_for("bank.report", token=kept.token)
            file = uploads.shown_name(form.file.data.filename)
            return _by_job(bank_jobs.CHECK, team, token=kept.token, file=file, url=url)
    page = render_template(
        "bank/index.html",
        form=form,
        act=ActForm(),
        kept=[(team, bank_import.kept(team.slug)) for team in teams],
        title_of=active.for_team(teams[0].slug).section_title,
        max_rows=bank_table.MAX_ROWS,
        unpublished=folders.unpublished([team.slug for team in teams]),
    )
    return page, 422 if form.errors else 200


def _by_job(name: str, team: TeamRef, **data: str) -> ResponseReturnValue:
    """Let a job do it, and show how far it is."""
    values = {"team": team.slug, "back": url_for("bank.index"), **data}
    with transaction():
        job_id = jobs.enqueue(name, values, by=viewer().id, team_id=team.id, now=utc_now())
    return redirect(url_for("jobs.page", job_id=job_id))


@bp.get("/template.xlsx")
@requires(*MAY)
def template() -> ResponseReturnValue:
    """The table to fill in."""
    lessons = [each.slug for each in active.for_team(viewer().teams_as(*MAY)[0].slug).lessons()]
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
    return _report(_upload(token), ActForm())


@bp.post("/import/<token>")
@requires(*MAY)
def apply(token: str) -> ResponseReturnValue:
    """Let a job publish the table's questions as a whole; it looks at them once more first."""
    kept, form = _upload(token), ActForm()
    if not form.validate_on_submit() or bank_jobs.Report(**kept.report()).is_bad:
        return _report(kept, form)
    team = team_as(kept.team_id, *MAY)
    kept.take()
    return _by_job(bank_jobs.IMPORT, team, token=kept.token)


@bp.post("/<int:team_id>/<lesson>/take-back")
@requires(*MAY)
def take_back(team_id: int, lesson: str) -> ResponseReturnValue:
    """Let a job take a lesson's imported questions out again.

    Raises:
        NotFoundError: If there are none.
    """
    team = team_as(team_id, *MAY)
    if not any(each.lesson == lesson for each in bank_import.kept(team.slug)):
        raise NotFoundError
    return _by_job(bank_jobs.TAKE_BACK, team, lesson=lesson)


def _upload(token: str) -> Upload:
    return uploads.find(bank_jobs.KIND, token, owner_id=viewer().id)


def _report(kept: Upload, form: ActForm) -> ResponseReturnValue:
    found = bank_jobs.Report(**kept.report())
    page = render_template("bank/report.html", token=kept.token, report=found, form=form)
    return page, 422 if found.is_bad else 200
