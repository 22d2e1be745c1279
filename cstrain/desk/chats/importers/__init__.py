"""Readers of what chat tools export, one module a tool.

An *adapter* turns a file into messages (``message.py``) and refusals; it knows one tool's names,
times and quirks and nothing of storing. ``open_source`` finds out encoding and format; ``FORMATS``
lists what can be read; a table of any other tool is read by a ``ColumnMapping``, which ``guess``
proposes from headings and values.
"""

from cstrain.desk.chats.importers.mapping import FIELDS, ColumnMapping, Guess, guess
from cstrain.desk.chats.importers.sources import (
    FORMATS,
    Detected,
    Source,
    detect,
    look,
    open_source,
    open_text,
)

__all__ = [
    "FIELDS",
    "FORMATS",
    "ColumnMapping",
    "Detected",
    "Guess",
    "Source",
    "detect",
    "guess",
    "look",
    "open_source",
    "open_text",
]
