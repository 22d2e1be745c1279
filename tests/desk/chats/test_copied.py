"""Chats copied out of a window. All of these texts are made."""

from __future__ import annotations

from datetime import date

import pytest

from cstrain.desk.chats import importers
from cstrain.desk.chats.cutting import CutRule, cut
from cstrain.desk.chats.importers import ColumnMapping
from cstrain.desk.chats.message import Precision, Refused, Role, SourceMessage


def told(text: str, **options: object) -> list[tuple[str, str, str]]:
    """Clock, who, and what was said; a refusal reads as its reason."""
    return [
        (f"{each.at:%H:%M:%S}" if each.at else "", each.account or each.buyer, each.text)
        if isinstance(each, SourceMessage)
        else (str(each.line), "refused", each.reason)
        for each in importers.open_text(text, **options)  # type: ignore[arg-type]  # as given
    ]


def messages(text: str, **options: object) -> list[SourceMessage]:
    found = importers.open_text(text, **options)  # type: ignore[arg-type]  # as given
    return [each for each in found if isinstance(each, SourceMessage)]


AT = "2018-05-12 14:20:41"


@pytest.mark.parametrize(
    "header",
    [
        f"山泉旗舰店:小美 ({AT}):",
        f"山泉旗舰店：小美（{AT}）：",
        f"cntaobao山泉旗舰店:小美 {AT}:",
        f"山泉旗舰店:小美 {AT}",
        f"山泉旗舰店:小美  [{AT}]",
        "山泉旗舰店:小美 2018/5/12 14:20:41",
        "山泉旗舰店:小美(2018年5月12日 14:20:41)",
        f"{AT} 山泉旗舰店:小美",
        f"[{AT}] 山泉旗舰店:小美：",
    ],
)
def test_a_header_may_be_written_in_many_ways(header: str) -> None:
    (found,) = messages(f"{header}\n亲，在的\n")

    assert found.role is Role.AGENT
    assert (found.shop, found.account, found.text) == ("山泉旗舰店", "小美", "亲，在的")
    assert found.at is not None
    assert found.at.isoformat() == "2018-05-12T14:20:41+08:00"
    assert found.precision is Precision.SECOND


def test_a_content_may_have_many_lines() -> None:
    found = messages(f"山泉旗舰店:小美 ({AT}):\n第一行\n\n第三行\n\n\nt**1 ({AT}):\n好\n")

    assert [each.text for each in found] == ["第一行\n\n第三行", "好"]
    assert found[0].source == f"山泉旗舰店:小美 ({AT}):\n第一行\n\n第三行"


@pytest.mark.parametrize(
    "line", ["预计 10:30", "明天下午 15:00:00", "您看下，到货时间 10:23", "约 10:24:00"]
)
@pytest.mark.parametrize("style", ["{n} 10:2{i}", "{n} 10:2{i}:00", "{n} (10:2{i}:00):"])
def test_a_content_that_looks_like_a_header_does_not_split(line: str, style: str) -> None:
    names = ["山里人", "小美", "山里人"]
    heads = [style.format(n=name, i=i) for i, name in enumerate(names)]
    text = f"2024-05-01\n{heads[0]}\n几点到\n{heads[1]}\n您好\n{line}\n能到哦\n{heads[2]}\n好\n"

    found = messages(text)

    assert [each.text for each in found] == ["几点到", f"您好\n{line}\n能到哦", "好"]


def test_the_date_stands_above_and_turns_at_midnight() -> None:
    text = "—— 2024-05-01 ——\n甲 23:59:50\n在吗\n小美 00:00:10\n在的\n2024-05-03\n甲 09:00:00\n好\n"

    found = messages(text)

    assert [f"{each.at:%m-%d %H:%M:%S}" for each in found] == [
        "05-01 23:59:50",
        "05-02 00:00:10",
        "05-03 09:00:00",
    ]


def test_a_time_without_a_day_has_no_date_unless_it_is_told() -> None:
    text = "甲 14:20:41\n在吗\n"

    (unknown,) = messages(text)
    (known,) = messages(text, day=date(2024, 5, 1))

    assert unknown.at is None
    assert unknown.precision is Precision.NONE
    assert unknown.extra == {"clock": "14:20:41"}
    assert known.at is not None
    assert known.at.isoformat() == "2024-05-01T14:20:41+08:00"


