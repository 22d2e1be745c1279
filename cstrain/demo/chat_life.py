"""What became of the demo shop's chats: brought in, drawn, marked, appealed, made cases of.

All of it is made up and goes through the services only. Every chat is drawn for certain, so that
two runs tell the same, though a plan's seed is secret.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cstrain.core.people.models import Person, Team
from cstrain.core.review import service as reviews
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.rubric import Criterion
from cstrain.core.review.versions import rubric_of
from cstrain.demo.cast import CHENG, HE
from cstrain.demo.told_cases import AGREED, BUYERS, CASES, OUTCOMES, RULE, TIPS
from cstrain.demo.told_chats import AGENTS, CHATS, COACHED, SETTLED, WAITING, ToldChat
from cstrain.desk.cases import case_service, documents, sharing, tips
from cstrain.desk.cases import service as notices
from cstrain.desk.cases.sources import CHAT
from cstrain.desk.chats import importing
from cstrain.desk.chats import service as archive
from cstrain.desk.chats.models import ChatAccount, ChatConversation
from cstrain.desk.quality import appeals, coaching
from cstrain.desk.quality import service as draws
from cstrain.desk.quality.models import ChatReview
from cstrain.desk.quality.plan import Window
from cstrain.desk.quality.plan_file import written
from cstrain.desk.quality.reviewing import KIND, open_drawn
from cstrain.kit.clock import local_day
from cstrain.kit.db import db, transaction

_SHOP: Final = "山茶里旗舰店"
_FILE: Final = "聊天导出（示范）.csv"
_COLUMNS: Final = ("会话", "时间", "平台", "店铺", "客服", "买家", "角色", "内容")
_PLAN, _EVERY_DAYS = "every-agent", 3
#: Who has read the case document; the first answered wrong once.
_HAVE_READ: Final = ("S008", "S009", "S010", "S011")
_WERE_THERE: Final = (HE, "S008", "S010", "S011", "S012")
#: Whose agents have read their marks, and what they said of them.
_SEEN: Final = {
    "一只鹿": "",
    "晚风": "",
    SETTLED: "",
    COACHED: "当时三个人同时在催，没点开页面。",
    "小满": "那会儿在查三个单，下次先说几分钟。",
}


def live(staff: Mapping[str, int], today: datetime, timezone: str) -> None:
    """Let the chats of nine days become what they have become.

    Args:
        staff: Employee number → person; the team under the empty one.
        today: The last full hour.
        timezone: Of the shop.
    """
    _Life(staff[""], today, timezone).live()


class _Life:
    def __init__(self, team_id: int, today: datetime, timezone: str) -> None:
        self.team_id, self.today, self.timezone = team_id, today, timezone
        rows = db.session.execute(select(Person.employee_no, Person.id))
        self.people: dict[str, int] = {row.employee_no: row.id for row in rows}
        #: Buyer → conversation.
        self.chats: dict[str, int] = {}

    def live(self) -> None:
        self._bring_in()
        self._draw()
        self._mark(range(7, 10), self._at(6, 15))
        self._mark(range(4, 7), self._at(3, 10))
        self._mark(range(2, 4), self.today - timedelta(hours=6))
        self._answer()
        self._make_cases()
        self._read_cases()
        self._share()

    def _at(self, days_ago: int, hour: int) -> datetime:
        day = local_day(self.today, self.timezone) - timedelta(days=days_ago)
        return datetime.combine(day, time(hour), ZoneInfo(self.timezone))

    def _bring_in(self) -> None:
        """Bring the chats in as a table that a tool has exported, and say who is who."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / _FILE
            with path.open("w", encoding="utf-8", newline="") as file:
                table = csv.writer(file)
                table.writerow(_COLUMNS)
                for number, told in enumerate(CHATS, start=1):
                    self._write(table.writerow, number, told)
            with transaction():
                import_id = archive.begin(
                    self.team_id,
                    _FILE,
                    importing.digest_of(path),
                    total_bytes=path.stat().st_size,
                    settings={},
                    by=self.people[HE],
                    now=self.today,
                )
            importing.bring_in(import_id, path, begin=transaction, tell=lambda _at, _of: None)
        with transaction():
            for account in db.session.scalars(
                select(ChatAccount).where(ChatAccount.team_id == self.team_id)
            ):
                account.person_id = self.people[AGENTS[account.name]]
            rows = db.session.execute(
                select(ChatConversation.id, ChatConversation.day, ChatAccount.name)
                .join(ChatAccount, ChatAccount.id == ChatConversation.account_id)
                .where(ChatConversation.team_id == self.team_id)
            )
            ids = {(row.day, row.name): row.id for row in rows}
        days = {told.buyer: self._at(told.days_ago, 12).date() for told in CHATS}
        self.chats = {told.buyer: ids[days[told.buyer], told.agent] for told in CHATS}

    def _write(self, row: Callable[[list[str]], object], number: int, told: ToldChat) -> None:
        at = self._at(told.days_ago, 0) + (
            datetime.strptime(told.at, "%H:%M:%S") - datetime.strptime("0", "%H")  # noqa: DTZ007
        )
        for gap_s, role, text in told.lines():
            at += timedelta(seconds=gap_s)
            stamp = f"{at:%Y-%m-%d %H:%M:%S}"
            row([str(number), stamp, "taobao", _SHOP, told.agent, told.buyer, role, text])

    def _draw(self) -> None:
        """Draw three windows: all of the first is marked by both trainers, to begin alike."""
        first_on = self._at(9, 0).date()
        latest = self.today - timedelta(hours=8)
        active_id = 0
        with transaction():
            for number, second_ratio in enumerate((1.0, 0.0, 0.0)):
                began_on = first_on + timedelta(days=number * _EVERY_DAYS)
                if number <= 1:
                    at = self._at(9 - number * _EVERY_DAYS, 9)
                    active_id = self._put_in_force(began_on, second_ratio, at)
                window = Window(began_on, began_on + timedelta(days=_EVERY_DAYS - 1))
                now = min(self._at(6 - number * _EVERY_DAYS, 5), latest)
                draw_id = draws.draw(active_id, window, by=None, now=now)
                open_drawn(draw_id, now=now)

    def _put_in_force(self, first_on: date, second_ratio: float, now: datetime) -> int:
        plan = draws.keep(
            written(
                _PLAN,
                {"zh": "人人都抽", "en": "Some of everyone"},
                per_agent=2,
                always=("complaint", "forbidden", "low_rating"),
                extra_below=0,
                every_days=_EVERY_DAYS,
                second_ratio=second_ratio,
            )
        )
        by = self.people[HE]
        return draws.activate(self.team_id, plan, first_on=first_on, by=by, now=now).id

    def _review(self, told: ToldChat) -> Review:
        """The first marks of a chat, or what waits for them."""
        return db.session.scalars(
            select(Review)
            .join(ChatReview, ChatReview.id == Review.subject_id)
            .where(Review.kind == KIND, ChatReview.conversation_id == self.chats[told.buyer])
        ).one()

    def _mark(self, days: range, now: datetime) -> None:
        """Mark the chats of some days, one after the other, the trainers in turn."""
        for number, told in enumerate(each for each in CHATS if each.days_ago in days):
            by, at = self.people[(HE, CHENG)[number % 2]], now + timedelta(minutes=3 * number)
            with transaction():
                review = self._review(told)
                rubric, rows = rubric_of(review.rubric_digest), reviews.marks_of(review.id)
                drafts = {each.key: _draft(each, rows[each.key], told) for each in rubric}
                reviews.save(review.id, drafts, by=by, now=at, comment=told.comment)
                reviews.complete(review.id, by=by, now=at)
            self._mark_blind(told, review.id, at + timedelta(hours=2))

    def _mark_blind(self, told: ToldChat, review_id: int, now: datetime) -> None:
        """Give the second marks of a chat, where chance has asked for them."""
        found = db.session.scalar(select(Review).where(Review.beside_id == review_id))
        if found is None or found.for_person_id is None:
            return
        with transaction():
            rubric, rows = rubric_of(found.rubric_digest), reviews.marks_of(found.id)
            lost = {**told.lost, **told.seen_otherwise}
            marks = replace(told, lost=lost, cause=told.cause or (_LEFT_OUT if lost else 0))
            drafts = {each.key: _draft(each, rows[each.key], marks) for each in rubric}
            reviews.save(found.id, drafts, by=found.for_person_id, now=now)
            reviews.complete(found.id, by=found.for_person_id, now=now)

    def _answer(self) -> None:
        """What agents said to it: read, appealed twice, coached once."""
        told = {each.buyer: each for each in CHATS}
        ids = {each.buyer: self._review(each).subject_id for each in CHATS if each.days_ago > 1}
        for number, (buyer, remark) in enumerate(_SEEN.items()):
            who = self.people[AGENTS[told[buyer].agent]]
            with transaction():
                at = self._at(2, 18) + timedelta(minutes=20 * number)
                appeals.acknowledge(ids[buyer], by=who, remark=remark, now=at)
        qin, aming = (self.people[AGENTS[told[each].agent]] for each in (SETTLED, WAITING))
        with transaction():
            review_id = appeals.appeal(
                ids[SETTLED],
                "warmth",
                "第 5 行我说了“理解，扎脚确实不舒服”，后面还教她翻过来洗，不止值 1。",
                by=qin,
                now=self._at(5, 11),
            )
        with transaction():
            mark = reviews.marks_of(review_id)["warmth"]
            answer = "第 5 行接住了，第 6 行给了办法；第 3 行确实先讲了规定。改成 2。"
            draft = reviews.Draft(is_marked=True, value=2, note=answer, lines=tuple(mark.lines))
            decides, at = self.people[HE], self._at(5, 17)
            reviews.save(review_id, {"warmth": draft}, by=decides, now=at)
            reviews.complete(review_id, by=decides, now=at)
        with transaction():
            appeals.appeal(
                ids[WAITING],
                "handling",
                "换货单号是 16:40 在登记表里填的，系统当时还没出号，我第二天早上补发给买家了。",
                by=aming,
                now=self.today - timedelta(hours=2),
            )
        with transaction():
            coaching.coach(
                ids[COACHED],
                "facts",
                "一起把三段预售的聊天看了一遍。说好：报发货时间以前先打开商品页，打不开就说“一分钟”。",
                by=self.people[HE],
                now=self._at(3, 15),
            )

    def _make_cases(self) -> None:
        """Make cases of three chats; two go out by the rule, one waits."""
        with transaction():
            self.cases = {
                draft.title: case_service.add(
                    self.team_id,
                    draft,
                    source=CHAT,
                    source_id=self.chats[buyer],
                    by=self.people[HE],
                    now=at,
                )
                for draft, buyer, at in zip(
                    reversed(CASES[1:]),
                    reversed(BUYERS[1:]),
                    (self._at(3, 11), self._at(3, 14)),
                    strict=True,
                )
            }
            every_days, read_days = RULE
            by, now = self.people[HE], self._at(2, 8)
            documents.set_rule(self.team_id, every_days, read_days, by=by, now=self._at(4, 17))
            team = db.session.get_one(Team, self.team_id)
            self.document_id = documents.send(team, read_days=read_days, by=by, now=now).id
        with transaction():
            self.cases[CASES[0].title] = case_service.add(
                self.team_id,
                CASES[0],
                source=CHAT,
                source_id=self.chats[BUYERS[0]],
                by=by,
                now=self._at(1, 17),
            )

    def _read_cases(self) -> None:
        """Let some read the document to its end and answer; the others are late."""
        for number, employee_no in enumerate(_HAVE_READ):
            who, at = self.people[employee_no], self._at(2, 9) + timedelta(minutes=40 * number)
            with transaction():
                at = self._read_document(who, at)
                if not number:
                    notices.answer(self.document_id, 1, by=who, now=at)
                    at = self._read_document(who, at + timedelta(seconds=5))
                notices.answer(self.document_id, 0, by=who, now=at)

    def _read_document(self, who: int, at: datetime) -> datetime:
        """Have it in sight until it may be answered; gives when that is."""
        while notices.beat(self.document_id, by=who, now=at):
            at += timedelta(seconds=15)
        return at

    def _share(self) -> None:
        """A sharing session that was held, one that is to come, and what people have told."""
        by = self.people[HE]
        shared = [self.cases[each.title] for each in CASES[1:]]
        with transaction():
            session_id = sharing.plan(
                self.team_id, "案例分享会", self._at(1, 15), shared, by=by, now=self._at(2, 10)
            )
            sharing.record(
                session_id,
                present=[self.people[each] for each in _WERE_THERE],
                outcomes={self.cases[title]: said for title, said in OUTCOMES.items()},
                outcome=AGREED,
                now=self._at(1, 16),
            )
            coming = [self.cases[CASES[0].title]]
            now = self.today - timedelta(hours=1)
            sharing.plan(self.team_id, "案例分享会", self._at(-6, 15), coming, by=by, now=now)
        with transaction():
            for number, (who, kind, said, product) in enumerate(TIPS, start=1):
                at = self.today - timedelta(hours=20 - number)
                tips.tell(self.team_id, kind, said, product, by=self.people[who], now=at)


#: What somebody means who sees lost points where the first saw none: a step was left out.
_LEFT_OUT = 6


def _draft(criterion: Criterion, row: ReviewMark, told: ToldChat) -> reviews.Draft:
    """One mark: as it is told, else in full, whatever rules propose."""
    lost = told.lost.get(criterion.key)
    if lost is not None:
        return reviews.Draft(is_marked=True, value=lost.value, note=lost.note, lines=lost.lines)
    if criterion.key == "root_cause":
        return reviews.Draft(is_marked=True, value=told.cause)
    if row.is_proposed_na or criterion.key == "loss_reason":
        return reviews.Draft(is_marked=True)
    return reviews.Draft(is_marked=True, value=row.full)
