"""One chat as somebody has copied it: read for a look, then kept like any other file.

Nothing of it is kept before it is confirmed, and then masked; the text itself travels with the
page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from cstrain.desk.chats import importers, importing, reading, service, storing
from cstrain.desk.chats.cutting import Cut
from cstrain.desk.chats.importers import ColumnMapping
from cstrain.desk.chats.message import Refused, Role
from cstrain.desk.chats.models import ChatAccount, ChatImport
from cstrain.desk.chats.prepared import Batch, Conversation, RefusedLine
from cstrain.desk.chats.reading import Wanted
from cstrain.kit.db import db
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.processes import new_run

#: More is a file, not a chat.
MAX_CHARS: Final = 200_000
#: Who copies a chat means it as one, however long somebody was silent in it.
_ONE_CHAT_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was read of a paste.

    Attributes:
        conversations: Masked; most often one.
        speakers: Names as they stand → who they are, found out or told.
        is_guessed: Whether somebody should look at who is the agent.
        needs_day: Whether its times come without a day.
        known: How many of its messages are in the archive already.
    """

    batch: Batch
    speakers: Mapping[str, Role]
    is_guessed: bool
    needs_day: bool
    known: int

    @property
    def conversations(self) -> Sequence[Conversation]:
        """Masked; most often one."""
        return self.batch.conversations

    @property
    def refused(self) -> Sequence[RefusedLine]:
        """Lines that are no messages, masked."""
        return self.batch.refused

    @property
    def masked(self) -> Counter[str]:
        """What was hidden, by class."""
        return self.batch.masked

    @property
    def accounts(self) -> list[tuple[str, str, str]]:
        """Platform, shop and name of every account that a person wrote with."""
        found = {
            (each.platform, each.shop, one[4]): None
            for each in self.conversations
            for one in each.messages
            if one[4] and one[2] == Role.AGENT
        }
        return list(found)


def read(text: str, roles: Mapping[str, Role], day: date, *, team_id: int) -> Pasted:
    """Read what was pasted; keeps nothing.

    Args:
        text: As it was copied.
        roles: Speakers of whom somebody has said who they are.
        day: Of times that come without one.
        team_id: Whose content tells what is an automatic reply.

    Raises:
        InvalidError: If it is empty, too long, or no chat at all.
    """
    if len(text) > MAX_CHARS:
        raise InvalidError(_("太长了，像是整份导出。请用“导入文件”。"))
    mapping = ColumnMapping(roles=roles)
    with importers.open_text(text, mapping=mapping) as source:
        said = [each for each in source if not isinstance(each, Refused)]
        speakers, is_guessed = dict(source.speakers), source.has_guessed_roles
    if not said:
        raise InvalidError(
            _("没有认出聊天：要有“名字 时间”的行，下面是内容。从聊天窗口里多选消息再复制。")
        )
    needs_day = any(each.at is None and "clock" in each.extra for each in said)
    batch = _whole(reading.read(_wanted(text, roles, day if needs_day else None, team_id)))
    keys = {one[0] for each in batch.conversations for one in each.messages}
    known = len(storing.known_keys(keys))
    return Pasted(batch, speakers, is_guessed and not roles, needs_day, known)


def save(  # noqa: PLR0913 - what is known of a paste
    text: str,
    pasted: Pasted,
    day: date,
    *,
    team_id: int,
    by: int,
    now: datetime,
) -> list[int]:
    """Keep what was read, in the caller's transaction.

    Returns:
        The conversations in which its messages stand now, in their order; those that were there
        already, too.
    """
    settings = _settings(day if pasted.needs_day else None)
    digest = sha256(text.encode("utf-8", "replace")).hexdigest()
    size = len(text.encode("utf-8", "replace"))
    import_id = service.begin(
        team_id, "", digest, total_bytes=size, settings=settings, by=by, now=now
    )
    runner = new_run()
    store = importing.store_of(service.take(import_id, runner, now=now))
    store.add(pasted.batch)
    service.keep(store, pasted.batch, runner, now=now)
    service.end(import_id, runner, "done", now=now)
    keys = [one[0] for each in pasted.conversations for one in each.messages]
    there = storing.conversations_of(keys)
    return list(dict.fromkeys(there[key] for key in keys if key in there))


def is_paste(row: ChatImport) -> bool:
    """Whether it was pasted and not a file."""
    return bool(row.settings.get("is_pasted"))


def account_ids(pasted: Pasted, *, team_id: int) -> dict[tuple[str, str, str], int]:
    """Accounts of a paste that were met before, by platform, shop and name."""
    wanted = set(pasted.accounts)
    rows = db.session.execute(
        select(ChatAccount.id, ChatAccount.platform, ChatAccount.shop, ChatAccount.name).where(
            ChatAccount.team_id == team_id, ChatAccount.name.in_([name for *_at, name in wanted])
        )
    )
    return {(row[1], row[2], row[3]): row[0] for row in rows if (row[1], row[2], row[3]) in wanted}


def _settings(day: date | None) -> dict[str, Any]:
    """How a paste was read, as it is kept: without the names in it."""
    cut = {"by": Cut.GAP.value, "gap_s": _ONE_CHAT_S}
    return {"is_pasted": True, "cut": cut, **({"day": day.isoformat()} if day else {})}


def _wanted(text: str, roles: Mapping[str, Role], day: date | None, team_id: int) -> Wanted:
    wanted = importing.wanted_of(Path(), "", _settings(day), team_id=team_id)
    mapping = ColumnMapping(roles=roles).as_json() if roles else {}
    return replace(wanted, text=text, mapping=mapping, day=day)


def _whole(batches: Iterable[Batch]) -> Batch:
    """All of a text as one batch."""
    made, *more = batches
    for each in more:
        made.conversations += each.conversations
        made.refused += each.refused
        made.masked += each.masked
        made.message_count += each.message_count
    return made
