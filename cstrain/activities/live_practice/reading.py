"""From a scenario file to a scenario, with every problem and its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from cstrain import plugin
from cstrain.activities.live_practice import links, lint
from cstrain.activities.live_practice.keys import Notes, Part, plain
from cstrain.activities.live_practice.matching import Fact
from cstrain.activities.live_practice.scenario import (
    Branch,
    Customer,
    Ending,
    Interruption,
    Limits,
    Line,
    Move,
    Order,
    OrderLine,
    PastOrder,
    Scenario,
    ScenarioFact,
    Silence,
    State,
    ToldWhenAsked,
    Variants,
)
from cstrain.activities.live_practice.terms import (
    GOOD_OUTCOMES,
    MATERIAL,
    ORDER_STATES,
    STEPS,
    STEPS_WHEN_ASKED,
    TOPICS,
    LostReason,
    OutcomeKind,
    Track,
)
from cstrain.activities.live_practice.wanted import needs_of, no_such
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

__all__ = ["MATERIAL", "load"]
_FILE: Final = (
    *("kind", "slug", "title", "track", "level", "topics", "minutes", "sections"),
    *("customer", "order", "step", "facts", "told_when_asked", "opening", "states"),
    *("interruptions", "endings", "limits", "needs"),
)
_CUSTOMER: Final = (
    *("nick", "is_returning", "nature", "patience", "typing_s", "details", "past_orders"),
)
_PAST: Final = ("tail", "on", "goods", "amount", "states")
_ORDER: Final = ("tail", "states", "goods", "freight", "paid", "address", "note")
_GOODS: Final = ("number", "name", "variant", "count", "price")
_FACT: Final = ("text", "also", "wrong", "about", "section")
_STATE: Final = (
    *("step", "say", "needs", "good_replies", "bad_replies", "right", "wrong", "forbidden"),
    *("unclear", "branches", "ask_again", "silence", "section"),
)
_MOVE: Final = ("to", "mood")
_SILENCE: Final = ("nudge_s", "complain_s", "leave_s", "nudges", "complaints", "to")
_ENDING: Final = ("kind", "reason", "amount", "is_good", "say")

_STEP_CODES: Final = {name: code for code, name in STEPS.items()}
#: How a file says of a step whether it is left out.
_JUDGED: Final = {"要": False, "不评": True}
_VERDICTS: Final = {"对": "right", "错": "wrong"}

DEFAULT_RIGHT_MOOD: Final = 5
DEFAULT_FORBIDDEN_MOOD: Final = -15
DEFAULT_UNCLEAR_MOOD: Final = -10
DEFAULT_NUDGES: Final[Variants] = ((Line("在吗"),), (Line("？"),), (Line("人呢"),))
DEFAULT_COMPLAINTS: Final[Variants] = ((Line("回个话这么难吗"),), (Line("到底有没有人"),))
#: Where silence leads when the file does not say it: the first ending of these kinds.
_SILENT: Final = (
    OutcomeKind.LOST,
    OutcomeKind.ORDERED_UNPAID,
    OutcomeKind.COMPLAINT,
    OutcomeKind.BAD_REVIEW,
)


def load(source: plugin.Source) -> Scenario:
    """Read a file of the kind ``scenario``.

    Raises:
        ContentError: With every problem of the file.
    """
    scenario, _may_play, problems = read(source)
    if problems:
        raise ContentError(problems)
    return scenario


def read(source: plugin.Source) -> tuple[Scenario, bool, Sequence[ContentProblem]]:
    """Read a file as far as that goes.

    Returns:
        The scenario, whether it can be played in spite of its problems, and every problem.
    """
    notes = Notes(source)
    file = Part(notes, source.meta.data, (), (), _FILE)
    scenario = _scenario(source, file)
    if not notes.problems:
        links.check(scenario, notes)
    may_play = not notes.problems
    if may_play:
        scenario = replace(scenario, lines=notes.lines)
        notes.problems += lint.of_one(scenario)
    return scenario, may_play, notes.problems


def _scenario(source: plugin.Source, file: Part) -> Scenario:
    track = Track(file.choice("track", {each.value: each.value for each in Track}))
    endings = {
        name: _ending(file, name, inner, place) for name, inner, place in file.named("endings")
    }
    facts = dict(_facts(file))
    silent = _silent_ending(track, endings)
    states = {
        name: _state(file, name, inner, place, silent)
        for name, inner, place in file.named("states")
    }
    for key in ("states", "endings"):
        if not file.given(key):
            file.wrong(key, _("“名称: 内容”的形式"))
    limits = file.part("limits", ("turns", "seconds"))
    return Scenario(
        slug=file.text("slug"),
        title=_both(file, "title", needed=True),
        track=track,
        level=file.number("level", 1, 3),
        topics=_topics(file),
        minutes=file.number("minutes", 1, 30),
        sections=file.texts("sections"),
        products=file.texts("needs"),
        customer=_customer(file.part("customer", _CUSTOMER)),
        order=_order(file.part("order", _ORDER)) if file.given("order") else None,
        unjudged_steps=_unjudged_steps(file, {state.step for state in states.values()}),
        facts=facts,
        told_when_asked=dict(_told(file)),
        opening=file.text("opening"),
        states=states,
        interruptions=tuple(_interruptions(file)),
        endings=endings,
        limits=Limits(
            limits.number("turns", 3, 60, default=16), limits.number("seconds", 60, 3600, 900)
        ),
        debrief=source.body.strip(),
        path=source.path,
        digest=source.digest,
    )


def _both(part: Part, key: str, *, needed: bool = False) -> Mapping[str, str]:
    """A text in Chinese and English."""
    value = part.given(key)
    if value is None and not needed:
        return {}
    if (
        not isinstance(value, dict)
        or set(value) != {"zh", "en"}
        or not all(isinstance(each, str) and each.strip() for each in value.values())
    ):
        part.wrong(key, _("{zh: 中文, en: English}"))
        return {}
    return dict(value)


def _topics(file: Part) -> tuple[str, ...]:
    topics = file.texts("topics")
    for topic in topics:
        if topic not in TOPICS:
            file.notes.add(file.at("topics"), no_such(topic, TOPICS))
    if not topics:
        file.wrong("topics", _("文字的列表"))
    return topics


def _unjudged_steps(file: Part, played: set[str | None]) -> frozenset[str]:
    """Steps that do not count: some unless a state is one of them, else as the file says."""
    told: dict[str, bool] = {}
    for name, value, place in file.named("step"):
        if _STEP_CODES.get(name, name) not in STEPS:
            file.notes.add(place, no_such(name, _STEP_CODES))
        elif value not in _JUDGED:
            file.notes.add(place, no_such(str(value), _JUDGED))
        else:
            told[_STEP_CODES.get(name, name)] = _JUDGED[value]
    left_out = STEPS_WHEN_ASKED - played
    return frozenset(code for code in STEPS if told.get(code, code in left_out))


def _customer(part: Part) -> Customer:
    return Customer(
        nick=part.text("nick"),
        is_returning=part.flag("is_returning", default=False),
        patience=part.number("patience", 1, 100, default=70),
        typing_s=part.number("typing_s", 2, 60, default=9),
        nature=_both(part, "nature"),
        details={name: plain(inner) or "" for name, inner, _place in part.named("details")},
        past_orders=tuple(
            PastOrder(
                tail=past.text("tail"),
                on=past.text("on"),
                goods=past.text("goods"),
                amount=past.amount("amount"),
                state=past.text("states"),
            )
            for past in part.parts("past_orders", _PAST)
        ),
    )


def _order(part: Part) -> Order:
    return Order(
        tail=part.text("tail"),
        state=part.choice("states", {each: each for each in ORDER_STATES}),
        lines=tuple(
            OrderLine(
                number=line.text("number", ""),
                name=line.text("name"),
                variant=line.text("variant", ""),
                count=line.number("count", 1, 10_000, default=1),
                price=line.amount("price"),
            )
            for line in part.parts("goods", _GOODS)
        ),
        freight=part.amount("freight", 0.0),
        paid=part.amount("paid"),
        address=part.text("address", ""),
        note=part.text("note", "") if part.given("note") else "",
    )


def _facts(file: Part) -> Iterator[tuple[str, ScenarioFact]]:
    for name, inner, place in file.named("facts"):
        given = inner if isinstance(inner, dict) else {"text": inner}
        part = Part(file.notes, given, place, ("facts", name), _FACT)
        fact = Fact(
            key=name,
            text=part.text("text"),
            about=part.groups("about"),
            also=part.texts("also"),
            wrong=part.texts("wrong"),
        )
        yield name, ScenarioFact(fact, part.text("section", "") or None)


def _told(file: Part) -> Iterator[tuple[str, ToldWhenAsked]]:
    for name, inner, place in file.named("told_when_asked"):
        part = Part(file.notes, inner, place, ("told_when_asked", name), ("ask", "answer"))
        for key in ("ask", "answer"):
            if key not in part:
                part.wrong(key, _("词的列表，例如 [[满减, 优惠], [20]]"))
        yield name, ToldWhenAsked(part.groups("ask"), part.variants("answer"))


def _interruptions(file: Part) -> Iterator[Interruption]:
    for part in file.parts("interruptions", ("between", "to")):
        span = part.given("between")
        if (
            not isinstance(span, list)
            or len(span) != 2  # noqa: PLR2004 - from and to
            or not all(isinstance(each, int) and each >= 0 for each in span)
            or span[0] > span[1]
        ):
            part.wrong("between", _("两个秒数，例如 [40, 90]"))
            continue
        yield Interruption(span[0], span[1], part.text("to"))


def _ending(file: Part, name: str, inner: Any, place: tuple[str | int, ...]) -> Ending:
    part = Part(file.notes, inner, place, ("endings", name), _ENDING)
    kind = OutcomeKind(part.choice("kind", {each.value: each.value for each in OutcomeKind}))
    reasons = {each.value: each.value for each in LostReason}
    reason = None
    if kind is OutcomeKind.LOST:
        reason = LostReason(part.choice("reason", reasons))
    elif "reason" in part:
        part.notes.add(part.at("reason"), _("只有 lost 写 因"))
    return Ending(
        name=name,
        kind=kind,
        is_good=part.flag("is_good", default=kind in GOOD_OUTCOMES),
        say=part.variants("say"),
        reason=reason,
        amount=part.amount("amount", 0.0),
    )


def _silent_ending(track: Track, endings: Mapping[str, Ending]) -> str | None:
    """Where silence leads by default: a loss by slowness, else after-sales a complaint."""
    order = _SILENT if track is not Track.AFTERSALES else (_SILENT[2], _SILENT[3], *_SILENT[:2])
    ranked = [
        (ending.reason is not LostReason.SLOW, order.index(ending.kind), place, name)
        for place, (name, ending) in enumerate(endings.items())
        if ending.kind in order
    ]
    return min(ranked)[-1] if ranked else None


def _state(
    file: Part, name: str, inner: Any, place: tuple[str | int, ...], silent: str | None
) -> State:
    part = Part(file.notes, inner, place, ("states", name), _STATE)
    right = _move(part, "right", None, DEFAULT_RIGHT_MOOD)
    if right.to is None:
        part.wrong("right", _("{去: 状态或结局}"))
    step = part.choice("step", _STEP_CODES) if "step" in part else None
    return State(
        name=name,
        say=part.variants("say"),
        needs=needs_of(part, "needs"),
        good_replies=part.texts("good_replies"),
        bad_replies=part.texts("bad_replies"),
        on_right=right,
        on_wrong=_move(part, "wrong", right.to, 0),
        on_forbidden=_move(part, "forbidden", None, DEFAULT_FORBIDDEN_MOOD),
        on_unclear=_move(part, "unclear", right.to, DEFAULT_UNCLEAR_MOOD),
        branches=tuple(_branches(part)),
        ask_again=part.variants("ask_again"),
        silence=_silence(part.part("silence", _SILENCE), silent),
        step=step,
        section=part.text("section", "") or None,
    )


def _move(part: Part, key: str, to: str | None, mood: int) -> Move:
    given = part.given(key)
    if isinstance(given, str):  # 对: 成交
        return Move(given, mood)
    inner = part.part(key, _MOVE)
    return Move(inner.text("to", "") or to, inner.number("mood", -100, 100, default=mood))


def _branches(part: Part) -> Iterator[Branch]:
    for inner in part.parts("branches", ("when", "to", "mood", "verdict")):
        needs = needs_of(inner, "when")
        if not needs:
            inner.wrong("when", _("{词: …}、{事实: …} 或 {动作: …}"))
        move = Move(inner.text("to"), inner.number("mood", -100, 100, default=0))
        verdict = inner.choice("verdict", _VERDICTS) if "verdict" in inner else None
        yield Branch(needs, move, verdict)


def _silence(part: Part, silent: str | None) -> Silence:
    to = part.text("to", "") or silent
    if to is None:
        part.wrong("to", _("结局的名称"))
    nudge = part.number("nudge_s", 10, 600, default=30)
    complain = part.number("complain_s", nudge + 1, 1200, default=max(90, nudge * 2))
    leave = part.number("leave_s", complain + 1, 3600, default=max(180, complain * 2))
    return Silence(
        nudge_s=nudge,
        complain_s=complain,
        leave_s=leave,
        nudges=part.variants("nudges") or DEFAULT_NUDGES,
        complaints=part.variants("complaints") or DEFAULT_COMPLAINTS,
        to=to or "",
    )
