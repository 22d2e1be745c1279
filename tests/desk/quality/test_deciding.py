"""How an appeal is decided: nothing ends lower, nothing pays for another, and who marked hears."""

from __future__ import annotations

import pytest

from cstrain.core.people.access import Role
from cstrain.core.review import service
from cstrain.core.review.models import Review
from cstrain.core.review.service import Draft, UnfinishedError
from cstrain.desk.quality import calibrating
from cstrain.kit.db import db, transaction
from tests.desk.quality.conftest import ChatDesk
from tests.desk.quality.test_appeals import appeal, decide, given, told
from tests.plugins.shop import MakePerson, Shop, SignIn


@pytest.fixture
def correction_id(chat_desk: ChatDesk) -> int:
    """An appeal of facts, 1 of 3; warmth 2 of 3 and all else in full stand."""
    chat_desk.draw(chat_desk.chat())
    review = chat_desk.review()
    chat_desk.mark(review, facts=1, warmth=2)
    return appeal(chat_desk, review, "facts")


def refused(desk: ChatDesk, correction_id: int, **drafts: Draft) -> dict[str, str]:
    """What an attempt to end it is refused for, by item."""
    with pytest.raises(UnfinishedError) as caught:
        decide(desk, correction_id, desk.manager, **drafts)
    return {each.key: each.text for each in caught.value.lacks}


RAISED = given(3, "第 3 行查过了")
NOT_APPLICABLE = Draft(is_marked=True, value=None, note="不用评")


@pytest.mark.parametrize(
    ("drafts", "key"),
    [
        ({"need": given(2, "没问清")}, "need"),  # not appealed, and facts pay for it
        ({"warmth": given(1, "生硬")}, "warmth"),
        ({"greeting": given(0, "没问好")}, "greeting"),
        ({"lure": given(0, "引流")}, "lure"),
        ({"offer": NOT_APPLICABLE, "handling": given(2, "漏了")}, "handling"),
        ({"greeting": NOT_APPLICABLE}, "greeting"),  # in full: without it warmth weighs more
        ({"warmth": given(3)}, "warmth"),  # raised without a word
        ({"facts": given(3)}, "facts"),
        ({"facts": given(0, "更差")}, "facts"),
    ],
)
def test_no_item_costs_who_appealed_another(
    chat_desk: ChatDesk, correction_id: int, drafts: dict[str, Draft], key: str
) -> None:
    found = refused(chat_desk, correction_id, **{"facts": RAISED, **drafts})

    assert key in found
    assert found[key]
    with chat_desk.app.app_context():
        assert db.session.get_one(Review, correction_id).state == "drafted"


def test_an_item_nobody_appealed_is_raised_with_a_reason(
    chat_desk: ChatDesk, correction_id: int
) -> None:
    decide(
        chat_desk, correction_id, chat_desk.manager, facts=RAISED, warmth=given(3, "第 3 行接住了")
    )

    with chat_desk.app.app_context():
        assert db.session.get_one(Review, correction_id).score == pytest.approx(1.0)


def test_the_refusal_names_the_item_and_leads_to_it(
    chat_desk: ChatDesk, correction_id: int, sign_in: SignIn
) -> None:
    with chat_desk.app.app_context(), transaction():
        drafts = {"facts": RAISED, "need": given(2, "没问清")}
        service.save(correction_id, drafts, by=chat_desk.manager.id, now=chat_desk.now)
    manager = sign_in(chat_desk.manager)
    form = {"action": "complete"}
    for key, mark in chat_desk.marks(chat_desk.review()).items():
        form |= {f"value-{key}": "na" if mark.value is None else str(mark.value)}
        form |= {f"note-{key}": mark.note, f"lines-{key}": "3"}
    answer = manager.post(f"/reviews/{correction_id}", data=form)

    assert answer.status_code == 422
    assert "“问清了要什么，答到点上”：申诉只能维持或者改高，原来是 3 / 3" in answer.text
    assert 'href="#criterion-need"' in answer.text


def test_what_would_be_refused_is_told_as_it_is_given(
    chat_desk: ChatDesk, correction_id: int, sign_in: SignIn
) -> None:
    answer = sign_in(chat_desk.manager).post(
        f"/reviews/{correction_id}/draft",
        json={"marks": {"need": {"value": "1", "note": "", "lines": ["3"]}}},
    )

    assert answer.json is not None
    assert set(answer.json["lacks"]) == {"facts", "need"}


