"""Pages about the people one looks after: the list, one person, adding and correcting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from cstrain.core.people import fields, forms, handout, hooks, queries, service, sessions
from cstrain.core.people.access import STAFF, Role, TeamRef, requires, viewer
from cstrain.core.people.history import role_word
from cstrain.core.people.person_page import PersonPage, person_page
from cstrain.core.people.rights import RANKS, givable
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import InvalidError, NotFoundError
from cstrain.kit.forms import Form
from cstrain.kit.i18n import gettext as _

bp = Blueprint("roster", __name__, url_prefix="/people")
bp.add_app_template_global(role_word)
#: A page further than this is not asked for by people.
PAGES_MAX = 100_000
STATES = ("here", "left", "all")


def staffed_teams() -> list[TeamRef]:
    """The teams in which the viewer looks after people, by name."""
    return sorted(viewer().teams_as(*STAFF), key=lambda team: team.name)


def site_address() -> str:
    """Where people reach the site, without a slash at its end."""
    configured = str(current_app.extensions["cstrain.settings"].base_url)
    return configured or request.url_root.rstrip("/")


@bp.app_template_global()
def near_address() -> str:
    """The address in links and codes, where it leads no further than this computer; else empty."""
    address = site_address()
    host = urlsplit(address).hostname or ""
    with suppress(ValueError):
        ip = ip_address(host)
        return address if ip.is_loopback or ip.is_unspecified else ""
    return address if host == "localhost" or host.endswith(".localhost") else ""


def login_text(name: str, employee_no: str, password: str) -> str:
    """What to send to somebody who has a first password."""
    return _(
        "%(name)s，你的培训账号开好了：打开 %(url)s ，用工号 %(no)s 和初始密码 %(password)s 登录，"
        "第一次登录要换成自己的密码。",
        name=name,
        url=site_address(),
        no=employee_no,
        password=password,
    )


@bp.get("")
@requires(*STAFF)
def index() -> ResponseReturnValue:
    """The people of one's teams, by filters that stand in the address.

    Raises:
        NotFoundError: If the team is not the viewer's.
    """
    teams = staffed_teams()
    team_id = request.args.get("team", 0, int)
    if team_id and team_id not in {team.id for team in teams}:
        raise NotFoundError
    role, state = request.args.get("role", ""), request.args.get("state", "here")
    wanted = queries.PeopleFilter(
        team_ids=(team_id,) if team_id else tuple(team.id for team in teams),
        q=fields.one_line(request.args.get("q", ""))[:60],
        role=role if role in list(Role) else "",
        batch=fields.one_line(request.args.get("batch", ""))[: fields.BATCH_MAX],
        state=state if state in STATES else "here",
        page=min(request.args.get("page", 1, int), PAGES_MAX),
    )
    kept = {
        "team": team_id or None,
        "q": wanted.q or None,
        "role": wanted.role or None,
        "batch": wanted.batch or None,
        "state": wanted.state if wanted.state != "here" else None,
    }
    return render_template(
        "people/list.html",
        people=queries.people_list(wanted),
        batches=queries.batches_of(wanted.team_ids),
        wanted=wanted,
        kept=kept,
        teams=teams,
        team_id=team_id,
        roles=RANKS,
    )


@bp.get("/<int:person_id>")
@requires(*STAFF)
def person(person_id: int) -> ResponseReturnValue:
    """One person: who, path and results by other slices, history, and what can be done."""
    found = person_page(person_id, viewer(), now=utc_now())
    return render_template(
        "people/person.html",
        person=found,
        panels=list(_panels(found)),
        events=queries.events_of(person_id, found.team_ids),
        batches=queries.batches_of(found.team_ids),
        forms=_person_forms(found),
    )


def _panels(found: PersonPage) -> Iterator[Markup | str]:
    """What other slices show; one that has nothing, as before any content, is left out."""
    for panel in hooks.person_panels:
        with suppress(NotFoundError):
            yield panel(found)


def _person_forms(found: PersonPage) -> dict[str, Form]:
    """The forms of the dialogs, filled with what is so now."""
    last = next(iter(found.posts))
    made: dict[str, Form] = {
        "rehire": forms.PostForm(
            None, prefix="rehire-", post=f"{last.team_id}:{last.role}", batch=last.batch
        ),
        "give": forms.PostForm(None, prefix="give-"),
        "move": forms.MoveForm(None, prefix="move-"),
        "time": forms.ExtraTimeForm(None, prefix="time-", ratio=found.extra_time_ratio),
    }
    for post in found.allowed.batch:
        prefix = f"batch{post.team_id}"
        made[prefix] = forms.BatchForm(None, prefix=f"{prefix}-", batch=post.batch)
    fill(made, found)
    return made


def fill(made: dict[str, Form], found: PersonPage) -> None:
    """Give the dialogs' forms what may be chosen in them."""
    allowed = found.allowed
    pairs: dict[str, Sequence[tuple[TeamRef, tuple[Role, ...]]]] = {
        "rehire": allowed.rehire,
        "give": allowed.give,
    }
    for name, given in pairs.items():
        if name in made:
            made[name]["post"].choices = [
                (f"{team.id}:{role}", f"{team.name} · {role_word(role)}")
                for team, roles in given
                for role in roles
            ]
    if "move" in made:
        pathways = hooks.pathways() if allowed.move else ()
        made["move"]["move"].choices = [
            (f"{source.id}:{target.id}", f"{source.name} → {target.name}")
            for source, target in allowed.move
        ]
        made["move"]["pathway"].choices = [
            ("usual", _("证书还有效就不用重学，没有证书走新店的默认路径")),
            ("none", _("先不安排")),
            *((f"slug:{slug}", title) for slug, title in pathways),
        ]
    if "time" in made:
        made["time"]["ratio"].choices = [
            (ratio, _("和大家一样") if ratio == 1 else _("%(ratio)s 倍", ratio=f"{ratio:g}"))
            for ratio in service.EXTRA_TIME
        ]


