"""What rules see in a real chat, as hints for whoever marks it. Pure.

A hint stands at a line; a proposal fills in a mark that a person must still confirm. Nothing here
grades by itself, and whatever could go either way is left unclear.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from cstrain.core.evidence.marks import UNCLEAR, Proposal
from cstrain.desk.chats.message import Role as ChatRole
from cstrain.desk.chats.queries import Said
from cstrain.desk.chats.summary import LATE_S
from cstrain.desk.figures import kpi
from cstrain.desk.figures.promises import promises
from cstrain.desk.figures.signs import forbidden, lures
from cstrain.desk.figures.steps import Step, steps
from cstrain.desk.figures.transcript import Seen, own_lines
from cstrain.desk.replies.words import Word

_ROLES: Final = {
    ChatRole.BUYER: kpi.Role.BUYER,
    ChatRole.AGENT: kpi.Role.AGENT,
    ChatRole.AUTO: kpi.Role.AGENT,
    ChatRole.BOT: kpi.Role.ROBOT,
    ChatRole.SYSTEM: kpi.Role.SYSTEM,
}
_EXACT: Final = frozenset({"ms", "s"})


class Sort(StrEnum):
    """What a hint is about."""

    SLOW = "slow"
    UNANSWERED = "unanswered"
    NO_GREETING = "no_greeting"
    NOT_FOLLOWED_UP = "not_followed_up"
    FORBIDDEN = "forbidden"
    LURE = "lure"


@dataclass(frozen=True, slots=True)
class Hint:
    """Something seen at a line.

    Attributes:
        line: Its number, see ``Said.number``.
        text: The words it rests on; empty where it rests on none.
        wait_s: For ``SLOW`` how long the buyer waited, in seconds.
    """

    sort: Sort
    line: int
    text: str = ""
    wait_s: float | None = None


def messages_of(said: Sequence[Said], account_id: int | None = None) -> list[kpi.Message]:
    """A chat as the rules read it.

    Args:
        said: Its messages, in order.
        account_id: The agent who is marked; what colleagues wrote is a robot's to the rules, so
            that it answers nothing and says nothing. None takes every agent for the same.
    """
    made, at_s = [], 0.0
    first_ms = next((each.at_ms for each in said if each.at_ms is not None), 0)
    for each in said:
        if each.at_ms is not None:
            at_s = max(at_s, (each.at_ms - first_ms) / 1000)
        role = _ROLES[ChatRole(each.role)]
        is_other = account_id is not None and each.account_id not in {None, account_id}
        if role is kpi.Role.AGENT and is_other:
            role = kpi.Role.ROBOT
        made.append(kpi.Message(role, at_s, each.text or "", each.role == ChatRole.AUTO))
    return made


def hints_of(
    messages: Sequence[kpi.Message],
    words: Iterable[Word],
    *,
    precision: str,
    numbers: Sequence[int] = (),
) -> list[Hint]:
    """Every hint, in the order of the chat.

    Args:
        messages: See ``messages_of``.
        words: What agents of the shop must not say.
        precision: Of the chat's times; waits are told only where they are exact to the second.
        numbers: The lines' numbers; from 1 up where they are left out.
    """
    found: list[Hint] = []
    if precision in _EXACT:
        found += _waits(messages)
        found += [
            Hint(Sort.NOT_FOLLOWED_UP, each.index + 1, each.what)
            for each in promises(messages)
            if each.kept is Seen.NOT_SEEN
        ]
    first = next((index for index, _line in own_lines(messages)), None)
    if first is not None and steps(messages)[Step.GREET].seen is Seen.NOT_SEEN:
        found.append(Hint(Sort.NO_GREETING, first + 1))
    found += [
        Hint(Sort.FORBIDDEN, index + 1, messages[index].text[hit.start : hit.end])
        for index, hit in forbidden(messages, words)
    ]
    found += [
        Hint(Sort.LURE, each.index + 1, each.text)
        for each in lures(messages)
        if each.index is not None
    ]
    found.sort(key=lambda each: (each.line, each.sort))
    return [replace(each, line=numbers[each.line - 1]) for each in found] if numbers else found


def _waits(messages: Sequence[kpi.Message]) -> list[Hint]:
    found = []
    for each in kpi.rounds(messages, kpi.PRACTICE):
        if each.reply is None or each.wait_s is None:
            found.append(Hint(Sort.UNANSWERED, each.question + 1))
        elif each.wait_s > LATE_S:
            found.append(Hint(Sort.SLOW, each.reply + 1, wait_s=each.wait_s))
    return found


def proposals(
    messages: Sequence[kpi.Message], hints: Iterable[Hint], *, precision: str
) -> Mapping[str, Proposal]:
    """What rules propose, by the name of the rule.

    ``speed``: the share of turns answered within ``LATE_S``. ``follow_up``: whether every promise
    to come back was kept; without one it does not apply. ``greeting``: seen or not. ``forbidden``
    and ``lure`` only lead to lines: a word alone is no offence, and no list knows every one.
    """
    by_sort: dict[Sort, list[Hint]] = {}
    for each in hints:
        by_sort.setdefault(each.sort, []).append(each)

    def lines(*sorts: Sort) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(hint.line) for s in sorts for hint in by_sort.get(s, ())))

    found = {
        "greeting": _greeting(messages, lines(Sort.NO_GREETING)),
        "forbidden": Proposal(None, lines=lines(Sort.FORBIDDEN)),
        "lure": Proposal(None, lines=lines(Sort.LURE)),
    }
    if precision in _EXACT:
        found["speed"] = _speed(messages, lines(Sort.SLOW, Sort.UNANSWERED))
        found["follow_up"] = _follow_up(messages, lines(Sort.NOT_FOLLOWED_UP))
    return found


def _greeting(messages: Sequence[kpi.Message], lines: tuple[str, ...]) -> Proposal:
    if lines:
        return Proposal(0.0, lines=lines)
    seen = steps(messages)[Step.GREET].seen
    return Proposal(1.0) if seen is Seen.SEEN else UNCLEAR


def _speed(messages: Sequence[kpi.Message], lines: tuple[str, ...]) -> Proposal:
    rounds = kpi.rounds(messages, kpi.PRACTICE)
    if not rounds:
        return Proposal(None, is_na=True)
    in_time = sum(each.wait_s is not None and each.wait_s <= LATE_S for each in rounds)
    note = {
        "zh": f"{len(rounds)} 轮里 {in_time} 轮在 3 分钟内回",
        "en": f"{in_time} of {len(rounds)} turns answered within 3 minutes",
    }
    return Proposal(in_time / len(rounds), lines=lines, note=note)


def _follow_up(messages: Sequence[kpi.Message], lines: tuple[str, ...]) -> Proposal:
    if lines:
        return Proposal(0.0, lines=lines)
    found = promises(messages)
    if not found:
        return Proposal(None, is_na=True)
    return Proposal(1.0) if all(each.kept is Seen.SEEN for each in found) else UNCLEAR
