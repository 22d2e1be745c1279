"""How a text is read before anything is looked for in it. Pure.

A *view* is the text with full-width and circled digits and letters as plain ones, of the same
length. The *spoken* view also has Chinese digits, letters for digits and “四个零” as digits
and no signs that nobody sees; it keeps where each of its signs stands in the first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple


class Span(NamedTuple):
    """A stretch of a text and what it is.

    Attributes:
        start: First position.
        end: Position behind the last.
        what: A class of ``masking.SHOWN``; empty for what must stay.
    """

    start: int
    end: int
    what: str


_FULL_WIDTH: Final = (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
_RINGED: Final = ("⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", " ➀➁➂➃➄➅➆➇➈", " ⑴⑵⑶⑷⑸⑹⑺⑻⑼")
_PLAIN: Final[dict[int, str]] = {
    **{code: chr(code - 0xFEE0) for code in (*_FULL_WIDTH, ord("＋"), ord("＿"))},
    **{ord(sign): str(at) for signs in _RINGED for at, sign in enumerate(signs) if sign != " "},
}
_WIDE: Final = "".join(map(chr, _PLAIN))
_HAS_WIDE = re.compile(f"[{_WIDE}]")

#: What nobody sees, which pages leave in what is copied from them.
_UNSEEN: Final = "\u00ad\u200b-\u200f\u2060\ufeff"
#: What stands between the digits of one number.
BETWEEN: Final = r"\s\-‐‑‒–—―－_.．·•・,，、/()（）~～" + f"{_UNSEEN}\ufe0f\u20e3"

_FOR_DIGITS: Final = {
    **dict.fromkeys("零〇○洞oO", "0"),
    **dict.fromkeys("一壹幺么妖lI", "1"),
    **dict.fromkeys("二贰貳两兩", "2"),
    **dict.fromkeys("三叁參叄", "3"),
    **dict.fromkeys("四肆", "4"),
    **dict.fromkeys("五伍", "5"),
    **dict.fromkeys("六陆陸", "6"),
    **dict.fromkeys("七柒拐", "7"),
    **dict.fromkeys("八捌", "8"),
    **dict.fromkeys("九玖勾", "9"),
}
_SPOKEN: Final = "".join(_FOR_DIGITS)
_TO_DIGITS: Final = str.maketrans(_FOR_DIGITS)
_FILLING: Final = "个啊呀哈嗯呃然后面是中间最再接着尾号"
#: A digit in any form.
DIGIT: Final = f"[0-9{_WIDE}{_SPOKEN.replace('o', '').replace('l', '')}]"
_MAYBE_NUMBER = re.compile(f"[0-9{_SPOKEN}](?:[{BETWEEN}{_FILLING}]{{0,5}}[0-9{_SPOKEN}]){{6,}}")
_SPOKEN_SIGN = re.compile(f"[{_SPOKEN}{_FILLING}{_UNSEEN}]")
_UNSEEN_SIGNS = re.compile(f"[{_UNSEEN}]")
_FILLER = re.compile(
    r"(?<=[0-9])[ ,，、.]?"
    r"(?:然后是?|后面是?|中间是?|最后是?|再是|接着|尾号是?|[啊呀哈嗯呃])[ ,，、.]?(?=[0-9])"
)
_TIMES = re.compile(r"([二两三四五六七八2-8])个([0-9零〇○一幺二三四五六七八九])")

#: Links and what is hidden already.
_SHUT = re.compile(
    r"(?:https?://|www\.|(?<![A-Za-z0-9@.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|hk|top|shop|html)[/?])"
    r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*"
    r"|\[[\u4e00-\u9fff()（）]{1,10}[x0-9]{0,3}\]|〔[\u4e00-\u9fff]{1,4}〕",
    re.IGNORECASE,
)
_MAYBE_SHUT = re.compile(r"[〔\[/?]|www\.")
_PHONE_IN_LINK = re.compile(
    r"(?<=[?&])[a-z_]*(?:phone|mobile|tel)[a-z_]*=(1[3-9][0-9]{9})(?![0-9])", re.IGNORECASE
)


def plain(text: str) -> str:
    """The view of a text."""
    return text.translate(_PLAIN) if _HAS_WIDE.search(text) else text


def may_hold_number(view: str) -> bool:
    """Whether a view may hold seven digits near each other, in whatever form; quick."""
    return _MAYBE_NUMBER.search(view) is not None


def spoken(view: str) -> tuple[str, Sequence[int]] | None:
    """The spoken view of a view, and for each of its positions and its end the one in the view.

    Returns:
        None where nothing in the view may stand for a digit in a number.
    """
    maybe = _MAYBE_NUMBER.search(view)
    while maybe and not _SPOKEN_SIGN.search(view, *maybe.span()):
        maybe = _MAYBE_NUMBER.search(view, maybe.end())
    if not maybe:
        return None
    read, places = view, list(range(len(view) + 1))
    for found in reversed(list(_TIMES.finditer(view))):
        times = int(_FOR_DIGITS.get(found[1], found[1]))
        start, end = found.span()
        read = read[:start] + found[2] * times + read[end:]
        places[start:end] = [start] * times
    if _UNSEEN_SIGNS.search(read):
        seen = (at for at, sign in enumerate(read) if not _UNSEEN_SIGNS.match(sign))
        places = [*(places[at] for at in seen), places[-1]]
        read = _UNSEEN_SIGNS.sub("", read)
    read = read.translate(_TO_DIGITS)
    return _FILLER.sub(lambda found: " " * len(found[0]), read), places


def shut(text: str) -> list[Span]:
    """The links and placeholders of a text, in order; but phones that a link names as such."""
    if not _MAYBE_SHUT.search(text):
        return []
    closed = []
    for found in _SHUT.finditer(text):
        start, end = found.span()
        for phone in _PHONE_IN_LINK.finditer(text, start, end):
            closed.append(Span(start, phone.start(1), ""))
            start = phone.end(1)
        closed.append(Span(start, end, ""))
    return closed


def phones_in_links(view: str) -> list[Span]:
    """The phones that links name as such."""
    if "=1" not in view:
        return []
    return [Span(*found.span(1), "phone") for found in _PHONE_IN_LINK.finditer(view)]
