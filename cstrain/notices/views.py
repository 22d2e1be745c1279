"""Pages of the inbox, and of long work with its progress and files."""

from __future__ import annotations

from flask import (
    Blueprint,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.people.access import STAFF, Role, requires, viewer
from cstrain.kit import jobs as work
from cstrain.kit import uploads
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext
from cstrain.notices import jobs as _duties  # noqa: F401 - registers the delivery
from cstrain.notices import queries, service
from cstrain.notices.words import Facts, people_in, words_of

inbox = Blueprint("inbox", __name__, template_folder="templates")
jobs = Blueprint("jobs", __name__)
#: How long a browser may show the number at the bell without asking again.
PROBLEMS_SHOWN = 200


def _catalogue() -> Catalogue | None:
    team = next(iter(viewer().teams.values()), None)
    try:
        return active.for_team(team.slug if team else None)
    except NotFoundError:
        return None


@inbox.get("/inbox")
@requires()
def index() -> ResponseReturnValue:
    """What the viewer was told, newest first; `?show=unread` narrows it."""
    only_unread = request.args.get("show") == "unread"
    number = request.args.get("page", 1, type=int)
    page = queries.page(viewer().id, only_unread=only_unread, number=number)
    people = set[int]().union(*(people_in(message.data) for message in page.messages))
    names, catalogue = queries.names_of(people), _catalogue()
    rows = [
        (message, words_of(message.topic, Facts(message.data, names, catalogue, viewer().id)))
        for message in page.messages
    ]
    return render_template(
        "notices/inbox.html",
        rows=rows,
        page=page,
        only_unread=only_unread,
        new_count=queries.unread_count(viewer().id),
    )


@inbox.get("/inbox/<int:message_id>")
@requires()
def go(message_id: int) -> ResponseReturnValue:
    """Note that a message was read and go to where it leads.

    Raises:
        NotFoundError: If it is not the viewer's own.
    """
    message = queries.own_message(viewer().id, message_id)
    if message is None:
        raise NotFoundError
    if not message.is_read:
        with transaction():
            service.mark_read(viewer().id, [message_id], now=utc_now())
    words = words_of(message.topic, Facts(message.data))
    return redirect(words.url or url_for("inbox.index"))


@inbox.post("/inbox/<int:message_id>/read")
@requires()
def read(message_id: int) -> ResponseReturnValue:
    """Note that one message was read.

    Raises:
        NotFoundError: If it is not the viewer's own.
    """
    with transaction():
        marked = service.mark_read(viewer().id, [message_id], now=utc_now())
    if not marked and queries.own_message(viewer().id, message_id) is None:
        raise NotFoundError
    return redirect(_back())


@inbox.post("/inbox/read")
@requires()
def read_all() -> ResponseReturnValue:
    """Note that everything was read."""
    with transaction():
        marked = service.mark_read(viewer().id, now=utc_now())
    flash(ngettext("%(count)s 条都标成已读了。", marked), "passed")
    return redirect(_back())


def _back() -> str:
    only_unread = request.form.get("show") == "unread"
    return url_for("inbox.index", show="unread" if only_unread else None)


# -- long work ---------------------------------------------------------------------------------


@jobs.get("/jobs/<int:job_id>")
@requires()
def page(job_id: int) -> ResponseReturnValue:
    """How far a job is, and what came of it; htmx asks for the middle of the page only.

    A result that is ``own_only`` leads on only for who asked for the job.
    """
    job = _visible(job_id)
    if job.state == "done":
        active.show_newest()  # it may have published something
    problems = job.result.get("problems") or []
    is_part = "HX-Request" in request.headers
    is_own = job.by_person_id == viewer().id
    kind = job.result.get("upload")
    part = render_template(
        "notices/job_state.html" if is_part else "notices/job.html",
        job=job,
        title=work.title_of(job.name, job.data),
        problems=problems[:PROBLEMS_SHOWN],
        problem_count=len(problems),
        is_gone=(kind is not None and not (is_own and _is_waiting(job, kind)))
        or (job.result.get("own_only") and not is_own),
    )
    # Who asked and waits at the page is taken along to what was waited for.
    goes_on = is_part and is_own and job.state == "done" and job.result.get("go_on")
    return part, {"HX-Redirect": job.result["url"]} if goes_on else {}


def _is_waiting(job: work.Job, kind: str) -> bool:
    """Whether the table whose dry run this was is neither imported nor cleared away."""
    return uploads.find(kind, job.data["token"], owner_id=job.by_person_id or 0).is_waiting


@jobs.get("/files/<token>")
@requires()
def file(token: str) -> ResponseReturnValue:
    """The file that a job made.

    Raises:
        NotFoundError: If it is gone, or somebody else's.
    """
    job_id = db.session.scalar(select(work.Job.id).where(work.Job.file_token == token))
    job = _visible(job_id or 0)
    path = work.file_path(token)
    if job.state != "done" or not path.is_file():
        raise NotFoundError(_("这个文件已经过期删除了，请重新生成一次。"))
    answer = send_file(path, as_attachment=True, download_name=job.file_name, max_age=0)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _visible(job_id: int) -> work.Job:
    """A job of the viewer's own, or of teams that the viewer looks after, all of them.

    Where a job is for some roles alone, one's own is seen only while one is in the team.

    Raises:
        NotFoundError: If it is anybody else's.
    """
    job = db.session.get(work.Job, job_id)
    me = viewer()
    if job is None:
        raise NotFoundError
    roles = tuple(map(Role, work.roles_of(job.name)))
    concerned = {job.team_id, *job.data.get("team_ids", ())}
    is_staff = concerned.issubset(me.team_ids(*(roles or STAFF)))
    is_own = job.by_person_id == me.id and (not roles or concerned.issubset(me.roles))
    if not (is_own or is_staff):
        raise NotFoundError
    return job
