"""Draws: what a plan takes of a frame, with which chances, and that it can be done again."""

import dataclasses
from collections import Counter
from datetime import date
from typing import Any

import pytest

from cstrain.desk.quality import chance, sampling
from cstrain.desk.quality import frame as frames
from cstrain.desk.quality.frame import Frame, FrameError, Unit
from cstrain.desk.quality.iso2859 import Inspection
from cstrain.desk.quality.plan import By, Design, Order, Plan, Window, due_windows
from cstrain.desk.quality.risk import Reason
from cstrain.desk.quality.sampling import ALWAYS, Difference, Record, State

SECRET = b"an egg before the hen"
WINDOW = "2026-11-20/2026-11-22"
SEED = chance.seed_of(SECRET, WINDOW)
PLAN = Plan("plan", {"zh": "抽样", "en": "Sample"}, per_agent=2, digest="d")
EVERY = [
    dataclasses.replace(PLAN, design=Design.PER_AGENT, always=(Reason.COMPLAINT,), extra_below=1),
    dataclasses.replace(PLAN, design=Design.SIMPLE, size=9),
    dataclasses.replace(PLAN, design=Design.PROPORTIONAL, size=9, strata=(By.AGENT, By.TENURE)),
    dataclasses.replace(
        PLAN,
        design=Design.NEYMAN,
        size=9,
        strata=(By.STAGE,),
        deviations={"presale": 5, "after_sale": 20},
        minimum=2,
        always=(Reason.COMPLAINT,),
    ),
    dataclasses.replace(PLAN, design=Design.SYSTEMATIC, one_in=3.7),
    dataclasses.replace(PLAN, design=Design.SYSTEMATIC, one_in=3.7, order=Order.TIME),
    dataclasses.replace(PLAN, design=Design.RISK, size=9, floor=0.05),
    dataclasses.replace(
        PLAN, design=Design.RISK, size=9, floor=0.05, extra_below=2, always=(Reason.COMPLAINT,)
    ),
    dataclasses.replace(PLAN, design=Design.LOT, limit="1.0"),
]


def unit(place: int) -> Unit:
    """One of 40 conversations of four agents, who have 22, 10, 6 and 2."""
    agent = next(
        name for name, below in (("a", 22), ("b", 32), ("c", 38), ("d", 40)) if place < below
    )
    reasons = [
        *(["late"] if place % 4 == 0 else []),
        *(["complaint"] if place % 11 == 3 else []),
        *(["below_average"] if agent == "b" else []),
    ]
    return Unit(
        1000 + place,
        agent,
        place * 600 % 7000,
        is_after_sale=place % 5 == 0,
        is_new_hire=agent == "d",
        reasons=" ".join(reasons),
    )


@pytest.fixture(scope="module")
def frame() -> Frame:
    return frames.frame_of([unit(place) for place in reversed(range(40))], {"rates": {"b": [5, 9]}})


def record(frame: Frame, plan: Plan, state: State | None = None) -> Record:
    body = frames.canonical(frame)
    done = sampling.draw(frame, plan, SEED, "plan/1", state)
    return Record(
        frame=frames.packed(body),
        frame_digest=frames.digest(body),
        plan_digest=plan.digest,
        secret=SECRET,
        commitment=chance.commitment(SECRET),
        window=WINDOW,
        seed=SEED,
        name="plan/1",
        state=state or State(),
        drawn=done.drawn,
        left_over=done.left_over,
    )


def test_numbers_of_chance_stay_the_same_for_ever() -> None:
    assert chance.commitment(b"") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert chance.seed_of(b"key", "The quick brown fox jumps over the lazy dog") == (
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    )
    # sha256("s|d|1") is fc4904d2cc818528…
    assert chance.number("s", "d", 1) == (0xFC4904D2CC818528 >> 11) / 2**53


def test_numbers_of_chance_are_spread_evenly() -> None:
    numbers = [chance.number(SEED, "plan/1", place) for place in range(10_000)]

    counts = Counter(int(each * 10) for each in numbers)
    assert set(counts) == set(range(10))
    assert max(abs(count - 1000) for count in counts.values()) < 120
    assert all(0 <= each < 1 for each in numbers)


def test_a_frame_is_the_same_whatever_order_it_came_in(frame: Frame) -> None:
    other = frames.frame_of([unit(place) for place in range(40)], {"rates": {"b": [5, 9]}})

    assert frames.canonical(frame) == frames.canonical(other)
    assert frame.ids == tuple(range(1000, 1040))
    with pytest.raises(ValueError, match="twice"):
        frames.frame_of([unit(1), unit(1)])


