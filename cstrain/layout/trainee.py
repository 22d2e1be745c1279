"""The home of a trainee: the one next step, and the path as a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask import url_for

from cstrain.core.catalogue import active
from cstrain.core.certification import queries as certificates
from cstrain.core.certification.status import Status
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.core.pathway import decisions, queries, standing, words
from cstrain.core.pathway.findings import Facts, Finding
from cstrain.core.pathway.gates import Decision, Verdict
from cstrain.core.pathway.standing import Standing
from cstrain.core.people.access import Viewer
from cstrain.desk.cases import queries as cases
from cstrain.desk.quality import red_lines
from cstrain.kit.i18n import clock_time, day, ngettext, pick, soon
from cstrain.kit.i18n import gettext as _
from cstrain.layout.home import (
    SHORT_LIST,
    STATES,
    Action,
    FindingView,
    GateView,
    Plan,
    Row,
    StageView,
    StepView,
    TimelineRow,
    TraineeHome,
    best_result,
)

#: About how long it takes to read one section again and to answer its questions.
RELEARN_MINUTES = 4


def trainee_home(me: Viewer, now: datetime) -> TraineeHome:
    """The home of somebody who learns."""
    found = standing.of_person(me.id)
    if found is None:
        return TraineeHome(
            _("带教老师还没有给你安排培训路径。"), None, _("安排好以后，这里会写明第一步。")
        )
    return replace(_Home(found, me, now).trainee(), red_line=_red_line(me, now))


def _red_line(me: Viewer, now: datetime) -> Action | None:
    """The way to the marks of one's newest red line; None without one."""
    found = red_lines.recent(tuple(me.roles), me=me, now=now, person_id=me.id).get(me.id)
    return Action(_("看评分和依据"), found.url) if found and found.url else None


