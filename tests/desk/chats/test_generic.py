"""Tables and lines of JSON of any tool, by a mapping that is given or guessed. All data is made."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cstrain.desk.chats import importers
from cstrain.desk.chats.importers import ColumnMapping, names, words
from cstrain.desk.chats.message import Precision, Refused, Role, SourceMessage
from cstrain.kit.errors import InvalidError
from tests.desk.chats.test_formats import workbook

HEAD = "时间,角色,客服,买家,内容\n"
ROW = "2024-05-01 10:00:00,买家,小美,tb1,在吗\n"


def read(text: str, mapping: ColumnMapping | None = None) -> list[SourceMessage | Refused]:
    return list(importers.open_text(text, mapping=mapping))


def texts(found: list[SourceMessage | Refused]) -> list[str]:
    return [each.text if isinstance(each, SourceMessage) else each.reason for each in found]


def one(text: str, mapping: ColumnMapping | None = None) -> SourceMessage:
    (found,) = read(text, mapping)
    assert isinstance(found, SourceMessage), found
    return found


def test_a_table_with_known_headings_needs_no_mapping() -> None:
    found = one(HEAD + "2024-05-01 10:00:05,客服,cntaobao山泉:小美,tb1,亲 &#x26; 您好\n")

    assert found.role is Role.AGENT
    assert (found.platform, found.shop, found.account) == ("taobao", "山泉", "小美")
    assert found.buyer == "tb1"
    assert found.text == "亲 & 您好"
    assert found.line == 2
    assert found.source == "2024-05-01 10:00:05,客服,cntaobao山泉:小美,tb1,亲 &#x26; 您好"


@pytest.mark.parametrize(
    ("written", "iso", "precision"),
    [
        ("2024-05-01 10:23:11", "2024-05-01T10:23:11+08:00", Precision.SECOND),
        ("2024-05-01T10:23:11", "2024-05-01T10:23:11+08:00", Precision.SECOND),
        ("2024-05-01T02:23:11Z", "2024-05-01T10:23:11+08:00", Precision.SECOND),
        ("2024-05-01T02:23:11.250Z", "2024-05-01T10:23:11.250000+08:00", Precision.MILLISECOND),
        ("2024-05-01T03:23:11+01:00", "2024-05-01T10:23:11+08:00", Precision.SECOND),
        ("2018-10-11 11:35:07.999996", "2018-10-11T11:35:08+08:00", Precision.SECOND),
        ("2018-10-11 23:59:59.999996", "2018-10-12T00:00:00+08:00", Precision.SECOND),
        ("2018-10-11 11:35:07.000004", "2018-10-11T11:35:07+08:00", Precision.SECOND),
        ("2024/5/1 9:05", "2024-05-01T09:05:00+08:00", Precision.MINUTE),
        ("2024年5月1日 下午 3:05", "2024-05-01T15:05:00+08:00", Precision.MINUTE),
        # As long as the usual one.
        ("2024-11-2 上午9:05:07", "2024-11-02T09:05:07+08:00", Precision.SECOND),
        ("2024-05-01 10:23 AM", "2024-05-01T10:23:00+08:00", Precision.MINUTE),
        ("2024-5-12 10:23:11 ", "2024-05-12T10:23:11+08:00", Precision.SECOND),
        ("5/1/2024 3:04 PM", "2024-05-01T15:04:00+08:00", Precision.MINUTE),
        ("12/31/2023 12:04:05 am", "2023-12-31T00:04:05+08:00", Precision.SECOND),
        ("9/3/2026\u202f3:04 PM", "2026-09-03T15:04:00+08:00", Precision.MINUTE),
        ("2024.05.01", "2024-05-01T00:00:00+08:00", Precision.DATE),
        ("20240501", "2024-05-01T00:00:00+08:00", Precision.DATE),
        ("20240501102311", "2024-05-01T10:23:11+08:00", Precision.SECOND),
        ("1714530191", "2024-05-01T10:23:11+08:00", Precision.SECOND),
        ("1714530191250", "2024-05-01T10:23:11.250000+08:00", Precision.MILLISECOND),
        ("45413.5", "2024-05-01T12:00:00+08:00", Precision.SECOND),
        ("45413.432766203703", "2024-05-01T10:23:11+08:00", Precision.SECOND),
        ("45413", "2024-05-01T00:00:00+08:00", Precision.DATE),
    ],
)
def test_times(written: str, iso: str, precision: Precision) -> None:
    found = one(f"{HEAD}{written},买家,小美,tb1,在吗\n")

    assert found.at is not None
    assert found.at.isoformat() == iso
    assert found.precision is precision


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2024-13-01 10:00:00,买家,小美,tb1,在吗", "bad_time"),
        ("昨天,买家,小美,tb1,在吗", "bad_time"),
        ("13/1/2024 3:04 PM,买家,小美,tb1,在吗", "bad_time"),
        ("9/3/2026 15:04,买家,小美,tb1,在吗", "bad_time"),
        (",买家,小美,tb1,在吗", "no_time"),
        ("2024-05-01 10:00:00,路人,小美,tb1,在吗", "unknown_role"),
        ("2024-05-01 10:00:00,买家,小美,tb1, ", "no_text"),
        ("2024-05-01 10:00:00,买家,小美,1.00260847862E+13,在吗", "id_digits_lost"),
        ("2024-05-01 10:00:00,买家", "too_few_columns"),
    ],
)
def test_what_is_no_message_is_refused_with_its_number_and_its_words(row: str, reason: str) -> None:
    found = read(f"{HEAD}{ROW}{row}\n{ROW}")

    assert texts(found) == ["在吗", reason, "在吗"]
    refused = found[1]
    assert isinstance(refused, Refused)
    assert refused.line == 3
    assert refused.source == row
    assert words.refusal(refused) != reason


def test_an_id_that_kept_its_digits_as_a_number_is_an_id() -> None:
    assert (
        one(f"{HEAD}2024-05-01 10:00:00,买家,小美,10026084786191.0,在吗").buyer == "10026084786191"
    )


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ('2024-05-01 10:00:00,买家,小美,tb1,"在吗\n亲，""好"""', ['在吗\n亲，"好"']),
        ('2024-05-01 10:00:00,买家,小美,tb1,他说"好\n' + ROW, ['他说"好', "在吗"]),
        ('2024-05-01 10:00:00,买家,小美,tb1,"好\n' + ROW, ['"好', "在吗"]),
        (
            '2024-05-01 10:00:00,买家,小美,tb1,"好\n' + ROW + ROW.replace("在吗", '5"屏'),
            ['"好', "在吗", '5"屏'],
        ),
        ('2024-05-01 10:00:00,买家,小美,tb1,"好"的\n' + ROW, ['"好"的', "在吗"]),
        ("2024-05-01 10:00:00,买家,小美,tb1,好,行,可以\n", ["好,行,可以"]),
    ],
)
def test_quotation_marks_that_people_typed_swallow_no_rows(rows: str, told: list[str]) -> None:
    assert texts(read(HEAD + rows)) == told


