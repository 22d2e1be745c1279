"""What stands beside a talk that is tried: the machine's state in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cstrain.activities.live_practice import customer, hearing
from cstrain.activities.live_practice.condition import Condition, Mark
from cstrain.activities.live_practice.matching import has_groups
from cstrain.activities.live_practice.scenario import BACK, ActionCode, Move, Needs, Scenario, State
from cstrain.activities.live_practice.state import mark_words
from cstrain.activities.live_practice.trying import Entry, Talk
from cstrain.activities.live_practice.words import (
    action_title,
    field_title,
    outcome_title,
    reason_title,
    step_title,
)
from cstrain.kit.i18n import gettext as _

_LOOKS = {"right": "passed", "wrong": "failed", "forbidden": "failed", "unclear": "needs_you"}


@dataclass(frozen=True, slots=True)
class Bubble:
    """One line of the talk.

    Attributes:
        clock: Minutes and seconds since the customer came.
        role: ``buyer`` or ``agent``.
        note: What the rules say of it.
        look: ``passed``, ``failed``, ``needs_you``, or empty.
    """

    clock: str
    role: str
    text: str
    picture: str = ""
    is_action: bool = False
    note: str = ""
    look: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """Something the state asks for."""

    text: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that happens if nobody answers, in so many seconds."""

    text: str
    in_s: int


@dataclass(frozen=True, slots=True)
class Way:
    """Where something leads from here; ``to`` is None for staying."""

    when: str
    to: str | None
    mood: int


@dataclass(frozen=True, slots=True)
class Now:
    """The machine's state.

    Attributes:
        name: The state, or the ending once one is decided.
        about: What it is: the step, or how it ended.
        mood: 0 to 100.
        told: What was told when asked.
        mark: The last mark in words; empty before the first.
        reason: The code of the rule that decided it.
    """

    name: str
    about: str
    is_over: bool
    is_gone: bool
    mood: int
    needs: tuple[Need, ...]
    timers: tuple[Timer, ...]
    ways: tuple[Way, ...]
    told: tuple[str, ...]
    untold: tuple[str, ...]
    done: tuple[str, ...]
    left: str
    mark: str
    mark_state: str
    reason: str
    mood_change: int
    similarity: float


def bubbles(scenario: Scenario, talk: Talk) -> list[Bubble]:
    """The talk as it is shown and copied."""
    return [_bubble(each, scenario) for each in talk.entries]


def _bubble(entry: Entry, scenario: Scenario) -> Bubble:
    at = clock(entry.at_ms)
    if entry.said is not None:
        return Bubble(at, "buyer", entry.said.text, entry.said.picture)
    event, mark = entry.event, entry.mark
    text = event.text if event is not None else ""
    if event is not None and event.kind == "action":
        text = _action(event.action, event.params)
    turn = mark.turn if mark is not None else ""
    note = mark_words(mark.to_json(), scenario) if mark is not None else ""
    is_action = event is not None and event.kind == "action"
    return Bubble(at, "agent", text, "", is_action, note, _LOOKS.get(turn, ""))


def _action(code: str, params: Mapping[str, str]) -> str:
    said = "，".join(f"{field_title(name)} {value}" for name, value in params.items() if value)
    title = action_title(ActionCode(code))
    return f"{title}：{said}" if said else title


def clock(at_ms: int) -> str:
    """Minutes and seconds."""
    return f"{at_ms // 60_000:02}:{at_ms // 1000 % 60:02}"


def now(scenario: Scenario, talk: Talk) -> Now:
    """The machine's state after a talk."""
    condition, mark = talk.condition, talk.last_mark or Mark("", 0, "")
    state = scenario.states.get(condition.state)
    ending = scenario.endings.get(condition.state)
    about = ""
    if state is not None and state.step:
        about = step_title(state.step)
    if ending is not None:
        why = reason_title(ending.reason) if ending.reason else ""
        about = _("%(end)s（%(why)s）", end=outcome_title(ending.kind), why=why) if why else ""
        about = about or outcome_title(ending.kind)
    return Now(
        name=condition.state,
        about=about,
        is_over=ending is not None,
        is_gone=condition.is_gone,
        mood=customer.mood_at(condition, condition.at_ms),
        needs=tuple(_needs(scenario, state, condition)) if state else (),
        timers=tuple(_timers(scenario, state, condition)),
        ways=tuple(_ways(scenario, state)) if state else (),
        told=condition.told,
        untold=tuple(each for each in scenario.told_when_asked if each not in condition.told),
        done=tuple(_action(code, params) for code, params in condition.done),
        left=condition.left.state if condition.left is not None else "",
        mark=mark_words(mark.to_json(), scenario) if mark.turn else "",
        mark_state=mark.state,
        reason=mark.reason,
        mood_change=mark.mood_change,
        similarity=mark.similarity,
    )


def _needs(scenario: Scenario, state: State, condition: Condition) -> Iterator[Need]:
    for key in state.needs.facts:
        text = _("事实 %(key)s：%(text)s", key=key, text=scenario.facts[key].fact.text)
        yield Need(text, key in condition.known)
    for group in state.needs.words:
        is_met = has_groups(condition.visit_text, (group,))
        yield Need(_("词：%(words)s", words=" / ".join(group)), is_met)
    for each in state.needs.actions:
        yield Need(
            _("操作：%(action)s", action=action_title(each.code)),
            hearing.is_done(each, condition.done),
        )
    if not state.needs and state.good_replies:
        yield Need(_("像：%(reply)s", reply=state.good_replies[0]), is_met=False)


def _timers(scenario: Scenario, state: State | None, condition: Condition) -> Iterator[Timer]:
    at_ms = condition.at_ms

    def timer(text: str, due_ms: int) -> Timer:
        return Timer(text, max(0, due_ms - at_ms + 999) // 1000)

    if condition.is_gone:
        return
    if condition.queue:
        yield timer(_("说下一句"), condition.queue[0].at_ms)
    if state is None:
        yield timer(_("离开"), condition.free_ms)
        return
    if condition.listening_ms is not None:
        yield timer(_("听完，当作没说清"), condition.listening_ms)
    if condition.quiet_ms is not None:
        phases = (
            (_("催"), state.silence.nudge_s),
            (_("怨"), state.silence.complain_s),
            (_("走，去“%(to)s”", to=state.silence.to), state.silence.leave_s),
        )
        for text, after_s in phases[condition.quiet_phase :]:
            yield timer(text, condition.quiet_ms + after_s * 1000)
    limit_ms = condition.begun_ms + scenario.limits.seconds * 1000
    yield timer(_("到时限"), max(limit_ms, condition.free_ms))


def _ways(scenario: Scenario, state: State) -> Iterator[Way]:
    for branch in state.branches:
        yield _way(_("分支：%(when)s", when=_when(branch.when)), branch.move, state)
    yield _way(_("对"), state.on_right, state)
    yield _way(_("错"), state.on_wrong, state)
    yield _way(_("违禁词"), state.on_forbidden, state)
    yield _way(_("还没说清"), state.on_unclear, state)
    yield Way(_("沉默"), state.silence.to, 0)
    for each in scenario.interruptions:
        yield Way(_("打断，%(a)s–%(b)s 秒", a=each.from_s, b=each.to_s), each.state, 0)


def _way(when: str, move: Move, state: State) -> Way:
    to = None if move.to in {None, state.name} else move.to
    return Way(when, _("回到刚才") if to == BACK else to, move.mood)


def _when(needs: Needs) -> str:
    parts = [*needs.facts, *(" / ".join(group) for group in needs.words)]
    parts += [action_title(each.code) for each in needs.actions]
    return "，".join(parts)
