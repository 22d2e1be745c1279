"""The demo shop with a few things open on top, made once for all processes of a run."""

from __future__ import annotations

import fcntl
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from cstrain.activities.lesson import files as lesson_files
from cstrain.activities.live_practice import person_service
from cstrain.activities.live_practice import service as practice
from cstrain.activities.reflection import service as reflections
from cstrain.app import create_app
from cstrain.config import Settings, shipped
from cstrain.core.catalogue import active, bank_jobs, bank_table
from cstrain.core.catalogue.publish import publish_folders
from cstrain.core.evidence.marks import Proposal, ReviewRequest
from cstrain.core.pathway import attempts
from cstrain.core.pathway.models import Attempt
from cstrain.core.people import invitations
from cstrain.core.people import jobs as people_jobs
from cstrain.core.review import opening
from cstrain.core.review import service as review_service
from cstrain.core.review.models import Review
from cstrain.core.review.rubric_file import published
from cstrain.desk.cases import service as notices
from cstrain.desk.replies import shop_jobs
from cstrain.kit import jobs
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.uploads import Upload
from cstrain.notices import service as inbox
from tests.plugins import made_desk
from tests.plugins.actors import ACTORS, SECRET, TABLE_TOKEN, Actor, Site, actor_of
from tests.plugins.databases import release
from tests.plugins.made_files import MADE

if TYPE_CHECKING:
    from tests.plugins.databases import Databases


