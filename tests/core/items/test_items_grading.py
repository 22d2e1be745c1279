import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.core.items import paper
from cstrain.core.items.bank import check_bank
from cstrain.core.items.canonical import (
    NOT_ANSWERED,
    given_text,
    item_digest,
    question_text,
    right_text,
)
from cstrain.core.items.grading import Graded, grade
from cstrain.core.items.item import Item, Kind
from cstrain.core.items.paper import FrozenItem, freeze, present
from cstrain.core.items.responses import Response, clean_response, raw_from_form
from tests.core.items.examples import item_of

ITEMS = {kind: item_of(kind) for kind in Kind}
kinds = st.sampled_from(list(Kind))
seeds = st.integers(0, 10_000)


def frozen_of(kind: Kind, seed: int = 1) -> FrozenItem:
    return freeze(ITEMS[kind], random.Random(seed))


def keys_of(frozen: FrozenItem, *indexes: int) -> list[str]:
    """The keys behind which the parts of these indexes stand."""
    by_index = {index: key for key, index in frozen.keys.items()}
    return [by_index[index] for index in indexes]


def answer(frozen: FrozenItem, *indexes: int, texts: tuple[str, ...] = ()) -> dict[str, Any]:
    """The JSON of an answer by the indexes of the parts as written."""
    keys = keys_of(frozen, *indexes)
    by_kind: dict[Kind, dict[str, Any]] = {
        Kind.SINGLE: {"choice": keys[0] if keys else None},
        Kind.TRUEFALSE: {"choice": keys[0] if keys else None},
        Kind.MULTIPLE: {"choices": keys},
        Kind.SPOT: {"choices": keys},
        Kind.ORDER: {"order": keys},
        Kind.MATCH: {"pairs": {str(n): key for n, key in enumerate(keys, start=1)}},
        Kind.NUMERIC: {"text": texts[0] if texts else ""},
        Kind.BLANKS: {"texts": list(texts)},
    }
    return by_kind[frozen.item.kind]


RIGHT: dict[Kind, tuple[tuple[int, ...], tuple[str, ...]]] = {
    Kind.SINGLE: ((1,), ()),
    Kind.MULTIPLE: ((0, 1, 3), ()),
    Kind.TRUEFALSE: ((1,), ()),
    Kind.NUMERIC: ((), ("47.64",)),
    Kind.BLANKS: ((), ("红", "千牛")),
    Kind.ORDER: ((0, 1, 2, 3), ()),
    Kind.MATCH: ((0, 0, 1), ()),
    Kind.SPOT: ((1, 4), ()),
}


def graded(frozen: FrozenItem, raw: object) -> Graded:
    return grade(frozen, clean_response(present(frozen), raw))


@given(kinds, seeds)
def test_the_right_answer_is_worth_one_in_every_order(kind: Kind, seed: int) -> None:
    frozen = frozen_of(kind, seed)
    indexes, texts = RIGHT[kind]

    result = graded(frozen, answer(frozen, *indexes, texts=texts))

    assert (result.ratio, result.is_right) == (1.0, True)
    assert all(part.is_right for part in result.parts)