def test_a_file_that_ends_in_a_row_says_so() -> None:
    assert texts(read(HEAD + ROW + "2024-05-01 10:0")) == ["在吗", "cut_off"]


def test_a_changed_heading_is_named() -> None:
    mapping = ColumnMapping({"text": "内容", "at": "时间", "buyer": "顾客", "role": "角色"})

    with pytest.raises(InvalidError, match="缺少 顾客"):
        read(HEAD + ROW, mapping)


def test_what_somebody_said_is_not_named_as_headings() -> None:
    mapping = ColumnMapping({"text": "内容", "at": "时间", "buyer": "顾客", "role": "角色"})

    with pytest.raises(InvalidError, match="缺少 内容") as refused:
        read("2024-05-01 10:00:00,买家,景甲,打我电话13812345678\n" * 3, mapping)

    assert "13812345678" not in str(refused.value)


def test_headings_may_stand_under_notes() -> None:
    mapping = ColumnMapping({"text": "内容", "at": "时间", "buyer": "买家", "role": "角色"})

    found = one("导出时间：2024-05-02\n\n" + HEAD + ROW, mapping)

    assert found.line == 4


def test_a_mapping_says_columns_roles_and_times() -> None:
    mapping = ColumnMapping.of_json(
        {
            "columns": {"text": "c", "at": "t", "role": "d", "conversation": "k"},
            "roles": {"0": "agent", "1": "buyer"},
            "date_format": "%d.%m.%Y %H:%M:%S",
            "platform": "jd",
            "shop": "山泉",
        },
        str,
    )

    found = one("k\td\tt\tc\n7\t0\t01.05.2024 10:00:05\t您好\n", mapping)

    assert ColumnMapping.of_json(mapping.as_json(), str) == mapping
    assert (found.role, found.platform, found.shop) == (Role.AGENT, "jd", "山泉")
    assert found.conversation == "7"
    assert found.at is not None
    assert found.at.isoformat() == "2024-05-01T10:00:05+08:00"


