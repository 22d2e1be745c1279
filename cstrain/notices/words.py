"""Messages in words: each topic has a template, and an unknown one still says something.

A template must not fail on data of an older version: what is missing is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import current_app, url_for
from werkzeug.routing import BuildError

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.pathway.definition import MATERIAL, Pathway, Stage
from cstrain.core.pathway.words import title_of
from cstrain.kit.i18n import clock_time, day, ngettext, pick
from cstrain.kit.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Words:
    """A message as a page shows it.

    Attributes:
        title: One line.
        text: What to do about it, or details; may be empty.
        url: Where to do it; None for nowhere.
        state: passed, in_progress, needs_you, failed or waiting, for the icon.
    """

    title: str
    text: str = ""
    url: str | None = None
    state: str = "in_progress"


@dataclass(frozen=True, slots=True)
class Facts:
    """The data of a message, read without surprises.

    Attributes:
        data: Codes and figures as they were told.
        names: Names of the people in ``data``.
        catalogue: For titles; None when nothing is published.
        reader_id: Who reads it; staff are told of others.
    """

    data: Mapping[str, Any]
    names: Mapping[int, str] = field(default_factory=dict)
    catalogue: Catalogue | None = None
    reader_id: int | None = None

    def text(self, key: str) -> str:
        """A text, or a ``{zh, en}`` pair in the reader's language; empty when missing."""
        value = self.data.get(key)
        if isinstance(value, dict):
            return pick({str(k): str(v) for k, v in value.items()})
        return "" if value is None else str(value)

    def number(self, key: str) -> int:
        """A number; 0 when missing."""
        value = self.data.get(key)
        return int(value) if isinstance(value, int | float) else 0

    def name(self, key: str = "person_id") -> str:
        """The name of a person; 一位同事 when it is not known any more."""
        value = self.data.get(key)
        return (self.names.get(value) if isinstance(value, int) else None) or _("一位同事")

    @property
    def is_about_another(self) -> bool:
        """Whether the message is about somebody else than its reader."""
        return bool(self.data.get("person_id", self.reader_id) != self.reader_id)

    def when(self, key: str) -> str:
        """A day or a time in words; empty when missing."""
        try:
            value = datetime.fromisoformat(self.text(key))
        except ValueError:
            return ""
        if len(self.text(key)) <= len("2026-01-01"):
            return day(date.fromisoformat(self.text(key)))
        return clock_time(value) if value.tzinfo else day(value.date())

    def activity(self) -> str:
        """The title of the activity."""
        slug = self.text("activity")
        return title_of(slug, self.catalogue) if self.catalogue and slug else slug

    def stage(self) -> Stage | None:
        """The stage of the pathway named; of any that has it where none is named, or it is gone."""
        if self.catalogue is None:
            return None
        pathways: Iterable[Pathway] = self.catalogue.materials.get(MATERIAL, ())
        slug, named = self.text("stage"), self.text("pathway")
        ordered = sorted(pathways, key=lambda pathway: pathway.slug != named)
        return next(
            (stage for pathway in ordered for stage in pathway.stages if stage.slug == slug), None
        )

    def gate(self) -> str:
        """The title of the stage's gate."""
        stage = self.stage()
        return pick(stage.gate.title) if stage is not None else self.text("stage")

    def may(self) -> str:
        """What one may do after the stage."""
        stage = self.stage()
        return pick(stage.summary) if stage is not None else ""


def people_in(data: Mapping[str, Any]) -> set[int]:
    """The people whose names a message needs."""
    return {
        value for key, value in data.items() if key.endswith("person_id") and isinstance(value, int)
    }


def words_of(topic: str, facts: Facts) -> Words:
    """A message in the reader's language."""
    template = _TEMPLATES.get(topic)
    return template(facts) if template is not None else _unknown(facts)


def link(endpoint: str, **values: Any) -> str | None:
    """An address, None where this installation has no such page or the data lacks a value."""
    if endpoint not in current_app.view_functions:
        return None
    try:
        return url_for(endpoint, **{key: value for key, value in values.items() if value})
    except BuildError:
        return None


def _home() -> str | None:
    return link("home.index")


def _enrolment(facts: Facts) -> str | None:
    page = link("pathway.enrolment_page", enrolment_id=facts.number("enrolment_id"))
    return page or link("queue.index")


def _unknown(facts: Facts) -> Words:
    title = facts.text("title") or _("有一条新消息")
    return Words(title, facts.text("text"), _home())


def _gate_pass(facts: Facts) -> Words:
    return Words(_("“%(gate)s”通过了", gate=facts.gate()), facts.may(), _home(), "passed")


def _gate_repeat(facts: Facts) -> Words:
    text = _("补学计划只有没答好的那些，做完就能再考。")
    title = _("“%(gate)s”这次没有通过", gate=facts.gate())
    return Words(title, text, _home(), "failed")


def _gate_wait(facts: Facts) -> Words:
    title = _("“%(gate)s”等带教老师确认", gate=facts.gate())
    return Words(title, _("你这边做完了，不用再做什么。"), _home(), "waiting")


