import json

import pytest
from click.testing import CliRunner, Result

from cstrain.activities.typing_speed.cli import typing

PUBLIC_KEYS = {
    "prefix_chars",
    "correct_count",
    "substitution_count",
    "omission_count",
    "insertion_count",
    "msd",
    "msd_error_ratio",
    "accuracy_ratio",
    "gross_cpm",
    "net_cpm",
    "fixed_count",
    "fixes_count",
    "corrected_error_ratio",
    "uncorrected_error_ratio",
    "total_error_ratio",
    "kspc",
}


def run(given: object) -> Result:
    text = given if isinstance(given, str | bytes) else json.dumps(given)
    return CliRunner().invoke(typing, ["score"], input=text)


def test_score_prints_every_public_figure() -> None:
    outcome = run({"presented": "您好", "transcribed": "您号", "elapsed_ms": 1500})

    figures = json.loads(outcome.stdout)
    assert outcome.exit_code == 0
    assert set(figures) >= PUBLIC_KEYS
    assert figures["net_cpm"] == 40
    assert figures["kspc"] is None


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("", "give one object"),
        (b"\xff\xfe\x00", "give one object"),
        ("[" * 20_000, "give one object"),
        ([1], "JSON object"),
        ({"transcribed": "a"}, "presented"),
        ({"presented": "a"}, "exactly one of"),
        ({"presented": "a", "transcribed": "a", "log": []}, "exactly one of"),
        ({"presented": "a", "transcribed": 5}, "must be text"),
        ({"presented": "a", "transcribed": "a", "elapsed_ms": -1}, "milliseconds"),
        ({"presented": "a", "transcribed": "a", "elapsed_ms": True}, "milliseconds"),
        ({"presented": "a", "transcribed": "a", "finished": 1}, "true or false"),
        ({"presented": "a", "log": [[0, "z"]]}, "event 1"),
        ({"presented": "a", "log": [[0, "e", 4, 0, "a", "ime"], [1, "b"]]}, "mend the input"),
        ({"presented": "a", "input_stream": "a", "backspace": "<<"}, "one character"),
        ({"presented": "a", "transcribed": "a", "normalise": "nfkc"}, "mend the input"),
        ({"presented": "a" * 9000, "transcribed": "a"}, "not scored"),
    ],
)
def test_bad_input_is_told_what_to_do(given: object, remedy: str) -> None:
    outcome = run(given)

    assert outcome.exit_code == 1
    assert remedy in outcome.stderr
    assert "Traceback" not in outcome.output


def test_a_limit_cuts_the_log() -> None:
    log = [
        [0, "e", 0, 0, "您", "ime"],
        [900, "e", 1, 0, "好", "ime"],
        [1100, "e", 2, 0, "吗", "ime"],
    ]

    figures = json.loads(run({"presented": "您好吗", "log": log, "limit_ms": 1000}).stdout)

    assert figures["transcribed"] == "您好"


def test_a_lone_half_of_a_pair_is_survived() -> None:
    outcome = run('{"presented": "\\ud842", "transcribed": "a\\udfb7"}')

    assert outcome.exit_code == 0


def test_help_has_an_example() -> None:
    assert "Example" in CliRunner().invoke(typing, ["score", "--help"]).output
