"""Words of a file looked for in a text: whether it asks for them, whether it denies them."""

import re
from collections.abc import Sequence
from typing import Final

from cstrain.activities.live_practice.matching.clauses import Stance, parse
from cstrain.activities.live_practice.matching.normal import canonical, fold, has_groups

_REQUEST: Final = re.compile(
    r"请|麻烦|劳驾|方便|报|告诉|提供|给我|发(?:我|给|来|下|一下|过来|张|个)|说(?:下|一下|说|个)"
    r"|量(?:一?下|一量|量|个)|传|补充|需要您|要您|问(?:下|一下|问您|您)|多少|几[码斤高个]|哪|什么|啥|谁|怎么|咋"
)
#: What stands before a word that is denied, and nothing between them but helping words.
_DENIED: Final = re.compile(
    r"(?:不|没有?|别|勿|甭|无需)(?:用|要|是|会|能|可以|需要?|必|得|再|先|让|给|帮|您|你)*"
    r"(?:(?<=[别用要])[拍选拿穿买发换付])?$"
)


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

    "不用您自己去" does not say "您自己去"; "要不要顺丰" asks about it and does.
    """
    plain = "".join(fold(text).text.split())
    texts = (plain, canonical(plain))
    return all(any(_says(texts, word) for word in group) for group in groups)


def _says(texts: tuple[str, str], word: str) -> bool:
    tight = "".join(fold(word).text.split())
    return any(
        not _is_denied(text, found.start())
        for text, form in zip(texts, (tight, canonical(tight)), strict=True)
        for found in re.finditer(re.escape(form), text)
    )


def _is_denied(text: str, start: int) -> bool:
    if text[start] in "不没" and start and text[start - 1 : start] == text[start + 1 : start + 2]:
        return True  # the end of a question: 能不能叠
    found = _DENIED.search(text, 0, start)
    if found is None:
        return False
    at = found.start()
    return at == 0 or text[at - 1] != text[at + 1]  # else a question: 要不要, 拍不拍
