"""Whether the archive of a team is what was brought in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from cstrain.desk.chats.models import ChatImport, ChatMessage
from cstrain.desk.chats.service import chain_of
from cstrain.desk.chats.storing import conversation_bytes, row_bytes
from cstrain.kit import chain
from cstrain.kit.chain import State, Verdict
from cstrain.kit.db import db

_AT_ONCE = 5_000
#: So often it is looked again where something came in or was erased meanwhile.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Report:
    """What checking a team's archive gave.

    Attributes:
        verdicts: Of each link of its chain.
        strangers: Ids of messages that came in with no file, the first ones.
        open_imports: Ids of imports that run; their messages get their link at the end.
    """

    verdicts: Sequence[Verdict]
    strangers: Sequence[int]
    open_imports: Sequence[int]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is broken."""
        broken = any(each.state is State.BROKEN for each in self.verdicts)
        return not broken and not self.strangers


def verify(team_id: int) -> Report:
    """Look at every message that a team ever brought in."""
    for _try in range(_TRIES):
        before = chain.exported_head(chain_of(team_id))
        report = _looked_at(team_id)
        if report.is_whole or chain.exported_head(chain_of(team_id)) == before:
            break
    return report


def _looked_at(team_id: int) -> Report:
    imports = db.session.execute(
        select(ChatImport.id, ChatImport.link_number).where(ChatImport.team_id == team_id)
    ).all()
    link_of = {row.id: row.link_number for row in imports if row.link_number is not None}
    open_ids = {row.id for row in imports if row.link_number is None}
    # What begins from now on is left out.
    newest_id = max((row.id for row in imports), default=0)
    check = chain.Check(chain.links(chain_of(team_id)))
    everything = select(
        ChatMessage.id,
        ChatMessage.import_id,
        ChatMessage.conversation_id,
        ChatMessage.key,
        ChatMessage.at_ms,
        ChatMessage.role,
        ChatMessage.kind,
        ChatMessage.account_id,
        ChatMessage.auto_reason,
        ChatMessage.line,
        ChatMessage.text,
        ChatMessage.source,
        ChatMessage.salt,
        ChatMessage.commitment,
        ChatMessage.erased_by,
    ).where(
        ChatMessage.import_id.in_(
            select(ChatImport.id).where(ChatImport.team_id == team_id, ChatImport.id <= newest_id)
        )
    )
    last = 0
    while rows := db.session.execute(
        everything.where(ChatMessage.id > last).order_by(ChatMessage.id).limit(_AT_ONCE)
    ).all():
        last = rows[-1].id
        for row in rows:
            kept = bytes(row.commitment)
            if row.import_id in open_ids:
                if row.erased_by is not None:
                    check.add_erased(row.id, kept, row.erased_by)
                continue
            said = None
            if row.text is not None or row.source is not None:
                where = conversation_bytes(row.conversation_id)
                said = row_bytes(where, *row[3:10], row.text or "", row.source or "")
            check.add(
                row.id,
                link_of.get(row.import_id),
                kept,
                salt=row.salt if row.salt is None else bytes(row.salt),
                row=said,
                erased_by=row.erased_by,
            )
    return Report(check.verdicts(), check.strangers[:_AT_ONCE], sorted(open_ids))
