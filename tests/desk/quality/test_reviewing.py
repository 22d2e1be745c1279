"""Chats in the one queue: hints, marks, evidence, and the gate that asks for them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cstrain.core.evidence import ledger
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.core.pathway.models import Enrolment
from cstrain.core.people.access import Role
from cstrain.core.review import correcting, service
from cstrain.core.review.models import Review
from cstrain.core.review.subjects import marked_kinds
from cstrain.desk.chats import retention
from cstrain.desk.chats import service as archive
from cstrain.desk.chats.models import ChatAccount, ChatMessage
from cstrain.desk.quality import jobs, reviewing
from cstrain.desk.quality.frame import canonical, frame_of, packed
from cstrain.desk.quality.hints import messages_of
from cstrain.desk.quality.models import ChatReview, SampledChat, SampleDraw
from cstrain.desk.quality.risk import Reason
from cstrain.kit.db import db, insert_row, transaction
from cstrain.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tests.desk.quality.conftest import SAID, ChatDesk
from tests.plugins.shop import MakePerson, MakeTeam, Shop, SignIn


def evidence(desk: ChatDesk, activity: str = reviewing.DRAWN) -> list[EvidenceView]:
    """What stands, oldest first."""
    with desk.app.app_context():
        rows = db.session.scalars(
            ledger.standing_rows().where(Evidence.activity == activity).order_by(Evidence.id)
        )
        return [ledger.view(row) for row in rows]


def test_a_drawn_chat_goes_into_the_queue_with_what_rules_see(chat_desk: ChatDesk) -> None:
    chat_desk.draw(chat_desk.chat())

    review = chat_desk.review()
    marks = chat_desk.marks(review)
    assert (review.kind, review.state, review.person_id) == (
        "chat_review",
        "open",
        chat_desk.trainee.id,
    )
    assert review.evidence_id is None
    assert chat_desk.subject(review).reasons == "complaint"
    assert (marks["greeting"].proposed, marks["greeting"].proposed_lines) == (None, [])
    assert (marks["follow_up"].proposed, marks["follow_up"].proposed_lines) == (0, ["5"])
    assert marks["speed"].proposed == 3
    assert marks["lure"].proposed is None  # a red line is a person's to call clean
    assert not any(mark.is_marked for mark in marks.values())
    assert evidence(chat_desk) == []


def test_a_chat_waits_until_somebody_is_known_behind_its_account(chat_desk: ChatDesk) -> None:
    team_id = chat_desk.trainee.team_id
    with chat_desk.app.app_context(), transaction():
        archive.assign(chat_desk.account_id, None, team_id=team_id)
    chat = chat_desk.chat()
    chat_desk.draw(chat)
    before = chat_desk.reviews()
    with pytest.raises(ConflictError):
        chat_desk.choose(chat)
    with chat_desk.app.app_context(), transaction():
        archive.assign(chat_desk.account_id, chat_desk.trainee.id, team_id=team_id)
        first = reviewing.open_drawn(now=chat_desk.now)
        again = reviewing.open_drawn(now=chat_desk.now)

    assert before == []
    assert (first[0], again[0]) == (1, 0)


def test_many_chats_come_into_the_queue_part_by_part(
    chat_desk: ChatDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_OPENED_AT_ONCE", 2)
    team_id = chat_desk.trainee.team_id
    with chat_desk.app.app_context(), transaction():
        archive.assign(chat_desk.account_id, None, team_id=team_id)
    draw_id = chat_desk.draw(*(chat_desk.chat() for _each in range(5)))
    with chat_desk.app.app_context():
        with transaction():
            archive.assign(chat_desk.account_id, chat_desk.trainee.id, team_id=team_id)
        jobs.queue(draw_id, now=chat_desk.now)

    assert len(chat_desk.reviews()) == 5


def test_a_colleague_who_wrote_is_named_and_why_more_is_looked_at_is_told(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat, agent = chat_desk.chat(), f"p{chat_desk.trainee.id}"
    draw_id = chat_desk.draw(chat)
    figures = {"standings": {agent: {"own": [3, 10], "others": [90, 100]}}}
    with chat_desk.app.app_context(), transaction() as session:
        account = session.get_one(ChatAccount, chat_desk.account_id)
        names = ("team_id", "platform", "shop", "person_id")
        known = {name: getattr(account, name) for name in names}
        other_id = insert_row(ChatAccount, {**known, "name": "小丽"})
        last = ChatMessage.ordinal == len(SAID) - 1
        session.execute(update(ChatMessage).where(last).values(account_id=other_id))
        below: dict[str, Any] = {"reasons": Reason.BELOW_AVERAGE}
        session.execute(update(SampledChat).values(below))
        session.execute(update(ChatReview).values(below))
        session.get_one(SampleDraw, draw_id).frame = packed(canonical(frame_of([], figures)))

    page = sign_in(chat_desk.trainer).get(f"/reviews/{chat_desk.review().id}").text

    assert ("小美</span>" in page, "小丽</span>" in page) == (True, True)
    assert "10 段里回了 3 段" in page


def test_two_draws_make_one_review_and_a_choice_gives_that_one(chat_desk: ChatDesk) -> None:
    chat = chat_desk.chat()
    chat_desk.draw(chat)
    chat_desk.draw(chat)
    review = chat_desk.review()

    assert chat_desk.choose(chat) == review.id
    assert len(chat_desk.reviews()) == 1


def test_a_chat_that_somebody_else_takes_at_the_same_moment_is_marked_once(
    chat_desk: ChatDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats, real = [chat_desk.chat(), chat_desk.chat()], messages_of
    left = chats[:1]

    def meanwhile(*said: Any) -> Any:
        if left:
            team_ids = [chat_desk.trainee.team_id]
            by = chat_desk.trainer.id
            reviewing.choose(left.pop(0), team_ids=team_ids, by=by, now=chat_desk.now)
        return real(*said)

    monkeypatch.setattr(reviewing, "messages_of", meanwhile)
    chat_desk.draw(chats[0])
    left += chats[1:]
    with pytest.raises(ConflictError, match="再点一次"):
        chat_desk.choose(chats[1])

    assert len(chat_desk.reviews()) == 1


def test_nobody_chooses_the_chats_of_another_shop_or_their_own(
    chat_desk: ChatDesk, make_team: MakeTeam, make_person: MakePerson
) -> None:
    chat = chat_desk.chat()
    stranger = make_person(Role.TRAINER, team=make_team())

    with chat_desk.app.app_context(), transaction(), pytest.raises(NotFoundError):
        reviewing.choose(chat, team_ids=[stranger.team_id], by=stranger.id, now=chat_desk.now)
    with pytest.raises(ConflictError):
        chat_desk.choose(chat, by=chat_desk.trainee)


def test_marks_become_evidence_of_when_the_chat_was(chat_desk: ChatDesk) -> None:
    chat_desk.draw(chat_desk.chat())
    shown_at = chat_desk.now
    chat_desk.later(days=2)
    chat_desk.mark(chat_desk.review(), facts=0)

    (found,) = evidence(chat_desk)
    assert found.at == shown_at
    assert found.enrolment_id == chat_desk.enrolment_id
    assert found.outcome.score == pytest.approx(1 - 0.35 * 2 / 3)
    assert found.outcome.summary["zh"] == "抽检 76.6 分"  # never rounded up to a bar
    assert chat_desk.review().evidence_id == found.id
    assert evidence(chat_desk, reviewing.FLAG) == []


def test_a_red_line_leaves_a_flag_that_a_correction_takes_back(chat_desk: ChatDesk) -> None:
    chat_desk.draw(chat_desk.chat())
    first = chat_desk.review()
    chat_desk.mark(first, lure=0)
    (scored,), (flag,) = evidence(chat_desk), evidence(chat_desk, reviewing.FLAG)
    with chat_desk.app.app_context(), transaction():
        correcting.correct(first.id, reason="看错了", by=chat_desk.trainer.id, now=chat_desk.now)
    chat_desk.mark(chat_desk.review())

    assert (scored.outcome.score, flag.outcome.score) == (0.0, 0.0)
    assert scored.outcome.summary["zh"] == "抽检 0 分：碰了红线，没碰是 100 分"
    assert [each.outcome.score for each in evidence(chat_desk)] == [1.0]
    assert [each.outcome.score for each in evidence(chat_desk, reviewing.FLAG)] == [1.0]


def test_the_gate_opens_on_five_good_chats_without_a_red_line(chat_desk: ChatDesk) -> None:
    chat_desk.draw(*(chat_desk.chat() for _n in range(6)))
    reviews = chat_desk.reviews()
    chat_desk.mark(reviews[0], privacy=0)
    for review in reviews[1:5]:
        chat_desk.mark(review)
    after_five = chat_desk.enrolment().state  # 4 × 100 and a 0
    chat_desk.mark(reviews[5])
    flagged = chat_desk.enrolment().state  # 83, but a red line
    with chat_desk.app.app_context(), transaction():
        correcting.correct(
            reviews[0].id, reason="是模板里的号码", by=chat_desk.trainer.id, now=chat_desk.now
        )
    chat_desk.mark(chat_desk.review())

    assert (after_five, flagged) == ("active", "active")
    assert chat_desk.enrolment().state == "completed"


def test_chats_a_trainer_chose_count_for_no_mean_but_for_red_lines(chat_desk: ChatDesk) -> None:
    for _n in range(5):
        chat_desk.choose(chat_desk.chat())
        chat_desk.mark(chat_desk.review())
    chat_desk.choose(chat_desk.chat())
    chat_desk.mark(chat_desk.review(), forbidden=0)

    assert chat_desk.enrolment().state == "active"
    assert evidence(chat_desk) == []
    assert len(evidence(chat_desk, reviewing.CHOSEN)) == 6
    assert len(evidence(chat_desk, reviewing.FLAG)) == 1


def test_old_chats_leave_the_window_of_the_gate(chat_desk: ChatDesk) -> None:
    chat_desk.draw(*(chat_desk.chat() for _n in range(4)))
    chat_desk.later(days=31)
    chat_desk.draw(chat_desk.chat())
    for review in chat_desk.reviews():
        chat_desk.mark(review)

    assert chat_desk.enrolment().state == "active"


def test_a_chat_that_waits_for_its_marks_outlives_its_term(chat_desk: ChatDesk) -> None:
    chat_desk.draw(chat_desk.chat())
    asked = select(ChatMessage.text).where(ChatMessage.text.is_not(None))
    later = chat_desk.now + timedelta(days=60)
    with chat_desk.app.app_context():
        with transaction():
            team_id, me = chat_desk.trainer.team_id, chat_desk.trainer.id
            retention.set_days(team_id, 30, by=me, now=chat_desk.now)
        retention.erase_old(later)
        before = db.session.scalars(asked).all()
    chat_desk.mark(chat_desk.review())
    with chat_desk.app.app_context():
        retention.erase_old(later)
        after = db.session.scalars(asked).all()

    assert len(before) == len(SAID)
    assert after == []


def test_less_than_full_needs_a_line_and_nobody_marks_themselves(chat_desk: ChatDesk) -> None:
    chat_desk.draw(chat_desk.chat())
    review = chat_desk.review()

    with pytest.raises(ForbiddenError):
        chat_desk.mark(review, by=chat_desk.trainee)
    with chat_desk.app.app_context(), transaction():
        draft = service.Draft(is_marked=True, value=1)
        saved = service.save(
            review.id, {"warmth": draft}, by=chat_desk.trainer.id, now=chat_desk.now
        )
    assert ("warmth", "no_evidence") in {(each.key, each.code) for each in saved.lacks}


def test_a_number_copied_into_notes_is_hidden_and_whoever_marks_is_told(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat_desk.draw(chat_desk.chat())
    review, client = chat_desk.review(), sign_in(chat_desk.trainer)
    mark = {"value": "3", "note": "打 13812345678 问过", "lines": ["3"]}
    url = f"/reviews/{review.id}/draft"

    plain = client.post(url, json={"marks": {"facts": {**mark, "note": "第 3 行"}}})
    hidden = client.post(url, json={"marks": {"facts": mark}, "comment": "加微信 wx_abc123 了"})

    assert plain.json["notice"] == ""  # type: ignore[index]
    assert "遮住了" in hidden.json["notice"]  # type: ignore[index]
    with chat_desk.app.app_context():
        assert service.marks_of(review.id)["facts"].note == "打 〔电话〕 问过"
        kept = db.session.get_one(Review, review.id)
        assert "wx_abc123" not in kept.comment
        kept_by_kind = {each.name: each.kept("13812345678") for each in marked_kinds()}
    assert set(kept_by_kind.values()) == {"〔电话〕"}


def test_the_marking_page_shows_times_hints_and_snippets(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat_desk.draw(chat_desk.chat())
    shown = sign_in(chat_desk.trainer).get(f"/reviews/{chat_desk.review().id}").text

    assert 'data-line="7"' in shown
    assert "过了 20 分钟" in shown
    assert "说了“稍等”，没见下文" in shown
    assert "有投诉的话" in shown
    assert 'data-snippet="答得又快又准，照这样来。"' in shown


def test_the_agent_sees_score_and_lines_and_nobody_else_outside(
    chat_desk: ChatDesk, sign_in: SignIn, make_team: MakeTeam, make_person: MakePerson
) -> None:
    chat_desk.draw(chat_desk.chat())
    review = chat_desk.review()
    chat_desk.mark(review, facts=1)
    url = f"/quality/chats/{review.subject_id}"
    own = sign_in(chat_desk.trainee).get(url).text
    record = sign_in(chat_desk.trainee).get("/records").text

    assert "分</strong>" in own
    assert "第 3 行" in own
    assert "没见下文" not in own  # hints are for who marks
    assert "抽检的聊天" in record
    assert sign_in(make_person(team=make_team())).get(url).status_code == 404
    shop = Shop(chat_desk.trainee.team_id, "", "")
    assert sign_in(make_person(Role.ADMINISTRATOR, team=shop)).get(url).status_code == 404


def test_a_chat_of_the_archive_is_put_into_the_queue_by_one_click(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat = chat_desk.chat()
    trainer = sign_in(chat_desk.trainer)
    page = trainer.get(f"/chats/{chat}").text
    answer = trainer.post(f"/quality/chats/choose/{chat}")

    assert "评这一段" in page
    assert answer.location == f"/reviews/{chat_desk.review().id}"
    assert sign_in(chat_desk.trainee).post(f"/quality/chats/choose/{chat}").status_code == 403


def test_marked_chats_lead_to_the_agents_side_and_picks_stand_apart(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat_desk.choose(chat_desk.chat())
    review = chat_desk.review()
    trainer = sign_in(chat_desk.trainer)
    before = trainer.get(f"/reviews/{review.id}").text
    chat_desk.mark(review)
    after = trainer.get(f"/reviews/{review.id}").text
    url = f"/quality/chats/{review.subject_id}"

    assert url not in before
    assert url in after
    assert chat_desk.trainee.name in trainer.get(url).text
    assert "带教另挑的" in trainer.get("/quality").text


def test_a_pasted_chat_goes_on_to_its_marking_page(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    chat = "小丽 2026-10-20 10:23:01\n什么时候发\n小云 2026-10-20 10:23:09\n今天\n"
    form = {"text": chat, "action": "save", "who": ["小丽", "小云"], "role": ["buyer", "agent"]}
    trainer = sign_in(chat_desk.trainer)
    unknown = trainer.post("/chats/paste", data=form)
    known = trainer.post(
        "/chats/paste", data={**form, "account": "小云", "person": str(chat_desk.trainee.id)}
    )

    assert unknown.location.startswith("/chats/")
    assert known.location == f"/reviews/{chat_desk.review().id}"
    assert trainer.get(known.location).status_code == 200


@pytest.mark.parametrize(("privacy", "state"), [(1, "completed"), (0, "active")])
def test_work_from_before_a_pathway_counts_for_it(
    chat_desk: ChatDesk, sign_in: SignIn, privacy: int, state: str
) -> None:
    """Who renews a certificate has been serving all along, red lines and all."""
    with chat_desk.app.app_context(), transaction():
        db.session.execute(update(Enrolment).values(state="stopped"))
    chat_desk.draw(*(chat_desk.chat() for _n in range(6)))
    first, *others = chat_desk.reviews()
    chat_desk.mark(first, privacy=privacy)
    for review in others:
        chat_desk.mark(review)
    kept_for = {each.enrolment_id for each in evidence(chat_desk)}

    chat_desk.enrol()
    home = sign_in(chat_desk.trainee).get("/").text
    chat_desk.learn("1.1")

    assert kept_for == {None}
    assert ("100 %" in home) is (privacy == 1)
    assert chat_desk.enrolment().state == state


def test_the_first_page_says_what_the_gate_waits_for(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    trainee = sign_in(chat_desk.trainee)
    before = trainee.get("/").text
    chat_desk.draw(chat_desk.chat(), chat_desk.chat())
    for review in chat_desk.reviews():
        chat_desk.mark(review, privacy=0)
    after = trainee.get("/").text

    assert "还差“抽检的聊天”。" in before
    assert "最近 30 天的平均，至少 5 次" in before
    assert "还差 5 次，评好了自动算进来" in before
    assert 'href="/quality/mine"' in before
    assert "还差 3 次" in after
    assert "最近 30 天没有“碰红线”" in after
    assert "过了 30 天就不算了" in after
    results = re.findall(r'<li data-state="(\w+)">(.*?)</li>', after, re.DOTALL)
    assert {state for state, told in results if ">碰红线<" in told} == {"failed"}
    assert {state for state, told in results if ">抽检的聊天<" in told} == {"done"}
    assert f'href="/quality/chats/{chat_desk.review().subject_id}"' in after


@pytest.mark.parametrize("is_marked", [False, True])
def test_choosing_a_chat_takes_it_out_of_no_mean(chat_desk: ChatDesk, *, is_marked: bool) -> None:
    chat_id = chat_desk.chat()
    chat_desk.choose(chat_id)
    if is_marked:
        chat_desk.mark(chat_desk.review())

    chat_desk.draw(chat_id)

    (review,) = chat_desk.reviews()
    assert chat_desk.subject(review).is_drawn is not is_marked
    assert review.activity == (reviewing.CHOSEN if is_marked else reviewing.DRAWN)
