"""Publishing a scenario that was tried: all content is checked, which takes longer than a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cstrain.kit import jobs
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import lazy
from cstrain.plugin import own_files

PUBLISH, TAKE_BACK = "scenario_publish", "scenario_take_back"


@jobs.register(PUBLISH, title=lazy("发布情景"))
def publish(job: jobs.JobContext) -> Mapping[str, Any]:
    """Publish a file: ``team`` (a slug), ``path``, ``text``, ``slug`` and ``back``."""
    if job.kept:
        return job.kept  # it was published when the worker died
    told = {
        "text": _("已经发布。学员下一次开始练习就会遇到。"),
        "url": f"{job.data['back']}&scenario={job.data['slug']}",
        "label": _("再试一遍"),
    }
    body = job.data["text"].encode()
    return own_files.publish(job, job.data["path"], body, told=told)


@jobs.register(TAKE_BACK, title=lazy("撤回情景"))
def take_back(job: jobs.JobContext) -> Mapping[str, Any]:
    """Take a file out: ``team``, ``path``, ``back``. Again changes nothing."""
    with job.transaction():
        _revision, problems = own_files.take_back(
            job.data["team"], job.data["path"], by=job.by or 0, now=job.now
        )
    told = {"url": job.data["back"], "label": _("回去")}
    if problems:
        text = _("没有撤回，还有内容要用它：")
        return {**told, "text": text, "problems": [str(each) for each in problems]}
    return {**told, "text": _("已经撤回，发布以前的内容又回来了。")}
