"""A buyer's names do not stay in what is kept, however a format writes them. All data is made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from cstrain.desk.chats import nicks, reading
from cstrain.desk.chats.importers import words
from cstrain.desk.chats.importers.times import SHANGHAI
from cstrain.desk.chats.message import Role, SourceMessage
from cstrain.desk.chats.reading import Wanted
from tests.desk.chats.made_exports import START, dumped, pdd
from tests.desk.chats.test_formats import workbook

NAME = "张小花"


def kept(path: Path) -> Iterator[str]:
    """All that is kept of a file."""
    wanted = Wanted(path, path.name, 1, "secret")
    for batch in reading.read(wanted):
        for conversation in batch.conversations:
            yield conversation.buyer_nick
            for message in conversation.messages:
                yield from (message[6], message[8])
        for refused in batch.refused:
            yield refused.source


def zendesk() -> str:
    def event(sort: str, who: str, name: str, msg: str) -> dict[str, str]:
        told = {"type": sort, "sender_type": who, "name": name, "msg": msg}
        return {**told, "timestamp": "2026-05-01T02:00:00Z"}

    history = [
        event("chat.memberjoin", "", NAME, ""),
        event("chat.msg", "Visitor", NAME, "有货吗"),
        event("chat.msg", "Agent", "美", f"{NAME}您好 有"),
        event("chat.msg", "Nobody", NAME, "好"),
    ]
    visitor = {"id": "6.abc", "name": NAME, "email": "", "phone": ""}
    return dumped({"chats": [{"id": "z1", "visitor": visitor, "history": history}]})


def intercom() -> str:
    def part(name: str, who: str, body: str) -> dict[str, object]:
        author = {"type": who, "id": f"id-{who}", "name": name}
        return {"part_type": "comment", "body": body, "created_at": START, "author": author}

    later = [
        part("美", "admin", f"<p>{NAME}您好</p>"),
        part("美", "team", f"见 {NAME}"),
        {**part("美", "admin", NAME), "part_type": "note"},
        part(NAME, "user", ""),
    ]
    chat = {
        "id": "i1",
        "created_at": START,
        "source": part(NAME, "user", "<p>在吗</p>"),
        "conversation_parts": {"conversation_parts": later},
    }
    return dumped(chat)


def xiaoduo(nick: str) -> str:
    row = f"20260501,tb,5,cntaobao山泉:美,cntaobao{nick}"
    return (
        "day,platform,shop_id,snick,cnick,act,msg,msg_time,msg_id,plat_goods_id,send_msg_from\n"
        f"{row},recv_msg,在吗,2026-05-01 10:00:00,a,0,0\n"
        f"{row},send_msg,{nick}您好,2026-05-01 10:00:09,c,7,0\n"
        f"{row},poke,在的,2026-05-01 10:00:09,c,7,0\n"
    )


COPIED = (
    "cntaobaotb_xd1 2026-05-01 10:00:00:\n在吗\n"
    "cntaobao山泉旗舰店:小美 2026-05-01 10:00:09:\n在的\n"
)
TABLE = (
    "买家ID,买家昵称,客服,角色,时间,消息内容\n"
    f"77001,{NAME},美,买家,2026-05-01 10:00:00,在吗\n"
    f"77001,{NAME},美,客服,2026-05-01 10:00:09,{NAME}您好\n"
    f"77001,{NAME},美,买家,昨天,在吗\n"
)
SENDERS = (
    "买家ID,客服,发送人,时间,消息内容\n"
    f"77001,美,{NAME},2026-05-01 10:00:00,在吗\n"
    f"77001,美,美,2026-05-01 10:00:09,{NAME}您好\n"
    f"77001,美,{NAME},昨天,在吗\n"
)
NESTED = "\n".join(
    dumped(
        {
            "buyer": "77001",
            "sender": {"type": who, "name": name},
            "time": "2026-05-01 10:00:00",
            "content": text,
        }
    )
    for who, name, text in [("user", NAME, "在吗"), ("staff", "美", f"{NAME}您好")]
)
FILES = {
    "zendesk": (zendesk(), NAME),
    "intercom": (intercom(), NAME),
    "pdd": (
        dumped(pdd("在吗", "user", nickname=NAME))
        + "\n"
        + dumped(pdd(f"{NAME}您好", "mall_cs", nickname=NAME))
        + "\n"
        + dumped(pdd("", "user", nickname=NAME)),
        NAME,
    ),
    "pdd, escaped": (
        dumped(pdd("在吗", "user")).replace("景**", r"\u5f20\u5C0F\u82b1".lower()),
        NAME,
    ),
    "xiaoduo": (xiaoduo("tb_xd1"), "tb_xd1"),
    "xiaoduo, Chinese": (xiaoduo("张小花1988"), "张小花"),
    "copied": (COPIED, "tb_xd1"),
    "json": (NESTED, NAME),
    "table": (TABLE, NAME),
    "table with senders": (SENDERS, NAME),
}


@pytest.mark.parametrize("name", FILES)
def test_no_name_of_a_buyer_is_kept(name: str, tmp_path: Path) -> None:
    text, nick = FILES[name]
    path = tmp_path / "chat.txt"
    path.write_text(text, "utf-8")

    found = list(kept(path))

    assert len(found) > 2
    assert not [each for each in found if nick in each or "\\u5f20" in each]


def test_the_name_beside_a_number_is_not_kept(tmp_path: Path) -> None:
    chat = (
        "日期    2026-05-01\n"
        f"{NAME}(3397664480)    10:00:00\n在吗\n\n"
        f"美美(3007975776)    10:00:09\n{NAME}您好\n\n"
        f"{NAME}(3397664480)    10:00:19\n\n"
    )
    path = workbook(
        tmp_path / "qd.xlsx",
        [["客服", "客户", "会话记录"], ["美美", NAME, chat], ["美美", NAME, ""]],
    )

    found = list(kept(path))

    assert not [each for each in found if NAME in each]
    assert any("美美" in each for each in found)


def said(text: str, source: str, *called: str, role: Role = Role.AGENT) -> SourceMessage:
    return SourceMessage(1, role, text, source=source, also_called=called)


@pytest.mark.parametrize(
    ("text", "called", "shown"),
    [
        ("小白鞋有吗", "小白", "小白鞋有吗"),
        ("一共 88000 元", "88000", "一共 88000 元"),
        ("买家您好", "买家", "买家您好"),
        ("tb_1x 您好，tb_1", "tb_1", "tb_1x 您好，t**"),
    ],
)
def test_what_is_a_common_word_as_well_stays_in_what_was_said(
    text: str, called: str, shown: str
) -> None:
    message = said(text, f'{{"name":"{called}","text":"{text}"}}', called)

    nicks.hide([message])

    assert message.text == shown
    assert message.source.endswith(f'"text":"{shown}"}}')


def test_names_of_the_system_lines_are_hidden_too() -> None:
    message = said("张花 chat.memberjoin", "", "张花", role=Role.SYSTEM)

    assert nicks.hide([message]) == 1
    assert message.text == "张** chat.memberjoin"


def test_what_was_written_in_the_future_is_refused_without_its_names(tmp_path: Path) -> None:
    path = tmp_path / "chat.csv"
    row = "77001,{},美,买家,{} 10:00:00,在吗\n"
    path.write_text(
        TABLE.splitlines()[0]
        + "\n"
        + row.format(NAME, "2026-05-03")
        + row.format(NAME, "2026-05-04")
    )
    latest = datetime(2026, 5, 4, tzinfo=SHANGHAI)

    (batch,) = reading.read(Wanted(path, path.name, 1, "secret", latest_at=latest))

    assert batch.message_count == 1
    ((line, reason, details, source),) = batch.refused
    assert (line, reason, details) == (3, "future_time", {"value": "2026-05-04 10:00"})
    assert NAME not in source
    assert "2026-05-04" in words.reason(reason, details)
