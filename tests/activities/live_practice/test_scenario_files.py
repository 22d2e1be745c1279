"""Scenario files: what is read, and every problem with its line."""

from __future__ import annotations

import pickle
import random
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cstrain.activities.live_practice import lint, pictures, reading
from cstrain.activities.live_practice.keys import KEYS
from cstrain.activities.live_practice.scenario import (
    ActionCode,
    LostReason,
    NeededAction,
    ParamRule,
    Scenario,
    Track,
)
from cstrain.plugin import Catalogue, forbidden_words
from tests.activities.live_practice.scenes import (
    EXAMPLE,
    SMALL,
    WORDS,
    example,
    problems,
    scenario,
    source,
)


def test_the_example_is_read_whole() -> None:
    read = example()

    assert read.track is Track.PRESALES
    assert read.customer.past_orders[0].amount == 89.0
    assert read.order is not None
    assert (read.order.state, read.order.paid, read.order.note) == ("待付款", 279.0, "")
    assert read.states["要礼物"].silence.to == "走了"
    assert read.states["生气"].silence.to == "差评走人"
    assert read.states["问价"].on_forbidden.to == "生气"
    assert read.states["问码"].branches[0].verdict == "wrong"
    assert read.facts["实付"].fact.about == (("279", "实付", "到手", "付"),)
    assert read.endings["走了"].reason is LostReason.SLOW
    assert read.endings["成交"].is_good
    assert read.unjudged_steps == {"ask", "farewell", "recommend"}
    assert read.debrief.startswith("她要的不是十块钱")


def test_a_scenario_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(example())) == example()  # noqa: S301 - our own


def test_every_key_has_one_meaning_in_both_languages() -> None:
    english = SMALL
    for word in sorted(KEYS, key=len, reverse=True):
        english = english.replace(f"{word}: ", f"{KEYS[word]}: ")
        english = english.replace(f"{word}:\n", f"{KEYS[word]}:\n")

    read = scenario(english)

    assert "去: " not in english
    assert replace(read, digest="", lines={}) == replace(scenario(), digest="", lines={})


def test_defaults_are_those_that_are_written_down() -> None:
    state = scenario().states["问邮费"]

    assert (state.on_right.mood, state.on_right.to) == (5, "成交")
    assert (state.on_wrong.to, state.on_wrong.mood) == ("成交", 0)
    assert (state.on_unclear.to, state.on_unclear.mood) == ("成交", -10)
    assert (state.on_forbidden.to, state.on_forbidden.mood) == (None, -15)
    silence = state.silence
    assert (silence.nudge_s, silence.complain_s, silence.leave_s) == (30, 90, 180)
    assert silence.to == "走了"


def test_pictures_and_actions_are_read() -> None:
    text = SMALL.replace("[在吗, 什么时候发]", "[在吗, {图: 破损包裹, 字: 你们看看}]").replace(
        "    要: {事实: [包邮]}",
        "    要: {事实: [包邮], 动作: {备注: {含: 包邮}, 改价: {金额: {至多: 10}},"
        " 退换: {类型: 换货}}}",
    )

    read = scenario(text)

    line = read.states["问发货"].say[0][1]
    assert (line.picture, line.text) == ("破损包裹", "你们看看")
    assert read.states["问邮费"].needs.actions == (
        NeededAction(ActionCode.NOTE, (ParamRule("text", contains=("包邮",)),)),
        NeededAction(ActionCode.CHANGE_PRICE, (ParamRule("amount", at_most=10.0),)),
        NeededAction(ActionCode.CREATE_RETURN, (ParamRule("type", equals="换货"),)),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("level: 1", "level: 4", "6: level 要写成：1 到 3 的整数"),
        ("topics: [late_delivery]", "topics: [weather]", "7: 不认识 weather"),
        ("耐心: 70", "脾气: 70", "10: 不认识 脾气"),
        ("开场: 问发货", "开场: 问发", "16: 不认识 问发，可以写 问发货、问邮费、问票"),
        ("    对: {去: 问邮费, 心情: 5}", "    对: {去: 邮费, 心情: 5}", "24: 不认识 邮费"),
        ("要: {事实: [包邮]}", "要: {事实: [邮费]}", "34: 不认识 邮费，可以写 发货、包邮"),
        ("要: {事实: [包邮]}", "要: {动作: 送礼}", "34: 不认识 送礼"),
        ("要: {事实: [包邮]}", "要: {动作: {备注: {说明: 包邮}}}", "34: 不认识 说明"),
        ("[[在吗, 什么时候发]", "[[一, 二, 三, 四]", "20: 说 要写成：几种说法"),
        ("[[在吗, 什么时候发]", "[[{图: 猫}]", "20: 图 要写成：破损包裹"),
        ("    对: {去: 问邮费, 心情: 5}\n", "", "18: 缺 对"),
        ("是: lost, 因: mismatch", "是: lost", "45: 缺 因"),
        ("催: 30, 怨: 90", "催: 90, 怨: 30", "31: 怨 要写成：91 到 1200 的整数"),
        ("{之间: [300, 300]", "{之间: [300, 100]", "42: 之间 要写成：两个秒数"),
        ("步骤: 问好", "步骤: 打招呼", "19: 步骤 要写成：问好、提问"),
        # found by playing it
        ("像: [满 99 元包邮。]", "像: [满 59 元包邮。]", "35: 这句 像 按 要 来看不算对（事实"),
        ("像: [满 99 元包邮。]", "像: [好的哦。]", "35: 这句 像 按 要 来看不算对（没说到"),
        ("像: [在的，48 小时内发货。]", "像: [自己看，48 小时内发货。]", "22: 这句 像 按"),
        ("错例: [72 小时内发货]", "错例: [两天内发货]", "23: 这句 错例 没有被认出是错的"),
        ("    像: [满 99 元包邮。]\n", "", "32: 状态“问邮费”缺 像"),
        ("  包邮: {话: 满 99", "  产地: 杭州生产\n  包邮: {话: 满 99", "13: 事实“产地”没有用到"),
        ("去: 生气走了", "去: 没拍", "46: 走不到结局“生气走了”"),
        ("打断: [{之间: [300, 300], 去: 问票}]\n", "", "37: 走不到状态“问票”"),
        ("是: paid, 金额: 99", "是: refund", "44: 一路答对，到不了好结局，停在“成交”"),
        ("对: {去: 成交}", "对: {去: 问邮费}", "32: 状态“问邮费”只能等顾客自己走"),
        ("对: {去: 成交}", "对: {去: 回}", "32: “问邮费”不是打断来的，不能“回”"),
    ],
)  # fmt: skip
def test_problems_are_told_with_their_line(old: str, new: str, said: str) -> None:
    assert old in SMALL

    found = problems(SMALL.replace(old, new, 1))

    assert any(each.startswith(said) for each in found), found


