"""What comes back: duties by the minute and by the day.

    @duties.every(5)
    def close_overdue(now: datetime) -> None: ...

    @duties.daily(9)
    def remind(now: datetime) -> None: ...

However many job processes there are, a duty is done once for its minutes or its day: one row a
duty, and a conditional UPDATE decides. Functions open their own transactions, and must be
harmless to repeat. A daily one becomes a job, so a day whose process dies is still done; and a
day on which the server only came up later is done then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit import jobs
from cstrain.kit.clock import utc_now
from cstrain.kit.db import Model, db, insert_for, transaction

log = logging.getLogger(__name__)

DutyFunction = Callable[[datetime], object]


class Duty(Model):
    """When a duty was last taken up."""

    __tablename__ = "duty"

    name: Mapped[str] = mapped_column(primary_key=True)
    #: The minutes, or the day, it was last taken up for; grows.
    slot: Mapped[str]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class _Registered:
    function: DutyFunction
    minutes: int = 0
    hour: int = 0
    timezone: str = ""
    is_waking: bool = False

    def slot(self, now: datetime) -> str | None:
        """The name of the time ``now`` stands in; None before the hour of the day."""
        if self.minutes:
            length_s = self.minutes * 60
            begun_s = int(now.timestamp()) // length_s * length_s
            return datetime.fromtimestamp(begun_s, UTC).isoformat()
        local = now.astimezone(ZoneInfo(self.timezone))
        return local.date().isoformat() if local.hour >= self.hour else None


_registered: dict[str, _Registered] = {}


def every(
    minutes: int, *, name: str = "", on_wake: bool = False
) -> Callable[[DutyFunction], DutyFunction]:
    """Call the function every so many minutes.

    Args:
        minutes: From 1 on.
        name: Stored; by default module and name of the function.
        on_wake: Whether it is also called, at once, when the job process is woken.
    """

    def decorate(function: DutyFunction) -> DutyFunction:
        _add(name or _name_of(function), _Registered(function, minutes, is_waking=on_wake))
        return function

    return decorate


def daily(
    hour: int, *, name: str = "", timezone: str = "Asia/Shanghai"
) -> Callable[[DutyFunction], DutyFunction]:
    """Call the function once a day, as soon as possible after the hour.

    Args:
        hour: 0 to 23, by the clock of ``timezone``.
        name: Stored; by default module and name of the function.
        timezone: Where the day begins.
    """

    def decorate(function: DutyFunction) -> DutyFunction:
        own = name or _name_of(function)
        _add(own, _Registered(function, hour=hour, timezone=timezone))
        jobs.register(f"duty:{own}")(_as_job(own))
        return function

    return decorate


def _name_of(function: DutyFunction) -> str:
    return f"{function.__module__.removeprefix('cstrain.')}.{function.__name__}"


def _add(name: str, duty: _Registered) -> None:
    there = _registered.get(name)
    if there is not None and there.function.__module__ != duty.function.__module__:
        raise RuntimeError(f"there is a duty {name!r} already")
    _registered[name] = duty


def _as_job(name: str) -> jobs.JobFunction:
    def work(job: jobs.JobContext) -> None:
        _registered[name].function(job.now)

    return work


def run_due(app: Flask, *, now: datetime) -> list[str]:
    """Do what is due; gives the names of the duties this call took up."""
    taken: list[str] = []
    with app.app_context():
        rows = db.session.execute(select(Duty.name, Duty.slot)).all()
        known: dict[str, str] = {row.name: row.slot for row in rows}
    for name, duty in tuple(_registered.items()):
        slot = duty.slot(now)
        if slot is None or known.get(name, "") >= slot:
            continue
        with app.app_context():
            if not _take(name, duty, slot, now=now):
                continue
            taken.append(name)
            if duty.minutes:
                _call(name, duty, now)
    return taken


def run_waking(app: Flask) -> None:
    """Do the duties that follow every wake-up."""
    for name, duty in tuple(_registered.items()):
        if duty.is_waking:
            with app.app_context():
                _call(name, duty, utc_now())


def _take(name: str, duty: _Registered, slot: str, *, now: datetime) -> bool:
    """Note that the duty is taken up for a slot; False when another process was first."""
    with transaction() as session:
        session.execute(
            insert_for(Duty)
            .values(name=name, slot="", at=now)
            .on_conflict_do_nothing(index_elements=["name"])
        )
        taken = session.execute(
            update(Duty).where(Duty.name == name, Duty.slot < slot).values(slot=slot, at=now)
        )
        is_ours = bool(taken.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it
        if is_ours and not duty.minutes:
            jobs.enqueue(f"duty:{name}", {"day": slot}, by=None, team_id=None, now=now)
    return is_ours


def _call(name: str, duty: _Registered, now: datetime) -> None:
    """Call a duty; its failure must not keep the others from being done."""
    try:
        duty.function(now)
    except Exception:
        log.exception("the duty %s failed", name)


@daily(4, name="jobs.forget_old")
def _forget_old_jobs(now: datetime) -> None:
    while jobs.forget_old(now=now):
        pass
