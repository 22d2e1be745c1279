"""Pages and posts of lessons. Reading is free; the first thing that counts begins the attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from cstrain import plugin
from cstrain.activities.lesson import file_views, page, queries, service
from cstrain.activities.lesson import progress as rules
from cstrain.activities.lesson.progress import Progress
from cstrain.activities.lesson.queries import Kept, Reading
from cstrain.activities.lesson.spec import LessonSpec
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext, pick
from cstrain.kit.signing import csrf_token
from cstrain.plugin import AttemptView, Start, paper, responses

KIND = "lesson"
bp = Blueprint(
    "lesson",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/lesson-files",
)
bp.register_blueprint(file_views.bp)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A lesson as the viewer meets it."""

    spec: LessonSpec
    reading: Reading | None
    progress: Progress
    state: page.State

    @property
    def kept(self) -> Mapping[str, Kept]:
        """The answers that are shown."""
        return self.reading.kept if self.reading else {}


@bp.get("/lesson/<slug>")
@plugin.requires()
def lesson(slug: str) -> ResponseReturnValue:
    """The lesson. Reading it changes nothing; the page posts what was opened and answered."""
    info = _info(slug)
    if info.lock_text is not None and info.open_attempt_id is None:
        return render_template("lesson/locked.html", info=info), 409
    seen = _see(info)
    standing, catalogue = plugin.standing_of_viewer(), plugin.catalogue()
    course = page.course(catalogue, standing)
    own = _own(slug, seen)
    own["@tree"] = course.tree(standing.tallies if standing is not None else {}, slug)
    own["@files"] = file_views.section(slug)
    return render_template(
        "lesson/lesson.html",
        title=pick(seen.spec.title),
        text=page.filled(seen.spec, catalogue, course, seen.state, own),
    )


@bp.post("/lesson/<slug>/opened")
@plugin.requires()
def opened(slug: str) -> ResponseReturnValue:
    """Take a numbered report of parts that came into view.

    Raises:
        InvalidError: If it is not ``{"number": 1, "parts": ["1.1.1"]}``.
    """
    sent = request.get_json(silent=True)
    number = sent.get("number") if isinstance(sent, dict) else None
    refs = sent.get("parts") if isinstance(sent, dict) else None
    if (
        not isinstance(number, int)
        or isinstance(number, bool)
        or not isinstance(refs, list)
        or not all(isinstance(ref, str) for ref in refs)
    ):
        raise InvalidError(_("没有这一部分。"))
    with transaction():
        attempt = _attempt(slug)
        if attempt is None:
            return {"recorded": False}
        spec = plugin.spec_of(attempt)
        progress = service.open_parts(attempt, spec, refs, number, now=utc_now())
        if progress.is_complete:
            plugin.finish(attempt.id)
    return _told(slug, attempt, spec, progress)


@bp.post("/lesson/<slug>/answer/<item_id>")
@plugin.requires()
def answer(slug: str, item_id: str) -> ResponseReturnValue:
    """Take an answer to one question, and say at once what it is worth."""
    with transaction():
        attempt = _attempt(slug)
        if attempt is not None:
            spec: LessonSpec = plugin.spec_of(attempt)
            raw = _raw(*service.asked_item(attempt.id, spec, item_id))
            service.answer(attempt, spec, item_id, raw, now=utc_now())
            progress = queries.progress(attempt.id, spec)
            if progress.is_complete:
                plugin.finish(attempt.id)
    if attempt is None:
        return _unrecorded(slug, item_id)
    if not _wants_json():
        return redirect(url_for("lesson.lesson", slug=slug) + f"#ask-{item_id}")
    return {**_told(slug, attempt, spec, progress), "ask": _ask(slug, attempt, spec, item_id)}


@bp.post("/lesson/<slug>/reading")
@plugin.requires()
def reading(slug: str) -> ResponseReturnValue:
    """Somebody is still reading: asked at most every five minutes, so that no session ends."""
    del slug
    return "", 204


