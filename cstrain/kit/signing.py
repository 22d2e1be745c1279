"""Signing for the browser: the session's cookie and the token of forms, as Flask has them.

Both are the libraries' own. Only what they make anew for every request, and what comes out the
same, is remembered, because together it takes as long as a database statement.
"""

from __future__ import annotations

from hmac import compare_digest
from time import monotonic
from typing import Any

from flask import Flask, Request, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import URLSafeTimedSerializer

_KEPT = 10_000
_VERIFIED_FOR_S = 60.0
#: The token that this process signed, and the last one of another that it found right, by secret.
_tokens: dict[str, str] = {}
_accepted: dict[str, str] = {}


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions, with one signer for the life of the application.

    A cookie that was verified is not verified again for a minute: the very same text, signature
    included, can only come out the same. Whether its log-in still holds is asked of the database
    with every request, as before.
    """

    _signer: URLSafeTimedSerializer | None = None

    def __init__(self) -> None:
        self._verified: dict[str, tuple[float, dict[str, Any]]] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer; None without a secret."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a request's cookie; an empty one where that is missing or forged."""
        cookie, now_s = request.cookies.get(self.get_cookie_name(app), ""), monotonic()
        until_s, values = self._verified.get(cookie, (0.0, {}))
        if now_s < until_s:
            return self.session_class(values)
        opened = super().open_session(app, request)
        # Only what cannot be changed in place may be given out twice.
        if opened and all(isinstance(value, str | int | None) for value in opened.values()):
            if len(self._verified) >= _KEPT:
                self._verified.clear()
            self._verified[cookie] = (now_s + _VERIFIED_FOR_S, dict(opened))
        return opened


class Protection(CSRFProtect):
    """Flask-WTF's guard of forms, which looks once at each token."""

    def protect(self, apply_exemptions: bool = False) -> None:  # noqa: FBT001, FBT002 - Flask-WTF's
        """Let a request pass whose token is its session's, else refuse it.

        A token that was signed here, or was found right before, is compared; any other, and
        every one over HTTPS, where the referrer counts too, is checked by Flask-WTF.
        """
        if request.method not in current_app.config["WTF_CSRF_METHODS"]:
            return
        secret = session.get("csrf_token", "")
        sent = request.headers.get("X-CSRFToken") or self._get_csrf_token() or ""
        if not request.is_secure and _is_known(secret, sent):
            g.csrf_valid = True
            return
        super().protect(apply_exemptions)
        if g.get("csrf_valid"):
            _keep(_accepted, secret, self._get_csrf_token() or "")


def _is_known(secret: str, sent: str) -> bool:
    known = (_tokens.get(secret), _accepted.get(secret))
    return any(each and compare_digest(each.encode(), sent.encode()) for each in known)


def _keep(kept: dict[str, str], secret: str, token: str) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
    kept[secret] = token


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
        token = str(generate_csrf())
        _keep(_tokens, secret, token)
    return token
