"""Pages of one's own account: log in and out, password, language, theme."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from sqlalchemy import update

from cstrain.core.people import forms, queries, sessions
from cstrain.core.people.access import Viewer, public, requires, viewer
from cstrain.core.people.models import Person
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import LANGUAGES
from cstrain.kit.i18n import gettext as _

bp = Blueprint(
    "people",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/people",
)
THEMES = ("auto", "light", "dark")


def safe_next(target: str | None) -> str:
    """A path of this site to go on to after logging in; the home page for anything else."""
    parts = urlsplit(target or "")
    inside = (target or "").startswith("/") and not (target or "").startswith(("//", "/\\"))
    if parts.scheme or parts.netloc or not inside or not (target or "").isprintable():
        return url_for("home.index")
    return target or url_for("home.index")


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    """The log-in page."""
    if isinstance(current_user._get_current_object(), Viewer):  # noqa: SLF001 - unwraps the proxy
        return redirect(url_for("home.index"))
    return render_template("people/login.html", form=forms.LoginForm())


@bp.post("/login")
@public
def log_in() -> ResponseReturnValue:
    """Check the password and open a session, with one answer for every kind of failure."""
    form = forms.LoginForm()
    if not form.validate_on_submit():
        return render_template("people/login.html", form=form), 422
    now, address, login = utc_now(), request.remote_addr or "", form.login.data or ""
    if sessions.is_throttled(login, address, now=now):
        form.form_errors.append(_("试的次数太多了。请 15 分钟后再试，或请带教老师重设密码。"))
        return render_template("people/login.html", form=form), 429
    person_id = sessions.verify(login, form.password.data or "")
    if person_id is None:
        with transaction():
            sessions.note_failure(login, address, now=now)
        form.form_errors.append(_("工号、手机号或密码不对。忘了密码请找带教老师重设。"))
        return render_template("people/login.html", form=form), 422
    with transaction():
        token = sessions.start(person_id, now=now)
    person = sessions.load(token)
    login_user(person)
    return redirect(safe_next(request.args.get("next")))


@bp.post("/logout")
@requires()
def log_out() -> ResponseReturnValue:
    """End this log-in."""
    with transaction():
        sessions.end(viewer().session_id, now=utc_now())
    logout_user()
    return redirect(url_for("people.login"))


@bp.get("/account")
@requires()
def account() -> ResponseReturnValue:
    """One's own account: what is known, password, language, look."""
    return _account(forms.ChangePasswordForm())


def _account(form: forms.ChangePasswordForm) -> str:
    me = viewer()
    events = [] if me.must_change_password else queries.events_of(me.id)
    return render_template("people/account.html", form=form, events=events)


@bp.post("/account/password")
@requires()
def change_password() -> ResponseReturnValue:
    """Change one's own password; the other devices are logged out."""
    form, me = forms.ChangePasswordForm(), viewer()
    valid = form.validate_on_submit()
    password = form.password.data or ""
    if valid and sessions.verify(me.employee_no, form.current.data or "") != me.id:
        form.current.errors = [_("现在的密码不对。")]
        valid = False
    if valid:
        try:
            sessions.check_new_password(
                password, employee_no=me.employee_no, phone=queries.phone_of(me.id)
            )
        except InvalidError as error:
            form.password.errors = [str(error)]
            valid = False
    if not valid:
        return _account(form), 422
    now = utc_now()
    with transaction():
        sessions.set_password(me.id, password, by=me.id, must_change=False, now=now)
        sessions.end_all(me.id, now=now, but=me.session_id)
    flash(_("密码改好了，其他设备已退出。"), "passed")
    return redirect(url_for("home.index"))


@bp.post("/account/look")
@public
def change_look() -> ResponseReturnValue:
    """Switch language or theme, for an account or, before log-in, for this browser."""
    answer = redirect(safe_next(request.form.get("next")))
    chosen: dict[str, str] = {}
    for key, allowed in (("language", LANGUAGES), ("theme", THEMES)):
        value = request.form.get(key, "")
        if value in allowed:
            chosen[key] = value
            answer.set_cookie(key, value, max_age=31_536_000, samesite="Lax", httponly=True)
    person = current_user._get_current_object()  # noqa: SLF001 - unwraps the proxy
    if chosen and isinstance(person, Viewer):
        with transaction():
            db.session.execute(update(Person).where(Person.id == person.id).values(**chosen))
    return answer
