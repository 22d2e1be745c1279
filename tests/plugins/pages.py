"""Every page of the site as every kind of person sees it, with real people and things behind it.

``site`` is the demo shop in a database of its own (``made_shop.py``), and
``pages_of(site)`` gives each page that each of ``site.actors`` may open. Routes come from the
application, so a new one is walked by itself; one with arguments must be told in ``WAYS`` where
they come from, or ``pages_of`` refuses to go on. A view that gives no page is in ``NO_PAGES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, or_, select
from werkzeug.routing import Rule

from cstrain.activities.lesson.models import LessonFile
from cstrain.activities.live_practice.models import PracticeCustomer, PracticePlayer
from cstrain.core.catalogue import active
from cstrain.core.certification.models import Certificate
from cstrain.core.pathway.models import Attempt, Enrolment
from cstrain.core.people import invitations
from cstrain.core.people import jobs as people_jobs
from cstrain.core.people.access import Role, access_of
from cstrain.core.people.models import Invitation, Membership
from cstrain.core.review.blind import is_for
from cstrain.core.review.models import Review
from cstrain.desk.cases.models import Notice, NoticeReading, SharingSession, TypicalCase
from cstrain.desk.chats.models import ChatConversation, ChatFollowUp, ChatHandover, ChatImport
from cstrain.desk.quality import pairs
from cstrain.desk.quality.calibration_models import Calibration
from cstrain.desk.quality.models import ChatReview, SampleDraw
from cstrain.kit import jobs
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db
from cstrain.notices.models import InboxMessage
from tests.plugins.actors import SECRET, TABLE_TOKEN, Actor, Site


@dataclass(frozen=True, slots=True)
class Page:
    """An address that an actor may open, and the status it answers with."""

    endpoint: str
    url: str
    actor: Actor
    status: int = 200


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


def _reviews(actor: Actor) -> Iterator[Mapping[str, object]]:
    """Of every kind and state the newest review that the actor may open; appeals by themselves."""
    newest = (
        select(func.max(Review.id))
        .where(
            Review.team_id == actor.team_id,
            Review.person_id != actor.id,
            is_for(actor.id),
        )
        .group_by(Review.kind, Review.state, Review.supersedes_id.is_(None))
    )
    for review_id in db.session.scalars(newest):
        yield {"review_id": review_id}


def _doubles(actor: Actor) -> Iterator[Mapping[str, object]]:
    """What two have marked, as far as the actor may see both."""
    for each in pairs.of_team(actor.team_id, me=actor.id, now=utc_now()):
        yield {"review_id": each.id}


def _compared(actor: Actor) -> Iterator[Mapping[str, object]]:
    """Calibrations whose marks are compared."""
    query = select(Calibration.id).where(
        Calibration.team_id == actor.team_id, Calibration.compared_at.is_not(None)
    )
    for calibration_id in db.session.scalars(query.limit(2)):
        yield {"calibration_id": calibration_id}


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
    "chat_uploads.received": _chat_file,
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
    "quality.calibration_figures": _compared,
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
    "reviews.page": _reviews,
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
    "chat_uploads.received": 200,
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
