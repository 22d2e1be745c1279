"""The frame of a window, read from the summaries of its conversations in three statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    and_,
    case,
    cast,
    extract,
    func,
    select,
)

from cstrain.core.people.models import Membership
from cstrain.desk.chats.models import ChatAccount, ChatConversation, ChatImport
from cstrain.desk.figures.kpi import Ratio
from cstrain.desk.quality.frame import Frame
from cstrain.desk.quality.plan import Window
from cstrain.desk.quality.risk import (
    LOW_RATING,
    NEW_HIRE_DAYS,
    Signs,
    Standing,
    clearly_below,
    reasons_of,
    standings,
)
from cstrain.kit.clock import day_start
from cstrain.kit.db import db, run

_LATE, _UNANSWERED, _REFUND, _COMPLAINT, _FORBIDDEN, _LOW, _ASKED = (1 << n for n in range(7))
_AFTER_SALE = _REFUND | _COMPLAINT


class _Agent(NamedTuple):
    """Whose an account is; the key is ``p`` and the person's id, or ``a`` and the account's."""

    key: str
    is_new: bool


def frame_of_window(team_id: int, timezone: str, window: Window) -> Frame:
    """Every conversation of the days of a window; one without a time is of the day it came in on.

    What is erased by now is not among them.

    An agent is a person, whatever accounts the person wrote with; an account that belongs to
    nobody is one by itself. How the replies of each stand beside those of the others is kept in
    the frame's notes.
    """
    agents = _agents(team_id, timezone, window)
    statement = _conversations(team_id, timezone, window)
    ids, accounts, began_s, flags = [], [], [], []
    # Row by row: all rows at once are so many objects that Python looks for garbage all the time.
    for id_, account, at, told in run(statement):
        ids.append(id_)
        accounts.append(account)
        began_s.append(at or 0)
        flags.append(told)
    counts = Counter(zip(accounts, flags, strict=True))
    found = standings(_rates(counts, agents))
    below = clearly_below(found)
    # By look-ups alone, because there may be a hundred thousand.
    keys = {account: agent.key for account, agent in agents.items()}
    is_new = {account: agent.is_new for account, agent in agents.items()}
    is_after_sale = {each: each & _AFTER_SALE > 0 for _account, each in counts}
    reasons = {(each, told): _reasons(told, agents[each], below) for each, told in counts}
    return Frame(
        ids=ids,
        agents=list(map(keys.__getitem__, accounts)),
        began_s=began_s,
        after_sale=list(map(is_after_sale.__getitem__, flags)),
        new_hire=list(map(is_new.__getitem__, accounts)),
        reasons=list(map(reasons.__getitem__, zip(accounts, flags, strict=True))),
        notes={"standings": {agent: _noted(each) for agent, each in found.items()}},
    )


def late_count(team_id: int, timezone: str, window: Window, at: datetime, frame_count: int) -> int:
    """How many conversations of a window came in after it was drawn from. One statement.

    Args:
        team_id: The shop.
        timezone: Its time zone.
        window: The days.
        at: When it was drawn from.
        frame_count: How many there were. Of a file that was just coming in then, it alone tells
            how many are new.
    """
    came_at = select(ChatImport.created_at).where(ChatImport.id == ChatConversation.import_id)
    now = _of_window(
        team_id, timezone, window, ChatConversation.id, came_at.scalar_subquery().label("came_at")
    ).subquery()
    row = db.session.execute(
        select(func.count(), func.count(case((now.c.came_at > at, 1)))).select_from(now)
    ).one()
    # What was erased since is missing in the first of them.
    return max(row[0] - frame_count, row[1])


def _conversations(
    team_id: int, timezone: str, window: Window
) -> CompoundSelect[int, int, int | None, int]:
    """Id, account, seconds and flags of those of a window, by id."""
    columns = (
        ChatConversation.id.label("id"),
        ChatConversation.account_id,
        _began_s(),
        _flags(),
    )
    return _of_window(team_id, timezone, window, *columns).order_by("id")


def _of_window(team_id: int, timezone: str, window: Window, *columns: Any) -> CompoundSelect[Any]:
    """Columns of the conversations of a window."""
    imports = select(ChatImport.id).where(
        ChatImport.team_id == team_id,
        ChatImport.created_at >= day_start(window.first_on, timezone),
        ChatImport.created_at < day_start(window.last_on + timedelta(days=1), timezone),
    )
    of_team = select(*columns).where(
        ChatConversation.team_id == team_id, ChatConversation.erased_by.is_(None)
    )
    dated = of_team.where(ChatConversation.day.between(window.first_on, window.last_on))
    undated = of_team.where(ChatConversation.day.is_(None), ChatConversation.import_id.in_(imports))
    return dated.union_all(undated)


def _agents(team_id: int, timezone: str, window: Window) -> dict[int, _Agent]:
    """The accounts of a team."""
    since = (
        select(func.min(Membership.since_at))
        .where(Membership.team_id == team_id, Membership.person_id == ChatAccount.person_id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(ChatAccount.id, ChatAccount.person_id, since).where(ChatAccount.team_id == team_id)
    )
    limit = day_start(window.first_on, timezone) - timedelta(days=NEW_HIRE_DAYS)
    return {
        id_: _Agent(f"a{id_}" if person_id is None else f"p{person_id}", bool(at and at > limit))
        for id_, person_id, at in rows
    }


def _began_s() -> ColumnElement[int | None]:
    """When a conversation began, in seconds since 1970; made by the database, which is quicker."""
    if db.engine.dialect.name == "sqlite":
        return cast(func.strftime("%s", ChatConversation.began_at), Integer)
    return func.floor(extract("epoch", ChatConversation.began_at)).cast(Integer)


def _flags() -> ColumnElement[int]:
    """What a conversation's summary tells, a bit each."""
    told = {
        _LATE: ChatConversation.late_count > 0,
        _UNANSWERED: ChatConversation.is_unanswered,
        _REFUND: ChatConversation.has_refund,
        _COMPLAINT: ChatConversation.has_complaint,
        _FORBIDDEN: ChatConversation.has_forbidden,
        _LOW: and_(ChatConversation.rating.is_not(None), ChatConversation.rating <= LOW_RATING),
        _ASKED: ChatConversation.round_count > 0,
    }
    flags: ColumnElement[int] = sum(
        (case((is_so, bit), else_=0) for bit, is_so in told.items()), start=cast(0, Integer)
    )
    return flags