@pytest.mark.parametrize(
    ("kind", "indexes", "ratio"),
    [
        (Kind.SINGLE, (0,), 0),
        (Kind.TRUEFALSE, (0,), 0),
        (Kind.MULTIPLE, (0, 1), 2 / 3),
        (Kind.MULTIPLE, (0, 1, 2), 1 / 3),
        (Kind.MULTIPLE, (0, 2, 4), 0),
        (Kind.MULTIPLE, (0, 1, 2, 3, 4), 1 / 3),
        (Kind.SPOT, (1,), 1 / 2),
        (Kind.SPOT, (1, 3, 4), 1 / 2),
        (Kind.SPOT, (3,), 0),
        (Kind.ORDER, (1, 0, 2, 3), 5 / 6),
        (Kind.ORDER, (3, 0, 1, 2), 1 / 2),
        (Kind.ORDER, (3, 2, 1, 0), 0),
        (Kind.ORDER, (2, 3, 0, 1), 0),
        (Kind.ORDER, (0, 1), 0),
        (Kind.MATCH, (0, 1, 1), 2 / 3),
        (Kind.MATCH, (2, 2, 2), 0),
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_partial_credit_by_the_printed_rule(
    kind: Kind, indexes: tuple[int, ...], ratio: float, seed: int
) -> None:
    frozen = frozen_of(kind, seed)

    assert graded(frozen, answer(frozen, *indexes)).ratio == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("texts", "ratio"),
    [
        (("红色", "千牛工作台"), 1),
        (("红。", " 千 牛 "), 1),
        (("红", "ｓｋｕ表"), 1),
        (("红",), 0.5),
        (("", "千牛"), 0.5),
        (("千牛", "红"), 0),
    ],
)
def test_blanks_count_one_by_one(texts: tuple[str, ...], ratio: float) -> None:
    frozen = frozen_of(Kind.BLANKS)

    assert graded(frozen, answer(frozen, texts=texts)).ratio == ratio


@pytest.mark.parametrize(
    ("typed", "is_right"),
    [
        ("47.64", True),
        ("47.64%", True),
        ("４７．６４ ％", True),
        ("47。64", True),
        ("+47.65", True),
        ("47.63", True),
        ("47.651", False),
        ("0.4764", False),
        ("47.64 元", False),
        ("47.64 万", False),
        ("4764/100", False),
        ("4.764e1", False),
        ("NaN", False),
        ("inf", False),
        ("1e999999999", False),
        ("٤٧.٦٤", False),
        ("47.64.1", False),
    ],
)
def test_numbers_as_people_type_them(typed: str, *, is_right: bool) -> None:
    frozen = frozen_of(Kind.NUMERIC)

    assert graded(frozen, {"text": typed}).is_right is is_right


@pytest.mark.parametrize(
    ("typed", "is_right"),
    [
        ("28800", True),
        ("28,800", True),
        ("28，800.00 元", True),
        ("¥28800", True),
        ("￥28,800元", True),
        ("2,8800", False),
        ("28.8 千元", False),
        ("¥28800 万", False),
    ],
)
def test_money_with_separators_and_signs(typed: str, *, is_right: bool) -> None:
    frozen = FrozenItem(item_of(Kind.NUMERIC, "多卖多少？\n答案：28800 元"), ())

    assert graded(frozen, {"text": typed}).is_right is is_right


@given(kinds, seeds, st.data())
def test_every_answer_is_between_0_and_1_whatever_the_order(
    kind: Kind, seed: int, data: st.DataObject
) -> None:
    one, other = frozen_of(kind, seed), frozen_of(kind, seed + 1)
    indexes = data.draw(st.lists(st.sampled_from(one.order or (0,)), unique=True, max_size=3))
    texts = tuple(data.draw(st.lists(st.text(max_size=9), max_size=2)))
    indexes = indexes if one.order else []

    result = graded(one, answer(one, *indexes, texts=texts))

    assert 0 <= result.ratio <= 1
    assert result.is_right is (result.ratio == 1)
    assert graded(other, answer(other, *indexes, texts=texts)).ratio == result.ratio


@pytest.mark.parametrize("kind", list(Kind))
def test_no_answer_is_worth_nothing(kind: Kind) -> None:
    frozen = frozen_of(kind)

    nothing, taken_back = grade(frozen, None), graded(frozen, answer(frozen))

    assert (nothing.ratio, nothing.given_text) == (0, NOT_ANSWERED)
    assert (taken_back.ratio, taken_back.given_text) == (0, NOT_ANSWERED)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
near_misses = st.fixed_dictionaries(
    {},
    optional={
        name: json_values | st.sampled_from(["a", ["a"], ["a", "a"], {"1": "a"}, {"9": "a"}])
        for name in ("choice", "choices", "order", "pairs", "text", "texts")
    },
)


@given(kinds, json_values | near_misses)
def test_junk_is_a_value_error_or_a_gradable_answer(kind: Kind, raw: object) -> None:
    frozen = frozen_of(kind)
    try:
        response = clean_response(present(frozen), raw)
    except ValueError:
        return

    assert 0 <= grade(frozen, response).ratio <= 1
    assert clean_response(present(frozen), response.to_json()) == response


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Kind.SINGLE, {"choice": "z"}),
        (Kind.SINGLE, {"choice": "a", "score": 1}),
        (Kind.SINGLE, {"choices": ["a"]}),
        (Kind.SINGLE, "a"),
        (Kind.MULTIPLE, {"choices": ["a", "a"]}),
        (Kind.MULTIPLE, {"choices": "ab"}),
        (Kind.ORDER, {"order": ["a", "a", "b", "c"]}),
        (Kind.ORDER, {"order": ["a"] * 5}),
        (Kind.MATCH, {"pairs": {"4": "a"}}),
        (Kind.MATCH, {"pairs": {"1": "9"}}),
        (Kind.MATCH, {"pairs": [["1", "a"]]}),
        (Kind.SPOT, {"choices": ["d"]}),
        (Kind.NUMERIC, {"text": 47.64}),
        (Kind.NUMERIC, {"text": "1" * 501}),
        (Kind.BLANKS, {"texts": ["", "", ""]}),
        (Kind.BLANKS, {"texts": [None]}),
    ],
)
def test_an_answer_of_another_form_is_refused(kind: Kind, raw: object) -> None:
    with pytest.raises(ValueError, match=r"答案|选项"):
        clean_response(present(frozen_of(kind)), raw)


