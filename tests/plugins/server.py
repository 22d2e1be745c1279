"""An application served to a browser; and what ``make run`` starts, with its sudden end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from cstrain.config import Settings

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application at an address of its own, as long as the block lasts."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()


class Server:
    """``cstrain run`` on a database, a data folder and content of its own."""

    def __init__(self, settings: Settings, content: Path) -> None:
        self.port = free_port()
        self.errors = settings.var_dir / "server.err"
        self._environ = {
            **os.environ,
            "CSTRAIN_VAR": str(settings.var_dir),
            "CSTRAIN_DATABASE_URL": settings.database_url,
            "CSTRAIN_SECRET_KEY": settings.secret_key,
            "CSTRAIN_CONTENT": str(content),
        }
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        """Start it; returns when it answers."""
        with self.errors.open("a") as errors:
            process = subprocess.Popen(
                [Path(sys.executable).with_name("cstrain"), "run", "--port", str(self.port)],
                cwd=ROOT,
                env=self._environ,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._process = process
        assert process.stdout is not None
        said = next((line for line in process.stdout if line.startswith("cstrain: ")), "")
        assert said, self.errors.read_text()
        # What it says later must not fill the pipe.
        self._reader = threading.Thread(target=process.stdout.read, daemon=True)
        self._reader.start()

    @property
    def pids(self) -> list[int]:
        """Every process of it, the parent first."""
        assert self._process is not None
        return [self._process.pid, *_descendants(self._process.pid)]

    def kill(self, *, workers_first: bool = False) -> None:
        """Kill parent, workers and job process at once, as a power cut does."""
        process = self._process
        if process is None:
            return
        parts = _descendants(process.pid)
        whole = [*parts, process.pid] if workers_first else [process.pid, *parts]
        for pid in whole:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        if self._reader is not None:
            self._reader.join()
        if process.stdout is not None:
            process.stdout.close()
        self._process = self._reader = None


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in file.read_text().split():
                found += [int(child), *_descendants(int(child))]
    return found
