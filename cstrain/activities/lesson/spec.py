"""From a lesson's file to its spec. All problems are collected; nothing stops at the first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from cstrain.kit import markdown
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import Catalogue, Item, Source, blocks, canonical, figures, media, parse

LANGUAGES = ("zh", "en")
MAX_MINUTES = 240
_KEYS = frozenset({"kind", "slug", "title", "goals", "minutes", "key_points", "sources", "checked"})
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_HEADING = re.compile(r"##\s+(?P<text>.*\S)\s*")
_NUMBERED = re.compile(r"(?P<number>(?:\d+|[A-Z])(?:\.\d+)+)\s+(?P<title>\S.*)")

Titles = Mapping[str, str]


class PartKind(StrEnum):
    """What a part is."""

    INTRO = "intro"
    SECTION = "section"
    THINK = "think"
    CASE = "case"
    PRACTICE = "practice"
    PLATFORMS = "platforms"
    OTHER = "other"


BEATS = {
    "启发思考": PartKind.THINK,
    "案例分析": PartKind.CASE,
    "实际训练": PartKind.PRACTICE,
    "平台差异": PartKind.PLATFORMS,
}
_NEEDED = (PartKind.THINK, PartKind.CASE, PartKind.PRACTICE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a lesson.

    Attributes:
        ref: Its anchor, and what its opening is stored under: ``1.1.1``, ``think``, ``case-1``.
        number: Of a section, else empty.
        title: The heading without its number, ``{zh, en}``; empty for the beginning.
        name: The heading without the beat's name; empty where there is no more than that.
        pieces: Safe HTML and questions, in order.
        text: The words, for the search.
    """

    ref: str
    kind: PartKind
    number: str
    title: Titles
    name: Titles
    pieces: tuple[str | Item, ...]
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Reference:
    """Something a lesson rests on."""

    name: str
    issuer: str
    dated: str


@dataclass(frozen=True, slots=True)
class LessonSpec:
    """A lesson.

    Attributes:
        goals: Language → what one can do afterwards.
        key_points: Language → what to keep in mind.
        checked_on: When somebody last compared it with its sources; None when nobody did.
        sections: Refs that must be opened, in order.
        questions: Ids that must be answered, in order.
        items: Every question and prompt by id.
        digests: Item id → under which its content is known.
        links: Line and target of links to sections and activities.
        body: The text as written, from line ``body_line`` of its file.
    """

    slug: str
    path: str
    title: Titles
    goals: Mapping[str, tuple[str, ...]]
    key_points: Mapping[str, tuple[str, ...]]
    minutes: float
    references: tuple[Reference, ...]
    checked_on: date | None
    parts: tuple[Part, ...]
    sections: tuple[str, ...]
    questions: tuple[str, ...]
    items: Mapping[str, Item]
    digests: Mapping[str, str]
    links: tuple[tuple[int, str], ...]
    body: str = ""
    body_line: int = 1

    @property
    def is_practice(self) -> bool:
        """Whether it has exercises instead of numbered sections."""
        return not any(part.kind is PartKind.SECTION for part in self.parts)

    def part(self, ref: str) -> Part | None:
        """The part of this ref."""
        return next((part for part in self.parts if part.ref == ref), None)

    def questions_of(self, scope: Sequence[str]) -> tuple[str, ...]:
        """The questions that test any of these sections."""
        wanted = set(scope)
        return tuple(each for each in self.questions if self.items[each].section in wanted)


def load(source: Source) -> LessonSpec:
    """Read a lesson.

    Raises:
        ContentError: With every problem of the file.
    """
    reader = _Reader(source)
    spec = reader.read()
    if reader.problems:
        raise ContentError(sorted(reader.problems, key=lambda each: each.line))
    return spec


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """Links that lead nowhere, sections that are not there, ids and numbers used twice."""
    lessons = [
        activity.spec
        for activity in catalogue.activities.values()
        if isinstance(activity.spec, LessonSpec)
    ]
    ids = {item_id: entry.path for item_id, entry in catalogue.bank.items()}
    refs: dict[str, str] = {}
    for spec in lessons:
        for line, target in spec.links:
            yield from _dead_link(catalogue, spec.path, line, target)
        yield from _misplaced(catalogue, spec, ids)
        for part in spec.parts:
            if part.kind is PartKind.SECTION and part.ref in refs:
                text = _("小节号 %(ref)s 和 %(path)s 重复", ref=part.ref, path=refs[part.ref])
                yield ContentProblem(spec.path, part.line, text)
            refs[part.ref] = spec.path
    for entry in catalogue.bank.values():
        for written in (entry.item.stem_md, entry.item.explanation_md):
            for _line, target in markdown.targets(written):
                yield from _dead_link(catalogue, entry.path, entry.item.line, target)
                yield from _figure_asked(entry.path, entry.item, target)
            for _line, problem in markdown.table_problems(written):
                yield ContentProblem(entry.path, entry.item.line, problem)


