"""Who wrote a row of a table, where a column of names says so: told by the other columns. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cstrain.desk.chats.importers import names
from cstrain.desk.chats.importers.cast import roles_of
from cstrain.desk.chats.importers.roles import WORDS_OF_ROLES
from cstrain.desk.chats.message import Role


class Sides(NamedTuple):
    """Names that nothing tells.

    Attributes:
        guessed: Such names of the first rows, the most frequent first → role, for a person to
            confirm; empty where nothing was guessed.
        others: The role of such names further on; None to go by the other columns alone.
    """

    guessed: Mapping[str, Role]
    others: Role | None


def told(value: str, buyer: str, account: str, receiver: str = "") -> Role | None:
    """Who a name is by the row it stands in, or a word by what it means; None where neither tells.

    Args:
        value: Who wrote.
        buyer: The row's buyer; empty where it tells none.
        account: The row's agent; empty where it tells none.
        receiver: To whom it was written; empty where that is not told.
    """
    if not value:
        return None
    name = names.split(value)
    if value == buyer or (buyer and name.account == names.split(buyer).account):
        return Role.BUYER
    if name.is_of_shop or names.is_robot(value):
        return Role.AGENT
    if receiver and names.split(receiver).is_of_shop:
        return Role.BUYER
    if account and name.account == names.split(account).account:
        return Role.AGENT
    return word(value)


def word(value: str) -> Role | None:
    """The role that a word means; None for a name, or a letter that may stand for one."""
    value = value.strip().casefold()
    return WORDS_OF_ROLES.get(value) if len(value) > 1 else None


def are_named(
    headings: Sequence[str], columns: Mapping[str, str], rows: Sequence[Sequence[str]]
) -> bool:
    """Whether a row's sender is often its buyer or agent by name.

    Args:
        headings: In the order of the rows' cells.
        columns: Field → heading.
        rows: The first rows.
    """
    place = {key: headings.index(each) for key, each in columns.items() if each in headings}
    beside = [place[key] for key in ("buyer", "account") if key in place]
    whole = [row for row in rows if len(row) > max(place.values())]
    named = sum(
        names.split(row[place["sender"]]).account
        in {names.split(row[at]).account for at in beside} - {""}
        for row in whole
    )
    return named * 2 > len(whole)


def find(
    headings: Sequence[str], columns: Mapping[str, str], rows: Sequence[Sequence[str]]
) -> Sides:
    """Which names of the first rows nothing tells, and who they and others like them are.

    Args:
        headings: In the order of the rows' cells.
        columns: Field → heading.
        rows: The first rows, at best some hundred.
    """
    place = {key: headings.index(each) for key, each in columns.items() if each in headings}
    found: set[Role] = set()
    heard: dict[str, list[str]] = {}
    beside: dict[str, set[str]] = {}
    for row in rows:

        def cell(key: str, row: Sequence[str] = row) -> str:
            at = place.get(key, len(row))
            return row[at].strip() if at < len(row) else ""

        value = cell("sender")
        if not value:
            continue
        role = told(value, cell("buyer"), cell("account"), cell("receiver"))
        if role is not None:
            found.add(role)
            continue
        heard.setdefault(value, []).append(cell("text"))
        beside.setdefault(value, set()).add(cell("buyer"))
    if not heard:
        return Sides({}, None)
    roles = _roles(found, heard, beside)
    if Role.BUYER in found and "buyer" in place and "account" not in place:
        return Sides({}, Role.AGENT)  # whoever is not the row's buyer answers them
    if found & {Role.BUYER, Role.AGENT} == {Role.AGENT} and "buyer" not in place:
        return Sides({}, Role.BUYER)  # who writes with an account of the shop is known
    others = Role.AGENT if Role.BUYER in found or len(heard) == 1 else Role.BUYER
    ordered = sorted(roles, key=lambda name: -len(heard[name]))
    return Sides({name: roles[name] for name in ordered}, others)


def _roles(
    found: set[Role], heard: Mapping[str, Sequence[str]], beside: Mapping[str, set[str]]
) -> dict[str, Role]:
    """A guess: the side that nobody is on yet, else who serves several buyers, else by speech."""
    if Role.BUYER in found:
        return dict.fromkeys(heard, Role.AGENT)
    if Role.AGENT in found:
        return dict.fromkeys(heard, Role.BUYER)
    if len(heard) == 1:
        return dict.fromkeys(heard, Role.AGENT)
    serving = {name for name, buyers in beside.items() if len(buyers) > 1}
    if serving and len(serving) < len(heard):
        return {name: Role.AGENT if name in serving else Role.BUYER for name in heard}
    return roles_of(list(heard), {}, heard)[0]
