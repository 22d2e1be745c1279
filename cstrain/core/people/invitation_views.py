"""Pages of invitations: the list, one with link and QR code, and joining by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import segno
from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from cstrain.core.people import fields, forms, invitations, queries, service, sessions
from cstrain.core.people.access import STAFF, Viewer, public, requires, viewer
from cstrain.core.people.roster_views import site_address, staffed_teams
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import clock_time, language
from cstrain.kit.i18n import gettext as _

T = TypeVar("T")
_KEPT_FIELDS = ("name", "phone", "employee_no")
#: Longer than anything allowed, short enough for a cookie.
_KEPT_LENGTH = 80
bp = Blueprint("invitations", __name__)


@bp.route("/people/invitations", methods=["GET", "POST"])
@requires(*STAFF)
def index() -> ResponseReturnValue:
    """Invitations that are open, and a form for a new one."""
    me, now, teams = viewer(), utc_now(), staffed_teams()
    form = forms.InvitationForm(
        team=request.args.get("team", 0, int) or teams[0].id,
        days=invitations.VALID_DAYS,
        uses=invitations.USES,
    )
    form.team.choices = [(team.id, team.name) for team in teams]
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                terms = invitations.Terms(
                    team_id=form.team.data,
                    batch=fields.checked("batch", fields.batch, form.batch.data or ""),
                    days=form.days.data or 0,
                    uses=form.uses.data or 0,
                )
                with transaction():
                    made = invitations.create(
                        terms, secret=current_app.config["SECRET_KEY"], by=me.id, now=now
                    )
            except InvalidError as error:
                forms.refuse(form, error)
            else:
                return redirect(url_for("invitations.invitation", invitation_id=made))
    team_ids = [team.id for team in teams]
    page = render_template(
        "people/invitations.html",
        form=form,
        rows=queries.open_invitations(team_ids, now=now),
        batches=queries.batches_of(team_ids),
        many_teams=len(teams) > 1,
    )
    return page, status


@bp.get("/people/invitations/<int:invitation_id>")
@requires(*STAFF)
def invitation(invitation_id: int) -> ResponseReturnValue:
    """One invitation: link, QR code and words for a chat group.

    Raises:
        NotFoundError: If it is closed, or not of a team of the viewer.
    """
    team_ids = [team.id for team in staffed_teams()]
    rows = queries.open_invitations(team_ids, now=utc_now(), invitation_id=invitation_id)
    if not rows:
        raise NotFoundError(_("这个邀请已经关闭、用完或过期了。"))
    row = rows[0]
    token = invitations.token_of(row.nonce, current_app.config["SECRET_KEY"])
    link = site_address() + url_for("invitations.join", token=token)
    text = _(
        "欢迎加入%(team)s！点这个链接，填姓名和手机号，设个密码就能开始培训：%(link)s"
        " （%(until)s 前有效）",
        team=row.team_name,
        link=link,
        until=clock_time(row.expires_at),
    )
    return render_template(
        "people/invitation.html",
        row=row,
        link=link,
        text=text,
        qr=segno.make(link, error="m").svg_data_uri(scale=6, border=3, light="#fff"),
    )


@bp.post("/people/invitations/<int:invitation_id>/revoke")
@requires(*STAFF)
def revoke(invitation_id: int) -> ResponseReturnValue:
    """Close an invitation."""
    with transaction():
        invitations.revoke(invitation_id, by=viewer().id, now=utc_now())
    flash(_("邀请关闭了，链接和二维码都不能再用。"), "passed")
    return redirect(url_for("invitations.index"))


@bp.route("/join/<token>", methods=["GET", "POST"])
@public
def join(token: str) -> ResponseReturnValue:
    """Join a team as a trainee, and go on to the first step."""
    now, address = utc_now(), request.remote_addr or ""
    found = invitations.find_open(token, now=now)
    if found is None:
        return render_template("people/join_closed.html"), 410
    if isinstance(current_user._get_current_object(), Viewer):  # noqa: SLF001 - unwraps the proxy
        return render_template("people/join_signed_in.html", invitation=found)
    if request.method == "GET":
        return render_template("people/join.html", invitation=found, form=_form_again(token))
    form = forms.JoinForm()
    is_filled = form.validate_on_submit()
    if _is_sound(form) and is_filled:
        login = form.phone.data or ""
        if sessions.is_throttled(login, address, now=now):
            form.form_errors.append(_("试的次数太多了。请 15 分钟后再试，或找带教老师。"))
            return _ask_again(token, form)
        try:
            joined = _accept(token, form)
        except InvalidError as error:
            forms.refuse(form, error)
            with transaction():
                sessions.note_failure(login, address, now=now)
        else:
            login_user(sessions.load(joined))
            flash(_("欢迎！账号开好了，从第一步开始吧。"), "passed")
            return redirect(url_for("home.index"))
    return _ask_again(token, form)


def _ask_again(token: str, form: forms.JoinForm) -> ResponseReturnValue:
    """Send back to the form, so that Back in the browser never asks to send it once more.

    What was filled in goes along in the joiner's own cookie, the passwords aside.
    """
    kept = {
        "token": token,
        "values": {name: (form[name].data or "")[:_KEPT_LENGTH] for name in _KEPT_FIELDS},
        "errors": {
            field.short_name: [str(error) for error in field.errors]
            for field in form
            if field.errors
        },
        "form_errors": [str(error) for error in form.form_errors],
    }
    session["join"] = json.dumps(kept, ensure_ascii=False)
    return redirect(url_for("invitations.join", token=token))


def _form_again(token: str) -> forms.JoinForm:
    """The form, with what was just filled in and what is wrong with it."""
    kept = json.loads(session.pop("join", "{}"))
    if kept.get("token") != token:
        return forms.JoinForm()
    form = forms.JoinForm(**kept["values"])
    for name, errors in kept["errors"].items():
        form[name].errors = errors
    form.form_errors = kept["form_errors"]
    return form


def _is_sound(form: forms.JoinForm) -> bool:
    """Look at every field at once, so that the joiner learns of all that is wrong together."""
    number = _look(form, "employee_no", fields.employee_no) or ""
    phone = _look(form, "phone", fields.phone)
    _look(form, "name", fields.name)
    guessable = partial(sessions.check_new_password, employee_no=number, phone=phone)
    _look(form, "password", guessable)
    return not form.errors


def _look(form: forms.JoinForm, field: str, check: Callable[[str], T]) -> T | None:
    """What ``check`` makes of a field; None when the field already says, or now says, why not."""
    if form[field].errors:
        return None
    try:
        return fields.checked(field, check, form[field].data or "")
    except InvalidError as error:
        forms.refuse(form, error)
    return None


def _accept(token: str, form: forms.JoinForm) -> str:
    """Make the account and a log-in session; gives the session's token.

    Raises:
        FieldError: If somebody logs in with one of the numbers; tells the joiner what to do.
    """
    new = service.NewPerson(
        name=form.name.data or "",
        employee_no=form.employee_no.data or "",
        phone=form.phone.data,
        password_hash=sessions.hash_password(form.password.data or ""),
        language=language(),
    )
    now = utc_now()
    try:
        with transaction():
            person_id = invitations.accept(token, new, now=now)
            return sessions.start(person_id, now=now)
    except service.TakenError as error:
        words = {
            "phone": _("这个手机号登记过了，直接去登录；忘了密码，请带教老师重设。"),
            "employee_no": _("这个工号登记过了。拿不准就空着，带教老师以后可以补。"),
        }
        raise fields.FieldError(error.field, words[error.field]) from error
