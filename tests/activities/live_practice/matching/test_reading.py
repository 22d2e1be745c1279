"""The verdict on a whole reply."""

import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.listed_opposites import LISTED, LISTED_BLIND, LISTED_LATER
from benchmarks.opposites import pairs
from benchmarks.paraphrases import PARAPHRASES
from cstrain.activities.live_practice.matching import (
    Fact,
    FactState,
    Verdict,
    contradicts,
    fact_of,
    find_fact,
    has_groups,
    normalise,
    read_reply,
    similarity,
)
from cstrain.activities.live_practice.matching.reading import SIMILAR, SIMILAR_TO_ONE

BACK, FREIGHT = Fact("back", "可以七天无理由退货"), Fact("freight", "运费买家出")


@pytest.mark.parametrize(
    ("reply", "verdict", "reason"),
    [
        ("7天内可以无理由退货，运费您自己承担哦", Verdict.RIGHT, "facts"),
        ("7天内可以无理由退货哦", Verdict.UNCLEAR, "fact_missing:freight"),
        ("7天内可以无理由退货，运费我们承担", Verdict.WRONG, "fact_wrong:freight"),
        ("运费您出\n不可以退货", Verdict.WRONG, "fact_wrong:back"),
        (" \n", Verdict.UNCLEAR, "empty"),
        ("😊", Verdict.UNCLEAR, "fact_missing:back"),
    ],
)
def test_verdict_by_facts(reply: str, verdict: Verdict, reason: str) -> None:
    reading = read_reply(reply, facts=[BACK, FREIGHT])

    assert (reading.verdict, reading.reason) == (verdict, reason)


@pytest.mark.parametrize(
    ("reply", "verdict", "reason"),
    [
        ("亲，可以退货的哦", Verdict.RIGHT, "similar"),
        ("不可以退货的哦", Verdict.WRONG, "polarity"),
        ("您好", Verdict.UNCLEAR, "not_similar"),
    ],
)
def test_verdict_by_references(reply: str, verdict: Verdict, reason: str) -> None:
    reading = read_reply(reply, references=["可以退货的", "这款支持退货"])

    assert (reading.verdict, reading.reason) == (verdict, reason)


def test_neither_facts_nor_references_decide_nothing() -> None:
    assert read_reply("可以的").verdict is Verdict.UNCLEAR


@pytest.mark.parametrize(
    ("reply", "reference", "code"),
    [
        ("今天能发货", "今天不能发货", "polarity"),
        ("穿L码", "穿M码", "size"),
        ("48小时内发货", "72小时内发货", "number"),
        ("明天发货", "今天发货", "date"),
        ("今天发货", "周三发货", "date"),
        ("黑色的有货", "白色的有货", "colour"),
        ("运费您出", "运费我们出", "party"),
        ("发顺丰", "发中通", "carrier"),
        ("建议拍大一码", "建议拍小一码", "contrast"),
        ("审核通过了", "审核被驳回了", "polarity"),
        ("是圆领", "是V领", "substituted"),
        ("可以先退再换", "可以先换再退", "contrast"),
        ("先退货，收到再退款", "先给您退款，您再退货", "contrast"),
        ("安装完再确认收货", "确认收货完再预约安装", "contrast"),
        ("开了还能换", "开了就换不了", "polarity"),
        ("邮费都算我们的", "邮费都算您的", "party"),
        ("两张券可以一块用", "两张券只能用一张", "together"),
        ("发的藏青那件", "发的浅灰那件", "colour"),
        ("这款是有线的鼠标", "这款是无线的鼠标", "wire"),
        ("支持价保", "不参加价保", "polarity"),
        ("四点前拍今天都能到", "四点前拍今天到不了", "polarity"),
        ("这件寄得过去", "这件寄不过去", "polarity"),
        ("家里没人可以放门口", "家里没人不能放门口", "polarity"),
        ("对不起这个可以退的", "对不起这个退不了", "polarity"),
        ("您那边先付运费", "我们这边先付运费", "party"),
        ("您先垫付运费", "运费我们出", None),
        ("往返运费我们承担", "运费我们只承担单程", "contrast"),
        ("质量问题包来回运费", "质量问题往返运费我们出", None),
        ("下单之前联系客服", "下单之后联系客服", "contrast"),
        ("这单我们发货", "这单平台仓发货", "contrast"),
        ("商家发货", "店里发货的", None),
        ("这是上一代的芯片", "这是新一代的芯片", "generation"),
        ("身高165拿165的", "身高165拿170的", "number"),
        ("这款是可以的", "这款是能退的", None),
        ("100 到 130 斤能穿", "100 到 115 斤能穿", "number"),
        ("有消息第一时间告诉您", "有消息马上告诉您", None),
        ("可以退货的", "可以退货哦", None),
        ("可以退货吗", "不可以退货", None),
        ("抱歉，咨询的人多", "不好意思久等了", None),
    ],
)
def test_code_of_a_conflict(reply: str, reference: str, code: str | None) -> None:
    assert contradicts(reply, reference) == code


