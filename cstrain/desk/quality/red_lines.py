"""Red lines of marked chats: told to managers once, and shown beside the people for a while.

Whether somebody goes on serving is a manager's to decide; no certificate is taken by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import render_template, url_for
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import aliased

from cstrain.core.evidence.models import Evidence
from cstrain.core.people.access import Role, Viewer, viewer
from cstrain.core.people.models import Identity
from cstrain.core.people.person_page import PersonPage
from cstrain.core.people.queries import people_with
from cstrain.core.review.blind import MARKERS, is_hidden_from
from cstrain.core.review.models import Review
from cstrain.desk.quality.reviewing import FLAG
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db
from cstrain.kit.outbox import tell

#: How long one is shown; as long as a gate's ``none_of`` looks back in the shipped pathways.
SHOWN_DAYS: Final = 30
_later, _beside = aliased(Evidence), aliased(Review)


@dataclass(frozen=True, slots=True)
class RedLine:
    """The newest red line of somebody.

    Attributes:
        chat_review_id: The chat in which it was touched.
        at: When the chat took place.
        url: The chat with its marks; None where the viewer may not read it.
    """

    person_id: int
    name: str
    chat_review_id: int
    at: datetime
    url: str | None


def recent(
    team_ids: Sequence[int], *, me: Viewer, now: datetime, person_id: int | None = None
) -> dict[int, RedLine]:
    """Whose chats touched a red line in the last days, the newest first. One statement.

    What a correction took back is none, and what the viewer still marks blind is not told.

    Args:
        team_ids: Of these teams.
        me: Who looks.
        now: The time.
        person_id: Only this person's; None for everybody's.
    """
    wanted = (
        select(Evidence.person_id, Evidence.team_id, Evidence.source_id, Evidence.at, Identity.name)
        .join(Identity, Identity.person_id == Evidence.person_id)
        .outerjoin(_later, _later.supersedes_id == Evidence.id)
        .where(
            _later.id.is_(None),
            Evidence.team_id.in_(team_ids),
            Evidence.activity == FLAG,
            Evidence.at >= now - timedelta(days=SHOWN_DAYS),
            Evidence.score == 0,
            ~is_hidden_from(me.id, Evidence.kind, Evidence.source_id),
        )
        .order_by(Evidence.at.desc(), Evidence.id.desc())
    )
    if person_id is not None:
        wanted = wanted.where(Evidence.person_id == person_id)
    readable = me.team_ids(*MARKERS)
    found: dict[int, RedLine] = {}
    for row in db.session.execute(wanted):
        may_read = row.person_id == me.id or row.team_id in readable
        url = url_for("quality.chat", chat_review_id=row.source_id) if may_read else None
        line = RedLine(row.person_id, row.name, row.source_id, row.at, url)
        found.setdefault(row.person_id, line)
    return found


def tell_managers(review: Review, *, by: int, now: datetime) -> None:
    """Tell the team's managers of the red line that stands of a marked chat, each once.

    Not who has just marked it, nor who still marks it blind.
    """
    flag_id = db.session.scalar(
        select(Evidence.id)
        .outerjoin(_later, _later.supersedes_id == Evidence.id)
        .where(
            _later.id.is_(None),
            Evidence.source_kind == "sampled_chat",
            Evidence.source_id == review.subject_id,
            Evidence.activity == FLAG,
            Evidence.score == 0,
        )
    )
    if flag_id is None:
        return
    blind = db.session.scalars(
        select(Review.for_person_id)
        .join(_beside, _beside.id == Review.beside_id)
        .where(
            _beside.kind == review.kind,
            _beside.subject_id == review.subject_id,
            Review.for_person_id.is_not(None),
            Review.state.in_(("open", "drafted")),
        )
    )
    managers = people_with(review.team_id, Role.MANAGER)
    for manager_id in set(managers) - {by, review.person_id, *blind}:
        tell(
            manager_id,
            "chat_red_line",
            f"evidence:{flag_id}",
            team_id=review.team_id,
            data={
                "person_id": review.person_id,
                "chat_review_id": review.subject_id,
                "flag_id": flag_id,
            },
            now=now,
        )


def of_person(page: PersonPage) -> Markup | str:
    """A line beside somebody's certificates; registered in ``pathway.hooks``. One statement."""
    if not page.is_here:
        return ""
    found = recent(page.team_ids, me=viewer(), now=utc_now(), person_id=page.id)
    if page.id not in found:
        return ""
    shown = render_template("quality/red_line.html", line=found[page.id])
    return Markup(shown)  # noqa: S704 - our own template
