import re
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from cstrain import layout
from cstrain.kit import chat
from cstrain.kit.markdown import (
    dead_links,
    plain,
    render,
    render_inline,
    table_problems,
    targets,
)

CSS = Path(layout.__file__).parent / "static/css/learning.css"
DANGER = re.compile(
    r"<(?!/?(?:p|a|br|ol|ul|li|pre|code|span|em|strong|blockquote|h\d|hr|del|mark|div|table|caption|t\w+)\b)"
    r"|<\w+(?:\s+[\w-]+=\"[^\"]*\")*\s+(?:on\w+|style)=|(?:href|src)=\"(?!https?://|/at/|#)",
    re.IGNORECASE,
)
MARKS = [
    *"<>[]()!\"'`*#|: \n&;\\~=图",
    "](",
    "<script>",
    "javascript:",
    "<img src=x onerror=",
    "```对话\n",
    "```数据 图<b>\n",
]
MARKS += ["\n> **", "**\n", "\n- ", "\n|-|-|\n", "section:1", "media/none.png", "&#106;avascript:"]


def resolve(target: str) -> str | None:
    return None if "none" in target else f"/at/{target}"


def html(text: str) -> str:
    return render(text, resolve)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "**“重点”**内容和**注意：**客服",
            "<p><strong>“重点”</strong>内容和<strong>注意：</strong>客服</p>",
        ),
        ("第一行\n第二行", "<p>第一行<br>\n第二行</p>"),
        ("~~原价~~ ==现价==", "<p><del>原价</del> <mark>现价</mark></p>"),
        ("文字：\n- 甲\n- 乙", "<p>文字：</p>\n<ul>\n<li>甲</li>\n<li>乙</li>\n</ul>"),
        ("    缩进四格", "<p>缩进四格</p>"),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>"),
        ("# 一级", '<h2 id="一级">一级</h2>'),
        ("### 小标题", '<h3 id="小标题">小标题</h3>'),
        (
            "> 引\n\n> 用",
            "<blockquote>\n<p>引</p>\n</blockquote>\n<blockquote>\n<p>用</p>\n</blockquote>",
        ),
        ("```\n/// 题\n```", '<pre class="highlight"><code>/// 题</code></pre>'),
    ],
)
def test_text_as_people_write_it(text: str, expected: str) -> None:
    assert html(text).strip() == expected


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=alert(1)>b</b>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](data:text/html,<script>)",
        "<javascript:alert(1)>",
        "![x](javascript:alert(1))",
        "![x](https://other.example/x.png)",
        "[x]: javascript:alert(1)\n\n[x]",
        '[x](https://a.example "\\" onclick=alert(1)")',
        "```对话\n买家：<img src=x onerror=alert(1)>\n```",
        '```html onclick="alert(1)"\n<script>\n```',
        "<div style='x'>\n\n</div>",
        "<!-- c --><iframe src=x>",
    ],
)
def test_nothing_foreign_gets_through(text: str) -> None:
    shown = html(text)

    assert DANGER.search(shown) is None


@given(st.lists(st.sampled_from(MARKS), max_size=25).map("".join))
def test_any_text_renders_without_danger(text: str) -> None:
    assert DANGER.search(html(text)) is None


def test_links_and_files_go_where_the_page_says() -> None:
    shown = html(
        "[课](section:1.2) [练](activity:q) [外](https://a.example) [内](#x) [没](section:none)\n\n"
        "![图](media/a.png) ![片](media/a.mp4) ![音](media/a.mp3) ![没](media/none.png)\n\n"
        "[下载：表](media/a.xlsx) [没](other.html)"
    )

    rel = 'rel="noopener noreferrer"'
    assert f'<a href="/at/section:1.2" {rel}>课</a>' in shown
    assert f'<a href="/at/activity:q" {rel}>练</a>' in shown
    assert f'<a class="is-outside" href="https://a.example" {rel}>外</a>' in shown
    assert f'<a href="#x" {rel}>内</a>' in shown
    assert '<img alt="图" loading="lazy" src="/at/media/a.png">' in shown
    assert '<video aria-label="片" controls="" preload="metadata" src="/at/media/a.mp4">' in shown
    assert '<audio aria-label="音" controls="" preload="metadata" src="/at/media/a.mp3">' in shown
    assert 'class="attachment" download="a.xlsx" href="/at/media/a.xlsx"' in shown
    assert shown.count('<span class="is-missing">没</span>') == 3


