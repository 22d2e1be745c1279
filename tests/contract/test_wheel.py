"""The wheel works by itself: it carries content, migrations, templates, static files and words."""

from __future__ import annotations

import ast
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_S = 60


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an environment that has the wheel and the locked packages, not the checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.EnvBuilder(symlinks=True).create(folder / "venv")
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # Path files in a folder named by a path file are not read, so the checkout stays out.
    locked = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    (site / "locked.pth").write_text(f"{locked}\n", encoding="utf-8")
    return folder


def run(elsewhere: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(elsewhere, *arguments),
        cwd=elsewhere,
        env=environment(elsewhere),
        capture_output=True,
        text=True,
        check=False,
    )


def command(elsewhere: Path, *arguments: str) -> list[str]:
    python = str(elsewhere / "venv" / "bin" / "python")
    return [
        python,
        "-P",
        "-c",
        "import sys; from cstrain.cli import cli; sys.exit(cli())",
        *arguments,
    ]


def environment(elsewhere: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "CSTRAIN_VAR": str(elsewhere / "var")}


def test_the_wheel_carries_all_it_needs(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    for part in (
        "cstrain/_shipped/content/chapters/",
        "cstrain/_shipped/migrations/versions/",
        "cstrain/layout/templates/",
        "cstrain/layout/static/vendor/tabler.min.css",
        "cstrain/translations/en/LC_MESSAGES/messages.mo",
        "dist-info/licenses/LICENSE",
    ):
        assert any(part in name for name in names), part
    assert not [name for name in names if name.startswith(("tests/", "tools/", "benchmarks/"))]


def test_the_command_of_the_wheel_is_the_wheels(elsewhere: Path) -> None:
    where = subprocess.run(
        [str(elsewhere / "venv" / "bin" / "python"), "-P", "-c", "import cstrain; print(cstrain)"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert str(elsewhere) in where
    helped = run(elsewhere, "--help")
    assert helped.returncode == 0, helped.stderr
    assert "run" in helped.stdout


def test_the_shipped_content_has_no_problem(elsewhere: Path) -> None:
    checked = run(elsewhere, "content", "check")

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.fixture
def served(elsewhere: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (elsewhere / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command(elsewhere, "run", "--port", str(port)),
            cwd=elsewhere,
            env=environment(elsewhere),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        yield f"http://127.0.0.1:{port}"
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def test_the_wheel_serves(served: str, elsewhere: Path) -> None:
    body = answer(served + "/", within_s=START_S)

    assert body, (elsewhere / "server.log").read_text(encoding="utf-8")
    assert "<form" in body
    sheet = re.search(r'href="(/[^"]*tabler[^"]*\.css[^"]*)"', body)
    assert sheet, body[:2000]
    assert answer(served + sheet[1], within_s=5)


def answer(url: str, *, within_s: float) -> str:
    """The body of a page, asked for again until the server is up; empty when it never is."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return str(response.read().decode())
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    return ""


def test_every_import_is_of_a_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {plain(re.split(r"[\[><=]", one)[0]) for one in project["dependencies"]}
    owners = packages_distributions()

    imported = {
        name
        for file in (ROOT / "cstrain").rglob("*.py")
        for name in imports(file)
        if name not in sys.stdlib_module_names and name != "cstrain"
    }
    undeclared = {
        name: owners.get(name)
        for name in imported
        if not declared & {plain(owner) for owner in owners.get(name, [])}
    }

    # Jinja, MarkupSafe and ItsDangerous are Flask's own and change with it.
    assert not undeclared.keys() - {"jinja2", "markupsafe", "itsdangerous"}, undeclared


def plain(distribution: str) -> str:
    return re.sub(r"[._-]+", "-", distribution).lower()


def imports(file: Path) -> set[str]:
    """The top-level packages a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.split(".")[0])
    return found
