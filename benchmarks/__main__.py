"""What the product costs next to a bare Flask page: ``python -m benchmarks --help``."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from flask import Flask

from benchmarks import chats, flow, growth, judging, matching, reception, shop, wrk
from benchmarks.load import Due, Round, Script, at_their_time, drive, repeat, request_bytes, run
from benchmarks.ratios import Goal, Ratio, at_least, at_most, line
from benchmarks.servers import THREADS, WORKERS, Served, serving
from benchmarks.shop import Visitor
from cstrain import demo
from cstrain.config import Settings
from cstrain.core.people.access import Role

PARTS = ("pages", "flow", "open", "gate", "growth", "matching", "reception", "chats")
CONNECTIONS = 8
PEOPLE = 50
THINK_S = 6.0
OPEN_S = 12.0
BARE_EVERY_S = 0.1

#: On SQLite; on PostgreSQL each statement is a round trip, and only the lesson has a goal.
ON_SQLITE = {
    "home": at_least(0.08),
    "lesson": at_least(0.10),
    "quiz page": at_least(0.08),
    "flow": at_least(0.08),
}
ON_POSTGRESQL = {"lesson": at_least(0.045)}
P95_BARE, GATE, GROWTH = at_most(12.0), at_most(0.05), at_most(1.2)
CHATS = chats.Goals(
    storing=at_least(0.8),
    import_rate=at_least(15_000),
    search_s=at_most(0.2),
    memory_mb=at_most(600),
    draw=at_most(5.0),
    pages=at_most(1.5),
)


@dataclass(slots=True)
class Bench:
    """A run.

    Attributes:
        app: The product's application, for what is prepared and for what is timed in-process.
        trainees: The demo shop's twelve, in different places of the path.
        sitters: People who may begin the exam, each once.
        papers: Addresses of open papers with their owners.
    """

    app: Flask
    servers: Mapping[str, Served]
    seconds: float
    rounds: int
    trainees: Sequence[Visitor]
    sitters: Iterator[Visitor]
    goals: Mapping[str, Goal]
    papers: Sequence[tuple[Visitor, str]] = ()
    rates: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)

    def round_of(self, name: str, make: Callable[[int], Script]) -> Round:
        """One round of load on the product, or on the yardstick."""
        server = self.servers["bare" if name == "bare" else "product"]
        before_s = server.cpu_s()
        done = drive(server.port, make, connections=CONNECTIONS, seconds=self.seconds)
        self.cpu[name] = (server.cpu_s() - before_s) / done.requests
        return done

    def paired(self, made: Mapping[str, Callable[[int], Script]]) -> dict[str, tuple[Ratio, Ratio]]:
        """Alternating rounds, each kind next to the bare page of the same round.

        Returns:
            For each kind its rate ÷ the bare page's, and the bare page's processor time for a
            request ÷ its own, which tells the same where others use the machine as well.
        """
        names = ["bare", *made]
        scripts = {"bare": lambda _n: repeat(request_bytes("GET", "/")), **made}
        ratios: dict[str, list[float]] = {name: [] for name in made}
        by_cpu: dict[str, list[float]] = {name: [] for name in made}
        for number in range(self.rounds + 1):
            # The order turns round by round, so that no kind always follows the same one.
            order = names[number % len(names) :] + names[: number % len(names)]
            done = {name: self.round_of(name, scripts[name]) for name in order}
            if number == 0:
                continue
            for name, found in done.items():
                self.rates.setdefault(name, []).append(found.rate)
                if name in ratios:
                    ratios[name].append(found.rate / done["bare"].rate)
                    by_cpu[name].append(self.cpu["bare"] / self.cpu[name])
                if found.scripts:
                    per_s = self.rates.setdefault(f"{name} scripts", [])
                    per_s.append(found.scripts / found.seconds)
        return {name: (Ratio(ratios[name]), Ratio(by_cpu[name])) for name in made}


def main() -> None:
    """Measure and print."""
    options = _options()
    begun = time.monotonic()
    if shutil.which("wrk"):
        client = "benchmarks/load.py, and wrk for pages"
    else:
        client = "benchmarks/load.py (wrk is not installed)"
    kind = "PostgreSQL" if options.postgresql else "SQLite"
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {kind}, granian WSGI "
        f"{WORKERS} workers × {THREADS} threads, {CONNECTIONS} connections; client: {client}"
    )
    print(
        "Ratios of medians [least–most] of paired, alternating rounds; the client shares the cores."
    )
    wanted = options.only or PARTS
    if "matching" in wanted:
        matching.report()
    if "reception" in wanted:
        _at_reception(options)
    if "chats" in wanted:
        _of_chats(options)
    if set(wanted) - {"matching", "reception", "chats"}:
        _in_shop(options, wanted)
    print(f"Took {time.monotonic() - begun:.0f} s.")


def _in_shop(options: argparse.Namespace, wanted: Sequence[str]) -> None:
    """The parts that need a shop."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cstrain-bench-")))
        url = stack.enter_context(shop.postgresql(folder)) if options.postgresql else None
        print(
            f"A write reaches the disk in {_sync_ms(folder):.2f} ms; a saved answer waits for it."
        )
        made = shop.settings(folder, url)
        app = shop.open_shop(made)
        with app.app_context():
            demo.load(people_count=None, say=lambda _line: None)
        if "growth" in wanted and not options.postgresql:
            growth.report(app, folder, GROWTH)
        if {"pages", "flow", "open", "gate"} & set(wanted):
            _served(app, made, options, wanted, stack)


