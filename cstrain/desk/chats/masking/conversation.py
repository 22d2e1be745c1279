"""Masking of a conversation's messages, which tell what each other mean. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from cstrain.desk.chats.masking.names import answered_name
from cstrain.desk.chats.masking.phones import USUAL_SHAPES
from cstrain.desk.chats.masking.text import SHOWN, hide, mask_record, spans_of
from cstrain.desk.chats.masking.views import DIGIT, Span
from cstrain.desk.chats.message import Role, SourceMessage

#: How many signs of what was said before are read with a message.
CONTEXT_SIGNS: Final = 40
#: Over how many messages of one speaker, with others' between, a number may be split.
SPLIT_PIECES: Final = 4
SPLIT_MESSAGES: Final = 6

#: So short a beginning may be no part of the address before it: ``3号发货``.
_TELLING_SIGNS: Final = 3
_GROUP: Final = 3
_MOBILE_DIGITS: Final = 11

#: How many messages may answer where something is to go.
_ANSWERS: Final = 5
_ASKS_ADDRESS = re.compile(r"地址(?!已|改好|没|不|错)|[寄发送]到?哪|住哪")
_ADDRESS_LABEL: Final = "地址："

_PREFIX = re.compile(r"cn(?:taobao|jd|alichn|tb)")
#: A platform's own key of a person is no name.
_CODE = re.compile(r"[0-9]{12,}|(?=.*[0-9])[0-9A-Fa-f-]{16,}")
_VALUE = re.compile(
    r"[0-9０-９A-Za-z@＠零〇幺]\W?[0-9０-９A-Za-z零〇一二三四五六七八九.@]{2}|[路区市镇村]"
)
#: Quicker, and finds wherever the one above does.
_MAYBE_VALUE = re.compile("[0-9０-９A-Za-z@＠零〇幺路区市镇村]")
_ENDS = re.compile(rf"(?<={DIGIT})[\s,，.。…~～\-—]{{0,4}}\Z")
_BEGINS = re.compile(rf"[\s,，.。…~～\-—]{{0,4}}(?={DIGIT})")
#: A text of so many signs stands in its record only as itself.
_OWN_SIGNS: Final = 8
_ESCAPED = re.compile(r"(?:\\u(?!00)[0-9a-fA-F]{4})+")


class _Piece(NamedTuple):
    """Where a message stands in one that is put together of several.

    Attributes:
        lead: How many of its first signs are left out.
        start: Its first position.
        end: The position behind its last.
    """

    lead: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MaskedMessage:
    """What may be kept of a message.

    Attributes:
        text: What was said, masked.
        source: The source's own line or record, masked the same way.
        buyer: The buyer's name as it may be shown.
        counts: How many of each class were hidden in ``text``.
    """

    text: str
    source: str
    buyer: str
    counts: Mapping[str, int]


def mask_conversation(messages: Sequence[SourceMessage]) -> list[MaskedMessage]:
    """What may be kept of a conversation's messages, in the same order.

    What was asked before tells what a number is, and one that is split over messages of one speaker
    is hidden in each. A buyer's name is shown as the platforms show it.
    """
    texts = [without_nick(each.text, each.buyer, said=True) for each in messages]
    spans = [_in_context(texts, at) for at in range(len(texts))]
    for at in range(1, len(texts)):
        if _BEGINS.match(texts[at]):
            _hide_split(messages, texts, spans, at)
        asked = texts[at - 1]
        if ("址" in asked or "哪" in asked) and _ASKS_ADDRESS.search(asked[-CONTEXT_SIGNS:]):
            _hide_answers(messages, texts, spans, at - 1)
    kept = []
    for message, text, found in zip(messages, texts, spans, strict=True):
        masked = hide(text, found)
        renamed = int(text != message.text)
        kept.append(
            MaskedMessage(
                masked.text,
                _masked_source(message, masked.text, found if not renamed else ()),
                shown_buyer(message.buyer),
                masked.counts if not renamed else Counter(masked.counts) + Counter(name=renamed),
            )
        )
    return kept


def shown_buyer(name: str) -> str:
    """A buyer's name as the platforms show it: ``景**``; what is no full name stays."""
    name = _PREFIX.sub("", name)
    return name if not name or "*" in name or _CODE.fullmatch(name) else name[0] + "**"


