"""Makes ``.venv`` and installs a hash-pinned list and this checkout into it.

Needs nothing but the standard library and pip, and no root. Debian's Python comes without
``ensurepip`` unless python3-venv is installed, so the environment is made without pip and filled
from outside by ``pip --python`` (pip 22.3); where there is no pip, ``ensurepip`` is tried.

    python3 -m tools.venv requirements/run.txt
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def main(lock: str) -> None:
    """Make the environment if it is missing, and install the lock and the checkout."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"cstrain needs Python 3.11 or newer, this is {sys.version.split()[0]}. "
            "Name another one: make PYTHON=python3.12 ..."
        )
    if not PYTHON.exists():
        print("Making .venv ...", flush=True)
        venv.EnvBuilder(symlinks=True).create(VENV)
    pip = _pip()
    print(f"Installing {lock} ...", flush=True)
    _run([*pip, "install", "--quiet", "--require-hashes", "--requirement", str(ROOT / lock)])
    checkout = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    _run([*pip, "install", "--quiet", *checkout])


def _pip() -> list[str]:
    """The command of a pip that installs into ``.venv``."""
    quiet = ["--disable-pip-version-check", "--no-input"]
    if importlib.util.find_spec("pip"):
        numbers = [int(part) for part in re.findall(r"\d+", version("pip"))[:2]]
        if numbers >= [22, 3]:
            return [sys.executable, "-m", "pip", *quiet, "--python", str(PYTHON)]
    inside = [str(PYTHON), "-m", "pip", *quiet]
    if subprocess.run([*inside, "--version"], capture_output=True, check=False).returncode:
        made = subprocess.run(
            [str(PYTHON), "-m", "ensurepip"], capture_output=True, text=True, check=False
        )
        if made.returncode:
            sys.exit(
                "No pip was found, and this Python cannot make one. "
                "On Debian or Ubuntu: apt install python3-pip; elsewhere install pip for "
                f"{sys.executable}, then run make again."
            )
    return inside


def _run(command: list[str]) -> None:
    """Run a command; end with its exit code when it fails."""
    done = subprocess.run(command, check=False)
    if done.returncode:
        print("The set-up stopped at:", " ".join(command), file=sys.stderr)
        sys.exit(done.returncode)


if __name__ == "__main__":
    main(sys.argv[1])
