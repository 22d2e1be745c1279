"""What another version of a stage changes, in words, and what it would mean for somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.pathway.definition import Stage, done_slugs
from cstrain.core.pathway.findings import Facts, Finding
from cstrain.core.pathway.gates import Verdict
from cstrain.core.pathway.versions import Behind, Moving
from cstrain.core.pathway.words import lines, stage_state_word, title_of
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext, pick

_NOTHING = Facts({})
#: Conditions are read here, not judged; those that look back some days find nothing either way.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions of a stage.

    Attributes:
        how: ``added``, ``removed`` or ``changed``.
    """

    how: str
    text: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a move would mean for somebody.

    Attributes:
        how: ``pass``, ``more`` where something is asked that was not lacking before, ``stay``,
            ``held`` or ``gone``.
        text: The same as a sentence.
        lacks: What would still be lacking.
    """

    how: str
    text: str
    lacks: str = ""


def changes(old: Stage, new: Stage, catalogue: Catalogue) -> list[Change]:
    """What the new version adds, takes away and changes; at least one line."""
    found = [
        *_lesson_changes(old, new, catalogue),
        *_condition_changes(old, new, catalogue),
        *_limit_changes(old, new, catalogue),
    ]
    if found:
        return found
    if old.gate.rule != new.gate.rule:
        return [Change("changed", _("条件的写法有改动，细节看路径文件。"))]
    return [Change("changed", _("条件没有变，只改了说明文字或可以练的内容。"))]


def _lesson_changes(old: Stage, new: Stage, catalogue: Catalogue) -> Iterator[Change]:
    before, after = _lessons(old), _lessons(new)
    for slug in after:
        if slug not in before:
            yield Change("added", _("要学完：%(title)s", title=title_of(slug, catalogue)))
    for slug in before:
        if slug not in after:
            yield Change("removed", _("不用再学：%(title)s", title=title_of(slug, catalogue)))


def _lessons(stage: Stage) -> list[str]:
    """What must be learned: for the gate, or before its exams open."""
    return list(dict.fromkeys((*stage.learn, *done_slugs(stage.gate.rule))))


def _condition_changes(old: Stage, new: Stage, catalogue: Catalogue) -> Iterator[Change]:
    before = list(_conditions(old.gate.rule.check(_NOTHING, _ANY_TIME), catalogue))
    after = list(_conditions(new.gate.rule.check(_NOTHING, _ANY_TIME), catalogue))
    gone = [each for each in before if each not in after]
    for title, target in (each for each in after if each not in before):
        was = next((each for each in gone if each[0] == title), None)
        if was is None:
            yield Change("added", _asked(title, target))
            continue
        gone.remove(was)
        values = {"title": title, "before": was[1], "after": target}
        yield Change("changed", _("%(title)s：%(before)s → %(after)s", **values))
    for title, target in gone:
        yield Change("removed", _asked(title, target))


def _conditions(finding: Finding, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Title and target of every condition, lessons aside."""
    if finding.code == "done":
        return
    if finding.parts and finding.code != "any":
        for part in finding.parts:
            yield from _conditions(part, catalogue)
        return
    yield from ((line.title, line.target) for line in lines(finding, catalogue))


def _asked(title: str, target: str) -> str:
    return _("%(title)s：%(target)s", title=title, target=target) if target else title


def _limit_changes(old: Stage, new: Stage, catalogue: Catalogue) -> Iterator[Change]:
    """Attempts and delays of the exams that both versions have."""
    for slug in (each for each in new.exams if each in old.exams):
        title = title_of(slug, catalogue)
        before, after = (_times(stage.gate.attempts.get(slug)) for stage in (old, new))
        if before != after:
            values = {"title": title, "before": before, "after": after}
            yield Change("changed", _("%(title)s的次数：%(before)s → %(after)s", **values))
        before, after = (_minutes(stage.gate.delay_minutes, slug) for stage in (old, new))
        if before != after:
            values = {"title": title, "before": before, "after": after}
            yield Change("changed", _("%(title)s再考要隔：%(before)s → %(after)s", **values))


def _times(count: int | None) -> str:
    return _("不限") if count is None else _("%(n)s 次", n=count)


def _minutes(delays: Mapping[str, int], slug: str) -> str:
    return _("%(n)s 分钟", n=delays.get(slug, 0))


def prospect(moving: Moving, group: Behind, catalogue: Catalogue) -> Prospect:
    """What a move would mean for one of the group."""
    if moving.after is None or group.new is None:
        return Prospect("gone", _("新版里没有这个阶段，换不了"))
    if moving.after.verdict is Verdict.PASS and not moving.is_held:
        place = group.pathway.position(group.new.slug) + 1
        if place == len(group.pathway.stages):
            return Prospect("pass", _("换了就全部通过，发证书"))
        title = pick(group.pathway.stages[place].title)
        return Prospect("pass", _("换了就通过，进入“%(stage)s”", stage=title))
    known = {lack.title for lack in _lacking(moving.before.finding, catalogue)}
    lacks = list(_lacking(moving.after.finding, catalogue))
    fresh = [lack.asked for lack in lacks if lack.title not in known]
    left = _left(lacks)
    if moving.is_held:
        return Prospect("held", _("还停着，等人处理"), left)
    if fresh:
        return Prospect("more", _("要多做：%(what)s", what=_("、").join(fresh)), left)
    state = stage_state_word(moving.after.verdict)
    return Prospect("stay", _("还在这一关（%(state)s）", state=state), left)


@dataclass(frozen=True, slots=True)
class _Lack:
    """Something that stands in the way; ``asked`` is its title with what is asked for."""

    title: str
    asked: str
    is_lesson: bool = False


def _lacking(finding: Finding, catalogue: Catalogue) -> Iterator[_Lack]:
    """What stands in the way, lessons one by one."""
    for leaf in finding.lacking():
        if leaf.code == "done":
            titles = (title_of(slug, catalogue) for slug in leaf.missing)
            yield from (_Lack(title, title, is_lesson=True) for title in titles)
            continue
        for line in lines(leaf, catalogue):
            is_long = leaf.code == "signed_off"  # what a signature is about stands above
            yield _Lack(line.title, line.title if is_long else _asked(line.title, line.target))


def _left(lacks: Sequence[_Lack]) -> str:
    """All that is lacking in short: what is asked for stands above."""
    count = sum(lack.is_lesson for lack in lacks)
    parts = [ngettext("%(count)s 节课", count)] if count else []
    return _("、").join([*parts, *(lack.title for lack in lacks if not lack.is_lesson)])
