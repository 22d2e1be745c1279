"""The duties of the inbox, after every wake-up and every minute: deliver, and clear away."""

from __future__ import annotations

from datetime import datetime

from cstrain.kit import duties
from cstrain.kit.db import transaction
from cstrain.notices import queries, service


@duties.every(1, name="notices.deliver", on_wake=True)
def deliver_outbox(now: datetime) -> None:
    """Deliver everything that waits, in short transactions."""
    delivered = service.BATCH
    while delivered == service.BATCH:
        with transaction():
            delivered = service.deliver(now=now)


@duties.every(1, name="notices.settle", on_wake=True)
def clear_settled(now: datetime) -> None:
    """Take requests that somebody has settled off everybody else's bell.

    It looks outside of a transaction: most often there is nothing, and nobody waits for it.
    """
    while settled := queries.settled_unread(service.BATCH):
        with transaction():
            service.settle(settled, now=now)
