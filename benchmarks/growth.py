"""What other people's data costs: the same pages with a hundred people and with ten thousand."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from benchmarks import crowd, shop
from benchmarks.ratios import Goal, Ratio, line
from cstrain.core.people.models import Person
from cstrain.kit.db import db

FEW, MANY = 100, 10_000
ROUNDS = 5
ASKED_A_ROUND = 16
#: Title, who looks (the demo's employee number), address.
PAGES = (
    ("home of a trainee", "S004", "/"),
    ("home of a trainer", "T001", "/"),
    ("home of a manager", "M001", "/"),
    ("board", "M001", "/board"),
    ("people list", "T001", "/people"),
    ("queue", "T001", "/queue"),
)


def report(app: Flask, folder: Path, goal: Goal) -> None:
    """Print each page's time with many ÷ with few, in alternating rounds inside one process."""
    few = crowd.copy_of(app, folder / "few")
    crowd.more_people(few, max(round(FEW / _count(few)), 1))
    factor = round(MANY / _count(few))
    spread, crowded = (crowd.copy_of(few, folder / name) for name in ("spread", "crowded"))
    crowd.more_people(spread, factor, with_teams=True)
    print(f"  pages with {_count(spread)} people in many shops ÷ with {_count(few)} in one:")
    _compare(few, spread, goal)
    crowd.more_people(crowded, factor)
    print(f"  the same with {_count(crowded)} people, all of them in the viewer's own shop:")
    _compare(few, crowded, None)


def _compare(few: Flask, many: Flask, goal: Goal | None) -> None:
    for title, employee_no, path in PAGES:
        clients = [_client(site, employee_no) for site in (few, many)]
        values = []
        for number in range(ROUNDS + 1):
            times: tuple[list[float], list[float]] = ([], [])
            for _each in range(ASKED_A_ROUND):
                for client, taken in zip(clients, times, strict=True):
                    taken.append(_seconds(client, path))
            if number:
                values.append(median(times[1]) / median(times[0]))
        print(line(f"  {title}", Ratio(values), goal, unit="×"))


def _count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Person)) or 0


def _client(app: Flask, employee_no: str) -> FlaskClient:
    with app.app_context():
        person_id = db.session.scalars(
            select(Person.id).where(Person.employee_no == employee_no)
        ).one()
    (visitor,) = shop.visitors(app, [person_id])
    client = app.test_client()
    name, _equals, value = visitor.cookie.partition("=")
    client.set_cookie(name, value)
    return client


def _seconds(client: FlaskClient, path: str) -> float:
    """How long one request takes.

    Raises:
        RuntimeError: If the page is broken.
    """
    begun = time.perf_counter()
    answer = client.get(path)
    took_s = time.perf_counter() - begun
    if answer.status_code != 200:  # noqa: PLR2004 - a page
        raise RuntimeError(f"{path} answers {answer.status_code}")
    return took_s
