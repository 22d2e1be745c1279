"""The page of a chat that two have marked: both markings side by side, and which one counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from cstrain.core.people.access import requires, staff_of_or_404, viewer
from cstrain.core.review.blind import MARKERS
from cstrain.core.review.correcting import may_correct
from cstrain.core.review.models import Review, ReviewMark
from cstrain.core.review.rubric import Criterion, Rubric
from cstrain.core.review.versions import rubric_of
from cstrain.core.review.words import level_words, points
from cstrain.desk.quality import kind, pairs
from cstrain.desk.quality.views import bp
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick


@dataclass(frozen=True, slots=True)
class Given:
    """What one has given to an item, in words, with what it rests on."""

    level: str
    lines: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An item, side by side.

    Attributes:
        now: What counts since it was corrected, in words; empty where it is as it was.
    """

    title: str
    first: Given
    second: Given
    is_apart: bool
    now: str


@bp.get("/doubles/<int:review_id>")
@requires(*MARKERS)
def double(review_id: int) -> ResponseReturnValue:
    """Two markings of one chat.

    Raises:
        NotFoundError: If there are none that the viewer may see, as of what one marks blind.
    """
    me = viewer()
    found = pairs.pair(review_id, me=me.id)
    if found is None:
        raise NotFoundError(_("没有这两份批改，或者你自己那份还没评完。"))
    staff_of_or_404(found.team_id, *MARKERS)
    marks = pairs.marks([found.first_id, found.id, found.standing_id])
    return render_template(
        "quality/double.html",
        found=found,
        rows=_rows(rubric_of(found.rubric_digest), found, marks),
        transcript=kind.rendered(kind.transcript(found.chat_review_id), with_hints=True),
        points=points,
        may_correct=may_correct(db.session.get_one(Review, found.standing_id), me.id),
    )


def _rows(
    rubric: Rubric, found: pairs.Pair, marks: Mapping[int, Mapping[str, ReviewMark]]
) -> list[Row]:
    """Every item of the rubric, those that are apart first."""
    first, second, now = marks[found.first_id], marks[found.id], marks[found.standing_id]
    rows = []
    for each in rubric:
        one, other, standing = first.get(each.key), second.get(each.key), now.get(each.key)
        left, right = _given(each, one), _given(each, other)
        said = _given(each, standing).level
        is_apart = left.level != right.level
        rows.append(
            Row(pick(each.title), left, right, is_apart, said if said != left.level else "")
        )
    return sorted(rows, key=lambda each: not each.is_apart)


def _given(criterion: Criterion, mark: ReviewMark | None) -> Given:
    if mark is None or not mark.is_marked:
        return Given("–")
    return Given(level_words(criterion, mark.value), tuple(mark.lines), mark.note)
