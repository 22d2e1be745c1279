"""Every page of the site as every kind of person sees it, with real people and things behind it.

``site`` is the demo shop in a database of its own, with a few things open on top, and
``pages_of(site)`` gives each page that each of ``site.actors`` may open. Routes come from the
application, so a new one is walked by itself; one with arguments must be told in ``WAYS`` where
they come from, or ``pages_of`` refuses to go on. A view that gives no page is in ``NO_PAGES``.
"""

from __future__ import annotations

import fcntl
import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, or_, select, update
from werkzeug.routing import Rule

from cstrain.activities.lesson import files as lesson_files
from cstrain.activities.lesson.models import LessonFile
from cstrain.activities.live_practice import person_service
from cstrain.activities.live_practice import service as practice
from cstrain.activities.live_practice.models import PracticeCustomer, PracticePlayer
from cstrain.activities.reflection import service as reflections
from cstrain.app import create_app
from cstrain.config import Settings, shipped
from cstrain.core.catalogue import active, bank_jobs, bank_table
from cstrain.core.catalogue.publish import publish_folders
from cstrain.core.certification.models import Certificate
from cstrain.core.evidence.marks import Proposal, ReviewRequest
from cstrain.core.pathway import attempts
from cstrain.core.pathway.models import Attempt, Enrolment
from cstrain.core.people import invitations, sessions
from cstrain.core.people import jobs as people_jobs
from cstrain.core.people.access import STAFF, Role, access_of
from cstrain.core.people.models import Invitation, Membership, Person
from cstrain.core.review import opening
from cstrain.core.review import service as review_service
from cstrain.core.review.models import Review
from cstrain.core.review.rubric import Rubric
from cstrain.core.review.rubric_file import published
from cstrain.core.review.versions import rubric_of
from cstrain.desk.cases import case_service, documents, sharing, tips
from cstrain.desk.cases import service as notices
from cstrain.desk.cases.case_service import CaseDraft
from cstrain.desk.cases.models import Notice, NoticeReading, SharingSession, TypicalCase
from cstrain.desk.cases.tips import TipKind
from cstrain.desk.chats import follow_ups, handover, looking, pasting
from cstrain.desk.chats import jobs as chat_jobs
from cstrain.desk.chats import service as chat_archive
from cstrain.desk.chats.models import (
    ChatConversation,
    ChatFollowUp,
    ChatHandover,
    ChatImport,
)
from cstrain.desk.quality import appeals, calibrating, coaching, pairs, seconds
from cstrain.desk.quality import reviewing as chat_reviews
from cstrain.desk.quality import service as draws
from cstrain.desk.quality.calibration_models import (
    Calibration,
    CalibrationChat,
    CalibrationPart,
)
from cstrain.desk.quality.models import ChatReview, SampleDraw
from cstrain.desk.quality.plan import Window
from cstrain.desk.quality.plan_file import of_catalogue
from cstrain.desk.replies import shop_jobs
from cstrain.kit import jobs
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, insert_row, transaction
from cstrain.kit.uploads import Upload
from cstrain.notices import service as inbox
from cstrain.notices.models import InboxMessage
from tests.plugins.databases import release
from tests.plugins.made_files import MADE

if TYPE_CHECKING:
    from tests.plugins.databases import Databases

