"""Which process does something, so that others can tell when it is dead."""

from __future__ import annotations

import ctypes
import gc
import os
import secrets
import signal
import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path

_PR_SET_PDEATHSIG = 1
#: How many objects more than before let Python look for circles; 700 is its own.
_NEW_OBJECTS = 50_000
_STARTED_FIELD = 19  # of /proc/PID/stat after the name: clock ticks from the machine's start


def new_run() -> str:
    """A name for one run in this process: place, process, its start, and a number of its own."""
    pid = os.getpid()
    return f"{_place()}/{pid}/{_started(pid)}/{secrets.token_hex(4)}"


def runs_here(run: str, known: Collection[str]) -> bool | None:
    """Whether a run still goes on.

    Args:
        run: What ``new_run`` gave.
        known: The runs that go on in this process.

    Returns:
        True or False for a run of this place; None where only its heartbeat can tell.
    """
    place, _slash, rest = run.rpartition("/")[0].partition("/")
    if not place or place != _place():
        return None
    pid, _slash, started = rest.partition("/")
    if not pid.isdecimal():
        return None
    if int(pid) == os.getpid() and started == _started(os.getpid()):
        return run in known
    return started == _started(int(pid))


@cache
def _place() -> str:
    """The machine's start and the room its process numbers are valid in; empty if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}-{Path('/proc/self/ns/pid').readlink()}".replace("/", "")
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process began; empty when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else fields[_STARTED_FIELD]


def die_with(parent_pid: int) -> None:
    """Let the kernel end this process when its parent is gone, however that ends (Linux).

    Raises:
        SystemExit: If the parent is gone already.
    """
    if sys.platform == "linux":
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        except (AttributeError, OSError):
            return
    if os.getppid() != parent_pid:
        raise SystemExit(1)


def collect_rarely() -> None:
    """Let a web worker look for garbage in circles less often, and never at what it began with.

    Nearly everything of a request goes when its last name goes. Python would look through
    thousands of lasting objects several times in each request, a tenth of the processor's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
