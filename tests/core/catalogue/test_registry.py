"""Kinds are found by entry point; a wrong one stops the start and names its distribution."""

from __future__ import annotations

from importlib.metadata import EntryPoint, PathDistribution
from pathlib import Path

import pytest

from cstrain.core.catalogue.kinds import GROUP, Registry, discover
from cstrain.core.catalogue.sources import Source
from cstrain.testing import FakeKind


class OldKind(FakeKind):
    api_version = 0


class OtherKind(FakeKind):
    name = "other"


OTHER, OLD, NO_KIND, FIRST, SECOND = OtherKind(), OldKind(), object(), FakeKind(), FakeKind()


def points(folder: Path, *targets: str) -> list[EntryPoint]:
    """Entry points, each of a distribution of its own: ``dist-1``, ``dist-2``, …"""
    found: list[EntryPoint] = []
    for number, target in enumerate(targets, 1):
        info = folder / f"dist_{number}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: dist-{number}\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(f"[{GROUP}]\nkind{number} = {target}\n")
        found.extend(PathDistribution(info).entry_points)
    return found


def test_every_distribution_brings_its_kinds(tmp_path: Path) -> None:
    registry = Registry()

    discover(registry, points(tmp_path, f"{__name__}:FIRST", f"{__name__}:OTHER"))

    assert set(registry.kinds) == {"fake", "other"}
    assert registry.owners["other"] == "dist-2"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (f"{__name__}:OLD", "dist-1: .* is built for interface 0, this is 1"),
        (f"{__name__}:NO_KIND", "dist-1: .* is no ActivityKind"),
        ("no_such_module:KIND", "dist-1: .* cannot be loaded: No module named"),
        (f"{__name__}:MISSING", "dist-1: .* cannot be loaded: .* has no attribute 'MISSING'"),
    ],
)
def test_a_kind_that_cannot_be_used_names_its_distribution(
    tmp_path: Path, target: str, told: str
) -> None:
    with pytest.raises(RuntimeError, match=told):
        discover(Registry(), points(tmp_path, target))


def test_equal_names_name_both_distributions(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="dist-2: 'fake' is taken already, by dist-1"):
        discover(Registry(), points(tmp_path, f"{__name__}:FIRST", f"{__name__}:SECOND"))


def load(source: Source) -> str:
    return source.body


@pytest.mark.parametrize("name", ["bank", "chapter", "fake"])
def test_names_of_kinds_and_materials_are_one_space(name: str) -> None:
    registry = Registry()
    registry.add_kind(FakeKind(), distribution="dist")

    with pytest.raises(RuntimeError, match="taken already"):
        registry.add_material(name, load)


def test_an_unknown_measure_is_shown_by_its_name() -> None:
    registry = Registry()
    registry.add_kind(FakeKind(), distribution="dist")

    assert registry.measure("fake_cpm").title["zh"] == "样例速度"
    assert registry.measure("gone_cpm").title["zh"] == "gone_cpm"
