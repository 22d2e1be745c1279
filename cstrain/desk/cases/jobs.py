"""The duty that reminds those who are late."""

from __future__ import annotations

from datetime import datetime

from cstrain.desk.cases import service
from cstrain.kit import duties
from cstrain.kit.db import transaction


@duties.daily(9, name="cases.tell_overdue")
def tell_overdue(now: datetime) -> None:
    """Tell people in the morning what they should have read by last night."""
    with transaction():
        service.tell_overdue(now=now)
