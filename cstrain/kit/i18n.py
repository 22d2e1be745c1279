"""Words in the reader's language. Chinese is the source language, English the one catalogue.

Babel reads the catalogue; this module remembers, per request, which language is spoken, because
a page asks for some two hundred words and a look-up must cost next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location, get_timezone_name
from babel.support import Translations
from markupsafe import Markup, escape

LANGUAGES = ("zh", "en")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: From here on a distance in time is told as a date.
_COUNTED = timedelta(days=60)
_HAN = "\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
#: Chinese words, with the figures between them.
_CHINESE = re.compile(f"[{_HAN}](?:[{_HAN}0-9 ]*[{_HAN}])?")
_language: ContextVar[str] = ContextVar("language", default="zh")
_timezone: ContextVar[str] = ContextVar("timezone", default="Asia/Shanghai")
#: Below so many minutes a wait is told with its seconds.
_SECONDS_TOLD = 10


@cache
def _catalogue() -> Mapping[str | tuple[str, int], str]:
    """The English catalogue as a plain mapping; empty before it is compiled."""
    folder = str(resources.files("cstrain") / "translations")
    loaded = Translations.load(folder, ["en"])
    return getattr(loaded, "_catalog", {})


def speak(language: str, timezone: str = "Asia/Shanghai") -> None:
    """Set the language and the time zone of everything said from here on in this context."""
    _language.set(language if language in LANGUAGES else "zh")
    _timezone.set(timezone)


def language() -> str:
    """``zh`` or ``en``."""
    return _language.get()


def gettext(message: str, **values: object) -> str:
    """The message in the reader's language, with ``%(name)s`` filled in.

    Without values the text is returned as it stands, so a plain ``%`` needs no doubling.
    """
    text = _catalogue().get(message, message) if _language.get() == "en" else message
    return text % values if values else text


class lazy(str):  # noqa: N801 - used as a function
    """A message translated when it is shown, for labels made at import time."""

    __slots__ = ()

    def __str__(self) -> str:
        """The message in the language spoken when it is shown."""
        return gettext(str.__str__(self))

    def __html__(self) -> str:
        """The escaped message, for templates."""
        return str(escape(str(self)))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def ngettext(message: str, count: int, **values: object) -> str:
    """Like ``gettext`` for a counted thing; ``%(count)s`` is the count.

    Chinese knows no plural, so the message is both singular and plural of the catalogue.
    """
    text = message
    if _language.get() == "en":
        text = _catalogue().get((message, 0 if count == 1 else 1), message)
    return text % {"count": count, **values}


def pick(texts: Mapping[str, str]) -> str:
    """The text of a ``{zh, en}`` pair in the reader's language, Chinese where it is missing."""
    return texts.get(_language.get()) or texts.get("zh", "")


def own_words(text: str) -> Markup:
    """A sentence with names from the content; on an English page these say that they are Chinese.

    Returns:
        Safe HTML.
    """
    safe = escape(text)
    if language() == "zh":
        return safe
    marked = _CHINESE.sub(r'<span lang="zh-CN">\g<0></span>', str(safe))
    return Markup(marked)  # noqa: S704 - escaped above


def percent(ratio: float | None, digits: int = 0) -> str:
    """A ratio as people read it, rounded down so that 79.96 % never reads as 80.

    Args:
        ratio: From 0 to 1; None reads as a dash.
        digits: After the point at most: 95 %, but 95.4 %.
    """
    if ratio is None:
        return "–"
    # ``figure`` keeps 0.57 * 100 = 56.99999999999999 from losing a whole percent.
    return f"{figure(ratio * 100, digits)} %"


def figure(value: float | None, digits: int = 1) -> str:
    """A measured figure rounded down; a threshold must never look reached before it is."""
    if value is None:
        return "–"
    scale = 10**digits
    shown = int(value * scale + 1e-9) / scale
    return f"{shown:.{digits}f}".rstrip("0").rstrip(".") if digits else str(int(shown))


def clock_time(at: datetime) -> str:
    """Date and time in the viewer's time zone, short."""
    local = at.astimezone(ZoneInfo(_timezone.get()))
    return f"{_date(local)}{', ' if _language.get() == 'en' else ' '}{local:%H:%M}"


