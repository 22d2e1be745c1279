"""Finding words in Chinese text, the same way on both databases.

A text becomes *tokens*: every two neighbouring Chinese characters, overlapping, the last one of a
stretch alone, and Latin words and numbers whole. A phrase is found where its tokens follow one
another: a phrase query of FTS5 on SQLite, ``<->`` between lexemes with positions on PostgreSQL.
Marks between tokens are no tokens, so what the index finds is looked at once more (``finds``).

An entry of the index is a document of several texts, as the messages of a conversation; no phrase
reaches from one text into the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import add
from typing import Any, Final

_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[a-z]+|[0-9]+")
_FIRST_HAN: Final = "\u3400"
#: Of a longer word or number only the beginning is a token; PostgreSQL takes none of 2 kB.
_RUN_CHARS: Final = 64
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_NARROW: Final = {
    code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()
}
#: Stands between two texts of a document; ``fold`` never gives it.
_GAP: Final = "\ue000"
#: PostgreSQL keeps positions up to here; later ones would all be the same.
_LAST_POSITION: Final = 16_383
#: A document is not longer than so many tokens, else it is cut between texts.
DOCUMENT_TOKENS: Final = 4_000
#: One document more of the same thing has the next number of these.
PIECES: Final = 256
#: With so much memory PostgreSQL sorts a full list of what waits for its index at once.
_WORK_MB: Final = 64


# -- pure --------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """Text as it is searched: case and width folded, one character for one character."""
    lower = text.lower()
    if len(lower) != len(text):  # İ becomes two characters
        lower = "".join(each if len(each.lower()) > 1 else each.lower() for each in text)
    return lower.translate(_NARROW) if _WIDE.search(lower) else lower


def tokens(text: str) -> list[str]:
    """The tokens of a text, in their order."""
    made: list[str] = []
    for run in _RUN.findall(fold(text)):
        if run >= _FIRST_HAN:
            made += map(add, run, run[1:])
            made.append(run[-1])
        else:
            made.append(run[:_RUN_CHARS])
    return made


def documents(texts: Iterable[str]) -> list[list[list[str]]]:
    """The tokens of texts, cut into documents that both databases can hold.

    The same texts always give the same documents, which is what ``Index.remove`` rests on.
    """
    made: list[list[list[str]]] = [[]]
    length = 0
    for each in map(tokens, texts):
        if not each:
            continue
        if length and length + len(each) > DOCUMENT_TOKENS and len(made) < PIECES:
            made.append([])
            length = 0
        made[-1].append(each)
        length += len(each) + 1
    return made if made[0] else []


def _fts5_document(texts: Iterable[Sequence[str]]) -> str:
    return f" {_GAP} ".join(map(" ".join, texts))


def _vector(texts: Iterable[Sequence[str]]) -> str:
    """A document as PostgreSQL reads a ``tsvector``."""
    places: dict[str, str] = {}
    position = 0
    for each in texts:
        if position + len(each) > _LAST_POSITION:
            position = 0  # finds too much then, never too little, and is looked at once more
        for token in each:
            position = position % _LAST_POSITION + 1
            if token in places:
                places[token] += f",{position}"
            else:
                places[token] = f"{token}:{position}"
        position += 1
    return " ".join(places.values())


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for: every phrase must occur, each within one text.

    Attributes:
        phrases: Folded, without blanks at their ends.
    """

    phrases: tuple[str, ...]

    @property
    def _parts(self) -> Iterator[tuple[list[str], bool]]:
        """Tokens of each phrase, and whether the last one only begins a token."""
        for phrase in self.phrases:
            found = tokens(phrase)
            runs = _RUN.findall(phrase)
            is_open = runs[-1] >= _FIRST_HAN
            if is_open and len(runs[-1]) > 1:
                yield found[:-1], False
            else:
                yield found, is_open

    @property
    def fts5(self) -> str:
        """The query for ``MATCH``."""
        said = []
        for found, is_open in self._parts:
            quoted = '"' + " ".join(found) + '"'
            said.append(quoted + " *" if is_open else quoted)
        return " AND ".join(said)

    @property
    def tsquery(self) -> str:
        """The query for ``@@``."""
        said = []
        for found, is_open in self._parts:
            phrase = " <-> ".join(f"'{token}'" for token in found)
            said.append(f"({phrase}{':*' if is_open else ''})")
        return " & ".join(said)

    def of(self, dialect: str) -> str:
        """The query in the database's own words."""
        return self.fts5 if dialect == "sqlite" else self.tsquery

    def finds(self, text: str) -> bool:
        """Whether one of the phrases stands in a text."""
        folded = fold(text)
        return any(phrase in folded for phrase in self.phrases)

    def fits(self, texts: Sequence[str]) -> bool:
        """Whether every phrase stands in one of the texts of a document."""
        folded = [fold(each) for each in texts]
        return all(any(phrase in each for each in folded) for phrase in self.phrases)


