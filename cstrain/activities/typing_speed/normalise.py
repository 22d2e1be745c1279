"""The one form in which a passage and what was typed are compared.

Never NFKC: it would turn ``①`` into ``1`` and ``…`` into three dots.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class WidthPolicy(StrEnum):
    """How strictly the width of punctuation and the spaces beside Chinese are compared."""

    LENIENT = "lenient"
    STRICT = "strict"


_REMOVED: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff\r\n\u2028\u2029")
_FOLD: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord("“"): '"',
    ord("”"): '"',
    ord("‘"): "'",
    ord("’"): "'",
}
_CJK_RANGES: Final = (
    (0x2014, 0x2014),  # — and … are Chinese punctuation here, too
    (0x2026, 0x2026),
    (0x2E80, 0x2FDF),
    (0x3001, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in the form that is compared, and the way back to what was written.

    Attributes:
        text: What is compared.
        shown: The same characters as they were written, before the width fold. As long as ``text``.
        sources: For each character of ``text`` its index (code points) in the text as it came.
            Exact unless NFC changed the number of characters, which Chinese input does not do.
    """

    text: str
    shown: str
    sources: tuple[int, ...]


def is_cjk(char: str) -> bool:
    """Whether the character is Chinese: an ideograph, kana, or punctuation like ``。、《…``."""
    code = ord(char)
    return any(low <= code <= high for low, high in _CJK_RANGES)


def is_han(char: str) -> bool:
    """Whether the character is a Chinese ideograph."""
    is_kana = "\u3040" <= char <= "\u30ff"
    return is_cjk(char) and not is_kana and unicodedata.category(char) == "Lo"


def normalise(
    text: str, policy: WidthPolicy = WidthPolicy.LENIENT, *, trim: bool = True
) -> Normalised:
    """Bring a text into the form that is compared.

    Zero-width characters and line ends go, every kind of space becomes one plain space, runs of
    spaces become one, NFC. The lenient policy also folds full-width ASCII and curly quotes to
    half width, one character for one, and drops spaces beside Chinese.

    Args:
        text: A passage, or what was typed.
        policy: Kept with the attempt, the same for both texts.
        trim: Whether spaces at both ends go, too.

    Returns:
        The text; normalising it again changes nothing.
    """
    kept = [(index, _plain(char)) for index, char in enumerate(text) if char not in _REMOVED]
    chars = "".join(char for _, char in kept)
    sources = [index for index, _ in kept]
    if not unicodedata.is_normalized("NFC", chars):
        chars, sources = _compose(chars, sources)
    keep = _keep_spaces(chars, policy, trim=trim)
    shown = "".join(char for char, kept_here in zip(chars, keep, strict=True) if kept_here)
    sources = [source for source, kept_here in zip(sources, keep, strict=True) if kept_here]
    folded = shown.translate(_FOLD) if policy is WidthPolicy.LENIENT else shown
    if not unicodedata.is_normalized("NFC", folded):
        folded, sources = _compose(folded, sources)
        shown = folded
    return Normalised(folded, shown, tuple(sources))


def _plain(char: str) -> str:
    """A space for every kind of space and tab, else the character."""
    return " " if char == "\t" or unicodedata.category(char) == "Zs" else char


def _compose(chars: str, sources: list[int]) -> tuple[str, list[int]]:
    """NFC, with sources spread evenly over the characters that are left."""
    composed = unicodedata.normalize("NFC", chars)
    spread = len(sources) / len(composed) if composed else 0
    return composed, [sources[min(int(i * spread), len(sources) - 1)] for i in range(len(composed))]


def _keep_spaces(chars: str, policy: WidthPolicy, *, trim: bool) -> list[bool]:
    """For each character, whether it stays: all but the spaces that do not count."""
    keep = [True] * len(chars)
    start = 0
    while (start := chars.find(" ", start)) >= 0:
        end = start
        while end < len(chars) and chars[end] == " ":
            end += 1
        before, after = chars[start - 1 : start], chars[end : end + 1]
        at_edge = not before or not after
        beside_cjk = any(side and is_cjk(side) for side in (before, after))
        dropped = (trim and at_edge) or (policy is WidthPolicy.LENIENT and beside_cjk)
        for index in range(start if dropped else start + 1, end):
            keep[index] = False
        start = end
    return keep
