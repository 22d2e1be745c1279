"""The command ``cstrain``: every sub-command runs inside the application."""

from __future__ import annotations

import functools
import sys
from typing import Any

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from cstrain import serve
from cstrain.activities.live_practice.cli import practice
from cstrain.activities.typing_speed.cli import typing
from cstrain.app import create_app
from cstrain.config import SettingError, Settings, command_language
from cstrain.core.catalogue.cli import content, publish_changed
from cstrain.core.people.cli import people
from cstrain.core.people.models import Team
from cstrain.desk.chats.cli import chats
from cstrain.desk.quality.cli import verify_draw
from cstrain.kit import i18n
from cstrain.kit.db import db
from cstrain.kit.errors import CstrainError


@functools.cache
def _app() -> Flask:
    """The application of this process.

    Raises:
        click.ClickException: If a setting cannot be used.
    """
    try:
        return create_app(Settings.from_environment())
    except SettingError as error:
        raise click.ClickException(str(error)) from error


class _InApp(click.Group):
    """A group whose commands run in an application context and fail in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is printed without a trace and ends with status 1.

        Raises:
            click.ClickException: If the database cannot be used.
        """
        words = (*ctx._protected_args, *ctx.args)  # noqa: SLF001 - click's own way to peek
        if words[:1] in _WITHOUT_APP:
            return super().invoke(ctx)
        with _app().app_context():
            try:
                if {words[:1], words[:2]} & _WITH_DATABASE and not {"-h", "--help"} & {*words}:
                    serve.upgrade_database(_app())
                return super().invoke(ctx)
            except CstrainError as error:
                click.echo(str(error), err=True)
                sys.exit(1)
            except OperationalError as error:
                raise click.ClickException(
                    f"The database cannot be used: {str(error.orig).strip()}\n"
                    "Look at CSTRAIN_DATABASE_URL and CSTRAIN_VAR, and whether the database runs."
                ) from error


#: Commands that need neither settings nor database.
_WITHOUT_APP = {("typing",), ("practice",)}
#: Commands that need the tables, in an empty data folder too; the others see to it themselves.
_WITH_DATABASE = {("people",), ("chats",), ("content", "reload")}


@click.group(cls=_InApp, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cstrain")
def cli() -> None:
    """Train, assess and certify online-shop customer-service agents.

    \b
    Example:
      cstrain run --port 8000
    """  # noqa: D301 - click reads the \b
    i18n.speak(command_language())


@cli.group(name="db")
def database() -> None:
    """Look after the database."""


@database.command()
def upgrade() -> None:
    """Bring the database to the newest migration. Safe to repeat.

    \b
    Example:
      cstrain db upgrade
    """  # noqa: D301 - click reads the \b
    serve.upgrade_database(_app())
    click.echo("The database is up to date.")


@cli.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Where to listen.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--demo", "with_demo", is_flag=True, help="Load the demo shop on the first run.")
def run(*, port: int, host: str, with_demo: bool) -> None:
    """Upgrade the database, publish changed content, and serve until stopped.

    Content that has problems is not published; what was published before is served then.

    \b
    Example:
      cstrain run --port 8000 --demo
    """  # noqa: D301 - click reads the \b
    from cstrain import demo  # noqa: PLC0415 - half a second that no other command needs

    app = _app()
    serve.upgrade_database(app)
    publish_changed(may_go_on=True)
    notes: list[str] = []
    if with_demo and db.session.scalar(select(Team.id).limit(1)) is None:
        demo.load(people_count=None, say=click.echo)
    if db.session.scalar(select(Team.id).where(Team.slug == demo.TEAM_SLUG)) is not None:
        notes = demo.accounts()
    db.session.remove()
    db.engine.dispose()
    serve.run(port, host, notes=notes)


@cli.command(name="demo")
@click.option(
    "--people", "people_count", type=click.IntRange(12, 100_000), help="How many trainees."
)
def load_demo(*, people_count: int | None) -> None:
    """Load the demo shop, through the same services that real work goes through.

    Without --people twelve trainees in different places of the path; with it a large shop for
    looking and measuring (10,000 people take some fifteen minutes). Needs a database without a
    demo shop.

    \b
    Example:
      cstrain demo
      cstrain demo --people 10000
    """  # noqa: D301 - click reads the \b
    from cstrain import demo  # noqa: PLC0415 - half a second that no other command needs

    serve.upgrade_database(_app())
    publish_changed()
    demo.load(people_count=people_count, say=click.echo)
    for line in demo.accounts():
        click.echo(line)


chats.add_command(verify_draw)
for _command in (chats, content, people, practice, typing):
    cli.add_command(_command)
