import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.activities.typing_speed.alignment import (
    Alignment,
    OpKind,
    align,
    alignment_statistics,
    correct_by_formula,
    distance_matrix,
    msd,
)

texts = st.text(alphabet="ab退换", max_size=9)


def columns(found: Alignment) -> str:
    return "".join(op.kind[0] for op in found.ops)


@given(texts, texts)
def test_distance_is_symmetric(one: str, other: str) -> None:
    assert msd(one, other) == msd(other, one) == distance_matrix(one, other)[-1][-1]


@given(texts, texts, st.booleans())
def test_counts_agree_with_the_texts(presented: str, typed: str, finished: bool) -> None:
    found = align(presented, typed, finished=finished)

    prefix = presented[: found.prefix_chars]
    pairs = found.correct_count + found.substitution_count
    assert pairs + found.omission_count == len(prefix)
    assert pairs + found.insertion_count == len(typed)
    assert found.edit_count == msd(prefix, typed)
    assert found.correct_count >= correct_by_formula(prefix, typed)
    assert [op.presented_at for op in found.ops if op.presented_at is not None] == [
        *range(len(prefix))
    ]
    assert [op.typed_at for op in found.ops if op.typed_at is not None] == [*range(len(typed))]
    for op in found.ops:
        if op.presented_at is not None and op.typed_at is not None:
            same = presented[op.presented_at] == typed[op.typed_at]
            assert same is (op.kind is OpKind.MATCH)


def best_by_trying(presented: str, typed: str) -> tuple[int, int, int]:
    """Fewest edits, most matches, longest prefix, by way of the whole matrix of pairs."""
    best: dict[tuple[int, int], tuple[int, int]] = {(0, 0): (0, 0)}
    for row, column in itertools.product(range(len(presented) + 1), range(len(typed) + 1)):
        ways = []
        if row:
            edits, matches = best[row - 1, column]
            ways.append((edits + 1, matches))
        if column:
            edits, matches = best[row, column - 1]
            ways.append((edits + 1, matches))
        if row and column:
            edits, matches = best[row - 1, column - 1]
            same = presented[row - 1] == typed[column - 1]
            ways.append((edits + (not same), matches - same))
        if ways:
            best[row, column] = min(ways)
    edits, matches, length = min(
        (*best[row, len(typed)], -row) for row in range(len(presented) + 1)
    )
    return edits, -matches, -length


@given(texts, texts)
def test_the_prefix_is_the_canonical_one(presented: str, typed: str) -> None:
    found = align(presented, typed, finished=False)

    assert (found.edit_count, found.correct_count, found.prefix_chars) == best_by_trying(
        presented, typed
    )


@pytest.mark.parametrize(
    ("presented", "typed", "expected"),
    [
        ("the quick brown", "th quick brpown", "mmommmmmmmmmimmm"),
        ("quickly", "qucehkly", "mmomiimmm"),
        ("今天天气", "今天夭", "mms"),
        ("请稍等", "", ""),
        ("", "啊", "i"),
    ],
)
def test_columns(presented: str, typed: str, expected: str) -> None:
    assert columns(align(presented, typed, finished=False)) == expected


def test_a_skipped_sentence_is_omitted_not_untyped() -> None:
    presented = "甲乙丙丁。戊己庚辛。子丑寅卯辰巳午未"

    found = align(presented, "甲乙丙丁。子丑寅卯辰巳午未", finished=False)

    assert found.prefix_chars == len(presented)
    assert found.omission_count == 5
    assert found.correct_count == 13


def test_finished_leaves_nothing_untyped() -> None:
    found = align("今天天气很好", "今天", finished=True)

    assert (found.prefix_chars, found.omission_count) == (6, 4)


def test_long_garbage_still_has_the_fewest_edits() -> None:
    presented = "退换货须知" * 200
    typed = "天地玄黄" * 250

    found = align(presented, typed, finished=False)

    assert found.edit_count == msd(presented[: found.prefix_chars], typed) == 1000


def test_all_alignments_are_not_counted_for_long_texts() -> None:
    assert alignment_statistics("x" * 600, "x" * 600) is None


@given(texts.filter(bool), texts)
def test_every_alignment_treats_every_character_somehow(presented: str, typed: str) -> None:
    found = alignment_statistics(presented, typed)

    assert found is not None
    assert sum(found.lengths.values()) == found.alignment_count
    for substituted, omitted in zip(
        found.substitution_weights, found.omission_weights, strict=True
    ):
        assert 0 <= substituted + omitted <= 1 + 1e-9