@bp.get("/lesson/attempt/<int:attempt_id>")
@plugin.requires()
def attempt(attempt_id: int) -> ResponseReturnValue:
    """What was opened and answered in one attempt, for the reader and the team's trainers."""
    found = plugin.seen_attempt(attempt_id, KIND)
    spec: LessonSpec = plugin.spec_of(found)
    stored = queries.reading(attempt_id)
    kept = list(stored.kept.values()) if stored else []
    drawn = plugin.items([k.answered.item_digest for k in kept if k.answered.drawn_for])
    asked = [
        (each, spec.items.get(each.answered.item_id) or drawn.get(each.answered.item_digest))
        for each in kept
        if each.answered.try_count
    ]
    return render_template(
        "lesson/attempt.html",
        attempt=found,
        spec=spec,
        stored=stored,
        progress=stored.progress(spec) if stored else rules.asked(spec),
        answers=[(each, item) for each, item in asked if item is not None],
        plain_question=service.plain_question,
        is_own=found.person_id == plugin.viewer().id,
    )


# ---- What the views share ---------------------------------------------------------------------


def _info(slug: str) -> Start:
    """The start of a lesson.

    Raises:
        NotFoundError: If the activity is no lesson.
    """
    info = plugin.start_info(slug)
    if not isinstance(info.activity.spec, LessonSpec):
        raise NotFoundError
    return info


def _is_preview(info: Start) -> bool:
    """Whether the viewer looks on: nothing is kept then."""
    return info.is_preview or plugin.viewer().viewing_as_trainee


def _see(info: Start) -> _Seen:
    """The lesson with what is stored of the viewer's attempt, at most two statements."""
    spec: LessonSpec = info.activity.spec
    if _is_preview(info):
        progress = rules.asked(spec)
        return _Seen(spec, None, progress, page.State(is_preview=True))
    attempt_id = info.open_attempt_id
    if attempt_id is None and not info.is_relearning:
        attempt_id = info.latest_attempt_id
    stored = queries.reading(attempt_id) if attempt_id is not None else None
    if stored is None:
        progress = rules.asked(spec, is_relearning=info.is_relearning, scope=info.scope)
    else:
        if attempt_id == info.open_attempt_id and stored.content_digest != info.activity.digest:
            # The text has been published anew since the attempt began: it goes on as it began.
            spec = plugin.spec_of(plugin.my_attempt(attempt_id or 0, KIND))
        progress = stored.progress(spec)
    records = not info.done or info.is_relearning or info.open_attempt_id is not None
    return _Seen(spec, stored, progress, _state(spec, progress, is_done=not records))


def _own(slug: str, seen: _Seen) -> dict[str, str]:
    """What of the page is the reader's own, by the names that ``page.filled`` knows."""
    spec, kept, progress, me = seen.spec, seen.kept, seen.progress, plugin.viewer().id
    must, token = seen.state.is_relearning, csrf_token()
    own: dict[str, str] = {
        item_id: page.ask(
            page.asked(slug, spec, item_id, must_be_right=must), kept.get(item_id), me, token
        )
        for item_id in spec.items
    }
    left_count, total_count = progress.left_count, progress.total_count
    own["@words"] = left_words(progress)
    own["@value"], own["@total"] = str(total_count - left_count), str(total_count)
    own["@number"] = str(seen.reading.report_number if seen.reading else 0)
    own["@opened"] = " ".join(progress.opened)
    own["@left"] = page.left(spec, progress, seen.state)
    if seen.state.has_drawn:
        own["@drawn"] = render_template("lesson/drawn.html", drawn=_drawn(slug, kept, me))
    return own


def _state(spec: LessonSpec, progress: Progress, *, is_done: bool = False) -> page.State:
    """How somebody stands who takes part."""
    if is_done or not progress.is_relearning:
        return page.State(is_done=is_done)
    return page.State(
        is_relearning=True,
        scope=progress.sections,
        has_drawn=any(item_id not in spec.items for item_id in progress.questions),
    )


def _attempt(slug: str) -> AttemptView | None:
    """The attempt that a post belongs to, begun if need be; None when nothing is kept.

    Inside ``transaction()``. A lesson that is done takes nothing more unless a plan asks for it.
    """
    info = _info(slug)
    if _is_preview(info):
        return None
    if info.done and not info.is_relearning and info.open_attempt_id is None:
        return None
    return plugin.start(slug)


