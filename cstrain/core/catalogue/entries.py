"""Files of entries: a heading, options indented below it, and a text. Pure.

FAQ, replies, forbidden words and the glossary are written like this:

    ## 今天拍什么时候发？
        别名: 几点发货, 多久发出

    16:00 前付款当天发，之后明天发。
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from cstrain.core.catalogue.build import is_bilingual
from cstrain.core.catalogue.catalogue import fold
from cstrain.core.catalogue.sources import Source
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _

_SLUG = re.compile(r"[a-z0-9][a-z0-9.-]*")
_HEADING = re.compile(r"##[ \t]+(?P<heading>.*\S)[ \t]*$")
_OPTION = re.compile(r"(?: {4}|\t)[ \t]*(?P<key>[^\s:：]+)[ \t]*[:：][ \t]*(?P<value>.*?)[ \t]*$")
_SEPARATOR = re.compile(r"[,，、]")
#: The key of the front matter that gives a file its place, and where one without it stands.
ORDER = "order"
LAST = 10_000


@dataclass(frozen=True, slots=True)
class Form:
    """What the files of a kind may hold.

    Attributes:
        example: A heading as it is written, for messages.
        options: What an option line may be called, in lower case → the key it is read under.
        keys: Keys of the front matter besides ``kind``, ``slug`` and ``title``.
        has_intro: Whether a text may stand before the first heading.
    """

    example: str
    options: Mapping[str, str] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    has_intro: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One heading with what stands below it.

    Attributes:
        options: Key → value; one given several times is joined by commas.
        text: The lines below the options, stripped.
        line: Where the heading stands in its file.
    """

    anchor: str
    heading: str
    options: Mapping[str, str]
    text: str
    line: int

    def listed(self, key: str) -> tuple[str, ...]:
        """An option that is a list, parted at its commas."""
        return listed(self.options.get(key, ""))


@dataclass(frozen=True, slots=True)
class Entries:
    """A file as far as it could be read, with what is wrong with it.

    Attributes:
        order: Its place among the files of its kind, from 1; ``LAST`` where it names none.
    """

    slug: str
    title: Mapping[str, str]
    intro: str
    entries: tuple[Entry, ...]
    problems: list[ContentProblem]
    order: int


def listed(text: str) -> tuple[str, ...]:
    """The parts of a text between commas, without empty ones."""
    return tuple(part.strip() for part in _SEPARATOR.split(text) if part.strip())


@dataclass(slots=True)
class _Block:
    """An entry while its lines are collected."""

    heading: str
    line: int
    options: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def read(source: Source, form: Form) -> Entries:
    """Part a file into its entries."""
    slug, title = source.meta.data.get("slug"), source.meta.data.get("title")
    problems: list[ContentProblem] = []
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
        problems.append(source.problem(_("缺 slug（小写字母、数字和 - 的短名）"), "slug"))
    if not is_bilingual(title):
        problems.append(source.problem(_("title 要写成 {zh: 中文, en: English}"), "title"))
    problems.extend(
        source.problem(_("不认识 %(key)s", key=key), key)
        for key in source.meta.data
        if key not in {"kind", "slug", "title"} | form.keys
    )
    intro: list[str] = []
    blocks = _blocks(source, form, intro, problems)
    if not blocks:
        text = _("一条也没有，用 ## 写第一条：%(example)s", example=form.example)
        problems.append(source.problem(text, line=source.body_line))
    entries = tuple(
        Entry(
            f"{slug}-{number}",
            block.heading,
            block.options,
            "\n".join(block.lines).strip(),
            block.line,
        )
        for number, block in enumerate(blocks, start=1)
    )
    order = source.meta.data.get(ORDER, LAST)
    if type(order) is not int or not 1 <= order <= LAST:
        problems.append(source.problem(_("order 写一个数，从 1 起"), ORDER))
        order = LAST
    titles = title if is_bilingual(title) else {}
    return Entries(str(slug), dict(titles), "\n".join(intro).strip(), entries, problems, order)


def _blocks(
    source: Source, form: Form, intro: list[str], problems: list[ContentProblem]
) -> list[_Block]:
    """Part the body at its headings."""
    blocks: list[_Block] = []
    for number, line in enumerate(source.body.split("\n"), start=source.body_line):
        heading = _HEADING.match(line)
        if heading:
            blocks.append(_Block(heading["heading"], number))
        elif line.startswith("#"):
            text = _("标题用两个 # 开头，后面空一格：%(example)s", example=form.example)
            problems.append(source.problem(text, line=number))
        elif blocks:
            _add_line(source, form, blocks[-1], line, number, problems)
        elif form.has_intro:
            intro.append(line.strip())
        elif line.strip():
            problems.append(source.problem(_("第一个 ## 之前不能有文字"), line=number))
    return blocks


def _add_line(  # noqa: PLR0913, PLR0917 - one line, and where it belongs
    source: Source,
    form: Form,
    block: _Block,
    line: str,
    number: int,
    problems: list[ContentProblem],
) -> None:
    option = _OPTION.match(line) if not any(block.lines) else None
    if option is None:
        block.lines.append(line.strip())
        return
    key = form.options.get(option["key"].casefold())
    if key is None:
        known = "、".join(name for name in form.options if not name.isascii())
        text = _("不认识 %(key)s，这里只能写：%(known)s", key=option["key"], known=known)
        problems.append(source.problem(text, line=number))
        return
    said = block.options.get(key)
    block.options[key] = f"{said}, {option['value']}" if said else option["value"]


class _Placed(Protocol):
    @property
    def order(self) -> int: ...

    @property
    def path(self) -> str: ...


_PlacedT = TypeVar("_PlacedT", bound=_Placed)


def in_order(files: Iterable[_PlacedT]) -> list[_PlacedT]:
    """Files as they are shown: by the place that they name, then by path."""
    return sorted(files, key=lambda file: (file.order, file.path))


def shared_slugs(files: Collection[tuple[str, str]]) -> list[ContentProblem]:
    """Files, as (slug, path) in path order, whose slug an earlier one has."""
    seen: dict[str, str] = {}
    problems = []
    for slug, path in files:
        if slug in seen:
            text = _("slug 和 %(other)s 重复", other=seen[slug])
            problems.append(ContentProblem(path, 1, text))
        seen.setdefault(slug, path)
    return problems


def shared_words(words: Iterable[tuple[str, str, int]]) -> Iterator[ContentProblem]:
    """Words, as (word, path, line) in order, that have stood before, in whatever width or case."""
    seen: dict[str, str] = {}
    for word, path, line in words:
        key = fold(word)
        if key in seen:
            text = _("“%(word)s”和 %(other)s 重复", word=word, other=seen[key])
            yield ContentProblem(path, line, text)
        seen.setdefault(key, f"{path}:{line}")
