"""Marked chats as a kind of evidence: what trainers see of them, and what gates ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import render_template, url_for
from markupsafe import Markup
from sqlalchemy import ColumnElement, ScalarSelect, select

from cstrain.core.catalogue import active
from cstrain.core.evidence.marks import Mark, Scored
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.core.people.access import may_see, viewer
from cstrain.core.people.models import Team
from cstrain.core.review.blind import MARKERS
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.rubric import Rubric
from cstrain.core.review.service import grades_of
from cstrain.core.review.subjects import About, Bound, MarkedKind
from cstrain.core.review.versions import rubric_of
from cstrain.core.review.words import level_words
from cstrain.desk.chats import queries as chats
from cstrain.desk.chats import shown
from cstrain.desk.chats.masking import mask
from cstrain.desk.chats.models import ChatAccount, ChatConversation, ChatMessage
from cstrain.desk.quality import (
    appeals,
    causes,
    deciding,
    listing,
    queries,
    red_lines,
    reviewing,
    seconds,
    words,
)
from cstrain.desk.quality.appeals import Appealed, Turned
from cstrain.desk.quality.hints import Hint, hints_of, messages_of
from cstrain.desk.quality.models import ChatReview
from cstrain.desk.quality.risk import Reason
from cstrain.desk.replies.words import words_of
from cstrain.kit.db import db
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import percent, pick


@dataclass(frozen=True, slots=True)
class Transcript:
    """A chat as it is marked.

    Attributes:
        lines: Its messages; none when it was erased.
        hints: By the line's number.
        reasons: Why it was looked at, in words.
        below: The figures of who is looked at more for answering fewer than the others, in
            words; empty for others.
    """

    chat: ChatReview
    conversation: ChatConversation | None
    lines: Sequence[shown.Line]
    hints: Mapping[int, Sequence[str]]
    reasons: Sequence[str]
    below: str = ""


class ChatKind(MarkedKind):
    """Chats that trainers mark, whatever for."""

    def kept(self, text: str) -> str:
        """What may have been copied from a chat is masked as chats are."""
        return mask(text).text

    def objections(
        self, rubric: Rubric, rows: Mapping[str, ReviewMark], bounds: Mapping[str, Bound]
    ) -> Mapping[str, str]:
        """That points were lost and no cause is given."""
        del bounds
        return causes.objections(rubric, grades_of(rows))


class ChatReviewKind(ChatKind):
    """A chat that was drawn or chosen and that a trainer has marked."""

    name = reviewing.KIND
    title: ClassVar[Mapping[str, str]] = {"zh": "聊天抽检", "en": "Sampled chats"}
    activities: ClassVar[Mapping[str, Mapping[str, str]]] = {
        reviewing.DRAWN: {"zh": "抽检的聊天", "en": "Sampled chats"},
        reviewing.CHOSEN: {"zh": "带教挑的聊天", "en": "Chats a trainer chose"},
        reviewing.FLAG: {"zh": "碰红线", "en": "Red line"},
    }

    def evidence_url(self, view: EvidenceView) -> str | None:
        """The page of the chat with its marks, for whoever may read it."""
        if view.source_id is None or not may_read(view.person_id, view.team_id):
            return None
        return url_for("quality.chat", chat_review_id=view.source_id)

    def own_url(self) -> str:
        """The agent's own marked chats."""
        return url_for("quality.mine")

    def render_review(self, review: Review) -> Markup:
        """The chat with its silences drawn as time, and what rules see in it. Four statements."""
        found = transcript(review.subject_id)
        return rendered(
            found,
            with_hints=True,
            review=review,
            appealed=shown_appeals(found.chat.id, review.rubric_digest) if review.is_appeal else (),
        )

    def settle_marks(
        self, review: Review, scored: Scored, marks: Mapping[str, Mark], *, by: int, now: datetime
    ) -> int:
        """Keep the evidence and the flag of a red line, and tell the managers of that one.

        Chance decides whether a second marking is asked for.
        """
        deciding.settle(review, scored, marks, by=by, now=now)
        evidence_id = reviewing.settle(review, scored, by=by, now=now)
        seconds.ask(review, is_drawn=review.activity == reviewing.DRAWN, by=by, now=now)
        if scored.failed_at_once:
            red_lines.tell_managers(review, by=by, now=now)
        return evidence_id

    def urgency(self) -> ColumnElement[int]:
        """A chat that something speaks for comes before the others."""
        return listing.urgency()

    def about(self, reviews: Sequence[Review]) -> Mapping[int, About]:
        """The day, the length and the reasons of all chats in a list. One statement."""
        return listing.about(reviews)

    def refuses(self, person_id: int) -> ColumnElement[bool]:
        """An appeal is decided by somebody else than who marked before."""
        return appeals.is_barred(person_id)

    def refusal(self) -> str:
        """That it is an appeal against one's own marks."""
        return _("这是对你的批改的申诉，由另一位带教来定。")

    def bounds(self, review: Review, rubric: Rubric) -> Mapping[str, Bound]:
        """In an appeal what stands; nothing ends below it. One statement there."""
        return deciding.bounds(review, rubric)

    def objections(
        self, rubric: Rubric, rows: Mapping[str, ReviewMark], bounds: Mapping[str, Bound]
    ) -> Mapping[str, str]:
        """In an appeal also what has no answer or would end lower."""
        return {
            **super().objections(rubric, rows, bounds),
            **deciding.objections(rubric, rows, bounds),
        }

    def may_withdraw(self, review: Review) -> bool:
        """An appeal must be decided."""
        return not review.is_appeal

    def agreement_parts(self, team_ids: Sequence[int]) -> Mapping[int, Markup]:
        """How many appeals changed a mark, by item and by who had marked. One statement."""
        found = appeals.turned(team_ids, me=viewer().id)
        return {team_id: _turned(*rows, level=3) for team_id, rows in found.items()}


