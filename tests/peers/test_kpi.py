"""The worked figures of service indicators, from practitioners and from real chats with times."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from cstrain.desk.chats import importers
from cstrain.desk.chats.message import Role as Said
from cstrain.desk.chats.message import SourceMessage
from cstrain.desk.figures import kpi
from cstrain.desk.figures.kpi import Message, Profile, Role

SHARED = Path(__file__).parents[2].parent / "shared"
DESIGN = SHARED / "design" / "measurement-cases.json"
pytestmark = pytest.mark.skipif(
    not DESIGN.exists(), reason="the worked cases stand in the design folder beside the project"
)
TESTED = {
    "practice_inquiry_conversion",
    "practice_payment_conversion",
    "practice_conversion_money",
    "uneed_real_timestamps_a",
    "jd_api_sample_rules",
}
BY_NAME = {
    "all_replies": kpi.ALL_REPLIES,
    "zero_second_reply_does_not_close_round": kpi.ZERO_SECOND_OPEN,
    "zero_second_round_dropped": kpi.ZERO_SECOND_DROPPED,
}


def cases() -> dict[str, dict[str, Any]]:
    found = json.loads(DESIGN.read_text("utf-8"))["cases"]
    return {case["id"]: case for case in found if case["group"] == "kpi"}


def case_of(name: str) -> tuple[dict[str, Any], dict[str, Any], float]:
    case = cases()[name]
    return case["data"], case["expected"], case["tolerance"]


def chats_of(data: dict[str, Any]) -> dict[str, list[Message]]:
    """The conversations of a real file, by the source's own key, as they are counted."""
    path = SHARED / "data" / str(data["path"])
    if not path.exists():
        pytest.skip(f"the real chats of {data['path']} are not beside the project")
    chats: dict[str, list[Message]] = {}
    with importers.open_source(path) as source:
        for each in source:
            assert isinstance(each, SourceMessage)
            assert each.at is not None
            role = Role.BUYER if each.role is Said.BUYER else Role.AGENT
            chats.setdefault(each.conversation, []).append(Message(role, each.at.timestamp()))
    return chats


def waits(chat: list[Message], profile: Profile) -> list[float | None]:
    return [each.wait_s for each in kpi.rounds(chat, profile)]


def test_every_case_of_the_group_is_tested() -> None:
    assert set(cases()) == TESTED


def test_inquiry_conversion() -> None:
    data, expected, tolerance = case_of("practice_inquiry_conversion")

    found = kpi.inquiry_conversion(data["final_orderers"], data["inquirers"])

    assert found.value is not None
    assert 100 * found.value == pytest.approx(expected["final_rate_percent"], abs=tolerance)
    assert found.denominator - data["lost"] == expected["inquirers_minus_lost"]


def test_payment_conversion() -> None:
    data, expected, tolerance = case_of("practice_payment_conversion")

    found = kpi.payment_conversion(data["payers"], data["orderers"])

    assert found.value is not None
    assert 100 * found.value == pytest.approx(expected["rate_percent"], abs=tolerance)


def test_what_conversion_is_worth() -> None:
    _data, expected, tolerance = case_of("practice_conversion_money")

    before, after = kpi.sales_of(100, 0.4, 100), kpi.sales_of(100, 0.6, 100)
    found = {
        "A": before,
        "B": after,
        "diff_day": after - before,
        "diff_month": (after - before) * 30,
        "diff_year": (after - before) * 360,
        "C": kpi.sales_of(100, 0.5, 100),
        "D": kpi.sales_of(100, 0.5, 140),
        "missed_month": kpi.missed_sales(3, 200),
        "missed_year": kpi.missed_sales(3, 200, days=360),
    }

    assert found == pytest.approx(expected, abs=tolerance)


def test_real_chats_with_times() -> None:
    data, expected, tolerance = case_of("uneed_real_timestamps_a")
    chats = chats_of(data)

    for told in expected["dialogues"]:
        chat = chats[told["sid"]]
        mean = kpi.mean_response_s(chat)
        assert len(chat) == told["messages"]
        assert waits(chat, kpi.PRACTICE) == pytest.approx(told["round_seconds"], abs=tolerance)
        assert mean.denominator == told["rounds"]
        assert mean.value == pytest.approx(told["avg_response_s"], abs=tolerance)
        first_s = kpi.first_response_s(chat)
        assert first_s == pytest.approx(told["first_response_s"], abs=tolerance)
        assert kpi.answered_within(chat, 180).numerator == told["within_180s"]


def test_one_chat_by_three_readings() -> None:
    data, expected, tolerance = case_of("jd_api_sample_rules")
    (chat,) = chats_of(data).values()

    ratio = kpi.answer_ask_ratio(chat)

    assert ratio.numerator == expected["agent_messages"]
    assert ratio.denominator == expected["buyer_messages"]
    assert ratio.value == pytest.approx(expected["answer_ratio"], abs=tolerance)
    for name, profile in BY_NAME.items():
        told = expected[name]
        assert waits(chat, profile) == pytest.approx(told["rounds"], abs=tolerance)
        first_s = kpi.first_response_s(chat, profile)
        assert first_s == pytest.approx(told["first_response_s"], abs=tolerance)
        mean_s = told.get("avg_s", fmean(told["rounds"]))
        assert kpi.mean_response_s(chat, profile).value == pytest.approx(mean_s, abs=tolerance)
