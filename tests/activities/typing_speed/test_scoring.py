import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.activities.typing_speed.alignment import align
from cstrain.activities.typing_speed.normalise import WidthPolicy
from cstrain.activities.typing_speed.scoring import (
    Fixing,
    buckets,
    cpm,
    error_rates,
    score,
)

texts = st.text(alphabet="亲您好，！a ", max_size=12)


@given(texts, texts, st.integers(1, 600_000), st.booleans())
def test_net_never_exceeds_gross(
    presented: str, typed: str, elapsed_ms: int, finished: bool
) -> None:
    found = score(presented, typed, elapsed_ms=elapsed_ms, finished=finished)

    assert found.net_cpm is not None
    assert found.gross_cpm is not None
    assert found.net_cpm <= found.gross_cpm
    assert 0 <= found.accuracy_ratio <= 1


@given(texts, texts)
def test_width_is_never_an_error_when_lenient(presented: str, typed: str) -> None:
    wide = typed.replace("，", ",").replace("！", "!")

    one = score(presented, typed, elapsed_ms=1000, finished=False)
    other = score(presented, wide, elapsed_ms=1000, finished=False)

    assert one.alignment == other.alignment


def test_width_mismatches_are_counted() -> None:
    found = score("亲，您好！", "亲,您好！", elapsed_ms=1000, finished=True)

    assert found.accuracy_ratio == 1
    assert found.figures()["width_mismatch_count"] == 1


def test_strict_policy_counts_width_as_wrong() -> None:
    found = score(
        "亲，您好！", "亲,您好!", elapsed_ms=1000, finished=True, policy=WidthPolicy.STRICT
    )

    assert found.alignment.substitution_count == 2


def test_undefined_figures_are_none() -> None:
    figures = score("您好", "", elapsed_ms=None, finished=False).figures()

    for name in ("gross_cpm", "net_cpm", "msd_error_ratio", "kspc", "corrected_error_ratio"):
        assert figures[name] is None
    assert figures["accuracy_ratio"] == 0


def test_nothing_typed_with_a_log_has_no_rates() -> None:
    rates = error_rates(0, 0, 0, 0)

    assert (rates.corrected, rates.total, rates.wasted_bandwidth) == (None, None, None)
    assert (rates.correction_efficiency, rates.conscientiousness) == (1, 1)


@pytest.mark.parametrize("elapsed_ms", [None, 0, -5])
def test_no_speed_without_a_duration(elapsed_ms: int | None) -> None:
    assert cpm(10, elapsed_ms) is None


def test_adjusted_speed_uses_the_uncorrected_rate() -> None:
    fixing = Fixing(fixed_count=1, fixes_count=1, keystroke_count=12)

    figures = score("abcdefghij", "abcdefghiX", elapsed_ms=60_000, finished=True, fixing=fixing)

    assert figures.figures()["adjusted_wpm"] == pytest.approx(2 * (1 - 1 / 11))
    assert figures.kspc == 1.2


def test_buckets_tell_when_what_was_typed() -> None:
    found = align("一二三四五六", "一二四X六", finished=True)

    spans = buckets(found.ops, [100, 4900, 5000, 9000, 12_000], 12_500)

    assert [(span.correct_count, span.error_count) for span in spans] == [(2, 0), (1, 2), (1, 0)]
    assert [span.length_ms for span in spans] == [5000, 5000, 2500]
    assert [span.net_cpm for span in spans] == [24, 12, 24]


def test_omissions_at_the_end_belong_to_the_last_character() -> None:
    found = align("一二三四", "一", finished=True)

    spans = buckets(found.ops, [100], 10_000)

    assert [span.error_count for span in spans] == [3, 0]


def test_no_time_no_buckets() -> None:
    assert buckets(align("一", "一", finished=True).ops, [0], 0) == ()