def test_dead_links_are_named_by_their_words() -> None:
    text = "[课](section:1.2)、[没有的**节** & 课](section:9)、![图](media/none.png)、[x](1.2)"

    assert dead_links(text, {"section:1.2": "/at"}.get) == ["没有的节 & 课", "图", "x"]


def test_targets_have_lines_and_none_in_code() -> None:
    text = (
        "a\n[x](section:1.2) `[y](section:9)`\n```\n[z](section:9)\n```\n"
        "![p](media/a.png)\n[q]: media/b.png"
    )

    assert list(targets(text)) == [(2, "section:1.2"), (6, "media/a.png"), (7, "media/b.png")]


@pytest.mark.parametrize(
    ("text", "kind", "title", "rest"),
    [
        ("> **常见错误**\n> 先答应", "mistake", "常见错误", "先答应"),
        ("> **便签**\n>\n> 写下来", "note", "便签", "写下来"),
        ("> **法条**：第二十五条", "law", "法条", "第二十五条"),
        ("> **何姐的办法**\n> 先问", "tip", "何姐的办法", "先问"),
    ],
)
def test_a_quote_with_a_bold_first_line_is_a_callout(
    text: str, kind: str, title: str, rest: str
) -> None:
    assert html(text) == (
        f'<blockquote class="callout" data-kind="{kind}">\n'
        f'<p class="callout-title">{title}</p>\n<p>{rest}</p>\n</blockquote>'
    )


def test_a_bold_word_in_a_quote_is_no_callout() -> None:
    assert "callout" not in html("> **店里**不议价")


def test_two_callouts_in_a_row_stay_two() -> None:
    assert html("> **便签**\n> - 甲\n> - 乙\n\n> **法条**\n> 丙").count("data-kind") == 2


def test_tables_can_be_scrolled_and_name_their_columns() -> None:
    shown = html("数：\n| 人 | |\n|---|--:|\n| 阿敏 | 40 |")

    assert (
        '<div aria-label="表格" class="table-scroll" role="group" tabindex="0">\n<table>' in shown
    )
    assert '<th scope="col">人</th>' in shown
    assert '<td class="align-right">40</td>' in shown
    assert "style=" not in shown


def test_chats_become_bubbles() -> None:
    shown = html(
        "```对话\n19:42 买家：拍下了 <b>\n次日 09:05 小周：[图] 好\n接着说\n"
        "（40 分钟没有回复）\n系统：已付款\n```"
    )

    assert shown.startswith('<ol class="chat"><li class="chat-line chat-customer">')
    assert '<span class="chat-time">次日 09:05</span> <span class="chat-who">小周</span>' in shown
    assert '<span class="chat-picture">[图]</span> 好<br>接着说</span>' in shown
    assert (
        '<li class="chat-line chat-note"><span class="chat-text">（40\u00a0分钟没有回复）' in shown
    )
    assert '<li class="chat-line chat-system"><span class="chat-who">系统</span>' in shown
    assert "拍下了 &lt;b&gt;" in shown


@pytest.mark.browser
def test_what_no_person_said_keeps_its_name(page: Page) -> None:
    page.set_content(html("```对话\n20:01 自动回复：在的\n系统：已付款\n```"))
    page.add_style_tag(path=CSS)

    expect(page.get_by_text("自动回复")).to_be_visible()
    expect(page.get_by_text("系统")).to_be_visible()


def test_of_colleagues_among_themselves_the_first_stands_left() -> None:
    shown = html("```对话\n小林：帮我顶下？\n阿敏：好呀\n沈经理：怎么没人\n小林：啊\n```")

    assert re.findall(r"chat-line chat-(\w+)", shown) == [
        "colleague",
        "agent",
        "agent",
        "colleague",
    ]


@pytest.mark.parametrize(
    "text", ["客服：一\n客服：二", "小林：问\n阿敏：答\n买家：在吗", "系统：到了\n客服：好"]
)
def test_with_a_customer_or_alone_ours_stand_right(text: str) -> None:
    assert "chat-colleague" not in html(f"```对话\n{text}\n```")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("占 18 %，3,873 人", "<p>占 18_%，3,873_人</p>"),
        ("加 **30** 元", "<p>加 <strong>30</strong>_元</p>"),
        ("长 40 cm，3 cmx，和 5 那样，5\n天", "<p>长 40_cm，3 cmx，和 5 那样，5<br>\n天</p>"),
        ("`5 天` 5 小时", "<p><code>5 天</code> 5_小时</p>"),
        ("[5 天](#5 天)", '<p><a href="#5 天" rel="noopener noreferrer">5_天</a></p>'),
    ],
)
def test_a_number_and_its_unit_stay_on_one_line(text: str, shown: str) -> None:
    assert html(text).replace("\u00a0", "_") == shown


