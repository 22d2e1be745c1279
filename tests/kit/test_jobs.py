"""Long work: begun once, shown while it runs, taken up again when its process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from cstrain.config import Settings
from cstrain.kit import duties, jobs, queue
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.jobs import Job, JobContext
from tests.plugins.shop import NOW

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 90
worked: list[Any] = []


@jobs.register("test_note", title="记一笔")
def note(job: JobContext) -> Mapping[str, Any]:
    worked.append(job.data["n"])
    job.progress(1, 1, "好了")
    return {"text": "记好了"}


@jobs.register("test_refused")
def refused(_job: JobContext) -> None:
    raise InvalidError("第 3 行没有姓名")


@jobs.register("test_broken")
def broken(_job: JobContext) -> None:
    raise ZeroDivisionError


@jobs.register("test_file")
def make_file(job: JobContext) -> None:
    job.new_file("名单.csv").write_text("工号\n", encoding="utf-8")


@jobs.register("test_lost")
def lose(job: JobContext) -> None:
    with transaction() as session:
        session.execute(update(Job).where(Job.id == job.id).values(runner="other"))
    with job.transaction():
        worked.append("must not be committed")


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers, and what it worked, does not reach the next one."""
    worked.clear()
    for module in (jobs, duties):
        monkeypatch.setattr(module, "_registered", dict(vars(module)["_registered"]))


def put(app: Flask, name: str, **data: Any) -> int:
    with app.app_context(), transaction():
        return jobs.enqueue(name, data, by=1, team_id=None, now=NOW)


def put_and_fail(app: Flask) -> None:
    with app.app_context(), transaction():
        jobs.enqueue("test_note", {"n": 1}, by=None, team_id=None, now=NOW)
        raise InvalidError


def row_of(app: Flask, job_id: int) -> Job:
    with app.app_context():
        row = db.session.scalars(select(Job).where(Job.id == job_id)).one()
        db.session.expunge(row)
        return row


def test_a_job_waits_until_it_is_worked_on(app: Flask) -> None:
    job_id = put(app, "test_note", n=7)

    assert worked == []
    assert jobs.run_waiting(app) == 1
    row = row_of(app, job_id)
    assert (row.state, row.progress_count, row.total_count) == ("done", 1, 1)
    assert row.result == {"text": "记好了"}
    assert row.ended_at is not None
    assert worked == [7]


def test_immediate_mode_works_right_after_the_commit(app: Flask) -> None:
    app.config["CSTRAIN_JOBS"] = "immediate"

    job_id = put(app, "test_note", n=1)

    assert row_of(app, job_id).state == "done"


def test_what_is_rolled_back_is_never_worked_on(app: Flask) -> None:
    app.config["CSTRAIN_JOBS"] = "immediate"

    with pytest.raises(InvalidError):
        put_and_fail(app)

    assert jobs.run_waiting(app) == 0
    assert worked == []