def _in_context(texts: Sequence[str], at: int) -> list[Span]:
    """What is to be hidden in a message, read with the two before it."""
    text = texts[at]
    if not at:
        return spans_of(text)
    if not (_MAYBE_VALUE.search(text) and _VALUE.search(text)):
        name = answered_name(texts[at - 1], text)
        return [name] if name else spans_of(text)
    before = "\n".join(each[-CONTEXT_SIGNS:] for each in texts[max(0, at - 2) : at]) + "\n"
    length = len(before)
    found = [
        Span(start - length, end - length, what)
        for start, end, what in spans_of(before + text, since=length)
        if end > length
    ]
    if not found or found[0].start >= 0:
        return found
    return _own(text, found)


def _own(text: str, found: Sequence[Span]) -> list[Span]:
    """What is to be hidden in a message when something there goes on from the one before.

    Of an address its part in this message is hidden; of a number that might be one by chance only
    what is one by itself.
    """
    crossing, *rest = found
    part = text[: crossing.end]
    is_telling = len(part) > _TELLING_SIGNS or part == text.rstrip()
    if crossing.what == "address" and is_telling and not part.isdecimal():
        rest.insert(0, Span(0, crossing.end, crossing.what))
    alone = [each for each in spans_of(text) if all(_are_apart(each, other) for other in rest)]
    return sorted((*rest, *alone))


def _hide_split(
    messages: Sequence[SourceMessage], texts: Sequence[str], spans: list[list[Span]], at: int
) -> None:
    """Hide a number that begins in earlier messages of the speaker and ends in this one."""
    is_buyer = messages[at].role is Role.BUYER
    own = [at]
    for earlier in range(at - 1, max(-1, at - 1 - SPLIT_MESSAGES), -1):
        if (messages[earlier].role is Role.BUYER) is not is_buyer:
            continue
        if not (_ENDS.search(texts[earlier]) and _BEGINS.match(texts[own[0]])):
            return
        own.insert(0, earlier)
        joined, pieces = _joined([texts[each] for each in own])
        for start, end, what in spans_of(joined, since=pieces[-1].start):
            is_split = start < pieces[0].end and end > pieces[-1].start
            if is_split and _is_grouped_well(joined[start:end]):
                for index, piece in zip(own, pieces, strict=True):
                    here = Span(
                        max(start, piece.start) - piece.start + piece.lead,
                        min(end, piece.end) - piece.start + piece.lead,
                        what,
                    )
                    spans[index] = _with(here, spans[index])
                return
        if len(own) == SPLIT_PIECES:
            return


def _hide_answers(
    messages: Sequence[SourceMessage], texts: Sequence[str], spans: list[list[Span]], asked: int
) -> None:
    """Hide an address that is given in several messages behind the one that asks for it."""
    is_buyer = messages[asked].role is Role.BUYER
    joined, starts = _ADDRESS_LABEL, []
    for at in range(asked + 1, min(asked + 1 + _ANSWERS, len(texts))):
        if (messages[at].role is Role.BUYER) is is_buyer or len(texts[at]) > CONTEXT_SIGNS:
            break
        starts.append(len(joined))
        joined += texts[at] + "\n"
    if len(starts) < 2:  # noqa: PLR2004 - one is read with the question
        return
    for start, end, what in spans_of(joined):
        if what != "address":
            continue
        for at, begin in enumerate(starts, asked + 1):
            here = Span(max(start - begin, 0), min(end - begin, len(texts[at])), what)
            if here.start < here.end:
                alone = all(each.what == what or _are_apart(each, here) for each in spans[at])
                spans[at] = _with(here, spans[at]) if alone else spans[at]


