"""Pages of typing runs: begin, type, result; and the trainer's codes."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain import plugin
from cstrain.activities.typing_speed import chart, forms, marking, queries, service, words
from cstrain.activities.typing_speed.difficulty import PRACTICE_CHARS
from cstrain.activities.typing_speed.normalise import WidthPolicy
from cstrain.activities.typing_speed.recall import Question
from cstrain.activities.typing_speed.spec import ready, written
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

if TYPE_CHECKING:
    from cstrain.activities.typing_speed.models import TypingRun
    from cstrain.activities.typing_speed.spec import TypingSpec

KIND: Final = "typing_speed"
PROCTOR_SHOWS: Final = timedelta(hours=24)
_DEFAULT_ZONE: Final = "Asia/Shanghai"

bp = Blueprint(
    "typing",
    __name__,
    url_prefix="/typing",
    template_folder="templates",
    static_folder="static",
)


def _start(slug: str) -> plugin.Start:
    """What the viewer may do with a typing activity.

    Raises:
        NotFoundError: If it is no typing activity.
    """
    info = plugin.start_info(slug)
    if info.activity.kind.name != KIND:
        raise NotFoundError(_("没有这项内容，可能已经改版。"))
    return info


def _timezone() -> str:
    """The zone in which the viewer's weeks begin."""
    teams = plugin.viewer().teams.values()
    return next((team.timezone for team in teams), _DEFAULT_ZONE)


def _begin_page(slug: str, form: forms.BeginForm) -> str:
    info = _start(slug)
    spec: TypingSpec = info.activity.spec
    progress = queries.progress_of(plugin.viewer().id, timezone=_timezone(), now=utc_now())
    return render_template(
        "typing_speed/begin.html",
        has_ready=not spec.is_official and bool(ready(plugin.catalogue())),
        least=PRACTICE_CHARS[0],
        info=info,
        spec=spec,
        form=form,
        progress=progress,
        duty_days=queries.DUTY_DAYS,
        line=chart.line_of([row.net_cpm for row in progress.runs]),
        worst="".join(progress.worst),
    )


@bp.get("/<slug>")
@plugin.requires()
def begin_page(slug: str) -> ResponseReturnValue:
    """The rules, how one comes on, and the button."""
    return _begin_page(slug, forms.BeginForm())


@bp.post("/<slug>")
@plugin.requires()
def begin(slug: str) -> ResponseReturnValue:
    """Begin a run, or go on with the open one."""
    _start(slug)
    form = forms.BeginForm()
    if not form.validate_on_submit():
        return _begin_page(slug, form), 422
    now = utc_now()
    try:
        with transaction():
            attempt = plugin.start(slug)
            if form.drill.data:
                rng = random.Random(secrets.randbits(64))  # noqa: S311 - an order, no secret
                service.make_drill(attempt, list(form.drill.data), rng)
            if form.code.data:
                service.supervise(attempt, form.code.data, now=now)
    except InvalidError as error:
        (form.code if form.code.data else form.drill).errors = [str(error)]
        return _begin_page(slug, form), 422
    return redirect(url_for("typing.attempt", attempt_id=attempt.id))


@bp.get("/attempts/<int:attempt_id>")
@plugin.requires()
def attempt(attempt_id: int) -> ResponseReturnValue:
    """The field while the run is open, what came of it afterwards."""
    found = plugin.seen_attempt(attempt_id, KIND)
    run = queries.run_of(attempt_id)
    spec: TypingSpec = plugin.spec_of(found)
    title = queries.titles(plugin.catalogue_of(found), found.activity)
    if not found.is_open:
        return _result_page(found, run, spec, title, recall=_recall(found, run))
    if found.person_id != plugin.viewer().id:
        return render_template("typing_speed/in_progress.html", title=title, run=run)
    elapsed_ms = None
    if run.started_at is not None:
        elapsed_ms = int((utc_now() - run.started_at).total_seconds() * 1000)
    return render_template(
        "typing_speed/run.html", attempt=found, run=run, title=title, elapsed_ms=elapsed_ms
    )


@bp.post("/attempts/<int:attempt_id>")
@plugin.requires()
def answer_recall(attempt_id: int) -> ResponseReturnValue:
    """Check the questions on a practice passage; nothing is kept, nothing is graded."""
    found = plugin.my_attempt(attempt_id, KIND)
    if found.is_open:
        return redirect(url_for("typing.attempt", attempt_id=attempt_id))
    run = queries.run_of(attempt_id)
    recall = _recall(found, run)
    if forms.ActForm().validate_on_submit():
        for question in recall:
            question.check(request.form.getlist)
    title = queries.titles(plugin.catalogue_of(found), found.activity)
    return _result_page(found, run, plugin.spec_of(found), title, recall=recall)