@pytest.fixture(scope="session")
def made_shop(databases: Databases) -> Path:
    """The folder of the demo shop, made once for all processes of a run."""
    folder = databases.shared / "shop"
    with _locked(databases.shared / "shop.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make_shop(folder, databases)
            (folder / "done").touch()
    return folder


@pytest.fixture
def site(made_shop: Path, tmp_path: Path) -> Iterator[Site]:
    """The demo shop, all one's own; forms need no CSRF token."""
    folder = tmp_path / "shop"
    shutil.copytree(made_shop, folder)
    app = create_app(_settings(folder))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        actors = (Actor("nobody"), *(actor_of(name, number) for name, number in ACTORS.items()))
    yield Site(app, actors)
    release(app)


def make_shop(folder: Path, databases: Databases) -> None:
    """Make the demo shop in a folder, and leave some things open in it."""
    from cstrain import demo  # noqa: PLC0415 - only tests that ask for the shop need it

    settings = _settings(folder)
    picture = folder / "content" / "shop" / "picture.svg"
    picture.parent.mkdir(parents=True)
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    shutil.copy(databases.fresh("sqlite").removeprefix("sqlite:///"), folder / "cstrain.db")
    app = create_app(settings)
    with app.app_context(), _not_waiting_for_the_disk():
        _publish(settings)
        demo.load(people_count=None, say=lambda _line: None)
        _leave_open()
        _leave_a_new_version(folder)
        _publish(settings)
    release(app)


def _publish(settings: Settings) -> None:
    with transaction():
        _revision, checked = publish_folders(
            active.active().builder, settings.content_dirs, by=None, now=utc_now()
        )
    assert not checked.problems, "\n".join(map(str, checked.problems))


def _leave_a_new_version(folder: Path) -> None:
    """A pathway whose first stage asks for more than the one people are on."""
    (own,) = shipped("content").glob("teams/shanchali+*/pathways/three-exams.yaml")
    target = folder / "content" / "teams" / "shanchali" / "pathways" / own.name
    target.parent.mkdir(parents=True)
    text = own.read_text(encoding="utf-8").replace(
        "basic-exam, ratio: 0.8}", "basic-exam, ratio: 0.85}"
    )
    target.write_text(text, encoding="utf-8")


@contextmanager
def _not_waiting_for_the_disk() -> Iterator[None]:
    """Nothing here must outlive a power cut, and there are some thousand commits."""

    def hurry(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(db.engine, "connect", hurry)
    yield
    event.remove(db.engine, "connect", hurry)


def _leave_open() -> None:
    """Things that people are in the middle of."""
    now, rng = utc_now(), random.Random(7)
    newcomer, trainee, trainer = (
        actor_of(name, ACTORS[name]) for name in ("newcomer", "trainee", "trainer")
    )
    for actor, slug in (
        (newcomer, "1.2"),
        (newcomer, "typing-practice"),
        (newcomer, "quiz-ch1"),
        (trainee, "basic-exam"),
        (trainee, "typing-basic"),
    ):
        with transaction():
            attempts.start(actor.id, slug, now=now, rng=rng)
    _leave_sessions(trainee, now)
    _leave_played(newcomer, trainer, now)
    with transaction():
        terms = invitations.Terms(trainer.team_id, "2026-12 班")
        invitations.create(terms, secret=SECRET, by=trainer.id, now=now)
    _leave_reviews(trainer)
    _leave_reflections(newcomer, trainee, now)
    _leave_messages(trainer)
    _leave_files()
    made_desk.leave_chats(trainer, now)
    made_desk.leave_marked_chat(trainee, trainer, now)
    made_desk.leave_draw(trainer, now)
    made_desk.leave_calibrations(now)
    made_desk.leave_cases(trainer, now)
    made_desk.leave_handover(trainee, trainer, now)


def _leave_sessions(trainee: Actor, now: datetime) -> None:
    """A reception that is over and one that goes on, each with a customer who was answered."""
    for minutes in (30, 1):
        begun = now - timedelta(minutes=minutes)
        with transaction():
            attempt = attempts.start(trainee.id, "desk-two", now=begun, rng=random.Random(minutes))
        with transaction():
            later = begun + timedelta(seconds=20)
            view = practice.news(attempt, after=0, by=trainee.id, now=later)
            sent = practice.Sent(view.desk.guests[0].id, "first", "line", "在的，您说。")
            practice.send(attempt, sent, after=0, by=trainee.id, now=later)
            if minutes > 1:
                attempts.close(attempt.id, by=trainee.id, now=begun + timedelta(minutes=20))


def _leave_played(trainee: Actor, trainer: Actor, now: datetime) -> None:
    """A session in which the trainer plays a customer, who has said a word."""
    with transaction():
        attempt = attempts.start(trainee.id, "desk-with-trainer", now=now, rng=random.Random(3))
        person_service.open_session(attempt, player_id=trainer.id, scenario=None, now=now)
        person_service.enter(attempt, now=now)
    with transaction():
        spoken = person_service.Spoken("first", "在吗")
        person_service.say(attempt, spoken, after=0, by=trainer.id, now=now)


def _leave_reviews(trainer: Actor) -> None:
    """Practice to be marked by a rubric: one marked already, one that waits."""
    query = select(Attempt.id).where(
        Attempt.team_id == trainer.team_id,
        Attempt.activity == "typing-practice",
        Attempt.closed_at.is_not(None),
    )
    proposals = {"facts": Proposal(0.5, lines=("3",)), "steps": Proposal(1.0)}
    request = ReviewRequest("live-practice", proposals)
    for attempt_id in list(db.session.scalars(query.order_by(Attempt.id).limit(2))):
        attempt, now = attempts.get(attempt_id), utc_now()
        rubric = published(attempts.catalogue_of(attempt), request.rubric)
        full = {each.key: review_service.Draft(True, each.full) for each in rubric}  # noqa: FBT003
        with transaction():
            evidence_id = attempts.standing_evidence(attempt_id).id
            about = opening.About(
                kind=attempt.kind,
                subject_id=attempt.id,
                team_id=attempt.team_id,
                person_id=attempt.person_id,
                activity=attempt.activity,
                enrolment_id=attempt.enrolment_id,
                evidence_id=evidence_id,
            )
            review_id = opening.open_for(about, rubric, request, now=now)
        if not db.session.scalar(select(Review.id).where(Review.state == "done")):
            with transaction():
                review_service.save(review_id, full, by=trainer.id, now=now)
                review_service.complete(review_id, by=trainer.id, now=now)


def _leave_reflections(newcomer: Actor, trainee: Actor, now: datetime) -> None:
    """A reflection that is being written, and one that waits for a trainer."""
    draft = reflections.Draft("买家问几点发，我回“今天发”。\n下次先看钟。", 0)
    for actor in (newcomer, trainee):
        with transaction():
            attempt = attempts.start(actor.id, "reflect-conduct", now=now, rng=random.Random(7))
            reflections.save(attempt.id, draft, now=now)
            if actor is trainee:
                attempts.close(attempt.id, by=actor.id, now=now)


def _leave_messages(trainer: Actor) -> None:
    """A notice that everybody must read, and everything the shop has to tell in the inboxes."""
    draft = notices.Draft(
        title="满减从今晚八点开始",
        body="今晚八点起，全场满 200 减 20，**不能**和店铺券叠加。",
        question="能和店铺券叠加吗？",
        options=("能", "不能"),
        right_index=1,
        due_on=utc_now().date() + timedelta(days=3),
    )
    with transaction():
        notices.publish(trainer.team_id, "Asia/Shanghai", draft, by=trainer.id, now=utc_now())
    with transaction():
        while inbox.deliver(now=utc_now()):
            pass


def _leave_files() -> None:
    """A finished job with a file, one that failed, and tables to import, for each of the staff."""
    now = utc_now()
    _leave_lesson_files(now)
    questions = bank_table.template(["1.1"])
    for name in ("trainer", "manager", "administrator"):
        actor = actor_of(name, ACTORS[name])
        token, path = jobs.new_file()
        path.write_bytes(b"a file")
        table = f"{actor.team_id}-{TABLE_TOKEN}"
        with transaction() as session:
            for state in ("done", "failed", "waiting"):
                is_done = state == "done"
                session.add(
                    jobs.Job(
                        name=people_jobs.IMPORT,
                        data={"token": table},
                        state=state,
                        file_token=token if is_done else None,
                        file_name="a.txt" if is_done else "",
                        message="" if is_done else "缺一列",
                        by_person_id=actor.id,
                        team_id=actor.team_id,
                        created_at=now,
                        ended_at=None if state == "waiting" else now,
                    )
                )
        people = Upload(people_jobs.KIND, actor.id, table)
        people.table.write_text("工号,姓名,手机号\nX100,丁一,13900000001\n", encoding="utf-8")
        people_jobs.look(people, [], by=actor.id)
        Upload(bank_jobs.KIND, actor.id, table).table.write_bytes(questions)
        data = {"token": table, "team": "", "url": ""}
        bank_jobs.check(jobs.JobContext(0, data, actor.id, actor.team_id, now, 0, ""))
        answers = Upload(shop_jobs.KIND, actor.id, table)
        answers.table.write_text("分类,问题,答案\n发货,几点发？,今天发。\n", encoding="utf-8")
        data["table"] = "faq"
        shop_jobs.check(jobs.JobContext(0, data, actor.id, actor.team_id, now, 0, ""))


def _leave_lesson_files(now: datetime) -> None:
    """One of each group in the first lesson, and a name as long as it may be."""
    trainer = actor_of("trainer", ACTORS["trainer"])
    place = lesson_files.Place(trainer.team_id, "1.1")
    for suffix, title in (("png", "长名字" * 13), ("mp4", "演示"), ("pdf", "规则"), ("xlsx", "表")):
        arrived = lesson_files.arrive(place, BytesIO(MADE[suffix]), title)
        with transaction():
            lesson_files.add(place, arrived, "", by=trainer.id, now=now)


def _settings(folder: Path) -> Settings:
    return Settings(
        var_dir=folder,
        database_url=f"sqlite:///{folder / 'cstrain.db'}",
        secret_key=SECRET,
        content_dirs=(shipped("content"), folder / "content"),
    )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
