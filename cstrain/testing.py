"""For tests of activity kinds, inside and outside of cstrain.

``FakeKind`` ends its attempts as a test wants, ``SMALL_COURSE`` is made of it. What every kind
must keep is ``KindContract``, and ``AttemptContract`` with a real attempt on top:

    class TestMyKind(AttemptContract):
        kind = KIND
        sample = Path("sample.md").read_text(encoding="utf-8")
        broken = Path("broken.md").read_text(encoding="utf-8")
"""

# ruff: noqa: S101 - the contract is a test that others inherit

from __future__ import annotations

import pickle
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from flask import Blueprint, Flask, redirect, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from cstrain.app import create_app
from cstrain.config import Settings
from cstrain.core.catalogue.active import Active
from cstrain.core.catalogue.publish import publish_folders
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.core.evidence import ledger
from cstrain.core.pathway import attempts, enrolments
from cstrain.core.people import sessions
from cstrain.core.people.models import Identity, Membership, Person, Team
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import pick
from cstrain.plugin import (
    API_VERSION,
    Activity,
    ActivityKind,
    AttemptView,
    Measure,
    Outcome,
    ReviewRequest,
    Role,
    SearchEntry,
    Source,
    finish,
    open_attempt,
    requires,
    result,
    seen_attempt,
    start,
    start_info,
)

FAKE = "fake"


@dataclass(frozen=True, slots=True)
class FakeSpec:
    """What a file of the fake kind says."""

    is_exam: bool
    sections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    limit_s: int | None = None
    text: str = ""


class FakeKind(ActivityKind):
    """A kind whose attempts end as a test wants them to.

    Attributes:
        outcome: What every attempt comes to that is closed from now on.
        review: How a trainer is to mark an outcome without a score; None for not at all.
    """

    name = FAKE
    title: ClassVar[Mapping[str, str]] = {"zh": "样例活动", "en": "Sample activity"}
    measures = (
        Measure(
            "fake_cpm", {"zh": "样例速度", "en": "Sample speed"}, {"zh": "字/分", "en": "char/min"}
        ),
        Measure(
            "fake_accuracy_ratio",
            {"zh": "样例正确率", "en": "Sample accuracy"},
            {"zh": "%", "en": "%"},
        ),
    )
    api_version = API_VERSION

    def __init__(self) -> None:
        self.outcome = Outcome(1.0, summary={"zh": "全对", "en": "All right"})
        self.review: ReviewRequest | None = None
        self.blueprint = Blueprint(FAKE, __name__)  # type: ignore[misc]  # one for each app
        for rule, name, view, method in (
            ("/fake/<slug>", "start", _start, "GET"),
            ("/fake/<slug>", "begin", _begin, "POST"),
            ("/fake/attempts/<int:attempt_id>", "attempt", _attempt, "GET"),
            ("/fake/attempts/<int:attempt_id>", "hand_in", requires()(self._hand_in), "POST"),
        ):
            self.blueprint.add_url_rule(rule, name, view, methods=[method])

    def load(self, source: Source) -> FakeSpec:
        """``exam``, ``sections`` and ``limit_s`` of the front matter, and the text.

        Raises:
            ContentError: If ``limit_s`` is no number.
        """
        data = source.meta.data
        limit_s = data.get("limit_s")
        if not isinstance(limit_s, int | None):
            raise ContentError([source.problem("limit_s is a number of seconds", "limit_s")])
        sections = data.get("sections") or {}
        return FakeSpec(data.get("exam") is True, sections, limit_s, source.body)

    def search_entries(self, activity: Activity) -> Iterable[SearchEntry]:
        """The text of the file, hidden while it is locked."""
        url = self.start_url(activity.slug)
        yield SearchEntry(
            "lesson", pick(activity.title), activity.spec.text, url, activity=activity.slug
        )

    def time_limit_s(self, spec: FakeSpec) -> int | None:
        """As the file says."""
        return spec.limit_s

    def sections(self, spec: FakeSpec) -> Mapping[str, Mapping[str, str]]:
        """As the file says."""
        return spec.sections

    def is_exam(self, spec: FakeSpec) -> bool:
        """As the file says."""
        return spec.is_exam

    def prepare(
        self, attempt: AttemptView, spec: FakeSpec, rng: random.Random, *, now: datetime
    ) -> None:
        """Draws nothing."""

    def start_url(self, slug: str) -> str:
        """Whether it can be begun, as JSON; a post begins it."""
        return f"/fake/{slug}"

    def attempt_url(self, attempt_id: int) -> str:
        """The attempt and what followed from it, as JSON; a post with ``score`` closes it."""
        return f"/fake/attempts/{attempt_id}"

    def close(self, attempt: AttemptView, *, now: datetime) -> Outcome:
        """Whatever ``outcome`` is."""
        del attempt, now
        return self.outcome

    def _hand_in(self, attempt_id: int) -> ResponseReturnValue:
        """Close the viewer's attempt with the ``score`` posted, or with ``outcome`` as it is."""
        attempt = open_attempt(attempt_id, FAKE)
        score = request.form.get("score", type=float)
        if score is not None:
            self.outcome = replace(self.outcome, score=score)
        with transaction():
            finish(attempt.id)
        return redirect(self.attempt_url(attempt_id), 303)

    def needs_review(self, attempt: AttemptView, outcome: Outcome) -> ReviewRequest | None:
        """Whatever ``review`` is."""
        del attempt, outcome
        return self.review

    def render_review(self, attempt: AttemptView) -> Markup:
        """Two lines that may be evidence."""
        del attempt
        return Markup(
            '<ol><li data-line="1" id="line-1">在吗？</li>'
            '<li data-line="2" id="line-2">在的，您说。</li></ol>'
        )

    def settle(self, attempt: AttemptView, *, accepted: bool, now: datetime) -> Outcome:
        """Full marks or none, with the figures of ``outcome``."""
        del attempt, now
        score = 1.0 if accepted else 0.0
        return replace(self.outcome, score=score, summary={"zh": "已确认", "en": "Settled"})


