"""What live practice costs: lines of 500 trainees at their time, what is stored, what grows.

Each trainee has four customers open and sends eight lines a minute, to whom waits longest, in the
words of the scenario's own model replies. Beside that every page asks for news when the state it
has says that something happens, as the browser's script does, and at no other time.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from benchmarks import crowd, shop
from benchmarks.judging import answer_of
from benchmarks.load import Answer, Due, Waits, at_their_time, request_bytes
from benchmarks.matching import LINE_MS, bare_s
from benchmarks.ratios import Ratio, at_most, line
from benchmarks.servers import Served, serving
from benchmarks.shop import Visitor
from cstrain.activities.live_practice import customer, queries
from cstrain.activities.live_practice.condition import Event
from cstrain.activities.live_practice.models import PracticeLine, PracticeSession
from cstrain.activities.live_practice.scenario import Scenario
from cstrain.config import shipped
from cstrain.core.catalogue import active
from cstrain.core.pathway.models import Attempt
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction

DESK = "bench-desk"
#: The demo shop whose scenarios, products, replies and forbidden words the trainees have.
SHOP = "teams/shanchali+shanchali-sale/shop"
PEOPLE = 500
LINES_A_MINUTE = 8
#: Between two lines of a trainee.
LAP_S = 60 / LINES_A_MINUTE
LOAD_S = 30.0
BARE_EVERY_S = 0.1
#: A page asks no sooner; ``SOONEST_MS`` of desk_courier.js.
SOONEST_S = 0.3
P95_BARE, STORED_BYTES, GROWTH = at_most(25.0), 2048, at_most(1.2)
FACTOR = 10
#: So many sessions are asked where growth is measured.
GROWING = 50
ROUNDS, ASKED_A_ROUND = 7, 40


@dataclass
class Page:
    """A trainee's page: what it knows, and what its trainee says next."""

    visitor: Visitor
    path: str
    replies: Mapping[str, Sequence[str]]
    rng: Random
    cursor: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    sent: int = 0

    def take(self, answer: Answer) -> None:
        """Take in a state, after which what was planned by an older one is no longer wanted."""
        self.state = json.loads(answer.body)
        self.cursor = self.state["cursor"]
        self.version += 1

    def ask(self) -> bytes:
        """The request for news."""
        return self._post("news", {})

    def ask_if(self, version: int) -> bytes | None:
        """The same, unless there was an answer since."""
        return self.ask() if version == self.version else None

    def say(self) -> bytes | None:
        """The next line, to the customer who waits longest; None when nobody is there."""
        there = [each for each in self.state["customers"] if not each["is_gone"]]
        if not there:
            return None
        waiting = [each for each in there if each["waiting_since_ms"] is not None]
        to = min(waiting, key=lambda each: each["waiting_since_ms"]) if waiting else there[0]
        self.sent += 1
        words = self.rng.choice(self.replies[to["nick"]])
        return self._post(
            "send",
            {
                "customer": to["id"],
                "key": f"k{self.sent}",
                "kind": "line",
                "text": f"{words}第{self.sent}句",
                "typed_chars": len(words),
                "typed_ms": 4000,
                "sure": True,
            },
        )

    def _post(self, name: str, body: Mapping[str, Any]) -> bytes:
        return request_bytes(
            "POST",
            f"{self.path}/{name}",
            cookie=self.visitor.cookie,
            body=json.dumps({"after": self.cursor, **body}, ensure_ascii=False).encode(),
            kind="application/json",
            more=f"X-CSRFToken: {self.visitor.token}",
        )


def content_of_shop(folder: Path) -> Path:
    """The demo shop's words and scenarios as a content folder of the measured team."""
    for part in ("products", "replies", "words", "scenarios"):
        made = folder / "teams" / shop.TEAM / "shop" / part
        shutil.copytree(shipped("content") / SHOP / part, made)
    return folder


def report(app: Flask, folder: Path, environment: Mapping[str, str]) -> None:
    """Print all figures with their goals.

    Args:
        app: The application, with the course and the content of ``content_of_shop`` published.
        folder: Where databases may be put.
        environment: The settings for a server.
    """
    print("Live practice")
    with app.app_context():
        scenarios = queries.scenarios_of(active.for_team(shop.TEAM))
    _speed(scenarios)
    pages = [_page(app, visitor, scenarios) for visitor in _visitors(app, PEOPLE)]
    _let_all_come(app)
    on_sqlite = app.extensions["cstrain.settings"].database_url.startswith("sqlite")
    before = _stored(app)
    with serving("bare", environment) as bare, serving("product", environment) as product:
        waits = _load(pages, bare, product)
        _report_load(waits, product.cpu_s())
    lines, stored = (now - then for now, then in zip(_stored(app), before, strict=True))
    reached = "reached" if stored / lines <= STORED_BYTES else "MISSED"
    if on_sqlite:
        print(
            f"  stored a line, its customer's memory with it: {stored / lines:.0f} bytes "
            f"of {lines} lines (goal ≤ {STORED_BYTES}: {reached})"
        )
        _growth(app, folder, pages)


