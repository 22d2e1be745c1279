"""Pages of what is still to be done for customers, and of handing it over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people.access import TeamRef, requires, staff_of_or_404, viewer
from cstrain.desk.chats import (
    follow_ups,
    handover,
    handover_pack,
    page_queries,
    queries,
    shown,
    typed,
)
from cstrain.desk.chats.models import ChatConversation, ChatFollowUp, ChatHandover
from cstrain.desk.chats.page_queries import Colleague
from cstrain.desk.chats.views import READERS, day_of, id_of, reader_teams
from cstrain.kit import jobs
from cstrain.kit.clock import local_day, utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext

bp = Blueprint("chat_handover", __name__, url_prefix="/chats")
bp.add_app_template_global(follow_ups.word, "follow_up_word")
bp.add_app_template_global(handover_pack.why_word, "handover_why")


@contextmanager
def _told() -> Iterator[None]:
    """Tell what is in the way, as a message on the next page."""
    try:
        yield
    except ConflictError as error:
        flash(str(error), "failed")


def _too_many(left: int) -> str:
    most = handover.ITEMS_MAX
    return ngettext("一次最多交 %(most)s 件，还有 %(count)s 件没交，再交一次。", left, most=most)


def _is_reader(team_id: int) -> bool:
    return team_id in viewer().team_ids(*READERS)


def _may_follow(team_id: int, owner_id: int | None) -> bool:
    """Whether something to be done is the viewer's: to look after, or to do while in the team."""
    me = viewer()
    return _is_reader(team_id) or (owner_id == me.id and team_id in me.roles)


def _person(team_id: int, said: str | None) -> Colleague:
    """Who is named, of those who work in the team.

    Raises:
        NotFoundError: If nobody is.
    """
    wanted = id_of(said or "")
    for each in page_queries.colleagues([team_id]):
        if each.id == wanted:
            return each
    raise NotFoundError


# -- what is to be done ------------------------------------------------------------------------


@bp.get("/follow-ups")
@requires()
def index() -> ResponseReturnValue:
    """What is open, by person, and the last hand-overs; for agents their own."""
    teams = reader_teams() if viewer().has(*READERS) else []
    return render_template(
        "chats/follow_ups.html",
        is_reader=bool(teams),
        rows=follow_ups.open_ones(teams, viewer().id),
        handovers=handover.handovers(teams, viewer().id),
        today=_today(),
    )


def _today() -> date:
    """The day where the viewer works."""
    teams = viewer().teams.values()
    return local_day(utc_now(), next((each.timezone for each in teams), "Asia/Shanghai"))


@bp.get("/<int:conversation_id>/follow-up")
@requires()
def follow(conversation_id: int) -> ResponseReturnValue:
    """A conversation, what is to be done after it and what was; for the readers and the owner.

    Raises:
        NotFoundError: If it is not the viewer's to see.
    """
    items = follow_ups.of_conversation(conversation_id)
    chat = db.session.get(ChatConversation, conversation_id)
    mine = next((each.owner_id for each in items if each.closed_at is None), None)
    if chat is None or not _may_follow(chat.team_id, mine):
        raise NotFoundError
    accounts = {each.id: each for each in queries.accounts([chat.team_id])}
    account = accounts.get(chat.account_id)
    return render_template(
        "chats/follow_up.html",
        chat=chat,
        account=account,
        is_reader=_is_reader(chat.team_id),
        current=next((each for each in items if each.closed_at is None), None),
        items=items,
        notes=follow_ups.notes([each.id for each in items]),
        people=page_queries.colleagues([chat.team_id]),
        usual=account.person_id if account else None,
        lines=shown.stored(
            queries.messages_of([chat.id])[chat.id],
            chat.buyer_nick,
            {each.id: each.name for each in accounts.values()},
            {},
        ),
        text_max=follow_ups.TEXT_MAX,
        today=_today(),
    )


@bp.post("/<int:conversation_id>/follow-up")
@requires(*READERS)
def begin(conversation_id: int) -> ResponseReturnValue:
    """Note what is to be done, by whom and until when."""
    chat, _said = queries.conversation(conversation_id, viewer().team_ids(*READERS))
    owner = _person(chat.team_id, request.form.get("owner"))
    with _told(), transaction():
        follow_ups.open_up(
            chat.id,
            typed.kept_line(request.form.get("text"), follow_ups.TEXT_MAX),
            team_id=chat.team_id,
            owner_id=owner.id,
            due_on=day_of(request.form.get("due", "")),
            by=viewer().id,
            now=utc_now(),
        )
        flash(_("记下了，在“跟进交接”里看得到。"), "passed")
    return redirect(url_for("chat_handover.follow", conversation_id=chat.id))


@bp.post("/follow-ups/<int:follow_up_id>")
@requires()
def note(follow_up_id: int) -> ResponseReturnValue:
    """Write into the log, give it to somebody else, or say that it is done.

    Raises:
        NotFoundError: If it is not the viewer's.
    """
    found = db.session.get(ChatFollowUp, follow_up_id)
    if found is None or not _may_follow(found.team_id, found.owner_id):
        raise NotFoundError
    team_id, conversation_id, was_id = found.team_id, found.conversation_id, found.owner_id
    text = typed.kept_line(request.form.get("text"), follow_ups.TEXT_MAX)
    is_done = request.form.get("action") == "done"
    owner_id = was_id
    if id_of(request.form.get("owner", "")) not in {was_id, None}:
        owner_id = _person(team_id, request.form.get("owner")).id
    is_still_theirs = False
    with _told(), transaction():
        row = follow_ups.locked(follow_up_id, owner_id=was_id)
        if is_done:
            follow_ups.close(row, text, by=viewer().id, now=utc_now())
            flash(_("办完了。"), "passed")
        else:
            follow_ups.note(
                row,
                text,
                owner_id=owner_id,
                due_on=day_of(request.form.get("due", "")),
                by=viewer().id,
                now=utc_now(),
            )
            flash(_("记下了。"), "passed")
        is_still_theirs = not is_done and owner_id == viewer().id
    if not (is_still_theirs or _is_reader(team_id)):
        return redirect(url_for("chat_handover.index"))
    return redirect(url_for("chat_handover.follow", conversation_id=conversation_id))