def _at_reception(options: argparse.Namespace) -> None:
    """Live practice, in a shop of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cstrain-bench-")))
        url = stack.enter_context(shop.postgresql(folder)) if options.postgresql else None
        made = shop.settings(folder, url)
        words = reception.content_of_shop(folder / "content")
        made = replace(made, content_dirs=(*made.content_dirs, words))
        reception.report(shop.open_shop(made), folder, shop.environment(made))


def _of_chats(options: argparse.Namespace) -> None:
    """The archive of real chats, with made ones, in databases of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cstrain-bench-")))
        url = stack.enter_context(shop.postgresql(folder)) if options.postgresql else None
        chats.report(shop.settings(folder, url), folder, options.messages, CHATS)


def _sync_ms(folder: Path) -> float:
    """Median milliseconds of a write that waits for the disk."""
    times = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _each in range(100):
            file.write(b"x" * 4096)
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    return median(times) * 1000


def _served(
    app: Flask,
    made: Settings,
    options: argparse.Namespace,
    wanted: Sequence[str],
    stack: ExitStack,
) -> None:
    """The parts that need people who may sit the exam."""
    count = PEOPLE + CONNECTIONS + judging.ATTEMPTS
    if "flow" in wanted:
        count += int(options.sitters * options.seconds * (options.rounds + 1))
    ids = shop.add_people(app, count)
    shop.add_people(app, 2, Role.TRAINER, "BT")
    shop.let_learn(app, ids)
    sitters = iter(shop.visitors(app, ids))
    if "gate" in wanted:
        judging.report(app, sitters, GATE)
    if not {"pages", "flow", "open"} & set(wanted):
        return
    environment = shop.environment(made)
    servers = {
        name: stack.enter_context(serving(name, environment)) for name in ("bare", "product")
    }
    trainees = shop.visitors(app, shop.demo_trainees(app))
    goals = ON_POSTGRESQL if options.postgresql else ON_SQLITE
    bench = Bench(app, servers, options.seconds, options.rounds, trainees, sitters, goals)
    if "pages" in wanted:
        bench.papers = [_open_paper(bench) for _each in range(CONNECTIONS)]
        _report_pages(bench)
    if "open" in wanted:
        _report_open(bench)
    if "flow" in wanted:
        _report_flow(bench)


def _open_paper(bench: Bench) -> tuple[Visitor, str]:
    """Let somebody begin the exam."""
    visitor = next(bench.sitters)
    found: list[str] = []

    def begin() -> Script:
        found.append(flow.place((yield flow.start(visitor))))

    run(bench.servers["product"].port, begin())
    return visitor, found[0]


