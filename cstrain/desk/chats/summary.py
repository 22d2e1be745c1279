"""What there is to count of a conversation, made from its masked messages. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from cstrain.core.catalogue.catalogue import fold
from cstrain.desk.chats.message import Role
from cstrain.desk.figures import kpi
from cstrain.desk.replies.words import Word, hits

#: A round that waited longer is late.
LATE_S: Final = 180
_REFUND = re.compile(r"退款|退货|退钱|退掉|退回|退了吧|退换|退差价|不要了|取消订单")
_COMPLAINT = re.compile(
    r"投诉|举报|差评|12315|12345|工商局|市监|消协|维权|曝光|骗子|骗人|假货|欺骗|起诉|律师|赔偿|赔钱"
)
_BUYER, _AGENT, _BOT, _AUTO = (role.value for role in (Role.BUYER, Role.AGENT, Role.BOT, Role.AUTO))
_KPI_ROLES: Final = {
    _BUYER: kpi.Role.BUYER,
    _AGENT: kpi.Role.AGENT,
    _AUTO: kpi.Role.AGENT,
    _BOT: kpi.Role.ROBOT,
    Role.SYSTEM.value: kpi.Role.SYSTEM,
}


class Line(NamedTuple):
    """A message as the summary sees it.

    Attributes:
        role: One of ``message.Role``.
        at_ms: Milliseconds since 1970; None without a time.
        account_id: Whose account wrote it; None for a buyer's.
    """

    role: str
    at_ms: int | None
    text: str
    account_id: int | None


class Summary(NamedTuple):
    """See ``models.ChatConversation``, whose columns these are."""

    account_id: int
    began_ms: int | None
    ended_ms: int | None
    buyer_count: int
    agent_count: int
    bot_count: int
    auto_count: int
    account_count: int
    round_count: int
    answered_count: int
    late_count: int
    response_s: float
    first_response_s: float | None
    first_response_auto_s: float | None
    is_unanswered: bool
    has_forbidden: bool
    has_refund: bool
    has_complaint: bool


class Words:
    """The forbidden words of a team, quick to look for."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._words = tuple(words)
        self._forms = tuple({fold(form) for word in self._words for form in word.forms})

    def are_in(self, texts: Sequence[str]) -> bool:
        """Whether one of them is said in one of the texts, and is not harmless there."""
        if not self._forms:
            return False
        folded = fold("\n".join(texts))
        if not any(form in folded for form in self._forms):
            return False
        return any(hits(each, self._words) for each in texts)


def summarise(
    lines: Sequence[Line], words: Words, *, default_account_id: int, is_timed: bool
) -> Summary:
    """Count.

    Args:
        lines: The conversation's messages in their order.
        words: What agents must not say; only what people wrote is looked at.
        default_account_id: To whom the buyer wrote, where no account wrote back.
        is_timed: Whether the times are exact to the minute at least; without, waits are unknown.
    """
    counts, accounts, times = Counter[str](), Counter[int](), []
    own, asked = [], []
    for role, at_ms, text, account_id in lines:
        counts[role] += 1
        if at_ms is not None:
            times.append(at_ms)
        if role == _BUYER:
            asked.append(text)
        elif role == _AGENT:
            own.append(text)
            if account_id is not None:
                accounts[account_id] += 1
    practice, everybody = _rounds(lines)
    waits = [each.wait_s for each in practice if each.wait_s is not None]
    question = "\n".join(asked)
    return Summary(
        account_id=max(accounts, key=accounts.__getitem__) if accounts else default_account_id,
        began_ms=min(times, default=None),
        ended_ms=max(times, default=None),
        buyer_count=counts[_BUYER],
        agent_count=counts[_AGENT],
        bot_count=counts[_BOT],
        auto_count=counts[_AUTO],
        account_count=len(accounts),
        round_count=len(practice),
        answered_count=len(waits),
        late_count=sum(wait_s > LATE_S for wait_s in waits) if is_timed else 0,
        response_s=sum(waits) if is_timed else 0.0,
        first_response_s=waits[0] if waits and is_timed else None,
        first_response_auto_s=_first(everybody) if is_timed else None,
        is_unanswered=bool(practice) and not waits,
        has_forbidden=words.are_in(own),
        has_refund=_REFUND.search(question) is not None,
        has_complaint=_COMPLAINT.search(question) is not None,
    )


def _rounds(lines: Sequence[Line]) -> tuple[list[kpi.Round], list[kpi.Round]]:
    """The rounds as people answered them, and as anybody did.

    What somebody adds to one's own line begins and ends no round, so only the first one counts.
    """
    messages: list[kpi.Message] = []
    at_s, before, has_machine = 0.0, "", False
    for role, at_ms, _text, _account_id in lines:
        if role == before:
            continue
        before = role
        at_s = max(at_s, (at_ms or 0) / 1000)
        has_machine = has_machine or role in _MACHINES
        messages.append(kpi.Message(_KPI_ROLES[role], at_s, "", role == _AUTO))
    practice = kpi.rounds(messages, kpi.PRACTICE)
    return practice, kpi.rounds(messages, kpi.ALL_REPLIES) if has_machine else practice


_MACHINES: Final = frozenset({_AUTO, _BOT})


def _first(rounds: Iterable[kpi.Round]) -> float | None:
    return next((each.wait_s for each in rounds if each.wait_s is not None), None)
