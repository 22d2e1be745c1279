"""Closing attempts whose time is over: what was saved is judged though nobody comes back."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from cstrain.core.pathway import attempts
from cstrain.kit import duties
from cstrain.kit.db import transaction
from cstrain.kit.errors import ConflictError

log = logging.getLogger(__name__)

#: How long after its deadline an attempt still takes what was given in time but travelled slowly.
GRACE_S = 15


def close_overdue(attempt_id: int, *, now: datetime) -> bool:
    """Close an attempt whose deadline and grace are over, in a transaction of its own.

    Returns:
        Whether this call closed it; False when it is not over, or somebody else was first.
    """
    attempt = attempts.get(attempt_id)
    if not attempt.is_open or not is_over(attempt.deadline_at, now):
        return False
    try:
        with transaction():
            attempts.close(attempt_id, by=None, now=now)
    except ConflictError:
        return False
    return True


def is_over(deadline_at: datetime | None, now: datetime) -> bool:
    """Whether a deadline and its grace are over."""
    return deadline_at is not None and now > deadline_at + timedelta(seconds=GRACE_S)


@duties.every(1)
def sweep(now: datetime) -> int:
    """Close every overdue attempt; gives how many. One that cannot be closed stops no other.

    Raises:
        ExceptionGroup: If some could not be closed, after all others are.
    """
    closed_count = 0
    failures: list[Exception] = []
    for attempt_id in attempts.overdue(now, grace_s=GRACE_S):
        try:
            closed_count += close_overdue(attempt_id, now=now)
        except Exception as error:
            log.exception("attempt %s cannot be closed", attempt_id)
            failures.append(error)
    if failures:
        raise ExceptionGroup("overdue attempts that cannot be closed", failures)
    return closed_count
