"""The glossary: read from Markdown, and found in a lesson's running text."""

from __future__ import annotations

import pytest

from cstrain.core.catalogue.glossary import Marker, Term, terms_of
from cstrain.kit import markdown
from tests.desk.shop_content import TERMS, checked, problems

URGE = Term("u", "催付", "Urging payment", ("催款",), "提醒一句。", 1)
REFUND = Term("r", "退款", "Refund", (), "钱退回去。", 2)
ONLY_REFUND = Term("o", "仅退款", "Refund only", (), "货不退。", 3)
SKU = Term("s", "SKU", "SKU", (), "一个码。", 4)
MARKER = Marker((URGE, REFUND, ONLY_REFUND, SKU))


def marked(text: str, marker: Marker = MARKER) -> str:
    html = markdown.render(text, lambda target: f"/{target}")
    return marker.mark(html, set(), lambda term, words: f"[{term.anchor}:{words}]")


def test_a_file_becomes_terms() -> None:
    first, second = terms_of(checked({"glossary/g.md": TERMS}).catalogues[""])

    assert (first.name, first.english, first.aliases) == ("催付", "Urging payment", ("催款",))
    assert (second.name, second.meaning) == ("SKU", "一个颜色一个码，就是一个 SKU。")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TERMS.replace(" | Urging payment", ""), "g.md:6: 标题要有中文和英文"),
        (TERMS.replace("拍下没付款，店里提醒一句。", ""), "g.md:6: “催付”没有解释"),
        (TERMS.replace("拍下没付款", "长" * 80), "g.md:6: “催付”的解释有"),
        (TERMS.replace("## SKU |", "## 催款 |"), "g.md:11: “催款”和 shop/g.md:6 重复"),
        (TERMS.replace("别名:", "短码:"), "g.md:7: 不认识 短码，这里只能写：别名、不算"),
        (TERMS.replace("别名: 催款", "不算: 付款"), "g.md:6: “催付”的不算：“付款”要比这个词长"),
        (TERMS.replace("别名: 催款", "not_in: 催付"), "g.md:6: “催付”的不算：“催付”要比这个词长"),
    ],
)
def test_every_mistake_is_named_with_its_line(text: str, problem: str) -> None:
    assert any(problem in each for each in problems(g=text)), problems(g=text)


def test_the_search_finds_terms_in_both_languages_and_by_other_names() -> None:
    catalogue = checked({"glossary/g.md": TERMS}).catalogues[""]

    for query in ("催付", "urging", "催款"):
        (hit,) = catalogue.search(query, lambda _slug: True)
        assert hit.entry.url == "/glossary#glossary-a-1"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("先催付再催付", "<p>先[u:催付]再催付</p>"),
        ("催款也催付", "<p>[u:催款]也催付</p>"),
        ("仅退款和退款", "<p>[o:仅退款]和[r:退款]</p>"),
        ("仅退款，仅退款", '<p><span class="term-line">[o:仅退款]，</span>仅退款</p>'),
        ("这个**sku**", "<p>这个<strong>[s:sku]</strong></p>"),
        ("SKUs 和 MSKU", "<p>SKUs 和 MSKU</p>"),
        ("（催付）", '<p><span class="term-line">（[u:催付]）</span></p>'),
        ("### 催付\n\n催付", '<h3 id="催付">催付</h3>\n<p>[u:催付]</p>'),
        ("`催付` 催付", "<p><code>催付</code> [u:催付]</p>"),
        ("A & 催付 < B", "<p>A &amp; [u:催付] &lt; B</p>"),
    ],
)
def test_the_first_place_in_running_text_is_marked(text: str, html: str) -> None:
    assert marked(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "```对话\n买家：催付\n客服：退款\n```",
        "| 催付 |\n|---|\n| 退款 |",
        "```\n催付\n```",
        "> **催付**\n> 说一句",
        "[催付](#here)",
    ],
)
def test_chats_tables_code_and_titles_are_left_alone(text: str) -> None:
    assert not set("[]") & set(marked(text))


def test_text_after_a_chat_is_marked() -> None:
    assert "[u:催付]" in marked("```对话\n买家：催付\n```\n\n催付")


def test_a_phrase_that_only_holds_the_word_is_passed_over() -> None:
    back = Term("b", "后台", "Back office", ("来人",), "里面办。", 1, ("售后台", "三十来人"))
    desk = Term("d", "来人", "Incoming", (), "进来的人。", 2)
    own = Term("o", "售后台", "After-sales desk", (), "管售后的。", 3)

    assert marked("去售后台问，三十来人，再看后台", Marker((back,))).endswith("再看[b:后台]</p>")
    assert "b:" not in marked("售后台", Marker((back,)))
    assert marked("三十来人", Marker((desk, back))) == "<p>三十来人</p>"
    assert "[o:售后台]" in marked("售后台", Marker((own, back)))


def test_without_terms_nothing_is_marked() -> None:
    assert Marker(()).mark("<p>催付</p>", set(), lambda _term, words: words) == "<p>催付</p>"
