"""Reviews in words: scores, levels, proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cstrain.core.evidence.marks import Scored
from cstrain.core.review import rubric as rubrics
from cstrain.core.review.models import ReviewMark
from cstrain.core.review.rubric import Criterion, Rubric, Section, Style
from cstrain.core.review.service import Lack
from cstrain.core.review.subjects import Bound
from cstrain.core.review.trust import Compared
from cstrain.core.review.trust_words import same_words
from cstrain.kit.i18n import figure, ngettext, pick
from cstrain.kit.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that may be given: what is posted, what it says, and its key.

    Attributes:
        is_barred: Whether it is below what the item must not end below.
    """

    value: str
    label: str
    key: str
    is_barred: bool = False


@dataclass(frozen=True, slots=True)
class CriterionView:
    """A criterion as pages show it, with its mark.

    Attributes:
        value: What is given: digits, ``na``, or empty.
        given: The same in words.
        proposed: What rules say, like ``value``; empty where they are unclear or there are none.
        proposal: The same in words; empty without a rule.
        is_unclear: Whether there is a rule that could not tell.
        fails: What failing it means, in words; empty for most.
        condition: When it applies, in words; empty for always.
        lack: What is missing of it, in words; empty for nothing.
        before: What was given before it was corrected, in words; empty where that is the same.
        is_skipped: Whether its condition is not met.
        is_asked: Whether the review is about just this one.
        bound: What holds who marks it, in words; empty for nothing.
    """

    key: str
    title: str
    looks: Sequence[str]
    choices: Sequence[Choice]
    full: int
    needs_evidence: bool
    value: str = ""
    given: str = ""
    note: str = ""
    lines: Sequence[str] = ()
    proposed: str = ""
    proposal: str = ""
    proposed_lines: Sequence[str] = ()
    proposed_note: str = ""
    is_unclear: bool = False
    is_overruled: bool = False
    is_auto: bool = False
    fails: str = ""
    condition: str = ""
    agreement: str = ""
    lack: str = ""
    before: str = ""
    is_skipped: bool = False
    is_asked: bool = False
    bound: str = ""


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section of a rubric as pages show it."""

    title: str
    weight: str
    criteria: Sequence[CriterionView]


@dataclass(frozen=True, slots=True)
class EarlierView:
    """A marking that a correction has replaced.

    Attributes:
        score: In words.
        by_name: Who marked it; empty where rules alone did, or the name has been erased.
        is_by_rules: Whether rules alone marked it.
    """

    score: str
    by_name: str
    is_by_rules: bool
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A review as the person concerned sees it, on the kind's result page.

    Attributes:
        is_done: Whether it is marked; nothing but ``url`` is told before.
        score: In words.
        by_name: Who marked it; empty where rules alone did, or the name has been erased.
        is_by_rules: Whether rules alone marked it.
        reason: Why it was marked again; empty for the first time, and after an appeal.
        is_appeal: Whether it was marked again because the person did not agree.
        failed: Titles of the criteria that failed the whole.
        raw: The score as if nothing failed at once, in words; empty where it is the same.
        earlier: What it replaced, the newest first.
        url: The marking page, for whoever may mark or correct it; None for the person concerned.
    """

    is_done: bool
    score: str = ""
    raw: str = ""
    failed: Sequence[str] = ()
    comment: str = ""
    by_name: str = ""
    is_by_rules: bool = False
    done_at: datetime | None = None
    reason: str = ""
    is_appeal: bool = False
    sections: Sequence[SectionView] = field(default_factory=tuple)
    earlier: Sequence[EarlierView] = ()
    url: str | None = None


def points(ratio: float | None) -> str:
    """A score of 100, rounded down; a dash where there is none."""
    if ratio is None:
        return "–"
    shown = figure(ratio * 100)
    return ngettext("%(points)s 分", 1 if shown == "1" else 2, points=shown)


def score_words(scored: Scored) -> str:
    """A running score, with the raw one where something failed the whole."""
    if scored.failed_at_once and scored.raw_ratio != scored.ratio:
        return _(
            "%(points)s（没碰红线是 %(raw)s）",
            points=points(scored.ratio),
            raw=points(scored.raw_ratio),
        )
    return points(scored.ratio)


def open_words(count: int) -> str:
    """How many criteria are not whole yet."""
    return ngettext("还有 %(count)s 项没批完", count) if count else _("都批完了")


def lack_words(lack: Lack) -> str:
    """What is missing of a criterion."""
    if lack.text:
        return lack.text
    return _("还没打分") if lack.code == "unmarked" else _("没给满分，要选一行聊天做依据")


def value_of(value: int | None, *, is_given: bool) -> str:
    """A value as forms hold it."""
    if not is_given:
        return ""
    return "na" if value is None else str(value)


def level_words(criterion: Criterion, value: int | None) -> str:
    """A value in words."""
    if value is None:
        return _("不适用")
    level = next((each for each in criterion.levels if each.value == value), None)
    if level is None or not level.title:
        return f"{value} / {criterion.full}"
    return pick(level.title)


