"""Replies: read from Markdown, refused with every problem, cut at their variables."""

from __future__ import annotations

import pytest

from cstrain.desk.replies.replies import Use, files_of
from tests.desk.shop_content import REPLIES, checked, problems


def test_a_file_becomes_replies_cut_at_their_variables() -> None:
    (file,) = files_of(checked({"shop/r.md": REPLIES}).catalogues[""])
    first, second = file.entries

    assert file.use is Use.QUICK
    assert (first.purpose, first.code, first.when) == ("先应一声", "hi", "顾客第一次开口")
    assert first.pieces == (("在的，我是", False), ("客服名", True), ("。您先说，我看着。", False))
    assert (first.variables, second.variables) == (("客服名",), ())
    assert second.text == "稍等，<b>我查</b>。"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (REPLIES.replace("use: quick", "use: fast"), "r.md:5: use 写 quick"),
        (REPLIES.replace("use: quick\n", ""), "r.md:2: use 写 quick"),
        (REPLIES.replace("    短码: hi\n", ""), "r.md:7: “先应一声”缺短码"),
        (REPLIES.replace("短码: hi", "短码: Hi"), "r.md:7: 短码 Hi 不行"),
        (REPLIES.replace("短码: hi", "短码: abcdefghi"), "r.md:7: 短码 abcdefghi 不行"),
        (REPLIES.replace("短码: wait", "短码: hi"), "r.md:13: 短码 hi 和 shop/r.md:7 重复"),
        (REPLIES.replace("何时:", "用法:"), "r.md:9: 不认识 用法，这里只能写：短码、何时"),
        (REPLIES.replace("顾客第一次开口", "长" * 41), "r.md:7: “何时”有 41 字"),
        (REPLIES.replace("稍等，", "长" * 121), "r.md:13: “催一下”有"),
        (REPLIES.replace("{客服名}", "{姓名}"), "r.md:7: 不认识 {姓名}"),
        (REPLIES.replace("{客服名}", "{客服名"), "r.md:7: “先应一声”的花括号没有配对"),
        (REPLIES.replace("稍等，<b>我查</b>。", ""), "r.md:13: “催一下”没有要发的话"),
        (
            REPLIES.replace("稍等，<b>我查</b>。", "在的，我是{客服名}。\n您先说，我看着。"),
            "r.md:13: “催一下”和 shop/r.md:7 一字不差",
        ),
    ],
)
def test_every_mistake_is_named_with_its_line(text: str, problem: str) -> None:
    assert any(problem in each for each in problems(r=text)), problems(r=text)


def test_only_quick_replies_need_a_code() -> None:
    assert problems(r=REPLIES.replace("    短码: hi\n", "").replace("quick", "urge")) == []


def test_two_files_share_neither_slug_nor_code() -> None:
    other = REPLIES.replace("您先说", "慢慢说").replace("我查", "我看")

    found = problems(a=REPLIES, b=other)

    assert [each.partition(" ")[0] for each in found] == [
        "shop/b.md:1:",
        "shop/b.md:7:",
        "shop/b.md:13:",
    ]


def test_the_search_copies_whole_replies_and_opens_those_with_gaps() -> None:
    catalogue = checked({"shop/r.md": REPLIES}).catalogues[""]

    def found(query: str) -> list[tuple[str | None, str]]:
        hits = catalogue.search(query, lambda _slug: True)
        return [(hit.entry.answer, hit.entry.url) for hit in hits]

    assert found("wait") == [("稍等，<b>我查</b>。", "/replies#replies-a-2")]
    assert found("我看着") == [(None, "/replies#replies-a-1")]
