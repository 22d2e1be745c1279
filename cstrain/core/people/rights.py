"""Who may do what to whom. Pure rules on roles by team; everything not allowed here is denied.

Ranks go trainee, trainer, manager, administrator. Trainers look after trainees, managers also
after trainers, administrators after everybody. What touches the whole person, such as a new
password, also asks about every other team in which the person has a rank: a trainer in one shop
must not take over the account of a manager of another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cstrain.core.people.access import Role

Roles = Mapping[int, Collection[Role]]

RANKS = (Role.TRAINEE, Role.TRAINER, Role.MANAGER, Role.ADMINISTRATOR)


def rank(roles: Collection[Role]) -> int:
    """The place of the highest role in ``RANKS``; -1 without roles."""
    return max((RANKS.index(role) for role in roles), default=-1)


def may_give(actor: Roles, team_id: int, role: Role, *, floor: Role = Role.TRAINER) -> bool:
    """Whether the actor may bring somebody into the team in this role, or end it.

    Args:
        actor: The actor's roles.
        team_id: The team.
        role: The role to give or end.
        floor: The lowest role that may do it at all.
    """
    held = rank(actor.get(team_id, ()))
    if held < RANKS.index(floor):
        return False
    return held == len(RANKS) - 1 or held > RANKS.index(role)


def may_manage(actor: Roles, target: Roles, *, floor: Role = Role.TRAINER) -> bool:
    """Whether the actor may change the account of a person with these roles.

    Args:
        actor: The actor's roles.
        target: The person's roles everywhere, or, for somebody who has left, the last ones.
        floor: The lowest role that may do it at all.
    """
    shared = [team_id for team_id in target if rank(actor.get(team_id, ())) >= RANKS.index(floor)]
    if not shared:
        return False
    return all(
        may_give(actor, team_id, role, floor=floor)
        for team_id, roles in target.items()
        for role in roles
        if role is not Role.TRAINEE or team_id in shared
    )


def givable(actor: Roles, team_id: int, *, floor: Role = Role.TRAINER) -> tuple[Role, ...]:
    """The roles the actor may give in a team."""
    return tuple(role for role in RANKS if may_give(actor, team_id, role, floor=floor))
