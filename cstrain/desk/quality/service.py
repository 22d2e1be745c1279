"""Writes about plans in force and draws."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import aliased

from cstrain.core.catalogue.models import ContentBlob
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.core.people.models import Team
from cstrain.core.review.models import Review, ReviewMark
from cstrain.desk.quality import chance, lots, reviewing, sampling, versions
from cstrain.desk.quality import frame as frames
from cstrain.desk.quality.framing import frame_of_window
from cstrain.desk.quality.iso2859 import Inspection
from cstrain.desk.quality.models import ChatReview, SampledChat, SampleDraw, SamplingActivation
from cstrain.desk.quality.plan import Design, Plan, Window, draw_name
from cstrain.desk.quality.plan_file import load
from cstrain.desk.quality.queries import carried_into, plan_of
from cstrain.desk.quality.sampling import State
from cstrain.kit.db import db, insert_for, insert_row, run
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

IN_FORCE, REPLACED = "in_force", "replaced"
_SECRET_BYTES = 32
REASON_MAX = 200


def activate(
    team_id: int, plan: Plan, *, first_on: date, by: int | None, now: datetime
) -> SamplingActivation:
    """Put a version of a plan in force; the one before of the same slug ends with the day before.

    The secret is made here and nowhere else, before there is anything to draw from; show
    ``commitment`` at once.

    Args:
        team_id: The shop.
        plan: As published.
        first_on: The first local day to draw from.
        by: Who does it.
        now: The time.

    Raises:
        ConflictError: If this very version is in force.
    """
    db.session.get_one(Team, team_id, with_for_update=True)  # one at a time
    before = db.session.scalar(
        select(SamplingActivation).where(
            SamplingActivation.team_id == team_id,
            SamplingActivation.slug == plan.slug,
            SamplingActivation.ended_at.is_(None),
        )
    )
    if before is not None:
        if before.plan_digest == plan.digest:
            raise ConflictError(_("这个方案已经启用，没有改过。"))
        before.ended_at = now
        db.session.flush()
    secret = secrets.token_bytes(_SECRET_BYTES)
    row = SamplingActivation(
        team_id=team_id,
        slug=plan.slug,
        plan_digest=plan.digest,
        secret=secret,
        commitment=chance.commitment(secret),
        first_on=first_on,
        by_person_id=by,
        activated_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def keep(body: bytes) -> Plan:
    """Keep a plan that was made on a page, as published files are kept; gives it.

    Raises:
        ContentError: If it makes no sense.
    """
    plan = load(open_source("quality/page.md", File(digest_of(body), body), {}))
    run(
        insert_for(ContentBlob).on_conflict_do_nothing(index_elements=["digest"]),
        {"digest": plan.digest, "body": body},
    )
    return plan


def end(activation_id: int, *, team_id: int, now: datetime) -> None:
    """Draw by it no more; what it drew stays.

    Raises:
        NotFoundError: If the team has none such in force.
    """
    row = db.session.get(SamplingActivation, activation_id)
    if row is None or row.team_id != team_id or row.ended_at is not None:
        raise NotFoundError
    row.ended_at = now
    db.session.flush()


def draw(
    activation_id: int,
    window: Window,
    *,
    by: int | None,
    now: datetime,
    reason: str = "",
) -> int:
    """Carry a plan out on the conversations of a window; gives the draw's id.

    ``jobs.queue`` puts what was drawn into the queue, a few at a time.

    Args:
        activation_id: The plan in force, or one that it took the place of.
        window: Its days.
        by: Who does it; None for the schedule.
        now: The time.
        reason: Why it is drawn again, where it was drawn before; the draw before stays in the
            record.

    Raises:
        NotFoundError: If there is no such plan, or these days are not its own to draw.
        ConflictError: If the window was drawn and no reason is given.
        InvalidError: If there is nothing to draw from, or nothing else than before, which would
            be another throw of the dice; if so many lots were refused that the standard stops, or
            the reason is too long.
    """
    active = db.session.get(SamplingActivation, activation_id, with_for_update=True)
    if active is None or not versions.may_draw(active, window):
        raise NotFoundError
    drawn_before, digest_before = _drawn_before(activation_id, window)
    if drawn_before and not reason.strip():
        raise ConflictError(_("这几天已经抽过了。要重抽，写一句为什么。"))
    if len(reason) > REASON_MAX:
        raise InvalidError(_("为什么重抽，最多 %(most)s 字。", most=REASON_MAX))
    plan, team = plan_of(active.plan_digest), db.session.get_one(Team, active.team_id)
    frame = frame_of_window(active.team_id, team.timezone, window)
    if not len(frame):
        raise InvalidError(_("这几天没有聊天记录，没有可抽的。"))
    body = frames.canonical(frame)
    frame_digest = frames.digest(body)
    if frame_digest == digest_before:
        text = _("这几天的聊天和上次抽的时候一样，没有多也没有变。再抽只是碰运气，所以不重抽。")
        raise InvalidError(text)
    inspection = Inspection.NORMAL
    if plan.design is Design.LOT:
        lots_before = lots.lots_of(versions.of_lots(active))
        inspection = lots.next_inspection(lots_before, window.first_on)
    if inspection is Inspection.STOPPED:
        raise InvalidError(_("加严以后又退了五批，抽检停了。改好了，停用再启用，从头来过。"))
    number = drawn_before + 1
    seed = chance.seed_of(active.secret, window.name)
    state = State(carried_into(activation_id, window.first_on), inspection)
    done = sampling.draw(frame, plan, seed, draw_name(active.slug, window, number), state)
    run(
        update(SampleDraw)
        .where(
            SampleDraw.activation_id == activation_id,
            SampleDraw.first_on == window.first_on,
            SampleDraw.state == IN_FORCE,
        )
        .values(state=REPLACED)
    )
    draw_id = insert_row(
        SampleDraw,
        {
            "activation_id": activation_id,
            "team_id": active.team_id,
            "first_on": window.first_on,
            "last_on": window.last_on,
            "number": number,
            "reason": reason.strip(),
            "seed": seed,
            "rules": sampling.RULES,
            "carried": state.carried,
            "inspection": state.inspection.value,
            "left_over": done.left_over,
            "frame_count": len(frame),
            "agent_counts": Counter(frame.agents),
            "frame_digest": frame_digest,
            "frame": frames.packed(body),
            "by_person_id": by,
            "at": now,
        },
    )
    if done.drawn:
        run(
            insert(SampledChat),
            [
                {
                    "draw_id": draw_id,
                    "conversation_id": each.id,
                    "stratum": each.stratum,
                    "probability": each.probability,
                    "reasons": each.reasons,
                }
                for each in done.drawn
            ],
        )
    reviewing.count_chosen(draw_id)
    if number > 1:
        _take_back(activation_id, window)
    return draw_id


def _drawn_before(activation_id: int, window: Window) -> tuple[int, str]:
    """How often a window was drawn, and the digest of its frame the last time."""
    row = db.session.execute(
        select(SampleDraw.number, SampleDraw.frame_digest)
        .where(SampleDraw.activation_id == activation_id, SampleDraw.first_on == window.first_on)
        .order_by(SampleDraw.number.desc())
        .limit(1)
    ).first()
    return (row.number, row.frame_digest) if row else (0, "")


def _take_back(activation_id: int, window: Window) -> None:
    """Take out of the queue what only draws that were replaced took, as long as nobody is at it."""
    replaced, standing = aliased(SampleDraw), aliased(SampleDraw)
    kept = aliased(SampledChat)
    still_drawn = (
        select(kept.id)
        .join(standing, standing.id == kept.draw_id)
        .where(kept.conversation_id == ChatReview.conversation_id, standing.state == IN_FORCE)
        .exists()
    )
    rows = db.session.execute(
        select(Review.id, ChatReview.id)
        .join(ChatReview, ChatReview.id == Review.subject_id)
        .join(SampledChat, SampledChat.conversation_id == ChatReview.conversation_id)
        .join(replaced, replaced.id == SampledChat.draw_id)
        .where(
            Review.kind == reviewing.KIND,
            Review.state == "open",
            Review.supersedes_id.is_(None),
            Review.claimed_by.is_(None),
            ChatReview.by_person_id.is_(None),
            replaced.activation_id == activation_id,
            replaced.first_on == window.first_on,
            ~still_drawn,
        )
    ).all()
    review_ids, chat_ids = {row[0] for row in rows}, {row[1] for row in rows}
    run(delete(ReviewMark).where(ReviewMark.review_id.in_(review_ids)))
    run(delete(Review).where(Review.id.in_(review_ids)))
    run(delete(ChatReview).where(ChatReview.id.in_(chat_ids)))