SECRET = "a secret of the tests"
TABLE_TOKEN = "0" * 32
CHAT = """tb4433_22 2026-10-20 10:23:01
在吗？什么时候发货，电话13812345678
茶里旗舰店:小美 2026-10-20 10:29:09
在的亲，今天就发，送运费险
"""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who opens pages.

    Attributes:
        name: Who, for messages.
        id: The person; 0 for somebody who is not signed in.
        team_id: The person's team; 0 for nobody.
        roles: The roles held there.
    """

    name: str
    id: int = 0
    team_id: int = 0
    roles: frozenset[Role] = frozenset()

    @property
    def is_staff(self) -> bool:
        """Whether the person looks after others."""
        return not self.roles.isdisjoint(STAFF)


@dataclass(frozen=True, slots=True)
class Page:
    """An address that an actor may open, and the status it answers with."""

    endpoint: str
    url: str
    actor: Actor
    status: int = 200


@dataclass(slots=True)
class Site:
    """An application on the demo shop.

    Attributes:
        actors: Somebody signed in to nothing, trainees in several places, one of each staff role.
    """

    app: Flask
    actors: tuple[Actor, ...]

    def actor(self, name: str) -> Actor:
        """The actor of this name."""
        return next(actor for actor in self.actors if actor.name == name)

    def client(self, actor: Actor) -> FlaskClient:
        """A browser in which the actor is signed in."""
        client = self.app.test_client()
        if actor.id:
            with self.app.app_context(), transaction():
                token = sessions.start(actor.id, now=utc_now())
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
                cookie["_fresh"] = True
        return client

    def dress(self, *, language: str = "zh", theme: str = "auto") -> None:
        """Let everybody read in a language and a theme; who is not signed in has cookies."""
        with self.app.app_context(), transaction() as session:
            session.execute(update(Person).values(language=language, theme=theme))


#: Who opens pages: a name for messages, and the demo's employee number.
ACTORS: Mapping[str, str] = {
    "newcomer": "S002",
    "half way": "S001",
    "trainee": "S003",
    "relearning": "S004",
    "out of attempts": "S005",
    "certified": "S012",
    "trainer": "T001",
    "manager": "M001",
    "administrator": "A001",
}

#: The key under which a way tells another status than the view's usual one.
STATUS = "status"
Way = Callable[[Actor], Iterable[Mapping[str, object]]]


def _plain(*ways: Mapping[str, object]) -> Way:
    return lambda _actor: ways


def _attempts(kind: str, *, states: str = "open closed") -> Way:
    """Attempts of a kind: one's own for a trainee, the team's for staff; open and closed ones."""

    def find(actor: Actor) -> Iterator[Mapping[str, object]]:
        base = select(Attempt.id).where(Attempt.kind == kind)
        whose = (
            Attempt.team_id == actor.team_id if actor.is_staff else Attempt.person_id == actor.id
        )
        found: dict[int, None] = {}
        if "open" in states:
            query = base.where(whose, Attempt.closed_at.is_(None)).order_by(Attempt.id)
            found |= dict.fromkeys(db.session.scalars(query.limit(2)))
        if "closed" in states:
            query = base.where(whose, Attempt.closed_at.is_not(None))
            found |= dict.fromkeys(db.session.scalars(query.order_by(Attempt.id).limit(1)))
            found |= dict.fromkeys(db.session.scalars(query.order_by(Attempt.id.desc()).limit(1)))
        for attempt_id in found:
            yield {"attempt_id": attempt_id}

    return find


def _activities(kind: str) -> Way:
    """Activities of a kind: the first that is an exam and the first that is none."""

    def find(actor: Actor) -> Iterator[Mapping[str, object]]:
        del actor
        seen: set[bool] = set()
        for activity in active.for_team(None).activities.values():
            if activity.kind.name == kind and activity.is_exam not in seen:
                seen.add(activity.is_exam)
                yield {"slug": activity.slug}

    return find


def _each(
    name: str, column: Any, team_column: Any, person_column: Any = None, most: int = 2
) -> Way:
    """Rows of the actor's team; of the actor alone where that is no staff."""

    def find(actor: Actor) -> Iterator[Mapping[str, object]]:
        query = select(column).where(team_column == actor.team_id, column.is_not(None))
        if person_column is not None and not actor.is_staff:
            query = query.where(person_column == actor.id)
        for value in db.session.scalars(query.limit(most)):
            yield {name: value}

    return find


def _marked_chats(actor: Actor) -> Iterator[Mapping[str, object]]:
    """Marked chats: for those who mark, and one's own."""
    if actor.is_staff and actor.roles.isdisjoint({Role.TRAINER, Role.MANAGER}):
        return
    find = _each("chat_review_id", ChatReview.id, ChatReview.team_id, ChatReview.person_id)
    yield from find(actor)


