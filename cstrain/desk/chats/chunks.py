"""A file on its way up, piece by piece, so that a lost network costs one piece and no more."""

from __future__ import annotations

import fcntl
import os
from typing import Final

from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.uploads import Upload, check_room

PIECE_BYTES: Final = 8 * 1024 * 1024
MAX_BYTES: Final = 4 * 1024 * 1024 * 1024


def received(upload: Upload) -> int:
    """How many bytes of a file are there.

    Raises:
        NotFoundError: If it was cleared away or never begun.
    """
    try:
        return upload.table.stat().st_size
    except FileNotFoundError:
        raise NotFoundError(_("上传放了太久，请重新选一次文件。")) from None


def add(upload: Upload, offset: int, piece: bytes) -> int:
    """Add a piece behind what is there; one that was added already changes nothing.

    Returns:
        How many bytes are there now.

    Raises:
        NotFoundError: If the file was cleared away.
        ConflictError: If the piece would leave a gap.
        InvalidError: If the file becomes too large, or there is no room for it.
    """
    if offset + len(piece) > MAX_BYTES:
        raise InvalidError(too_large())
    received(upload)
    with upload.table.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        there = file.seek(0, os.SEEK_END)
        if offset > there:
            raise ConflictError(_("少了一段，请从断开的地方接着传。"))
        fresh = piece[there - offset :]
        check_room(len(fresh))
        file.write(fresh)
        return there + len(fresh)


def too_large() -> str:
    """That a file is too large, and what to do."""
    return _("文件太大了，最多 %(n)s GB。请按月份分开导出。", n=MAX_BYTES // 1024**3)
