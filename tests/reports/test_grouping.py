"""A record's evidence by stage and kind: by hand, one pathway of two stages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from markupsafe import Markup

from cstrain.reports.evidence import Shown
from cstrain.reports.grouping import What, grouped
from cstrain.reports.record import Path, StageLine
from tests.plugins.shop import NOW


def day(number: float) -> timedelta:
    return timedelta(days=number)


def row(activity: str, at: float, *, source: str = "attempt", enrolment: int | None = 1) -> Shown:
    return Shown(
        title=activity,
        activity=activity,
        enrolment_id=enrolment,
        source_kind=source,
        score=1.0,
        account=Markup(),
        url=None,
        by_name="",
        is_superseded=False,
        at=NOW + day(at),
    )


def stage(slug: str, entered: float, since: float, cycle: int = 1) -> StageLine:
    return StageLine(slug, slug, cycle, "passed", NOW + day(entered), NOW + day(since), None, 0)


@pytest.fixture
def path() -> Path:
    """Entered on day 0, the first gate passed on day 2, the second on day 5."""
    return Path(
        enrolment_id=1,
        title="路",
        team_name="店",
        state="completed",
        started_at=NOW,
        ended_at=NOW + day(5),
        stages=[stage("basic", 0, 2), stage("live", 2, 5)],
        learn=frozenset({"lesson"}),
        exams=frozenset({"exam", "live-exam"}),
    )


def test_rows_stand_under_the_stage_of_their_time_and_there_by_what_they_are(path: Path) -> None:
    rows = [
        row("typing", 9),
        row("sign-off:live", 5, source="sign_off"),
        row("live-exam", 4),
        row("lesson", 3),
        row("exam", 2),  # it passed the gate, and the next stage was entered in this moment
        row("typing", 1),
        row("lesson", 0),
    ]

    after, live, basic = grouped(rows, [path])

    assert (after.stage_title, after.path_title, list(after.rows)) == ("", "路", [What.PRACTICE])
    assert (live.stage_title, live.count) == ("live", 3)
    assert [(what, [each.activity for each in part]) for what, part in live.parts] == [
        (What.EXAM, ["sign-off:live", "live-exam"]),
        (What.LESSON, ["lesson"]),
    ]
    assert [what for what, _part in basic.parts] == [What.EXAM, What.PRACTICE, What.LESSON]
    assert basic.newest.activity == "exam"


def test_a_second_round_is_a_group_of_its_own_and_so_is_what_belongs_to_no_path(
    path: Path,
) -> None:
    path.state = "active"
    path.stages.append(stage("basic", 20, 20, cycle=2))
    rows = [row("exam", 21), row("imported", 20.5, enrolment=None), row("exam", 1)]

    found = grouped(rows, [path])

    assert [(each.stage_title, each.path_title, each.cycle) for each in found] == [
        ("basic", "路", 2),
        ("", "", 0),
        ("basic", "路", 1),
    ]
    assert list(found[1].rows) == [What.PRACTICE]
