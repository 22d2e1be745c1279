"""Where other slices take part in what happens to people. They register while the app is wired.

    hooks.on_leave.register(hand_over)        # def hand_over(departure: Departure) -> None
    hooks.on_join.register(enrol)             # def enrol(arrival: Arrival) -> None
    hooks.person_panels.register(panel)       # def panel(page: PersonPage) -> Markup | str
    hooks.pathway_choices.register(choices)   # def choices() -> Sequence[tuple[str, str]]

The first two run inside the transaction of what happened and must not commit; an error in
one undoes the whole. A panel that has nothing to show gives an empty text or raises NotFoundError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from markupsafe import Markup

from cstrain.core.people.access import Role

if TYPE_CHECKING:
    from cstrain.core.people.person_page import PersonPage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody stops being in teams; open work there must go to others.

    Attributes:
        person_id: Who.
        team_ids: The teams that are left.
        is_transfer: Whether the person goes on in another team.
        by: Who did it; None for the command line.
        at: When.
    """

    person_id: int
    team_ids: tuple[int, ...]
    is_transfer: bool
    by: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody takes up a role in a team: newly, again, or from another team.

    Attributes:
        person_id: Who.
        team_id: Where.
        role: As what.
        by: Who did it; None for the command line.
        at: When.
        pathway: The pathway to begin there; None for the usual one, empty for none.
        is_transfer: Whether the person comes from another team.
    """

    person_id: int
    team_id: int
    role: Role
    by: int | None
    at: datetime
    pathway: str | None = None
    is_transfer: bool = False


class Hook(Generic[T]):
    """A list of functions; registering one twice does nothing."""

    def __init__(self) -> None:
        self._registered: list[T] = []

    def register(self, function: T) -> T:
        """Add a function; may be used as a decorator."""
        if function not in self._registered:
            self._registered.append(function)
        return function

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._registered))


on_leave: Hook[Callable[[Departure], None]] = Hook()
on_join: Hook[Callable[[Arrival], None]] = Hook()
person_panels: Hook[Callable[[PersonPage], Markup | str]] = Hook()
pathway_choices: Hook[Callable[[], Sequence[tuple[str, str]]]] = Hook()


def pathways() -> list[tuple[str, str]]:
    """Pathways to choose from, slug and title, as the slice that has them tells."""
    return [choice for choices in pathway_choices for choice in choices()]
