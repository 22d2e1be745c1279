"""Content brought in by a table: looked at first, and published unless somebody was quicker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from cstrain.core.catalogue import active
from cstrain.core.catalogue.bank_table import RowProblem
from cstrain.core.catalogue.publish import check_edit, held_revision, publish_edit
from cstrain.kit.errors import ConflictError, ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.kit.jobs import JobContext


@dataclass(slots=True, kw_only=True)
class Edit:
    """What a table would do.

    Attributes:
        problems: Bad rows, by number; with any of them nothing is taken.
        elsewhere: Problems that the table would cause in other files.
        changes: Path → new bytes, or None to take an edit back, for ``publish_edit``.
        revision_id: The content it was made for; 0 before the first.
    """

    problems: list[RowProblem] = field(default_factory=list)
    elsewhere: list[ContentProblem] = field(default_factory=list)
    changes: dict[str, bytes | None] = field(default_factory=dict)
    revision_id: int = 0

    @property
    def is_bad(self) -> bool:
        """Whether anything stands against it."""
        return bool(self.problems or self.elsewhere)

    def check(self) -> None:
        """Check all content with the changes laid over, as publishing will."""
        self.elsewhere = list(check_edit(active.active().builder, self.changes).problems)


def publish(
    made: Edit, *, by: int, note: str, now: datetime
) -> tuple[int | None, Sequence[ContentProblem]]:
    """Put the changes of an edit without problems in force.

    Returns:
        The revision's id, None where there are problems after all; and the problems.

    Raises:
        ConflictError: If something was published since it was made: its files hold what others
            had brought in by then, and no more.
    """
    held = held_revision()
    if (held.id if held is not None else 0) != made.revision_id:
        raise ConflictError(_("内容刚刚有别人改过，请再看一遍。"))
    revision_id, checked = publish_edit(
        active.active().builder, made.changes, by=by, note=note, now=now
    )
    return revision_id, checked.problems


MadeT = TypeVar("MadeT", bound=Edit)


def publish_by_job(
    job: JobContext,
    planned: Callable[[], MadeT],
    *,
    note: Callable[[MadeT], str],
    told: Callable[[MadeT], Mapping[str, Any]],
) -> MadeT:
    """Publish what a table does to the content of now, made anew when somebody was quicker.

    Args:
        job: Keeps what it tells in the transaction of the revision.
        planned: Makes the edit.
        note: One line for the revision.
        told: What the job tells when it is done.

    Returns:
        The edit; in force unless it is bad.
    """
    made = planned()
    while not made.is_bad and made.changes:
        try:
            with job.transaction():
                _revision, problems = publish(made, by=job.by or 0, note=note(made), now=job.now)
                made.elsewhere = list(problems)
                if not problems:
                    job.keep(told(made))
        except ConflictError:
            made = planned()  # somebody else has published meanwhile
        else:
            break
    return made


def refused(made: Edit, text: str, back: str) -> dict[str, Any]:
    """What a job tells that could not publish an edit."""
    lines = [
        _("第 %(row)s 行：%(reason)s", row=each.number, reason=each.reason)
        for each in made.problems
    ]
    return {
        "text": text,
        "problems": [*lines, *map(str, made.elsewhere)],
        "url": back,
        "label": _("改好了，再传一次"),
    }
