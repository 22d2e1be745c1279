"""What people, broken browsers and attackers send, and where each form of the site takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select

from cstrain.activities.lesson.models import LessonFile, LessonProgress
from cstrain.core.certification.models import Certificate
from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway.models import Attempt, DecisionRow, Enrolment
from cstrain.core.people import invitations
from cstrain.core.people.models import Invitation, Membership, Person
from cstrain.core.review.models import Review, ReviewMark
from cstrain.desk.cases.models import CaseTip, Notice, SharingSession, TypicalCase
from cstrain.desk.chats.models import (
    ChatConversation,
    ChatFollowUp,
    ChatHandover,
    ChatImport,
)
from cstrain.desk.quality.calibration_models import Calibration
from cstrain.desk.quality.models import ChatReview, SampleDraw, SamplingActivation
from cstrain.kit.db import db
from cstrain.notices.models import InboxMessage
from tests.plugins.actors import CHAT, SECRET, TABLE_TOKEN, Actor

SCRIPT = "<script>alert(1)</script>"
#: As a form, an address or JSON can hold them.
TEXTS: Mapping[str, str] = {
    "control": "a\x00b\x01\x1b[31m\r\n\t\x7f\x85\u2028",
    "emoji": "😀👩\u200d💻🇨🇳𠮷",
    "long": "长" * 10_000,
    "right to left": "\u202e\u2066abc\u200f\u061c\ufeff",
    "huge": "9" * 30,
    "digits": "9" * 5_000,
    "negative": "-1",
    "no number": "NaN",
    "infinite": "1e999",
    "other digits": "²٣㊀",
    "markup": f"{SCRIPT}'\"{{{{7*7}}}}%s\\",
    "empty": "",
    "spaces": " \u3000\t ",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "path": "../../etc/passwd",
}
#: What is no text at all, for JSON.
VALUES: Mapping[str, Any] = {
    **TEXTS,
    "lone surrogate": "\ud800",
    "null": None,
    "true": True,
    "list": [],
    "object": {},
    "fraction": 1.5,
    "big": 10**30,
    "not finite": float("inf"),
    "not a number": float("nan"),
    "nested": [[[[{"a": [None]}]]]],
    "many": list(range(2_000)),
}
#: Whole bodies that are no form and no JSON.
BODIES: Mapping[str, tuple[bytes, str]] = {
    "no json": (b"{", "application/json"),
    "deep json": (b"[" * 100_000, "application/json"),
    "deeper json": (b'{"events":' + b"[" * 100_000, "application/json"),
    "json bytes": (b"\xff\xfe\x00", "application/json"),
    "json of a number": (b"3", "application/json"),
    "json of many digits": (b'{"seq":' + b"9" * 5_000 + b"}", "application/json"),
    "unknown charset": (b"{}", "application/json; charset=nothing"),
    "form bytes": (b"name=%ff%ed%a0%80&%00=%00&=&&&a", "application/x-www-form-urlencoded"),
    "many fields": (b"&".join([b"a=1"] * 3_000), "application/x-www-form-urlencoded"),
    "no boundary": (b"--x\r\n", "multipart/form-data"),
    "cut off": (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\nPK',
        "multipart/form-data; boundary=x",
    ),
    "other type": (b"<a/>", "text/xml"),
}
#: Tables that are none, to be uploaded.
FILES: Mapping[str, bytes] = {
    "empty": b"",
    "zeros": bytes(2_000),
    "half a workbook": b"PK\x03\x04" + b"\xff" * 500,
    "control characters": "工号,姓名,手机号\nX\x001,丁\x01一,1390000\x000001\n".encode(),
    "long cell": f"工号,姓名,手机号\nX1,{'长' * 10_000},13900000001\n".encode(),
    "many columns": b"," * 50_000,
    "quote never closed": '工号,姓名\n"X1,丁\n'.encode(),
    "gbk": "工号,姓名,手机号\nX1,丁一,13900000001\n".encode("gbk"),
    "utf-16": "工号,姓名,手机号\nX1,丁一,13900000001\n".encode("utf-16"),
    "only marks": "\ufeff\u202e".encode(),
}

Args = Callable[[Actor], Mapping[str, Any]]


def _nothing(_actor: Actor) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Post:
    """One way of posting.

    Attributes:
        actor: Who may post there (a name of ``tests.plugins.actors.ACTORS``).
        args: What stands in the address.
        form: What the page posts, every field with a value that could be meant.
        json: The same for a script.
        file: The name of a field with a file.
    """

    actor: str
    args: Args = _nothing
    form: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    file: str = ""


def _first(name: str, query: Select[Any]) -> Args:
    return lambda _actor: {name: db.session.scalars(query.limit(1)).one()}


def _fixed(**values: Any) -> Args:
    return lambda _actor: values


def _person(employee_no: str) -> Args:
    return _first("person_id", select(Person.id).where(Person.employee_no == employee_no))


def _open(kind: str, activity: str) -> Args:
    query = select(Attempt.id).where(
        Attempt.kind == kind, Attempt.activity == activity, Attempt.closed_at.is_(None)
    )
    return _first("attempt_id", query)


def _invitation(_actor: Actor) -> Mapping[str, Any]:
    nonce = db.session.scalars(select(Invitation.nonce)).first()
    assert nonce is not None
    return {"token": invitations.token_of(nonce, SECRET)}


def _table(actor: Actor) -> Mapping[str, Any]:
    return {"token": f"{actor.team_id}-{TABLE_TOKEN}"}


def _team(actor: Actor) -> Mapping[str, Any]:
    return {"team_id": actor.team_id}


def _lesson_file(actor: Actor) -> Mapping[str, Any]:
    token = db.session.scalars(select(LessonFile.token).order_by(LessonFile.id)).first()
    return {"slug": "1.1", "token": token, **_team(actor)}


def _message(actor: Actor) -> Mapping[str, Any]:
    query = select(InboxMessage.id).where(InboxMessage.person_id == actor.id)
    return {"message_id": db.session.scalars(query.limit(1)).one()}


def _decision(_actor: Actor) -> Mapping[str, Any]:
    return {"decision_id": db.session.scalars(select(DecisionRow.id).limit(1)).one()}


_batch_of = _person("S001")
_enrolment = _first("enrolment_id", select(Enrolment.id).where(Enrolment.state == "active"))
_unmarked = _first("evidence_id", select(Evidence.id).where(Evidence.score.is_(None)))
_open_review = _first(
    "review_id",
    select(Review.id).where(Review.state.in_(("open", "drafted"))).order_by(Review.id),
)
_activation = _first("activation_id", select(SamplingActivation.id))
_draw = _first("draw_id", select(SampleDraw.id))
_blind = _first("calibration_id", select(Calibration.id).where(Calibration.compared_at.is_(None)))
_compared = _first(
    "calibration_id", select(Calibration.id).where(Calibration.compared_at.is_not(None))
)
_chat = _first("conversation_id", select(ChatConversation.id))
_own_chat = _first("chat_review_id", select(ChatReview.id))
_follow_up = _first("follow_up_id", select(ChatFollowUp.id))
_handover = _first("handover_id", select(ChatHandover.id))
_done_review = _first("review_id", select(Review.id).where(Review.state == "done"))
_certificate = _first("number", select(Certificate.number))
_notice = _first("notice_id", select(Notice.id))
_case = _first("case_id", select(TypicalCase.id))
_sharing = _first("session_id", select(SharingSession.id))
_tip = _first("tip_id", select(CaseTip.id))
_closed_practice = _first(
    "attempt_id",
    select(Attempt.id)
    .join(Person, Person.id == Attempt.person_id)
    .where(
        Attempt.activity == "typing-practice",
        Attempt.closed_at.is_not(None),
        Person.employee_no == "S003",
    ),
)
_of_lesson = _first("attempt_id", select(LessonProgress.attempt_id))
REASON = "按规矩来"
NAMES = {"name": "丁一", "employee_no": "X900", "phone": "13900009999"}
CASE = {
    "title": "没说几点",
    "sort": "bad",
    "step": "help",
    "reason": "promise",
    "product": "四件套",
    "happened": "顾客问多久发货。",
    "chat": "顾客：多久发货\n客服：今天发",
    "looked": "y",
    "better": "16:00 前付款今天发。",
    "question": "怎么回？",
    "right": "16:00 前付款今天发",
    "wrong_1": "今天发",
    "wrong_2": "",
    "wrong_3": "",
    "explanation": "",
    "action": "save",
}
NOTICE = {
    "team": "1",
    "title": "今晚改价",
    "body": "20:00 起短袖 79 元。",
    "question": "几点起改价？",
    "option_1": "18:00",
    "option_2": "20:00",
    "option_3": "",
    "option_4": "",
    "right": "2",
    "explanation": "看正文",
    "batch": "",
    "due_on": "2027-01-05",
}
TEAM = {
    "name": "新店",
    "timezone": "Asia/Shanghai",
    "pathway_slug": "three-exams",
    "needed_on_duty_count": "3",
}
PAPER = {"epoch": "1", "seq": "1", "whole": "1", "sure": "0", "q1": "a", "q2": "a", "q3-1": "a"}

#: Every view that takes a post. Those that end somebody's access come last.
POSTS: Mapping[str, Post] = {
    "people.change_look": Post("trainee", form={"language": "zh", "theme": "auto", "next": "/"}),
    "people.change_password": Post(
        "trainee",
        form={"current": "x", "password": "cloud-seven-42", "repeat": "cloud-seven-42"},
    ),
    "people.log_in": Post("nobody", form={"login": "T001", "password": "wrong"}),
    "bank.index": Post("trainer", form={"team": "1"}, file="file"),
    "bank.take_back": Post("trainer", args=_fixed(team_id=1, lesson="1.1")),
    "bank.apply": Post("trainer", args=_table),
    "shop_tables.index": Post(
        "trainer", args=_fixed(name="products"), form={"team": "1"}, file="file"
    ),
    "shop_tables.take_back": Post("trainer", args=_fixed(name="replies", team_id=1)),
    "shop_tables.apply": Post("trainer", args=lambda actor: {"name": "faq", **_table(actor)}),
    "board.export": Post(
        "manager",
        form=dict.fromkeys(("team", "batch", "stage", "state", "stuck", "q", "sort", "page"), ""),
    ),
    "chats.assign": Post("trainer", form={"person-1": "1", "person-2": ""}),
    "chat_paste.look": Post(
        "trainer",
        form={
            "text": CHAT,
            "team": "1",
            "who": "tb4433_22",
            "role": "buyer",
            "account": "小美",
            "person": "1",
            "day": "2026-10-20",
            "action": "save",
        },
    ),
    "cases.cancel_session": Post("trainer", args=_sharing),
    "cases.new_session": Post(
        "trainer",
        form={"team": "1", "title": "分享", "starts_at": "2027-01-05T15:00", "cases": "1"},
    ),
    "cases.new_tip": Post("trainee", form={"team": "1", "kind": "review", "text": "回得慢"}),
    "cases.record_session": Post(
        "trainer",
        args=_sharing,
        form={"present": "1", "outcome-1": "先说几点", "outcome": "周五改"},
    ),
    "cases.settle_tip": Post("trainer", args=_tip, form={"back": "1"}),
    "cases.as_question": Post("trainer", args=_case, form={"lesson": "1.1"}),
    "cases.as_reply": Post("trainer", args=_case),
    "cases.documents_page": Post(
        "trainer", form={"team": "1", "every_days": "3", "read_days": "2"}
    ),
    "cases.end_rule": Post("trainer", args=_team),
    "cases.send_now": Post("trainer", args=_team),
    "cases.edit": Post("trainer", args=_case, form=CASE),
    "cases.new": Post("trainer", form=CASE),
    "cases.withdraw": Post("trainer", args=_case),
    "chat_handover.begin": Post(
        "trainer", args=_chat, form={"text": REASON, "owner": "1", "due": "2026-12-01"}
    ),
    "chat_handover.note": Post(
        "trainer",
        args=_follow_up,
        form={"text": REASON, "owner": "1", "due": "2026-12-01", "action": "note"},
    ),
    "chat_handover.hand_over": Post(
        "trainer",
        form={
            "team": "1",
            "from": "1",
            "to": "2",
            "why": "shift",
            "note": REASON,
            "item": "1",
            "chat": "1",
        },
    ),
    "chat_handover.take": Post("trainee", args=_handover),
    "chat_handover.pack": Post("trainer", args=_handover),
    "chat_retention.change": Post("manager", form={"team": "1", "days": "400"}),
    "chat_retention.hold": Post("trainer", args=_chat, form={"reason": REASON}),
    "chat_retention.release": Post("trainer", args=_chat),
    "chat_uploads.upload": Post("trainer", form={"team": "1"}, file="file"),
    "chat_uploads.begin": Post("trainer", json={"team": 1, "size": 100}),
    "chat_uploads.piece": Post("trainer", args=_table),
    "chat_uploads.whole": Post("trainer", args=_table, json={"name": "十一月.csv", "size": 100}),
    "chat_uploads.give_up": Post("trainer", args=_table),
    "chat_imports.confirm": Post(
        "trainer",
        args=_table,
        form={
            "action": "look",
            "format": "table",
            "cut": "day",
            "shop": "云朵家居",
            "column": "text",
            "role": "agent",
        },
    ),
    "chat_imports.cancel": Post("trainer", args=_first("import_id", select(ChatImport.id))),
    "chat_imports.take_back": Post("trainer", args=_first("import_id", select(ChatImport.id))),
    "certification.make_file": Post("certified", args=_certificate),
    "certification.change": Post(
        "manager", args=_certificate, form={"action": "suspend", "reason": REASON}
    ),
    "invitations.index": Post(
        "trainer", form={"team": "1", "batch": "一班", "days": "7", "uses": "5"}
    ),
    "invitations.join": Post(
        "nobody",
        args=_invitation,
        form={**NAMES, "password": "cloud-seven-42", "repeat": "cloud-seven-42"},
    ),
    "inbox.read": Post("trainer", args=_message, form={"show": "unread"}),
    "inbox.read_all": Post("trainer", form={"show": "unread"}),
    "lesson.answer": Post(
        "newcomer",
        args=_fixed(slug="1.2", item_id="1.2-t1"),
        form={"1.2-t1": "a", "1.2-t1-1": "1"},
        json={"choice": "a", "choices": ["a"], "text": "1", "texts": ["1"], "order": ["a"]},
    ),
    "lesson.opened": Post(
        "newcomer", args=_fixed(slug="1.2"), json={"number": 1, "parts": ["1.2.1"]}
    ),
    "lesson.reading": Post("newcomer", args=_fixed(slug="1.2")),
    "lesson.files.add": Post(
        "trainer",
        args=lambda actor: {"slug": "1.2", **_team(actor)},
        form={"title": "尺码表", "once": "1"},
        file="files",
    ),
    "lesson.files.rename": Post("trainer", args=_lesson_file, form={"title": "尺码表"}),
    "lesson.files.move": Post("trainer", args=_lesson_file, form={"way": "up"}),
    "words.index": Post("trainee", form={"line": "全网第一"}),
    "live_practice.start": Post(
        "newcomer", args=_fixed(slug="desk-two"), form={"scenario": "vest-bargain"}
    ),
    "live_practice.news": Post(
        "trainee", args=_open("live_practice", "desk-two"), json={"after": 0}
    ),
    "live_practice.send": Post(
        "trainee",
        args=_open("live_practice", "desk-two"),
        json={
            "after": 0,
            "customer": 1,
            "key": "k1",
            "kind": "line",
            "text": "在的",
            "quick": "hi",
            "card": "SC-V01",
            "action": "note",
            "params": {"text": "发顺丰", "flag": "红"},
            "typed_chars": 2,
            "typed_ms": 900,
            "pasted_chars": 0,
            "sure": False,
        },
    ),
    "live_practice.hint": Post(
        "trainee", args=_open("live_practice", "desk-two"), json={"customer": 1}
    ),
    "live_practice.pause": Post(
        "trainee", args=_open("live_practice", "desk-two"), json={"after": 0}
    ),
    "live_practice.resume": Post(
        "trainee", args=_open("live_practice", "desk-two"), json={"after": 0}
    ),
    "live_practice.open_session": Post(
        "trainer",
        args=_fixed(slug="desk-with-trainer"),
        form={"person": "1", "scenario": "vest-bargain"},
    ),
    "live_practice.try_page": Post(
        "trainer",
        form={
            "text": "---\nkind: scenario\n---\n",
            "do": "say",
            "seed": "1",
            "pause": "20",
            "line": "在的",
            "log": '{"events": [], "until_ms": 0}',
        },
        file="file",
    ),
    "live_practice.try_take_back": Post(
        "trainer", form={"team": "1", "path": "shop/scenarios/fast-ship.md"}
    ),
    "live_practice.say": Post(
        "trainer",
        args=_open("live_practice", "desk-with-trainer"),
        json={"after": 0, "key": "c1", "text": "在吗", "picture": "", "mood": "calm"},
    ),
    "notices.answer": Post("trainee", args=_notice, form={"option": "0"}),
    "notices.beat": Post("trainee", args=_notice),
    "notices.publish": Post("trainer", form=NOTICE),
    "notices.withdraw": Post("trainer", args=_notice),
    "notices.restore": Post("trainer", args=_notice),
    "pathway.enrol": Post(
        "trainer", args=_person("S002"), form={"team": "1", "pathway": "three-exams"}
    ),
    "pathway.grant": Post(
        "trainer", args=_enrolment, form={"activity": "basic-exam", "reason": REASON}
    ),
    "pathway.override": Post(
        "trainer", args=_enrolment, form={"verdict": "repeat", "reason": REASON}
    ),
    "pathway.second": Post("manager", args=_decision, form={"agrees": "no"}),
    "versions.move": Post(
        "manager",
        form={"enrolment": f"1:basic:{'0' * 64}:{'1' * 64}", "reason": REASON},
    ),
    "quality.calibrate": Post("trainer", form={"team": "1", "title": "一起评", "count": "2"}),
    "quality.compare": Post("trainer", args=_blind),
    "quality.agree": Post(
        "trainer",
        args=lambda actor: {**_compared(actor), "place": 1},
        form={"value-facts": "3", "note-facts": REASON},
    ),
    "quality.close": Post("trainer", args=_compared),
    "quality.activate": Post(
        "trainer",
        form={
            "team": "1",
            "per_agent": "3",
            "always": "complaint",
            "extra_below": "1",
            "every_days": "3",
            "second_percent": "10",
        },
    ),
    "quality.acknowledge": Post("trainee", args=_own_chat, form={"remark": REASON}),
    "quality.appeal": Post("trainee", args=_own_chat, form={"criterion": "facts", "text": REASON}),
    "quality.coach": Post("trainer", args=_own_chat, form={"criterion": "facts", "text": REASON}),
    "quality.set_aside": Post("trainer", args=_open_review, form={"why": "spam"}),
    "quality.choose": Post("trainer", args=_chat),
    "quality.draw_now": Post("trainer", args=_activation),
    "quality.end": Post("trainer", args=_activation),
    "quality.redraw": Post("trainer", args=_draw, form={"reason": REASON}),
    "quality.verify_draw": Post("trainer", args=_draw),
    "queue.settle": Post("trainer", args=_unmarked, form={"accepted": "yes"}),
    "queue.sign_off": Post(
        "trainer", form={"enrolment": "1:basic", "accepted": "no", "reason": REASON, "back": "1"}
    ),
    "reflection.start": Post("newcomer", args=_fixed(slug="reflect-order")),
    "reflection.save": Post(
        "newcomer",
        args=_open("reflection", "reflect-conduct"),
        json={"text": "下次先看钟", "version": 1, "writer": "w"},
    ),
    "reviews.claim": Post("trainer", args=_open_review, form={"take": "yes"}),
    "reviews.draft": Post(
        "trainer",
        args=_open_review,
        json={"marks": {"facts": {"value": "2", "note": "运费", "lines": ["3"]}}, "comment": "好"},
    ),
    "reviews.save": Post(
        "trainer",
        args=_open_review,
        form={
            "value-facts": "2",
            "note-facts": "运费",
            "lines-facts": "3",
            "comment": "好",
            "action": "complete",
        },
    ),
    "reviews.correct": Post("trainer", args=_done_review, form={"reason": REASON}),
    "reviews.withdraw": Post("trainer", args=_open_review),
    "reviews.set_trust": Post(
        "manager", args=_team, form={"is_on": "y", "min_kappa": "0.8", "min_count": "100"}
    ),
    "quiz.start": Post("newcomer", args=_fixed(slug="quiz-ch1")),
    "quiz.answer": Post(
        "trainee",
        args=_open("quiz", "basic-exam"),
        json={"epoch": 1, "seq": 1, "position": 0, "response": {"text": "1"}},
    ),
    "quiz.marks": Post(
        "trainee", args=_open("quiz", "basic-exam"), json={"epoch": 1, "marked": [0, 2]}
    ),
    "quiz.save": Post("trainee", args=_open("quiz", "basic-exam"), form=PAPER),
    "quiz.hand_in": Post("trainee", args=_open("quiz", "basic-exam"), form=PAPER),
    "typing.begin": Post(
        "newcomer", args=_fixed(slug="typing-practice"), form={"code": "", "drill": "发货"}
    ),
    "typing.start_clock": Post("trainee", args=_open("typing_speed", "typing-basic")),
    "typing.take_chunk": Post(
        "trainee",
        args=_open("typing_speed", "typing-basic"),
        json={"seq": 1, "events": [[0, "k", "KeyA"], [5, "e", 0, 0, "发", "ime"]]},
    ),
    "typing.finish": Post(
        "trainee",
        args=_open("typing_speed", "typing-basic"),
        json={"seq": "1", "final_value": "发", "client_ms": 5, "finished": False},
    ),
    "typing.answer_recall": Post("trainee", args=_closed_practice, form={"recall-1": "a"}),
    "typing.issue_code": Post("trainer", args=_team),
    "typing.withdraw_code": Post("trainer", args=_team),
    "roster.add": Post("trainer", form={**NAMES, "team": "1", "role": "trainee", "batch": "一班"}),
    "roster.edit": Post("trainer", args=_batch_of, form=NAMES),
    "roster.set_batch": Post(
        "trainer",
        args=lambda actor: {**_batch_of(actor), **_team(actor)},
        form={"batch1-batch": "二班"},
    ),
    "roster.set_extra_time": Post("trainer", args=_batch_of, form={"time-ratio": "1.5"}),
    "roster.give_role": Post(
        "administrator", args=_batch_of, form={"give-post": "1:trainer", "give-batch": ""}
    ),
    "roster.end_role": Post(
        "administrator", args=_person("T002"), form={"team": "1", "role": "trainer"}
    ),
    "roster.transfer": Post(
        "administrator", args=_batch_of, form={"move-move": "1:2", "move-pathway": "usual"}
    ),
    "roster.reset_password": Post("trainer", args=_batch_of),
    "people_import.upload": Post("trainer", form={"team": "1"}, file="file"),
    "people_import.apply": Post("trainer", args=_table, form={"passwords": "y"}),
    "teams.create": Post("administrator", form={**TEAM, "slug": "new-shop"}),
    "teams.edit": Post("administrator", args=_team, form=TEAM),
    "invitations.revoke": Post("trainer", args=_first("invitation_id", select(Invitation.id))),
    "live_practice.end": Post(
        "trainer",
        args=_open("live_practice", "desk-with-trainer"),
        form={"outcome": "paid", "amount": "279"},
    ),
    "live_practice.finish": Post("trainee", args=_open("live_practice", "desk-two")),
    "reflection.hand_in": Post(
        "newcomer",
        args=_open("reflection", "reflect-conduct"),
        form={"text": "下次先看钟", "version": "1", "writer": "", "action": "save", "sure": "yes"},
    ),
    "typing.hand_in": Post("trainee", args=_open("typing_speed", "typing-basic")),
    "seeing.start": Post("trainer", args=_batch_of),
    "seeing.stop": Post("trainer"),
    "lesson.files.remove": Post("trainer", args=_lesson_file),
    "roster.leave": Post("trainer", args=_person("S011")),
    "roster.undo_leave": Post("trainer", args=_person("S011")),
    "roster.rehire": Post(
        "trainer", args=_person("S011"), form={"rehire-post": "1:trainee", "rehire-batch": ""}
    ),
    "roster.erase": Post("administrator", args=_person("S011")),
    "people.log_out": Post("trainee"),
}
#: Rows that no request may take away.
KEPT_TABLES = (
    Attempt,
    Certificate,
    DecisionRow,
    Enrolment,
    Evidence,
    Membership,
    Notice,
    Person,
    Review,
    ReviewMark,
)