# -- handing over ------------------------------------------------------------------------------


@bp.get("/handovers/new")
@requires(*READERS)
def new() -> ResponseReturnValue:
    """Who hands over what to whom: first who, then what they have open."""
    teams = [viewer().teams[each] for each in reader_teams()]
    team = teams[0]
    people = page_queries.colleagues([team.id])
    open_ones = follow_ups.open_ones([team.id], 0)
    names = {each.id: each.name for each in people}
    names |= {each.owner_id: each.owner or _("一位离开的同事") for each in open_ones}
    names |= {
        each.person_id: each.person
        for each in queries.accounts([team.id])
        if each.person_id and each.person
    }
    asked = id_of(request.args.get("from", ""))
    from_id = asked if asked in names else None
    return render_template(
        "chats/handover_new.html",
        teams=teams,
        team=team,
        people=people,
        names=names,
        from_id=from_id,
        items=follow_ups.open_of(team.id, from_id) if from_id else [],
        waiting=_waiting(from_id, team) if from_id else [],
        days=handover.LOOKED_BACK.days,
        whys=handover.WHY,
        text_max=follow_ups.TEXT_MAX,
        today=_today(),
    )


def _waiting(person_id: int | None, team: TeamRef) -> list[handover.Waiting]:
    return list(handover.waiting(person_id or 0, team.id, team.timezone, now=utc_now()))


@bp.post("/handovers")
@requires(*READERS)
def hand_over() -> ResponseReturnValue:
    """Give what was ticked to somebody else.

    Raises:
        NotFoundError: If the team is not the viewer's, or nobody of it is named.
    """
    form = request.form
    team_id = id_of(form.get("team", "")) or 0
    staff_of_or_404(team_id, *READERS)
    from_id, to = id_of(form.get("from", "")) or 0, _person(team_id, form.get("to"))
    asked = {number for each in form.getlist("chat") if (number := id_of(each))}
    ticked = [number for each in form.getlist("item") if (number := id_of(each))]
    chats = [each for each in _waiting(from_id, viewer().teams[team_id]) if each.id in asked]
    why = form.get("why", "")
    page = f"{url_for('chat_handover.new', team=team_id)}&from={from_id}"
    with _told(), transaction():
        made = handover.hand_over(
            team_id,
            from_id,
            to.id,
            why=why if why in handover.WHY else handover.WHY[0],
            note=typed.kept_line(form.get("note"), follow_ups.TEXT_MAX),
            follow_up_ids=ticked[: handover.ITEMS_MAX],
            chats=chats,
            by=viewer().id,
            now=utc_now(),
        )
        flash(_("交过去了，%(name)s会收到消息。", name=to.name), "passed")
        left = len(ticked) - handover.ITEMS_MAX
        if left > 0:
            most = handover.ITEMS_MAX
            text = ngettext(
                "一次最多交 %(most)s 件，还有 %(count)s 件没交，再交一次。", left, most=most
            )
            flash(text, "note")
        else:
            page = url_for("chat_handover.show", handover_id=made)
    return redirect(page)


@bp.get("/handovers/<int:handover_id>")
@requires()
def show(handover_id: int) -> ResponseReturnValue:
    """A hand-over: what, whether it was taken, the log, the pack."""
    found = handover.one(handover_id, viewer().team_ids(*READERS), viewer().id)
    items = follow_ups.by_id(handover.items_of(handover_id))
    job = db.session.get(jobs.Job, found.row.job_id) if found.row.job_id else None
    return render_template(
        "chats/handover.html",
        found=found,
        row=found.row,
        items=items,
        notes=follow_ups.notes([each.id for each in items]),
        chats=handover_pack.lines_of(items),
        is_reader=_is_reader(found.row.team_id),
        is_mine=found.row.to_person_id == viewer().id,
        job=job,
        today=_today(),
    )


@bp.post("/handovers/<int:handover_id>/take")
@requires()
def take(handover_id: int) -> ResponseReturnValue:
    """The successor has it in hand.

    Raises:
        NotFoundError: If it is another's.
    """
    with transaction():
        row = db.session.get(
            ChatHandover, handover_id, with_for_update=True, populate_existing=True
        )
        me = viewer()
        if row is None or row.to_person_id != me.id or row.team_id not in me.roles:
            raise NotFoundError
        handover.take(row, by=viewer().id, now=utc_now())
    flash(_("接手了，从现在起由你跟。"), "passed")
    return redirect(url_for("chat_handover.show", handover_id=handover_id))


@bp.post("/handovers/<int:handover_id>/pack")
@requires(*READERS)
def pack(handover_id: int) -> ResponseReturnValue:
    """Make the pack anew, with what the log says by now."""
    found = handover.one(handover_id, viewer().team_ids(*READERS), 0)
    with transaction():
        row = db.session.get_one(ChatHandover, found.row.id, with_for_update=True)
        handover.pack_anew(row, by=viewer().id, now=utc_now())
    return redirect(url_for("chat_handover.show", handover_id=handover_id))