def _doubles(actor: Actor) -> Iterator[Mapping[str, object]]:
    """What two have marked, as far as the actor may see both."""
    for each in pairs.of_team(actor.team_id, me=actor.id, now=utc_now()):
        yield {"review_id": each.id}


def _handed(name: str, column: Any) -> Way:
    """What was handed over: for those who look after chats, and for whom it was handed to."""

    def find(actor: Actor) -> Iterator[Mapping[str, object]]:
        of = column.class_
        person = of.to_person_id if of is ChatHandover else of.owner_id
        query = select(column).where(of.team_id == actor.team_id)
        if actor.roles.isdisjoint({Role.TRAINER, Role.MANAGER}):
            query = query.where(person == actor.id)
        for value in db.session.scalars(query.limit(1)):
            yield {name: value}

    return find


def _people(actor: Actor) -> Iterator[Mapping[str, object]]:
    """Two trainees of the team, and the actor."""
    query = select(Membership.person_id).where(
        Membership.team_id == actor.team_id, Membership.role == Role.TRAINEE
    )
    for person_id in (*db.session.scalars(query.order_by(Membership.id).limit(2)), actor.id):
        yield {"person_id": person_id}


def _join(actor: Actor) -> Iterator[Mapping[str, object]]:
    """The open invitation's link."""
    del actor
    nonce = db.session.scalar(select(Invitation.nonce))
    assert nonce is not None
    yield {"token": invitations.token_of(nonce, SECRET)}


def _table(actor: Actor) -> Iterator[Mapping[str, object]]:
    """A table that was uploaded to be imported."""
    yield {"token": f"{actor.team_id}-{TABLE_TOKEN}"}


def _chat_file(actor: Actor) -> Iterator[Mapping[str, object]]:
    """A file of chats that the trainer has sent, to be looked at."""
    if actor.name == "trainer":
        yield {"token": f"{actor.team_id}-{TABLE_TOKEN}"}


def _shop_table(actor: Actor) -> Iterator[Mapping[str, object]]:
    """A shop's FAQ that was uploaded to replace the one there is."""
    yield {"name": "faq", "token": f"{actor.team_id}-{TABLE_TOKEN}"}


def _import_job(actor: Actor) -> Iterator[Mapping[str, object]]:
    """The import that the actor let a job do."""
    query = select(jobs.Job.id).where(
        jobs.Job.name == people_jobs.IMPORT,
        jobs.Job.by_person_id == actor.id,
        jobs.Job.state == "done",
    )
    for job_id in db.session.scalars(query):
        yield {"job_id": job_id}


def _media(actor: Actor) -> Iterator[Mapping[str, object]]:
    """A picture of the shop."""
    del actor
    for path, digest in active.for_team(None).paths.items():
        if path.endswith(".svg"):
            yield {"digest": digest, "name": Path(path).name}


def _lessons(actor: Actor) -> Iterator[Mapping[str, object]]:
    """A lesson that is open to everybody, and one that is locked for those in the basic stage."""
    yield {"slug": "1.2"}
    is_locked = not actor.is_staff and actor.name != "certified"
    yield {"slug": "shop-products", STATUS: 409 if is_locked else 200}


def _quiz_attempts(actor: Actor) -> Iterator[Mapping[str, object]]:
    """Attempts at quizzes; staff see them only when they are closed."""
    return iter(_attempts("quiz", states="closed" if actor.is_staff else "open closed")(actor))


def _session_attempts(actor: Actor) -> Iterator[Mapping[str, object]]:
    """Sessions of reception; staff see them only when they are closed."""
    states = "closed" if actor.is_staff else "open closed"
    return iter(_attempts("live_practice", states=states)(actor))


def _reflections(actor: Actor) -> Iterator[Mapping[str, object]]:
    """Reflections; staff see them only when they are handed in."""
    states = "closed" if actor.is_staff else "open closed"
    return iter(_attempts("reflection", states=states)(actor))


