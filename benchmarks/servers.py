"""The product and the yardstick, served alike: the same server, workers and threads.

python -m benchmarks.servers product|bare PORT
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from benchmarks import bare
from cstrain import app
from cstrain.kit.processes import collect_rarely, die_with

WORKERS = 2
THREADS = 2
_READY_WAIT_S = 30.0


class _Loader:
    """Makes an application inside a worker, which ends with the process that measures."""

    def __init__(self, name: str, parent_pid: int) -> None:
        self.name, self.parent_pid = name, parent_pid

    def __call__(self) -> Callable[..., Any]:
        die_with(self.parent_pid)
        made = app.create_app() if self.name == "product" else bare.create()
        collect_rarely()
        return made


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    port: int
    pid: int

    def cpu_s(self) -> float:
        """Seconds of processor time that the server and its workers have used so far."""
        used: dict[int, tuple[int, float]] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            used[int(entry.name)] = (int(fields[1]), int(fields[11]) + int(fields[12]))
        family = {self.pid}
        for _generation in range(3):
            family |= {pid for pid, (parent, _ticks) in used.items() if parent in family}
        return sum(used[pid][1] for pid in family if pid in used) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(name: str, environment: Mapping[str, str]) -> Iterator[Served]:
    """Serve ``product`` or ``bare`` on a port of its own.

    Raises:
        RuntimeError: If it does not answer.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.servers", name, str(port)],
        env={**os.environ, **environment},
    )
    try:
        _wait(process, port)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _READY_WAIT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server on port {port} does not answer")


def main() -> None:
    """Serve until ended."""
    name, port = sys.argv[1:]
    server = Server(
        name,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        log_access=False,
    )
    server.serve(target_loader=_Loader(name, os.getpid()), wrap_loader=False)


if __name__ == "__main__":
    main()
