"""The checks of `make check`, each a test, so that one run of pytest says whether all is well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "--no-cache"),
        ("ruff", "format", "--check", "--no-cache"),
        ("mypy",),
        ("lint-imports",),
        ("djlint", "--lint", "--quiet", "cstrain"),
        ("cstrain", "content", "check"),
        ("python", "-m", "tools.translations", "--check"),
    ],
    ids=["ruff", "format", "mypy", "imports", "templates", "content", "translations"],
)
def test_check_finds_nothing(command: tuple[str, ...], tmp_path: Path) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env={"PATH": f"{BIN}:/usr/bin:/bin", "CSTRAIN_VAR": str(tmp_path), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
