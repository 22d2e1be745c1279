"""What is open goes on: followed up, handed over with a log and a pack, taken over."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from cstrain.core.people.access import Role
from cstrain.core.people.models import Membership
from cstrain.desk.chats import erasing, follow_ups, handover, handover_pack, retention
from cstrain.desk.chats.models import ChatConversation, ChatFollowUp, ChatHandover, ChatMessage
from cstrain.kit import jobs
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError
from cstrain.notices import service as notices
from tests.desk.chats.test_chat_pages import PHONE
from tests.plugins.shop import MakePerson, MakeTeam, SignIn, Someone


def chat(buyer: str = "tb4433_22", last: str = "还在吗？") -> str:
    day = utc_now().date().isoformat()
    return f"""{buyer} {day} 00:23:01
什么时候发货
云朵家居:小美 {day} 00:23:09
我去问一下仓库
{buyer} {day} 00:30:00
{last}
"""


@pytest.fixture
def trainer(make_person: MakePerson, sign_in: SignIn) -> FlaskClient:
    return sign_in(make_person(Role.TRAINER))


@pytest.fixture
def mei(make_person: MakePerson) -> Someone:
    return make_person(name="小美")


@pytest.fixture
def lin(make_person: MakePerson) -> Someone:
    return make_person(name="小林")


@pytest.fixture
def strangers(make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn) -> list[FlaskClient]:
    boss = make_person(Role.MANAGER, team=make_team("别的店"))
    return [sign_in(boss), sign_in(make_person())]


def pasted(client: FlaskClient, mei: Someone, text: str) -> str:
    data = {"text": text, "action": "save", "account": "小美", "person": str(mei.id)}
    return client.post("/chats/paste", data=data).location


def follow(client: FlaskClient, where: str, owner: Someone, text: str = "把单号告诉顾客") -> None:
    data = {"text": text, "owner": str(owner.id), "due": ""}
    assert client.post(f"{where}/follow-up", data=data).status_code == 302


def hand_over(
    app: Flask, client: FlaskClient, one: Someone, other: Someone, **more: str | list[str]
) -> str:
    with app.app_context():
        ids = db.session.scalars(select(ChatFollowUp.id)).all()
    data = {
        "team": str(one.team_id),
        "from": str(one.id),
        "to": str(other.id),
        "why": "shift",
        "item": [str(each) for each in ids],
        **more,
    }
    answer = client.post("/chats/handovers", data=data)
    assert answer.status_code == 302
    return answer.location


def test_what_is_to_be_done_has_an_owner_and_a_log(
    trainer: FlaskClient, mei: Someone, sign_in: SignIn
) -> None:
    where = pasted(trainer, mei, chat())
    follow(trainer, where, mei, f"打{PHONE}告诉顾客")
    agent = sign_in(mei)

    seen = agent.get("/chats/follow-ups").text
    assert "打〔电话〕告诉顾客" in seen
    assert "还在吗" in agent.get(f"{where}/follow-up").text
    agent.post("/chats/follow-ups/1", data={"text": "问过仓库了", "owner": str(mei.id)})
    log = trainer.get(f"{where}/follow-up").text
    assert "问过仓库了" in log
    assert "小美" in trainer.get(where).text
    agent.post("/chats/follow-ups/1", data={"text": "告诉了", "action": "done"})

    assert agent.get(f"{where}/follow-up").status_code == 404
    assert "打〔电话〕" not in trainer.get("/chats/follow-ups").text
    assert "告诉了" in trainer.get(f"{where}/follow-up").text


def test_a_conversation_is_followed_up_by_one(
    app: Flask, trainer: FlaskClient, mei: Someone, lin: Someone
) -> None:
    where = pasted(trainer, mei, chat())
    follow(trainer, where, mei)
    follow(trainer, where, lin)
    follow(trainer, where, lin, "")

    with app.app_context():
        assert db.session.scalars(select(ChatFollowUp.owner_id)).all() == [mei.id]


def test_a_shift_is_handed_over_and_taken(
    app: Flask, trainer: FlaskClient, mei: Someone, lin: Someone, sign_in: SignIn
) -> None:
    follow(trainer, pasted(trainer, mei, chat()), mei)
    pasted(trainer, mei, chat("tb另一位", "几点能回我"))
    with app.app_context():
        other = db.session.scalars(
            select(ChatConversation.id).order_by(ChatConversation.id.desc())
        ).first()
    offered = trainer.get(f"/chats/handovers/new?from={mei.id}").text
    where = hand_over(app, trainer, mei, lin, chat=[str(other)], note="仓库电话找老张")
    successor = sign_in(lin)

    assert "几点能回我" in offered
    page = successor.get(where).text
    assert "把单号告诉顾客" in page
    assert "几点能回我" in page
    assert "仓库电话找老张" in page
    assert "我接手了" in page
    with app.app_context():
        assert db.session.scalars(select(ChatFollowUp.owner_id)).all() == [lin.id, lin.id]
    with app.app_context():
        notices.deliver(now=utc_now())
    assert "交班给你" in successor.get("/inbox").text
    successor.post(f"{where}/take")
    successor.post(f"{where}/take")
    jobs.run_waiting(app)

    assert "接手了" in trainer.get(where).text
    with app.app_context():
        row = db.session.scalars(select(ChatHandover)).one()
        assert row.taken_at is not None


def test_what_is_more_than_a_hand_over_takes_is_said_and_still_offered(
    app: Flask,
    trainer: FlaskClient,
    mei: Someone,
    lin: Someone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handover, "ITEMS_MAX", 2)
    for number in range(3):
        follow(trainer, pasted(trainer, mei, chat(f"tb顾客{number}")), mei, f"第{number}件事")

    page = trainer.get(hand_over(app, trainer, mei, lin)).text

    assert "一次最多交 2 件，还有 1 件没交" in page
    assert "第2件事" in page
    assert "第0件事" not in page
    with app.app_context():
        owners = db.session.scalars(select(ChatFollowUp.owner_id).order_by(ChatFollowUp.id))
        assert list(owners) == [lin.id, lin.id, mei.id]


def test_the_pack_holds_what_is_open_the_log_and_checksums_that_fit(
    app: Flask, trainer: FlaskClient, mei: Someone, lin: Someone, sign_in: SignIn
) -> None:
    follow(trainer, pasted(trainer, mei, chat(last=f"打我电话{PHONE}")), mei)
    where = hand_over(app, trainer, mei, lin, note="=1+1")
    sign_in(lin).post(f"{where}/take")
    jobs.run_waiting(app)

    with app.app_context():
        row = db.session.scalars(select(ChatHandover)).one()
        token = db.session.get_one(jobs.Job, row.job_id).file_token
        digest = row.digest
    with trainer.get(f"/files/{token}") as answer:
        body = answer.data
    assert hashlib.sha256(body).hexdigest() == digest
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    for line in files.pop("校验清单.txt").decode().splitlines():
        wanted, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == wanted
    page = files["交接单.html"].decode()
    book = CalamineWorkbook.from_filelike(io.BytesIO(files["交接单.xlsx"]))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert list(sheets) == ["交接单", "要跟进的", "处理日志", "聊天"]
    log = [(line[2], line[3]) for line in sheets["处理日志"][1:]]
    assert [what for _who, what in log] == ["记下要跟进，交给小美", "交给小林", "接手"]
    assert log[-1][0] == "小林"
    for text in ("把单号告诉顾客", "我去问一下仓库", "电话〔电话〕", "=1+1"):
        assert text in page
        assert text in str(sheets)
    assert PHONE not in page + str(sheets)
    with sign_in(lin).get(f"/files/{token}") as answer:
        assert answer.status_code == 200
    assert sign_in(mei).get(f"/files/{token}").status_code == 404


def test_a_pack_is_for_those_who_look_after_chats_and_who_took_over_while_in_the_team(
    app: Flask,
    trainer: FlaskClient,
    mei: Someone,
    make_person: MakePerson,
    sign_in: SignIn,
) -> None:
    lin = make_person(name="小林")
    follow(trainer, pasted(trainer, mei, chat()), mei)
    where = hand_over(app, trainer, mei, lin)
    sign_in(lin).post(f"{where}/take")
    jobs.run_waiting(app)
    with app.app_context():
        job_id = db.session.scalars(select(ChatHandover.job_id)).one()
        pack = f"/files/{db.session.get_one(jobs.Job, job_id).file_token}"
    administrator = sign_in(make_person(Role.ADMINISTRATOR))

    assert administrator.get("/chats").status_code == 403
    assert administrator.get(pack).status_code == 404
    assert administrator.get(f"/jobs/{job_id}").status_code == 404
    with sign_in(lin).get(pack) as answer:
        assert answer.status_code == 200
    with app.app_context(), transaction():
        db.session.execute(
            update(Membership).where(Membership.person_id == lin.id).values(until_at=utc_now())
        )
    assert sign_in(lin).get(pack).status_code == 404


def test_where_a_note_is_cut_off_nothing_of_a_number_stays(
    trainer: FlaskClient, mei: Someone
) -> None:
    where = pasted(trainer, mei, chat())
    reason = f"{'要' * 192}{PHONE}"
    task = f"{'回' * 492}{PHONE}"

    trainer.post(f"{where}/hold", data={"reason": reason})
    kept = trainer.get(where).text
    follow(trainer, where, mei, task)
    followed = trainer.get(f"{where}/follow-up").text

    for page, said in ((kept, "要要"), (followed, "回回")):
        assert said in page
        assert PHONE[:7] not in page
        assert "存的时候遮住了" in page


def test_nothing_is_handed_over_to_oneself_or_without_anything(
    app: Flask, trainer: FlaskClient, mei: Someone, lin: Someone
) -> None:
    hand_over(app, trainer, mei, lin)
    follow(trainer, pasted(trainer, mei, chat()), mei)
    hand_over(app, trainer, mei, mei)
    hand_over(app, trainer, lin, mei)

    with app.app_context():
        assert db.session.scalars(select(ChatHandover.id)).all() == []
        assert db.session.scalars(select(ChatFollowUp.owner_id)).all() == [mei.id]


def test_strangers_see_and_take_nothing(
    app: Flask, trainer: FlaskClient, mei: Someone, lin: Someone, strangers: list[FlaskClient]
) -> None:
    chat_page = pasted(trainer, mei, chat())
    follow(trainer, chat_page, mei)
    where = hand_over(app, trainer, mei, lin)

    for client in strangers:
        assert client.get(where).status_code == 404
        assert client.get(f"{chat_page}/follow-up").status_code == 404
        assert client.post(f"{where}/take").status_code == 404
        assert client.post("/chats/follow-ups/1", data={"text": "x"}).status_code == 404
        assert "把单号" not in client.get("/chats/follow-ups").text
    assert trainer.post(f"{where}/take").status_code == 404


def test_who_has_gone_to_another_shop_sees_and_changes_nothing_any_more(  # noqa: PLR0917 - fixtures
    app: Flask,
    trainer: FlaskClient,
    mei: Someone,
    lin: Someone,
    make_team: MakeTeam,
    sign_in: SignIn,
) -> None:
    chat_page = pasted(trainer, mei, chat())
    follow(trainer, chat_page, mei)
    where = hand_over(app, trainer, mei, lin)
    other, client = make_team("别的店"), sign_in(lin)
    before = client.get(where).status_code
    with app.app_context(), transaction() as session:
        session.execute(
            update(Membership).where(Membership.person_id == lin.id).values(until_at=utc_now())
        )
        session.add(
            Membership(person_id=lin.id, team_id=other.id, role="trainee", since_at=utc_now())
        )

    assert before == 200
    assert client.get(where).status_code == 404
    assert client.post(f"{where}/take").status_code == 404
    assert client.get(f"{chat_page}/follow-up").status_code == 404
    assert client.post("/chats/follow-ups/1", data={"action": "done"}).status_code == 404
    page = client.get("/chats/follow-ups")
    assert page.status_code == 200
    assert "把单号" not in page.text
    assert "小林" not in page.text.partition("<main")[2]
    assert "已经离店" in trainer.get("/chats/follow-ups").text


def test_a_note_does_not_take_back_what_was_just_given_to_another(
    app: Flask, trainer: FlaskClient, mei: Someone, lin: Someone
) -> None:
    follow(trainer, pasted(trainer, mei, chat()), mei)
    hand_over(app, trainer, mei, lin)

    with app.app_context(), pytest.raises(ConflictError, match="刚刚交给别人"), transaction():
        follow_ups.locked(1, owner_id=mei.id)


def test_what_is_open_is_not_erased(app: Flask, trainer: FlaskClient, mei: Someone) -> None:
    follow(trainer, pasted(trainer, mei, chat()), mei, "问仓库要单号")
    with app.app_context():
        with transaction():
            retention.set_days(mei.team_id, 30, by=mei.id, now=utc_now())
        retention.erase_old(utc_now() + timedelta(days=60))
        before = db.session.scalars(select(ChatMessage.text)).all()
        db.session.rollback()
    trainer.post("/chats/follow-ups/1", data={"action": "done"})
    with app.app_context():
        retention.erase_old(utc_now() + timedelta(days=60))

        assert None not in before
        assert set(db.session.scalars(select(ChatMessage.text))) == {None}
    page = trainer.get("/chats/1/follow-up").text
    assert "问仓库要单号" not in page
    assert "办完" in page


def test_what_is_erased_while_its_pack_is_made_stands_in_none(
    app: Flask,
    trainer: FlaskClient,
    mei: Someone,
    make_person: MakePerson,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    follow(trainer, pasted(trainer, mei, chat()), mei)
    hand_over(app, trainer, mei, make_person(name="小林"))
    packed = handover_pack.pack

    def erased_meanwhile(found: handover.Handover) -> bytes:
        body = packed(found)
        with transaction():
            erasing.erase([1], team_id=mei.team_id, reason="asked for", now=utc_now())
        return body

    monkeypatch.setattr(handover_pack, "pack", erased_meanwhile)
    jobs.run_waiting(app)

    with app.app_context():
        job_id = db.session.scalars(select(ChatHandover.job_id)).one()
        path = jobs.file_path(db.session.get_one(jobs.Job, job_id).file_token or "")
    assert list(path.parent.iterdir()) == [path]
    with zipfile.ZipFile(path) as archive:
        assert "我去问一下仓库" not in archive.read("交接单.html").decode()


def test_packs_go_with_what_stands_in_them(
    app: Flask, trainer: FlaskClient, mei: Someone, lin: Someone, sign_in: SignIn
) -> None:
    """The first pack and the one made anew; that of another chat stays."""
    follow(trainer, pasted(trainer, mei, chat()), mei)
    where = hand_over(app, trainer, mei, lin)
    jobs.run_waiting(app)
    sign_in(lin).post(f"{where}/take")
    jobs.run_waiting(app)
    follow(trainer, pasted(trainer, mei, chat("tb另一位")), mei)
    hand_over(app, trainer, mei, lin, item=["2"])
    jobs.run_waiting(app)
    made = select(jobs.Job.file_token).where(jobs.Job.file_token.is_not(None))
    with app.app_context():
        tokens = db.session.scalars(made.order_by(jobs.Job.id)).all()
        paths = [jobs.file_path(token or "") for token in tokens]
    trainer.post("/chats/follow-ups/1", data={"action": "done"})

    with app.app_context():
        with transaction():
            retention.set_days(mei.team_id, 30, by=mei.id, now=utc_now())
        retention.erase_old(utc_now() + timedelta(days=60))

        assert [path.is_file() for path in paths] == [False, False, True]
        assert db.session.scalars(made).all() == tokens[2:]
    assert trainer.get(f"/files/{tokens[1]}").status_code == 404
    page = trainer.get(where).text
    assert "再做一份" in page
    assert "SHA-256" not in page
