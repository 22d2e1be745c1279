"""Signing for the browser: the session's cookie and the token of forms, as Flask has them.

Both are the libraries' own. Only what they make anew for every request, and what comes out the
same, is remembered, because together it takes as long as a database statement.
"""

from __future__ import annotations

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from itsdangerous import URLSafeTimedSerializer

_TOKENS_KEPT = 10_000
_tokens: dict[str, str] = {}


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions with one signer for the life of the application."""

    _signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer; None without a secret."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


def csrf_token() -> str:
    """The token of this session's forms, signed once by a process.

    It carries no time limit (``WTF_CSRF_TIME_LIMIT`` is None), so an older signature of the
    same secret is as good as a new one.
    """
    secret = session.get("csrf_token")
    if secret is None:
        return str(generate_csrf())
    token = _tokens.get(secret)
    if token is None:
        if len(_tokens) >= _TOKENS_KEPT:
            _tokens.clear()
        token = _tokens[secret] = str(generate_csrf())
    return token
