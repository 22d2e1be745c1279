"""Findings, verdicts and next steps in words, in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import url_for

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.core.pathway import hooks
from cstrain.core.pathway.findings import Finding
from cstrain.core.pathway.gates import Verdict
from cstrain.core.pathway.models import DecisionRow
from cstrain.core.pathway.standing import Standing
from cstrain.core.pathway.verdicts import finding_from_json
from cstrain.kit.i18n import figure, ngettext, percent, pick
from cstrain.kit.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Line:
    """One condition of a gate in words.

    Attributes:
        title: What is asked for.
        state: ``met``, ``missing`` or ``waiting``.
        figure: What has been reached; empty when nothing is there yet.
        target: What is asked; empty for what is done or not.
        missing: What is still missing; empty when met.
        url: Where to do it.
        action: The verb on that button.
        activity: The activity that is judged, where it is one.
    """

    title: str
    state: str
    figure: str = ""
    target: str = ""
    missing: str = ""
    url: str | None = None
    action: str = ""
    activity: str | None = None


def lines(finding: Finding, catalogue: Catalogue) -> list[Line]:
    """A tree of findings as the list a page shows, in the gate's order."""
    if finding.code == "any":
        parts = [line for part in finding.parts for line in lines(part, catalogue)]
        if finding.met:
            return [line for line in parts if line.state == "met"] or parts
        return [
            Line(
                _("下面有一项做到就行：%(title)s", title=line.title),
                line.state,
                line.figure,
                line.target,
                line.missing,
                line.url,
                line.action,
                line.activity,
            )
            for line in parts
        ]
    if finding.parts:
        return [line for part in finding.parts for line in lines(part, catalogue)]
    return [_line(finding, catalogue)]


def _line(finding: Finding, catalogue: Catalogue) -> Line:
    state = {True: "met", False: "missing", None: "waiting"}[finding.met]
    if finding.code == "done":
        count = len(finding.missing)
        first = finding.missing[0] if finding.missing else None
        return Line(
            _("学完课程"),
            state,
            _("%(n)s 课", n=int(finding.figure or 0)),
            _("%(n)s 课", n=int(finding.target or 0)),
            ngettext("还差 %(count)s 课", count) if count else "",
            _start_url(first, catalogue),
            _("去学习"),
        )
    if finding.code == "signed_off":
        return Line(
            _("带教老师签字") if finding.role == "trainer" else _("主管签字"),
            # Nobody has said no: it waits for a person, and the learner has nothing to do.
            state if finding.met or finding.tried else "waiting",
            "",
            pick(finding.about or {}),
            "" if finding.met else (_("这次没有签") if finding.tried else _("等签字")),
        )
    if finding.code == "none_of":
        return _none_line(_told(finding), catalogue)
    return _figure_line(finding, catalogue, state)


def _unseen(finding: Finding) -> set[int]:
    """The evidence of a finding that the viewer must not read yet."""
    ids = set(finding.evidence_ids)
    return {each for unseen in hooks.unseen if ids for each in ids & unseen()}


def _figure_line(finding: Finding, catalogue: Catalogue, state: str) -> Line:
    title = title_of(finding.activity or "", catalogue)
    if finding.measure is None:
        shown, target = _percent(finding.figure), percent(finding.target)
        gap = "" if finding.figure is None or finding.target is None else _score_short(finding)
    else:
        measure = active.active().registry.measure(finding.measure)
        title = _("%(activity)s：%(measure)s", activity=title, measure=pick(measure.title))
        shown = _measured(finding.figure, pick(measure.unit))
        target = _measured(finding.target, pick(measure.unit))
        gap = "" if finding.figure is None else _("没到要求")
    if finding.code == "mean_at_least":
        return _mean_line(finding, title, state, gap)
    if finding.met is None:
        missing = _("等带教老师确认")
    elif finding.met:
        missing = ""
    else:
        missing = gap if finding.tried else _("还没考")
    url = _start_url(finding.activity, catalogue) if finding.met is False else None
    action = _("再考一次") if finding.tried else _("去考")
    return Line(title, state, shown, target, missing, url, action, finding.activity)


def _mean_line(finding: Finding, title: str, state: str, gap: str) -> Line:
    """A mean is of what others look at: there is nothing to begin."""
    lacking = int(finding.lacking_count)
    missing = ""
    if finding.met is None:
        missing = _("等带教老师确认")
    elif lacking:
        missing = ngettext("还差 %(count)s 次，评好了自动算进来", lacking)
    elif not finding.met:
        missing = gap
    if finding.days is None or finding.min_count is None:
        title = _("%(activity)s：平均", activity=title)
    else:
        title = _(
            "%(activity)s：最近 %(days)s 天的平均，至少 %(n)s 次",
            activity=title,
            days=finding.days,
            n=finding.min_count,
        )
    url = own_url(finding.activity)
    shown = _percent(finding.figure)
    if _unseen(finding):
        state, shown, missing = "waiting", "", _("里面有一条等你单独评，评完再看")
    return Line(title, state, shown, percent(finding.target), missing, url, _("去看"))


def _none_line(finding: Finding, catalogue: Catalogue) -> Line:
    """A flag that somebody must not have: when it is forgotten, and where to read what it was."""
    named = catalogue.unwritten.get(finding.activity or "")
    if named is None or finding.days is None:
        title, missing = _("近期没有被记录的问题"), ""
    else:
        title = _("最近 %(days)s 天没有“%(what)s”", days=finding.days, what=pick(named))
        missing = "" if finding.met else ngettext("过了 %(count)s 天就不算了", finding.days)
    url = None if finding.met else own_url(finding.activity)
    shown = _("%(n)s 次", n=int(finding.figure or 0))
    state = "met" if finding.met else "missing"
    return Line(title, state, shown, _("0 次"), missing, url, _("去看"))


