"""What every answer has: the page of an error, and the headers."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_login import logout_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from cstrain.kit import i18n
from cstrain.kit.errors import (
    ConflictError,
    ContentError,
    CstrainError,
    ForbiddenError,
    InvalidError,
    LockedError,
    NotFoundError,
)

log = logging.getLogger(__name__)

STATUS: dict[type[CstrainError], int] = {
    NotFoundError: 404,
    ForbiddenError: 403,
    LockedError: 409,
    ConflictError: 409,
    InvalidError: 422,
    ContentError: 422,
}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def _answer(status: int, message: str) -> ResponseReturnValue:
    """An error as a page, or as JSON for a script, that says what happened and what to do."""
    if request.accept_mimetypes.best == "application/json":
        return {"error": message}, status
    return render_template("layout/error.html", status=status, message=message), status


def _ask_to_sign_in() -> ResponseReturnValue:
    """Send a reader to the log-in page; tell a form or script that it must come later."""
    logout_user()
    if request.method != "GET" or request.accept_mimetypes.best == "application/json":
        words = i18n.gettext("登录已结束，请重新登录。填好的内容还在原来的页面上。")
        return _answer(401, words)
    return redirect(url_for("people.login", next=request.full_path.rstrip("?")))


def install(app: Flask) -> None:
    """Turn errors into answers, and give every answer its headers."""
    app.after_request(_secure)

    @app.errorhandler(CstrainError)
    def _refused(error: CstrainError) -> ResponseReturnValue:
        if getattr(g, "needs_login", False):
            return _ask_to_sign_in()
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        return _answer(status, str(error))

    @app.errorhandler(CSRFError)
    def _stale(_error: CSRFError) -> ResponseReturnValue:
        return _answer(400, i18n.gettext("页面开得太久了，请刷新后再试。"))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:  # noqa: PLR2004 - redirects pass
            return error.get_response()
        return _answer(error.code, "")

    @app.errorhandler(Exception)
    def _broken(error: Exception) -> ResponseReturnValue:
        log.error("failed: %s %s", request.method, request.path, exc_info=error)
        if app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        return _answer(500, "")


def _secure(response: Response) -> Response:
    """Headers of every answer."""
    headers: Any = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    if "Cache-Control" not in headers and response.mimetype == "text/html":
        headers["Cache-Control"] = "no-store"
    return response
