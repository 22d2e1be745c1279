"""A share of drawn chats is marked by two people, neither of whom sees the other's marks.

Chance decides which, by the plan's secret and not by a draw's seed, which stands on a page: nobody
knows before the first marks are done.
The first marks are the evidence and stay it; the second ones are kept beside them for
``agreeing`` and change nothing. Who is asked has marked this agent least, a trainer before a
manager; whoever has marked the chat before is never asked.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update

from cstrain.core.catalogue import active
from cstrain.core.evidence.marks import ReviewRequest
from cstrain.core.people.access import Role
from cstrain.core.people.models import Team
from cstrain.core.people.queries import people_with
from cstrain.core.review.models import Review
from cstrain.core.review.opening import About, open_for
from cstrain.core.review.versions import rubric_of
from cstrain.desk.chats import queries as chats
from cstrain.desk.chats.models import ChatConversation
from cstrain.desk.quality import chance, plan_queries, reviewing
from cstrain.desk.quality.hints import hints_of, messages_of, proposals
from cstrain.desk.quality.models import ChatReview, SampledChat, SampleDraw, SamplingActivation
from cstrain.desk.quality.queries import plan_of
from cstrain.desk.replies.words import words_of
from cstrain.kit.db import db, run
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _

log = logging.getLogger(__name__)

KIND: Final = "chat_second"
ACTIVITY: Final = "chat-second"
#: Who has not marked by then is asked no more.
LASTS: Final = timedelta(days=14)
_OPEN: Final = ("open", "drafted")


def ask(review: Review, *, is_drawn: bool, by: int, now: datetime) -> int | None:
    """Ask for a second marking of a chat that was marked just now, where chance wants one.

    Args:
        review: The first marks.
        is_drawn: Whether chance took the chat.
        by: Who gave them.
        now: The time.

    Returns:
        The second review; None where none is wanted, or nobody else may mark.
    """
    if not is_drawn or review.supersedes_id is not None:
        return None
    if not _is_wanted(review.subject_id):
        return None
    marker = _marker(review, by)
    if marker is None:
        return None
    about = About(
        kind=KIND,
        subject_id=review.subject_id,
        team_id=review.team_id,
        person_id=review.person_id,
        activity=ACTIVITY,
        for_person_id=marker,
        beside_id=review.id,
    )
    rubric = rubric_of(review.rubric_digest)
    return open_for(about, rubric, request_of(review.subject_id), now=now)


def request_of(chat_review_id: int) -> ReviewRequest:
    """What rules see in a chat now, for those who mark it blind.

    Raises:
        NotFoundError: If the chat is erased.
    """
    row = db.session.execute(
        select(ChatConversation, ChatReview.account_id, Team.slug)
        .join(ChatReview, ChatReview.conversation_id == ChatConversation.id)
        .join(Team, Team.id == ChatReview.team_id)
        .where(ChatReview.id == chat_review_id)
    ).first()
    if row is None:
        raise NotFoundError(_("这条聊天已经按规定删除。"))
    conversation, account_id, slug = row
    said = chats.messages_of([conversation.id])[conversation.id]
    messages = messages_of(said, account_id)
    hints = hints_of(
        messages,
        words_of(active.for_team(slug)),
        precision=conversation.precision,
        numbers=[each.number for each in said],
    )
    found = proposals(messages, hints, precision=conversation.precision)
    return ReviewRequest(reviewing.RUBRIC, found)


def _is_wanted(chat_review_id: int) -> bool:
    """Whether chance lets the chat fall into the share of a plan that drew it."""
    rows = db.session.execute(
        select(
            SampledChat.conversation_id, SamplingActivation.secret, SamplingActivation.plan_digest
        )
        .join(SampleDraw, SampleDraw.id == SampledChat.draw_id)
        .join(SamplingActivation, SamplingActivation.id == SampleDraw.activation_id)
        .join(ChatReview, ChatReview.conversation_id == SampledChat.conversation_id)
        .where(
            ChatReview.id == chat_review_id,
            SampleDraw.state == "in_force",
        )
    )
    return any(
        chance.number(chance.seed_of(row.secret, "second"), "second", row.conversation_id)
        < _share(row.plan_digest)
        for row in rows
    )


def is_wanted_in(team_id: int) -> bool:
    """Whether a team's plans in force want any chat marked by two; True before there are any."""
    running = plan_queries.in_force(team_id)
    return not running or any(_share(each.plan_digest) > 0 for each in running)


def _share(plan_digest: str) -> float:
    try:
        return plan_of(plan_digest).second_ratio
    except NotFoundError:  # marks must not be lost with it
        log.exception("the plan %s is not there: no second marking", plan_digest)
        return 0.0


def _marker(review: Review, by: int) -> int | None:
    """Who is asked: the fewest marks of this agent, then the fewest that wait; None for nobody."""
    trainers = people_with(review.team_id, Role.TRAINER)
    managers = people_with(review.team_id, Role.MANAGER)
    of_agent = func.count().filter(
        Review.person_id == review.person_id, Review.by_person_id.is_not(None)
    )
    waiting = func.count().filter(Review.state.in_(_OPEN))
    marker = func.coalesce(Review.by_person_id, Review.for_person_id)
    rows = db.session.execute(
        select(marker, of_agent, waiting)
        .where(
            Review.team_id == review.team_id,
            Review.kind.in_((reviewing.KIND, KIND)),
            marker.is_not(None),
        )
        .group_by(marker)
    )
    load: Mapping[int, tuple[int, int]] = {who: (marked, waits) for who, marked, waits in rows}
    ranked = sorted(
        (each not in trainers, *load.get(each, (0, 0)), each)
        for each in {*trainers, *managers} - {by, review.person_id}
    )
    return ranked[0][-1] if ranked else None


def end_old(*, now: datetime) -> None:
    """Ask no more for what has waited too long; it is left out of the figures."""
    run(
        update(Review)
        .where(Review.kind == KIND, Review.state.in_(_OPEN), Review.opened_at < now - LASTS)
        .values(state="withdrawn", claimed_by=None, claimed_at=None)
    )
