"""Draws on a real database: frames from summaries, what is kept, and doing it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask.ctx import AppContext
from sqlalchemy import delete, select, update

from cstrain.config import shipped
from cstrain.core.catalogue.models import ContentBlob
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.desk.chats.models import ChatAccount, ChatConversation, ChatImport
from cstrain.desk.quality import chance, jobs, queries, service
from cstrain.desk.quality import frame as frames
from cstrain.desk.quality.cli import verify_draw
from cstrain.desk.quality.framing import frame_of_window
from cstrain.desk.quality.models import SampledChat, SampleDraw, SamplingActivation
from cstrain.desk.quality.plan import Plan, Window
from cstrain.desk.quality.plan_file import load
from cstrain.desk.quality.sampling import Difference
from cstrain.kit.db import db, insert_row, run, transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop, Someone

ZONE = "Asia/Shanghai"
FIRST = date(2026, 10, 20)
WINDOW = Window(FIRST, FIRST + timedelta(days=2))
SYSTEMATIC = """\
---
kind: sampling_plan
slug: every-fifth
title: {zh: 五条抽一条, en: Every fifth}
per_agent: 1
advanced:
  design: systematic
  one_in: 5
---
"""


def published(body: bytes) -> Plan:
    """A plan whose file is kept as published content is."""
    digest = digest_of(body)
    with transaction():
        if db.session.get(ContentBlob, digest) is None:
            db.session.add(ContentBlob(digest=digest, body=body))
    return load(open_source("quality/plan.md", File(digest, body), {}))


def plan_bytes() -> bytes:
    return (shipped("content") / "quality" / "every-agent.md").read_bytes()


def every_agent() -> Plan:
    return published(plan_bytes())


def account(team: Shop, name: str, person: Someone | None = None) -> int:
    with transaction():
        return insert_row(
            ChatAccount,
            {
                "team_id": team.id,
                "platform": "taobao",
                "shop": "云朵家居",
                "name": name,
                "person_id": person.id if person else None,
            },
        )


def conversations(team: Shop, account_id: int, count: int, **more: Any) -> list[int]:
    """Conversations of an account, one every minute of the window's second day from 9 o'clock."""
    began = datetime(FIRST.year, FIRST.month, FIRST.day + 1, 1, tzinfo=UTC)
    with transaction():
        import_id = insert_row(
            ChatImport,
            {
                "team_id": team.id,
                "file_name": "a.csv",
                "digest": "d",
                "total_bytes": 1,
                "settings": {},
                "roll": b"",
                "created_at": NOW,
            },
        )
        return [
            insert_row(ChatConversation, {**row_of(team, account_id, import_id), **made})
            for made in (
                {"began_at": began + timedelta(minutes=place), **more} for place in range(count)
            )
        ]


def came_later(team: Shop) -> None:
    """One more chat of the window."""
    conversations(team, db.session.scalars(select(ChatAccount.id)).first() or 0, 1)


def row_of(team: Shop, account_id: int, import_id: int) -> Mapping[str, Any]:
    return {
        "team_id": team.id,
        "account_id": account_id,
        "import_id": import_id,
        "buyer_nick": "买**",
        "day": FIRST + timedelta(days=1),
        "precision": "s",
        "buyer_count": 2,
        "agent_count": 2,
        "bot_count": 0,
        "auto_count": 0,
        "account_count": 1,
        "round_count": 1,
        "answered_count": 1,
        "late_count": 0,
        "response_s": 20.0,
        "is_unanswered": False,
        "has_forbidden": False,
        "has_refund": False,
        "has_complaint": False,
    }


def active(team: Shop, plan: Plan) -> SamplingActivation:
    with transaction():
        found = service.activate(team.id, plan, first_on=FIRST, by=None, now=NOW)
    return db.session.get_one(SamplingActivation, found.id)


def drawn(activation: int, window: Window = WINDOW, **more: Any) -> int:
    with transaction():
        return service.draw(activation, window, by=None, now=NOW, **more)


@pytest.fixture
def team(make_team: MakeTeam) -> Shop:
    return make_team()


@pytest.fixture
def filled(app_context: AppContext, team: Shop) -> Shop:
    """Three accounts with 60, 40 and 1 conversations; the second replies to half of them."""
    del app_context
    conversations(team, account(team, "小美"), 60)
    slow = account(team, "小丽")
    conversations(team, slow, 18)
    conversations(team, slow, 20, is_unanswered=True, answered_count=0)
    conversations(team, slow, 2, has_complaint=True)
    conversations(team, account(team, "小云"), 1, rating=1, late_count=2)
    return team


def test_a_frame_holds_the_conversations_of_its_days_and_team(
    filled: Shop, make_team: MakeTeam
) -> None:
    other = make_team()
    conversations(other, account(other, "小美"), 3)
    last = account(filled, "夜班")
    late = conversations(filled, last, 1, day=FIRST + timedelta(days=3))
    undated = conversations(filled, last, 1, day=None, began_at=None)  # came in on NOW's day
    edge = conversations(filled, last, 1, day=FIRST) + conversations(
        filled, last, 1, day=FIRST + timedelta(days=2)
    )

    frame = frame_of_window(filled.id, ZONE, WINDOW)

    assert len(frame) == 103
    assert set(edge) <= set(frame.ids)
    assert not set(late + undated) & set(frame.ids)
    assert list(frame.ids) == sorted(frame.ids)
    today = frame_of_window(filled.id, ZONE, Window(NOW.date(), NOW.date()))
    assert list(today.ids) == undated
    assert today.began_s == [0]


def test_a_unit_tells_what_its_summary_tells(filled: Shop) -> None:
    frame = frame_of_window(filled.id, ZONE, WINDOW)

    reasons = Counter(frame.reasons)
    assert reasons == {
        "": 60,
        "below_average": 18,
        "unanswered below_average": 20,
        "complaint below_average": 2,
        "late low_rating": 1,
    }
    assert sum(frame.after_sale) == 2
    began = datetime(FIRST.year, FIRST.month, FIRST.day + 1, 1, tzinfo=UTC)
    assert list(frame.began_s[:2]) == [began.timestamp(), began.timestamp() + 60]
    slow = frame.agents[60]
    assert frame.notes["standings"][slow] == {
        "place": "clearly_below",
        "own": [20, 40],
        "others": [61, 61],
    }


def test_an_agent_is_a_person_with_any_account_and_new_for_three_months(
    app_context: AppContext, team: Shop, make_person: MakePerson
) -> None:
    del app_context
    person = make_person(team=team)
    for name in ("小美", "小美2"):
        conversations(team, account(team, name, person), 2)
    nobody = account(team, "小丽")
    conversations(team, nobody, 1)

    frame = frame_of_window(team.id, ZONE, WINDOW)
    later = frame_of_window(team.id, ZONE, Window(date(2099, 1, 1), date(2099, 1, 3)))

    assert Counter(frame.agents) == {f"p{person.id}": 4, f"a{nobody}": 1}
    assert Counter(frame.reasons) == {"new_hire": 4, "": 1}
    assert Counter(frame.new_hire) == {True: 4, False: 1}
    assert len(later) == 0


def test_a_plan_is_drawn_and_can_be_drawn_again(filled: Shop) -> None:
    plan = every_agent()
    activation = active(filled, plan)

    draw_id = drawn(activation.id)

    row = db.session.get_one(SampleDraw, draw_id)
    assert (row.frame_count, row.state, row.number) == (101, "in_force", 1)
    assert row.seed == chance.seed_of(activation.secret, "2026-10-20/2026-10-22")
    assert activation.commitment == chance.commitment(activation.secret)
    chats = db.session.scalars(select(SampledChat)).all()
    assert sorted(Counter(each.stratum for each in chats).values()) == [3, 3, 6]
    assert sum(each.stratum == "always" for each in chats) == 3
    assert queries.verified(draw_id) == ()


def test_a_draw_can_be_checked_when_its_conversations_are_erased(filled: Shop) -> None:
    draw_id = drawn(active(filled, every_agent()).id)

    with transaction():
        run(delete(ChatConversation))

    assert queries.verified(draw_id) == ()


@pytest.mark.parametrize(
    ("values", "difference"),
    [
        ({"seed": "0"}, Difference.SEED),
        ({"frame_digest": "0"}, Difference.FRAME),
        ({"frame": b"0"}, Difference.FRAME),
        ({"number": 2}, Difference.DRAWN),
        ({"last_on": FIRST + timedelta(days=3)}, Difference.SEED),
        ({"left_over": 0.5}, Difference.LEFT_OVER),
    ],
)
def test_a_changed_record_is_seen(
    filled: Shop, values: Mapping[str, Any], difference: Difference
) -> None:
    draw_id = drawn(active(filled, every_agent()).id)

    with transaction():
        run(update(SampleDraw).values(**values))

    assert difference in queries.verified(draw_id)


def test_a_chat_taken_out_or_put_in_is_seen(filled: Shop) -> None:
    draw_id = drawn(active(filled, every_agent()).id)
    first = db.session.scalars(select(SampledChat.id)).first()

    with transaction():
        run(delete(SampledChat).where(SampledChat.id == first))

    assert queries.verified(draw_id) == (Difference.DRAWN,)


def test_another_secret_is_seen(filled: Shop) -> None:
    draw_id = drawn(active(filled, every_agent()).id)

    with transaction():
        run(update(SamplingActivation).values(secret=b"another"))

    assert queries.verified(draw_id) == (Difference.SECRET, Difference.SEED)


def test_a_changed_plan_is_seen(filled: Shop) -> None:
    plan = every_agent()
    draw_id = drawn(active(filled, plan).id)

    with transaction():
        changed = update(ContentBlob).where(ContentBlob.digest == plan.digest)
        run(changed.values(body=plan_bytes() + b"\n"))

    assert queries.verified(draw_id) == (Difference.PLAN,)


def test_drawing_again_needs_a_reason_and_keeps_the_draw_before(filled: Shop) -> None:
    activation = active(filled, every_agent())
    first = drawn(activation.id)
    with pytest.raises(ConflictError):
        drawn(activation.id)
    with pytest.raises(InvalidError):
        drawn(activation.id, reason="因" * 201)
    with pytest.raises(InvalidError, match="没有多也没有变"):
        drawn(activation.id, reason="抽得不巧")
    came_later(filled)

    second = drawn(activation.id, reason="昨天的记录后来才导入")

    rows = db.session.execute(select(SampleDraw.id, SampleDraw.state))
    states = {row.id: row.state for row in rows}
    assert states == {first: "replaced", second: "in_force"}
    assert queries.verified(first) == queries.verified(second) == ()
    taken = [
        set(db.session.scalars(select(SampledChat.conversation_id).filter_by(draw_id=each)))
        for each in (first, second)
    ]
    assert taken[0] != taken[1]


def test_windows_carry_what_was_left_of_a_step(filled: Shop) -> None:
    activation = active(filled, published(SYSTEMATIC.encode()))
    next_window = Window(FIRST + timedelta(days=3), FIRST + timedelta(days=5))
    for made in db.session.scalars(select(ChatAccount.id)).all():
        conversations(filled, made, 13, day=next_window.first_on)

    first, second = drawn(activation.id), drawn(activation.id, next_window)

    left_over = db.session.get_one(SampleDraw, first).left_over
    assert left_over is not None
    assert db.session.get_one(SampleDraw, second).carried == left_over
    assert queries.verified(first) == queries.verified(second) == ()
    count = len(db.session.scalars(select(SampledChat.id)).all())
    assert abs(count - (101 + 39) / 5) <= 1

    came_later(filled)
    drawn(activation.id, reason="又导入了一份")  # what the second took over stays right
    assert queries.verified(second) == ()
    with transaction():
        run(update(SampleDraw).where(SampleDraw.id == second).values(carried=left_over / 2))
    assert Difference.CARRIED in queries.verified(second)


def test_a_new_version_of_a_plan_gets_a_new_secret(filled: Shop) -> None:
    plan = every_agent()
    before = active(filled, plan)
    with pytest.raises(ConflictError):
        active(filled, plan)

    changed = published(plan_bytes() + "改了。\n".encode())
    after = active(filled, changed)

    db.session.refresh(before)
    assert before.ended_at == NOW
    assert after.secret != before.secret
    with pytest.raises(NotFoundError):
        drawn(before.id)
    drawn(after.id)


def test_a_plan_that_has_ended_draws_no_more(filled: Shop) -> None:
    activation = active(filled, every_agent())

    with transaction():
        service.end(activation.id, team_id=filled.id, now=NOW)

    with pytest.raises(NotFoundError):
        drawn(activation.id)
    with pytest.raises(NotFoundError), transaction():
        service.end(activation.id, team_id=filled.id, now=NOW)


def test_nothing_to_draw_from_is_told(app_context: AppContext, team: Shop) -> None:
    del app_context
    activation = active(team, every_agent())

    with pytest.raises(InvalidError):
        drawn(activation.id)


def test_what_is_not_there_is_not_found(app_context: AppContext) -> None:
    del app_context
    with pytest.raises(NotFoundError):
        queries.verified(1)
    with pytest.raises(NotFoundError):
        queries.plan_of("0" * 64)


def test_the_frame_is_kept_packed(filled: Shop) -> None:
    draw_id = drawn(active(filled, every_agent()).id)

    record, _plan = queries.record_of(draw_id)

    frame = frame_of_window(filled.id, ZONE, WINDOW)
    assert frames.unpacked(record.frame) == frames.canonical(frame)
    assert len(record.frame) < len(frames.canonical(frame)) / 3


def test_the_schedule_draws_what_is_over_and_catches_up(filled: Shop) -> None:
    activation = active(filled, every_agent())
    made = db.session.scalars(select(ChatAccount.id)).first()
    assert made is not None
    conversations(filled, made, 5, day=FIRST + timedelta(days=7))  # none on the days between
    morning = datetime(2026, 10, 28, 22, tzinfo=UTC)  # the 29th in Shanghai

    jobs.draw_due(morning)
    jobs.draw_due(morning)

    windows = list(db.session.scalars(select(SampleDraw.first_on).order_by(SampleDraw.first_on)))
    assert windows == [FIRST, FIRST + timedelta(days=6)]
    waiting = [window for _id, window in jobs.missing(now=morning)]
    assert waiting == [Window(FIRST + timedelta(days=3), FIRST + timedelta(days=5))]

    conversations(filled, made, 5, day=FIRST + timedelta(days=4))
    jobs.draw_due(morning)

    assert jobs.missing(now=morning) == []
    assert {each.activation_id for each in db.session.scalars(select(SampleDraw))} == {
        activation.id
    }


def test_the_command_says_whether_a_draw_comes_out_the_same(filled: Shop) -> None:
    draw_id = drawn(active(filled, every_agent()).id)

    right = CliRunner().invoke(verify_draw, [str(draw_id)])
    with transaction():
        run(update(SampleDraw).values(seed="0"))
    wrong = CliRunner().invoke(verify_draw, [str(draw_id)])

    assert right.exit_code == 0, right.output
    assert "12 条一条不差" in right.output
    assert "2026-10-20–2026-10-22" in right.output
    assert wrong.exit_code == 1
    assert "种子不对" in wrong.output
    assert "抽到的变了" in wrong.output
