from decimal import Decimal

import pytest

from cstrain.core.items.item import (
    Blank,
    Choice,
    Kind,
    Line,
    Number,
    Pair,
    Step,
    Use,
    kind_label,
)
from cstrain.core.items.parse import parse_items
from tests.core.items.examples import block, item_of, problems_of


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_read_by_its_english_name(kind: Kind) -> None:
    assert item_of(kind).kind is kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [("单选", Kind.SINGLE), (" 多选题 ", Kind.MULTIPLE), ("Spot", Kind.SPOT), ("简答", None)],
)
def test_kind_names_are_understood_in_both_languages(name: str, kind: Kind | None) -> None:
    assert Kind.named(name) is kind


def test_every_kind_has_a_label() -> None:
    assert len({kind_label(kind) for kind in Kind}) == len(Kind)


@pytest.mark.parametrize(
    ("use", "wanted", "allowed"),
    [
        (Use.PRACTICE, Use.EXAM, False),
        (Use.EXAM, Use.EXAM, True),
        (Use.BOTH, Use.EXAM, True),
        (Use.EXAM, Use.BOTH, True),
    ],
)
def test_use_allows_its_own_and_both_allows_all(use: Use, wanted: Use, *, allowed: bool) -> None:
    assert use.allows(wanted) is allowed


def test_options_are_read_and_default() -> None:
    options = "    难度: 3\n    分值: 2\n    用途: 考试\n    小节: 1.1.2\n"

    given, default = item_of(Kind.TRUEFALSE, options=options), item_of(Kind.TRUEFALSE)

    assert (given.level, given.points, given.use, given.section) == (3, 2, Use.EXAM, "1.1.2")
    assert (default.level, default.points, default.use, default.section) == (
        1,
        1,
        Use.PRACTICE,
        "1.1",
    )


def test_english_options_and_a_tab_are_understood() -> None:
    text = "/// question | truefalse\n\tid: q1\n\tuse: both\n好。\n答案：true\n解析：是。\n///"

    items, problems = parse_items("bank.md", text)

    assert problems == []
    assert (items[0].id, items[0].use) == ("q1", Use.BOTH)


def test_the_parts_of_each_kind_are_read() -> None:
    assert item_of(Kind.SINGLE).choices[:2] == (
        Choice("等着", is_right=False, feedback_md="没有时间"),
        Choice("能，今天发", is_right=True),
    )
    assert item_of(Kind.TRUEFALSE).choices == (
        Choice("对", is_right=False),
        Choice("错", is_right=True),
    )
    assert item_of(Kind.NUMERIC).number == Number(Decimal("47.64"), Decimal("0.01"), "%")
    assert item_of(Kind.BLANKS).blanks[0] == Blank(("红", "红色"))
    assert item_of(Kind.BLANKS).stem_md == "急单插 ⟦1⟧ 旗，退货用⟦2⟧登记。"
    assert item_of(Kind.ORDER).steps[0] == Step("道歉")
    assert item_of(Kind.MATCH).pairs[0] == Pair("咨询", "售前")
    assert item_of(Kind.MATCH).decoys == ("仓库",)
    assert item_of(Kind.MATCH).rights == ("售前", "售后", "仓库")
    assert item_of(Kind.SPOT).lines[:2] == (
        Line("19:42 买家：在吗", is_agent=False),
        Line("小周：明天一定到", is_agent=True, is_faulty=True, feedback_md="送到不能保证"),
    )


def test_an_option_may_go_on_in_the_next_line() -> None:
    item = item_of(
        Kind.SINGLE, "哪句？\n- [x] 第一行\n  第二行\n- [ ] 别的\n    > 评一\n    > 评二"
    )

    assert item.choices[0].text == "第一行\n第二行"
    assert item.choices[1].feedback_md == "评一\n评二"


def test_a_prompt_is_marked_and_never_a_long_task() -> None:
    assert item_of(Kind.SINGLE, role="启发").is_prompt
    assert problems_of(Kind.ORDER, "排\n1. 甲\n2. 乙\n3. 丙", role="启发") == [
        "启发只能是单选、判断或数值：点一下或填一个数"
    ]


def test_chats_in_the_stem_and_lists_in_the_explanation_stay_markdown() -> None:
    text = (
        "/// 题 | 单选\n    编号: q1\n看：\n\n```对话\n买家：/// 在\n- [x] 不是选项\n```\n\n"
        "- [ ] 甲\n- [x] 乙\n\n解析：两条\n\n1. 一\n2. 二\n///"
    )

    items, problems = parse_items("bank.md", text)

    assert problems == []
    assert "- [x] 不是选项" in items[0].stem_md
    assert items[0].explanation_md == "两条\n\n1. 一\n2. 二"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("47.64 ± 0.01 %", Number(Decimal("47.64"), Decimal("0.01"), "%")),
        ("7", Number(Decimal(7))),
        ("-3.5±0", Number(Decimal("-3.5"), Decimal(0))),
        ("1,080 元", Number(Decimal(1080), unit="元")),
        ("７２ +- 1 万", Number(Decimal(72), Decimal(1), "万")),
        ("60％", Number(Decimal(60), unit="%")),
    ],
)
def test_numbers_are_read_with_tolerance_and_unit(text: str, number: Number) -> None:
    assert item_of(Kind.NUMERIC, f"多少？\n答案：{text}").number == number