def _told(finding: Finding) -> Finding:
    """A finding about flags without those that the viewer must not know of yet."""
    unseen = _unseen(finding)
    if not unseen:
        return finding
    count = (finding.figure or 0.0) - len(unseen)
    return replace(finding, figure=count, met=not count)


def own_url(activity: str | None) -> str | None:
    """Where people read what they were marked on, for what no content is written for."""
    kinds = active.active().registry.evidence_kinds.values()
    return next((each.own_url() for each in kinds if activity in each.activities), None)


def _score_short(finding: Finding) -> str:
    short = (finding.target or 0) - (finding.figure or 0)
    if short <= 0:
        return ""
    # The tiny subtrahend keeps 0.8 - 0.7 = 0.10000000000000009 from becoming eleven.
    return _("还差 %(gap)s", gap=percent(max(math.ceil(short * 100 - 1e-9), 1) / 100))


def _percent(value: float | None) -> str:
    return "" if value is None else percent(value)


def _measured(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return percent(value, 1) if unit == "%" else f"{figure(value)} {unit}".strip()


def title_of(slug: str, catalogue: Catalogue) -> str:
    """An activity's title, numbered where its slug is a section's number; the slug if gone."""
    found = catalogue.activities.get(slug)
    if found is None:
        return pick(catalogue.unwritten.get(slug, {})) or slug
    return f"{slug} {pick(found.title)}" if slug[:1].isdigit() else pick(found.title)


def _start_url(slug: str | None, catalogue: Catalogue) -> str | None:
    found = catalogue.activities.get(slug) if slug else None
    return found.kind.start_url(found.slug) if found else None


def verdict_word(verdict: str) -> str:
    """A verdict as people say it."""
    words: Mapping[str, str] = {
        "pass": _("通过"),
        "repeat": _("补学后再考"),
        "wait": _("等待确认"),
        "help": _("等带教决定"),
        "open": _("还在进行"),
    }
    return words.get(verdict, verdict)


def stage_state_word(state: str) -> str:
    """A stage's state as people say it."""
    words: Mapping[str, str] = {
        "open": _("进行中"),
        "repeat": _("补学中"),
        "wait": _("等待确认"),
        "help": _("等带教决定"),
        "passed": _("已通过"),
    }
    return words.get(state, state)


@dataclass(frozen=True, slots=True)
class Told:
    """What followed from an attempt, in words."""

    headline: str
    lines: Sequence[Line]
    next_url: str | None
    next_label: str
    is_passed: bool | None


def of_result(
    view: EvidenceView, decision: DecisionRow | None, standing: Standing, *, now: datetime
) -> Told:
    """The decision on an attempt in words, with the next step for the trainee.

    Args:
        view: The evidence that stands for the attempt.
        decision: The decision it led to; None where no gate looked at it.
        standing: Where the trainee stands now.
        now: The time of the question; what is closed by then is not offered.
    """
    catalogue = standing.catalogue()
    home = url_for("home.index")
    finding = finding_from_json(decision.findings) if decision is not None else None
    listed = [
        replace(line, url=None) if _is_closed(line, standing, now) else line
        for line in (lines(finding, catalogue) if finding is not None else [])
    ]
    judged = _judged(finding, view.activity) if finding is not None else []
    if view.outcome.score is None:
        return Told(_("成绩已经保存，等带教老师确认后生效。"), listed, home, _("回到今天"), None)
    if decision is None or not judged:
        return Told(_("做完了，结果已经记下。"), (), home, _("回到今天"), None)
    is_passed = all(each.met for each in judged)
    if decision.verdict == Verdict.PASS:
        headline, label = _passed_words(standing, decision), _("看看接下来做什么")
    elif is_passed:
        headline = _("%(title)s 通过了。", title=title_of(view.activity, catalogue))
        label = _("看看还差什么")
    elif decision.verdict == Verdict.HELP and not _may_return(view.activity, standing, now):
        headline = _("这次没有通过，次数也用完了。带教老师会看到并决定下一步。")
        label = _("去补学")
    else:
        headline = _("这次没有通过。按下面的补学做完，就能再考一次。")
        label = _("去补学")
    return Told(headline, listed, home, label, is_passed)


def _is_closed(line: Line, standing: Standing, now: datetime) -> bool:
    """Whether the exam of a condition cannot be begun by now."""
    if line.activity is None:
        return False
    return standing.lock(line.activity, is_exam=True, now=now) is not None


def _may_return(activity: str, standing: Standing, now: datetime) -> bool:
    """Whether this exam has attempts left, though another one of the gate may have none."""
    lock = standing.lock(activity, is_exam=True, now=now)
    return lock is None or lock.code in {"plan_open", "too_early"}


def _judged(finding: Finding, activity: str) -> list[Finding]:
    """What the rules that look at an activity have found."""
    if finding.activity == activity:
        return [finding]
    return [each for part in finding.parts for each in _judged(part, activity)]


def _passed_words(standing: Standing, decision: DecisionRow) -> str:
    try:
        stage = standing.pathway.stage(decision.stage)
    except KeyError:  # a newer version of the pathway has dropped it
        return _("这一关通过了。")
    return _("“%(gate)s”通过了。%(may)s", gate=pick(stage.gate.title), may=pick(stage.summary))
