"""Masking of one text. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cstrain.desk.chats.masking.accounts import accounts, mails
from cstrain.desk.chats.masking.addresses import addresses
from cstrain.desk.chats.masking.names import people
from cstrain.desk.chats.masking.numbers import may_hide, numbers
from cstrain.desk.chats.masking.views import Span, plain, shut
from cstrain.kit import masking as kit_masking

#: What is shown in place of each class.
SHOWN: Final[Mapping[str, str]] = {
    "phone": "〔电话〕",
    "id_card": "〔证件号〕",
    "bank_card": "〔银行卡〕",
    "address": kit_masking.ADDRESS,
    "name": kit_masking.NAME,
    "mail": kit_masking.MAIL,
    "account": "〔账号〕",
    "tracking": "〔运单号〕",
    "tax": "〔税号〕",
}
#: Nothing that is hidden is longer.
_EDGE_SIGNS: Final = 100
#: Longer parts of records are not kept in mind.
_RECORD_SIGNS: Final = 1000
_ALL_ONES: Final = str.maketrans("023456789", "111111111")
#: Which class stands where two claim the same signs; the first wins.
_RANK: Final = {
    what: rank
    for rank, what in enumerate(
        ("id_card", "tax", "mail", "phone", "tracking", "bank_card", "account", "name", "address")
    )
}


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without what tells who somebody is.

    Attributes:
        text: With placeholders.
        counts: How many of each class were hidden, by the classes of ``SHOWN``.
    """

    text: str
    counts: Mapping[str, int]


def mask(text: str, names: Iterable[str] = ()) -> Masked:
    """A text with what tells who somebody is replaced by what it is.

    Args:
        text: Any text.
        names: Names that are known to occur, in full; single characters are left out.
    """
    known = tuple({each.strip() for each in names})
    return hide(text, spans_of(text, known), known)


def mask_beginning(text: str) -> Masked:
    """The beginning of a longer text, masked.

    What is hidden may go on behind it, so its last signs are left out.
    """
    spans = spans_of(text)
    end = max(0, len(text) - _EDGE_SIGNS)
    end = min((span.start for span in spans if span.start < end < span.end), default=end)
    return hide(text[:end], [span for span in spans if span.end <= end])


def mask_record(text: str) -> str:
    """Part of a source's record, masked.

    Records of a source are alike but for their times and numbers, so what is found of one is kept
    for all of its form.
    """
    if not text:
        return text
    if len(text) <= _RECORD_SIGNS and _is_clean_form(text.translate(_ALL_ONES)):
        return text
    return mask(text).text


@lru_cache(maxsize=4096)
def _is_clean_form(text: str) -> bool:
    """Whether there is nothing to hide in any text that differs from this in its digits only."""
    view = plain(text)
    others = (mails, accounts, people, addresses)
    return not may_hide(view) and not any(found for find in others for found in find(view))


def hide(text: str, spans: Sequence[Span], known: Collection[str] = ()) -> Masked:
    """A text with spans hidden, and what shows only then; so masking it again changes nothing."""
    counts: Counter[str] = Counter()
    while spans:
        parts, behind = [], 0
        for start, end, what in spans:
            parts += [text[behind:start], SHOWN[what]]
            behind = end
            counts[what] += 1
        text = "".join(parts) + text[behind:]
        spans = spans_of(text, known)
    return Masked(text, counts)


def spans_of(text: str, known: Collection[str] = (), *, since: int = 0) -> list[Span]:
    """What is to be hidden in a text, in order, without overlaps.

    Args:
        text: Any text.
        known: Names that are known to occur.
        since: What ends before this position need not be found.
    """
    view = plain(text)
    found = [
        *numbers(view, since),
        *mails(view),
        *accounts(view),
        *people(view),
        *addresses(view, since),
    ]
    for name in known:
        if len(name) > 1 and name in text:
            found += (Span(*each.span(), "name") for each in re.finditer(re.escape(name), text))
    return _apart(found, shut(text)) if found else []


def _apart(found: Collection[Span], closed: Sequence[Span]) -> list[Span]:
    """The spans that stand when each sign may belong to one only, the first rank first.

    Args:
        found: In any order.
        closed: In order and apart; what overlaps them falls.
    """
    kept = list(closed)
    for span in sorted(found, key=lambda each: (_RANK[each.what], each.start - each.end)):
        at = bisect_left(kept, span)
        if (at == 0 or kept[at - 1].end <= span.start) and (
            at == len(kept) or span.end <= kept[at].start
        ):
            kept.insert(at, span)
    return [span for span in kept if span.what]
