"""A small course of the real kinds: two lessons, an exam, a typing test, products, a signature.

Journeys are walked along it, a killed server serves it, and locks are tried on it. ``school`` is
the application with it; nothing in it is a stand-in.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from cstrain.activities.quiz.models import Paper
from cstrain.activities.quiz.papers import Question, questions_of
from cstrain.config import shipped
from cstrain.core.items.item import Item
from cstrain.core.pathway import enrolments
from cstrain.core.pathway.models import Tally
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.testing import publish
from tests.plugins.shop import Someone

SECTIONS = ("1.1.1", "1.1.2", "1.2.1", "1.2.2")
#: What stands in the lesson of the second stage and must not be seen before it is open.
SECRET_WORDS = "海岛棉只有两千件"


def right_number(item_id: str) -> str:
    """The right answer to a question of the banks: the sum that its number stands for."""
    return str(int(item_id.rpartition("-")[2]) + 100)


def _lesson(slug: str, title: str, sections: Mapping[str, str]) -> str:
    parts = "".join(
        f"## {ref} {name} | {ref}\n\n{name}要紧。{'慢慢读，读完再往下。' * 40}\n\n"
        f"/// 题 | 判断\n    编号: {ref}-t\n    小节: {ref}\n\n{name}要先回人。\n\n答案：对\n\n"
        "解析：先回人，再查单。\n///\n\n"
        for ref, name in sections.items()
    )
    return (
        f'---\nkind: lesson\nslug: "{slug}"\ntitle: {{zh: {title}, en: Lesson {slug}}}\n'
        "goals: {zh: [先回人], en: [Answer first]}\n"
        "key_points: {zh: [先回人], en: [Answer first]}\n"
        f"minutes: 5\n---\n\n19:42，买家问在吗。\n\n## 启发思考 | Think first\n\n"
        f"/// 启发 | 判断\n    编号: {slug}-q\n\n先查单。\n\n答案：错\n\n解析：先回人。\n///\n\n"
        f"{parts}## 案例分析：一句“在” | Case: one word\n\n```对话\n19:42 买家：在吗\n"
        "19:43 小周：在的，您看的哪一款？\n```\n\n## 实际训练 | Practice\n\n照着说一遍。\n"
    )


def _bank(section: str, refs: tuple[str, ...], first: int) -> str:
    blocks = []
    for place, ref in enumerate(refs):
        for n in range(9):
            number = first + place * 20 + n
            use = "考试" if n < 6 else "练习"
            blocks.append(
                f"/// 题 | 数值\n    编号: {ref}-{number}\n    用途: {use}\n    小节: {ref}\n\n"
                f"{number} 加 100 是多少？\n\n答案：{number + 100}\n\n解析：加起来。\n///\n"
            )
    return f'---\nsection: "{section}"\n---\n' + "\n".join(blocks)


def _quiz(slug: str, title: str, use: str, draw: str, more: str = "") -> str:
    return (
        f"---\nkind: quiz\nslug: {slug}\ntitle: {{zh: {title}, en: {slug}}}\nuse: {use}\n"
        f"{more}draw:\n{draw}---\n{title}。\n"
    )


_EXAM = "minutes: 30\npass_ratio: 0.8\nattempts: 3\nreveal: after_pass\n"


def _typing(slug: str, *, official: bool) -> str:
    limits = "min_net_cpm: 40\nmin_accuracy_ratio: 0.95\nattempts: 3\n" if official else ""
    return (
        f"---\nkind: typing_speed\nslug: {slug}\ntitle: {{zh: 打字{slug}, en: {slug}}}\n"
        f"official: {str(official).lower()}\nminutes: 1\n{limits}---\n照着打。\n"
    )


_PATHWAY = """\
slug: {slug}
title: {{zh: {title}, en: {slug}}}
summary: {{zh: 样例路径, en: A sample pathway}}
certificate:
  title: {{zh: 客服上岗证, en: Certificate to serve customers}}
  valid_days: 365
  queues: [{{zh: 售前, en: Pre-sales}}]
stages:
  - slug: basic
    title: {{zh: 基础培训, en: Basic training}}
    summary: {{zh: 可以开始学商品。, en: You may start on the products.}}
    learn: {learn}
    practise: [drill, typing-practice]
    gate:
      title: {{zh: 培训考核, en: Basic assessment}}
      rule:
        all:
          - score_at_least: {{activity: basic-exam, ratio: 0.8}}
          - on_one_attempt:
              activity: typing-basic
              rules:
                - measure_at_least: {{measure: net_cpm, value: 40}}
                - measure_at_least: {{measure: accuracy_ratio, value: 0.95}}
      attempts: {{basic-exam: 3, typing-basic: 3}}
      delay_minutes: {{basic-exam: 30, typing-basic: 0}}
  - slug: post
    title: {{zh: 岗位培训, en: Post training}}
    summary: {{zh: 可以在带教旁边接待。, en: You may serve beside a trainer.}}
    learn: [goods]
    practise: [goods-drill, typing-goods]
    gate:
      title: {{zh: 商品考核, en: Product assessment}}
      rule:
        any:
          - score_at_least: {{activity: product-exam, ratio: 0.5}}
          - measure_at_least: {{activity: typing-product, measure: net_cpm, value: 40}}
      attempts: {{product-exam: 3, typing-product: 3}}
      delay_minutes: {{product-exam: 0, typing-product: 0}}
  - slug: live
    title: {{zh: 实战, en: Live practice}}
    summary: {{zh: 第二天起可以单独接待。, en: You may serve alone from tomorrow.}}
    learn: []
    practise: []
    gate:
      title: {{zh: 实战考核, en: Live assessment}}
      rule:
        all:
          - signed_off:
              role: trainer
              about: {{zh: 接满一个班, en: Served a full shift}}
      attempts: {{}}
      delay_minutes: {{}}
