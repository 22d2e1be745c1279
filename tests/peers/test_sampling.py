"""Sizes, intervals, designs and lot plans against published and worked figures."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from cstrain.desk.quality import designs, iso2859
from cstrain.desk.quality.estimates import Seen, total
from cstrain.desk.quality.intervals import size_for_share, wilson

DESIGN = Path(__file__).parents[2].parent / "shared" / "design" / "measurement-cases.json"
CASES: dict[str, dict[str, Any]] = (
    {
        case["id"]: case
        for case in json.loads(DESIGN.read_text("utf-8"))["cases"]
        if case["group"] == "sampling"
    }
    if DESIGN.exists()
    else {}
)
pytestmark = pytest.mark.skipif(not CASES, reason="the published cases are not beside the project")


def sizes(data: dict[str, Any]) -> dict[str, Any]:
    exact = [
        size_for_share(data["d"], population=each, share=data["p"], z=math.sqrt(data["chi2"]))
        for each in data["N"]
    ]
    return {"n": [math.floor(each + 0.5) for each in exact], "n_unrounded": exact}


def share(data: dict[str, Any]) -> dict[str, Any]:
    found = wilson(data["x"], data["n"])
    return {"low": found.low, "high": found.high}


def pps(data: dict[str, Any]) -> dict[str, Any]:
    """Every start, in the middle of its unit of size."""
    probabilities = designs.inclusion_probabilities(data["sizes"], data["n"])
    order = range(len(data["sizes"]))
    step = sum(data["sizes"]) / data["n"]
    selected = {
        str(start): designs.pps_systematic(probabilities, order, (start - 0.5) / step)
        for start in data["starts"]
    }
    totals = [
        total([Seen(data["y"][place], probabilities[place]) for place in places])
        for places in selected.values()
    ]
    naive = [
        sum(data["y"][place] for place in places) / data["n"] * len(data["sizes"])
        for places in selected.values()
    ]
    return {
        "inclusion_probabilities": probabilities,
        "selected_by_start": selected,
        "mean_HT_total": sum(totals) / len(totals),
        "mean_naive_total": sum(naive) / len(naive),
    }


def strata(data: dict[str, Any]) -> dict[str, Any]:
    n, many = data["n"], data["N_h"]
    weights = [size * spread for size, spread in zip(many, data["S_h"], strict=True)]
    return {
        "n_h_exact": designs.spread(n, weights, [1] * len(many), many),
        "n_h_integer_largest_remainder": designs.allocate(n, many, deviations=data["S_h"]),
        "proportional": designs.allocate(n, many),
    }


def lots(data: dict[str, Any]) -> dict[str, Any]:
    plans = [iso2859.lot_plan(each["lot"], each["aql"]) for each in data["queries"]]
    return {
        "plans": [
            {
                "letter_by_lot": plan.letter_by_lot,
                "letter_used": plan.letter,
                "n": plan.n,
                "Ac": plan.accept,
                "Re": plan.reject,
                "inspect_all": plan.inspects_all,
            }
            for plan in plans
        ]
    }


READERS = {
    "sample_size_table": sizes,
    "proportion": share,
    "pps_systematic": pps,
    "strata": strata,
    "aql": lots,
}


@pytest.mark.parametrize("name", CASES or ["absent"])
def test_a_published_case_comes_out(name: str) -> None:
    case = CASES[name]
    found = READERS[case["data"]["kind"]](case["data"])

    assert case["expected"]
    for key, wanted in case["expected"].items():
        if key in {"plans", "selected_by_start"}:
            assert found[key] == wanted, key
        else:
            assert found[key] == pytest.approx(wanted, abs=case["tolerance"] + 1e-12), key


#: Cases beside which another program's figures stand; the others have what is printed alone.
COMPUTED = [name for name, case in CASES.items() if case["computed"]]


@pytest.mark.parametrize("name", COMPUTED or ["absent"])
def test_what_other_programs_compute_comes_out_closely(name: str) -> None:
    case = CASES[name]
    found = READERS[case["data"]["kind"]](case["data"])

    assert case["computed"].keys() <= found.keys()
    for key, wanted in case["computed"].items():
        assert found[key] == pytest.approx(wanted, abs=5e-4), key
