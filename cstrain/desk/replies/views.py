"""The page of ready answers."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import fold
from cstrain.core.people.access import requires, viewer
from cstrain.desk.replies.faq import FaqEntry, files_of
from cstrain.kit.errors import NotFoundError

bp = Blueprint("faq", __name__, template_folder="templates")


@bp.get("/faq")
@requires()
def index() -> ResponseReturnValue:
    """All entries of the viewer's shop, narrowed by ``?class=``, ``?q=`` and ``?team=``.

    Raises:
        NotFoundError: For a team the viewer is not in.
    """
    teams = viewer().teams
    wanted = request.args.get("team", type=int)
    if wanted is not None and wanted not in teams:
        raise NotFoundError
    team = teams[wanted] if wanted is not None else next(iter(teams.values()), None)
    files = files_of(active.for_team(team.slug if team else None))
    query = request.args.get("q", "").strip()[:60]
    chosen = request.args.get("class", "")
    chosen = chosen if chosen in {file.slug for file in files} else ""
    shown = [
        (file, entries)
        for file in files
        if chosen in {"", file.slug}
        and (entries := [entry for entry in file.entries if _matches(entry, query)])
    ]
    return render_template(
        "replies/faq.html",
        files=files,
        shown=shown,
        chosen=chosen,
        query=query,
        teams=list(teams.values()) if len(teams) > 1 else [],
        team=team,
        kept={"team": wanted} if wanted is not None else {},
    )


def _matches(entry: FaqEntry, query: str) -> bool:
    text = fold("\n".join((entry.question, entry.answer, *entry.aliases)))
    return all(word in text for word in fold(query).split())