def _customers(actor: Actor) -> Iterator[Mapping[str, object]]:
    """The customers of one's own open session."""
    query = (
        select(PracticeCustomer.attempt_id, PracticeCustomer.id)
        .join(Attempt, Attempt.id == PracticeCustomer.attempt_id)
        .where(Attempt.person_id == actor.id, Attempt.closed_at.is_(None))
    )
    for attempt_id, customer_id in db.session.execute(query.limit(2)):
        yield {"attempt_id": attempt_id, "customer_id": customer_id}


def _sessions_of_two(actor: Actor) -> Iterator[Mapping[str, object]]:
    """The session in which the actor plays the customer, or receives one."""
    query = (
        select(PracticePlayer.attempt_id)
        .join(Attempt, Attempt.id == PracticePlayer.attempt_id)
        .where(or_(PracticePlayer.person_id == actor.id, Attempt.person_id == actor.id))
    )
    for attempt_id in db.session.scalars(query):
        yield {"attempt_id": attempt_id}


def _played_sessions(actor: Actor) -> Iterator[Mapping[str, object]]:
    """The session in which the actor plays the customer."""
    query = select(PracticePlayer.attempt_id).where(PracticePlayer.person_id == actor.id)
    for attempt_id in db.session.scalars(query):
        yield {"attempt_id": attempt_id}


def _record(actor: Actor) -> Iterator[Mapping[str, object]]:
    """Records of one's people; of oneself alone for a trainee."""
    return iter(_people(actor) if actor.is_staff else [{"person_id": actor.id}])


def _notices(actor: Actor) -> Iterator[Mapping[str, object]]:
    """The notices of the team, as long as they are the actor's."""
    query = select(Notice.id).where(Notice.team_id == actor.team_id)
    if not actor.is_staff:
        query = query.join(NoticeReading).where(NoticeReading.person_id == actor.id)
    for notice_id in db.session.scalars(query):
        yield {"notice_id": notice_id}


def _case_sources(_actor: Actor) -> Iterator[Mapping[str, object]]:
    """What a case is made of: nothing, a chat, a review, a practice session."""
    yield {}
    for name, query in (
        ("chat", select(ChatConversation.id)),
        ("review", select(Review.id).where(Review.state == "done", Review.kind == "chat_review")),
        (
            "attempt",
            select(Attempt.id).where(
                Attempt.kind == "live_practice", Attempt.closed_at.is_not(None)
            ),
        ),
    ):
        yield {name: db.session.scalars(query.limit(1)).one()}


def _messages(actor: Actor) -> Iterator[Mapping[str, object]]:
    """The actor's own messages."""
    query = select(InboxMessage.id).where(InboxMessage.person_id == actor.id)
    for message_id in db.session.scalars(query.limit(2)):
        yield {"message_id": message_id}


def _lesson_files(actor: Actor) -> Iterator[Mapping[str, object]]:
    """The files that the actor's shop shows in lessons."""
    query = select(LessonFile.token).where(LessonFile.team_id == actor.team_id)
    for token in db.session.scalars(query):
        yield {"token": token}


def _kept_lessons(actor: Actor) -> Iterator[Mapping[str, object]]:
    """The page of a lesson's files, with some and with none."""
    for slug in ("1.1", "1.2"):
        yield {"slug": slug, "team_id": actor.team_id}


def _login(actor: Actor) -> Iterator[Mapping[str, object]]:
    """Who is signed in goes on to the home page."""
    yield {STATUS: 302 if actor.id else 200}


_sections = _plain({"ref": "1.1"}, {"ref": "2.1.1"})
_certificates = _each("number", Certificate.number, Certificate.team_id, Certificate.person_id)

