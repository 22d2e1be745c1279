"""A shop whose agent's chats are drawn, marked and counted at a gate."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cstrain import testing
from cstrain.config import shipped
from cstrain.core.people.access import Role
from cstrain.core.review import service
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.service import Draft
from cstrain.core.review.versions import rubric_of
from cstrain.desk.chats.models import (
    SEARCH,
    ChatAccount,
    ChatConversation,
    ChatImport,
    ChatMessage,
)
from cstrain.desk.quality import reviewing
from cstrain.desk.quality import service as draws
from cstrain.desk.quality.models import ChatReview, SampledChat, SampleDraw, SamplingActivation
from cstrain.desk.quality.plan_file import written
from cstrain.kit import bulk
from cstrain.kit.db import db, insert_row, transaction
from tests.core.pathway.conftest import COURSE, Way
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Someone

PATHWAY = """\
slug: three-exams
title: {zh: 上岗, en: To duty}
summary: {zh: 样例路径, en: A sample pathway}
certificate:
  title: {zh: 客服上岗证, en: Certificate}
  valid_days: 365
stages:
  - slug: live
    title: {zh: 实战, en: Live practice}
    summary: {zh: 可以上岗。, en: You may serve.}
    learn: ["1.1"]
    practise: []
    gate:
      title: {zh: 上岗考核, en: Duty assessment}
      rule:
        all:
          - done: {activities: ["1.1"]}
          - mean_at_least: {activity: chat-review, ratio: 0.8, min_n: 5, days: 30}
          - none_of: {flag: auto_fail, days: 30}
