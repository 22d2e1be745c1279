"""What somebody sees of their own marked chats, and what they say to them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from cstrain.kit.clock import utc_now
from tests.desk.quality.conftest import ChatDesk
from tests.desk.quality.test_appeals import of_chat, told
from tests.plugins.shop import SignIn


@pytest.fixture
def agent(chat_desk: ChatDesk, sign_in: SignIn) -> FlaskClient:
    chat_desk.now = utc_now()
    return sign_in(chat_desk.trainee)


def test_what_is_drawn_and_not_marked_is_not_denied(
    chat_desk: ChatDesk, agent: FlaskClient
) -> None:
    chat_desk.draw(chat_desk.chat())

    page = agent.get("/quality/mine").text

    assert "还没有批完的" in page
    assert "还没有抽到" not in page


def test_chats_stand_in_the_order_of_their_time(chat_desk: ChatDesk, agent: FlaskClient) -> None:
    early = chat_desk.now - timedelta(hours=5)
    late, chat_desk.now = chat_desk.now, early
    first = chat_desk.chat()
    chat_desk.now = late
    second = chat_desk.chat()
    chat_desk.draw(second)
    chat_desk.mark(chat_desk.review())
    chat_desk.draw(first)
    chat_desk.mark(chat_desk.review())

    page = agent.get("/quality/mine").text

    ids = [each.subject_id for each in chat_desk.reviews()]
    assert page.index(f'/quality/chats/{ids[0]}"') < page.index(f'/quality/chats/{ids[1]}"')


@pytest.mark.parametrize(("values", "is_told"), [({"lure": 0}, True), ({"facts": 0}, False)])
def test_a_zero_of_a_red_line_says_so(
    chat_desk: ChatDesk, agent: FlaskClient, values: dict[str, int], *, is_told: bool
) -> None:
    chat_desk.draw(chat_desk.chat())
    chat_desk.mark(chat_desk.review(), None, **values)

    assert ("红线</span>" in agent.get("/quality/mine").text) is is_told


def test_a_remark_typed_beside_an_appeal_is_kept(chat_desk: ChatDesk, agent: FlaskClient) -> None:
    chat_desk.draw(chat_desk.chat())
    review = chat_desk.review()
    chat_desk.mark(review, facts=1)
    url = f"/quality/chats/{review.subject_id}"
    said = {"criterion": "facts", "remark": "下次先查"}
    refused = agent.post(f"{url}/appeal", data={**said, "text": ""})
    before = chat_desk.subject(review).remark
    agent.post(f"{url}/appeal", data={**said, "text": "查过了"})

    assert refused.status_code == 422
    assert ">下次先查</textarea>" in refused.text
    assert before == ""
    assert chat_desk.subject(review).remark == "下次先查"
    assert len(of_chat(chat_desk, review)) == 1
    assert told(chat_desk, "chat_remarked")[chat_desk.trainer.id]["remark"] == "下次先查"


def test_both_buttons_send_one_form(chat_desk: ChatDesk, agent: FlaskClient) -> None:
    chat_desk.draw(chat_desk.chat())
    review = chat_desk.review()
    chat_desk.mark(review, facts=1)

    page = agent.get(f"/quality/chats/{review.subject_id}").text
    form = page.split('name="remark"')[1].split("</form>")[0]

    assert 'name="criterion"' in form
    assert f'formaction="/quality/chats/{review.subject_id}/appeal"' in form
    assert "formnovalidate" in form
