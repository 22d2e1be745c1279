"""Products: read from Markdown, refused with every problem, put into sentences to send."""

from __future__ import annotations

import pytest

from cstrain.desk.replies.products import files_of
from tests.desk.shop_content import PRODUCTS, WORDS, checked, problems


def test_every_line_of_a_product_is_a_sentence_to_send() -> None:
    (file,) = files_of(checked({"shop/p.md": PRODUCTS}).catalogues[""])
    tee, bedding, _cover = file.entries

    assert (tee.name, tee.number) == ("圆领短袖", "SC-T01")
    assert {line.text: line.sentence for line in tee.lines} == {
        "69 元": "圆领短袖，69 元。",
        "八色": "圆领短袖的规格：八色。",
        "200 克精梳棉；不闷": "200 克精梳棉；不闷。",
        "夏天单穿；出差": "适合夏天单穿、出差。",
        "白色略透，里面穿浅色": "先说一声：白色略透，里面穿浅色。",
    }
    assert {line.key: line.sentence for line in bedding.lines} == {
        "price": "全棉四件套，1.5 米床 329 元，1.8 米床 369 元。",
        "points": "<b>40 支</b>斜纹。",
        "suits": "适合 1.5 米床。",
        "pair": "可以搭夏凉被，或者枕套。",
    }


def test_what_is_sent_first_is_price_one_point_and_whom_it_suits() -> None:
    (file,) = files_of(checked({"shop/p.md": PRODUCTS}).catalogues[""])

    assert file.entries[0].ready == "圆领短袖，69 元。200 克精梳棉。适合夏天单穿。"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (PRODUCTS.replace(" | SC-T01", ""), "p.md:6: “圆领短袖”缺编号"),
        (PRODUCTS.replace("SC-T01", "短袖"), "p.md:6: “圆领短袖 | 短袖”缺编号"),
        (PRODUCTS.replace("SC-B01", "sc-t01"), "p.md:13: 编号 sc-t01 和 shop/p.md:6 重复"),
        (PRODUCTS.replace("价格: 69", "价格: 六十九"), "p.md:6: 价格“六十九”不行"),
        (PRODUCTS.replace("价格: 69", "价格: 0.00"), "p.md:6: 价格“0.00”不行"),
        (PRODUCTS.replace("    价格: 69\n", ""), "p.md:6: “圆领短袖 | SC-T01”缺价格"),
        (PRODUCTS.replace("夏天单穿；出差", "；"), "p.md:6: “圆领短袖 | SC-T01”缺适合"),
        (PRODUCTS.replace("圆领短袖", "长" * 31), "有 31 字，最多 30 字"),
        (PRODUCTS.replace("白色略透", "长" * 201), "p.md:6: “短处”有"),
        (PRODUCTS.replace("夏天单穿", "长" * 101), "p.md:6: “圆领短袖”先发的那句有"),
        (PRODUCTS.replace("规格:", "颜色:"), "p.md:8: 不认识 颜色，这里只能写：价格、规格、"),
        (PRODUCTS + "\n再说一句。\n", "p.md:19: “枕套 | SC-B03”下面只写"),
    ],
)
def test_every_mistake_is_named_with_its_line(text: str, problem: str) -> None:
    assert any(problem in each for each in problems(p=text)), problems(p=text)


def test_two_files_share_neither_slug_nor_number() -> None:
    found = problems(a=PRODUCTS, b=PRODUCTS)

    assert [each.partition(" ")[0] for each in found] == [
        "shop/b.md:1:",
        "shop/b.md:6:",
        "shop/b.md:13:",
        "shop/b.md:19:",
    ]


def test_no_line_may_say_what_is_forbidden() -> None:
    found = problems(p=PRODUCTS.replace("；不闷", "；全网第一"), w=WORDS)

    assert [each for each in found if "shop/p.md:6: 有违禁词“第一”" in each] == found != []


@pytest.mark.parametrize("query", ["圆领短袖", "sc-t01", "略透 浅色"])
def test_search_finds_it_by_name_number_and_words_and_copies_what_is_ready(query: str) -> None:
    catalogue = checked({"shop/p.md": PRODUCTS}).catalogues[""]

    (hit,) = catalogue.search(query, lambda _slug: True)

    assert hit.entry.answer == "圆领短袖，69 元。200 克精梳棉。适合夏天单穿。"
    assert hit.entry.url == "/products#products-a-1"