def _with(here: Span, spans: Sequence[Span]) -> list[Span]:
    """Spans and one more, which stands where they overlap it."""
    return sorted((*(each for each in spans if _are_apart(each, here)), here))


def _are_apart(one: Span, other: Span) -> bool:
    return one.end <= other.start or one.start >= other.end


def _is_grouped_well(number: str) -> bool:
    """Whether a split number's digits stand one by one, or in no groups that counts might be."""
    sizes = tuple(len(group) for group in re.findall("[0-9]+", number))
    return (
        max(sizes, default=1) == 1
        or sizes in USUAL_SHAPES
        or (sum(sizes) > _MOBILE_DIGITS and min(sizes[:-1], default=_GROUP) >= _GROUP)
    )


def _joined(texts: Sequence[str]) -> tuple[str, list[_Piece]]:
    """Texts with the digits at their ends put together, and where each stands in it."""
    pieces, joined = [], ""
    for at, text in enumerate(texts):
        begins = _BEGINS.match(text) if at else None
        ends = _ENDS.search(text) if at < len(texts) - 1 else None
        lead = begins.end() if begins else 0
        part = text[lead : ends.start() if ends else len(text)]
        pieces.append(_Piece(lead, len(joined), len(joined) + len(part)))
        joined += part
    return joined, pieces


def without_nick(text: str, nick: str, *, said: bool) -> str:
    """A text with the buyer's name as it may be shown.

    Args:
        text: What was said, or a source's record.
        nick: As the source gives it.
        said: Whether the text was said: a name of two Chinese signs may be a common word there, and
            one of digits a price.
    """
    if len(nick) < 2 or nick not in text:  # noqa: PLR2004 - one sign is no name
        return text
    shown = shown_buyer(nick)
    if shown == nick or (nick.isdecimal() and (said or len(nick) < 5)):  # noqa: PLR2004 - as QQ
        return text
    if said and len(nick) == 2 and not nick.isascii():  # noqa: PLR2004
        return text
    return _replaced(text, nick, shown)


def _replaced(text: str, old: str, new: str) -> str:
    """A text with a word replaced where it is no part of a longer one of letters and digits."""
    at = text.find(old)
    while at >= 0:
        end = at + len(old)
        if _is_inside(text[at - 1 : at], old[0]) or _is_inside(text[end : end + 1], old[-1]):
            at = text.find(old, at + 1)
        else:
            text = text[:at] + new + text[end:]
            at = text.find(old, at + len(new))
    return text


def _is_inside(beside: str, edge: str) -> bool:
    return (beside + edge).isascii() and beside.isalnum() and edge.isalnum()


def _masked_source(message: SourceMessage, masked: str, hidden: Collection[Span]) -> str:
    """A source's record, masked as its text is; escapes of Chinese signs are undone.

    Args:
        message: The message.
        masked: Its masked text.
        hidden: What was hidden in its text.
    """
    text, source = message.text, message.source
    if source == text:
        return masked
    if "\\u" in source:
        source = _ESCAPED.sub(_unescaped, source)
    is_itself = len(text) >= _OWN_SIGNS or (not hidden and source.count(text) == 1)
    before, found, behind = source.partition(text) if is_itself else ("", "", "")
    if found and not (before[-1:].isdigit() or behind[:1].isdigit()):
        around = (
            mask_record(without_nick(each, message.buyer, said=False)) for each in (before, behind)
        )
        return masked.join(around)
    for start, end, what in hidden:
        for form in (text[start:end], json.dumps(text[start:end], ensure_ascii=False)[1:-1]):
            source = _replaced(source, form, SHOWN[what])
    return mask_record(without_nick(source, message.buyer, said=False))


def _unescaped(found: re.Match[str]) -> str:
    """What JSON writes as escapes."""
    text: str = json.loads(f'"{found[0]}"')
    return text
