"""Which shop's content a page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.people.access import Role, TeamRef, viewer
from cstrain.kit.errors import NotFoundError

#: Who may replace a shop's FAQ, replies, products and words.
MAY_CHANGE = (Role.TRAINER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop that is looked at.

    Attributes:
        team: None for somebody in no team.
        teams: What there is to choose from; empty where there is no choice.
        kept: What addresses of the page keep.
        may_change: Whether the viewer may replace its words.
    """

    catalogue: Catalogue
    team: TeamRef | None
    teams: Sequence[TeamRef]
    kept: Mapping[str, int]
    may_change: bool = False


def chosen() -> Shop:
    """The viewer's shop that ``?team=`` names, the first one without it.

    Raises:
        NotFoundError: For a team the viewer is not in.
    """
    teams = viewer().teams
    wanted = request.args.get("team", type=int)
    if wanted is not None and wanted not in teams:
        raise NotFoundError
    team = teams[wanted] if wanted is not None else next(iter(teams.values()), None)
    return Shop(
        catalogue=active.for_team(team.slug if team else None),
        team=team,
        teams=list(teams.values()) if len(teams) > 1 else [],
        kept={"team": wanted} if wanted is not None else {},
        may_change=team is not None and team.id in viewer().team_ids(*MAY_CHANGE),
    )
