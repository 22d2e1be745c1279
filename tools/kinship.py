"""Count anew which characters stand together in our content, for the matcher of replies.

``python -m tools.kinship`` writes ``kinship.txt`` beside ``matching/kinship.py``: the characters,
how rare each is, and a line for each of 64 common ones with how much oftener than by chance it
stands in one sentence with each of them (positive pointwise mutual information).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path

from cstrain.activities.live_practice.matching.kinship import (
    COMPANY_STEPS,
    DIGITS,
    RARITY_STEPS,
    TABLE,
)

CONTENT = Path(__file__).resolve().parents[1] / "content"
#: Characters in fewer sentences are left out; the most common ones tell nothing of the matter.
LEAST_SENTENCES = 10
COMMON = slice(30, 94)
#: Sentences of other lengths are headings or lists.
LEAST_CHARS, MOST_CHARS = 4, 80
_END = re.compile(r"[\n。！？!?]+")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def main() -> None:
    """Write the table."""
    sentences = [frozenset(_CHINESE.findall(each)) for each in sorted(_sentences())]
    TABLE.write_text(table(sentences), encoding="utf-8")
    print(f"{TABLE.name}: {len(sentences)} sentences")


def _sentences() -> set[str]:
    """The different sentences of the content."""
    return {
        sentence
        for file in CONTENT.rglob("*.md")
        for each in _END.split(file.read_text(encoding="utf-8"))
        if LEAST_CHARS <= len(sentence := each.strip()) <= MOST_CHARS
        and len(_CHINESE.findall(sentence)) >= LEAST_CHARS
    }


def table(sentences: Sequence[frozenset[str]]) -> str:
    """The file's text for the characters of sentences."""
    counts = Counter(char for sentence in sentences for char in sentence)
    order = sorted(counts, key=lambda char: (-counts[char], char))
    chars = [char for char in order if counts[char] >= LEAST_SENTENCES]
    rarities = "".join(_digit(log(len(sentences) / counts[char]) * RARITY_STEPS) for char in chars)
    lines = ["".join(chars), rarities]
    for common in order[COMMON]:
        beside = [sentence for sentence in sentences if common in sentence]
        together = Counter(char for sentence in beside for char in sentence)
        share = len(beside) / len(sentences)
        lines.append(common + _line(chars, counts, together, share))
    return "\n".join(lines) + "\n"


def _line(
    chars: Sequence[str], counts: Mapping[str, int], together: Mapping[str, int], share: float
) -> str:
    """How much oftener than by chance each character stands beside one of that share."""
    return "".join(
        _digit(log(together[char] / (share * counts[char])) * COMPANY_STEPS)
        if together[char]
        else DIGITS[0]
        for char in chars
    )


def _digit(value: float) -> str:
    return DIGITS[min(max(round(value), 0), len(DIGITS) - 1)]


if __name__ == "__main__":
    main()
