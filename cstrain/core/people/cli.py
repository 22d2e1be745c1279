"""Commands about people. What the product refuses ends them in one line, see ``cstrain.cli``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy import or_, select

from cstrain.core.people import fields, import_table, importing, service, sessions, teams
from cstrain.core.people.access import Role, TeamRef
from cstrain.core.people.import_table import RowProblem
from cstrain.core.people.models import Identity, Person, Team
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _


@click.group()
def people() -> None:
    """Add people, import them from a table, hand out passwords."""


@people.command()
@click.option("--team", "slug", required=True, help="The team's slug, e.g. cloud.")
@click.option("--new-team", metavar="NAME", help="Open the team under this name first.")
@click.option("--name", required=True, help="The person's name.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default="trainee", show_default=True
)
@click.option("--employee-no", default="", help="Made when it is not given.")
@click.option("--phone", default="", help="A second way to log in.")
@click.option("--batch", default="", help="The group a trainee comes in with.")
def add(  # noqa: PLR0913 - one argument an option
    *,
    slug: str,
    new_team: str | None,
    name: str,
    role: str,
    employee_no: str,
    phone: str,
    batch: str,
) -> None:
    """Add one person and print the first password to hand out.

    \b
    Example, the first administrator of a new site:
      cstrain people add --role administrator --name 林小满 --team cloud --new-team 云朵家居
    """  # noqa: D301 - click reads the \b
    password = fields.first_password()
    new = service.NewPerson(
        name=name,
        employee_no=employee_no,
        phone=phone,
        role=Role(role),
        batch=batch,
        password_hash=sessions.hash_password(password),
    )
    now = utc_now()
    if new_team:
        _no_team_yet(slug)
    with transaction():
        if new_team:
            team_id = teams.create_team(slug, teams.TeamFacts(new_team), by=None, now=now)
        else:
            team_id = _team(slug).id
        person_id = service.add_person(new, team_id=team_id, by=None, now=now)
        number = db.session.get_one(Person, person_id).employee_no
    click.echo(_("工号 %(no)s，初始密码 %(password)s", no=number, password=password))


@people.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--team", "slug", required=True, help="Where rows without a team go.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_people(file: Path, *, slug: str, dry_run: bool) -> None:
    """Import people from an XLSX or CSV file: all rows, or none while any is wrong.

    The employee number decides who a row is about, so importing a file twice changes nothing.
    New people have no password yet; see reset-password.

    \b
    Example:
      cstrain people import new-hires.xlsx --team cloud --dry-run
    """  # noqa: D301 - click reads the \b
    rows = db.session.execute(select(Team.id, Team.slug, Team.name, Team.timezone))
    known = [TeamRef(*row) for row in rows]
    default = _team(slug).id
    read, problems = import_table.read(file.read_bytes(), teams=known, default_team_id=default)
    made = importing.plan(read, by=None)
    problems = sorted([*problems, *made.problems], key=lambda problem: problem.number)
    _refuse(problems)
    if not dry_run:
        with transaction():
            made = importing.plan(read, by=None)
            importing.apply(made, password_hashes={}, by=None, now=utc_now())
    done = _("可以导入：") if dry_run else _("导入好了：")
    click.echo(
        done
        + _(
            "新增 %(new)s 人，更新 %(changed)s 人，重新入职 %(rehired)s 人，没有变化 %(same)s 人。",
            new=made.count("new"),
            changed=made.count("changed"),
            rehired=made.count("rehired"),
            same=made.count("unchanged"),
        )
    )


@people.command(name="reset-password")
@click.argument("login")
def reset_password(login: str) -> None:
    """Give the person with this employee number or phone a new first password.

    \b
    Example:
      cstrain people reset-password T0001
    """  # noqa: D301 - click reads the \b
    person_id = _person(login)
    password = fields.first_password()
    with transaction():
        service.reset_password(person_id, password, by=None, now=utc_now())
    click.echo(_("初始密码 %(password)s，登录后要换成自己的。", password=password))


def _no_team_yet(slug: str) -> None:
    """See that a team can be opened.

    Raises:
        ConflictError: If there is one with this slug.
    """
    if db.session.scalar(select(Team.id).where(Team.slug == slug)) is not None:
        raise ConflictError(
            _("代号是 %(slug)s 的店铺已经有了。把人加到这家店，去掉 --new-team。", slug=slug)
        )


def _team(slug: str) -> Team:
    """The team of a slug.

    Raises:
        NotFoundError: If there is none; names those there are.
    """
    found = db.session.scalar(select(Team).where(Team.slug == slug))
    if found is None:
        known = "、".join(db.session.scalars(select(Team.slug).order_by(Team.slug)))
        raise NotFoundError(
            _(
                "没有代号是 %(slug)s 的店铺。现有：%(known)s。新开一家用 --new-team。",
                slug=slug,
                known=known or "–",
            )
        )
    return found


def _person(login: str) -> int:
    """The person who logs in like this.

    Raises:
        NotFoundError: If there is none.
    """
    as_number, as_phone = fields.login(login)
    person_id = db.session.scalar(
        select(Person.id)
        .join(Identity, Identity.person_id == Person.id)
        .where(or_(Person.employee_no == as_number, Identity.phone == as_phone))
    )
    if person_id is None:
        raise NotFoundError(_("没有工号或手机号是 %(login)s 的人。", login=login))
    return person_id


def _refuse(problems: Sequence[RowProblem]) -> None:
    """Print every problem.

    Raises:
        InvalidError: If there is any.
    """
    for problem in problems:
        click.echo(
            _(
                "第 %(row)s 行 %(column)s：%(reason)s",
                row=problem.number,
                column=problem.column,
                reason=problem.reason,
            ),
            err=True,
        )
    if problems:
        raise InvalidError(_("%(n)s 处有问题，一行也没有导入。改好表格再来。", n=len(problems)))
