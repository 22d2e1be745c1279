"""One chat pasted: a look at it masked, then kept and, where reviews are, gone on to its review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people.access import TeamRef, requires, viewer
from cstrain.desk.chats import hooks, page_queries, pasting, queries, service, shown
from cstrain.desk.chats.message import Role
from cstrain.desk.chats.views import READERS
from cstrain.kit.clock import local_day, utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext

bp = Blueprint("chat_paste", __name__, url_prefix="/chats/paste")
_SIDES = (Role.BUYER, Role.AGENT, Role.BOT)
_SWAPPED = {Role.BUYER: Role.AGENT, Role.AGENT: Role.BUYER}


@dataclass(frozen=True, slots=True)
class Form:
    """What the page posts.

    Attributes:
        roles: Who the speakers are, as far as somebody has said.
        people: Account's name → who stands behind it, None for nobody known; only those asked.
    """

    team: TeamRef
    text: str
    roles: Mapping[str, Role]
    day: date
    people: Mapping[str, int | None]


def _teams() -> list[TeamRef]:
    return viewer().teams_as(*READERS)


def _posted() -> Form:
    """What was posted.

    Raises:
        NotFoundError: If it is for a team whose chats the viewer does not look after.
    """
    form = request.form
    teams = _teams()
    wanted = form.get("team", teams[0].id, type=int)
    team = next((each for each in teams if each.id == wanted), None)
    if team is None:
        raise NotFoundError
    today = local_day(utc_now(), team.timezone)
    day = today
    with suppress(ValueError):
        day = date.fromisoformat(form.get("day", ""))
    roles = {
        name: Role(role)
        for name, role in zip(form.getlist("who"), form.getlist("role"), strict=False)
        if role in {each.value for each in _SIDES}
    }
    if form.get("action") == "swap":
        roles = {name: _SWAPPED.get(role, role) for name, role in roles.items()}
    people = {
        name: int(person) if person.isdecimal() and len(person) < 19 else None  # noqa: PLR2004 - bigint
        for name, person in zip(form.getlist("account"), form.getlist("person"), strict=False)
    }
    return Form(team, form.get("text", ""), roles, min(day, today), people)


@bp.get("")
@requires(*READERS)
def page() -> ResponseReturnValue:
    """An empty box."""
    return _box(_teams()[0], "")


def _box(team: TeamRef, text: str, problem: str = "") -> ResponseReturnValue:
    return render_template(
        "chats/paste.html", teams=_teams(), team=team, text=text, problem=problem, pasted=None
    ), 422 if problem else 200


@bp.post("")
@requires(*READERS)
def look() -> ResponseReturnValue:
    """Show what was pasted, masked; keep it when that is asked for."""
    form = _posted()
    try:
        pasted = pasting.read(form.text, form.roles, form.day, team_id=form.team.id)
    except InvalidError as error:
        return _box(form.team, form.text, str(error))
    if request.form.get("action") in {"save", "keep"}:
        where = _save(form, pasted, to_mark=request.form["action"] == "save")
        is_script = request.accept_mimetypes.best == "application/json"
        # A script that follows a redirect would take away what the next page is to say.
        return {"url": where} if is_script else redirect(where)
    people = page_queries.colleagues([form.team.id])
    return render_template(
        "chats/paste.html",
        teams=_teams(),
        team=form.team,
        text=form.text,
        problem="",
        pasted=pasted,
        chats=[shown.read(each) for each in pasted.conversations],
        day=form.day,
        today=local_day(utc_now(), form.team.timezone),
        people=people,
        behind=_behind(form, pasted, people),
        sides=_SIDES,
        marked=_marked(pasted),
    )


def _marked(pasted: pasting.Pasted) -> str:
    """The account whose chat would be marked; empty where there is none, or nothing to mark by."""
    name = pasted.conversations[0].account
    is_person = any(each == name for _platform, _shop, each in pasted.accounts)
    return name if is_person and [*hooks.on_pasted] else ""


def _behind(
    form: Form, pasted: pasting.Pasted, people: Sequence[page_queries.Colleague]
) -> dict[str, int | None]:
    """Who probably stands behind each account: as said, as known, or of the same name."""
    known = {
        (each.platform, each.shop, each.name): each.person_id
        for each in queries.accounts([form.team.id])
    }
    by_name = {each.name: each.id for each in people}
    return {
        name: form.people.get(name) or known.get((platform, shop, name)) or by_name.get(name)
        for platform, shop, name in pasted.accounts
    }


def _save(form: Form, pasted: pasting.Pasted, *, to_mark: bool) -> str:
    """Keep what was pasted; gives where to go on.

    Raises:
        NotFoundError: If nothing of it stands in the archive.
    """
    me = viewer()
    may_be = {each.id for each in page_queries.colleagues([form.team.id])}
    with transaction():
        ids = pasting.save(
            form.text, pasted, form.day, team_id=form.team.id, by=me.id, now=utc_now()
        )
        for (_platform, _shop, name), account_id in pasting.account_ids(
            pasted, team_id=form.team.id
        ).items():
            person_id = form.people.get(name)
            if person_id in may_be:
                service.assign(account_id, person_id, team_id=form.team.id)
    if not ids:
        raise NotFoundError
    fresh_count = pasted.batch.message_count - pasted.known
    if fresh_count:
        flash(ngettext("存好了 %(count)s 条消息，隐私已经遮住。", fresh_count), "passed")
    else:
        flash(_("这段聊天已经存过，没有重复存。"), "note")
    for go_on in hooks.on_pasted if to_mark else ():
        return go_on(ids[0])
    return url_for("chats.show", conversation_id=ids[0])
