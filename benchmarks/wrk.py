"""Pages once more by wrk, where it is installed: a client that costs next to nothing."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping

from benchmarks.ratios import Ratio, line
from benchmarks.shop import Visitor

_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")


def report(
    ports: Mapping[str, int],
    pages: Mapping[str, tuple[Visitor, str]],
    seconds: float,
    rounds: int,
) -> None:
    """Print each page's rate ÷ the bare page's, in alternating rounds."""
    ratios: dict[str, list[float]] = {name: [] for name in pages}
    for _round in range(rounds):
        bare = _rate(ports["bare"], "/", "", seconds)
        for name, (visitor, path) in pages.items():
            ratios[name].append(_rate(ports["product"], path, visitor.cookie, seconds) / bare)
    for name, values in ratios.items():
        print(line(f"{name} ÷ bare page, by wrk", Ratio(values), None))


def _rate(port: int, path: str, cookie: str, seconds: float) -> float:
    """Requests a second; a page that answers otherwise than 200 ends the run.

    Raises:
        RuntimeError: If wrk fails, or counts errors.
    """
    done = subprocess.run(
        [
            *("wrk", "-t1", "-c8", f"-d{max(round(seconds), 1)}s", "-H", f"Cookie: {cookie}"),
            f"http://127.0.0.1:{port}{path}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    found = _RATE.search(done.stdout)
    if found is None or "Non-2xx" in done.stdout:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1])
