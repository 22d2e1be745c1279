from __future__ import annotations

import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstrain.desk.chats.masking import mask, mask_beginning, mask_conversation, shown_buyer
from cstrain.desk.chats.masking.check_digits import (
    id_check_digit,
    is_id_card,
    is_tax_number,
    meets_luhn,
)
from cstrain.desk.chats.masking.text import mask_record
from cstrain.desk.chats.message import Role, SourceMessage


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话 13812342210", "电话 〔电话〕"),
        ("138 1234 2210 谢谢", "〔电话〕 谢谢"),
        ("+86 138-1234-2210", "〔电话〕"),
        ("１３８１２３４２２１０", "〔电话〕"),
        ("幺三八一二三四二二一零", "〔电话〕"),
        ("138四个0四个1", "〔电话〕"),
        ("13812342210/13912342211", "〔电话〕/〔电话〕"),
        ("0571-88880000转801", "〔电话〕"),
        ("(0571)88880000", "〔电话〕"),
        ("座机 88880000", "座机 〔电话〕"),
        ("https://a.cn/x?mobile=13812342210&b=1", "https://a.cn/x?mobile=〔电话〕&b=1"),
        ("身份证11010519491231002X", "身份证〔证件号〕"),
        ("110105 19491231 002x", "〔证件号〕"),
        ("我身份证是110105194912310021", "我身份证是〔证件号〕"),
        ("110105491231002", "〔证件号〕"),
        ("卡号 6222 0212 3456 7890 128", "卡号 〔银行卡〕"),
        ("浙江省杭州市余杭区文一西路969号3幢501室", "〔地址〕"),
        ("麻烦发到朝阳区建国路88号谢谢", "麻烦发到〔地址〕谢谢"),
        ("3栋2单元501", "〔地址〕"),
        ("成都市武侯区天府大道中段1号", "〔地址〕"),
        ("发到广东省深圳市南山区科技园", "发到〔地址〕"),
        ("收货人：陈小明，谢谢", "收货人：〔姓名〕，谢谢"),
        ("联系人：买买提·艾力", "联系人：〔姓名〕"),
        ("我叫赵一", "我叫〔姓名〕"),
        ("陈小明 13812342210", "〔姓名〕 〔电话〕"),
        ("abc.d@qq.com", "〔邮箱〕"),
        ("加我v abc12345", "加我v 〔账号〕"),
        ("QQ：12345678", "QQ：〔账号〕"),
        ("SF1234567890123", "〔运单号〕"),
        ("快递单号 773012345678901", "快递单号 〔运单号〕"),
        ("税号：91330106MA2CXYZ123", "税号：〔税号〕"),
        ("91350100M000100Y43", "〔税号〕"),
    ],
)
def test_what_is_personal_is_hidden(text: str, shown: str) -> None:
    assert mask(text).text == shown


@pytest.mark.parametrize(
    "text",
    [
        "咨询订单号：2368****3731    商品ID：10026084786191",
        "订单号 13812342210",
        "https://item.jd.com/13812342210.html",
        "item.jd.com/13812342210.html 这个",
        '{"skuId":13812342210,"time":1642735203000}',
        "14a75177c5464636435c63b3da4efcd9",
        "[电话x] [数字x] 138****2210 〔电话〕 景**",
        "1800*2000*220",
        "1500 2000 180",
        "199 20241111",
        "2023-03-30 10:23:01",
        "165 / 112 斤选 L，到手 12900 元",
        "厂家客服 400-830-8300",
        "广东省内包邮，上海市有仓库吗",
        "知道5号发货吗，路由器用5号电池",
        "发到广东省深圳市要几天，发到新疆维吾尔自治区呢",
        "叫我白等了，名字写错了，联系人都不对，抬头单位名称",
        "加v领200元",
        "二〇二四年一月一日",
        "我叫你别发了，联系人方式呢",
        "微信支付 129 元，QQ糖 500克",
        "6222021234567890127",
        "110105194912310021",
        "",
    ],
)
def test_what_an_archive_is_searched_by_stays(text: str) -> None:
    assert mask(text).text == text