def test_day_and_clock_may_be_two_columns() -> None:
    found = one("日期,时刻,角色,买家,内容\n2024/5/1,10:00:05,买家,tb1,在吗\n")

    assert found.at is not None
    assert found.at.isoformat() == "2024-05-01T10:00:05+08:00"


@pytest.mark.parametrize(
    ("rows", "role", "buyer", "account"),
    [
        (
            "发送人,接收人,时间,内容\n山泉:小美,tb1,2024-05-01 10:00:00,好",
            Role.AGENT,
            "tb1",
            "小美",
        ),
        (
            "发送人,接收人,时间,内容\ntb1,山泉:小美,2024-05-01 10:00:00,好",
            Role.BUYER,
            "tb1",
            "小美",
        ),
        ("发送人,买家,时间,内容\n小美,tb1,2024-05-01 10:00:00,好", Role.AGENT, "tb1", "小美"),
        ("发送人,买家,时间,内容\ntb1,tb1,2024-05-01 10:00:00,好", Role.BUYER, "tb1", ""),
        ("客服,买家,时间,内容\n小美,,2024-05-01 10:00:00,好", Role.AGENT, "", "小美"),
        ("客服,买家,时间,内容\n,tb1,2024-05-01 10:00:00,好", Role.BUYER, "tb1", ""),
        (
            "发送人,接收人,时间,内容\n山泉:服务助手,tb1,2024-05-01 10:00:00,好",
            Role.BOT,
            "tb1",
            "服务助手",
        ),
    ],
)
def test_who_is_told_by_names(rows: str, role: Role, buyer: str, account: str) -> None:
    found = one(rows)

    assert (found.role, found.buyer, found.account) == (role, buyer, account)


def test_a_column_of_senders_alone_is_enough() -> None:
    found = read(
        "时间,发送人,内容\n2024-05-01 10:00:00,tb1,在吗\n2024-05-01 10:00:09,山泉:美,在的\n"
    )

    assert [
        (each.role, each.buyer, each.shop) for each in found if isinstance(each, SourceMessage)
    ] == [
        (Role.BUYER, "tb1", "山泉"),
        (Role.AGENT, "tb1", "山泉"),
    ]


def test_of_many_senders_some_are_kept_for_a_person() -> None:
    rows = [f"买家{number},山泉:小美,在吗\n" for number in range(3_000)]
    source = importers.open_text("发送人,接收人,内容\n" + "".join(rows))

    assert len(list(source)) == 3_000
    assert len(source.speakers) == 1_000


def test_the_guess_says_what_it_is_unsure_of() -> None:
    rows = [
        ["1", "0", "2024-05-01 10:00:00", "这个多少钱"],
        ["1", "1", "2024-05-01 10:00:09", "亲，您好，这款 39 元"],
        ["1", "0", "2024-05-01 10:00:20", "便宜点"],
        ["1", "1", "2024-05-01 10:00:30", "亲，感谢您的支持哦"],
    ]

    found = importers.guess(["会话ID", "direction", "x1", "x2"], rows)

    assert found.mapping.columns == {
        "conversation": "会话ID",
        "role": "direction",
        "at": "x1",
        "text": "x2",
    }
    assert found.mapping.roles == {"0": Role.BUYER, "1": Role.AGENT}
    assert found.unsure == ["roles_guessed", "text_guessed"]
    assert all(words.unsure(code) != code for code in found.unsure)


ASKED = '{"time":"2024-05-01 10:00:00","role":"buyer","from":{"nick":"tb1"},"content":"在吗"}'
ANSWERED = '{"time":1714528805000,"role":"agent","from":{"nick":"tb1"},"content":"在的"}'


@pytest.mark.parametrize(
    "text",
    [
        f"{ASKED}\n{ANSWERED}\n",
        f"[{ASKED},\n {ANSWERED}]",
        f'{{"total":2,"data":[{ASKED},{ANSWERED}]}}\n',
        f'{{"total":1,"data":[{ASKED}]}}\n{{"total":1,"data":[{ANSWERED}]}}',
    ],
)
def test_json_of_any_tool(text: str) -> None:
    columns = {"text": "content", "at": "time", "role": "role", "buyer": "from.nick"}

    found = read(text, ColumnMapping(columns))

    assert texts(found) == ["在吗", "在的"]
    assert [each.buyer for each in found if isinstance(each, SourceMessage)] == ["tb1", "tb1"]