def _misplaced(
    catalogue: Catalogue, spec: LessonSpec, ids: dict[str, str]
) -> Iterator[ContentProblem]:
    """Questions whose id is taken, or whose section is not there; ``ids`` is filled."""
    for item_id, item in spec.items.items():
        for written in (item.stem_md, item.explanation_md):
            for _line, target in markdown.targets(written):
                yield from _figure_asked(spec.path, item, target)
        if item_id in ids:
            text = _("编号 %(id)s 和 %(path)s 重复", id=item_id, path=ids[item_id])
            yield ContentProblem(spec.path, item.line, text)
        ids[item_id] = spec.path
        if item.section is not None and item.section not in catalogue.sections:
            text = _("没有小节 %(ref)s", ref=item.section)
            yield ContentProblem(spec.path, item.line, text, item.section)


def _figure_asked(path: str, item: Item, target: str) -> Iterator[ContentProblem]:
    """A question is the same in every shop, and is kept as it was asked."""
    if target.startswith("figure:"):
        text = _("题里不能用本店数字 %(target)s，写在正文里", target=target)
        yield ContentProblem(path, item.line, text)


def _dead_link(catalogue: Catalogue, path: str, line: int, target: str) -> Iterator[ContentProblem]:
    kind, _colon, name = target.partition(":")
    if kind == "section" and name not in catalogue.sections and not catalogue.page_of(name):
        yield ContentProblem(path, line, _("链接到的小节 %(ref)s 不存在", ref=name), name)
    elif kind == "activity" and name not in catalogue.activities:
        yield ContentProblem(path, line, _("链接到的活动 %(ref)s 不存在", ref=name), name)
    elif target.startswith("media/") and not re.match(r"media/[0-9a-f]{64}/", target):
        yield ContentProblem(path, line, _("没有文件 %(path)s", path=target))
    elif kind == "figure" and (text := figures.problem_of(name)):
        yield ContentProblem(path, line, text)


@dataclass(slots=True)
class _Draft:
    """A part while it is read: its heading and the pieces under it."""

    line: int
    heading: str
    pieces: list[tuple[int, str] | Item] = field(default_factory=list)


