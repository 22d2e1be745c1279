"""Tables on their way in: kept in the data folder from upload to import, a day at most.

A table lies under the person who brought it and a random token; beside it lies the report of its
dry run. Whoever confirms takes the report away, so that of two clicks only one imports.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import current_app, request
from werkzeug.formparser import FormDataParser

from cstrain.config import Settings
from cstrain.kit import duties
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

KEPT_FOR = timedelta(days=1)
#: So much may wait in all, and so much of the disk stays free for the database.
WAITING_BYTES = 16 * 1024**3
FREE_BYTES = 1024**3
NAME_MAX_LENGTH = 200
#: So much may be read within a request; some two hundred rows.
AT_ONCE_BYTES = 16 * 1024
#: Files and fields of one large upload, and what a file may hold before it goes to the disk.
_PARTS_MAX = 60
_IN_MEMORY_BYTES = 512 * 1024
_TOKEN = re.compile(r"\d{1,18}-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A table that somebody brought.

    Attributes:
        kind: What it holds, one plain word.
        owner_id: Who brought it.
        token: The team it is for and a name nobody can guess.
    """

    kind: str
    owner_id: int
    token: str

    @property
    def team_id(self) -> int:
        """The team it was brought for."""
        return int(self.token.partition("-")[0])

    @property
    def table(self) -> Path:
        """Where it lies, or has lain."""
        return _folder() / f"{self.kind}-{self.owner_id}-{self.token}"

    @property
    def _report(self) -> Path:
        return self.table.with_name(f"{self.table.name}.json")

    def data(self) -> bytes:
        """The table.

        Raises:
            NotFoundError: If it is gone.
        """
        try:
            return self.table.read_bytes()
        except FileNotFoundError:
            raise NotFoundError(_gone()) from None

    def tell(self, report: Mapping[str, Any]) -> None:
        """Keep the dry run's report."""
        unfinished = self._report.with_suffix(f".{secrets.token_hex(4)}")
        unfinished.write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
        unfinished.replace(self._report)

    def looked_at(self, text: str, url: str) -> dict[str, Any]:
        """What the job of its dry run tells: where the report is shown as long as it waits.

        Args:
            text: What has been done and what not.
            url: The report's page.
        """
        return {
            "text": text,
            "url": url,
            "label": _("看会发生什么"),
            "upload": self.kind,
            "go_on": True,
        }

    def report(self) -> dict[str, Any]:
        """The dry run's report.

        Raises:
            NotFoundError: If there is none (any more).
        """
        try:
            found: dict[str, Any] = json.loads(self._report.read_bytes())
        except FileNotFoundError:
            raise NotFoundError(_gone()) from None
        return found

    @property
    def is_waiting(self) -> bool:
        """Whether its dry run's report can be looked at."""
        return self._report.is_file()

    def take(self) -> None:
        """Take the report away: from here on it is being imported.

        Raises:
            NotFoundError: If somebody was quicker.
        """
        try:
            self._report.unlink()
        except FileNotFoundError:
            raise NotFoundError(_gone()) from None

    def forget(self) -> None:
        """Delete it."""
        self.table.unlink(missing_ok=True)
        self._report.unlink(missing_ok=True)


def check_room(fresh_bytes: int) -> None:
    """See that there is room for so much more.

    Raises:
        InvalidError: If too much waits already, or the disk is nearly full.
    """
    waiting = 0
    for file in _folder().iterdir():
        with suppress(FileNotFoundError):  # its import has just ended
            waiting += file.stat().st_size
    if waiting + fresh_bytes > WAITING_BYTES:
        raise InvalidError(
            _(
                "等着导入的文件已经有 %(there)s GB，最多放 %(most)s GB。"
                "先把传好的导入或取消；没人管的一天后自己清掉。",
                there=round(waiting / 1024**3, 1),
                most=WAITING_BYTES // 1024**3,
            )
        )
    if shutil.disk_usage(_folder()).free - fresh_bytes < FREE_BYTES:
        raise InvalidError(_("服务器的磁盘快满了，放不下这份文件。请告诉管理员。"))


def keep(kind: str, data: bytes, *, owner_id: int, team_id: int) -> Upload:
    """Keep a table.

    Raises:
        InvalidError: If there is no room, see ``check_room``.
    """
    check_room(len(data))
    made = Upload(kind, owner_id, f"{team_id}-{secrets.token_hex(16)}")
    made.table.write_bytes(data)
    return made


def find(kind: str, token: str, *, owner_id: int) -> Upload:
    """The owner's upload of a token; nothing says yet that it is still there.

    Raises:
        NotFoundError: If the token cannot be one.
    """
    if not _TOKEN.fullmatch(token):
        raise NotFoundError
    return Upload(kind, owner_id, token)


@duties.every(60, name="uploads.clear")
def clear_old(now: datetime) -> None:
    """Delete what nobody has confirmed within a day: names and phone numbers lie in it."""
    oldest_s = (now - KEPT_FOR).timestamp()
    for file in _folder().iterdir():
        with suppress(FileNotFoundError):  # its import has just ended
            if file.stat().st_mtime < oldest_s:
                file.unlink()


def let_in(limit_bytes: int) -> None:
    """Let this request bring so much; its files go to the data folder as they come.

    Before anything reads the body, which the check of the form's token does: from a blueprint's
    ``url_value_preprocessor``, for those alone who may upload there.
    """
    request.max_content_length = max(limit_bytes, request.max_content_length or 0)
    request.max_form_parts = _PARTS_MAX
    request.form_data_parser_class = _ToDisk


class _ToDisk(FormDataParser):
    """Reads a form whose files lie in the data folder; a system's own may be in memory."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "stream_factory": _passing_file})


def _passing_file(*_about: object, **_more: object) -> SpooledTemporaryFile[bytes]:
    """A file that is gone when it is closed."""
    return SpooledTemporaryFile(_IN_MEMORY_BYTES, "w+b", dir=str(_folder()))


def data_folder() -> Path:
    """The data folder, which whoever runs the site keeps."""
    settings: Settings = current_app.extensions["cstrain.settings"]
    return settings.var_dir


def _folder() -> Path:
    folder = data_folder() / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _gone() -> str:
    return _("这份表格已经导入过，或放了太久。请再上传一次。")


def shown_name(file_name: str | None) -> str:
    """A file's name as its owner knows it, without what cannot be stored or seen."""
    return "".join(char for char in file_name or "" if char.isprintable())[:NAME_MAX_LENGTH]
