"""What the three home pages show. Views fill these; ``templates/layout/home.html`` prints them.

All texts are ready in the reader's language, figures with their unit. States are those of
``state_badge``: passed, in_progress, needs_you, failed, locked, waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cstrain.core.catalogue.catalogue import Activity
from cstrain.core.catalogue.folders import Unpublished
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.kit.i18n import figure, percent, pick

#: The state of a stage → the state as pages show it.
STATES = {
    "open": "in_progress",
    "repeat": "failed",
    "wait": "waiting",
    "help": "needs_you",
    "passed": "passed",
}
#: How many rows a short list of a home page has.
SHORT_LIST = 6


@dataclass(frozen=True, slots=True)
class Action:
    """A button.

    Attributes:
        label: A verb: 去练习, 开始考试.
        url: Where it leads.
        is_post: Whether it is posted (with the CSRF token) instead of opened.
    """

    label: str
    url: str
    is_post: bool = False


@dataclass(frozen=True, slots=True)
class FindingView:
    """One condition of a gate.

    Attributes:
        title: What is asked for: 打字速度, 基础考试.
        state: ``met``, ``missing`` or ``waiting`` (for somebody else).
        figure: What the trainee has: ``36 字/分``; empty when there is nothing yet.
        target: What is asked: ``40 字/分``; empty for things that are done or not.
        missing: What is still missing, in words; empty when met.
        url: Where to do it; printed for ``missing`` only.
        action: The verb on that button.
    """

    title: str
    state: str
    figure: str = ""
    target: str = ""
    missing: str = ""
    url: str | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class StepView:
    """A lesson, exercise or exam of a stage or a plan; url None while it is locked."""

    title: str
    state: str
    url: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GateView:
    """A gate. Its conditions are printed open where ``findings`` is not empty.

    Attributes:
        title: 基础关.
        state: passed, needs_you, waiting, failed or locked.
        text: One sentence: what it takes, or when it was passed.
        findings: Every condition; leave empty for gates that are not the current one.
    """

    title: str
    state: str
    text: str = ""
    findings: Sequence[FindingView] = ()


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage of the path.

    Attributes:
        text: Stands under its title instead of the state's word.
        steps: What is open in it, and its practice.
        learned: Its lessons that are done; they are folded, so that what is open stands out.
    """

    title: str
    state: str
    text: str = ""
    is_current: bool = False
    steps: Sequence[StepView] = ()
    learned: Sequence[StepView] = ()
    gate: GateView | None = None


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """Something that happened, newest first."""

    at: datetime
    title: str
    text: str = ""
    state: str = "passed"
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A retraining plan.

    Attributes:
        reason: Why, in one sentence.
        steps: What to relearn.
        done_count: How many are done.
        opens: When the next attempt opens, in words.
    """

    reason: str
    steps: Sequence[StepView]
    done_count: int
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list: a name, what about it, and a state."""

    title: str
    text: str = ""
    url: str | None = None
    state: str = ""
    label: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TraineeHome:
    """The home of a trainee.

    Attributes:
        sentence: The one next step, a whole sentence.
        action: The one primary button; None when somebody else's turn it is.
        hint: A quiet line under the sentence; empty for none.
        red_line: Leads to the chat in which a red line was touched lately; None for none.
        pathway_title: The path's name.
        stages: The path in order.
        is_renewing: Whether a valid certificate is held; then the path leads to a new one.
        remaining_s: About how much work is left, in seconds; None when nothing is.
        remaining_text: What that is made of: ``3 节课、1 次考试``.
        passed_gate: After a pass, until the next gate is missed: its title.
        passed: What one may do since, in words; empty otherwise.
        certificate: A link to the certificate; None before it exists.
        plan: The open retraining plan.
        repeats: Questions answered wrong that are due again; None for none.
        calls: Open attempts in which somebody waits for the trainee.
        notices: Notices to read that still need a confirmation.
        results: Recent results, newest first, at most six.
    """

    sentence: str
    action: Action | None
    hint: str = ""
    red_line: Action | None = None
    pathway_title: str = ""
    stages: Sequence[StageView] = ()
    is_renewing: bool = False
    remaining_s: float | None = None
    remaining_text: str = ""
    passed_gate: str = ""
    passed: str = ""
    certificate: Action | None = None
    plan: Plan | None = None
    repeats: Row | None = None
    calls: Sequence[Action] = ()
    notices: Sequence[Row] = ()
    results: Sequence[TimelineRow] = ()


