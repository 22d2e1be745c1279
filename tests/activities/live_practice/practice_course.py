"""A small course with scenarios, a practice session, an assessment, and somebody who receives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Row, event, select, update
from werkzeug.test import TestResponse

from cstrain.activities.live_practice.models import (
    PracticeCustomer,
    PracticeLine,
    PracticePause,
    PracticeSession,
)
from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway.models import Attempt
from cstrain.kit.db import db, transaction
from tests.activities.live_practice.scenes import EXAMPLE
from tests.plugins.shop import Someone

VEST = EXAMPLE.read_text("utf-8")
PARCEL = """\
---
kind: scenario
slug: parcel-late
title: {zh: 怎么还没发, en: Why is it not sent yet}
track: aftersales
level: 1
topics: [late_delivery]
minutes: 3
sections: ["3.5"]
顾客: {昵称: 山茶, 耐心: 60, 打字: 5}
订单:
  尾号: "1207"
  状态: 待发货
  商品: [{编号: SC-V01, 名称: 轻羽绒马甲, 规格: 灰色 M, 数量: 1, 单价: 299}]
  实付: 299
步骤: {提问: 不评, 推荐: 不评, 谈判: 不评}
事实:
  今天发: {话: 今天 16 点前发货, 关于: [[发货, 发出, 寄出, 发]]}
  有货: {话: 这款有现货, 关于: [[现货, 有货, 缺货]]}
开场: 催发
状态:
  催发:
    步骤: 帮助
    说: [[在吗, 昨天拍的怎么还没发]]
    要: {事实: [今天发]}
    像: [抱歉让您等了，今天 16 点前发货。]
    错例: [明天才发货]
    对: {去: 要备注}
    错: {去: 投诉了, 心情: -20}
    不明: {去: 要备注, 心情: -10}
    沉默: {催: 30, 怨: 60, 走: 120, 去: 投诉了}
  要备注:
    步骤: 核实
    说: [[那给我备注一下要顺丰]]
    要: {动作: {备注: {含: 顺丰}}}
    像: [好的，给您备注上了。]
    对: {去: 好了}
    不明: {去: 不管了}
    沉默: {去: 不管了}
  还有没有:
    说: [[这款还有货吗]]
    要: {事实: [有货]}
    像: [这款有现货。]
    错例: [这款没有现货]
    对: {去: 回}
    错: {去: 回}
    不明: {去: 回}
打断:
  - {之间: [300, 320], 去: 还有没有}
结局:
  好了: {是: solved, 说: [[谢谢]]}
  不管了: {是: lost, 因: slow}
  投诉了: {是: complaint}
限: {轮: 12, 秒: 600}
---
催的是发货，要的是一个准点。
"""
PRODUCTS = """\
---
kind: products
slug: layers
title: {zh: 外套, en: Layers}
---
## 轻羽绒马甲 | SC-V01
    价格: 299
    卖点: 90 绒
    适合: 深秋
"""
AUTO = """\
---
kind: replies
slug: auto
title: {zh: 自动回复, en: Auto-replies}
use: auto
---
## 问候

在的，您说，我马上看。
"""
QUICK = """\
---
kind: replies
slug: quick
title: {zh: 快捷回复, en: Quick replies}
use: quick
---
## 先应一声
    短码: hi

在的，您说。

## 包裹到哪了
    短码: wl

您的 {快递} 单号 {单号}，今天到。
"""
WORDS = """\
---
kind: forbidden_words
slug: absolute
title: {zh: 绝对化, en: Absolute words}
---
广告法。

## 最便宜
    改说: 这个月的活动价
"""
RUBRIC = """\
slug: live-practice
title: {zh: 接待, en: Reception}
style: points
sections:
  - key: all
    title: {zh: 全部, en: All}
    criteria:
      - key: facts
        title: {zh: 事实, en: Facts}
        kind: scale
        most: 4
        allows_na: true
        rule: facts
        looks: [{zh: 说得对, en: Right}]
      - key: outcome
        title: {zh: 结果, en: Outcome}
        kind: scale
        most: 3
        allows_na: true
        rule: outcome
        looks: [{zh: 成了, en: Done}]
      - key: manner
        title: {zh: 语气, en: Manner}
        kind: scale
        most: 3
        looks: [{zh: 和气, en: Kind}]
"""
PRACTICE = """\
---
kind: live_practice
slug: desk
title: {zh: 接待练习, en: Reception practice}
use: practice
customers: {count: 2, at_once: 2}
---
一次两位。
"""
EXAM = """\
---
kind: live_practice
slug: desk-exam
title: {zh: 接待考核, en: Reception assessment}
use: exam
minutes: 15
customers: {count: 2, at_once: 2}
forbidden: block
---
"""
PATHWAY = """\
slug: short
title: {zh: 短路径, en: Short}
summary: {zh: 样例, en: A sample}
certificate:
  title: {zh: 证书, en: Certificate}
  valid_days: 30
stages:
  - slug: live
    title: {zh: 实战, en: Live}
    summary: {zh: 可以接待。, en: You may serve.}
    learn: []
    practise: [desk]
    gate:
      title: {zh: 实战关, en: Live gate}
      rule:
        all:
          - score_at_least: {activity: desk-exam, ratio: 0.6}
      attempts: {desk-exam: 2}
      delay_minutes: {desk-exam: 0}
