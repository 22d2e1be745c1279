"""A small course with every kind of question, an exam, practice, and somebody who sits them."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from cstrain.activities.quiz.models import AnswerEvent, Paper
from cstrain.activities.quiz.papers import Question, questions_of
from cstrain.core.evidence.models import Evidence
from cstrain.core.items.item import Kind
from cstrain.core.pathway.models import Attempt
from cstrain.kit.db import db, transaction
from tests.plugins.shop import Someone

EXPLANATION = "因为规矩是这样定的"
FEEDBACK = "这一句不对在语气"

_BODIES = {
    Kind.SINGLE: f"""第{{n}}位顾客问几点发货，先回哪一句？

- [ ] 请您等着{{n}}
    > {FEEDBACK}
- [x] 今天发{{n}}
- [ ] 自己看{{n}}""",
    Kind.MULTIPLE: f"""第{{n}}张登记表写哪些？

- [x] 答应回电的{{n}}
- [x] 少件没补的{{n}}
- [ ] 好评的{{n}}
    > {FEEDBACK}
- [ ] 昵称好听的{{n}}""",
    Kind.TRUEFALSE: """第{n}件拆了就一定不能退。

答案：错""",
    Kind.NUMERIC: """第{n}天的转化率是多少？

答案：4{n}.64 ± 0.01 %""",
    Kind.BLANKS: """第{n}种急单插 ____ 旗。

1. 红颜色{n} | 大红{n}""",
    Kind.ORDER: """第{n}次补发，按先后排好。

1. 道歉{n}
2. 要照片{n}
3. 核对{n}""",
    Kind.MATCH: """第{n}组各归哪一班？

- 咨询{n} => 售前{n}
- 退款{n} => 售后{n}
- => 仓库{n}""",
    Kind.SPOT: f"""第{{n}}段哪几句说错了？

- 19:42 买家：[图] 在吗{{n}}
- [x] 小周：明天一定到{{n}}
    > {FEEDBACK}
- [ ] 小周：16 点前付款今天发{{n}}""",
}


def bank(section: str, use: str, numbers: range) -> str:
    """A bank file with one question of each kind for every number."""
    blocks = [
        f"/// 题 | {kind}\n    编号: {section}-{use}-{kind}-{n}\n    用途: {use}\n"
        f"    小节: {section}.{n % 2 + 1}\n\n{body.format(n=n)}\n\n解析：{EXPLANATION}{n}。\n///\n"
        for n in numbers
        for kind, body in _BODIES.items()
    ]
    return f'---\nsection: "{section}"\n---\n' + "\n".join(blocks)


def _lesson(slug: str, title: str) -> str:
    return (
        f"---\nkind: fake\nslug: {slug}\ntitle: {{zh: {title}, en: {slug}}}\nsections:\n"
        f"  {slug}.1: {{zh: {title}一, en: One}}\n  {slug}.2: {{zh: {title}二, en: Two}}\n---\n"
    )


EXAM = """\
---
kind: quiz
slug: exam
title: {zh: 基础考试, en: Basic exam}
use: exam
minutes: 30
pass_ratio: 0.8
attempts: 3
reveal: after_pass
draw:
  - {sections: [orders.1, orders.2], kinds: [单选, 判断], count: 2}
EACH_KIND
---
两节各出几题。
""".replace(
    "EACH_KIND",
    "\n".join(f"  - {{sections: [manners], kinds: [{kind}], count: 1}}" for kind in Kind),
)
PRACTICE = """\
---
kind: quiz
slug: drill
title: {zh: 练习, en: Practice}
use: practice
draw:
  - {sections: [manners], count: 4}
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
  - slug: basic
    title: {zh: 基础, en: Basic}
    summary: {zh: 可以看接待。, en: You may watch.}
    learn: []
    practise: [drill]
    gate:
      title: {zh: 基础关, en: Basic gate}
      rule:
        all:
          - score_at_least: {activity: exam, ratio: 0.8}
      attempts: {exam: 3}
      delay_minutes: {exam: 0}
  - slug: live
    title: {zh: 实战, en: Live}
    summary: {zh: 可以接待。, en: You may serve.}
    learn: []
    practise: []
    gate:
      title: {zh: 实战关, en: Live gate}
      rule:
        all:
          - signed_off: {role: trainer, about: {zh: 接满一个班, en: A shift}}
      attempts: {}
      delay_minutes: {}