def test_fewer_than_three_outcomes_are_too_few() -> None:
    few = SMALL.replace("因: attitude", "因: mismatch").replace("因: slow", "因: mismatch")

    assert "43: 走得到的结局只有 2 种，至少 3 种" in problems(few)


def test_a_state_needs_an_ending_for_silence() -> None:
    found = problems(re.sub("是: lost, 因: [a-z]+", "是: refund", SMALL))

    assert "31: 缺 去，要写成：结局的名称" in found


def catalogue(*scenarios: Scenario, sections: tuple[str, ...] = ("3.4", "4.1", "4.2")) -> Catalogue:
    told = {ref: (ref, {"zh": ref, "en": ref}) for ref in sections}
    words = forbidden_words.WordFile("w", {"zh": "", "en": ""}, "", WORDS, "shop/words/w.md", 0)
    materials: dict[str, list[Any]] = {"scenario": list(scenarios), "forbidden_words": [words]}
    return Catalogue(
        revision_id=1, chapters=[], activities={}, bank={}, sections=told, materials=materials,
        paths={}, search_index=[], practice=[],
    )  # fmt: skip


def told(*scenarios: Scenario, sections: tuple[str, ...] = ("3.4", "4.1", "4.2")) -> list[str]:
    found = lint.check(catalogue(*scenarios, sections=sections))
    return [f"{each.line}: {each.problem}" for each in found]


def test_what_a_scenario_refers_to_must_be_there() -> None:
    assert told(scenario()) == []
    assert told(scenario(), sections=("4.1",)) == ["12: 没有小节 4.2"]
    assert told(example()) == ["10: 本店没有商品 SC-V01", "22: 本店没有商品 SC-V01"]


def test_right_replies_have_no_forbidden_words() -> None:
    promising = SMALL.replace("像: [满 99 元包邮。]", "像: [保证满 99 元包邮。]")

    assert told(scenario(promising)) == ["35: 有违禁词“保证”"]


def test_slugs_are_unique() -> None:
    assert "3: slug 和 shop/scenarios/small.md 重复" in told(scenario(), scenario(path="other.md"))


def test_a_template_with_other_words_is_told() -> None:
    words = SMALL.replace("slug: small", "slug: other").replace("48", "24").replace("99", "199")

    found = told(scenario(), scenario(words, path="other.md"))

    assert found == ["3: 和 shop/scenarios/small.md 像是一个模子：走法相同，100 % 的话一样"]


def test_different_scenarios_are_no_copies() -> None:
    one, other = scenario(), example()

    assert lint.shape(one) != lint.shape(other)
    assert not list(lint.copies([one, other]))


def test_shape_does_not_mind_names() -> None:
    renamed = SMALL.replace("问邮费", "邮费").replace("没拍", "不拍了")

    assert lint.shape(scenario(renamed)) == lint.shape(scenario())


def test_minutes_far_from_what_it_takes_are_advised_about() -> None:
    assert not list(lint.length(scenario()))

    assert [str(each) for each in lint.length(replace(scenario(), minutes=20))] == [
        "shop/scenarios/small.md:8: minutes 写了 20，一路答对大约要 2.2 分钟"
    ]


def test_every_picture_is_plain_svg() -> None:
    for name in pictures.PICTURES:
        drawn = ET.fromstring(pictures.svg(name))  # noqa: S314 - our own
        tags = {each.tag.rpartition("}")[2] for each in drawn.iter()}
        assert tags <= {"svg", "title", "rect", "path", "circle", "text"}
        assert pictures.svg(name).count("http") == 1
    with pytest.raises(KeyError):
        pictures.svg("猫")


def test_a_file_is_read_as_content_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "vest.md"
    path.write_bytes(EXAMPLE.read_bytes())

    assert reading.load(source(path.read_text("utf-8"))) == example()


def test_broken_files_are_told_and_never_crash() -> None:
    rng = random.Random(7)
    junk = ["[]", "{}", "null", "3", "true", "[[]]", "{去: 3}", "[1, [2, {a: b}]]", "-5", ".nan"]
    refused = 0
    for _each in range(150):
        lines = SMALL.split("\n")
        place = rng.randrange(1, len(lines) - 3)
        key, _colon, _value = lines[place].partition(":")
        lines[place] = f"{key}: {rng.choice(junk)}"
        refused += bool(problems("\n".join(lines)))

    assert refused > 100
