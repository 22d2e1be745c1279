"""Work on the bank that takes longer than a page may: all content is checked each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cstrain.core.catalogue import active, bank_import, edits
from cstrain.core.catalogue.bank_import import ImportPlan, RowState
from cstrain.kit import jobs
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import lazy
from cstrain.kit.uploads import Upload

KIND = "bank"
CHECK, IMPORT, TAKE_BACK = "bank_check", "bank_import", "bank_take_back"
_ELSEWHERE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Report:
    """What a dry run found, as its page shows it.

    Attributes:
        counts: State of a row → how many.
        problems: Row and reason; nothing is published while there is one.
        elsewhere: What the questions would break in other files.
        questions: Row, stem, kind, lesson, id (and whether it was made) and state of each.
        source: The page it was made on, where nobody has brought a file.
    """

    counts: Mapping[str, int]
    problems: Sequence[tuple[int, str]]
    elsewhere: Sequence[str]
    questions: Sequence[Mapping[str, Any]]
    source: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether anything stands against it."""
        return bool(self.problems or self.elsewhere)

    @property
    def is_empty(self) -> bool:
        """Whether publishing would change nothing."""
        return not self.counts["new"] and not self.counts["changed"]


def _planned(job: jobs.JobContext) -> ImportPlan:
    """What the table would do to the content that is in force now."""
    active.active().reload()
    return bank_import.plan(_upload(job).data(), job.data["team"])


def _upload(job: jobs.JobContext) -> Upload:
    return Upload(KIND, job.by or 0, job.data["token"])


@jobs.register(CHECK, title=lazy("看看这些题"), about=lambda data: data.get("file", ""))
def check(job: jobs.JobContext) -> Mapping[str, Any]:
    """Do the dry run of a table: ``token``, ``team`` (a slug), ``source``, the report's ``url``."""
    made = _planned(job)
    report = Report(
        counts={state.value: made.count(state) for state in RowState},
        problems=[(each.number, each.reason) for each in made.problems],
        elsewhere=[str(each) for each in made.elsewhere[:_ELSEWHERE_SHOWN]],
        questions=[
            {
                "number": question.number,
                "stem": question.item.stem_md,
                "kind": question.item.kind,
                "lesson": question.lesson,
                "id": question.item.id,
                "is_id_made": question.is_id_made,
                "state": state,
            }
            for question, state in made.questions
        ],
        source=job.data.get("source", ""),
    )
    upload = _upload(job)
    upload.tell(asdict(report))
    return upload.looked_at(_("看完了，还没有发布。"), job.data["url"])


@jobs.register(IMPORT, title=lazy("发布题目"))
def publish(job: jobs.JobContext) -> Mapping[str, Any]:
    """Publish the questions of a table as a whole: ``token``, ``team``, and ``back``."""
    if job.kept:
        _upload(job).forget()
        return job.kept  # it was published when the worker died
    made = edits.publish_by_job(
        job,
        lambda: _planned(job),
        note=lambda made: f"bank {job.data['team']}: {len(made.questions)}",
        told=lambda made: _published(job, made),
    )
    if made.is_bad:
        return edits.refused(made, _("看过以后情况变了，一题也没有发布。"), job.data["back"])
    _upload(job).forget()
    return _published(job, made)


def _published(job: jobs.JobContext, made: ImportPlan) -> Mapping[str, Any]:
    text = _(
        "题目已经发布：新增 %(new)s 题，更新 %(changed)s 题。",
        new=made.count("new"),
        changed=made.count("changed"),
    )
    return {"text": text, "url": job.data["back"], "label": _("回到题库")}


@jobs.register(TAKE_BACK, title=lazy("撤回题目"))
def take_back(job: jobs.JobContext) -> Mapping[str, Any]:
    """Take a lesson's imported questions out again: ``team``, ``lesson``, and ``back``.

    Doing it again changes nothing.
    """
    active.active().reload()
    with job.transaction():
        _revision, problems = bank_import.take_back(
            job.data["team"], job.data["lesson"], by=job.by or 0, now=job.now
        )
    back = {"url": job.data["back"], "label": _("回到题库")}
    if problems:
        text = _("没有撤回，还有内容要用它们：")
        return {"text": text, "problems": [str(each) for each in problems], **back}
    return {"text": _("已经撤回。正在考的卷子不受影响。"), **back}
