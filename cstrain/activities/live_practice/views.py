"""Pages of practice sessions: before, the reception desk and what it asks, the result."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain import plugin
from cstrain.activities.live_practice import (
    panel,
    person_service,
    pictures,
    queries,
    results,
    service,
    state,
)
from cstrain.activities.live_practice.figures import figures
from cstrain.activities.live_practice.offering import offered
from cstrain.activities.live_practice.spec import PracticeSpec
from cstrain.activities.live_practice.takeaways import takeaways
from cstrain.kit.chat_model import chat_model
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

KIND: Final = "live_practice"
MAX_CURSOR: Final = 2**53

bp = Blueprint(
    KIND,
    __name__,
    url_prefix="/practice",
    template_folder="templates",
    static_folder="static",
)


@dataclass(frozen=True, slots=True)
class Page:
    """What the desk's page needs beside its first state.

    Attributes:
        has_model: Whether a language model words hints here.
        is_played: Whether a person says what the customer says, so that the page asks for news.
        deadline_ms: When the server closes it, as ms of the epoch; None without a limit.
        urls: Where its script asks.
    """

    attempt_id: int
    is_exam: bool
    has_hints: bool
    has_model: bool
    may_pause: bool
    is_played: bool
    forbidden: str
    total: int
    now_ms: int
    deadline_ms: int | None
    urls: dict[str, str]
    quick: list[panel.Quick]
    products: list[panel.Card]


def practice_of(slug: str) -> tuple[plugin.Activity, PracticeSpec]:
    """A published practice session.

    Raises:
        NotFoundError: If there is none of this slug.
    """
    found = plugin.activity(slug)
    if found.kind.name != KIND:
        raise NotFoundError(_("没有这项内容，可能已经改版。"))
    return found, found.spec


@bp.get("/<slug>")
@plugin.requires()
def begin(slug: str) -> ResponseReturnValue:
    """What it is, which scenarios there are, and the button."""
    activity, spec = practice_of(slug)
    info = plugin.start_info(slug)
    me = plugin.viewer()
    fitting = queries.candidates(spec, plugin.catalogue(), info.scope)
    met = queries.met(me.id) if fitting and not spec.is_exam else {}
    return render_template(
        "live_practice/begin.html",
        activity=activity,
        spec=spec,
        info=info,
        minutes=None if spec.minutes is None else round(spec.minutes * me.extra_time_ratio),
        allowed=info.allowed_count or spec.attempts,
        is_empty=not fitting,
        offered=[] if spec.is_exam else offered(fitting, met),
        past=() if info.open_attempt_id else plugin.past_outcomes(me.id, slug, limit=10),
    )


@bp.post("/<slug>/start")
@plugin.requires()
def start(slug: str) -> ResponseReturnValue:
    """Begin with a mix or with the chosen scenario, or go on with the open session.

    Raises:
        ConflictError: Where a trainer begins it, and for practice and assessment side by side.
    """
    _activity, spec = practice_of(slug)
    if spec.is_played:
        raise ConflictError(_("顾客由带教老师来扮，等老师开了再进来。"))
    _refuse_beside_assessment(spec)
    _refuse_beside_practice(spec)
    chosen = request.form.get("scenario", "")
    with transaction():
        attempt = plugin.start(slug)
        if chosen and not spec.is_exam:
            service.choose(attempt, spec, chosen)
    return redirect(url_for("live_practice.attempt", attempt_id=attempt.id))


@bp.get("/<int:attempt_id>")
@plugin.requires()
def attempt(attempt_id: int) -> ResponseReturnValue:
    """The reception desk while the session is open, what came of it afterwards.

    Raises:
        ConflictError: To staff, while the trainee is still at it; of practice, to a trainee who is
            in an assessment.
    """
    found = plugin.seen_attempt(attempt_id, KIND)
    is_own = found.person_id == plugin.viewer().id
    if is_own:
        _refuse_beside_assessment(plugin.spec_of(found))
    if found.is_open and found.deadline_at is not None and utc_now() > found.deadline_at:
        plugin.finish_overdue(attempt_id)
        found = plugin.seen_attempt(attempt_id, KIND)
    if not found.is_open:
        return _result_page(found, is_own=is_own)
    if not is_own:
        raise ConflictError(_("还在接待，结束以后才能看。"))
    return _desk_page(plugin.my_attempt(attempt_id, KIND))


def _refuse_beside_assessment(spec: PracticeSpec) -> None:
    """The same customers come to both, and practice has hints and what a veteran would say.

    Raises:
        ConflictError: For practice, while the trainee is in an assessment.
    """
    if not spec.is_exam and queries.is_assessed(plugin.viewer().id, now=utc_now()):
        raise ConflictError(_("接待考核还没结束，练习和练习的记录考完再看。"))


def _refuse_beside_practice(spec: PracticeSpec) -> None:
    """A practice that goes on in another window would go on giving hints.

    Raises:
        ConflictError: For an assessment, while the trainee has a practice session open.
    """
    if spec.is_exam and queries.is_practising(plugin.viewer().id):
        raise ConflictError(_("还有一次接待练习没结束。先把它结束，再开始考核。"))


def _desk_page(found: plugin.AttemptView) -> ResponseReturnValue:
    with transaction(durably=False):  # what customers say by themselves can be played again
        view = service.news(found, after=0, by=found.person_id, now=utc_now())
        if view.settings.is_played:
            person_service.enter(found, now=view.now)
    settings, catalogue = view.settings, plugin.catalogue_of(found)
    here = url_for("live_practice.attempt", attempt_id=found.id)
    page = Page(
        attempt_id=found.id,
        is_exam=settings.is_exam,
        has_hints=settings.has_hints,
        has_model=settings.has_hints and chat_model() is not None,
        may_pause=settings.may_pause,
        is_played=settings.is_played,
        forbidden=settings.forbidden.value,
        total=len(view.desk.seats),
        now_ms=_epoch_ms(view.now),
        deadline_ms=None if found.deadline_at is None else _epoch_ms(found.deadline_at),
        urls={
            **{
                name: f"{here}/{name}"
                for name in ("news", "send", "pause", "resume", "finish", "poll", "hint")
            },
            "customer": f"{here}/customer/",
            "result": here,
            "pictures": url_for("live_practice.picture", name="x").removesuffix("x.svg"),
        },
        quick=panel.quick_replies(catalogue),
        products=panel.cards(catalogue),
    )
    return render_template(
        "live_practice/desk.html",
        attempt=found,
        title=plugin.spec_of(found).title,
        desk=page,
        state_json=json.dumps(state.to_json(view, after=0), ensure_ascii=False),
    )


def _epoch_ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@bp.post("/<int:attempt_id>/news")
@plugin.requires()
def news(attempt_id: int) -> ResponseReturnValue:
    """What is new since the page's cursor."""
    found, after = plugin.open_attempt(attempt_id, KIND), cursor_of(json_body())
    with transaction(durably=False):  # what customers say by themselves can be played again
        view = service.news(found, after=after, by=plugin.viewer().id, now=utc_now())
    return state.to_json(view, after=after)


