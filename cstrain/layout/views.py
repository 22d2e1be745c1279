"""Static files, and the home page that answers "what now?"."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people.access import requires
from cstrain.layout import navigation

bp = Blueprint(
    "layout", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)
home = Blueprint("home", __name__)
bp.add_app_template_global(navigation.shell)
bp.add_app_template_global(navigation.active, "nav_place")
bp.add_app_template_global(navigation.here)


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


@home.get("/")
@requires()
def index() -> ResponseReturnValue:
    """The next step."""
    return render_template("layout/home.html")