def test_reference_that_agrees_does_not_hide_a_conflict_with_the_nearest() -> None:
    reading = read_reply("L码有货，M码没货", references=["M码有货，L码没货", "L码有货"])

    assert reading.verdict is Verdict.WRONG


@pytest.mark.parametrize("seed", range(10))
def test_no_opposite_is_accepted(seed: int) -> None:
    accepted = [
        (reference, reply)
        for _kind, reference, reply in pairs(Random(seed))
        if read_reply(reply, references=[reference]).verdict is Verdict.RIGHT
        or find_fact(reply, fact_of(reference)).state is FactState.RIGHT
    ]

    assert accepted == []


@pytest.mark.parametrize(
    ("one", "other"),
    [pair for _kind, a, b in (*LISTED, *LISTED_LATER, *LISTED_BLIND) for pair in ((a, b), (b, a))],
)
def test_no_listed_opposite_is_accepted(one: str, other: str) -> None:
    assert read_reply(other, references=[one]).verdict is not Verdict.RIGHT
    assert find_fact(other, fact_of(one)).state is not FactState.RIGHT


def test_an_only_reference_may_be_a_little_further_off_than_one_of_several() -> None:
    reference, reply = "退款三天内原路退回", "钱原路回去，您留意短信"
    likeness, _nearest = similarity(reply, [reference])
    alone = read_reply(reply, references=[reference])
    beside = read_reply(reply, references=[reference, "没有这个颜色"])

    assert SIMILAR_TO_ONE <= likeness < SIMILAR
    assert (alone.verdict, beside.verdict) == (Verdict.RIGHT, Verdict.UNCLEAR)


def test_most_paraphrases_are_recognised_and_none_is_taken_for_wrong() -> None:
    states = [find_fact(reply, fact_of(fact)).state for fact, reply in PARAPHRASES]

    assert states.count(FactState.RIGHT) >= 0.95 * len(states)
    assert FactState.WRONG not in states


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="可以不退货吗？，没有48小时内发L码明天如果您说的了 。元一三", max_size=40))
def test_any_reply_can_be_read(text: str) -> None:
    reading = read_reply(text, references=["可以退货", text], facts=[BACK])

    assert 0 <= reading.similarity <= 1
    for found in reading.facts:
        assert found.span is None or 0 <= found.span[0] < found.span[1] <= len(text)


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    read_reply(text, references=["可以退货"], facts=[BACK, FREIGHT])


_VERBS = st.sampled_from(["退货", "换货", "机洗", "开发票", "改地址", "开箱验货", "补差价"])


@given(
    _VERBS,
    st.sampled_from(["可以{}", "能{}", "支持{}", "{}是可以的"]),
    st.sampled_from(["不可以{}", "不能{}", "不支持{}", "{}不可以", "没法{}"]),
    st.sampled_from(["", "亲，", "您好 "]),
    st.sampled_from(["", "哦", "的呢", "，您放心"]),
)
def test_no_fact_is_right_in_a_sentence_and_in_its_denial(
    verb: str, says: str, denies: str, head: str, tail: str
) -> None:
    fact = fact_of(f"可以{verb}")
    denial = fact_of(f"不可以{verb}")
    said, denied = (head + each.format(verb) + tail for each in (says, denies))

    assert find_fact(said, fact).state is FactState.RIGHT
    assert find_fact(denied, fact).state is FactState.WRONG
    assert find_fact(said, denial).state is FactState.WRONG
    assert find_fact(denied, denial).state is FactState.RIGHT


@given(st.integers(1, 500), st.integers(1, 500), st.sampled_from(["元", "小时", "天", "厘米"]))
def test_a_number_is_right_only_where_it_is_the_same(one: int, other: int, unit: str) -> None:
    state = find_fact(f"亲，要{other}{unit}的", fact_of(f"要{one}{unit}")).state

    assert (state is FactState.RIGHT) == (one == other or {one, other} == {360, 365})


@pytest.mark.parametrize(
    "part", ["请问您看有什么", "不", "先后", "如果就", "请再先稍微", "1", "<", "可以 "]
)
def test_long_replies_are_read_in_time(part: str) -> None:
    reply = (part * 5000)[:5000]
    begun = time.process_time()

    read_reply(reply, references=["可以退货的"], facts=[BACK])

    assert time.process_time() - begun < 5  # was minutes where a pattern looked back and forth


def test_similarity_names_the_nearest() -> None:
    like, index = similarity("请稍等，帮您查一下", ["可以退货", "稍等，我帮您看下"])

    assert index == 1
    assert like > 0.5
    assert similarity("可以", []) == (0.0, -1)
    assert similarity("可以退货的", ["可以退货的"]) == (1.0, 0)


@pytest.mark.parametrize(
    ("text", "groups", "has"),
    [
        ("这边給您補發一件", [["补发", "补寄"]], True),
        ("ＶＩＰ会员有券", [["vip"], ["优惠券", "红包"]], True),
        ("这边给您退款", [["补发"], ["退款"]], False),
        ("不补发", [["补发"]], True),
        ("任何话", [], True),
    ],
)
def test_groups_of_words(text: str, groups: list[list[str]], *, has: bool) -> None:
    assert has_groups(text, groups) is has
