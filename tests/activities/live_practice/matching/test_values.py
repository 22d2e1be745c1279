"""Numbers, sizes and dates as values."""

import pytest

from cstrain.activities.live_practice.matching.units import number
from cstrain.activities.live_practice.matching.values import take_values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("两", 2),
        ("二十四", 24),
        ("一百二十", 120),
        ("三千五百", 3500),
        ("十", 10),
        ("两万", 20_000),
        ("一百零五", 105),
        ("1.5", 1.5),
        ("3万", 30_000),
        ("半", 0.5),
        ("八点五", 8.5),
        ("八五", 85),
        ("一百二", 120),
        ("三千五", 3500),
        ("两百七十九", 279),
    ],
)
def test_numerals(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("48小时内发货", [("duration", 2880, 2880, "<")]),
        ("两天半", [("duration", 3600, 3600, "")]),
        ("一个半小时", [("duration", 90, 90, "")]),
        ("3-5天到", [("duration", 4320, 7200, "")]),
        ("三五天", [("duration", 4320, 7200, "")]),
        ("365天", [("duration", 518_400, 518_400, "")]),
        ("199元", [("money", 199, 199, "")]),
        ("两百七十九", [("number", 279, 279, "")]),
        ("到手一千七百九十二", [("number", 1792, 1792, "")]),
        ("千万别拍", []),
        ("您先垫付", [("party", "buyer", "buyer", "")]),
        ("运费您先垫着", [("party", "buyer", "buyer", "")]),
        ("我们报销", [("party", "seller", "seller", "")]),
        ("报销给您", [("party", "seller", "seller", "")]),
        ("¥199", [("money", 199, 199, "")]),
        ("不满99元", [("money", 99, 99, "<")]),
        ("满199减20", [("number", 199, 199, ">"), ("number", 20, 20, "")]),
        ("95折", [("discount", 9.5, 9.5, "")]),
        ("八五折", [("discount", 8.5, 8.5, "")]),
        ("半价", [("discount", 5, 5, "")]),
        ("60kg", [("weight", 60_000, 60_000, "")]),
        ("120斤", [("weight", 60_000, 60_000, "")]),
        ("1.5米", [("length", 150, 150, "")]),
        ("零下20度", [("degree", -20, -20, "")]),
        ("穿l码", [("size", "l", "l", "")]),
        ("穿2xl", [("size", "xxl", "xxl", "")]),
        ("38码", [("size", 38, 38, "")]),
        ("下午4点前", [("clock", 960, 960, "<")]),
        ("14:00前", [("clock", 840, 840, "<")]),
        ("下周三", [("weekday", "3+1", "3+1", "")]),
        ("6月18日", [("date", 618, 618, "")]),
        ("双十一", [("date", 1111, 1111, "")]),
        ("明天", [("relday", 1, 1, "")]),
        ("深蓝色", [("colour", "深蓝", "深蓝", "")]),
        ("运费您承担", [("party", "buyer", "buyer", "")]),
        ("iphone15", [("model", "iphone15", "iphone15", "")]),
        ("一点不贵", []),
        ("十分抱歉", []),
        ("第三方", [("ordinal", 3, 3, "")]),
        ("明白的", []),
        ("单号12345678", []),
    ],
)
def test_values_of_a_text(text: str, values: list[tuple[object, ...]]) -> None:
    _holes, found = take_values(text)

    assert [(each.kind, each.low, each.high, each.bound) for each in found] == values
