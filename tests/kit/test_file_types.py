"""What a file is, by its bytes: what is taken, and what only looks like it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from cstrain.kit import file_types
from tests.plugins.made_files import MADE, office, picture


@pytest.mark.parametrize("suffix", list(file_types.TYPES))
def test_every_type_that_is_taken_is_known_by_its_bytes(suffix: str) -> None:
    found = file_types.of(io.BytesIO(MADE[suffix]))

    assert found is file_types.TYPES[suffix]


def bomb() -> bytes:
    """A ZIP of a few kilobytes that unpacks to many megabytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(8_000_000))
    return made.getvalue()


def vast_picture() -> bytes:
    """A PNG of a few bytes that says it is 30 000 by 30 000."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(head))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + bytes(64),
        b"MZ" + bytes(500),
        b"\x89PNG\r\n\x1a\n",
        picture("PNG")[:20],
        b"\xff\xd8\xff" + bytes(40),
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"\x00\x00\x00\x18ftypheic" + bytes(16),
        b"\x00\x00\x00\x14ftypqt  " + bytes(16),
        b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska" + bytes(40),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        bomb(),
        vast_picture(),
        b"PK\x03\x04" + b"\xff" * 500,
        b"PK\x05\x06" + b"\xff" * 18,
        b"PK\x03\x04PK\x05\x06" + b"\xff" * 18,
        office("word/document.xml", "word/vbaProject.bin"),
        office("notes.xml"),
    ],
    ids=lambda body: repr(body[:4]),
)
def test_what_only_looks_like_it_is_not_taken(body: bytes) -> None:
    assert file_types.of(io.BytesIO(body)) is None


def test_a_table_inside_a_presentation_does_not_make_it_a_table() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("ppt/embeddings/a.xlsx", office("xl/workbook.xml"))
        archive.writestr("ppt/presentation.xml", "<a/>")

    found = file_types.of(made)

    assert found is file_types.TYPES["pptx"]