class _Home:
    """One trainee's page, from one reading of standing, evidence and plan."""

    def __init__(self, found: Standing, me: Viewer, now: datetime) -> None:
        self.found, self.now = found, now
        self.catalogue = found.catalogue()
        self.evidence = found.evidence()
        team = me.teams.get(found.team_id)
        self.zone = team.timezone if team is not None else "Asia/Shanghai"
        self.decision: Decision = decisions.as_it_stands(found, self.evidence, self.zone, now=now)
        self.plan = queries.plan(found.enrolment_id) if found.has_open_plan else []
        self.certificate = (
            certificates.newest(found.person_id, now=now) if found.is_completed else None
        )

    def trainee(self) -> TraineeHome:
        sentence, action, hint = self.next_step()
        remaining_s, remaining_text = self.remaining()
        found = self.found
        gate, passed = self.just_passed()
        return TraineeHome(
            sentence=sentence,
            action=action,
            hint=hint,
            pathway_title=pick(found.pathway.title),
            stages=[self.stage(index) for index in range(len(found.pathway.stages))],
            is_renewing=bool(remaining_s and certificates.held(found.person_id, now=self.now)),
            remaining_s=remaining_s,
            remaining_text=remaining_text,
            passed_gate=gate,
            passed=passed,
            certificate=_link(self.certificate),
            plan=self.plan_view(),
            calls=self.calls(),
            notices=_notices(found.person_id, self.now),
            results=[self.result(view) for view in self.shown_results()],
        )

    def just_passed(self) -> tuple[str, str]:
        """The gate passed last and what one may do since; empty once something else is the news.

        That is: the next gate was missed, or the certificate is not in force.
        """
        found = self.found
        if found.is_completed:
            is_news = self.certificate is None or self.certificate.status is Status.VALID
        else:
            is_missed = found.stages[found.position].state in {"repeat", "help"}
            is_news = found.position > 0 and not is_missed
        if not is_news:
            return "", ""
        last = found.pathway.stages[found.position if found.is_completed else found.position - 1]
        return pick(last.gate.title), pick(last.summary)

    def calls(self) -> list[Action]:
        """The open attempts in which somebody waits, with what to say of each."""
        found = []
        for slug, tally in self.found.tallies.items():
            activity = self.catalogue.activities.get(slug)
            if activity is None or tally.open_attempt_id is None:
                continue
            text = activity.kind.call(activity.spec, tally.open_attempt_id)
            if text:
                found.append(Action(text, activity.kind.attempt_url(tally.open_attempt_id)))
        return found

    def next_step(self) -> tuple[str, Action | None, str]:
        """The sentence, the button and the quiet line under it."""
        found = self.found
        if found.is_completed:
            sentence, hint = _finished(self.certificate)
            is_in_force = bool(self.just_passed()[0])  # then the link stands there
            return sentence, None if is_in_force else _link(self.certificate), hint
        todo = [step for step in self.plan if step.done_at is None]
        if todo:
            title = words.title_of(todo[0].activity, self.catalogue)
            hint = ngettext("补学还剩 %(count)s 步，做完就能再考。", len(todo))
            return (
                _("先补学“%(title)s”。", title=title),
                self.go(todo[0].activity, _("去补学")),
                hint,
            )
        unlearned = [slug for slug in found.stage.learn if found.tally(slug).done_at is None]
        if unlearned:
            title = words.title_of(unlearned[0], self.catalogue)
            done = len(found.stage.learn) - len(unlearned)
            hint = ngettext(
                "这一阶段学完 %(done)s 课，共 %(count)s 课。", len(found.stage.learn), done=done
            )
            return _("下一课：%(title)s", title=title), self.go(unlearned[0], _("去学习")), hint
        return self.next_exam()

    def next_exam(self) -> tuple[str, Action | None, str]:
        found = self.found
        gate = pick(found.stage.gate.title)
        waits = ""
        for slug in self.unmet_exams():
            title = words.title_of(slug, self.catalogue)
            if found.tally(slug).open_attempt_id is not None:
                return _("“%(title)s”还没交卷。", title=title), self.go(slug, _("继续")), ""
            lock = found.lock(slug, is_exam=True, now=self.now)
            if lock is None:
                only = len(self.unmet_exams()) == 1 and not self.needs_person()
                hint = _("过了就能进入下一阶段。") if only else ""
                return _("还差“%(title)s”。", title=title), self.go(slug, _("去考")), hint
            if lock.code == "too_early":
                waits = standing.lock_words(lock, found.pathway)
        if self.decision.verdict is Verdict.HELP:
            return (
                _("次数用完了，等带教老师决定。"),
                None,
                _("老师已经收到提醒。这段时间可以继续练习。"),
            )
        if waits:
            practise = next(iter(found.stage.practise), None)
            action = self.go(practise, _("先练一练")) if practise else None
            return waits, action, ""
        looked_at = self.looked_at()
        if looked_at is None and self.decision.verdict is Verdict.WAIT:
            about = _("“%(gate)s”在等带教老师确认。", gate=gate)
            return about, None, _("老师已经收到提醒，确认以后这里会更新。")
        return looked_at or (_("这一阶段都做完了。"), None, "")

    def looked_at(self) -> tuple[str, Action, str] | None:
        """What to say where the gate lacks work that others look at, which nobody can begin."""
        for leaf in self.decision.finding.lacking():
            url = words.own_url(leaf.activity)
            if url is None:
                continue
            title = words.title_of(leaf.activity or "", self.catalogue)
            action = Action(_("去看"), url)
            if leaf.code == "none_of":
                return _("“%(title)s”的记录还没过期。", title=title), action, ""
            hint = _("不用交什么：抽到、评好了，自动算进来。")
            return _("还差“%(title)s”。", title=title), action, hint
        return None

    def unmet_exams(self) -> list[str]:
        """Exams of the gate that are not met, in the gate's order."""
        unmet = {leaf.activity for leaf in self.decision.finding.leaves() if leaf.met is False}
        return [slug for slug in self.found.stage.exams if slug in unmet]

    def needs_person(self) -> bool:
        """Whether the gate also asks for a signature that is missing."""
        leaves: Sequence[Finding] = self.decision.finding.leaves()
        return any(leaf.code == "signed_off" and not leaf.met for leaf in leaves)

    def go(self, slug: str, label: str) -> Action | None:
        """The button that leads to an activity."""
        activity = self.catalogue.activities.get(slug)
        return Action(label, activity.kind.start_url(slug)) if activity else None

    def remaining(self) -> tuple[float | None, str]:
        """About how much work is left on the whole path, and what it is made of."""
        found = self.found
        if found.is_completed:
            return None, ""
        lessons = exams = 0
        minutes = 0.0
        again = [step for step in self.plan if step.done_at is None]
        for step in again:
            activity = self.catalogue.activities.get(step.activity)
            whole = activity.minutes if activity else 0
            minutes += min(whole, len(step.scope) * RELEARN_MINUTES) if step.scope else whole
        for stage in found.pathway.stages[found.position :]:
            for slug in stage.learn:
                activity = self.catalogue.activities.get(slug)
                if activity and found.tally(slug).done_at is None:
                    lessons, minutes = lessons + 1, minutes + activity.minutes
        for index, stage in enumerate(found.pathway.stages[found.position :]):
            for slug in self.unmet_exams() if index == 0 else stage.exams:
                activity = self.catalogue.activities.get(slug)
                if activity:
                    exams, minutes = exams + 1, minutes + activity.minutes
        parts = [
            ngettext("%(count)s 步补学", len(again)) if again else "",
            ngettext("%(count)s 节课", lessons) if lessons else "",
            ngettext("%(count)s 次考核", exams) if exams else "",
        ]
        text = _("、").join(part for part in parts if part)
        return (minutes * 60 if minutes else None), text

    def stage(self, index: int) -> StageView:
        stage = self.found.pathway.stages[index]
        reached = self.found.stages.get(index)
        is_current = index == self.found.position and not self.found.is_completed
        if reached is None:
            gate = GateView(pick(stage.gate.title), "locked")
            return StageView(pick(stage.title), "locked", gate=gate)
        if not is_current:
            gate = GateView(pick(stage.gate.title), "passed", clock_time(reached.since_at))
            return StageView(pick(stage.title), "passed", pick(stage.summary), gate=gate)
        findings = tuple(
            self.finding(line) for line in words.lines(self.decision.finding, self.catalogue)
        )
        gate = GateView(
            pick(stage.gate.title),
            STATES[reached.state],
            _("每一条都达到，就进入下一阶段。"),
            findings,
        )
        learned = [slug for slug in stage.learn if self.found.tally(slug).done_at is not None]
        to_learn = [slug for slug in stage.learn if slug not in learned]
        return StageView(
            pick(stage.title),
            "in_progress",
            is_current=True,
            steps=tuple(self.step(slug) for slug in (*to_learn, *stage.practise)),
            learned=tuple(self.step(slug) for slug in learned),
            gate=gate,
        )

    def finding(self, line: words.Line) -> FindingView:
        """A condition; while its exam is locked it says why instead of offering a button."""
        missing, url = line.missing, line.url
        if line.activity is not None and line.state == "missing":
            lock = self.found.lock(line.activity, is_exam=True, now=self.now)
            if lock is not None and self.found.tally(line.activity).open_attempt_id is None:
                missing, url = standing.lock_words(lock, self.found.pathway), None
        return FindingView(
            line.title, line.state, line.figure, line.target, missing, url, line.action
        )

    def step(self, slug: str) -> StepView:
        activity = self.catalogue.activities.get(slug)
        tally = self.found.tally(slug)
        title = words.title_of(slug, self.catalogue)
        if activity is None:
            return StepView(title, "locked")
        url = activity.kind.start_url(slug)
        if tally.done_at is not None:
            is_learned = slug in self.found.stage.learn or tally.best_score is None
            latest = next((each for each in reversed(self.evidence) if each.activity == slug), None)
            best = best_result(activity, latest, tally.best_score)
            detail = _("学完了") if is_learned else _("最好 %(ratio)s", ratio=best)
            return StepView(title, "passed", url, detail)
        about = ngettext("约 %(count)s 分钟", round(activity.minutes))
        state = "in_progress" if tally.attempt_count else "todo"
        return StepView(title, state, url, about)

    def plan_view(self) -> Plan | None:
        if not self.plan:
            return None
        names = {words.title_of(step.for_activity, self.catalogue) for step in self.plan}
        locks = [self.found.tally(step.for_activity).retry_at for step in self.plan]
        latest = max((at for at in locks if at is not None and at > self.now), default=None)
        opens = _("%(time)s 之后可以再考。", time=soon(latest, self.now)) if latest else ""
        return Plan(
            reason=_("“%(names)s”没有通过，把丢分的地方补上。", names=_("、").join(sorted(names))),
            steps=[self.plan_step(step) for step in self.plan],
            done_count=sum(step.done_at is not None for step in self.plan),
            opens=opens or _("做完就能再考。"),
        )

    def plan_step(self, step: queries.StepRow) -> StepView:
        sections = [pick(self.catalogue.section_title(ref)) for ref in step.scope]
        title = words.title_of(step.activity, self.catalogue)
        activity = self.catalogue.activities.get(step.activity)
        about = ngettext("约 %(count)s 分钟", round(activity.minutes)) if activity else ""
        detail = _("、").join(sections) or about
        return StepView(
            title,
            "passed" if step.done_at else "needs_you",
            activity.kind.start_url(step.activity) if activity else None,
            detail,
        )

    def shown_results(self) -> list[EvidenceView]:
        return list(reversed(self.evidence[-SHORT_LIST:]))

    def result(self, view: EvidenceView) -> TimelineRow:
        activity = self.catalogue.activities.get(view.activity)
        url = None
        if view.source_kind == "attempt" and view.source_id is not None and activity is not None:
            url = activity.kind.attempt_url(view.source_id)
        elif kind := active.active().registry.evidence_kinds.get(view.kind):
            url = kind.evidence_url(view)
        stage = view.activity.removeprefix("sign-off:")
        title = words.title_of(view.activity, self.catalogue)
        if view.source_kind == "sign_off":
            title = _("带教签字") if stage else title
        state = "passed"
        if view.outcome.score is None:
            state = "waiting"
        elif self.is_below_gate(view):
            state = "failed"
        elif view.source_kind not in {"sign_off", "import"} and not self.is_gated(view):
            state = "done"
        return TimelineRow(view.at, title, pick(view.outcome.summary), state, url)

    def is_gated(self, view: EvidenceView) -> bool:
        """Whether a gate of the pathway asks for what was shown; practice is done, not passed."""
        return any(view.activity in stage.exams for stage in self.found.pathway.stages)

    def is_below_gate(self, view: EvidenceView) -> bool:
        """Whether an attempt at a gate's exam did not reach what the gate asks, old or new.

        A refused signature did not either, nor a flag that nobody may have.
        """
        is_flag = view.activity.startswith("flag:")
        if view.outcome.score == 0 and (view.source_kind == "sign_off" or is_flag):
            return True
        stages = (each for each in self.found.pathway.stages if view.activity in each.exams)
        stage = next(stages, None)
        if stage is None:
            return False
        alone = Facts.of([decisions.fact(view, self.zone)])
        leaves = stage.gate.rule.check(alone, self.now).leaves()
        return any(leaf.activity == view.activity and leaf.met is False for leaf in leaves)


