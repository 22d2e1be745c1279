"""One made example of every format, and what must come out of it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from cstrain.desk.chats import importers
from cstrain.desk.chats.cutting import CutRule, cut
from cstrain.desk.chats.importers import ColumnMapping, words
from cstrain.desk.chats.message import Kind, Precision, Refused, Role, SourceMessage
from tests.desk.chats.made_exports import EXAMPLES, dongdong, dumped, jd


def told(found: list[SourceMessage | Refused]) -> list[tuple[str, str, str, str]]:
    return [
        (str(each.role), each.account, each.buyer, each.text)
        if isinstance(each, SourceMessage)
        else ("", "", "", each.reason)
        for each in found
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_format_is_told_and_read(name: str) -> None:
    text, wanted = EXAMPLES[name]

    source = importers.open_text(text)
    found = list(source)

    assert source.format == name
    assert told(found) == wanted
    assert all(each.source for each in found if isinstance(each, SourceMessage))
    assert all(words.refusal(each) != each.reason for each in found if isinstance(each, Refused))


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("piece_chars", [1, 7, 64])
def test_where_the_file_is_cut_into_pieces_changes_nothing(
    name: str, piece_chars: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, wanted = EXAMPLES[name]
    whole = importers.inputs.Input.pieces

    def small(given: importers.inputs.Input) -> Any:
        text = "".join(whole(given))
        return (text[at : at + piece_chars] for at in range(0, len(text), piece_chars))

    monkeypatch.setattr(importers.inputs.Input, "pieces", small)

    assert told(list(importers.open_text(text))) == wanted


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-16-le", "utf-8-sig"])
def test_every_format_may_come_in_any_encoding(name: str, encoding: str, tmp_path: Path) -> None:
    text, wanted = EXAMPLES[name]
    path = tmp_path / "chat"
    path.write_bytes(text.encode(encoding))

    source = importers.open_source(path)

    assert source.format == name
    assert told(list(source)) == wanted
    assert source.position_bytes == source.total_bytes


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_file_cut_anywhere_gives_no_message_that_was_not_there(name: str) -> None:
    text, wanted = EXAMPLES[name]
    for end in range(max(40, text.find("\n") + 1), len(text), 23):
        found = list(importers.open_text(text[:end], format=name))
        messages = [each for each in told(found) if each[0]]
        whole = [each for each in wanted if each[0]]
        # The last content of a line may be short; nothing else may differ.
        assert messages[:-1] == whole[: len(messages)][:-1], text[:end]


def at(name: str) -> list[str]:
    found = importers.open_text(EXAMPLES[name][0])
    return [
        each.at.isoformat() if each.at else "" for each in found if isinstance(each, SourceMessage)
    ]


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - {"jddc", "jddc_blocks", "qianniu_page"}))
def test_the_first_message_was_at_ten_in_shanghai(name: str) -> None:
    assert at(name)[0] == "2024-05-01T10:00:00+08:00"


def test_what_stands_before_a_pages_first_date_has_none() -> None:
    found = [
        e for e in importers.open_text(EXAMPLES["qianniu_page"][0]) if isinstance(e, SourceMessage)
    ]

    assert found[0].at is None
    assert found[0].precision is Precision.NONE
    assert at("qianniu_page")[1] == "2024-05-01T10:00:00+08:00"
    assert found[3].kind is Kind.IMAGE


def test_messages_of_the_same_millisecond_keep_the_order_of_the_file() -> None:
    text = dongdong([jd(f"第{number}句", sent=number % 2 == 1) for number in range(9)])

    found = [each for each in importers.open_text(text) if isinstance(each, SourceMessage)]

    assert [each.text for each in found] == [f"第{number}句" for number in range(9)]
    assert {each.precision for each in found} == {Precision.MILLISECOND}


def test_a_persons_word_on_directions_goes_before_the_guess() -> None:
    right = ColumnMapping(roles={"1": Role.AGENT})
    guessed = importers.open_text(EXAMPLES["taobao_top"][0])
    sure = importers.open_text(EXAMPLES["taobao_top"][0], mapping=right)

    roles = [each.role for each in sure if isinstance(each, SourceMessage)]
    list(guessed)

    assert guessed.has_guessed_roles
    assert not sure.has_guessed_roles
    assert roles == [Role.AGENT, Role.BUYER]


@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_the_2018_corpus_has_headings(delimiter: str) -> None:
    rows = [
        ["session_id", "user_id", "waiter_send", "is_transfer", "is_repeat", "content"],
        ["s1", "U1", "0", "0", "0", f"在吗{delimiter}亲"],
        ["s1", "U1", "1", "0", "0", "在的"],
    ]

    source = importers.open_text("\n".join(map(delimiter.join, rows)))

    assert told(list(source)) == [
        ("buyer", "", "U1", f"在吗{delimiter}亲"),
        ("agent", "", "U1", "在的"),
    ]
    assert source.format == "jddc"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('"您好, 我帮您看下"', "您好, 我帮您看下"),
        ('"他说""好"""', '他说"好"'),
        ('"好"的', '"好"的'),
        ('他说"好"', '他说"好"'),
    ],
)
def test_marks_around_all_of_a_content_are_a_table_programs(content: str, text: str) -> None:
    head = "session_id,user_id,waiter_send,is_transfer,is_repeat,content"

    ((_role, _account, _buyer, found),) = told(
        list(importers.open_text(f"{head}\ns1,U1,1,0,0,{content}\n"))
    )

    assert found == text


