"""Pages of quality: a marked chat, as the agent and those who mark see it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from cstrain.core.people.access import requires, staff_of_or_404, viewer
from cstrain.core.review import blind, hooks
from cstrain.core.review import queries as reviews
from cstrain.core.review.blind import MARKERS
from cstrain.core.review.models import Review
from cstrain.core.review.result_view import view_of
from cstrain.core.review.versions import rubric_of
from cstrain.core.review.words import points
from cstrain.desk.chats import typed
from cstrain.desk.chats.models import ChatConversation
from cstrain.desk.quality import appeals, coaching, kind, own_queries, reviewing, words
from cstrain.desk.quality.forms import SaidForm
from cstrain.desk.quality.models import ChatReview
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick

bp = Blueprint(
    "quality",
    __name__,
    url_prefix="/quality",
    template_folder="templates",
    static_folder="static",
    static_url_path="/files",
)


@bp.get("/mine")
@requires()
def mine() -> ResponseReturnValue:
    """One's own marked chats, and what is being coached."""
    me = viewer()
    return render_template(
        "quality/mine.html",
        rows=own_queries.marked(me.id),
        coached=coaching.of_person(me.id),
        in_a_row=coaching.IN_A_ROW,
        reasons=words.REASONS,
        points=points,
    )


@bp.get("/chats/<int:chat_review_id>")
@requires()
def chat(chat_review_id: int) -> ResponseReturnValue:
    """A chat with its marks, for whom they are about and for staff."""
    return _page(_chat(chat_review_id))


def _page(
    found: ChatReview, form: SaidForm | None = None, status: int = 200
) -> ResponseReturnValue:
    me = viewer()
    is_hidden = (reviewing.KIND, found.id) in blind.hidden_subjects(me.id)
    kept = None if is_hidden else reviews.of_subject(reviewing.KIND, found.id)
    standing = kept[0][-1].review if kept and kept[1] else None
    rubric = rubric_of(standing.rubric_digest) if standing else None
    shown: dict[str, Any] = {"lost": [], "appeals": (), "open_items": []}
    if kept and standing and rubric:
        given = kept[1][standing.id]
        appealed = kind.shown_appeals(found.id, standing.rubric_digest)
        last = appeals.until(standing, rubric)
        before = {each.found.criterion for each in appealed}
        items = [
            (each.key, pick(each.title))
            for each in rubric
            if appeals.may_appeal(each, given.get(each.key))
        ]
        shown = {
            "lost": items,
            "appeals": appealed,
            "open_items": [each for each in items if each[0] not in before],
            "last": last,
            "is_over": last is not None and last <= utc_now(),
        }
    is_own = found.person_id == me.id
    roles = me.roles.get(found.team_id, frozenset())
    told = kind.transcript(found.id)
    is_kept = told.conversation is not None and told.conversation.erased_by is None
    return render_template(
        "quality/chat.html",
        found=found,
        transcript=kind.rendered(told, with_hints=False),
        review=view_of(*kept) if kept else None,
        name=kept[0][-1].name if kept else "",
        is_own=is_own,
        is_hidden=is_hidden,
        own_blind_id=blind.own(reviewing.KIND, found.id, me.id) if is_hidden else None,
        may_coach=not is_own and not roles.isdisjoint(MARKERS),
        offers=_other_offers(standing) if standing and is_kept and not is_own else (),
        in_a_row=coaching.IN_A_ROW,
        form=form or SaidForm(formdata=None),
        text_max=appeals.TEXT_MAX,
        remark=request.form.get("remark", ""),
        **shown,
    ), status


def _chat(chat_review_id: int) -> ChatReview:
    """A chat that the viewer may see.

    Raises:
        NotFoundError: If there is none.
    """
    found = db.session.get(ChatReview, chat_review_id)
    if found is None or not kind.may_read(found.person_id, found.team_id):
        raise NotFoundError
    return found


@bp.post("/chats/<int:chat_review_id>/read")
@requires()
def acknowledge(chat_review_id: int) -> ResponseReturnValue:
    """Say that one has read the marks."""
    found = _chat(chat_review_id)
    remark = typed.kept(request.form.get("remark"))
    try:
        with transaction():
            appeals.acknowledge(found.id, by=viewer().id, remark=remark, now=utc_now())
    except (ConflictError, InvalidError) as error:
        flash(str(error), "note")
    else:
        flash(_("告诉带教了。") if remark else _("记下了：你看过了。"), "passed")
    return redirect(url_for("quality.chat", chat_review_id=found.id))


