"""Running the site: web workers and the job process, none of which outlives the others.

    upgrade_database(create_app())
    run(8000)

A parent process holds everything. It starts granian's workers and one job process, replaces
those that die, and ends them on SIGTERM, SIGINT or SIGHUP. When the parent itself is killed the
kernel takes the others along (Linux), so the next start finds the port free. Nothing is locked
by files that could be left behind.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, ip_address

import click
from alembic import command
from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from cstrain.app import create_app
from cstrain.config import Settings
from cstrain.kit import duties, jobs, queue
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db
from cstrain.kit.i18n import gettext as _
from cstrain.kit.processes import collect_rarely, die_with

log = logging.getLogger(__name__)

_PARENT = "CSTRAIN_PARENT"
#: Workers of a killed server need a moment to go.
_PORT_WAIT_S = 3.0
_READY_WAIT_S = 60.0
_STOP_WAIT_S = 10
_ASK_AGAIN_S = 0.5
_ENDING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
_RESTART_FIRST_S = 1.0
_RESTART_MOST_S = 30.0
_LIVED_WELL_S = 60.0


class PortTakenError(click.ClickException):
    """Another programme has the port."""


def upgrade_database(app: Flask) -> None:
    """Bring the database to the newest migration; one process at a time."""
    settings: Settings = app.extensions["cstrain.settings"]
    with (settings.var_dir / "upgrade.lock").open("w") as lock, app.app_context():
        fcntl.flock(lock, fcntl.LOCK_EX)
        command.upgrade(app.extensions["migrate"].migrate.get_config(), "heads")
        db.session.remove()
        db.engine.dispose()


def run(
    port: int, host: str = "127.0.0.1", *, notes: Sequence[str] = (), with_jobs: bool = True
) -> None:
    """Serve the site until it is asked to stop; the database must be up to date.

    Args:
        port: Where to listen.
        host: An address of this machine, or ``0.0.0.0`` for all of them.
        notes: Lines printed below the address once the site answers.
        with_jobs: Whether to start the job process; ``work`` does its part elsewhere.

    Raises:
        PortTakenError: If the port is another programme's.
        SystemExit: If the site cannot be kept running.
    """
    address = _free_address(host, port)
    settings = Settings.from_environment()
    _log_to_stderr()
    stopping = threading.Event()
    server = Server(
        "cstrain",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        log_level=LogLevels.error,
        log_access=False,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=_STOP_WAIT_S,
    )

    def started() -> None:
        # A closed terminal ends the site; granian would only renew its workers.
        signal.signal(signal.SIGHUP, server.signal_handler_interrupt)
        _listen(server.signal_handler_interrupt)
        after = _Jobs(stopping) if with_jobs else None
        place = _Place(host, address, port)
        greeting = threading.Thread(
            target=_greet, args=(place, notes, stopping, after), daemon=True
        )
        greeting.start()

    server.on_startup(started)
    server.on_shutdown(stopping.set)
    try:
        server.serve(target_loader=_Loader(os.getpid()), wrap_loader=False)
    except SystemExit:
        log.exception(_("网站起不来或总是中断，原因在上面。"))
        raise
    finally:
        signal.set_wakeup_fd(-1)
        stopping.set()
        for thread in threading.enumerate():
            if isinstance(thread, _Jobs):
                thread.join()


def work() -> None:
    """Be the job process: long work, the outbox, and whatever is due. Ends on SIGTERM.

    Raises:
        SystemExit: If the server that started it is gone already.
    """
    _log_to_stderr()
    parent = os.environ.pop(_PARENT, None)
    if parent is not None:
        die_with(int(parent))
    app = create_app()
    ended = threading.Event()

    def heart() -> None:
        while not ended.wait(jobs.HEARTBEAT_EVERY_S):
            try:
                with app.app_context():
                    jobs.beat(now=utc_now())
            except Exception:
                log.exception("no heartbeat")

    def wake() -> None:
        duties.run_waking(app)
        jobs.run_waiting(app)

    def tick() -> None:
        with app.app_context():
            jobs.sweep(now=utc_now())
        duties.run_due(app, now=utc_now())
        jobs.run_waiting(app)

    threading.Thread(target=heart, daemon=True).start()
    queue.consume(app, on_wake=wake, on_tick=tick, on_stop=jobs.stop)
    ended.set()


def _listen(stop: Callable[[], None]) -> None:
    """Hear of a signal whichever thread the kernel has given it to.

    Python runs handlers in the main thread alone, and where another thread has taken the signal,
    nothing wakes the main thread from granian's wait for it. Where a worker dies at that moment,
    granian forgets that it was told, so it is told again until the process is gone.
    """
    heard, told = socket.socketpair()
    told.setblocking(False)  # noqa: FBT003 - its only argument
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))

    def listen() -> None:
        with told:  # open as long as the process lives: signals are written there
            while not _ENDING.intersection(heard.recv(64)):
                pass
            while True:
                stop()
                time.sleep(_ASK_AGAIN_S)

    threading.Thread(target=listen, daemon=True).start()


class _Loader:
    """Makes the application inside a web worker."""

    def __init__(self, parent_pid: int) -> None:
        self.parent_pid = parent_pid

    def __call__(self) -> Callable[..., object]:
        die_with(self.parent_pid)
        app = create_app()
        collect_rarely()
        return app


class _Jobs(threading.Thread):
    """Keeps a job process running. The thread that starts it lives as long as the site."""

    def __init__(self, stopping: threading.Event) -> None:
        super().__init__(name="jobs", daemon=True)
        self.stopping = stopping

    def run(self) -> None:
        """Start the process, and again whenever it ends, until the site stops."""
        pause_s = _RESTART_FIRST_S
        while not self.stopping.is_set():
            began = time.monotonic()
            # A session of its own, so that Ctrl+C reaches it by way of this thread only.
            process = subprocess.Popen(
                [sys.executable, "-m", "cstrain.serve"],
                env={**os.environ, _PARENT: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._watch(process)
            if self.stopping.is_set():
                return
            lived_well = time.monotonic() - began > _LIVED_WELL_S
            pause_s = _RESTART_FIRST_S if lived_well else min(pause_s * 2, _RESTART_MOST_S)
            log.error("the job process ended with status %s", process.returncode)
            self.stopping.wait(pause_s)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        while process.poll() is None:
            if not self.stopping.wait(0.2):
                continue
            process.terminate()
            try:
                process.wait(_STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_address(host: str, port: int) -> str:
    """The IP address to listen at.

    granian lets several processes share a port, so it would not notice another server there.

    Raises:
        PortTakenError: If the port is taken, or is none of ours to take.
    """
    try:
        family, _kind, _proto, _name, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, OverflowError) as error:
        raise PortTakenError(_("没有这个地址：%(host)s:%(port)s", host=host, port=port)) from error
    until = time.monotonic() + _PORT_WAIT_S
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(place)
            except OSError as error:
                problem = error
            else:
                return str(place[0])
        if problem.errno == errno.EADDRNOTAVAIL:
            text = _("没有这个地址：%(host)s:%(port)s", host=host, port=port)
            raise PortTakenError(text) from problem
        if isinstance(problem, PermissionError) or time.monotonic() > until:
            raise PortTakenError(_refusal(port, problem)) from problem
        time.sleep(0.1)


def _refusal(port: int, problem: OSError) -> str:
    other = port + 1 if port < 65535 else 8000  # noqa: PLR2004 - the last port there is
    if isinstance(problem, PermissionError):
        return _(
            "端口 %(port)s 要有管理员权限才能用。换一个：PORT=8000 make run，"
            "或 cstrain run --port 8000",
            port=port,
        )
    return _(
        "端口 %(port)s 已被别的程序占用。换一个：PORT=%(other)s make run，"
        "或 cstrain run --port %(other)s",
        port=port,
        other=other,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the site is: the host as asked for, its IP address, and the port."""

    host: str
    address: str
    port: int

    @property
    def shown(self) -> str:
        """The address to open on this machine."""
        name = self.near if ip_address(self.address).is_unspecified else self.host
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}"

    @property
    def near(self) -> str:
        """The IP address by which this machine reaches the site."""
        ip = ip_address(self.address)
        if not ip.is_unspecified:
            return self.address
        return "127.0.0.1" if isinstance(ip, IPv4Address) else "::1"

    def answers(self) -> bool:
        """Whether the site serves pages."""
        connection = HTTPConnection(self.near, self.port, timeout=5)
        try:
            connection.request("GET", "/login")
            return connection.getresponse().status < HTTPStatus.INTERNAL_SERVER_ERROR
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def _greet(
    place: _Place, notes: Sequence[str], stopping: threading.Event, after: _Jobs | None
) -> None:
    """Wait until the site answers and say so; only then start what competes for the machine."""
    until = time.monotonic() + _READY_WAIT_S
    while not stopping.is_set() and time.monotonic() < until:
        if place.answers():
            click.echo("\n".join((f"cstrain: {place.shown}", *notes)))
            break
        stopping.wait(0.05)
    else:
        log.warning(_("网站还没有应答：%(address)s", address=place.shown))
    if after is not None and not stopping.is_set():
        after.start()


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for name in ("alembic", "huey"):
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    work()
