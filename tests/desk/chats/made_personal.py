"""Made phones and identity cards in the forms in which people give them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cstrain.desk.chats.masking.check_digits import id_check_digit

_CHINESE = "零一二三四五六七八九"
_SPOKEN = "〇幺二三四五六七八九"
_FORMAL = "零壹贰叁肆伍陆柒捌玖"
_FULL_WIDTH = "０１２３４５６７８９"
_RINGED = "⓪①②③④⑤⑥⑦⑧⑨"

_BEFORE = (
    *(
        "",
        "我的电话是",
        "手机",
        "打这个",
        "联系方式：",
        "麻烦改下电话 ",
        "电话换成了",
        "收货手机号 ",
    ),
    *(
        "亲，我电话 ",
        "尺码选 L，电话",
        "原来的停机了，现在用",
        "到了打我 ",
        "加我微信",
        "留 2 个吧，",
    ),
)
_BEHIND = (
    "",
    " 谢谢",
    "，快点哦",
    "。",
    " 小李收",
    "，晚上7点后打",
    "(微信同号)",
    " 两个都行",
    "的",
)
_ID_BEFORE = ("", "身份证", "身份证号：", "清关要的证件号 ", "实名 ", "发你了 ", "我的是")


class Given(NamedTuple):
    """A number as somebody gives it.

    Attributes:
        form: Which form.
        texts: One message or several of one speaker.
        number: Its digits without gaps.
    """

    form: str
    texts: Sequence[str]
    number: str


def mobile(rng: random.Random) -> str:
    """A mobile phone's eleven digits."""
    return f"1{rng.choice('3456789')}{rng.randrange(10**9):09}"


def identity(rng: random.Random) -> str:
    """An identity card's 18 signs."""
    province = rng.choice(("11", "21", "31", "33", "37", "42", "44", "51", "61"))
    day = f"{rng.randint(1940, 2010)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    first = f"{province}{rng.randrange(10**4):04}{day}{rng.randrange(1000):03}"
    return first + id_check_digit(first)


def old_identity(rng: random.Random) -> str:
    """An identity card's 15 digits, as until 1999."""
    number = identity(rng)
    return f"{number[:6]}{rng.randint(30, 84)}{number[10:17]}"


def _in_groups(number: str, sizes: Sequence[int], gap: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return gap.join(parts)


def _in_signs(number: str, signs: str) -> str:
    return "".join(signs[int(digit)] for digit in number)


def _with_times(number: str) -> str:
    """“138四个0四个1” for 13800001111."""
    said, at = "", 0
    while at < len(number):
        times = len(number[at:]) - len(number[at:].lstrip(number[at]))
        said += f"{_CHINESE[times]}个{number[at]}" if 2 < times < 9 else number[at] * times
        at += times
    return said


_PHONE_FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "spaced 3-4-4": lambda number: _in_groups(number, (3, 4, 4), " "),
    "hyphens 3-4-4": lambda number: _in_groups(number, (3, 4, 4), "-"),
    "dots 3-4-4": lambda number: _in_groups(number, (3, 4, 4), "."),
    "wide spaces": lambda number: _in_groups(number, (3, 4, 4), "\u3000"),
    "commas": lambda number: _in_groups(number, (3, 4, 4), "，"),
    "lines": lambda number: _in_groups(number, (3, 4, 4), "\n"),
    "spaced 3-8": lambda number: _in_groups(number, (3, 8), " "),
    "spaced 7-4": lambda number: _in_groups(number, (7, 4), " "),
    "hyphens 3-3-5": lambda number: _in_groups(number, (3, 3, 5), "-"),
    "one by one": " ".join,
    "one by one, dots": ".".join,
    "full width": lambda number: _in_signs(number, _FULL_WIDTH),
    "ringed": lambda number: _in_signs(number, _RINGED),
    "Chinese digits": lambda number: _in_signs(number, _CHINESE),
    "spoken digits": lambda number: _in_signs(number, _SPOKEN),
    "formal digits": lambda number: _in_signs(number, _FORMAL),
    "Chinese digits in groups": lambda number: _in_groups(
        _in_signs(number, _SPOKEN), (3, 4, 4), " "
    ),
    "half in Chinese": lambda number: number[:3] + _in_signs(number[3:], _CHINESE),
    "with +86": lambda number: f"+86{number}",
    "with +86 and gaps": lambda number: "+86 " + _in_groups(number, (3, 4, 4), " "),
    "with 86-": lambda number: f"86-{number}",
    "with 0086": lambda number: f"0086{number}",
    "with a label's letters": lambda number: f"tel:{number}",
    "letter O for 0": lambda number: number[:3] + number[3:].replace("0", "O"),
    "with filling words": lambda number: _in_groups(number, (3, 4, 4), "然后"),
    "repeats counted": _with_times,
}
_ID_FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "small x": str.lower,
    "spaced 6-8-4": lambda number: _in_groups(number, (6, 8, 4), " "),
    "spaced 6-4-4-4": lambda number: _in_groups(number, (6, 4, 4, 4), " "),
    "hyphens": lambda number: _in_groups(number, (6, 8, 4), "-"),
    "full width": lambda number: _in_signs(number[:17], _FULL_WIDTH) + number[17],
    "Chinese digits": lambda number: _in_signs(number[:17], _CHINESE) + number[17],
}


def phones(rng: random.Random, count: int) -> Iterator[Given]:
    """So many phones in each form, alone or in a sentence, and split over messages."""
    for form, write in _PHONE_FORMS.items():
        for _ in range(count):
            number = mobile(rng)
            yield Given(form, (rng.choice(_BEFORE) + write(number) + rng.choice(_BEHIND),), number)
    for _ in range(count):
        number = mobile(rng)
        cut = rng.randint(2, 9)
        before, behind = rng.choice(_BEFORE), rng.choice(_BEHIND)
        yield Given("in two messages", (before + number[:cut], number[cut:] + behind), number)
        cut = rng.choice((3, 7))
        parts = _in_signs(number[:cut], _CHINESE), _in_signs(number[cut:], _CHINESE)
        yield Given("in two messages, Chinese digits", parts, number)
        area, line = rng.choice(("010", "021", "0571", "0755")), str(rng.randint(2, 8) * 10**7 + 7)
        for form, gap in (("landline", ""), ("landline, hyphen", "-"), ("landline, space", " ")):
            yield Given(form, (before + area + gap + line + behind,), area + line)
        yield Given("landline, brackets", (f"{before}({area}){line}{behind}",), area + line)
        yield Given("landline without area", (f"座机{line}{behind}",), line)


def identities(rng: random.Random, count: int) -> Iterator[Given]:
    """So many identity cards in each form, and split over messages."""
    for form, write in _ID_FORMS.items():
        for _ in range(count):
            number = identity(rng)
            yield Given(
                form,
                (rng.choice(_ID_BEFORE) + write(number) + rng.choice(("", " 谢谢", "，")),),
                number,
            )
    for _ in range(count):
        number = identity(rng)
        cut = rng.randint(6, 14)
        yield Given(
            "in two messages", (rng.choice(_ID_BEFORE) + number[:cut], number[cut:]), number
        )
        number = old_identity(rng)
        yield Given("15 digits", (rng.choice(_ID_BEFORE) + number,), number)