@pytest.mark.parametrize(
    ("data", "words_of_it"),
    [
        (b"", "空的"),
        (b"\xef\xbb\xbf \n", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "旧版"),
        (b"PK\x03\x04 and then nothing", "损坏"),
        (b"PK\x03\x04" + b"\0" * 300, "损坏"),
    ],
)
def test_files_that_are_none_are_refused_whole(
    data: bytes, words_of_it: str, tmp_path: Path
) -> None:
    path = tmp_path / "chat.xlsx"
    path.write_bytes(data)

    with pytest.raises(InvalidError, match=words_of_it):
        list(importers.open_source(path))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_nul_in_a_text_is_left_out(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "chat.csv"
    path.write_bytes((HEAD + ROW * 3).replace("在吗", "在\0吗", 1).encode(encoding))
    source = importers.open_source(path)

    assert texts(list(source)) == ["在吗"] * 3
    assert source.encoding == encoding


@pytest.mark.parametrize("inner", ["chat.csv", "chats/a.xlsx", "b.json"])
def test_a_zip_is_to_be_unpacked_first(inner: str, tmp_path: Path) -> None:
    path = tmp_path / "chat.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(inner, HEAD + ROW)

    with pytest.raises(InvalidError, match="解压"):
        importers.open_source(path)


@pytest.mark.parametrize("name", ["chat.csv", "chat.xlsx"])
def test_a_cell_that_a_spreadsheet_has_cut_is_told(name: str, tmp_path: Path) -> None:
    head, row = (line.strip().split(",") for line in (HEAD, ROW))
    rows = [head, [*row[:-1], "字" * 32_767], [*row[:-1], "字" * 32_766]]
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("\n".join(map(",".join, rows)), "utf-8")
    else:
        workbook(path, rows)

    found = list(importers.open_source(path))

    assert [len(each.text) for each in found if isinstance(each, SourceMessage)] == [32_767, 32_766]
    assert [(each.line, each.reason) for each in found if isinstance(each, Refused)] == [
        (2, "cell_cut")
    ]


def test_lines_of_another_encoding_are_refused_and_the_others_read(tmp_path: Path) -> None:
    path = tmp_path / "chat.csv"
    good = (HEAD + ROW * 3).encode()
    path.write_bytes(good + ROW.encode("gb18030") + ROW.encode())

    assert texts(list(importers.open_source(path))) == ["在吗"] * 3 + ["undecodable", "在吗"]


def test_detection_names_format_encoding_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "chat.csv"
    path.write_text(HEAD + ROW, "gb18030")

    found = importers.detect(path)

    assert (found.format, found.encoding, found.is_sure) == ("table", "gb18030", True)
    assert words.detection(found.reason) != found.reason
    assert {"zh", "en"} == set(importers.FORMATS[found.format].title)


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidError, match="copied"):
        importers.open_text("a", format="fax")


def test_a_file_that_ends_in_a_character_says_so(tmp_path: Path) -> None:
    path = tmp_path / "chat.csv"
    path.write_bytes((HEAD + ROW).encode() + ROW.encode()[:-3])

    assert texts(list(importers.open_source(path))) == ["在吗", "cut_off"]


def test_notes_with_two_cells_are_no_headings() -> None:
    found = one("店铺：山泉,2024 年 5 月\n,\n" + HEAD + ROW)

    assert (found.text, found.line) == ("在吗", 4)


def test_a_table_without_headings_has_numbered_ones() -> None:
    text = "k1,2024-05-01 10:00:00,买家,在吗\nk1,2024-05-01 10:00:09,客服,在的，亲\n"
    mapping = ColumnMapping({"conversation": "#1", "at": "#2", "role": "#3", "text": "#4"})

    assert texts(read(text, mapping)) == ["在吗", "在的，亲"]
    with pytest.raises(InvalidError, match="请先对一下列"):
        list(importers.open_text(text, format="table"))


def test_empty_rows_are_no_news() -> None:
    assert texts(read(HEAD + ROW + "\n,,,,\n" + ROW)) == ["在吗", "在吗"]


