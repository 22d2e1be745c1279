"""Finding conversations again."""

from __future__ import annotations

from datetime import date

import pytest
from flask.ctx import AppContext
from sqlalchemy import select

from cstrain.desk.chats import queries
from cstrain.desk.chats.models import ChatAccount, ChatConversation
from cstrain.desk.chats.queries import Filters
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from tests.desk.chats.made_chats import batch_of, brought_in, chat
from tests.plugins.shop import MakeTeam, Shop

DAY_S = 86_400


@pytest.fixture(autouse=True)
def archive(app_context: AppContext, team: Shop) -> None:
    """Three days, two accounts."""
    assert app_context
    brought_in(
        team.id,
        batch_of(
            chat("羽绒服有货吗", "有的，S码还有", buyer="甲一"),
            chat("我要退款", "马上为您退款", begins_s=DAY_S, buyer="乙二", account="小丽"),
            chat("到货了吗", "到了", "退 款多久", begins_s=2 * DAY_S, buyer="丙三"),
            team_id=team.id,
        ),
    )


def found(said: str, filters: Filters) -> list[list[str | None]]:
    return [[one.text for one in hit.messages] for hit in queries.find(said, filters).hits]


def test_a_word_of_two_characters_is_found_with_the_messages_where(team: Shop) -> None:
    assert found("退款", Filters([team.id])) == [["我要退款", "马上为您退款"]]


def test_words_may_stand_in_two_messages_of_a_conversation(team: Shop) -> None:
    assert found("s码 羽绒服", Filters([team.id])) == [["羽绒服有货吗", "有的，S码还有"]]
    assert found("S码 退款", Filters([team.id])) == []


def test_what_the_index_finds_across_a_mark_is_left_out(team: Shop) -> None:
    assert found("的s码", Filters([team.id])) == []


def test_newer_ones_come_first_and_pages_follow_one_another(team: Shop) -> None:
    filters = Filters([team.id])

    first = queries.find("了", filters, limit=1)
    whole = queries.find("货", filters)
    one = queries.find("货", filters, limit=1)
    two = queries.find("货", filters, before=one.next_before, limit=1)

    assert len(first.hits) == 1
    ids = [hit.conversation.id for hit in whole.hits]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 2
    assert [hit.conversation.id for hit in (*one.hits, *two.hits)] == ids


def test_no_conversation_is_lost_between_pages(team: Shop) -> None:
    near = "好的，S码"  # beside one another in the index, and not in the text
    said = ["要的S码", "要的S码", "要的S码", near, "要的S码", "要的S码"]
    brought_in(
        team.id,
        batch_of(
            *(
                chat(text, begins_s=(9 + place) * DAY_S, buyer=f"买家{place}")
                for place, text in enumerate(said)
            ),
            team_id=team.id,
        ),
        name="b.csv",
    )
    filters = Filters([team.id])

    whole = [hit.conversation.id for hit in queries.find("的S码", filters).hits]
    for limit in (1, 2, 3, 4):
        pages, before = [], None
        for _page in range(10):
            page = queries.find("的S码", filters, before=before, limit=limit)
            assert len(page.hits) <= limit
            pages += [hit.conversation.id for hit in page.hits]
            before = page.next_before
            if before is None:
                break
        assert pages == whole, limit
    assert len(whole) == 5


def test_a_long_conversation_hides_no_other(team: Shop) -> None:
    long = ["退款" + "好" * 3_000] * 3
    brought_in(
        team.id,
        batch_of(chat(*long, begins_s=9 * DAY_S, buyer="买家长"), team_id=team.id),
        name="b.csv",
    )

    assert len(queries.find("退款", Filters([team.id]), limit=2).hits) == 2


def test_filters_narrow_a_search_and_a_list(team: Shop, make_team: MakeTeam) -> None:
    lili = db.session.scalars(select(ChatAccount.id).where(ChatAccount.name == "小丽")).one()

    assert found("退款", Filters([team.id], account_id=lili))
    assert found("羽绒服", Filters([team.id], account_id=lili)) == []
    assert found("退款", Filters([team.id], shop="别家")) == []
    assert found("退款", Filters([team.id], shop="云朵家居", platform="taobao"))
    assert found("退款", Filters([team.id], to_day=date(2026, 11, 2))) == []
    assert found("退款", Filters([make_team("别家").id])) == []
    assert len(queries.conversations(Filters([team.id], flags=["has_refund"]))) == 1
    assert queries.conversations(Filters([team.id], flags=["is_unanswered"])) == []


def test_the_list_goes_back_by_day(team: Shop) -> None:
    first = queries.conversations(Filters([team.id]), limit=2)
    last = first[-1]
    assert last.day
    rest = queries.conversations(Filters([team.id]), before=(last.day, last.id))

    days = [each.day for each in (*first, *rest)]
    assert days == [date(2026, 11, 4), date(2026, 11, 3), date(2026, 11, 2)]


def test_a_conversation_is_its_own_teams(team: Shop, make_team: MakeTeam) -> None:
    first_id = db.session.scalars(select(ChatConversation.id).limit(1)).one()

    there, said = queries.conversation(first_id, [team.id])

    assert there.team_id == team.id
    assert [one.number for one in said] == list(range(1, len(said) + 1))
    with pytest.raises(NotFoundError):
        queries.conversation(first_id, [make_team("别家").id])