def _report_pages(bench: Bench) -> None:
    def of(path: str) -> Callable[[int], Script]:
        people = bench.trainees
        return lambda number: repeat(flow.get(people[number % len(people)], path))

    def paper(number: int) -> Script:
        visitor, path = bench.papers[number % len(bench.papers)]
        return repeat(flow.get(visitor, path))

    kinds = {
        "home": of("/"),
        "lesson": of(f"/lesson/{shop.LESSON}"),
        "quiz page": paper,
        "log-in page": lambda _n: repeat(request_bytes("GET", "/login")),
    }
    for name, ratios in bench.paired(kinds).items():
        _print_pair(f"{name} ÷ bare page", ratios, bench.goals.get(name))
    if shutil.which("wrk"):
        visitor = bench.trainees[0]
        pages = {"home": (visitor, "/"), "lesson": (visitor, f"/lesson/{shop.LESSON}")}
        pages["quiz page"] = bench.papers[0]
        wrk.report(
            {name: each.port for name, each in bench.servers.items()},
            pages,
            bench.seconds,
            bench.rounds,
        )


def _print_pair(title: str, found: tuple[Ratio, Ratio], goal: Goal | None) -> None:
    print(line(title, found[0], goal))
    print(line("  the same by the servers' processor time", found[1], None))


def _report_flow(bench: Bench) -> None:
    def attempt(_number: int) -> Script:
        return flow.attempt(next(bench.sitters))

    found = bench.paired({"flow": attempt})
    _print_pair(
        f"quiz flow, {flow.REQUEST_COUNT} requests ÷ bare page",
        found["flow"],
        bench.goals.get("flow"),
    )
    attempts = Ratio(bench.rates["flow scripts"])
    print(line("whole attempts a second", attempts, None, unit=""))


def _report_open(bench: Bench) -> None:
    """50 people answer every six seconds, then all of them within one second.

    Raises:
        SystemExit: If an answer is refused.
    """
    papers: list[flow.Paper] = []
    for _each in range(PEOPLE):
        visitor, path = _open_paper(bench)

        def fetch(visitor: Visitor = visitor, path: str = path) -> Script:
            papers.append(flow.Paper(visitor, path, (yield flow.get(visitor, path))))

        run(bench.servers["product"].port, fetch())
    dues: list[Due] = []
    port = bench.servers["product"].port
    for number, paper in enumerate(papers):
        first = THINK_S * number / PEOPLE
        times = [first + THINK_S * turn for turn in range(int(OPEN_S / THINK_S))]
        times.append(OPEN_S + 1 + number / PEOPLE)
        for position, at_s in enumerate(times):
            dues.append(Due(at_s, f"person {number}", "answer", port, paper.answer(position)))
    bare = request_bytes("GET", "/")
    dues += [
        Due(turn * BARE_EVERY_S, "bare", "bare", bench.servers["bare"].port, bare)
        for turn in range(int((OPEN_S + 2) / BARE_EVERY_S))
    ]
    waits = at_their_time(dues)
    if waits.errors:
        raise SystemExit(f"{len(waits.errors)} answers were refused, the first: {waits.errors[0]}")
    median_s = waits.percentile_s("bare", 0.5)
    p95_s = waits.percentile_s("answer", 0.95)
    count = len(waits.waits_s["answer"])
    title = f"{PEOPLE} people, {count} answers: p95 ÷ median of the bare page"
    print(line(title, Ratio([p95_s / median_s]), P95_BARE, unit="×"))
    print(f"  p95 {p95_s * 1e3:.1f} ms, bare median {median_s * 1e3:.2f} ms, 0 errors (goal 0)")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure pages, the quiz flow, an open load, the gate, growth, "
        "the matcher, live practice and the archive of chats.",
        epilog="Example: python -m benchmarks --only pages --only flow --seconds 3",
    )
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round (2)")
    parser.add_argument("--rounds", type=int, default=4, help="rounds after the warm-up (4)")
    parser.add_argument("--sitters", type=int, default=60, help="new exam sitters a second (60)")
    parser.add_argument(
        "--messages", type=int, default=1_000_000, help="made chat messages (1000000)"
    )
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL, not SQLite")
    return parser.parse_args()


if __name__ == "__main__":
    main()
