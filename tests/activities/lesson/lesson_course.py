"""A small course: a lesson with every kind of question, a practice lesson, and a later stage."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cstrain import testing
from cstrain.activities.lesson import service
from cstrain.activities.lesson.spec import LessonSpec
from cstrain.core.catalogue import active
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import ContentRef, Outcome, Shortfall
from cstrain.core.items import paper
from cstrain.core.pathway import attempts, enrolments
from cstrain.core.pathway.models import Attempt, PlanStep
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.plugins.shop import Someone

JSON = {"Accept": "application/json"}

FIRST = """\
---
kind: lesson
slug: "1.1"
title: {zh: 接待礼仪, en: Manners}
goals: {zh: [先回人], en: [Answer the person first]}
key_points: {zh: [先回人，再查单], en: [The person before the order]}
minutes: 12
sources:
  - {name: 消费者权益保护法, issuer: 全国人大常委会, date: 2014-03-15}
checked: 2026-11-01
---

19:42，买家拍下没付款。

## 启发思考 | Think first

/// 启发 | 单选
    编号: 1.1-q1

先做什么？

- [x] 先回人
- [ ] 先查单
    > 他在等你

解析：多数人先查单。
///

## 1.1.1 问好 | Greeting

先问好。见 [回访](section:1.2)。

/// 题 | 单选
    编号: 1.1-t1

买家说“在吗”，怎么回？

- [x] “在的，您看的哪一款？”
- [ ] “嗯”
    > 太短

解析：带上一个问题。
///

## 1.1.2 报价 | Quoting

/// 题 | 多选
    编号: 1.1-t2

哪些能说？

- [x] 满减
- [x] 运费
- [ ] 底价

解析：不议价。
///

/// 题 | 判断
    编号: 1.1-t3

可以随口许诺。

答案：错

解析：许了就要做到。
///

/// 题 | 数值
    编号: 1.1-t4

3 件 69 元，满 199 减 20，付多少元？

答案：187 元

解析：207 − 20。
///

/// 题 | 填空
    编号: 1.1-t5

工作台叫____。

1. 千牛 | 千牛工作台

解析：名字要记得。
///

## 案例分析：一句“在” | Case: one word

```对话
19:42 买家：在吗
19:50 小周：在
```

/// 题 | 找错
    编号: 1.1-t6

勾出错的。

- 买家：在吗
- [x] 客服：烦不烦
    > 冲
- [ ] 客服：在的

解析：不带气。
///

## 实际训练 | Practice

/// 题 | 排序
    编号: 1.1-t7

排一排。

1. 问好
2. 应答
3. 告别

解析：先后。
///

/// 题 | 配对
    编号: 1.1-t8

配一配。

- 售前 => 咨询
- 售后 => 退款
- => 打字

解析：各归各。
///
"""

SECOND = """\
---
kind: lesson
slug: "1.2"
title: {zh: 练一练, en: Practice}
goals: {zh: [练], en: [Practise]}
key_points: {zh: [练], en: [Practise]}
minutes: 5
---

## 练习一：回话 | Exercise 1: answering

本店的数看[发货时限](figure:dispatch_limit)。

```数据 三人一天（数据为教学编写）
客服,班次,询单人数,付款人数
小周,早,1200,300
阿敏,晚,100,50
小林,晚,,10
```

/// 题 | 判断
    编号: 1.2-t1

先回人。

```数据 题里的表（数据为教学编写）
客服,接待
小周,2
阿敏,1
```

答案：对

解析：是的。
///
"""

LATER = """\
---
kind: lesson
slug: later
title: {zh: 商品课, en: Products}
goals: {zh: [会荐], en: [Recommend]}
key_points: {zh: [问一句], en: [Ask once]}
minutes: 5
---

## A.1 十二件 | Twelve

只有学到这一步的人能看的秘密。

## 启发思考 | Think first

想一想。

## 案例分析 | Case

看一看。

## 实际训练 | Practice

做一做。
"""

BANK = """\
---
section: "1.1"
---
""" + "".join(
    f"""
/// 题 | 判断
    编号: 1.1-{number:02}
    用途: {use}
    小节: {section}

第 {number} 句是对的。

答案：对

解析：对。
///
"""
    for number, use, section in (
        (1, "练习", "1.1.1"),
        (2, "练习", "1.1.1"),
        (3, "练习", "1.1.1"),
        (4, "考试", "1.1.1"),
        (5, "练习", "1.1.2"),
    )
)

PATHWAY = """\
slug: three-exams
title: {zh: 上岗, en: Duty}
summary: {zh: 样例, en: Sample}
certificate: {title: {zh: 证, en: Certificate}, valid_days: 365}
stages:
  - slug: basic
    title: {zh: 基础培训, en: Basic training}
    summary: {zh: 可以看, en: You may watch}
    learn: ["1.1", "1.2"]
    practise: []
    gate:
      title: {zh: 培训考核, en: Basic assessment}
      rule:
        all:
          - done: {activities: ["1.1", "1.2"]}
          - score_at_least: {activity: first-exam, ratio: 0.8}
      attempts: {first-exam: 3}
      delay_minutes: {first-exam: 0}
  - slug: post
    title: {zh: 岗位培训, en: Post training}
    summary: {zh: 可以接, en: You may serve}
    learn: [later]
    practise: []
    gate:
      title: {zh: 商品考核, en: Product assessment}
      rule: {all: [{done: {activities: [later]}}]}
      attempts: {}
      delay_minutes: {}
