"""What buyers gave for a chat, as sources write it. Pure."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:分|星|颗星|stars?|/\s*5)?", re.IGNORECASE)
_STARS: Final = re.compile(r"[★⭐]{1,5}[☆]{0,4}")
#: Words to stars of five.
_WORDS: Final = {
    **dict.fromkeys(("非常满意", "很满意", "十分满意", "excellent"), 5),
    **dict.fromkeys(("满意", "好评", "good"), 4),
    **dict.fromkeys(("一般", "中评", "fair", "neutral"), 3),
    **dict.fromkeys(("不满意", "差评", "bad"), 2),
    **dict.fromkeys(("非常不满意", "很不满意", "十分不满意", "poor"), 1),
}


def rating_of(said: str) -> int | None:
    """A rating as a number, the more the better; words and stars come to stars of five.

    A number stays on the scale of its source.

    Returns:
        None where nothing was given, or it is not known what it means.
    """
    text = said.strip().lower()
    if text in _WORDS:
        return _WORDS[text]
    if _STARS.fullmatch(text):
        return sum(text.count(each) for each in "★⭐")
    found = _NUMBER.fullmatch(text)
    return round(float(found[1])) if found else None
