"""Forbidden words: from Markdown to words, and what of a text hits them. Pure.

为什么不能说：一两句。

## 第一 / No.1
    例外: 第一次, 第一件事
    改说: 这款上个月卖得多
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cstrain.core.catalogue import entries
from cstrain.core.catalogue.catalogue import BankItem, Catalogue, SearchEntry, fold
from cstrain.core.catalogue.entries import Entry
from cstrain.core.catalogue.sources import Source
from cstrain.core.items.item import Kind
from cstrain.desk.replies import faq, products, replies
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

MATERIAL = "forbidden_words"
FORM = entries.Form(
    example="## 最好 / 最好的",
    options={
        "例外": "exceptions",
        "exceptions": "exceptions",
        "改说": "instead",
        "instead": "instead",
    },
    has_intro=True,
    keys=frozenset({entries.ORDER}),
)
REASON_MAX_LENGTH = 60
#: Where a shop's own questions lie, as the shop sees its files.
_SHOP = "shop/"


@dataclass(frozen=True, slots=True)
class Word:
    """A word that agents do not send.

    Attributes:
        anchor: Its place on the page, unique within a team's content.
        forms: The ways of writing it, the first names it.
        exceptions: Phrases in which it is harmless.
        instead: What to say instead; may be empty.
        reason: Why, in one line; may be empty.
        line: Where it stands in its file.
    """

    anchor: str
    forms: tuple[str, ...]
    exceptions: tuple[str, ...] = ()
    instead: str = ""
    reason: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """The word as it is written first."""
        return self.forms[0]

    @property
    def url(self) -> str:
        """Its place on the page of all words."""
        return f"/words#{self.anchor}"


@dataclass(frozen=True, slots=True)
class WordFile:
    """The words of one file: a class.

    Attributes:
        why: Why they may not be said.
    """

    slug: str
    title: Mapping[str, str]
    why: str
    entries: tuple[Word, ...]
    path: str
    order: int

    def search_entries(self) -> Iterator[SearchEntry]:
        """What the search box finds: the word, and what to say instead."""
        for word in self.entries:
            text = "\n".join(filter(None, (word.instead, word.reason, *word.exceptions)))
            yield SearchEntry("word", " / ".join(word.forms), text, word.url)


@dataclass(frozen=True, slots=True)
class Hit:
    """A stretch of a text that is a forbidden word, from ``start`` to before ``end``."""

    start: int
    end: int
    word: Word


def hits(text: str, words: Iterable[Word]) -> list[Hit]:
    """What of a text is forbidden, in its order.

    Case and width do not count. A word that lies wholly inside one of its exceptions is harmless;
    one that reaches beyond it is not. Of words that overlap the longest is told.
    """
    folded = fold(text)
    found: list[Hit] = []
    for word in words:
        said = [span for form in word.forms for span in _spans(folded, form)]
        if not said:
            continue
        excused = [span for each in word.exceptions for span in _spans(folded, each)]
        found.extend(
            Hit(start, end, word)
            for start, end in said
            if not any(first <= start and end <= last for first, last in excused)
        )
    found.sort(key=lambda hit: (hit.start - hit.end, hit.start))
    told: list[Hit] = []
    for hit in found:
        if all(hit.end <= other.start or other.end <= hit.start for other in told):
            told.append(hit)
    return sorted(told, key=lambda hit: hit.start)


def _spans(folded: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Every place of a phrase, overlapping ones too; Latin words only as whole words."""
    wanted = _folded(phrase)
    start = folded.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not _runs_on(folded, start) and not _runs_on(folded, end):
            yield start, end
        start = folded.find(wanted, start + 1)


_folded = lru_cache(maxsize=4096)(fold)  # the same words are looked for in every text


def _runs_on(text: str, place: int) -> bool:
    """Whether a Latin word or a number goes on across this place."""
    around = text[max(place - 1, 0) : place + 1] if place else ""
    return len(around) == 2 and around.isascii() and around.isalnum()  # noqa: PLR2004 - both sides


