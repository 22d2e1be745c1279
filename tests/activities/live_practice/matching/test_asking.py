"""Words of a file: whether a line asks for them, or denies them."""

import pytest

from cstrain.activities.live_practice.matching import asks_for, says_groups


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("腰围多少", True),
        ("您腰围？", True),
        ("腰围报一下，2 分钟内给您查", True),
        ("麻烦量下净腰围", True),
        ("您的腰围", True),
        ("身高 165 的话腰围大概几尺", True),
        ("净腰围 85，照表拿 33", False),
        ("您腰围 85 的，33 就行", False),
        ("按腰围是 33 码", False),
        ("拿 33 码", False),
    ],
)
def test_a_statement_with_its_value_asks_for_nothing(line: str, asks: bool) -> None:
    assert asks_for(line, (("腰围",),)) is asks


@pytest.mark.parametrize(
    ("line", "words", "says"),
    [
        ("您自己去取一下", (("您自己去",),), True),
        ("不用您自己去", (("您自己去",),), False),
        ("无需您自己去，我们约", (("您自己去",),), False),
        ("先别拍 36", (("拍36",), ("36",)), False),
        ("别拍36", (("36",),), False),
        ("拍 36 就行", (("36",),), True),
        ("不可以", (("可以",),), False),
        ("不可以，可以换别的", (("可以",),), True),
        ("不能保证", (("不能保证",),), True),
        ("要不要顺丰", (("顺丰",),), True),
        ("能不能叠要看付款页", (("不能叠",),), False),
        ("这两张不能叠", (("不能叠",),), True),
        ("电话不是我们打的", (("是我们打的",),), False),
        ("没有这笔", (("有这笔",),), False),
        ("是不是36", (("36",),), True),
        ("差不多能到", (("能到",),), True),
        ("没问题可以拍", (("可以",),), True),
        ("不能退不能换，留着穿吧", (("退",),), False),
        ("退不了的亲", (("退",),), False),
        ("退货不行哈", (("退",),), False),
        ("能退不能换", (("退",),), True),
        ("能退不能换", (("换",),), False),
        ("没法给您补发", (("补发",),), False),
        ("特别给您补发一件", (("补发",),), True),
        ("不是不给您换，要验一下", (("换",),), True),
        ("要不换一双", (("换",),), True),
        ("钱没转出去吧", (("转出去",),), True),
        ("没有 换新吧", (("换",),), True),
        ("先别发 不是我们打的", (("不是我们",),), True),
        ("两百七十九", (("279",),), True),
        ("付一百七十八就行", (("178",),), True),
        ("第 128 号", (("28",),), False),
        ("拿 2XL", (("XL",),), False),
        ("拿2XL 160斤", (("2XL",),), True),
    ],
)
def test_words_that_are_denied_are_not_said(
    line: str, words: tuple[tuple[str, ...], ...], says: bool
) -> None:
    assert says_groups(line, words) is says
