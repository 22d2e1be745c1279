"""Pages of quality: a marked chat, as the agent and those who mark see it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from cstrain.core.people.access import Role, may_see, requires, viewer
from cstrain.core.review.result_view import of_subject
from cstrain.desk.chats.models import ChatConversation
from cstrain.desk.quality import kind, reviewing
from cstrain.desk.quality.models import ChatReview
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, NotFoundError

bp = Blueprint(
    "quality",
    __name__,
    url_prefix="/quality",
    template_folder="templates",
    static_folder="static",
    static_url_path="/files",
)
MARKERS = (Role.TRAINER, Role.MANAGER)


@bp.get("/chats/<int:chat_review_id>")
@requires()
def chat(chat_review_id: int) -> ResponseReturnValue:
    """A chat with its marks, for whom they are about and for staff."""
    found = _chat(chat_review_id)
    return render_template(
        "quality/chat.html",
        found=found,
        transcript=kind.rendered(kind.transcript(found.id), with_hints=False),
        review=of_subject(reviewing.KIND, found.id),
        is_own=found.person_id == viewer().id,
    )


def _chat(chat_review_id: int) -> ChatReview:
    """A chat that the viewer may see.

    Raises:
        NotFoundError: If there is none.
    """
    found = db.session.get(ChatReview, chat_review_id)
    if found is None or not may_see(found.person_id, found.team_id):
        raise NotFoundError
    return found


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


def panel(conversation: ChatConversation) -> Markup:
    """The way from a chat of the archive to its review; registered in ``chats.hooks.panels``."""
    page = render_template("quality/choose.html", conversation=conversation)
    return Markup(page)  # noqa: S704 - our own template