@dataclass(frozen=True, slots=True)
class FailedQuestion:
    """A question that the class gets wrong.

    Attributes:
        stem: Its words, plain, shortened.
        section: The section it tests: ``1.2 行为规范``.
        url: That section.
        wrong_count: How many got it wrong.
        answered_count: Of how many.
    """

    stem: str
    section: str
    url: str | None
    wrong_count: int
    answered_count: int


@dataclass(frozen=True, slots=True)
class Person:
    """One of the trainer's people.

    Attributes:
        name: Who.
        url: The person's page.
        stage: The stage the person is in.
        done_count: Steps done in that stage.
        step_count: Steps of that stage.
        state: How it stands.
        label: The state in own words; empty for the usual one.
        missing: What is missing, in words.
        whose_turn: Whose turn it is, in words.
    """

    name: str
    url: str
    stage: str
    done_count: int
    step_count: int
    state: str
    label: str = ""
    missing: str = ""
    whose_turn: str = ""


@dataclass(frozen=True, slots=True)
class TrainerHome:
    """The home of a trainer.

    Attributes:
        sentence: What waits, as one sentence; the calm one when nothing does.
        mark: Leads to the next review; None when none waits. It is primary, and the action is not.
        action: Leads to all that waits; None when nothing else does.
        waiting: What waits for the trainer, oldest first.
        people: The trainer's people, those in need first.
        people_count: How many there are in all.
        people_url: The whole list.
        failed: The five questions the class failed most, worst first.
        copy_text: "Who is missing what" for a chat group, lines by newline; empty for none.
    """

    sentence: str
    mark: Action | None = None
    action: Action | None = None
    waiting: Sequence[Row] = ()
    people: Sequence[Person] = ()
    people_count: int = 0
    people_url: str | None = None
    failed: Sequence[FailedQuestion] = ()
    copy_text: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit. ``state`` only where the number itself is good or bad news."""

    label: str
    value: str
    unit: str
    hint: str = ""
    state: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ManagerHome:
    """The home of a manager.

    Attributes:
        sentence: 今天可上岗 23 人，缺 2 人，3 人本周到期。
        state: passed when enough may work today, else needs_you.
        figures: The four figures, in this order: may work today, due to expire, stuck,
            waiting for a trainer.
        stuck: Who is stuck: title the person, text on what and since when and whose turn.
        red_lines: Whose chats touched a red line lately, newest first.
        overrides: Decisions against a gate's result that a second person did not confirm.
        board: The link to the board.
        duty_list: The link to the printable list of who may work today.
        unpublished: Why the content folders are not in force; None when they are.
    """

    sentence: str
    state: str
    figures: Sequence[Figure] = ()
    stuck: Sequence[Row] = ()
    red_lines: Sequence[Row] = ()
    overrides: Sequence[Row] = ()
    board: Action | None = None
    duty_list: Action | None = None
    unpublished: Unpublished | None = None


def best_result(activity: Activity, latest: EvidenceView | None, score: float | None) -> str:
    """The best result: the measure ``best_…`` where the kind keeps one, else the score."""
    for measure in activity.kind.measures:
        found = latest.outcome.measures.get(measure.name) if latest is not None else None
        if measure.name.startswith("best_") and found is not None:
            return f"{figure(found)} {pick(measure.unit)}".strip()
    return percent(score) if score is not None else ""
