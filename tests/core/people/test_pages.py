"""Pages about people: who sees whom, and what the buttons do."""

from __future__ import annotations

import pytest

from cstrain.core.people.access import Role
from tests.plugins.shop import MakePerson, MakeTeam, SignIn

STAFF_PAGES = [
    "/people",
    "/people/add",
    "/people/import",
    "/people/import/template.xlsx",
    "/people/invitations",
]


@pytest.mark.parametrize("path", STAFF_PAGES)
@pytest.mark.parametrize("role", [Role.TRAINER, Role.MANAGER, Role.ADMINISTRATOR])
def test_staff_reach_their_pages(
    path: str, role: Role, make_person: MakePerson, sign_in: SignIn
) -> None:
    answer = sign_in(make_person(role)).get(path)

    assert answer.status_code == 200


@pytest.mark.parametrize("path", [*STAFF_PAGES, "/teams", "/teams/new"])
def test_trainees_do_not(path: str, make_person: MakePerson, sign_in: SignIn) -> None:
    answer = sign_in(make_person()).get(path)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "method_path",
    [
        "GET /people/{id}",
        "GET /people/{id}/edit",
        "POST /people/{id}/edit",
        "POST /people/{id}/password",
        "POST /people/{id}/leave",
        "POST /people/{id}/undo-leave",
        "POST /people/{id}/rehire",
        "POST /people/{id}/roles",
        "POST /people/{id}/roles/end",
        "POST /people/{id}/transfer",
        "POST /people/{id}/batch/{team}",
        "POST /people/{id}/extra-time",
        "POST /people/{id}/erase",
    ],
)
def test_people_of_another_team_are_not_found(
    method_path: str, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    other = make_team("别家店")
    foreign = make_person(team=other)
    mine = make_person(Role.ADMINISTRATOR)
    method, path = method_path.split()

    answer = sign_in(mine).open(path.format(id=foreign.id, team=other.id), method=method)

    assert answer.status_code == 404