@pytest.mark.parametrize("count", [0, 40])
def test_a_frame_can_be_read_back(frame: Frame, count: int) -> None:
    part = frames.frame_of([unit(place) for place in range(count)], frame.notes)
    body = frames.canonical(part)

    kept = frames.unpacked(frames.packed(body))

    assert frames.canonical(frames.read(kept)) == body
    assert frames.read(kept).ids == part.ids


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"format": 1}',
        (
            b'{"after_sale":[],"agents":["a"],"began_s":[],"format":1,"ids":[],"new_hire":[],'
            b'"notes":{},"reasons":[]}'
        ),
        (
            b'{"after_sale":[0],"agents":["a"],"began_s":[1],"format":1,"ids":[1],"new_hire":[0],'
            b'"notes":{},"reasons":["unheard-of"]}'
        ),
    ],
)
def test_what_is_no_frame_is_refused(body: bytes) -> None:
    with pytest.raises(FrameError):
        frames.read(body)
    with pytest.raises(FrameError):
        frames.unpacked(body)


@pytest.mark.parametrize("plan", EVERY, ids=lambda plan: plan.design)
def test_a_draw_can_be_done_again(frame: Frame, plan: Plan) -> None:
    assert sampling.verify(record(frame, plan), plan) == ()


@pytest.mark.parametrize("plan", EVERY, ids=lambda plan: plan.design)
def test_another_seed_or_name_draws_others(frame: Frame, plan: Plan) -> None:
    drawn = sampling.draw(frame, plan, SEED, "plan/1").drawn

    others = [
        sampling.draw(frame, plan, chance.seed_of(SECRET, "another"), "plan/1").drawn,
        *(sampling.draw(frame, plan, SEED, f"plan/{number}").drawn for number in range(2, 8)),
    ]

    assert any({each.id for each in other} != {each.id for each in drawn} for other in others)


@pytest.mark.parametrize("plan", EVERY, ids=lambda plan: plan.design)
def test_everybody_is_drawn_as_often_as_told(frame: Frame, plan: Plan) -> None:
    """1,000 seeds; the tolerance is four standard errors."""
    repeats = 1000
    draws = [
        sampling.draw(frame, plan, chance.seed_of(SECRET, str(turn)), "plan/1")
        for turn in range(repeats)
    ]

    drawn = Counter(each.id for draw in draws for each in draw.drawn)
    told = draws[0].probabilities
    assert all(draw.probabilities == told for draw in draws)
    assert min(told) > 0
    for id_, probability in zip(frame.ids, told, strict=True):
        error = (probability * (1 - probability) / repeats) ** 0.5
        assert abs(drawn[id_] / repeats - probability) <= 4 * error + 1e-12, id_


@pytest.mark.parametrize("plan", EVERY, ids=lambda plan: plan.design)
def test_what_is_drawn_tells_its_probability(frame: Frame, plan: Plan) -> None:
    done = sampling.draw(frame, plan, SEED, "plan/1")

    told = dict(zip(frame.ids, done.probabilities, strict=True))
    assert [each.id for each in done.drawn] == sorted(each.id for each in done.drawn)
    assert all(each.probability == told[each.id] for each in done.drawn)


def test_so_many_of_each_and_more_of_who_is_below(frame: Frame) -> None:
    plan = dataclasses.replace(PLAN, extra_below=3, always=(Reason.COMPLAINT,))

    drawn = sampling.draw(frame, plan, SEED, "plan/1").drawn

    assert Counter(each.stratum for each in drawn) == {"a": 2, "b": 5, "c": 2, "d": 2, ALWAYS: 4}
    sure = [each for each in drawn if each.stratum == ALWAYS]
    assert {each.id for each in sure} == {1003, 1014, 1025, 1036}
    assert {each.probability for each in sure} == {1.0}


def test_the_size_of_other_designs_is_so_many_of_each_on_the_average(frame: Frame) -> None:
    plan = dataclasses.replace(PLAN, design=Design.SIMPLE)

    assert len(sampling.draw(frame, plan, SEED, "plan/1").drawn) == 8


