"""Numerals and units."""

import re
from typing import Final

HAN: Final = "零〇一二两三四五六七八九十百千万"
DIGIT: Final = dict(zip(HAN, (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=False))
_POWER: Final = {"十": 10, "百": 100, "千": 1000, "万": 10_000}

_HOUR: Final = 60.0
_DAY: Final = 24 * _HOUR
#: Kind of a value, how many of the kind's base a unit is, and its names. A month has 30 days here
#: and a year 12 months, so that 一年 and 12 个月 are the same.
_TABLE: Final[tuple[tuple[str, float, str], ...]] = (
    ("duration", 1 / 60, "秒 秒钟"),
    ("duration", 1, "分钟 min"),
    ("duration", _HOUR, "小时 个小时 钟头 个钟头 个钟 h"),
    ("duration", _DAY, "天 日内 天内 自然日 个自然日 昼夜"),
    ("duration", 7 * _DAY, "周 星期 个星期 礼拜 个礼拜"),
    ("duration", 30 * _DAY, "月 个月"),
    ("duration", 360 * _DAY, "年"),
    ("workday", 1, "工作日 个工作日"),
    ("money", 1, "元 块 块钱 圆 元钱 rmb"),
    ("money", 0.1, "角 毛钱"),
    ("discount", 1, "折"),
    ("percent", 1, "% 个百分点"),
    ("length", 1e5, "km 公里"),
    ("length", 100, "m 米"),
    ("length", 1, "cm 厘米 公分"),
    ("length", 0.1, "mm 毫米"),
    ("inch", 1, "寸 英寸"),
    ("weight", 1000, "kg 公斤 千克"),
    ("weight", 500, "斤"),
    ("weight", 1, "g 克"),
    ("volume", 1000, "l 升"),
    ("volume", 1, "ml 毫升"),
    ("degree", 1, "度 ℃ ° 摄氏度"),
    ("power", 1, "w 瓦"),
    ("charge", 1, "mah 毫安"),
    ("age", 1, "岁"),
    ("times", 1, "倍"),
    ("star", 1, "星"),
    ("layer", 1, "层"),
    ("points", 1, "分 积分 个积分 京豆 个京豆"),
    ("count:次", 1, "次 遍 回"),
    ("count:人", 1, "人 位"),
    ("floor", 1, "楼"),
    ("size", 1, "码"),
    ("day", 1, "号 日"),
    ("count:件", 1, "件 个 盒 包 袋 罐 双 条 套 支 瓶 张 只 片 颗 粒 枚 台 箱 本 把 份 款 种 样"),
)
UNITS: Final = {word: (kind, factor) for kind, factor, words in _TABLE for word in words.split()}


_SHORT: Final = re.compile("[百千万](?=[一二三四五六七八九]$)")
_ONES: Final = "[一二三四五六七八九]"
#: Numerals of hundreds and more, which are amounts without a unit too: 两百七十九, 一百二.
HUNDREDS: Final = re.compile(
    f"(?:[两]|{_ONES})(?:千(?:零?(?:[两]|{_ONES})百)?|百)(?:零?{_ONES}?十)?零?{_ONES}?"
)
_TENS: Final = re.compile(f"{HUNDREDS.pattern}|{_ONES}?十{_ONES}|{_ONES}十")


def in_figures(text: str) -> str:
    """The text with numerals from ten up as figures: 两百七十九 as 279."""
    return _TENS.sub(lambda found: f"{number(found[0]):g}", text)


def number(text: str) -> float:
    """The number that digits or Chinese numerals write: 1.5, 3万, 二十四, 两, 半, 八点五."""
    if text == "半":
        return 0.5
    if text[0].isdigit():
        return float(text[:-1]) * 10_000 if text.endswith("万") else float(text)
    whole, _point, part = text.partition("点")
    total = float(_whole(whole))
    return total + float("0." + _figures(part)) if part else total


def _whole(text: str) -> int:
    if len(text) > 1 and not set(text) & set(_POWER):
        return int(_figures(text))  # figure by figure: 八五 as in 八五折
    if short := _SHORT.search(text):  # 一百二 is 120
        return _whole(text[:-1]) + DIGIT[text[-1]] * _POWER[short[0]] // 10
    total = current = 0
    for char in text:
        if char in DIGIT:
            current = DIGIT[char]
        elif char == "万":
            total, current = (total + current or 1) * 10_000, 0
        else:
            total, current = total + (current or 1) * _POWER[char], 0
    return total + current


def _figures(text: str) -> str:
    return "".join(str(DIGIT.get(char, 0)) for char in text)