def test_classes_are_counted() -> None:
    masked = mask("收货人：陈小明，13812342210，13912342211")

    assert masked.text == "收货人：〔姓名〕，〔电话〕，〔电话〕"
    assert masked.counts == {"name": 1, "phone": 2}


def test_known_names_are_hidden_but_in_placeholders() -> None:
    masked = mask("景甜甜说 〔姓名〕", ["景甜甜", "姓名", "甜", ""])

    assert masked.text == "〔姓名〕说 〔姓名〕"


PIECES = st.sampled_from(
    [
        *(
            "138",
            "1234",
            "2210",
            "13812342210",
            "11010519491231002X",
            "6222021234567890128",
            "0571",
        ),
        *(
            "一三八",
            "零零",
            "四个0",
            "１３８",
            " ",
            "-",
            "，",
            "\n",
            "/",
            ".",
            "[电话x]",
            "〔电话〕",
            "****",
        ),
        *(
            "电话",
            "订单号",
            "单号",
            "身份证",
            "卡号",
            "税号",
            "收货人",
            "：",
            "陈小明",
            "我叫",
            "先生",
        ),
        *(
            "浙江省",
            "杭州市",
            "文一西路",
            "969号",
            "3幢",
            "501室",
            "小区",
            "加我v",
            "qq",
            "abc123",
            "@",
        ),
        *(
            "qq.com",
            "SF",
            "https://a.cn/",
            "?mobile=",
            "元",
            "发到",
            "X",
            "然后",
            "1",
            "0.",
            "A-",
            "\u200b",
            "\u00ad",
            "/",
            "账号",
            "批次",
            "香港弥敦道",
            "望远人家",
            "改成",
            "我老公",
            "Name: John Smith",
            "91350100M000100Y43",
        ),
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=40))
def test_masking_again_changes_nothing(text: str) -> None:
    once = mask(text)

    again = mask(once.text)

    assert again.text == once.text
    assert not again.counts


@settings(deadline=None)
@given(st.lists(PIECES, max_size=10).map("".join), st.randoms(use_true_random=False))
def test_a_form_that_was_clean_hides_nothing_of_the_next(text: str, rng: random.Random) -> None:
    other = re.sub("[0-9]", lambda _: str(rng.randrange(10)), text)

    assert mask_record(text) == mask(text).text
    assert mask_record(other) == mask(other).text


def test_records_of_one_form_are_each_masked() -> None:
    assert mask_record('["景**",10026084786]') == '["景**",10026084786]'
    assert mask_record('["景**",13812342210]') == '["景**",〔电话〕]'


@pytest.mark.parametrize("before", range(1900, 2000))
def test_a_cut_leaves_no_part_of_what_is_hidden(before: int) -> None:
    text = "好" * before + "，手机13812342210，地址浙江省杭州市余杭区文一西路969号3幢402室"

    shown = mask_beginning(text[:2000]).text

    assert not re.search("[0-9]|余杭", shown)
    assert shown.startswith("好" * 1800)


def test_a_long_text_takes_no_long_time() -> None:
    assert mask("区路号" * 3_000 + "1 " * 3_000 + "a@" * 3_000 + "一" * 9_000)
    assert mask("13812342210，" * 3_000).counts == {"phone": 3_000}
    assert mask("1\u200b3\u00ad" * 3_000 + "河北省 / " * 3_000 + "香港道" * 3_000)
    assert mask("Name: Ab " * 2_000 + "收件人我老公" * 2_000 + "账号1 " * 2_000 + "A-" * 3_000)