@bp.post("/chats/<int:chat_review_id>/appeal")
@requires()
def appeal(chat_review_id: int) -> ResponseReturnValue:
    """Ask for an item to be looked at by somebody else."""
    found, form = _chat(chat_review_id), SaidForm()
    if not form.validate_on_submit():
        return _page(found, form, 422)
    item, text = form.criterion.data or "", typed.kept(form.text.data)
    remark = typed.kept(request.form.get("remark"))
    try:
        with transaction():
            appeals.appeal(found.id, item, text, by=viewer().id, now=utc_now())
            if remark:  # it stands on the same form, and whoever appeals has read the marks
                appeals.acknowledge(found.id, by=viewer().id, remark=remark, now=utc_now())
    except (ConflictError, InvalidError) as error:
        flash(str(error), "failed")
        return _page(found, form, 422)
    else:
        flash(_("交上去了，由另一位带教来定，结果会通知你。"), "passed")
    return redirect(url_for("quality.chat", chat_review_id=found.id))


@bp.post("/chats/<int:chat_review_id>/coach")
@requires(*MARKERS)
def coach(chat_review_id: int) -> ResponseReturnValue:
    """Put down what was gone through with the agent."""
    found, form = _chat(chat_review_id), SaidForm()
    staff_of_or_404(found.team_id, *MARKERS)
    if not form.validate_on_submit():
        return _page(found, form, 422)
    item, text = form.criterion.data or "", typed.kept(form.text.data)
    try:
        with transaction():
            coaching.coach(found.id, item, text, by=viewer().id, now=utc_now())
    except (ConflictError, InvalidError) as error:
        flash(str(error), "failed")
    else:
        flash(_("记下了。接着抽到的聊天会说改没改好。"), "passed")
    return redirect(url_for("quality.chat", chat_review_id=found.id))


@bp.post("/reviews/<int:review_id>/aside")
@requires(*MARKERS)
def set_aside(review_id: int) -> ResponseReturnValue:
    """Say that a chat cannot be marked, and go on to the next.

    Raises:
        NotFoundError: If it is no review.
        InvalidError: Without a reason.
    """
    review = db.session.get(Review, review_id)
    if review is None:
        raise NotFoundError
    staff_of_or_404(review.team_id, *MARKERS)
    why = request.form.get("why", "")
    if why not in set(reviewing.Unfit):
        raise InvalidError(_("选一个原因。"))
    with transaction():
        reviewing.set_aside(review_id, reviewing.Unfit(why), by=viewer().id, now=utc_now())
    flash(_("记下了：这条评不了，也不换一条。"), "passed")
    return redirect(url_for("reviews.following", after=review_id))


@bp.post("/chats/choose/<int:conversation_id>")
@requires(*MARKERS)
def choose(conversation_id: int) -> ResponseReturnValue:
    """Put a chat of the archive into the queue and go on to its marking page."""
    return redirect(_chosen(conversation_id))


def _chosen(conversation_id: int) -> str:
    me = viewer()
    try:
        with transaction():
            review_id = reviewing.choose(
                conversation_id, team_ids=me.team_ids(*MARKERS), by=me.id, now=utc_now()
            )
    except ConflictError as error:
        flash(str(error), "failed")
        return url_for("chats.show", conversation_id=conversation_id)
    return url_for("reviews.page", review_id=review_id)


def mark_pasted(conversation_id: int) -> str:
    """Where a pasted chat leads on to; registered in ``chats.hooks.on_pasted``."""
    return _chosen(conversation_id)


def offer(review: Review) -> Markup | str:
    """The way from a marked chat to what the agent says of it; in ``review.hooks.on_done``."""
    if review.kind != reviewing.KIND:
        return ""
    page = render_template("quality/offer.html", chat_review_id=review.subject_id)
    return Markup(page)  # noqa: S704 - our own template


def _other_offers(review: Review) -> list[Markup | str]:
    """What others offer for a marked chat, as after its marking."""
    return [made for each in hooks.on_done if each is not offer and (made := each(review))]


def panel(conversation: ChatConversation) -> Markup:
    """The way from a chat of the archive to its review; registered in ``chats.hooks.panels``."""
    page = render_template("quality/choose.html", conversation=conversation)
    return Markup(page)  # noqa: S704 - our own template
