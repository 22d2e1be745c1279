"""The kind of docs/writing-an-activity-kind.md is built from the page and runs."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "writing-an-activity-kind.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([^`\n]+)`:\n\n```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the import path that holds the distribution as an installer leaves it."""
    folder = tmp_path_factory.mktemp("site")
    for name, text in FILES.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    info = folder / "cstrain_pledge-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = project["entry-points"]["cstrain.activities"]
    lines = "".join(f"{name} = {target}\n" for name, target in points.items())
    (info / "entry_points.txt").write_text(f"[cstrain.activities]\n{lines}")
    return folder


def run(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=site,
        env={
            **os.environ,
            "PYTHONPATH": f"{site}{os.pathsep}{ROOT}",
            "CSTRAIN_VAR": str(site / "var"),
            "CSTRAIN_DATABASE_URL": f"sqlite:///{site / 'pledge.db'}",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_file_of_the_page_is_there() -> None:
    listed = re.findall(r"^    (\S+\.(?:toml|py|html))", PAGE, re.MULTILINE)

    assert listed == list(FILES)


def test_the_kind_keeps_the_contract(site: Path) -> None:
    done = run(site, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_pledge.py")

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_application_starts_with_the_kind_and_its_table(site: Path) -> None:
    done = run(site, "-c", "from cstrain.cli import cli; cli()", "db", "upgrade")

    assert done.returncode == 0, done.stdout + done.stderr
    with sqlite3.connect(site / "pledge.db") as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        versions = {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}
    connection.close()
    assert {"pledge_tick", "attempt"} <= tables
    assert "pledge_1" in versions


def test_the_page_imports_from_the_door_only() -> None:
    imported = re.findall(
        r"^from (cstrain(?:\.\w+)*) import|^import (cstrain\S*)", PAGE, re.MULTILINE
    )

    assert {name or other for name, other in imported} == {
        "cstrain",
        "cstrain.kit.db",
        "cstrain.kit.errors",
        "cstrain.kit.i18n",
        "cstrain.testing",
    }