@requires()
def _start(slug: str) -> ResponseReturnValue:
    """Whether it can be begun."""
    info = start_info(slug)
    return {"slug": slug, "lock": info.lock_text, "open_attempt_id": info.open_attempt_id}


@requires()
def _begin(slug: str) -> ResponseReturnValue:
    """Begin an attempt, or go on with the open one."""
    with transaction():
        attempt = start(slug)
    return {"id": attempt.id}


@requires()
def _attempt(attempt_id: int) -> ResponseReturnValue:
    """The attempt; once it is closed, with what followed, in words."""
    attempt = seen_attempt(attempt_id, FAKE)
    if attempt.is_open:
        return {"id": attempt.id, "is_open": True}
    found = result(attempt)
    return {
        "id": attempt.id,
        "is_open": False,
        "score": found.outcome.score,
        "verdict": found.verdict,
        "headline": found.headline,
        "next": found.next_label,
        "is_passed": found.is_passed,
        "findings": [
            [line.title, line.state, line.figure, line.target, line.missing]
            for line in found.findings
        ],
    }


#: A course of three stages: two exams of three attempts each, then a trainer's signature.
SMALL_COURSE: Mapping[str, str] = {
    "course/chapter.yaml": (
        "number: 1\ntitle: {zh: 第一章, en: Chapter one}\nsummary: {zh: 样例, en: A sample}\n"
    ),
    "course/lesson.md": (
        "---\nkind: fake\nslug: lesson\ntitle: {zh: 接待礼仪, en: Manners}\n"
        "sections:\n  lesson.1: {zh: 问好, en: Greeting}\n---\n"
    ),
    "exams/first.md": (
        "---\nkind: fake\nslug: first-exam\ntitle: {zh: 基础考试, en: Basic exam}\n"
        "exam: true\n---\n"
    ),
    "exams/second.md": (
        "---\nkind: fake\nslug: second-exam\ntitle: {zh: 商品考试, en: Product exam}\n"
        "exam: true\n---\n"
    ),
    "pathways/three-exams.yaml": """\
slug: three-exams
title: {zh: 三考上岗, en: Three exams to duty}
summary: {zh: 样例路径, en: A sample pathway}
certificate:
  title: {zh: 客服上岗证, en: Certificate to serve customers}
  valid_days: 365
  queues: [{zh: 售前, en: Pre-sales}, {zh: 售后, en: After-sales}]
stages:
  - slug: basic
    title: {zh: 基础培训, en: Basic training}
    summary: {zh: 可以开始学商品。, en: You may start on the products.}
    learn: [lesson]
    practise: []
    gate:
      title: {zh: 培训考核, en: Basic assessment}
      rule:
        all:
          - done: {activities: [lesson]}
          - score_at_least: {activity: first-exam, ratio: 0.8}
      attempts: {first-exam: 3}
      delay_minutes: {first-exam: 30}
  - slug: post
    title: {zh: 岗位培训, en: Post training}
    summary: {zh: 可以在带教旁边接待。, en: You may serve beside a trainer.}
    learn: []
    practise: []
    gate:
      title: {zh: 商品考核, en: Product assessment}
      rule:
        all:
          - score_at_least: {activity: second-exam, ratio: 0.8}
      attempts: {second-exam: 3}
      delay_minutes: {second-exam: 0}
  - slug: live
    title: {zh: 实战, en: Live practice}
    summary: {zh: 第二天起可以单独接待。, en: You may serve alone from tomorrow.}
    learn: []
    practise: []
    gate:
      title: {zh: 实战考核, en: Live assessment}
      rule:
        all:
          - signed_off:
              role: trainer
              about: {zh: 接满一个班, en: Served a full shift}
      attempts: {}
      delay_minutes: {}
""",
}


