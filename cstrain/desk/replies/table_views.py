"""Pages on which a table replaces a shop's FAQ, replies, products or words, and is taken back."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active
from cstrain.core.catalogue.forms import ActForm, UploadForm
from cstrain.core.people.access import TeamRef, requires, team_as, viewer
from cstrain.desk.replies import shop_import, shop_jobs, shop_rows, shop_table, shop_template
from cstrain.desk.replies.shop_table import Table
from cstrain.desk.replies.shops import MAY_CHANGE as MAY
from cstrain.kit import jobs, tables, uploads
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.uploads import Upload

bp = Blueprint("shop_tables", __name__, url_prefix="/shop-tables", template_folder="templates")
PAGES = {
    Table.FAQ: "faq.index",
    Table.REPLIES: "replies.index",
    Table.PRODUCTS: "products.index",
    Table.WORDS: "words.index",
}
_FILES = {
    Table.FAQ: "常见问答.xlsx",
    Table.REPLIES: "话术.xlsx",
    Table.PRODUCTS: "商品.xlsx",
    Table.WORDS: "违禁词.xlsx",
}


@bp.route("/<any(faq, replies, products, words):name>", methods=["GET", "POST"])
@requires(*MAY)
def index(name: str) -> ResponseReturnValue:
    """Take a table, which a job looks at; ``?team=`` chooses the shop."""
    table, team = Table(name), team_as(request.args.get("team", type=int), *MAY)
    form = UploadForm()
    form.team.choices = [(each.id, each.name) for each in viewer().teams_as(*MAY)]
    if form.is_submitted() and form.validate():
        data, chosen = form.file.data.read(), team_as(form.team.data, *MAY)
        try:
            if len(data) <= uploads.AT_ONCE_BYTES:
                shop_rows.read(table, data)
        except InvalidError as error:
            form.file.errors = [str(error)]
        else:
            kept = uploads.keep(shop_jobs.KIND, data, owner_id=viewer().id, team_id=chosen.id)
            url = url_for("shop_tables.report", name=name, token=kept.token)
            file = uploads.shown_name(form.file.data.filename)
            return _by_job(shop_jobs.CHECK, table, chosen, token=kept.token, file=file, url=url)
    brought = shop_import.brought(table, team.slug)
    page = render_template(
        "replies/table.html",
        form=form,
        act=ActForm(),
        name=name,
        page=PAGES[table],
        team=team,
        teams=viewer().teams_as(*MAY),
        count=sum(
            len(group.rows) for group in shop_table.groups_of(active.for_team(team.slug), table)
        ),
        brought=brought,
        before=shop_import.before_last(table, team.slug) if brought else None,
        max_rows=shop_rows.MAX_ROWS,
    )
    return page, 422 if form.errors else 200


def _by_job(job: str, table: Table, team: TeamRef, **data: str) -> ResponseReturnValue:
    """Let a job do it, and show how far it is."""
    values = {
        "table": table.value,
        "team": team.slug,
        "back": url_for("shop_tables.index", name=table.value, team=team.id),
        "page": url_for(PAGES[table], team=team.id),
        **data,
    }
    with transaction():
        job_id = jobs.enqueue(job, values, by=viewer().id, team_id=team.id, now=utc_now())
    return redirect(url_for("jobs.page", job_id=job_id))


@bp.get("/<any(faq, replies, products, words):name>.xlsx")
@requires(*MAY)
def template(name: str) -> ResponseReturnValue:
    """The table with what the shop of ``?team=`` has now."""
    table, team = Table(name), team_as(request.args.get("team", type=int), *MAY)
    groups = shop_table.groups_of(active.for_team(team.slug), table)
    return send_file(
        BytesIO(shop_template.template(table, groups)),
        mimetype=tables.XLSX,
        as_attachment=True,
        download_name=_FILES[table],
    )


@bp.get("/<any(faq, replies, products, words):name>/import/<token>")
@requires(*MAY)
def report(name: str, token: str) -> ResponseReturnValue:
    """What the table would do, or every row that is wrong."""
    return _report(Table(name), _upload(token), ActForm())


@bp.post("/<any(faq, replies, products, words):name>/import/<token>")
@requires(*MAY)
def apply(name: str, token: str) -> ResponseReturnValue:
    """Let a job publish the table as a whole; it looks at it once more first."""
    table, kept, form = Table(name), _upload(token), ActForm()
    found = _found(table, kept)
    if not form.validate_on_submit() or found.is_bad:
        return _report(table, kept, form)
    team = team_as(kept.team_id, *MAY)
    kept.take()
    told = {"token": kept.token, "file": found.file, "before": found.before}
    if found.source:
        told["back"] = found.source
    return _by_job(shop_jobs.PUBLISH, table, team, **told)


@bp.post("/<any(faq, replies, products, words):name>/<int:team_id>/take-back")
@requires(*MAY)
def take_back(name: str, team_id: int) -> ResponseReturnValue:
    """Let a job take the last table back.

    Raises:
        NotFoundError: If there is nothing.
    """
    table, team = Table(name), team_as(team_id, *MAY)
    if not shop_import.brought(table, team.slug):
        raise NotFoundError
    return _by_job(shop_jobs.TAKE_BACK, table, team)


def _upload(token: str) -> Upload:
    return uploads.find(shop_jobs.KIND, token, owner_id=viewer().id)


def _found(table: Table, kept: Upload) -> shop_jobs.Report:
    """The dry run's report.

    Raises:
        NotFoundError: If it is of another table.
    """
    found = shop_jobs.Report(**kept.report())
    if found.table != table:
        raise NotFoundError
    return found


def _report(table: Table, kept: Upload, form: ActForm) -> ResponseReturnValue:
    found = _found(table, kept)
    page = render_template(
        "replies/table_report.html",
        token=kept.token,
        report=found,
        form=form,
        name=table.value,
        page=PAGES[table],
        team_id=kept.team_id,
    )
    return page, 422 if found.is_bad else 200
