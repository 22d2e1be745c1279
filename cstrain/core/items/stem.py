"""The gaps in the stem of a fill-in-the-blank question.

Written as ``____``, kept as ``⟦1⟧``, which no Markdown rule touches, and put into the rendered
page as whatever the page wants there.
"""

import re
from collections.abc import Callable

_WRITTEN = re.compile(r"_{3,}")
_MARK = re.compile(r"⟦(\d{1,2})⟧")


def mark_blanks(stem_md: str) -> tuple[str, int]:
    """Give the stem with numbered marks in place of the gaps, and their count."""
    count = 0

    def mark(_match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"⟦{count}⟧"

    return _WRITTEN.sub(mark, stem_md), count


def fill_blanks(stem: str, fill: Callable[[int], str]) -> str:
    """Replace every mark, in Markdown, plain text or rendered HTML.

    Args:
        stem: The text with marks.
        fill: Gives what stands in gap number n, from 1; in HTML it must be safe.
    """
    return _MARK.sub(lambda match: fill(int(match[1])), stem)


def has_marks(stem_md: str) -> bool:
    """Tell whether a text holds such marks."""
    return _MARK.search(stem_md) is not None
