"""Coefficients of agreement against published figures and other programs."""

import json
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from cstrain.core.review import agreement
from cstrain.core.review.agreement import Level, Pair

DESIGN = Path(__file__).parents[2].parent / "shared" / "design" / "measurement-cases.json"
GROUPS = ("kappa2", "fleiss", "krippendorff", "icc")
CASES: dict[str, dict[str, Any]] = (
    {
        case["id"]: case
        for case in json.loads(DESIGN.read_text("utf-8"))["cases"]
        if case["group"] in GROUPS
    }
    if DESIGN.exists()
    else {}
)
pytestmark = pytest.mark.skipif(not CASES, reason="the published cases are not beside the project")


def pairs_of(data: Mapping[str, Any]) -> list[Pair]:
    """The pairs behind a table or two lists."""
    if data["kind"] == "pairs":
        return list(zip(data["r1"], data["r2"], strict=True))
    return [
        (row, column)
        for row, counts in enumerate(data["table"])
        for column, count in enumerate(counts)
        for _each in range(count)
    ]


def of_two(data: Mapping[str, Any]) -> dict[str, float | None]:
    pairs = pairs_of(data)
    counts = agreement.counts_of(pairs)
    order = sorted({value for pair in pairs for value in pair}, key=repr)
    weights = data.get("disagreement_weights")
    found = {
        "percent_agreement": agreement.percent_agreement(pairs),
        "kappa": agreement.cohen_kappa(pairs),
        "kappa_linear": agreement.cohen_kappa(pairs, order=order, disagreement=agreement.linear),
        "kappa_quadratic": agreement.cohen_kappa(
            pairs, order=order, disagreement=agreement.quadratic
        ),
        "scott_pi": agreement.fleiss_kappa(counts),
        "gwet_ac1": agreement.gwet_ac1(counts),
        "brennan_prediger": agreement.brennan_prediger(counts),
        "krippendorff_alpha_nominal": agreement.krippendorff_alpha(pairs, Level.NOMINAL),
    }
    if weights:
        found["weighted_kappa_custom"] = agreement.cohen_kappa(
            pairs, order=order, disagreement=lambda one, other: weights[one][other]
        )
    return {name: figure.value for name, figure in found.items()}


def of_counts(data: Mapping[str, Any]) -> dict[str, float | None]:
    counts: Sequence[Sequence[int]] = data["counts"]
    total = sum(map(sum, counts))
    shares = {
        f"p{place + 1}": sum(row[place] for row in counts) / total
        for place in range(len(counts[0]))
    }
    return {
        "fleiss_kappa": agreement.fleiss_kappa(counts).value,
        "randolph_kappa": agreement.brennan_prediger(counts).value,
        **shares,
    }


def of_raters(data: Mapping[str, Any]) -> dict[str, float | None]:
    units: list[tuple[Hashable | None, ...]] = list(zip(*data["ratings"], strict=True))
    counts = agreement.counts_of(units)
    is_numeric = all(isinstance(value, int | float | None) for unit in units for value in unit)
    complete = [unit for unit in units if None not in unit]
    found = {
        "percent_agreement": agreement.percent_agreement([(each[0], each[1]) for each in complete]),
        "fleiss_generalised": agreement.fleiss_kappa(counts),
        "gwet_ac1": agreement.gwet_ac1(counts),
        "brennan_prediger": agreement.brennan_prediger(counts),
        "alpha_nominal": agreement.krippendorff_alpha(units, Level.NOMINAL),
    }
    if is_numeric:
        for level in (Level.ORDINAL, Level.INTERVAL, Level.RATIO):
            found[f"alpha_{level}"] = agreement.krippendorff_alpha(units, level)
    return {name: figure.value for name, figure in found.items()}


def of_targets(data: Mapping[str, Any]) -> dict[str, float | None]:
    found = agreement.icc(data["ratings"])
    assert found is not None
    return {
        "icc_1_1": found.one_way.value,
        "icc_2_1": found.absolute.value,
        "icc_3_1": found.consistency.value,
        "icc_1_k": found.one_way_mean.value,
        "icc_2_k": found.absolute_mean.value,
        "icc_3_k": found.consistency_mean.value,
        "BMS": found.between,
        "WMS": found.within,
        "JMS": found.raters,
        "EMS": found.residual,
    }


READERS = {
    "table": of_two,
    "pairs": of_two,
    "counts": of_counts,
    "raters_x_units": of_raters,
    "targets_x_raters": of_targets,
}


@pytest.mark.parametrize("name", CASES or ["absent"])
def test_a_published_case_comes_out(name: str) -> None:
    case = CASES[name]
    found = READERS[case["data"]["kind"]](case["data"])

    for key, wanted in case["expected"].items():
        if isinstance(wanted, str):
            assert wanted.startswith("undefined"), wanted
            assert found[key] is None, key
        else:
            assert found[key] == pytest.approx(wanted, abs=case["tolerance"] + 1e-12), key


@pytest.mark.parametrize("name", CASES or ["absent"])
def test_what_other_programs_compute_comes_out_closely(name: str) -> None:
    case = CASES[name]
    found = READERS[case["data"]["kind"]](case["data"])

    for key in set(case.get("computed", {})) & set(found):
        assert found[key] == pytest.approx(case["computed"][key], abs=1e-6), key
