"""What the home pages say, put together from where people stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import url_for

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.certification import queries as certificates
from cstrain.core.evidence import ledger
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.core.pathway import decisions, overview, queries, standing, words
from cstrain.core.pathway.gates import Decision, Finding, Verdict
from cstrain.core.pathway.standing import Standing
from cstrain.core.people.access import Role, Viewer
from cstrain.desk.cases import queries as cases
from cstrain.kit.i18n import clock_time, day, ngettext, percent, pick
from cstrain.kit.i18n import gettext as _
from cstrain.layout.home import (
    Action,
    FailedQuestion,
    Figure,
    FindingView,
    GateView,
    ManagerHome,
    Person,
    Plan,
    Row,
    StageView,
    StepView,
    TimelineRow,
    TraineeHome,
    TrainerHome,
)

_STATES = {
    "open": "in_progress",
    "repeat": "failed",
    "wait": "waiting",
    "help": "needs_you",
    "passed": "passed",
}
_RESULTS_SHOWN = 6
_PEOPLE_SHOWN = 12
#: A message to a chat group with more names than this is read by nobody.
_COPIED_MOST = 200


def trainee_home(me: Viewer, now: datetime) -> TraineeHome:
    """The home of somebody who learns."""
    found = standing.of_person(me.id)
    if found is None:
        return TraineeHome(
            _("带教老师还没有给你安排培训路径。"), None, _("安排好以后，这里会写明第一步。")
        )
    return _Home(found, me, now).trainee()


class _Home:
    """One trainee's page, from one reading of standing, evidence and plan."""

    def __init__(self, found: Standing, me: Viewer, now: datetime) -> None:
        self.found, self.now = found, now
        self.catalogue = found.catalogue()
        self.evidence = ledger.of_enrolment(found.enrolment_id, found.cycle)
        zone = me.teams[found.team_id].timezone if found.team_id in me.teams else "Asia/Shanghai"
        self.decision: Decision = decisions.as_it_stands(found, self.evidence, zone, now=now)
        has_plan = any(tally.open_plan_count for tally in found.tallies.values())
        self.plan = queries.plan(found.enrolment_id) if has_plan else []

    def trainee(self) -> TraineeHome:
        sentence, action, hint = self.next_step()
        remaining_s, remaining_text = self.remaining()
        found = self.found
        passed = ""
        if found.is_completed or found.position:
            last = found.pathway.stages[
                found.position if found.is_completed else found.position - 1
            ]
            passed = pick(last.summary)
        return TraineeHome(
            sentence=sentence,
            action=action,
            hint=hint,
            pathway_title=pick(found.pathway.title),
            stages=[self.stage(index) for index in range(len(found.pathway.stages))],
            remaining_s=remaining_s,
            remaining_text=remaining_text,
            passed=passed,
            certificate=_certificate(found),
            plan=self.plan_view(),
            notices=_notices(found.person_id),
            results=[self.result(view) for view in self.shown_results()],
        )

    def next_step(self) -> tuple[str, Action | None, str]:
        """The sentence, the button and the quiet line under it."""
        found = self.found
        if found.is_completed:
            return _("全部通过，可以上岗了。"), None, _("每周打字练习照常做，证书到期前会提醒你。")
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
            hint = _(
                "这一阶段学完 %(done)s 课，共 %(all)s 课。", done=done, all=len(found.stage.learn)
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
        if self.decision.verdict is Verdict.WAIT:
            about = _("“%(gate)s”在等带教老师确认。", gate=gate)
            return about, None, _("老师已经收到提醒，确认以后这里会更新。")
        return _("这一阶段都做完了。"), None, ""

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
        findings = [
            self.finding(line) for line in words.lines(self.decision.finding, self.catalogue)
        ]
        gate = GateView(
            pick(stage.gate.title),
            _STATES[reached.state],
            _("每一条都达到，就进入下一阶段。"),
            findings,
        )
        return StageView(
            pick(stage.title),
            "in_progress",
            is_current=True,
            steps=[self.step(slug) for slug in (*stage.learn, *stage.practise)],
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
            detail = (
                _("学完了") if is_learned else _("最好 %(ratio)s", ratio=percent(tally.best_score))
            )
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
        opens = _("%(time)s 之后可以再考。", time=clock_time(latest)) if latest else ""
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
        detail = _("、").join(sections) or _("丢分 %(ratio)s", ratio=percent(step.lost_ratio))
        return StepView(
            title,
            "passed" if step.done_at else "needs_you",
            activity.kind.start_url(step.activity) if activity else None,
            detail,
        )

    def shown_results(self) -> list[EvidenceView]:
        return list(reversed(self.evidence[-_RESULTS_SHOWN:]))

    def result(self, view: EvidenceView) -> TimelineRow:
        activity = self.catalogue.activities.get(view.activity)
        url = None
        if view.source_kind == "attempt" and view.source_id is not None and activity is not None:
            url = activity.kind.attempt_url(view.source_id)
        stage = view.activity.removeprefix("sign-off:")
        title = words.title_of(view.activity, self.catalogue)
        if view.source_kind == "sign_off":
            title = _("带教签字") if stage else title
        state = "passed"
        if view.outcome.score is None:
            state = "waiting"
        elif self.is_below_gate(view):
            state = "failed"
        return TimelineRow(view.at, title, pick(view.outcome.summary), state, url)

    def is_below_gate(self, view: EvidenceView) -> bool:
        """Whether the latest row of a gate's exam is one that did not reach it."""
        if view.outcome.score == 0 and view.source_kind == "sign_off":
            return True
        for leaf in self.decision.finding.leaves():
            if leaf.activity == view.activity and view.id in leaf.evidence_ids:
                return leaf.met is False
        return bool(view.outcome.shortfalls) and view.activity in self.found.stage.exams


def trainer_home(me: Viewer, now: datetime) -> TrainerHome:
    """The home of somebody who trains."""
    teams = me.team_ids(Role.TRAINER, Role.MANAGER, Role.ADMINISTRATOR)
    progress = overview.progress(teams, now)
    first = queries.in_training(teams, limit=_COPIED_MOST)
    waiting = [row for row in first if row.state in {"help", "wait"}]
    catalogues = {
        team_id: active.for_team(me.teams[team_id].slug) for team_id in teams if team_id in me.teams
    }
    people = [_person(row, catalogues[row.team_id]) for row in first[:_PEOPLE_SHOWN]]
    if progress.waiting_count:
        sentence = ngettext("有 %(count)s 位学员在等你。", progress.waiting_count)
        action = Action(_("去处理"), url_for("queue.index"))
    else:
        sentence, action = _("没有人在等你。"), None
    return TrainerHome(
        sentence=sentence,
        action=action,
        waiting=[_waiting_row(row) for row in waiting[:_RESULTS_SHOWN]],
        people=people,
        people_count=progress.active_count,
        people_url=url_for("roster.index"),
        failed=_failed(teams, catalogues),
        copy_text=_copy_text(first, catalogues),
    )


def _waiting_row(row: queries.InTraining) -> Row:
    stage = standing.pinned(row.pathway_digest).stage(row.stage)
    text = _("次数用完，等你决定") if row.state == "help" else _("等你签字或确认")
    url = url_for("pathway.enrolment_page", enrolment_id=row.enrolment_id)
    return Row(
        row.name, f"{pick(stage.gate.title)} · {text}", url, _STATES[row.state], at=row.since_at
    )


def _person(row: queries.InTraining, catalogue: Catalogue) -> Person:
    stage = standing.pinned(row.pathway_digest).stage(row.stage)
    turn = {
        "help": _("轮到你"),
        "wait": _("轮到你"),
        "repeat": _("轮到学员"),
        "open": _("轮到学员"),
    }
    return Person(
        name=row.name,
        url=url_for("pathway.enrolment_page", enrolment_id=row.enrolment_id),
        stage=pick(stage.title),
        done_count=row.learned_count,
        step_count=len(stage.learn),
        state=_STATES[row.state],
        label=words.stage_state_word(row.state),
        missing=_missing(row, catalogue),
        whose_turn=turn.get(row.state, ""),
    )


def _missing(row: queries.InTraining, catalogue: Catalogue) -> str:
    """What a trainee still lacks, in words."""
    stage = standing.pinned(row.pathway_digest).stage(row.stage)
    lessons = len(stage.learn) - row.learned_count
    parts = [ngettext("%(count)s 节课", lessons)] if lessons > 0 else []
    for slug in row.missing:
        if slug == stage.sign_off_slot:
            parts.append(_("签字"))
        else:
            parts.append(words.title_of(slug, catalogue))
    return _("、").join(parts)


def _failed(teams: Sequence[int], catalogues: dict[int, Catalogue]) -> list[FailedQuestion]:
    catalogue = next(iter(catalogues.values()), None)
    if catalogue is None:
        return []
    rows: list[FailedQuestion] = []
    for kind in active.active().registry.kinds.values():
        for point in kind.weak_points(teams, 5):
            title = pick(catalogue.section_title(point.section))
            rows.append(
                FailedQuestion(
                    point.text,
                    f"{point.section} {title}",
                    url_for("catalogue.section", ref=point.section),
                    point.wrong_count,
                    point.answered_count,
                )
            )
    return rows[:5]


def _copy_text(rows: Sequence[queries.InTraining], catalogues: dict[int, Catalogue]) -> str:
    lines = [
        _(
            "%(name)s：还差 %(missing)s",
            name=row.name,
            missing=_missing(row, catalogues[row.team_id]),
        )
        for row in rows
        if row.missing or row.state == "open"
    ]
    return "\n".join(lines)


def manager_home(me: Viewer, now: datetime) -> ManagerHome:
    """The home of somebody who answers for the team."""
    teams = me.team_ids(Role.MANAGER, Role.ADMINISTRATOR)
    counts = certificates.duty_counts(teams, now)
    progress = overview.progress(teams, now)
    on_duty = sum(count.on_duty_count for count in counts)
    needed = sum(count.needed_count for count in counts)
    missing = sum(count.missing_count for count in counts)
    due = sum(count.due_count for count in counts)
    board = url_for("board.index")
    return ManagerHome(
        sentence=certificates.sentence_of(counts),
        state="needs_you" if missing else "passed",
        figures=[
            Figure(
                _("今天可上岗"),
                str(on_duty),
                _("人"),
                _("需要 %(n)s 人", n=needed) if needed else "",
                "needs_you" if missing else "passed",
                url_for("board.duty"),
            ),
            Figure(_("七天内到期"), str(due), _("人"), state="needs_you" if due else ""),
            Figure(
                _("卡住"), str(progress.stuck_count), _("人"), url=url_for("board.index", stuck=1)
            ),
            Figure(
                _("等带教老师"), str(progress.waiting_count), _("人"), url=url_for("queue.index")
            ),
        ],
        stuck=[
            Row(
                row.name,
                f"{row.text} · {row.turn}",
                url_for("pathway.enrolment_page", enrolment_id=row.enrolment_id),
                "needs_you",
            )
            for row in overview.stuck_people(teams, now, limit=_PEOPLE_SHOWN)
        ],
        overrides=[
            Row(
                _("%(name)s：%(verdict)s", name=row.name, verdict=words.verdict_word(row.verdict)),
                _("%(by)s：%(reason)s", by=row.by_name, reason=row.reason),
                url_for("pathway.enrolment_page", enrolment_id=row.enrolment_id),
                "needs_you",
                at=row.at,
            )
            for row in overview.single_handed(teams, now, limit=_RESULTS_SHOWN)
        ],
        board=Action(_("看板"), board),
        duty_list=Action(_("打印今天的上岗名单"), url_for("board.duty")),
    )


def _notices(person_id: int) -> list[Row]:
    """Notices that still need a confirmation."""
    return [
        Row(
            notice.title,
            _("%(day)s 前读完并确认", day=day(notice.due_at)),
            url_for("notices.show", notice_id=notice.notice_id),
            "needs_you",
        )
        for notice in cases.to_read(person_id)[:_RESULTS_SHOWN]
    ]


def _certificate(found: Standing) -> Action | None:
    """A link to the newest certificate of somebody who has finished."""
    if not found.is_completed:
        return None
    number = certificates.newest_number(found.person_id)
    if number is None:
        return None
    return Action(_("看证书"), url_for("certification.show", number=number))
