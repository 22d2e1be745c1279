"""Long work: a row with its data and progress, worked on by the job process.

    @jobs.register("people_import", title=_("导入名单"))
    def import_people(job: JobContext) -> Mapping[str, Any]:
        ...
        job.progress(120, 400)
        with job.transaction():
            ...
        return {"text": _("导入了 %(n)s 人。", n=400)}

    with transaction():
        job_id = jobs.enqueue("people_import", {...}, by=me.id, team_id=team_id, now=utc_now())
    return redirect(url_for("jobs.page", job_id=job_id))

A job begins once: a conditional UPDATE decides who works on it. When its process dies, the sweep
puts it back and it begins again, so what it wrote before must be harmless to write again, or
what it kept by ``keep`` must tell where to go on. Writes stand in ``job.transaction()``, which
refuses a worker whose job was given to another meanwhile.
"""

from __future__ import annotations

import contextvars
import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Index, delete, event, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cstrain.config import Settings
from cstrain.kit import i18n, queue
from cstrain.kit.clock import utc_now
from cstrain.kit.db import _WRITING, Id, Model, db, transaction
from cstrain.kit.errors import CstrainError, InvalidError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.processes import new_run, runs_here

log = logging.getLogger(__name__)

#: A worker on another machine that has not been heard of for so long is dead.
DEAD_AFTER = timedelta(seconds=60)
HEARTBEAT_EVERY_S = 10.0
PROGRESS_EVERY_S = 0.5
#: A job whose worker died so often is given up: it is probably what kills it.
STARTS_ALLOWED = 3
KEEP_FOR = timedelta(days=30)
_WAKE = "cstrain_wake"


class Job(Model):
    """One piece of long work."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_open",
            "state",
            "id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_job_ended_at", "ended_at"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    data: Mapped[dict[str, Any]]
    #: waiting, running, done or failed.
    state: Mapped[str] = mapped_column(default="waiting")
    progress_count: Mapped[int] = mapped_column(default=0)
    total_count: Mapped[int | None]
    #: What is being done, or why it failed, in the language of who asked for it.
    message: Mapped[str] = mapped_column(default="")
    #: ``text``, ``problems`` (lines), ``url`` and ``label`` to go on, ``go_on`` where the page
    #: is to go there by itself, ``upload`` (its kind) where the link is to the dry run of one, and
    #: whatever else. While it runs, what it has kept.
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The file to download lies in the files folder under this name; its own name is in file_name.
    file_token: Mapped[str | None] = mapped_column(unique=True)
    file_name: Mapped[str] = mapped_column(default="")
    by_person_id: Mapped[int | None]
    team_id: Mapped[int | None]
    language: Mapped[str] = mapped_column(default="zh")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: Who works on it (see ``kit.processes``), and when that was last heard of.
    runner: Mapped[str] = mapped_column(default="")
    beat_at: Mapped[datetime | None]
    start_count: Mapped[int] = mapped_column(default=0)


class JobLostError(Exception):
    """The job was given to another worker; this one must stop without a trace."""


class JobPausedError(Exception):
    """The job process is asked to end; the job waits for the next one."""


JobFunction = Callable[["JobContext"], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class _Registered:
    function: JobFunction
    title: str
    about: Callable[[Mapping[str, Any]], str] | None
    roles: tuple[str, ...]


_registered: dict[str, _Registered] = {}
_running: set[str] = set()
_stopping = threading.Event()


def register(
    name: str,
    *,
    title: str = "",
    about: Callable[[Mapping[str, Any]], str] | None = None,
    roles: Sequence[str] = (),
) -> Callable[[JobFunction], JobFunction]:
    """Name the function that works on jobs of this name.

    Args:
        name: Stored with the job, never renamed.
        title: What people call it, marked with ``lazy``.
        about: What of it a job's data tell, as the name of a file, in the reader's language.
        roles: Who alone may see these jobs and their files besides who asked for them, who may
            only while in the team; empty where all who look after the team may.
    """

    def decorate(function: JobFunction) -> JobFunction:
        there = _registered.get(name)
        if there is not None and there.function.__qualname__ != function.__qualname__:
            raise RuntimeError(f"there is a job {name!r} already")
        _registered[name] = _Registered(function, title, about, tuple(roles))
        return function

    return decorate


def title_of(name: str, data: Mapping[str, Any]) -> str:
    """What people call a job of this name with these data, in the reader's language."""
    there = _registered.get(name)
    if there is None or not there.title:
        return _("后台任务")
    about = there.about(data) if there.about else ""
    return _("%(title)s：%(about)s", title=there.title, about=about) if about else str(there.title)


