"""Pages of the import: what came up is looked at, confirmed, and a job reads it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue

from cstrain.core.people.access import requires, viewer
from cstrain.desk.chats import (
    chunks,
    importing,
    looking,
    pasting,
    queries,
    service,
    shown,
    taking_back,
    upload_views,
)
from cstrain.desk.chats import jobs as chat_jobs
from cstrain.desk.chats.cutting import Cut
from cstrain.desk.chats.importers import FIELDS, FORMATS, words
from cstrain.desk.chats.importers.mapping import nameless
from cstrain.desk.chats.looking import Report
from cstrain.desk.chats.message import Role
from cstrain.desk.chats.models import ChatImport
from cstrain.desk.chats.prepared import Counts
from cstrain.desk.chats.views import READERS, reader_teams
from cstrain.kit import jobs, uploads
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, NotFoundError
from cstrain.kit.i18n import gettext as _

bp = Blueprint("chat_imports", __name__, url_prefix="/chats")
_ROLES = frozenset({Role.BUYER, Role.AGENT, Role.BOT, Role.AUTO, Role.SYSTEM})
#: How conversations may be cut, as a choice: the rule and its gap in seconds.
CUTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "source": {},
    "gap30": {"by": Cut.GAP.value, "gap_s": 1800.0},
    "day": {"by": Cut.DAY.value},
}
_REFUSED_AT_ONCE = 1_000
#: With what a table program lets a formula begin; as wide as Chinese signs, too.
_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@bp.get("/import")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """Where a file is chosen, and what was brought in before."""
    before = request.args.get("before", type=int)
    rows = queries.imports(reader_teams(), before=before, limit=queries.PAGE + 1)
    return render_template(
        "chats/import.html",
        teams=upload_views.teams(),
        rows=rows[: queries.PAGE],
        next_before=rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None,
        is_paste=pasting.is_paste,
        piece_bytes=chunks.PIECE_BYTES,
        formats=FORMATS.values(),
    )


# -- the look, and yes or no -------------------------------------------------------------------


@bp.get("/import/<token>")
@requires(*READERS)
def report(token: str) -> ResponseReturnValue:
    """What the file is and what would come of it; how its columns are read, to be changed."""
    kept = upload_views.upload_of(token)
    found = Report(**kept.report())
    preview = looking.preview_of(found)
    return render_template(
        "chats/import_look.html",
        token=token,
        report=found,
        counts=Counts.of(found.counts),
        lines=shown.read(preview) if preview else [],
        formats=FORMATS,
        fields=FIELDS,
        field_word=words.field,
        why=words.detection(found.reason),
        unsure=[words.unsure(each) for each in found.unsure],
        cut=next(
            (name for name, rule in CUTS.items() if rule == found.settings.get("cut", {})), "source"
        ),
        roles=[role.value for role in Role],
        named=_named(found),
    )


def _named(report: Report) -> Mapping[str, str]:
    """Heading → field."""
    return {heading: name for name, heading in report.guessed.items()}


@bp.post("/import/<token>")
@requires(*READERS)
def confirm(token: str) -> ResponseReturnValue:
    """Look at the file anew as the form says, bring it in as it was shown, or throw it away.

    Raises:
        NotFoundError: If it is brought in already, or was cleared away.
    """
    kept = upload_views.upload_of(token)
    found = Report(**kept.report())
    if request.form.get("action") == "cancel":
        kept.forget()
        flash(_("没有导入，传上来的文件删了。"), "note")
        return redirect(url_for("chat_imports.index"))
    if request.form.get("action") != "import":
        return redirect(upload_views.look_at(kept, found.file, _settings(found, kept.team_id)))
    if found.problem:
        return redirect(url_for("chat_imports.report", token=token))
    if not kept.table.is_file():
        raise NotFoundError
    with transaction():
        import_id = chat_jobs.begin(
            kept.team_id,
            kept.table,
            found.file,
            found.digest,
            settings=found.settings,
            by=viewer().id,
            now=utc_now(),
        )
        kept.take()
    return redirect(url_for("chat_imports.show", import_id=import_id))


def _settings(found: Report, team_id: int) -> dict[str, Any]:
    """What the form says; headings and values are only taken where the file has them.

    Values that may be names are taken by their keys: settings are kept longer than what was said.
    """
    form = request.form
    named = form.get("format", "")
    settings: dict[str, Any] = {
        "format": named if named in FORMATS else "",
        "shop": uploads.shown_name(form.get("shop", "").strip())[:80],
        "cut": dict(CUTS.get(form.get("cut", ""), {})),
    }
    headings = list(found.samples)
    columns = {
        name: headings[number]
        for number, name in enumerate(form.getlist("column")[: len(headings)])
        if name in FIELDS
    }
    values = list(found.role_values)
    roles = {
        values[number]: Role(role)
        for number, role in enumerate(form.getlist("role")[: len(values)])
        if role in _ROLES
    }
    if not found.samples:
        # Names of people: who is not told to be of the shop is a buyer anyway.
        roles = {name: role for name, role in roles.items() if role != Role.BUYER}
    is_same = found.format == settings["format"] or not settings["format"]
    if is_same and (columns or roles):
        kept_roles = nameless(roles, importing.speaker_keys(team_id))
        settings["mapping"] = {"columns": columns, "roles": kept_roles}
    return settings


# -- what was brought in -----------------------------------------------------------------------


@bp.get("/imports/<int:import_id>")
@requires(*READERS)
def show(import_id: int) -> ResponseReturnValue:
    """How far an import is and what came of it; htmx asks for the middle of the page only."""
    row = queries.import_of(import_id, viewer().team_ids(*READERS))
    is_part, now = "HX-Request" in request.headers, utc_now()
    job = db.session.get(jobs.Job, row.job_id) if row.job_id else None
    may_take_back = taking_back.is_open(row, now=now)
    return render_template(
        "chats/import_state.html" if is_part else "chats/import_show.html",
        row=row,
        job=job,
        counts=Counts.of(row.counts),
        is_open=row.state in {"running", "taking_back"} and not may_take_back,
        is_broken_off=service.is_broken_off(row, now),
        refused=queries.refused(import_id) if row.state != "running" else [],
        is_paste=pasting.is_paste(row),
        format_title=FORMATS[row.format].title if row.format in FORMATS else None,
        auto_word=words.auto_reason,
        may_take_back=may_take_back,
    )


@bp.post("/imports/<int:import_id>/cancel")
@requires(*READERS)
def cancel(import_id: int) -> ResponseReturnValue:
    """Ask for the end of an import."""
    with transaction():
        _of_my_team(import_id)
        service.cancel(import_id, now=utc_now())
    return redirect(url_for("chat_imports.show", import_id=import_id))


@bp.post("/imports/<int:import_id>/take-back")
@requires(*READERS)
def take_back(import_id: int) -> ResponseReturnValue:
    """Undo an import by a job; where that cannot be, say why."""
    page, me, now = url_for("chat_imports.show", import_id=import_id), viewer(), utc_now()
    row = _of_my_team(import_id)
    data = {
        "import": import_id,
        "file": row.file_name,
        "count": Counts.of(row.counts).conversations,
        "page": page,
    }
    try:
        with transaction():
            taken = taking_back.begin(import_id, now=now)
            taken.job_id = jobs.enqueue(
                chat_jobs.TAKE_BACK, data, by=me.id, team_id=taken.team_id, now=now
            )
    except ConflictError as error:
        flash(str(error), "failed")
    return redirect(page)


def _of_my_team(import_id: int) -> ChatImport:
    return queries.import_of(import_id, viewer().team_ids(*READERS))


@bp.get("/imports/<int:import_id>/refused.csv")
@requires(*READERS)
def refused(import_id: int) -> ResponseReturnValue:
    """Every line that was not understood, with number and reason, masked."""
    row = _of_my_team(import_id)
    name = f"{_('没有看懂的行')}-{row.id}.csv"
    answer = Response(stream_with_context(_refused_csv(row.id)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _refused_csv(import_id: int) -> Iterator[str]:
    file = io.StringIO()
    writer = csv.writer(file)
    yield "\ufeff"
    writer.writerow([_("行"), _("为什么"), _("原来的内容")])
    after = 0
    while rows := queries.refused(import_id, after=after, limit=_REFUSED_AT_ONCE):
        for each in rows:
            reason = words.reason(each.reason, each.details)
            writer.writerow([each.line, reason, _no_formula(each.source or "")])
        after = rows[-1].id
        yield file.getvalue()
        file.seek(0)
        file.truncate()
        if len(rows) < _REFUSED_AT_ONCE:
            break
    yield file.getvalue()


def _no_formula(cell: str) -> str:
    """A cell that a table program takes for text."""
    return f"'{cell}" if cell.startswith(_OF_FORMULAS) else cell
