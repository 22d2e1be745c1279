"""Work on a shop's tables that takes longer than a page may: all content is checked each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cstrain.core.catalogue import active, edits
from cstrain.desk.replies import shop_import, shop_template
from cstrain.desk.replies.shop_import import RowState, ShopPlan
from cstrain.desk.replies.shop_table import Table
from cstrain.kit import jobs
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import lazy
from cstrain.kit.uploads import Upload

KIND = "shop"
CHECK, PUBLISH, TAKE_BACK = "shop_check", "shop_publish", "shop_take_back"
_ELSEWHERE_SHOWN = 20
#: Signs of a text.
_TEXT_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Report:
    """What a dry run found, as its page shows it.

    Attributes:
        table: What the table holds.
        file: What the uploaded file was called.
        counts: State of an entry → how many.
        is_empty: Whether publishing would change nothing.
        problems: Row and reason; nothing is published while there is one.
        elsewhere: What the table would break in other files.
        entries: Row, class, heading and state of each that does not stay as it is; of what was made
            on a page its text, too.
        before: Of what the shop had then, see ``ShopPlan``.
        source: The page it was made on, where nobody has brought a file.
    """

    table: str
    counts: Mapping[str, int]
    is_empty: bool
    problems: Sequence[tuple[int, str]]
    elsewhere: Sequence[str]
    entries: Sequence[Mapping[str, Any]]
    file: str = ""
    before: str = ""
    source: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether anything stands against it."""
        return bool(self.problems or self.elsewhere)


def _about(data: Mapping[str, Any]) -> str:
    """Which table it is, and the name of the file."""
    name = shop_template.title(Table(data["table"]))
    return " · ".join(filter(None, (name, data.get("file", ""))))


def _planned(job: jobs.JobContext) -> ShopPlan:
    """What the table would do to the content that is in force now."""
    active.active().reload()
    return shop_import.plan(Table(job.data["table"]), _upload(job).data(), job.data["team"])


def _upload(job: jobs.JobContext) -> Upload:
    return Upload(KIND, job.by or 0, job.data["token"])


@jobs.register(CHECK, title=lazy("看看这份表格"), about=_about)
def check(job: jobs.JobContext) -> Mapping[str, Any]:
    """Do the dry run: ``table``, ``token``, ``team`` (a slug), ``file``, ``source``, ``url``."""
    made = _planned(job)
    report = Report(
        table=job.data["table"],
        file=job.data.get("file", ""),
        before=made.before,
        source=job.data.get("source", ""),
        counts={state.value: made.count(state) for state in RowState},
        is_empty=not made.changes,
        problems=[(each.number, each.reason) for each in made.problems],
        elsewhere=[str(each) for each in made.elsewhere[:_ELSEWHERE_SHOWN]],
        entries=[
            {
                "number": row.number,
                "group": row.group,
                "heading": row.heading,
                "text": row.text[:_TEXT_SHOWN] if job.data.get("source") else "",
                "state": state,
            }
            for row, state in made.entries
            if state is not RowState.UNCHANGED
        ],
    )
    upload = _upload(job)
    upload.tell(asdict(report))
    text = _("%(about)s：看完了，还没有发布。", about=_about(job.data))
    return upload.looked_at(text, job.data["url"])


@jobs.register(PUBLISH, title=lazy("换成本店的"), about=_about)
def publish(job: jobs.JobContext) -> Mapping[str, Any]:
    """Publish a table as a whole: ``table``, ``token``, ``team``, ``before``, and ``back``."""
    if job.kept:
        _upload(job).forget()
        return job.kept  # it was published when the worker died
    made = edits.publish_by_job(
        job,
        lambda: _as_looked_at(job),
        note=lambda made: shop_import.note_of(
            Table(job.data["table"]), job.data["team"], str(len(made.entries))
        ),
        told=lambda made: _published(job, made),
    )
    if made.is_bad:
        return edits.refused(made, _("看过以后情况变了，什么也没有发布。"), job.data["back"])
    _upload(job).forget()
    return _published(job, made)


def _as_looked_at(job: jobs.JobContext) -> ShopPlan:
    """What the table would do, as long as the shop's own words are those that it was held against.

    It takes the place of all of them, so what came in meanwhile would be lost unseen.

    Raises:
        InvalidError: If they have changed.
    """
    made = _planned(job)
    if made.before != job.data.get("before", made.before):
        _upload(job).forget()
        raise InvalidError(_("看过以后有人改过这张表，什么也没有发布。再做一次草稿，看一遍再发。"))
    return made


def _published(job: jobs.JobContext, made: ShopPlan) -> Mapping[str, Any]:
    text = _(
        "已经换好：新增 %(new)s 条，更新 %(changed)s 条，去掉 %(gone)s 条。",
        new=made.count("new"),
        changed=made.count("changed"),
        gone=made.count("gone"),
    )
    return {"text": text, "url": job.data["page"], "label": _("去看看")}


@jobs.register(TAKE_BACK, title=lazy("撤回表格"), about=_about)
def take_back(job: jobs.JobContext) -> Mapping[str, Any]:
    """Take the last table back: ``table``, ``team``, ``back``. Again changes nothing."""
    if job.kept:
        return job.kept  # it was taken back when the worker died
    active.active().reload()
    text = _("已经撤回，上一次传的表格以前的内容又回来了。")
    done = {"text": text, "url": job.data["page"], "label": _("去看看")}
    with job.transaction():
        _revision, problems = shop_import.take_back(
            Table(job.data["table"]), job.data["team"], by=job.by or 0, now=job.now
        )
        if not problems:
            job.keep(done)
    if problems:
        text = _("没有撤回，还有内容要用它们：")
        told = [str(each) for each in problems]
        return {"text": text, "problems": told, "url": job.data["back"], "label": _("回去")}
    return done