def pieces(text: str, found: Sequence[Hit]) -> list[tuple[str, Word | None]]:
    """The text cut at its hits, for showing them where they stand."""
    cut: list[tuple[str, Word | None]] = []
    at = 0
    for hit in found:
        cut += [(text[at : hit.start], None), (text[hit.start : hit.end], hit.word)]
        at = hit.end
    return [piece for piece in (*cut, (text[at:], None)) if piece[0]]


def load(source: Source) -> WordFile:
    """Read a file of the kind ``forbidden_words``.

    Raises:
        ContentError: With every problem of the file.
    """
    read = entries.read(source, FORM)
    found = tuple(_word(each) for each in read.entries)
    problems = [*read.problems, *_problems_of(source, found)]
    if problems:
        raise ContentError(problems)
    return WordFile(read.slug, read.title, read.intro, found, source.path, read.order)


def _word(entry: Entry) -> Word:
    return Word(
        anchor=entry.anchor,
        forms=tuple(filter(None, (form.strip() for form in entry.heading.split(" / ")))),
        exceptions=entry.listed("exceptions"),
        instead=entry.options.get("instead", ""),
        reason=entry.text,
        line=entry.line,
    )


def _problems_of(source: Source, found: Iterable[Word]) -> Iterator[ContentProblem]:
    for word in found:
        for phrase in word.exceptions:
            if not any(fold(form) in fold(phrase) for form in word.forms):
                text = _("例外“%(phrase)s”里没有“%(word)s”", phrase=phrase, word=word.name)
                yield source.problem(text, line=word.line)
        if "\n" in word.reason or len(word.reason) > REASON_MAX_LENGTH:
            text = _(
                "“%(word)s”下面只写一行原因，最多 %(most)s 字",
                word=word.name,
                most=REASON_MAX_LENGTH,
            )
            yield source.problem(text, line=word.line)


def files_of(catalogue: Catalogue) -> list[WordFile]:
    """The classes of words of a team, in their order."""
    found = catalogue.materials.get(MATERIAL, ())
    return entries.in_order(each for each in found if isinstance(each, WordFile))


def words_of(catalogue: Catalogue) -> list[Word]:
    """Every forbidden word of a team."""
    return [word for file in files_of(catalogue) for word in file.entries]


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """Slugs and words that stand twice, and what the shop itself says although it is forbidden."""
    files = files_of(catalogue)
    yield from entries.shared_slugs([(file.slug, file.path) for file in files])
    yield from entries.shared_words(
        (form, file.path, word.line)
        for file in files
        for word in file.entries
        for form in word.forms
    )
    words = words_of(catalogue)
    for path, line, said in _said(catalogue):
        for text in told(said, words):
            yield ContentProblem(path, line, text)


def told(said: str, words: Iterable[Word]) -> Iterator[str]:
    """What is forbidden in a text, and what to say instead, in words."""
    for hit in hits(said, words):
        instead = _("，改说：%(instead)s", instead=hit.word.instead) if hit.word.instead else ""
        text = _("有违禁词“%(word)s”", word=said[hit.start : hit.end])
        yield f"{text}{instead}"


def _said(catalogue: Catalogue) -> Iterator[tuple[str, int, str]]:
    """Path, line and text of all that the shop tells its agents to say."""
    for file in replies.files_of(catalogue):
        yield from ((file.path, reply.line, reply.text) for reply in file.entries)
    for questions in faq.files_of(catalogue):
        yield from ((questions.path, entry.line, entry.answer) for entry in questions.entries)
    for goods in products.files_of(catalogue):
        yield from ((goods.path, product.line, product.said) for product in goods.entries)
    for entry in catalogue.bank.values():
        if entry.path.startswith(_SHOP) and not entry.is_made:
            yield from ((entry.path, entry.item.line, said) for said in _model_replies(entry))


def _model_replies(entry: BankItem) -> Iterator[str]:
    """What a question shows as well said: the right reply, and lines without a fault."""
    item = entry.item
    if item.kind is Kind.SINGLE:
        yield from (choice.text for choice in item.choices if choice.is_right)
    if item.kind is Kind.SPOT:
        yield from (line.text for line in item.lines if line.is_agent and not line.is_faulty)