def test_control_characters_are_dropped_from_texts() -> None:
    response = clean_response(present(frozen_of(Kind.NUMERIC)), {"text": "\x00 4\u200b7\r\n\ud800"})

    assert response == Response(Kind.NUMERIC, texts=("47",))


@given(kinds, seeds)
def test_what_is_public_holds_no_key(kind: Kind, seed: int) -> None:
    frozen = frozen_of(kind, seed)

    shown = json.dumps(present(frozen).to_json(), ensure_ascii=False)

    for secret in ("因为", "没有时间", "送到不能保证", "47.64", "0.01", "千牛", "right", "faulty"):
        assert secret not in shown


@given(seeds)
def test_steps_never_stand_in_the_right_order_at_first(seed: int) -> None:
    assert frozen_of(Kind.ORDER, seed).order != (0, 1, 2, 3)


def test_the_key_of_the_right_reply_is_drawn() -> None:
    keys = {keys_of(frozen_of(Kind.SINGLE, seed), 1)[0] for seed in range(40)}

    assert keys == {"a", "b", "c", "d"}


def test_true_and_false_and_chats_keep_their_order() -> None:
    truth, chat = present(frozen_of(Kind.TRUEFALSE, 5)), present(frozen_of(Kind.SPOT, 5))

    assert [(choice.key, choice.text) for choice in truth.choices] == [("a", "对"), ("b", "错")]
    assert [(line.key, line.at, line.who, line.voice) for line in chat.lines] == [
        (None, "19:42", "买家", "customer"),
        ("a", "", "小周", "agent"),
        (None, "", "", "note"),
        ("b", "", "小周", "agent"),
        ("c", "", "小周", "agent"),
    ]
    assert present(frozen_of(Kind.NUMERIC)).unit == "%"


@given(kinds, seeds)
def test_a_frozen_item_survives_json(kind: Kind, seed: int) -> None:
    frozen = frozen_of(kind, seed)

    assert paper.from_json(json.loads(json.dumps(paper.to_json(frozen)))) == frozen


def test_history_texts_are_plain_words() -> None:
    order, match = frozen_of(Kind.ORDER), frozen_of(Kind.MATCH)
    texts = {kind: (question_text(item), right_text(item)) for kind, item in ITEMS.items()}

    assert texts[Kind.SINGLE] == (
        "先回哪一句？\n- 等着\n- 能，今天发\n- 肯定到\n- 自己看",
        "能，今天发",
    )
    assert texts[Kind.TRUEFALSE] == ("拆了就一定不能退。", "错")
    assert texts[Kind.NUMERIC][1] == "47.64 %（误差 0.01 以内）"
    assert texts[Kind.BLANKS] == (
        "急单插 ＿＿＿(1) 旗，退货用＿＿＿(2)登记。",
        "1. 红 / 红色；2. 千牛 / 千牛工作台 / SKU 表",
    )
    assert texts[Kind.ORDER][1] == "道歉 → 要照片 → 核对 → 补发"
    assert texts[Kind.MATCH][1] == "咨询 → 售前；催付 → 售前；退款 → 售后"
    assert texts[Kind.SPOT][1] == "小周：明天一定到\n小周：我帮您改价"
    assert graded(order, answer(order, 1, 0, 2, 3)).given_text == "要照片 → 道歉 → 核对 → 补发"
    assert graded(match, answer(match, 1)).given_text == "咨询 → 售后；催付 → （空）；退款 → （空）"
    numeric = Response(Kind.NUMERIC, texts=("47",))
    assert given_text(frozen_of(Kind.NUMERIC), numeric) == "47 %"
    blanks = Response(Kind.BLANKS, texts=("红", ""))
    assert given_text(frozen_of(Kind.BLANKS), blanks) == "1. 红；2. （空）"
    spot = frozen_of(Kind.SPOT)
    assert graded(spot, answer(spot, 4, 1)).given_text == texts[Kind.SPOT][1]
    multiple = frozen_of(Kind.MULTIPLE)
    assert graded(multiple, answer(multiple, 3, 0)).given_text == "答应回电的\n拦截件"


