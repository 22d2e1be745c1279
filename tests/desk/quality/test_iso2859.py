"""Lot plans: cells read off the printed tables, arrows, and when inspection switches."""

import pytest

from cstrain.desk.quality import iso2859
from cstrain.desk.quality.iso2859 import Inspection, Level, lot_plan, switched

#: Columns 0.65 to 6.5 from lots of 8 to 500,000, level II, as the tables of MIL-STD-105E print
#: them: the number from which a lot is refused; v and ^ are arrows.
NORMAL = {
    "0.65": "v v v v v 1 ^ v 2 3 4 6 8 11",
    "1.0": "v v v v 1 ^ v 2 3 4 6 8 11 15",
    "2.5": "v v 1 ^ v 2 3 4 6 8 11 15 22 ^",
    "6.5": "1 ^ v 2 3 4 6 8 11 15 22 ^ ^ ^",
}
TIGHTENED = {
    "1.0": "v v v v v 1 v v 2 3 4 6 9 13",
    "2.5": "v v v 1 v v 2 3 4 6 9 13 19 ^",
    "6.5": "v 1 v v 2 3 4 6 9 13 19 ^ ^ ^",
}
LOTS = (8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000)


@pytest.mark.parametrize(
    ("limit", "inspection", "printed"),
    [
        *((limit, Inspection.NORMAL, row) for limit, row in NORMAL.items()),
        *((limit, Inspection.TIGHTENED, row) for limit, row in TIGHTENED.items()),
    ],
)
def test_columns_are_the_printed_ones(limit: str, inspection: Inspection, printed: str) -> None:
    cells = printed.split()
    for place, lot in enumerate(LOTS):
        where = place
        while cells[where] == "v":
            where += 1
        while cells[where] == "^":
            where -= 1

        plan = lot_plan(lot, limit, inspection=inspection)

        assert (plan.reject, plan.n) == (int(cells[where]), iso2859.SIZES[where]), lot


@pytest.mark.parametrize(
    ("level", "letters"),
    [(Level.I, "AABCCDEFGHJKLMN"), (Level.II, "ABCDEFGHJKLMNPQ"), (Level.III, "BCDEFGHJKLMNPQR")],
)
def test_letters_go_by_the_size_of_the_lot(level: Level, letters: str) -> None:
    lots = [*LOTS, 500_001]

    assert "".join(lot_plan(lot, "1.0", level).letter_by_lot for lot in lots) == letters


@pytest.mark.parametrize(("lot", "limit"), [(0, "1.0"), (10, "1")])
def test_what_the_standard_does_not_know_is_refused(lot: int, limit: str) -> None:
    with pytest.raises(ValueError, match=r"lot has|none of"):
        lot_plan(lot, limit)


@pytest.mark.parametrize(
    ("lots", "state"),
    [
        ("", "normal"),
        ("+-+++", "normal"),
        ("-++++-", "normal"),
        ("-+++-", "tightened"),
        ("--", "tightened"),
        ("--++++", "tightened"),
        ("--+++++", "normal"),
        ("--++-+++++", "normal"),
        ("--+++++-", "normal"),
        ("--+-+-+-+-+-", "stopped"),
        ("--+-+-+-+-+", "tightened"),
    ],
)
def test_inspection_switches_by_the_last_lots(lots: str, state: str) -> None:
    assert switched(each == "+" for each in lots) == state


def test_a_stopped_inspection_has_no_plan() -> None:
    with pytest.raises(ValueError, match="stopped"):
        lot_plan(100, "1.0", inspection=Inspection.STOPPED)
