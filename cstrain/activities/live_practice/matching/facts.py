"""What a reply says about a fact: clause by clause, with polarity and values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from cstrain.activities.live_practice.matching.clauses import UNSURE, Clause, Stance, parse
from cstrain.activities.live_practice.matching.compare import (
    conflict,
    contrasted,
    covered,
    elsewhere,
    is_other,
    names_party,
    on_other_side,
    opposed,
    same,
    substituted,
    values_agree,
)
from cstrain.activities.live_practice.matching.model import Fact, FactState, Found
from cstrain.activities.live_practice.matching.normal import fold, has_groups

#: How much of a sentence's content a clause must hold to be about it, and to say it. Lower where
#: the clause holds a value of the same kind, because then the words are few.
ABOUT = 0.5
ABOUT_WITH_VALUE = 0.34
SAYS = 0.5
SAYS_WITH_VALUE = 0.3
LEAST = 0.1
#: Of a wrong sentence, and without values where the words of the file tell what is meant.
SAYS_WRONGLY = 0.6
SAYS_MEANT = 0.34
#: A wrong sentence of so few characters must stand there as it is: 多开 is not in 付多少开多少.
FEW = 3
NEVER = 2.0


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to say a fact: its clauses."""

    clauses: tuple[Clause, ...]
    is_wrong: bool
    doubts: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def _ways(fact: Fact) -> tuple[_Way, ...]:
    return tuple(
        _way(text, is_wrong=is_wrong)
        for texts, is_wrong in (((fact.text, *fact.also), False), (fact.wrong, True))
        for text in texts
    )


def _way(text: str, *, is_wrong: bool) -> _Way:
    clauses = parse(text)
    doubts = (text,) if any(each.stance is Stance.DOUBTS for each in clauses) else ()
    kept = (each for each in clauses if each.content or each.values or each.is_bare)
    return _Way(tuple(kept), is_wrong, doubts)


def find_fact(reply: str, fact: Fact) -> Found:
    """What a reply says about a fact.

    A right statement never hides a wrong one: one wrong clause makes the fact wrong, unless the
    agent takes it back later in the same reply (更正, 说错了, 应该是…) and says it right then.
    Questions, conditions, what the customer is said to have said and what the agent is not sure
    of state nothing.

    Args:
        reply: All lines of the reply, joined by line ends.
        fact: What it must say.
    """
    return _found(fact, _readings(reply, fact))


