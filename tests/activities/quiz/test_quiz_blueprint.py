from __future__ import annotations

import random
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.activities.quiz import blueprint
from cstrain.activities.quiz.spec import Draw, QuizSpec
from cstrain.core.items.item import Item, Kind, Use
from cstrain.plugin import BankItem

SECTIONS = ["1.1", "1.2", "1.2.1", "2.1"]
LESSON = {"1.1": "1.1", "1.2": "1.2", "1.2.1": "1.2", "2.1": "2.1"}


def spec_of(*draws: Draw, always: tuple[str, ...] = (), use: Use = Use.EXAM) -> QuizSpec:
    return QuizSpec(
        "exam", {}, use, None, None, None, None, "never", always, draws, "", "exams/a.md", {}
    )


def bank_of(*items: Item) -> dict[str, BankItem]:
    return {
        item.id: BankItem(item, LESSON[item.section or "1.1"], "a.questions.md", item.id)
        for item in items
    }


@st.composite
def banks(draw: st.DrawFn) -> dict[str, BankItem]:
    numbers = count(1)
    items = draw(
        st.lists(
            st.builds(
                lambda section, kind, level, use: Item(
                    f"i{next(numbers)}", kind, "", "", level, use=use, section=section
                ),
                st.sampled_from(SECTIONS),
                st.sampled_from([Kind.SINGLE, Kind.ORDER]),
                st.integers(1, 3),
                st.sampled_from(list(Use)),
            ),
            max_size=24,
        )
    )
    return bank_of(*items)


draws = st.builds(
    Draw,
    st.lists(st.sampled_from(SECTIONS), min_size=1, max_size=3, unique=True).map(tuple),
    st.integers(1, 4),
    st.frozensets(st.integers(1, 3), max_size=2),
    st.frozensets(st.sampled_from([Kind.SINGLE, Kind.ORDER]), max_size=1),
)
blueprints = st.lists(draws, min_size=1, max_size=4).map(lambda each: spec_of(*each))


def fits(entry: BankItem, draw: Draw) -> bool:
    item = entry.item
    return (
        bool({entry.lesson, entry.section} & set(draw.sections))
        and (not draw.levels or item.level in draw.levels)
        and (not draw.kinds or item.kind in draw.kinds)
        and item.use in {Use.EXAM, Use.BOTH}
    )


def most_that_fit(spec: QuizSpec, bank: dict[str, BankItem]) -> int:
    """The size of a greatest matching, found place by place (another way than the code's)."""
    places = [draw for draw in spec.draws for _ in range(draw.count)]
    holder: dict[str, int] = {}

    def seat(place: int, tried: set[str]) -> bool:
        for item_id, entry in bank.items():
            if item_id in tried or not fits(entry, places[place]):
                continue
            tried.add(item_id)
            if item_id not in holder or seat(holder[item_id], tried):
                holder[item_id] = place
                return True
        return False

    return sum(seat(place, set()) for place in range(len(places)))


@given(banks(), blueprints, st.integers(0, 99), st.sets(st.integers(1, 24)))
def test_a_paper_keeps_its_filters_and_repeats_nothing(
    bank: dict[str, BankItem], spec: QuizSpec, seed: int, numbers: set[int]
) -> None:
    seen = {f"i{number}": 1 for number in numbers}
    is_fillable = most_that_fit(spec, bank) == sum(draw.count for draw in spec.draws)
    assert (blueprint.shortages(spec, bank) == []) is is_fillable
    if not is_fillable:
        with pytest.raises(blueprint.ShortBankError):
            blueprint.draw(spec, bank, seen, random.Random(seed))
        return

    drawn = blueprint.draw(spec, bank, seen, random.Random(seed))

    assert drawn == blueprint.draw(spec, bank, seen, random.Random(seed))
    assert len({entry.item.id for entry in drawn}) == len(drawn) == spec.question_count
    rest = iter(drawn)
    for draw in spec.draws:
        assert all(fits(next(rest), draw) for _ in range(draw.count))
    fresh = {item_id: entry for item_id, entry in bank.items() if item_id not in seen}
    unseen_count = sum(entry.item.id not in seen for entry in drawn)
    assert unseen_count == most_that_fit(spec, fresh)


def singles(section: str, numbers: range, use: Use = Use.EXAM) -> list[Item]:
    return [Item(f"{section}-{n}", Kind.SINGLE, "", "", use=use, section=section) for n in numbers]


def test_the_scarce_draw_gets_what_only_it_can_use() -> None:
    bank = bank_of(*singles("1.1", range(2)), *singles("1.2", range(1)))
    spec = spec_of(Draw(("1.1", "1.2"), 1), Draw(("1.1",), 2))

    for seed in range(20):
        assert len(blueprint.draw(spec, bank, {}, random.Random(seed))) == 3


def test_always_stands_first_and_is_not_drawn_again() -> None:
    bank = bank_of(*singles("1.1", range(3)))
    spec = spec_of(Draw(("1.1",), 2), always=("1.1-2",))

    for seed in range(10):
        drawn = blueprint.draw(spec, bank, {}, random.Random(seed))
        assert drawn[0].item.id == "1.1-2"
        assert len({entry.item.id for entry in drawn}) == 3


def test_draws_that_fill_alone_but_not_together() -> None:
    bank = bank_of(*singles("1.1", range(3)))
    spec = spec_of(Draw(("1.1",), 2), Draw(("1.1",), 2))

    assert blueprint.shortages(spec, bank) == [blueprint.Shortage(None, 4, 3)]


def test_a_draw_that_cannot_fill_says_how_many_there_are() -> None:
    wanted = Draw(("1.1",), 4)
    bank = bank_of(*singles("1.1", range(3)), *singles("1.1", range(3, 9), Use.PRACTICE))

    assert blueprint.shortages(spec_of(wanted), bank) == [blueprint.Shortage(wanted, 4, 3)]


@pytest.mark.parametrize(
    ("bank_count", "overlaps"), [(3, [1, 1]), (4, [2 / 3, 1]), (6, [0, 1]), (9, [0, 0])]
)
def test_the_overlap_of_attempts_is_foreseen(bank_count: int, overlaps: list[float]) -> None:
    bank = bank_of(*singles("1.1", range(bank_count)))
    found = blueprint.expected_overlaps(spec_of(Draw(("1.1",), 3)), bank, 3)

    assert found == pytest.approx(overlaps)


def test_a_draw_that_may_be_fewer_needs_one() -> None:
    lenient = spec_of(Draw(("1.1",), 5, may_be_fewer=True), Draw(("1.2",), 2))
    rest = singles("1.2", range(2))
    bank = bank_of(*singles("1.1", range(3)), *rest)

    assert blueprint.shortages(lenient, bank) == []
    assert len(blueprint.draw(lenient, bank, {}, random.Random(1))) == 5
    (shortage,) = blueprint.shortages(lenient, bank_of(*rest))
    assert (shortage.wanted_count, shortage.found_count) == (1, 0)
    strict = spec_of(Draw(("1.1",), 5), Draw(("1.2",), 2))
    assert [each.wanted_count for each in blueprint.shortages(strict, bank)] == [5]
