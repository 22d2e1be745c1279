"""A shop's own files in a lesson: pictures, films and documents that its trainers add.

The files lie in the data folder, ``lesson-files/<team>/<token>``; rows say which are shown where.
A token follows from the form that was sent and from what is in the file, so a form that is sent
twice adds nothing twice.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from sqlalchemy import bindparam, func, select, update

from cstrain.activities.lesson.models import LessonFile
from cstrain.kit import duties, file_types, uploads
from cstrain.kit.db import db, insert_for, run
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.file_types import FileType
from cstrain.kit.i18n import gettext as _

TITLE_MAX_LENGTH = 80
_FOLDER = "lesson-files"
#: So many files a shop shows in one lesson.
FILES_MAX = 60
#: What a file's name begins with until it is added.
_NEW = "new-"
_KEPT_FOR = timedelta(days=1)
_PIECE_BYTES = 256 * 1024
_IN_NO_NAME = re.compile(r'[\\/:*?"<>|]+')


@dataclass(frozen=True, slots=True)
class File:
    """A file as pages show it."""

    team_id: int
    token: str
    title: str
    kind: str
    byte_count: int

    @property
    def type(self) -> FileType:
        """What it is."""
        return file_types.TYPES[self.kind]

    @property
    def path(self) -> Path:
        """Where it lies."""
        return _folder(self.team_id) / self.token

    @property
    def name(self) -> str:
        """Its name when somebody saves it."""
        return f"{_IN_NO_NAME.sub('_', self.title)}.{self.kind}"

    @property
    def size(self) -> str:
        """Its size as people say it: 340 KB, 1.2 MB."""
        if self.byte_count < 1024 * 1024:
            return f"{max(1, round(self.byte_count / 1024))} KB"
        return f"{self.byte_count / 1024 / 1024:.1f} MB"


@dataclass(frozen=True, slots=True)
class Place:
    """Where files are shown.

    Attributes:
        lesson: The lesson's slug.
    """

    team_id: int
    lesson: str


# ---- Reads --------------------------------------------------------------------------------------

_COLUMNS = (
    LessonFile.team_id,
    LessonFile.token,
    LessonFile.title,
    LessonFile.kind,
    LessonFile.byte_count,
)
_SHOWN = (
    select(*_COLUMNS)
    .where(
        LessonFile.team_id.in_(bindparam("team_ids", expanding=True)),
        LessonFile.lesson == bindparam("lesson"),
        LessonFile.removed_at.is_(None),
    )
    .order_by(LessonFile.team_id, LessonFile.position, LessonFile.id)
)
_ONE = select(*_COLUMNS).where(
    LessonFile.token == bindparam("token"), LessonFile.removed_at.is_(None)
)


def shown(lesson: str, team_ids: Sequence[int]) -> Mapping[int, Sequence[File]]:
    """Team → what it shows in a lesson, in order; one statement, none before the first upload.

    A team that has never added anything has no folder, and to look for one costs next to nothing.
    """
    having = [team_id for team_id in team_ids if _folder(team_id).is_dir()]
    if not having:
        return {}
    found: dict[int, list[File]] = {}
    for row in run(_SHOWN, {"team_ids": having, "lesson": lesson}):
        found.setdefault(row.team_id, []).append(File(*row))
    return found


def find(token: str) -> File:
    """A file that is shown somewhere.

    Raises:
        NotFoundError: If there is none.
    """
    row = run(_ONE, {"token": token}).first()
    if row is None:
        raise NotFoundError
    return File(*row)


# ---- Writes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrived:
    """An upload that is on the disk and may be added.

    Attributes:
        path: Where it lies until then.
        digest: SHA-256 of it.
    """

    title: str
    type: FileType
    path: Path
    byte_count: int
    digest: str


def arrive(place: Place, file: BinaryIO, title: str) -> Arrived:
    """Look what an upload is, and lay it beside the team's files. Piece by piece.

    Args:
        place: Where it is to be shown.
        file: What has come.
        title: What people read, of a line.

    Raises:
        InvalidError: If it is of no type that is taken, or too large.
        OSError: If the disk does not take it.
    """
    byte_count = file.seek(0, 2)
    if not byte_count:
        raise InvalidError(_("这个文件是空的。"))
    type_ = file_types.of(file)
    if type_ is None:
        raise InvalidError(
            _(
                "认不出这是图片（png、jpg、webp）、视频（mp4、webm）、PDF 或 pptx、xlsx、docx。"
                "旧格式请先另存；带宏的不收。"
            )
        )
    if byte_count > type_.limit_bytes:
        most = type_.limit_bytes // 1024 // 1024
        raise InvalidError(_("超过 %(most)s MB 了，压缩后再传。", most=most))
    folder = _folder(place.team_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, digest = folder / f"{_NEW}{secrets.token_hex(8)}", hashlib.sha256()
    file.seek(0)
    try:
        with path.open("xb") as kept:
            while piece := file.read(_PIECE_BYTES):
                digest.update(piece)
                kept.write(piece)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return Arrived(title, type_, path, byte_count, digest.hexdigest())


def add(place: Place, arrived: Arrived, once: str, *, by: int, now: datetime) -> str | None:
    """Show a file at the end of the others. Inside ``transaction()``.

    Args:
        place: Where.
        arrived: What has come; its file is moved, or deleted when it is not needed.
        once: The name of the form that brought it.
        by: Who brought it.
        now: The time.

    Returns:
        Its token; None when this form has already added this file.

    Raises:
        ConflictError: If the lesson shows as many files as it may.
    """
    said = f"{place.team_id}\n{place.lesson}\n{once}\n{arrived.digest}"
    key = str(current_app.config["SECRET_KEY"]).encode()
    token = hmac.new(key, said.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]
    here = (LessonFile.team_id == place.team_id, LessonFile.lesson == place.lesson)
    count, last = run(
        select(func.count(), func.max(LessonFile.position)).where(
            *here, LessonFile.removed_at.is_(None)
        )
    ).one()
    if count >= FILES_MAX:
        arrived.path.unlink(missing_ok=True)
        raise ConflictError(_("一课里最多放 %(n)s 个文件，先移除不用的。", n=FILES_MAX))
    made = run(
        insert_for(LessonFile)
        .values(
            team_id=place.team_id,
            lesson=place.lesson,
            token=token,
            title=arrived.title,
            kind=arrived.type.suffix,
            byte_count=arrived.byte_count,
            position=(last or 0) + 1,
            added_by=by,
            added_at=now,
        )
        .on_conflict_do_nothing(index_elements=["token"])
        .returning(LessonFile.id)
    ).first()
    if made is None:
        arrived.path.unlink(missing_ok=True)
        return None
    arrived.path.replace(_folder(place.team_id) / token)
    return token


@duties.daily(4, name="lesson.forget_unfinished_files")
def forget_unfinished(now: datetime) -> None:
    """Delete what was never added, because the process died in between."""
    oldest_s = (now - _KEPT_FOR).timestamp()
    for path in uploads.data_folder().glob(f"{_FOLDER}/*/{_NEW}*"):
        if path.stat().st_mtime < oldest_s:
            path.unlink(missing_ok=True)


def rename(place: Place, token: str, title: str) -> None:
    """Give a file another title. Inside ``transaction()``.

    Raises:
        NotFoundError: If it is not shown there.
    """
    _change(place, token, title=title)


def remove(place: Place, token: str, *, now: datetime) -> None:
    """Show a file no more. Inside ``transaction()``; ``forget`` deletes it afterwards.

    Raises:
        NotFoundError: If it is not shown there.
    """
    _change(place, token, removed_at=now)


def forget(place: Place, token: str) -> None:
    """Delete a removed file from the disk, once its removal is committed."""
    (_folder(place.team_id) / token).unlink(missing_ok=True)


def move(place: Place, token: str, step: int) -> None:
    """Move a file past its neighbour. Inside ``transaction()``.

    Args:
        place: Where.
        token: Which.
        step: -1 towards the beginning, 1 towards the end; at the end nothing happens.

    Raises:
        NotFoundError: If it is not shown there.
    """
    rows = db.session.scalars(
        select(LessonFile)
        .where(
            LessonFile.team_id == place.team_id,
            LessonFile.lesson == place.lesson,
            LessonFile.removed_at.is_(None),
        )
        .order_by(LessonFile.position, LessonFile.id)
        .with_for_update()
    ).all()
    order = list(rows)
    at = next((n for n, row in enumerate(order) if row.token == token), None)
    if at is None:
        raise NotFoundError(_gone())
    to = min(max(at + step, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    for position, row in enumerate(order, start=1):
        row.position = position


def _change(place: Place, token: str, **values: object) -> None:
    made = run(
        update(LessonFile)
        .where(
            LessonFile.token == token,
            LessonFile.team_id == place.team_id,
            LessonFile.lesson == place.lesson,
            LessonFile.removed_at.is_(None),
        )
        .values(**values)
    )
    if not made.rowcount:
        raise NotFoundError(_gone())


def title_of(name: str) -> str:
    """A title from the name of a file, or from what somebody wrote: one clean line."""
    text = unicodedata.normalize("NFC", "".join(each for each in name if each.isprintable()))
    return " ".join(text.split())[:TITLE_MAX_LENGTH].strip()


def title_of_file(name: str) -> str:
    """The title of a file that nobody has given one: its name, without folders and suffix."""
    last = re.split(r"[\\/]", name)[-1]
    stem, _dot, suffix = last.rpartition(".")
    return title_of(stem if stem and len(suffix) <= 5 else last) or _("没有名字的文件")  # noqa: PLR2004


def _folder(team_id: int) -> Path:
    return uploads.data_folder() / _FOLDER / str(team_id)


def _gone() -> str:
    return _("这份资料已经移除了。")
