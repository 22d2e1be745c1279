"""Files that a question shows, named so that the question can be shown anywhere.

In a file a picture is ``media/cup.png``, which means something only beside that file. A loaded
item says ``media/<digest>/cup.png`` instead; it can then be frozen, kept and shown for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from cstrain.core.items.item import Item

_FILE = re.compile(r"(?<=\]\()\s*(media/[^\s)]+)")


def pin(item: Item, files: Mapping[str, str]) -> Item:
    """Give the item with its files named by digest.

    Args:
        item: As it was written.
        files: Path relative to the item's file → digest. What is not in it stays as written.
    """
    if not files or not _FILE.search(repr(item)):
        return item
    pinned: Item = _pinned(item, files)
    return pinned


def _pinned(value: Any, files: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _FILE.sub(lambda match: _name(match[1], files), value)
    if isinstance(value, tuple):
        return tuple(_pinned(each, files) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{each.name: _pinned(getattr(value, each.name), files) for each in fields(value)},
        )
    return value


def _name(path: str, files: Mapping[str, str]) -> str:
    digest = files.get(path)
    return f"media/{digest}/{PurePosixPath(path).name}" if digest else path
