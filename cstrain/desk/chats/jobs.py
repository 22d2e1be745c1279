"""The import of a file that somebody brought in a page, worked on by the job process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cstrain.desk.chats import importing, looking, service, taking_back
from cstrain.desk.chats.models import ChatImport
from cstrain.desk.chats.prepared import Counts
from cstrain.kit import jobs
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import lazy
from cstrain.kit.uploads import Upload, shown_name

IMPORT, LOOK, TAKE_BACK = "chat_import", "chat_look", "chat_take_back"
KIND = "chats"


def begin(  # noqa: PLR0913 - what is known of a file
    team_id: int,
    path: Path,
    file_name: str,
    digest: str,
    *,
    settings: Mapping[str, Any],
    by: int,
    now: datetime,
    page: str = "",
) -> int:
    """Note a file and let the job process bring it in, in the caller's transaction.

    Args:
        team_id: Whose chats they are.
        path: Where the file lies; the job deletes it at its end.
        file_name: What it was called.
        digest: See ``importing.digest_of``.
        settings: See ``ChatImport.settings``.
        by: Who brought it.
        now: The time.
        page: Where the finished job leads.

    Returns:
        The id of the import; its job is in ``ChatImport.job_id``.
    """
    name = shown_name(file_name)
    import_id = service.begin(
        team_id,
        name,
        digest,
        total_bytes=path.stat().st_size,
        settings=settings,
        by=by,
        now=now,
    )
    data = {"import": import_id, "path": str(path), "file": name, "page": page}
    job_id = jobs.enqueue(IMPORT, data, by=by, team_id=team_id, now=now)
    db.session.get_one(ChatImport, import_id).job_id = job_id
    return import_id


def _about(data: Mapping[str, Any]) -> str:
    return str(data.get("file", ""))


@jobs.register(LOOK, title=lazy("看看这份聊天记录"), about=_about)
def look(job: jobs.JobContext) -> Mapping[str, Any]:
    """Do the dry run: ``token``, ``file``, ``settings``, and the report's ``url``."""
    upload = Upload(KIND, job.by or 0, job.data["token"])
    report = looking.look(
        upload.table,
        job.data["file"],
        job.data["settings"],
        team_id=upload.team_id,
        tell=job.progress,
    )
    upload.tell(report)
    text = _("%(about)s：看完了，还没有存。", about=_about(job.data))
    return upload.looked_at(text, job.data["url"])


@jobs.register(IMPORT, title=lazy("导入聊天记录"), about=_about)
def bring_in(job: jobs.JobContext) -> Mapping[str, Any]:
    """Bring a file in, from where it stood: ``import`` (its id), ``path``, ``file``, ``page``.

    Raises:
        ConflictError: If somebody else works on it.
    """
    import_id, path = job.data["import"], Path(job.data["path"])
    try:
        done = importing.bring_in(import_id, path, begin=job.transaction, tell=job.progress)
    except ConflictError:
        row = db.session.get_one(ChatImport, import_id)
        if row.state == "running":
            raise
        done = importing.Done(import_id, row.state, Counts.of(row.counts))  # its worker died late
    path.unlink(missing_ok=True)
    return {"text": told(done), "url": job.data["page"], "label": _("去看看"), "import": import_id}


def told(done: importing.Done) -> str:
    """What an import did, in a sentence."""
    text = _("存好了 %(counted)s", counted=tally(done.counts))
    if done.state == "cancelled":
        return _("按您的要求停下了，已经存好的留着：%(text)s", text=text)
    return text


def tally(counts: Counts) -> str:
    """How much there is in a file: the end of a sentence."""
    return _(
        "%(conversations)s 个会话、%(messages)s 条消息；"
        "%(duplicates)s 条已经有过，%(rejected)s 行没有看懂。",
        conversations=counts.conversations,
        messages=counts.messages,
        duplicates=counts.duplicates,
        rejected=sum(counts.rejected.values()),
    )


@jobs.register(TAKE_BACK, title=lazy("撤回导入"), about=_about)
def take_back(job: jobs.JobContext) -> Mapping[str, Any]:
    """Undo an import that ``taking_back.begin`` has taken: ``import``, ``file``, ``page``."""
    import_id, done = job.data["import"], job.progress_count
    while True:
        with job.transaction():
            count = taking_back.step(import_id, now=job.now)
        if not count:
            break
        done += count
        job.progress(done, job.data["count"])
    text = _("撤回了，里面的会话都删了。同一份文件可以再导。")
    return {"text": text, "url": job.data["page"], "label": _("去看看")}
