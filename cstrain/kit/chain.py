"""Tamper evidence: nobody can change what was once kept without its being seen.

Every row gets a *commitment*, SHA-256 of a random salt and the row. What came in together (a file,
a batch of an audit) is one *link*: the roll of its rows' commitments, and the digest of the link
before it. Erasing a row deletes its text and its salt and keeps the commitment, and is a link of
its own, the roll of what was erased; so an erased row can be told from a missing one, and nobody
can guess from a commitment what the row was.

Who can write to the database could make the whole chain anew. Against that, somebody else keeps
the *head*, the newest link's number and digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import UniqueConstraint, select, text
from sqlalchemy.orm import Mapped

from cstrain.kit.db import Id, Model, db

SALT_BYTES: Final = 16
#: What a roll begins with.
EMPTY: Final = bytes(32)


class LinkKind(StrEnum):
    """What a link is made of."""

    ROWS = "rows"
    ERASURE = "erasure"


class Link(Model):
    """One link of a chain. Rows are only ever added."""

    __tablename__ = "chain_link"
    __table_args__ = (UniqueConstraint("chain", "number"),)

    id: Mapped[Id]
    #: Which chain, as ``chats/3`` for the chats of team 3.
    chain: Mapped[str]
    #: Its place in the chain, from 1.
    number: Mapped[int]
    #: One of ``LinkKind``.
    kind: Mapped[str]
    #: What it is about, as ``import 12``.
    subject: Mapped[str]
    row_count: Mapped[int]
    roll: Mapped[bytes]
    #: The digest of the link before it; ``EMPTY`` for the first.
    previous: Mapped[bytes]
    digest: Mapped[bytes]
    at: Mapped[datetime]


# -- pure --------------------------------------------------------------------------------------


def commitment(salt: bytes, row: bytes) -> bytes:
    """What is kept of a row for ever.

    Args:
        salt: ``SALT_BYTES`` random bytes, its own.
        row: The row in one form, always the same.
    """
    return sha256(salt + row).digest()


def rolled(roll: bytes, commitment: bytes) -> bytes:
    """A roll with one more commitment, in the order of the rows; begins with ``EMPTY``."""
    return sha256(roll + commitment).digest()


def link_digest(link: Link) -> bytes:
    """What a link's digest must be, by all it says."""
    at = link.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = "\n".join((link.chain, str(link.number), link.kind, link.subject, at))
    counted = link.row_count.to_bytes(8, "big")
    return sha256(link.previous + link.roll + counted + said.encode()).digest()