def test_the_question_of_an_ordering_task_does_not_tell_the_order() -> None:
    text = question_text(item_of(Kind.ORDER, "排\n1. 丙\n2. 乙\n3. 甲"))

    assert text == "排\n" + "\n".join(sorted(["- 丙", "- 乙", "- 甲"]))


def test_the_digest_changes_with_the_question_and_not_with_its_place() -> None:
    item = ITEMS[Kind.SINGLE]
    moved = item_of(Kind.SINGLE, options="    难度: 2\n    用途: 考试\n    小节: 1.2\n")

    assert item_digest(moved) == item_digest(item)
    assert len({item_digest(item) for item in ITEMS.values()}) == len(ITEMS)


def test_comments_come_with_the_graded_rows() -> None:
    frozen = frozen_of(Kind.SPOT)

    parts = graded(frozen, answer(frozen, 1, 3)).parts

    assert [(part.is_picked, part.is_key, part.is_right) for part in parts] == [
        (None, None, True),
        (True, True, True),
        (None, None, True),
        (True, False, False),
        (False, True, False),
    ]
    assert parts[1].feedback_md == "送到不能保证"


FORMS: dict[Kind, dict[str, list[str]]] = {
    Kind.SINGLE: {"q": ["b"]},
    Kind.TRUEFALSE: {"q": ["a"]},
    Kind.MULTIPLE: {"q": ["a", "c"]},
    Kind.SPOT: {"q": ["a"]},
    Kind.ORDER: {"q-a": ["2"], "q-b": ["1"], "q-c": ["4"], "q-d": ["3"]},
    Kind.MATCH: {"q-1": ["a"], "q-2": [""], "q-3": ["c"]},
    Kind.NUMERIC: {"q": ["47"]},
    Kind.BLANKS: {"q-1": ["红"]},
}


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Kind.SINGLE, {"choice": "b"}),
        (Kind.TRUEFALSE, {"choice": "a"}),
        (Kind.MULTIPLE, {"choices": ["a", "c"]}),
        (Kind.SPOT, {"choices": ["a"]}),
        (Kind.ORDER, {"order": ["b", "a", "d", "c"]}),
        (Kind.MATCH, {"pairs": {"1": "a", "3": "c"}}),
        (Kind.NUMERIC, {"text": "47"}),
        (Kind.BLANKS, {"texts": ["红", ""]}),
    ],
)
def test_plain_forms_give_the_same_answers(kind: Kind, raw: dict[str, Any]) -> None:
    public, form = present(frozen_of(kind)), FORMS[kind]

    sent = raw_from_form(public, "q", lambda name: form.get(name, []))
    empty = raw_from_form(public, "q", lambda _name: [])

    assert clean_response(public, sent).to_json() == raw
    assert clean_response(public, empty).is_empty


def test_bank_figures_show_a_bias_of_length_and_truth() -> None:
    def single(right: str, wrong: str) -> Item:
        return item_of(Kind.SINGLE, f"问？\n- [x] {right}\n- [ ] {wrong}\n- [ ] 两字")

    items = [
        single("最长的一句话", "短一些"),
        single("短", "短一些"),
        item_of(Kind.SINGLE, role="启发"),
        item_of(Kind.TRUEFALSE),
    ]

    figures = check_bank(items)

    assert figures.single_count == 2
    assert figures.longest_right_ratio == 0.5
    assert figures.shortest_right_ratio == 0.5
    assert figures.expected_ratio == pytest.approx(1 / 3)
    assert figures.true_ratio == 0
    assert check_bank([]).longest_right_ratio == check_bank([]).shortest_right_ratio == 0
    assert check_bank([]).true_ratio is None