def _raw(item: plugin.Item, _digest: str = "") -> Any:
    """The answer in a post, from JSON or from the fields of a form."""
    if request.is_json:
        return request.get_json(silent=True)
    public = paper.present(service.frozen(item, plugin.viewer().id))
    return responses.raw_from_form(public, item.id, request.form.getlist)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _told(slug: str, attempt: AttemptView, spec: LessonSpec, progress: Progress) -> dict[str, Any]:
    """What the page shows after a post that was kept."""
    told: dict[str, Any] = {
        "recorded": True,
        "done": progress.is_complete,
        "left": page.left(spec, progress, _state(spec, progress)),
        "bar": left_words(progress),
        "value": progress.total_count - progress.left_count,
    }
    if progress.is_relearning and request.args.get("practice") == "1":
        stored = queries.reading(attempt.id)
        drawn = _drawn(slug, stored.kept if stored else {}, attempt.person_id)
        told["practice"] = render_template("lesson/drawn.html", drawn=drawn)
        told["total"] = progress.total_count
    if progress.is_complete:
        told["finish"] = _finish(slug, attempt, progress)
    return told


def _finish(slug: str, attempt: AttemptView, progress: Progress) -> str:
    """The words at the end of a lesson, with the next step."""
    standing = plugin.standing_of_viewer()
    course = page.course(plugin.catalogue(), standing)
    tallies = standing.tallies if standing is not None else {}
    undone = [
        entry
        for entry in course.entries
        if not entry.is_locked and (entry.slug not in tallies or not tallies[entry.slug].done_at)
    ]
    on_path = set(standing.stage.learn) if standing is not None else set()
    following = next((each for each in undone if each.slug in on_path), None)
    result = plugin.result(attempt)
    return render_template(
        "lesson/finish.html",
        following=following,
        result=result if result.verdict == "pass" else None,
        is_relearning=progress.is_relearning,
        after=course.beside(slug)[1],
    )


def _drawn(slug: str, kept: Mapping[str, Kept], person_id: int) -> list[Markup]:
    """The HTML of the bank questions that retraining drew."""
    token = csrf_token()
    return [
        page.ask(each, kept.get(each.item.id), person_id, token) for each in page.drawn(slug, kept)
    ]


def _ask(slug: str, attempt: AttemptView, spec: LessonSpec, item_id: str) -> str:
    """One question again, after an answer that was kept."""
    stored = queries.reading(attempt.id)
    kept = stored.kept if stored else {}
    if item_id in spec.items:
        must = bool(stored and stored.is_relearning)
        asked = page.asked(slug, spec, item_id, must_be_right=must)
    else:
        asked = next(each for each in page.drawn(slug, kept) if each.item.id == item_id)
    return page.ask(asked, kept.get(item_id), attempt.person_id, csrf_token())


def _unrecorded(slug: str, item_id: str) -> ResponseReturnValue:
    """Judge an answer that is not kept: in a preview, or when reading a done lesson again.

    Raises:
        NotFoundError: If the lesson does not ask this.
    """
    spec: LessonSpec = _info(slug).activity.spec
    item = spec.items.get(item_id)
    if item is None:
        raise NotFoundError(_("这一课没有这道题。"))
    me = plugin.viewer()
    checked = service.check(item, _raw(item), person_id=me.id)
    if not _wants_json():
        flash(_("答对了") if checked.graded.is_right else _("还不对"), "in_progress")
        return redirect(url_for("lesson.lesson", slug=slug) + f"#ask-{item_id}")
    answered = rules.Answered(item_id, spec.digests[item_id], try_count=1)
    kept = Kept(answered, checked.response.to_json(), checked.graded.given_text, {}, None)
    asked = page.asked(slug, spec, item_id, must_be_right=False)
    html = page.ask(asked, kept, me.id, csrf_token())
    return {"recorded": False, "done": False, "ask": html}


def left_words(progress: Progress) -> str:
    """What is left, as one short line."""
    sections, questions = len(progress.sections_left), len(progress.questions_left)
    if not sections and not questions:
        return _("都学完了")
    parts = []
    if sections:
        parts.append(ngettext("%(count)s 个小节没读", sections))
    if questions:
        parts.append(
            ngettext("%(count)s 道题没答对", questions)
            if progress.is_relearning
            else ngettext("%(count)s 道题没答", questions)
        )
    return _("、").join(parts)
