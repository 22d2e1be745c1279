"""A figure of a session is the same number wherever it is told."""

from __future__ import annotations

import pytest

from cstrain.activities.live_practice.figures import figures
from cstrain.activities.live_practice.timing import whole_seconds
from cstrain.kit import i18n
from tests.activities.live_practice.practice_course import Reception
from tests.activities.live_practice.test_measuring import agent, buyer, chat, measured


@pytest.mark.parametrize(
    ("wait_s", "shown"), [(30.0, 30), (30.2, 31), (25.5, 26), (26.5, 27), (0.0, 0)]
)
def test_a_wait_is_rounded_up_so_that_no_limit_looks_kept(wait_s: float, shown: int) -> None:
    assert whole_seconds(wait_s) == shown


def test_the_page_and_the_rubric_tell_the_same_wait() -> None:
    found = measured(
        chat(
            buyer(1, 3, "在吗"), agent(2, 28.5, "您好"), buyer(3, 30, "发了吗"), agent(4, 31, "发")
        ),
        chat(buyer(5, 3, "在吗"), agent(6, 30, "您好")),
    )

    shown = {figure.title: figure.value for figure in figures(found.measures)}

    assert (shown["首次响应"], shown["平均响应"]) == ("27 秒", "18 秒")
    assert found.proposals["first_response"].note["zh"].startswith("平均 27 秒")
    assert found.proposals["mean_response"].note["zh"].startswith("平均 18 秒")


def test_the_summary_tells_it_too(reception: Reception) -> None:
    reception.begin("desk", "parcel-late")
    reception.wait(10)
    reception.shift(25.6)
    reception.send("抱歉让您等了，今天 16 点前发货。")
    reception.finish()

    (row,) = reception.evidence()
    waited = whole_seconds(row.measures["first_response_s"])

    assert f"首次响应 {waited} 秒" in row.summary["zh"]
    assert row.summary["en"].startswith("1 customer, ")
    assert f'<strong class="num">{waited} 秒</strong>' in reception.client.get(reception.url).text


def test_english_counts_one_as_one() -> None:
    i18n.speak("en")
    one = chat(buyer(1, 3, "在吗"), agent(2, 9, "您好"))

    values = [figure.value for figure in figures(measured(one).measures)]

    i18n.speak("zh")
    assert "1 customer" in values