def query(said: str) -> Query | None:
    """What was typed into a search box; None where nothing of it can be looked for."""
    phrases = (each for each in fold(said).split() if _RUN.search(each))
    kept = tuple(dict.fromkeys(phrases))
    return Query(kept) if kept else None


# -- kept --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Index:
    """An index in the database, beside the table whose ids it finds.

    Attributes:
        name: Its table, made in a migration. On SQLite it is one of FTS5 without content, so
            what is removed must be told once more; on PostgreSQL it has ``owner_id``, ``piece``
            and ``tokens``, a ``tsvector`` with a GIN index.
    """

    name: str

    def add(self, driver: Any, dialect: str, entries: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Put things into it.

        Args:
            driver: The database driver's own connection (``kit.bulk.driver``).
            dialect: ``sqlite`` or ``postgresql``.
            entries: Id and texts of each.
        """
        cut = ((owner, documents(texts)) for owner, texts in entries)
        if dialect == "sqlite":
            driver.executemany(
                f"INSERT INTO {self.name}(rowid, tokens) VALUES (?, ?)",  # noqa: S608 - our names
                (
                    (owner * PIECES + piece, _fts5_document(each))
                    for owner, made in cut
                    for piece, each in enumerate(made)
                ),
            )
            return
        driver.execute(f"SET LOCAL work_mem = '{_WORK_MB}MB'")
        statement = f"COPY {self.name} (owner_id, piece, tokens) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for owner, made in cut:
                for piece, each in enumerate(made):
                    copy.write(f"{owner}\t{piece}\t{_vector(each)}\n")

    def remove(
        self, driver: Any, dialect: str, entries: Iterable[tuple[int, Sequence[str]]]
    ) -> None:
        """Take things out of it.

        Args:
            driver: As in ``add``.
            dialect: As in ``add``.
            entries: As they were put in, texts as well.
        """
        if dialect == "sqlite":
            driver.executemany(
                f"INSERT INTO {self.name}({self.name}, rowid, tokens) VALUES ('delete', ?, ?)",  # noqa: S608
                (
                    (owner * PIECES + piece, _fts5_document(each))
                    for owner, texts in entries
                    for piece, each in enumerate(documents(texts))
                ),
            )
            return
        owners = [owner for owner, _texts in entries]
        driver.execute(f"DELETE FROM {self.name} WHERE owner_id = ANY(%s)", (owners,))  # noqa: S608

    def settle(self, driver: Any, dialect: str) -> None:
        """Bring much that was added to where it is found quickly; PostgreSQL puts that off."""
        if dialect == "postgresql":
            driver.execute("SELECT gin_clean_pending_list(%s)", (f"ix_{self.name}_tokens",))
            driver.execute(f"ANALYZE {self.name}")

    def matching(self, dialect: str) -> tuple[str, str]:
        """The parts of a statement that looks something up.

        Returns:
            The expression of the thing's id, and the condition, which takes ``:wanted``.
        """
        if dialect == "sqlite":
            return f"{self.name}.rowid / {PIECES}", f"{self.name} MATCH :wanted"
        return f"{self.name}.owner_id", f"{self.name}.tokens @@ CAST(:wanted AS tsquery)"

    def order(self, dialect: str) -> str:
        """What to sort by so that the index gives things in the order of their ids."""
        return f"{self.name}.{'rowid' if dialect == 'sqlite' else 'owner_id'}"
