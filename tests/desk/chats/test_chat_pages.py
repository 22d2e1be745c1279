"""Pages of real chats: pasted in a minute, found again, each sub-account somebody's."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cstrain.core.people.access import Role
from cstrain.desk.chats import sealing
from cstrain.desk.chats.models import ChatAccount, ChatConversation, ChatImport, ChatMessage
from cstrain.kit.db import db
from tests.plugins.shop import MakePerson, MakeTeam, SignIn

PHONE = "13812345678"
CHAT = f"""tb4433_22 2026-10-20 10:23:01
在吗？什么时候发货
云朵家居:小美 2026-10-20 10:23:09
在的亲，今天就发
tb4433_22 2026-10-20 10:30:00
好，电话{PHONE}，<b>别</b>忘了运费险
"""


@pytest.fixture
def trainer(make_person: MakePerson, sign_in: SignIn) -> FlaskClient:
    return sign_in(make_person(Role.TRAINER))


def pasted(client: FlaskClient, text: str = CHAT, **more: str | list[str]) -> str:
    answer = client.post("/chats/paste", data={"text": text, "action": "save", **more})
    assert answer.status_code == 302, answer.text
    return answer.location


def counts(app: Flask) -> tuple[int, int, int]:
    with app.app_context():
        tables = (ChatImport, ChatConversation, ChatMessage)
        imports, conversations, messages = (
            db.session.scalar(select(func.count()).select_from(each)) or 0 for each in tables
        )
    return imports, conversations, messages


def test_a_look_at_a_paste_is_masked_and_keeps_nothing(app: Flask, trainer: FlaskClient) -> None:
    page = trainer.post("/chats/paste", data={"text": CHAT, "action": "look"})

    bubbles = page.text.partition("<textarea")[0]
    assert "电话〔电话〕" in bubbles
    assert PHONE not in bubbles
    assert "&lt;b&gt;别" in bubbles
    assert "等了" not in bubbles
    assert counts(app) == (0, 0, 0)


def test_a_late_answer_says_how_long_the_buyer_waited(trainer: FlaskClient) -> None:
    said = (
        "tb4433 2026-11-02 10:00:00\n在吗\n云朵家居:小美 2026-11-02 10:00:01\n[自动回复] 在的\n"
        "tb4433 2026-11-02 10:03:50\n人呢\n云朵家居:小美 2026-11-02 10:04:21\n亲，在的\n"
    )

    page = trainer.post("/chats/paste", data={"text": said, "action": "look"})

    assert "等了 4 分 21 秒" in page.text.partition("<textarea")[0]


def test_a_paste_is_kept_masked_and_sealed_and_shown(
    app: Flask, trainer: FlaskClient, make_person: MakePerson
) -> None:
    agent = make_person()
    where = pasted(trainer, account="小美", person=str(agent.id))

    page = trainer.get(where).text

    assert "〔电话〕" in page
    assert PHONE not in page
    assert agent.name in page
    assert counts(app) == (1, 1, 3)
    with app.app_context():
        assert sealing.verify(agent.team_id).is_whole
        kept = db.session.execute(select(ChatImport.settings, ChatImport.file_name)).one()
        assert "tb4433" not in str(kept)
        assert PHONE not in str(db.session.execute(select(ChatMessage.source)).all())


def test_who_is_behind_the_account_is_asked_before_a_review(
    trainer: FlaskClient, make_person: MakePerson
) -> None:
    agent = make_person()

    asked = trainer.post("/chats/paste", data={"text": CHAT, "action": "look"}).text
    pasted(trainer, account="小美", person=str(agent.id))
    known = trainer.post("/chats/paste", data={"text": CHAT, "action": "look"}).text
    kept = trainer.post("/chats/paste", data={"text": CHAT, "action": "keep"}).location

    assert " required autofocus" in asked.partition('id="person-1"')[2].partition(">")[0]
    assert " required>" in known.partition('id="person-1"')[2].partition("<option")[0]
    assert kept.startswith("/chats/")


def test_a_script_is_told_where_to_go_and_takes_no_message_away(trainer: FlaskClient) -> None:
    answer = trainer.post(
        "/chats/paste",
        data={"text": CHAT, "action": "keep"},
        headers={"Accept": "application/json"},
    )

    assert answer.json
    assert "存好了 3 条消息" in trainer.get(answer.json["url"]).text


def test_the_same_paste_leads_to_where_it_is(app: Flask, trainer: FlaskClient) -> None:
    first = pasted(trainer)

    again = pasted(trainer, CHAT)

    assert again == first
    assert counts(app) == (2, 1, 3)


def test_a_wrong_guess_is_swapped(app: Flask, trainer: FlaskClient) -> None:
    text = "甲 2026-10-20 10:23:01\n什么时候发\n乙 2026-10-20 10:23:09\n今天\n"
    who = {"who": ["甲", "乙"], "role": ["buyer", "agent"]}

    page = trainer.post("/chats/paste", data={"text": text, "action": "swap", **who}).text
    pasted(trainer, text, who=["甲", "乙"], role=["agent", "buyer"])

    agent, buyer = (page.index(f'class="chat-line chat-{side}"') for side in ("agent", "customer"))
    assert agent < buyer
    with app.app_context():
        roles = db.session.scalars(select(ChatMessage.role).order_by(ChatMessage.ordinal)).all()
    assert roles == ["agent", "buyer"]


def test_a_chat_without_a_day_asks_for_it(app: Flask, trainer: FlaskClient) -> None:
    text = CHAT.replace("2026-10-20 ", "")

    page = trainer.post("/chats/paste", data={"text": text, "action": "look"}).text
    pasted(trainer, text, day="2026-10-19")

    assert 'type="date" name="day"' in page
    with app.app_context():
        assert str(db.session.scalar(select(ChatConversation.day))) == "2026-10-19"


@pytest.mark.parametrize("text", ["", "   ", "没有时间的一句话", "长" * 200_001])
def test_what_is_no_chat_is_told_so_and_stays_in_its_box(trainer: FlaskClient, text: str) -> None:
    page = trainer.post("/chats/paste", data={"text": text, "action": "save"})

    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert text.strip()[:100] in page.text


def test_a_paste_is_for_a_team_one_looks_after(trainer: FlaskClient, make_team: MakeTeam) -> None:
    other = make_team("别的店")

    answer = trainer.post(
        "/chats/paste", data={"text": CHAT, "action": "save", "team": str(other.id)}
    )

    assert answer.status_code == 404


def test_chats_are_found_by_two_characters_and_by_account(trainer: FlaskClient, app: Flask) -> None:
    where = pasted(trainer)
    with app.app_context():
        account_id = db.session.scalar(select(ChatAccount.id).where(ChatAccount.name == "小美"))

    found = trainer.get("/chats?q=运费").text
    missed = trainer.get("/chats?q=胸围").text
    own = trainer.get(f"/chats?account={account_id}&from=2026-10-20&to=2026-10-20").text
    later = trainer.get("/chats?from=2026-10-21").text

    assert f'href="{where}"' in found
    assert "<mark>运费</mark>" in found
    assert "没有找到" in missed
    assert f'href="{where}"' in own
    assert "没有找到" in later


def test_pages_of_the_list_follow_each_other(trainer: FlaskClient) -> None:
    when = []
    for number in range(35):
        day, hour = 19 + number % 2, number * 7 % 10
        text = CHAT.replace("10-20 10", f"10-{day} {hour:02}").replace("tb4433_22", f"tb{number}号")
        when.append((day, hour, int(pasted(trainer, text).rpartition("/")[2])))

    first = trainer.get("/chats").text
    more = first.partition("before=")[2].partition('"')[0]
    second = trainer.get(f"/chats?before={more}").text

    links = [part.partition('"')[0] for part in (first + second).split('href="/chats/')[1:]]
    shown = [int(each) for each in links if each.isdecimal()]
    assert shown == [number for _day, _hour, number in sorted(when, reverse=True)]
    assert trainer.get("/chats?before=2026-10-20.x.7").status_code == 200
    assert trainer.get(f"/chats?before=2026-10-20.{10**30}.7").status_code == 200


def test_chats_of_a_day_stand_by_their_time(trainer: FlaskClient) -> None:
    late = pasted(trainer, CHAT.replace(" 10:", " 21:"))
    early = pasted(trainer, CHAT.replace("tb4433_22", "tb另一位"))

    page = trainer.get("/chats").text

    assert page.index(f'href="{late}"') < page.index(f'href="{early}"')


def test_a_strangers_chat_is_not_found(
    trainer: FlaskClient, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    where = pasted(trainer)
    stranger = sign_in(make_person(Role.MANAGER, team=make_team("别的店")))
    agent = sign_in(make_person())

    assert stranger.get(where).status_code == 404
    assert "tb" not in stranger.get("/chats").text.partition("<main")[2]
    assert agent.get(where).status_code == 403


def test_a_sub_account_is_given_to_a_person_of_the_team(
    app: Flask,
    trainer: FlaskClient,
    make_person: MakePerson,
    make_team: MakeTeam,
) -> None:
    pasted(trainer)
    agent, stranger = make_person(), make_person(team=make_team("别的店"))
    with app.app_context():
        account_id = db.session.scalar(select(ChatAccount.id).where(ChatAccount.name == "小美"))
    field = f"person-{account_id}"

    trainer.post("/chats/accounts", data={field: str(agent.id)})
    trainer.post("/chats/accounts", data={field: str(stranger.id)})

    with app.app_context():
        assert (
            db.session.scalar(select(ChatAccount.person_id).where(ChatAccount.id == account_id))
            == agent.id
        )
    assert agent.name in trainer.get("/chats").text
