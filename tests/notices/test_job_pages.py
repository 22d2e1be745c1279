"""Pages of long work: seen by who asked and by the staff of the team, by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from cstrain.core.people.access import Role
from cstrain.kit import jobs, uploads
from cstrain.kit.db import db, transaction
from cstrain.kit.jobs import Job, JobContext
from tests.plugins.shop import NOW, MakePerson, MakeTeam, SignIn, Someone


@pytest.fixture(autouse=True)
def _export(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_registered", dict(vars(jobs)["_registered"]))

    @jobs.register("test_export", title="导出名单")
    def export(job: JobContext) -> dict[str, Any]:
        job.new_file("名单 11月.csv").write_text("工号\nT1\n", encoding="utf-8")
        problems = [f"第 {n} 行：没有姓名" for n in range(300)]
        return {"text": "导出了 1 人。", "problems": problems, "url": "/", "label": "回到今天"}

    @jobs.register("test_look", title="看看")
    def look(job: JobContext) -> dict[str, Any]:
        del job
        return {"url": "/", "label": "看会发生什么", "upload": "test"}


def put(app: Flask, by: Someone) -> int:
    with app.app_context(), transaction():
        return jobs.enqueue("test_export", {}, by=by.id, team_id=by.team_id, now=NOW)


def token_of(app: Flask, job_id: int) -> str:
    with app.app_context():
        row = db.session.get(Job, job_id)
        assert row is not None
        return row.file_token or ""


def test_the_page_asks_again_while_it_runs_and_stops_when_done(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    person = make_person(Role.TRAINER)
    job_id = put(app, person)
    client = sign_in(person)

    waiting = client.get(f"/jobs/{job_id}").text
    jobs.run_waiting(app)
    part = client.get(f"/jobs/{job_id}", headers={"HX-Request": "true"}).text
    done = client.get(f"/jobs/{job_id}").text

    assert "排队中" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    assert "hx-trigger" not in part
    assert "<html" not in part
    assert "导出了 1 人。" in done
    assert "300 处要改" in done
    assert done.count("没有姓名") == 200


def test_a_running_job_shows_how_far_it_is(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    person = make_person(Role.TRAINER)
    job_id = put(app, person)
    with app.app_context(), transaction() as session:
        session.execute(
            update(Job).values(state="running", progress_count=120, total_count=400, runner="x")
        )

    page = sign_in(person).get(f"/jobs/{job_id}").text

    assert '<progress value="120" max="400"' in page


def test_the_file_can_be_downloaded_by_who_asked_and_by_staff_only(
    app: Flask, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    owner = make_person(Role.TRAINER)
    manager = make_person(Role.MANAGER)
    trainee = make_person()
    stranger = make_person(Role.ADMINISTRATOR, team=make_team("别的店"))
    job_id = put(app, owner)
    jobs.run_waiting(app)
    token = token_of(app, job_id)

    answer = sign_in(owner).get(f"/files/{token}")

    assert answer.status_code == 200
    assert answer.data.decode() == "工号\nT1\n"
    assert "attachment" in answer.headers["Content-Disposition"]
    answer.close()
    for_staff = sign_in(manager).get(f"/files/{token}")
    assert for_staff.status_code == 200
    for_staff.close()
    for other in (trainee, stranger):
        assert sign_in(other).get(f"/files/{token}").status_code == 404
        assert sign_in(other).get(f"/jobs/{job_id}").status_code == 404


def test_unknown_jobs_and_files_are_not_found(make_person: MakePerson, sign_in: SignIn) -> None:
    client = sign_in(make_person(Role.TRAINER))

    assert client.get("/jobs/999").status_code == 404
    assert client.get("/files/abc").status_code == 404
    assert client.get("/files/..%2fsecret").status_code == 404


def test_the_link_to_a_dry_run_is_there_as_long_as_the_dry_run_is(
    app: Flask, make_person: MakePerson, sign_in: SignIn
) -> None:
    person = make_person(Role.TRAINER)
    with app.app_context(), transaction():
        kept = uploads.keep("test", b"", owner_id=person.id, team_id=person.team_id)
        kept.tell({})
        job_id = jobs.enqueue(
            "test_look", {"token": kept.token}, by=person.id, team_id=person.team_id, now=NOW
        )
    jobs.run_waiting(app)

    own = sign_in(person).get(f"/jobs/{job_id}").text
    colleague = sign_in(make_person(Role.MANAGER)).get(f"/jobs/{job_id}").text
    with app.app_context():
        kept.take()
    taken = sign_in(person).get(f"/jobs/{job_id}").text

    assert "看会发生什么" in own
    assert "看会发生什么" not in colleague
    assert "看会发生什么" not in taken
