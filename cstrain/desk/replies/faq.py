"""FAQ files: from Markdown to entries, with every problem of the file. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cstrain.core.catalogue import entries
from cstrain.core.catalogue.catalogue import Catalogue, Practice, SearchEntry, fold
from cstrain.core.catalogue.entries import Entry
from cstrain.core.catalogue.sources import Source
from cstrain.desk.replies import faq_questions
from cstrain.desk.replies.faq_entry import FaqEntry
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

MATERIAL = "faq"
ANSWER_MAX_LENGTH = 500
FORM = entries.Form(
    example="## 今天拍什么时候发？",
    options={"别名": "aliases", "aliases": "aliases"},
    keys=frozenset({entries.ORDER}),
)


@dataclass(frozen=True, slots=True)
class FaqFile:
    """The entries of one file: a class of questions."""

    slug: str
    title: Mapping[str, str]
    entries: tuple[FaqEntry, ...]
    path: str
    order: int

    def search_entries(self) -> Iterator[SearchEntry]:
        """What the search box finds: the question, other ways to ask it, and the answer."""
        for entry in self.entries:
            text = "\n".join((entry.answer, *entry.aliases))
            yield SearchEntry("faq", entry.question, text, entry.url, answer=entry.answer)

    def practice(self) -> Practice:
        """The answers to type, and questions on which answer fits."""
        return Practice(
            material=MATERIAL,
            slug=self.slug,
            title=self.title,
            path=self.path,
            urls={MATERIAL: "/faq", self.slug: f"/faq?class={self.slug}"}
            | {entry.anchor: entry.url for entry in self.entries},
            texts=tuple(entry.answer for entry in self.entries),
            items=faq_questions.made(self.slug, self.title["zh"], self.entries),
        )


def load(source: Source) -> FaqFile:
    """Read a file of the kind ``faq``.

    Raises:
        ContentError: With every problem of the file.
    """
    read = entries.read(source, FORM)
    problems = [*read.problems, *_problems_of(source, read.entries)]
    if problems:
        raise ContentError(problems)
    found = tuple(
        FaqEntry(each.anchor, each.heading, each.listed("aliases"), each.text, each.line)
        for each in read.entries
    )
    return FaqFile(read.slug, read.title, found, source.path, read.order)


def _problems_of(source: Source, found: Iterable[Entry]) -> Iterator[ContentProblem]:
    seen: dict[str, int] = {}
    for entry in found:
        if not entry.text:
            yield source.problem(_("“%(q)s”没有回答", q=entry.heading), line=entry.line)
        elif len(entry.text) > ANSWER_MAX_LENGTH:
            text = _(
                "“%(q)s”的回答有 %(n)s 字，顾客看不下去，最多 %(most)s 字",
                q=entry.heading,
                n=len(entry.text),
                most=ANSWER_MAX_LENGTH,
            )
            yield source.problem(text, line=entry.line)
        for words in (entry.heading, *entry.listed("aliases")):
            key = fold(words)
            if key in seen:
                text = _("“%(words)s”和第 %(line)s 行重复", words=words, line=seen[key])
                yield source.problem(text, line=entry.line)
            seen.setdefault(key, entry.line)


def files_of(catalogue: Catalogue) -> list[FaqFile]:
    """The classes of questions of a team, in their order."""
    found = catalogue.materials.get(MATERIAL, ())
    return entries.in_order(each for each in found if isinstance(each, FaqFile))


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """Slugs and questions that two files share."""
    files = files_of(catalogue)
    yield from entries.shared_slugs([(file.slug, file.path) for file in files])
    questions: dict[str, str] = {}
    for file in files:
        for entry in file.entries:
            key = fold(entry.question)
            if questions.get(key, file.path) != file.path:
                text = _("“%(q)s”在 %(other)s 里已经有了", q=entry.question, other=questions[key])
                yield ContentProblem(file.path, entry.line, text)
            questions.setdefault(key, file.path)
