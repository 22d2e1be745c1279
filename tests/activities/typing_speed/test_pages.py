"""What pages make of a judged run: chart, marks, words. Pure."""

from __future__ import annotations

from typing import Any

import pytest

from cstrain.activities.typing_speed import chart, marking, words
from cstrain.activities.typing_speed.checks import FlagCode
from cstrain.activities.typing_speed.marking import Piece
from cstrain.activities.typing_speed.normalise import WidthPolicy

NUMBERS = {
    "client_ms": 60_000.0,
    "server_ms": 90_000.0,
    "chars": 40.0,
    "count": 2.0,
    "value": 0.5,
    "median_ms": 20.0,
    "best_net_cpm": 60.0,
    "retest_net_cpm": 75.0,
    "accuracy_ratio": 0.5,
    "elapsed_ms": 9_000.0,
    "idle_ratio": 0.4,
    "empty_ms": 6_000.0,
}


def marked(passage: str, typed: str, *, finished: bool = False) -> list[list[Piece]]:
    return marking.paragraphs(passage, typed, finished=finished, policy=WidthPolicy.LENIENT)


def test_marks_stand_where_the_errors_are() -> None:
    assert marked("退货请寄回，谢谢。", "退贷请回，谢谢啊") == [
        [
            Piece("match", "退", "退"),
            Piece("substitution", "货", "贷"),
            Piece("match", "请", "请"),
            Piece("omission", "寄", ""),
            Piece("match", "回，谢谢", "回，谢谢"),
            Piece("substitution", "。", "啊"),
        ]
    ]


def test_paragraphs_stay_apart_and_the_rest_is_untyped() -> None:
    found = marked("第一段。\n第二段。", "第一段。第")

    assert [[piece.kind for piece in paragraph] for paragraph in found] == [
        ["match"],
        ["match", "untyped"],
    ]


def test_nothing_typed_is_all_untyped() -> None:
    assert [piece.kind for piece in marked("您好", "")[0]] == ["untyped"]


def test_chart_keeps_everything_inside() -> None:
    spans = [[start, 5000, 8, start // 5000 % 2] for start in range(0, 300_000, 5000)]

    drawn = chart.of_run(spans, [[10_000, 4000], [290_000, 10_000]], 300_000, 40)

    assert len(drawn.bars) == 60
    assert all(
        drawn.left <= bar.x and bar.x + bar.width <= chart.WIDTH and bar.y >= 0
        for bar in drawn.bars
    )
    assert drawn.top_cpm == 100
    assert drawn.target_y is not None
    assert [label.anchor for label in drawn.along][:1] == ["start"]
    assert drawn.along[-1].anchor == "end"


def test_chart_of_nothing_is_empty() -> None:
    drawn = chart.of_run([], [], 0, None)

    assert drawn.bars == ()
    assert drawn.target_y is None


def test_a_line_needs_two_results() -> None:
    assert chart.line_of([50.0]) == ""
    assert len(chart.line_of([50.0, 60.0, 55.0]).split()) == 3


@pytest.mark.parametrize("code", list(FlagCode))
def test_every_flag_has_words(code: FlagCode) -> None:
    result = {"flags": [{"code": code.value, "severity": "review", "numbers": NUMBERS}]}

    assert words.flags(result)[0].text


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"is_traditional": True}, "繁体"),
        ({"accuracy": 0.9}, "先放慢"),
        ({"commit_chars_mean": 1.2}, "上屏"),
        ({"idle_ratio": 0.3}, "停顿"),
        ({}, "准得很稳"),
    ],
)
def test_advice_names_the_greatest_gain(changes: dict[str, Any], part: str) -> None:
    given = {
        "figures": {"accuracy_ratio": changes.pop("accuracy", 0.99)},
        "is_traditional": False,
        "commit_chars_mean": 2.5,
        "idle_ratio": 0.0,
        **changes,
    }

    found = words.advice(given)

    assert part in found[0]
    assert len(found) <= 2