@bp.post("/<int:attempt_id>/send")
@plugin.requires()
def send(attempt_id: int) -> ResponseReturnValue:
    """Take a line, a card or an action; it is kept when the answer comes."""
    data = json_body()
    found, after, sent = (
        plugin.open_attempt(attempt_id, KIND),
        cursor_of(data),
        service.read_sent(data),
    )
    try:
        with transaction():
            view = service.send(found, sent, after=after, by=plugin.viewer().id, now=utc_now())
    except service.ForbiddenWordsError as error:
        return {
            "error": str(error),
            "may_insist": error.may_insist,
            "hits": [state.hit_json(sent.text, hit) for hit in error.hits],
        }, 422
    return state.to_json(view, after=after)


@bp.post("/<int:attempt_id>/pause")
@plugin.requires()
def pause(attempt_id: int) -> ResponseReturnValue:
    """Let the session's clock stand still."""
    found, after = plugin.open_attempt(attempt_id, KIND), cursor_of(json_body())
    with transaction():
        service.pause(found, by=plugin.viewer().id, now=utc_now())
        view = service.news(found, after=after, by=plugin.viewer().id, now=utc_now())
    return state.to_json(view, after=after)


@bp.post("/<int:attempt_id>/resume")
@plugin.requires()
def resume(attempt_id: int) -> ResponseReturnValue:
    """Let the session's clock go on."""
    found, after = plugin.open_attempt(attempt_id, KIND), cursor_of(json_body())
    with transaction():
        service.resume(found, by=plugin.viewer().id, now=utc_now())
        view = service.news(found, after=after, by=plugin.viewer().id, now=utc_now())
    return state.to_json(view, after=after)


