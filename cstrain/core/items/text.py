"""Text answers in the form in which they are compared."""

import re
import unicodedata

_CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_TRAILING = " .,!?;:~…"
_PUNCTUATION = re.escape(",.!?;:()[]<>~\"'-%")
_SPACE_BESIDE = re.compile(rf"(?<=[{_CJK}{_PUNCTUATION}]) | (?=[{_CJK}{_PUNCTUATION}])")
_SPACES = re.compile(r"\s+")
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_ASCII_OFFSET = 0xFEE0

_FOLD: dict[int, str] = {
    **{code: chr(code - _ASCII_OFFSET).lower() for code in _FULL_WIDTH},
    **{code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)},
    **str.maketrans(
        {
            "\u3000": " ",
            "。": ".",
            "、": ",",
            "“": '"',
            "”": '"',
            "「": '"',
            "」": '"',
            "‘": "'",
            "’": "'",
            "【": "[",
            "】": "]",
            "《": "<",
            "》": ">",
            "〈": "<",
            "〉": ">",
            "—": "-",
            "–": "-",
            "−": "-",
            "﹣": "-",
            "〜": "~",
            "￥": "¥",
        }
    ),
}
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def visible(text: str) -> str:
    """Give the text in NFC on one line, without control, format and surrogate characters.

    Every run of white space (line ends and tabs too) becomes one space; none is left at the ends.
    """
    spaced = _SPACES.sub(" ", text)
    kept = "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", kept)).strip()


def normalise(text: str) -> str:
    """Give the form in which two text answers are compared.

    NFC (never NFKC, which turns ① into 1 and ℃ into °C); full-width ASCII and common Chinese
    punctuation become half width; ASCII letters lower case; spaces beside Chinese characters and
    punctuation go, others collapse; punctuation at the end goes. Applying it twice changes nothing.
    """
    before, after = None, text
    while after != before:  # a fold can bring letters and accents together, so NFC is due again
        before, after = after, _fold(after)
    return after


def _fold(text: str) -> str:
    folded = visible(text).translate(_FOLD)
    return _SPACE_BESIDE.sub("", folded).rstrip(_TRAILING)


def same(given: str, accepted: str) -> bool:
    """Tell whether two answers count as the same text."""
    return normalise(given) == normalise(accepted)
