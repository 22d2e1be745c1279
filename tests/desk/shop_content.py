"""A shop's own files, small, and the catalogue or the problems that come of them."""

from __future__ import annotations

from collections.abc import Mapping

from cstrain.core.catalogue import glossary
from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.publish import Checked, check_files
from cstrain.core.catalogue.sources import File, digest_of
from cstrain.desk.replies import material

REPLIES = """---
kind: replies
slug: replies-a
title: {zh: 售前, en: Pre-sales}
use: quick
---
## 先应一声
    短码: hi
    何时: 顾客第一次开口

在的，我是{客服名}。您先说，我看着。

## 催一下
    短码: wait

稍等，<b>我查</b>。
"""
WORDS = """---
kind: forbidden_words
slug: words-a
title: {zh: 绝对化用语, en: Absolute claims}
---
广告法不让说。

## 第一 / No.1
    例外: 第一次, 第一件事
    改说: 这款上个月卖得多

没有数据证明。
"""
TERMS = """---
kind: glossary
slug: glossary-a
title: {zh: 订单, en: Orders}
---
## 催付 | Urging payment
    别名: 催款

拍下没付款，店里提醒一句。

## SKU | SKU

一个颜色一个码，就是一个 SKU。
"""
PRODUCTS = """---
kind: products
slug: products-a
title: {zh: 上衣, en: Tops}
---
## 圆领短袖 | SC-T01
    价格: 69
    规格: 八色
    卖点: 200 克精梳棉；不闷
    适合: 夏天单穿；出差
    短处: 白色略透，里面穿浅色

## 全棉四件套 | SC-B01
    价格: 1.5 米床 329；1.8 米床 369 元
    卖点: <b>40 支</b>斜纹
    适合: 1.5 米床
    搭配: 夏凉被；枕套

## 枕套 | SC-B03
    价格: 39.5
    卖点: 全棉
    适合: 48×74 厘米的枕芯
"""
FAQ = "---\nkind: faq\nslug: faq-a\ntitle: {zh: 发货, en: Dispatch}\n---\n## 问\n\n16:00 前发。\n"


def registry() -> Registry:
    """What reads them."""
    made = Registry()
    material.register(made)
    glossary.register(made)
    return made


def checked(texts: Mapping[str, str], builder: Builder | None = None) -> Checked:
    """The files, by path, loaded and checked for every team."""
    files = {path: File(digest_of(text.encode()), text.encode()) for path, text in texts.items()}
    return check_files(builder or Builder(registry()), files)


def problems(**texts: str) -> list[str]:
    """What is wrong with files that lie in ``shop/``."""
    found = checked({f"shop/{name}.md": text for name, text in texts.items()})
    return [str(problem) for problem in found.problems]