def _visitors(app: Flask, number: int) -> list[Visitor]:
    return shop.visitors(app, shop.add_people(app, number, prefix="L"))


def _page(app: Flask, visitor: Visitor, scenarios: Sequence[Scenario]) -> Page:
    """Begin a session.

    Raises:
        RuntimeError: If it may not begin.
    """
    client = _client(app, visitor)
    begun = client.post(f"/practice/{DESK}/start", data={"csrf_token": visitor.token})
    if begun.status_code != 302:  # noqa: PLR2004 - to the session
        raise RuntimeError(f"a session answers {begun.status_code}: {begun.text[:300]}")
    replies: dict[str, list[str]] = {}
    for scenario in scenarios:
        said = replies.setdefault(scenario.customer.nick, [])
        said += [reply for state in scenario.states.values() for reply in state.good_replies]
    return Page(visitor, begun.location, replies, Random(visitor.id))


def _client(app: Flask, visitor: Visitor) -> FlaskClient:
    client = app.test_client()
    name, _equals, value = visitor.cookie.partition("=")
    client.set_cookie(name, value)
    return client


def _let_all_come(app: Flask) -> None:
    """Let four customers come at the first look, instead of over minutes.

    The sessions begin one after the other within a lap, as the first looks do: otherwise what
    happens in them would happen in all of them at the same moment.
    """
    with app.app_context(), transaction() as session:
        rows = session.execute(
            select(PracticeSession.attempt_id, PracticeSession.plan).order_by(
                PracticeSession.attempt_id
            )
        ).all()
        now = utc_now()
        for number, (attempt_id, plan) in enumerate(rows):
            at_once = [[*seat[:3], 0] for seat in plan]
            begins = {"started_at": now + timedelta(seconds=LAP_S * number / len(rows))}
            session.execute(update(Attempt).where(Attempt.id == attempt_id).values(**begins))
            session.execute(
                update(PracticeSession)
                .where(PracticeSession.attempt_id == attempt_id)
                .values(plan=at_once, **begins)
            )


def _load(pages: Sequence[Page], bare: Served, product: Served) -> Waits:
    """Everybody sends at their own time; the first lap, with all customers new, warms up."""
    port = product.port
    by_lane = {f"page {number}": page for number, page in enumerate(pages)}

    def follow(due: Due, answer: Answer, at_s: float) -> Due | None:
        page = by_lane.get(due.lane)
        if page is None or answer.status != 200:  # noqa: PLR2004 - a state
            return None
        page.take(answer)
        next_ms = page.state["next_in_ms"]
        due_s = at_s + max((next_ms or 0) / 1000, SOONEST_S)
        if next_ms is None or due_s > LAP_S + LOAD_S:
            return None
        version = page.version
        return Due(due_s, due.lane, "news", port, lambda: page.ask_if(version))

    dues = []
    for number, (lane, page) in enumerate(by_lane.items()):
        first_s = LAP_S * number / len(pages)
        dues.append(Due(first_s, lane, "first look", port, page.ask))
        laps = int(LOAD_S / LAP_S)
        dues += [
            Due(first_s + LAP_S * (lap + 1), lane, "line", port, page.say) for lap in range(laps)
        ]
    request = request_bytes("GET", "/")
    dues += [
        Due(LAP_S + turn * BARE_EVERY_S, "bare", "bare", bare.port, request)
        for turn in range(int(LOAD_S / BARE_EVERY_S))
    ]
    return at_their_time(dues, follow)


def _report_load(waits: Waits, cpu_s: float) -> None:
    sent, asked = len(waits.waits_s["line"]), len(waits.waits_s.get("news", ()))
    bare_median_s = waits.percentile_s("bare", 0.5)
    title = f"{PEOPLE} trainees, {sent / LOAD_S:.0f} lines a second: p95 ÷ bare median"
    print(
        line(title, Ratio([waits.percentile_s("line", 0.95) / bare_median_s]), P95_BARE, unit="×")
    )
    print(
        f"  line: median {waits.percentile_s('line', 0.5) * 1e3:.1f} ms, "
        f"p95 {waits.percentile_s('line', 0.95) * 1e3:.1f} ms; "
        f"bare median {bare_median_s * 1e3:.2f} ms; {len(waits.errors)} errors of {sent} (goal 0)"
    )
    every = sum(len(each) for kind, each in waits.waits_s.items() if kind != "bare")
    print(
        f"  processor time of the server, its start with it: {cpu_s / every * 1e3:.1f} ms a request"
    )
    for error in sorted(set(waits.errors))[:3]:
        print(f"    {error}")
    print(
        f"  news asked for by the pages, one for each event: {asked}, "
        f"{asked / PEOPLE / LOAD_S * 60:.1f} a minute and session; between events none"
    )


