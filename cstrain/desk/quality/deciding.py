"""How an appeal is decided: with an answer, and without costing who appealed anything.

No item ends lower than it stands, appealed or not, and none pays for another. Items that nobody
appealed stand; they are raised with a reason alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cstrain.core.evidence.marks import Mark, Scored
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.rubric import Criterion, Grades, Rubric, score
from cstrain.core.review.service import UnfinishedError, grades_of, marks_of
from cstrain.core.review.subjects import Bound
from cstrain.core.review.versions import rubric_of
from cstrain.core.review.words import level_words
from cstrain.desk.quality import causes
from cstrain.desk.quality.appeals import decided_by
from cstrain.kit.db import db
from cstrain.kit.i18n import gettext as _
from cstrain.kit.outbox import tell

_SLACK: Final = 1e-9


def bounds(review: Review, rubric: Rubric) -> Mapping[str, Bound]:
    """What holds who decides an appeal, by item; nothing in other reviews. Two statements."""
    if not review.is_appeal or review.supersedes_id is None:
        return {}
    old = marks_of(review.supersedes_id)
    asked = {each.criterion for each in decided_by(review.id)}
    return {
        each.key: _bound(each, was, is_asked=each.key in asked)
        for each in rubric
        if causes.counts(each) and (was := old.get(each.key)) is not None and was.is_marked
    }


def _bound(criterion: Criterion, was: ReviewMark, *, is_asked: bool) -> Bound:
    given = level_words(criterion, was.value)
    if is_asked:
        words = _("本人申诉这一项，原来 %(given)s：维持或者改高，写一句为什么", given=given)
    elif was.value == was.full:
        words = _("没有申诉，维持 %(given)s", given=given)
    else:
        words = _("没有申诉，维持 %(given)s；要改高，写一句为什么", given=given)
    return Bound(is_asked, was.value, words)


def objections(review: Review, rubric: Rubric, rows: Mapping[str, ReviewMark]) -> Mapping[str, str]:
    """What speaks against deciding an appeal so, by item and in words. Two statements."""
    if not review.is_appeal or review.supersedes_id is None:
        return {}
    old = marks_of(review.supersedes_id)
    asked = {each.criterion for each in decided_by(review.id)}
    costly = _costly(rubric, grades_of(old), grades_of(rows))
    found = {}
    for each in rubric:
        row, was = rows.get(each.key), old.get(each.key)
        if row is None or was is None or not row.is_marked:
            continue
        given = level_words(each, was.value)
        is_changed = was.is_marked and row.value != was.value and causes.counts(each)
        if each.key in costly:
            found[each.key] = _("适不适用改了，会比原来低：照原来的 %(given)s", given=given)
        elif is_changed and row.value is not None and row.value < (was.value or 0):
            found[each.key] = _("申诉只能维持或者改高，原来是 %(given)s", given=given)
        elif (each.key in asked or is_changed) and row.note in {"", was.note}:
            found[each.key] = (
                _("写一句批语，说清为什么")
                if each.key in asked
                else _("没有申诉的，改高要写一句批语，说清为什么")
            )
    return found


def _costly(rubric: Rubric, before: Grades, after: Grades) -> set[str]:
    """The items that apply now and did not before, or the reverse, at a cost for the whole."""
    turned = {
        key
        for key, value in after.items()
        if (value is None) != (before.get(key) is None)
        and (criterion := rubric.get(key)) is not None
        and causes.counts(criterion)
    }

    def costs(*keys: str) -> bool:
        back = {key: value for key, value in after.items() if key not in keys}
        back |= {key: before[key] for key in keys if key in before}
        now, otherwise = score(rubric, after), score(rubric, back)
        return _is_less(now.ratio, otherwise.ratio) or _is_less(now.raw_ratio, otherwise.raw_ratio)

    found = {key for key in turned if costs(key)}
    return found or (turned if turned and costs(*turned) else set())


def _is_less(one: float | None, other: float | None) -> bool:
    return other is not None and (one or 0.0) < other - _SLACK


def settle(
    review: Review, scored: Scored, marks: Mapping[str, Mark], *, by: int, now: datetime
) -> None:
    """Tell whoever marked before that an appeal has changed it; nothing in other reviews.

    Raises:
        UnfinishedError: If the whole would end lower, whatever the items say.
    """
    if not review.is_appeal or review.supersedes_id is None:
        return
    before = db.session.get_one(Review, review.supersedes_id)
    if (scored.ratio or 0.0) < (before.score or 0.0) - _SLACK:
        raise UnfinishedError(_("申诉不能越申越低：维持原来的，或者改高。"), ())
    old, rubric = marks_of(before.id), rubric_of(review.rubric_digest)
    changed = [
        each.key
        for each in rubric
        if causes.counts(each)
        and (mark := marks.get(each.key)) is not None
        and (was := old.get(each.key)) is not None
        and mark.value != was.value
    ]
    if changed and before.by_person_id not in {None, by}:
        tell(
            before.by_person_id or 0,
            "chat_overturned",
            f"review:{review.id}",
            team_id=review.team_id,
            data={
                "chat_review_id": review.subject_id,
                "person_id": review.person_id,
                "count": len(changed),
            },
            now=now,
        )
