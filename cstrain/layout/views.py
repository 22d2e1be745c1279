"""Static files, and the home page that answers "what now?"."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from flask import Blueprint, current_app, url_for
from markupsafe import Markup, escape

from cstrain.kit.clock import utc_now
from cstrain.kit.i18n import ago, clock_time, language
from cstrain.layout import navigation

bp = Blueprint(
    "layout",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
SVG = Markup('<svg class="icon{}"{} aria-hidden="true"><use href="{}#{}"></use></svg>')
#: Printed pieces of pages that a process remembers, of about a kilobyte each.
KEPT_PIECES = 4000
STATE_ICONS = {
    "passed": "circle-check-filled",
    "done": "circle-check",
    "in_progress": "progress",
    "needs_you": "exclamation-circle",
    "failed": "circle-x-filled",
    "locked": "lock",
    "waiting": "hourglass",
}
bp.add_app_template_global(navigation.shell)
bp.add_app_template_global(navigation.here)
bp.add_app_template_global(navigation.fixed_parts)


@cache
def _version(blueprint: str, filename: str) -> str:
    """Eight hex digits of a static file's content."""
    folder = current_app.blueprints[blueprint].static_folder
    path = Path(folder or "") / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8] if path.is_file() else "0"


@cache
def asset(filename: str, blueprint: str = "layout") -> str:
    """The address of a static file, which changes with its content."""
    return url_for(f"{blueprint}.static", filename=filename, v=_version(blueprint, filename))


@cache
def place(endpoint: str) -> str:
    """The address of a view without arguments, made once; ``url_for`` costs 20 µs a call."""
    return url_for(endpoint)


@cache
def icon(name: str, extra: str = "") -> Markup:
    """An icon of the sprite, not read aloud; names are those of ``tools/icons.txt``."""
    return SVG.format(f" {extra}" if extra else "", "", asset("vendor/icons.svg"), name)


@cache
def state_icon(state: str) -> Markup:
    """The icon of a state, in its colour; a word stands beside it."""
    name = STATE_ICONS.get(state, "circle")
    shown = Markup(' data-state="{}"').format(state)
    return SVG.format(" state-icon", shown, asset("vendor/icons.svg"), name)


@lru_cache(maxsize=KEPT_PIECES)
def _piece(template: str, macro: str, values: tuple[Hashable, ...], spoken: str) -> Markup:
    del spoken  # the language in which the macro speaks; part of the key
    module = current_app.jinja_env.get_template(template).module
    return Markup(getattr(module, macro)(*values))  # noqa: S704 - a macro escapes


def kept(template: str, macro: str, *values: Hashable) -> Markup:
    """What a macro prints for these values, made once for each language.

    For pieces that many people see alike, or one person sees again and again. The values alone
    decide, so no time, no token and no viewer may stand in the macro.
    """
    return _piece(template, macro, values, language())


def when(at: datetime) -> Markup:
    """How long ago something was, with the exact time on hover."""
    exact, words = clock_time(at), escape(ago(at, utc_now()))
    return Markup(f'<time datetime="{at.isoformat()}" title="{exact}">{words}</time>')  # noqa: S704 - a time


def initial(name: str) -> str:
    """The letter that stands for a person: the given name's character, or the first letter."""
    return name[:1].upper() if name[:1].isascii() else name[-1:]


bp.add_app_template_global(initial)
bp.add_app_template_global(kept, "kept")
bp.add_app_template_global(when, "when")
bp.add_app_template_global(place, "place")
bp.add_app_template_global(icon, "icon")
bp.add_app_template_global(state_icon, "state_icon")
