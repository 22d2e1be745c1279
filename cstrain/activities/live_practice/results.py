"""What a closed session's page shows: figures, and every chat replayed with its marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sqlalchemy import Row

from cstrain.activities.live_practice import person, queries
from cstrain.activities.live_practice.measuring import Measured
from cstrain.activities.live_practice.points import Chat, Point, State, Talk
from cstrain.activities.live_practice.scenario import ActionCode, OutcomeKind, Scenario
from cstrain.activities.live_practice.spec import Settings
from cstrain.activities.live_practice.state import mark_words
from cstrain.activities.live_practice.words import (
    action_title,
    outcome_title,
    reason_title,
    step_title,
)
from cstrain.kit.chat import ChatLine, Voice
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import AttemptView, Proposal

#: Lines of one person that follow so soon are one burst.
BURST_MS: Final = 15_000
#: The turn of a line → the state by which it is shown.
_LOOKS: Mapping[str, str] = {
    "right": "passed",
    "asked": "passed",
    "wrong": "failed",
    "forbidden": "failed",
    "unclear": "needs_you",
}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of the replay.

    Attributes:
        number: Within the session, from 1, in the order shown.
        offset: Since the customer came, as 0:07; empty where a burst goes on.
        note: What the rules say of it; empty for nothing.
        look: ``passed``, ``failed``, ``needs_you``, or empty.
        model: What a veteran says here; on the last line of a turn.
    """

    number: int
    offset: str
    role: str
    kind: str
    text: str
    picture: str | None
    note: str = ""
    look: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """A point in words."""

    text: str
    look: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShownChat:
    """A customer of the replay.

    Attributes:
        ending: How it ended, in words.
        look: ``passed`` or ``failed``; ``in_progress`` where the session was over first.
        unanswered: What a veteran says where nothing was said at all.
        debrief: Markdown.
    """

    customer_id: int
    nick: str
    title: Mapping[str, str]
    ending: str
    look: str
    lines: tuple[ShownLine, ...]
    points: tuple[ShownPoint, ...]
    unanswered: str
    debrief: str


def chats_of(attempt: AttemptView, session: Row[Any]) -> list[Chat]:
    """Every chat of a session, in the order in which the customers came. Two statements."""
    customers = queries.customers_of(attempt.id)
    lines = queries.chats_of(queries.lines_of(attempt.id))
    scenarios = _scenarios(attempt, session)
    return [_chat(each, scenarios[each.scenario], lines.get(each.id, ())) for each in customers]


def _scenarios(attempt: AttemptView, session: Row[Any]) -> Mapping[str, Scenario]:
    return queries.finder(
        attempt,
        {slug: digest for slug, digest, *_rest in session.plan},
        is_played=Settings.from_json(session.settings).is_played,
    )


def _chat(customer: Row[Any], scenario: Scenario, lines: Sequence[Row[Any]]) -> Chat:
    condition: Mapping[str, Any] = customer.condition
    return Chat(
        customer_id=customer.id,
        scenario=scenario,
        lines=tuple(
            Talk(
                id=line.id,
                at_ms=line.at_ms,
                role=line.role,
                kind=line.kind,
                text=line.text,
                mark=line.mark or {},
                origin=line.origin or {},
                picture=line.picture or "",
            )
            for line in lines
        ),
        visits=frozenset(condition.get("visits", {})),
        state=str(condition.get("state", "")),
        ending=None if customer.ending is None else scenario.endings.get(customer.ending),
    )


def kept(measured: Measured, chats: Sequence[Chat]) -> dict[str, Any]:
    """What a closed session keeps, so that its page reads one row."""
    return {
        "measures": dict(measured.measures),
        "points": [point.to_json() for point in measured.points],
        "chats": [
            {
                "customer": chat.customer_id,
                "scenario": chat.scenario.slug,
                "visits": sorted(chat.visits),
                "state": chat.state,
                "ending": None if chat.ending is None else chat.ending.name,
                "lines": [asdict(line) for line in chat.lines],
            }
            for chat in chats
        ],
    }