def install(app: Flask, kind: ActivityKind) -> None:
    """Give an application a kind that is not installed. Before its first request."""
    content: Active = app.extensions["cstrain.content"]
    content.registry.add_kind(kind, distribution="tests")
    app.register_blueprint(kind.blueprint)


def publish(app: Flask, folder: Path, course: Mapping[str, str] = SMALL_COURSE) -> None:
    """Write a course into a folder and publish it.

    Raises:
        ValueError: If the course has problems.
    """
    for path, text in course.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    content: Active = app.extensions["cstrain.content"]
    with app.app_context(), transaction():
        _revision, checked = publish_folders(content.builder, [folder], by=None, now=utc_now())
    if checked.problems:
        raise ValueError("\n".join(map(str, checked.problems)))


class KindContract:
    """What every kind must keep; a test class inherits it and sets ``kind`` and ``sample``.

    Attributes:
        kind: The kind.
        sample: A file of this kind, with front matter.
        sample_path: Where the file would lie.
    """

    kind: ClassVar[ActivityKind]
    sample: ClassVar[str]
    sample_path: ClassVar[str] = "samples/sample.md"

    def spec(self) -> Any:
        """The sample's spec."""
        body = self.sample.encode()
        source = open_source(self.sample_path, File(digest_of(body), body), {})
        assert source.kind == self.kind.name
        return self.kind.load(source)

    def test_it_is_built_for_this_interface(self) -> None:
        """The version is the one of this cstrain."""
        assert self.kind.api_version == API_VERSION

    def test_its_name_can_be_stored_for_ever(self) -> None:
        """Small letters, digits and underlines."""
        assert re.fullmatch(r"[a-z][a-z0-9_]*", self.kind.name)

    def test_its_titles_are_in_both_languages(self) -> None:
        """Also those of its measures."""
        for texts in (self.kind.title, *(measure.title for measure in self.kind.measures)):
            assert set(texts) == {"zh", "en"}
            assert all(texts.values())

    def test_its_measures_have_names_of_their_own(self) -> None:
        """No name twice."""
        names = [measure.name for measure in self.kind.measures]
        assert len(set(names)) == len(names)

    def test_its_spec_can_be_cached(self) -> None:
        """Loaded twice it is equal, and it can be pickled."""
        spec = self.spec()
        assert self.spec() == spec
        assert pickle.loads(pickle.dumps(spec)) == spec  # noqa: S301 - pickled in this line

    def test_its_spec_says_how_long_and_how_strict_it_is(self) -> None:
        """Minutes, time limit and whether it is an exam."""
        spec = self.spec()
        limit = self.kind.time_limit_s(spec)
        assert self.kind.minutes(spec) > 0
        assert limit is None or limit > 0
        assert self.kind.is_exam(spec) in {True, False}

    def test_every_page_says_who_may_come(self) -> None:
        """The application refuses to start otherwise."""
        app = Flask(__name__)
        app.register_blueprint(self.kind.blueprint)
        for rule in app.url_map.iter_rules():
            view: Any = app.view_functions[rule.endpoint]
            assert rule.endpoint.endswith("static") or hasattr(view, "access_roles")


#: What leads to the sample: it is offered for practice, so every kind can be tried.
_SAMPLE_PATHWAY = """\
slug: three-exams
title: {{zh: 样例路径, en: Sample pathway}}
summary: {{zh: 样例, en: A sample}}
certificate: {{title: {{zh: 样例证书, en: Sample certificate}}, valid_days: 1}}
stages:
  - slug: only
    title: {{zh: 样例阶段, en: Sample stage}}
    summary: {{zh: 样例, en: A sample}}
    learn: []
    practise: ["{slug}"]
    gate:
      title: {{zh: 样例关, en: Sample gate}}
      rule: {{signed_off: {{role: trainer, about: {{zh: 样例, en: A sample}}}}}}
"""


