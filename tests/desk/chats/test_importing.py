"""Files brought in: in whole, masked, once, from where a killed process stood."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from cstrain.config import Settings
from cstrain.desk.chats import importing, reading, sealing, service
from cstrain.desk.chats import jobs as chat_jobs
from cstrain.desk.chats.cli import chats
from cstrain.desk.chats.masking import MaskedMessage, mask_conversation
from cstrain.desk.chats.message import SourceMessage
from cstrain.desk.chats.models import ChatConversation, ChatImport, ChatMessage, ChatRefused
from cstrain.kit import jobs
from cstrain.kit.chain import State
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError
from cstrain.kit.jobs import JobPausedError
from cstrain.kit.processes import new_run
from tests.desk.chats.made_exports import EXAMPLES
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop

HEADINGS = ("时间", "角色", "客服", "买家", "店铺", "消息内容")
PHONE = "13812345678"


def table(conversations: int, *, first: int = 0, begins_s: int = 0, rows_each: int = 6) -> bytes:
    """A table of made chats, a conversation after the other."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADINGS)
    for number in range(first, first + conversations):
        at = NOW.replace(tzinfo=None) + timedelta(seconds=begins_s + number * 90)
        for row in range(rows_each):
            is_agent = row % 2
            text = f"第{number}单{'好的，马上查' if is_agent else '什么时候发货'}{row}"
            if row == 2:
                text = f"我的电话是{PHONE}"
            time_of = at + timedelta(seconds=row * 9)
            who = ("客服" if is_agent else "买家", f"小美{number % 7}", f"tb买家{number}号")
            writer.writerow([f"{time_of:%Y-%m-%d %H:%M:%S}", *who, "云朵家居", text])
    return file.getvalue().encode("utf-8-sig")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "十一月.csv"
    made.write_bytes(table(40))
    return made


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(chats, [*map(str, arguments)], catch_exceptions=False)


