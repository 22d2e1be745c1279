"""Words of a file looked for in a text: whether it asks for them, whether it denies them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from cstrain.activities.live_practice.matching.clauses import Stance, parse
from cstrain.activities.live_practice.matching.normal import canonical, fold, has_groups
from cstrain.activities.live_practice.matching.units import in_figures

_REQUEST: Final = re.compile(
    r"请|麻烦|劳驾|方便|报|告诉|提供|给我|发(?:我|给|来|下|一下|过来|张|个)|说(?:下|一下|说|个)"
    r"|量(?:一?下|一量|量|个)|传|补充|需要您|要您|问(?:下|一下|问您|您)|多少|几[码斤高个]|哪|什么|啥|谁|怎么|咋"
)
#: What stands before a word that is denied, and nothing between them but helping words.
_DENIED: Final = re.compile(
    r"(?:(?<![要了])不|没法|没有?|无法|无需|难以|未|勿|甭|(?<![特分区级性个差告类辨识])别)"
    r"(?:用|要|是|会|能|可以|需要?|必|得|再|先|让|给|帮|替|为|您|你|我们|这边|店里|办法|打算|支持|提供"
    r"|允许|同意|接受|建议|单独|直接|另外|随便|有|找|问|报|联系|经过)*"
    r"(?:[退换补改](?=$)|(?<=[别用要])[拍选拿穿买发付])?$"
)
#: What stands after a word that is denied: 退不了, 换货不行.
_DENIED_AFTER: Final = re.compile(
    r"(?:货|款|钱)?不(?:了(?!解)|成|上|掉|到|出来?|动|起|(?:行|能|可以|支持)(?=[的哦哈呢呀啊亲了]|[^\w]|$))"
)
_LATIN: Final = re.compile(r"[a-z\d]")
#: Between words, and between figures, a blank parts as a comma does: 没有 换新吧, 拿2XL 160斤.
_BLANK: Final = re.compile(r"(?<=[一-鿿])[ \t]+(?=[一-鿿])|(?<=[a-z\d])[ \t]+(?=[a-z\d])")


def asks_for(text: str, groups: Sequence[Sequence[str]]) -> bool:
    """Whether a text has words of every group and asks: "净腰围 85，照表拿 33" only states.

    A text asks unless it states some value and nothing in it is a question or a request.
    """
    if not has_groups(text, groups):
        return False
    clauses = parse(text)
    has_question = any(each.stance is Stance.ASKS for each in clauses)
    is_told = any(each.stance is Stance.STATES and each.values for each in clauses)
    return has_question or not is_told or bool(_REQUEST.search(fold(text).text))


def says_groups(text: str, groups: Sequence[Sequence[str]]) -> bool:
    """Whether a text has a word of every group that is not denied right there.

    "不用您自己去" does not say "您自己去", nor "退不了" that it can be returned; "要不要顺丰" asks
    about it and does. A word that is itself a denial is looked for as it stands.
    """
    parted = _BLANK.sub("\n", fold(text).text)
    plain = "\n".join("".join(line.split()) for line in parted.split("\n"))
    texts = (plain, canonical(plain), in_figures(plain))
    return all(any(_says(texts, word) for word in group) for group in groups)


def _says(texts: tuple[str, str, str], word: str) -> bool:
    patterns = _patterns(word)
    return any(
        not _is_denied(text, found.start(), found.end())
        for text, pattern in zip(texts, patterns, strict=True)
        for found in pattern.finditer(text)
    )


@lru_cache(maxsize=4096)
def _patterns(word: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What to look for in a text as it stands, in common words, and in figures.

    Numbers and Latin words stand alone: 28 is not in 128, nor XL in 2XL.
    """
    tight = "".join(fold(word).text.split())
    plain, common = (re.compile(_whole(form)) for form in (tight, canonical(tight)))
    return plain, common, plain


def _whole(form: str) -> str:
    before = r"(?<![a-z\d])" if _LATIN.match(form[0]) else ""
    after = r"(?![a-z\d])" if _LATIN.match(form[-1]) else ""
    return before + re.escape(form) + after


def _is_denied(text: str, start: int, end: int) -> bool:
    if text[start] in "不没" and start and text[start - 1 : start] == text[start + 1 : start + 2]:
        return True  # the end of a question: 能不能叠
    if _DENIED_AFTER.match(text, end):
        return True
    found = None if text[start] in "不没别无" else _DENIED.search(text, 0, start)
    if found is None:
        return False
    at = found.start()
    if at and (text[at - 1] == text[at + 1] or text[:at].endswith("不是")):
        return False  # a question: 要不要, 拍不拍; or twice denied: 不是不退
    return not _asks(text, at)


def _asks(text: str, at: int) -> bool:
    """Whether the clause in which a denial begins is a question."""
    clause = re.split(r"(?<=[?？])|[,，。.!！;；\n]", text[at:], maxsplit=1)[0]
    return clause.endswith(("吗", "么", "?", "没", "没有")) or (
        text[at] == "没" and clause.endswith("吧")
    )