"""

COURSE: Mapping[str, str] = {
    "course/chapter.yaml": (
        "number: 1\ntitle: {zh: 第一章, en: Chapter one}\nsummary: {zh: 样例, en: A sample}\n"
    ),
    "course/1.1.md": _lesson("1.1", "接待礼仪", {"1.1.1": "问好", "1.1.2": "应答"}),
    "course/1.1.questions.md": _bank("1.1", SECTIONS[:2], 1),
    "course/1.2.md": _lesson("1.2", "行为规范", {"1.2.1": "不争", "1.2.2": "不许诺"}),
    "course/1.2.questions.md": _bank("1.2", SECTIONS[2:], 101),
    "course/goods.md": _lesson("goods", "商品课", {"G.1": SECRET_WORDS}),
    "course/goods.questions.md": _bank("goods", ("G.1",), 201),
    "exams/basic.md": _quiz(
        "basic-exam",
        "基础考试",
        "exam",
        "".join(f'  - {{sections: ["{ref}"], count: 2}}\n' for ref in SECTIONS),
        _EXAM,
    ),
    "exams/product.md": _quiz(
        "product-exam", "商品考试", "exam", '  - {sections: ["G.1"], count: 2}\n', _EXAM
    ),
    "quizzes/drill.md": _quiz(
        "drill", "练习", "practice", '  - {sections: ["1.1", "1.2"], count: 4}\n'
    ),
    "quizzes/goods-drill.md": _quiz(
        "goods-drill", "商品练习", "practice", "  - {sections: [goods], count: 2}\n"
    ),
    "typing/tests/typing-basic.md": _typing("typing-basic", official=True),
    "typing/tests/typing-product.md": _typing("typing-product", official=True),
    "typing/tests/typing-practice.md": _typing("typing-practice", official=False),
    "typing/tests/typing-goods.md": _typing("typing-goods", official=False),
    "pathways/duty.yaml": _PATHWAY.format(slug="duty", title="上岗之路", learn='["1.1", "1.2"]'),
    # For whoever must sit an exam without having read: nothing is asked before it.
    "pathways/exam-first.yaml": _PATHWAY.format(slug="exam-first", title="先考", learn="[]"),
    "shop/faq/delivery.md": (
        "---\nkind: faq\nslug: delivery\ntitle: {zh: 发货, en: Dispatch}\n---\n"
        "## 今天拍什么时候发？\n    别名: 几点发货，多久发出\n\n16:00 前付款当天发，之后明天发。\n"
    ),
}


def write_course(folder: Path) -> Path:
    """Put the course into a folder as its files."""
    for path, text in COURSE.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for pool in ("official", "practice"):
        shutil.copytree(shipped("content") / "typing" / pool, folder / "typing" / pool)
    return folder


@dataclass(frozen=True, slots=True)
class School:
    """The application with the course in force."""

    app: Flask

    def enrol(self, person: Someone, pathway: str = "duty") -> int:
        """Put somebody on a pathway; gives the enrolment."""
        with self.app.app_context(), transaction():
            return enrolments.enrol(person.id, person.team_id, pathway, now=utc_now()).id

    def questions(self, attempt_id: int) -> list[Question]:
        """The paper of an attempt, with its key."""
        with self.app.app_context():
            rows = db.session.scalars(select(Paper.items).where(Paper.attempt_id == attempt_id))
            return questions_of(rows.one())

    def items(self, attempt_id: int) -> list[Item]:
        """The questions of an attempt."""
        return [each.frozen.item for each in self.questions(attempt_id)]

    def end_delay(self) -> None:
        """Let the time until everybody's next attempt be over."""
        with self.app.app_context(), transaction() as session:
            session.execute(
                update(Tally).where(Tally.retry_at.is_not(None)).values(retry_at=utc_now())
            )

    def open_exams(self) -> None:
        """Ask nobody to relearn or wait before the next attempt."""
        with self.app.app_context(), transaction() as session:
            session.execute(update(Tally).values(open_plan_count=0, retry_at=None))


@pytest.fixture
def school(app: Flask, tmp_path: Path) -> School:
    """The application on a fresh database with the course in force."""
    publish(app, write_course(tmp_path / "course"), {})
    return School(app)
