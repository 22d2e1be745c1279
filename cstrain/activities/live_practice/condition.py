"""What goes in and out of a simulated customer, and all that it remembers. Types only.

Times are milliseconds of session time: whole numbers, pauses taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """What the agent did.

    Attributes:
        kind: ``line``, ``card`` (a product card) or ``action`` (on the order).
        text: What the customer reads; empty for an action.
        action: An ``ActionCode``.
        params: What the action says, by the codes of its fields.
        card: The number of the product on a card.
    """

    at_ms: int
    kind: str
    text: str = ""
    action: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    card: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What the customer says.

    Attributes:
        kind: ``text`` or ``picture``.
        picture: A name of ``pictures.PICTURES``; the text then stands below it.
    """

    at_ms: int
    kind: str
    text: str
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the rules say of one line or action of the agent; stored with it.

    Attributes:
        turn: ``right``, ``wrong``, ``forbidden``, ``asked`` (for something told when asked),
            ``holding``, ``greeting``, ``unclear``, or ``none`` where nothing could be judged:
            said while the customer was still writing, or after the end. What was said in a turn
            to a state is worth what its last mark that is not ``none`` says.
        turn_no: From 1; lines between two of the customer's have the same.
        state: What the customer wanted; after an interruption that may be what was broken off.
        step: One of ``scenario.STEPS``; None where the state is none of them.
        facts: Key → ``right``, ``wrong``, ``missing``: those needed, and others that were stated.
        forbidden: Forbidden words as they stand in the line.
        asked: Names of what was asked for.
        actions: Code of a needed action → ``right`` or ``wrong``.
        needs_left: What the turn still lacks: ``fact:<key>``, ``words:<number>``,
            ``action:<code>``; ``like`` where it should be like a right reply.
        mood: Afterwards, 0 to 100.
        mood_change: What this line did to it, waiting not counted.
        is_pasted: The very same line was sent before.
        is_apology: It says sorry.
        similarity: To the nearest right reply, 0 to 1; 0 where it was not asked.
        reason: A code of the matcher, or of the rule that decided.
    """

    turn: str
    turn_no: int
    state: str
    step: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    forbidden: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    actions: Mapping[str, str] = field(default_factory=dict)
    needs_left: tuple[str, ...] = ()
    mood: int = 0
    mood_change: int = 0
    is_pasted: bool = False
    is_apology: bool = False
    similarity: float = 0.0
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it is stored; what is empty is left out."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
            if value or key in {"turn", "turn_no", "state", "mood"}
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Mark:
        """As it was stored."""
        given: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in kept.items()
        }
        return cls(**given)


@dataclass(frozen=True, slots=True)
class Left:
    """Where the customer was before an interruption.

    Attributes:
        verdict: ``right`` or ``wrong`` once it has been answered in spite of it, else empty.
        branch: The number of the branch by which it was; None where it was by none.
        done_before: As in ``Condition``.
    """

    state: str
    visit_text: str
    known: tuple[str, ...]
    asked_again: bool
    verdict: str = ""
    branch: int | None = None
    done_before: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """All that the customer remembers.

    Attributes:
        at_ms: Up to where time has gone.
        begun_ms: The first line.
        next_ms: When something happens by itself; None when nothing will.
        state: The present state, or the ending that has been decided.
        visits: How often each state was entered.
        mood: 0 to 100, waiting since ``waiting_ms`` not yet counted.
        waiting_ms: Since when an answer is awaited; None when none is.
        quiet_ms: From when nudge, complaint and leaving are counted.
        quiet_phase: 0, 1 after the nudge, 2 after the complaint.
        free_ms: From when the customer could turn to something else.
        queue: What is being written, with the times at which it is sent.
        listening_ms: Until when more of an unclear answer is awaited; None when not.
        turn_no: Turns of the agent so far.
        turn_is_open: Whether the agent has said something since the customer's last line.
        turn_text: What the agent said since then.
        visit_text: What the agent said in this state.
        known: Keys of needed facts that were stated rightly in this state.
        asked_again: Whether the customer has said that an answer was unclear.
        greeted: Whether a bare greeting has been accepted in this state.
        held_count: Holding lines accepted in this state.
        told: Names of what was told when asked.
        done: Actions on the order, code and parameters.
        done_before: How many of them were done before this state was entered.
        sent: Digests of the agent's lines, to know one that is pasted again.
        left: What an interruption broke off; None outside of one.
        interrupted: Numbers of the interruptions that have been.
        is_upset: Something has gone wrong, so that an apology helps.
        was_appeased: An apology has helped already.
        gone_ms: When the customer was gone; None before.
    """

    at_ms: int
    begun_ms: int
    state: str
    mood: int
    next_ms: int | None = None
    visits: Mapping[str, int] = field(default_factory=dict)
    waiting_ms: int | None = None
    quiet_ms: int | None = None
    quiet_phase: int = 0
    free_ms: int = 0
    queue: tuple[Said, ...] = ()
    listening_ms: int | None = None
    turn_no: int = 0
    turn_is_open: bool = False
    turn_text: str = ""
    visit_text: str = ""
    known: tuple[str, ...] = ()
    asked_again: bool = False
    greeted: bool = False
    held_count: int = 0
    told: tuple[str, ...] = ()
    done: tuple[tuple[str, Mapping[str, str]], ...] = ()
    done_before: int = 0
    sent: tuple[str, ...] = ()
    left: Left | None = None
    interrupted: tuple[int, ...] = ()
    is_upset: bool = False
    was_appeased: bool = False
    gone_ms: int | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the customer has left."""
        return self.gone_ms is not None

    def to_json(self) -> dict[str, Any]:
        """As it is stored; what is empty is left out, but never a zero."""
        return {key: value for key, value in asdict(self).items() if not _is_empty(value)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Condition:
        """As it was stored."""
        given = dict(kept)
        given["queue"] = tuple(Said(**each) for each in given.get("queue", ()))
        given["done"] = tuple((code, params) for code, params in given.get("done", ()))
        if given.get("left"):
            left = given["left"]
            given["left"] = Left(**{**left, "known": tuple(left["known"])})
        for key in ("known", "told", "sent", "interrupted"):
            given[key] = tuple(given.get(key, ()))
        return cls(**given)


def _is_empty(value: object) -> bool:
    return value is None or value is False or value in ("", (), {}, [])
