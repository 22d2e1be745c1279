"""One form for what was typed: width, case, traditional characters, emoji, links."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cstrain.activities.live_practice.matching.tables import SAME, TRADITIONAL
from cstrain.activities.live_practice.matching.units import in_figures

_GONE: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f")
_WIDTH: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    ord("﹑"): "、",
    ord("￥"): "¥",
    ord("“"): '"',
    ord("”"): '"',
    ord("「"): '"',
    ord("」"): '"',
    ord("『"): '"',
    ord("』"): '"',
    ord("‘"): '"',
    ord("’"): '"',
    ord("～"): "~",
    ord("－"): "-",
    ord("–"): "-",
    ord("—"): "-",
}
#: Links, emoticon codes and masked data say nothing that could be compared.
_MUTE: Final = re.compile(
    r"https?://[^\s\u3000-\u9fff]+|#e-[a-z]\d+|\[[^\]\s]{1,8}\]|\*{2,}|/:\S{1,6}|<[^<>]{1,20}>"
)
_EMOJI: Final = re.compile(
    "[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\ue000-\uf8ff\U0001f000-\U0001faff]"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in the form that is compared, and for each character its place as written."""

    text: str
    sources: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the folded text stands in the text as written."""
        return self.sources[start], self.sources[end - 1] + 1


@lru_cache(maxsize=2048)
def fold(text: str) -> Folded:
    """Width, case and traditional characters as one; links and emoji as blanks."""
    chars: list[str] = []
    sources: list[int] = []
    for place, written in enumerate(text):
        if written in _GONE:
            continue
        char = " " if written < " " and written != "\n" else _WIDTH.get(ord(written), written)
        low = char.lower()
        chars.append((low if len(low) == 1 else char).translate(TRADITIONAL))
        sources.append(place)
    joined = "".join(chars)
    joined = _EMOJI.sub(" ", _MUTE.sub(lambda found: " " * len(found[0]), joined))
    return Folded(joined, tuple(sources))


def normalise(text: str) -> str:
    """The text as it is compared; the same again when normalised twice."""
    return " ".join(fold(text).text.split())


_FIRST: Final = {word: group[0] for group in SAME for word in group}
_SAME: Final = re.compile("|".join(sorted(map(re.escape, _FIRST), key=len, reverse=True)))


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """Folded text with one word for each group of words that mean the same."""
    return _SAME.sub(lambda found: _FIRST[found[0]], text)


def has_groups(text: str, groups: Sequence[Sequence[str]]) -> bool:
    """Whether a word of every group stands in the text.

    Width, case, traditional characters and blanks do not matter, nor which of the words that
    mean the same is used; polarity is not looked at.
    """
    plain = _tight(text)
    forms = {plain, canonical(plain), in_figures(plain)}
    return all(
        any(form in said for word in group for form in _forms(word) for said in forms)
        for group in groups
    )


@lru_cache(maxsize=4096)
def _forms(word: str) -> frozenset[str]:
    return frozenset((_tight(word), canonical(_tight(word))))


@lru_cache(maxsize=4096)
def _tight(text: str) -> str:
    return "".join(fold(text).text.split())