KIND = ChatReviewKind()


def overturned(team_id: int) -> Markup | str:
    """How many appeals changed a mark in a team; empty before the first. One statement."""
    found = appeals.turned([team_id], me=viewer().id).get(team_id)
    return _turned(*found, level=2) if found else ""


def _turned(items: Sequence[Turned], markers: Sequence[Turned], *, level: int) -> Markup:
    page = render_template("quality/overturned.html", items=items, markers=markers, level=level)
    return Markup(page)  # noqa: S704 - our own template


def may_read(person_id: int, team_id: int) -> bool:
    """Whether the viewer may read the chats of somebody: one's own, and who marks in the team."""
    me = viewer()
    is_marker = not me.roles.get(team_id, frozenset()).isdisjoint(MARKERS)
    return may_see(person_id, team_id) and (me.id == person_id or is_marker)


def transcript(chat_review_id: int | ScalarSelect[int]) -> Transcript:
    """A chat as it is marked. Two statements."""
    wrote = (
        select(ChatMessage.account_id)
        .where(ChatMessage.conversation_id == ChatReview.conversation_id)
        .correlate(ChatReview)
    )
    rows = db.session.execute(
        select(
            ChatReview,
            ChatConversation,
            Team.slug,
            ChatAccount.id.label("account_id"),
            ChatAccount.name.label("account"),
            queries.frame_of_below(ChatReview.conversation_id).label("frame"),
        )
        .join(Team, Team.id == ChatReview.team_id)
        .outerjoin(ChatConversation, ChatConversation.id == ChatReview.conversation_id)
        .outerjoin(ChatAccount, ChatAccount.id.in_(wrote))
        .where(ChatReview.id == chat_review_id)
    ).all()
    chat, slug = rows[0].ChatReview, rows[0].slug
    conversation: ChatConversation | None = rows[0].ChatConversation
    reasons = [words.REASONS[each] for each in chat.reasons.split() if each in words.REASONS]
    below = _below(chat, rows[0].frame)
    if conversation is None:
        return Transcript(chat, None, (), {}, [str(each) for each in reasons], below)
    said = chats.messages_of([conversation.id])[conversation.id]
    hints = hints_of(
        messages_of(said, chat.account_id),
        words_of(active.for_team(slug)),
        precision=conversation.precision,
        numbers=[each.number for each in said],
    )
    return Transcript(
        chat,
        conversation,
        shown.stored(
            said, conversation.buyer_nick, {row.account_id: row.account for row in rows}, {}
        ),
        _by_line(hints),
        [str(each) for each in reasons],
        below,
    )


def _below(chat: ChatReview, frame: bytes | None) -> str:
    is_below = Reason.BELOW_AVERAGE in chat.reasons.split()
    standing = queries.standing_in(frame, chat.person_id) if is_below and frame else None
    if standing is None:
        return ""
    own, others = standing
    return _(
        "那几天有人问的 %(asked)s 段里回了 %(answered)s 段（%(own)s），同事合起来是 %(others)s。"
        "差得不像碰巧，所以多看几条。",
        asked=own.denominator,
        answered=own.numerator,
        own=percent(own.value or 0.0),
        others=percent(others.value or 0.0),
    )


def _by_line(hints: Sequence[Hint]) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = {}
    for hint in hints:
        found.setdefault(hint.line, []).append(words.hint(hint))
    return found


def rendered(
    found: Transcript,
    *,
    with_hints: bool,
    review: Review | None = None,
    appealed: Sequence[AppealView] = (),
) -> Markup:
    """A chat as HTML; its lines carry their numbers.

    Args:
        found: The chat.
        with_hints: Whether what rules see stands at its lines.
        review: The review whose page it stands on; None where it is only read.
        appealed: What the review decides.
    """
    page = render_template(
        "quality/transcript.html",
        found=found,
        with_hints=with_hints,
        review=review,
        appeals=appealed,
        unfit=words.UNFIT,
    )
    return Markup(page)  # noqa: S704 - our own template


@dataclass(frozen=True, slots=True)
class AppealView:
    """An appeal in words.

    Attributes:
        was: The level that is not agreed with.
        now: The level that was decided; empty before.
    """

    found: Appealed
    title: str
    was: str
    now: str


def shown_appeals(chat_review_id: int, rubric_digest: str) -> list[AppealView]:
    """The appeals of a chat in words. One statement."""
    rubric = rubric_of(rubric_digest)
    found = []
    for each in appeals.of_chat(chat_review_id):
        criterion = rubric.get(each.criterion)
        found.append(
            AppealView(
                each,
                pick(criterion.title) if criterion else each.criterion,
                level_words(criterion, each.was) if criterion else "",
                level_words(criterion, each.now) if criterion and each.is_decided else "",
            )
        )
    return found