def _stored(app: Flask) -> tuple[int, int]:
    """How many lines there are, and the bytes of the database."""
    with app.app_context():
        lines = db.session.scalar(select(func.count()).select_from(PracticeLine)) or 0
        if db.engine.dialect.name != "sqlite":
            return lines, 0
        pages, size = (
            db.session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("page_count", "page_size")
        )
        return lines, pages * size


def _speed(scenarios: Sequence[Scenario]) -> None:
    """Processor time in which a customer hears one line that nobody has said before."""
    took: dict[str, float] = {}
    for scenario in scenarios:
        opening = customer.begin(scenario, 1, at_ms=0)
        condition, _said = customer.advance(scenario, 1, opening, until_ms=25_000)
        lines = [each for state in scenario.states.values() for each in state.good_replies]
        times = []
        for number, words in enumerate(lines):
            event = Event(25_000, "line", text=f"{words}，{chr(0x4E00 + number * 97)}单")
            begun_s = time.thread_time()
            customer.hear(scenario, 1, condition, event, words=())
            times.append(time.thread_time() - begun_s)
        took[scenario.slug] = median(times)
    slowest = max(took, key=lambda slug: took[slug])
    size = len(next(each for each in scenarios if each.slug == slowest).facts)
    reached = "reached" if took[slowest] * 1000 <= LINE_MS else "MISSED"
    print(
        f"  hearing a line, the slowest of {len(took)} scenarios ({slowest}, {size} facts): "
        f"{took[slowest] * 1000:.2f} ms (goal ≤ {LINE_MS:g} ms: {reached}), "
        f"{took[slowest] / bare_s():.0f} × a bare loop of 10,000; "
        f"the middle one {median(took.values()) * 1000:.2f} ms"
    )


def _growth(app: Flask, folder: Path, pages: Sequence[Page]) -> None:
    """A line's time where there is ten times as much, ÷ its time in the same without."""
    # Each comparison has its own, because customers go on while they are asked.
    few, as_few, sessions, closed = (
        crowd.copy_of(app, folder / name) for name in ("few", "as-few", "sessions", "closed")
    )
    crowd.more_people(sessions, FACTOR)
    _close_all_but(closed, pages[:GROWING])
    crowd.more_people(closed, FACTOR)
    print(
        f"  a line with {_stored(sessions)[0]} lines in the database ÷ with {_stored(few)[0]}, "
        "inside one process:"
    )
    _compare(f"  {FACTOR} × sessions open", few, sessions, pages)
    _compare(f"  {FACTOR} × lines, their sessions closed", as_few, closed, pages)


def _close_all_but(app: Flask, pages: Sequence[Page]) -> None:
    kept = [int(page.path.rpartition("/")[2]) for page in pages]
    with app.app_context(), transaction() as session:
        for model, key in ((Attempt, Attempt.id), (PracticeSession, PracticeSession.attempt_id)):
            session.execute(update(model).where(key.not_in(kept)).values(closed_at=utc_now()))


def _compare(title: str, few: Flask, many: Flask, pages: Sequence[Page]) -> None:
    turns = [_lines(site, pages[:GROWING]) for site in (few, many)]
    values = []
    for number in range(ROUNDS + 1):
        times: tuple[list[float], list[float]] = ([], [])
        for _each in range(ASKED_A_ROUND):
            for turn, taken in zip(turns, times, strict=True):
                taken.append(next(turn))
        if number:
            values.append(median(times[1]) / median(times[0]))
    print(line(title, Ratio(values), GROWTH, unit="×"))


def _lines(app: Flask, pages: Sequence[Page]) -> Iterator[float]:
    """Seconds of one line after the other, of one page after the other.

    Raises:
        RuntimeError: If a line is refused.
    """
    own = [replace(page, rng=Random(page.visitor.id)) for page in pages]
    for page in cycle(own):
        took_s = 0.0
        for make in (page.ask, page.say):
            request = make()
            if request is None:
                break
            begun = time.perf_counter()
            answer = answer_of(app, request)
            took_s = time.perf_counter() - begun
            if answer.status != 200:  # noqa: PLR2004 - a state
                raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
            page.take(answer)
        else:
            yield took_s
