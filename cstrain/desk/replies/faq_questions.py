"""Practice questions made of ready answers: which of these do we send? Pure.

The wrong replies are answers to other questions of the same class, so that nobody gets by with
the sound of it. Of two that say nearly the same only one is offered.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import lru_cache

from cstrain.core.catalogue.catalogue import fold
from cstrain.core.items.item import Choice, Item, Kind, Use
from cstrain.desk.replies.faq_entry import FaqEntry

#: Replies that one attempt shows.
SHOWN_COUNT = 4
#: Wrong replies that a question keeps to draw from; more would only make it heavy.
MOST_WRONG = 12
#: From this share of common stretches of three characters on, two answers say nearly the same.
NEAR_RATIO = 0.4
#: A shorter way to ask may mean several things.
CLEAR_LENGTH = 4
_GRAM = 3
_NO_WORD = re.compile(r"[\W_]+")
_MARKS = re.compile(r"([\\`*_\[\]~])")
_ENDS = "。？！?!…~～"


@lru_cache(maxsize=256)
def made(slug: str, title: str, entries: tuple[FaqEntry, ...]) -> tuple[Item, ...]:
    """A question for every entry of a class that has three other answers unlike each other.

    Args:
        slug: Of the file.
        title: What the class is called.
        entries: In the order of the file.
    """
    grams = [_grams(entry.answer) for entry in entries]
    near = [[_share(one, other) >= NEAR_RATIO for other in grams] for one in grams]
    items = (_item(slug, title, entries, place, near) for place in range(len(entries)))
    return tuple(item for item in items if item is not None)


def _item(
    slug: str,
    title: str,
    entries: Sequence[FaqEntry],
    place: int,
    near: Sequence[Sequence[bool]],
) -> Item | None:
    entry = entries[place]
    # The same file gives the same questions, in every process.
    rng = random.Random(f"{entry.anchor}|{entry.question}")  # noqa: S311 - a draw
    offered = [place]
    for other in rng.sample(range(len(entries)), len(entries)):
        if not any(near[other][one] for one in offered):
            offered.append(other)
        if len(offered) > MOST_WRONG:
            break
    if len(offered) < SHOWN_COUNT:
        return None
    clear = [alias for alias in entry.aliases if len(alias) >= CLEAR_LENGTH]
    said = rng.choice([entry.question, *clear])
    stop = "" if said[-1] in _ENDS else "。"
    return Item(
        id=entry.anchor if entry.anchor.startswith("faq-") else f"faq-{entry.anchor}",
        kind=Kind.SINGLE,
        stem_md=f"买家：{_escaped(said)}{stop}店里怎么回？",
        explanation_md=f"在“{_escaped(title)}”一类里：[{_escaped(entry.question)}]"
        f"(section:{entry.anchor})",
        use=Use.PRACTICE,
        section=slug,
        choices=tuple(Choice(_escaped(entries[one].answer), one == place) for one in offered),
        shown_count=SHOWN_COUNT,
        line=entry.line,
    )


def _escaped(text: str) -> str:
    """Words as Markdown that shows them as they are; empty lines would part them."""
    lines = (line.strip() for line in text.split("\n"))
    return _MARKS.sub(r"\\\1", "\n".join(line for line in lines if line))


def _grams(text: str) -> frozenset[str]:
    words = _NO_WORD.sub("", fold(text))
    return frozenset(words[at : at + _GRAM] for at in range(max(len(words) - _GRAM + 1, 1)))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """The Jaccard index of two sets."""
    return len(one & other) / len(one | other)