@pytest.mark.parametrize("text", ["", "六", "1/3", "1e5", "NaN", "3 ± -1", "1 ± 2 ± 3", "9" * 30])
def test_other_numbers_are_problems(text: str) -> None:
    (problem,) = problems_of(Kind.NUMERIC, f"多少？\n答案：{text}")

    assert problem.startswith("数值题写")


@pytest.mark.parametrize(
    ("kind", "body", "problem"),
    [
        (Kind.SINGLE, "问？\n- [ ] 甲\n- [ ] 乙", "单选要恰好一个 - [x]，现在有 0 个"),
        (Kind.SINGLE, "问？\n- [x] 甲\n- [x] 乙", "单选要恰好一个 - [x]，现在有 2 个"),
        (Kind.SINGLE, "问？\n- [x] 甲", "单选至少要两个选项"),
        (Kind.SINGLE, "问？\n- [x] 甲 \n- [ ] 甲", "“甲”出现了两次"),
        (Kind.SINGLE, "问？\n- [x] 甲\n- [ ] ", "有一个选项是空的"),
        (Kind.SINGLE, "- [x] 甲\n- [ ] 乙", "没有题干"),
        (
            Kind.SINGLE,
            "问？\n- [x] 以上都对\n- [ ] 乙",
            "不要用“以上都对”这样的选项：选项的次序会打乱",
        ),
        (
            Kind.SINGLE,
            "已经说了今天下午就发出，问？\n- [x] 今天下午就发出\n- [ ] 明天上午再发出",
            "题干里写着正确选项的原话，等于告诉了答案",
        ),
        (
            Kind.SINGLE,
            "问？\n答案：B\n- [x] 甲\n- [ ] 乙",
            "这种题型没有“答案：”一行，答案写在选项里",
        ),
        (
            Kind.SINGLE,
            "问？\n- [x] 甲\n多出来的\n- [ ] 乙",
            "这一行既不是选项，也不是点评（缩进的 >）或“解析：”",
        ),
        (
            Kind.SINGLE,
            "问？\n- [x] 甲\n```\n码\n```\n- [ ] 乙",
            "``` 要放在题干或解析里，不能夹在选项之间",
        ),
        (Kind.MULTIPLE, "问？\n- [x] 甲\n- [ ] 乙", "多选至少要两个 - [x]，现在有 1 个"),
        (Kind.MULTIPLE, "问？\n- [x] 甲\n- [x] 乙", "多选至少要留一个不对的选项"),
        (Kind.TRUEFALSE, "问。", "缺少“答案：”一行"),
        (Kind.TRUEFALSE, "问。\n答案：也许", "判断题写“答案：对”或“答案：错”"),
        (Kind.TRUEFALSE, "问。\n答案：对\n答案：错", "“答案：”写了两次"),
        (Kind.TRUEFALSE, "问。\n答案：对\n多出来的", "“答案：”和“解析：”之间不能有别的文字"),
        (
            Kind.NUMERIC,
            "问\n- [x] 甲\n答案：3",
            "这种题型不用 - [x] 写答案，或者这一行缩进了",
        ),
        (Kind.BLANKS, "没有空\n1. 甲", "填空题的题干里要用 ____ 留空"),
        (Kind.BLANKS, "空 ____ 空 ____\n1. 甲", "题干有 2 个空，下面写了 1 个答案"),
        (Kind.BLANKS, "空 ____\n1. |", "这个空没有写答案"),
        (Kind.BLANKS, "空 ____\n1. ……", "第 1 空的答案“……”只有标点"),
        (Kind.BLANKS, "千牛里用 ____\n1. 千牛", "第 1 空的答案“千牛”写在题干里了"),
        (Kind.BLANKS, "空 ____ ⟦2⟧\n1. 甲", "题干里不能用 ⟦1⟧ 这种括号加数字的写法"),
        (Kind.ORDER, "排\n1. 甲\n2. 乙", "排序至少要三步"),
        (Kind.ORDER, "排\n1. 甲\n3. 乙\n2. 丙", "这里应当是 2.，从 1 连着写"),
        (Kind.MATCH, "配\n- 甲 => 一\n- 乙 => 一", "配对的右边至少要两种"),
        (Kind.MATCH, "配\n- 甲 => 一\n- 乙 => 二\n- => 一", "干扰项“一”也是正确的右边"),
        (Kind.MATCH, "配\n- 甲 => 一\n- 甲 => 二", "“甲”出现了两次"),
        (Kind.MATCH, "配\n- 甲 => 一\n- 乙 => ", "配对写成“- 左边 => 右边”，一行一对"),
        (Kind.SPOT, "找\n- [ ] 客服：甲\n- [ ] 客服：乙", "找错题至少要有一句客服的话是错的"),
        (Kind.SPOT, "找\n- [x] 客服：甲\n- 买家：乙", "找错题至少要有一句客服的话是对的"),
        (
            Kind.SPOT,
            "找\n- [x] 客服：甲\n- [ ] 客服：乙\n- [x] 买家：丙",
            "只有客服的话能判对错，这一行不要带 [ ]",
        ),
        (
            Kind.SPOT,
            "找\n- [x] 客服：甲\n- [ ] 客服：乙\n- 客服：丙",
            "客服的话要带勾：- [x] 有错，- [ ] 没错",
        ),
        (
            Kind.SPOT,
            "找\n- [x] 客服：甲\n- [ ] 客服：乙\n- 没人说",
            "找错题的每一行要写成“谁：说了什么”",
        ),
    ],
)
def test_a_bad_body_is_a_problem_in_words(kind: Kind, body: str, problem: str) -> None:
    assert problem in problems_of(kind, body)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("    难度: 4\n", "难度只能是 1 到 3 的整数"),
        ("    分值: ２\n", "分值只能是 1 到 20 的整数"),
        ("    用途: 随便\n", "用途只能是：练习、考试、都可"),
        ("    小节: 第一节\n", "小节要写小节号，例如 1.1.2"),
        ("    编号: q2\n", "选项“编号”写了两次"),
        ("    颜色: 红\n", "不认识选项“颜色: 红”，可用：编号、难度、分值、用途、小节、参数、验算"),
    ],
)
def test_a_bad_option_is_a_problem(options: str, problem: str) -> None:
    assert problems_of(Kind.TRUEFALSE, "问。\n答案：对", options) == [problem]


