"""What a reply says about a fact."""

import pytest

from cstrain.activities.live_practice.matching import Fact, FactState, fact_of, find_fact

RIGHT, WRONG, MISSING = FactState.RIGHT, FactState.WRONG, FactState.MISSING


@pytest.mark.parametrize(
    ("fact", "reply", "state"),
    [
        # polarity
        ("可以七天无理由退货", "亲，支持7天无理由的哦", RIGHT),
        ("可以七天无理由退货", "不可以七天无理由退货的", WRONG),
        ("可以退货", "不是不可以退货的，您先申请", RIGHT),
        ("可以退货", "没说不能退货呀", RIGHT),
        ("可以退货", "怎么会不给您退货呢", RIGHT),
        ("可以退货", "退货不可以", WRONG),
        ("可以退货", "退不了的哦", WRONG),
        ("可以退货", "不好意思，可以退货的", RIGHT),
        ("可以退货", "您别担心，退货没问题的", RIGHT),
        ("可以七天无理由退货", "不影响二次销售可以七天无理由退货哦", RIGHT),
        ("不支持货到付款", "货到付款暂时不支持呢", RIGHT),
        ("不支持货到付款", "可以货到付款", WRONG),
        ("没有货了", "抱歉，这款缺货了", RIGHT),
        ("没有货了", "有货的", WRONG),
        ("请勿机洗", "不可以机洗", RIGHT),
        ("请勿机洗", "机洗没问题", WRONG),
        ("不能改地址", "发货后地址改不了了", RIGHT),
        ("不掉色", "不会掉色的", RIGHT),
        ("會掉色", "不会掉色的", WRONG),
        # what states nothing
        ("可以退货", "不可以退货吗？", MISSING),
        ("可以退货", "可以退货，对吧", MISSING),
        ("可以退货", "能不能退货要看质检", MISSING),
        ("可以退货", "不确定能不能退货", MISSING),
        ("可以退货", "如果不能退货您再找我", MISSING),
        ("可以退货", "您说的不能退货是指什么", MISSING),
        ("可以退货", "您说“不可以退货”是哪里看到的", MISSING),
        ("可以退货", "您问能不能退货？可以的哦", RIGHT),
        ("可以退货", "您问能不能退货？不可以的哦", WRONG),
        # values
        ("48 小时内发货", "亲 两天内给您寄出", RIGHT),
        ("48 小时内发货", "我们会尽快发货，４８小时内哦", RIGHT),
        ("48 小时内发货", "24小时内发货", WRONG),
        ("48 小时内发货", "我们会尽快发货，72小时内哦", WRONG),
        ("48 小时内发货", "发货后3天到", MISSING),
        ("48 小时内发货", "48小时发不了货", WRONG),
        ("199 元", "199", RIGHT),
        ("满 99 元包邮", "满99包邮", RIGHT),
        ("满 99 元包邮", "满199元包邮", WRONG),
        ("满 99 元包邮", "不满99元也包邮", WRONG),
        ("满199减20", "满200减20", WRONG),
        ("买二送一", "买2件送1件", RIGHT),
        ("买一送一", "买一送二", WRONG),
        ("保质期 12 个月", "保质期一年", RIGHT),
        ("退款 3 个工作日内到账", "退款5个工作日内到账", WRONG),
        ("打 8 折", "打95折", WRONG),
        ("水温不超过30度", "水温不要超过60度", WRONG),
        # sizes and colours
        ("穿 L 码", "您穿L的就可以", RIGHT),
        ("穿 L 码", "建议您拍M码", WRONG),
        ("穿 L 码", "不建议M码，建议拍L码哦", RIGHT),
        ("穿 2XL", "您拍xxl的", RIGHT),
        ("L码有货", "L码没货，M码有货", WRONG),
        ("L码有货", "M码没货，L码有货", RIGHT),
        ("L码有货", "M码没货", MISSING),
        ("红的有货，蓝的没货", "红的有货，蓝的没货哦", RIGHT),
        ("鞋子偏大半码", "鞋子偏小半码", WRONG),
        # days and hours
        ("明天发货", "今天就给您发出", WRONG),
        ("周三到货", "周四送到", WRONG),
        ("周三发货", "周三发货周五到", RIGHT),
        ("周五发货", "周三发货周五到", WRONG),
        ("14:00前付款当天发货", "下午2点前付款的今天就发", RIGHT),
        ("14:00前付款当天发货", "下午4点前付款当天发货", WRONG),
        ("6月18日开始", "活动618开始的", RIGHT),
        ("6月18日开始", "活动6月20号开始", WRONG),
        ("明早发", "明晚发", WRONG),
        # who pays, and other words that exclude each other
        ("运费买家出", "运费需要您自己承担哦", RIGHT),
        ("运费买家出", "运费我们出", WRONG),
        ("运费买家出", "不用您出运费", WRONG),
        ("运费我们出", "不需要您出运费", RIGHT),
        ("发顺丰", "默认发中通", WRONG),
        ("先付款后发货", "先发货后付款", WRONG),
        ("签收后7天内可以退", "签收前7天内可以退", WRONG),
        ("只退不换", "只换不退", WRONG),
        # a word that nothing explains is neither
        ("是圆领", "是V领", MISSING),
        # nothing about it
        ("我们是天猫店", "您好", MISSING),
        ("可以退货", "", MISSING),
    ],
)
def test_state_of_a_fact(fact: str, reply: str, state: FactState) -> None:
    found = find_fact(reply, fact_of(fact))

    assert found.state is state


