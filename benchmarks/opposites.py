"""Pairs of replies that say opposite things in almost the same words, generated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

_CAN = (
    "退货",
    "换货",
    "机洗",
    "开发票",
    "改地址",
    "用优惠券",
    "补差价",
    "开箱验货",
    "货到付款",
    "加急发货",
)
_CAN_WAYS = (
    ("可以{}", "不可以{}"),
    ("支持{}", "不支持{}"),
    ("能{}", "不能{}"),
    ("{}没问题", "{}不行"),
)
_STATES = (
    ("会掉色", "不会掉色"),
    ("已经发货了", "还没发货"),
    ("有现货", "没有现货"),
    ("需要寄回", "不需要寄回"),
    ("是正品", "不是正品"),
    ("这款防水", "这款不防水"),
    ("有运费险", "没有运费险"),
    ("要提前预约", "不用提前预约"),
    ("活动还在", "活动已经不在了"),
    ("包邮", "不包邮"),
    ("赠品有送", "赠品没有送"),
    ("含电池", "不含电池"),
)
_NUMBERS = (
    ("{}小时内发货", (24, 48, 72, 12)),
    ("满{}元包邮", (59, 79, 99, 199)),
    ("保修{}年", (1, 2, 3, 5)),
    ("退款{}个工作日到账", (1, 3, 5, 7)),
    ("这件{}元", (89, 129, 199, 259)),
    ("打{}折", (6, 7, 8, 9)),
    ("{}天无理由退货", (7, 15, 30, 10)),
    ("每单限购{}件", (1, 2, 3, 5)),
    ("一瓶{}毫升", (100, 250, 330, 500)),
    ("衣长{}厘米", (62, 65, 68, 70)),
    ("一箱{}斤", (3, 5, 8, 10)),
)
_SIZES = (
    ("您穿{}码", ("S", "M", "L", "XL", "2XL")),
    ("建议拍{}的", ("M", "L", "XL", "XXL")),
    ("这双穿{}码正好", ("37", "38", "39", "40")),
    ("{}码有货", ("S", "M", "L", "XL")),
)
_DATES = (
    ("{}发货", ("今天", "明天", "后天", "周三", "周五")),
    ("{}送到", ("周一", "周二", "周四", "周六")),
    ("{}开始活动", ("6月1日", "6月18日", "11月11日", "12月12日")),
    ("{}前付款今天发", ("14:00", "15:00", "16:00", "18:00")),
    ("{}截止", ("晚上8点", "晚上10点", "中午12点", "下午5点")),
)
_HEADS = ("", "亲，", "您好，", "亲 ", "嗯嗯，")
_TAILS = ("", "哦", "呢", "的哦", "，您放心", "哈~")


def pairs(rng: Random, count: int = 100) -> Iterator[tuple[str, str, str]]:
    """Kind of the difference, a reference, and a reply that says the opposite or another value."""
    kinds = ("polarity", "number", "size", "date")
    for place in range(count):
        kind = kinds[place % len(kinds)]
        one, other = _pair(kind, rng)
        if rng.random() < 0.5:  # noqa: PLR2004 - either may be the reference
            one, other = other, one
        yield kind, rng.choice(_HEADS) + one, rng.choice(_HEADS) + other + rng.choice(_TAILS)


def _pair(kind: str, rng: Random) -> tuple[str, str]:
    if kind == "polarity":
        if rng.random() < 0.5:  # noqa: PLR2004
            return rng.choice(_STATES)
        what = rng.choice(_CAN)
        one, other = rng.choice(_CAN_WAYS)
        return one.format(what), other.format(what)
    table: Sequence[tuple[str, Sequence[object]]] = {
        "number": _NUMBERS,
        "size": _SIZES,
        "date": _DATES,
    }[kind]
    pattern, values = rng.choice(table)
    first, second = rng.sample(list(values), 2)
    return pattern.format(first), pattern.format(second)
