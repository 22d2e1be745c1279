"""What the matcher takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What a whole reply is worth."""

    RIGHT = "right"
    WRONG = "wrong"
    UNCLEAR = "unclear"


class FactState(StrEnum):
    """What a reply says about one fact."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Fact:
    """A proposition that a reply must state, or at least must not contradict.

    Attributes:
        key: Its name within its scenario.
        text: One plain sentence that states it as it is true: "48 小时内发货".
        about: Groups of words, one of each group, that tell a clause is about it. Derived from
            the text when empty.
        also: Other right ways to say it.
        wrong: Sentences that state it wrongly where neither polarity nor values show it.
    """

    key: str
    text: str
    about: tuple[tuple[str, ...], ...] = ()
    also: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a reply says about one fact, and where.

    Attributes:
        key: The fact's.
        state: Right, wrong, or not said.
        span: Start and end in the reply as written; None where it is missing.
    """

    key: str
    state: FactState
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Reading:
    """The verdict on a reply.

    Attributes:
        verdict: Right, wrong, or unclear: then a person or a second question decides.
        similarity: To the nearest reference, 0 to 1; 0 without references.
        reason: A code: ``empty``, ``facts``, ``fact_wrong:<key>``, ``fact_missing:<key>``,
            ``similar``, ``not_similar``, or the kind of a conflict (``polarity``, ``number``,
            ``size``, ``date``, ``colour``, ``party``, ``contrast`` for words that exclude each
            other, ``substituted`` for a word in one place that nothing explains …).
        facts: One for each fact asked for, in their order.
    """

    verdict: Verdict
    similarity: float
    reason: str
    facts: tuple[Found, ...] = ()


_KEYS = {"key", "text", "about", "also", "wrong"}


def fact_of(given: str | Mapping[str, Any]) -> Fact:
    """A fact from a plain sentence, which is then its own key, or from an object.

    Raises:
        ValueError: If it is neither, lacks its sentence, or has a key or type not known.
    """
    if isinstance(given, str):
        if not given.strip():
            raise ValueError("a fact needs a sentence")
        return Fact(key=given.strip(), text=given.strip())
    if not isinstance(given, Mapping):  # content is data: what is wrong with it is a value
        raise ValueError(f"a fact is a sentence or an object, not {given!r}")  # noqa: TRY004
    unknown = set(map(str, given)) - _KEYS
    if unknown:
        raise ValueError(f"a fact has no {', '.join(sorted(unknown))}; it has {sorted(_KEYS)}")
    text: object = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a fact needs `text`, one plain sentence")
    key = given.get("key", text)
    if not isinstance(key, str) or not key.strip():
        raise ValueError("a fact's `key` is a word")
    groups = given.get("about", ())
    if isinstance(groups, str) or not isinstance(groups, list | tuple):
        raise ValueError("a fact's `about` is a list of words or of lists of words")  # noqa: TRY004
    about = tuple(
        (group.strip(),) if isinstance(group, str) else _sentences(group, "about")
        for group in groups
    )
    if any(not all(group) or not group for group in about):
        raise ValueError("a fact's `about` has an empty group")
    return Fact(
        key.strip(),
        text.strip(),
        about,
        _sentences(given.get("also", ()), "also"),
        _sentences(given.get("wrong", ()), "wrong"),
    )


def _sentences(given: object, name: str) -> tuple[str, ...]:
    """Texts of a list, or of one text.

    Raises:
        ValueError: If it is something else, or one is blank.
    """
    if isinstance(given, str):
        given = (given,)
    if not isinstance(given, list | tuple) or not all(
        isinstance(each, str) and each.strip() for each in given
    ):
        raise ValueError(f"a fact's `{name}` is a list of texts, none of them blank")
    return tuple(each.strip() for each in given)
