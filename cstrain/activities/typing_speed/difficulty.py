"""How hard a passage is to type, and whether it may serve as one."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cstrain.activities.typing_speed.normalise import is_han

CHOICE_KEYS: Final = 0.5
"""Keys to choose a candidate, for each 字: people commit whole phrases."""

BLOCK_CHARS: Final = (120, 200)
PRACTICE_CHARS: Final = (300, 500)
PUNCTUATION_RATIO: Final = (0.08, 0.12)
ASCII_RATIO: Final = 0.15
_EMOJI_FROM: Final = 0x1F000


class LintCode(StrEnum):
    """What can be wrong with a passage."""

    ZERO_WIDTH = "zero_width"
    PRIVATE_USE = "private_use"
    CONTROL = "control"
    EMOJI = "emoji"
    VARIATION_SELECTOR = "variation_selector"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    PUNCTUATION_SHARE = "punctuation_share"
    ASCII_SHARE = "ascii_share"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing wrong with a passage.

    Attributes:
        code: What.
        at: Index of the character, 0 where the whole passage is meant.
        char: The character, ``""`` where the whole passage is meant.
        value: The length or share that is out of bounds, 0 otherwise.
    """

    code: LintCode
    at: int = 0
    char: str = ""
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Difficulty:
    """What it takes to type a passage.

    Attributes:
        chars: Its length, line ends left out.
        keys_per_char: Expected keys for a character.
        punctuation_ratio: Share of punctuation.
        ascii_ratio: Share of ASCII letters and digits.
    """

    chars: int
    keys_per_char: float
    punctuation_ratio: float
    ascii_ratio: float


@lru_cache(maxsize=1)  # a block is linted and measured one after the other
def measure(passage: str) -> Difficulty:
    """Measure a passage, by pinyin letters plus the choice of a candidate.

    An ASCII character or a punctuation mark is one key.
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its tables cost every start 0.1 s

    text = "".join(passage.split("\n"))
    # pypinyin gives back what is not Chinese as it stands, and that is one key a character.
    keys = sum(map(len, lazy_pinyin(text))) + CHOICE_KEYS * sum(map(is_han, text))
    count = len(text)
    return Difficulty(
        chars=count,
        keys_per_char=keys / count if count else 0.0,
        punctuation_ratio=_share(text, _is_punctuation),
        ascii_ratio=_share(text, lambda char: char.isascii() and char.isalnum()),
    )


def _share(text: str, test: Callable[[str], bool]) -> float:
    """Share of the characters for which a test holds."""
    return sum(map(test, text)) / len(text) if text else 0.0


def _is_punctuation(char: str) -> bool:
    """Whether the character is punctuation; symbols such as + and ￥ are not."""
    return unicodedata.category(char).startswith("P")


def lint(passage: str, *, official: bool) -> list[LintFinding]:
    """Find what would make a passage unfair or impossible to type.

    Args:
        passage: The text as published.
        official: Whether it is a block of the official pool, for which the shares are bounded.
    """
    findings = [
        LintFinding(code, at, char)
        for at, char in enumerate(passage)
        if (code := _unfit(char)) is not None
    ]
    found = measure(passage)
    shortest, longest = BLOCK_CHARS if official else PRACTICE_CHARS
    if found.chars < shortest:
        findings.append(LintFinding(LintCode.TOO_SHORT, value=found.chars))
    if found.chars > longest:
        findings.append(LintFinding(LintCode.TOO_LONG, value=found.chars))
    if official and not PUNCTUATION_RATIO[0] <= found.punctuation_ratio <= PUNCTUATION_RATIO[1]:
        findings.append(LintFinding(LintCode.PUNCTUATION_SHARE, value=found.punctuation_ratio))
    if official and found.ascii_ratio > ASCII_RATIO:
        findings.append(LintFinding(LintCode.ASCII_SHARE, value=found.ascii_ratio))
    return findings


def _unfit(char: str) -> LintCode | None:
    """Why a character does not belong in a passage."""
    code, category = ord(char), unicodedata.category(char)
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:  # noqa: PLR2004 - Unicode blocks
        return LintCode.VARIATION_SELECTOR
    if category == "Cf":
        return LintCode.ZERO_WIDTH
    if category == "Co":
        return LintCode.PRIVATE_USE
    if category == "Cc" and char != "\n":
        return LintCode.CONTROL
    if code >= _EMOJI_FROM and category in {"So", "Sk", "Cn"}:
        return LintCode.EMOJI
    return None


def rare_chars(passage: str) -> Sequence[str]:
    """Ideographs outside the 6,763 of the simplified standard set, in the order of the text."""
    return [char for char in dict.fromkeys(passage) if is_han(char) and _is_rare(char)]


def _is_rare(char: str) -> bool:
    """Whether GB 2312 lacks the character."""
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False
