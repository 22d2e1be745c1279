"""Every page of every role speaks one language, Chinese or English, all of it.

What teaches is Chinese in both and says so: its element has ``lang="zh-CN"``. What people wrote
themselves, such as names, batches and reasons, stays as they wrote it and is left out here. Words
without a translation, a sentence put together in code or a title from content that lacks its
English one all show as the other language's letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import select

from cstrain.activities.lesson.models import LessonFile
from cstrain.core.certification.models import CertificateEvent
from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway.models import DecisionRow, Grant
from cstrain.core.people.models import Identity, Invitation, Membership, PersonEvent, Team
from cstrain.core.review.models import Review, ReviewMark
from cstrain.desk.cases.models import Notice, SharingSession, TypicalCase
from cstrain.desk.chats.models import (
    ChatAccount,
    ChatConversation,
    ChatFollowUp,
    ChatHandover,
    ChatImport,
)
from cstrain.desk.quality.models import ChatReview
from cstrain.kit.db import db
from cstrain.kit.jobs import Job
from tests.plugins.actors import Site
from tests.plugins.pages import Page, pages_of

CHINESE = re.compile("[\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
#: Two English words in a row; one alone may be a name, a unit or a file's ending.
ENGLISH = re.compile(r"[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}")
#: What is Latin in Chinese, too: the program's name, addresses, and names of things.
AS_IT_STANDS = re.compile(
    r"https?://\S+|[\w.]+\.(?:xlsx|csv|txt|pdf)|[0-9A-Z]{5} [0-9A-Z]{5}|Ctrl\+C|cstrain"
)
#: Attributes that are read out, shown, or shown later by a script.
WORDS = re.compile(r"title|aria-label|aria-description|placeholder|alt|data-.+")
#: Attributes that carry something else: states, addresses, keys, what a button copies.
NO_WORDS = re.compile(
    r"data-(?:copy|state|url|.*-url|key|csrf|kind|turn|part|over|opened|bs-theme|number)"
)
#: Elements without an end.
VOID = frozenset(
    [
        "br",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "col",
        "path",
        "use",
        "rect",
        "line",
        "circle",
        "polyline",
    ]
)
#: The letter that stands for a person.
AVATAR = "avatar"

#: Where words lie that people wrote themselves.
ENTERED: tuple[Any, ...] = (
    *(Identity.name, Team.name, Membership.batch, Invitation.batch, PersonEvent.detail),
    *(Notice.title, Notice.body, Notice.question, Notice.explanation),
    *(TypicalCase.title, SharingSession.title),
    *(DecisionRow.reason, Grant.reason, CertificateEvent.reason, Job.message, Job.file_name),
    *(LessonFile.title, Review.comment, ReviewMark.note),
    *(ChatAccount.name, ChatFollowUp.task, ChatHandover.note),
    *(ChatConversation.buyer_nick, ChatImport.file_name, ChatReview.remark),
)

#: What was asked for in a search, and the name in the table that waits to be imported.
ASKED = {"没有这样的词", "丁一", "一段.txt"}


@dataclass(frozen=True, slots=True)
class Said:
    """Words on a page, the language they are marked with, and the element they stand in."""

    words: str
    lang: str
    place: str


class Reader(HTMLParser):
    """Reads the words of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[Said] = []
        self._open: list[tuple[str, str, bool]] = [("", "", False)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        _tag, lang, is_silent = self._open[-1]
        lang = told.get("lang", lang)
        is_silent = is_silent or tag in {"script", "style"} or told.get("class") == AVATAR
        for name, value in told.items():
            if WORDS.fullmatch(name) and not NO_WORDS.fullmatch(name):
                self._say(value, lang, f"{tag}[{name}]", is_silent=is_silent)
        if tag == "input" and told.get("type") in {"submit", "button"}:
            self._say(told.get("value", ""), lang, tag, is_silent=is_silent)
        if tag not in VOID:
            self._open.append((tag, lang, is_silent))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _lang, _silent in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        tag, lang, is_silent = self._open[-1]
        self._say(data, lang, tag, is_silent=is_silent)

    def _say(self, words: str, lang: str, place: str, *, is_silent: bool) -> None:
        if words.strip() and not is_silent:
            self.said.append(Said(" ".join(words.split()), lang, place))


def test_no_page_is_chinese_where_it_should_be_english(site: Site) -> None:
    entered = entered_words(site)

    wrong = [
        f"{told}: {said.words[:80]!r} in {said.place}"
        for told, said in read_all(site, "en")
        if not said.lang.startswith("zh") and CHINESE.search(without(said.words, entered))
    ]

    assert not wrong, summary(wrong)


def test_no_page_is_english_where_it_should_be_chinese(site: Site) -> None:
    entered = entered_words(site)

    wrong = [
        f"{told}: {said.words[:80]!r} in {said.place}"
        for told, said in read_all(site, "zh")
        if said.lang.startswith("zh")
        and not CHINESE.search(said.words)
        and ENGLISH.search(AS_IT_STANDS.sub("", without(said.words, entered)))
    ]

    assert not wrong, summary(wrong)


def test_every_page_says_its_language(site: Site) -> None:
    clients = read_by(site, "en")

    answers = {page: clients[page.actor.name].get(page.url).text for page in whole_pages(site)}

    assert [page for page, text in answers.items() if '<html lang="en"' not in text] == []


def whole_pages(site: Site) -> list[Page]:
    """Every page that is shown by itself."""
    return [page for page in pages_of(site) if page.status < 300 and page.endpoint != "home.search"]


def read_by(site: Site, language: str) -> dict[str, Any]:
    """A client for each actor, all of whom read ``language``."""
    site.dress(language=language)
    clients = {actor.name: site.client(actor) for actor in site.actors}
    for client in clients.values():
        client.set_cookie("language", language)
    return clients


def read_all(site: Site, language: str) -> Iterator[tuple[str, Said]]:
    """Everything that any page says to anybody, and error pages too."""
    clients = read_by(site, language)
    everything = [*pages_of(site), *lost_pages(site)]
    for page in everything:
        reader = Reader()
        if page.endpoint == "home.search":
            # A piece of a page, shown inside one.
            reader.feed(f'<div lang="{"en" if language == "en" else "zh-CN"}">')
        reader.feed(clients[page.actor.name].get(page.url).text)
        for said in reader.said:
            yield f"{page.endpoint} {page.url} as {page.actor.name}", said


def lost_pages(site: Site) -> Iterator[Page]:
    """Pages that are not there, and one that is not for trainees."""
    for actor in (site.actor("nobody"), site.actor("trainee"), site.actor("trainer")):
        yield Page("error", "/no-such-page", actor, 404)
    yield Page("error", "/people", site.actor("trainee"), 403)


def entered_words(site: Site) -> list[str]:
    """What people wrote themselves, and how a certificate shows a name to strangers; long first."""
    with site.app.app_context():
        found = {
            " ".join(str(value).split())
            for column in ENTERED
            for value in db.session.scalars(select(column).distinct())
            if value
        }
        names = db.session.scalars(select(Identity.name)).all()
        signed = select(Evidence.summary).where(Evidence.source_kind == "sign_off")
        reasons = {str(word) for row in db.session.scalars(signed) for word in row.values()}
        options = [str(word) for row in db.session.scalars(select(Notice.options)) for word in row]
    found |= {f"{name[0]}**" for name in names} | set(options) | reasons | ASKED
    return sorted(found, key=len, reverse=True)


def without(words: str, entered: list[str]) -> str:
    """The words without those that people wrote."""
    for each in entered:
        words = words.replace(each, "")
    return words


def summary(wrong: list[str]) -> str:
    """Each finding once."""
    found = dict.fromkeys(wrong)
    return f"{len(found)} findings:\n" + "\n".join(list(found)[:200])


def test_a_reader_finds_words_in_text_and_attributes_with_their_language() -> None:
    reader = Reader()

    reader.feed('<p lang="en" title="a">b<span lang="zh-CN">c</span><br>d</p><script>e</script>')

    assert reader.said == [
        Said("a", "en", "p[title]"),
        Said("b", "en", "p"),
        Said("c", "zh-CN", "span"),
        Said("d", "en", "p"),
    ]
