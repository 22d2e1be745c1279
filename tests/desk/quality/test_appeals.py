"""The agent's side: read, comment, appeal; decided by another; coaching ended by chats alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from cstrain.core.people.access import Role
from cstrain.core.people.models import Membership
from cstrain.core.review import correcting, service
from cstrain.core.review.models import Review
from cstrain.core.review.service import Draft, UnfinishedError
from cstrain.desk.chats.models import ChatConversation
from cstrain.desk.quality import appeals, coaching, reviewing
from cstrain.desk.quality.appeals import Appealed
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from cstrain.kit.outbox import OutboxMessage
from tests.desk.quality.conftest import ChatDesk
from tests.desk.quality.test_reviewing import evidence
from tests.plugins.shop import NOW, MakePerson, Shop, SignIn, Someone


@pytest.fixture
def marked(chat_desk: ChatDesk) -> Review:
    """A drawn chat, marked by the trainer: facts 1 of 3, not warm enough."""
    chat_desk.draw(chat_desk.chat())
    review = chat_desk.review()
    chat_desk.mark(review, facts=1, warmth=2)
    return review


def appeal(desk: ChatDesk, review: Review, criterion: str, by: Someone | None = None) -> int:
    with desk.app.app_context(), transaction():
        return appeals.appeal(
            review.subject_id, criterion, "查过了再回的", by=(by or desk.trainee).id, now=desk.now
        )


def decide(desk: ChatDesk, correction_id: int, by: Someone, **drafts: Draft) -> None:
    with desk.app.app_context(), transaction():
        service.save(correction_id, drafts, by=by.id, now=desk.now)
    with desk.app.app_context(), transaction():
        service.complete(correction_id, by=by.id, now=desk.now)


def of_chat(desk: ChatDesk, review: Review) -> list[Appealed]:
    with desk.app.app_context():
        return appeals.of_chat(review.subject_id)


def given(value: int, note: str = "") -> Draft:
    return Draft(is_marked=True, value=value, note=note, lines=("3",))


def test_another_decides_and_both_scores_stay(chat_desk: ChatDesk, marked: Review) -> None:
    first = evidence(chat_desk)[0].outcome.score
    correction_id = appeal(chat_desk, marked, "facts")
    with pytest.raises(ForbiddenError):
        decide(chat_desk, correction_id, chat_desk.trainer, facts=given(3, "看了"))
    decide(chat_desk, correction_id, chat_desk.manager, facts=given(3, "第 3 行查过了"))

    (found,) = of_chat(chat_desk, marked)
    (standing,) = evidence(chat_desk)
    with chat_desk.app.app_context():
        old, new = db.session.get_one(Review, marked.id), db.session.get_one(Review, correction_id)
        assert (old.score, old.by_person_id) == (first, chat_desk.trainer.id)
        assert (new.score, new.by_person_id) == (standing.outcome.score, chat_desk.manager.id)
    assert first is not None
    assert standing.outcome.score is not None
    assert standing.outcome.score > first
    assert (found.was, found.now, found.is_changed) == (1, 3, True)
    assert found.answer == "第 3 行查过了"
    assert told(chat_desk, "chat_marked")[chat_desk.trainee.id]["is_appeal"] is True


def test_items_of_a_chat_are_decided_together_and_appealed_once(
    chat_desk: ChatDesk, marked: Review
) -> None:
    correction_id = appeal(chat_desk, marked, "facts")

    assert appeal(chat_desk, marked, "warmth") == correction_id
    with pytest.raises(ConflictError):
        appeal(chat_desk, marked, "facts")
    decide(
        chat_desk,
        correction_id,
        chat_desk.manager,
        facts=given(1, "没查就答"),
        warmth=given(3, "接住了"),
    )
    assert [each.is_changed for each in of_chat(chat_desk, marked)] == [False, True]
    with pytest.raises(ConflictError):
        appeal(chat_desk, marked, "facts")


@pytest.mark.parametrize("criterion", ["greeting", "root_cause", "nothing"])
def test_what_lost_nothing_is_not_appealed(
    chat_desk: ChatDesk, marked: Review, criterion: str
) -> None:
    with pytest.raises(InvalidError):
        appeal(chat_desk, marked, criterion)


def test_appeals_have_their_days_and_their_person(chat_desk: ChatDesk, marked: Review) -> None:
    with pytest.raises(NotFoundError):
        appeal(chat_desk, marked, "facts", by=chat_desk.trainer)
    chat_desk.later(days=7, seconds=1)
    with pytest.raises(ConflictError):
        appeal(chat_desk, marked, "facts")
    chat_desk.later(seconds=-1)
    assert appeal(chat_desk, marked, "facts")


@pytest.mark.parametrize(
    "drafts",
    [
        {"facts": given(3)},  # no answer
        {"facts": given(0, "更差")},
        {"facts": given(1, "维持"), "warmth": given(0)},
    ],
)
def test_an_appeal_is_answered_and_never_ends_lower(
    chat_desk: ChatDesk, marked: Review, drafts: dict[str, Draft]
) -> None:
    correction_id = appeal(chat_desk, marked, "facts")

    with pytest.raises(UnfinishedError):
        decide(chat_desk, correction_id, chat_desk.manager, **drafts)
    assert not of_chat(chat_desk, marked)[0].is_decided


def told(desk: ChatDesk, topic: str) -> dict[int, dict[str, object]]:
    with desk.app.app_context():
        rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == topic))
        return {row.person_id: row.data for row in rows}


def test_those_who_may_decide_hear_of_an_appeal_once(chat_desk: ChatDesk, marked: Review) -> None:
    correction_id = appeal(chat_desk, marked, "facts")
    appeal(chat_desk, marked, "warmth")

    (said,) = told(chat_desk, "chat_appealed").items()
    assert said[0] == chat_desk.manager.id
    assert (said[1]["review_id"], said[1]["has_nobody"]) == (correction_id, False)


def test_where_nobody_may_decide_it_is_said(chat_desk: ChatDesk) -> None:
    with chat_desk.app.app_context(), transaction():
        db.session.execute(
            update(Membership)
            .where(Membership.person_id == chat_desk.manager.id)
            .values(until_at=chat_desk.now)
        )
    chat_desk.draw(chat_desk.chat())
    review = chat_desk.review()
    chat_desk.mark(review, facts=1)

    appeal(chat_desk, review, "facts")

    (said,) = told(chat_desk, "chat_appealed").items()
    assert (said[0], said[1]["has_nobody"]) == (chat_desk.trainer.id, True)


def test_nobody_is_led_to_an_appeal_that_another_decides(
    chat_desk: ChatDesk, marked: Review, sign_in: SignIn, make_person: MakePerson
) -> None:
    team = Shop(chat_desk.trainee.team_id, "", "")
    other = make_person(Role.TRAINER, team=team)
    with chat_desk.app.app_context(), transaction():
        correcting.correct(marked.id, reason="看漏", by=chat_desk.manager.id, now=chat_desk.now)
    chat_desk.mark(chat_desk.review(), chat_desk.manager, facts=1)
    url = f"/reviews/{appeal(chat_desk, chat_desk.review(), 'facts')}"

    for who, may in ((chat_desk.trainer, False), (chat_desk.manager, False), (other, True)):
        client = sign_in(who)
        lists = [client.get(place).text for place in ("/queue", "/reviews")]
        assert [f'action="{url}/claim"' in page for page in lists] == [may, may]
        assert ["由另一位带教来定" in page for page in lists] == [not may, not may]
        assert ("批改下一份（共 1 份）" in lists[0]) is may
        assert client.get("/reviews/next").location == (url if may else "/queue")
        assert (client.post(f"{url}/claim").status_code == 302) is may
        assert ('id="marking"' in client.get(url).text) is may
    assert "有 1 份要批改" in sign_in(other).get("/").text
    assert "份要批改" not in sign_in(chat_desk.trainer).get("/").text


def test_an_appeal_cannot_be_given_up_by_who_decides(chat_desk: ChatDesk, marked: Review) -> None:
    correction_id = appeal(chat_desk, marked, "facts")

    with chat_desk.app.app_context(), transaction(), pytest.raises(ConflictError):
        correcting.withdraw(correction_id, by=chat_desk.manager.id)


def test_while_the_marker_corrects_nothing_is_appealed(chat_desk: ChatDesk, marked: Review) -> None:
    with chat_desk.app.app_context(), transaction():
        correcting.correct(marked.id, reason="看错", by=chat_desk.trainer.id, now=chat_desk.now)

    with pytest.raises(ConflictError):
        appeal(chat_desk, marked, "facts")


def test_overturned_appeals_are_counted(
    chat_desk: ChatDesk, marked: Review, sign_in: SignIn
) -> None:
    decide(chat_desk, appeal(chat_desk, marked, "facts"), chat_desk.manager, facts=given(2, "查过"))
    chat_desk.draw(chat_desk.chat())
    second = chat_desk.review()
    chat_desk.mark(second, facts=0)
    decide(chat_desk, appeal(chat_desk, second, "facts"), chat_desk.manager, facts=given(0, "没查"))
    page = sign_in(chat_desk.manager).get("/reviews/agreement").text

    with chat_desk.app.app_context():
        ((by_item, by_marker),) = appeals.turned(
            [chat_desk.trainee.team_id], me=chat_desk.trainer.id
        ).values()
    assert [(each.count, each.changed_count) for each in by_item] == [(2, 1)]
    assert [(each.name, each.count) for each in by_marker] == [(chat_desk.trainer.name, 2)]
    assert "定了 2 项申诉，改了 1 项" in page


def test_what_one_marks_blind_is_no_overturned_appeal_yet(
    chat_desk: ChatDesk, make_person: MakePerson, sign_in: SignIn
) -> None:
    team = Shop(chat_desk.trainee.team_id, "", "")
    other = make_person(Role.TRAINER, team=team)
    chat_desk.draw(chat_desk.chat(), second_ratio=1.0)
    chat_desk.mark(chat_desk.review(), facts=1, warmth=2)
    first, second = chat_desk.reviews()
    decide(chat_desk, appeal(chat_desk, first, "facts"), chat_desk.manager, facts=given(2, "查过"))

    def is_told(who: Someone) -> bool:
        return "定了 1 项申诉" in sign_in(who).get("/reviews/agreement").text

    before = is_told(other), is_told(chat_desk.manager)
    chat_desk.mark(second, by=other)

    assert (before, is_told(other)) == ((False, True), True)


def test_who_decides_reads_the_old_note_and_begins_with_none(
    chat_desk: ChatDesk, marked: Review, sign_in: SignIn
) -> None:
    with chat_desk.app.app_context(), transaction():
        service.marks_of(marked.id)["facts"].note = "尺码没查"
        db.session.flush()
    page = sign_in(chat_desk.manager).get(f"/reviews/{appeal(chat_desk, marked, 'facts')}").text

    mark = chat_desk.marks(chat_desk.review())["facts"]
    assert (mark.note, mark.lines) == ("", ["3"])
    assert page.count("尺码没查") == 1


def test_only_who_may_decide_an_appeal_is_told_how(
    chat_desk: ChatDesk, marked: Review, sign_in: SignIn
) -> None:
    page = f"/reviews/{appeal(chat_desk, marked, 'facts')}"
    decides, marked_it = (
        sign_in(who).get(page).text for who in (chat_desk.manager, chat_desk.trainer)
    )

    assert ("维持或者改高" in decides, "维持或者改高" in marked_it) == (True, False)
    assert 'href="#criterion-facts"' in marked_it
    assert 'id="criterion-facts"' in marked_it


@pytest.fixture
def agent(chat_desk: ChatDesk, sign_in: SignIn) -> FlaskClient:
    chat_desk.now = utc_now()
    return sign_in(chat_desk.trainee)


def test_the_agent_reads_comments_and_appeals_on_the_page(
    agent: FlaskClient, chat_desk: ChatDesk, marked: Review, sign_in: SignIn
) -> None:
    url = f"/quality/chats/{marked.subject_id}"
    listed = agent.get("/quality/mine").text
    agent.post(f"{url}/read", data={"remark": "下次先查"})
    empty = agent.post(f"{url}/appeal", data={"criterion": "facts", "text": ""})
    agent.post(f"{url}/appeal", data={"criterion": "facts", "text": "第 3 行查过了"})
    page, after = agent.get(url).text, agent.get("/quality/mine").text
    staff = sign_in(chat_desk.manager)
    decides = staff.get(f"/reviews/{chat_desk.review().id}").text
    queue = staff.get("/queue").text

    assert "还没看" in listed
    assert empty.status_code == 422
    assert "下次先查" in page
    assert "等另一位带教来定" in page
    assert 'value="facts"' not in page  # once
    assert 'value="warmth"' in page
    assert "等另一位带教来定" in after
    assert "本人申诉这几项" in decides
    assert "第 3 行查过了" in decides
    assert "撤回更正" not in decides
    assert '<span class="chip">申诉</span>' in queue
    assert '<span class="chip">更正</span>' not in queue
    assert "下次先查" in staff.get(url).text
    assert "做成案例" in staff.get(url).text
    assert "做成案例" not in page
    assert re.search(r'href="/quality"[^>]* aria-current="page"', staff.get(url).text)


def test_no_case_is_made_of_a_chat_that_is_erased(
    chat_desk: ChatDesk, marked: Review, sign_in: SignIn
) -> None:
    with chat_desk.app.app_context(), transaction():
        db.session.execute(update(ChatConversation).values(erased_by=1))

    page = sign_in(chat_desk.trainer).get(f"/quality/chats/{marked.subject_id}").text

    assert "本人" in page
    assert "做成案例" not in page


def test_after_its_days_an_appeal_is_offered_no_more(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    chat_desk.now = utc_now() - timedelta(days=8)
    chat_desk.draw(chat_desk.chat())
    review = chat_desk.review()
    chat_desk.mark(review, facts=1)

    page = sign_in(chat_desk.trainee).get(f"/quality/chats/{review.subject_id}").text

    assert "以前可以申诉，已经过了" in page
    assert 'name="criterion"' not in page


def test_a_remark_comes_later_once_and_whoever_marked_hears_it(
    chat_desk: ChatDesk, marked: Review
) -> None:
    def said(remark: str) -> None:
        with chat_desk.app.app_context(), transaction():
            appeals.acknowledge(
                marked.subject_id, by=chat_desk.trainee.id, remark=remark, now=chat_desk.now
            )

    said("")
    assert told(chat_desk, "chat_remarked") == {}
    with pytest.raises(ConflictError):
        said(" ")
    said("下次先查")
    with pytest.raises(ConflictError):
        said("再说一句")

    (heard,) = told(chat_desk, "chat_remarked").items()
    assert (heard[0], heard[1]["remark"]) == (chat_desk.trainer.id, "下次先查")


def test_nobody_else_writes_on_the_agents_page(
    chat_desk: ChatDesk, marked: Review, sign_in: SignIn
) -> None:
    url = f"/quality/chats/{marked.subject_id}"
    said = {"criterion": "facts", "text": "不同意"}

    assert sign_in(chat_desk.trainer).post(f"{url}/read").status_code == 404
    assert sign_in(chat_desk.trainer).post(f"{url}/appeal", data=said).status_code == 404
    assert sign_in(chat_desk.trainee).post(f"{url}/coach", data=said).status_code == 403
    assert of_chat(chat_desk, marked) == []


@pytest.mark.parametrize(
    ("seen", "count", "row", "is_closed"),
    [
        ("", 0, 0, False),
        ("110", 3, 0, False),
        ("0110111", 7, 3, True),
        ("1110", 3, 3, True),  # what comes later opens nothing again
    ],
)
def test_three_in_a_row_bring_coaching_to_an_end(
    seen: str, count: int, row: int, *, is_closed: bool
) -> None:
    found = coaching.closing(
        (each == "1", NOW + timedelta(days=day)) for day, each in enumerate(seen)
    )

    assert found[:2] == (count, row)
    assert (found[2] is not None) is is_closed


def test_only_drawn_chats_after_it_bring_coaching_to_an_end(
    chat_desk: ChatDesk, marked: Review, sign_in: SignIn
) -> None:
    said = {"criterion": "facts", "text": "先查再答"}
    url = f"/quality/chats/{marked.subject_id}"
    with chat_desk.app.app_context(), transaction():
        coaching.coach(marked.subject_id, **said, by=chat_desk.trainer.id, now=chat_desk.now)
    with chat_desk.app.app_context(), transaction(), pytest.raises(ConflictError):
        coaching.coach(marked.subject_id, **said, by=chat_desk.trainer.id, now=chat_desk.now)
    chat_desk.later(days=1)
    chat_desk.choose(chat_desk.chat())
    chat_desk.mark(chat_desk.review())
    for _n in range(2):
        chat_desk.draw(chat_desk.chat())
        chat_desk.mark(chat_desk.review())
    with chat_desk.app.app_context():
        (before,) = coaching.of_team(chat_desk.trainee.team_id, me=chat_desk.manager.id)
    chat_desk.draw(chat_desk.chat())
    chat_desk.mark(chat_desk.review())
    with chat_desk.app.app_context():
        (after,) = coaching.of_person(chat_desk.trainee.id)

    assert (before.row_count, before.closed_at) == (2, None)
    assert after.closed_at == chat_desk.now
    assert "改好了" in sign_in(chat_desk.trainee).get("/quality/mine").text
    assert "先查再答" in sign_in(chat_desk.manager).get("/quality").text
    assert "和本人过了一遍" in sign_in(chat_desk.trainer).get(url).text


def test_a_chat_that_cannot_be_marked_stays_in_its_draw(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat = chat_desk.chat()
    draw_id = chat_desk.draw(chat)
    review = chat_desk.review()
    trainer = sign_in(chat_desk.trainer)
    wrong = trainer.post(f"/quality/reviews/{review.id}/aside", data={"why": "tired"})
    trainer.post(f"/quality/reviews/{review.id}/aside", data={"why": "spam"})
    with chat_desk.app.app_context(), transaction():
        again = reviewing.open_drawn(draw_id, now=chat_desk.now)

    assert wrong.status_code == 422
    assert again[0] == 0
    assert (chat_desk.review().state, chat_desk.review().reason) == ("withdrawn", "spam")
    assert chat_desk.choose(chat) == review.id
    assert chat_desk.review().state == "open"


def test_what_is_marked_is_not_set_aside(chat_desk: ChatDesk, marked: Review) -> None:
    with chat_desk.app.app_context(), transaction(), pytest.raises(ConflictError):
        reviewing.set_aside(
            marked.id, reviewing.Unfit.SPAM, by=chat_desk.trainer.id, now=chat_desk.now
        )
