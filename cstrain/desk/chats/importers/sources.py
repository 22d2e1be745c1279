"""Files opened for reading: their shape, encoding and format found out. Pure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from heapq import heappop
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Self

from cstrain.desk.chats.importers import delimited, generic, workbooks
from cstrain.desk.chats.importers.adapter import Format, Head
from cstrain.desk.chats.importers.encodings import Encoding, find
from cstrain.desk.chats.importers.formats import ALL
from cstrain.desk.chats.importers.inputs import Input
from cstrain.desk.chats.importers.mapping import ColumnMapping, Guess
from cstrain.desk.chats.importers.texts import storable
from cstrain.desk.chats.message import Refused, Role, SourceMessage
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _

FORMATS: Final = {each.name: each for each in ALL}
_HEAD_BYTES: Final = 1 << 18
_HEAD_ROWS: Final = 12
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"


class Detected(NamedTuple):
    """What a file was taken for.

    Attributes:
        format: A name of ``FORMATS``.
        encoding: Python's name of it; empty for a workbook.
        reason: A code (see ``words.py``).
        is_sure: Whether the format was told by what only it has.
    """

    format: str
    encoding: str
    reason: str
    is_sure: bool


class Source:
    """One file as messages and refusals, in its order; iterated once.

    Attributes:
        format: A name of ``FORMATS``.
        encoding: Python's name of it; empty for a workbook.
        reason: Why this format was chosen, a code.
        total_bytes: How large the file is.
    """

    def __init__(self, given: Input, detected: Detected, total_bytes: int) -> None:
        self.format = detected.format
        self.encoding = detected.encoding
        self.reason = detected.reason
        self.total_bytes = total_bytes
        self._given = given

    @property
    def position_bytes(self) -> int:
        """How much has been read, for a progress bar."""
        current = self._given.current
        if current is None:
            return 0
        return self.total_bytes if current.closed else current.tell()

    @property
    def mapping(self) -> ColumnMapping:
        """What was given, or guessed once reading has begun; for remembering it."""
        return self._given.mapping

    @property
    def speakers(self) -> dict[str, Role]:
        """Names, or values of the role's column, → role, as far as reading has gone."""
        return self._given.speakers

    @property
    def has_guessed_roles(self) -> bool:
        """Whether somebody should confirm who is the agent."""
        return self._given.is_guessed

    def __iter__(self) -> Iterator[SourceMessage | Refused]:
        refused = self._given.refused
        for item in FORMATS[self.format].read(self._given):
            while refused and refused[0][0] <= item.line:
                yield heappop(refused)[2]
            if self._given.is_json:
                _mend(item)
            yield item
        while refused:
            yield heappop(refused)[2]

    def look(self) -> Guess:
        """A guess of its mapping; see ``look``."""
        return generic.look(self._given)

    def close(self) -> None:
        """Close the file."""
        if self._given.current is not None:
            self._given.current.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _mend(item: SourceMessage | Refused) -> None:
    """Replace in a message's names and keys what no database keeps; its text is clean."""
    if isinstance(item, Refused):
        return
    told = f"{item.buyer}{item.account}{item.shop}{item.conversation}{item.message_id}"
    if item.extra:
        item.extra = {key: storable(value) for key, value in item.extra.items()}
    if storable(told) != told:
        for key in ("buyer", "account", "shop", "conversation", "message_id"):
            setattr(item, key, storable(getattr(item, key)))


def open_source(
    path: Path,
    *,
    name: str = "",
    format: str | None = None,  # noqa: A002 - the command's option is called so
    mapping: ColumnMapping | None = None,
    day: date | None = None,
) -> Source:
    """Open a file of chats.

    Args:
        path: The file.
        name: Its name where people gave it another one than ``path``.
        format: A name of ``FORMATS``; None to find it out.
        mapping: Columns and roles as people have said them; some formats need none.
        day: The day of times that come without one.

    Raises:
        InvalidError: If the file is empty, damaged, too large for its kind, of an old kind, or the
            format is unknown.
    """

    def opened() -> BinaryIO:
        return path.open("rb", buffering=0)

    size = path.stat().st_size
    return _source(opened, size, name or path.name, format, mapping, day)


def open_text(
    text: str,
    *,
    format: str | None = None,  # noqa: A002 - as of open_source
    mapping: ColumnMapping | None = None,
    day: date | None = None,
) -> Source:
    """Open text that somebody has pasted; see ``open_source``.

    Raises:
        InvalidError: If there is none.
    """
    data = text.encode("utf-8", "replace")

    def opened() -> BinaryIO:
        return io.BytesIO(data)

    return _source(opened, len(data), "", format, mapping, day)


