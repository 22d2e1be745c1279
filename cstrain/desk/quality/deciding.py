"""How an appeal is decided: with an answer, and without costing who appealed anything.

No item ends lower than it stands, appealed or not, and none pays for another. Items that nobody
appealed stand; they are raised with a reason alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import and_, select

from cstrain.core.evidence.marks import Mark, Scored
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.rubric import Criterion, Grades, Rubric, score
from cstrain.core.review.service import UnfinishedError, grades_of, marks_of
from cstrain.core.review.subjects import Bound
from cstrain.core.review.versions import rubric_of
from cstrain.core.review.words import level_words
from cstrain.desk.quality import causes
from cstrain.desk.quality.models import ChatAppeal
from cstrain.kit.db import db
from cstrain.kit.i18n import gettext as _
from cstrain.kit.outbox import tell

_SLACK: Final = 1e-9


def bounds(review: Review, rubric: Rubric) -> Mapping[str, Bound]:
    """What holds who decides an appeal, by item; nothing in other reviews. One statement."""
    if not review.is_appeal:
        return {}
    is_asked = and_(
        ChatAppeal.correction_id == review.id, ChatAppeal.criterion == ReviewMark.criterion
    )
    rows = db.session.execute(
        select(ReviewMark, ChatAppeal.id.is_not(None))
        .outerjoin(ChatAppeal, is_asked)
        .where(ReviewMark.review_id == review.supersedes_id)
    )
    return {
        criterion.key: Bound(was, is_asked, _said(criterion, was, is_asked=is_asked))
        for was, is_asked in rows
        if (criterion := rubric.get(was.criterion)) is not None and causes.counts(criterion)
    }


def _said(criterion: Criterion, was: ReviewMark, *, is_asked: bool) -> str:
    if not was.is_marked:
        return ""
    given = level_words(criterion, was.value)
    if is_asked:
        return _("本人申诉这一项，原来 %(given)s：维持或者改高，写一句为什么", given=given)
    if was.value == was.full:
        return _("没有申诉，维持 %(given)s", given=given)
    return _("没有申诉，维持 %(given)s；要改高，写一句为什么", given=given)


def objections(
    rubric: Rubric, rows: Mapping[str, ReviewMark], held: Mapping[str, Bound]
) -> Mapping[str, str]:
    """What speaks against deciding an appeal so, by item and in words."""
    before = {key: each.was.value for key, each in held.items() if each.was.is_marked}
    costly = _costly(rubric, before, grades_of(rows)) if held else set()
    found = {}
    for each in rubric:
        row, bound = rows.get(each.key), held.get(each.key)
        if row is None or bound is None or not row.is_marked:
            continue
        was, given = bound.was, level_words(each, bound.was.value)
        is_changed = was.is_marked and row.value != was.value
        if each.key in costly:
            found[each.key] = _("适不适用改了，会比原来低：照原来的 %(given)s", given=given)
        elif is_changed and row.value is not None and row.value < (was.value or 0):
            found[each.key] = _("申诉只能维持或者改高，原来是 %(given)s", given=given)
        elif (bound.is_asked or is_changed) and row.note in {"", was.note}:
            found[each.key] = (
                _("写一句批语，说清为什么")
                if bound.is_asked
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