def _gate_help(facts: Facts) -> Words:
    title = _("“%(gate)s”的次数用完了", gate=facts.gate())
    return Words(title, _("带教老师已经知道，会来找你或者再给一次机会。"), _home(), "waiting")


def _gate_wait_staff(facts: Facts) -> Words:
    title = _("%(name)s 的“%(gate)s”等你确认", name=facts.name(), gate=facts.gate())
    return Words(title, "", _enrolment(facts), "needs_you")


def _gate_help_staff(facts: Facts) -> Words:
    title = _("%(name)s 在“%(gate)s”的次数用完了", name=facts.name(), gate=facts.gate())
    text = _("看看卡在哪里，再给一次机会，或者换个安排。")
    return Words(title, text, _enrolment(facts), "needs_you")


def _override_proposed(facts: Facts) -> Words:
    title = _("%(name)s 的“%(gate)s”：等第二人确认", name=facts.name(), gate=facts.gate())
    text = _("有人提议不按系统的结果来，你同意才生效。")
    return Words(title, text, link("queue.index") or _enrolment(facts), "needs_you")


def _override_declined(facts: Facts) -> Words:
    title = _("对 %(name)s 的提议没有被同意", name=facts.name())
    return Words(title, facts.text("reason"), _enrolment(facts), "failed")


def _attempt_granted(facts: Facts) -> Words:
    title = _("多给了你一次机会：%(activity)s", activity=facts.activity())
    return Words(title, facts.text("reason"), _home(), "needs_you")


def _version_moved(facts: Facts) -> Words:
    title = _("“%(gate)s”换成了新的条件", gate=facts.gate())
    return Words(title, facts.text("reason"), _home(), "needs_you")


def _certificate(facts: Facts) -> str | None:
    return link("certification.show", number=facts.text("number")) or _home()


def _certificate_issued(facts: Facts) -> Words:
    number = facts.text("number")
    title = _("证书发下来了：%(title)s", title=facts.text("title"))
    text = _("编号 %(number)s", number=number) if number else ""
    return Words(title, text, _certificate(facts), "passed")


def _certificate_expiring(facts: Facts) -> Words:
    days = facts.number("days")
    if facts.is_about_another:
        title = _("%(name)s 的证书还有 %(days)s 天到期", name=facts.name(), days=days)
        return Words(
            title, _("安排一次重新认证，免得到期那天上不了岗。"), _certificate(facts), "needs_you"
        )
    title = ngettext("证书还有 %(count)s 天到期", days) if days else _("证书快到期了")
    return Words(title, _("到期前重新认证，就能接着上岗。"), _certificate(facts), "needs_you")


def _certificate_suspended(facts: Facts) -> Words:
    title = _("证书暂停了：%(title)s", title=facts.text("title"))
    return Words(title, facts.text("reason"), _certificate(facts), "failed")


def _certificate_revoked(facts: Facts) -> Words:
    title = _("证书被撤销了：%(title)s", title=facts.text("title"))
    return Words(title, facts.text("reason"), _certificate(facts), "failed")


def _certificate_restored(facts: Facts) -> Words:
    title = _("证书恢复了：%(title)s", title=facts.text("title"))
    return Words(title, facts.text("reason"), _certificate(facts), "passed")


def _review_wanted(facts: Facts) -> Words:
    title = _("%(name)s 的“%(activity)s”等你确认成绩", name=facts.name(), activity=facts.activity())
    return Words(title, "", link("queue.index"), "needs_you")


def _review_done(facts: Facts) -> Words:
    kind = active.active().registry.kinds.get(facts.text("kind"))
    url = kind.attempt_url(facts.number("attempt_id")) if kind else _home()
    is_correction = facts.data.get("is_correction") is True
    title = _("“%(activity)s”的批改更正了") if is_correction else _("“%(activity)s”批改好了")
    text = _("分数、批语和依据都在结果页上。")
    return Words(title % {"activity": facts.activity()}, text, url, "passed")


def _chat_marked(facts: Facts) -> Words:
    url = link("quality.chat", chat_review_id=facts.number("chat_review_id"))
    is_correction = facts.data.get("is_correction") is True
    if facts.data.get("is_appeal") is True:
        return Words(_("你的申诉定了"), _("维持还是改了、为什么，都写着。"), url, "in_progress")
    title = _("一条聊天的评分改过了") if is_correction else _("抽到你的一条聊天，评好了")
    return Words(title, _("看一眼得分和依据，不同意可以申诉。"), url, "in_progress")


def _chat_remarked(facts: Facts) -> Words:
    url = link("quality.chat", chat_review_id=facts.number("chat_review_id"))
    title = _("%(name)s 看了抽检的分，写了一句", name=facts.name())
    return Words(title, facts.text("remark"), url, "in_progress")


def _chat_appealed(facts: Facts) -> Words:
    url = link("reviews.page", review_id=facts.number("review_id"))
    title = _("%(name)s 对抽检的分申诉了", name=facts.name())
    if facts.data.get("has_nobody") is True:
        text = _("评过的人不能自己定，店铺里没有别的带教或主管。加一位，或者请一位来。")
        return Words(title, text, url, "needs_you")
    return Words(title, _("看他怎么说，维持或者改高，写一句为什么。"), url, "needs_you")