#: Where the arguments of a view come from; further ones go into the query.
WAYS: dict[str, Way] = {
    "bank.report": _table,
    "board.index": _plain({}, {"state": "open", "stuck": 1}, {"page": 2}),
    "cases.edit": _each("case_id", TypicalCase.id, TypicalCase.team_id),
    "cases.index": _plain({}, {"q": "发货"}, {"sort": "bad", "reason": "promise"}, {"gone": 1}),
    "cases.new": _case_sources,
    "cases.show": _each("case_id", TypicalCase.id, TypicalCase.team_id),
    "cases.sharing_session": _each("session_id", SharingSession.id, SharingSession.team_id),
    "cases.tip_list": _plain({}, {"show": "put_by"}),
    "catalogue.activity": _plain({"slug": "1.1"}, {"slug": "basic-exam"}),
    "catalogue.media": _media,
    "catalogue.section": _sections,
    "certification.code": _certificates,
    "certification.fetch": _certificates,
    "certification.show": _certificates,
    "certification.verify": _certificates,
    "chats.index": _plain(
        {}, {"q": "运费"}, {"undated": 1}, {"flag": "has_refund"}, {"before": "2026-10-21.99"}
    ),
    "chat_imports.received": _chat_file,
    "chat_imports.refused": _each("import_id", ChatImport.id, ChatImport.team_id),
    "chat_imports.report": _chat_file,
    "chat_imports.show": _each("import_id", ChatImport.id, ChatImport.team_id),
    "chat_handover.follow": _handed("conversation_id", ChatFollowUp.conversation_id),
    "chat_handover.new": _plain({}, {"from": 1}),
    "chat_handover.show": _handed("handover_id", ChatHandover.id),
    "chats.show": _each("conversation_id", ChatConversation.id, ChatConversation.team_id),
    "home.search": _plain({}, {"q": "发货"}, {"q": "没有这样的词"}),
    "invitations.invitation": _each("invitation_id", Invitation.id, Invitation.team_id),
    "invitations.join": _join,
    "inbox.go": _messages,
    "inbox.index": _plain({}, {"show": "unread"}),
    "jobs.file": _each("token", jobs.Job.file_token, jobs.Job.team_id, jobs.Job.by_person_id),
    "jobs.page": _each("job_id", jobs.Job.id, jobs.Job.team_id, jobs.Job.by_person_id),
    "lesson.attempt": _attempts("lesson"),
    "lesson.files.open_file": _lesson_files,
    "lesson.files.page": _kept_lessons,
    "lesson.lesson": _lessons,
    "live_practice.attempt": _session_attempts,
    "live_practice.begin": _activities("live_practice"),
    "live_practice.choose": _plain({"slug": "desk-with-trainer"}),
    "live_practice.customer": _customers,
    "live_practice.play": _played_sessions,
    "live_practice.poll": _sessions_of_two,
    "live_practice.picture": _plain({"name": "破损包裹"}),
    "live_practice.try_page": _plain({}, {"scenario": "vest-bargain"}),
    "notices.readers": _notices,
    "notices.show": _notices,
    "pathway.enrolment_page": _each("enrolment_id", Enrolment.id, Enrolment.team_id, most=12),
    "people_import.passwords": _import_job,
    "people_import.report": _table,
    "people.login": _login,
    "quality.show_draw": _each("draw_id", SampleDraw.id, SampleDraw.team_id),
    "quality.double": _doubles,
    "quality.calibration": _each("calibration_id", Calibration.id, Calibration.team_id),
    "quality.chat": _marked_chats,
    "quiz.attempt": _quiz_attempts,
    "quiz.begin": _activities("quiz"),
    "quiz.preview": _activities("quiz"),
    "quiz.printed": _plain(
        {"slug": "basic-exam", "seed": 7}, {"slug": "basic-exam", "seed": 7, "key": 1}
    ),
    "records.person": _record,
    "reflection.attempt": _reflections,
    "reflection.begin": _activities("reflection"),
    "reviews.index": _plain({}, {"show": "done"}),
    "reviews.page": _each("review_id", Review.id, Review.team_id, most=3),
    "roster.edit": _people,
    "roster.first_password": _people,
    "roster.index": _plain({}, {"q": "林"}, {"state": "left"}, {"page": 2}),
    "roster.person": _people,
    "products.index": _plain({}, {"pick": ["SC-K01", "SC-K02"]}, {"pick": "SC-K01"}),
    "shop_tables.index": _plain({"name": "faq"}, {"name": "products"}, {"name": "words"}),
    "shop_tables.report": _shop_table,
    "shop_tables.template": _plain({"name": "faq"}, {"name": "words"}),
    "teams.edit": _plain({"team_id": 1}),
    "typing.attempt": _attempts("typing_speed"),
    "typing.begin_page": _activities("typing_speed"),
}

