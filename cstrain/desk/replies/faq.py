"""FAQ files: from Markdown to entries, with every problem of the file. Pure.

## 今天拍什么时候发？
    别名: 几点发货, 多久发出

16:00 前付款当天发，之后明天发。
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cstrain.core.catalogue.build import is_bilingual
from cstrain.core.catalogue.catalogue import Catalogue, SearchEntry, fold
from cstrain.core.catalogue.sources import Source
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

MATERIAL = "faq"
ANSWER_MAX_LENGTH = 500
_HEADING = re.compile(r"##[ \t]+(?P<title>.*\S)[ \t]*$")
_OPTION = re.compile(r"(?: {4}|\t)[ \t]*(?P<key>[^\s:：]+)[ \t]*[:：][ \t]*(?P<value>.*?)[ \t]*$")
_ALIASES = frozenset({"别名", "aliases"})
_SEPARATOR = re.compile(r"[,，、]")


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One question of customers with its answer.

    Attributes:
        anchor: Its place on the page, unique within a team's content.
        aliases: Other ways customers ask it.
        answer: The words to send, as they are.
        line: Where it stands in its file.
    """

    anchor: str
    question: str
    aliases: tuple[str, ...]
    answer: str
    line: int

    @property
    def url(self) -> str:
        """Its place on the page of all entries."""
        return f"/faq#{self.anchor}"


@dataclass(frozen=True, slots=True)
class FaqFile:
    """The entries of one file: a class of questions."""

    slug: str
    title: Mapping[str, str]
    entries: tuple[FaqEntry, ...]
    path: str

    def search_entries(self) -> Iterator[SearchEntry]:
        """What the search box finds: the question, other ways to ask it, and the answer."""
        for entry in self.entries:
            text = "\n".join((entry.answer, *entry.aliases))
            yield SearchEntry("faq", entry.question, text, entry.url, answer=entry.answer)


@dataclass(slots=True)
class _Block:
    """An entry while its lines are collected."""

    question: str
    line: int
    aliases: list[str]
    answer: list[str]


def load(source: Source) -> FaqFile:
    """Read a file of the kind ``faq``.

    Raises:
        ContentError: With every problem of the file.
    """
    slug, title = source.meta.data.get("slug"), source.meta.data.get("title")
    problems: list[ContentProblem] = []
    if not isinstance(slug, str) or not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", slug):
        problems.append(source.problem(_("缺 slug（小写字母、数字和 - 的短名）"), "slug"))
    if not is_bilingual(title):
        problems.append(source.problem(_("title 要写成 {zh: 中文, en: English}"), "title"))
    problems.extend(
        source.problem(_("不认识 %(key)s", key=key), key)
        for key in source.meta.data
        if key not in {"kind", "slug", "title"}
    )
    blocks = _blocks(source, problems)
    if not blocks:
        problems.append(source.problem(_("还没有问答，用 ## 写一个问题"), line=source.body_line))
    problems.extend(_problems_of(source, blocks))
    if problems:
        raise ContentError(problems)
    entries = tuple(
        FaqEntry(
            f"{slug}-{number}",
            block.question,
            tuple(block.aliases),
            "\n".join(block.answer).strip(),
            block.line,
        )
        for number, block in enumerate(blocks, start=1)
    )
    return FaqFile(str(slug), dict(title or {}), entries, source.path)


def _blocks(source: Source, problems: list[ContentProblem]) -> list[_Block]:
    """Part the body at its headings."""
    blocks: list[_Block] = []
    for number, line in enumerate(source.body.split("\n"), start=source.body_line):
        heading = _HEADING.match(line)
        if heading:
            blocks.append(_Block(heading["title"], number, [], []))
        elif line.startswith("#"):
            text = _("问题用两个 # 开头，后面空一格：## 今天拍什么时候发？")
            problems.append(source.problem(text, line=number))
        elif not blocks:
            if line.strip():
                problems.append(source.problem(_("第一个 ## 之前不能有文字"), line=number))
        else:
            _add_line(source, blocks[-1], line, number, problems)
    return blocks


def _add_line(
    source: Source, block: _Block, line: str, number: int, problems: list[ContentProblem]
) -> None:
    option = _OPTION.match(line) if not any(block.answer) else None
    if option is None:
        block.answer.append(line.strip())
    elif option["key"].casefold() in _ALIASES:
        names = [name.strip() for name in _SEPARATOR.split(option["value"])]
        block.aliases.extend(name for name in names if name)
    else:
        text = _("不认识 %(key)s，这里只能写“别名: …”", key=option["key"])
        problems.append(source.problem(text, line=number))


def _problems_of(source: Source, blocks: Iterable[_Block]) -> Iterator[ContentProblem]:
    seen: dict[str, int] = {}
    for block in blocks:
        answer = "\n".join(block.answer).strip()
        if not answer:
            yield source.problem(_("“%(q)s”没有回答", q=block.question), line=block.line)
        elif len(answer) > ANSWER_MAX_LENGTH:
            text = _(
                "“%(q)s”的回答有 %(n)s 字，顾客看不下去，最多 %(most)s 字",
                q=block.question,
                n=len(answer),
                most=ANSWER_MAX_LENGTH,
            )
            yield source.problem(text, line=block.line)
        for words in (block.question, *block.aliases):
            key = fold(words)
            if key in seen:
                text = _("“%(words)s”和第 %(line)s 行重复", words=words, line=seen[key])
                yield source.problem(text, line=block.line)
            seen.setdefault(key, block.line)


def files_of(catalogue: Catalogue) -> list[FaqFile]:
    """The classes of questions of a team, in path order."""
    return [each for each in catalogue.materials.get(MATERIAL, ()) if isinstance(each, FaqFile)]


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """Slugs and questions that two files share."""
    slugs: dict[str, str] = {}
    questions: dict[str, str] = {}
    for file in files_of(catalogue):
        if file.slug in slugs:
            text = _("slug 和 %(other)s 重复", other=slugs[file.slug])
            yield ContentProblem(file.path, 1, text)
        slugs.setdefault(file.slug, file.path)
        for entry in file.entries:
            key = fold(entry.question)
            if questions.get(key, file.path) != file.path:
                text = _("“%(q)s”在 %(other)s 里已经有了", q=entry.question, other=questions[key])
                yield ContentProblem(file.path, entry.line, text)
            questions.setdefault(key, file.path)