def clock_seconds(at: datetime) -> str:
    """Time of day with seconds in the viewer's time zone: 19:42:05."""
    return f"{at.astimezone(ZoneInfo(_timezone.get())):%H:%M:%S}"


def soon(at: datetime, now: datetime) -> str:
    """A time that is still to come, short: 今天 08:17, 明天 08:17, later the whole date."""
    zone = ZoneInfo(_timezone.get())
    local = at.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    if days == 0:
        return gettext("今天 %(time)s", time=f"{local:%H:%M}")
    if days == 1:
        return gettext("明天 %(time)s", time=f"{local:%H:%M}")
    return clock_time(at)


def day(on: date | datetime) -> str:
    """A date in words; a time is first moved to the viewer's time zone."""
    if isinstance(on, datetime):
        on = on.astimezone(ZoneInfo(_timezone.get())).date()
    return _date(on)


def days(first: date, last: date) -> str:
    """Days in a row in words, what both dates share told once: 2026年11月21日到23日."""
    if first == last:
        return _date(first)
    if first.year != last.year:
        begin, end = _date(first), _date(last)
    elif _language.get() == "en":
        begin = (
            str(first.day)
            if first.month == last.month
            else f"{first.day} {_MONTHS[first.month - 1]}"
        )
        end = _date(last)
    else:
        begin = _date(first)
        end = f"{last.day}日" if first.month == last.month else f"{last.month}月{last.day}日"
    return gettext("%(first)s到%(last)s", first=begin, last=end)


def _date(on: date) -> str:
    """A date as both languages write it; Babel takes fifty times as long."""
    if _language.get() == "en":
        return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"
    return f"{on.year}年{on.month}月{on.day}日"


@cache
def _zone_words(zone: str, spoken: str) -> str:
    city = get_timezone_location(zone, locale=spoken, return_city=True)
    # UTC has no name without saying whether it is summer.
    is_utc = zone == "UTC"
    name = get_timezone_name(zone, zone_variant="standard" if is_utc else None, locale=spoken)
    # Babel leaves a city it has no Chinese name for as it is in the zone's.
    return name if spoken == "zh" and city.isascii() else f"{city} · {name}"


def zone_words(zone: str) -> str:
    """The city and the name of a time zone of the IANA list: 上海 · 中国标准时间."""
    return _zone_words(zone, _language.get())


def duration(seconds: float) -> str:
    """A length of time as people say it: 45 秒, 12 分钟, 3 小时 20 分, 4 天."""
    total = max(int(seconds), 0)
    if total < 60:  # noqa: PLR2004 - a minute
        return ngettext("%(count)s 秒", total)
    minutes = -(-total // 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return ngettext("%(count)s 分钟", minutes)
    if minutes < 24 * 60:
        hours, rest = divmod(minutes, 60)
        if rest:
            return gettext("%(hours)s 小时 %(minutes)s 分", hours=hours, minutes=rest)
        return ngettext("%(count)s 小时", hours)
    return ngettext("%(count)s 天", minutes // (24 * 60))


def waited(seconds: float) -> str:
    """A length of time that somebody is judged by, never rounded up: 45 秒, 3 分 1 秒, 12 分钟."""
    minutes, rest = divmod(max(int(seconds), 0), 60)
    if not rest or not 0 < minutes < _SECONDS_TOLD:
        return duration(seconds - rest if minutes else seconds)
    return gettext("%(minutes)s 分 %(seconds)s 秒", minutes=minutes, seconds=rest)


def ago(at: datetime, now: datetime) -> str:
    """A moment as people say it: 刚刚, 12 分钟前, 3 天后; the date where nobody counts days."""
    gap = now - at
    if abs(gap) >= _COUNTED:
        return day(at)
    if timedelta(0) <= gap < timedelta(minutes=1):
        return gettext("刚刚")
    if gap >= timedelta(0):
        return gettext("%(time)s前", time=duration(gap.total_seconds()))
    return gettext("%(time)s后", time=duration(-gap.total_seconds()))