def sections_of(
    rubric: Rubric,
    marks: Mapping[str, ReviewMark],
    *,
    compared: Mapping[tuple[str, int], Compared] | None = None,
    lacks: Mapping[str, str] | None = None,
    before: Mapping[str, ReviewMark] | None = None,
) -> list[SectionView]:
    """The rubric with its marks, for pages.

    Args:
        rubric: The version the review holds.
        marks: By criterion.
        compared: (Criterion, full) → agreement; None leaves it out.
        lacks: Criterion → what is missing of it, in words.
        before: The marks that these have replaced, by criterion; None for the first.
    """
    old = {key: row for key, row in (before or {}).items() if row.is_marked}
    grades = {key: row.value for key, row in marks.items() if row.is_marked}
    return [
        SectionView(
            pick(section.title),
            _weight(section),
            [
                replace(
                    _criterion(rubric, each, marks.get(each.key), grades, compared, lacks or {}),
                    before=_before(each, old.get(each.key), marks.get(each.key)),
                )
                for each in section.criteria
            ],
        )
        for section in rubric.sections
    ]


def bound_by(sections: Sequence[SectionView], bounds: Mapping[str, Bound]) -> Sequence[SectionView]:
    """The rubric with what holds who marks it, by criterion."""
    if not bounds:
        return sections
    return [
        replace(section, criteria=[_bound(each, bounds.get(each.key)) for each in section.criteria])
        for section in sections
    ]


def _bound(view: CriterionView, bound: Bound | None) -> CriterionView:
    if bound is None:
        return view
    least = -1 if bound.least is None else bound.least
    choices = [
        replace(each, is_barred=each.value != "na" and int(each.value) < least)
        for each in view.choices
    ]
    return replace(view, choices=choices, is_asked=bound.is_asked, bound=bound.words)


def _before(each: Criterion, old: ReviewMark | None, new: ReviewMark | None) -> str:
    """What was given before, where it was something else."""
    if old is None or new is None or (new.is_marked and old.value == new.value):
        return ""
    return level_words(each, old.value)


def _weight(section: Section) -> str:
    return _("占 %(n)s 分", n=figure(section.weight)) if section.weight else ""


def _criterion(  # noqa: PLR0913, PLR0917 - what a line of the page is made of
    rubric: Rubric,
    each: Criterion,
    row: ReviewMark | None,
    grades: rubrics.Grades,
    compared: Mapping[tuple[str, int], Compared] | None,
    lacks: Mapping[str, str],
) -> CriterionView:
    choices = [
        Choice(
            str(level.value),
            (pick(level.title) or str(level.value)) + _cost(rubric, each, level.value),
            str(level.value),
        )
        for level in each.levels
    ]
    if each.allows_na:
        choices.append(Choice("na", _("不适用"), "N"))
    if row is None:
        return CriterionView(
            key=each.key,
            title=pick(each.title),
            looks=[pick(line) for line in each.looks],
            choices=choices,
            full=each.full,
            needs_evidence=each.needs_evidence,
        )
    is_clear = row.is_proposed_na or row.proposed is not None
    proposed = None if row.is_proposed_na else row.proposed
    met = rubrics.applies(each, grades)
    return CriterionView(
        key=each.key,
        title=pick(each.title),
        looks=[pick(line) for line in each.looks],
        choices=choices,
        full=each.full,
        needs_evidence=each.needs_evidence,
        value=value_of(row.value, is_given=row.is_marked),
        given=level_words(each, row.value) + _cost(rubric, each, row.value)
        if row.is_marked
        else "",
        note=row.note,
        lines=row.lines,
        proposed=value_of(proposed, is_given=is_clear),
        proposal=level_words(each, proposed) if is_clear else "",
        proposed_lines=row.proposed_lines,
        proposed_note=pick(row.proposed_note) if row.proposed_note else "",
        is_unclear=each.rule is not None and not is_clear,
        is_overruled=row.is_overruled,
        is_auto=row.is_auto,
        fails=_fails(each),
        condition=_condition(rubric, each),
        agreement=_agreement(each, compared),
        lack=lacks.get(each.key, ""),
        is_skipped=met is False,
    )


def _cost(rubric: Rubric, each: Criterion, value: int | None) -> str:
    """What a value takes off or adds, where points are taken off: ``（-5）``; else nothing."""
    if rubric.style is not Style.DEDUCTION or value is None or not each.weight:
        return ""
    share = value / each.full
    points_ = each.weight * share if each.is_bonus else -each.weight * (1 - share)
    return _("（%(points)s）", points=f"{points_:+.3g}".replace("-", "−")) if points_ else ""


def _fails(each: Criterion) -> str:
    if each.cap is None:
        return ""
    if not each.cap:
        return _("没做到，整次 0 分")
    return _("没做到，整次最多 %(points)s", points=points(each.cap))


def _condition(rubric: Rubric, each: Criterion) -> str:
    if each.only_if is None:
        return ""
    other = rubric.get(each.only_if.criterion)
    title = pick(other.title) if other else each.only_if.criterion
    return _("“%(other)s”到 %(n)s 才评", other=title, n=each.only_if.at_least)


def _agreement(each: Criterion, compared: Mapping[tuple[str, int], Compared] | None) -> str:
    """How far its rule and trainers agree; empty without a rule, and where it is too early."""
    found = (compared or {}).get((each.key, each.full))
    if found is None or found.missing_count or each.rule is None:
        return ""
    return same_words(found.same_count, found.count)
