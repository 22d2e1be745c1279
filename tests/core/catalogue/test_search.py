"""Searching the course: short words, width and case, locks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.core.catalogue.catalogue import Catalogue, SearchEntry, fold

ENTRIES = (
    SearchEntry(
        "lesson",
        "先安抚再查单",
        "顾客催发货……先说“在的”，再查物流。ＳＫＵ 是货号",
        "/a",
        activity="a",
    ),
    SearchEntry("lesson", "物流", "快递单号怎么查", "/b", activity="b"),
    SearchEntry("faq", "几点发货", "16:00 前付款当天发", "/c", answer="16:00 前付款当天发"),
)


def catalogue() -> Catalogue:
    index = [(each, fold(each.title), fold(each.text)) for each in ENTRIES]
    return Catalogue(1, (), {}, {}, {}, {}, {}, index)


def found(query: str, *locked: str) -> list[str]:
    hits = catalogue().search(query, lambda slug: slug not in locked)
    return [hit.entry.url for hit in hits]


@pytest.mark.parametrize(
    ("query", "urls"),
    [
        ("发货", ["/c", "/a"]),
        ("物流", ["/b", "/a"]),
        ("查", ["/a", "/b"]),
        ("sku", ["/a"]),
        ("ｓｋｕ", ["/a"]),
        ("１６", ["/c"]),
        ("发货 16", ["/c"]),
        ("发货　查", ["/a"]),
        ("没有的词", []),
        ("", []),
        ("  ", []),
    ],
)
def test_every_word_must_occur_and_titles_weigh_most(query: str, urls: list[str]) -> None:
    assert found(query) == urls


@pytest.mark.parametrize(
    ("query", "before", "after"),
    [
        ("物流", "", "一二三四五六七八九十" * 4 + "…"),
        ("末尾", "…二三四五六七八九十" + "一二三四五六七八九十" + "，", ""),
        ("标题", "物流" + "一二三四五六七八九十" * 5 + "一二三四五六七八…", ""),
    ],
)
def test_an_excerpt_says_where_it_is_cut(query: str, before: str, after: str) -> None:
    text = "物流" + "一二三四五六七八九十" * 9 + "，末尾"
    entry = SearchEntry("lesson", "标题", text, "/a")
    index = [(entry, fold(entry.title), fold(entry.text))]

    (hit,) = Catalogue(1, (), {}, {}, {}, {}, {}, index).search(query, lambda _slug: True)

    assert (hit.before, hit.after) == (before, after)


def test_locked_activities_are_not_found_and_ready_answers_always_are() -> None:
    assert found("物流", "a", "b") == []
    assert found("发货", "a", "b") == ["/c"]


def test_a_hit_shows_the_words_around_it() -> None:
    (hit,) = catalogue().search("物流 先说", lambda _slug: True)

    assert (hit.before, hit.match, hit.after) == (
        "顾客催发货……先说“在的”，再查",
        "物流",
        "。ＳＫＵ 是货号",
    )


def test_an_answer_is_shown_whole_whatever_was_found_in_it() -> None:
    entry = SearchEntry(
        "faq", "不喜欢能退吗？", "能。袜子除外。\n退货", "/f", answer="能。袜子除外。"
    )
    there = replace(catalogue(), search_index=[(entry, fold(entry.title), fold(entry.text))])

    (by_alias,) = there.search("退货", lambda _slug: True)
    (by_answer,) = there.search("袜子", lambda _slug: True)

    assert (by_alias.before, by_alias.match, by_alias.after) == ("能。袜子除外。", "", "")
    assert (by_answer.before, by_answer.match, by_answer.after) == ("能。", "袜子", "除外。")


def test_at_most_as_many_as_asked_for() -> None:
    assert len(catalogue().search("查", lambda _slug: True, limit=1)) == 1


@given(st.text())
def test_folding_keeps_the_length_and_is_stable(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)