class _Reader:
    """Reads one file, noting what is wrong."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data: Mapping[str, Any] = source.meta.data
        self.problems: list[ContentProblem] = []

    def read(self) -> LessonSpec:
        """The lesson, as far as it could be read."""
        for key in sorted(self.data.keys() - _KEYS):
            known = "、".join(sorted(_KEYS))
            self._note(_("开头不认识“%(key)s”，可以写：%(known)s", key=key, known=known), key)
        slug = self.data.get("slug")
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
            self._note(_('slug 要写成带引号的短名，例如 slug: "1.1"'), "slug")
            slug = ""
        title = self.data.get("title")
        goals, key_points = self._texts("goals"), self._texts("key_points")
        minutes, references = self._minutes(), self._references()
        for line, problem in markdown.table_problems(self.source.body):
            self._note(problem, line=self.source.body_line + line - 1)
        parts = self._parts(slug)
        items = {
            piece.id: piece for part in parts for piece in part.pieces if isinstance(piece, Item)
        }
        return LessonSpec(
            slug=slug,
            path=self.source.path,
            title=title if isinstance(title, dict) else {},
            goals=goals,
            key_points=key_points,
            minutes=minutes,
            references=references,
            checked_on=self._date("checked"),
            parts=parts,
            sections=_must_open(parts),
            questions=tuple(item.id for item in items.values() if not item.is_prompt),
            items=items,
            digests={item.id: canonical.item_digest(item) for item in items.values()},
            links=self._links(),
            body=self.source.body,
            body_line=self.source.body_line,
        )

    def _note(self, text: str, *location: str | int, line: int = 0) -> None:
        self.problems.append(self.source.problem(text, *location, line=line))

    # ---- Front matter -------------------------------------------------------------------------

    def _texts(self, key: str) -> dict[str, tuple[str, ...]]:
        """A list of texts in both languages, of the same length."""
        value = self.data.get(key)
        if not (
            isinstance(value, dict)
            and set(value) == set(LANGUAGES)
            and all(_is_texts(value[language]) for language in LANGUAGES)
        ):
            self._note(_("%(key)s 要写成 zh、en 两份列表，都不能空", key=key), key)
            return dict.fromkeys(LANGUAGES, ())
        if len(value["zh"]) != len(value["en"]):
            self._note(_("%(key)s 中英文条数不一样", key=key), key)
        return {language: tuple(value[language]) for language in LANGUAGES}

    def _minutes(self) -> float:
        value = self.data.get("minutes")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 < float(value or 0) <= MAX_MINUTES:
            return float(value or 0)
        self._note(_("minutes 要写成 1 到 %(most)s 的分钟数", most=MAX_MINUTES), "minutes")
        return 10.0

    def _date(self, *location: str) -> date | None:
        value: Any = self.data
        for key in location:
            value = value.get(key)
        if value is None or isinstance(value, date):
            return value
        self._note(_("日期写成 2026-11-22 这样，不带引号"), *location)
        return None

    def _references(self) -> tuple[Reference, ...]:
        value = self.data.get("sources", [])
        if not isinstance(value, list):
            self._note(_("sources 要写成列表：- {name: …, issuer: …, date: …}"), "sources")
            return ()
        found = []
        for place, entry in enumerate(value):
            is_good = (
                isinstance(entry, dict)
                and set(entry) == {"name", "issuer", "date"}
                and isinstance(entry["name"], str)
                and isinstance(entry["issuer"], str)
                and isinstance(entry["date"], date | str | int)
            )
            if is_good:
                found.append(Reference(entry["name"], entry["issuer"], str(entry["date"])))
            else:
                text = _("每条 sources 都要写 name、issuer、date 三项")
                self._note(text, "sources", place)
        return tuple(found)

    # ---- Body ---------------------------------------------------------------------------------

    def _parts(self, slug: str) -> tuple[Part, ...]:
        drafts = self._drafts()
        counts: dict[PartKind, int] = {}
        parts: list[Part] = []
        refs: dict[str, int] = {}
        for draft in drafts:
            part = self._part(draft, counts, slug)
            if part.ref in refs:
                text = _("“%(ref)s”在第 %(line)s 行已经有了", ref=part.ref, line=refs[part.ref])
                self._note(text, line=draft.line)
                continue
            refs[part.ref] = draft.line
            parts.append(part)
        if any(part.kind is PartKind.SECTION for part in parts):
            names = {kind: name for name, kind in BEATS.items()}
            kinds = {part.kind for part in parts}
            for kind in _NEEDED:
                if kind not in kinds:
                    self._note(_("缺少“## %(name)s”这一部分", name=names[kind]), line=1)
        elif not any(part.kind is PartKind.OTHER for part in parts):
            text = _("一个小节也没有：写成“## 1.1.1 标题 | English title”")
            self._note(text, line=self.source.body_line)
        return tuple(parts)

    def _drafts(self) -> list[_Draft]:
        """The body parted at its headings; questions stand among the pieces."""
        scanned = blocks.scan(self.source.path, self.source.body, first_line=self.source.body_line)
        self.problems += scanned.problems
        drafts = [_Draft(self.source.body_line, "")]
        ids: dict[str, int] = {}
        for piece in scanned.pieces:
            if isinstance(piece, blocks.Prose):
                self._take_prose(piece, drafts)
                continue
            numbered = _NUMBERED.fullmatch(_halves(drafts[-1].heading)[0])
            slug = self.data.get("slug")
            section = numbered["number"] if numbered else (slug if isinstance(slug, str) else None)
            item, problems = parse.parse_item(piece, section=section)
            self.problems += problems
            if item is None:
                continue
            if item.id in ids:
                text = _("编号 %(id)s 在第 %(line)s 行已经用过", id=item.id, line=ids[item.id])
                self._note(text, line=item.line)
                continue
            ids[item.id] = item.line
            drafts[-1].pieces.append(media.pin(item, self.source.media))
        return [draft for draft in drafts if draft.heading or draft.pieces]

    def _take_prose(self, prose: blocks.Prose, drafts: list[_Draft]) -> None:
        lines = prose.text.split("\n")
        headings = {
            number: match["text"]
            for number, line in markdown.prose_lines(prose.text)
            if (match := _HEADING.fullmatch(line))
        }
        held: list[str] = []
        held_line = prose.line

        def flush() -> None:
            if any(line.strip() for line in held):
                drafts[-1].pieces.append((held_line, "\n".join(held)))

        for number, line in enumerate(lines, start=1):
            if number not in headings:
                held.append(line)
                continue
            flush()
            at = prose.line + number - 1
            drafts.append(_Draft(at, headings[number]))
            held, held_line = [], at + 1
        flush()

    def _part(self, draft: _Draft, counts: dict[PartKind, int], slug: str) -> Part:
        zh, en = _halves(draft.heading)
        if draft.heading and not en:
            text = _("标题少了英文：写成“## %(zh)s | English”", zh=zh)
            self._note(text, line=draft.line)
        numbered = _NUMBERED.fullmatch(zh)
        beat, name = _beat(zh)
        if not draft.heading:
            kind, ref = PartKind.INTRO, "intro"
        elif numbered:
            kind, ref = PartKind.SECTION, numbered["number"]
        else:
            kind = beat or PartKind.OTHER
            counts[kind] = counts.get(kind, 0) + 1
            ref = kind.value
            if kind in {PartKind.CASE, PartKind.OTHER}:
                ref = f"{'exercise' if kind is PartKind.OTHER else 'case'}-{counts[kind]}"
        title = {"zh": numbered["title"] if numbered else zh, "en": en or zh}
        pieces, texts = self._pieces(draft, f"{slug}-{ref}")
        return Part(
            ref=ref,
            kind=kind,
            number=numbered["number"] if numbered else "",
            title=title,
            name={"zh": name, "en": _after_colon(en)} if beat else title,
            pieces=pieces,
            text="\n".join(texts),
            line=draft.line,
        )

    def _pieces(self, draft: _Draft, prefix: str) -> tuple[tuple[str | Item, ...], list[str]]:
        pieces: list[str | Item] = []
        texts: list[str] = []
        for number, piece in enumerate(draft.pieces, start=1):
            if isinstance(piece, Item):
                pieces.append(piece)
                continue
            line, text = piece
            for offset, target in markdown.targets(text):
                if target.startswith("media/") and self.source.resolve(target) is None:
                    message = _("没有文件 %(path)s", path=target)
                    self._note(message, line=line + offset - 1)
            html = markdown.render(text, self.source.resolve, id_prefix=f"{prefix}-{number}-")
            pieces.append(html)
            texts.append(markdown.plain(text))
        return tuple(pieces), texts

    def _links(self) -> tuple[tuple[int, str], ...]:
        first = self.source.body_line - 1
        return tuple(
            (first + line, target)
            for line, target in markdown.targets(self.source.body)
            if not target.startswith("media/")
        )


def _is_texts(value: object) -> bool:
    """Whether this is a list of texts, none of them empty."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(text, str) and text.strip() for text in value)
    )


def _halves(heading: str) -> tuple[str, str]:
    """Chinese and English of a heading; the English is empty where it is missing."""
    zh, _bar, en = heading.replace("｜", "|").partition("|")
    return zh.strip(), en.strip()


def _beat(zh: str) -> tuple[PartKind | None, str]:
    """Which beat a heading names, and what follows its name."""
    for name, kind in BEATS.items():
        if zh == name:
            return kind, ""
        if zh.startswith((f"{name}：", f"{name}:")):
            return kind, zh[len(name) + 1 :].strip()
    return None, ""


def _after_colon(en: str) -> str:
    """``the last 25 minutes`` of ``Case: the last 25 minutes``, with a capital."""
    _before, colon, after = en.partition(":")
    after = after.strip()
    return after[:1].upper() + after[1:] if colon else ""


def _must_open(parts: Iterable[Part]) -> tuple[str, ...]:
    """The sections; the exercises in a practice lesson."""
    parts = tuple(parts)
    sections = tuple(part.ref for part in parts if part.kind is PartKind.SECTION)
    return sections or tuple(part.ref for part in parts if part.kind is PartKind.OTHER)