#: Views that answer something else than a page of their own, and what: a status.
NO_PAGES: dict[str, int] = {
    "bank.template": 200,
    "catalogue.activity": 302,
    "chat_imports.received": 200,
    "chat_imports.refused": 200,
    "catalogue.media": 200,
    "catalogue.section": 302,
    "certification.code": 200,
    "certification.fetch": 302,
    "inbox.go": 302,
    "jobs.file": 200,
    "lesson.files.open_file": 200,
    "live_practice.customer": 200,
    "live_practice.picture": 200,
    "live_practice.poll": 200,
    "people_import.template": 200,
    "reviews.following": 302,
    "roster.first_password": 302,
    "shop_tables.template": 200,
}


class UnknownArgumentsError(Exception):
    """Views whose arguments nobody has told, or for which there is nothing to show."""


def routes(app: Flask) -> list[Rule]:
    """The routes that answer GET, static files aside."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.endpoint.endswith("static")
    ]


def pages_of(site: Site, *, files: bool = False) -> list[Page]:
    """Every page that every actor may open.

    Args:
        site: The shop.
        files: Whether to give the views of ``NO_PAGES`` instead.

    Raises:
        UnknownArgumentsError: If a view's arguments are told nowhere, or give nothing for anybody.
    """
    found: list[Page] = []
    missing: list[str] = []
    for rule in routes(site.app):
        way = WAYS.get(rule.endpoint)
        if way is None and rule.arguments:
            missing.append(f"{rule.endpoint} {rule.rule}: tell its arguments in WAYS")
            continue
        if (rule.endpoint in NO_PAGES) is not files:
            continue
        here = [
            page
            for actor in site.actors
            for page in _pages(site.app, rule, actor, way or _plain({}))
        ]
        if not here:
            missing.append(f"{rule.endpoint} {rule.rule}: the shop has nothing to show there")
        found += here
    if missing:
        raise UnknownArgumentsError("\n".join(missing))
    return found


def _pages(app: Flask, rule: Rule, actor: Actor, way: Way) -> Iterator[Page]:
    if not _may_open(app, rule, actor):
        return
    with app.app_context():
        arguments = list(way(actor))
    with app.test_request_context():
        adapter = app.url_map.bind("")
        for values in arguments:
            path = {name: value for name, value in values.items() if name in rule.arguments}
            query = {name: value for name, value in values.items() if name not in {*path, STATUS}}
            url = adapter.build(rule.endpoint, path, method="GET")
            yield Page(
                rule.endpoint,
                f"{url}?{urlencode(query, doseq=True)}" if query else url,
                actor,
                int(str(values.get(STATUS, NO_PAGES.get(rule.endpoint, 200)))),
            )


def _may_open(app: Flask, rule: Rule, actor: Actor) -> bool:
    roles = access_of(app.view_functions[rule.endpoint])
    if roles is None:
        return True
    return bool(actor.id) and (not roles or not actor.roles.isdisjoint(roles))


# -- the shop ----------------------------------------------------------------------------------


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
        actors = (Actor("nobody"), *(_actor(name, number) for name, number in ACTORS.items()))
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
        _actor(name, ACTORS[name]) for name in ("newcomer", "trainee", "trainer")
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
    _leave_chats(trainer, now)
    _leave_marked_chat(trainee, trainer, now)
    _leave_draw(trainer, now)
    _leave_calibrations(now)
    _leave_cases(trainer, now)
    _leave_handover(trainee, trainer, now)


def _leave_cases(trainer: Actor, now: datetime) -> None:
    """A case that went out to be read, and one that waits for the rule."""
    draft = CaseDraft(
        title="没说几点就答应今天发",
        is_good=False,
        step="help",
        reason="promise",
        product="四件套",
        happened="顾客问多久发货，客服二十分钟后才回。",
        chat="顾客：多久发货\n客服：今天发",
        better="16:00 前付款今天发。",
        question="顾客问几点发，怎么回？",
        options=["16:00 前付款今天发", "今天发"],
    )
    team_id = trainer.team_id
    for is_sent in (True, False):
        with transaction():
            case_service.add(team_id, draft, source="none", source_id=None, by=trainer.id, now=now)
            documents.set_rule(team_id, 3, 2, by=trainer.id, now=now)
            if is_sent:
                documents.send_due(now=now)
    case_ids = db.session.scalars(select(TypicalCase.id)).all()
    for days in (-1, 1):
        at = now + timedelta(days=days)
        with transaction():
            session_id = sharing.plan(
                team_id, "周三分享", at, case_ids, by=trainer.id, now=at - timedelta(hours=1)
            )
            if days < 0:
                outcomes = {case_ids[0]: "先说几点"}
                sharing.record(
                    session_id, present=[trainer.id], outcomes=outcomes, outcome="周五改", now=now
                )
    with transaction():
        tips.tell(team_id, TipKind.REVIEW, "回得慢", "四件套", by=trainer.id, now=now)


def _leave_chats(trainer: Actor, now: datetime) -> None:
    """A real chat that the trainer has pasted, and a file that was looked at."""
    pasted = pasting.read(CHAT, {}, now.date(), team_id=trainer.team_id)
    with transaction():
        pasting.save(CHAT, pasted, now.date(), team_id=trainer.team_id, by=trainer.id, now=now)
    upload = Upload(chat_jobs.KIND, trainer.id, f"{trainer.team_id}-{TABLE_TOKEN}")
    upload.table.write_text(CHAT, encoding="utf-8")
    upload.tell(
        looking.look(
            upload.table, "一段.txt", {}, team_id=trainer.team_id, tell=lambda _done, _all: None
        )
    )


def _pasted() -> ChatConversation:
    """The chat that was pasted; the demo shop has others of its own."""
    newest = select(ChatConversation).order_by(ChatConversation.id.desc())
    found = db.session.scalars(newest).first()
    if found is None:
        raise LookupError("no chat was pasted")
    return found


def _leave_marked_chat(trainee: Actor, trainer: Actor, now: datetime) -> None:
    """The pasted chat, marked, of a trainee."""
    with transaction():
        chat = _pasted()
        chat_archive.assign(chat.account_id or 0, trainee.id, team_id=trainer.team_id)
        review_id = chat_reviews.choose(chat.id, team_ids=[trainer.team_id], by=trainer.id, now=now)
    with transaction():
        rubric = rubric_of(db.session.get_one(Review, review_id).rubric_digest)
        marks = {
            each.key: review_service.Draft(
                is_marked=True, value=1 if each.key == "facts" else each.full, lines=("1",)
            )
            for each in rubric
        }
        review_service.save(review_id, marks, by=trainer.id, now=now)
        review_service.complete(review_id, by=trainer.id, now=now)
        subject_id = db.session.get_one(Review, review_id).subject_id
        coaching.coach(subject_id, "facts", "先查再答", by=trainer.id, now=now)
        appeals.appeal(subject_id, "facts", "查过了再回的", by=trainee.id, now=now)


def _leave_handover(trainee: Actor, trainer: Actor, now: datetime) -> None:
    """What is to be done after the pasted chat, handed to the trainee with its pack."""
    chat_id = _pasted().id
    with transaction():
        made = follow_ups.open_up(
            chat_id,
            "告诉顾客单号",
            team_id=trainer.team_id,
            owner_id=trainer.id,
            due_on=now.date(),
            by=trainer.id,
            now=now,
        )
        handover.hand_over(
            trainer.team_id,
            trainer.id,
            trainee.id,
            why="shift",
            note="仓库下午才回",
            follow_up_ids=[made],
            chats=[],
            by=trainer.id,
            now=now,
        )


def _leave_calibrations(now: datetime) -> None:
    """The marked chat in a calibration that is compared, in one still blind, and marked twice."""
    trainer, manager = (_actor(name, ACTORS[name]) for name in ("trainer", "manager"))
    marked = select(Review).where(Review.kind == chat_reviews.KIND, Review.state == "done")
    first = db.session.scalars(marked.order_by(Review.id.desc())).first()
    if first is None:
        raise LookupError("no marked chat")
    rubric = rubric_of(first.rubric_digest)
    for who, compared_at in ((trainer, now), (manager, None)):
        with transaction():
            session_id = insert_row(
                Calibration,
                {
                    "team_id": first.team_id,
                    "title": "一起评",
                    "rubric_digest": first.rubric_digest,
                    "by_person_id": trainer.id,
                    "opened_at": now,
                    "compared_at": compared_at,
                },
            )
            chat = {"calibration_id": session_id, "place": 1, "chat_review_id": first.subject_id}
            part = {"chat_id": insert_row(CalibrationChat, chat), "person_id": who.id}
            about = opening.About(
                kind=calibrating.KIND,
                subject_id=insert_row(CalibrationPart, part),
                team_id=first.team_id,
                person_id=first.person_id,
                activity=calibrating.ACTIVITY,
                for_person_id=who.id,
                beside_id=first.id,
            )
            review_id = opening.open_for(
                about, rubric, seconds.request_of(first.subject_id), now=now
            )
            if compared_at is not None:
                _mark_in_full(review_id, rubric, by=who.id, now=now)
    with transaction():
        about = opening.About(
            kind=seconds.KIND,
            subject_id=first.subject_id,
            team_id=first.team_id,
            person_id=first.person_id,
            activity=seconds.ACTIVITY,
            for_person_id=manager.id,
            beside_id=first.id,
        )
        review_id = opening.open_for(about, rubric, seconds.request_of(first.subject_id), now=now)
        _mark_in_full(review_id, rubric, by=manager.id, now=now)


def _mark_in_full(review_id: int, rubric: Rubric, *, by: int, now: datetime) -> None:
    full = {each.key: review_service.Draft(True, each.full) for each in rubric}  # noqa: FBT003
    review_service.save(review_id, full, by=by, now=now)
    review_service.complete(review_id, by=by, now=now)


def _leave_draw(trainer: Actor, now: datetime) -> None:
    """The usual plan in force, and what it drew of the pasted chats, unless the demo has both."""
    if db.session.scalars(select(SampleDraw.id)).first():
        return
    first_on = _pasted().day or now.date()
    catalogue = attempts.catalogue_of(attempts.get(1))
    with transaction():
        plan = of_catalogue(catalogue)["every-agent"]
        row = draws.activate(trainer.team_id, plan, first_on=first_on, by=trainer.id, now=now)
        draw_id = draws.draw(row.id, Window(first_on, first_on), by=trainer.id, now=now)
        chat_reviews.open_drawn(draw_id, now=now)


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
            review_id = opening.open_review(
                attempt, evidence_id, rubric, request, now, is_exam=False
            )
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
        actor = _actor(name, ACTORS[name])
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
    trainer = _actor("trainer", ACTORS["trainer"])
    place = lesson_files.Place(trainer.team_id, "1.1")
    for suffix, title in (("png", "长名字" * 13), ("mp4", "演示"), ("pdf", "规则"), ("xlsx", "表")):
        arrived = lesson_files.arrive(place, BytesIO(MADE[suffix]), title)
        with transaction():
            lesson_files.add(place, arrived, "", by=trainer.id, now=now)


def _actor(name: str, employee_no: str) -> Actor:
    rows = db.session.execute(
        select(Person.id, Membership.team_id, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(Person.employee_no == employee_no, Membership.until_at.is_(None))
    ).all()
    made = Actor(name, rows[0].id, rows[0].team_id)
    return replace(made, roles=frozenset(Role(row.role) for row in rows))


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
