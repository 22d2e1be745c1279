"""Whether all that a scenario file names is there: states, endings and facts."""

from __future__ import annotations

from collections.abc import Iterator

from cstrain.activities.live_practice.keys import Notes
from cstrain.activities.live_practice.scenario import BACK, Scenario
from cstrain.activities.live_practice.wanted import no_such
from cstrain.kit.i18n import gettext as _


def check(scenario: Scenario, notes: Notes) -> None:
    """What must be there for the scenario to be played at all: targets and facts."""
    names = [*scenario.states, *scenario.endings]
    for name in set(scenario.states) & set(scenario.endings):
        notes.tell(("endings", name), _("状态和结局重名：%(name)s", name=name))
    if BACK in names:
        notes.tell((), _("“回”不能作名称"))
    if scenario.opening not in scenario.states:
        notes.tell(("opening",), no_such(scenario.opening, scenario.states))
    for place, target in _targets(scenario):
        if target not in names and target != BACK:
            notes.tell(place, no_such(target, names))
    for index, each in enumerate(scenario.interruptions):
        if each.state not in scenario.states:
            notes.tell(("interruptions", str(index)), no_such(each.state, scenario.states))
    _check_facts(scenario, notes)


def _check_facts(scenario: Scenario, notes: Notes) -> None:
    """Facts that states ask for must be there."""
    for state in scenario.states.values():
        for needs in (state.needs, *(branch.when for branch in state.branches)):
            for fact in (*needs.facts, *needs.told_wrong):
                if fact not in scenario.facts:
                    place = ("states", state.name, "needs")
                    notes.tell(place, no_such(fact, scenario.facts))


def _targets(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where the states lead to, each with its place."""
    for state in scenario.states.values():
        own = {
            "right": state.on_right,
            "wrong": state.on_wrong,
            "forbidden": state.on_forbidden,
            "unclear": state.on_unclear,
        }
        for key, move in own.items():
            if move.to is not None:
                yield ("states", state.name, key), move.to
        for index, branch in enumerate(state.branches):
            yield ("states", state.name, "branches", str(index)), branch.move.to or ""
        yield ("states", state.name, "silence"), state.silence.to
