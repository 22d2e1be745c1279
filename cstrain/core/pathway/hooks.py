"""Where other slices take part in what pathways do. They register while the app is wired.

    hooks.on_unmarked.register(ask)        # def ask(unmarked: Unmarked) -> Asked | None
    hooks.queue_parts.register(part)       # def part() -> Markup
    hooks.queue_actions.register(action)   # def action() -> Markup: a button at the queue's head
    hooks.on_attempt.register(offer)       # def offer(attempt: AttemptView) -> Markup | str
    hooks.unseen.register(unseen)          # def unseen() -> frozenset[int]: ids of evidence
    hooks.duty_notes.register(note)        # def note(page: PersonPage) -> Markup | str

The first runs inside the transaction that closes an attempt and must not commit; an error in it
undoes the whole. A part or an action that has nothing to show gives an empty text. What is offered
beside a closed attempt is shown to those who look after the trainee. What is unseen is evidence
whose score the viewer must not read yet; findings that rest on it do not tell theirs. A note is a
list item beside somebody's certificates, for who decides whether the person goes on serving.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from cstrain.core.catalogue.kinds import ActivityKind, AttemptView
from cstrain.core.evidence.outcome import Outcome
from cstrain.core.people.hooks import Hook
from cstrain.core.people.person_page import PersonPage


@dataclass(frozen=True, slots=True)
class Unmarked:
    """An attempt whose outcome has no score, before it is kept."""

    attempt: AttemptView
    kind: ActivityKind
    outcome: Outcome
    now: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be kept of it.

    Attributes:
        outcome: The outcome as it is, or marked already.
        keep: Called with the id of its evidence.
    """

    outcome: Outcome
    keep: Callable[[int], None]


on_unmarked: Hook[Callable[[Unmarked], Asked | None]] = Hook()
queue_parts: Hook[Callable[[], Markup]] = Hook()
queue_actions: Hook[Callable[[], Markup]] = Hook()
on_attempt: Hook[Callable[[AttemptView], Markup | str]] = Hook()
unseen: Hook[Callable[[], frozenset[int]]] = Hook()
duty_notes: Hook[Callable[[PersonPage], Markup | str]] = Hook()


def asked(unmarked: Unmarked) -> Asked | None:
    """What the first slice that knows what to do wants kept; None when none does."""
    return next(filter(None, (ask(unmarked) for ask in on_unmarked)), None)
