"""Whatever is sent wherever: a clear answer, never a stack trace, nothing lost, nobody let in."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from cstrain.core.people.access import access_of
from cstrain.kit.db import db
from tests.faults.hostile import (
    BODIES,
    FILES,
    KEPT_TABLES,
    POSTS,
    SCRIPT,
    TEXTS,
    VALUES,
    Post,
)
from tests.plugins.actors import Actor, Site
from tests.plugins.pages import pages_of

JSON = {"Accept": "application/json"}
#: The texts that could do harm where they are shown.
SHOWN = ("control", "markup", "right to left")
#: Every name that some page reads from its address.
QUERY = (
    *("q", "page", "team", "batch", "stage", "state", "stuck", "sort", "show", "class", "role"),
    *("seed", "key", "number", "next", "practice", "pick"),
    *("shop", "account", "from", "to", "flag", "undated", "before", "rows"),
)


#: An address of Chinese holds no more.
MOST = 600

# werkzeug 3.1 leaves the file of an upload open that ends in its middle; huey its connection.
_LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def rules(site: Site, method: str) -> list[Rule]:
    return [
        rule
        for rule in site.app.url_map.iter_rules()
        if method in (rule.methods or ()) and not rule.endpoint.endswith("static")
    ]


def wrong_with(answer: TestResponse) -> str:
    """Why an answer is not fit for anybody; empty when it is."""
    text = answer.get_data().decode(errors="replace")
    if answer.status_code >= 500:
        return str(answer.status_code)
    if "Traceback" in text:
        return "a stack trace"
    if SCRIPT in text and answer.mimetype == "text/html":
        return "a script of others"
    is_page = answer.mimetype == "text/html" and answer.status_code >= 400
    if is_page and ("<h1" not in text or "</html>" not in text):
        return f"{answer.status_code} without a page that says what to do"
    return ""


def step_on(site: Site) -> int:
    """PostgreSQL, the stricter of the two, is sent everything; SQLite every third thing."""
    return 3 if "sqlite" in site.app.config["SQLALCHEMY_DATABASE_URI"] else 1


def some(things: Mapping[str, Any], place: int, step: int) -> list[tuple[str, Any]]:
    """Every ``step``-th thing, another share of them at every place."""
    return list(things.items())[place % step :: step]


def cut(text: str) -> str:
    """As much of a text as an address can hold."""
    return text if text.isascii() else text[:MOST]


class Attack:
    """Posts at one view, each time with something else wrong, and notes what breaks."""

    def __init__(self, site: Site, endpoint: str, broken: list[str], step: int) -> None:
        self.site, self.endpoint, self.broken, self.step = site, endpoint, broken, step
        self.post: Post = POSTS[endpoint]
        self.actor: Actor = site.actor(self.post.actor)
        self.client: FlaskClient = site.client(self.actor)
        with site.app.app_context():
            self.args = self.post.args(self.actor)
        with site.app.test_request_context():
            adapter = site.app.url_map.bind("")
            self.url = adapter.build(endpoint, dict(self.args), method="POST")

    def send(self, what: str, **how: Any) -> None:
        answer = self.client.post(self.url, **how)
        wrong = wrong_with(answer)
        if wrong:
            self.broken.append(f"{self.endpoint} {what}: {wrong}")
        is_shown_next = answer.status_code in {302, 303} and answer.headers.get("Set-Cookie")
        if is_shown_next and what.endswith(SHOWN):
            # What was flashed must be shown without harm, too.
            shown = wrong_with(self.client.get(answer.location))
            if shown:
                self.broken.append(f"{self.endpoint} {what}, then {answer.location}: {shown}")
        answer.close()

    def everything(self) -> None:
        for what, how in self.cases():
            self.send(what, **how)

    def cases(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield from self._forms()
        yield from self._scripts()
        for word, (body, kind) in BODIES.items():
            yield word, {"data": body, "content_type": kind}
        if self.post.file:
            yield from self._files()
        form, sent = dict(self.post.form), self.post.json
        meant = {"data": form} if sent is None else {"json": sent, "headers": JSON}
        yield "as meant", meant
        yield "twice", meant

    def _forms(self) -> Iterator[tuple[str, dict[str, Any]]]:
        form = dict(self.post.form)
        for place, name in enumerate(form):
            less = {key: value for key, value in form.items() if key != name}
            yield f"without {name}", {"data": less}
            for word, text in some(TEXTS, place, self.step):
                yield f"{name}: {word}", {"data": {**form, name: text}}
        for word, text in TEXTS.items() if form else ():
            yield f"all: {word}", {"data": dict.fromkeys(form, text)}

    def _scripts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        sent = dict(self.post.json or {})
        for place, name in enumerate(sent):
            less = {key: value for key, value in sent.items() if key != name}
            yield f"without {name}", {"json": less, "headers": JSON}
            for word, value in some(VALUES, place, self.step):
                yield f"{name}: {word}", {"json": {**sent, name: value}, "headers": JSON}

    def _files(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for word, content in FILES.items():
            for name in ("a.xlsx", "a.csv", "\x00\u202e../../a.csv"):
                file = (io.BytesIO(content), name)
                yield f"{word} as {name!r}", {"data": {**self.post.form, self.post.file: file}}


def counted(site: Site) -> Counter[str]:
    with site.app.app_context():
        return Counter(
            {
                table.__tablename__: db.session.scalar(select(func.count()).select_from(table)) or 0
                for table in KEPT_TABLES
            }
        )


@pytest.mark.slow
@_LEFT_OPEN
def test_no_post_breaks_any_view(shop: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    posted = {rule.endpoint for rule in rules(shop, "POST")}
    before, broken = counted(shop), list[str]()

    for endpoint in POSTS:
        Attack(shop, endpoint, broken, step_on(shop)).everything()

    assert set(POSTS) == posted, "tell in hostile.POSTS how the new view is posted to"
    assert not broken, "\n".join(broken)
    lost = before - counted(shop)
    assert not lost


@pytest.mark.slow
@_LEFT_OPEN
def test_no_address_breaks_any_view(shop: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    clients = {actor.name: shop.client(actor) for actor in shop.actors}
    broken, step = list[str](), step_on(shop)
    places = {page.endpoint: page for page in [*pages_of(shop), *pages_of(shop, files=True)]}
    for place, page in enumerate(places.values()):
        for word, text in some(TEXTS, place, step):
            answer = clients[page.actor.name].get(
                page.url.partition("?")[0], query_string=dict.fromkeys(QUERY, cut(text))
            )
            if wrong := wrong_with(answer):
                broken.append(f"{page.endpoint} ?…={word}: {wrong}")
            answer.close()
    with_arguments = [rule for rule in shop.app.url_map.iter_rules() if rule.arguments]
    for place, rule in enumerate(with_arguments):
        client = clients[_somebody(shop, rule).name]
        for word, text in some(TEXTS, place, step):
            method = "POST" if "POST" in (rule.methods or ()) else "GET"
            answer = client.open(_path(rule, text), method=method, headers=JSON)
            if wrong := wrong_with(answer):
                broken.append(f"{method} {rule.rule} {word}: {wrong}")
            answer.close()

    assert not broken, "\n".join(broken)


def _somebody(site: Site, rule: Rule) -> Actor:
    view = site.app.view_functions[rule.endpoint]
    roles = None if rule.endpoint.endswith("static") else access_of(view)
    if not roles:
        return site.actor("trainee")
    return next(actor for actor in site.actors if not actor.roles.isdisjoint(roles))


def _path(rule: Rule, text: str) -> str:
    """The address with a text in the place of every argument, whatever the argument may be."""
    return re.sub(r"<[^>]+>", quote(cut(text), safe=""), rule.rule)