def detect(path: Path, name: str = "") -> Detected:
    """What a file is, without reading its messages.

    Raises:
        InvalidError: If it is empty, damaged, too large for its kind or of an old kind.
    """
    with open_source(path, name=name) as source:
        return Detected(source.format, source.encoding, source.reason, _is_sure(source.reason))


def look(path: Path, name: str = "") -> Guess:
    """A guess of how the columns of a table, or the keys of JSON, are to be read.

    Raises:
        InvalidError: As ``open_source``, or if there are no headings.
    """
    with open_source(path, name=name, format="table") as source:
        return source.look()


def _is_sure(reason: str) -> bool:
    return reason not in {"json", "nothing_known"}


def _source(  # noqa: PLR0913, PLR0917 - as the two that call it
    opened: Callable[[], BinaryIO],
    size: int,
    name: str,
    wanted: str | None,
    mapping: ColumnMapping | None,
    day: date | None,
) -> Source:
    if wanted is not None and wanted not in FORMATS:
        raise InvalidError(
            _(
                "没有“%(name)s”这种格式。可选：%(names)s。",
                name=wanted,
                names=_("、").join(FORMATS),
            )
        )
    with opened() as file:
        start = file.read(_HEAD_BYTES)
        if not start.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
            raise InvalidError(_("这个文件是空的。"))
        if start.startswith(_OLD_WORKBOOK):
            raise InvalidError(_("这是旧版 .xls 或加了密码的表格。请另存为没有密码的 .xlsx 再传。"))
        is_workbook = start.startswith((b"PK\3\4", b"PK\5\6"))
        if is_workbook and _is_archive(file):
            raise InvalidError(_("这是压缩包。请先解压，再把里面的文件传上来。"))
        file.seek(0)
        encoding = Encoding("", is_clean=True) if is_workbook else find(file)
    text = "" if is_workbook else _start_of(start, encoding.name)
    given = Input(
        opened,
        name,
        _shape(text, is_workbook=is_workbook),
        encoding,
        mapping or ColumnMapping(),
        "\r" if "\r" in text and "\n" not in text else "\n",
        day,
    )
    if given.shape == "html" and size > workbooks.MAX_BYTES:
        raise InvalidError(_("文件太大了，最多 %(n)s MB。", n=workbooks.MAX_BYTES // 1024 // 1024))
    if wanted is not None:
        return Source(given, Detected(wanted, encoding.name, "named", is_sure=True), size)
    head = Head(name, given.shape, text, _first_rows(given, text))
    found, reason = _format(head)
    return Source(given, Detected(found.name, encoding.name, reason, _is_sure(reason)), size)


def _is_archive(file: BinaryIO) -> bool:
    """Whether a zip holds files of people's and is no document itself, whole or damaged."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError):
        return False
    return bool(names) and not names & {"[Content_Types].xml", "mimetype"}


def _start_of(start: bytes, encoding: str) -> str:
    """The first part of a text; a character that the cut has halved is left off."""
    text = start.decode(encoding, "ignore")
    return text.replace("\0", "").lstrip("\ufeff \t\r\n")


def _shape(text: str, *, is_workbook: bool) -> str:
    if is_workbook:
        return "workbook"
    head = text[:2000].casefold()
    is_html = head.startswith(("<html", "<!doctype html", "<table", "<meta", "<?xml"))
    return "html" if is_html or (head.startswith("<") and "<table" in head) else "text"


def _first_rows(given: Input, text: str) -> list[list[str]]:
    if given.shape == "text":
        lines = [line.rstrip("\r") for line in text.split("\n", 60) if line.strip()]
        numbered = list(enumerate(lines[:_HEAD_ROWS], start=1))
        delimiter = delimited.delimiter_of(lines[0]) if lines else ","
        rows = delimited.rows(iter(numbered), delimiter, 0, lambda _cells: False)
    elif given.shape == "html":
        rows = workbooks.html_rows([text])
    else:
        rows = workbooks.rows(given.opened())
    return [cells for _line, cells, _source in islice(rows, _HEAD_ROWS)]


def _format(head: Head) -> tuple[Format, str]:
    for each in ALL:
        reason = each.reason(head)
        if reason:
            return each, reason
    return FORMATS["table"], "nothing_known"
