"""Ratings as exports write them."""

from __future__ import annotations

import pytest

from cstrain.desk.chats import importers
from cstrain.desk.chats.message import SourceMessage
from cstrain.desk.chats.ratings import rating_of
from tests.desk.chats.made_chats import batch_of


@pytest.mark.parametrize(
    ("said", "rating"),
    [
        ("5", 5),
        ("2.0", 2),
        (" 1分 ", 1),
        ("3 星", 3),
        ("4/5", 4),
        ("★★☆☆☆", 2),
        ("⭐⭐⭐⭐⭐", 5),
        ("很满意", 5),
        ("不满意", 2),
        ("很不满意", 1),
        ("Good", 4),
        ("bad", 2),
        ("90", 90),
        ("", None),
        ("-", None),
        ("未评价", None),
        ("nan", None),
        ("1e400", None),
        ("超时5分钟", None),
    ],
)
def test_a_rating_is_a_number_words_or_stars(said: str, rating: int | None) -> None:
    assert rating_of(said) == rating


def test_a_column_of_ratings_under_any_heading_reaches_the_summary() -> None:
    text = (
        "时间,角色,客服,买家,内容,满意度\n"
        "2024-05-01 10:00:00,买家,小美,tb1,在吗,\n"
        "2024-05-01 10:00:05,客服,小美,tb1,在的,很不满意\n"
    )
    said = [each for each in importers.open_text(text) if isinstance(each, SourceMessage)]

    assert [each.extra for each in said] == [{}, {"rating": "很不满意"}]
    assert batch_of(said, team_id=1).conversations[0].rating == 1
