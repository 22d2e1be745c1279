"""What a certificate says on a day. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

#: A certificate that ends within so many days, today included, is due for renewal.
DUE_DAYS = 7


class Status(StrEnum):
    """What a certificate is worth on a day."""

    VALID = "valid"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


def status_on(day: date, *, state: str, valid_until_on: date) -> Status:
    """The status on a day. Revoked and suspended weigh more than expired."""
    if state in {Status.REVOKED, Status.SUSPENDED}:
        return Status(state)
    return Status.VALID if day <= valid_until_on else Status.EXPIRED


def is_due(day: date, valid_until_on: date) -> bool:
    """Whether a certificate that is good today ends within ``DUE_DAYS``, today included."""
    return day <= valid_until_on < day + timedelta(days=DUE_DAYS)


def masked(name: str) -> str:
    """A name for strangers: the first character, 林**. The stars do not tell its length."""
    return f"{name.strip()[:1]}**"


def both(texts: Mapping[str, str]) -> tuple[str, str]:
    """Chinese and English of a title, for a document in two languages."""
    chinese = texts.get("zh", "")
    return chinese, texts.get("en") or chinese
