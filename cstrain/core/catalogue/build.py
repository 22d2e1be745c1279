"""From files to a catalogue, with every problem of every file."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TypeGuard

from cstrain.core.catalogue import cache
from cstrain.core.catalogue.catalogue import (
    Activity,
    BankItem,
    Catalogue,
    Chapter,
    Practice,
    SearchEntry,
    fold,
)
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.sources import TEXT_SUFFIXES, File, Source, media_beside, open_source
from cstrain.core.items.canonical import item_digest
from cstrain.core.items.item import Item
from cstrain.core.items.media import pin
from cstrain.core.items.parse import parse_items
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

#: What a file calls itself, where it may be too broken to be read otherwise.
_SLUG = re.compile(r"""^slug:[ \t]*["']?([^"'\s#]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one file came to; kept between builds because most files stay as they are.

    Attributes:
        source: The opened file; None where it cannot be opened.
        value: The spec, material, chapter or questions; None where they cannot be read.
        problems: What is wrong with the file by itself.
    """

    source: Source | None
    value: Any
    problems: tuple[ContentProblem, ...]


_Key = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class Builder:
    """Builds catalogues, remembering loaded files by path, digest and media beside them.

    Attributes:
        registry: Loads and checks.
        cache_folder: Where loaded files are kept between starts; None for nowhere.
    """

    registry: Registry
    cache_folder: Path | None = None
    _memo: dict[_Key, Loaded] = field(default_factory=dict)
    _kept_count: int = -1

    def build(
        self, files: Mapping[str, File], revision_id: int
    ) -> tuple[Catalogue, list[ContentProblem]]:
        """Load and check ``files`` (paths as a team sees them).

        Returns:
            The catalogue of what could be loaded, and all problems by path and line; only a
            catalogue without problems may be published.
        """
        self._recall()
        digests = {path: file.digest for path, file in files.items()}
        with _uncollected():
            loaded = {
                path: self.load(path, file, media_beside(path, digests))
                for path, file in sorted(files.items())
                if PurePosixPath(path).suffix in TEXT_SUFFIXES
            }
        self._keep()
        problems = [problem for each in loaded.values() for problem in each.problems]
        broken = {
            slug
            for path, each in loaded.items()
            if each.value is None
            for slug in _SLUG.findall(files[path].body.decode(errors="replace"))
        }
        catalogue = self._assemble(loaded, files, revision_id, problems, broken)
        for check in self.registry.checks:
            problems.extend(check(catalogue))
        told = {each for each in problems if not _is_within(each.missing, broken)}
        return catalogue, sorted(told, key=lambda each: (each.path, each.line, each.problem))

    def load(self, path: str, file: File, media: Mapping[str, str]) -> Loaded:
        """Load one file, or give what it came to before, if nothing was wrong with it.

        Args:
            path: Where it lies, as its team sees it.
            file: The file.
            media: Path relative to the file → digest, for the media it may show.
        """
        key = (path, file.digest, tuple(sorted(media.items())))
        found = self._memo.get(key)
        if found is None:
            found = self._load_afresh(path, file, media)
            if not found.problems:  # their words have a language
                self._memo[key] = found
        return found

    def _recall(self) -> None:
        """Take over, once, what an earlier start has loaded."""
        if self._kept_count < 0:
            if self.cache_folder is not None:
                self._memo = {**cache.read(self.cache_folder), **self._memo}
            self._kept_count = len(self._memo)

    def _keep(self) -> None:
        """Write down what is new."""
        if self.cache_folder is None or len(self._memo) == self._kept_count:
            return
        self._kept_count = len(self._memo)
        cache.write(self.cache_folder, self._memo)

    def forget(self, files: Mapping[str, File]) -> None:
        """Drop what was loaded from files other than these."""
        digests = {file.digest for file in files.values()}
        self._memo = {key: kept for key, kept in self._memo.items() if key[1] in digests}

    def _load_afresh(self, path: str, file: File, media: Mapping[str, str]) -> Loaded:
        source: Source | None = None
        try:
            source = open_source(path, file, media)
            if source.kind == "bank":
                items, problems = parse_items(path, file.body.decode("utf-8-sig"))
                return Loaded(source, [pin(item, media) for item in items], tuple(problems))
            return Loaded(source, self._loader(source)(source), ())
        except ContentError as error:
            return Loaded(source, None, error.problems)

    def _loader(self, source: Source) -> Callable[[Source], Any]:
        """What reads files of the source's kind.

        Raises:
            ContentError: If nothing does.
        """
        name = source.kind
        if name == "chapter":
            return _chapter
        if name in self.registry.kinds:
            return self.registry.kinds[name].load
        if name in self.registry.materials:
            return self.registry.materials[name]
        known = ", ".join(sorted(self.registry.kinds.keys() | self.registry.materials.keys()))
        text = _("不认识 kind: %(kind)s，可以写 %(known)s", kind=name, known=known)
        raise ContentError([source.problem(text, "kind")])

    def _assemble(
        self,
        loaded: Mapping[str, Loaded],
        files: Mapping[str, File],
        revision_id: int,
        problems: list[ContentProblem],
        broken: set[str],
    ) -> Catalogue:
        sources = [(each.source, each.value) for each in loaded.values() if each.source]
        chapters = {
            source.folder: value for source, value in sources if source.kind == "chapter" and value
        }
        activities: dict[str, Activity] = {}
        materials: dict[str, list[Any]] = {}
        for source, value in sources:
            if value is None or source.kind in {"bank", "chapter"}:
                continue
            if source.kind in self.registry.materials:
                materials.setdefault(source.kind, []).append(value)
                continue
            activity = self._activity(source, value, chapters, problems)
            if activity is None:
                broken.add(str(source.meta.data.get("slug")))
                continue
            if activity.slug in activities:
                other = activities[activity.slug].path
                problems.append(source.problem(_("slug 和 %(other)s 重复", other=other), "slug"))
            activities[activity.slug] = activity
        sections = _sections(activities.values())
        bank = _bank(sources, sections, activities.keys() | broken, problems)
        practice = _practice(materials)
        _add_made(bank, practice, problems)
        return Catalogue(
            revision_id=revision_id,
            chapters=_ordered(chapters, activities.values()),
            activities=activities,
            bank=bank,
            sections=sections,
            materials=materials,
            paths={path: file.digest for path, file in files.items()},
            search_index=[
                (entry, fold(entry.title), fold(entry.text))
                for entry in self._search_entries(activities.values(), materials)
            ],
            practice=practice,
            unwritten={
                slug: title
                for kind in self.registry.evidence_kinds.values()
                for slug, title in kind.activities.items()
            },
        )

    def _activity(
        self,
        source: Source,
        value: Any,
        chapters: Mapping[str, Chapter],
        problems: list[ContentProblem],
    ) -> Activity | None:
        slug, title = source.meta.data.get("slug"), source.meta.data.get("title")
        if not isinstance(slug, str) or not slug:
            problems.append(source.problem(_("缺 slug（要带引号的短名）"), "slug"))
            return None
        if not is_bilingual(title):
            problems.append(source.problem(_("title 要写成 {zh: 中文, en: English}"), "title"))
            return None
        chapter = source.folder if source.folder in chapters else None
        kind = self.registry.kinds[source.kind]
        return Activity(slug, kind, title, value, source.path, source.digest, chapter)

    @staticmethod
    def _search_entries(
        activities: Iterable[Activity], materials: Mapping[str, Iterable[Any]]
    ) -> Iterable[SearchEntry]:
        for activity in activities:
            yield from activity.kind.search_entries(activity)
        for values in materials.values():
            for value in values:
                # A material that people look things up in says so by this method.
                entries = getattr(value, "search_entries", None)
                if entries is not None:
                    yield from entries()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the cyclic collector from walking, again and again, over content that all stays."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _is_within(ref: str, slugs: Iterable[str]) -> bool:
    """Whether a reference leads to one of these activities, or to a section of it."""
    return any(ref == slug or ref.startswith(f"{slug}.") for slug in slugs)


def is_bilingual(value: Any) -> TypeGuard[dict[str, str]]:
    """Whether this is a ``{zh, en}`` pair of non-empty texts."""
    return (
        isinstance(value, dict)
        and set(value) == {"zh", "en"}
        and all(isinstance(text, str) and text.strip() for text in value.values())
    )


def _chapter(source: Source) -> Chapter:
    """A ``chapter.yaml``.

    Raises:
        ContentError: If its number or texts are missing, or its lessons are no list of slugs.
    """
    data = source.meta.data
    problems = []
    if not isinstance(data.get("number"), int):
        problems.append(source.problem(_("缺 number，例如 number: 1"), "number"))
    problems.extend(
        source.problem(_("%(key)s 要写成 {zh: 中文, en: English}", key=key), key)
        for key in ("title", "summary")
        if not is_bilingual(data.get(key))
    )
    lessons = data.get("lessons", [])
    if not isinstance(lessons, list) or not all(isinstance(slug, str) for slug in lessons):
        text = _('lessons 写课的 slug，例如 lessons: ["9.1", "9.2"]')
        problems.append(source.problem(text, "lessons"))
    if problems:
        raise ContentError(problems)
    return Chapter(source.folder, data["number"], data["title"], data["summary"], tuple(lessons))


def _ordered(chapters: Mapping[str, Chapter], activities: Iterable[Activity]) -> list[Chapter]:
    """Chapters by number, each with its lessons as it lists them, then the rest in file order."""
    lessons: dict[str, list[Activity]] = {folder: [] for folder in chapters}
    for activity in sorted(activities, key=lambda each: each.path):
        if activity.chapter is not None and activity.kind.sections(activity.spec):
            lessons[activity.chapter].append(activity)
    for folder, chapter in chapters.items():
        listed = {slug: place for place, slug in enumerate(chapter.lessons)}
        lessons[folder].sort(key=lambda each: listed.get(each.slug, len(listed)))
    return [
        Chapter(
            slug=folder,
            number=chapter.number,
            title=chapter.title,
            summary=chapter.summary,
            lessons=tuple(each.slug for each in lessons[folder]),
        )
        for folder, chapter in sorted(chapters.items(), key=lambda pair: pair[1].number)
        if lessons[folder]
    ]


def _sections(activities: Iterable[Activity]) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Every section ref with its lesson and title; a lesson's slug is a ref too."""
    sections: dict[str, tuple[str, Mapping[str, str]]] = {}
    for activity in activities:
        parts = activity.kind.sections(activity.spec)
        if parts:
            sections[activity.slug] = (activity.slug, activity.title)
        for ref, title in parts.items():
            sections[ref] = (activity.slug, title)
    return sections


def _bank(
    sources: Iterable[tuple[Source, Any]],
    sections: Mapping[str, tuple[str, Mapping[str, str]]],
    lessons: Collection[str],
    problems: list[ContentProblem],
) -> dict[str, BankItem]:
    """All questions of all bank files, each tied to a lesson, be that broken itself."""
    bank: dict[str, BankItem] = {}
    for source, items in sources:
        if source.kind != "bank" or items is None:
            continue
        lesson = source.meta.data.get("section")
        if not isinstance(lesson, str) or lesson not in lessons:
            text = _("section: %(ref)s 不是任何一课", ref=lesson)
            problems.append(source.problem(text, "section", missing=str(lesson or "")))
            continue
        for item in items:
            problems.extend(_placed(source, item, bank, sections))
            bank[item.id] = BankItem(item, lesson, source.path, item_digest(item))
    return bank


def _practice(materials: Mapping[str, Iterable[Any]]) -> list[Practice]:
    """What materials give to practise with; one that gives anything says so by this method."""
    given = (
        getattr(value, "practice", None) for name in sorted(materials) for value in materials[name]
    )
    return [give() for give in given if give is not None]


def _add_made(
    bank: dict[str, BankItem], practice: Iterable[Practice], problems: list[ContentProblem]
) -> None:
    """Lay the questions made of materials beside those that are written."""
    for each in practice:
        for item in each.items:
            if item.id in bank:
                text = _("编号 %(id)s 和 %(path)s 重复", id=item.id, path=bank[item.id].path)
                problems.append(ContentProblem(each.path, item.line, text))
            digest = item_digest(item)
            bank[item.id] = BankItem(item, each.material, each.path, digest, is_made=True)


def _placed(
    source: Source,
    item: Item,
    bank: Mapping[str, BankItem],
    sections: Mapping[str, tuple[str, Mapping[str, str]]],
) -> Iterable[ContentProblem]:
    """Problems with where a question stands."""
    if item.id in bank:
        text = _("编号 %(id)s 和 %(path)s 重复", id=item.id, path=bank[item.id].path)
        yield source.problem(text, line=item.line)
    if item.section is not None and item.section not in sections:
        text = _("没有小节 %(ref)s", ref=item.section)
        yield source.problem(text, line=item.line, missing=item.section)