def test_a_right_clause_does_not_hide_a_wrong_one() -> None:
    reply = "可以退货。但是这款不能退货"

    found = find_fact(reply, fact_of("可以退货"))

    assert found.state is WRONG
    assert found.span is not None
    assert reply[slice(*found.span)] == "但是这款不能退货"


@pytest.mark.parametrize(
    "reply", ["今天发货。更正一下，明天发货", "今天发货\n不好意思说错了\n是明天发货"]
)
def test_an_agent_may_take_back_what_was_wrong(reply: str) -> None:
    assert find_fact(reply, fact_of("明天发货")).state is RIGHT


def test_taking_back_needs_to_be_right() -> None:
    reply = "明天发货。更正一下，后天发货"

    assert find_fact(reply, fact_of("明天发货")).state is WRONG


def test_span_counts_in_the_reply_as_written() -> None:
    reply = "😊您好 亲，４８小时內發貨的哦"

    found = find_fact(reply, fact_of("48小时内发货"))

    assert found.state is RIGHT
    assert found.span is not None
    assert reply[slice(*found.span)] == "４８小时內發貨的哦"


def test_other_ways_and_wrong_ways_count() -> None:
    fact = Fact("gift", "送帆布袋", also=("有赠品",), wrong=("送保温杯",))

    assert find_fact("亲，有赠品的哦", fact).state is RIGHT
    assert find_fact("送保温杯一个", fact).state is WRONG


def test_about_narrows_what_a_clause_must_speak_of() -> None:
    fact = Fact("back", "可以退", about=(("退货", "退回"),))

    assert find_fact("这件可以退货", fact).state is RIGHT
    assert find_fact("押金可以退", fact).state is MISSING


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "needs a sentence"),
        (7, "a sentence or an object"),
        ({"key": "a"}, "`text`"),
        ({"text": "可以退", "when": 1}, "has no when"),
        ({"text": "可以退", "also": [""]}, "`also`"),
        ({"text": "可以退", "about": "退"}, "`about`"),
        ({"text": "可以退", "about": [[]]}, "empty group"),
        ({"text": "可以退", "key": ""}, "`key`"),
    ],
)
def test_fact_of_refuses_in_words(given: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fact_of(given)  # type: ignore[arg-type]


def test_fact_of_reads_an_object() -> None:
    fact = fact_of(
        {"key": "back", "text": " 可以退 ", "about": ["退", ["货", "款"]], "also": "能退"}
    )

    assert fact == Fact("back", "可以退", (("退",), ("货", "款")), ("能退",))
