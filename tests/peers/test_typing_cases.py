"""Figures of papers and other programs that a right implementation reproduces.

The cases are read from the design folder beside the project where it is present, else from the
copy of their figures here.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cstrain.activities.typing_speed import checks, eventlog, scoring
from cstrain.activities.typing_speed.alignment import (
    alignment_statistics,
    correct_by_formula,
    distance_matrix,
    msd,
)
from cstrain.activities.typing_speed.cli import typing
from cstrain.activities.typing_speed.normalise import WidthPolicy, normalise

ROOT = Path(__file__).parents[2]
DESIGN = ROOT.parent / "shared" / "design" / "typing-cases.json"
COPY = Path(__file__).with_name("typing_figures.json")
CASES: dict[str, dict[str, Any]] = {
    case["id"]: case
    for case in json.loads((DESIGN if DESIGN.exists() else COPY).read_text("utf-8"))["cases"]
}
BY_ALIGNMENT = [
    name
    for name, case in CASES.items()
    if case["kind"] in {"stream", "msd", "prefix", "event_log"} and name[:3] not in {"O02", "O13"}
]
NAMES = {
    "transcribed": "transcribed",
    "msd": "msd",
    "edits": "msd",
    "full_msd": "full_msd",
    "msd_error_rate_max": "msd_error_ratio",
    "msd_error_rate_mean_alignment": "msd_error_ratio_mean_alignment",
    "mean_alignment_length": "mean_alignment_length",
    "n_optimal_alignments": "optimal_alignment_count",
    "prefix_len": "prefix_chars",
    "C": "correct_count",
    "INF": "incorrect_count",
    "IF": "fixed_count",
    "deleted_committed_chars_IF": "fixed_count",
    "F": "fixes_count",
    "sub": "substitution_count",
    "omit": "omission_count",
    "ins": "insertion_count",
    "accuracy": "accuracy_ratio",
    "uncorrected_error_rate": "uncorrected_error_ratio",
    "corrected_error_rate": "corrected_error_ratio",
    "total_error_rate": "total_error_ratio",
    "correction_efficiency": "correction_efficiency_ratio",
    "kspc": "kspc",
    "utilised_bandwidth": "utilised_bandwidth_ratio",
    "wasted_bandwidth": "wasted_bandwidth_ratio",
    "duration_ms": "elapsed_ms",
    "chars": "typed_chars",
    "keydowns": "keydown_count",
    "compositions": "composition_count",
    "commits": "commit_count",
    "max_commit_chars": "commit_chars_max",
    "cpm": "net_cpm",
}
ELSEWHERE = {
    "matrix",
    "alignment_lengths_sorted",
    "weight_substitution_of_i",
    "weight_omission_of_i",
    "symmetric",
    "net_equals_gross",
}


def run_score(given: dict[str, Any], **more: object) -> dict[str, Any]:
    outcome = CliRunner().invoke(typing, ["score"], input=json.dumps({**given, **more}))
    assert outcome.exit_code == 0, outcome.output
    figures: dict[str, Any] = json.loads(outcome.stdout)
    return figures


def case(number: str) -> tuple[dict[str, Any], dict[str, Any], float]:
    found = next(each for name, each in CASES.items() if name.startswith(number + "-"))
    return found["input"], found["expected"], found["tolerance"]


def test_all_cases_are_there() -> None:
    assert [name[:3] for name in CASES] == [f"O{number:02}" for number in range(1, 29)]


def test_the_copy_has_the_same_figures() -> None:
    copied = {each["id"]: each for each in json.loads(COPY.read_text("utf-8"))["cases"]}

    assert {name: each["expected"] for name, each in copied.items()} == {
        name: each["expected"] for name, each in CASES.items()
    }


@pytest.mark.parametrize("name", BY_ALIGNMENT)
def test_the_score_command_gives_the_figures(name: str) -> None:
    given, expected, tolerance = case(name[:3])

    figures = run_score(given)

    assert set(expected) <= set(NAMES) | ELSEWHERE
    for key in set(expected) & set(NAMES):
        assert figures[NAMES[key]] == pytest.approx(expected[key], abs=max(tolerance, 1e-9)), key


def test_o02_closed_form_of_correct() -> None:
    given, expected, tolerance = case("O02")
    field = eventlog.replay_stream(given["input_stream"], given["backspace"])

    correct = correct_by_formula(given["presented"], field.text)
    wrong = msd(given["presented"], field.text)
    rates = scoring.error_rates(correct, wrong, field.fixed_count, field.fixes_count)

    assert (correct, wrong) == (expected["C"], expected["INF"])
    assert (field.fixed_count, field.fixes_count) == (expected["IF"], expected["F"])
    assert rates.uncorrected == pytest.approx(expected["uncorrected_error_rate"], abs=tolerance)
    assert rates.corrected == pytest.approx(expected["corrected_error_rate"], abs=tolerance)
    assert rates.total == pytest.approx(expected["total_error_rate"], abs=tolerance)
    assert rates.utilised_bandwidth == pytest.approx(expected["utilised_bandwidth"], abs=tolerance)
    assert rates.wasted_bandwidth == pytest.approx(expected["wasted_bandwidth"], abs=tolerance)
    assert len(given["input_stream"]) / len(field.text) == pytest.approx(
        expected["kspc"], abs=tolerance
    )


def test_o03_full_matrix() -> None:
    given, expected, _ = case("O03")

    assert distance_matrix(given["presented"], given["transcribed"]) == expected["matrix"]


def test_o04_lengths_and_weights_of_all_alignments() -> None:
    given, expected, _ = case("O04")

    found = alignment_statistics(given["presented"], given["transcribed"])

    assert found is not None
    assert found.lengths == {8: 3, 9: 1}
    assert expected["alignment_lengths_sorted"] == [8, 8, 8, 9]
    assert found.substitution_weights[2] == expected["weight_substitution_of_i"]
    assert found.omission_weights[2] == expected["weight_omission_of_i"]


def test_o06_the_first_character_starts_the_clock() -> None:
    given, expected, tolerance = case("O06")

    speed = scoring.cpm(given["chars"], given["seconds"] * 1000, from_first_char=True)
    naive = scoring.cpm(given["chars"], given["seconds"] * 1000)

    assert speed is not None
    assert naive is not None
    assert speed == pytest.approx(expected["cpm"], abs=tolerance)
    assert speed / 60 == pytest.approx(expected["cps"], abs=tolerance)
    assert naive / 60 == pytest.approx(expected["naive_cps"], abs=tolerance)
    assert scoring.wpm(speed) == pytest.approx(expected["wpm"], abs=tolerance)
    assert 100 * (1 - speed / naive) == pytest.approx(expected["difference_percent"], abs=tolerance)


def test_o07_from_the_first_to_the_last_character() -> None:
    given, expected, _ = case("O07")
    elapsed_ms = given["event_times_ms"][-1] - given["event_times_ms"][0]

    speed = scoring.cpm(given["chars"], elapsed_ms, from_first_char=True)

    assert elapsed_ms == expected["seconds"] * 1000
    assert scoring.wpm(speed) == pytest.approx(expected["wpm"])


def test_o12_units() -> None:
    given, expected, _ = case("O12")

    speeds = [scoring.cpm(1, each_ms) or 0 for each_ms in given["time_to_type_ms"]]

    assert speeds == pytest.approx(expected["cpm"])
    assert [scoring.wpm(speed) for speed in speeds] == pytest.approx(expected["wpm"])


@pytest.mark.parametrize("finished", [True, False])
def test_o13_the_tail_is_missed_only_when_finished(finished: bool) -> None:
    given, expected, _ = case("O13")

    figures = run_score(given, finished=finished)

    counting = expected["finished_counting" if finished else "unfinished_counting"]
    assert figures["correct_count"] == counting["correct"]
    assert figures["omission_count"] == counting["missed"]


def test_o14_accuracy() -> None:
    given, expected, tolerance = case("O14")

    accuracy = scoring.accuracy_ratio(given["inserted_correct"], given["inserted_incorrect"])

    assert 100 * accuracy == pytest.approx(expected["percentage"], abs=tolerance)
    assert scoring.accuracy_ratio(0, 0) == expected["percentage_for_no_events"]


def test_o15_gaps_between_keys() -> None:
    given, expected, _ = case("O15")

    assert eventlog.gaps_ms(given["keydown_ms"]) == expected["spacing_ms"]


def test_o16_supervised_retest() -> None:
    given, expected, _ = case("O16")

    assert scoring.retest_speed(given["race_wpm"], given["fraction"]) == expected["required_wpm"]


def test_o17_five_for_one() -> None:
    given, expected, _ = case("O17")

    speed = scoring.penalty_cpm(given["chars"], given["wrong"], given["seconds"] * 1000)

    assert speed == expected["cpm_penalty5"]


def test_o18_accuracy_times_characters() -> None:
    given, expected, _ = case("O18")
    elapsed_ms = given["minutes"] * 60_000
    wrong = given["committed_chars"] - given["correct_chars"]

    accuracy = scoring.accuracy_ratio(given["correct_chars"], wrong)
    net = scoring.cpm(given["correct_chars"], elapsed_ms)

    assert accuracy == expected["accuracy"]
    assert net == pytest.approx(expected["net_cpm"])
    assert scoring.cpm(given["committed_chars"], elapsed_ms) == expected["gross_cpm"]
    assert net is not None
    assert (net >= 30, net >= 40) == (expected["passes_30"], expected["passes_40"])


def test_o19_evenness() -> None:
    given, expected, tolerance = case("O19")

    found = [round(eventlog.evenness(each), 1) for each in given["cov"]]

    assert found == pytest.approx(expected["consistency"], abs=tolerance)


def test_o20_bursts_of_an_input_method() -> None:
    given, expected, tolerance = case("O20")

    by_second = eventlog.consistency(given["chars_per_1s"])
    by_five = eventlog.consistency(given["chars_per_5s"])

    assert by_second == pytest.approx(expected["consistency_1s"], abs=tolerance)
    assert by_five == pytest.approx(expected["consistency_5s"], abs=tolerance)


def test_o25_machine_typing_is_flagged_for_its_speed() -> None:
    given, expected, _ = case("O25")
    figures = run_score(given)

    flag = checks.speed_implausible(figures["net_cpm"])

    assert flag is not None
    assert flag.severity is checks.Severity.REJECT
    assert (figures["net_cpm"] == figures["gross_cpm"]) is expected["net_equals_gross"]


@pytest.mark.parametrize("policy", list(WidthPolicy))
def test_o26_what_counts_as_the_same(policy: WidthPolicy) -> None:
    given, expected, _ = case("O26")

    equal = [
        normalise(pair["typed"], policy).text == normalise(pair["presented"], policy).text
        for pair in given["pairs"]
    ]

    assert equal == expected[f"equal_{policy}"]


def test_o27_clock() -> None:
    given, expected, _ = case("O27")

    judged = [
        checks.scored_ms(client_ms, server_ms)
        for client_ms, server_ms in zip(given["client_ms"], given["server_ms"], strict=True)
    ]

    assert [duration_ms for duration_ms, _ in judged] == expected["scored_ms"]
    assert [flag and str(flag.code) for _, flag in judged] == expected["flag"]


def test_o28_paste() -> None:
    given, expected, _ = case("O28")
    insert = given["inserts"][0]
    events = eventlog.parse([[0, "e", 0, 0, "字" * insert["chars"], insert["why"]]])

    flags = [
        flag
        for flag in (
            checks.bulk_insert(events),
            checks.kspc_low(insert["keydowns_before"], insert["chars"]),
        )
        if flag
    ]

    assert [str(flag.code) for flag in flags] == expected["flags"]
    assert checks.verdict(flags) == expected["verdict"]
