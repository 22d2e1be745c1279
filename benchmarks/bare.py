"""The yardstick: a Flask page that does nothing, served like the product."""

from __future__ import annotations

from flask import Flask


def create() -> Flask:
    """An application with one plain page."""
    app = Flask(__name__)

    @app.get("/")
    def index() -> str:
        return "<!doctype html><title>bare</title><p>bare</p>"

    return app
