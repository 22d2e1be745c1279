"""What is done with imports and accounts; each in its caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from cstrain.core.people.models import Team
from cstrain.desk.chats.models import SEARCH, ChatAccount, ChatImport
from cstrain.desk.chats.prepared import Batch
from cstrain.desk.chats.storing import Store
from cstrain.kit import bulk, chain
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.jobs import DEAD_AFTER, Job
from cstrain.kit.processes import new_run, runs_here

#: The imports that this process works on.
running: set[str] = set()


class CancelledError(Exception):
    """Somebody asked for the end of the import."""


class TakenOverError(Exception):
    """Another process works on the import; this one must stop without a trace."""


def begin(  # noqa: PLR0913 - what is known of a file
    team_id: int,
    file_name: str,
    digest: str,
    *,
    total_bytes: int,
    settings: Mapping[str, Any],
    by: int | None,
    now: datetime,
) -> int:
    """Note a file that is to be brought in; gives the import's id.

    The same file, asked for in the same way and not finished, is gone on with.
    """
    unfinished = db.session.scalars(
        select(ChatImport).where(
            ChatImport.team_id == team_id,
            ChatImport.digest == digest,
            ChatImport.state == "running",
        )
    )
    for each in unfinished:
        if each.settings == dict(settings):
            each.is_cancelled = False
            return each.id
    made = ChatImport(
        team_id=team_id,
        file_name=file_name,
        digest=digest,
        total_bytes=total_bytes,
        settings=dict(settings),
        counts={},
        roll=chain.EMPTY,
        by_person_id=by,
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    return made.id


def take(import_id: int, runner: str, *, now: datetime) -> ChatImport:
    """Begin to work on an import, or go on with one whose worker died.

    Raises:
        NotFoundError: If there is no such import.
        ConflictError: If it has ended, its worker lives, or an import is being taken back.
    """
    found = db.session.get(ChatImport, import_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFoundError
    if found.state != "running":
        raise ConflictError(_("这次导入已经结束了。"))
    if found.runner and lives(found, now):
        raise ConflictError(_("这份文件正在导入。"))
    # What is about to go would count as there already, and be lost; see ``taking_back.begin``.
    db.session.get_one(Team, found.team_id, with_for_update={"key_share": True})
    going = (
        select(ChatImport.id)
        .join(Job, Job.id == ChatImport.job_id)
        .where(
            ChatImport.team_id == found.team_id,
            ChatImport.state == "taking_back",
            Job.state.in_(("waiting", "running")),
        )
    )
    if db.session.scalar(going.limit(1)) is not None:
        raise ConflictError(_("正在撤回一次导入，等它撤完再导。"))
    found.runner, found.beat_at = runner, now
    return found


def lives(found: ChatImport, now: datetime) -> bool:
    """Whether somebody works on an import; of another machine only the last sign tells."""
    is_here = runs_here(found.runner, running)
    if is_here is None:
        return found.beat_at is not None and now - found.beat_at < DEAD_AFTER
    return is_here


def keep(store: Store, batch: Batch, runner: str, *, now: datetime) -> None:
    """Note how far an import has come, in the transaction that stores it.

    Raises:
        CancelledError: If somebody asked for its end; nothing of the batch may be kept then.
        TakenOverError: If another process works on it.
    """
    changed = db.session.execute(
        update(ChatImport)
        .where(ChatImport.id == store.import_id, ChatImport.runner == runner)
        .where(ChatImport.state == "running")
        .values(
            format=batch.format,
            encoding=batch.encoding,
            counts=store.counts.as_json(),
            conversations_done=ChatImport.conversations_done + len(batch.conversations),
            refused_done=ChatImport.refused_done + len(batch.refused),
            stored_count=store.stored_count,
            roll=store.roll,
            beat_at=now,
        )
        .returning(ChatImport.is_cancelled)
    ).first()
    if changed is None:
        raise TakenOverError(f"import {store.import_id} is no longer ours")
    if changed.is_cancelled:
        raise CancelledError


def end(import_id: int, runner: str, state: str, *, now: datetime) -> None:
    """End an import: what was stored becomes a link of the team's chain, whatever the end.

    Raises:
        TakenOverError: If another process works on it.
    """
    found = db.session.get(ChatImport, import_id, with_for_update=True, populate_existing=True)
    if found is None or found.runner != runner or found.state != "running":
        raise TakenOverError(f"import {import_id} is no longer ours")
    link = chain.append(
        chain_of(found.team_id),
        chain.LinkKind.ROWS,
        subject_of(import_id),
        row_count=found.stored_count,
        roll=found.roll,
        now=now,
    )
    found.state, found.ended_at, found.runner = state, now, ""
    found.link_number = link.number
    if found.stored_count:
        SEARCH.settle(bulk.driver(), bulk.dialect())


def cancel(import_id: int, *, now: datetime) -> None:
    """Ask for the end of an import that runs; what it has stored by then stays.

    One of the terminal whose command was killed ends here, because nobody else would end it.
    """
    found = db.session.get(ChatImport, import_id, with_for_update=True, populate_existing=True)
    if found is None or found.state != "running":
        return
    found.is_cancelled = True
    if is_broken_off(found, now):
        found.runner = new_run()
        end(import_id, found.runner, "cancelled", now=now)


def is_broken_off(row: ChatImport, now: datetime) -> bool:
    """Whether nobody works on an import and no job would go on with it."""
    if row.state != "running" or (row.runner and lives(row, now)):
        return False
    job = db.session.get(Job, row.job_id) if row.job_id is not None else None
    return job is None or job.ended_at is not None


def assign(account_id: int, person_id: int | None, *, team_id: int) -> None:
    """Say who is behind a sub-account; None for nobody.

    Raises:
        NotFoundError: If the team has no such account.
    """
    changed = db.session.execute(
        update(ChatAccount)
        .where(ChatAccount.id == account_id, ChatAccount.team_id == team_id)
        .values(person_id=person_id)
        .returning(ChatAccount.id)
    ).first()
    if changed is None:
        raise NotFoundError


def chain_of(team_id: int) -> str:
    """The name of a team's chain."""
    return f"chats/{team_id}"


def subject_of(import_id: int) -> str:
    """How a link names its import."""
    return f"import {import_id}"
