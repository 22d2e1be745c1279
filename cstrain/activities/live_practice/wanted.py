"""What a turn needs, read from a scenario file: facts, words, actions on the order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cstrain.activities.live_practice.keys import KEYS, Part, plain
from cstrain.activities.live_practice.scenario import NeededAction, Needs, ParamRule
from cstrain.activities.live_practice.terms import ACTIONS, ActionCode, ActionForm
from cstrain.kit.i18n import gettext as _

_NEEDS: Final = ("facts", "words", "actions")
_WHEN: Final = (*_NEEDS, "told_wrong")
_RULE: Final = ("contains", "equals", "at_most")
_CODES: Final = {
    **{form.name: code for code, form in ACTIONS.items()},
    **{code.value: code for code in ActionCode},
}


def needs_of(part: Part, key: str) -> Needs:
    """What stands under ``要`` or ``当``."""
    inner = part.part(key, _WHEN if key == "when" else _NEEDS)
    return Needs(
        inner.texts("facts"),
        inner.groups("words"),
        tuple(_actions(inner)),
        inner.texts("told_wrong"),
    )


def no_such(name: str, known: Mapping[str, Any] | list[str]) -> str:
    """That a word is not known, and what can be written."""
    return _("不认识 %(key)s，可以写 %(known)s", key=name, known="、".join(known))


def _actions(part: Part) -> Iterator[NeededAction]:
    """``备注``, ``[备注, 改价]`` or ``{备注: {内容: {含: 满减}}, 改价: {金额: {至多: 10}}}``."""
    given = part.given("actions")
    if isinstance(given, str):
        given = {given: {}}
    elif isinstance(given, list):
        given = {str(name): {} for name in given}
    elif not isinstance(given, dict):
        if given is not None:
            part.wrong("actions", _("“名称: 内容”的形式"))
        return
    names = [form.name for form in ACTIONS.values()]
    for name, inner in given.items():
        if name not in _CODES:
            part.notes.add(part.at("actions"), no_such(str(name), names))
            continue
        code = _CODES[name]
        yield NeededAction(code, tuple(_rules(part, ACTIONS[code], inner or {}, str(name))))


def _rules(part: Part, form: ActionForm, given: Any, name: str) -> Iterator[ParamRule]:
    """Rules by parameter; a rule without a parameter is about the first one."""
    place = (*part.at("actions"), name)
    fields = {written: code for code, written in form.fields.items()}
    if not isinstance(given, dict) or {KEYS.get(str(key), key) for key in given} & {*_RULE}:
        given = {next(iter(fields), ""): given}
    for param, wanted in given.items():
        code = fields.get(str(param), str(param))
        if code not in form.fields:
            part.notes.add(place, no_such(str(param), fields))
            continue
        rule = wanted if isinstance(wanted, dict) else {"equals": wanted}
        inner = Part(part.notes, rule, (*place, str(param)), (*part.called, name, code), _RULE)
        yield ParamRule(
            code,
            contains=inner.texts("contains"),
            equals=plain(inner.given("equals")),
            at_most=inner.amount("at_most") if "at_most" in inner else None,
        )
