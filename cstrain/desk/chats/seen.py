"""Keys of messages that a look has met already, on the disk where they are many."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection


class Seen:
    """Keys in a database of its own that nobody else sees and that is gone with it.

    Twenty million keys, of a file of 2 GB, would take 2 GB as a set.
    """

    def __init__(self) -> None:
        # The empty name is SQLite's for a private file that lies in memory until it grows.
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID")

    def add(self, keys: Collection[bytes]) -> set[bytes]:
        """Add keys; gives those that were there."""
        find, ask = self._db.execute, "SELECT 1 FROM seen WHERE key = ?"
        there = {key for key in keys if find(ask, (key,)).fetchone()}
        find("BEGIN")
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((key,) for key in keys))
        find("COMMIT")
        return there

    def close(self) -> None:
        """Take it away."""
        self._db.close()