"""
COURSE: Mapping[str, str] = {
    "course/chapter.yaml": (
        "number: 3\ntitle: {zh: 第三章, en: Three}\nsummary: {zh: 样例, en: A sample}\n"
    ),
    "course/a.md": (
        '---\nkind: fake\nslug: lesson\ntitle: {zh: 售前, en: Presales}\nsections:\n  "3.4": '
        '{zh: 谈判, en: Negotiating}\n  "3.5": {zh: 催发, en: Dispatch}\n---\n'
    ),
    "shop/products/layers.md": PRODUCTS,
    "shop/replies/auto.md": AUTO,
    "shop/replies/quick.md": QUICK,
    "shop/words/absolute.md": WORDS,
    "rubrics/live-practice.yaml": RUBRIC,
    "practice/desk.md": PRACTICE,
    "practice/exam.md": EXAM,
    "practice/scenarios/vest-bargain.md": VEST,
    "practice/scenarios/parcel-late.md": PARCEL,
    "pathways/short.yaml": PATHWAY,
}


@dataclass
class Reception:
    """The application with the course, and a trainee with an open session after ``begin``."""

    app: Flask
    trainee: Someone
    trainer: Someone
    client: FlaskClient
    staff: FlaskClient
    attempt_id: int = 0
    cursor: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    _keys: count[int] = field(default_factory=lambda: count(1))

    @property
    def url(self) -> str:
        return f"/practice/{self.attempt_id}"

    def begin(self, slug: str = "desk", scenario: str = "parcel-late") -> TestResponse:
        """Start, with one scenario in practice."""
        answer = self.client.post(f"/practice/{slug}/start", data={"scenario": scenario})
        assert answer.status_code == 302, answer.text
        self.attempt_id = int(answer.location.rpartition("/")[2])
        return answer

    def ask(self, name: str, /, client: FlaskClient | None = None, **body: Any) -> TestResponse:
        """Post JSON as the page does, and keep the state that comes back."""
        answer: TestResponse = (client or self.client).post(
            f"{self.url}/{name}",
            json={"after": self.cursor, **body},
            headers={"Accept": "application/json"},
        )
        if answer.status_code == 200:
            self.state = answer.get_json()
            self.cursor = self.state["cursor"]
        return answer

    def news(self) -> dict[str, Any]:
        answer = self.ask("news")
        assert answer.status_code == 200, answer.text
        return self.state

    def send(self, text: str, /, **changes: Any) -> TestResponse:
        """Send a line to the first customer who is there."""
        body = {
            "customer": self.customer(),
            "key": f"k{next(self._keys)}",
            "kind": "line",
            "text": text,
        }
        return self.ask("send", **{**body, **changes})

    def act(self, action: str, /, **params: Any) -> TestResponse:
        return self.send("", kind="action", action=action, params=params)

    def customer(self) -> int:
        """The first customer who is there, or has been."""
        known = self.state.get("customers") or self.news()["customers"]
        there = [each["id"] for each in known if not each["is_gone"]]
        return int((there or [each["id"] for each in known])[0])

    def wait(self, seconds: float) -> dict[str, Any]:
        """Let time pass, and ask what is new."""
        self.shift(seconds)
        return self.news()

    def shift(self, seconds: float) -> None:
        """Let time pass for the attempt."""
        gap = timedelta(seconds=seconds)
        with self.app.app_context(), transaction() as session:
            for model in (Attempt, PracticeSession):
                key = Attempt.id if model is Attempt else PracticeSession.attempt_id
                row: Any = session.scalars(select(model).where(key == self.attempt_id)).one()
                moved = {"started_at": row.started_at - gap}
                if row.deadline_at is not None:
                    moved["deadline_at"] = row.deadline_at - gap
                if model is PracticeSession and row.paused_at is not None:
                    moved["paused_at"] = row.paused_at - gap
                session.execute(update(model).where(key == self.attempt_id).values(**moved))

    def finish(self) -> TestResponse:
        return self.client.post(f"{self.url}/finish")

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Notes what reaches the database."""
        noted: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            # Whether something was published is looked up once a second: slow pages do it each.
            is_look = "max(content_revision.id)" in statement
            if not is_look and not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
                noted.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        yield noted
        event.remove(engine, "before_cursor_execute", note)

    def lines(self) -> list[Row[Any]]:
        with self.app.app_context():
            query = (
                select(*PracticeLine.__table__.columns)
                .where(PracticeLine.attempt_id == self.attempt_id)
                .order_by(PracticeLine.id)
            )
            return list(db.session.execute(query))

    def customers(self) -> list[Row[Any]]:
        with self.app.app_context():
            query = (
                select(*PracticeCustomer.__table__.columns)
                .where(PracticeCustomer.attempt_id == self.attempt_id)
                .order_by(PracticeCustomer.seat)
            )
            return list(db.session.execute(query))

    def session(self) -> Row[Any]:
        with self.app.app_context():
            query = select(*PracticeSession.__table__.columns).where(
                PracticeSession.attempt_id == self.attempt_id
            )
            return db.session.execute(query).one()

    def pauses(self) -> list[tuple[datetime, datetime | None]]:
        with self.app.app_context():
            rows = db.session.execute(
                select(PracticePause.from_at, PracticePause.until_at).where(
                    PracticePause.attempt_id == self.attempt_id
                )
            )
            return [(row[0], row[1]) for row in rows]

    def evidence(self) -> list[Evidence]:
        with self.app.app_context():
            rows = db.session.scalars(
                select(Evidence).where(Evidence.source_id == self.attempt_id)
            ).all()
            db.session.expunge_all()
            return list(rows)