def test_the_riskier_the_likelier_and_nothing_is_out_of_reach(frame: Frame) -> None:
    plan = dataclasses.replace(PLAN, design=Design.RISK, size=9, floor=0.05)

    told = dict(zip(frame.ids, sampling.draw(frame, plan, SEED, "n").probabilities, strict=True))

    assert told[1003] > told[1004] > told[1005] >= 0.05


def test_windows_hand_over_what_was_left_of_a_step(frame: Frame) -> None:
    plan = dataclasses.replace(PLAN, design=Design.SYSTEMATIC, one_in=6.0)

    first = sampling.draw(frame, plan, SEED, "plan/1")
    second = sampling.draw(frame, plan, SEED, "plan/2", State(carried=first.left_over))

    assert first.left_over is not None
    assert second.drawn
    assert {len(first.drawn) + len(second.drawn)} <= {13, 14}


def test_a_refused_lot_is_followed_by_a_stricter_one(frame: Frame) -> None:
    plan = dataclasses.replace(PLAN, design=Design.LOT, limit="1.0")

    sizes = [
        len(sampling.draw(frame, plan, SEED, "plan/1", State(inspection=each)).drawn)
        for each in (Inspection.NORMAL, Inspection.TIGHTENED)
    ]

    assert sizes == [13, 20]


@pytest.mark.parametrize("plan", EVERY, ids=lambda plan: plan.design)
@pytest.mark.parametrize("count", [0, 1])
def test_few_or_none_to_draw_from_is_no_fault(plan: Plan, count: int) -> None:
    few = frames.frame_of([unit(5)] * count)

    done = record(few, plan)

    assert sampling.verify(done, plan) == ()
    assert len(done.drawn) <= count


def test_every_byte_of_the_frame_counts(frame: Frame) -> None:
    kept = record(frame, PLAN)
    body = frames.canonical(frame)

    for place in range(len(body)):
        changed = bytearray(body)
        changed[place] ^= 1
        other = dataclasses.replace(kept, frame=frames.packed(bytes(changed)))
        assert Difference.FRAME in sampling.verify(other, PLAN), place


def test_every_byte_of_the_kept_frame_counts(frame: Frame) -> None:
    kept = record(frame, PLAN)

    for place in range(len(kept.frame)):
        changed = bytearray(kept.frame)
        changed[place] ^= 1
        other = dataclasses.replace(kept, frame=bytes(changed))
        assert Difference.FRAME in sampling.verify(other, PLAN), place
    for other_frame in (kept.frame + b"0", kept.frame[:-1], b""):
        other = dataclasses.replace(kept, frame=other_frame)
        assert sampling.verify(other, PLAN) == (Difference.FRAME,)


def test_every_part_of_a_record_counts(frame: Frame) -> None:
    kept = record(frame, PLAN)
    first, *rest = kept.drawn
    undrawn = next(id_ for id_ in frame.ids if id_ not in {each.id for each in kept.drawn})

    changed: dict[str, Any] = {
        "frame_digest": kept.frame_digest[::-1],
        "plan_digest": "e",
        "secret": b"another",
        "commitment": chance.commitment(b"another"),
        "window": "2026-11-20/2026-11-23",
        "seed": SEED[:-1],
        "name": "plan/2",
        "left_over": 0.5,
    }
    found = {
        name: sampling.verify(dataclasses.replace(kept, **{name: value}), PLAN)
        for name, value in changed.items()
    }
    assert [name for name, differences in found.items() if not differences] == []

    for drawn in (
        rest,
        [*kept.drawn, dataclasses.replace(first, id=undrawn)],
        [dataclasses.replace(first, id=undrawn), *rest],
        [dataclasses.replace(first, probability=0.5), *rest],
        [dataclasses.replace(first, stratum="z"), *rest],
        [dataclasses.replace(first, reasons="forbidden"), *rest],
    ):
        other = dataclasses.replace(kept, drawn=drawn)
        assert sampling.verify(other, PLAN) == (Difference.DRAWN,), drawn


def test_windows_that_are_over_are_caught_up_with() -> None:
    plan = dataclasses.replace(PLAN, every_days=3)
    start = date(2026, 11, 20)

    assert due_windows(plan, start, date(2026, 11, 22)) == []
    assert [each.name for each in due_windows(plan, start, date(2026, 11, 28))] == [
        "2026-11-20/2026-11-22",
        "2026-11-23/2026-11-25",
    ]
    assert due_windows(plan, start, date(2026, 11, 23)) == [Window(start, date(2026, 11, 22))]
