"""Whether what is said of the causes of lost points fits the marks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cstrain.core.review.rubric import Criterion, Form, Grades, Rubric, counted
from cstrain.core.review.words import level_words
from cstrain.kit.i18n import gettext as _

#: The item that names the cause, and its value for "nothing to improve".
CAUSE: Final = "root_cause"
_NOTHING: Final = 0


def counts(criterion: Criterion) -> bool:
    """Whether points can be lost by an item: causes are told, not scored."""
    return criterion.weight > 0 or criterion.cap is not None


def objections(rubric: Rubric, grades: Grades) -> Mapping[str, str]:
    """That points were lost while the cause says that nothing is to be improved."""
    cause = rubric.get(CAUSE)
    if cause is None or cause.form is not Form.CHOICE or grades.get(CAUSE) != _NOTHING:
        return {}
    values = counted(rubric, grades)
    has_lost = any(
        counts(each) and not each.is_bonus and values.get(each.key, each.full) < each.full
        for each in rubric
    )
    if not has_lost:
        return {}
    said = level_words(cause, _NOTHING)
    return {CAUSE: _("有丢分的项，选一个原因；“%(said)s”留给没丢分的。", said=said)}