def roles_of(name: str) -> tuple[str, ...]:
    """Who alone may see jobs of this name, see ``register``; empty for no such limit."""
    there = _registered.get(name)
    return there.roles if there else ()


def enqueue(
    name: str, data: Mapping[str, Any], *, by: int | None, team_id: int | None, now: datetime
) -> int:
    """Put a job into the table, in the caller's transaction; gives its id.

    The job process is woken after the commit, so it never looks for a row that is not there.

    Raises:
        ValueError: If no function is registered under the name.
    """
    if name not in _registered:
        raise ValueError(f"there is no job {name!r}")
    row = Job(
        name=name,
        data=dict(data),
        by_person_id=by,
        team_id=team_id,
        language=i18n.language(),
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    wake_after_commit()
    return row.id


def open_ones(name: str, *, by: int) -> Sequence[Job]:
    """What somebody has asked for and is not done yet, the oldest first."""
    asked = select(Job).where(Job.ended_at.is_(None), Job.name == name, Job.by_person_id == by)
    return db.session.scalars(asked.order_by(Job.id)).all()


def wake_after_commit() -> None:
    """Let the job process look at its tables as soon as the caller's transaction is committed."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    db.session().info[_WAKE] = app


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    app: Flask | None = session.info.pop(_WAKE, None)
    if app is None:
        return
    mode = app.config.get("CSTRAIN_JOBS") or ("manual" if app.testing else "queue")
    if mode == "queue":
        queue.wake(app)
    elif mode == "immediate":
        run_waiting(app)


@event.listens_for(Session, "after_rollback")
def _rolled_back(session: Session) -> None:
    session.info.pop(_WAKE, None)


# -- working -----------------------------------------------------------------------------------


@dataclass(slots=True)
class JobContext:
    """What a job's function works with.

    Attributes:
        data: What ``enqueue`` was given.
        now: When this run began.
        progress_count: How far an earlier run came whose worker died; 0 at first.
        kept: What that run kept by ``keep``; empty at first.
    """

    id: int
    data: Mapping[str, Any]
    by: int | None
    team_id: int | None
    now: datetime
    progress_count: int
    runner: str
    kept: Mapping[str, Any] = field(default_factory=dict)
    _told_s: float = field(default=0.0)

    def progress(self, count: int, total: int | None = None, message: str = "") -> None:
        """Show how far the work is.

        Cheap to call often: it writes at most twice a second. Inside a transaction it becomes
        visible with that one's commit.

        Raises:
            JobLostError: If the job was given to another worker.
            JobPausedError: If the job process is asked to end.
        """
        is_last = total is not None and count >= total
        if not is_last and time.monotonic() - self._told_s < PROGRESS_EVERY_S:
            return
        self._told_s = time.monotonic()
        values: dict[str, Any] = {"progress_count": count}
        if total is not None:
            values["total_count"] = total
        if message:
            values["message"] = message
        if db.session().info.get(_WRITING):
            self._write(values)
            return
        if _stopping.is_set():
            raise JobPausedError
        with transaction():
            self._write(values)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction that only the worker who has the job now can commit.

        Raises:
            JobLostError: If the job was given to another worker.
            JobPausedError: If the job process is asked to end.
        """
        if _stopping.is_set():
            raise JobPausedError
        with transaction() as session:
            self._write({})
            yield session

    def keep(self, values: Mapping[str, Any]) -> None:
        """Keep what a worker that takes over must know; inside ``transaction``, with its writes.

        Raises:
            JobLostError: If the job was given to another worker.
        """
        self._write({"result": dict(values)})

    def new_file(self, name: str) -> Path:
        """Where to write the file that the page offers for download, under this name.

        Raises:
            JobLostError: If the job was given to another worker.
        """
        token, path = new_file()
        with self.transaction():
            self._write({"file_token": token, "file_name": name})
        return path

    def _write(self, values: Mapping[str, Any]) -> None:
        changed = db.session.execute(
            update(Job)
            .where(Job.id == self.id, Job.runner == self.runner, Job.state == "running")
            .values(beat_at=utc_now(), **values)
        )
        if not changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
            raise JobLostError(f"job {self.id} is no longer ours")


def run_waiting(app: Flask) -> int:
    """Work on every waiting job, oldest first; gives how many this call worked on."""
    count = 0
    while not _stopping.is_set():
        job = _claim(app)
        if job is None:
            break
        count += 1
        try:
            contextvars.copy_context().run(_run, app, job)
        finally:
            _running.discard(job.runner)
    return count


def _claim(app: Flask) -> JobContext | None:
    """Take the oldest waiting job; None when there is none."""
    with app.app_context():
        while True:
            row = db.session.execute(
                select(
                    Job.id, Job.data, Job.by_person_id, Job.team_id, Job.progress_count, Job.result
                )
                .where(Job.state == "waiting", Job.ended_at.is_(None))
                .order_by(Job.id)
                .limit(1)
            ).first()
            if row is None:
                return None
            now, runner = utc_now(), new_run()
            # Known before the row tells of it, or another thread's sweep takes the run for dead.
            _running.add(runner)
            if _take(row.id, runner, now):
                return JobContext(
                    id=row.id,
                    data=row.data,
                    by=row.by_person_id,
                    team_id=row.team_id,
                    now=now,
                    progress_count=row.progress_count,
                    runner=runner,
                    kept=row.result,
                )


def _take(job_id: int, runner: str, now: datetime) -> bool:
    """Whether the job is the runner's now; if not, the run is over."""
    is_taken = False
    try:
        with transaction() as session:
            taken = session.execute(
                update(Job)
                .where(Job.id == job_id, Job.state == "waiting")
                .values(
                    state="running",
                    runner=runner,
                    started_at=now,
                    beat_at=now,
                    start_count=Job.start_count + 1,
                )
            )
        is_taken = bool(taken.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it
    finally:
        if not is_taken:
            _running.discard(runner)
    return is_taken


def _run(app: Flask, job: JobContext) -> None:
    """Call the job's function and note how it ended."""
    with app.app_context():
        name, language = db.session.execute(
            select(Job.name, Job.language).where(Job.id == job.id)
        ).one()
        i18n.speak(language)
        try:
            result = _function_of(name)(job)
        except JobLostError:
            log.warning("job %s went to another worker", job.id)
        except JobPausedError:
            _release(job)
        except CstrainError as refused:
            _end(job, "failed", message=str(refused))
        except Exception:
            # The row is the only place where whoever asked for the job looks.
            log.exception("job %s (%s) failed", job.id, name)
            _end(job, "failed", message=_("出了意外，没有做完。已经记下，请联系管理员。"))
        else:
            _end(job, "done", message="", result=dict(result or {}))


def _function_of(name: str) -> JobFunction:
    """The function of this name.

    Raises:
        InvalidError: If this version knows none.
    """
    registered = _registered.get(name)
    if registered is None:
        raise InvalidError(_("这个版本不认识任务 %(name)s。", name=name))
    return registered.function


def _end(job: JobContext, state: str, **values: Any) -> None:
    db.session.rollback()
    try:
        with transaction():
            job._write({"state": state, "ended_at": utc_now(), **values})  # noqa: SLF001
    except JobLostError:
        log.warning("job %s went to another worker", job.id)


def _release(job: JobContext) -> None:
    """Let the next worker have the job; this start does not count against it."""
    with transaction() as session:
        session.execute(
            update(Job)
            .where(Job.id == job.id, Job.runner == job.runner, Job.state == "running")
            .values(state="waiting", runner="", start_count=Job.start_count - 1)
        )


# -- care --------------------------------------------------------------------------------------


def sweep(*, now: datetime) -> int:
    """Put jobs back whose worker died, or give them up; gives how many.

    A worker of this machine is dead when its process is gone, any other one when it has not
    been heard of for a minute. Opens its own transactions.
    """
    rows: Sequence[Any] = db.session.execute(
        select(Job.id, Job.runner, Job.beat_at, Job.start_count, Job.language).where(
            Job.state == "running", Job.ended_at.is_(None)
        )
    ).all()
    count = 0
    for row in rows:
        is_here = runs_here(row.runner, _running)
        if is_here or (is_here is None and row.beat_at and now - row.beat_at < DEAD_AFTER):
            continue
        values: dict[str, Any] = {"state": "waiting", "runner": ""}
        if row.start_count >= STARTS_ALLOWED:
            message = _("试了 %(n)s 次都中断了，不再重试。", n=row.start_count)
            values = {"state": "failed", "ended_at": now, "message": message}
        with transaction() as session:
            swept = session.execute(
                update(Job)
                .where(Job.id == row.id, Job.runner == row.runner, Job.state == "running")
                .values(**values)
            )
        if swept.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it
            log.warning("the worker of job %s died", row.id)
            count += 1
    return count


def beat(*, now: datetime) -> None:
    """Tell other machines that this process still works on its jobs."""
    if not _running:
        return
    with transaction() as session:
        session.execute(
            update(Job)
            .where(Job.runner.in_(tuple(_running)), Job.state == "running")
            .values(beat_at=now)
        )


def forget_old(*, now: datetime) -> int:
    """Delete jobs that ended a month ago, with their files; gives how many."""
    old = db.session.execute(
        select(Job.id, Job.file_token).where(Job.ended_at < now - KEEP_FOR).limit(1000)
    ).all()
    with transaction() as session:
        session.execute(delete(Job).where(Job.id.in_([row.id for row in old])))
    for row in old:
        if row.file_token:
            file_path(row.file_token).unlink(missing_ok=True)
    return len(old)


def take_files(name: str, about: Mapping[str, Collection[int]]) -> None:
    """Take away what jobs of a name have made, in the caller's transaction.

    The files are gone at once, whatever becomes of the transaction: what must not be kept goes
    rather too early.

    Args:
        name: Of the jobs.
        about: Key of their data → numbers, one of which stands there.
    """
    told = [Job.data[key].as_integer().in_(numbers) for key, numbers in about.items()]
    rows = db.session.execute(
        select(Job.id, Job.file_token).where(Job.name == name, Job.file_token.is_not(None), *told)
    ).all()
    for row in rows:
        file_path(row.file_token or "").unlink(missing_ok=True)
    db.session.execute(
        update(Job)
        .where(Job.id.in_([row.id for row in rows]))
        .values(file_token=None)
        .execution_options(synchronize_session=False)
    )


def stop() -> None:
    """Let running jobs end at their next progress; they wait for the next job process."""
    _stopping.set()


# -- files -------------------------------------------------------------------------------------


def new_file() -> tuple[str, Path]:
    """A new name nobody can guess in the files folder, and where that is."""
    token = secrets.token_urlsafe(24)
    path = file_path(token)
    path.parent.mkdir(parents=True, exist_ok=True)
    return token, path


def file_path(token: str) -> Path:
    """Where a file of the files folder lies.

    Raises:
        ValueError: If this is no such name.
    """
    if not token.replace("-", "").replace("_", "").isalnum():
        raise ValueError(f"{token!r} is no file's name")
    settings: Settings = current_app.extensions["cstrain.settings"]
    return settings.var_dir / "files" / token[:2] / token
