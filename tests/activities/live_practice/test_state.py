"""What the page of a session is told besides what was said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cstrain.activities.live_practice import customer, state
from cstrain.activities.live_practice.play import Guest
from cstrain.desk.replies.words import Hit, Word
from tests.activities.live_practice.scenes import scenario


def guest(number: int, gone_ms: int | None = None) -> Guest:
    """The customer who came as the one of this number, a second after the one before."""
    file, at_ms = scenario(), number * 1000
    begun = customer.begin(file, 1, at_ms=at_ms)
    return Guest(number, file, 1, at_ms, begun, id=100 + number, gone_ms=gone_ms)


def test_a_number_stays_with_its_customer() -> None:
    here = [guest(number) for number in range(1, 5)]
    later = [here[0], replace(here[1], gone_ms=9_000), *here[2:], guest(5)]

    assert state.numbered(here) == {101: 1, 102: 2, 103: 3, 104: 4}
    assert state.numbered(later) == {101: 1, 102: 2, 103: 3, 104: 4, 105: 5}


def test_where_keys_run_out_the_one_gone_longest_gives_the_number() -> None:
    gone = {2: 8_000, 3: 7_000, 4: 60_000}
    guests = [guest(number, gone.get(number)) for number in range(1, 12)]

    numbers = state.numbered(guests)

    assert (numbers[110], numbers[111]) == (3, 2)
    assert (103 in numbers, 102 in numbers, numbers[104]) == (False, False, 4)
    assert state.numbered(guests[:10]).items() <= {**numbers, 102: 2}.items()


@pytest.mark.parametrize(
    ("text", "word", "instead", "fits"),
    [
        ("这件最好了", "最好", "合适", True),
        ("这件绝对显瘦", "绝对", "我看到的是这样，介意就看另一款", False),
        ("这件绝对显瘦", "绝对", "介意就看另一款", False),
        ("亲，去投诉吧！", "去投诉吧", "投诉您可以提，事我照样办", True),
        ("您去投诉吧", "去投诉吧", "投诉您可以提，事我照样办", True),
    ],
)
def test_a_sentence_is_not_put_in_the_place_of_a_word(
    text: str, word: str, instead: str, *, fits: bool
) -> None:
    start = text.index(word)

    told = state.hit_json(text, Hit(start, start + len(word), Word("", ("别的",), instead=instead)))

    assert told["fits"] is fits
    assert told["word"] == word


def test_places_are_counted_as_browsers_count() -> None:
    told = state.hit_json("😊最好", Hit(1, 3, Word("", ("最好",), instead="合适")))

    assert (told["start"], told["end"]) == (2, 4)
