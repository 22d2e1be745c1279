"""The kind ``live_practice``: what the core asks of it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from flask import render_template
from markupsafe import Markup
from sqlalchemy import Row

from cstrain import plugin
from cstrain.activities.live_practice import (
    lint,
    model,  # noqa: F401 - its view belongs to the blueprint
    person_service,
    person_views,  # noqa: F401 - its views belong to the blueprint
    queries,
    reading,
    results,
    service,
    spec,
    try_views,  # noqa: F401 - likewise
    views,
)
from cstrain.activities.live_practice.measuring import Measured, measure
from cstrain.activities.live_practice.points import Chat
from cstrain.activities.live_practice.spec import PracticeSpec
from cstrain.activities.live_practice.timing import session_ms, whole_seconds
from cstrain.kit.chat import ChatLine
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import percent

_S: Final = {"zh": "秒", "en": "s"}
_PLACES: Final = {"zh": "处", "en": ""}
_PEOPLE: Final = {"zh": "位", "en": ""}


class PracticeKind(plugin.ActivityKind):
    """Receiving simulated customers: practice, and assessments that a trainer marks."""

    api_version: ClassVar[int] = plugin.API_VERSION
    name: ClassVar[str] = views.KIND
    title: ClassVar[Mapping[str, str]] = {"zh": "模拟接待", "en": "Live practice"}
    measures: ClassVar[Sequence[plugin.Measure]] = (
        plugin.Measure("customer_count", {"zh": "顾客", "en": "Customers"}, _PEOPLE),
        plugin.Measure("answered_count", {"zh": "回了", "en": "Answered"}, _PEOPLE),
        plugin.Measure("reply_ratio", {"zh": "回复率", "en": "Reply rate"}, {"zh": "%", "en": "%"}),
        plugin.Measure("first_response_s", {"zh": "首次响应", "en": "First response"}, _S),
        plugin.Measure(
            "first_response_all_s",
            {"zh": "首次响应（含自动回复）", "en": "First response, auto-replies counted"},
            _S,
        ),
        plugin.Measure("mean_response_s", {"zh": "平均响应", "en": "Mean response"}, _S),
        plugin.Measure(
            "mean_response_all_s",
            {"zh": "平均响应（含自动回复）", "en": "Mean response, auto-replies counted"},
            _S,
        ),
        plugin.Measure("good_count", {"zh": "好结果", "en": "Ended well"}, _PEOPLE),
        plugin.Measure("paid_count", {"zh": "付款", "en": "Paid"}, _PEOPLE),
        plugin.Measure(
            "value_per_customer_yuan",
            {"zh": "客单价", "en": "Value per customer"},
            {"zh": "元", "en": "yuan"},
        ),
        plugin.Measure(
            "typed_cpm",
            {"zh": "打字", "en": "Typing"},
            {"zh": "字/分", "en": "chars/min"},
        ),
        plugin.Measure("forbidden_count", {"zh": "违禁", "en": "Forbidden words"}, _PLACES),
        plugin.Measure("promise_count", {"zh": "答应回来", "en": "Promises"}, _PLACES),
        plugin.Measure("promises_kept_count", {"zh": "说到做到", "en": "Promises kept"}, _PLACES),
        *(
            plugin.Measure(
                f"{rule}_{state}_count",
                {"zh": f"{titles[0]}{words[0]}", "en": f"{titles[1]} {words[1]}"},
                _PLACES,
            )
            for rule, titles in (
                ("facts", ("事实", "Facts")),
                ("actions", ("操作", "Actions")),
                ("steps", ("步骤", "Steps")),
            )
            for state, words in (
                ("right", ("对", "right")),
                ("wrong", ("错", "wrong")),
                ("missing", ("漏", "missing")),
                ("unclear", ("看不准", "unclear")),
            )
        ),
    )
    blueprint = views.bp
    materials: ClassVar = {reading.MATERIAL: reading.load}

    def load(self, source: plugin.Source) -> PracticeSpec:
        """Read a practice file; its problems come out as ``ContentError``."""
        return spec.load(source)

    def check(self, catalogue: plugin.Catalogue) -> Iterable[ContentProblem]:
        """Problems of scenarios, and sessions for which nobody can come."""
        yield from lint.check(catalogue)
        rubrics, gated = plugin.rubrics_of(catalogue), _gated(catalogue)
        known = {each.slug for each in queries.scenarios_of(catalogue)}
        for activity in catalogue.activities.values():
            if activity.kind is not self:
                continue
            asked: PracticeSpec = activity.spec
            missing = [slug for slug in asked.scenarios if slug not in known]
            for slug in missing:
                yield asked.problem(_("没有这个情景：%(slug)s", slug=slug), "scenarios")
            if asked.rubric not in rubrics:
                yield asked.problem(_("没有这份评分表：%(slug)s", slug=asked.rubric), "rubric")
            # A shop may have scenarios for some posts only; its gates must not ask for others.
            is_asked = known and not missing and activity.slug in gated and not asked.is_played
            if is_asked and not queries.candidates(asked, catalogue):
                yield asked.problem(_("没有一个情景合这里的条件，关卡却要它"), "levels")

    def advice(self, catalogue: plugin.Catalogue) -> Iterable[ContentProblem]:
        """What a writer of scenarios would mend."""
        return lint.advice(catalogue)

    def notes(self, catalogue: plugin.Catalogue) -> Iterable[str]:
        """How many scenarios there are for each session."""
        if not queries.scenarios_of(catalogue):
            return
        for activity in catalogue.activities.values():
            if activity.kind is self and not activity.spec.is_played:
                there = len(queries.candidates(activity.spec, catalogue))
                yield f"{activity.slug}: {there} scenarios for {activity.spec.count} customers"

    def minutes(self, spec: PracticeSpec) -> float:
        """The time limit, or about how long the customers take."""
        return spec.about_minutes

    def time_limit_s(self, spec: PracticeSpec) -> int | None:
        """The time limit."""
        return None if spec.minutes is None else spec.minutes * 60

    def is_exam(self, spec: PracticeSpec) -> bool:
        """Assessments are."""
        return spec.is_exam

    def prepare(
        self,
        attempt: plugin.AttemptView,
        spec: PracticeSpec,
        rng: random.Random,
        *,
        now: datetime,
    ) -> None:
        """Draw who comes, and freeze it."""
        del rng, now  # the attempt's own seed and start
        service.prepare(attempt, spec)

    def start_url(self, slug: str) -> str:
        """The page before it."""
        return f"{plugin.root()}/practice/{slug}"

    def attempt_url(self, attempt_id: int) -> str:
        """The reception desk while it is open, the result afterwards."""
        return f"{plugin.root()}/practice/{attempt_id}"

    def call(self, asked: PracticeSpec, attempt_id: int) -> str | None:
        """The trainer who waits as a customer."""
        if not asked.is_played:
            return None
        player = person_service.player_of(attempt_id)
        name = plugin.name_of(player.person_id) if player is not None else ""
        return _("%(name)s在等你练一单", name=name or _("带教老师"))

    def close(self, attempt: plugin.AttemptView, *, now: datetime) -> plugin.Outcome:
        """Play to the end, measure, and judge practice; assessments wait for a trainer."""
        service.close(attempt, now=now)
        return self._outcome(attempt)

    def regrade(self, attempt: plugin.AttemptView, *, now: datetime) -> plugin.Outcome:
        """Measure what is kept again."""
        del now
        return self._outcome(attempt)

    def needs_review(
        self, attempt: plugin.AttemptView, outcome: plugin.Outcome
    ) -> plugin.ReviewRequest | None:
        """The rubric, with what the rules propose."""
        del outcome
        row = queries.session_of(attempt.id)
        chats = results.kept_chats(attempt, row)
        of = results.numbers(chats)
        proposals = {
            name: results.numbered(each, of)
            for name, each in _measure(attempt, row, chats).proposals.items()
        }
        return plugin.ReviewRequest(spec.Settings.from_json(row.settings).rubric, proposals)

    def render_review(self, attempt: plugin.AttemptView) -> Markup:
        """Every chat with the marks of the rules at its lines. One statement."""
        row = queries.session_of(attempt.id)
        shown = results.shown(
            attempt, results.kept_chats(attempt, row), results.kept_points(row), with_marks=True
        )
        page = render_template("live_practice/transcript.html", chats=shown, with_style=True)
        return Markup(page)  # noqa: S704 - a template of ours

    def chats(self, attempt: plugin.AttemptView) -> Sequence[tuple[str, Sequence[ChatLine]]]:
        """Every customer with what was said. Two statements."""
        kept = results.kept_chats(attempt, queries.session_of(attempt.id))
        return [(each.scenario.customer.nick, results.said(each)) for each in kept]

    def _outcome(self, attempt: plugin.AttemptView) -> plugin.Outcome:
        row = queries.session_of(attempt.id)
        chats = results.chats_of(attempt, row)
        settings = spec.Settings.from_json(row.settings)
        measured = _measure(attempt, row, chats, only_clear=not settings.is_exam)
        service.keep_result(attempt.id, results.kept(measured, chats))
        score, shortfalls = None, measured.shortfalls
        if not settings.is_exam and not settings.is_played:
            request = plugin.ReviewRequest(settings.rubric, measured.proposals)
            scored = plugin.score_by_rules(attempt, request)
            known = {each.target for each in shortfalls}
            shortfalls += tuple(each for each in scored.shortfalls if each.target not in known)
            score = scored.ratio or 0.0
        summary = _summary(measured.measures, score)
        return plugin.Outcome(score, measured.measures, shortfalls, summary)


def _measure(
    attempt: plugin.AttemptView, row: Row[Any], chats: Sequence[Chat], *, only_clear: bool = False
) -> Measured:
    """Measure a session up to its end, by the clock on the team's wall."""
    end = row.closed_at or attempt.started_at
    if row.deadline_at is not None:
        end = min(end, row.deadline_at)
    end_ms = session_ms(end, started_at=row.started_at, paused_at=None, paused_ms=row.paused_ms)
    zone = ZoneInfo(queries.team_timezone(attempt.team_id))
    local = row.started_at.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return measure(
        chats,
        end_ms=end_ms,
        midnight_s=(midnight - local) / timedelta(seconds=1),
        only_clear=only_clear,
    )


def _gated(catalogue: plugin.Catalogue) -> set[str]:
    """The activities whose attempts a gate limits."""
    pathways: Sequence[Any] = catalogue.materials.get("pathway", ())
    return {slug for each in pathways for stage in each.stages for slug in stage.gate.attempts}


def _summary(measures: Mapping[str, Any], score: float | None) -> dict[str, str]:
    """A session in one line, readable without this kind."""
    came, good = int(measures["customer_count"]), int(measures["good_count"])
    zh = f"接了 {came} 位，{good} 位有好结果"
    en = f"{came} customer{'' if came == 1 else 's'}, {good} ended well"
    if (first := measures.get("first_response_s")) is not None:
        waited = whole_seconds(first)
        zh, en = f"{zh}，首次响应 {waited} 秒", f"{en}, first response {waited} s"
    if score is not None:
        zh, en = f"{zh}，得分 {percent(score)}", f"{en}, score {percent(score)}"
    return {"zh": zh, "en": en}


KIND = PracticeKind()
