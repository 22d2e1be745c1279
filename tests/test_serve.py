"""The server as a whole: it starts, survives its parts' deaths, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from flask import Flask

from cstrain.config import Settings

ROOT = Path(__file__).resolve().parents[1]
WAIT_S = 90
SCRIPT = "import sys; from cstrain import serve; serve.run(int(sys.argv[1]), notes=['a note'])"

Start = Callable[[int], "subprocess.Popen[str]"]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(app: Flask, settings: Settings) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(port: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(port)],
            cwd=ROOT,
            env={
                **os.environ,
                "CSTRAIN_VAR": str(settings.var_dir),
                "CSTRAIN_DATABASE_URL": settings.database_url,
                "CSTRAIN_SECRET_KEY": settings.secret_key,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    assert app
    yield start
    for process in started:
        process.kill()
        process.communicate()


def ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def status(port: int) -> int:
    """What the site answers; 0 when nobody does."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/login")
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


def children(pid: int) -> list[int]:
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # that thread has just ended
            found += map(int, file.read_text().split())
    return found


def eventually(rule: Callable[[], bool]) -> bool:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        if rule():
            return True
        time.sleep(0.1)
    return False


def tell_thread(pid: int, thread: int, number: int) -> None:
    """What the kernel does at times with a signal for the process: one of its threads takes it."""
    tgkill = {"x86_64": 234, "aarch64": 131}.get(platform.machine())
    if tgkill is None:
        pytest.skip("no number of tgkill is known here")
    assert ctypes.CDLL(None).syscall(tgkill, pid, thread, number) == 0


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_it_says_where_it_is_once_it_answers_and_ends_when_asked(start: Start, port: int) -> None:
    server = start(port)

    assert ready(server) == f"cstrain: http://127.0.0.1:{port}\n"
    assert ready(server) == "a note\n"
    assert status(port) == 200
    assert eventually(lambda: len(children(server.pid)) == 3)
    parts = children(server.pid)
    server.send_signal(signal.SIGTERM)
    assert server.wait(WAIT_S) == 0
    assert not any(map(is_alive, parts))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_it_ends_whichever_thread_is_told(start: Start, port: int) -> None:
    server = start(port)
    ready(server)
    threads = {int(task.name) for task in Path(f"/proc/{server.pid}/task").iterdir()}
    other = min(threads - {server.pid})

    tell_thread(server.pid, other, signal.SIGTERM)

    assert server.wait(WAIT_S) == 0


def test_a_killed_server_leaves_nobody_and_starts_again_at_once(start: Start, port: int) -> None:
    first = start(port)
    ready(first)
    assert eventually(lambda: len(children(first.pid)) == 3)
    parts = children(first.pid)

    first.kill()
    first.wait()
    second = start(port)

    assert ready(second) == f"cstrain: http://127.0.0.1:{port}\n"
    assert eventually(lambda: not any(map(is_alive, parts)))
    assert status(port) == 200


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_parts_that_die_are_replaced(start: Start, port: int) -> None:
    server = start(port)
    ready(server)
    assert eventually(lambda: len(children(server.pid)) == 3)
    parts = set(children(server.pid))

    for part in parts:
        os.kill(part, signal.SIGKILL)

    assert eventually(lambda: len(set(children(server.pid)) - parts) == 3)
    assert eventually(lambda: status(port) == 200)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_taken_port_is_said_with_the_way_out(start: Start, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        server = start(port)
        _out, err = server.communicate(timeout=WAIT_S)

    assert server.returncode != 0
    assert f"PORT={port + 1}" in err, err
