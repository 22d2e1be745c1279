"""The catalogue: all content of a team, loaded and checked. Values only, shared by threads."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cstrain.core.catalogue.kinds import ActivityKind
from cstrain.core.items.item import Item
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _

#: So many characters of a text stand around what was found in it.
_SHOWN_BEFORE, _SHOWN_AFTER = 20, 40


@dataclass(frozen=True, slots=True)
class Activity:
    """Something a trainee can do."""

    slug: str
    kind: ActivityKind
    title: Mapping[str, str]
    spec: Any
    path: str
    digest: str
    chapter: str | None

    @property
    def minutes(self) -> float:
        """About how long it takes."""
        return self.kind.minutes(self.spec)

    @property
    def is_exam(self) -> bool:
        """Whether attempts are limited and count."""
        return self.kind.is_exam(self.spec)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter and its lessons in order."""

    slug: str
    number: int
    title: Mapping[str, str]
    summary: Mapping[str, str]
    lessons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BankItem:
    """A question of a bank file.

    Attributes:
        item: The question with its key.
        lesson: The lesson it belongs to; the name of its material for one that was made.
        digest: Under which its JSON is kept for ever.
        is_made: Whether it was made of a material, and nobody has written it.
    """

    item: Item
    lesson: str
    path: str
    digest: str
    is_made: bool = False

    @property
    def section(self) -> str:
        """The subsection it tests, or its lesson."""
        return self.item.section or self.lesson


@dataclass(frozen=True, slots=True)
class Practice:
    """What a file of a material gives to practise with, besides what is written for that.

    Attributes:
        material: Its kind, for instance ``faq``.
        slug: The file; its questions have it for their section.
        urls: Ref → address: the material, the file, and every entry of it.
        texts: What agents send as it stands, in the order of the file.
        items: Questions made of it, for practice only.
    """

    material: str
    slug: str
    title: Mapping[str, str]
    path: str
    urls: Mapping[str, str]
    texts: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """Something the search box can find.

    Attributes:
        group: ``lesson``, ``faq``, ``reply``, ``product``, ``word`` or ``term``.
        text: Plain text that is searched; the title is searched too and weighs more.
            Where there is an answer it begins with that; other ways to ask follow.
        answer: What Enter copies; None when Enter opens the address.
        activity: Hidden while this activity is locked for the viewer; None is always shown.
    """

    group: str
    title: str
    text: str
    url: str
    answer: str | None = None
    activity: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result with the stretch of text around the first match."""

    entry: SearchEntry
    before: str
    match: str
    after: str


@dataclass(frozen=True)
class Catalogue:
    """Everything published, for one team.

    Attributes:
        revision_id: The revision it was built from.
        sections: Section ref → (lesson slug, title).
        materials: Material kind → loaded values in path order.
        practice: What materials give to practise with, in path order.
        unwritten: Under what evidence stands that no content is written for: slug → title.
    """

    revision_id: int
    chapters: Sequence[Chapter]
    activities: Mapping[str, Activity]
    bank: Mapping[str, BankItem]
    sections: Mapping[str, tuple[str, Mapping[str, str]]]
    materials: Mapping[str, Sequence[Any]]
    paths: Mapping[str, str]
    search_index: Sequence[tuple[SearchEntry, str, str]] = ()
    practice: Sequence[Practice] = ()
    unwritten: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def activity(self, slug: str) -> Activity:
        """The activity of this slug.

        Raises:
            NotFoundError: If there is none.
        """
        found = self.activities.get(slug)
        if found is None:
            raise NotFoundError(_("没有这项内容，可能已经改版。"))
        return found

    def lessons(self) -> Iterator[Activity]:
        """Every lesson in the order of the course."""
        for chapter in self.chapters:
            for slug in chapter.lessons:
                yield self.activities[slug]

    def section_title(self, ref: str) -> Mapping[str, str]:
        """The title of a section or subsection; the ref itself when it is gone."""
        found = self.sections.get(ref)
        if found:
            return found[1]
        titles = (each.title for each in self.practice if ref in each.urls)
        return next(titles, {"zh": ref, "en": ref})

    def page_of(self, ref: str) -> str | None:
        """The address at which a material shows what its questions are made of."""
        return next((each.urls[ref] for each in self.practice if ref in each.urls), None)

    def lesson_of(self, ref: str) -> str | None:
        """The lesson that teaches a section."""
        found = self.sections.get(ref)
        return found[0] if found else None

    def search(self, query: str, may_open: Callable[[str], bool], limit: int = 12) -> list[Hit]:
        """Entries that contain every word of the query, best first; titles weigh most.

        Works on plain substrings, so two-character Chinese words are found. A course is some
        hundred thousand characters: a scan takes well under a millisecond.
        """
        words = fold(query).split()
        if not words:
            return []
        ranked: list[tuple[int, int, SearchEntry, str]] = []
        for order, (entry, title, text) in enumerate(self.search_index):
            if not all(word in title or word in text for word in words):
                continue
            if entry.activity is not None and not may_open(entry.activity):
                continue
            asked = text[len(entry.answer) :] if entry.answer else ""
            is_to_send = entry.group in {"faq", "reply", "product"}
            weight = sum(3 * (word in title) + 2 * (word in asked) + is_to_send for word in words)
            ranked.append((-weight, order, entry, text))
        ranked.sort(key=lambda row: row[:2])
        return [_hit(entry, text, words[0]) for _w, _o, entry, text in ranked[:limit]]


class _Folds(dict[int, str]):
    """Code point → its folded character, found when first asked for."""

    def __missing__(self, point: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(point)).casefold()
        self[point] = folded if len(folded) == 1 else chr(point)
        return self[point]


_folds = _Folds()


def fold(text: str) -> str:
    """Text as it is searched: width and case folded, one character for one character."""
    return text.translate(_folds)


def _hit(entry: SearchEntry, folded: str, word: str) -> Hit:
    """Cut the stretch around the first match out of the entry's text; an answer stays whole."""
    if entry.answer:
        before, match, after = entry.answer, "", ""
        at = folded.find(word, 0, len(entry.answer))
        if at >= 0:
            end = at + len(word)
            before, match, after = before[:at], before[at:end], before[end:]
        return Hit(entry, before, match, after)
    text = entry.text
    at = folded.find(word)
    if at < 0:
        return Hit(entry, _beginning(text, _SHOWN_BEFORE + _SHOWN_AFTER), "", "")
    end = at + len(word)
    before = text[max(at - _SHOWN_BEFORE, 0) : at]
    if at > _SHOWN_BEFORE:
        before = f"…{before}"
    return Hit(entry, before, text[at:end], _beginning(text[end:], _SHOWN_AFTER))


def _beginning(text: str, length: int) -> str:
    """The first characters of a text, with a mark where more follows."""
    return text if len(text) <= length else f"{text[:length].rstrip()}…"
