"""Which encoding a file has, found by reading all of it, in bounded memory. Pure."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO, Final, NamedTuple

_PIECE: Final = 1 << 20
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_WRITTEN = re.compile(rb"\0{16,}")


class Encoding(NamedTuple):
    """An encoding, by its Python name.

    Attributes:
        is_clean: Whether every byte of the file fits it. Where not, the encoding is the one that
            fits better, and lines that do not are refused.
    """

    name: str
    is_clean: bool


def find(file: BinaryIO) -> Encoding:
    """The encoding of a file that stands at its beginning; it is left there.

    A mark at the beginning decides, else NULs tell UTF-16, else UTF-8 and GB18030 are tried on
    the whole file, since the first Chinese character may stand at its end.
    """
    head = file.read(_PIECE)
    file.seek(0)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Encoding(name, _fits(file, name) is None)
    # A disk leaves NULs where a file was not written to its end; they tell of no UTF-16.
    head = _NOT_WRITTEN.sub(b"", head) if b"\0" in head else head
    failed_at = _fits(file, "utf-8")
    if b"\0" in head and _is_utf16(head, is_utf8=failed_at is None):
        name = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
        return Encoding(name, _fits(file, name) is None)
    if failed_at is None:
        return Encoding("utf-8", is_clean=True)
    if _is_damaged_utf8(file, failed_at):
        return Encoding("utf-8", is_clean=False)
    return Encoding("gb18030", _fits(file, "gb18030") is None)


def _is_utf16(head: bytes, *, is_utf8: bool) -> bool:
    """Whether NULs are halves of characters, and not some that a program left in a text.

    Plain letters have one each; Chinese has hardly any, but is no UTF-8 then, and its lines end
    with one.
    """
    if head.count(0) * 4 >= len(head):
        return True
    ends = head.count(b"\n\0") + head.count(b"\0\n")
    return not is_utf8 and ends * 2 >= head.count(b"\n")


def _fits(file: BinaryIO, name: str) -> int | None:
    """Where a file first does not fit an encoding; None where it fits. The file is left at 0."""
    decoder = codecs.getincrementaldecoder(name)()
    position = 0
    file.seek(0)
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
            position += len(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return position + error.start
    finally:
        file.seek(0)
    return None


def _is_damaged_utf8(file: BinaryIO, failed_at: int) -> bool:
    """Whether a file that is no clean UTF-8 is one all the same, by what stands around its fault.

    GB18030 makes something of nearly any bytes, UTF-8 of hardly any that are not its own.
    """
    file.seek(max(0, failed_at - _PIECE // 2))
    text = file.read(_PIECE).decode("utf-8", "surrogateescape")
    file.seek(0)
    faults = sum("\udc80" <= each <= "\udcff" for each in text)
    fitting = sum(not each.isascii() for each in text) - faults
    return fitting > faults