def test_what_a_conversation_of_json_says_goes_for_its_messages() -> None:
    text = (
        '{"sid":"k1","user_id":"甲","messages":[{"role":"buyer","text":"在吗"}]}\n'
        '{"sid":"k2","user_id":"乙","messages":[{"role":"agent","text":"您好"}]}\n'
    )

    found = [each for each in read(text) if isinstance(each, SourceMessage)]

    assert [(each.conversation, each.buyer) for each in found] == [("k1", "甲"), ("k2", "乙")]


def test_the_wizard_looks_at_tables_and_json(tmp_path: Path) -> None:
    table, lines = tmp_path / "a.csv", tmp_path / "a.jsonl"
    table.write_text(HEAD + ROW, "gb18030")
    lines.write_text(ASKED, "utf-8")

    assert importers.look(table).samples["内容"] == ["在吗"]
    assert importers.look(lines).mapping.columns["text"] == "content"


@pytest.mark.parametrize("heading", ["客服帐号", "客服账号", "子帐号"])
def test_an_account_may_be_written_with_either_sign(heading: str) -> None:
    found = read(
        f"买家昵称,{heading},角色,时间,消息内容\n"
        "tb1,山泉旗舰店:小美,买家,2026-11-18 10:00:01,在吗\n"
        "tb1,山泉旗舰店:小美,客服,2026-11-18 10:00:11,在的亲\n"
    )

    assert [
        (each.buyer, each.account, each.shop) for each in found if isinstance(each, SourceMessage)
    ] == [("tb1", "小美", "山泉旗舰店")] * 2


@pytest.mark.parametrize("name", ["chat.csv", "chat.txt"])
def test_accounts_in_a_table_of_strange_headings_are_no_speakers(name: str, tmp_path: Path) -> None:
    table = tmp_path / name
    table.write_text(
        "买家,接待,发言时刻,说了什么\n"
        "tb1,山泉旗舰店:小美,2026-11-18 10:00:01,在吗\n"
        "tb1,山泉旗舰店:小美,2026-11-18 10:00:11,在的亲\n"
        "tb2,山泉旗舰店:小美,2026-11-18 11:00:01,退货地址发我\n",
        "utf-8",
    )

    assert importers.detect(table).format == "table"
    assert importers.look(table).unsure == ["text_guessed"]


def test_two_sides_of_any_name_are_found_by_who_is_polite() -> None:
    said = [("C", "在吗"), ("K", "您好亲"), ("C", "多少钱"), ("K", "亲，39 元呢")] * 3
    rows = [["2026-11-01 10:00:00", "小美", "tb甲一", side, text] for side, text in said]

    found = importers.guess(["日期", "客服昵称", "买家昵称", "哪边", "聊天内容"], rows)

    assert found.mapping.columns["at"] == "日期"
    assert found.mapping.columns["role"] == "哪边"
    assert found.mapping.role("K") is Role.AGENT
    assert found.mapping.role("C") is Role.BUYER
    assert "roles_guessed" in found.unsure


@pytest.mark.parametrize(
    ("told", "code"),
    [("淘宝", "taobao"), ("天猫 ", "taobao"), ("JD", "jd"), ("抖音", "抖音"), ("", "")],
)
def test_a_platform_named_in_words_is_the_one_of_the_prefix(told: str, code: str) -> None:
    assert names.platform(told) == code


def who(text: str) -> list[tuple[str, str, str]]:
    return [
        (each.role, each.buyer, each.account)
        for each in read(text)
        if isinstance(each, SourceMessage)
    ]


@pytest.mark.parametrize("heading", ["发送人", "发言人", "Sender", "From", "发送方", "谁"])
@pytest.mark.parametrize(
    ("buyer", "agent"),
    [("买家", "客服"), ("customer", "agent"), ("buyer", "Agent"), ("visitor", "operator")],
)
def test_words_of_roles_are_roles_whatever_stands_above_them(
    heading: str, buyer: str, agent: str
) -> None:
    found = who(
        f"买家昵称,客服账号,{heading},时间,消息内容\n"
        f"qe5,Amy5,{buyer},2026-09-15 10:00:00,hello\n"
        f"qe5,Amy5,{agent},2026-09-15 10:00:10,hi\n"
    )

    assert found == [("buyer", "qe5", "Amy5"), ("agent", "qe5", "Amy5")]