def test_the_page_says_what_is_appealed_and_what_stands(
    chat_desk: ChatDesk, correction_id: int, sign_in: SignIn
) -> None:
    page = sign_in(chat_desk.manager).get(f"/reviews/{correction_id}").text

    def item(key: str) -> str:
        return page.split(f'id="criterion-{key}"')[1].split("</fieldset>")[0]

    assert "本人申诉这一项，原来 1 / 3" in item("facts")
    assert " data-asked" in item("facts")
    assert "没有申诉，维持 2 / 3；要改高" in item("warmth")
    assert "没有申诉，维持 3 / 3</span>" in item("need")
    assert 'value="1" disabled' in item("warmth")
    assert item("warmth").count(" disabled") == 2
    assert "没有申诉" not in item("root_cause")


def test_whoever_was_overturned_hears_it_once(chat_desk: ChatDesk, correction_id: int) -> None:
    before = told(chat_desk, "chat_overturned")
    decide(
        chat_desk, correction_id, chat_desk.manager, facts=RAISED, warmth=given(3, "第 3 行接住了")
    )

    (heard,) = told(chat_desk, "chat_overturned").items()
    assert before == {}
    assert (heard[0], heard[1]["count"]) == (chat_desk.trainer.id, 2)
    assert heard[1]["chat_review_id"] == chat_desk.review().subject_id


def test_who_was_right_hears_nothing(chat_desk: ChatDesk, correction_id: int) -> None:
    decide(chat_desk, correction_id, chat_desk.manager, facts=given(1, "没查就答"))

    assert told(chat_desk, "chat_overturned") == {}


def test_the_page_of_agreement_tells_how_many_were_overturned(
    chat_desk: ChatDesk, correction_id: int, sign_in: SignIn
) -> None:
    decide(chat_desk, correction_id, chat_desk.manager, facts=RAISED)

    assert "定了 1 项申诉，改了 1 项" in sign_in(chat_desk.manager).get("/quality/agreement").text


@pytest.mark.parametrize("values", [{"facts": 2}, {"lure": 0}])
def test_lost_points_have_a_cause(chat_desk: ChatDesk, values: dict[str, int]) -> None:
    chat_desk.draw(chat_desk.chat())

    with pytest.raises(UnfinishedError, match="选一个原因") as caught:
        chat_desk.mark(chat_desk.review(), None, **values, root_cause=0)
    chat_desk.mark(chat_desk.review(), None, **values, root_cause=2)

    assert [each.key for each in caught.value.lacks] == ["root_cause"]


def test_without_lost_points_there_is_nothing_to_improve(chat_desk: ChatDesk) -> None:
    chat_desk.draw(chat_desk.chat())
    chat_desk.mark(chat_desk.review(), root_cause=0)

    assert chat_desk.review().state == "done"


def test_who_marks_the_same_blind_is_led_there_first(
    chat_desk: ChatDesk, make_person: MakePerson, sign_in: SignIn
) -> None:
    other = make_person(Role.TRAINER, team=Shop(chat_desk.trainee.team_id, "", ""))
    chat_desk.draw(chat_desk.chat(), second_ratio=1.0)
    chat_desk.mark(chat_desk.review(), facts=1)
    first, second = chat_desk.reviews()
    decides = appeal(chat_desk, first, "facts")
    client = sign_in(other)
    pages = [
        client.get(url).text
        for url in (f"/reviews/{decides}", f"/quality/chats/{first.subject_id}")
    ]

    assert second.for_person_id == other.id
    assert [f'href="/reviews/{second.id}">去评我的那一份' in page for page in pages] == [True] * 2


def test_who_marks_the_same_in_a_calibration_is_led_there_too(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat_desk.draw(*[chat_desk.chat() for _each in range(2)])
    for review in chat_desk.reviews():
        chat_desk.mark(review, facts=1)
    first = chat_desk.reviews()[0]
    with chat_desk.app.app_context(), transaction():
        calibrating.begin(
            chat_desk.trainee.team_id, "十一月", 2, by=chat_desk.trainer.id, now=chat_desk.now
        )
    page = sign_in(chat_desk.manager).get(f"/reviews/{appeal(chat_desk, first, 'facts')}").text

    assert "去评我的那一份" in page