"""

GLOSSARY = """\
---
kind: glossary
slug: terms
title: {zh: 人和话, en: People and words}
---

## 买家 | Buyer

来买东西的人，<b>付没付款</b>都算。

## 问好 | Greeting
    别名: 打招呼

第一句话。

## 回访 | Follow-up

卖出以后再问一句。
"""

COURSE = {
    "glossary/terms.md": GLOSSARY,
    "course/chapter.yaml": "number: 1\ntitle: {zh: 第一章, en: One}\nsummary: {zh: 甲, en: A}\n",
    "course/1.1.md": FIRST,
    "course/1.1.questions.md": BANK,
    "course/1.2.md": SECOND,
    "course/later.md": LATER,
    "exams/first.md": (
        "---\nkind: fake\nslug: first-exam\ntitle: {zh: 基础考试, en: Exam}\nexam: true\n---\n"
    ),
    "pathways/three-exams.yaml": PATHWAY,
}

RIGHT: dict[str, dict[str, Any]] = {
    "1.1-t1": {"choice": "“在的，您看的哪一款？”"},
    "1.1-t2": {"choices": ["满减", "运费"]},
    "1.1-t3": {"choice": "错"},
    "1.1-t4": {"text": "187 元"},
    "1.1-t5": {"texts": ["千牛工作台"]},
    "1.1-t6": {"choices": ["客服：烦不烦"]},
    "1.1-t7": {"order": ["问好", "应答", "告别"]},
    "1.1-t8": {"pairs": {"1": "咨询", "2": "退款"}},
}


@dataclass(frozen=True, slots=True)
class Class:
    """The published course, and one reader of it."""

    app: Flask
    exam: testing.FakeKind
    reader: Someone
    client: FlaskClient

    def open(self, *refs: str, slug: str = "1.1", number: int = 1) -> Any:
        """Report parts that came into view; gives the answer's JSON."""
        sent = {"number": number, "parts": list(refs)}
        return self.client.post(f"/lesson/{slug}/opened", json=sent, headers=JSON).json

    def answer(self, item_id: str, raw: Any, *, slug: str = "1.1") -> Any:
        """Answer in keys; gives the answer's JSON."""
        url = f"/lesson/{slug}/answer/{item_id}"
        return self.client.post(url, json=raw, headers=JSON).json

    def answer_right(self, *item_ids: str) -> Any:
        """Answer questions of the first lesson rightly; gives the last answer's JSON."""
        told = None
        for item_id in item_ids or tuple(RIGHT):
            told = self.answer(item_id, keys(self.app, self.reader, item_id, RIGHT[item_id]))
        return told

    def read(self) -> Any:
        """Read the whole first lesson."""
        self.open("intro", "1.1.1", "1.1.2")
        return self.answer_right()

    def page(self, slug: str = "1.1") -> str:
        """The lesson's page."""
        return self.client.get(f"/lesson/{slug}").get_data(as_text=True)

    def attempts(self) -> list[Attempt]:
        """Every attempt there is."""
        with self.app.app_context():
            return list(db.session.scalars(select(Attempt).order_by(Attempt.id)))

    def evidence(self) -> list[Evidence]:
        """All evidence there is."""
        with self.app.app_context():
            return list(db.session.scalars(select(Evidence).order_by(Evidence.id)))

    def steps(self) -> list[PlanStep]:
        """Every step of a plan."""
        with self.app.app_context():
            return list(db.session.scalars(select(PlanStep).order_by(PlanStep.id)))

    def fail_exam(self, *sections: str) -> None:
        """Take the exam and lose points on sections."""
        lost = [
            Shortfall(ContentRef(f"section:{ref}"), 0.5, 4, "wrong_answers") for ref in sections
        ]
        self.exam.outcome = Outcome(0.5, shortfalls=lost, summary={"zh": "五成", "en": "Half"})
        self.sit()

    def pass_exam(self) -> None:
        """Take the exam and pass."""
        self.exam.outcome = Outcome(1.0, summary={"zh": "全对", "en": "All"})
        self.sit()

    def sit(self) -> None:
        """Take the exam as it ends now."""
        now = utc_now()
        with self.app.app_context(), transaction():
            attempt = attempts.start(self.reader.id, "first-exam", now=now, rng=random.Random(1))
            attempts.close(attempt.id, by=self.reader.id, now=now)


def enrol(app: Flask, person: Someone, at: datetime | None = None) -> None:
    """Put a person on the pathway."""
    with app.app_context(), transaction():
        enrolments.enrol(person.id, person.team_id, None, now=at or utc_now())


def spec(app: Flask, slug: str = "1.1") -> LessonSpec:
    """A lesson as published."""
    with app.app_context():
        found = active.for_team(None).activity(slug).spec
    assert isinstance(found, LessonSpec)
    return found


def keys(app: Flask, reader: Someone, item_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """An answer by texts, in the keys that the reader's page has."""
    item = spec(app).items[item_id]
    public = paper.present(service.frozen(item, reader.id))
    by_text = {choice.text: choice.key for choice in public.choices}
    by_text |= {f"{line.who}：{line.text}": line.key or "" for line in public.lines}
    (field, value) = next(iter(given.items()))
    if isinstance(value, dict):
        return {field: {left: by_text[text] for left, text in value.items()}}
    if isinstance(value, list):
        return {field: [by_text.get(text, text) for text in value]}
    return {field: by_text.get(value, value)}
