"""Tamper evidence: what was kept is unchanged, erased by somebody, or broken."""

from __future__ import annotations

import pytest
from flask import Flask

from cstrain.kit import chain
from cstrain.kit.chain import EMPTY, Check, Link, LinkKind, State, commitment, rolled
from cstrain.kit.db import transaction
from tests.plugins.shop import NOW

SALT = b"s" * chain.SALT_BYTES
ROWS = {number: f"row {number}".encode() for number in range(1, 7)}
KEPT = {number: commitment(SALT, row) for number, row in ROWS.items()}


def roll_of(*numbers: int) -> bytes:
    roll = EMPTY
    for number in numbers:
        roll = rolled(roll, KEPT[number])
    return roll


def made_link(number: int, kind: LinkKind, roll: bytes, count: int, previous: bytes) -> Link:
    link = Link(
        chain="c",
        number=number,
        kind=kind.value,
        subject=f"import {number}",
        row_count=count,
        roll=roll,
        previous=previous,
        at=NOW,
    )
    link.digest = chain.link_digest(link)
    return link


@pytest.fixture
def links() -> list[Link]:
    """Two files of three rows each."""
    first = made_link(1, LinkKind.ROWS, roll_of(1, 2, 3), 3, EMPTY)
    return [first, made_link(2, LinkKind.ROWS, roll_of(4, 5, 6), 3, first.digest)]


def states(
    links: list[Link],
    *,
    changed: int = 0,
    missing: int = 0,
    erased: int = 0,
    by: int | None = None,
) -> list[State]:
    check = Check(links)
    for number, row in ROWS.items():
        if number == missing:
            continue
        is_erased = number == erased
        check.add(
            number,
            1 if number <= 3 else 2,
            KEPT[number],
            salt=None if is_erased else SALT,
            row=None if is_erased else b"other" if number == changed else row,
            erased_by=by if is_erased else None,
        )
    return [verdict.state for verdict in check.verdicts()]


def test_what_nobody_touched_is_intact(links: list[Link]) -> None:
    assert states(links) == [State.INTACT, State.INTACT]


def test_a_changed_row_breaks_its_link_alone_and_is_named(links: list[Link]) -> None:
    assert states(links, changed=5) == [State.INTACT, State.BROKEN]


def test_a_missing_row_breaks_its_link(links: list[Link]) -> None:
    assert states(links, missing=2) == [State.BROKEN, State.INTACT]


def test_a_row_erased_by_a_link_is_erased_and_not_broken(links: list[Link]) -> None:
    links.append(made_link(3, LinkKind.ERASURE, roll_of(2), 1, links[-1].digest))

    assert states(links, erased=2, by=3) == [State.ERASED, State.INTACT, State.INTACT]


def test_a_row_erased_without_a_link_of_it_is_broken(links: list[Link]) -> None:
    assert states(links, erased=2, by=3) == [State.BROKEN, State.INTACT]
    links.append(made_link(3, LinkKind.ERASURE, roll_of(1), 1, links[-1].digest))
    assert states(links, erased=2, by=3)[2] is State.BROKEN


def test_a_link_that_was_rewritten_or_taken_out_is_broken(links: list[Link]) -> None:
    links[1].subject = "import 9"
    assert states(links) == [State.INTACT, State.BROKEN]
    del links[0]
    assert states(links)[-1] is State.BROKEN


def test_a_row_that_came_in_with_no_link_is_a_stranger(links: list[Link]) -> None:
    check = Check(links)

    check.add(7, 9, KEPT[1], salt=SALT, row=ROWS[1], erased_by=None)

    assert check.strangers == [7]


def test_links_are_numbered_by_chain_and_hold_the_one_before(app: Flask) -> None:
    with app.app_context(), transaction():
        for name in ("a", "b", "a"):
            chain.append(name, LinkKind.ROWS, "file", row_count=0, roll=EMPTY, now=NOW)

    with app.app_context():
        found = chain.links("a")
        assert [link.number for link in found] == [1, 2]
        assert found[1].previous == found[0].digest
        assert [each.state for each in Check(found).verdicts()] == [State.INTACT, State.INTACT]
        assert chain.exported_head("a")["digest"] == found[1].digest.hex()
        assert chain.exported_head("c")["number"] == 0
