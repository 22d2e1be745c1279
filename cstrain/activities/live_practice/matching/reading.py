"""The verdict on a reply: facts first, then similarity, never against a conflict."""

from collections.abc import Sequence
from functools import lru_cache

from cstrain.activities.live_practice.matching.clauses import Clause, Stance, parse
from cstrain.activities.live_practice.matching.compare import (
    conflict,
    contrasted,
    covered,
    of_other_service,
    opposed,
    reordered,
    substituted,
    unconfirmed,
    values_agree,
)
from cstrain.activities.live_practice.matching.facts import find_facts
from cstrain.activities.live_practice.matching.model import (
    Fact,
    FactState,
    Reading,
    Verdict,
)
from cstrain.activities.live_practice.matching.similar import likenesses, similarity

#: From which similarity a reply without facts is taken for one of several references, or for
#: the only one, which chance comes near to less often.
SIMILAR, SIMILAR_TO_ONE = 0.26, 0.23
#: From which similarity a conflict with a reference makes a reply wrong; short ones are never
#: very near, and the word that denies parts them further.
NEAR = 0.18


def contradicts(reply: str, reference: str) -> str | None:
    """Code of what a reply says against a reference, or None.

    Clauses are compared that speak of the same: more than half of the shorter one's content.
    """
    return _contradicts(reply, reference)


@lru_cache(maxsize=4096)
def _contradicts(reply: str, reference: str) -> str | None:
    mine = [each for each in parse(reply) if _says(each)]
    theirs = [each for each in parse(reference) if _says(each)]
    # In a long reply another word in one place is no more than another way to say it.
    is_short = max(len(mine), len(theirs)) <= SHORT_CLAUSES
    if is_short and reordered(_said(mine), _said(theirs)):
        return "contrast"
    for one in mine:
        codes = [
            _against(one, other)
            or ("substituted" if is_short and substituted(one, other) else None)
            for other in theirs
        ]
        code = next(filter(None, codes), None)
        pairs = zip(codes, theirs, strict=True)
        if code and not any(each is None and _agrees(one, other) for each, other in pairs):
            return code
    return None


def _said(clauses: Sequence[Clause]) -> str:
    return "".join(each.text for each in clauses)


def _agrees(one: Clause, other: Clause) -> bool:
    """Whether another clause of the reference says what the clause says, values and all."""
    is_covered = bool(one.content or one.values) and covered(one, (other,)) >= AGREES
    is_telling = len(one.values) >= TELLING_VALUES and one.sign == other.sign
    return (is_covered or is_telling) and values_agree(one, (other,))


AGREES = 0.8
#: So many values in one clause tell what it speaks of, if both affirm it: 储蓄卡 1–7 个工作日.
TELLING_VALUES = 2
SHORT_CLAUSES = 2


def _says(clause: Clause) -> bool:
    return clause.stance in _SAID and bool(clause.content or clause.values or clause.is_bare)


_SAID = (Stance.STATES, Stance.ASSUMES, Stance.DOUBTS)


def _against(one: Clause, other: Clause) -> str | None:  # noqa: PLR0911 - one for each kind
    if one.is_bare and other.is_bare:
        return "polarity" if one.sign != other.sign else None
    if one.is_bare or other.is_bare:
        return None
    if contrasted(one, other):
        return "contrast"
    near = max(covered(one, (other,)), covered(other, (one,)))
    if near <= 0.5:  # noqa: PLR2004 - of the shorter one's content
        return None
    code = conflict(other, one)
    if code:
        return code
    if unconfirmed(one, other):
        return "date"
    return "polarity" if opposed(one, other) else None


def read_reply(  # noqa: PLR0911 - one for each verdict
    reply: str, *, references: Sequence[str] = (), facts: Sequence[Fact] = ()
) -> Reading:
    """Judge a whole reply.

    Args:
        reply: All lines of it, joined by line ends.
        references: Replies that would be right; the nearest counts that it does not contradict.
        facts: What it must state.

    Returns:
        Wrong where a fact is stated wrongly, or where it is near a reference and contradicts it;
        right where all facts are stated, or without facts where it is near a reference; else
        unclear.
    """
    if not reply.strip():
        return Reading(Verdict.UNCLEAR, 0.0, "empty")
    found = find_facts(reply, facts)
    likes = likenesses(reply, references)
    nearest = max(likes, default=0.0)
    for each in found:
        if each.state is FactState.WRONG:
            return Reading(Verdict.WRONG, nearest, f"fact_wrong:{each.key}", found)
    for each in found:
        if each.state is FactState.MISSING:
            return Reading(Verdict.UNCLEAR, nearest, f"fact_missing:{each.key}", found)
    if found:
        return Reading(Verdict.RIGHT, nearest, "facts", found)
    code = _conflict(reply, references, likes) if nearest >= NEAR else None
    if code:
        return Reading(Verdict.WRONG, nearest, code)
    if nearest < (SIMILAR if len(references) > 1 else SIMILAR_TO_ONE):
        return Reading(Verdict.UNCLEAR, nearest, "not_similar")
    return Reading(Verdict.RIGHT, nearest, "similar")


def is_like(reply: str, references: Sequence[str]) -> bool:
    """Whether a reply is near one of some right ones, and does not contradict the nearest.

    Without references everything is.
    """
    likes = [(similarity(reply, (each,))[0], each) for each in references]
    nearest, reference = max(likes, default=(1.0, reply))
    return nearest >= SIMILAR and not contradicts(reply, reference)


def _conflict(reply: str, references: Sequence[str], likes: Sequence[float]) -> str | None:
    """Code of a conflict with the nearest reference, or with a near one that agrees with it."""
    near = sorted(
        (number for number, like in enumerate(likes) if like >= NEAR), key=lambda n: -likes[n]
    )
    nearest = references[near[0]]
    for number in near:
        code = contradicts(reply, references[number]) or _service(reply, references[number])
        if code and (number == near[0] or not contradicts(nearest, references[number])):
            return code
    return None


def _service(reply: str, reference: str) -> str | None:
    """Code where each of two short texts is about another service: 给您退货, 给您换货."""
    is_short = max(len(parse(reply)), len(parse(reference))) <= SHORT_CLAUSES
    return "contrast" if is_short and of_other_service(reply, reference) else None
