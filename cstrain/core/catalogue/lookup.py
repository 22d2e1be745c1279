"""A page to look things up on: all of it by class, or what was asked for, best first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cstrain.core.catalogue.catalogue import SearchEntry, fold

QUERY_MAX_LENGTH = 60


class File(Protocol):
    """Entries that were written together, each with what the search box finds it by."""

    @property
    def slug(self) -> str:
        """Names it within a team's content."""

    @property
    def entries(self) -> Sequence[Any]:
        """In the order of the file."""

    def search_entries(self) -> Iterator[SearchEntry]:
        """One for each entry."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry on the page.

    Attributes:
        home: The slug of its file.
        place: Where it stands when nothing is asked for.
        rank: The lower the better it fits what is asked for; None where it does not.
    """

    entry: Any
    home: str
    place: int
    rank: int | None


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a page shows.

    Attributes:
        chosen: The class to stay in; empty for all.
        found: What was asked for, best first; empty where nothing is asked for.
        rest: Slug of a file → its rows that are not found.
        counts: Class → how many of its entries fit.
    """

    query: str
    chosen: str
    found: Sequence[Row]
    rest: Mapping[str, Sequence[Row]]
    counts: Mapping[str, int]

    def shows(self, name: str) -> bool:
        """Whether a class stands on the page as it was written."""
        return not self.query and self.chosen in {"", name}


def read(classes: Mapping[str, Sequence[File]], args: Mapping[str, str]) -> Lookup:
    """Narrow classes by ``?q=`` and ``?class=``; one that is not known is left out of account."""
    query = " ".join(args.get("q", "")[:QUERY_MAX_LENGTH].split())
    chosen = args.get("class", "")
    chosen = chosen if chosen in classes else ""
    words = fold(query).split()
    found: list[Row] = []
    rest: dict[str, list[Row]] = {}
    counts = dict.fromkeys(classes, 0)
    place = 0
    for name, files in classes.items():
        for file in files:
            left = rest.setdefault(file.slug, [])
            for entry, searched in zip(file.entries, file.search_entries(), strict=True):
                row = Row(entry, file.slug, place, _rank(searched, words))
                place += 1
                counts[name] += row.rank is not None
                is_found = words and row.rank is not None and chosen in {"", name}
                (found if is_found else left).append(row)
    found.sort(key=lambda row: row.rank or 0)
    return Lookup(query, chosen, found, rest, counts)


def _rank(entry: SearchEntry, words: Sequence[str]) -> int | None:
    """0 where the title holds every word, 1 with the other ways to ask, 2 with the answer."""
    if not words:
        return 0
    asked = entry.text[len(entry.answer) :] if entry.answer else ""
    parts = [fold(part) for part in (entry.title, asked, entry.text)]
    fits = (all(any(word in part for part in parts[: n + 1]) for word in words) for n in range(3))
    return next((rank for rank, is_fit in enumerate(fits) if is_fit), None)