@bp.post("/<int:attempt_id>/finish")
@plugin.requires()
def finish(attempt_id: int) -> ResponseReturnValue:
    """End the session; again, or after the deadline, it only leads to the result."""
    if plugin.my_attempt(attempt_id, KIND).is_open:
        with transaction():
            plugin.finish(attempt_id)
    return redirect(url_for("live_practice.attempt", attempt_id=attempt_id))


@bp.get("/<int:attempt_id>/customer/<int:customer_id>")
@plugin.requires()
def customer(attempt_id: int, customer_id: int) -> ResponseReturnValue:
    """The side panel of one customer, a fragment.

    Raises:
        NotFoundError: If the session has no such customer.
    """
    found = plugin.open_attempt(attempt_id, KIND)
    rows = [row for row in queries.customers_of(found.id) if row.id == customer_id]
    if not rows:
        raise NotFoundError(_("没有这位顾客。"))
    (row,) = rows
    scenario = queries.finder(found, {row.scenario: row.digest})[row.scenario]
    return render_template(
        "live_practice/customer.html", panel=panel.panel(row.id, scenario, row.actions)
    )


@bp.get("/pictures/<name>.svg")
@plugin.requires()
def picture(name: str) -> ResponseReturnValue:
    """A picture that customers send.

    Raises:
        NotFoundError: If there is none of this name.
    """
    if name not in pictures.PICTURES:
        raise NotFoundError(_("没有这张图。"))
    answer = Response(pictures.svg(name), mimetype="image/svg+xml")
    answer.cache_control.max_age = 86_400
    return answer


def _result_page(found: plugin.AttemptView, *, is_own: bool) -> ResponseReturnValue:
    session = queries.session_of(found.id)
    result = plugin.result(found)
    spec: PracticeSpec = plugin.spec_of(found)
    kept: dict[str, Any] = session.result or {}
    is_marked = result.outcome.score is not None
    needs_mark = spec.is_exam or spec.is_played
    hides = spec.is_exam and result.open_attempt_id is not None
    with_marks = (not is_own and not plugin.viewer().viewing_as_trainee) or (
        is_marked and not hides
    )
    chats = results.kept_chats(found, session)
    return render_template(
        "live_practice/result.html",
        attempt=found,
        spec=spec,
        result=result,
        figures=figures(result.outcome.measures or kept.get("measures", {})),
        found_review=plugin.review_of(found) if needs_mark and (is_marked or not is_own) else None,
        chats=results.shown(found, chats, results.kept_points(session), with_marks=with_marks),
        with_marks=with_marks,
        takeaways=takeaways(chats, results.kept_points(session)) if with_marks else None,
        relearn=_relearn(found, result),
        is_own=is_own,
        name="" if is_own else result.person_name,
        offers=() if is_own else plugin.offers(found),
    )


@dataclass(frozen=True, slots=True)
class Relearn:
    """A section to relearn."""

    title: Any
    url: str
    lost_ratio: float
    item_count: int


def _relearn(found: plugin.AttemptView, result: plugin.Result) -> list[Relearn]:
    catalogue = plugin.catalogue_of(found)
    return [
        Relearn(
            catalogue.section_title(ref),
            url_for("catalogue.section", ref=ref),
            shortfall.lost_ratio,
            shortfall.item_count,
        )
        for shortfall in result.outcome.shortfalls
        if (ref := shortfall.target.removeprefix("section:")) in catalogue.sections
    ]


def json_body() -> dict[str, Any]:
    """The JSON object that came in.

    Raises:
        InvalidError: If there is none.
    """
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        raise InvalidError(_("内容读不懂，请刷新页面再试。"))
    return data


def cursor_of(data: dict[str, Any]) -> int:
    """The page's cursor: the id of the last line that it has.

    Raises:
        InvalidError: If it is none.
    """
    after = data.get("after", 0)
    if not isinstance(after, int) or isinstance(after, bool) or not 0 <= after <= MAX_CURSOR:
        raise InvalidError(_("内容读不懂，请刷新页面再试。"))
    return after
