"""Who may do what to whom."""

from __future__ import annotations

import pytest

from cstrain.core.people.access import Role
from cstrain.core.people.rights import Roles, givable, may_give, may_manage

TRAINEE, TRAINER, MANAGER, ADMINISTRATOR = Role


@pytest.mark.parametrize(
    ("held", "given"),
    [
        ((), ()),
        ((TRAINEE,), ()),
        ((TRAINER,), (TRAINEE,)),
        ((MANAGER,), (TRAINEE, TRAINER)),
        ((TRAINEE, MANAGER), (TRAINEE, TRAINER)),
        ((ADMINISTRATOR,), (TRAINEE, TRAINER, MANAGER, ADMINISTRATOR)),
    ],
)
def test_one_gives_roles_below_ones_own(held: tuple[Role, ...], given: tuple[Role, ...]) -> None:
    assert givable({1: held}, 1) == given


def test_a_role_in_one_team_gives_nothing_in_another() -> None:
    assert not may_give({1: {ADMINISTRATOR}}, 2, TRAINEE)


def test_a_floor_keeps_lower_roles_out() -> None:
    assert not may_give({1: {TRAINER}}, 1, TRAINEE, floor=MANAGER)


@pytest.mark.parametrize(
    ("actor", "target", "may"),
    [
        ({1: {TRAINER}}, {1: {TRAINEE}}, True),
        ({1: {TRAINER}}, {1: {TRAINER}}, False),
        ({1: {TRAINER}}, {2: {TRAINEE}}, False),
        ({1: {TRAINER}}, {}, False),
        ({1: {TRAINEE}}, {1: {TRAINEE}}, False),
        ({1: {MANAGER}}, {1: {TRAINER}}, True),
        ({1: {MANAGER}}, {1: {MANAGER}}, False),
        ({1: {ADMINISTRATOR}}, {1: {ADMINISTRATOR}}, True),
        # A trainee of two shops is looked after by either.
        ({1: {TRAINER}}, {1: {TRAINEE}, 2: {TRAINEE}}, True),
        # But nobody takes over an account that is worth more elsewhere.
        ({1: {TRAINER}}, {1: {TRAINEE}, 2: {MANAGER}}, False),
        ({1: {ADMINISTRATOR}}, {1: {TRAINEE}, 2: {TRAINER}}, False),
        ({1: {TRAINER}, 2: {MANAGER}}, {1: {TRAINEE}, 2: {TRAINER}}, True),
    ],
)
def test_an_account_is_managed_by_those_above_it_everywhere(
    actor: Roles, target: Roles, may: bool
) -> None:
    assert may_manage(actor, target) is may