@pytest.mark.parametrize(
    ("first", "second", "roles"),
    [
        ("t**1", "小美", [Role.BUYER, Role.AGENT]),
        ("小美", "t**1", [Role.AGENT, Role.BUYER]),
        ("cntaobao山里人", "cntaobao山泉:小美", [Role.BUYER, Role.AGENT]),
        ("山泉:服务助手", "山里人", [Role.BOT, Role.BUYER]),
        ("售后客服01", "山里人", [Role.AGENT, Role.BUYER]),
        ("山里人", "溪边人", [Role.BUYER, Role.AGENT]),
        ("小美", "王先生", [Role.BUYER, Role.AGENT]),
    ],
)
def test_who_is_who(first: str, second: str, roles: list[Role]) -> None:
    found = messages(f"{first} {AT}\n一\n{second} {AT}\n二\n")

    assert [each.role for each in found] == roles


def test_only_the_order_of_speaking_is_a_guess_and_can_be_put_right() -> None:
    text = f"山里人 {AT}\n一\n溪边人 {AT}\n二\n"
    source = importers.open_text(text)
    right = ColumnMapping(roles={"山里人": Role.AGENT, "溪边人": Role.BUYER})

    list(source)

    assert source.has_guessed_roles
    assert source.speakers == {"山里人": Role.BUYER, "溪边人": Role.AGENT}
    assert [each.role for each in messages(text, mapping=right)] == [Role.AGENT, Role.BUYER]


def test_an_agent_writes_to_the_buyer_who_spoke_last() -> None:
    at = "2024-05-01 10:{:02}:00"
    lines = [("店:美", 0), ("甲", 1), ("店:美", 2), ("店:美", 30), ("乙", 31), ("店:美", 32)]
    text = "".join(f"{name} {at.format(minute)}\n说\n" for name, minute in lines)

    found = messages(text)

    assert [each.buyer for each in found] == ["甲", "甲", "甲", "乙", "乙", "乙"]


