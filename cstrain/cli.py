"""The command ``cstrain``: every sub-command runs inside the application."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Sequence
from typing import Any

import click
from flask import Flask

from cstrain.activities.typing_speed.cli import typing
from cstrain.app import create_app
from cstrain.config import Settings
from cstrain.core.catalogue.cli import content
from cstrain.kit import i18n
from cstrain.kit.errors import CstrainError


@functools.cache
def _app() -> Flask:
    """The application of this process."""
    return create_app(Settings.from_environment())


class _InApp(click.Group):
    """A group whose commands run in an application context and fail in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is printed without a trace and ends with status 1."""
        if ctx._protected_args and ctx._protected_args[0] in _WITHOUT_APP:  # noqa: SLF001 - click's own way to peek
            return super().invoke(ctx)
        with _app().app_context():
            try:
                return super().invoke(ctx)
            except CstrainError as error:
                click.echo(str(error), err=True)
                sys.exit(1)


#: Commands that need neither settings nor database.
_WITHOUT_APP = frozenset({"typing"})


@click.group(cls=_InApp, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cstrain")
def cli() -> None:
    """Train, assess and certify online-shop customer-service agents.

    \b
    Example:
      cstrain run --port 8000
    """
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    i18n.speak("zh" if spoken.startswith("zh") else "en")


def _attach(commands: Sequence[click.Command]) -> None:
    for command in commands:
        cli.add_command(command)


_attach((content, typing))
