"""The kind: what the core asks of typing tests."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from cstrain import plugin
from cstrain.activities.typing_speed import (  # jobs registers its duty
    jobs,  # noqa: F401
    queries,
    service,
    spec,
    views,
)
from cstrain.activities.typing_speed.checks import FlagCode, Verdict
from cstrain.activities.typing_speed.models import TypingRun
from cstrain.activities.typing_speed.spec import TypingSpec
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import figure, percent

SLACK_S = 300
"""Beyond the limit: to read the rules before the first key, and to send after the last."""


class TypingKind(plugin.ActivityKind):
    """Typing a Chinese passage through an input method, judged from the event log."""

    api_version = plugin.API_VERSION
    name = "typing_speed"
    title: ClassVar = {"zh": "打字", "en": "Typing"}
    measures: ClassVar = (
        plugin.Measure(
            "net_cpm",
            {"zh": "净速度", "en": "Net speed"},
            {"zh": "字/分", "en": "chars/min"},
        ),
        plugin.Measure(
            "accuracy_ratio", {"zh": "正确率", "en": "Accuracy"}, {"zh": "%", "en": "%"}
        ),
        plugin.Measure(
            "gross_cpm",
            {"zh": "毛速度", "en": "Gross speed"},
            {"zh": "字/分", "en": "chars/min"},
        ),
        plugin.Measure(
            "best_net_cpm",
            {"zh": "最好成绩", "en": "Personal best"},
            {"zh": "字/分", "en": "chars/min"},
        ),
        plugin.Measure(
            "week_days_count",
            {"zh": "本周练习天数", "en": "Days practised this week"},
            {"zh": "天", "en": "days"},
        ),
        plugin.Measure("elapsed_s", {"zh": "用时", "en": "Time"}, {"zh": "秒", "en": "s"}),
        plugin.Measure("typed_chars", {"zh": "字数", "en": "Characters"}, {"zh": "字", "en": ""}),
    )
    blueprint = views.bp
    materials: ClassVar = {spec.MATERIAL: spec.load_material}

    def load(self, source: plugin.Source) -> TypingSpec:
        """Read a test's file."""
        return spec.load_activity(source)

    def check(self, catalogue: plugin.Catalogue) -> Iterable[ContentProblem]:
        """Doubled names, leaked blocks, a pool too small, a missing practice activity."""
        return spec.check(catalogue, self.name)

    def minutes(self, spec: TypingSpec) -> float:
        """The limit and a minute to settle down."""
        return spec.minutes + 1

    def time_limit_s(self, spec: TypingSpec) -> int:
        """The limit with slack; the run's own clock starts at the first key."""
        return spec.minutes * 60 + SLACK_S

    def is_exam(self, spec: TypingSpec) -> bool:
        """Official tests are."""
        return spec.is_official

    def prepare(
        self,
        attempt: plugin.AttemptView,
        spec: TypingSpec,
        rng: random.Random,
        *,
        now: datetime,
    ) -> None:
        """Draw the text; extra time shows in the deadline and stretches the limit alike."""
        limit_ms = spec.limit_ms
        if attempt.deadline_at is not None:
            given_s = (attempt.deadline_at - attempt.started_at).total_seconds()
            limit_ms = round(limit_ms * given_s / self.time_limit_s(spec))
        service.prepare(attempt, spec, rng, limit_ms=limit_ms, now=now)

    def start_url(self, slug: str) -> str:
        """The page with the rules, the weekly duty and the button."""
        return f"{plugin.root()}/typing/{slug}"

    def attempt_url(self, attempt_id: int) -> str:
        """The field while it is open, the result afterwards."""
        return f"{plugin.root()}/typing/attempts/{attempt_id}"

    def close(self, attempt: plugin.AttemptView, *, now: datetime) -> plugin.Outcome:
        """Judge what has arrived."""
        service.judge(attempt.id)
        return self._outcome(attempt, now=now)

    def settle(
        self, attempt: plugin.AttemptView, *, accepted: bool, now: datetime
    ) -> plugin.Outcome:
        """Accepted figures stand; refused ones stand for nothing."""
        if accepted:
            service.accept(attempt.id)
        else:
            service.refuse(attempt.id)
        return self._outcome(attempt, now=now, is_settled=True)

    def _outcome(
        self, attempt: plugin.AttemptView, *, now: datetime, is_settled: bool = False
    ) -> plugin.Outcome:
        """Put a judged run into the core's terms."""
        run = queries.run_of(attempt.id)
        asked: TypingSpec = plugin.spec_of(attempt)
        if not is_settled and _awaits_a_look(run):
            return plugin.Outcome(None, _measures(run, now=now), (), _summary(run))
        shortfalls = _shortfalls(run, asked) if run.is_official else ()
        if not run.is_recorded:
            return plugin.Outcome(0.0, {}, shortfalls, _NOT_COUNTED)
        return plugin.Outcome(
            _score(run, asked), _measures(run, now=now), shortfalls, _summary(run)
        )


