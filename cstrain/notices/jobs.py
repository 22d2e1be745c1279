"""The duty that delivers the outbox: after every wake-up and every minute."""

from __future__ import annotations

from datetime import datetime

from cstrain.kit import duties
from cstrain.kit.db import transaction
from cstrain.notices import service


@duties.every(1, name="notices.deliver", on_wake=True)
def deliver_outbox(now: datetime) -> None:
    """Deliver everything that waits, in short transactions."""
    delivered = service.BATCH
    while delivered == service.BATCH:
        with transaction():
            delivered = service.deliver(now=now)
