"""Commands about people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from cstrain.core.people import sessions
from cstrain.core.people.cli import people
from cstrain.core.people.models import Person, Team
from cstrain.kit.db import db
from cstrain.kit.errors import CstrainError
from tests.plugins.shop import MakePerson, Shop

pytestmark = pytest.mark.usefixtures("app_context")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(people, arguments)


def test_the_first_administrator_comes_with_a_team_and_can_log_in() -> None:
    done = run(
        *("add", "--team", "cloud", "--new-team", "云朵家居", "--name", "何静"),
        *("--role", "administrator", "--employee-no", "a1"),
    )

    assert done.exit_code == 0, done.output
    password = re.search(r"[a-z]{4}-[a-z]{4}-\d{3}", done.output)
    assert password
    assert sessions.verify("A1", password[0])
    assert db.session.scalars(select(Team.slug)).all() == ["cloud"]


def test_an_unknown_team_is_named_with_those_there_are(team: Shop) -> None:
    done = run("add", "--team", "nowhere", "--name", "甲")

    assert done.exit_code != 0
    assert isinstance(done.exception, CstrainError)
    assert team.slug in str(done.exception)


def test_opening_a_team_twice_says_how_to_add_to_it(team: Shop) -> None:
    done = run("add", "--team", team.slug, "--new-team", "又一家", "--name", "甲")

    assert isinstance(done.exception, CstrainError)
    assert "--new-team" in str(done.exception)
    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_an_import_can_be_tried_first(team: Shop, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("工号,姓名\nYD1,甲\n", encoding="utf-8")

    tried = run("import", str(file), "--team", team.slug, "--dry-run")
    before = db.session.scalar(select(func.count(Person.id)))
    done = run("import", str(file), "--team", team.slug)

    assert (tried.exit_code, done.exit_code, before) == (0, 0, 0)
    assert db.session.scalars(select(Person.employee_no)).all() == ["YD1"]


def test_bad_rows_are_printed_and_nothing_is_imported(team: Shop, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("工号,姓名\nYD1,甲\n,乙\n", encoding="utf-8")

    done = run("import", str(file), "--team", team.slug)

    assert done.exit_code != 0
    assert "第 3 行 工号" in done.stderr
    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_a_password_is_reset_by_number_or_phone(make_person: MakePerson) -> None:
    person = make_person(phone="13800138000")

    done = run("reset-password", "138 0013 8000")

    password = re.search(r"[a-z]{4}-[a-z]{4}-\d{3}", done.output)
    assert password
    assert sessions.verify(person.employee_no, password[0]) == person.id


def test_an_unknown_person_is_refused() -> None:
    done = run("reset-password", "NOBODY")

    assert isinstance(done.exception, CstrainError)


@pytest.mark.parametrize("command", ["add", "import", "reset-password"])
def test_help_shows_an_example(command: str) -> None:
    done = run(command, "--help")

    assert f"cstrain people {command}" in done.output
    assert "Raises" not in done.output
