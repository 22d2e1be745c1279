"""The real chats that stand beside the project, read with the counts their README states."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from cstrain.desk.chats import importers
from cstrain.desk.chats.cutting import CutRule, cut
from cstrain.desk.chats.message import Precision, Refused, Role, SourceMessage

CHATS = Path(__file__).parents[3].parent / "shared" / "data" / "chatlogs"
pytestmark = pytest.mark.skipif(
    not CHATS.exists(), reason="the real chats are not beside the project"
)


def read(name: str) -> tuple[str, list[SourceMessage], list[Refused]]:
    path = CHATS / name
    with importers.open_source(path) as source:
        found = list(source)
    return (
        source.format,
        [each for each in found if isinstance(each, SourceMessage)],
        [each for each in found if isinstance(each, Refused)],
    )


@pytest.mark.parametrize(
    ("name", "told", "conversations", "messages", "refused"),
    [
        ("jddc/chat_sample.tsv", "jddc", 587, 7154, {}),
        ("jddc/dev2019_question.txt", "jddc_blocks", 32, 586, {"no_text": 6}),
        ("uneed/examples_part.md", "uneed", 3, 43, {}),
        ("jd_dongdong_api/chatlog_get_redacted.json", "jd_dongdong", 1, 29, {}),
    ],
)
def test_counts(
    name: str, told: str, conversations: int, messages: int, refused: dict[str, int]
) -> None:
    found, said, left = read(name)

    assert found == told
    assert len(said) == messages
    assert len(list(cut(said, CutRule()))) == conversations
    assert Counter(each.reason for each in left) == refused


def test_the_agents_answers_stand_beside_the_first() -> None:
    _format, said, _left = read("jddc/dev2019_answer.txt")

    replies = [each for each in said if each.extra]

    assert {key for each in replies for key in each.extra} == {"reply_2", "reply_3"}
    assert all(each.role in {Role.AGENT, Role.SYSTEM} for each in said)


def test_a_merged_corpus_alternates_and_the_customer_is_first() -> None:
    _format, said, _left = read("jddc/chat_sample.tsv")

    for chat in cut(said, CutRule()):
        assert chat[0].role is Role.BUYER
    assert {each.precision for each in said} == {Precision.NONE}


def test_noise_of_times_is_rounded_away_and_entities_are_read() -> None:
    _format, said, _left = read("uneed/examples_part.md")
    _format, jd, _left = read("jd_dongdong_api/chatlog_get_redacted.json")

    assert all(each.at is not None and each.at.microsecond == 0 for each in said)
    assert {each.precision for each in said} == {Precision.SECOND}
    assert not any("&#x26;" in each.text for each in jd)
    assert any("&shopId=" in each.text for each in jd)
