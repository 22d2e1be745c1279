"""Records of JSON, however large the file, whatever stands around them. Pure.

Values are decoded one after the other: lines of JSON, several answers in one file, one long list,
or a list deep inside one answer. Of a list, one element at a time is in memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

#: A record with more characters is refused.
MAX_RECORD: Final = 16 << 20
#: So much of an answer is decoded whole, to know what stands around its list.
_MAX_ENVELOPE = 4 << 20
#: How a file of JSON begins.
STARTS = re.compile(r"[\ufeff\s]*(?:\{|\[\s*[{\[])")
_SKIPPED = re.compile(r"[\s,\ufeff]*")
_DECORATION = re.compile(r"\s*(?:```\w*|#.*)?\s*")
_NEXT_LINE = re.compile(r"\n[ \t]*\{")
_NEXT = re.compile(r"[,\[]\s*\{")
#: Letters that a cut word as ``false`` may be short of, and more.
_LONGEST_WORD = 16
_DECODER = json.JSONDecoder()

Refuse = Callable[..., None]


def dumped(value: Any) -> str:
    """A value as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Records:
    """Yields (line number, value, the value as it stands).

    Attributes:
        around: What the answer says beside the list whose elements come, text by key; empty where
            an answer is too large to be decoded whole.
    """

    def __init__(self, pieces: Iterator[str], list_keys: Sequence[str], refuse: Refuse) -> None:
        self.around: dict[str, str] = {}
        self._pieces = pieces
        self._refuse = refuse
        self._text = ""
        self._at = 0
        self._line = 1
        self._counted = 0
        self._is_over = False
        keys = "|".join(map(re.escape, list_keys))
        self._list = re.compile(rf'(?<!\\)"(?:{keys})"\s*:\s*\[') if keys else None

    def __iter__(self) -> Iterator[tuple[int, Any, str]]:
        while self._skip():
            match self._text[self._at]:
                case "[":
                    self._at += 1
                    yield from self._elements()
                case "{":
                    yield from self._object()
                case _:
                    self._noise()

    def _object(self) -> Iterator[tuple[int, Any, str]]:
        """One object at the top: itself, or the elements of its lists."""
        if not self._list:
            yield from self._one()
            return
        value, end, _is_cut = self._decoded(_MAX_ENVELOPE)
        self.around = {}
        found = self._list.search(self._text, self._at, end or len(self._text))
        if not found and end:
            raw = self._text[self._at : end]
            number = self._number()
            self._at = end
            yield number, value, raw
            return
        if not found:
            yield from self._one()
            return
        self.around = dict(_scalars(value)) if end else {}
        # All of an answer that could be decoded is in memory, so that positions do not move.
        while found:
            self._at = found.end()
            yield from self._elements(is_inner=True)
            if self._is_over or (end and self._at >= end):
                break
            found = self._list.search(self._text, self._at, end or len(self._text))
        if end:
            self._at = max(self._at, end)
        else:
            self._leave_line()

    def _elements(self, *, is_inner: bool = False) -> Iterator[tuple[int, Any, str]]:
        while self._skip():
            first = self._text[self._at]
            if first == "]":
                self._at += 1
                return
            if first in '{["-0123456789tfn':
                yield from self._one()
            elif is_inner:
                return
            else:
                self._noise()
        if not self._is_over:
            self._is_over = True
            self._refuse(self._number(), "cut_off")

    def _one(self) -> Iterator[tuple[int, Any, str]]:
        value, end, is_cut = self._decoded(MAX_RECORD)
        number = self._number()
        if end:
            raw = self._text[self._at : end]
            self._at = end
            yield number, value, raw
            return
        start = self._at
        found = None
        if is_cut:
            self._is_over = True
        else:
            found = _NEXT_LINE.search(self._text, start) or _NEXT.search(self._text, start + 1)
        self._at = found.end() - 1 if found else len(self._text)
        line_end = self._text.find("\n", start, self._at)
        shown = self._text[start : line_end if line_end > 0 else self._at]
        self._refuse(number, "cut_off" if is_cut else "bad_json", shown)

    def _decoded(self, limit: int) -> tuple[Any, int, bool]:
        """The value that begins here and its end; end 0 where it is none, True where it is cut."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                size = len(self._text) - self._at
                is_short = error.msg.startswith("Unterminated") or (
                    error.pos >= len(self._text) - _LONGEST_WORD
                )
                if not is_short or size > limit:
                    return None, 0, False
                if not self._more():
                    return None, 0, True
                while len(self._text) < 2 * size and self._more():
                    pass
            except RecursionError:
                return None, 0, False
            else:
                return value, end, False

    def _skip(self) -> bool:
        """Go to the next value; False at the end."""
        while True:
            found = _SKIPPED.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return True
            if not self._more():
                return False

    def _noise(self) -> None:
        """Refuse what is no JSON up to the end of its line."""
        line = self._leave_line()
        if not _DECORATION.fullmatch(line) and line.strip(" \t]},;"):
            self._refuse(self._number(), "noise", line)

    def _leave_line(self) -> str:
        """Step to the end of the line; gives what was left of it."""
        while (end := self._text.find("\n", self._at)) < 0:
            if len(self._text) - self._at > MAX_RECORD or not self._more():
                end = len(self._text)
                break
        line = self._text[self._at : end]
        self._number()
        self._at = end
        return line

    def _more(self) -> bool:
        piece = next(self._pieces, "")
        if not piece:
            return False
        self._number()
        self._text = self._text[self._at :] + piece
        self._counted = self._at = 0
        return True

    def _number(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line


def _scalars(value: Any) -> Iterator[tuple[str, str]]:
    """Keys and values of an answer outside of its lists, inner ones too."""
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _scalars(inner)
        elif isinstance(inner, str | int | float) and not isinstance(inner, bool):
            yield key, str(inner)