def find_facts(reply: str, facts: Sequence[Fact]) -> tuple[Found, ...]:
    """What a reply says about facts that lie beside each other, each as ``find_fact`` tells.

    Words that state one of them rightly do not contradict another: "照表拿 33 码" says the size
    of the trousers and nothing of the shirt's, unless they name more of the shirt
    or all of it.
    """
    readings = {fact: _readings(reply, fact) for fact in facts}
    right = [
        (fact, each)
        for fact, found in readings.items()
        for each in found
        if each.state is FactState.RIGHT
    ]
    return tuple(
        _found(
            fact,
            [
                each
                for each in found
                if not each.is_excusable
                or not any(
                    other != fact
                    and said.span[0] <= each.span[0]
                    and each.span[1] <= said.span[1]
                    and said.shared >= each.shared
                    for other, said in right
                )
            ],
        )
        for fact, found in readings.items()
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What a stretch of a reply says about a fact.

    Attributes:
        shared: How many characters of the fact's content it holds.
        takes_back: What was said before no longer counts.
        is_excusable: It may be about something else.
    """

    state: FactState
    span: tuple[int, int]
    shared: int = 0
    takes_back: bool = False
    is_excusable: bool = False


@lru_cache(maxsize=2048)
def _readings(reply: str, fact: Fact) -> tuple[_Said, ...]:
    clauses = _told(reply)
    found: list[_Said] = []
    for place, clause in enumerate(clauses):
        if clause.corrects:
            found.append(_Said(FactState.MISSING, clause.span, takes_back=True))
        said = _state(reply, clauses, place, fact)
        if said is not None:
            found.append(said)
    return tuple(found)


def _found(fact: Fact, readings: Sequence[_Said]) -> Found:
    wrong: tuple[int, int] | None = None
    right: tuple[int, int] | None = None
    for each in readings:
        if each.takes_back:
            wrong = right = None
        elif each.state is FactState.WRONG:
            wrong = wrong or each.span
        elif each.state is FactState.RIGHT:
            right = _shorter(right, each.span)
    if wrong:
        return Found(fact.key, FactState.WRONG, wrong)
    if right:
        return Found(fact.key, FactState.RIGHT, right)
    return Found(fact.key, FactState.MISSING, None)


def _shorter(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda span: span[1] - span[0])


@lru_cache(maxsize=256)
def _told(reply: str) -> tuple[Clause, ...]:
    """Clauses of a reply that say something or take something back.

    A bare answer to a question that the agent repeats takes its words: "能退吗？可以的".
    """
    told: list[Clause] = []
    for each in parse(reply):
        says = each.content or each.values or each.is_bare or each.corrects
        if not says and each.stance is not Stance.DOUBTS:
            continue
        asked = told[-1] if told else None
        if each.is_bare and asked and asked.stance is Stance.ASKS:
            told[-1] = replace(
                asked,
                span=(asked.span[0], each.span[1]),
                stance=Stance.STATES,
                signs=(each.sign,) * len(asked.content),
                sign=each.sign,
                values=tuple(replace(value, denied=each.sign < 0) for value in asked.values),
            )
        elif asked and _completes(each, asked):
            told[-1] = _joined(asked, each)
        else:
            told.append(each)
    return tuple(told)


def _completes(clause: Clause, before: Clause) -> bool:
    """Whether a clause is but a value that the one beside it lacks: "会尽快发货，48 小时内"."""
    if clause.stance is not Stance.STATES or before.stance is not Stance.STATES:
        return False
    only, other = (clause, before) if not clause.content else (before, clause)
    kinds = {each.kind for each in only.values}
    return (
        bool(only.values and other.content)
        and not only.content
        and not any(each.denied for each in only.values)
        and not kinds & {each.kind for each in other.values}
        and not only.corrects
        and not other.corrects
    )


def _joined(one: Clause, other: Clause) -> Clause:
    return replace(
        one,
        span=(one.span[0], other.span[1]),
        text=one.text + other.text,
        content=one.content + other.content,
        signs=one.signs + other.signs,
        values=one.values + other.values,
    )


def _state(reply: str, clauses: Sequence[Clause], place: int, fact: Fact) -> _Said | None:
    """What the clause at a place says, alone or with those beside it."""
    best = 0.0
    found = None
    # A mere value can only be about the fact where nothing else is spoken of.
    is_alone = not any(each.content for each in clauses)
    for way in _ways(fact):
        # What is wrong is not put together from what is said of this and of that.
        most = len(way.clauses) if way.is_wrong else max(3, len(way.clauses) + 1)
        for window in _windows(clauses, place, most):
            # In the words as written: clauses have no longer those that are values.
            said = reply[window[0].span[0] : window[-1].span[1]]
            is_meant = has_groups(said, fact.about) if fact.about else None
            if way.doubts:
                state, score = _doubted(way, window, said, is_meant=is_meant)
            else:
                state, score = _compare(way, window, is_meant=is_meant, is_alone=is_alone)
            if state is FactState.RIGHT and is_other(way.clauses, clauses):
                continue
            if state is not FactState.MISSING and score > best:
                best = score
                shared = [_shared(each, window) for each in way.clauses]
                is_partly = sum(shared) < sum(len(set(each.content)) for each in way.clauses)
                found = _Said(
                    state,
                    (window[0].span[0], window[-1].span[1]),
                    max(shared, default=0),
                    is_excusable=state is FactState.WRONG and not way.is_wrong and is_partly,
                )
    return found


def _shared(part: Clause, window: Sequence[Clause]) -> int:
    have = {char for each in window for char in each.content}
    return len(set(part.content) & have)


def _windows(clauses: Sequence[Clause], place: int, most: int) -> Iterator[tuple[Clause, ...]]:
    """The clause alone, and with those after it."""
    if place and clauses[place - 1].stance is Stance.ASSUMES:
        return  # the condition belongs to it, and the window that begins there has both
    for length in range(1, most + 1):
        if place + length <= len(clauses):
            yield tuple(clauses[place : place + length])


def _doubted(
    way: _Way, window: Sequence[Clause], said: str, *, is_meant: bool | None
) -> tuple[FactState, float]:
    """Whether clauses leave open what a way leaves open: 哪天到说不准, 几时能到我不敢说."""
    if is_meant is False or not any(each.stance is Stance.DOUBTS for each in window):
        return FactState.MISSING, 0.0
    topics = _without_doubt(said)
    parts = [each for text in way.doubts for each in _without_doubt(text)]
    if not all(values_agree(part, topics) for part in parts):
        return FactState.MISSING, 0.0
    bare = SAYS if any(each.values for each in parts) else 0.0
    score = min((covered(each, topics) for each in parts if each.content), default=bare)
    if score < SAYS:
        return FactState.MISSING, 0.0
    score -= 0.01 * (len(window) - 1)
    return (FactState.WRONG if way.is_wrong else FactState.RIGHT), score


def _without_doubt(text: str) -> tuple[Clause, ...]:
    return parse(UNSURE.sub("", fold(text).text))


def _compare(
    way: _Way, window: Sequence[Clause], *, is_meant: bool | None, is_alone: bool
) -> tuple[FactState, float]:
    """Whether clauses together say a way to state the fact, deny it, or neither; how surely."""
    stances = {Stance.STATES, *(each.stance for each in way.clauses)} & _TELLS
    is_elsewhere = is_meant is False and not any(each.is_bare for each in way.clauses)
    if is_elsewhere or window[-1].stance not in stances:
        return FactState.MISSING, 0.0
    told = [each for each in window if each.stance in stances]
    if not all(names_party(each, told) for each in way.clauses):
        return FactState.MISSING, 0.0
    stated = [each for each in way.clauses if each.stance is not Stance.ASSUMES]
    stated = stated or list(way.clauses)
    assumed = [each for each in way.clauses if each not in stated]
    scores: list[float] = []
    for part in stated:
        state, score = _part(
            part, window, told, is_meant=is_meant, is_alone=is_alone, is_wrong=way.is_wrong
        )
        if state is FactState.WRONG and len(told) == 1 and not way.is_wrong:
            return state, score
        if state is not FactState.RIGHT:
            return FactState.MISSING, 0.0
        scores.append(score)
    score = sum(scores) / max(len(scores), 1) - 0.01 * (len(window) - 1)
    if not scores or way.is_wrong:
        return (FactState.WRONG if scores else FactState.MISSING), score
    return _on_condition(assumed, window), score


#: What a fact that quotes the customer is said by: 您说换浅蓝.
_TELLS = frozenset((Stance.STATES, Stance.REPORTS))


def _on_condition(assumed: Sequence[Clause], window: Sequence[Clause]) -> FactState:
    """Right, unless the condition is another one; a value in it must be said."""
    on = [each for each in window if each.stance is Stance.ASSUMES]
    for part in assumed:
        is_other_time = any(on_other_side(part.text, each.text) for each in window)
        if is_other_time or any(contrasted(part, each) or _denies(part, each) for each in on):
            return FactState.WRONG
        if not values_agree(part, window):
            is_other = any(conflict(part, each) for each in window)
            return FactState.WRONG if is_other else FactState.MISSING
    return FactState.RIGHT


def _denies(part: Clause, other: Clause) -> bool:
    return covered(part, (other,)) > ABOUT and opposed(part, other)


#: Kinds of values that say what they are about.
_TELLING = frozenset(("fit", "discount"))
#: Kinds that do so where nothing else is said: 默认中通.
_TELLING_ALONE = frozenset(("carrier", "payment", "wash", "store", "origin", "material"))


def _part(  # noqa: PLR0911, PLR0913 - one for each state; each told by its name
    part: Clause,
    window: Sequence[Clause],
    told: Sequence[Clause],
    *,
    is_meant: bool | None,
    is_alone: bool,
    is_wrong: bool,
) -> tuple[FactState, float]:
    """What clauses say of one clause of a fact, and how sure it is that they speak of it.

    ``is_meant`` tells by the words of the fact's file; None where it names none.
    """
    if part.is_bare:
        bare = next((each for each in told if each.is_bare), None)
        if bare is None:
            return FactState.MISSING, 0.0
        return (FactState.RIGHT if bare.sign == part.sign else FactState.WRONG), 1.0
    told = [each for each in told if not elsewhere(part, each)]
    share = covered(part, told)
    kinds = {each.kind for each in part.values}
    has_kind = any(
        same(value, each) is not None
        for value in part.values
        for one in told
        for each in one.values
    )
    is_bare = kinds <= _TELLING_ALONE and not any(each.content for each in told)
    is_about = has_kind and (kinds <= _TELLING or is_alone or is_bare)
    if is_meant is not None:
        is_about = is_meant
    if not (is_about or (share >= LEAST and is_meant is None and (part.content or has_kind))):
        return FactState.MISSING, 0.0
    if is_about or share >= (ABOUT_WITH_VALUE if kinds else ABOUT):
        for each in told:
            if opposed(part, each) or conflict(part, each) or contrasted(part, each):
                return FactState.WRONG, max(share, LEAST)
    if not values_agree(part, window) or any(substituted(part, each) for each in told):
        return FactState.MISSING, 0.0
    least = _least_wrong(part, told) if is_wrong else (SAYS_WITH_VALUE if kinds else SAYS)
    if (is_about and kinds and not is_wrong) or share >= (
        SAYS_MEANT if is_about and not is_wrong else least
    ):
        return FactState.RIGHT, max(share, LEAST)
    return FactState.MISSING, 0.0


def _least_wrong(part: Clause, told: Sequence[Clause]) -> float:
    """How much of a wrong sentence must be said; less where a value is all else that is."""
    is_short = 1 < len(part.content) <= FEW and not part.values
    if is_short and not any(part.content in each.content for each in told):
        return NEVER
    is_only = part.values and all(covered(each, (part,)) >= SAYS_WRONGLY for each in told)
    return SAYS if is_only else SAYS_WRONGLY