def imported(*arguments: str | Path) -> dict[str, object]:
    done = run("import", *arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.usefixtures("app_context")
def test_a_file_comes_in_masked_and_again_adds_nothing(team: Shop, file: Path) -> None:
    first, again = imported(file), imported(file)

    assert first["files"] == 1
    assert (first["conversations"], first["messages"], first["duplicates"]) == (40, 240, 0)
    assert first["masked"] == {"phone": 40}
    assert (again["conversations"], again["messages"], again["duplicates"]) == (0, 0, 240)
    texts = db.session.scalars(select(ChatMessage.text)).all()
    sources = db.session.scalars(select(ChatMessage.source)).all()
    assert "我的电话是〔电话〕" in texts
    assert not [each for each in (*texts, *sources) if PHONE in (each or "")]
    assert not [each for each in sources if "tb买家1号" in (each or "")]
    states = [each.state for each in sealing.verify(team.id).verdicts]
    assert states == [State.INTACT, State.INTACT]


@pytest.mark.usefixtures("app_context", "team")
def test_overlapping_exports_add_the_difference(tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_bytes(table(20))
    second.write_bytes(table(20, first=10))

    tried = imported(first, second, "--dry-run")
    counts = imported(first, second)

    assert tried == counts
    assert (counts["files"], counts["conversations"], counts["messages"]) == (2, 30, 180)
    assert counts["duplicates"] == 60


@pytest.mark.usefixtures("app_context", "team")
def test_a_file_that_cannot_be_read_is_named_and_the_others_come_in(
    tmp_path: Path, file: Path
) -> None:
    broken = tmp_path / "空的.csv"
    broken.touch()

    done = run("import", broken, file, "--json")

    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert (found["files"], found["messages"]) == (1, 240)
    assert found["failed"] == [{"file": "空的.csv", "problem": "这个文件是空的。"}]
    assert done.stderr == "空的.csv: 这个文件是空的。\n"


@pytest.mark.usefixtures("app_context", "team")
def test_a_dry_run_counts_and_stores_nothing(file: Path) -> None:
    tried = imported(file, "--dry-run")

    assert (tried["conversations"], tried["messages"], tried["masked"]) == (40, 240, {"phone": 40})
    assert db.session.scalar(select(func.count(ChatMessage.id))) == 0
    assert imported(file) == tried
    assert imported(file, "--dry-run")["duplicates"] == 240


@pytest.mark.usefixtures("app_context")
def test_a_guess_at_who_is_the_agent_is_told_and_what_was_said_holds(
    team: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "chatlog.json"
    file.write_text(EXAMPLES["taobao_top"][0], encoding="utf-8")
    guessed = run("import", file, "--dry-run")
    as_json = imported(file, "--dry-run")
    with transaction():
        settings = {"headings": "taobao_top", "mapping": {"columns": {}, "roles": {"1": "agent"}}}
        service.begin(team.id, "a", "a", total_bytes=1, settings=settings, by=None, now=NOW)

    sure = imported(file)

    assert "谁是客服是按说话的样子认的" in guessed.output
    assert as_json["guessed_roles"] == ["chatlog.json"]
    assert sure["guessed_roles"] == []
    asked = select(ChatMessage.role).order_by(ChatMessage.ordinal)
    assert db.session.scalars(asked).all() == ["agent", "buyer"]


@pytest.mark.usefixtures("app_context", "team")
def test_lines_that_are_no_messages_are_kept_with_number_and_reason(
    file: Path,
) -> None:
    rows = file.read_bytes().decode("utf-8-sig").splitlines()
    rows[5] = f"gestern,买家,小美,tb买家乙,云朵家居,电话{PHONE}"
    file.write_bytes("\n".join(rows).encode())

    counts = imported(file)

    assert counts["messages"] == 239
    kept = db.session.scalars(select(ChatRefused)).one()
    assert kept.line == 6
    assert counts["rejected"] == {kept.reason: 1}
    assert counts["rejected_lines"] == [
        {"file": file.name, "line": 6, "reason": kept.reason, "words": "看不懂的时间：gestern"}
    ]
    assert "第 6 行没有看懂：看不懂的时间：gestern" in run("import", file, "--dry-run").output
    assert "第 6 行没有看懂：看不懂的时间：gestern" in run("import", file).output
    assert PHONE not in (kept.source or "")
    assert "tb买家乙" not in (kept.source or "")


@pytest.mark.usefixtures("app_context")
def test_several_teams_need_to_be_told_apart(team: Shop, make_team: MakeTeam, file: Path) -> None:
    other = make_team("别家旗舰店")

    told = CliRunner().invoke(chats, ["import", str(file)])
    assert told.exit_code != 0
    assert team.slug in str(told.exception)
    assert imported(file, "--shop", "别家旗舰店")["messages"] == 240
    assert imported(file, "--team", team.slug)["messages"] == 240
    assert db.session.scalars(select(ChatImport.team_id).order_by(ChatImport.id)).all() == [
        other.id,
        team.id,
    ]


@pytest.mark.usefixtures("app_context")
def test_verify_ends_with_one_when_something_was_changed(team: Shop, file: Path) -> None:
    imported(file)
    whole = run("verify", "--json")
    with transaction() as session:
        session.execute(ChatMessage.__table__.update().values(source=""))  # type: ignore[attr-defined]

    changed = run("verify")

    assert whole.exit_code == 0
    assert json.loads(whole.output)[team.slug]["head"]["number"] == 1
    assert changed.exit_code == 1
    assert "对不上" in changed.output


@pytest.mark.usefixtures("app_context")
def test_another_process_reads_the_same(team: Shop, file: Path) -> None:
    wanted = reading.Wanted(file, file.name, team.id, "a secret")

    here, beside = list(reading.read(wanted)), list(reading.beside(wanted))

    assert here == beside


def start(app: Flask, team: Shop, path: Path, by: int) -> tuple[int, int]:
    """Import and job of a file as a page begins them."""
    with app.app_context(), transaction():
        import_id = chat_jobs.begin(
            team.id, path, path.name, importing.digest_of(path), settings={}, by=by, now=utc_now()
        )
        job_id = db.session.get_one(ChatImport, import_id).job_id
    assert job_id
    return import_id, job_id


def test_a_job_brings_a_file_in_and_tells_what_it_did(
    app: Flask, team: Shop, make_person: MakePerson, file: Path
) -> None:
    import_id, job_id = start(app, team, file, make_person().id)

    jobs.run_waiting(app)

    with app.app_context():
        job, row = db.session.get_one(jobs.Job, job_id), db.session.get_one(ChatImport, import_id)
        assert (job.state, row.state, row.link_number) == ("done", "done", 1)
        assert "240" in job.result["text"]
        assert job.progress_count == job.total_count
    assert not file.exists()


def test_a_cancelled_import_keeps_what_came_in_and_goes_on_by_the_same_file(
    app: Flask, team: Shop, make_person: MakePerson, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_MESSAGES", 60)
    data = file.read_bytes()
    import_id, _job = start(app, team, file, make_person().id)
    stored = service.keep

    def cancelling(*arguments: object, **named: object) -> None:
        stored(*arguments, **named)  # type: ignore[arg-type]
        service.cancel(import_id, now=utc_now())

    with monkeypatch.context() as patch:
        patch.setattr(service, "keep", cancelling)
        jobs.run_waiting(app)

    with app.app_context():
        row = db.session.get_one(ChatImport, import_id)
        assert (row.state, row.counts["messages"]) == ("cancelled", 60)
        assert sealing.verify(team.id).is_whole
    file.write_bytes(data)
    with app.app_context():
        counts = imported(file)
        assert (counts["messages"], counts["duplicates"]) == (180, 60)


@pytest.mark.usefixtures("app_context")
def test_an_import_whose_command_was_killed_can_be_ended(
    team: Shop, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_MESSAGES", 60)
    stored = service.keep

    def dying(*arguments: object, **named: object) -> None:
        stored(*arguments, **named)  # type: ignore[arg-type]
        raise JobPausedError

    with monkeypatch.context() as patch:
        patch.setattr(service, "keep", dying)
        with pytest.raises(JobPausedError):
            imported(file)
    row = db.session.scalars(select(ChatImport)).one()
    assert (row.state, service.is_broken_off(row, utc_now())) == ("running", True)
    with transaction():
        row.job_id = jobs.enqueue("chat_import", {}, by=None, team_id=team.id, now=utc_now())
    assert not service.is_broken_off(row, utc_now())
    with transaction():
        db.session.get_one(jobs.Job, row.job_id).ended_at = utc_now()
    assert service.is_broken_off(row, utc_now())
    db.session.rollback()

    with transaction():
        service.cancel(1, now=utc_now())

    assert db.session.scalars(select(ChatImport.state)).one() == "cancelled"
    assert sealing.verify(team.id).open_imports == []
    assert imported(file)["messages"] == 240


@pytest.mark.usefixtures("app_context")
def test_progress_counts_what_is_stored_not_what_was_read(
    team: Shop, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_MESSAGES", 60)
    wanted = importing.wanted_of(file, file.name, {}, team_id=team.id)

    shares = [batch.position_bytes / batch.total_bytes for batch in reading.read(wanted)]

    assert shares == pytest.approx([0.25, 0.5, 0.75, 1, 1], abs=0.01)


@pytest.mark.usefixtures("app_context")
def test_an_import_that_breaks_has_failed_and_what_came_in_is_sealed(
    team: Shop, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_MESSAGES", 60)
    masked: list[object] = []

    def breaking(conversation: list[SourceMessage]) -> list[MaskedMessage]:
        masked.append(conversation)
        if len(masked) > 15:
            raise ZeroDivisionError
        return mask_conversation(conversation)

    with monkeypatch.context() as patch:
        patch.setattr(reading, "mask_conversation", breaking)
        with pytest.raises(ZeroDivisionError):
            imported(file)

    row = db.session.scalars(select(ChatImport)).one()
    assert (row.state, row.counts["messages"], row.link_number) == ("failed", 60, 1)
    assert sealing.verify(team.id).is_whole
    counts = imported(file)
    assert (counts["messages"], counts["duplicates"]) == (180, 60)


@pytest.mark.usefixtures("app_context")
def test_nobody_else_works_on_an_import_that_runs(team: Shop) -> None:
    with transaction():
        import_id = service.begin(team.id, "a", "a", total_bytes=1, settings={}, by=None, now=NOW)
        service.take(import_id, new_run(), now=NOW)
    other = f"{os.getpid()}"

    with transaction():
        service.take(import_id, "elsewhere/1/2/3", now=NOW)
    with transaction(), pytest.raises(ConflictError):
        service.take(import_id, other, now=NOW + timedelta(seconds=30))
    with transaction():
        service.take(import_id, other, now=NOW + timedelta(minutes=2))


WORKER = """
import sys
from pathlib import Path
from cstrain.app import create_app
from cstrain.config import Settings
from cstrain.desk.chats import importing, reading
from cstrain.kit.db import transaction
reading.BATCH_MESSAGES = 100
reading.BESIDE_FROM_BYTES = 1
with create_app(Settings.from_environment()).app_context():
    importing.bring_in(
        int(sys.argv[1]), Path(sys.argv[2]), begin=transaction,
        tell=lambda at, of: print("stored", flush=True),
    )
"""


@pytest.mark.slow
def test_a_killed_import_is_gone_on_with_and_nothing_is_doubled_or_lost(
    app: Flask, settings: Settings, team: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(table(600) + b"kaputt\n")
    with app.app_context(), transaction():
        import_id = service.begin(
            team.id,
            file.name,
            importing.digest_of(file),
            total_bytes=1,
            settings={"format": "", "shop": ""},
            by=None,
            now=utc_now(),
        )
    env = {
        **os.environ,
        "CSTRAIN_VAR": str(settings.var_dir),
        "CSTRAIN_DATABASE_URL": settings.database_url,
        "CSTRAIN_SECRET_KEY": settings.secret_key,
    }

    for batches in (2, 7, 5):
        with subprocess.Popen(
            [sys.executable, "-c", WORKER, str(import_id), str(file)],
            env=env,
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as worker:
            assert worker.stdout
            for _each in range(batches):
                assert worker.stdout.readline() == b"stored\n"
            os.kill(worker.pid, signal.SIGKILL)

    with app.app_context():
        before = db.session.scalar(select(func.count(ChatMessage.id))) or 0
        assert 14 * 100 <= before < 3600
        assert sealing.verify(team.id).open_imports == [import_id]
        counts = imported(file)
        assert (counts["conversations"], counts["messages"]) == (600, 3600)
        assert counts["duplicates"] == 0
        assert sum(counts["rejected"].values()) == 1  # type: ignore[attr-defined]
        assert db.session.scalar(select(func.count(ChatMessage.id))) == 3600
        assert db.session.scalar(select(func.count(ChatConversation.id))) == 600
        assert db.session.scalar(select(func.count(ChatRefused.id))) == 1
        assert db.session.scalars(select(ChatImport.state)).all() == ["done"]
        assert sealing.verify(team.id).is_whole
        assert imported(file)["messages"] == 0


@pytest.mark.slow
def test_the_reader_ends_with_who_reads(team: Shop, file: Path, wait: Wait) -> None:
    wanted = reading.Wanted(file, file.name, team.id, "a secret")
    batches = reading.beside(wanted)
    next(batches)
    batches.close()

    assert wait(lambda: not _readers(os.getpid()))


Wait = Callable[[Callable[[], bool]], bool]


@pytest.fixture
def wait() -> Wait:
    def until(is_so: Callable[[], bool]) -> bool:
        end_s = time.monotonic() + 20
        while not is_so() and time.monotonic() < end_s:
            time.sleep(0.05)
        return is_so()

    return until


def _readers(parent: int) -> list[str]:
    found = subprocess.run(
        ["ps", "--ppid", str(parent), "-o", "args="], capture_output=True, text=True, check=False
    )
    return [each for each in found.stdout.splitlines() if "chats.reading" in each]