def _chat_red_line(facts: Facts) -> Words:
    url = link("quality.chat", chat_review_id=facts.number("chat_review_id"))
    title = _("%(name)s 的一条聊天碰了红线", name=facts.name())
    text = _("证书不会自己停。看过这条聊天，再定要不要接着上岗。")
    return Words(title, text, url, "needs_you")


def _chat_overturned(facts: Facts) -> Words:
    url = link("quality.chat", chat_review_id=facts.number("chat_review_id"))
    title = _("%(name)s 的申诉定了，你评的分改了", name=facts.name())
    text = ngettext("改了 %(count)s 项，两次的分和为什么都在。", facts.number("count"))
    return Words(title, text, url, "in_progress")


def _chats_handed(facts: Facts) -> Words:
    url = link("chat_handover.show", handover_id=facts.number("handover_id"))
    text = ngettext("有 %(count)s 件没办完的事，看完点“我接手了”。", facts.number("count"))
    return Words(_("%(name)s 交班给你", name=facts.name()), text, url, "needs_you")


def _practice_waiting(facts: Facts) -> Words:
    kind = active.active().registry.kinds.get(facts.text("kind"))
    url = kind.attempt_url(facts.number("attempt_id")) if kind else _home()
    title = _("%(name)s在等你练一单", name=facts.name("player_person_id"))
    return Words(title, _("顾客由他来扮，你来接待。"), url, "needs_you")


def _notice_to_read(facts: Facts) -> Words:
    due = facts.when("due_at")
    text = _("%(time)s 前读完，答对一道题。", time=due) if due else _("读完答对一道题。")
    url = link("notices.show", notice_id=facts.number("notice_id"))
    return Words(_("要读：%(title)s", title=facts.text("title")), text, url, "needs_you")


def _notice_overdue(facts: Facts) -> Words:
    url = link("notices.show", notice_id=facts.number("notice_id"))
    title = _("过了时间还没读：%(title)s", title=facts.text("title"))
    return Words(title, _("现在读完、答对一道题，就不再算逾期。"), url, "failed")


def _sharing_session(facts: Facts) -> Words:
    at = facts.when("starts_at")
    text = _("%(time)s 开，先看看要说的案例。", time=at) if at else _("先看看要说的案例。")
    url = link("cases.sharing_session", session_id=facts.number("session_id"))
    return Words(_("分享会：%(title)s", title=facts.text("title")), text, url, "in_progress")


def _sharing_cancelled(facts: Facts) -> Words:
    at = facts.when("starts_at")
    text = _("%(time)s 这次不开了。", time=at) if at else _("这次不开了。")
    url = link("cases.sharing_session", session_id=facts.number("session_id"))
    return Words(_("分享会取消了：%(title)s", title=facts.text("title")), text, url, "locked")


def _person_left(facts: Facts) -> Words:
    text = ngettext("还有 %(count)s 件没办完的事转给了你。", facts.number("count"))
    url = link("queue.index")
    title = _("%(name)s 离开了店铺", name=facts.name())
    return Words(title, text if facts.number("count") else "", url, "needs_you")


def _job_ended(facts: Facts) -> Words:
    has_failed = facts.text("state") == "failed"
    title = _("没做完：%(title)s") if has_failed else _("做好了：%(title)s")
    url = link("jobs.page", job_id=facts.number("job_id"))
    state = "failed" if has_failed else "passed"
    return Words(title % {"title": facts.text("title")}, facts.text("text"), url, state)


_TEMPLATES: Mapping[str, Callable[[Facts], Words]] = {
    "gate_pass": _gate_pass,
    "gate_passed": _gate_pass,
    "gate_repeat": _gate_repeat,
    "gate_wait": _gate_wait,
    "gate_help": _gate_help,
    "gate_wait_staff": _gate_wait_staff,
    "gate_help_staff": _gate_help_staff,
    "override_proposed": _override_proposed,
    "override_declined": _override_declined,
    "attempt_granted": _attempt_granted,
    "version_moved": _version_moved,
    "certificate_issued": _certificate_issued,
    "certificate_expiring": _certificate_expiring,
    "certificate_suspended": _certificate_suspended,
    "certificate_revoked": _certificate_revoked,
    "certificate_restored": _certificate_restored,
    "review_wanted": _review_wanted,
    "review_done": _review_done,
    "chat_marked": _chat_marked,
    "chat_remarked": _chat_remarked,
    "chat_red_line": _chat_red_line,
    "chat_appealed": _chat_appealed,
    "chat_overturned": _chat_overturned,
    "chats_handed": _chats_handed,
    "practice_waiting": _practice_waiting,
    "notice_to_read": _notice_to_read,
    "notice_overdue": _notice_overdue,
    "sharing_session": _sharing_session,
    "sharing_cancelled": _sharing_cancelled,
    "person_left": _person_left,
    "job_ended": _job_ended,
}
