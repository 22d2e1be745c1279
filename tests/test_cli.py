"""The command as it is typed: from an empty data folder, and with settings that cannot be used."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from cstrain.config import shipped

SCRIPT = "from cstrain.cli import cli; cli(prog_name='cstrain')"


TERMS = """\
---
kind: glossary
slug: own-words
title: {zh: 本店词汇, en: Our words}
---
## 催单 | Urging

催顾客付款。
"""


def surroundings(folder: Path, **environment: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CSTRAIN_")}
    return {**kept, "LC_ALL": "C.UTF-8", "CSTRAIN_VAR": str(folder / "var"), **environment}


def cstrain(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=folder,
        env=surroundings(folder, **environment),
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


def own_content(folder: Path) -> tuple[Path, Path]:
    """A content folder of one's own, and its only file."""
    file = folder / "mine" / "glossary" / "own.md"
    file.parent.mkdir(parents=True)
    file.write_text(TERMS, encoding="utf-8")
    return folder / "mine", file


def test_the_folders_that_were_published_are_known_to_later_commands(tmp_path: Path) -> None:
    own, _file = own_content(tmp_path)
    first = cstrain(tmp_path, "content", "reload", CSTRAIN_CONTENT="mine")

    again = cstrain(tmp_path, "content", "reload")
    checked = cstrain(tmp_path, "content", "check")

    assert first.returncode == 0, first.stderr
    assert str(own) in again.stdout
    assert "revision 1 is in force: 0 lessons" in again.stdout
    assert "0 lessons" in checked.stdout


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"LC_ALL": "zh_CN.UTF-8"}, "没有问题。"),
        ({"CSTRAIN_LANGUAGE": "zh"}, "没有问题。"),
        ({"LC_ALL": "zh_CN.UTF-8", "CSTRAIN_LANGUAGE": "en"}, "No problems."),
        ({}, "No problems."),
    ],
)
def test_the_command_speaks_the_language_of_the_terminal_or_the_one_it_is_told(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    own_content(tmp_path)

    checked = cstrain(tmp_path, "content", "check", CSTRAIN_CONTENT="mine", **environment)

    assert said in checked.stdout.splitlines()


def test_the_shipped_course_comes_back_when_it_is_named(tmp_path: Path) -> None:
    own_content(tmp_path)
    cstrain(tmp_path, "content", "reload", CSTRAIN_CONTENT="mine")

    cstrain(tmp_path, "content", "reload", CSTRAIN_CONTENT=str(shipped("content")))

    assert not (tmp_path / "var" / "content-folders").exists()


def wait_for(url: str) -> None:
    """Wait until a server answers."""
    for _try in range(300):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise TimeoutError(url)


def test_a_start_with_content_that_cannot_be_published_serves_what_was_before(
    tmp_path: Path,
) -> None:
    _own, file = own_content(tmp_path)
    cstrain(tmp_path, "content", "reload", CSTRAIN_CONTENT="mine")
    file.write_text(TERMS.replace("kind: glossary", "kind: nothing"), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, "run", "--port", port],
            cwd=tmp_path,
            env={**surroundings(tmp_path), "CSTRAIN_WORKERS": "1"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert server.stdout is not None
            said = [server.stdout.readline(), server.stdout.readline()]
            wait_for(f"http://127.0.0.1:{port}/login")  # a start cannot be ended in its middle
        finally:
            server.terminate()
            server.communicate(timeout=60)

    warned = (tmp_path / "log").read_text()
    assert said[1] == f"cstrain: http://127.0.0.1:{port}\n", warned
    assert "glossary/own.md:2" in warned
    assert "What was published before (revision 1) stays in force." in warned


def test_a_first_start_with_content_that_cannot_be_published_ends(tmp_path: Path) -> None:
    _own, file = own_content(tmp_path)
    file.write_text("x", encoding="utf-8")

    done = cstrain(tmp_path, "run", CSTRAIN_CONTENT="mine")

    assert done.returncode == 1
    assert "glossary/own.md:1" in done.stderr
