"""Who is stuck: states, patience, and whose turn it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cstrain.core.pathway.stuck import Turn, stuck
from tests.plugins.shop import NOW


@pytest.mark.parametrize(
    ("state", "in_state_h", "quiet_h", "code", "turn"),
    [
        ("help", 0, 0, "help", Turn.TRAINER),
        ("wait", 1, 0, "wait", Turn.TRAINER),
        ("repeat", 48, 48, None, None),
        ("repeat", 49, 0, "slow_repeat", Turn.TRAINEE),
        ("open", 500, 72, None, None),
        ("open", 500, 73, "idle", Turn.TRAINEE),
        ("open", 72, 500, None, None),
        ("open", 73, 500, "idle", Turn.TRAINEE),
        ("passed", 500, 500, None, None),
    ],
)
def test_stuck_by_state_and_patience(
    state: str, in_state_h: int, quiet_h: int, code: str | None, turn: Turn | None
) -> None:
    found = stuck(
        state,
        since_at=NOW - timedelta(hours=in_state_h),
        last_activity_at=NOW - timedelta(hours=quiet_h),
        now=NOW,
    )

    assert (found and found.code, found and found.turn) == (code, turn)


def test_somebody_idle_is_stuck_since_the_last_activity() -> None:
    last = NOW - timedelta(days=5)

    found = stuck("open", since_at=NOW - timedelta(days=9), last_activity_at=last, now=NOW)

    assert found is not None
    assert found.since_at == last


def test_somebody_let_into_a_stage_is_not_idle_since_the_one_before() -> None:
    long_ago = NOW - timedelta(days=9)

    assert stuck("open", since_at=NOW, last_activity_at=long_ago, now=NOW) is None
