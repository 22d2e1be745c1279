"""A small file of each type that a shop may add to a lesson."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from PIL import Image


def picture(kind: str) -> bytes:
    """A picture of four by three."""
    made = io.BytesIO()
    Image.new("RGB", (4, 3), "teal").save(made, kind)
    return made.getvalue()


def office(*parts: str) -> bytes:
    """A file of the office with these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", *parts):
            archive.writestr(name, "<a/>")
    return made.getvalue()


MADE: Mapping[str, bytes] = {
    "png": picture("PNG"),
    "jpg": picture("JPEG"),
    "webp": picture("WEBP"),
    "mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2mp41" + bytes(2_000),
    "webm": b"\x1a\x45\xdf\xa3\x93\x42\x86\x81\x01\x42\x82\x84webm" + bytes(200),
    "pdf": b"%PDF-1.7\n%%EOF\n",
    "pptx": office("ppt/presentation.xml"),
    "xlsx": office("xl/workbook.xml"),
    "docx": office("word/document.xml"),
}