def _rates(counts: Mapping[tuple[int, int], int], agents: Mapping[int, _Agent]) -> dict[str, Ratio]:
    """By agent how many of those who asked were answered."""
    asked, answered = Counter[str](), Counter[str]()
    for (account, flags), count in sorted(counts.items()):
        if flags & _ASKED:
            asked[agents[account].key] += count
            answered[agents[account].key] += 0 if flags & _UNANSWERED else count
    return {agent: Ratio(answered[agent], count) for agent, count in asked.items()}


def _reasons(flags: int, agent: _Agent, below: Collection[str]) -> str:
    return reasons_of(
        Signs(
            late_count=flags & _LATE,
            is_unanswered=bool(flags & _UNANSWERED),
            has_refund=bool(flags & _REFUND),
            has_complaint=bool(flags & _COMPLAINT),
            has_forbidden=bool(flags & _FORBIDDEN),
            rating=LOW_RATING if flags & _LOW else None,
            is_below=agent.key in below,
            is_new_hire=agent.is_new,
        )
    )


def _noted(standing: Standing) -> dict[str, Any]:
    """What is shown to an agent who is looked at more."""
    return {
        "place": standing.place,
        "own": [standing.own.numerator, standing.own.denominator],
        "others": [standing.others.numerator, standing.others.denominator],
    }
