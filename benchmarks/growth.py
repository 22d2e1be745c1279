"""What other people's data costs: the same pages with a hundred people and with ten thousand."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from benchmarks import shop
from benchmarks.ratios import Goal, Ratio, line
from cstrain.core.people.models import Person
from cstrain.kit.db import db

FEW, MANY = 100, 10_000
ROUNDS = 5
ASKED_A_ROUND = 8
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
    sites = [_crowd(app, folder / f"growth-{count}", count) for count in (FEW, MANY)]
    people = [_count(site) for site in sites]
    print(f"  pages with {people[1]} people in one shop ÷ with {people[0]}:")
    for title, employee_no, path in PAGES:
        clients = [(_client(site, employee_no), path) for site in sites]
        values = []
        for number in range(ROUNDS + 1):
            few_s, many_s = (_asked(client, path_) for client, path_ in clients)
            if number:
                values.append(many_s / few_s)
        print(line(f"  {title}", Ratio(values), goal, unit="×"))


def _crowd(app: Flask, folder: Path, count: int) -> Flask:
    made = shop.copy_of(app, folder)
    shop.multiply(made, max(round(count / _count(made)), 1))
    return made


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


def _asked(client: FlaskClient, path: str) -> float:
    """Median seconds of a few requests.

    Raises:
        RuntimeError: If the page is broken.
    """
    times = []
    for _each in range(ASKED_A_ROUND):
        begun = time.perf_counter()
        answer = client.get(path)
        times.append(time.perf_counter() - begun)
        if answer.status_code != 200:  # noqa: PLR2004 - a page
            raise RuntimeError(f"{path} answers {answer.status_code}")
    return median(times)