def test_a_record_id_keeps_both_sides_of_an_assistants_chat_together() -> None:
    def row(role: str, name: str, category: str = "", record: str = "r1") -> str:
        told = {"role": role, "role_name": name, "category": category, "record_id": record}
        about = {"context_type": "TEXT", "message_time": "2026-05-01T10:00:00"}
        return dumped({**told, **about, "context": {"text": f"{role} {record}"}})

    rows = [
        row("assistant", "店:客服A", record="r2"),
        row("user", "tb_ai1"),
        row("assistant", "店:客服A", "agent_response"),
        row("assistant", "店:客服A", "report"),
        row("user", "tb_ai2", record="r2"),
        row("user", "tb_ai3", record="r3"),
    ]
    found = importers.open_text("\n".join(rows))
    messages = [each for each in found if isinstance(each, SourceMessage)]

    assert [
        [(each.role, each.shop, each.buyer) for each in conversation]
        for conversation in cut(messages, CutRule())
    ] == [
        [("agent", "店", "tb_ai2"), ("buyer", "店", "tb_ai2")],
        [("buyer", "店", "tb_ai1"), ("agent", "店", "tb_ai1")],
        [("buyer", "", "tb_ai3")],
    ]


def workbook(path: Path, rows: list[list[str]]) -> Path:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    path.write_bytes(file.getvalue())
    return path


def said(nick: str, text: str, second: int) -> dict[str, Any]:
    return {
        "sender_nick": nick,
        "time": f"2024-05-01T02:00:{second:02}Z",
        "content": {"text": text},
    }


def test_a_quality_tools_workbook_and_its_cut_cell(tmp_path: Path) -> None:
    address = {**said("山泉:美", "", 20), "content": {"text": "", "summary": "请确认收货地址"}}
    chat = [
        said("甲", "在吗", 0),
        said("山泉:服务助手", "您好", 1),
        said("山泉:美", "在的", 9),
        address,
    ]
    long = dumped([said("乙", f"第{number}句" * 9, number % 60) for number in range(500)])[:32_767]
    path = workbook(
        tmp_path / "qc.xlsx",
        [["users", "messages"], ["甲,山泉:服务助手,山泉:美", dumped(chat)], ["乙,山泉:美", long]],
    )

    source = importers.open_source(path)
    found = list(source)

    assert source.format == "qc_workbook"
    assert told(found)[:4] == [
        ("buyer", "", "甲", "在吗"),
        ("bot", "服务助手", "甲", "您好"),
        ("agent", "美", "甲", "在的"),
        ("agent", "美", "甲", "请确认收货地址"),
    ]
    first = found[0]
    assert isinstance(first, SourceMessage)
    assert first.at is not None
    assert first.at.isoformat() == "2024-05-01T10:00:00+08:00"
    assert first.shop == "山泉"
    cut = [each for each in found if isinstance(each, Refused)]
    assert [(each.reason, each.line) for each in cut] == [("cell_cut", 3)]
    assert sum(each.buyer == "乙" for each in found if isinstance(each, SourceMessage)) > 100


def test_qidians_workbook(tmp_path: Path) -> None:
    chat = (
        "|-----------------------|\n日期    2024-05-01\n|-----------------------|\n"
        "张美(3007975776)    10:00:00\n亲 在吗\n第二行\n\n"
        "未登记/380-空心(339766448)    10:00:09\n没事\n"
        "|-----------------------|\n日期    2024-05-02\n|-----------------------|\n"
        "张美(3007975776)    09:00:00\n早\n"
    )
    path = workbook(
        tmp_path / "qd.xlsx",
        [
            ["客服", "客户", "满意度评分", "会话记录"],
            ["张美", "空心", "5", chat],
            ["张美", "空心", "", ""],
        ],
    )

    source = importers.open_source(path)
    found = list(source)

    assert source.format == "qidian"
    assert told(found) == [
        ("agent", "张美", "339766448", "亲 在吗\n第二行"),
        ("buyer", "", "339766448", "没事"),
        ("agent", "张美", "339766448", "早"),
        ("", "", "", "no_text"),
    ]
    messages = [each for each in found if isinstance(each, SourceMessage)]
    assert [each.at.isoformat() for each in messages if each.at] == [
        "2024-05-01T10:00:00+08:00",
        "2024-05-01T10:00:09+08:00",
        "2024-05-02T09:00:00+08:00",
    ]
    assert messages[0].extra == {"rating": "5"}
    assert len({each.conversation for each in messages}) == 1


@pytest.mark.parametrize("name", importers.FORMATS)
def test_every_format_has_its_name_in_both_languages(name: str) -> None:
    title = importers.FORMATS[name].title

    assert title["zh"]
    assert title["en"].isascii()


def test_the_documentation_names_every_format_and_field() -> None:
    page = Path(__file__).parents[3] / "docs" / "chat-formats.md"
    told_there = set(re.findall(r"`([a-z_]+)`", page.read_text("utf-8")))

    assert set(importers.FORMATS) <= told_there
    assert set(importers.FIELDS) <= told_there
