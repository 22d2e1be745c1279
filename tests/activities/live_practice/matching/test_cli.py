"""The command that tries the matcher on any data."""

import json

from click.testing import CliRunner

from cstrain.activities.live_practice.cli import practice


def test_match_prints_a_verdict_for_each_line() -> None:
    lines = [
        {"facts": ["48 小时内发货"], "reply": "亲，两天内给您寄出哦"},
        {"references": ["可以退货的"], "facts": [], "reply": "亲，不可以退货的"},
    ]

    result = CliRunner().invoke(practice, ["match"], input="\n\n".join(map(json.dumps, lines)))

    assert result.exit_code == 0, result.output
    first, second = map(json.loads, result.output.splitlines())
    assert first == {
        "verdict": "right",
        "similarity": 0.0,
        "reason": "facts",
        "facts": [{"key": "48 小时内发货", "state": "right", "span": [2, 10]}],
    }
    assert second["verdict"] != "right"


def test_match_names_the_line_and_what_is_wrong() -> None:
    given = '{"reply": "好的"}\n{"facts": [{"key": "a"}], "reply": "好的"}'

    result = CliRunner().invoke(practice, ["match"], input=given)

    assert result.exit_code == 1
    assert "line 2: a fact needs `text`" in result.output


def test_match_refuses_what_it_cannot_read() -> None:
    refused = [
        "{",
        "[]",
        '{"reply": 1}',
        '{"reply": "", "refs": []}',
        '{"reply": "", "facts": "x"}',
        '{"reply": "", "references": [1]}',
        json.dumps({"reply": "可" * 5001}),
    ]

    for line in refused:
        assert CliRunner().invoke(practice, ["match"], input=line).exit_code == 1, line
