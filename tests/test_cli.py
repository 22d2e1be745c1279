"""The command as it is typed: from an empty data folder, and with settings that cannot be used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = "from cstrain.cli import cli; cli(prog_name='cstrain')"


def cstrain(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CSTRAIN_")}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=folder,
        env={**kept, "LC_ALL": "C.UTF-8", "CSTRAIN_VAR": str(folder / "var"), **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_the_first_person_can_be_added_in_an_empty_data_folder(tmp_path: Path) -> None:
    first = ("people", "add", "--team", "my-shop", "--name", "林小满", "--role", "administrator")

    done = cstrain(tmp_path, *first, "--new-team", "我的店")

    assert done.returncode == 0, done.stderr
    assert "first password" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CSTRAIN_DATABASE_URL", "postgresql://u:geheim@host/name", "postgresql+psycopg://"),
        ("CSTRAIN_DATABASE_URL", "postgresql+psycopg://u:p@127.0.0.1:1/x", "CSTRAIN_DATABASE_URL"),
        ("CSTRAIN_IDLE_MINUTES", "abc", "CSTRAIN_IDLE_MINUTES must be a whole number"),
        ("CSTRAIN_WORKERS", "0", "CSTRAIN_WORKERS must be a whole number, 1 or more"),
        ("CSTRAIN_VAR", "/dev/null/var", "CSTRAIN_VAR=/path/to/folder"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_without_a_trace(
    tmp_path: Path, name: str, value: str, told: str
) -> None:
    done = cstrain(tmp_path, "db", "upgrade", **{name: value})

    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("--port", "99999"), "1<=x<=65535"), (("--host", "192.0.2.1"), "There is no such address")],
)
def test_a_place_that_does_not_exist_is_not_called_taken(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = cstrain(tmp_path, "run", *arguments)

    assert done.returncode != 0
    assert told in done.stderr
    assert "Traceback" not in done.stderr