def test_words_in_a_column_that_a_person_called_one_of_senders_are_roles() -> None:
    columns = {"buyer": "买家昵称", "sender": "发送人", "at": "时间", "text": "消息内容"}
    found = read(
        "买家昵称,发送人,时间,消息内容\n"
        "qe5,买家,2026-09-15 10:00:00,在吗\nqe5,客服,2026-09-15 10:00:10,在的\n",
        ColumnMapping(columns),
    )

    assert [
        (each.role, each.buyer, each.account) for each in found if isinstance(each, SourceMessage)
    ] == [(Role.BUYER, "qe5", ""), (Role.AGENT, "qe5", "")]


@pytest.mark.parametrize("heading", ["发送人", "发送方", "角色"])
def test_names_in_a_column_of_roles_are_told_by_the_columns_beside(heading: str) -> None:
    text = (
        f"买家昵称,客服账号,{heading},时间,消息内容\n"
        "qe5,山泉:Amy5,qe5,2026-09-15 10:00:00,hello\n"
        "qe5,山泉:Amy5,Amy5,2026-09-15 10:00:10,hi\n"
    )
    source = importers.open_text(text)

    assert who(text) == [("buyer", "qe5", "Amy5"), ("agent", "qe5", "Amy5")]
    assert list(source)
    assert not source.has_guessed_roles


@pytest.mark.parametrize(
    ("sender", "answerer"), [("花儿", "阿美"), ("花儿", "Amy5"), ("qe5", "阿美")]
)
def test_names_that_no_column_tells_are_guessed_and_asked_for(sender: str, answerer: str) -> None:
    text = (
        "买家昵称,客服账号,发送人,时间,消息内容\n"
        f"qe5,Amy5,{sender},2026-09-15 10:00:00,在吗\n"
        f"qe5,Amy5,{answerer},2026-09-15 10:00:10,亲，在的\n"
    )
    source = importers.open_text(text)
    found = importers.open_text(text, format="table").look()

    assert [role for role, _buyer, _account in who(text)] == ["buyer", "agent"]
    assert list(source)
    assert source.has_guessed_roles
    assert "roles_guessed" in found.unsure
    assert set(found.role_values) == {sender, answerer} - {"qe5", "Amy5"}


def test_who_serves_several_buyers_is_guessed_to_be_an_agent() -> None:
    rows = [
        f"qe{number},{name},2026-09-15 10:0{number}:0{second},好\n"
        for number, buyer in enumerate(("花儿", "小草"))
        for second, name in enumerate((buyer, "阿美"))
    ]

    assert who("买家昵称,发送人,时间,消息内容\n" + "".join(rows)) == [
        ("buyer", "qe0", ""),
        ("agent", "qe0", "阿美"),
        ("buyer", "qe1", ""),
        ("agent", "qe1", "阿美"),
    ]


@pytest.mark.parametrize("heading", ["訊息內容", "聊天內容", "內容"])
def test_traditional_headings_are_known(heading: str) -> None:
    assert who(
        f"買家暱稱,客服帳號,發送人,時間,{heading}\n"
        "qe5,Amy5,買家,2026-09-15 10:00:00,在嗎\nqe5,Amy5,客服,2026-09-15 10:00:10,在的\n"
    ) == [("buyer", "qe5", "Amy5"), ("agent", "qe5", "Amy5")]


@pytest.mark.parametrize("column", ["", ",会话ID"])
def test_who_is_none_of_the_shops_accounts_is_a_buyer(column: str) -> None:
    cell = column and ",1"
    text = (
        f"时间,发送人,内容{column}\n"
        f"2024-05-01 10:00:00,tb1,在吗{cell}\n2024-05-01 10:00:09,山泉:美,在的{cell}\n"
    )

    assert [role for role, *_names in who(text)] == ["buyer", "agent"]
    assert importers.open_text(text, format="table").look().role_values == []


def test_numbers_of_two_sides_are_nobodys_name() -> None:
    assert who(
        "买家昵称,发言人,时间,消息内容\n"
        "qe5,0,2026-09-15 10:00:00,在吗\nqe5,1,2026-09-15 10:00:10,亲，在的\n"
    ) == [("buyer", "qe5", ""), ("agent", "qe5", "")]


def test_an_empty_cell_of_roles_is_nobody() -> None:
    assert read(f"{HEAD}{ROW}2024-05-01 10:00:00,,,,在吗\n{ROW}")[1].source.endswith(",,,,在吗")
