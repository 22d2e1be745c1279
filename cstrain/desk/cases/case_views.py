"""Pages of cases: the library, one case, making one of a chat or a practice session."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Activity
from cstrain.core.catalogue.kinds import AttemptView
from cstrain.core.people.access import Role, requires, row_of_my_team, viewer
from cstrain.core.review.models import Review
from cstrain.desk.cases import case_queries, case_service, drafts, sources, tags, text, tips
from cstrain.desk.cases.case_forms import CaseForm
from cstrain.desk.cases.case_queries import Asked
from cstrain.desk.cases.models import TypicalCase
from cstrain.desk.cases.sources import Source
from cstrain.desk.chats.models import ChatConversation
from cstrain.desk.quality.reviewing import KIND
from cstrain.desk.replies import products
from cstrain.desk.replies.shops import MAY_CHANGE
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.markdown import render

bp = Blueprint(
    "cases",
    __name__,
    url_prefix="/cases",
    template_folder="templates",
    static_folder="static",
    static_url_path="/files",
)
WRITERS = (Role.TRAINER, Role.MANAGER)
_SORTS = {"good": True, "bad": False}


@bp.get("")
@requires()
def index() -> ResponseReturnValue:
    """The cases of the viewer's teams, by what they are about and what is said in them."""
    asked = _asked()
    page = case_queries.listed(asked, number=request.args.get("page", 1, type=int))
    kept = {
        "q": asked.q,
        "sort": request.args.get("sort", "") if asked.is_good is not None else "",
        "step": asked.step,
        "reason": asked.reason,
        "product": asked.product,
        "gone": 1 if asked.is_withdrawn else None,
    }
    return render_template(
        "cases/library.html",
        asked=asked,
        page=page,
        kept={name: value for name, value in kept.items() if value},
        steps=tags.STEPS,
        reasons=tags.REASONS,
        products=case_queries.products_in(asked.team_ids),
        may_write=viewer().has(*WRITERS),
        tip_count=len(tips.waiting(viewer().team_ids(*WRITERS))),
    )


def _asked() -> Asked:
    args, me = request.args, viewer()
    wanted, is_withdrawn = args.get("team", type=int), args.get("gone") == "1"
    mine = me.team_ids(*WRITERS) if is_withdrawn else tuple(me.roles)
    if wanted is not None and wanted not in mine:
        raise NotFoundError
    return Asked(
        team_ids=mine if wanted is None else [wanted],
        q=args.get("q", "").strip()[:100],
        step=args.get("step", "") if args.get("step") in tags.STEPS else "",
        reason=args.get("reason", "") if args.get("reason") in tags.REASONS else "",
        product=args.get("product", "")[:40],
        is_good=_SORTS.get(args.get("sort", "")),
        is_withdrawn=is_withdrawn,
    )


@bp.get("/<int:case_id>")
@requires()
def show(case_id: int) -> ResponseReturnValue:
    """One case."""
    row = visible(case_id)
    may_change = row.team_id in viewer().team_ids(*MAY_CHANGE)
    lessons: list[Activity] = []
    if may_change:
        lessons = list(active.for_team(viewer().teams[row.team_id].slug).lessons())
    return render_template(
        "cases/case.html",
        case=row,
        lessons=lessons,
        scenario=drafts.scenario(row) if may_change else "",
        may_change=may_change,
        body=body_of(row),
        by_name=case_queries.name_of(row.by_person_id),
        steps=tags.STEPS,
        reasons=tags.REASONS,
        may_write=row.team_id in viewer().team_ids(*WRITERS),
    )


def visible(case_id: int) -> TypicalCase:
    """A case of a team of the viewer; a withdrawn one for those who write them.

    Raises:
        NotFoundError: If there is none.
    """
    row = db.session.get(TypicalCase, case_id)
    if row is None or row.team_id not in viewer().roles:
        raise NotFoundError
    if row.withdrawn_at is not None and row.team_id not in viewer().team_ids(*WRITERS):
        raise NotFoundError
    return row


def own(case_id: int, *roles: Role) -> TypicalCase:
    """A case of a team in which the viewer holds one of the roles.

    Raises:
        NotFoundError: If there is none.
    """
    return row_of_my_team(TypicalCase, case_id, *roles)


def body_of(row: TypicalCase) -> Markup:
    """A case as its page shows it."""
    made = text.markdown(
        happened=row.happened,
        chat=row.chat,
        better=row.better,
        headings=(_("聊天"), _("好在哪") if row.is_good else _("该怎么说")),
    )
    return Markup(render(made, lambda _target: None))  # noqa: S704 - render sanitises


