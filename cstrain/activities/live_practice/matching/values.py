"""Numbers with units, sizes, dates, colours and who pays, as values that compare."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from cstrain.activities.live_practice.matching.tables import COLOURS, EXCLUSIVE
from cstrain.activities.live_practice.matching.units import DIGIT, HAN, HUNDREDS, UNITS, number

#: Stands for one value in a text from which the values were taken.
HOLE: Final = "\x00"


def _strip_names(pattern: str) -> str:
    """A pattern whose groups have no names, to stand in another."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


_NUM: Final = rf"(?:\d+(?:\.\d+)?万?|半|[{HAN}]+(?:点[{HAN}]+)?)"
_JOIN: Final = r"\s*·?(?:-+|~+|到|至)\s*"

_BY_LENGTH: Final = "|".join(
    "包(?![邮裹退含装赔您])" if unit == "包" else re.escape(unit)
    for unit in sorted(UNITS, key=len, reverse=True)
)
_BEFORE: Final = (
    "不(?:要|能|可以?|得|会)?超过|[别勿]超过|不到|不足|不满(?!意)|少于|低于|小于|不多于|最多|最晚"
    "|最迟|至多|未满|没到|没满|未到"
)
_AFTER: Final = "超过|满|达到|大于|高于|至少|最少|多于|不少于|不低于|超出"
_POST_LE: Final = "以内|之内|内|以下|以前|之前|前(?!面|台|后|往)"
_POST_GE: Final = "以上|以后|之后|开外|起(?!来)|后(?!面|台|续|天)"
_AMOUNT: Final = re.compile(
    rf"(?P<pre>{_AFTER}|{_BEFORE})?了?\s*(?P<sign>[¥$]\s*)?(?<![a-z0-9.])"
    rf"(?P<below>零下|负)?(?:零上)?(?P<a>{_NUM})(?:{_JOIN}(?P<b>{_NUM}))?\s*"
    rf"(?:(?P<whole>个半)(?=小时|钟头|月|星期|工作日))?(?P<unit>(?:{_BY_LENGTH}))?(?P<half>半)?(?P<post>(?:多|左右|钟)?(?:{_POST_LE}|{_POST_GE}))?"
)
_PART: Final = {
    "凌晨": 0,
    "早上": 0,
    "上午": 0,
    "早": 0,
    "中午": 12,
    "下午": 12,
    "傍晚": 12,
    "晚上": 12,
    "晚": 12,
}
_CLOCK: Final = re.compile(
    rf"(?P<part>{'|'.join(_PART)})?(?:的)?(?P<h>\d{{1,2}}|[{HAN}]{{1,3}})"
    rf"(?:[:]\s*(?P<m>\d{{2}})|(?P<dot>点钟?|时)(?P<q>半|一刻|三刻|\d{{1,2}}分?|[{HAN}]{{2,3}}分)?)(?P<full>整)?"
    rf"(?P<post>{_POST_LE}|{_POST_GE})?"
)
_DATE: Final = re.compile(
    rf"(?:(?P<y>\d{{4}})年)?(?P<mo>\d{{1,2}}|[{HAN}]{{1,3}})月(?P<d>\d{{1,2}}|[{HAN}]{{1,3}})(?:日|号)?"
    r"|(?<![\d.])(?P<mo2>1[0-2]|[1-9])[./](?P<d2>3[01]|[12]\d|0?[1-9])(?=日|号|活动|大促|开始|当天|那天|期间|前|后)(?:日|号)?"
    r"|(?<!\d)(?P<fest>618|双十一|双11|双十二|双12|年货节)"
)
_WEEKDAY: Final = re.compile(
    r"(?P<which>下下|下个?|这个?|本|上个?)?(?:周|星期|礼拜)(?P<d>[一二三四五六日天末])(?!内|个)"
)
_WEEKS: Final = {"下下": "+2", "下": "+1", "上": "-1", "这": "+0", "本": "+0"}
_RELDAY: Final = re.compile(
    "大后天|大前天|今天|今日|今晚|今早|明天|明日|明早|明晚|后天|昨天|昨日|昨晚|前天|当天|当日|次日|第二天|隔天|隔日|今明两天"
)
#: Weeks and months told from today, and days of a lunar month.
_SPAN: Final = re.compile(
    "(?:下下|[这本下上])个?(?:周|星期|礼拜|月)(?![一二三四五六日天末底初])|初[一二三四五六七八九十]"
)
_RELDAYS: Final = {
    "大后天": 3,
    "大前天": -3,
    "今天": 0,
    "今日": 0,
    "今晚": 0.8,
    "今早": 0.3,
    "明天": 1,
    "明日": 1,
    "明早": 1.3,
    "明晚": 1.8,
    "后天": 2,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -0.2,
    "前天": -2,
    "当天": 0,
    "当日": 0,
    "次日": 1,
    "第二天": 1,
    "隔天": 1,
    "隔日": 1,
}
#: A day or an hour of the day, wherever it stands.
DAY: Final = re.compile(
    rf"{_RELDAY.pattern}|{_strip_names(_WEEKDAY.pattern)}|{_strip_names(_CLOCK.pattern)}"
)
_SIZE: Final = re.compile(
    r"(?<![a-z0-9])(?P<size>\d?x{1,6}[sl]|xx?s|[sml]|均)(?![a-z0-9%])\s*(?P<tail>码|号)?"
    r"|(?P<word>[大中小]|加大|特大|超大)(?P<tail2>码|号)"
)
_HALF_PRICE: Final = re.compile("半价|对折")
#: Numerals without a unit that are values all the same: 买二送一, 第三件.
_NUMERAL: Final = re.compile(
    rf"(?P<th>第)(?!一时间)(?P<n>\d+|[{HAN}]+)|(?<=[买送赠减满付假赔])(?:(?P<n2>[{HAN}]+))(?=[送赠减免得付件个赔]|$)"
)
_SIZE_WORDS: Final = {"大": "l", "中": "m", "小": "s", "加大": "xl", "特大": "xxl", "超大": "xxl"}
_COLOUR: Final = re.compile(
    rf"(?P<shade>深|浅|藏|雾|奶|酒|墨|粉|天)?(?P<c>[{COLOURS}])(?P<c2>[{COLOURS}])?(?P<tail>色|款(?!式)|的(?=$|{HOLE}|[有没还已就也缺现更卖]))"
    rf"|(?:深|浅|藏|雾|奶|酒|墨|米)[{COLOURS}](?=[那这一两几]?[件条双个套]|$)"
)
_MODEL: Final = re.compile(r"(?<![a-z0-9])[a-z]+-?\d+[a-z0-9]*|(?<![\d.])\d+[a-z]{2,}\d*")
_WORDS: Final = {
    word: (kind, group[0])
    for kind, groups in EXCLUSIVE.items()
    for group in groups
    for word in group
}
_WORD: Final = re.compile("|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)))
_SELLER: Final = "我们|咱们|咱家|我家|我方|本店|店铺|店里|店家|商家|卖家|这边|小店|公司|厂家|平台"
_BUYER: Final = "您|你|亲|买家|顾客|客户|客人|用户|消费者|买方|自己|自行|个人"
_PAY: Final = (
    "出(?!货|库|现|来|去|问|错|发|口|具)|承担|负担|支付|付(?!款)|垫付?|负责(?=$|的|运|邮|来)"
    "|报销|报(?=$)|掏|补(?!货|发|偿)|贴"
)
_PAYS: Final = re.compile(
    rf"(?<![给帮替为])(?P<who>{_SELLER}|{_BUYER})"
    r"(?:[这那][边里]|自己|自行|本人|先|来|会|都|给|需要|需|要|得|可以|帮您|给您|为您|全部|全额|一律|就|的|是|那边|们)*"
    rf"(?P<pay>{_PAY})"
    r"|(?P<seller>包邮|免邮费?|免运费|包运费|运费全免|包(?=来回|往返)|免费(?:上门|退换|寄|送货)"
    r"|报销给[您你]|给[您你]报(?:销|$))"
    r"|(?P<buyer>到付(?!款)|自理|自费|自付|自担)"
    r"|(?P<spared>[您你](?:就)?(?:不用|不必|无需|不需要)(?:管|操心))"
    rf"|(?<![预计打划合])[算归](?:到|在)?(?P<whose>{_SELLER}|{_BUYER})(?:的|头上|这边|$)"
)
_ADVANCES: Final = re.compile("先|垫")
_RELATION: Final = re.compile(f"^(?:{_BEFORE})$")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a clause.

    Attributes:
        kind: What it measures; values of different kinds never compare.
        low: The value in the kind's base, or a word.
        high: The other end of a range, else as ``low``.
        bound: ``<`` for "within, before, at most", ``>`` for "from, after, at least", or blank.
        at: Where its hole stands in the clause's text.
        start: Where it stood in the text it was found in.
        end: One past its end there.
        denied: Whether a negation stands before it: "不是 M 码".
        role: Why another value does not conflict with it: ``than`` (比 L), ``short`` (差 21),
            ``when`` (满 199, 没到 199), ``offer`` (换顺丰补差价), ``advance`` (您先垫付), or blank.
    """

    kind: str
    low: float | str
    high: float | str
    bound: str = ""
    at: int = 0
    start: int = 0
    end: int = 0
    denied: bool = False
    role: str = ""


_THAN: Final = re.compile("(?<!对)比$")
_SHORT: Final = re.compile("差了?$")
_WHEN: Final = re.compile("凑[到够满个]?了?$")
_WHEN_HERE: Final = re.compile("满|[不没未][满到]|不足|超过")
_OFFERED: Final = re.compile("(?:(?<!还|只|须)要|换成?|改成?|改发|想[要发走用换]|指定|升级)$")
_EXTRA: Final = re.compile("补差|补钱|差价|另付|加钱|贴钱")
_OFFERS: Final = frozenset(("carrier", "payment"))


def _role(text: str, value: "Value") -> str:
    """What a value in a text is named for, if not to say that it is so."""
    before = text[: value.start]
    if _THAN.search(before):
        return "than"
    if _SHORT.search(before):
        return "short"
    if value.kind == "party":
        return "advance" if _ADVANCES.search(text, value.start, value.end) else ""
    is_amount = value.kind in {"money", "number"}
    if is_amount and (_WHEN.search(before) or _WHEN_HERE.match(text, value.start)):
        return "when"
    is_offer = value.kind in _OFFERS and (_OFFERED.search(before) or _EXTRA.search(text))
    return "offer" if is_offer else ""


@lru_cache(maxsize=4096)
def take_values(text: str) -> tuple[str, tuple[Value, ...]]:
    """Values of a folded clause without blanks around Chinese, and the text with holes for them."""
    found: list[Value] = []
    taken = [False] * len(text)
    for value in _all(text):
        if not any(taken[value.start : value.end]):
            taken[value.start : value.end] = [True] * (value.end - value.start)
            found.append(value)
    found.sort(key=lambda each: each.start)
    parts: list[str] = []
    values: list[Value] = []
    last = length = 0
    for value in found:
        parts.append(text[last : value.start])
        length += value.start - last
        values.append(replace(value, at=length, role=_role(text, value)))
        parts.append(HOLE)
        length += 1
        last = value.end
    parts.append(text[last:])
    return "".join(parts), tuple(values)


def _all(text: str) -> Iterator[Value]:
    """Every reading, the surest first; the caller drops what overlaps."""
    yield from _dates(text)
    yield from _clocks(text)
    yield from _sizes(text)
    for found in _WORD.finditer(text):
        kind, word = _WORDS[found[0]]
        if text[found.end() : found.end() + 1] != "号":
            yield Value(kind, word, word, start=found.start(), end=found.end())
    yield from _amounts(text)
    yield from _words(text)


def _sizes(text: str) -> Iterator[Value]:
    for found in _SIZE.finditer(text):
        word = found["size"] or _SIZE_WORDS[found["word"]]
        after = text[found.end() : found.end() + 1]
        if found["size"] and not found["tail"] and (word == "均" or after == "'"):
            continue
        grown = re.fullmatch(r"(\d)x([sl])", word)
        word = "x" * int(grown[1]) + grown[2] if grown else word
        yield Value("size", word, word, start=found.start(), end=found.end())


def _words(text: str) -> Iterator[Value]:
    """Ordinals, models, who pays and colours."""
    for found in _HALF_PRICE.finditer(text):
        yield Value("discount", 5.0, 5.0, start=found.start(), end=found.end())
    for found in _NUMERAL.finditer(text):
        low = number(found["n"] or found["n2"])
        kind = "ordinal" if found["th"] else "number"
        yield Value(kind, low, low, start=found.start(), end=found.end())
    for found in _MODEL.finditer(text):
        yield Value("model", found[0], found[0], start=found.start(), end=found.end())
    for found in _PAYS.finditer(text):
        named = found["who"] or found["whose"]
        is_seller = found["seller"] or found["spared"] or (named and re.fullmatch(_SELLER, named))
        who = "seller" if is_seller else "buyer"
        yield Value("party", who, who, start=found.start(), end=found.end())
    for found in _COLOUR.finditer(text):
        if text[found.start() - 1 : found.start()] in {"明", "清", "坦", "现", "基", "本"}:
            continue
        word = re.sub("[色款的]$", "", found[0])
        yield Value("colour", word, word, start=found.start(), end=found.end())


def _bound(word: str | None, before: str | None = None) -> str:
    if before:
        return "<" if _RELATION.match(before) else ">"
    if not word:
        return ""
    return "<" if re.search(f"(?:{_POST_LE})$", word) else ">"


def _dates(text: str) -> Iterator[Value]:
    for found in _DATE.finditer(text):
        if found["fest"]:
            word = found["fest"].replace("十一", "11").replace("十二", "12").replace("双", "")
            at = {"618": (6, 18), "11": (11, 11), "12": (12, 12)}.get(word, (1, 0))
        else:
            month, day = number(found["mo"] or found["mo2"]), number(found["d"] or found["d2"])
            at = (int(month or 0), int(day or 0))
        day_of = at[0] * 100.0 + at[1]
        yield Value("date", day_of, day_of, "", start=found.start(), end=found.end())
    for found in _WEEKDAY.finditer(text):
        number_of = "一二三四五六日".find(found["d"].replace("天", "日")) + 1
        which = _WEEKS.get((found["which"] or "").rstrip("个"), "")
        word = f"{number_of or '末'}{which}"
        yield Value("weekday", word, word, "", start=found.start(), end=found.end())
    for found in _SPAN.finditer(text):
        word = found[0].replace("个", "").replace("本", "这")
        yield Value("span", word, word, "", start=found.start(), end=found.end())
    for found in _RELDAY.finditer(text):
        shift = _RELDAYS.get(found[0])
        if shift is not None:
            yield Value(
                "relday", float(shift), float(shift), "", start=found.start(), end=found.end()
            )


def _clocks(text: str) -> Iterator[Value]:
    for found in _CLOCK.finditer(text):
        hour = number(found["h"])
        is_digits = found["h"].isdigit()
        is_sure = found["m"] or found["part"] or found["q"] or found["full"] or found["post"]
        if hour > 24 or (found["dot"] == "时" and not found["post"]):  # noqa: PLR2004
            continue
        if not is_sure and not is_digits and found["dot"] != "点钟":
            continue
        text_q = (found["q"] or found["m"] or "0").rstrip("分")
        minutes = {"半": 30.0, "一刻": 15.0, "三刻": 45.0}
        minute = minutes[text_q] if text_q in minutes else number(text_q)
        offset = _PART.get(found["part"] or "", 0)
        if offset and hour < 12 and not (found["part"] == "中午" and hour >= 10):  # noqa: PLR2004
            hour += offset
        at = hour * 60 + minute
        # An hour of up to twelve without its part of the day may be either.
        kind = "clock" if found["part"] or hour > 12 or found["m"] else "clock12"  # noqa: PLR2004
        yield Value(kind, at, at, _bound(found["post"]), start=found.start(), end=found.end())


def _amounts(text: str) -> Iterator[Value]:
    for found in _AMOUNT.finditer(text):
        unit, first = found["unit"], found["a"]
        if found["sign"]:
            unit = "元"
        if (_is_no_amount if unit is None else _is_idiom)(text, found):
            continue
        kind, factor = UNITS[unit] if unit else ("number", 1.0)
        low = number(first)
        high = number(found["b"]) if found["b"] else low
        if found["b"] is None and kind != "discount" and _ABOUT.fullmatch(first):
            low, high = float(DIGIT[first[0]]), float(DIGIT[first[1]])
        low, high, kind = _adjusted(low, high, kind, found)
        bound = "<" if unit in {"日内", "天内"} else _bound(found["post"], found["pre"])
        yield Value(kind, low * factor, high * factor, bound, start=found.start(), end=found.end())


#: Two numerals that mean a range: 三五天, 一两天.
_ABOUT: Final = re.compile("[一二两三四五六七八九]{2}")
_LAST_DAY: Final = 31
_YEAR_DAYS: Final = 365


def _adjusted(low: float, high: float, kind: str, found: re.Match[str]) -> tuple[float, float, str]:
    """A half more, below zero, 95 折 as 9.5, 38 号 as a size, 365 天 as a year."""
    if found["half"] or found["whole"]:
        low, high = low + 0.5, high + 0.5
    if found["below"]:
        low, high = -high, -low
    if kind == "discount":
        low, high = (each / 10 if each > 10 else each for each in (low, high))  # noqa: PLR2004
    if found["unit"] == "号" and low > _LAST_DAY:
        kind = "size"
    if found["unit"] == "天" and low == high == _YEAR_DAYS:
        low = high = 360
    return low, high, kind


def _is_no_amount(text: str, found: re.Match[str]) -> bool:
    """Whether figures without a unit are no amount: an order number, part of a word."""
    near = text[found.end() : found.end() + 1]
    figures = found["a"].split(".")[0]
    is_word = near.isascii() and near.isalpha()
    is_number = figures[0].isdigit() or bool(HUNDREDS.fullmatch(figures))
    is_long = figures[0].isdigit() and len(figures) > _MOST_FIGURES
    return not is_number or bool(found["half"]) or is_long or is_word


_MOST_FIGURES: Final = 5
_IDIOM: Final = re.compile(
    r"^(?:一(?:个|件|样|种|款|单|条|下|回|位|人|份|分|把|号|日|次性?|张|本|套|包|双|片|只|台|支|度|层)|半(?:个|天|日|号|价)|十分|万分|千万|百分|万一|千米|两样|三方|二次|第.+)$"
)


def _is_idiom(text: str, found: re.Match[str]) -> bool:
    """Whether numerals are part of a word: 一样, 十分, 第三方, 一个."""
    first, start = found["a"], found.start("a")
    before = text[start - 1 : start] if start else ""
    if first[0].isdigit():
        return before == "第"
    if before in _BEFORE_WORDS:
        return True
    if before in _COUNTING:
        return False
    kind = UNITS[found["unit"]][0] if found["unit"] else ""
    if first == "一" and kind.startswith(("count", "points", "day", "degree", "layer")):
        return True
    whole = text[start : found.end("unit")] if found["unit"] else first
    if whole == "一块" and text[start + 2 : start + 3] in _JOINTLY:
        return True
    return bool(_IDIOM.match(whole)) and whole != "半天"


#: What is done 一块, together: 一块用.
_JOINTLY: Final = frozenset("儿用买发寄退付拍送")
_COUNTING: Final = frozenset("限领买送拍补赔共每加减取")
_BEFORE_WORDS: Final = frozenset("第统唯专同")
