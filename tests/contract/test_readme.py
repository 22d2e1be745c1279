"""What the READMEs claim is so: commands, settings, links, pictures, accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cstrain import cli, config, demo
from cstrain.demo.cast import STAFF, TRAINEES

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _commands(group: click.Group, path: str = "cstrain") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")


@pytest.mark.parametrize("name", READMES)
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)\)", _text(name))

    missing = [each for each in targets if "://" not in each and not (ROOT / each).exists()]

    assert missing == []


@pytest.mark.parametrize("name", READMES)
def test_settings_are_those_of_the_code(name: str) -> None:
    told = set(re.findall(r"`(CSTRAIN_[A-Z_]+)`", _text(name)))
    read = set(re.findall(r'"(CSTRAIN_[A-Z_]+)"', Path(config.__file__).read_text("utf-8")))

    assert told == read


@pytest.mark.parametrize("name", READMES)
def test_named_commands_exist(name: str) -> None:
    known = {path for path, _command in _commands(cli.cli)}
    told = {
        f"cstrain {group} {verb}".strip()
        for group, verbs in re.findall(r"`cstrain (\w+)(?: ([\w|-]+))?`", _text(name))
        for verb in (verbs.split("|") if verbs else [""])
    }

    assert told
    assert told <= known


@pytest.mark.parametrize("name", READMES)
def test_make_targets_exist(name: str) -> None:
    targets = set(
        re.findall(r"\bmake (\w+)", "\n".join(re.findall(r"^    (.+)$", _text(name), re.MULTILINE)))
    )
    made = set(re.findall(r"^([a-z]+):", _text("Makefile"), re.MULTILINE))

    assert {"run", "test"} <= targets <= made


@pytest.mark.parametrize("name", READMES)
def test_accounts_of_the_tour_are_in_the_demo(name: str) -> None:
    numbers = set(re.findall(r"`([STMA]\d{3})`", _text(name)))
    people = {each.employee_no for each in (*STAFF, *TRAINEES)}

    assert numbers
    assert numbers <= people
    assert all(any(number in line for line in demo.accounts()) for number in numbers)


@pytest.mark.parametrize(
    ("path", "command"), list(_commands(cli.cli)), ids=lambda each: str(each)[:40]
)
def test_every_command_shows_an_example(path: str, command: click.Command) -> None:
    if isinstance(command, click.Group):
        assert command.help
        return

    assert "Example" in (command.help or "")
    assert path in (command.help or "")
    assert "\\b" not in (command.help or "")
