"""Agreement in words."""

from __future__ import annotations

from dataclasses import dataclass

from cstrain.core.review.rubric import Rubric
from cstrain.core.review.trust_words import kappa_words
from cstrain.core.review.words import level_words
from cstrain.desk.quality import agreeing
from cstrain.desk.quality.agreeing import Grader, ItemFigures, Measured, Pairs, TotalFigures
from cstrain.desk.quality.agreement_queries import Counts
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext, percent, pick


def sentence(counts: Counts, same_count: int, mark_count: int) -> str:
    """The page's first line: how many chats two have marked, and how far they agree."""
    if not counts.double_count:
        return ngettext("0 / %(count)s 条评了两遍", counts.marked_count)
    text = ngettext(
        "%(doubles)s / %(count)s 条评了两遍，一致率 %(share)s",
        counts.marked_count,
        doubles=counts.double_count,
        share=percent(same_count / mark_count if mark_count else None),
    )
    if counts.double_count < agreeing.SHOWN_FROM:
        text += " · " + _("还太少，满 %(n)s 条才说得准", n=agreeing.SHOWN_FROM)
    return text


def title_of(rubric: Rubric | None, key: str) -> str:
    """An item's title; its key where the rubric has it no more."""
    criterion = rubric.get(key) if rubric else None
    return pick(criterion.title) if criterion else key


def same_words(pairs: Pairs) -> str:
    """On how many chats both gave the same to an item."""
    same = sum(one == other for one, other in pairs)
    share = percent(same / len(pairs))
    return ngettext("%(count)s 条里 %(same)s 条（%(share)s）", len(pairs), same=same, share=share)


def measured_words(found: Measured, *, is_share: bool = False) -> str:
    """A figure with its interval; in words where it is not defined."""
    value = found.figure.value
    if value is None or not is_share:
        return kappa_words(value, found.interval)
    if found.interval is None:
        return percent(value)
    return _(
        "%(value)s（%(low)s 到 %(high)s）",
        value=percent(value),
        low=percent(found.interval.low),
        high=percent(found.interval.high),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of the deeper page: its name, what it is, how it is read, of how many."""

    name: str
    value: str
    meaning: str
    n: int


def item_lines(found: ItemFigures) -> list[Line]:
    """The figures of an item."""
    n = found.same.figure.n
    lines = [
        Line(
            _("给得一样"),
            measured_words(found.same, is_share=True),
            _("两个人都觉得适用的里面，给了同一档的。碰巧一样的也算在内。"),
            n,
        ),
        Line(
            _("κ 系数（Cohen）"),
            measured_words(found.kappa),
            _("去掉碰巧一样的部分。几乎全是一档时会偏低，看下面的 AC1。"),
            n,
        ),
    ]
    if found.weighted is not None:
        meaning = _("同上，差一档比差两档轻（按差的平方算）。")
        lines.append(Line(_("加权的 κ"), measured_words(found.weighted), meaning, n))
    meaning = _("去掉碰巧，不怕几乎全是一档。")
    lines.append(Line(_("AC1 系数（Gwet）"), measured_words(found.ac1), meaning, n))
    meaning = _("0.80 以上可以放心，0.667 到 0.80 只能先这么看。")
    lines.append(Line(_("α 系数（Krippendorff）"), measured_words(found.alpha), meaning, n))
    if found.applies is not None:
        meaning = _("要不要评这一项，两个人说得一样的。")
        lines.append(Line(_("适不适用"), percent(found.applies.value), meaning, found.applies.n))
    return lines


def total_lines(found: TotalFigures) -> list[Line]:
    """The figures of whole scores."""
    n = found.single.figure.n
    model = "2" if found.is_two_way else "1"
    return [
        Line(
            _("两个人差几分"),
            _("平均差 %(points)s 分", points=f"{found.apart:.1f}"),
            _("不管谁高谁低。"),
            n,
        ),
        Line(
            f"ICC({model},1)",
            measured_words(found.single),
            _("随便哪一位评一次靠得住多少；偏松偏严也算不一致。0.75 以上好，0.9 以上很好。"),
            n,
        ),
        Line(
            f"ICC({model},2)",
            measured_words(found.mean),
            _("两个人的平均分靠得住多少。"),
            n,
        ),
    ]


def lean_words(found: Grader) -> str:
    """How much milder or stricter, points of 100."""
    points = f"{abs(found.lean):.1f}"
    text = (
        _("平均高 %(points)s 分", points=points)
        if found.lean >= 0
        else _("平均低 %(points)s 分", points=points)
    )
    if found.lean_interval is None:
        return text
    low, high = found.lean_interval.low, found.lean_interval.high
    return text + _("（%(low)s 到 %(high)s）", low=f"{low:+.1f}", high=f"{high:+.1f}")


def drift_words(found: Grader) -> str:
    """How the lean has changed lately; empty where that is not sure."""
    if found.drift is None:
        return ""
    points, days = f"{abs(found.drift):.1f}", agreeing.DRIFT_DAYS
    if found.drift > 0:
        return _("近 %(days)s 天松了 %(points)s 分", days=days, points=points)
    return _("近 %(days)s 天严了 %(points)s 分", days=days, points=points)


def confusion_lines(
    rubric: Rubric | None, key: str, pairs: Pairs, full: int
) -> list[tuple[str, str, int]]:
    """Which two levels were given together, the most frequent of the different ones first."""
    criterion = rubric.get(key) if rubric else None

    def said(value: int | None) -> str:
        if value is None:
            return _("不适用")
        return level_words(criterion, value) if criterion else str(value)

    found = agreeing.confusion(pairs, full)
    in_order = sorted(found.items(), key=lambda each: (-each[1], str(each[0])))
    return [(said(one), said(other), count) for (one, other), count in in_order if one != other]
