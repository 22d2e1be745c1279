"""Scenarios for tests: the example file, and small ones written in a few lines."""

from __future__ import annotations

import hashlib
from functools import cache

from cstrain.activities.live_practice import reading
from cstrain.activities.live_practice.condition import Event
from cstrain.activities.live_practice.scenario import Scenario
from cstrain.config import shipped
from cstrain.kit import frontmatter
from cstrain.kit.errors import ContentError
from cstrain.plugin import Source, forbidden_words

_PLACE = ("teams", "shanchali+shanchali-sale", "shop", "scenarios", "vest-bargain.md")
EXAMPLE = shipped("content").joinpath(*_PLACE)
WORDS = (forbidden_words.Word("w1", ("傻", "傻子")), forbidden_words.Word("w2", ("保证",)))

#: One question with every way out of it, a state after it, and an interruption.
SMALL = """\
---
kind: scenario
slug: small
title: {zh: 问发货, en: When is it sent}
track: presales
level: 1
topics: [late_delivery]
minutes: 2
sections: ["4.1"]
顾客: {昵称: 青柠, 耐心: 70, 打字: 8}
事实:
  发货: {话: 48 小时内发货, 也: [两天内发货], 节: "4.2"}
  包邮: {话: 满 99 元包邮, 关于: [[包邮, 邮费]]}
问了才说:
  收货地: {问: [[哪里, 地址, 发到]], 答: [[杭州]]}
开场: 问发货
状态:
  问发货:
    步骤: 问好
    说: [[在吗, 什么时候发], [今天拍几点发, 急用]]
    要: {事实: [发货]}
    像: [在的，48 小时内发货。]
    错例: [72 小时内发货]
    对: {去: 问邮费, 心情: 5}
    错: {去: 没拍, 心情: -20}
    忌: {去: 生气走了, 心情: -30}
    分支:
      - {当: {词: [[自己看]]}, 去: 没拍, 心情: -20, 评: 错}
    再问: [[所以几点发]]
    不明: {去: 没拍, 心情: -10}
    沉默: {催: 30, 怨: 90, 走: 180, 催话: [[在不]], 怨话: [[没人吗]]}
  问邮费:
    说: [[要邮费不]]
    要: {事实: [包邮]}
    像: [满 99 元包邮。]
    对: {去: 成交}
  问票:
    说: [[能开票吗]]
    要: {词: [[发票, 能开]]}
    像: [能开发票的。]
    对: {去: 回}
打断: [{之间: [300, 300], 去: 问票}]
结局:
  成交: {是: paid, 金额: 99, 说: [[拍了]]}
  没拍: {是: lost, 因: mismatch, 说: [[算了]]}
  生气走了: {是: lost, 因: attitude}
  走了: {是: lost, 因: slow}
限: {轮: 8, 秒: 900}
---
复盘。
"""


def source(text: str, path: str = "shop/scenarios/small.md") -> Source:
    meta, body, line = frontmatter.split(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Source(path, digest, "scenario", frontmatter.read(path, meta), body, line)


def scenario(text: str = SMALL, *, path: str = "shop/scenarios/small.md") -> Scenario:
    return reading.load(source(text, path))


def problems(text: str) -> list[str]:
    """What is wrong with a file, as ``line: problem``."""
    try:
        reading.load(source(text))
    except ContentError as error:
        return [f"{each.line}: {each.problem}" for each in error.problems]
    return []


@cache
def example() -> Scenario:
    return scenario(EXAMPLE.read_text("utf-8"))


def line(at_s: float, text: str) -> Event:
    return Event(round(at_s * 1000), "line", text)


def of_the_course() -> list[Scenario]:
    """Every scenario that is shipped, the demo shop's too."""
    content = shipped("content")
    return [
        scenario(path.read_text("utf-8"), path=path.relative_to(content).as_posix())
        for path in sorted(content.rglob("scenarios/*.md"))
    ]
