"""Bringing a file in, from a job or a command: batch by batch, to its end, from where it stood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from cstrain.config import Settings
from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.publish import active_revision_id
from cstrain.core.people.models import Team
from cstrain.desk.chats import reading, service, storing
from cstrain.desk.chats.importers.mapping import KeyOf
from cstrain.desk.chats.keys import Keys
from cstrain.desk.chats.message import Role
from cstrain.desk.chats.models import ChatImport
from cstrain.desk.chats.prepared import Counts, RefusedLine
from cstrain.desk.chats.reading import Wanted
from cstrain.desk.chats.seen import Seen
from cstrain.desk.chats.summary import Words
from cstrain.desk.replies import replies
from cstrain.desk.replies.words import words_of
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db
from cstrain.kit.jobs import JobLostError, JobPausedError
from cstrain.kit.processes import new_run

Begin = Callable[[], AbstractContextManager[Session]]
#: How far, of how much, in bytes.
Tell = Callable[[int, int], object]
#: So many lines of a file that are no messages are told of; the page of an import has all.
MAX_TOLD: Final = 1_000
_MACHINES = frozenset({Role.AUTO.value, Role.BOT.value})


@dataclass(frozen=True, slots=True)
class Done:
    """How an import ended.

    Attributes:
        state: ``done`` or ``cancelled``; what had come in by then stays.
    """

    import_id: int
    state: str
    counts: Counts


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def bring_in(import_id: int, path: Path, *, begin: Begin, tell: Tell) -> Done:
    """Work on an import until its file is read to the end, or somebody asks for an end.

    Every batch is one transaction with what is noted of it, so whoever goes on after a crash does
    so behind the last one that was stored. However it ends, what was stored is sealed.

    Args:
        import_id: What ``service.begin`` gave.
        path: The file.
        begin: Opens a transaction.
        tell: Told after each batch.

    Raises:
        CstrainError: If it has ended, or somebody else works on it, or the file cannot be read.
        TakenOverError: If somebody else took it; nothing more may be done here.
        JobLostError: The same, told by the job.
        JobPausedError: If the job process ends; the next one goes on.
    """
    runner = new_run()
    service.running.add(runner)
    try:
        with begin():
            row = service.take(import_id, runner, now=utc_now())
            store = store_of(row)
            wanted = wanted_of(
                path,
                row.file_name,
                row.settings,
                team_id=row.team_id,
                conversations_done=row.conversations_done,
                refused_done=row.refused_done,
            )
        try:
            for batch in reading.batches(wanted):
                with begin():
                    store.add(batch)
                    service.keep(store, batch, runner, now=utc_now())
                tell(batch.position_bytes, batch.total_bytes)
            state = "done"
        except service.CancelledError:
            state = "cancelled"
        except (service.TakenOverError, JobLostError, JobPausedError):
            raise
        except Exception:
            with begin():
                service.end(import_id, runner, "failed", now=utc_now())
            raise
        with begin():
            service.end(import_id, runner, state, now=utc_now())
    finally:
        service.running.discard(runner)
    counts = db.session.scalar(select(ChatImport.counts).where(ChatImport.id == import_id))
    return Done(import_id, state, Counts.of(counts or {}))


def look(  # noqa: PLR0913 - what is known of a file, and of those before it
    path: Path,
    settings: Mapping[str, Any],
    *,
    team_id: int,
    name: str = "",
    tell: Tell = lambda _position, _total: None,
    seen: Seen | None = None,
    refused: list[RefusedLine] | None = None,
) -> Counts:
    """What bringing a file in would do; stores nothing.

    Args:
        path: The file.
        settings: See ``ChatImport.settings``.
        team_id: Whose chats they would be.
        name: Its name where people gave it another one than ``path``.
        tell: Told after each batch.
        seen: What files before it hold.
        refused: Gets the first lines that are no messages, ``MAX_TOLD`` at most.

    Raises:
        InvalidError: If the file cannot be read at all.
    """
    counts = Counts()
    seen = seen or Seen()
    for batch in reading.batches(wanted_of(path, name or path.name, settings, team_id=team_id)):
        tell(batch.position_bytes, batch.total_bytes)
        keys = {one[0] for each in batch.conversations for one in each.messages}
        there = storing.known_keys(keys) | seen.add(keys)
        for each in batch.conversations:
            fresh = [one for one in each.messages if one[0] not in there]
            there.update(one[0] for one in fresh)
            counts.messages += len(fresh)
            counts.duplicates += len(each.messages) - len(fresh)
            counts.conversations += len(fresh) == len(each.messages)
            counts.whole_conversations += each.is_whole and bool(fresh)
            automatic = [one[5] for one in fresh if one[5] or one[2] in _MACHINES]
            counts.auto_replies += len(automatic)
            counts.auto_reasons.update(automatic)
        counts.masked += batch.masked
        counts.rejected.update(each.reason for each in batch.refused)
        if refused is not None:
            refused += batch.refused[: MAX_TOLD - len(refused)]
    return counts


def wanted_of(  # noqa: PLR0913 - what a reader must know
    path: Path,
    name: str,
    settings: Mapping[str, Any],
    *,
    team_id: int,
    conversations_done: int = 0,
    refused_done: int = 0,
) -> Wanted:
    """How a file is to be read, by what was asked for with it."""
    site: Settings = current_app.extensions["cstrain.settings"]
    catalogue = _catalogue(team_id)
    return Wanted(
        path,
        name,
        team_id,
        site.secret_key,
        format=settings.get("format", ""),
        mapping=settings.get("mapping", {}),
        cut=settings.get("cut", {}),
        shop=settings.get("shop", ""),
        known=frozenset(_automatic(catalogue)),
        conversations_done=conversations_done,
        refused_done=refused_done,
    )


def speaker_keys(team_id: int) -> KeyOf:
    """What gives the keys under which a team's settings keep who speaks in a file."""
    site: Settings = current_app.extensions["cstrain.settings"]
    return Keys(site.secret_key, team_id).of_speaker


def store_of(row: ChatImport) -> storing.Store:
    """What stores the batches of an import, from where it stands."""
    catalogue = _catalogue(row.team_id)
    return storing.Store(
        row.team_id,
        db.session.get_one(Team, row.team_id).timezone,
        row.id,
        Words(words_of(catalogue) if catalogue else ()),
        row.roll,
        row.stored_count,
        Counts.of(row.counts),
    )


def _catalogue(team_id: int) -> Catalogue | None:
    """The content of a team; None before any is published."""
    if not active_revision_id():
        return None
    return active.for_team(db.session.scalar(select(Team.slug).where(Team.id == team_id)))


def _automatic(catalogue: Catalogue | None) -> list[str]:
    """What the shop's machine is known to send."""
    files = replies.files_of(catalogue) if catalogue else []
    return [each.text for file in files if file.use is replies.Use.AUTO for each in file.entries]
