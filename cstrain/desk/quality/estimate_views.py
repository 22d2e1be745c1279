"""The page of estimates: what the chats that were looked at tell of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active
from cstrain.core.people.access import requires, team_as, viewer
from cstrain.core.review.blind import MARKERS
from cstrain.desk.quality import estimate_queries
from cstrain.desk.quality.estimate_queries import Agent
from cstrain.desk.quality.estimates import Estimate, bands
from cstrain.desk.quality.plan_file import of_catalogue
from cstrain.desk.quality.views import bp
from cstrain.kit.clock import local_day, utc_now
from cstrain.kit.i18n import pick

DAYS: Final = (30, 90)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent with what is estimated; None while nothing is marked."""

    agent: Agent
    estimate: Estimate | None


@bp.get("/estimates")
@requires(*MARKERS)
def estimates() -> ResponseReturnValue:
    """Team and agents: a score with its interval, and who can be told apart at all."""
    team = team_as(request.args.get("team", type=int), *MARKERS)
    asked = request.args.get("days", type=int)
    days = asked if asked in DAYS else DAYS[0]
    since = local_day(utc_now(), team.timezone) - timedelta(days=days)
    plans = estimate_queries.drawings(team.id, since=since)
    wanted = request.args.get("plan", "")
    chosen = next((each for each in plans if each.slug == wanted), plans[0] if plans else None)
    chats = estimate_queries.drawn(chosen.draw_ids, me=viewer().id) if chosen else []
    agents = estimate_queries.agents(team.id, chosen) if chosen else []
    rows = {
        str(each.id): AgentRow(
            each,
            estimate_queries.estimate(
                [chat for chat in chats if chat.person_id == each.id], each.chat_count
            ),
        )
        for each in agents
    }
    marked = [row for row in rows.values() if row.estimate is not None]
    told = {
        key: row.estimate
        for key, row in rows.items()
        if row.estimate is not None and row.estimate.interval is not None
    }
    return render_template(
        "quality/estimates.html",
        team=team,
        teams=viewer().teams_as(*MARKERS),
        days=days,
        all_days=DAYS,
        plans=plans,
        chosen=chosen,
        titles={
            slug: pick(each.title)
            for slug, each in of_catalogue(active.for_team(team.slug)).items()
        },
        whole=estimate_queries.estimate(chats, chosen.frame_count) if chosen else None,
        is_in_turn=any(each.seen and each.seen.is_in_turn for each in chats),
        waiting_count=sum(each.seen is None for each in chats),
        groups=[
            sorted((rows[key] for key in group), key=lambda row: row.agent.name)
            for group in bands(told)
        ],
        marked=marked,
        vague=[row for row in marked if row.estimate and row.estimate.interval is None],
        unseen=[row.agent for row in rows.values() if row.estimate is None],
    )