def _notices(person_id: int, now: datetime) -> list[Row]:
    """Notices that still need a confirmation, those whose time is over as such."""
    return [
        Row(
            notice.title,
            _("已经过了时间：%(time)s", time=day(notice.due_at))
            if notice.is_overdue(now)
            else _("%(day)s 前读完并确认", day=day(notice.due_at)),
            url_for("notices.show", notice_id=notice.notice_id),
            "failed" if notice.is_overdue(now) else "needs_you",
        )
        for notice in cases.to_read(person_id)[:SHORT_LIST]
    ]


def _finished(certificate: certificates.Newest | None) -> tuple[str, str]:
    """What somebody who has finished may do, as the certificate stands, and the quiet line."""
    status = certificate.status if certificate is not None else Status.VALID
    if status is Status.SUSPENDED:
        return _("证书暂停了，现在不能上岗。"), _("原因写在证书那一页。")
    if status is Status.REVOKED:
        return _("证书撤销了，现在不能上岗。"), _("原因写在证书那一页。")
    if certificate is not None and (status is Status.EXPIRED or certificate.is_due):
        hint = _(
            "有效期到%(day)s为止。要继续上岗，请带教老师安排复训。",
            day=day(certificate.valid_until_on),
        )
        if status is Status.EXPIRED:
            return _("证书过期了，现在不能上岗。"), hint
        return _("全部通过，可以上岗了。证书快到期了。"), hint
    return _("全部通过，可以上岗了。"), _("每周打字练习照常做，证书到期前会提醒你。")


def _link(certificate: certificates.Newest | None) -> Action | None:
    """A link to the certificate."""
    if certificate is None:
        return None
    return Action(_("看证书"), url_for("certification.show", number=certificate.number))
