"""The glossary: terms by theme, and their first place in a text. Pure.

## 催付 | Urging payment
    别名: 催款
    不算: 催付费

拍下没付款，店里提醒一句，顺手把卡住的地方解开。
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from cstrain.core.catalogue import entries
from cstrain.core.catalogue.catalogue import Catalogue, SearchEntry, fold
from cstrain.core.catalogue.entries import Entry
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.sources import Source
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

MATERIAL = "glossary"
MEANING_MAX_LENGTH = 80
FORM = entries.Form(
    example="## 催付 | Urging payment",
    options={
        **dict.fromkeys(("别名", "aliases"), "aliases"),
        **dict.fromkeys(("不算", "not_in"), "not_in"),
    },
)
_PIECE = re.compile(r"""<(?P<close>/?)(?P<tag>[a-z0-9]+)(?P<rest>(?:[^>"]|"[^"]*")*)>|[^<]+""")
#: Where a term is no running text.
_QUIET = frozenset({"a", "button", "code", "h2", "h3", "h4", "h5", "h6", "pre", "table"})
_QUIET_CLASS = re.compile(r'class="(?:[^"]* )?(?:chat|callout-title|shop-figure)[ "]')
#: Punctuation that stays on the line of the word after it, or before it.
_OPENING, _CLOSING = (
    re.escape(fold(marks)) for marks in ("“‘（《【「", "，。、；：！？）”’》】」…")
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the trade.

    Attributes:
        anchor: Its place on the page, unique within a team's content.
        name: The word, in Chinese.
        english: The same in English.
        aliases: Other words for it.
        meaning: One or two plain sentences.
        line: Where it stands in its file.
        not_in: Phrases that hold the word and mean something else.
    """

    anchor: str
    name: str
    english: str
    aliases: tuple[str, ...]
    meaning: str
    line: int
    not_in: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All that it is called."""
        return (self.name, *self.aliases)

    @property
    def url(self) -> str:
        """Its place on the page of all terms."""
        return f"/glossary#{self.anchor}"


@dataclass(frozen=True, slots=True)
class GlossaryFile:
    """The terms of one file: a theme."""

    slug: str
    title: Mapping[str, str]
    entries: tuple[Term, ...]
    path: str

    def search_entries(self) -> Iterator[SearchEntry]:
        """What the search box finds: the word, in both languages, and what it means."""
        for term in self.entries:
            text = "\n".join((term.meaning, *term.aliases))
            yield SearchEntry("term", f"{term.name} {term.english}", text, term.url)


def register(registry: Registry) -> None:
    """Let content hold a glossary. Called while the application is wired."""
    registry.add_material(MATERIAL, load)
    registry.checks.append(check)


def load(source: Source) -> GlossaryFile:
    """Read a file of the kind ``glossary``.

    Raises:
        ContentError: With every problem of the file.
    """
    read = entries.read(source, FORM)
    found = tuple(_term(each) for each in read.entries)
    problems = [*read.problems, *_problems_of(source, found)]
    if problems:
        raise ContentError(problems)
    return GlossaryFile(read.slug, read.title, found, source.path)


def _term(entry: Entry) -> Term:
    name, _bar, english = entry.heading.replace("｜", "|").partition("|")
    return Term(
        entry.anchor,
        name.strip(),
        english.strip(),
        entry.listed("aliases"),
        entry.text,
        entry.line,
        entry.listed("not_in"),
    )


def _problems_of(source: Source, found: Iterable[Term]) -> Iterator[ContentProblem]:
    for term in found:
        if not term.name or not term.english:
            text = _("标题要有中文和英文：%(example)s", example=FORM.example)
            yield source.problem(text, line=term.line)
        length = len("".join(term.meaning.split()))
        if not length:
            yield source.problem(_("“%(term)s”没有解释", term=term.name), line=term.line)
        elif length > MEANING_MAX_LENGTH:
            text = _(
                "“%(term)s”的解释有 %(n)s 字，最多 %(most)s 字",
                term=term.name,
                n=length,
                most=MEANING_MAX_LENGTH,
            )
            yield source.problem(text, line=term.line)
        words = {fold(word) for word in term.words}
        for phrase in term.not_in:
            folded = fold(phrase)
            if folded in words or not any(word in folded for word in words):
                text = _(
                    "“%(term)s”的不算：“%(phrase)s”要比这个词长，里面有这个词",
                    term=term.name,
                    phrase=phrase,
                )
                yield source.problem(text, line=term.line)


def files_of(catalogue: Catalogue) -> list[GlossaryFile]:
    """The themes a team sees, in path order."""
    found = catalogue.materials.get(MATERIAL, ())
    return [each for each in found if isinstance(each, GlossaryFile)]


def terms_of(catalogue: Catalogue) -> list[Term]:
    """Every term a team sees."""
    return [term for file in files_of(catalogue) for term in file.entries]


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """Slugs, and words for terms, that stand twice."""
    files = files_of(catalogue)
    yield from entries.shared_slugs([(file.slug, file.path) for file in files])
    yield from entries.shared_words(
        (word, file.path, term.line)
        for file in files
        for term in file.entries
        for word in term.words
    )


class Marker:
    """Finds the first place of each term in a text."""

    def __init__(self, terms: Iterable[Term]) -> None:
        known = tuple(terms)
        # What is no term is passed over: as long as no word of another term is written like it.
        self._terms: dict[str, Term | None] = {
            fold(escape(phrase, quote=False)): None for term in known for phrase in term.not_in
        }
        self._terms |= {
            fold(escape(word, quote=False)): term for term in known for word in term.words
        }
        # The longest first, so that no term is found inside a longer one or inside a phrase.
        words = sorted(self._terms, key=len, reverse=True)
        each = "|".join(map(_whole, words)) or r"(?!)"
        self._pattern = re.compile(f"[{_OPENING}]*(?P<word>{each})[{_CLOSING}]*")

    def mark(self, html: str, seen: set[str], show: Callable[[Term, str], str]) -> str:
        """The HTML with the first place of each term in its running text as ``show`` gives it.

        Headings, links, code, tables and chats are left alone. Punctuation stays with its word.

        Args:
            html: As ``kit.markdown.render`` gives it.
            seen: Anchors of terms that are not marked any more; filled.
            show: Gives the HTML of a term from the term and the words in the text.
        """
        out: list[str] = []
        quiet: list[str] = []  # the tags that are open since the outermost quiet one
        for piece in _PIECE.finditer(html):
            tag = piece["tag"]
            if tag is None:
                out.append(piece[0] if quiet else self._marked(piece[0], seen, show))
                continue
            out.append(piece[0])
            if piece["close"]:
                if quiet and quiet[-1] == tag:
                    quiet.pop()
            elif quiet:
                quiet += [tag] if tag == quiet[0] else []
            elif tag in _QUIET or _QUIET_CLASS.search(piece["rest"]):
                quiet.append(tag)
        return "".join(out)

    def _marked(self, text: str, seen: set[str], show: Callable[[Term, str], str]) -> str:
        folded = fold(text)
        out: list[str] = []
        at = 0
        for match in self._pattern.finditer(folded):
            term = self._terms[match["word"]]
            if term is None or term.anchor in seen:
                continue
            seen.add(term.anchor)
            start, end = match.span("word")
            before, after = text[match.start() : start], text[end : match.end()]
            shown = f"{before}{show(term, text[start:end])}{after}"
            if before or after:
                shown = f'<span class="term-line">{shown}</span>'
            out += [text[at : match.start()], shown]
            at = match.end()
        return "".join((*out, text[at:]))


def _whole(word: str) -> str:
    """A pattern for a word; one that begins or ends with a Latin letter stands alone there."""
    first = r"(?<![0-9a-z])" if re.match(r"[0-9a-z]", word) else ""
    last = r"(?![0-9a-z])" if re.search(r"[0-9a-z]$", word) else ""
    return f"{first}{re.escape(word)}{last}"
