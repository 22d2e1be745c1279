"""A file on its way up, piece by piece, so that a lost network costs one piece and no more.

Until it is whole it lies under a name of its own, so that nothing reads, grows or throws away what
is being looked at or imported.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from cstrain.kit import uploads
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.uploads import Upload, check_room

PIECE_BYTES: Final = 8 * 1024 * 1024
MAX_BYTES: Final = 4 * 1024 * 1024 * 1024


def begin(kind: str, size: int, *, owner_id: int, team_id: int) -> Upload:
    """Begin a file of so many bytes.

    Raises:
        InvalidError: If it is empty or too large, or there is no room for it.
    """
    if size <= 0:
        raise InvalidError(_("这个文件是空的。"))
    if size > MAX_BYTES:
        raise InvalidError(_too_large())
    check_room(size)
    begun = uploads.keep(kind, b"", owner_id=owner_id, team_id=team_id)
    begun.table.rename(_part(begun))
    return begun


def _part(upload: Upload) -> Path:
    return upload.table.with_name(f"{upload.table.name}.part")


def received(upload: Upload) -> int:
    """How many bytes of a file are there, on its way or whole.

    Raises:
        NotFoundError: If it was given up or cleared away, or never begun.
    """
    for path in (_part(upload), upload.table):  # it is renamed from the first to the second
        with suppress(FileNotFoundError):
            return path.stat().st_size
    raise NotFoundError(_gone())


def add(upload: Upload, offset: int, piece: bytes) -> int:
    """Add a piece behind what is there; one that was added already changes nothing.

    Returns:
        How many bytes are there now.

    Raises:
        NotFoundError: If it is on its way no more.
        ConflictError: If the piece would leave a gap.
        InvalidError: If the file becomes too large, or there is no room for it.
    """
    if offset + len(piece) > MAX_BYTES:
        raise InvalidError(_too_large())
    try:
        file = _part(upload).open("r+b")
    except FileNotFoundError:
        raise NotFoundError(_gone()) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        there = file.seek(0, os.SEEK_END)
        if offset > there:
            raise ConflictError(_("少了一段，请从断开的地方接着传。"))
        fresh = piece[there - offset :]
        check_room(len(fresh))
        file.write(fresh)
        return there + len(fresh)


def finish(upload: Upload, size: object) -> bool:
    """All of its bytes are there: from here on it is an upload like others.

    Returns:
        Whether that is new.

    Raises:
        InvalidError: If bytes are missing.
        NotFoundError: See ``received``.
    """
    if received(upload) != size:
        raise InvalidError(_("文件还没有传完。"))
    try:
        _part(upload).rename(upload.table)
    except FileNotFoundError:
        return False
    return True


def give_up(upload: Upload) -> None:
    """Throw away what has come of a file that is not whole."""
    _part(upload).unlink(missing_ok=True)


def _gone() -> str:
    return _("上传放了太久，请重新选一次文件。")


def _too_large() -> str:
    return _("文件太大了，最多 %(n)s GB。请按月份分开导出。", n=MAX_BYTES // 1024**3)
