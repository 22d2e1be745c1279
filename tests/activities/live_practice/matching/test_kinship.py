"""The company of characters: counted from sentences, read from the table."""

from cstrain.activities.live_practice.matching.kinship import DIGITS, company, kinship
from tools import kinship as making


def test_replies_on_one_matter_are_kin_without_a_word_in_common() -> None:
    refund = company("退款原路返回")

    assert kinship(refund, company("钱会回到您的付款账户")) > 0.3
    assert kinship(refund, company("腰围大一码合身")) < 0.1


def test_a_text_is_its_own_kin_and_one_of_nothing_known_is_nobodys() -> None:
    assert abs(kinship(company("明天送达"), company("明天送达")) - 1) < 1e-9
    assert kinship(company("明天送达"), company("OK 123")) == 0


def test_table_counts_who_stands_together() -> None:
    filler = [frozenset(chr(0x4E00 + n) for n in range(100))] * making.LEAST_SENTENCES
    pair = [frozenset("龙凤")] * making.LEAST_SENTENCES
    alone = [frozenset("龟")] * making.LEAST_SENTENCES

    chars, rarities, *lines = making.table([*filler, *pair, *alone]).splitlines()

    assert set("龙凤龟") <= set(chars)
    assert len(rarities) == len(chars)
    assert len(lines) == making.COMMON.stop - making.COMMON.start
    for line in lines:
        of = dict(zip(chars, line[1:], strict=True))
        assert of[line[0]] != DIGITS[0]
        assert of["龙"] == DIGITS[0]
