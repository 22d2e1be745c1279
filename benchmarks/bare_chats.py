"""The fastest bare script that ends with the archive's tables and indexes; nothing else.

It is given finished rows, knows no duplicates and no second process, writes all in one transaction
and makes indexes when everything is in.
"""

from __future__ import annotations

import pickle
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg

from cstrain.kit.search import PIECES, _fts5_document, _vector, documents

TABLES = ("chat_conversation", "chat_message")
#: A table's name, its columns, and rows; of ``SEARCH`` owner and texts.
Part = tuple[str, Sequence[str], list[Sequence[Any]]]
SEARCH = "chat_search"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "cache_size=-65536",
    "mmap_size=268435456",
    "temp_store=MEMORY",
)


def parts_of(rows: Path) -> Iterator[Part]:
    """The finished rows, as they were put aside."""
    with rows.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)  # noqa: S301 - our own
            except EOFError:
                return


def on_sqlite(like: Path, target: Path, rows: Path) -> float:
    """Fill a new database; gives the seconds that took, without reading the rows.

    Args:
        like: A database that has the tables and indexes.
        target: The new one.
        rows: What ``parts_of`` reads.
    """
    with sqlite3.connect(like) as there:
        made = there.execute(
            "SELECT type, sql FROM sqlite_master WHERE tbl_name IN (?, ?, ?) AND sql IS NOT NULL",
            (*TABLES, SEARCH),
        ).fetchall()
    new = sqlite3.connect(target, isolation_level=None)
    took_s = 0.0
    for pragma in _PRAGMAS:
        new.execute(f"PRAGMA {pragma}")
    begun = time.perf_counter()
    new.execute("BEGIN")
    for statement in (sql for kind, sql in made if kind == "table"):
        new.execute(statement)
    new.execute(f"INSERT INTO {SEARCH}({SEARCH}, rank) VALUES ('automerge', 8)")  # noqa: S608 - our name
    took_s += time.perf_counter() - begun
    for name, columns, values in parts_of(rows):
        begun = time.perf_counter()
        if name == SEARCH:
            new.executemany(
                f"INSERT INTO {name}(rowid, tokens) VALUES (?, ?)",  # noqa: S608 - our names
                (
                    (owner * PIECES + piece, _fts5_document(each))
                    for owner, texts in values
                    for piece, each in enumerate(documents(texts))
                ),
            )
        else:
            marks = ", ".join("?" * len(columns))
            new.executemany(
                f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 - our names
                values,
            )
        took_s += time.perf_counter() - begun
    begun = time.perf_counter()
    for statement in (sql for kind, sql in made if kind == "index"):
        new.execute(statement)
    new.execute("COMMIT")
    took_s += time.perf_counter() - begun
    new.close()
    return took_s


def on_postgresql(address: str, rows: Path) -> float:
    """Fill tables of an own schema, by COPY; gives the seconds that took."""
    took_s = 0.0
    with psycopg.connect(address) as new:
        names = (*TABLES, SEARCH)
        made = [
            each
            for (each,) in new.execute(
                "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' "
                "AND tablename = ANY(%s)",
                (list(names),),
            )
        ]
        new.execute("DROP SCHEMA IF EXISTS bare CASCADE")
        new.execute("CREATE SCHEMA bare")
        new.commit()
        begun = time.perf_counter()
        for name in names:
            new.execute(_said(f"CREATE TABLE bare.{name} (LIKE public.{name})"))
        took_s += time.perf_counter() - begun
        for name, columns, values in parts_of(rows):
            begun = time.perf_counter()
            if name == SEARCH:
                statement = "COPY bare.chat_search (owner_id, piece, tokens) FROM STDIN"
                with new.cursor() as cursor, cursor.copy(_said(statement)) as copy:
                    for owner, texts in values:
                        for piece, each in enumerate(documents(texts)):
                            copy.write(f"{owner}\t{piece}\t{_vector(each)}\n")
            else:
                statement = f"COPY bare.{name} ({', '.join(columns)}) FROM STDIN"
                with new.cursor() as cursor, cursor.copy(_said(statement)) as copy:
                    for row in values:
                        copy.write_row(row)
            took_s += time.perf_counter() - begun
        begun = time.perf_counter()
        for each in made:
            new.execute(_said(each.replace(" ON public.", " ON bare.")))
        new.commit()
        took_s += time.perf_counter() - begun
        new.execute("DROP SCHEMA bare CASCADE")
    return took_s


def _said(statement: str) -> LiteralString:
    """A statement made of our own names."""
    return cast("LiteralString", statement)
