"""docs/architecture.md names what is there, and the rings that the import rules keep."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from cstrain.core.pathway import rules as gate_rules

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_it_names_is_there() -> None:
    named = set(re.findall(r"`([\w/]+\.py)`", PAGE))
    there = {f"/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "cstrain").rglob("*.py")}

    assert named
    assert {name for name in named if not any(path.endswith(f"/{name}") for path in there)} == set()


def test_the_rings_are_those_of_the_import_rules() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = {contract["id"]: contract.get("layers", []) for contract in contracts}
    rings = next(line.strip() for line in PAGE.splitlines() if line.startswith("    app → "))
    written = rings.replace("(", "").replace(")", "").split(" → ")

    assert written == [layer.replace("cstrain.", "") for layer in layers["rings"]]
    assert ", ".join(f"`{name}`" for name in layers["core"]) in PAGE


def test_every_rule_it_names_can_be_used() -> None:
    rules = re.search(r"Rules: (.*?)\.\s", PAGE, re.DOTALL)

    assert rules is not None
    assert all(hasattr(gate_rules, name) for name in re.findall(r"`(\w+)`", rules[1]))
