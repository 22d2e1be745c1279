"""Cases: made of a real chat by a person's eye, found again in the library."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from cstrain.core.pathway.models import Attempt
from cstrain.core.people.access import Role
from cstrain.core.people.models import Identity, Membership
from cstrain.desk.cases import sources, text
from cstrain.desk.cases.models import TypicalCase
from cstrain.desk.chats.models import ChatAccount
from cstrain.kit.chat import ChatLine, Voice, read
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.markdown import render
from tests.desk.quality.conftest import ChatDesk, chat_desk
from tests.plugins.shop import MakePerson, MakeTeam, Shop, SignIn

__all__ = ["chat_desk"]

FORM: dict[str, Any] = {
    "title": "没说几点就答应今天发",
    "sort": "bad",
    "step": "help",
    "reason": "promise",
    "product": "四件套",
    "happened": "顾客问多久发货，客服先说查一下，二十分钟后才回。",
    "chat": "顾客：多久发货\n客服：稍等，我查一下\n顾客：？\n客服：今天发",
    "looked": "y",
    "better": "16:00 前付款今天发，我给您备注好了。",
    "question": "顾客问几点发，怎么回？",
    "right": "16:00 前付款今天发",
    "wrong_1": "今天发",
    "wrong_2": "稍等，我查一下",
    "explanation": "说清几点前。",
}


def posted(client: FlaskClient, url: str = "/cases/new", **changes: str) -> TestResponse:
    form = {**FORM, **changes}
    return client.post(url, data={name: value for name, value in form.items() if value})


def cases(app: Flask) -> list[TypicalCase]:
    with app.app_context():
        return list(db.session.scalars(select(TypicalCase).order_by(TypicalCase.id)))


# -- text ------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.text(st.sampled_from("顾客a1：*_`#>-+=~|[]().!\\ \n"), max_size=40))
def test_words_are_shown_as_they_were_written(said: str) -> None:
    shown = render(text.plain(said), lambda _target: None)

    assert "<h" not in shown
    assert not any(
        tag in shown for tag in ("<em", "<strong", "<code", "<ul", "<ol", "<table", "<a ")
    )


def test_the_first_question_is_in_the_language_of_the_chats(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    client = sign_in(chat_desk.trainer)
    client.post("/account/look", data={"language": "en"})

    page = client.get("/cases/new").text

    assert "Make a case" in page
    assert "这时候怎么回更好？" in page


def test_a_message_with_line_ends_stays_one_line() -> None:
    lines = [ChatLine(Voice.CUSTOMER, "顾客", "收货人：王小明\n地址：南京路", "10:02")]

    assert [each.voice for each in read(text.chat_text(lines))] == [Voice.CUSTOMER]


def test_what_the_strict_rule_would_hide_is_told_by_line() -> None:
    found = text.doubts("顾客：在吗\n客服：单号 4471 8830 22")

    assert [each.number for each in found] == [2]
    assert "4471" not in found[0].after


@pytest.mark.parametrize(("length", "seconds"), [(10, 20), (600, 60), (9000, 180)])
def test_a_short_text_wants_some_time_and_a_long_one_no_end_of_it(
    length: int, seconds: int
) -> None:
    assert text.least_s("字" * length) == seconds


# -- made of a chat -------------------------------------------------------------------------------


def test_a_chat_comes_with_its_lines_and_without_names(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    with chat_desk.app.app_context():
        identity = db.session.get_one(Identity, chat_desk.trainee.id)
        name = identity.name
    chat_id = chat_desk.chat([("buyer", "在吗", 0), ("agent", f"我是{name}，小美也在", 5)])

    page = sign_in(chat_desk.trainer).get(f"/cases/new?chat={chat_id}").text

    assert "顾客：在吗" in page
    assert "客服：我是〔姓名〕，〔姓名〕也在" in page


def test_of_a_chat_over_days_it_is_told_on_which_day(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    gaps = (("buyer", "几时发", 0), ("agent", "明天", 60), ("buyer", "发了吗", 86_400))
    chat_id = chat_desk.chat([*gaps, ("agent", "发了", 2 * 86_400)])

    page = sign_in(chat_desk.trainer).get(f"/cases/new?chat={chat_id}").text

    days = re.findall(r"^(.*)\d\d:\d\d (?:顾客|客服)：", page, re.MULTILINE)
    assert days == ["", "", "次日 ", "第4天 "]
    assert read("第4天 10:20 客服：发了")[0].at == "第4天 10:20"


def test_a_marked_chat_leads_to_its_case(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    chat_id = chat_desk.chat()
    chat_desk.choose(chat_id)
    chat_desk.mark(chat_desk.review())
    client = sign_in(chat_desk.trainer)

    offered = f"/cases/new?review={chat_desk.review().id}"

    assert offered in client.get(f"/reviews/{chat_desk.review().id}").text
    assert f"/cases/new?chat={chat_id}" in client.get(f"/chats/{chat_id}").text
    assert "顾客：这个四件套会掉色吗" in client.get(offered).text
    posted(client, offered)
    (case,) = cases(chat_desk.app)
    assert (case.source, case.source_id) == ("chat", chat_id)


def test_a_second_marking_is_taken_for_no_practice_session(
    chat_desk: ChatDesk,
    make_person: MakePerson,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = make_person(Role.TRAINER, team=Shop(chat_desk.trainee.team_id, "", ""))
    chat_desk.draw(chat_desk.chat(), second_ratio=1.0)
    chat_desk.mark(chat_desk.review(), facts=1)
    _first, second = chat_desk.reviews()
    session = sources.Source(sources.ATTEMPT, second.subject_id, second.team_id)
    monkeypatch.setattr(sources, "of_attempt", lambda *_what: session)

    assert sign_in(other).get(f"/cases/new?review={second.id}").status_code == 404


def test_without_the_tick_of_an_eye_nothing_is_kept(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    client = sign_in(chat_desk.trainer)

    answer = posted(client, looked="")

    assert answer.status_code == 422
    assert "从头看一遍" in answer.text
    assert cases(chat_desk.app) == []


def test_an_empty_form_tells_of_the_missing_tick_too(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    answer = sign_in(chat_desk.trainer).post("/cases/new", data={"sort": "bad"})

    assert answer.status_code == 422
    assert answer.text.count("从头看一遍，再打勾。") == 2  # in the list, and at the box


def test_who_makes_a_second_case_of_a_chat_is_told_of_the_first(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat_id, client = chat_desk.chat(), sign_in(chat_desk.trainer)
    chat_desk.choose(chat_id)
    chat_desk.mark(chat_desk.review())
    before = client.get(f"/cases/new?chat={chat_id}").text
    posted(client, f"/cases/new?chat={chat_id}")
    (case,) = cases(chat_desk.app)
    of_chat = client.get(f"/cases/new?chat={chat_id}").text
    of_review = client.get(f"/cases/new?review={chat_desk.review().id}").text

    assert "已经做过案例" not in before
    assert "已经做过案例" in of_chat
    assert f'href="/cases/{case.id}"' in of_chat
    assert f'href="/cases/{case.id}"' in of_review


def test_what_the_machine_would_hide_is_hidden_on_demand(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    client = sign_in(chat_desk.trainer)

    answer = posted(client, chat="客服：单号 4471 8830 22", action="mask")

    assert "客服：单号 〔号码〕" in answer.text
    assert cases(chat_desk.app) == []


def test_a_phone_is_hidden_whatever_was_ticked(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    client = sign_in(chat_desk.trainer)

    posted(client, chat="顾客：打 13812345678", better="回拨 13812345678")

    (case,) = cases(chat_desk.app)
    assert "1381234" not in case.chat + case.better + case.words
    told = "您写的里面有电话，存的时候遮住了。"
    assert told in client.get(f"/cases/{case.id}").text
    posted(client, f"/cases/{case.id}/edit", explanation="找 13812345678")
    assert told in client.get(f"/cases/{case.id}").text
    assert cases(chat_desk.app)[0].explanation == "找 〔电话〕"


def test_options_that_are_alike_once_hidden_are_two_alike(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    answer = posted(sign_in(chat_desk.trainer), right="打 13812345678", wrong_1="打 13912345678")

    assert answer.status_code == 422
    assert "有两个选项一样" in answer.text
    assert cases(chat_desk.app) == []


def test_accounts_named_by_their_work_hide_no_words(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    for name in ("客服", "售后", "夜班2号"):
        with chat_desk.app.app_context(), transaction():
            account = db.session.get_one(ChatAccount, chat_desk.account_id)
            account.name = name
        chat_id = chat_desk.chat([("buyer", "在吗", 0), ("agent", f"转{name}处理", 5)])

        page = sign_in(chat_desk.trainer).get(f"/cases/new?chat={chat_id}").text

        assert f"客服：转{name}处理" in page


def test_an_erased_chat_makes_no_case(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    chat_id = chat_desk.chat([])

    assert sign_in(chat_desk.trainer).get(f"/cases/new?chat={chat_id}").status_code == 404


def test_only_those_who_train_make_cases_of_their_own_shop(
    chat_desk: ChatDesk, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    chat_id = chat_desk.chat()
    stranger = make_person(Role.TRAINER, team=make_team("别的店"))

    assert posted(sign_in(chat_desk.trainee)).status_code == 403
    assert sign_in(stranger).get(f"/cases/new?chat={chat_id}").status_code == 404
    assert (
        posted(sign_in(stranger), f"/cases/new?team={chat_desk.trainer.team_id}").status_code == 404
    )


# -- the library ----------------------------------------------------------------------------------


def test_agents_find_cases_by_words_and_tags(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    trainer = sign_in(chat_desk.trainer)
    posted(trainer)
    posted(trainer, title="运费说早了", reason="price", step="", sort="good", chat="")
    agent = sign_in(chat_desk.trainee)

    def titles(query: str) -> list[bool]:
        page = agent.get(f"/cases?{query}").text
        return ["没说几点就答应今天发" in page, "运费说早了" in page]

    assert titles("") == [True, True]
    assert titles("q=运费") == [False, True]
    assert titles("q=查一下 今天") == [True, True]
    assert titles("reason=promise") == [True, False]
    assert titles("step=help&sort=bad") == [True, False]
    assert titles("sort=good") == [False, True]
    assert titles("product=四件套") == [True, True]
    assert titles("q=没有这样的话") == [False, False]


def test_a_withdrawn_case_is_gone_for_agents_and_comes_back(
    chat_desk: ChatDesk, make_team: MakeTeam, sign_in: SignIn
) -> None:
    trainer, agent = sign_in(chat_desk.trainer), sign_in(chat_desk.trainee)
    posted(trainer)
    (case,) = cases(chat_desk.app)

    trainer.post(f"/cases/{case.id}/withdraw")

    assert agent.get(f"/cases/{case.id}").status_code == 404
    assert case.title not in agent.get("/cases").text
    assert case.title in trainer.get("/cases?gone=1").text
    assert case.title not in agent.get("/cases?gone=1").text
    elsewhere = make_team("别的店")
    with chat_desk.app.app_context(), transaction() as session:
        session.add(
            Membership(
                person_id=chat_desk.trainee.id,
                team_id=elsewhere.id,
                role=Role.TRAINER,
                since_at=utc_now(),
            )
        )
    assert case.title not in agent.get("/cases?gone=1").text
    trainer.post(f"/cases/{case.id}/withdraw", data={"back": "1"})
    assert case.better.split("，")[0] in agent.get(f"/cases/{case.id}").text


def test_a_case_is_changed_and_looked_over_again(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    trainer = sign_in(chat_desk.trainer)
    posted(trainer)
    (case,) = cases(chat_desk.app)

    assert "没说几点就答应今天发" in trainer.get(f"/cases/{case.id}/edit").text
    assert posted(trainer, f"/cases/{case.id}/edit", looked="").status_code == 422
    posted(trainer, f"/cases/{case.id}/edit", title="先说几点", wrong_2="")

    (case,) = cases(chat_desk.app)
    assert (case.title, case.options) == ("先说几点", ["16:00 前付款今天发", "今天发"])


def test_other_shops_do_not_see_it(
    chat_desk: ChatDesk, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    posted(sign_in(chat_desk.trainer))
    (case,) = cases(chat_desk.app)
    stranger = sign_in(make_person(Role.TRAINER, team=make_team("别的店")))

    assert stranger.get(f"/cases/{case.id}").status_code == 404
    assert stranger.post(f"/cases/{case.id}/withdraw").status_code == 404
    assert case.title not in stranger.get("/cases").text


@pytest.mark.parametrize("is_exam", [False, True])
def test_a_practice_session_becomes_a_case_and_an_assessment_is_warned_of(
    chat_desk: ChatDesk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, is_exam: bool
) -> None:
    kind = type(chat_desk.kind)
    chats = [
        ("桃子", [ChatLine(Voice.CUSTOMER, "顾客", "在吗", "0:00")]),
        ("青柠", [ChatLine(Voice.CUSTOMER, "顾客", "几点发", "0:07")]),
    ]
    monkeypatch.setattr(kind, "chats", lambda _self, _attempt: chats)
    monkeypatch.setattr(kind, "is_exam", lambda _self, _spec: is_exam)
    with chat_desk.app.app_context():
        attempt_id = db.session.scalars(
            select(Attempt.id).where(Attempt.closed_at.is_not(None))
        ).first()
    client = sign_in(chat_desk.trainer)

    first = client.get(f"/cases/new?attempt={attempt_id}").text
    second = client.get(f"/cases/new?attempt={attempt_id}&seat=1").text

    assert "0:00 顾客：在吗" in first
    assert "0:07 顾客：几点发" in second
    assert ("这是考核里的顾客" in first) is is_exam
    posted(client, f"/cases/new?attempt={attempt_id}")
    (case,) = cases(chat_desk.app)
    assert (case.source, case.source_id) == ("attempt", attempt_id)
    assert client.get(f"/cases/new?attempt={attempt_id}&seat=9").status_code == 200
