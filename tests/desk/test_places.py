"""Problems of what tables brought in are told by table, class and row."""

from __future__ import annotations

from cstrain.core.catalogue.places import Places
from cstrain.core.catalogue.sources import File, digest_of
from tests.desk import shop_content

FAQ = """\
---
kind: faq
slug: faq-table
title: {zh: 杯子, en: Cups}
---
## 能装开水吗？

能。

## 哪只最好？

这只最好。
"""
OTHER = FAQ.replace("faq-table", "faq-other").replace("最好", "轻")
WORDS = """\
---
kind: forbidden_words
slug: words-a
title: {zh: 绝对化, en: Absolutes}
---
## 最好
"""
BANK = """\
---
section: "9.9"
---
/// 题 | 判断
    编号: t-1

杯子能装开水。

答案：对

解析：能。
///
"""
TEXTS = {
    "teams/one/shop/faq/table-1.md": FAQ,
    "teams/one/shop/faq/table-2.md": OTHER,
    "teams/one/shop/words/a.md": WORDS,
    "teams/one/imports/9.9.questions.md": BANK,
    "teams/two/shop/faq/table-1.md": OTHER,
    "teams/two/shop/faq/written.md": OTHER,
}
WRITTEN = "teams/two/shop/faq/written.md"


def test_what_a_table_brought_in_is_named_as_the_table_names_it() -> None:
    files = {path: File(digest_of(text.encode()), text.encode()) for path, text in TEXTS.items()}
    checked = shop_content.checked(TEXTS)
    edits = [path for path in TEXTS if path != WRITTEN]

    named = Places(files, edits, shop_content.registry().tables).named(checked.problems)
    told = list(map(str, named))

    assert any(line.startswith("常见问答表格 · 杯子 · 哪只最好？：有违禁词“最好”") for line in told)
    assert any(line.startswith("题库表格 · 9.9：") for line in told)
    assert any("“能装开水吗？”在 常见问答表格 · 杯子 里已经有了" in line for line in told)
    assert any(line.startswith(f"{WRITTEN}:") for line in told)
    assert not any("table-" in line for line in told)
