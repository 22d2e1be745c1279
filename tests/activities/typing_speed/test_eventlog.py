import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.activities.typing_speed.eventlog import (
    EventKind,
    LogError,
    blurs,
    gap_digest,
    keydown_consistency,
    parse,
    pauses,
    replay,
    replay_stream,
    rhythm,
    within,
)


def edits_of(data: st.DataObject) -> tuple[str, list[list[Any]], int]:
    """A field that somebody edits at random, its log, and how many characters went."""
    chars = st.text(alphabet="亲您好a，𠮷😀", max_size=4)
    field, log, gone = "", [], 0
    for step in range(data.draw(st.integers(0, 12))):
        start = data.draw(st.integers(0, len(field)))
        end = data.draw(st.integers(start, len(field)))
        inserted = data.draw(chars)
        units = [len(part.encode("utf-16-le")) // 2 for part in (field[:start], field[start:end])]
        log.append([step * 10, "e", *units, inserted, "ime"])
        gone += end - start
        field = field[:start] + inserted + field[end:]
    return field, log, gone


@given(st.data())
def test_replay_gives_the_field(data: st.DataObject) -> None:
    field, log, gone = edits_of(data)

    found = replay(parse(json.loads(json.dumps(log))))

    assert found.text == field
    assert found.fixed_count == gone
    assert len(found.times_ms) == len(field)


@given(st.data())
def test_characters_keep_the_time_of_their_commit(data: st.DataObject) -> None:
    _, log, _ = edits_of(data)

    found = replay(parse(log))

    assert set(found.times_ms) <= {at for at, _, _, _, inserted, _ in log if inserted}


def test_an_edit_may_split_a_surrogate_pair() -> None:
    log = [[0, "e", 0, 0, "𠮷", "ime"], [5, "e", 1, 1, "\udfb8", "ime"]]

    assert replay(parse(log)).text == "𠮸"


@pytest.mark.parametrize(
    ("log", "problem"),
    [
        ("nonsense", "JSON array"),
        ([[0, "z"]], "event 1"),
        ([[0, "b"], [1, "k"]], "event 2"),
        ([[-1, "b"]], "whole number"),
        ([[True, "b"]], "whole number"),
        ([[0.5, "b"]], "whole number"),
        ([[0, "k", 7]], "must be text"),
        ([[0, "e", 0, 0, "a"]], "event 1"),
        ([{"t": 0}], "event 1"),
        ([[10**12, "b"]], "whole number"),
    ],
)
def test_a_forged_form_is_refused(log: object, problem: str) -> None:
    with pytest.raises(LogError, match=problem):
        parse(log)


def test_an_edit_outside_the_field_is_refused() -> None:
    with pytest.raises(LogError, match="the field has only 1"):
        replay(parse([[0, "e", 0, 0, "a", "ime"], [1, "e", 1, 1, "", "deleteContentBackward"]]))


def test_a_field_that_grows_without_end_is_refused() -> None:
    log = parse([[at, "e", 0, 0, "a" * 9000, "ime"] for at in range(3)])

    with pytest.raises(LogError, match="grows beyond"):
        replay(log)


@pytest.mark.parametrize(
    ("log", "fixed", "fixes"),
    [
        ([[0, "k", "Backspace"]], 0, 1),
        ([[0, "k", "Backspace"], [1, "k", "KeyA"], [2, "e", 0, 0, "a", "insertText"]], 0, 1),
        (
            [
                [0, "e", 0, 0, "您好", "ime"],
                [1, "k", "Backspace"],
                [2, "e", 1, 1, "", "deleteContentBackward"],
                [30, "e", 0, 1, "", "deleteContentBackward"],
            ],
            2,
            2,
        ),
        ([[0, "k", "KeyN"], [0, "s"], [1, "u", 1], [2, "k", "Backspace"], [3, "c", ""]], 0, 0),
        ([[0, "e", 0, 0, "您号", "ime"], [1, "e", 0, 2, "您好", "ime"]], 2, 1),
    ],
    ids=["empty field", "nothing to delete", "held key", "inside a composition", "replaced"],
)
def test_fixing(log: list[Any], fixed: int, fixes: int) -> None:
    found = replay(parse(log))

    assert (found.fixed_count, found.fixes_count) == (fixed, fixes)


def test_stream() -> None:
    found = replay_stream("<ab<<<c")

    assert (found.text, found.fixed_count, found.fixes_count) == ("c", 2, 4)


def test_stream_wants_one_backspace_character() -> None:
    with pytest.raises(ValueError, match="one character"):
        replay_stream("abc", "")


def test_events_after_the_limit_do_not_count() -> None:
    events = parse([[0, "k", "KeyA"], [1000, "k", "KeyB"], [1001, "k", "KeyC"]])

    assert len(within(events, 1000)) == 2
    assert len(within(events, None)) == 3


def test_pauses_are_longer_than_two_seconds_and_the_end_closes_the_last() -> None:
    events = parse([[0, "k", "KeyA"], [2000, "k", "KeyB"], [4500, "b"], [6000, "k", "KeyC"]])

    found = pauses(events, 10_000)

    assert [(pause.at_ms, pause.length_ms) for pause in found] == [(2000, 4000), (6000, 4000)]
    assert rhythm(events, 10_000).idle_ratio == 0.8


def test_time_away_lasts_to_the_end_when_nobody_comes_back() -> None:
    events = parse([[100, "b"], [200, "b"], [500, "f"], [900, "b"]])

    assert [span.length_ms for span in blurs(events, 2000)] == [400, 1100]


def test_rhythm_of_an_input_method() -> None:
    log = [
        [0, "k", "KeyN"],
        [1, "s"],
        [1, "u", 1],
        [100, "k", "KeyI"],
        [200, "k", "Digit2"],
        [201, "c", "你"],
        [201, "e", 0, 0, "你", "ime"],
        [300, "k", "KeyH"],
        [301, "s"],
        [400, "c", ""],
    ]

    found = rhythm(parse(log), 1000)

    assert (found.composition_count, found.commit_count, found.digit_choice_count) == (2, 1, 1)
    assert found.commit_chars_mean == found.commit_chars_max == 1
    assert found.consistency_percent is None


def test_an_empty_log_has_no_figures() -> None:
    found = rhythm((), 0)

    assert found.commit_chars_mean is None
    assert found.letters_per_commit_char is None
    assert found.idle_ratio is None


def test_even_keys_are_consistent() -> None:
    assert keydown_consistency(range(0, 30_000, 250), 30_000) == 100
    assert keydown_consistency(range(0, 29_000, 250), 29_999) is None
    assert keydown_consistency([], 30_000) is None


def test_digest_knows_the_rhythm_wherever_it_starts() -> None:
    gaps = [97, 120, 88, 143, 110] * 5
    times = [sum(gaps[:index]) for index in range(len(gaps))]

    one = gap_digest(parse([[at, "k", "KeyA"] for at in times]))
    same = gap_digest(parse([[at + 700, "k", "KeyB"] for at in times]))
    other = gap_digest(parse([[at * 2, "k", "KeyA"] for at in times]))

    assert one is not None
    assert one == same != other
    assert gap_digest(parse([[0, "k", "KeyA"]])) is None


def test_kinds_are_letters() -> None:
    assert {str(kind) for kind in EventKind} == set("ksucexbf")
