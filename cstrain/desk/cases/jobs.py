"""The duties that send case documents and remind those who are late."""

from __future__ import annotations

from datetime import datetime

from cstrain.desk.cases import documents, service
from cstrain.kit import duties
from cstrain.kit.db import transaction


@duties.daily(documents.SENT_AT_HOUR, name="cases.send_documents")
def send_documents(now: datetime) -> None:
    """Send the case documents that are due by the teams' rules."""
    with transaction():
        documents.send_due(now=now)


@duties.daily(9, name="cases.tell_overdue")
def tell_overdue(now: datetime) -> None:
    """Tell people in the morning what they should have read by last night."""
    with transaction():
        service.tell_overdue(now=now)