def done(person_id: int, message: str) -> ResponseReturnValue:
    """The person's page again, with what was done."""
    flash(message, "passed")
    return redirect(url_for("roster.person", person_id=person_id))


@bp.route("/add", methods=["GET", "POST"])
@requires(*STAFF)
def add() -> ResponseReturnValue:
    """Add one person and show the first password to hand out."""
    me, teams = viewer(), staffed_teams()
    form = forms.AddPersonForm(team=request.args.get("team", 0, int) or teams[0].id)
    form.team.choices = [(team.id, team.name) for team in teams]
    roles = {role for team in teams for role in givable(me.roles, team.id)}
    form.role.choices = [(role.value, role_word(role)) for role in RANKS if role in roles]
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            now = utc_now()
            password = handout.password_given(me.id, now)
            new = service.NewPerson(
                name=form.name.data or "",
                employee_no=form.employee_no.data or "",
                phone=form.phone.data,
                role=Role(form.role.data),
                batch=form.batch.data,
                password_hash=sessions.hash_password(password),
            )
            try:
                with transaction():
                    added = service.add_person(new, team_id=form.team.data, by=me.id, now=now)
            except InvalidError as error:
                forms.refuse(form, error)
            else:
                return redirect(url_for("roster.first_password", person_id=added))
    batches = queries.batches_of([team.id for team in teams])
    return render_template("people/add.html", form=form, batches=batches), status


@bp.get("/<int:person_id>/first-password")
@requires(*STAFF)
def first_password(person_id: int) -> ResponseReturnValue:
    """The first password that the viewer has just given somebody."""
    me, now = viewer(), utc_now()
    found = person_page(person_id, me, now=now)
    given = handout.given(person_id, by=me.id, now=now)
    if given is None:
        flash(_("初始密码已经看不到了。还没登录过的人，可以再重设一次。"), "waiting")
        return redirect(url_for("roster.person", person_id=person_id))
    password, is_new = given
    return render_template(
        "people/first_password.html",
        person=found,
        password=password,
        text=login_text(found.name, found.employee_no, password),
        is_new=is_new,
    )


@bp.post("/<int:person_id>/password")
@requires(*STAFF)
def reset_password(person_id: int) -> ResponseReturnValue:
    """Reset a password in one click; the page that shows the new first one can be reloaded."""
    me, now = viewer(), utc_now()
    with transaction():
        service.reset_password(person_id, handout.password_given(me.id, now), by=me.id, now=now)
    return redirect(url_for("roster.first_password", person_id=person_id))


@bp.route("/<int:person_id>/edit", methods=["GET", "POST"])
@requires(*STAFF)
def edit(person_id: int) -> ResponseReturnValue:
    """Correct name, employee number and phone."""
    found = person_page(person_id, viewer(), now=utc_now())
    form = forms.NamesForm(name=found.name, employee_no=found.employee_no, phone=found.phone)
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            names = service.Names(
                form.name.data or "", form.employee_no.data or "", form.phone.data or ""
            )
            try:
                with transaction():
                    service.change_identity(person_id, names, by=viewer().id, now=utc_now())
            except InvalidError as error:
                forms.refuse(form, error)
            else:
                return done(person_id, _("资料改好了。"))
    return render_template("people/edit.html", person=found, form=form), status