@bp.route("/new", methods=["GET", "POST"])
@requires(*WRITERS)
def new() -> ResponseReturnValue:
    """Write a case: of a review, a chat or a practice session that the address names, or new."""
    source, form = _source(), CaseForm()
    form.offer()
    seat = _number("seat") or 0
    if not form.is_submitted():
        form.chat.data = source.chats[seat][1] if seat < len(source.chats) else ""
        # In Chinese, as all that goes out to agents.
        form.question.data = "这时候怎么回更好？"
        form.happened.data, form.product.data = source.told, source.product
        form.sort.data = "bad"
    draft = None
    if request.form.get("action") == "mask":
        form.chat.data = text.strict(form.chat.data or "")
    elif form.is_submitted() and form.validate():
        draft = form.draft(sources.names_in(source.team_id))
    if draft is None:
        there = case_queries.made_of(source.team_id, source.kind, source.id)
        return _form_page(form, source.team_id, source=source, seat=seat, there=there)
    with transaction():
        case_id = case_service.add(
            source.team_id,
            draft,
            source=source.kind,
            source_id=source.id,
            by=viewer().id,
            now=utc_now(),
        )
    flash(_("收进案例库了。"), "passed")
    return redirect(url_for("cases.show", case_id=case_id))


def _form_page(form: CaseForm, team_id: int, **more: Any) -> ResponseReturnValue:
    team = viewer().teams[team_id]
    known = products.files_of(active.for_team(team.slug))
    page = render_template(
        "cases/case_form.html",
        form=form,
        team=team,
        teams=viewer().teams_as(*WRITERS),
        doubts=text.doubts(form.chat.data or ""),
        products=[entry.name for file in known for entry in file.entries],
        kept=request.args,
        **more,
    )
    return page, 422 if form.errors else 200


def _source() -> Source:
    """What the address names.

    Raises:
        NotFoundError: If it is no team's of the viewer's.
    """
    me = viewer()
    teams = me.team_ids(*WRITERS)
    zones = {team.id: team.timezone for team in me.teams_as(*WRITERS)}
    if (found := _number("review")) is not None:
        return sources.of_review(found, teams, zones)
    if (found := _number("chat")) is not None:
        return sources.of_chat(found, teams, zones)
    if (found := _number("attempt")) is not None:
        return sources.of_attempt(found, teams)
    if (found := _number("tip")) is not None:
        return sources.of_tip(found, teams)
    wanted = _number("team")
    if wanted is not None and wanted not in teams:
        raise NotFoundError
    return Source(sources.NONE, None, teams[0] if wanted is None else wanted)


def _number(name: str) -> int | None:
    said = request.args.get(name, "")
    return int(said) if re.fullmatch("[0-9]{1,18}", said) else None


@bp.route("/<int:case_id>/edit", methods=["GET", "POST"])
@requires(*WRITERS)
def edit(case_id: int) -> ResponseReturnValue:
    """Change a case."""
    row, form = own(case_id, *WRITERS), CaseForm()
    form.offer()
    if not form.is_submitted():
        form.fill(row)
    draft = None
    if request.form.get("action") == "mask":
        form.chat.data = text.strict(form.chat.data or "")
    elif form.is_submitted() and form.validate():
        draft = form.draft(sources.names_in(row.team_id))
    if draft is None:
        return _form_page(form, row.team_id, case=row)
    with transaction():
        case_service.change(case_id, draft, now=utc_now())
    flash(_("改好了。"), "passed")
    return redirect(url_for("cases.show", case_id=case_id))


@bp.post("/<int:case_id>/withdraw")
@requires(*WRITERS)
def withdraw(case_id: int) -> ResponseReturnValue:
    """Take a case out of the library; with ``back=1`` put it in again."""
    is_back = request.form.get("back") == "1"
    with transaction():
        own(case_id, *WRITERS)
        case_service.withdraw(case_id, is_back=is_back, now=utc_now())
    flash(
        _("放回去了。") if is_back else _("撤下了，学员不再看到。点“放回去”就和原来一样。"),
        "passed",
    )
    return redirect(url_for("cases.show", case_id=case_id))


# -- the ways that lead here, registered while the app is wired -----------------------------------


def of_conversation(conversation: ChatConversation) -> Markup | str:
    """The way from a chat of the archive to a case of it."""
    return _offer(conversation.team_id, chat=conversation.id)


def of_review(review: Review) -> Markup | str:
    """The way from marked work to a case of it; nothing where there is no chat in it."""
    if review.kind != KIND:
        kind = active.active().registry.kinds.get(review.kind)
        if kind is None or not kind.has_chats:
            return ""
    return _offer(review.team_id, review=review.id)


def of_attempt(attempt: AttemptView) -> Markup | str:
    """The way from a practice session to a case of it."""
    return _offer(attempt.team_id, attempt=attempt.id)


def _offer(team_id: int, **source: int) -> Markup | str:
    if team_id not in viewer().team_ids(*WRITERS):
        return ""
    url = f"{url_for('cases.new')}?{urlencode(source)}"
    page = render_template("cases/offer.html", url=url)
    return Markup(page)  # noqa: S704 - our own template