"""
COURSE: Mapping[str, str] = {
    "course/chapter.yaml": (
        "number: 1\ntitle: {zh: 第一章, en: One}\nsummary: {zh: 样例, en: A sample}\n"
    ),
    "course/a-manners.md": _lesson("manners", "接待礼仪"),
    "course/a-manners.questions.md": bank("manners", "exam", range(1, 4)),
    "course/a-practice.questions.md": bank("manners", "practice", range(4, 6)),
    "course/b-orders.md": _lesson("orders", "订单"),
    "course/b-orders.questions.md": bank("orders", "exam", range(1, 4)),
    "exams/exam.md": EXAM,
    "quizzes/drill.md": PRACTICE,
    "pathways/short.yaml": PATHWAY,
}


def answer_to(question: Question, *, right: bool) -> dict[str, Any]:  # noqa: PLR0911 - one a kind
    """The JSON of a right answer, or of one worth nothing."""
    item = question.frozen.item
    key = {index: name for name, index in question.frozen.keys.items()}
    match item.kind:
        case Kind.SINGLE | Kind.TRUEFALSE:
            fitting = (i for i, choice in enumerate(item.choices) if choice.is_right is right)
            return {"choice": key[next(fitting)]}
        case Kind.MULTIPLE:
            return {"choices": [key[i] for i, c in enumerate(item.choices) if c.is_right is right]}
        case Kind.SPOT:
            lines = enumerate(item.lines)
            wanted = [key[i] for i, line in lines if line.is_agent and line.is_faulty is right]
            return {"choices": wanted}
        case Kind.ORDER:
            order = list(range(len(item.steps)))
            return {"order": [key[i] for i in (order if right else reversed(order))]}
        case Kind.MATCH:
            shift = 0 if right else 1
            rights = item.rights
            return {
                "pairs": {
                    str(number): key[(rights.index(pair.right) + shift) % len(rights)]
                    for number, pair in enumerate(item.pairs, start=1)
                }
            }
        case Kind.NUMERIC:
            assert item.number is not None
            return {"text": str(item.number.value if right else item.number.value + 9)}
        case Kind.BLANKS:
            return {"texts": [blank.accepted[0] if right else "不清楚" for blank in item.blanks]}


@dataclass
class Sitting:
    """The application with the course, and a trainee with one open attempt after ``begin``."""

    app: Flask
    trainee: Someone
    trainer: Someone
    client: FlaskClient
    staff: FlaskClient
    attempt_id: int = 0
    epoch: int = 0
    seq: int = 0

    @property
    def url(self) -> str:
        return f"/quiz/{self.attempt_id}"

    def begin(self, slug: str = "exam") -> TestResponse:
        """Start, and open the paper."""
        answer = self.client.post(f"/quiz/{slug}/start")
        assert answer.status_code == 302, answer.text
        self.attempt_id = int(answer.location.rpartition("/")[2])
        return self.open()

    def open(self, client: FlaskClient | None = None) -> TestResponse:
        """Load the paper's page, as another tab would."""
        page = (client or self.client).get(self.url)
        found = re.search(r'data-epoch="(\d+)"', page.text)
        self.epoch, self.seq = int(found[1]) if found else 0, 0
        return page

    def questions(self) -> list[Question]:
        with self.app.app_context():
            rows = db.session.scalars(
                select(Paper.items).where(Paper.attempt_id == self.attempt_id)
            ).one()
            return questions_of(rows)

    def send(
        self,
        position: int,
        response: object,
        /,
        *,
        client: FlaskClient | None = None,
        **changes: Any,
    ) -> TestResponse:
        """Send one answer as the page does."""
        self.seq += 1
        body = {"epoch": self.epoch, "seq": self.seq, "position": position, "response": response}
        headers = {"Accept": "application/json"}
        sent: TestResponse = (client or self.client).post(
            f"{self.url}/answer", json={**body, **changes}, headers=headers
        )
        return sent

    def mark(self, *places: int, epoch: int | None = None) -> TestResponse:
        """Send the marked places as the page does."""
        body = {"epoch": self.epoch if epoch is None else epoch, "marked": list(places)}
        return self.client.post(f"{self.url}/marks", json=body)

    def answer_all(self, *, wrong: int = 0) -> None:
        """Answer every question, the first ``wrong`` ones wrongly."""
        for position, question in enumerate(self.questions()):
            sent = self.send(position, answer_to(question, right=position >= wrong))
            assert sent.get_json()["counted"] is True, sent.text

    def hand_in(self, **form: Any) -> TestResponse:
        values = {"epoch": self.epoch, "seq": self.seq + 1, "sure": 1, **form}
        return self.client.post(f"{self.url}/hand-in", data=values)

    def shift(self, minutes: float) -> None:
        """Let time pass for the attempt."""
        gap = timedelta(minutes=minutes)
        with self.app.app_context(), transaction() as session:
            row = session.get_one(Attempt, self.attempt_id)
            assert row.deadline_at is not None
            row.started_at, row.deadline_at = row.started_at - gap, row.deadline_at - gap
            session.execute(
                update(Paper)
                .where(Paper.attempt_id == self.attempt_id)
                .values(deadline_at=row.deadline_at)
            )

    def events(self) -> list[tuple[int, int, int, bool]]:
        with self.app.app_context():
            rows = db.session.execute(
                select(
                    AnswerEvent.position, AnswerEvent.epoch, AnswerEvent.seq, AnswerEvent.counted
                )
                .where(AnswerEvent.attempt_id == self.attempt_id)
                .order_by(AnswerEvent.id)
            )
            return [tuple(row) for row in rows]  # type: ignore[misc]  # four columns

    def evidence(self) -> list[Evidence]:
        with self.app.app_context():
            rows = db.session.scalars(
                select(Evidence).where(Evidence.source_id == self.attempt_id)
            ).all()
            db.session.expunge_all()
            return list(rows)


def text_of(page: TestResponse) -> str:
    """The page as a reader sees it, without tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", page.text))
