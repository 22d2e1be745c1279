"""How much of handing in an exam is the gate: reading the facts and deciding."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from benchmarks import flow
from benchmarks.load import Answer, Script
from benchmarks.ratios import Goal, Ratio, line
from benchmarks.shop import Visitor
from cstrain.core.pathway import decisions

ATTEMPTS = 40


def report(app: Flask, sitters: Iterator[Visitor], goal: Goal) -> None:
    """Sit exams inside this process; print the gate's share of the hand-in."""
    shares = []
    with _timed() as clock:
        for number in range(ATTEMPTS):
            took_s, gate_s = _attempt(app, next(sitters), clock)
            if number >= ATTEMPTS // 4:
                shares.append(gate_s / took_s)
    print(line("gate evaluation ÷ its request", Ratio(shares), goal))


def _attempt(app: Flask, visitor: Visitor, clock: list[float]) -> tuple[float, float]:
    """Seconds of the hand-in, and of the gate in it."""
    script: Script = flow.attempt(visitor)
    request, took_s, gate_s = next(script), 0.0, 0.0
    while True:
        is_hand_in = b"/hand-in " in request.partition(b"\r\n")[0]
        clock.clear()
        begun = time.perf_counter()
        answer = _answer(app, request)
        if is_hand_in:
            took_s, gate_s = time.perf_counter() - begun, sum(clock)
        try:
            request = script.send(answer)
        except StopIteration:
            return took_s, gate_s


def _answer(app: Flask, request: bytes) -> Answer:
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
def _timed() -> Iterator[list[float]]:
    """Note how long the gate's parts take: what reads the facts, and what decides on them."""
    clock: list[float] = []
    parts: dict[str, Callable[..., Any]] = {
        name: getattr(decisions, name) for name in ("facts_of", "decide")
    }

    def timed(part: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            try:
                return part(*args, **kwargs)
            finally:
                clock.append(time.perf_counter() - begun)

        return run

    for name, part in parts.items():
        setattr(decisions, name, timed(part))
    try:
        yield clock
    finally:
        for name, part in parts.items():
            setattr(decisions, name, part)
