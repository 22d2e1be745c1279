"""What is wrong with scenarios: each by itself, and all of a shop together. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from cstrain.activities.live_practice import hearing
from cstrain.activities.live_practice.matching import Verdict
from cstrain.activities.live_practice.scenario import BACK, Needs, Scenario, State, Variants
from cstrain.activities.live_practice.terms import ACTIONS, MATERIAL, OutcomeKind, Track
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import Catalogue, forbidden_words, products

MIN_OUTCOMES: Final = 3
#: Two scenarios of one shape may share this much of their text.
SAME_SHAPE_OVERLAP: Final = 0.6
#: Any two may share this much.
ANY_OVERLAP: Final = 0.8
#: The length that is computed may be so many times off from what the file says.
LENGTH_FACTOR: Final = 2.0
#: For the length: how long an agent takes to begin, and types a minute.
_AGENT_STARTS_S: Final = 20
_AGENT_CPM: Final = 50
_CUSTOMER_THINKS_S: Final = 10
_GRAM: Final = 3
_DIGITS = re.compile(r"\d+")
_BLANK = re.compile(r"[\W_]+")


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """What only shows when everything is loaded: references, forbidden words, copies."""
    scenarios = scenarios_of(catalogue)
    slugs: dict[str, str] = {}
    for scenario in scenarios:
        if scenario.slug in slugs:
            text = _("slug 和 %(other)s 重复", other=slugs[scenario.slug])
            yield _at(scenario, text, "slug")
        slugs.setdefault(scenario.slug, scenario.path)
        yield from in_shop(scenario, catalogue)
    yield from copies(scenarios)


def in_shop(scenario: Scenario, catalogue: Catalogue) -> Iterator[ContentProblem]:
    """What a shop's course, products and forbidden words have against one of its scenarios."""
    numbers = {
        product.number.casefold()
        for file in products.files_of(catalogue)
        for product in file.entries
    }
    yield from _sections(scenario, catalogue)
    yield from _products(scenario, numbers)
    yield from said_forbidden(scenario, forbidden_words.words_of(catalogue))


