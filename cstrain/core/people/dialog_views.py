"""What the dialogs on a person's page do: leaving and coming back, roles, shops, batches, time."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people import forms, memberships, service
from cstrain.core.people.access import STAFF, Role, requires, viewer
from cstrain.core.people.person_page import person_page
from cstrain.core.people.roster_views import bp, done, fill
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.forms import Form
from cstrain.kit.i18n import gettext as _


def _answered(form: Form) -> bool:
    """Whether a dialog's form is in order; else its problems are shown on the next page."""
    if form.validate_on_submit():
        return True
    flash(" ".join(form.problems()) or _("页面开得太久了，请刷新后再试。"), "failed")
    return False


def _try(person_id: int, write: Callable[[], None], message: str) -> ResponseReturnValue:
    """Write in a transaction; what a field refuses is shown on the person's page."""
    try:
        with transaction():
            write()
    except InvalidError as error:
        flash(str(error), "failed")
        return redirect(url_for("roster.person", person_id=person_id))
    return done(person_id, message)


@bp.post("/<int:person_id>/leave")
@requires(*STAFF)
def leave(person_id: int) -> ResponseReturnValue:
    """End a person's access."""
    with transaction():
        memberships.leave(person_id, by=viewer().id, now=utc_now())
    return done(person_id, _("已办离职：账号停用了，学习和考试记录都在。点错了可以撤销。"))


@bp.post("/<int:person_id>/undo-leave")
@requires(*STAFF)
def undo_leave(person_id: int) -> ResponseReturnValue:
    """Take a leaving back."""
    with transaction():
        memberships.undo_leave(person_id, by=viewer().id, now=utc_now())
    return done(person_id, _("已撤销，原来的角色和批次都恢复了。"))


def _post_of(form: forms.PostForm) -> service.Post:
    team_id, role = form.post.data.split(":")
    return service.Post(int(team_id), Role(role), form.batch.data or None)


@bp.post("/<int:person_id>/rehire")
@requires(*STAFF)
def rehire(person_id: int) -> ResponseReturnValue:
    """Let somebody come back to the same record."""
    me, now = viewer(), utc_now()
    form = forms.PostForm(prefix="rehire-")
    fill({"rehire": form}, person_page(person_id, me, now=now))
    if not _answered(form):
        return redirect(url_for("roster.person", person_id=person_id))
    return _try(
        person_id,
        lambda: memberships.rehire(person_id, _post_of(form), by=me.id, now=now),
        _("欢迎回来：以前的记录接着用，密码还是原来的。"),
    )


@bp.post("/<int:person_id>/roles")
@requires(*STAFF)
def give_role(person_id: int) -> ResponseReturnValue:
    """Give one more role."""
    me, now = viewer(), utc_now()
    form = forms.PostForm(prefix="give-")
    fill({"give": form}, person_page(person_id, me, now=now))
    if not _answered(form):
        return redirect(url_for("roster.person", person_id=person_id))
    return _try(
        person_id,
        lambda: memberships.give_role(person_id, _post_of(form), by=me.id, now=now),
        _("角色加好了。"),
    )


@bp.post("/<int:person_id>/roles/end")
@requires(*STAFF)
def end_role(person_id: int) -> ResponseReturnValue:
    """Take a role away.

    Raises:
        NotFoundError: If the viewer may not, or the person does not hold it.
    """
    me, now = viewer(), utc_now()
    wanted = (request.form.get("team", 0, int), request.form.get("role", ""))
    for post in person_page(person_id, me, now=now).allowed.end:
        if (post.team_id, post.role) == wanted:
            with transaction():
                memberships.end_role(
                    person_id, team_id=post.team_id, role=post.role, by=me.id, now=now
                )
            return done(person_id, _("角色取消了。"))
    raise NotFoundError


@bp.post("/<int:person_id>/transfer")
@requires(*STAFF)
def transfer(person_id: int) -> ResponseReturnValue:
    """Move a person to another team."""
    me, now = viewer(), utc_now()
    form = forms.MoveForm(prefix="move-")
    fill({"move": form}, person_page(person_id, me, now=now))
    if not _answered(form):
        return redirect(url_for("roster.person", person_id=person_id))
    source, target = map(int, form.move.data.split(":"))
    chosen = {"usual": None, "none": ""}
    pathway = chosen.get(form.pathway.data, form.pathway.data.removeprefix("slug:"))
    return _try(
        person_id,
        lambda: memberships.transfer(
            person_id,
            from_team_id=source,
            to_team_id=target,
            pathway=pathway,
            by=me.id,
            now=now,
        ),
        _("转好了，证书和记录都跟着人走。"),
    )


@bp.post("/<int:person_id>/batch/<int:team_id>")
@requires(*STAFF)
def set_batch(person_id: int, team_id: int) -> ResponseReturnValue:
    """Put a trainee into another batch."""
    me, now = viewer(), utc_now()
    person_page(person_id, me, now=now)
    form = forms.BatchForm(prefix=f"batch{team_id}-")
    if not _answered(form):
        return redirect(url_for("roster.person", person_id=person_id))
    return _try(
        person_id,
        lambda: memberships.set_batch(
            person_id, team_id=team_id, batch=form.batch.data, by=me.id, now=now
        ),
        _("批次改好了。"),
    )


@bp.post("/<int:person_id>/extra-time")
@requires(*STAFF)
def set_extra_time(person_id: int) -> ResponseReturnValue:
    """Give a person more time in exams."""
    me, now = viewer(), utc_now()
    form = forms.ExtraTimeForm(prefix="time-")
    fill({"time": form}, person_page(person_id, me, now=now))
    if not _answered(form):
        return redirect(url_for("roster.person", person_id=person_id))
    return _try(
        person_id,
        lambda: service.set_extra_time(person_id, form.ratio.data, by=me.id, now=now),
        _("改好了，从下一次考试起算。"),
    )


@bp.post("/<int:person_id>/erase")
@requires(Role.ADMINISTRATOR)
def erase(person_id: int) -> ResponseReturnValue:
    """Erase name, phone and employee number for ever."""
    with transaction():
        service.erase_identity(person_id, by=viewer().id, now=utc_now())
    return done(person_id, _("个人信息清除了，学习和考试记录以编号留存。"))