def _recall(found: plugin.AttemptView, run: TypingRun) -> list[Question]:
    """Questions on what was typed, in the order that this attempt draws."""
    if run.is_official or found.person_id != plugin.viewer().id:
        return []
    rng = random.Random(found.seed)  # noqa: S311 - an order, no secret
    return [
        Question(f"recall-{number}", plugin.paper.freeze(item, rng))
        for number, item in enumerate(
            (
                item
                for passage in written(plugin.catalogue_of(found))
                if passage.slug in run.sources
                for item in passage.items
            ),
            start=1,
        )
    ]


def _result_page(
    found: plugin.AttemptView,
    run: TypingRun,
    spec: TypingSpec,
    title: Mapping[str, str],
    *,
    recall: Sequence[Question],
) -> ResponseReturnValue:
    details = run.result
    if details is None:
        raise NotFoundError(_("这次打字还没有结果。"))
    return render_template(
        "typing_speed/result.html",
        attempt=found,
        run=run,
        spec=spec,
        title=title,
        result=plugin.result(found),
        details=details,
        figures=details["figures"],
        chart=chart.of_run(
            details["buckets"], details["pauses"], run.elapsed_ms or 0, spec.min_net_cpm
        ),
        size=(chart.WIDTH, chart.HEIGHT),
        paragraphs=marking.paragraphs(
            run.passage,
            run.typed or "",
            finished=run.is_complete,
            policy=WidthPolicy(run.policy),
        ),
        flags=words.flags(details),
        advice=words.advice(details),
        drill="".join(char for char, _count in details["worst"][:5] if char.isalnum()),
        best=details["best_before_cpm"],
        recall=recall,
        is_own=found.person_id == plugin.viewer().id,
        form=forms.ActForm(),
    )


@bp.post("/attempts/<int:attempt_id>/start")
@plugin.requires()
def start_clock(attempt_id: int) -> ResponseReturnValue:
    """The first key has been pressed."""
    plugin.open_attempt(attempt_id, KIND)
    with transaction():
        service.begin(attempt_id, now=utc_now())
    return {"ok": True}


@bp.post("/attempts/<int:attempt_id>/chunks")
@plugin.requires()
def take_chunk(attempt_id: int) -> ResponseReturnValue:
    """Keep five seconds of the log."""
    data = _json()
    plugin.open_attempt(attempt_id, KIND)
    with transaction():
        service.take_chunk(attempt_id, data.get("seq"), data.get("events"), now=utc_now())
    return {"ok": True}


@bp.post("/attempts/<int:attempt_id>/finish")
@plugin.requires()
def finish(attempt_id: int) -> ResponseReturnValue:
    """Hand in; again after a lost answer gives the same address."""
    data = _json()
    if plugin.my_attempt(attempt_id, KIND).is_open:
        with transaction():
            service.note_finish(attempt_id, data, now=utc_now())
            plugin.finish(attempt_id)
    return {"url": url_for("typing.attempt", attempt_id=attempt_id)}


@bp.post("/attempts/<int:attempt_id>/hand-in")
@plugin.requires()
def hand_in(attempt_id: int) -> ResponseReturnValue:
    """Hand in what has arrived, from a page that cannot go on."""
    form = forms.ActForm()
    if form.validate_on_submit() and plugin.my_attempt(attempt_id, KIND).is_open:
        with transaction():
            plugin.finish(attempt_id)
    return redirect(url_for("typing.attempt", attempt_id=attempt_id))


def _json() -> dict[str, Any]:
    """The JSON object that came in.

    Raises:
        InvalidError: If there is none.
    """
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        raise InvalidError(_("内容读不懂，请刷新页面再试。"))
    return data


@bp.get("/proctor")
@plugin.requires(plugin.Role.TRAINER)
def proctor() -> ResponseReturnValue:
    """The codes of one's teams, and who is typing."""
    me, now = plugin.viewer(), utc_now()
    team_ids = me.team_ids(plugin.Role.TRAINER)
    return render_template(
        "typing_speed/proctor.html",
        teams=[me.teams[team_id] for team_id in team_ids],
        codes=queries.standing_codes(team_ids, now),
        runs=queries.official_runs(team_ids, since=now - PROCTOR_SHOWS),
        form=forms.ActForm(),
    )


@bp.post("/proctor/<int:team_id>/code")
@plugin.requires(plugin.Role.TRAINER)
def issue_code(team_id: int) -> ResponseReturnValue:
    """Make a new code for a team."""
    plugin.staff_of_or_404(team_id, plugin.Role.TRAINER)
    if forms.ActForm().validate_on_submit():
        with transaction():
            service.issue_code(team_id, by=plugin.viewer().id, now=utc_now())
    return redirect(url_for("typing.proctor"))


@bp.post("/proctor/<int:team_id>/withdraw")
@plugin.requires(plugin.Role.TRAINER)
def withdraw_code(team_id: int) -> ResponseReturnValue:
    """End a team's code before its time."""
    plugin.staff_of_or_404(team_id, plugin.Role.TRAINER)
    if forms.ActForm().validate_on_submit():
        with transaction():
            service.withdraw_codes(team_id, now=utc_now())
    return redirect(url_for("typing.proctor"))
