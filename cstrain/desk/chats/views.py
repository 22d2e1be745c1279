"""Pages of the archive: the list with its search, one conversation, and who is who."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from cstrain.core.people.access import Role, requires, staff_of_or_404, team_ids_as, viewer
from cstrain.desk.chats import (
    follow_ups,
    hooks,
    page_queries,
    pasting,
    queries,
    retention,
    service,
    shown,
)
from cstrain.desk.chats.importers import words
from cstrain.desk.chats.models import ChatConversation
from cstrain.desk.chats.queries import Filters
from cstrain.kit import search
from cstrain.kit.db import transaction
from cstrain.kit.i18n import gettext as _

bp = Blueprint(
    "chats",
    __name__,
    url_prefix="/chats",
    template_folder="templates",
    static_folder="static",
    static_url_path="/files",
)
#: Who looks after real chats.
READERS = (Role.TRAINER, Role.MANAGER)
FLAGS = ("is_unanswered", "has_forbidden", "has_refund", "has_complaint")
_HITS_SHOWN = 3
bp.add_app_template_global(words.platform, "platform_word")
bp.add_app_template_global(words.masked, "masked_word")
bp.add_app_template_global(words.reason, "refusal_word")
bp.add_app_template_global(words.entry, "entry_word")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list asks for."""

    q: str
    filters: Filters
    before: str
    is_undated: bool

    @property
    def kept(self) -> dict[str, Any]:
        """The same as an address has it, without the page."""
        return {
            "q": self.q or None,
            "shop": self.filters.shop or None,
            "account": self.filters.account_id,
            "from": self.filters.from_day,
            "to": self.filters.to_day,
            "flag": list(self.filters.flags) or None,
            "undated": 1 if self.is_undated else None,
            "team": request.args.get("team", type=int),
        }

    @property
    def is_narrowed(self) -> bool:
        """Whether it asks for less than everything."""
        return any(value is not None for key, value in self.kept.items() if key != "team")


def reader_teams() -> list[int]:
    """The teams a page is about: ``?team=``, or all whose chats the viewer looks after.

    Raises:
        NotFoundError: If ``?team=`` is none of them.
    """
    return team_ids_as(request.args.get("team", type=int), *READERS)


def _asked() -> Asked:
    args = request.args
    return Asked(
        q=args.get("q", "").strip()[:100],
        filters=Filters(
            team_ids=reader_teams(),
            shop=args.get("shop", ""),
            account_id=id_of(args.get("account", "")),
            from_day=day_of(args.get("from", "")),
            to_day=day_of(args.get("to", "")),
            flags=[flag for flag in FLAGS if flag in args.getlist("flag")],
        ),
        before=args.get("before", ""),
        is_undated=args.get("undated") == "1",
    )


def id_of(said: str) -> int | None:
    """A number that an address or a form names; None for what is none."""
    return int(said) if re.fullmatch("[0-9]{1,18}", said) else None


def day_of(said: str) -> date | None:
    """A day that an address or a form names; None for what is none."""
    with suppress(ValueError):
        return date.fromisoformat(said)
    return None


@bp.get("")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """The conversations of the viewer's teams, by day, or those in which words were found."""
    asked = _asked()
    accounts = queries.accounts(asked.filters.team_ids)
    found: dict[int, list[Markup]] = {}
    if asked.q:
        page = queries.find(
            asked.q, asked.filters, before=id_of(asked.before), limit=page_queries.PAGE
        )
        rows: Sequence[ChatConversation] = [hit.conversation for hit in page.hits]
        found = {
            hit.conversation.id: [
                _marked(each.text or "", asked.q) for each in hit.messages[:_HITS_SHOWN]
            ]
            for hit in page.hits
        }
        first: Mapping[int, str] = {}
        before = str(page.next_before or "")
    else:
        shelf = page_queries.shelf(asked.filters, before=asked.before, is_undated=asked.is_undated)
        rows, before = shelf.rows, shelf.next_before
        first = page_queries.first_words([each.id for each in rows])
    return render_template(
        "chats/index.html",
        asked=asked,
        rows=rows,
        found=found,
        words=first,
        next_before=before,
        accounts=accounts,
        by_id={each.id: each for each in accounts},
        shops=sorted({each.shop for each in accounts if each.shop}),
        flags=_flag_words(),
    )


def _flag_words() -> Mapping[str, str]:
    return {
        "is_unanswered": _("没有回复"),
        "has_forbidden": _("违禁词"),
        "has_refund": _("退款"),
        "has_complaint": _("投诉"),
    }


def _marked(text: str, said: str) -> Markup:
    """A text with the words that were looked for marked."""
    wanted = [re.escape(search.fold(each)) for each in said.split()]
    folded = search.fold(text)
    made, at = Markup(), 0
    for hit in re.finditer("|".join(wanted), folded):
        made += escape(text[at : hit.start()])
        made += Markup("<mark>%s</mark>") % text[hit.start() : hit.end()]
        at = hit.end()
    return made + escape(text[at:])


@bp.get("/<int:conversation_id>")
@requires(*READERS)
def show(conversation_id: int) -> ResponseReturnValue:
    """One conversation, message by message."""
    team_ids = viewer().team_ids(*READERS)
    found, said = queries.conversation(conversation_id, team_ids)
    accounts = {each.id: each for each in queries.accounts([found.team_id])}
    names = {each.id: each.name for each in accounts.values()}
    file = page_queries.file_of(found)
    has_rows = request.args.get("rows") == "1"
    rows = page_queries.rows_of(found.id) if has_rows else {}
    lines = shown.stored(said, found.buyer_nick, names, rows)
    return render_template(
        "chats/show.html",
        found=found,
        lines=lines,
        has_rows=has_rows,
        account=accounts.get(found.account_id),
        file=file,
        is_paste=pasting.is_paste(file),
        hold=next(iter(retention.holds([found.team_id], found.id)), None),
        follow_up=next(iter(follow_ups.open_after(found.id)), None),
        panels=[part for panel in hooks.panels if (part := panel(found))],
        flags=[word for flag, word in _flag_words().items() if getattr(found, flag)],
    )


@bp.get("/accounts")
@requires(*READERS)
def accounts() -> ResponseReturnValue:
    """Every sub-account that was met, and who stands behind it."""
    team_ids = reader_teams()
    return render_template(
        "chats/accounts.html",
        accounts=[each for each in queries.accounts(team_ids) if each.name],
        people=page_queries.colleagues(team_ids),
    )


@bp.post("/accounts")
@requires(*READERS)
def assign() -> ResponseReturnValue:
    """Say who stands behind sub-accounts: those whose fields the form has."""
    team_ids = viewer().team_ids(*READERS)
    known = {each.id: each for each in queries.accounts(team_ids)}
    people = {(each.team_id, each.id) for each in page_queries.colleagues(team_ids)}
    changed = 0
    with transaction():
        for key, value in request.form.items():
            account = known.get(id_of(key.removeprefix("person-")) or 0)
            person_id = id_of(value)
            if account is None or not key.startswith("person-"):
                continue
            if value and (account.team_id, person_id) not in people | {
                (account.team_id, account.person_id)
            }:
                continue
            if person_id != account.person_id:
                staff_of_or_404(account.team_id, *READERS)
                service.assign(account.id, person_id, team_id=account.team_id)
                changed += 1
    flash(_("记下了 %(n)s 个账号是谁。", n=changed) if changed else _("没有改动。"), "passed")
    return redirect(url_for("chats.accounts"))
