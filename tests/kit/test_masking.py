from __future__ import annotations

import pytest

from cstrain.kit.masking import mask


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("电话 13812342210", "13812342210"),
        ("电话 138-1234-2210", "1234"),
        ("我 1 3 8 1 2 3 4 5 6 7 8", "3 8 1"),
        ("座机 0571-88880000", "8888"),
        ("身份证 11010519900307123X", "199003"),
        ("单号 SF1234567890123", "12345678"),
        ("尾号 138****2210 的", "2210"),
        ("写信 abc.d@qq.com", "abc"),
        ("发到浙江省杭州市余杭区文一西路969号3幢501室", "文一西路"),
        ("改到朝阳区建国路88号", "建国路"),
        ("发到上海市浦东新区", "浦东"),
        ("文一西路969号", "969"),
        ("收货人：陈小明，谢谢", "陈小明"),
        ("我叫赵一", "赵一"),
        ("我姓欧阳", "欧"),
        ("王女士您好", "王"),
        ("半糖去冰说的", "半糖去冰"),
    ],
)
def test_what_tells_who_somebody_is_is_hidden(text: str, hidden: str) -> None:
    assert hidden not in mask(text, ["半糖去冰"])


@pytest.mark.parametrize(
    "text",
    [
        "单件不改价，满 199 减 20，到手 279 元",
        "165 / 112 斤选 L，黑色",
        "今天 16 点前发货，7 天无理由退货，运费险 10 元",
        "路上堵车了，道路不好走，里面有 2 件",
        "我是想问一下有没有货",
        "",
    ],
)
def test_what_a_hint_needs_stays(text: str) -> None:
    assert mask(text, ["半糖去冰", ""]) == text


def test_a_long_text_takes_no_long_time() -> None:
    assert mask("区路号" * 3_000 + "1 " * 3_000 + "a@" * 3_000)