@pytest.mark.parametrize(
    ("line", "voice", "who", "text", "at"),
    [
        ("买家：在吗", "customer", "买家", "在吗", ""),
        ("顾客小王: 19：42 拍的", "customer", "顾客小王", "19：42 拍的", ""),
        ("20:10 何姐：好", "agent", "何姐", "好", "20:10"),
        ("第二天 8:30:05 系统：上线", "system", "系统", "上线", "第二天 8:30:05"),
        ("20:01 自动回复：在的，您说。", "auto", "自动回复", "在的，您说。", "20:01"),
        ("20:40 （没有回复）", "note", "", "（没有回复）", "20:40"),
        ("小周：", "agent", "小周", "", ""),
    ],
)
def test_a_line_of_a_chat(line: str, voice: str, who: str, text: str, at: str) -> None:
    assert chat.read_line(line) == chat.ChatLine(chat.Voice(voice), who, text, at)


def test_words_of_nobody_are_no_line_but_open_a_chat_as_a_note() -> None:
    assert chat.read_line("没有人说") is None
    assert chat.read("没有人说\n\n买家：在")[0].voice is chat.Voice.NOTE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("能，今天发", "能，今天发"),
        ("**能**", "<strong>能</strong>"),
        ("1. 先付", "1. 先付"),
        ("- 满减", "- 满减"),
        ("# 号", "# 号"),
        ("<b>", "&lt;b&gt;"),
        ("甲\n\n乙", "<p>甲</p>\n<p>乙</p>"),
    ],
)
def test_a_short_text_stands_without_a_paragraph(text: str, expected: str) -> None:
    assert render_inline(text, resolve) == expected


def test_ids_of_headings_can_be_kept_apart() -> None:
    assert render("## 甲\n## 甲", resolve, id_prefix="s1-").count('id="s1-甲') == 2


def test_plain_words_without_marks() -> None:
    text = (
        "## 题\n\n**重**点 [课](section:1.2) ![杯](media/a.png) `码` ~~旧~~\n\n> 引\n\n"
        "| 人 | 单 |\n|---|--:|\n| 阿敏 | 40 |\n\n```对话\n买家：在\n```\n3\\*4"
    )

    assert plain(text) == "题\n重点 课 ［图：杯］ 码 旧\n引\n人 单\n阿敏 40\n买家：在\n3*4"


def test_threads_do_not_share_what_they_resolve() -> None:
    shown: dict[str, str] = {}

    def work(name: str) -> None:
        for _turn in range(20):
            shown[name] = render("[x](section:1)", lambda target: f"/{name}/{target}")

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {name: f"/{name}/section:1" in text for name, text in shown.items()} == {
        "one": True,
        "two": True,
    }


FIGURES = """\
```数据 四人一周（数据为教学编写）
尾号,询单人数,日期,销售额
5127,1310,11-01,15456.50
3306,,11-02,-40
```
"""


def test_figures_in_a_fence_are_a_table() -> None:
    table = html(FIGURES)

    assert "<caption><span>四人一周（数据为教学编写）</span></caption>" in table
    assert '<td class="is-number" data-value="1310">1,310</td>' in table
    assert '<td class="is-number" data-value="15456.50">15,456.50</td>' in table
    assert '<td class="is-number"></td>' in table
    assert '<td class="is-number" data-value="-40">-40</td>' in table


def test_what_names_a_row_is_no_number() -> None:
    table = html(FIGURES)

    assert '<th scope="row">5127</th>' in table
    assert "<td>11-01</td>" in table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIGURES, []),
        (f"> {FIGURES.strip()}".replace("\n", "\n> "), []),
        (f"字\n\n{FIGURES}".replace("教学", ""), [3]),
        (FIGURES.replace("3306,,11-02,-40\n", ""), [1]),
        (FIGURES.replace("3306,,", "3306,"), [4]),
        (FIGURES.replace("-40", "-40,1"), [4]),
        (FIGURES.replace("日期", ""), [2]),
        (FIGURES.replace("日期", "销售额"), [2]),
        ("```\n```数据 例子\n```", []),
        ("```数据\n```", [1, 1]),
    ],
)
def test_a_broken_table_of_figures_is_told_by_its_line(text: str, expected: list[int]) -> None:
    assert [line for line, _problem in table_problems(text)] == expected
