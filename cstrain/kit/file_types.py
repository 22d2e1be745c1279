"""What a file really is, by its first bytes; its name is not asked. Nothing is unpacked."""

from __future__ import annotations

import re
import struct
import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

_MB = 1024 * 1024
#: More than this a browser could not show without harm: a small file may unpack to gigabytes.
_MAX_PIXELS = 50_000_000
_MAX_DIRECTORY_BYTES = _MB


class Group(StrEnum):
    """How a page shows it."""

    PICTURE = "picture"
    VIDEO = "video"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file that is taken.

    Attributes:
        suffix: The end of its name, without a dot; stored, never renamed.
        opens: Whether a browser shows it; any other is only saved.
        limit_bytes: The largest one that is taken.
    """

    suffix: str
    mime: str
    group: Group
    opens: bool = True

    @property
    def limit_bytes(self) -> int:
        """The largest one that is taken."""
        return (200 if self.group is Group.VIDEO else 20) * _MB


_OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES = {
    each.suffix: each
    for each in (
        FileType("png", "image/png", Group.PICTURE),
        FileType("jpg", "image/jpeg", Group.PICTURE),
        FileType("webp", "image/webp", Group.PICTURE),
        FileType("mp4", "video/mp4", Group.VIDEO),
        FileType("webm", "video/webm", Group.VIDEO),
        FileType("pdf", "application/pdf", Group.DOCUMENT),
        FileType("pptx", f"{_OFFICE}presentationml.presentation", Group.DOCUMENT, opens=False),
        FileType("xlsx", f"{_OFFICE}spreadsheetml.sheet", Group.DOCUMENT, opens=False),
        FileType("docx", f"{_OFFICE}wordprocessingml.document", Group.DOCUMENT, opens=False),
    )
}
LARGEST_BYTES = max(each.limit_bytes for each in TYPES.values())

_PICTURES = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpg": re.compile(rb"\xff\xd8\xff"),
    "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}
_FILMS = {
    # Other brands are pictures of phones, sound, or QuickTime, which few browsers play.
    "mp4": re.compile(rb".{4}ftyp(?:isom|iso[2-9]|mp4[12]|avc1|M4V |MSNV|dash)", re.DOTALL),
    "webm": re.compile(rb"\x1a\x45\xdf\xa3.{0,64}?\x42\x82[\x80-\xff]?.{0,7}?webm", re.DOTALL),
}
_ENTRY = rb"PK\x01\x02.{42}"
_OFFICE_PARTS = {
    "pptx": re.compile(_ENTRY + rb"ppt/presentation\.xml", re.DOTALL),
    "xlsx": re.compile(_ENTRY + rb"xl/workbook\.xml", re.DOTALL),
    "docx": re.compile(_ENTRY + rb"word/document\d*\.xml", re.DOTALL),
}


def of(file: BinaryIO) -> FileType | None:
    """The type of a file; None when it is none that is taken.

    Args:
        file: Open for reading; where it stands afterwards is not said.
    """
    file.seek(0)
    head = file.read(128)
    found = next((name for name, sign in _PICTURES.items() if sign.match(head)), None)
    if found is not None:
        return TYPES[found] if _can_be_shown(file, found) else None
    found = next((name for name, sign in _FILMS.items() if sign.match(head)), None)
    if found is None and head.startswith(b"%PDF-"):
        found = "pdf"
    if found is None and head.startswith(b"PK\x03\x04"):
        found = _office(file)
    return TYPES[found] if found else None


def _can_be_shown(file: BinaryIO, suffix: str) -> bool:
    """Whether it begins like a picture of sensible measures. Only its head is read."""
    from PIL import Image  # noqa: PLC0415 - only an upload needs it

    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            kinds = ["JPEG" if suffix == "jpg" else suffix.upper()]
            width, height = Image.open(file, formats=kinds).size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
        return False
    except Image.DecompressionBombError:
        return False
    return 0 < width * height <= _MAX_PIXELS


def _office(file: BinaryIO) -> str | None:
    """Which of the office's files a ZIP is, by the list of its parts at its end."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:  # noqa: PLR2004 - the size of that record
        return None
    length, start = struct.unpack_from("<II", tail, end + 12)
    if length > _MAX_DIRECTORY_BYTES or start + length > size:
        return None
    file.seek(start)
    parts = file.read(length)
    if b"[Content_Types].xml" not in parts or b"vbaProject.bin" in parts:
        return None
    return next((name for name, sign in _OFFICE_PARTS.items() if sign.search(parts)), None)
