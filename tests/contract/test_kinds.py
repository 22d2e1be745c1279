"""Every kind that is installed keeps the contract, with a real attempt."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import ClassVar

from flask.testing import FlaskClient

from cstrain import testing
from cstrain.activities.lesson.kind import KIND as LESSON
from cstrain.activities.live_practice.kind import KIND as LIVE_PRACTICE
from cstrain.activities.quiz.kind import KIND as QUIZ
from cstrain.activities.reflection.kind import KIND as REFLECTION
from cstrain.activities.typing_speed.kind import KIND as TYPING
from cstrain.core.catalogue.kinds import GROUP
from cstrain.plugin import AttemptView
from tests.activities.live_practice import practice_course
from tests.activities.reflection import reflection_course

CHAPTER = testing.SMALL_COURSE["course/chapter.yaml"]
READ = """\
---
kind: lesson
slug: greeting
title: {zh: 问好, en: Greeting}
goals: {zh: [会问好], en: [Greet]}
key_points: {zh: [先回人], en: [Answer first]}
minutes: 5
---

## 启发思考 | Think first

/// 启发 | 判断
    编号: greeting-q1

不知道答案，就先不回。

答案：错

解析：先回一句，顾客就愿意等。
///

## A.1 先回一句 | Answer at once

先回“在的”，再看问题。

## A.2 再看问题 | Then read

问清楚再答。

## 案例分析：一句“在” | Case: one word

```对话
19:42 买家：在吗
19:50 小周：在的，您看的哪一款？
```

## 实际训练 | Practice

今天每个会话先回一句再看问题。
"""
BANK = """\
---
section: greeting
---
/// 题 | 判断
    编号: t-1
    小节: A.1

顾客问“在吗”，先回一句再看问题。

答案：对

解析：顾客在等人，不是在等答案。
///

/// 题 | 单选
    编号: t-2
    小节: A.2

看不懂顾客的问题，怎么办？

- [x] 问清楚再答
- [ ] 猜一个

解析：猜错了要答两遍。
///
"""
PAPER = """\
---
kind: quiz
slug: paper
title: {zh: 练习, en: Practice}
use: practice
draw:
  - {sections: [greeting], count: 2}
---
两道题。
"""
PASSAGE = (
    "顾客下单以后，先看付款有没有成功，再看地址写得全不全，两样都对，就告诉顾客今天几点发货。" * 8
)
TEXT = f"""\
---
kind: typing_passages
pool: practice
slug: ty-order
title: {{zh: 下单以后, en: After the order}}
band: 1
---
{PASSAGE}
"""
TEST = """\
---
kind: typing_speed
slug: typing-practice
title: {zh: 打字练习, en: Typing practice}
official: false
minutes: 5
---
"""
COURSE = {"course/chapter.yaml": CHAPTER, "course/a.md": READ, "course/a.questions.md": BANK}


class TestLesson(testing.AttemptContract):
    kind = LESSON
    sample = READ
    sample_path = "course/a.md"
    broken = READ.replace("minutes: 5", "minutes: soon").replace(
        "## 1.1.1 先回一句 | ", "## 1.1.1 "
    )
    course: ClassVar = {"course/chapter.yaml": CHAPTER, "course/a.questions.md": BANK}

    def work(self, page: FlaskClient, attempt: AttemptView) -> None:
        report = {"number": 1, "parts": ["think", "A.1", "A.2", "case-1", "practice"]}
        assert page.post(f"/lesson/{attempt.activity}/opened", json=report).status_code == 200


class TestQuiz(testing.AttemptContract):
    kind = QUIZ
    sample = PAPER
    broken = PAPER.replace("count: 2", "count: many")
    course: ClassVar = COURSE


class TestTyping(testing.AttemptContract):
    kind = TYPING
    sample = TEST
    broken = TEST.replace("minutes: 5", "minutes: long")
    course: ClassVar = {"typing/ty-order.md": TEXT}


class TestLivePractice(testing.AttemptContract):
    kind = LIVE_PRACTICE
    sample = practice_course.PRACTICE
    broken = practice_course.PRACTICE.replace("count: 2", "count: many")
    # The lesson is of a kind that is not installed here, so nothing may refer to its sections.
    course: ClassVar = {
        path: text.replace('sections: ["3.5"]\n', "")
        for path, text in practice_course.COURSE.items()
        if path.startswith(("rubrics/", "shop/")) or path.endswith("parcel-late.md")
    }


class TestReflection(testing.AttemptContract):
    kind = REFLECTION
    sample = reflection_course.LOOK_BACK.replace("sections: [lesson.1]\n", "")
    broken = reflection_course.LOOK_BACK.replace("least: 20", "least: some").replace(
        "most: 200", "most: 0"
    )
    course: ClassVar = {
        "rubrics/reflection.yaml": reflection_course.RUBRIC.replace('"section:lesson.1"', "")
    }

    def work(self, page: FlaskClient, attempt: AttemptView) -> None:
        form = {"text": reflection_course.TEXT, "version": "0", "action": "hand_in"}
        assert page.post(f"/reflections/{attempt.id}", data=form).status_code == 302


def test_every_installed_kind_is_tested_here() -> None:
    tested = {
        contract.kind.name
        for contract in (TestLesson, TestLivePractice, TestQuiz, TestReflection, TestTyping)
    }

    assert {point.name for point in entry_points(group=GROUP)} == tested