"""
#: The shipped rubric without what the small course does not teach.
RUBRIC = re.sub(
    r"\n *relearn: .*",
    "",
    (shipped("content") / "rubrics" / "chat-review.yaml").read_text(encoding="utf-8"),
)
#: Role and text, 40 s apart; the agent is slow once and forgets a promise.
SAID: Sequence[tuple[str, str, int]] = (
    ("buyer", "这个四件套会掉色吗", 0),
    ("auto", "您好，客服马上就来", 1),
    ("agent", "不会的，放心拍", 20),
    ("buyer", "多久发货", 40),
    ("agent", "稍等，我查一下", 30),
    ("buyer", "？", 1200),
    ("agent", "今天发", 60),
)


@dataclass(slots=True)
class ChatDesk(Way):
    """A way on which chats count; every step opens a context and a transaction."""

    account_id: int = 0
    import_id: int = 0
    numbers: count[int] = field(default_factory=lambda: count(1))

    def chat(
        self, said: Sequence[tuple[str, str, int]] = SAID, *, account_id: int | None = None
    ) -> int:
        """Bring a chat in that ends now; gives its id."""
        began = self.now - timedelta(seconds=sum(gap for _role, _text, gap in said))
        with self.app.app_context(), transaction():
            chat_id = insert_row(
                ChatConversation,
                {**self._row(account_id or self.account_id), "began_at": began},
            )
            at = began
            for ordinal, (role, text, gap_s) in enumerate(said):
                at += timedelta(seconds=gap_s)
                insert_row(ChatMessage, self._message(chat_id, ordinal, role, text, at))
            texts = [text for _role, text, _gap in said]
            SEARCH.add(bulk.driver(), bulk.dialect(), [(chat_id, texts)])
        return chat_id

    def _row(self, account_id: int) -> Mapping[str, object]:
        counts = dict.fromkeys(
            ("buyer_count", "agent_count", "auto_count", "account_count", "round_count"), 1
        )
        return {
            **counts,
            "team_id": self.trainee.team_id,
            "account_id": account_id,
            "import_id": self.import_id,
            "buyer_nick": "买**",
            "day": self.now.date(),
            "ended_at": self.now,
            "precision": "s",
            "bot_count": 0,
            "answered_count": 1,
            "late_count": 0,
            "response_s": 20.0,
            **dict.fromkeys(
                ("is_unanswered", "has_forbidden", "has_refund", "has_complaint"), False
            ),
        }

    def _message(
        self, chat_id: int, ordinal: int, role: str, text: str, at: datetime
    ) -> Mapping[str, object]:
        return {
            "import_id": self.import_id,
            "conversation_id": chat_id,
            "ordinal": ordinal,
            "at_ms": int(at.timestamp() * 1000),
            "role": role,
            "kind": "text",
            "account_id": None if role == "buyer" else self.account_id,
            "auto_reason": "",
            "text": text,
            "line": ordinal + 1,
            "source": None,
            "key": next(self.numbers).to_bytes(16, "big"),
            "salt": b"s",
            "commitment": b"c",
        }

    def draw(self, *chat_ids: int, second_ratio: float = 0.0) -> int:
        """A draw that took these chats; they go into the queue."""
        with self.app.app_context(), transaction():
            title = {"zh": "样例", "en": "Sample"}
            plan = written(
                "sample",
                title,
                per_agent=1,
                always=(),
                extra_below=0,
                every_days=3,
                second_ratio=second_ratio,
            )
            active = SamplingActivation(
                team_id=self.trainee.team_id,
                slug=f"plan-{next(self.numbers)}",
                plan_digest=draws.keep(plan).digest,
                secret=b"s",
                commitment="c",
                first_on=date(2026, 10, 1),
                activated_at=self.now,
                ended_at=self.now,
            )
            db.session.add(active)
            db.session.flush()
            drawn = SampleDraw(
                activation_id=active.id,
                team_id=self.trainee.team_id,
                first_on=date(2026, 10, 1),
                last_on=date(2026, 10, 3),
                number=1,
                seed="s",
                rules=1,
                inspection="normal",
                frame_count=1,
                agent_counts=self._counts(chat_ids),
                frame_digest="d",
                frame=b"",
                at=self.now,
            )
            db.session.add(drawn)
            db.session.flush()
            for each in chat_ids:
                row = SampledChat(
                    draw_id=drawn.id,
                    conversation_id=each,
                    stratum="",
                    probability=0.5,
                    reasons="complaint",
                )
                db.session.add(row)
            db.session.flush()
            reviewing.count_chosen(drawn.id)
            reviewing.open_drawn(drawn.id, now=self.now)
            return drawn.id

    def _counts(self, chat_ids: Collection[int]) -> dict[str, int]:
        """The chats of each agent."""
        people = db.session.scalars(
            select(ChatAccount.person_id)
            .join(ChatConversation, ChatConversation.account_id == ChatAccount.id)
            .where(ChatConversation.id.in_(chat_ids))
        )
        return Counter(f"p{each}" for each in people)

    def choose(self, chat_id: int, by: Someone | None = None) -> int:
        with self.app.app_context(), transaction():
            by_id = (by or self.trainer).id
            return reviewing.choose(
                chat_id, team_ids=[self.trainee.team_id], by=by_id, now=self.now
            )

    def review(self) -> Review:
        """The newest review."""
        with self.app.app_context():
            return db.session.scalars(select(Review).order_by(Review.id.desc())).first() or Review()

    def reviews(self) -> list[Review]:
        with self.app.app_context():
            return list(db.session.scalars(select(Review).order_by(Review.id)))

    def subject(self, review: Review) -> ChatReview:
        with self.app.app_context():
            return db.session.get_one(ChatReview, review.subject_id)

    def marks(self, review: Review) -> dict[str, ReviewMark]:
        with self.app.app_context():
            return service.marks_of(review.id)

    def mark(self, review: Review, by: Someone | None = None, **values: int) -> None:
        """Mark in full, but for ``values``, with line 3 as evidence; what is lost has a cause."""
        by_id = (by or self.trainer).id
        given = {"root_cause": min(len(values), 1), "loss_reason": 0, **values}
        with self.app.app_context(), transaction():
            drafts = {
                each.key: Draft(
                    is_marked=True,
                    value=given.get(each.key, each.full),
                    lines=("3",),
                )
                for each in rubric_of(review.rubric_digest)
            }
            service.save(review.id, drafts, by=by_id, now=self.now)
            service.complete(review.id, by=by_id, now=self.now)


@pytest.fixture
def chat_desk(app: Flask, make_team: MakeTeam, make_person: MakePerson, tmp_path: Path) -> ChatDesk:
    """A trainee on the live stage, with an account whose chats come in."""
    kind = testing.FakeKind()
    testing.install(app, kind)
    course = {
        path: text for path, text in COURSE.items() if not path.startswith(("pathways", "exams"))
    }
    course |= {"pathways/three-exams.yaml": PATHWAY, "rubrics/chat-review.yaml": RUBRIC}
    testing.publish(app, tmp_path / "course", course)
    team = make_team()
    made = ChatDesk(
        app,
        kind,
        tmp_path / "course",
        make_person(team=team),
        make_person(Role.TRAINER, team=team),
        make_person(Role.MANAGER, team=team),
    )
    with app.app_context(), transaction():
        made.account_id = insert_row(
            ChatAccount,
            {
                "team_id": team.id,
                "platform": "taobao",
                "shop": "云朵家居",
                "name": "小美",
                "person_id": made.trainee.id,
            },
        )
        made.import_id = insert_row(
            ChatImport,
            {
                "team_id": team.id,
                "file_name": "a.csv",
                "digest": "d",
                "total_bytes": 1,
                "settings": {},
                "roll": b"",
                "created_at": NOW,
            },
        )
    made.enrol()
    made.learn("1.1")
    return made
