"""The demo shop's forbidden words see insults and scorn, and leave harmless words alone."""

from __future__ import annotations

from functools import cache

import pytest

from cstrain.config import shipped
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.desk.replies import words

FOLDER = shipped("content").joinpath("teams", "shanchali+shanchali-sale", "shop", "words")


@cache
def shop_words() -> tuple[words.Word, ...]:
    files = []
    for path in sorted(FOLDER.glob("*.md")):
        body = path.read_bytes()
        files.append(words.load(open_source(path.name, File(digest_of(body), body), {})))
    return tuple(word for file in files for word in file.entries)


@pytest.mark.parametrize(
    "line",
    [
        "你有病吧",
        "你脑子不好使",
        "爱买不买",
        "穷就别买",
        "滚",
        "你瞎吗",
        "买不起就别看",
        "没钱还买什么",
        "你是不是傻",
        "懒得理你",
        "您有完没完",
        "自己不会看吗",
        "想得美",
        "减肥吧",
        "sb",
        "呵呵",
    ],
)
def test_insults_and_scorn_are_seen(line: str) -> None:
    assert words.hits(line, shop_words())


@pytest.mark.parametrize(
    "line",
    [
        "滚筒洗可以，别拧",
        "被子在里面打滚",
        "我去告诉仓库",
        "给你妈妈买的拿 M",
        "没有病虫害",
        "您不买别的也包邮",
        "按您胖瘦挑",
        "小气泡水杯",
        "换货我去办，16:00 前回您",
    ],
)
def test_harmless_words_are_left_alone(line: str) -> None:
    assert not words.hits(line, shop_words())