class AttemptContract(KindContract):
    """The contract, with a real attempt by a trainee in an application of its own.

    Attributes:
        broken: A file of this kind that must be refused.
        course: The other files the sample needs, by path.
    """

    broken: ClassVar[str]
    course: ClassVar[Mapping[str, str]] = {}

    def work(self, page: FlaskClient, attempt: AttemptView) -> None:
        """Do what a trainee must do before the attempt can be handed in; nothing by default.

        Args:
            page: The trainee's browser; posts need no CSRF token.
            attempt: The open attempt.
        """

    def test_a_broken_file_is_refused_with_its_lines(self) -> None:
        """All problems together, none without a line."""
        body = self.broken.encode()
        source = open_source(self.sample_path, File(digest_of(body), body), {})
        problems: Sequence[ContentProblem] = ()
        try:
            self.kind.load(source)
        except ContentError as error:
            problems = error.problems
        assert problems, "the broken file was taken"
        assert all(each.path == self.sample_path and each.line > 0 for each in problems)

    def test_an_attempt_leads_to_an_outcome(self, tmp_path: Path) -> None:
        """From the start page to evidence that can still be shown when the content is gone."""
        app = self._app(tmp_path)
        person_id, page = _trainee(app)
        with app.app_context(), transaction():
            enrolments.enrol(person_id, 1, None, now=utc_now())
        slug = self._slug()
        with app.test_request_context():
            start_url = self.kind.start_url(slug)
        assert page.get(start_url).status_code == 200  # noqa: PLR2004 - OK
        with app.app_context(), transaction():
            rng = random.Random(1)  # noqa: S311 - a draw that is always the same
            attempt = attempts.start(person_id, slug, now=utc_now(), rng=rng)
        with app.test_request_context():
            attempt_url = self.kind.attempt_url(attempt.id)
        assert page.get(attempt_url).status_code == 200  # noqa: PLR2004 - OK

        self.work(page, attempt)

        with app.app_context():
            if attempts.get(attempt.id).is_open:
                with transaction():
                    attempts.close(attempt.id, by=person_id, now=utc_now())
            (view,) = ledger.of_enrolment(attempt.enrolment_id, attempt.cycle)
            with transaction():
                again = self.kind.regrade(attempts.get(attempt.id), now=utc_now())
        self._check_outcome(view.outcome)
        assert (again.score, again.measures) == (view.outcome.score, view.outcome.measures)
        assert tuple(again.shortfalls) == tuple(view.outcome.shortfalls)
        assert page.get(attempt_url).status_code == 200  # noqa: PLR2004 - OK
        with app.test_request_context():
            for shown in (view, replace(view, activity="gone", source_id=10**9)):
                assert self.kind.render_evidence(shown).strip()

    def _slug(self) -> str:
        body = self.sample.encode()
        slug = open_source(self.sample_path, File(digest_of(body), body), {}).meta.data["slug"]
        assert isinstance(slug, str)
        return slug

    def _app(self, folder: Path) -> Flask:
        """An application that knows the kind, with an empty database and the sample published."""
        url = f"sqlite:///{folder / 'contract.db'}"
        app = create_app(Settings(folder, url, "a secret of the tests", ()))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        content: Active = app.extensions["cstrain.content"]
        if self.kind.name not in content.registry.kinds:
            install(app, self.kind)
        with app.app_context():
            db.create_all()
        pathway = {"pathways/three-exams.yaml": _SAMPLE_PATHWAY.format(slug=self._slug())}
        publish(app, folder / "content", {**self.course, self.sample_path: self.sample, **pathway})
        return app

    def _check_outcome(self, outcome: Outcome) -> None:
        assert set(outcome.measures) <= {measure.name for measure in self.kind.measures}
        assert set(outcome.summary) == {"zh", "en"}
        assert all(outcome.summary.values())
        for shortfall in outcome.shortfalls:
            assert shortfall.target.startswith(("section:", "activity:"))
            assert 0 <= shortfall.lost_ratio <= 1


def _trainee(app: Flask) -> tuple[int, FlaskClient]:
    """A trainee of the first team, and the trainee's browser."""
    now = utc_now()
    with app.app_context(), transaction() as session:
        team = Team(slug="team", name="样例店")
        person = Person(employee_no="T1", password_hash=None, created_at=now)
        session.add_all((team, person))
        session.flush()
        session.add(Identity(person_id=person.id, name="学员", phone=None))
        session.add(
            Membership(
                person_id=person.id, team_id=team.id, role=Role.TRAINEE, batch=None, since_at=now
            )
        )
        person_id, token = person.id, sessions.start(person.id, now=now)
    page = app.test_client()
    with page.session_transaction() as cookie:
        cookie.update(_user_id=token, _fresh=True)
    return person_id, page