class State(StrEnum):
    """What checking says of a link."""

    INTACT = "intact"
    ERASED = "erased"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking says of one link.

    Attributes:
        row_count: How many rows it was made of.
        erased_by: Numbers of the links that erased some of its rows.
        erased_count: How many of its rows.
        rows: Ids of rows that are not what they were, the first ones.
    """

    number: int
    subject: str
    state: State
    row_count: int
    erased_by: tuple[int, ...] = ()
    erased_count: int = 0
    rows: tuple[int, ...] = ()


_ROWS_NAMED = 20


@dataclass(slots=True)
class _Tally:
    """What was seen of the rows of one link."""

    roll: bytes = EMPTY
    count: int = 0
    erased_by: set[int] = field(default_factory=set)
    erased_count: int = 0
    broken: list[int] = field(default_factory=list)


class Check:
    """Checks a chain: give it every row in the order of ids, then ask for the verdicts."""

    def __init__(self, links: Sequence[Link]) -> None:
        self._links = sorted(links, key=lambda link: link.number)
        self._tallies: dict[int, _Tally] = {link.number: _Tally() for link in links}
        #: Rows that belong to no link of the chain.
        self.strangers: list[int] = []

    def add(  # noqa: PLR0913 - what a row consists of
        self,
        row_id: int,
        link: int | None,
        kept: bytes,
        *,
        salt: bytes | None,
        row: bytes | None,
        erased_by: int | None,
    ) -> None:
        """Look at one row.

        Args:
            row_id: Names it in the verdict.
            link: The number of the link it came in with; None where there is none.
            kept: Its commitment as stored.
            salt: Its salt; None when it was erased.
            row: Itself; None when it was erased.
            erased_by: The number of the link that erased it.
        """
        tally = self._tallies.get(link or 0)
        if tally is None:
            self.strangers.append(row_id)
            return
        tally.roll = rolled(tally.roll, kept)
        tally.count += 1
        if erased_by is not None:
            tally.erased_by.add(erased_by)
            tally.erased_count += 1
            erasure = self._tallies.get(erased_by)
            if erasure is None or salt is not None or row is not None:
                tally.broken.append(row_id)
            else:
                erasure.roll = rolled(erasure.roll, kept)
                erasure.count += 1
        elif salt is None or row is None or commitment(salt, row) != kept:
            tally.broken.append(row_id)

    def add_erased(self, row_id: int, kept: bytes, erased_by: int) -> None:
        """Look at a row that was erased before what it came in with became a link."""
        erasure = self._tallies.get(erased_by)
        if erasure is None:
            self.strangers.append(row_id)
            return
        erasure.roll = rolled(erasure.roll, kept)
        erasure.count += 1

    def verdicts(self) -> list[Verdict]:
        """What is to be said of every link, in their order."""
        previous, made = EMPTY, []
        for place, link in enumerate(self._links, start=1):
            tally = self._tallies[link.number]
            is_whole = (
                link.number == place
                and link.previous == previous
                and link_digest(link) == link.digest
                and (tally.roll, tally.count) == (link.roll, link.row_count)
                and not tally.broken
            )
            state = State.INTACT if is_whole else State.BROKEN
            if is_whole and tally.erased_by:
                state = State.ERASED
            made.append(
                Verdict(
                    link.number,
                    link.subject,
                    state,
                    link.row_count,
                    tuple(sorted(tally.erased_by)),
                    tally.erased_count,
                    tuple(tally.broken[:_ROWS_NAMED]),
                )
            )
            previous = link.digest
        return made


# -- kept --------------------------------------------------------------------------------------


def append(  # noqa: PLR0913 - what a link says
    chain: str, kind: LinkKind, subject: str, *, row_count: int, roll: bytes, now: datetime
) -> Link:
    """Add a link to a chain, in the caller's transaction."""
    if db.engine.dialect.name == "postgresql":  # SQLite lets one write at a time anyway
        db.session.execute(text("LOCK TABLE chain_link IN SHARE ROW EXCLUSIVE MODE"))
    last = head(chain)
    made = Link(
        chain=chain,
        number=last.number + 1 if last else 1,
        kind=kind.value,
        subject=subject,
        row_count=row_count,
        roll=roll,
        previous=last.digest if last else EMPTY,
        at=now,
    )
    made.digest = link_digest(made)
    db.session.add(made)
    db.session.flush()
    return made


def append_erasure(
    chain: str, subject: str, commitments: Iterable[bytes], *, now: datetime
) -> Link:
    """Add the link of an erasure; what is erased gets its number.

    Args:
        chain: The chain whose rows are erased.
        subject: Why, in one line.
        commitments: Of the rows that are erased, in the order of their ids.
        now: The time.
    """
    roll, count = EMPTY, 0
    for each in commitments:
        roll, count = rolled(roll, each), count + 1
    return append(chain, LinkKind.ERASURE, subject, row_count=count, roll=roll, now=now)


def head(chain: str) -> Link | None:
    """The newest link; None while there is none."""
    return db.session.scalar(
        select(Link).where(Link.chain == chain).order_by(Link.number.desc()).limit(1)
    )


def links(chain: str) -> Sequence[Link]:
    """Every link of a chain, in order."""
    return db.session.scalars(select(Link).where(Link.chain == chain).order_by(Link.number)).all()


def exported_head(chain: str) -> Mapping[str, str | int]:
    """The head as somebody else keeps it; empty values while there is none."""
    last = head(chain)
    if last is None:
        return {"chain": chain, "number": 0, "digest": "", "at": ""}
    return {
        "chain": chain,
        "number": last.number,
        "digest": last.digest.hex(),
        "at": last.at.isoformat(),
    }
