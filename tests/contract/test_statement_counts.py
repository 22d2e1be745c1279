"""Every page of every role asks the database at most eight times, however much lies in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from benchmarks import crowd
from cstrain.core.catalogue import active
from cstrain.kit.db import db
from tests.plugins.actors import Site
from tests.plugins.pages import Page, pages_of

AT_MOST = 8
#: Statements that bracket others.
_BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


@dataclass(slots=True)
class Walk:
    """What asking for every page came to."""

    counts: dict[Page, int] = field(default_factory=dict)
    statements: dict[Page, list[str]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def too_many(self) -> list[str]:
        """The pages that ask more often than they may, with what they ask."""
        return [
            f"{shown(page)}: {count} statements\n    " + "\n    ".join(self.statements[page])
            for page, count in self.counts.items()
            if count > AT_MOST
        ]


def shown(page: Page) -> str:
    """A page in words."""
    return f"{page.endpoint} {page.url} as {page.actor.name}"


@contextmanager
def counting(site: Site) -> Iterator[list[str]]:
    """Notes every statement that reaches the database."""
    noted: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().startswith(_BRACKETS):
            noted.append(" ".join(statement.split())[:150])

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield noted
    event.remove(engine, "before_cursor_execute", note)


def walk(site: Site, pages: list[Page]) -> Walk:
    """Ask for every page twice and count the second time, when what never changes is known."""
    found = Walk()
    clients = {actor.name: site.client(actor) for actor in site.actors}
    with counting(site) as noted:
        for page in pages:
            client = clients[page.actor.name]
            client.get(page.url).close()
            noted.clear()
            answer = client.get(page.url)
            answer.close()
            found.counts[page], found.statements[page] = len(noted), list(noted)
            if answer.status_code != page.status:
                found.broken.append(f"{shown(page)}: {answer.status_code}")
    return found


@pytest.fixture(autouse=True)
def _no_look_for_new_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process asks once a second whether content is new, whichever page that meets."""
    monkeypatch.setattr(active, "LOOK_EVERY_S", 3600.0)


def test_every_page_that_a_role_may_open_answers_with_few_statements(site: Site) -> None:
    found = walk(site, [*pages_of(site), *pages_of(site, files=True)])

    wrong = [*found.broken, *found.too_many()]
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(1200)  # hundreds of pages, some of them long
@pytest.mark.parametrize("grow", [crowd.more_people, crowd.more_history])
def test_no_page_asks_more_often_with_a_thousand_rows_behind_it(
    site: Site, grow: Callable[[Flask, int], None]
) -> None:
    pages = pages_of(site)
    before = walk(site, pages)
    grow(site.app, 60)

    after = walk(site, pages)

    wrong = after.broken + [
        f"{shown(page)}: {before.counts[page]} statements, then {count}\n    "
        + "\n    ".join(after.statements[page])
        for page, count in after.counts.items()
        if count > before.counts[page]
    ]
    assert not wrong, "\n".join(wrong)
