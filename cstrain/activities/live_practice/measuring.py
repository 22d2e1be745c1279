"""From a finished session to figures, proposals for the rubric, and what to relearn. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cstrain.activities.live_practice.points import Chat, Point, State, Talk, deciding, points
from cstrain.activities.live_practice.scenario import LostReason, OutcomeKind
from cstrain.activities.live_practice.timing import whole_seconds
from cstrain.plugin import UNCLEAR, ContentRef, Proposal, Shortfall, kpi

#: Seconds to an answer → what it is worth. Source: 京东 asks for 30 s, 淘宝 for 3 minutes.
_IN_TIME: Final = ((30.0, 1.0), (60.0, 2 / 3), (180.0, 1 / 3))
#: What an ending is worth where it is not what the shop wants.
_HALF_WAY: Final[Mapping[OutcomeKind, float]] = {
    OutcomeKind.ORDERED_UNPAID: 2 / 3,
    OutcomeKind.LOST: 1 / 3,
    OutcomeKind.REFUND: 1 / 3,
}
#: Customers lost for these are lost by the agent.
_OWN_FAULT: Final = frozenset({LostReason.SLOW, LostReason.ATTITUDE})


@dataclass(frozen=True, slots=True)
class Measured:
    """What a session came to.

    Attributes:
        measures: Named figures; what is not defined (nobody was answered) is left out.
        points: Everything the rules saw, each tied to lines.
        proposals: Name of a rule → what it says for the rubric.
        shortfalls: What to relearn, worst first.
    """

    measures: Mapping[str, float]
    points: tuple[Point, ...]
    proposals: Mapping[str, Proposal]
    shortfalls: tuple[Shortfall, ...]


def measure(
    chats: Sequence[Chat], *, end_ms: int, midnight_s: float = 0.0, only_clear: bool = False
) -> Measured:
    """Measure a session.

    Args:
        chats: Everybody who came, in order.
        end_ms: When it was over.
        midnight_s: When a local midnight was, on the session's clock.
        only_clear: Propose from what is clear alone, for practice that nobody marks. Without, one
            doubtful point leaves its whole criterion to a person.
    """
    found = [
        point for chat in chats for point in points(chat, end_ms=end_ms, midnight_s=midnight_s)
    ]
    return Measured(
        measures=_measures(chats, found),
        points=tuple(found),
        proposals=_proposals(chats, found, only_clear=only_clear),
        shortfalls=_shortfalls(found),
    )


def _measures(chats: Sequence[Chat], found: Sequence[Point]) -> dict[str, float]:
    talks = [chat.messages for chat in chats]
    paid = [
        chat.ending.amount
        for chat in chats
        if chat.ending is not None and chat.ending.kind is OutcomeKind.PAID
    ]
    reply = kpi.answered_people(talks, kpi.PRACTICE)
    counted: dict[str, float | None] = {
        "customer_count": len(chats),
        "answered_count": reply.numerator,
        "reply_ratio": reply.value,
        "first_response_s": _mean_first(talks, kpi.PRACTICE),
        "first_response_all_s": _mean_first(talks, kpi.ALL_REPLIES),
        "mean_response_s": _mean(talks, kpi.PRACTICE),
        "mean_response_all_s": _mean(talks, kpi.ALL_REPLIES),
        "forbidden_count": _count(found, "forbidden"),
        "promise_count": _count(found, "promises", State.RIGHT, State.WRONG),
        "promises_kept_count": _count(found, "promises", State.RIGHT),
        "good_count": _count(found, "outcome", State.RIGHT),
        "paid_count": len(paid),
        "value_per_customer_yuan": kpi.value_per_customer(sum(paid), len(paid)).value,
        "typed_cpm": kpi.typed_cpm(_typed(chats)).value,
    }
    for rule in ("facts", "actions", "steps"):
        for state in State:
            counted[f"{rule}_{state.value}_count"] = _count(found, rule, state)
    return {name: float(value) for name, value in counted.items() if value is not None}


def _mean_first(talks: Sequence[Sequence[kpi.Message]], profile: kpi.Profile) -> float | None:
    waits = [kpi.first_response_s(talk, profile) for talk in talks]
    known = [wait for wait in waits if wait is not None]
    return sum(known) / len(known) if known else None


def _mean(talks: Sequence[Sequence[kpi.Message]], profile: kpi.Profile) -> float | None:
    return kpi.pooled(kpi.mean_response_s(talk, profile) for talk in talks).value


def _count(found: Sequence[Point], rule: str, *states: State) -> int:
    return sum(point.rule == rule and (not states or point.state in states) for point in found)


def _typed(chats: Sequence[Chat]) -> list[kpi.TypedLine]:
    """The lines that were typed; one without a time of typing tells nothing."""
    return [
        kpi.TypedLine(line.origin["typed_chars"], line.origin["typed_ms"] / 1000)
        for chat in chats
        for line in chat.own
        if line.origin.get("typed_chars") and line.origin.get("typed_ms")
    ]


def _proposals(
    chats: Sequence[Chat], found: Sequence[Point], *, only_clear: bool
) -> dict[str, Proposal]:
    talks = [chat.messages for chat in chats]
    by_rule: dict[str, list[Point]] = {}
    for point in found:
        by_rule.setdefault(point.rule, []).append(point)
    return {
        "facts": _facts(by_rule.get("facts", []), chats, only_clear=only_clear),
        "actions": _share(by_rule.get("actions", []), only_clear=only_clear),
        "steps": _share(by_rule.get("steps", []), only_clear=only_clear),
        "forbidden": _forbidden(by_rule.get("forbidden", []), chats),
        "promises": _promises(by_rule.get("promises", []), chats),
        "first_response": _speed(chats, _first_wait, _mean_first(talks, kpi.PRACTICE)),
        "mean_response": _speed(chats, _mean_wait, _mean(talks, kpi.PRACTICE)),
        "outcome": _outcomes(chats, by_rule.get("outcome", [])),
        "polarity": _polarity(chats),
    }


def _share(found: Sequence[Point], *, only_clear: bool) -> Proposal:
    """The share of right points; unclear where one is, not applicable where there is none."""
    if not found:
        return Proposal(None, is_na=True)
    right = sum(point.state is State.RIGHT for point in found)
    unclear = sum(point.state is State.UNCLEAR for point in found)
    lines = _lines(point for point in found if point.state is not State.RIGHT)
    note = {
        "zh": f"{len(found)} 处，对 {right} 处" + (f"，{unclear} 处规则看不准" if unclear else ""),
        "en": f"{right} of {len(found)} right"
        + (f", {unclear} the rules cannot tell" if unclear else ""),
    }
    clear = len(found) - unclear
    is_told = clear and (only_clear or not unclear)
    return Proposal(right / clear if is_told else None, lines=lines, note=note)


def _facts(found: Sequence[Point], chats: Sequence[Chat], *, only_clear: bool) -> Proposal:
    """The share of right facts; unclear too where a turn fell short in something else.

    What was said there may be another fact: the file asks for words there, or a branch took it.
    """
    share = _share(found, only_clear=only_clear)
    doubtful = () if only_clear else _fell_short(chats)
    if share.ratio is None or not doubtful:
        return share
    note = {
        "zh": f"{share.note['zh']}，别的话有说错或没说清的",
        "en": f"{share.note['en']}; something else was wrong or not clear",
    }
    return Proposal(None, lines=(*share.lines, *doubtful), note=note)


def _fell_short(chats: Sequence[Chat]) -> tuple[str, ...]:
    """Lines that ended a turn as wrong or unclear although no fact in them was wrong."""
    return tuple(
        str(line.id)
        for chat in chats
        for line in deciding(chat.own)
        if line.mark.get("turn") in {"wrong", "unclear"} and "wrong" not in _told(line)
    )


def _told(line: Talk) -> Collection[str]:
    facts: Mapping[str, str] = line.mark.get("facts", {})
    return facts.values()


def _forbidden(found: Sequence[Point], chats: Sequence[Chat]) -> Proposal:
    """Broken where the agent led off the platform, else for a person to see.

    No list of words sees every insult, so this is never proposed as kept.
    """
    if any(point.state is State.WRONG for point in found):
        return Proposal(0.0, lines=_lines(found), note=_to_look_at(found))
    nothing = {
        "zh": "词表里的词没有出现；轻慢、嘲讽规则看不全，您看一眼",
        "en": "None of the listed words; scorn in other words needs your eye",
    }
    return _for_a_person(found, (), nothing, chats)


def _promises(found: Sequence[Point], chats: Sequence[Chat]) -> Proposal:
    """For a person to see, with the promises that were not kept and all that was said wrongly.

    What was said wrongly may be promised, and a promise may stand in any words, so this is never
    proposed as kept.
    """
    wrong = [
        str(line.id)
        for chat in chats
        for line in chat.own
        if "wrong" in _told(line) or line.mark.get("turn") == "wrong"
    ]
    nothing = {
        "zh": "没有“一定”“保证”这类词，也没有说错的事实；答应了什么，您看一眼",
        "en": "No “certainly” or “guaranteed”, no wrong fact; what was promised needs your eye",
    }
    if wrong:
        nothing = {
            "zh": "有说错的话，看是不是许下了店里做不到的",
            "en": "Something was said wrongly; see whether it promised what the shop cannot keep",
        }
    doubtful = [point for point in found if point.state is not State.RIGHT]
    return _for_a_person(doubtful, wrong, nothing, chats)


def _for_a_person(
    found: Sequence[Point],
    lines: Sequence[str],
    nothing: Mapping[str, str],
    chats: Sequence[Chat],
) -> Proposal:
    """Unclear, with what there is to look at; not applicable where nothing was said."""
    if not any(chat.own for chat in chats):
        return Proposal(None, is_na=True)
    seen = tuple(dict.fromkeys((*_lines(found), *lines)))
    return Proposal(None, lines=seen, note=_to_look_at(found) if found else nothing)


def _to_look_at(found: Sequence[Point]) -> Mapping[str, str]:
    words = "、".join(dict.fromkeys(point.key for point in found))
    return {"zh": f"看一下：{words}", "en": f"To look at: {words}"}


def _first_wait(chat: Chat) -> float | None:
    return kpi.first_response_s(chat.messages, kpi.PRACTICE)


def _mean_wait(chat: Chat) -> float | None:
    return kpi.mean_response_s(chat.messages, kpi.PRACTICE).value


def _speed(
    chats: Sequence[Chat], wait_of: Callable[[Chat], float | None], mean_s: float | None
) -> Proposal:
    """The mean worth of the customers' waits; one who was never answered counts nothing.

    Args:
        chats: Everybody who came.
        wait_of: A customer's wait in seconds; None for one who was never answered.
        mean_s: The figure of the session, as its page shows it.
    """
    asking = [chat for chat in chats if kpi.rounds(chat.messages, kpi.PRACTICE)]
    if not asking:
        return Proposal(None, is_na=True)
    waits = [wait_of(chat) for chat in asking]
    worths = [0.0 if wait is None else _worth(wait) for wait in waits]
    known = [wait for wait in waits if wait is not None]
    mean = "–" if mean_s is None else whole_seconds(mean_s)
    slow = [chat for chat, worth in zip(asking, worths, strict=True) if worth < 1]
    lines = tuple(str(chat.own[0].id) for chat in slow if chat.own)
    note = {
        "zh": f"平均 {mean} 秒，{len(known)}/{len(asking)} 位有人回",
        "en": f"{mean} s on average, {len(known)} of {len(asking)} answered",
    }
    return Proposal(sum(worths) / len(worths), lines=lines, note=note)


def _worth(wait_s: float) -> float:
    return next((worth for limit_s, worth in _IN_TIME if wait_s <= limit_s), 0.0)


def _outcomes(chats: Sequence[Chat], found: Sequence[Point]) -> Proposal:
    endings = [chat.ending for chat in chats if chat.ending is not None]
    if not endings:
        return Proposal(None, is_na=True)
    worths = [
        1.0
        if ending.is_good
        else 0.0
        if ending.reason in _OWN_FAULT
        else _HALF_WAY.get(ending.kind, 0.0)
        for ending in endings
    ]
    good = sum(ending.is_good for ending in endings)
    note = {
        "zh": f"{len(endings)} 位里 {good} 位有好结果",
        "en": f"{good} of {len(endings)} ended well",
    }
    lines = _lines(point for point in found if point.state is State.WRONG)
    return Proposal(sum(worths) / len(worths), lines=lines, note=note)


def _polarity(chats: Sequence[Chat]) -> Proposal:
    """Whether something was said the wrong way round (可以退 for 不可以退)."""
    own = [line for chat in chats for line in chat.own]
    turned = [line for line in own if line.mark.get("reason") == "polarity"]
    if turned:
        return Proposal(0.0, lines=tuple(str(line.id) for line in turned))
    if not any(line.mark.get("facts") for line in own):
        return Proposal(None, is_na=True)
    is_doubtful = any(line.mark.get("turn") in {"wrong", "unclear"} for line in own)
    return UNCLEAR if is_doubtful else Proposal(1.0)


def _lines(found: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(line) for point in found for line in point.lines))


def _shortfalls(found: Sequence[Point]) -> tuple[Shortfall, ...]:
    """Sections in which something was wrong or missing; what is unclear is not held against one."""
    total: dict[str, int] = {}
    lost: dict[str, int] = {}
    for point in found:
        if point.section and point.state is not State.UNCLEAR:
            total[point.section] = total.get(point.section, 0) + 1
            lost[point.section] = lost.get(point.section, 0) + (point.state is not State.RIGHT)
    rows = [
        Shortfall(
            ContentRef(f"section:{section}"),
            count / total[section],
            total[section],
            "live_practice",
        )
        for section, count in lost.items()
        if count
    ]
    return tuple(sorted(rows, key=lambda row: (-row.lost_ratio, row.target)))
