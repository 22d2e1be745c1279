"""Pages of reflections: before, the sheet, the result."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain import plugin
from cstrain.activities.reflection import service
from cstrain.activities.reflection.service import Draft
from cstrain.activities.reflection.spec import ReflectionSpec
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext, pick

KIND: Final = "reflection"
MAX_VERSION: Final = 2**53
MAX_WRITER_CHARS: Final = 64

bp = Blueprint(
    KIND,
    __name__,
    url_prefix="/reflections",
    template_folder="templates",
    static_folder="static",
)


@bp.get("/<slug>")
@plugin.requires()
def begin(slug: str) -> ResponseReturnValue:
    """What to look back at, by what it is marked, and the button."""
    activity, spec = _reflection(slug)
    info, catalogue = plugin.start_info(slug), plugin.catalogue()
    rubric = plugin.rubrics_of(catalogue).get(spec.rubric)
    return render_template(
        "reflection/begin.html",
        activity=activity,
        spec=spec,
        info=info,
        criteria=[pick(each.title) for each in rubric] if rubric else [],
        lessons=[(ref, catalogue.section_title(ref)) for ref in spec.sections],
        past=plugin.past_outcomes(plugin.viewer().id, slug, limit=10),
    )


def _reflection(slug: str) -> tuple[plugin.Activity, ReflectionSpec]:
    """A published reflection.

    Raises:
        NotFoundError: If there is none of this slug.
    """
    found = plugin.activity(slug)
    if found.kind.name != KIND:
        raise NotFoundError(_("没有这项内容，可能已经改版。"))
    return found, found.spec


@bp.post("/<slug>/start")
@plugin.requires()
def start(slug: str) -> ResponseReturnValue:
    """Begin, or go on with the open one."""
    _reflection(slug)
    with transaction():
        attempt = plugin.start(slug)
    return redirect(url_for("reflection.attempt", attempt_id=attempt.id))


@bp.get("/<int:attempt_id>")
@plugin.requires()
def attempt(attempt_id: int) -> ResponseReturnValue:
    """The sheet while it is open, what came of it afterwards.

    Raises:
        ConflictError: To staff, while the trainee still writes.
    """
    found = plugin.seen_attempt(attempt_id, KIND)
    if not found.is_open:
        return _result_page(found)
    if found.person_id != plugin.viewer().id:
        raise ConflictError(_("还在写，交了以后才能看。"))
    plugin.my_attempt(attempt_id, KIND)
    return _sheet(found)


def _sheet(
    found: plugin.AttemptView,
    *,
    posted: Draft | None = None,
    asks: str = "",
    wrong: str = "",
    other: str | None = None,
) -> str:
    """The page to write on.

    Args:
        found: The attempt.
        posted: What was just sent, where it is shown again.
        asks: What must be answered before it is handed in.
        wrong: Why it was not taken.
        other: The text that another page has saved.
    """
    kept = service.of(found.id)
    text = kept.text if posted is None else posted.text
    return render_template(
        "reflection/sheet.html",
        attempt=found,
        spec=plugin.spec_of(found),
        text=text,
        count=service.char_count(text),
        version=kept.version,
        saved_at=kept.saved_at,
        asks=asks,
        wrong=wrong,
        other=other,
    )


@bp.post("/<int:attempt_id>/draft")
@plugin.requires()
def save(attempt_id: int) -> ResponseReturnValue:
    """Keep what is written so far; for the page's script."""
    found, draft = plugin.open_attempt(attempt_id, KIND), _sent()
    try:
        with transaction():
            version = service.save(found.id, draft, now=utc_now())
    except service.ElsewhereError as error:
        kept = service.of(found.id)
        return {"error": str(error), "text": kept.text, "version": kept.version}, 409
    return {"version": version}


@bp.post("/<int:attempt_id>")
@plugin.requires()
def hand_in(attempt_id: int) -> ResponseReturnValue:
    """Keep the text and close, or only keep it; whatever is in the way, the text is shown again."""
    found = plugin.my_attempt(attempt_id, KIND)
    here = redirect(url_for("reflection.attempt", attempt_id=attempt_id))
    if not found.is_open:
        return here
    draft = _posted()
    is_handed_in = request.form.get("action") == "hand_in"
    wrong, asks = _objections(plugin.spec_of(found), draft.text) if is_handed_in else ("", "")
    is_taken = is_handed_in and not wrong and (not asks or request.form.get("sure") == "yes")
    try:
        with transaction():
            service.save(found.id, draft, now=utc_now())
            if is_taken:
                plugin.finish(found.id)
    except service.ElsewhereError as error:
        other = service.of(found.id).text
        return _sheet(found, posted=draft, wrong=str(error), other=other), 409
    except InvalidError as error:
        return _sheet(found, posted=draft, wrong=str(error)), 422
    if is_handed_in and not is_taken:
        return _sheet(found, posted=draft, asks="" if wrong else asks, wrong=wrong), 422
    return here


def _objections(spec: ReflectionSpec, text: str) -> tuple[str, str]:
    """Why a text cannot be handed in, and what to ask before it is; empty where nothing is."""
    count = service.char_count(text)
    if not count:
        return _("还一个字都没写。"), ""
    if count > spec.most:
        over = count - spec.most
        return ngettext("多了 %(count)s 个字，删到 %(most)s 字以内再交。", over, most=spec.most), ""
    if count < spec.least:
        return "", _("才写了 %(count)s 字，这一篇要 %(least)s 字。", count=count, least=spec.least)
    return "", ""


def _posted() -> Draft:
    """The sheet's form.

    Raises:
        InvalidError: If its version is none.
    """
    form = request.form
    text = service.clean(form.get("text", ""))
    return _draft(text, form.get("version", None, int), form.get("writer", ""))


def _sent() -> Draft:
    """What the script sends.

    Raises:
        InvalidError: If it cannot be read.
    """
    data: Any = request.get_json(silent=True)
    if not isinstance(data, dict):
        raise InvalidError(_("内容读不懂，请刷新页面再试。"))
    return _draft(data.get("text"), data.get("version"), data.get("writer", ""))


def _draft(text: object, version: object, writer: object) -> Draft:
    if (
        not isinstance(text, str)
        or not isinstance(version, int)
        or isinstance(version, bool)
        or not 0 <= version <= MAX_VERSION
        or not isinstance(writer, str)
        or len(writer) > MAX_WRITER_CHARS
    ):
        raise InvalidError(_("内容读不懂，请刷新页面再试。"))
    return Draft(text, version, service.clean(writer))


def _result_page(found: plugin.AttemptView) -> str:
    result = plugin.result(found)
    is_own = found.person_id == plugin.viewer().id
    return render_template(
        "reflection/result.html",
        attempt=found,
        spec=plugin.spec_of(found),
        result=result,
        found_review=plugin.review_of(found),
        paragraphs=service.paragraphs(service.of(found.id).text),
        is_own=is_own,
        name="" if is_own else result.person_name,
    )
