"""The queue tells chats apart, and what must not wait comes first."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from cstrain.core.review import queries
from cstrain.core.review.models import Review
from cstrain.desk.quality.models import ChatReview, SampledChat
from cstrain.desk.quality.sampling import ALWAYS
from cstrain.kit.db import db, transaction
from tests.desk.quality.conftest import ChatDesk
from tests.desk.quality.test_appeals import appeal
from tests.plugins.shop import SignIn


def order(desk: ChatDesk) -> list[int]:
    with desk.app.app_context():
        found = queries.waiting([desk.trainee.team_id], me=desk.manager.id)
        return [each.review.id for each in found]


def walked(desk: ChatDesk, count: int) -> list[int | None]:
    """Where going on to the next leads, again and again."""
    found: list[int | None] = []
    after = 0
    with desk.app.app_context():
        for _each in range(count):
            ahead = queries.ahead(
                [desk.trainee.team_id], me=desk.manager.id, now=desk.now, after=after
            )
            found.append(ahead.review_id)
            after = ahead.review_id or 0
    return found


def test_appeals_come_first_then_what_is_looked_at_for_a_reason(chat_desk: ChatDesk) -> None:
    chat_desk.draw(chat_desk.chat())
    first = chat_desk.review()
    chat_desk.mark(first, facts=1)
    made = []
    for reasons in ("", "new_hire", "late"):
        chat_desk.now += timedelta(minutes=1)
        chat_desk.draw(chat_desk.chat())
        made.append(chat_desk.review())
        with chat_desk.app.app_context(), transaction():
            db.session.execute(
                update(ChatReview)
                .where(ChatReview.id == made[-1].subject_id)
                .values(reasons=reasons)
            )
    plain, new, late = (each.id for each in made)
    appealed = appeal(chat_desk, first, "facts")

    assert order(chat_desk) == [appealed, late, plain, new]
    assert walked(chat_desk, 5) == [appealed, late, plain, new, appealed]


def test_from_what_is_done_one_goes_on_behind_it(chat_desk: ChatDesk) -> None:
    chat_desk.draw(*[chat_desk.chat() for _each in range(3)])
    one, two, three = chat_desk.reviews()
    chat_desk.mark(two)

    with chat_desk.app.app_context():
        ahead = queries.ahead(
            [chat_desk.trainee.team_id], me=chat_desk.manager.id, now=chat_desk.now, after=two.id
        )
    assert (ahead.count, ahead.review_id) == (2, three.id)
    assert order(chat_desk) == [one.id, three.id]


def test_a_row_tells_the_day_the_length_and_the_reasons(
    chat_desk: ChatDesk, sign_in: SignIn
) -> None:
    chat_desk.draw(chat_desk.chat())
    chat_desk.draw(chat_desk.chat())
    with chat_desk.app.app_context(), transaction():
        last = chat_desk.review()
        chat = db.session.get_one(ChatReview, last.subject_id)
        db.session.execute(
            update(SampledChat)
            .where(SampledChat.conversation_id == chat.conversation_id)
            .values(stratum=ALWAYS)
        )
    pages = [sign_in(chat_desk.manager).get(url).text for url in ("/queue", "/reviews")]

    for page in pages:
        rows = page.split(">抽检的聊天")[0], page.split("· 抽检的聊天")
        assert len(rows[1]) == 3
        assert [">必检<" in each for each in rows[1]] == [False, False, True]
        assert [">投诉<" in each for each in rows[1]] == [False, True, True]
        assert page.count("2026年10月") + page.count("日 · 7 行") >= 2


def test_an_erased_chat_still_tells_its_day(chat_desk: ChatDesk, sign_in: SignIn) -> None:
    chat_desk.draw(chat_desk.chat())
    with chat_desk.app.app_context(), transaction():
        db.session.execute(update(ChatReview).values(conversation_id=0))

    page = sign_in(chat_desk.manager).get("/reviews").text

    assert "日 · 等批改" in page


def test_attempts_wait_among_the_rest(chat_desk: ChatDesk) -> None:
    chat_desk.draw(chat_desk.chat())
    with chat_desk.app.app_context(), transaction():
        db.session.execute(update(Review).values(kind="nothing_installed"))

    assert len(order(chat_desk)) == 1