def kept_chats(attempt: AttemptView, session: Row[Any]) -> list[Chat]:
    """The chats of a closed session as it keeps them."""
    scenarios = _scenarios(attempt, session)
    return [
        Chat(
            customer_id=each["customer"],
            scenario=scenarios[each["scenario"]],
            lines=tuple(Talk(**line) for line in each["lines"]),
            visits=frozenset(each["visits"]),
            state=each["state"],
            ending=scenarios[each["scenario"]].endings.get(each["ending"]),
        )
        for each in (session.result or {}).get("chats", ())
    ]


def kept_points(session: Row[Any]) -> list[Point]:
    """What the rules saw in a closed session, as it keeps it."""
    return [Point.from_json(each) for each in (session.result or {}).get("points", ())]


def said(chat: Chat) -> list[ChatLine]:
    """The lines of a chat as content writes them: in Chinese, with the time since the first."""
    voices = {
        "buyer": (Voice.CUSTOMER, "顾客"),
        "auto": (Voice.AUTO, "自动回复"),
        "system": (Voice.SYSTEM, "系统"),
    }
    lines = []
    for line in chat.lines:
        minutes, seconds = divmod(max(line.at_ms - chat.lines[0].at_ms, 0) // 1000, 60)
        voice, who = voices.get(line.role, (Voice.AGENT, "客服"))
        if line.kind == "action":
            voice, who = Voice.SYSTEM, "系统"
        text = f"{line.text} [图：{line.picture}]".strip() if line.picture else line.text
        lines.append(ChatLine(voice, who, text, f"{minutes}:{seconds:02}"))
    return lines


def numbers(chats: Sequence[Chat]) -> dict[int, int]:
    """Id of each line → its number within the session, from 1, in the order shown."""
    lines = (line for chat in chats for line in chat.lines)
    return {line.id: number for number, line in enumerate(lines, start=1)}


def numbered(proposal: Proposal, of: Mapping[int, int]) -> Proposal:
    """A proposal whose lines are numbered as people read them."""
    return replace(proposal, lines=tuple(str(of[int(line)]) for line in proposal.lines))


def shown(
    attempt: AttemptView, chats: Sequence[Chat], points: Sequence[Point], *, with_marks: bool
) -> list[ShownChat]:
    """The chats as a page shows them.

    Args:
        attempt: The attempt, closed.
        chats: The chats.
        points: What the rules saw.
        with_marks: Whether marks, points, a veteran's words and the debrief may be seen.
    """
    of = numbers(chats)
    own: dict[int, list[Point]] = {}
    for point in points if with_marks else ():
        own.setdefault(point.customer_id, []).append(point)
    unfinished = _unfinished(attempt)
    return [
        _shown(chat, own.get(chat.customer_id, []), of, unfinished, with_marks=with_marks)
        for chat in chats
    ]


def _shown(
    chat: Chat,
    points: Sequence[Point],
    of: Mapping[int, int],
    unfinished: str,
    *,
    with_marks: bool,
) -> ShownChat:
    models = _models(chat) if with_marks else {}
    ending = chat.ending
    look = "in_progress" if ending is None else "passed" if ending.is_good else "failed"
    return ShownChat(
        customer_id=chat.customer_id,
        nick=chat.scenario.customer.nick,
        title=chat.scenario.title,
        ending=_ending(chat, unfinished),
        look=look if with_marks else "in_progress",
        lines=tuple(
            replace(
                _line(chat, line, before, models.get(line.id, ""), with_marks=with_marks),
                number=of[line.id],
            )
            for before, line in zip((None, *chat.lines), chat.lines, strict=False)
        ),
        points=tuple(
            replace(_point(each), lines=tuple(of[line] for line in each.lines)) for each in points
        ),
        unanswered=_unanswered(chat) if with_marks else "",
        debrief=chat.scenario.debrief if with_marks else "",
    )


def _unfinished(attempt: AttemptView) -> str:
    """Why a customer was still there at the end: no time was left, or somebody ended it."""
    deadline, closed = attempt.deadline_at, attempt.closed_at
    if deadline is not None and closed is not None and closed >= deadline:
        return _("时间到，还没接完")
    return _("提前结束，还没接完")


def _ending(chat: Chat, unfinished: str) -> str:
    if chat.ending is None:
        is_played = isinstance(chat.scenario.endings, person.Endings)
        return _("没有说怎么结束") if is_played else unfinished
    said = outcome_title(chat.ending.kind)
    if chat.ending.kind is OutcomeKind.PAID and chat.ending.amount:
        return _("%(said)s，%(amount)s 元", said=said, amount=f"{chat.ending.amount:g}")
    if chat.ending.reason is not None:
        return _("%(said)s：%(why)s", said=said, why=reason_title(chat.ending.reason))
    return said


def _line(
    chat: Chat, line: Talk, before: Talk | None, model: str, *, with_marks: bool
) -> ShownLine:
    minutes, seconds = divmod(max(line.at_ms - chat.lines[0].at_ms, 0) // 1000, 60)
    turn = str(line.mark.get("turn", ""))
    return ShownLine(
        number=0,
        offset="" if _goes_on(line, before) else f"{minutes}:{seconds:02}",
        role=line.role,
        kind=line.kind,
        text=line.text,
        picture=line.picture or None,
        note=_note(chat, line) if with_marks else "",
        look=_LOOKS.get(turn, "") if with_marks else "",
        model=model,
    )


def _note(chat: Chat, line: Talk) -> str:
    """What the rules say of an agent's line; the mood in which a trainer said a customer's."""
    if line.mark:
        return mark_words(line.mark, chat.scenario)
    code = str(line.origin.get("mood", ""))
    mood = person.mood_title(code) if code != "calm" else ""
    return _("顾客这时：%(mood)s", mood=mood) if mood else ""


def _goes_on(line: Talk, before: Talk | None) -> bool:
    """Whether a line belongs to the burst of the one before it."""
    return (
        before is not None
        and before.role == line.role
        and before.kind == line.kind == "text"
        and line.at_ms - before.at_ms < BURST_MS
    )


def _models(chat: Chat) -> dict[int, str]:
    """The last line of each turn → what a veteran says in its state."""
    last: dict[Any, Talk] = {}
    for line in chat.own:
        if line.kind != "action" and line.mark.get("state") in chat.scenario.states:
            last[line.mark.get("turn_no")] = line
    found = {}
    for line in last.values():
        replies = chat.scenario.states[line.mark["state"]].good_replies
        if replies and replies[0] != line.text:
            found[line.id] = replies[0]
    return found


def _unanswered(chat: Chat) -> str:
    """What a veteran says in the state in which the customer was left alone."""
    tried = {line.mark.get("state") for line in chat.own}
    for name, state in chat.scenario.states.items():
        if name in chat.visits and name not in tried and state.good_replies:
            return state.good_replies[0]
    return ""


def _point(point: Point) -> ShownPoint:
    look = {
        State.RIGHT: "passed",
        State.WRONG: "failed",
        State.MISSING: "failed",
        State.UNCLEAR: "needs_you",
    }[point.state]
    return ShownPoint(point_words(point), look, point.lines)


def point_words(point: Point) -> str:
    """A point in words: what it is about, and how it stands."""
    state = {
        State.RIGHT: _("对"),
        State.WRONG: _("错"),
        State.MISSING: _("漏了"),
        State.UNCLEAR: _("看不准"),
    }[point.state]
    return _("%(what)s：%(state)s", what=_named(point), state=state)


def _named(point: Point) -> str:
    """What a point is about, in words."""
    if point.rule == "steps":
        return _("步骤 %(name)s", name=step_title(point.key))
    if point.rule == "actions":
        return _("操作 %(name)s", name=action_title(ActionCode(point.key)))
    if point.rule == "outcome":
        return _("结果 %(name)s", name=outcome_title(OutcomeKind(point.key)))
    if point.rule == "promises":
        return _("答应的“%(what)s”", what=point.key)
    if point.rule == "forbidden":
        return _("违禁“%(what)s”", what=point.key)
    return _("事实 %(name)s", name=point.key)
