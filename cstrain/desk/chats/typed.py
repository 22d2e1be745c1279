"""What staff typed about chats: masked like a chat before it is kept, and they are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from flask import flash

from cstrain.desk.chats.importers import words
from cstrain.desk.chats.masking import mask
from cstrain.kit.i18n import gettext as _

_Key = TypeVar("_Key")


def kept(text: str | None) -> str:
    """A text of a form as it is kept; whoever sent it is told what was hidden in it."""
    return kept_all({"": text or ""})[""]


def kept_line(text: str | None, most: int) -> str:
    """Likewise as one paragraph of so many signs; cut only when it is masked."""
    return kept(" ".join((text or "").split()))[:most]


def kept_all(texts: Mapping[_Key, str], names: Iterable[str] = ()) -> dict[_Key, str]:
    """Several texts of one form as they are kept; see ``kept``.

    Args:
        texts: By whatever they are told apart by.
        names: Of people who are not to be told of either.
    """
    names = list(names)
    masked = {key: mask(text.strip(), names) for key, text in texts.items()}
    hidden = Counter[str]()
    for each in masked.values():
        hidden.update(each.counts)
    if hidden:
        what = _("、").join(map(words.masked, hidden))
        flash(_("您写的里面有%(what)s，存的时候遮住了。", what=what), "note")
    return {key: each.text for key, each in masked.items()}