def advice(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """What an editor would mend: minutes that are far from what a good talk takes."""
    for scenario in scenarios_of(catalogue):
        yield from length(scenario)


def length(scenario: Scenario) -> Iterator[ContentProblem]:
    """Minutes that are far from what a good talk takes."""
    minutes = good_talk_minutes(scenario)
    if not 1 / LENGTH_FACTOR <= minutes / scenario.minutes <= LENGTH_FACTOR:
        text = _(
            "minutes 写了 %(said)s，一路答对大约要 %(minutes)s 分钟",
            said=f"{scenario.minutes:g}",
            minutes=f"{minutes:.1f}",
        )
        yield _at(scenario, text, "minutes")


def scenarios_of(catalogue: Catalogue) -> list[Scenario]:
    """The scenarios of a team, in path order."""
    found = catalogue.materials.get(MATERIAL, ())
    return [each for each in found if isinstance(each, Scenario)]


def of_one(scenario: Scenario) -> Iterator[ContentProblem]:
    """What is wrong with a scenario by itself."""
    yield from _ways(scenario)
    yield from _unused(scenario)
    for state in scenario.states.values():
        yield from _examples(scenario, state)


def _at(scenario: Scenario, text: str, *place: str, missing: str = "") -> ContentProblem:
    return ContentProblem(scenario.path, scenario.line_of(*place), text, missing)


# Ways


def targets(scenario: Scenario, state: State) -> set[str]:
    """Where the customer can go from a state, by silence and anger too."""
    found = {move.to for move in state.moves if move.to is not None} | {state.silence.to}
    if scenario.track is Track.AFTERSALES:
        angry = (n for n, each in scenario.endings.items() if each.kind is OutcomeKind.COMPLAINT)
        found |= set(itertools.islice(angry, 1))
    return found - {BACK}


def reachable(scenario: Scenario) -> set[str]:
    """Every state and ending that can be reached."""
    seen: set[str] = set()
    coming = [scenario.opening, *(each.state for each in scenario.interruptions)]
    while coming:
        name = coming.pop()
        if name not in seen:
            seen.add(name)
            if name in scenario.states:
                coming += targets(scenario, scenario.states[name])
    return seen


def _ways(scenario: Scenario) -> Iterator[ContentProblem]:
    seen = reachable(scenario)
    for name in scenario.states:
        if name not in seen:
            yield _at(scenario, _("走不到状态“%(name)s”", name=name), "states", name)
    for name in scenario.endings:
        if name not in seen:
            yield _at(scenario, _("走不到结局“%(name)s”", name=name), "endings", name)
    ends = set(scenario.endings)
    for _each in scenario.states:
        ends |= {
            name
            for name, state in scenario.states.items()
            if any(move.to in ends or move.to == BACK for move in state.moves)
        }
    for name in scenario.states:
        if name not in ends:
            text = _("状态“%(name)s”只能等顾客自己走，说什么都出不去", name=name)
            yield _at(scenario, text, "states", name)
    outcomes = {(e.kind, e.reason) for n, e in scenario.endings.items() if n in seen}
    if len(outcomes) < MIN_OUTCOMES:
        text = _(
            "走得到的结局只有 %(n)s 种，至少 %(least)s 种", n=len(outcomes), least=MIN_OUTCOMES
        )
        yield _at(scenario, text, "endings")
    last = good_way(scenario)[-1]
    if last not in scenario.endings or not scenario.endings[last].is_good:
        kind = "states" if last in scenario.states else "endings"
        yield _at(scenario, _("一路答对，到不了好结局，停在“%(name)s”", name=last), kind, last)
    yield from _ways_back(scenario)


def _ways_back(scenario: Scenario) -> Iterator[ContentProblem]:
    """Only states that an interruption leads to may go back."""
    aside = {each.state for each in scenario.interruptions}
    for _each in scenario.states:
        aside |= {
            to
            for name in aside
            if name in scenario.states
            for to in targets(scenario, scenario.states[name])
        }
    for name, state in scenario.states.items():
        if name not in aside and any(move.to == BACK for move in state.moves):
            text = _("“%(name)s”不是打断来的，不能“回”", name=name)
            yield _at(scenario, text, "states", name)


def good_way(scenario: Scenario) -> list[str]:
    """The states of a talk in which every turn is right, and where it ends."""
    way = [scenario.opening]
    while way[-1] in scenario.states:
        to = scenario.states[way[-1]].on_right.to
        if to is None or to in way or to == BACK:
            break
        way.append(to)
    return way


def good_talk_minutes(scenario: Scenario) -> float:
    """About how long a talk takes in which every turn is right.

    For each state the customer thinks ten seconds and types, the agent begins after twenty and
    types the veteran's reply at 50 characters a minute.
    """
    seconds = 0.0
    aside = [each.state for each in scenario.interruptions]
    for name in (*good_way(scenario), *aside):
        if name in scenario.states:
            state = scenario.states[name]
            typed = len(state.good_replies[0]) if state.good_replies else 20
            lines = max((len(each) for each in state.say), default=1)
            seconds += _CUSTOMER_THINKS_S + (lines - 1) * scenario.customer.typing_s
            seconds += _AGENT_STARTS_S + typed / _AGENT_CPM * 60
    return seconds / 60


# Facts and examples


def _unused(scenario: Scenario) -> Iterator[ContentProblem]:
    used = {
        key
        for state in scenario.states.values()
        for needs in (state.needs, *(branch.when for branch in state.branches))
        for key in (*needs.facts, *needs.told_wrong)
    }
    for key in scenario.facts:
        if key not in used:
            yield _at(scenario, _("事实“%(key)s”没有用到", key=key), "facts", key)


def _examples(scenario: Scenario, state: State) -> Iterator[ContentProblem]:
    """Right replies that are not right, wrong ones that are not wrong, and states without any."""
    place = ("states", state.name)
    if not state.good_replies:
        yield _at(scenario, _("状态“%(name)s”缺 像", name=state.name), *place)
    for reply in state.good_replies:
        verdict, reason = judged(scenario, state, reply)
        if verdict != Verdict.RIGHT:
            text = _(
                "这句 像 按 要 来看不算对（%(reason)s）：%(reply)s",
                reason=_reason(reason),
                reply=reply,
            )
            yield _at(scenario, text, *place, "good_replies")
    for reply in state.bad_replies:
        verdict, reason = judged(scenario, state, reply)
        if verdict != Verdict.WRONG:
            text = _("这句 错例 没有被认出是错的：%(reply)s", reply=reply)
            yield _at(scenario, text, *place, "bad_replies")


def judged(scenario: Scenario, state: State, reply: str) -> tuple[str, str]:
    """What a reply is worth in a state when all that is needed has been done: verdict, reason."""
    done = list(_done_as_needed(state.needs))
    heard = hearing.hear_turn(
        scenario, state, line=reply, turn_text=reply, visit_text=reply, done=done
    )
    spoken = tuple(each for each in state.branches if not each.when.actions)
    branch = hearing.taken(scenario, replace(state, branches=spoken), reply, done)
    if branch is not None:
        return branch.verdict or heard.verdict, f"branch:{state.branches.index(branch) + 1}"
    return heard.verdict, heard.reason


def _done_as_needed(needs: Needs) -> Iterator[tuple[str, Mapping[str, str]]]:
    for action in needs.actions:
        params = {}
        for rule in action.rules:
            amount = "0" if rule.at_most is None else f"{rule.at_most:g}"
            is_number = rule.param in ACTIONS[action.code].numbers
            params[rule.param] = rule.equals or (amount if is_number else "".join(rule.contains))
        yield action.code, params


def _reason(reason: str) -> str:
    """A reason in the words of the file."""
    what, _colon, key = reason.rpartition(":")
    words = {
        "fact_wrong": _("事实“%(key)s”说错了", key=key),
        hearing.OTHER_FACT: _("另一条事实“%(key)s”说错了", key=key),
        "missing:fact": _("没说到事实“%(key)s”", key=key),
        "missing:words": _("没有第 %(key)s 组词", key=int(key) + 1 if key.isdigit() else key),
        "branch": _("先走了第 %(key)s 条分支", key=key),
    }
    told = {"not_similar": _("和别的 像 不够像")}
    return words.get(what) or told.get(reason, reason)


# With everything else


def _sections(scenario: Scenario, catalogue: Catalogue) -> Iterator[ContentProblem]:
    named = [
        *((ref, ("sections",)) for ref in scenario.sections),
        *((each.section, ("facts", key, "section")) for key, each in scenario.facts.items()),
        *((each.section, ("states", n, "section")) for n, each in scenario.states.items()),
    ]
    for ref, place in named:
        if ref is not None and ref not in catalogue.sections:
            yield _at(scenario, _("没有小节 %(ref)s", ref=ref), *place, missing=ref)


def _products(scenario: Scenario, numbers: set[str]) -> Iterator[ContentProblem]:
    order = scenario.order.lines if scenario.order else ()
    named = [
        *((number, ("needs",)) for number in scenario.products),
        *((line.number, ("order", "goods")) for line in order if line.number),
    ]
    for number, place in named:
        if number.casefold() not in numbers:
            yield _at(scenario, _("本店没有商品 %(number)s", number=number), *place)


def said_forbidden(
    scenario: Scenario, words: Sequence[forbidden_words.Word]
) -> Iterator[ContentProblem]:
    """Forbidden words in right replies."""
    replies = [reply for state in scenario.states.values() for reply in state.good_replies]
    if not forbidden_words.hits("\n".join(replies), words):
        return
    for state in scenario.states.values():
        for reply in state.good_replies:
            for text in forbidden_words.told(reply, words):
                yield _at(scenario, text, "states", state.name, "good_replies")


def copies(scenarios: Sequence[Scenario]) -> Iterator[ContentProblem]:
    """Scenarios that are one template with other words.

    The measure: all that customer and veteran say, without signs, numbers as one figure, cut
    into pieces of three characters; the share of the smaller set that is in both.
    """
    known = [(each, shape(each), pieces(each)) for each in scenarios]
    for (one, one_shape, ours), (other, other_shape, theirs) in itertools.combinations(known, 2):
        shared = len(ours & theirs) / max(min(len(ours), len(theirs)), 1)
        most = SAME_SHAPE_OVERLAP if one_shape == other_shape else ANY_OVERLAP
        if shared > most:
            text = _(
                "和 %(other)s 像是一个模子：走法%(same)s，%(shared)s %% 的话一样",
                other=one.path,
                same=_("相同") if one_shape == other_shape else _("不同"),
                shared=round(shared * 100),
            )
            yield _at(other, text, "slug")


def shape(scenario: Scenario) -> tuple[tuple[str, ...], ...]:
    """The graph without names: states in the order in which they are met, with their ways."""
    order = [scenario.opening]
    for name in order:
        if name in scenario.states:
            for move in scenario.states[name].moves:
                if move.to is not None and move.to != BACK and move.to not in order:
                    order.append(move.to)
    places = {name: str(place) for place, name in enumerate(order)}
    return tuple(
        tuple(places.get(move.to or name, BACK) for move in scenario.states[name].moves)
        if name in scenario.states
        else (scenario.endings[name].kind.value,)
        for name in order
    )


def pieces(scenario: Scenario) -> frozenset[str]:
    """What is said in it, in pieces of three characters."""
    said: list[str] = []
    for state in scenario.states.values():
        said += [*_texts(state.say), *state.good_replies]
    for ending in scenario.endings.values():
        said += _texts(ending.say)
    found: set[str] = set()
    for text in said:
        bare = _BLANK.sub("", _DIGITS.sub("0", text))
        found.update(bare[at : at + _GRAM] for at in range(max(len(bare) - _GRAM + 1, 1)))
    return frozenset(found)


def _texts(variants: Variants) -> list[str]:
    return [line.text for burst in variants for line in burst]