def test_every_job_is_begun_once_by_several_workers(app: Flask) -> None:
    with app.app_context(), transaction():
        for n in range(20):
            jobs.enqueue("test_note", {"n": n}, by=None, team_id=None, now=NOW)

    workers = [threading.Thread(target=jobs.run_waiting, args=(app,)) for _each in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(worked) == list(range(20))


def test_a_refusal_is_shown_to_who_asked(app: Flask) -> None:
    job_id = put(app, "test_refused")

    jobs.run_waiting(app)

    row = row_of(app, job_id)
    assert (row.state, row.message) == ("failed", "第 3 行没有姓名")


def test_a_broken_job_fails_without_a_trace_on_the_page(app: Flask) -> None:
    job_id = put(app, "test_broken")

    jobs.run_waiting(app)

    row = row_of(app, job_id)
    assert row.state == "failed"
    assert "ZeroDivision" not in row.message


def test_an_unknown_name_is_refused_at_once(app: Flask) -> None:
    with app.app_context(), pytest.raises(ValueError, match="no job"), transaction():
        jobs.enqueue("nobody", {}, by=None, team_id=None, now=NOW)


def test_a_worker_that_lost_its_job_commits_nothing(app: Flask) -> None:
    job_id = put(app, "test_lost")

    jobs.run_waiting(app)

    assert worked == []
    assert row_of(app, job_id).state == "running"


def test_a_file_is_kept_under_a_name_nobody_can_guess(app: Flask) -> None:
    job_id = put(app, "test_file")

    jobs.run_waiting(app)

    row = row_of(app, job_id)
    assert row.file_name == "名单.csv"
    assert row.file_token is not None
    assert len(row.file_token) >= 32
    with app.app_context():
        assert jobs.file_path(row.file_token).read_text(encoding="utf-8") == "工号\n"


@pytest.mark.parametrize("token", ["../secret", "a/b", "", "a.b"])
def test_a_file_name_leads_nowhere_else(app: Flask, token: str) -> None:
    with app.app_context(), pytest.raises(ValueError, match="no file"):
        jobs.file_path(token)


def test_an_unheard_worker_elsewhere_is_dead_after_a_minute(app: Flask) -> None:
    job_id = put(app, "test_note", n=1)
    with app.app_context(), transaction() as session:
        session.execute(
            update(Job).values(
                state="running", runner="elsewhere/7/99/ab", beat_at=NOW, start_count=1
            )
        )

    with app.app_context():
        assert jobs.sweep(now=NOW + timedelta(seconds=59)) == 0
        assert jobs.sweep(now=NOW + timedelta(seconds=61)) == 1

    assert row_of(app, job_id).state == "waiting"


def test_a_sweep_just_as_a_job_is_taken_leaves_it_alone(app: Flask) -> None:
    job_id = put(app, "test_note", n=1)
    swept: list[int] = []

    def sweep() -> None:
        with app.app_context():
            swept.append(jobs.sweep(now=utc_now()))

    def committed(_session: Session) -> None:
        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        sweeper.join()

    event.listen(Session, "after_commit", committed, once=True)
    jobs.run_waiting(app)

    assert swept == [0]
    assert row_of(app, job_id).start_count == 1


def test_a_job_that_keeps_killing_its_worker_is_given_up(app: Flask) -> None:
    job_id = put(app, "test_note", n=1)
    with app.app_context(), transaction() as session:
        session.execute(
            update(Job).values(
                state="running",
                runner="elsewhere/7/99/ab",
                beat_at=NOW,
                start_count=jobs.STARTS_ALLOWED,
            )
        )

    with app.app_context():
        jobs.sweep(now=NOW + timedelta(minutes=5))

    assert row_of(app, job_id).state == "failed"


def test_old_jobs_go_with_their_files(app: Flask) -> None:
    job_id = put(app, "test_file")
    jobs.run_waiting(app)
    token = row_of(app, job_id).file_token or ""

    with app.app_context():
        assert jobs.forget_old(now=utc_now()) == 0
        assert jobs.forget_old(now=utc_now() + jobs.KEEP_FOR + timedelta(days=1)) == 1
        assert not jobs.file_path(token).exists()


def test_the_job_speaks_the_language_of_who_asked(app: Flask) -> None:
    put(app, "test_note", n=1)

    with app.app_context():
        assert db.session.scalar(select(Job.language)) == "zh"
    assert _("提交") == "提交"


# -- duties ------------------------------------------------------------------------------------


def due(app: Flask, minute: int, hour: int = 1) -> list[str]:
    now = NOW.replace(hour=hour, minute=minute)
    return [name for name in duties.run_due(app, now=now) if name.startswith("test.")]


def test_a_duty_is_done_once_for_its_minutes(app: Flask) -> None:
    duties.every(5, name="test.five")(worked.append)
    assert due(app, 0) == ["test.five"]
    assert due(app, 4) == []
    assert due(app, 5) == ["test.five"]
    assert len(worked) == 2


def test_a_daily_duty_is_done_once_even_when_the_server_was_late(app: Flask) -> None:
    duties.daily(9, name="test.daily")(worked.append)
    assert due(app, 59, hour=0) == []  # 08:59 in Shanghai
    assert due(app, 30, hour=5) == ["test.daily"]
    assert due(app, 31, hour=5) == []
    jobs.run_waiting(app)
    assert len(worked) == 1


def test_two_processes_do_not_both_take_a_duty(app: Flask) -> None:
    duties.every(1, name="test.race")(worked.append)
    runners = [
        threading.Thread(target=duties.run_due, args=(app,), kwargs={"now": NOW})
        for _each in range(4)
    ]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert worked == [NOW]


# -- a killed worker ---------------------------------------------------------------------------

WORKER = """
import time
from cstrain.kit import jobs

@jobs.register("test_slow")
def slow(job):
    if job.progress_count:
        return {"went_on_at": job.progress_count}
    job.progress(3, 10, "halfway")
    time.sleep(600)

from cstrain import serve
serve.work()
"""


def start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        env={
            **os.environ,
            "CSTRAIN_VAR": str(settings.var_dir),
            "CSTRAIN_DATABASE_URL": settings.database_url,
            "CSTRAIN_SECRET_KEY": settings.secret_key,
        },
        stderr=subprocess.DEVNULL,
    )


def wait_for(app: Flask, job_id: int, state: str, progress: int) -> Job:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        row = row_of(app, job_id)
        if (row.state, row.progress_count) == (state, progress):
            return row
        time.sleep(0.1)
    raise AssertionError(f"the job is {row.state} at {row.progress_count}, not {state}")


def test_a_job_whose_worker_is_killed_is_finished_by_the_next(
    app: Flask, settings: Settings
) -> None:
    app.config["CSTRAIN_JOBS"] = "queue"
    jobs.register("test_slow")(lambda _job: None)
    job_id = put(app, "test_slow")
    queue.close(app)
    first = start_worker(settings)
    wait_for(app, job_id, "running", 3)

    first.send_signal(signal.SIGKILL)
    first.wait()
    second = start_worker(settings)
    row = wait_for(app, job_id, "done", 3)

    assert row.start_count == 2
    assert row.result == {"went_on_at": 3}
    second.terminate()
    assert second.wait(20) == 0
