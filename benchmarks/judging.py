"""How much of handing in an exam is the gate: deciding, and reading what it decides on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from flask import Flask

from benchmarks import flow
from benchmarks.load import Answer, Script
from benchmarks.ratios import Goal, Ratio, line
from benchmarks.shop import Visitor
from cstrain.core.evidence import ledger
from cstrain.core.pathway import decisions

ATTEMPTS = 40


def report(app: Flask, sitters: Iterator[Visitor], goal: Goal) -> None:
    """Sit exams inside this process; print the gate's share of the hand-in."""
    deciding, reading = [], []
    with _timed(decisions, "decide") as decide_s, _timed(ledger, "of_enrolment") as read_s:
        for number in range(ATTEMPTS):
            took_s = _attempt(app, next(sitters), (decide_s, read_s))
            if number >= ATTEMPTS // 4:
                deciding.append(sum(decide_s) / took_s)
                reading.append(sum(read_s) / took_s)
    print(line("gate evaluation ÷ the hand-in it stands in", Ratio(deciding), goal))
    print(line("reading its evidence ÷ the hand-in", Ratio(reading), None))


def _attempt(app: Flask, visitor: Visitor, clocks: Sequence[list[float]]) -> float:
    """Seconds of the hand-in; the clocks hold what was noted in it."""
    script: Script = flow.attempt(visitor)
    request, took_s = next(script), 0.0
    noted: list[list[float]] = []
    while True:
        is_hand_in = b"/hand-in " in request.partition(b"\r\n")[0]
        for clock in clocks:
            clock.clear()
        begun = time.perf_counter()
        answer = answer_of(app, request)
        if is_hand_in:
            took_s, noted = time.perf_counter() - begun, [list(clock) for clock in clocks]
        try:
            request = script.send(answer)
        except StopIteration:
            for clock, kept in zip(clocks, noted, strict=True):
                clock[:] = kept
            return took_s


def answer_of(app: Flask, request: bytes) -> Answer:
    """Give a request as sent to the application itself."""
    head, _blank, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _protocol = first.split(" ")
    headers = dict(line_.split(": ", 1) for line_ in lines)
    client = app.test_client(use_cookies=False)
    given = client.open(path, method=method, headers=headers, data=body)
    shown = {name.lower(): value for name, value in given.headers.items()}
    return Answer(given.status_code, shown, given.data)


@contextmanager
def _timed(module: ModuleType, name: str) -> Iterator[list[float]]:
    """Note how long each call of a module's function takes."""
    clock: list[float] = []
    function: Callable[..., Any] = getattr(module, name)

    def run(*args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            clock.append(time.perf_counter() - begun)

    setattr(module, name, run)
    try:
        yield clock
    finally:
        setattr(module, name, function)
