"""Times as people say them, in both languages and in the viewer's time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from cstrain.kit import i18n

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # nine in the morning in Shanghai


@pytest.fixture(autouse=True)
def _chinese_again() -> Iterator[None]:
    i18n.speak("zh")
    yield
    i18n.speak("zh")


@pytest.mark.parametrize(
    ("language", "hours", "words"),
    [
        ("zh", 1, "今天 10:00"),
        ("zh", 14, "今天 23:00"),
        ("zh", 15, "明天 00:00"),
        ("zh", 38, "明天 23:00"),
        ("zh", 39, "2026年11月25日 00:00"),
        ("en", 1, "10:00 today"),
        ("en", 15, "00:00 tomorrow"),
        ("en", 39, "25 Nov 2026, 00:00"),
    ],
)
def test_a_time_to_come_names_the_day_as_the_viewer_counts_days(
    language: str, hours: int, words: str
) -> None:
    i18n.speak(language)

    assert i18n.soon(NOW + timedelta(hours=hours), NOW) == words


@pytest.mark.parametrize(
    ("language", "first", "last", "words"),
    [
        ("zh", date(2026, 11, 21), date(2026, 11, 23), "2026年11月21日到23日"),
        ("zh", date(2026, 11, 29), date(2026, 12, 1), "2026年11月29日到12月1日"),
        ("zh", date(2026, 12, 30), date(2027, 1, 1), "2026年12月30日到2027年1月1日"),
        ("zh", date(2026, 11, 21), date(2026, 11, 21), "2026年11月21日"),
        ("en", date(2026, 11, 21), date(2026, 11, 23), "21 to 23 Nov 2026"),
        ("en", date(2026, 11, 29), date(2026, 12, 1), "29 Nov to 1 Dec 2026"),
        ("en", date(2026, 12, 30), date(2027, 1, 1), "30 Dec 2026 to 1 Jan 2027"),
    ],
)
def test_days_in_a_row_tell_once_what_both_dates_share(
    language: str, first: date, last: date, words: str
) -> None:
    i18n.speak(language)

    assert i18n.days(first, last) == words


@pytest.mark.parametrize(
    ("language", "days", "words"),
    [
        ("zh", 59, "59 天前"),
        ("zh", 60, "2026年9月24日"),
        ("zh", 229, "2026年4月8日"),
        ("zh", -59, "59 天后"),
        ("zh", -60, "2027年1月22日"),
        ("en", 59, "59 days ago"),
        ("en", 229, "8 Apr 2026"),
    ],
)
def test_what_is_months_away_is_told_by_its_date(language: str, days: int, words: str) -> None:
    i18n.speak(language)

    assert i18n.ago(NOW - timedelta(days=days), NOW) == words


@pytest.mark.parametrize(
    ("ratio", "digits", "words"),
    [
        (0.95, 1, "95 %"),
        (0.9549, 1, "95.4 %"),
        (0.7996, 0, "79 %"),
        (0.57, 0, "57 %"),
        (1.0, 1, "100 %"),
        (None, 0, "–"),
    ],
)
def test_a_ratio_reads_the_same_everywhere(ratio: float | None, digits: int, words: str) -> None:
    assert i18n.percent(ratio, digits) == words


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", 'Promise “<span lang="zh-CN">先付 100 再说</span>”: &lt;b&gt;'),
        ("zh", "Promise “先付 100 再说”: &lt;b&gt;"),
    ],
)
def test_names_from_content_say_on_english_pages_that_they_are_chinese(
    language: str, shown: str
) -> None:
    i18n.speak(language)

    assert i18n.own_words("Promise “先付 100 再说”: <b>") == shown


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (59.9, "59 秒", "59 seconds"),
        (60, "1 分钟", "1 minute"),
        (70, "1 分 10 秒", "1 min 10 s"),
        (181, "3 分 1 秒", "3 min 1 s"),
        (659, "10 分钟", "10 minutes"),
        (7260, "2 小时 1 分", "2 h 1 min"),
    ],
)
def test_a_wait_that_somebody_is_judged_by_is_never_rounded_up(
    seconds: float, zh: str, en: str
) -> None:
    told = {}
    for language in ("zh", "en"):
        i18n.speak(language)
        told[language] = i18n.waited(seconds)

    assert told == {"zh": zh, "en": en}
