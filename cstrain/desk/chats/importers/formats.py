"""Every format that can be read; what only one tool writes stands before what many do."""

from __future__ import annotations

from typing import Final

from cstrain.desk.chats.importers import copied, generic
from cstrain.desk.chats.importers.adapter import Format

ALL: Final[tuple[Format, ...]] = (generic.TABLE, copied.FORMAT, generic.JSON_LINES)