LOOSE = "这里的文字不在任何一题里（题库的题外只能写 # 标题）"
KINDS = "单选、多选、判断、数值、填空、排序、配对、找错"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("/// 题 | 单选\n- [x] 甲", ["1: 这一题没有收尾，少了一行 ///"]),
        ("\n///", ["2: 这一行 /// 前面没有题"]),
        (
            "／／／ 题 | 判断\n",
            ["1: 题的首尾要用半角的 ///，不是全角的 ／／／", "1: 这一题没有收尾，少了一行 ///"],
        ),
        ("/// 题 | 简答\n///", [f"1: 不认识题型“简答”，可用：{KINDS}"]),
        ("/// 题\n///", ["1: 要写明题型，例如 /// 题 | 单选"]),
        ("/// 问 | 单选\n///", ["1: 不认识“问”，只有 题、启发 两种"]),
        (
            "```\n/// 题 | 单选\n",
            ["1: 这里开始的代码框没有收尾，少了一行 ```", f"1: {LOOSE}"],
        ),
        (
            "# 标题\n\n- [x] 甲\n",
            ["3: 带勾的选项不在题里：前面少了“/// 题 | 题型”这一行", f"3: {LOOSE}"],
        ),
    ],
)
def test_a_broken_fence_is_a_problem_at_its_line(text: str, problems: list[str]) -> None:
    found = parse_items("bank.md", text)[1]

    assert sorted(f"{problem.line}: {problem.problem}" for problem in found) == sorted(problems)


def test_a_nested_block_is_a_problem_and_the_inner_one_is_still_read() -> None:
    items, problems = parse_items("bank.md", "/// 题 | 单选\n甲\n" + block(Kind.TRUEFALSE))

    assert [str(problem) for problem in problems] == [
        "bank.md:3: 上一题（第 1 行）还没有用 /// 收尾，这里又开了一题"
    ]
    assert [item.id for item in items] == ["q1"]


def test_no_id_and_no_explanation_are_both_told() -> None:
    items, problems = parse_items("bank.md", "/// 题 | 判断\n问。\n答案：对\n///")

    assert items == []
    assert [problem.problem for problem in problems] == [
        "缺少“解析：”",
        "缺少编号：在题的第一行下面缩进四格写 编号: 1.1-01",
    ]


def test_lines_are_counted_from_the_top_of_the_file() -> None:
    text = '---\nsection: "1.1"\n---\n\n' + block(Kind.TRUEFALSE, "问。\n答案：也许")

    items, problems = parse_items("bank.md", text)

    assert items == []
    assert [problem.line for problem in problems] == [9]


def test_an_id_used_twice_keeps_the_first() -> None:
    items, problems = parse_items("bank.md", block(Kind.SINGLE) + block(Kind.ORDER))

    assert [item.kind for item in items] == [Kind.SINGLE]
    assert [problem.problem for problem in problems] == ["编号 q1 在第 2 行已经用过"]


@pytest.mark.parametrize(
    ("meta", "problem"),
    [
        ("section: 1.1", '2: 题库开头要写明考哪一节，例如 section: "1.1"，要带引号'),
        ('section: "1.1"\ntitle: 题', "3: 题库开头不认识“title”，只写 section"),
        ("section: [", "2: YAML 读不懂："),
    ],
)
def test_the_front_matter_of_a_bank_names_a_section_and_no_more(meta: str, problem: str) -> None:
    (found,) = parse_items("bank.md", f"---\n{meta}\n---\n")[1]

    assert f"{found.line}: {found.problem}".startswith(problem)
