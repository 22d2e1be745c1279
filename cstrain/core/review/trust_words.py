"""Rules against trainers in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cstrain.core.review.agreement import Interval
from cstrain.core.review.rubric import Rubric
from cstrain.core.review.trust import SHOWN_FROM, Compared, Trust, is_enough
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext, percent, pick


def same_words(same_count: int, count: int) -> str:
    """On how many marks a rule and trainers gave the same."""
    return ngettext(
        "规则和带教 %(count)s 处判得一样的 %(same)s 处（%(share)s）",
        count,
        same=same_count,
        share=percent(same_count / count),
    )


def agreement_sentence(found: Sequence[Compared]) -> str:
    """Rules against trainers over all criteria, one sentence for a manager; needs some marks."""
    count = sum(each.count for each in found)
    sentence = same_words(sum(each.same_count for each in found), count)
    if all(each.missing_count for each in found):
        return f"{sentence} · " + _("还太少，一项满 %(n)s 处才说得准", n=SHOWN_FROM)
    return sentence


def kappa_words(value: float | None, interval: Interval | None = None) -> str:
    """A coefficient with two digits and its interval; in words where it is not defined."""
    if value is None:
        return _("算不出")
    if interval is None:
        return f"{value:.2f}"
    return _(
        "%(value)s（%(low)s 到 %(high)s）",
        value=f"{value:.2f}",
        low=f"{interval.low:.2f}",
        high=f"{interval.high:.2f}",
    )


def _count_words(found: Compared) -> str:
    """On how many marks both gave the same; no share while it is too early."""
    if found.missing_count:
        return ngettext("%(count)s 处里 %(same)s 处，太少", found.count, same=found.same_count)
    share = percent(found.agreed.value)
    same = found.same_count
    return ngettext("%(count)s 处里 %(same)s 处（%(share)s）", found.count, same=same, share=share)


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One criterion of the page of rules against trainers.

    Attributes:
        missing_count: How many more marks are needed before the figures say something.
        same: On how many both gave the same, in words.
        is_enough: Whether the rule may decide alone, as the team has set it; None where off.
    """

    rubric: str
    title: str
    missing_count: int
    same: str
    kappa: str
    weighted: str
    is_enough: bool | None


def only_people_can_tell(published: Iterable[Rubric]) -> list[str]:
    """A sentence for each rubric with criteria that have no rule: its practice always waits."""
    counts = [(rubric, sum(each.rule is None for each in rubric)) for rubric in published]
    return [
        ngettext(
            "“%(rubric)s”有 %(count)s 项只有人能判，用它评的练习总要等带教。",
            count,
            rubric=pick(rubric.title),
        )
        for rubric, count in counts
        if count
    ]


def compared_rows(
    found: Sequence[Compared], published: Mapping[str, Rubric], setting: Trust
) -> list[ComparedRow]:
    """Rules against trainers in words, as rubrics have them; what is gone keeps its key, last."""
    places = {
        (rubric.slug, each.key): place
        for rubric in published.values()
        for place, each in enumerate(rubric)
    }
    rows = []
    in_order = sorted(
        found,
        key=lambda each: (each.rubric, places.get((each.rubric, each.criterion), len(places))),
    )
    for each in in_order:
        rubric = published.get(each.rubric)
        criterion = rubric.get(each.criterion) if rubric else None
        rows.append(
            ComparedRow(
                pick(rubric.title) if rubric else each.rubric,
                pick(criterion.title) if criterion else each.criterion,
                each.missing_count,
                _count_words(each),
                kappa_words(each.kappa.value, each.interval),
                kappa_words(each.weighted.value) if each.weighted else "–",
                None if setting.min_kappa is None else is_enough(each, setting),
            )
        )
    return rows