def _awaits_a_look(run: TypingRun) -> bool:
    """Whether a person must decide: an official run nobody watched, or one with a flag.

    What cannot have been typed, and what is too little to tell anything, needs no look.
    """
    if not run.is_official or run.verdict == Verdict.REJECT:
        return False
    codes = {flag["code"] for flag in (run.result or {}).get("flags", ())}
    if FlagCode.TOO_LITTLE in codes:
        return False
    return run.supervised_by_person_id is None or run.verdict != Verdict.VALID


def _score(run: TypingRun, asked: TypingSpec) -> float:
    """How much of what is asked was reached; the accuracy where nothing is."""
    net, accuracy = run.net_cpm or 0.0, run.accuracy_ratio or 0.0
    if asked.min_net_cpm is None or asked.min_accuracy_ratio is None:
        return accuracy
    return min(1.0, net / asked.min_net_cpm, accuracy / asked.min_accuracy_ratio)


def _measures(run: TypingRun, *, now: datetime) -> dict[str, float]:
    """The figures that gates, boards and awards read."""
    figures = service.figures_of(run)
    best = queries.own_best(run.person_id)
    days = queries.days_this_week(
        run.person_id, timezone=queries.team_timezone(run.team_id), now=now
    )
    measures = {
        "net_cpm": run.net_cpm,
        "accuracy_ratio": run.accuracy_ratio,
        "gross_cpm": figures.get("gross_cpm"),
        "best_net_cpm": best,
        "week_days_count": days,
        "elapsed_s": (run.elapsed_ms or 0) / 1000,
        "typed_chars": figures.get("typed_chars"),
    }
    return {name: float(value) for name, value in measures.items() if value is not None}


def _shortfalls(run: TypingRun, asked: TypingSpec) -> tuple[plugin.Shortfall, ...]:
    """What to practise: one step, for the greater of the two gaps."""
    if not run.is_recorded:
        return (_shortfall(asked, 1.0, "too_slow"),)
    slow = 1 - min(1.0, (run.net_cpm or 0.0) / (asked.min_net_cpm or 1.0))
    wrong = 1 - min(1.0, (run.accuracy_ratio or 0.0) / (asked.min_accuracy_ratio or 1.0))
    if not slow and not wrong:
        return ()
    if slow >= wrong:
        return (_shortfall(asked, slow, "too_slow"),)
    return (_shortfall(asked, wrong, "too_many_errors"),)


def _shortfall(asked: TypingSpec, lost_ratio: float, reason: str) -> plugin.Shortfall:
    target = plugin.ContentRef(f"activity:{asked.practice}")
    return plugin.Shortfall(target, lost_ratio, 1, reason)


def _summary(run: TypingRun) -> dict[str, str]:
    """The run in one line, readable without this kind."""
    net, accuracy = figure(run.net_cpm), percent(run.accuracy_ratio, 1)
    return {
        "zh": f"净速度 {net} 字/分，正确率 {accuracy}",
        "en": f"{net} chars/min net, accuracy {accuracy}",
    }


_NOT_COUNTED = {"zh": "这次打字不计成绩", "en": "This typing run does not count"}

KIND = TypingKind()