def test_what_stands_before_the_first_header_is_refused_with_its_number() -> None:
    found = told(f"导出说明\n\n店:美 {AT}\n在\n店:美 {AT}\n\n—— 以上为历史消息 ——\n甲 {AT}\n好")

    assert found == [
        ("1", "refused", "no_header"),
        ("14:20:41", "美", "在"),
        ("5", "refused", "no_text"),
        ("7", "refused", "notice"),
        ("14:20:41", "甲", "好"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_ends_of_lines(
    encoding: str, newline: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("chat") / "chat.txt"
    text = f"店:美 {AT}{newline}亲，㐂在的{newline}甲 {AT}{newline}好{newline}"
    path.write_bytes(text.encode(encoding))

    found = [each for each in importers.open_source(path) if not isinstance(each, Refused)]

    assert [each.text for each in found] == ["亲，㐂在的", "好"]


def test_who_speaks_as_agents_do_is_guessed_to_be_one() -> None:
    text = f"小美 {AT}\n您好，亲\n王先生 {AT}\n几点发货\n小美 {AT}\n今天哦\n"
    source = importers.open_text(text)

    roles = [each.role for each in source if isinstance(each, SourceMessage)]

    assert roles == [Role.AGENT, Role.BUYER, Role.AGENT]
    assert source.has_guessed_roles


@pytest.mark.parametrize(
    "text",
    [
        "山泉旗舰店:小美\n2018-05-12 14:20:41\n亲，在的\ntb1\n2018-05-12 14:20:55\n好\n",
        "2018-05-12 14:20:41\n山泉旗舰店:小美\n亲，在的\n2018-05-12 14:20:55\ntb1\n好\n",
        "[2018-05-12 14:20:41] 山泉旗舰店:小美: 亲，在的\n[2018-05-12 14:20:55] tb1: 好\n",
    ],
)
def test_name_and_time_may_stand_on_two_lines_or_before_the_text(text: str) -> None:
    assert told(text) == [("14:20:41", "小美", "亲，在的"), ("14:20:55", "tb1", "好")]


@pytest.mark.parametrize(
    ("first", "second", "when"),
    [
        ("2026-11-20\u00a014:20:41", "2026-11-20\u00a014:20:55", "11-20 14:20 11-20 14:20"),
        ("2026/11/20 下午 2:20:41", "2026/11/20 晚上 8:20:41", "11-20 14:20 11-20 20:20"),
        ("2026/11/20 凌晨 12:20", "2026/11/20 中午 12:20", "11-20 00:20 11-20 12:20"),
        ("11-20 14:20:41", "11-21 8:20:41", "11-20 14:20 11-21 08:20"),
        ("12月31日 14:20", "1月1日 8:20", "12-31 14:20 01-01 08:20"),
        ("昨天 23:50", "今天 0:05", "11-22 23:50 11-23 00:05"),
        ("昨天 8:50", "今天 10:05", "11-22 08:50 11-23 10:05"),
        ("星期六 下午3:50", "周日 上午9:05", "11-22 15:50 11-23 09:05"),
    ],
)
def test_days_and_hours_as_windows_show_them(first: str, second: str, when: str) -> None:
    text = f"王先生 {first}\n几点发货\n大概昨天 14:24 买的\n小美 {second}\n今天哦\n"

    with importers.open_text(text, day=date(2026, 11, 22)) as source:
        found = [each for each in source if isinstance(each, SourceMessage)]

    assert [(each.buyer, each.account) for each in found] == [("王先生", ""), ("王先生", "小美")]
    assert " ".join(f"{each.at:%m-%d %H:%M}" for each in found if each.at) == when
    assert found[0].text == "几点发货\n大概昨天 14:24 买的"


def test_marks_of_reading_are_not_said() -> None:
    assert told(f"店:美 {AT}\n在\n已读\n甲 {AT}\n好\n未读\n") == [
        ("14:20:41", "美", "在"),
        ("14:20:41", "甲", "好\n未读"),
    ]


def test_one_line_a_message_without_times() -> None:
    text = "小美：您好\n王先生：几点发货，地址是\n收货人：王某\n小美：今天哦\n"
    source = importers.open_text(text)

    found = [each for each in source if isinstance(each, SourceMessage)]

    assert source.format == "inline"
    assert [(each.role, each.text) for each in found] == [
        (Role.AGENT, "您好"),
        (Role.BUYER, "几点发货，地址是\n收货人：王某"),
        (Role.AGENT, "今天哦"),
    ]
    assert {each.buyer for each in found} == {"王先生"}


def conversations(text: str) -> list[list[tuple[str, str, str]]]:
    found = importers.open_text(text)
    said = (each for each in found if isinstance(each, SourceMessage))
    return [
        [(each.role, each.kind, each.text) for each in conversation]
        for conversation in cut(said, CutRule())
    ]


@pytest.mark.parametrize("name", ["系统消息", "系统", "系统提示", "平台消息", "系统通知"])
def test_what_the_platform_says_under_its_own_header_is_the_systems(name: str) -> None:
    text = (
        "小鱼儿 2026-11-20 10:24:00\n在吗\n山泉旗舰店:小美 2026-11-20 10:25:00\n在的\n"
        f"{name} 2026-11-20 10:26:00\n会话已结束\n"
    )
    source = importers.open_text(text)
    (found,) = conversations(text)

    assert found == [
        ("buyer", "text", "在吗"),
        ("agent", "text", "在的"),
        ("system", "system", "会话已结束"),
    ]
    assert {each.buyer for each in source if isinstance(each, SourceMessage)} == {"小鱼儿"}
    assert set(source.speakers) == {"小鱼儿", "山泉旗舰店:小美"}


@pytest.mark.parametrize(
    "line",
    [
        "小鱼儿撤回了一条消息",
        "小鱼儿 撤回了一条消息",
        "对方撤回了一条消息",
        "你撤回了一条消息 重新编辑",
    ],
)
@pytest.mark.parametrize(
    "header", ["小鱼儿 2026-11-20 10:2{}:00\n", "[2026-11-20 10:2{}:00] 小鱼儿: "]
)
def test_that_something_was_taken_back_is_a_line_of_its_own(line: str, header: str) -> None:
    (found,) = conversations(
        f"{header.format(4)}在吗\n{line}\n"
        f"{header.format(5).replace('小鱼儿', '山泉旗舰店:小美')}在的\n"
    )

    assert [text for _role, _kind, text in found] == ["在吗", line, "在的"]
    assert found[1][0] == "system"


def test_who_tells_that_he_took_something_back_has_said_it() -> None:
    (found,) = conversations("小鱼儿 2026-11-20 10:24:00\n在吗\n我刚才撤回了一条消息\n")

    assert [(role, text) for role, _kind, text in found] == [
        ("buyer", "在吗\n我刚才撤回了一条消息")
    ]


def test_a_recall_under_its_own_header_stays_as_it_is() -> None:
    (found,) = conversations("小鱼儿 2026-11-20 10:24:00\n小鱼儿撤回了一条消息\n")

    assert found == [("buyer", "recall", "小鱼儿撤回了一条消息")]
