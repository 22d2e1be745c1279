"""A case becomes a question, a quick reply, a simulated customer: drafts, published by a click."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from cstrain.activities.live_practice.trying import opened_once
from cstrain.core.catalogue import active, bank_table
from cstrain.core.people.access import Role
from cstrain.core.people.models import Team
from cstrain.desk.cases import drafts, scenario_text
from cstrain.desk.cases.models import TypicalCase
from cstrain.desk.replies import replies, shop_rows, shop_table
from cstrain.desk.replies.replies import Use
from cstrain.desk.replies.shop_table import Row, Table
from cstrain.kit import jobs
from cstrain.kit.chat import ChatLine, Voice, read
from cstrain.kit.db import db
from tests.desk.cases.test_cases import FORM, cases, posted
from tests.desk.quality.conftest import ChatDesk, chat_desk
from tests.plugins.shop import MakePerson, MakeTeam, SignIn

__all__ = ["chat_desk"]

SAID = (
    "顾客：在吗\n自动回复：您好\n客服：在的\n顾客：这个掉色吗\n客服：不会的，放心拍\n"
    "顾客：多久发货\n客服：稍等，我查一下\n顾客：？\n客服：今天发"
)


def case(case_id: int = 7, **changes: object) -> TypicalCase:
    values = {
        name: FORM[name] for name in ("title", "reason", "happened", "chat", "better", "question")
    }
    values |= {"options": ["对", "错一", "错二"], "explanation": "", "is_good": False}
    return TypicalCase(id=case_id, **{**values, **changes})


def reported(app: Flask, client: FlaskClient, url: str, **form: str) -> str:
    """Follow a draft to its report."""
    job_page = client.post(url, data=form).headers["Location"]
    jobs.run_waiting(app)
    found = re.search(r'"(/[^"]*import/[^"]+)"', client.get(job_page).text)
    assert found is not None
    return found[1]


def published(app: Flask, client: FlaskClient, url: str, **form: str) -> None:
    """Follow a draft to its report, and publish it."""
    report = reported(app, client, url, **form)
    answer = client.post(report)
    assert answer.status_code == 302, client.get(report).text
    jobs.run_waiting(app)
    with app.app_context():
        active.active().reload()


# -- pure ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case_id", [6, 7, 8])
def test_the_right_option_does_not_stand_first_every_time(case_id: int) -> None:
    table = drafts.question_table(case(case_id), "1.1")

    ((question,), problems) = bank_table.read(table)
    boxes = [line[:5] for line in question.text.split("\n") if line.startswith("- [")]
    assert (problems, question.item.id) == ([], f"case-{case_id}")
    assert [place for place, box in enumerate(boxes) if box == "- [x]"] == [case_id % 3]
    assert "- [x] 对\n" in question.text


def test_the_replies_a_shop_has_stay_and_a_case_has_one() -> None:
    other = Row(0, "售前", Use.QUICK, "应一声", {"code": "hi"}, "在的。")
    group = shop_table.new_group(Table.REPLIES, "售前", Use.QUICK)
    groups = [shop_table.Group(group.slug, group.title, group.use, group.path, (other,))]

    once = drafts.replies_table(case(), groups)
    rows, problems = shop_rows.read(Table.REPLIES, once)
    assert (problems, [row.text for row in rows]) == ([], ["在的。", FORM["better"]])

    own = shop_table.new_group(Table.REPLIES, drafts.REPLIES_CLASS, Use.QUICK)
    kept = shop_table.Group(own.slug, own.title, own.use, own.path, (rows[1],))
    again = drafts.replies_table(case(better="16:00 前拍今天走。"), [*groups, kept])
    assert [row.text for row in shop_rows.read(Table.REPLIES, again)[0]] == [
        "在的。",
        "16:00 前拍今天走。",
    ]
    assert ZipFile(BytesIO(again)).testzip() is None


def test_of_a_good_one_the_right_answer_is_said_not_why_it_was_good() -> None:
    good = case(is_good=True, chat="", better="第一句就给了数。", options=["到手 279", "改成 250"])

    rows, _problems = shop_rows.read(Table.REPLIES, drafts.replies_table(good, []))
    made = drafts.scenario(good)

    assert [row.text for row in rows] == ["到手 279"]
    assert '"像": ["到手 279"]' in made
    assert made.endswith("好在哪：第一句就给了数。\n")


def test_what_a_colleague_said_wrongly_is_never_right() -> None:
    made = drafts.scenario(case(chat=SAID, better="16:00 前拍今天走。"))

    assert made.count('"像": ["16:00 前拍今天走。"]') == 3
    assert made.count('"对": {"去": "成了"') == 3
    assert "不会的，放心拍" not in made
    assert "不会的，放心拍" in drafts.scenario(case(chat=SAID, is_good=True))


def test_turns_are_what_the_customer_said_until_somebody_answered() -> None:
    assert [(turn.said, turn.answer) for turn in scenario_text.turns(read(SAID))] == [
        (["在吗", "这个掉色吗"], "不会的，放心拍"),
        (["多久发货", "？"], "稍等，我查一下"),
    ]


@pytest.mark.parametrize("taken", ["好", "好的，谢谢亲", "嗯嗯", "OK~", "知道了"])
def test_to_take_an_answer_is_no_turn(taken: str) -> None:
    said = f"顾客：到哪了\n客服：我看一下\n客服：今天到杭州\n顾客：{taken}\n"

    found = scenario_text.turns(read(f"{said}顾客：好像寄错了\n客服：我查一下单号\n顾客：{taken}"))

    assert [list(turn.said) for turn in found] == [["到哪了"], ["好像寄错了"]]


@pytest.mark.parametrize("reason", ["", "promise", "after_sales"])
@pytest.mark.parametrize("chat", ["", SAID, "客服：在的", "顾客：多久发货"])
def test_the_scenario_can_be_played_at_once(reason: str, chat: str) -> None:
    opened = opened_once(drafts.scenario(case(chat=chat, reason=reason)), "zh")

    assert opened.problems == ()
    assert opened.scenario is not None


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=6), st.text(max_size=60), st.text(max_size=20))
def test_whatever_was_said_the_file_can_be_read(said: list[str], better: str, title: str) -> None:
    voices = (Voice.CUSTOMER, Voice.AGENT)
    lines = [ChatLine(voices[place % 2], "", text) for place, text in enumerate(said)]

    made = scenario_text.draft(
        slug="case-1",
        title=title,
        reason="",
        happened="x",
        said=better,
        better=better,
        is_good=False,
        lines=lines,
        question="q",
    )

    problems = [each.problem for each in opened_once(made, "zh").problems]
    assert not any("YAML" in each for each in problems), problems


# -- pages ----------------------------------------------------------------------------------------


def test_a_question_is_looked_at_and_published_for_a_lesson(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    client = sign_in(chat_desk.trainer)
    posted(client)
    (row,) = cases(chat_desk.app)

    published(chat_desk.app, client, f"/cases/{row.id}/question", lesson="1.1")

    with chat_desk.app.app_context():
        bank = active.for_team(_slug(chat_desk)).bank
        assert bank[f"case-{row.id}"].lesson == "1.1"


def test_no_lesson_is_chosen_before_somebody_chooses(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    client = sign_in(chat_desk.trainer)
    posted(client)
    (row,) = cases(chat_desk.app)

    page = client.get(f"/cases/{row.id}").text

    assert re.search(r'<select[^>]*name="lesson"[^>]*required[^>]*><option value="">选一课', page)


def test_a_lesson_that_is_none_is_refused(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    client = sign_in(chat_desk.trainer)
    posted(client)
    (row,) = cases(chat_desk.app)

    answer = client.post(f"/cases/{row.id}/question", data={"lesson": "9.9"})

    assert answer.headers["Location"] == f"/cases/{row.id}"


def test_a_quick_reply_is_looked_at_and_published(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    client = sign_in(chat_desk.trainer)
    posted(client)
    (row,) = cases(chat_desk.app)

    published(chat_desk.app, client, f"/cases/{row.id}/reply")

    with chat_desk.app.app_context():
        (file,) = replies.files_of(active.for_team(_slug(chat_desk)))
    assert [(each.code, each.text) for each in file.entries] == [(f"c{row.id}", FORM["better"])]


def test_what_came_in_since_a_draft_was_looked_at_is_not_lost(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    client = sign_in(chat_desk.trainer)
    posted(client)
    posted(client, title="另一个")
    first, second = cases(chat_desk.app)
    waiting = reported(chat_desk.app, client, f"/cases/{first.id}/reply")
    assert FORM["better"] in client.get(waiting).text
    assert f'href="/cases/{first.id}"' in client.get(waiting).text

    published(chat_desk.app, client, f"/cases/{second.id}/reply")
    told = client.post(waiting).headers["Location"]
    jobs.run_waiting(chat_desk.app)

    assert "看过以后有人改过这张表" in client.get(told).text
    assert f'href="/cases/{first.id}"' in client.get(told).text
    with chat_desk.app.app_context():
        active.active().reload()
        (file,) = replies.files_of(active.for_team(_slug(chat_desk)))
    assert [each.code for each in file.entries] == [f"c{second.id}"]


def test_only_who_changes_the_shops_content_drafts(
    chat_desk: ChatDesk, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    posted(sign_in(chat_desk.trainer))
    (row,) = cases(chat_desk.app)
    stranger = make_person(Role.TRAINER, team=make_team("别的店"))

    assert sign_in(chat_desk.trainee).post(f"/cases/{row.id}/reply").status_code == 403
    assert sign_in(chat_desk.manager).post(f"/cases/{row.id}/reply").status_code == 403
    assert sign_in(stranger).post(f"/cases/{row.id}/reply").status_code == 404
    assert "变成快捷回复" in sign_in(chat_desk.trainer).get(f"/cases/{row.id}").text
    assert "变成快捷回复" not in sign_in(chat_desk.trainee).get(f"/cases/{row.id}").text


def _slug(desk: ChatDesk) -> str:
    with desk.app.app_context():
        return db.session.get_one(Team, desk.trainer.team_id).slug


@pytest.mark.parametrize("is_good", [False, True])
@pytest.mark.parametrize("chat", ["", SAID])
def test_a_wrong_answer_leads_to_one_more_turn_and_then_to_no_good_end(
    chat: str, is_good: bool
) -> None:
    opened = opened_once(drafts.scenario(case(chat=chat, is_good=is_good)), "zh")
    assert opened.scenario is not None
    states, endings = opened.scenario.states, opened.scenario.endings
    asked = {name: state for name, state in states.items() if not name.startswith("再问")}

    once = {state.on_wrong.to for state in asked.values()}
    twice = {states[name or ""].on_wrong.to for name in once}

    assert opened.problems == ()
    assert once == states.keys() - asked.keys()
    assert twice == {"没成"}
    assert not endings["没成"].is_good
