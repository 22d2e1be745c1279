"""A buyer's names, hidden in all of a conversation however a source writes them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from cstrain.desk.chats.importers.roles import is_word
from cstrain.desk.chats.masking import shown_buyer
from cstrain.desk.chats.message import Role, SourceMessage

#: Behind these letters a name may begin all the same: a platform's prefix, JSON's escapes.
_LEAD: Final = re.compile(r"(?:\\[nrt]|cn(?:taobao|tmall|jd|alichn))\Z", re.IGNORECASE)
_LEAD_SIGNS: Final = 8
#: A shorter name of digits is an amount as well; said, any is.
_NUMBER_SIGNS: Final = 5
#: A text of so many signs stands in its source only as itself.
_OWN_SIGNS: Final = 8


def hide(conversation: Sequence[SourceMessage]) -> int:
    """Show the buyer's names as the platforms do, in texts and sources, which are changed.

    Args:
        conversation: Of which keys were made already; they need the original.

    Returns:
        In how many texts a name stood.
    """
    told = {name.strip() for each in conversation for name in (each.buyer, *each.also_called)}
    names = sorted((name for name in told if _is_name(name)), key=len, reverse=True)
    changed = 0
    for each in conversation if names else ():
        text = each.text
        is_said = each.role is not Role.SYSTEM
        each.text = _shown(text, [name for name in names if not is_said or _is_telling(name)])
        each.source = "".join(_of_source(each.source, text, each.text, names))
        changed += text != each.text
    return changed


def _is_name(name: str) -> bool:
    if len(name) < 2 or is_word(name) or shown_buyer(name) == name:  # noqa: PLR2004 - one sign is no name
        return False
    return not name.isdecimal() or len(name) >= _NUMBER_SIGNS


def _is_telling(name: str) -> bool:
    """Whether it is hidden in what was said, too: there two Chinese signs may be a common word."""
    return not name.isdecimal() and (len(name) > 2 or name.isascii())  # noqa: PLR2004


def _of_source(source: str, text: str, shown: str, names: Sequence[str]) -> Iterator[str]:
    before, found, behind = source.partition(text)
    if found and (len(text) >= _OWN_SIGNS or source.count(text) == 1):
        yield from (_shown(before, names), shown, _shown(behind, names))
    else:
        yield _shown(source, names)


def _shown(text: str, names: Sequence[str]) -> str:
    for name in names:
        for form in _forms(name) if "\\u" in text else (name,):
            if form in text:
                text = _replaced(text, form, shown_buyer(name))
    return text


def _replaced(text: str, name: str, shown: str) -> str:
    """A text with a name replaced where it is no part of a longer word of letters and digits."""
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        is_part = _are_one_word(text[end : end + 1], name[-1]) or (
            _are_one_word(text[at - 1 : at], name[0])
            and not _LEAD.search(text, max(0, at - _LEAD_SIGNS), at)
        )
        if is_part:
            at = text.find(name, at + 1)
        else:
            text = text[:at] + shown + text[end:]
            at = text.find(name, at + len(shown))
    return text


def _are_one_word(one: str, other: str) -> bool:
    return (one + other).isascii() and one.isalnum() and other.isalnum()


def _forms(name: str) -> tuple[str, ...]:
    """A name as it is, and as JSON may escape it."""
    escaped = json.dumps(name)[1:-1]
    return name, escaped, re.sub(r"(?<=\\u)....", lambda found: found[0].upper(), escaped)
