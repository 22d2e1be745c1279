"""A file brought in through pages: up in pieces, looked at, its columns said, confirmed."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from cstrain.core.people.access import Role
from cstrain.desk.chats import hooks, sealing, service, taking_back
from cstrain.desk.chats.models import (
    ChatConversation,
    ChatFollowUp,
    ChatHold,
    ChatImport,
    ChatMessage,
    ChatRefused,
)
from cstrain.desk.quality import framing
from cstrain.desk.quality.models import ChatReview
from cstrain.desk.quality.plan import Window
from cstrain.kit import jobs, uploads
from cstrain.kit.chain import State
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError
from tests.desk.chats.test_importing import PHONE, imported, table
from tests.plugins.shop import MakePerson, MakeTeam, SignIn

#: Headings that nobody knows.
STRANGE = "甲列,乙列,丙列\n" + "".join(
    f"2026-10-20 10:{minute:02}:00,{side},{text}\n"
    for minute, side, text in (
        (1, "0", "这件什么时候发货呢，着急穿"),
        (2, "1", "亲，您好，今天就给您发出哦"),
        (3, "0", "好，那我等着，记得送运费险"),
    )
)


@pytest.fixture
def trainer(make_person: MakePerson, sign_in: SignIn) -> FlaskClient:
    return sign_in(make_person(Role.TRAINER))


def sent(client: FlaskClient, data: bytes, name: str = "十一月.csv", piece: int = 3_000) -> str:
    """Send a file in pieces; gives its token."""
    token = str(client.post("/chats/import/files", json={"size": len(data)}).json["token"])  # type: ignore[index]
    for start in range(0, len(data), piece):
        answer = client.post(
            f"/chats/import/files/{token}?offset={start}", data=data[start : start + piece]
        )
        assert answer.status_code == 200, answer.text
    answer = client.post(
        f"/chats/import/files/{token}/whole", json={"size": len(data), "name": name}
    )
    assert answer.status_code == 200, answer.text
    return token


def stored(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(ChatMessage.id))) or 0


def brought_in(app: Flask, client: FlaskClient, token: str) -> str:
    """Confirm; gives where it is shown."""
    answer = client.post(f"/chats/import/{token}", data={"action": "import"})
    assert answer.status_code == 302, answer.text
    jobs.run_waiting(app)
    return answer.location


def test_a_file_is_shown_masked_before_it_is_kept(app: Flask, trainer: FlaskClient) -> None:
    token = sent(trainer, table(40))
    jobs.run_waiting(app)

    page = trainer.get(f"/chats/import/{token}").text

    assert "我的电话是〔电话〕" in page
    assert PHONE not in page
    assert "240" in page
    assert stored(app) == 0

    where = brought_in(app, trainer, token)
    done = trainer.get(where).text

    assert "240" in done
    assert "hx-get" not in done
    assert stored(app) == 240
    assert trainer.get(f"/chats/import/{token}").status_code == 404


def test_a_piece_that_comes_twice_counts_once_and_a_gap_is_refused(
    app: Flask, trainer: FlaskClient
) -> None:
    data = table(10)
    token = str(trainer.post("/chats/import/files", json={"size": len(data)}).json["token"])  # type: ignore[index]
    url = f"/chats/import/files/{token}"
    trainer.post(f"{url}?offset=0", data=data[:700])

    again = trainer.post(f"{url}?offset=0", data=data[:900])
    gap = trainer.post(f"{url}?offset=1000", data=data[1000:])
    too_early = trainer.post(f"{url}/whole", json={"size": len(data), "name": "a.csv"})

    assert again.json == {"received": 900}
    assert gap.status_code == 409
    assert too_early.status_code == 422
    assert trainer.get(url).json == {"received": 900}
    trainer.post(f"{url}?offset=900", data=data[900:])
    trainer.post(f"{url}/whole", json={"size": len(data), "name": "a.csv"})
    jobs.run_waiting(app)
    brought_in(app, trainer, token)
    assert stored(app) == 60


def test_a_file_that_is_said_to_be_whole_twice_is_looked_at_once(
    app: Flask, trainer: FlaskClient
) -> None:
    data = table(10)
    token = sent(trainer, data)
    whole = {"size": len(data), "name": "十一月.csv"}

    def again() -> str:
        answer = trainer.post(f"/chats/import/files/{token}/whole", json=whole)
        return str(answer.json["url"])  # type: ignore[index]

    looking = again()
    jobs.run_waiting(app)
    looked_at = again()
    there = trainer.get(f"/chats/import/files/{token}").json
    trainer.post(f"/chats/import/{token}", data={"action": "import"})
    importing = again()
    jobs.run_waiting(app)

    assert looking.startswith("/jobs/")
    assert looked_at == f"/chats/import/{token}"
    assert there == {"received": len(data)}
    assert importing == "/chats/import"
    assert trainer.get(f"/chats/import/{token}").status_code == 404
    assert stored(app) == 60


def test_what_is_being_imported_neither_grows_nor_goes(app: Flask, trainer: FlaskClient) -> None:
    data = table(10)
    token = sent(trainer, data)
    url = f"/chats/import/files/{token}"

    more = trainer.post(f"{url}?offset={len(data)}", data=b"x")
    gone = trainer.post(f"{url}/cancel")

    assert (more.status_code, gone.status_code) == (404, 204)
    jobs.run_waiting(app)
    brought_in(app, trainer, token)
    assert stored(app) == 60


def test_nothing_of_the_file_stays_when_it_is_in(app: Flask, trainer: FlaskClient) -> None:
    token = sent(trainer, table(5))
    jobs.run_waiting(app)
    brought_in(app, trainer, token)

    with app.app_context():
        assert not list((uploads.data_folder() / "imports").glob("chats-*"))


def test_no_more_comes_up_than_there_is_room_for(
    app: Flask, trainer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sent(trainer, table(40))
    jobs.run_waiting(app)
    with app.app_context():
        waits = sum(file.stat().st_size for file in (uploads.data_folder() / "imports").iterdir())
    monkeypatch.setattr(uploads, "WAITING_BYTES", waits + 1_500)

    refused = trainer.post("/chats/import/files", json={"size": 2_000})
    token = str(trainer.post("/chats/import/files", json={"size": 9}).json["token"])  # type: ignore[index]
    more = trainer.post(f"/chats/import/files/{token}?offset=0", data=b"x" * 2_000)
    trainer.post(f"/chats/import/{first}", data={"action": "cancel"})
    after = trainer.post(f"/chats/import/files/{token}?offset=0", data=b"x" * 2_000)

    for answer in (refused, more):
        assert answer.status_code == 422
        assert "先把传好的导入或取消" in answer.text
    assert trainer.get(f"/chats/import/{first}").status_code == 404
    assert after.json == {"received": 2_000}
    monkeypatch.setattr(uploads, "FREE_BYTES", 1 << 60)
    full = trainer.post("/chats/import/files", json={"size": 1})
    assert full.status_code == 422
    assert "磁盘快满了" in full.text


def all_rows(app: Flask) -> str:
    """Everything that stands in the database."""
    with app.app_context():
        values = (
            value
            for each in db.metadata.sorted_tables
            for row in db.session.execute(select(each))
            for value in row
        )
        return "\n".join(
            each.decode(errors="replace") if isinstance(each, bytes) else str(each)
            for each in values
        )


def test_names_in_a_column_taken_for_roles_are_kept_nowhere(
    app: Flask, trainer: FlaskClient
) -> None:
    """Two nicks where roles are looked for, told the wrong way round, and a phone."""
    sides = (("溪边小鱼", "什么时候发货呢"), ("山里阿亮", "亲，今天就给您发出哦"))
    rows = [
        f"2026-10-20 10:{minute:02}:00,{sides[minute % 2][0]},{sides[minute % 2][1]}{minute}\n"
        for minute in range(20)
    ]
    lines = ["甲列,乙列,丙列\n", *rows, "2026-10-20 11:00:00,13912345678,好的\n"]
    told = {"action": "look", "format": "table", "column": ["at", "role", "text"]}
    names = ("溪边小鱼", "山里阿亮", "13912345678")

    def is_named() -> list[str]:
        found = all_rows(app)
        return [name for name in names if name in found]

    token = sent(trainer, "".join(lines).encode())
    jobs.run_waiting(app)
    trainer.post(f"/chats/import/{token}", data=told)
    jobs.run_waiting(app)
    asked = trainer.get(f"/chats/import/{token}").text
    trainer.post(f"/chats/import/{token}", data={**told, "role": ["agent", "buyer"]})
    waiting = is_named()
    jobs.run_waiting(app)
    looked_at = is_named()
    where = brought_in(app, trainer, token)

    assert "溪边小鱼" in asked
    assert (waiting, looked_at, is_named()) == ([], [], [])
    assert stored(app) == 20
    with app.app_context():
        roles = dict(db.session.execute(select(ChatMessage.text, ChatMessage.role)).all())
        assert (roles["什么时候发货呢0"], roles["亲，今天就给您发出哦1"]) == ("agent", "buyer")
        (refused,) = db.session.scalars(select(ChatRefused))
        assert (refused.reason, refused.details) == ("unknown_role", {"value": "1**"})
    assert "13912345678" not in trainer.get(where).text
    token = sent(trainer, "".join(lines).replace("10-20", "10-21").encode(), "下周.csv")
    jobs.run_waiting(app)
    again = trainer.get(f"/chats/import/{token}").text
    assert "列也照那次对好了" in again
    brought_in(app, trainer, token)
    assert stored(app) == 40
    assert is_named() == []


def test_strange_columns_are_said_once_and_remembered(
    app: Flask, trainer: FlaskClient, tmp_path: Path
) -> None:
    token = sent(trainer, STRANGE.encode())
    jobs.run_waiting(app)
    asked = trainer.get(f"/chats/import/{token}").text
    refused = trainer.post(f"/chats/import/{token}", data={"action": "import"})

    trainer.post(
        f"/chats/import/{token}",
        data={
            "action": "look",
            "format": "table",
            "column": ["at", "role", "text"],
            "role": ["buyer", "agent"],
        },
    )
    jobs.run_waiting(app)
    told = trainer.get(f"/chats/import/{token}").text
    brought_in(app, trainer, token)
    later = sent(trainer, STRANGE.replace("10-20", "10-21").encode(), "下周.csv")
    jobs.run_waiting(app)
    again = trainer.get(f"/chats/import/{later}").text
    file = tmp_path / "下下周.csv"
    file.write_text(STRANGE.replace("10-20", "10-28"), encoding="utf-8")
    with app.app_context():
        tried = imported(file, "--dry-run")
        by_command = imported(file)

    assert "这样还读不了" in asked
    assert refused.location.endswith(token)
    assert "这样还读不了" not in told
    assert "列也照那次对好了" in again
    assert "确认导入" in again
    assert tried["messages"] == by_command["messages"] == 3
    assert stored(app) == 6


def test_lines_that_were_not_understood_are_listed_and_downloaded(
    app: Flask, trainer: FlaskClient
) -> None:
    data = table(2) + "昨天,买家,小美,tb买家9号,云朵家居,好\n=1+1,\n＝2+2,\n".encode()
    token = sent(trainer, data)
    jobs.run_waiting(app)
    where = brought_in(app, trainer, token)

    page = trainer.get(where).text
    rows = list(csv.reader(io.StringIO(trainer.get(f"{where}/refused.csv").text.lstrip("\ufeff"))))

    assert "看不懂的时间：昨天" in page
    assert rows[1][:2] == ["14", "看不懂的时间：昨天"]
    assert [row[2] for row in rows[2:]] == ["'=1+1,", "'＝2+2,"]


def test_an_import_is_stopped_when_it_is_asked_for(app: Flask, trainer: FlaskClient) -> None:
    token = sent(trainer, table(40))
    jobs.run_waiting(app)
    where = trainer.post(f"/chats/import/{token}", data={"action": "import"}).location
    assert "hx-get" in trainer.get(where).text

    trainer.post(f"{where}/cancel")
    jobs.run_waiting(app)

    assert "中途停下" in trainer.get(where).text
    assert stored(app) == 0


def test_a_browser_without_scripts_sends_it_whole(app: Flask, trainer: FlaskClient) -> None:
    answer = trainer.post("/chats/import", data={"file": (io.BytesIO(table(3)), "三.csv")})
    jobs.run_waiting(app)

    page = trainer.get(answer.location).text

    assert "看完了，还没有存" in page
    assert "三.csv" in page


@pytest.mark.parametrize(
    ("data", "why"), [(b"\0" * 200, "空的"), (b"\xd0\xcf\x11\xe0" + b"a" * 99, "旧版")]
)
def test_what_cannot_be_read_says_why(
    app: Flask, trainer: FlaskClient, data: bytes, why: str
) -> None:
    token = sent(trainer, data, "坏.xls")
    jobs.run_waiting(app)

    assert why in trainer.get(f"/chats/import/{token}").text


def test_files_and_imports_of_others_are_not_found(
    app: Flask, trainer: FlaskClient, make_person: MakePerson, make_team: MakeTeam, sign_in: SignIn
) -> None:
    token = sent(trainer, table(2))
    jobs.run_waiting(app)
    where = brought_in(app, trainer, token)
    other = make_team("别的店")
    stranger = sign_in(make_person(Role.TRAINER, team=other))
    with app.app_context():
        team_id = db.session.scalar(select(ChatImport.team_id))

    assert stranger.get(where).status_code == 404
    assert stranger.get(f"{where}/refused.csv").status_code == 404
    assert stranger.post(f"{where}/cancel").status_code == 404
    assert stranger.get(f"/chats/import/{token}").status_code == 404
    begun = stranger.post("/chats/import/files", json={"size": 5, "team": team_id})
    assert begun.status_code == 404
    half = str(trainer.post("/chats/import/files", json={"size": 5}).json["token"])  # type: ignore[index]
    assert stranger.post(f"/chats/import/files/{half}/cancel").status_code == 404
    assert trainer.get(f"/chats/import/files/{half}").json == {"received": 0}


def test_an_import_is_taken_back_and_can_come_again(app: Flask, trainer: FlaskClient) -> None:
    token = sent(trainer, table(40))
    jobs.run_waiting(app)
    where = brought_in(app, trainer, token)

    trainer.post(f"{where}/take-back")
    jobs.run_waiting(app)

    assert "已经撤回" in trainer.get(where).text
    assert "tb买" not in trainer.get("/chats").text
    with app.app_context():
        team_id = db.session.scalars(select(ChatImport.team_id)).one()
        states = [each.state for each in sealing.verify(team_id).verdicts]
        assert states == [State.ERASED, State.INTACT]
        assert db.session.scalar(select(func.count(ChatConversation.id))) == 0
        assert db.session.scalars(select(ChatMessage.text).distinct()).all() == [None]
    again = sent(trainer, table(40))
    jobs.run_waiting(app)
    brought_in(app, trainer, again)
    assert stored(app) == 480
    assert "发货" in trainer.get("/chats?q=发货").text.partition("<ul")[2]
    with app.app_context():
        assert sealing.verify(team_id).is_whole


def test_what_something_rests_on_is_not_taken_back(
    app: Flask, trainer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sent(trainer, table(20))
    jobs.run_waiting(app)
    where = brought_in(app, trainer, first)
    second = sent(trainer, table(20, first=10), "后来.csv")
    jobs.run_waiting(app)
    later = brought_in(app, trainer, second)

    trainer.post(f"{where}/take-back")
    overlapped = trainer.get(where).text
    monkeypatch.setattr(hooks, "keeps", [lambda ids: ids[:1]])
    trainer.post(f"{later}/take-back")
    reviewed = trainer.get(later).text
    jobs.run_waiting(app)

    assert "先撤回后来的那一次" in overlapped
    assert "已经抽中、评过" in reviewed
    assert stored(app) == 180


def test_while_an_import_is_taken_back_nothing_rests_on_it_and_nothing_comes_in(
    app: Flask, trainer: FlaskClient, make_person: MakePerson
) -> None:
    token = sent(trainer, table(20) + b"\n,,,,\n")
    jobs.run_waiting(app)
    where = brought_in(app, trainer, token)
    again = sent(trainer, table(20, first=10), "又一份.csv")
    jobs.run_waiting(app)
    person = make_person()

    trainer.post(f"{where}/take-back")
    trainer.post("/chats/1/hold", data={"reason": "12315 投诉"})
    trainer.post("/chats/1/follow-up", data={"text": "回电话", "owner": str(person.id)})
    trainer.post("/quality/chats/choose/1")
    with app.app_context():
        team_id = db.session.scalars(select(ChatImport.team_id)).one()
        frame = framing.frame_of_window(
            team_id, "Asia/Shanghai", Window(date(2020, 1, 1), date(2030, 1, 1))
        )
        with transaction():
            other = service.begin(
                team_id, "b", "b", total_bytes=1, settings={}, by=None, now=utc_now()
            )
        with pytest.raises(ConflictError, match="正在撤回"), transaction():
            service.take(other, "test", now=utc_now())
        with transaction() as session:
            session.delete(session.get_one(ChatImport, other))
    jobs.run_waiting(app)

    assert len(frame) == 0
    with app.app_context():
        for model in (ChatHold, ChatFollowUp, ChatReview, ChatConversation):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0, model
        assert db.session.scalars(select(ChatRefused.source)).all() == [None]
    brought_in(app, trainer, again)
    assert stored(app) == 120 + 120


def test_an_import_is_not_taken_back_while_another_is_brought_in(
    app: Flask, trainer: FlaskClient
) -> None:
    token = sent(trainer, table(20))
    jobs.run_waiting(app)
    where = brought_in(app, trainer, token)
    with app.app_context(), transaction():
        team_id = db.session.scalars(select(ChatImport.team_id)).one()
        other = service.begin(team_id, "b", "b", total_bytes=1, settings={}, by=None, now=utc_now())
        service.take(other, "another-machine:1:x", now=utc_now())

    trainer.post(f"{where}/take-back")

    assert "有文件正在导入" in trainer.get(where).text
    with app.app_context():
        assert db.session.get_one(ChatImport, 1).state == "done"


def test_taking_back_that_broke_is_gone_on_with(
    app: Flask, trainer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sent(trainer, table(20))
    jobs.run_waiting(app)
    where = brought_in(app, trainer, token)
    with monkeypatch.context() as broken:
        broken.setattr(taking_back, "erase", lambda *_args, **_more: 1 / 0)
        trainer.post(f"{where}/take-back")
        waiting = trainer.get(where).text
        jobs.run_waiting(app)

    offered = trainer.get(where).text
    trainer.post(f"{where}/take-back")
    jobs.run_waiting(app)

    assert "撤回这次导入" not in waiting
    assert "撤回这次导入" in offered
    assert "已经撤回" in trainer.get(where).text
    with app.app_context():
        assert db.session.scalar(select(func.count(ChatConversation.id))) == 0


def test_after_a_day_it_is_too_late(app: Flask, trainer: FlaskClient) -> None:
    token = sent(trainer, table(2))
    jobs.run_waiting(app)
    where = brought_in(app, trainer, token)
    with app.app_context(), transaction() as session:
        session.execute(update(ChatImport).values(ended_at=utc_now() - timedelta(hours=25)))

    page = trainer.get(where).text
    trainer.post(f"{where}/take-back")
    jobs.run_waiting(app)

    assert "撤回这次导入" not in page
    assert stored(app) == 12
    with app.app_context():
        assert db.session.scalar(select(ChatImport.state)) == "done"