def conversation(*lines: str, buyer: str = "") -> list[SourceMessage]:
    """Messages; the agent's begin with ``>``."""
    return [
        SourceMessage(
            at,
            Role.AGENT if line.startswith(">") else Role.BUYER,
            line.removeprefix(">"),
            buyer=buyer,
            source=json.dumps({"nick": buyer, "content": line.removeprefix(">")}),
        )
        for at, line in enumerate(lines, 1)
    ]


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (["1380000", "1111"], ["〔电话〕", "〔电话〕"]),
        (
            ["我电话138", ">嗯嗯", "0000", "1111 谢谢"],
            ["我电话〔电话〕", "嗯嗯", "〔电话〕", "〔电话〕 谢谢"],
        ),
        (["1380000", ">1111"], ["1380000", "1111"]),
        (["身份证110105194912", "31002X"], ["身份证〔证件号〕", "〔证件号〕"]),
        ([">订单号发一下", "13812342210"], ["订单号发一下", "13812342210"]),
        ([">电话发一下", "88880000"], ["电话发一下", "〔电话〕"]),
        (["快递单号", "773012345678901"], ["快递单号", "〔运单号〕"]),
        ([">收货人姓名是？", "陈小明"], ["收货人姓名是？", "〔姓名〕"]),
        ([">收货人姓名是？", "马上"], ["收货人姓名是？", "马上"]),
        (["身高170", "10026084"], ["身高170", "10026084"]),
        (["浙江省绍兴市越城区", "解放路12号3幢502室"], ["浙江省绍兴市越城区", "〔地址〕"]),
        (["寄到越城区解放路12号", "3幢502室 谢谢"], ["寄到〔地址〕", "〔地址〕 谢谢"]),
        (["浙江省绍兴市", ">3号发货"], ["浙江省绍兴市", "3号发货"]),
        (["寄到越城区解放路12号", "138"], ["寄到〔地址〕", "138"]),
        (
            [">地址呢", "文一西路", "588号3幢", "1802"],
            ["地址呢", "〔地址〕", "〔地址〕", "〔地址〕"],
        ),
        (
            [">地址发一下", "张三", "13812342210", "阳光小区", "3幢"],
            ["地址发一下", "张三", "〔电话〕", "〔地址〕", "〔地址〕"],
        ),
        ([">地址呢", "好的", "100", "200"], ["地址呢", "好的", "100", "200"]),
        ([">地址已改好", "谢谢", "文一西路", "100"], ["地址已改好", "谢谢", "文一西路", "100"]),
    ],
)
def test_messages_tell_what_each_other_mean(lines: list[str], shown: list[str]) -> None:
    masked = mask_conversation(conversation(*lines))

    assert [each.text for each in masked] == shown


def test_the_source_is_masked_as_the_text_is() -> None:
    first, second = mask_conversation(
        conversation("发到文一西路969号\n电话1380000", "1111", buyer="景甜甜")
    )

    assert json.loads(first.source) == {"nick": "景**", "content": first.text}
    assert json.loads(second.source) == {"nick": "景**", "content": "〔电话〕"}
    assert first.buyer == "景**"
    assert first.counts == {"address": 1, "phone": 1}


def test_a_nick_is_hidden_where_it_is_said() -> None:
    said = mask_conversation(conversation("我是景甜甜", ">景甜甜您好", buyer="景甜甜"))
    common = mask_conversation(conversation("小白鞋有吗", buyer="小白"))

    assert [each.text for each in said] == ["我是景**", "景**您好"]
    assert said[0].counts == {"name": 1}
    assert [each.text for each in common] == ["小白鞋有吗"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("景甜甜", "景**"),
        ("tb12345678", "t**"),
        ("cntaobao景甜甜", "景**"),
        ("景**", "景**"),
        ("tur***025", "tur***025"),
        ("123456789012", "123456789012"),
        ("", ""),
    ],
)
def test_buyers_are_shown_as_the_platforms_do(name: str, shown: str) -> None:
    assert shown_buyer(name) == shown


def test_check_digits() -> None:
    assert id_check_digit("11010519491231002") == "X"  # the standard's own example
    assert is_id_card("11010519491231002x")
    assert not is_id_card("110105194912310021")
    assert not is_id_card("110105194913310021")
    assert meets_luhn("79927398713")  # the usual example
    assert not meets_luhn("79927398710")
    assert is_tax_number("91350100m000100y43")  # the standard's own example
    assert not is_tax_number("91350100M000100Y44")
