"""Confusions, difficulty and the draw."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from cstrain.activities.typing_speed.confusions import (
    drill,
    in_traditional_mode,
    most_confused,
    substitutions,
    worst_chars,
)
from cstrain.activities.typing_speed.difficulty import LintCode, lint, measure, rare_chars
from cstrain.activities.typing_speed.draw import BAND_RATIO, Block, chars_needed, draw
from cstrain.activities.typing_speed.scoring import score

SEEN = datetime(2026, 11, 1, tzinfo=UTC)


def test_confusions_are_pairs_with_their_counts() -> None:
    found = score("退货退货，换货！", "退贷退贷，换获！", elapsed_ms=1000, finished=True)

    pairs = most_confused(substitutions(found))

    assert [(pair.typed, pair.presented, pair.count) for pair in pairs] == [
        ("贷", "货", 2),
        ("获", "货", 1),
    ]
    assert worst_chars(found) == {"货": 3}


def test_drill_takes_the_sentences_with_the_targets() -> None:
    texts = ["今天发货。天气很好。", "退货请在七天之内。您好。"]

    found = drill(["货"], texts, chars=10, rng=random.Random(1))

    assert "天气" not in found
    assert {"今天发货。", "退货请在七天之内。"} >= set(found.replace("。", "。|").split("|")) - {""}
    assert drill(["鲸"], texts, chars=10, rng=random.Random(1)) == ""


def test_traditional_mode_is_noticed() -> None:
    presented = "运费由我们承担，请说明订单编号"

    wrong = score(presented, "運費由我們承擔，請說明訂單編號", elapsed_ms=1000, finished=True)
    slips = score(presented, "运肥由我们成担，请说明定单编号", elapsed_ms=1000, finished=True)

    assert in_traditional_mode(wrong)
    assert not in_traditional_mode(slips)


def test_difficulty_counts_pinyin_letters_and_a_choice() -> None:
    found = measure("您好，SKU1")

    assert found.chars == 7
    assert found.keys_per_char == pytest.approx((3 + 3 + 2 * 0.5 + 5) / 7)
    assert found.punctuation_ratio == pytest.approx(1 / 7)
    assert found.ascii_ratio == pytest.approx(4 / 7)


def test_an_empty_passage_is_not_hard() -> None:
    assert measure("").keys_per_char == 0


@pytest.mark.parametrize(
    ("char", "code"),
    [
        ("\u200b", LintCode.ZERO_WIDTH),
        ("\ue000", LintCode.PRIVATE_USE),
        ("\t", LintCode.CONTROL),
        ("😀", LintCode.EMOJI),
        ("\ufe0f", LintCode.VARIATION_SELECTOR),
    ],
)
def test_lint_names_what_nobody_can_type(char: str, code: LintCode) -> None:
    findings = lint("您好" * 200 + char, official=False)

    assert (code, 400) in [(finding.code, finding.at) for finding in findings]


def test_lint_bounds_official_blocks() -> None:
    sentence = "您好，退货的运费由我们承担。"
    good = sentence * 10
    plain = "您好退货的运费由我们承担" * 12

    assert LintCode.PUNCTUATION_SHARE in {found.code for found in lint(plain, official=True)}
    assert {found.code for found in lint(sentence, official=True)} >= {LintCode.TOO_SHORT}
    assert {found.code for found in lint("SKU12，" * 30, official=True)} >= {LintCode.ASCII_SHARE}
    assert {found.code for found in lint(good * 4, official=True)} >= {LintCode.TOO_LONG}


def test_rare_characters() -> None:
    assert list(rare_chars("您好囧㐂運，")) == ["囧", "㐂", "運"]


def pool(count: int = 40) -> list[Block]:
    rng = random.Random(7)
    return [
        Block(f"ob-{number:03}", rng.randint(120, 200), rng.uniform(3.2, 4.0))
        for number in range(count)
    ]


def test_draw_is_long_enough_fair_and_repeatable() -> None:
    blocks = pool()
    mean = sum(b.chars * b.keys_per_char for b in blocks) / sum(b.chars for b in blocks)

    drawn = draw(blocks, {}, chars=chars_needed(300_000), rng=random.Random(3))
    again = draw(blocks[::-1], {}, chars=chars_needed(300_000), rng=random.Random(3))

    chars = sum(block.chars for block in drawn)
    assert chars >= 800
    assert drawn == again
    assert abs(sum(b.chars * b.keys_per_char for b in drawn) / chars / mean - 1) <= BAND_RATIO
    assert len({block.slug for block in drawn}) == len(drawn)


def test_draw_prefers_unseen_blocks_and_then_the_oldest() -> None:
    blocks = pool(8)
    seen = {block.slug: SEEN - timedelta(days=place) for place, block in enumerate(blocks[:5])}

    drawn = draw(blocks, seen, chars=800, rng=random.Random(3))

    slugs = {block.slug for block in drawn}
    assert {"ob-005", "ob-006", "ob-007", "ob-004"} <= slugs
    assert "ob-000" not in slugs


def test_draw_gives_what_there_is() -> None:
    assert draw([], {}, chars=800, rng=random.Random(1)) == []
    assert len(draw(pool(2), {}, chars=800, rng=random.Random(1))) == 2
