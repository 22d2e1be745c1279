"""A buyer's names, hidden in all of a conversation however a source writes them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from cstrain.desk.chats.importers.roles import is_word
from cstrain.desk.chats.masking import shown_buyer
from cstrain.desk.chats.message import Role, SourceMessage

#: Before and behind a name of letters stand none, but for a platform's prefix or JSON's escapes.
_PREFIXES: Final = "".join(rf"|(?<=(?i:cn{each}))" for each in ("taobao", "tmall", "jd", "alichn"))
_BEFORE: Final = rf"(?:(?<![0-9A-Za-z])|(?<=\\[nrt]){_PREFIXES})"
_BEHIND: Final = r"(?![0-9A-Za-z])"
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
                text = _anywhere(form).sub(shown_buyer(name), text)
    return text


def _forms(name: str) -> tuple[str, ...]:
    """A name as it is, and as JSON may escape it."""
    escaped = json.dumps(name)[1:-1]
    return name, escaped, re.sub(r"(?<=\\u)....", lambda found: found[0].upper(), escaped)


@lru_cache(maxsize=1024)
def _anywhere(name: str) -> re.Pattern[str]:
    before = _BEFORE if name[0].isascii() and name[0].isalnum() else ""
    behind = _BEHIND if name[-1].isascii() and name[-1].isalnum() else ""
    return re.compile(before + re.escape(name) + behind)
