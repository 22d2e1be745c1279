"""A shop's own figures: read from Markdown, and put where a lesson asks for them."""

from __future__ import annotations

from datetime import date

import pytest

from cstrain.core.catalogue import figures
from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.figures import ShopFigure, figures_of, shown
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.publish import Checked, check_files
from cstrain.core.catalogue.sources import File, digest_of
from cstrain.kit import markdown

FIGURES = """---
kind: shop_figures
slug: figures
title: {zh: 本店数字, en: Shop figures}
---
## dispatch_limit | 发货时限 | Dispatch limit
    数值: 48 小时
    看哪里: 商家后台，“规则中心”
    核对: 2026-11-20
    负责: 沈经理

## unpaid_close | 未付款关闭时间 | Unpaid order closes
    数值: 24 小时
    核对: 2026-11-21
    负责: 何姐
"""
LIMIT = ShopFigure(
    "dispatch_limit", "发货时限", "Dispatch limit", "<48> 小时", "", date(2026, 11, 20), "沈经理"
)


def checked(files: dict[str, str]) -> Checked:
    registry = Registry()
    figures.register(registry)
    return check_files(
        Builder(registry),
        {path: File(digest_of(text.encode()), text.encode()) for path, text in files.items()},
    )


def problems(**files: str) -> list[tuple[str, int, str]]:
    found = checked({f"shop/{name}.md": text for name, text in files.items()}).problems
    return [(each.path, each.line, each.problem) for each in found]


def rendered(text: str, known: dict[str, ShopFigure]) -> str:
    return shown(markdown.render(text, lambda target: target), known)


def test_a_file_becomes_figures() -> None:
    found = figures_of(checked({"shop/figures.md": FIGURES}).catalogues[""])

    assert list(found) == ["dispatch_limit", "unpaid_close"]
    assert found["dispatch_limit"].checked_on == date(2026, 11, 20)
    assert (found["unpaid_close"].value, found["unpaid_close"].where) == ("24 小时", "")


def test_each_shop_has_its_own() -> None:
    other = FIGURES.replace("48 小时", "24 小时")
    built = checked(
        {"shop/figures.md": FIGURES, "teams/a/shop/figures.md": other, "teams/b/shop/x.md": FIGURES}
    )

    values = {
        slug: found["dispatch_limit"].value
        for slug in ("", "a")
        if (found := figures_of(built.catalogues[slug]))
    }
    assert values == {"": "48 小时", "a": "24 小时"}
    assert any("已经有了" in problem.problem for problem in built.problems)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("dispatch_limit |", "dispatch |", 6, "没有“dispatch”这个数"),
        ("| 发货时限 | Dispatch limit", "| 发货时限", 6, "标题写成"),
        ("    数值: 48 小时\n", "", 6, "数值"),
        ("48 小时", "四" * 41, 6, "最多 40 字"),
        ("2026-11-20", "2026-11-31", 6, "核对"),
        ("2026-11-20", "20 日", 6, "核对"),
        ("    负责: 沈经理", "", 6, "负责"),
        ("    负责: 沈经理", "    负责: 沈经理\n\n48 小时内发。", 6, "不写正文"),
        ("    负责: 何姐", "    谁: 何姐", 15, "不认识 谁"),
        ("unpaid_close", "dispatch_limit", 12, "第 6 行重复"),
    ],
)
def test_a_problem_names_its_line(old: str, new: str, line: int, words: str) -> None:
    found = problems(figures=FIGURES.replace(old, new, 1))

    assert [(path, at) for path, at, text in found if words in text] == [("shop/figures.md", line)]


def test_a_figure_stands_behind_the_words_that_refer_to_it() -> None:
    html = rendered("本店看[**发货**时限](figure:dispatch_limit)。", {LIMIT.key: LIMIT})

    assert html == (
        '<p>本店看<span class="shop-figure"><strong>发货</strong>时限'
        '<span class="shop-value">：&lt;48&gt; 小时'
        '<span class="shop-by">（沈经理 2026-11-20 核对）</span></span></span>。</p>'
    )


def test_in_a_table_who_checked_it_stands_below() -> None:
    text = "| 甲 |\n|---|\n| [时限](figure:dispatch_limit) |\n| [时限](figure:dispatch_limit) |\n"
    html = rendered(f"{text}\n[时限](figure:dispatch_limit)", {LIMIT.key: LIMIT})

    table, _end, below = html.partition("</div>")
    assert table.count("：&lt;48&gt; 小时</span>") == 2
    assert "核对" not in table
    assert below.startswith('<p class="shop-notes">发货时限：沈经理 2026-11-20 核对</p>\n<p>')
    assert below.count("核对") == 2


def test_a_table_with_a_figure_the_shop_has_not_set_has_no_note() -> None:
    assert "shop-notes" not in rendered("| [甲](figure:review_period) |\n|---|\n| 乙 |", {})


def test_where_it_is_looked_up_is_told_on_hover() -> None:
    found = figures_of(checked({"shop/figures.md": FIGURES}).catalogues[""])

    assert 'title="商家后台，“规则中心”"' in rendered("[时限](figure:dispatch_limit)", found)


def test_a_figure_the_shop_has_not_set_sends_to_the_platform() -> None:
    html = rendered("[评价期](figure:review_period)", {LIMIT.key: LIMIT})

    assert html == (
        '<p><span class="shop-figure">评价期'
        '<span class="shop-value">：以商家后台当日规则为准</span></span></p>'
    )


@pytest.mark.parametrize("key", figures.KEYS)
def test_every_key_can_be_written_in_a_link(key: str) -> None:
    assert f'data-figure="{key}"' in markdown.render(f"[数](figure:{key})", lambda target: target)


def test_a_page_without_a_shop_keeps_the_words_alone() -> None:
    html = markdown.render("[发货时限](figure:dispatch_limit)", lambda _target: None)

    assert html == '<p><span class="is-missing">发货时限</span></p>'
