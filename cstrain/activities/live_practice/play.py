"""All customers of a session at once: who comes, what they say, until when. Pure.

The same seats, lines and times give the same talk, however often the clock is looked at between
them: the play goes from one event to the next, the earliest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cstrain.activities.live_practice import arrivals, customer, person
from cstrain.activities.live_practice.condition import Condition, Event, Said
from cstrain.activities.live_practice.scenario import Ending, Scenario
from cstrain.plugin import forbidden_words


@dataclass(slots=True)
class Guest:
    """A customer who has come.

    Attributes:
        id: The row; 0 until it is kept.
        actions: What was done to the order: [code, parameters, words].
        is_changed: Whether the row is to be written.
    """

    seat: int
    scenario: Scenario
    seed: int
    arrived_ms: int
    condition: Condition
    id: int = 0
    gone_ms: int | None = None
    waiting_since_ms: int | None = None
    last_ms: int = 0
    next_ms: int | None = None
    actions: list[Any] = field(default_factory=list)
    is_changed: bool = True
    has_spoken: bool = True

    @property
    def ending(self) -> Ending | None:
        """How it ends, once that is decided; the customer may still say goodbye."""
        return self.scenario.endings.get(self.condition.state)


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to be kept."""

    guest: Guest
    at_ms: int
    role: str
    kind: str
    text: str
    picture: str | None = None
    key: str | None = None
    mark: Mapping[str, Any] | None = None
    origin: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Desk:
    """The reception of one session.

    Attributes:
        seats: Who comes, in order.
        guests: Who has come, in the order of their seats.
        scenarios: By slug, as they were drawn.
        auto_reply: What the shop says by itself at a customer's first line; empty for nothing.
        is_played: Whether a person says what the customer says.
        lines: What was said and done since the desk was opened, in order of time.
    """

    seats: Sequence[arrivals.Seat]
    at_once: int
    guests: list[Guest]
    scenarios: Mapping[str, Scenario]
    auto_reply: str = ""
    is_played: bool = False
    lines: list[NewLine] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether all have come and gone."""
        return len(self.guests) == len(self.seats) and all(
            guest.gone_ms is not None for guest in self.guests
        )

    @property
    def latest_ms(self) -> int:
        """Nothing can happen before this any more."""
        return max((guest.last_ms for guest in self.guests), default=0)

    def next_ms(self) -> int | None:
        """When something happens if the agent stays silent."""
        times = [guest.next_ms for guest in self._open() if guest.next_ms is not None]
        if (comes := self._next_arrival_ms()) is not None:
            times.append(comes)
        return min(times, default=None)

    def play(self, until_ms: int) -> None:
        """Let everything happen that happens by itself up to a time."""
        while True:
            comes = self._next_arrival_ms()
            soonest = min(
                (guest for guest in self._open() if guest.next_ms is not None),
                key=lambda guest: (guest.next_ms or 0, guest.seat),
                default=None,
            )
            at = soonest.next_ms if soonest is not None else None
            if comes is not None and comes <= until_ms and (at is None or comes <= at):
                self._arrive(comes)
            elif soonest is not None and at is not None and at <= until_ms:
                self._advance(soonest, at)
            else:
                return

    def hear(
        self,
        guest: Guest,
        event: Event,
        forbidden: Sequence[forbidden_words.Word],
        line: Mapping[str, Any],
    ) -> None:
        """Take in what the agent said or did; everything before it has happened already.

        Args:
            guest: To whom; still there.
            event: What, and when.
            forbidden: The shop's forbidden words.
            line: Text, key and origin of the line to be kept.
        """
        said: Sequence[Said] = ()
        if self.is_played:
            guest.condition, mark = person.hear(guest.scenario, guest.condition, event, forbidden)
        else:
            guest.condition, said, mark = customer.hear(
                guest.scenario, guest.seed, guest.condition, event, words=forbidden
            )
        self.lines.append(NewLine(guest, event.at_ms, "agent", mark=mark.to_json(), **line))
        if event.kind != "action":
            guest.waiting_since_ms = None
        guest.last_ms = max(guest.last_ms, event.at_ms)
        self._take(guest, said)

    def _open(self) -> Iterable[Guest]:
        return (guest for guest in self.guests if guest.gone_ms is None)

    def _next_arrival_ms(self) -> int | None:
        stays = [(guest.arrived_ms, guest.gone_ms) for guest in self.guests]
        return arrivals.next_arrival_ms(self.seats, stays, at_once=self.at_once)

    def _arrive(self, at_ms: int) -> None:
        place = len(self.guests)
        seat = self.seats[place]
        scenario = self.scenarios[seat.scenario]
        condition = customer.begin(scenario, seat.seed, at_ms=at_ms)
        guest = Guest(place, scenario, seat.seed, at_ms, condition, last_ms=at_ms, has_spoken=False)
        self.guests.append(guest)
        self._take(guest, ())

    def _advance(self, guest: Guest, until_ms: int) -> None:
        guest.condition, said = customer.advance(
            guest.scenario, guest.seed, guest.condition, until_ms=until_ms
        )
        guest.last_ms = until_ms
        self._take(guest, said)

    def _take(self, guest: Guest, said: Sequence[Said]) -> None:
        """Note what a customer said, and whether that was the end."""
        guest.is_changed = True
        for each in said:
            asks = guest.ending is None
            self.lines.append(
                NewLine(
                    guest,
                    each.at_ms,
                    "buyer",
                    each.kind,
                    each.text,
                    each.picture or None,
                    origin=None if asks else {"asks": False},
                )
            )
            if guest.waiting_since_ms is None and asks:
                guest.waiting_since_ms = each.at_ms
            if not guest.has_spoken and self.auto_reply:
                self.lines.append(NewLine(guest, each.at_ms, "auto", "text", self.auto_reply))
            guest.has_spoken = True
        guest.next_ms = customer.next_at_ms(guest.condition)
        if guest.condition.gone_ms is not None and guest.gone_ms is None:
            guest.gone_ms, guest.waiting_since_ms = guest.condition.gone_ms, None
