"""Writes of lessons: begin, open, answer, end. Nothing here commits."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from cstrain import plugin
from cstrain.activities.lesson import queries
from cstrain.activities.lesson.models import LessonAnswer, LessonProgress, PromptThought
from cstrain.activities.lesson.progress import Progress
from cstrain.activities.lesson.spec import LessonSpec
from cstrain.kit.db import db, insert_for
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import AttemptView, Item, Outcome, canonical, grading, paper, responses

#: Bank questions that retraining draws for each failed section.
DRAWN_COUNT = 2
#: Orders in which a question's replies may stand; readers are spread over them.
ORDER_COUNT = 7
#: From how many thoughts on a prompt their shares are shown.
SHARES_FROM = 5
_MAX_REPORT = 1_000_000
_MAX_THOUGHT = 60


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of an answer.

    Attributes:
        others: Share of others by thought, for a prompt; empty while too few have answered.
    """

    frozen: paper.FrozenItem
    response: responses.Response
    graded: grading.Graded
    others: Mapping[str, float]


def frozen(item: Item, person_id: int) -> paper.FrozenItem:
    """The order in which a reader sees a question: always the same, not everybody's."""
    seed = f"{item.id}:{person_id % ORDER_COUNT}"
    return paper.freeze(item, random.Random(seed))  # noqa: S311 - an order, no secret


def prepare(attempt: AttemptView, spec: LessonSpec, rng: random.Random, *, now: datetime) -> None:
    """Make the row that keeps how far the reader is, and draw what retraining asks for."""
    del now
    is_relearning = attempt.number > 1
    db.session.add(
        LessonProgress(
            attempt_id=attempt.id,
            content_digest=attempt.content_digest,
            is_relearning=is_relearning,
            scope=list(attempt.scope),
            opened=[],
        )
    )
    if not is_relearning:
        return
    catalogue = plugin.catalogue_of(attempt)
    for section in attempt.scope or (spec.slug,):
        pool = [
            entry
            for entry in catalogue.bank.values()
            if entry.item.use.allows(plugin.Use.PRACTICE)
            and (entry.lesson if section == spec.slug else entry.section) == section
        ]
        for entry in rng.sample(pool, min(DRAWN_COUNT, len(pool))):
            db.session.add(
                LessonAnswer(
                    attempt_id=attempt.id,
                    item_id=entry.item.id,
                    item_digest=entry.digest,
                    drawn_for=section,
                )
            )
    db.session.flush()


def open_parts(
    attempt: AttemptView, spec: LessonSpec, refs: Sequence[str], number: int, *, now: datetime
) -> Progress:
    """Note that parts came into view.

    Args:
        attempt: The reader's open attempt, held by ``plugin.start``.
        spec: The lesson as the attempt began.
        refs: What was opened; again is no harm.
        number: The number of the report, from 1, one more for each; the newest is kept.
        now: The time.

    Raises:
        InvalidError: If a ref is not one of the lesson's parts, or the number is none.
    """
    known = {part.ref for part in spec.parts}
    if not 1 <= number <= _MAX_REPORT or not refs or not set(refs) <= known:
        raise InvalidError(_("没有这一部分。"))
    row = db.session.execute(
        select(LessonProgress.opened, LessonProgress.report_number).where(
            LessonProgress.attempt_id == attempt.id
        )
    ).one()
    opened = list(dict.fromkeys([*row.opened, *refs]))
    db.session.execute(
        update(LessonProgress)
        .where(LessonProgress.attempt_id == attempt.id)
        .values(opened=opened, report_number=max(row.report_number, number), opened_at=now)
    )
    return queries.progress(attempt.id, spec)


def check(item: Item, raw: Any, *, person_id: int) -> Checked:
    """Judge an answer without keeping it: for previews, and for reading once more.

    Raises:
        InvalidError: If it is no answer to this question, an empty one, or no number where one
            is asked for.
    """
    shown = frozen(item, person_id)
    try:
        response = responses.clean_response(paper.present(shown), raw)
    except ValueError as error:
        raise InvalidError(str(error)) from None
    if response.is_empty:
        raise InvalidError(_("先选一个或填一个答案。"))
    if item.kind is plugin.Kind.NUMERIC and not response.is_number:
        raise InvalidError(_("这里要填一个数字，例如 36 或 47.6。这次没有算，改好再答。"))
    return Checked(shown, response, grading.grade(shown, response), {})


def answer(
    attempt: AttemptView, spec: LessonSpec, item_id: str, raw: Any, *, now: datetime
) -> Checked:
    """Keep an answer to a question, or a thought on a prompt.

    Args:
        attempt: The reader's open attempt, held by ``plugin.start``.
        spec: The lesson as the attempt began.
        item_id: A question of the lesson, or one drawn from the bank.
        raw: The answer as ``clean_response`` reads it.
        now: The time.

    Raises:
        NotFoundError: If the lesson does not ask this.
        InvalidError: If it is no answer to this question, or an empty one.
    """
    item, digest = asked_item(attempt.id, spec, item_id)
    checked = check(item, raw, person_id=attempt.person_id)
    ratio = None if item.is_prompt else checked.graded.ratio
    before = db.session.execute(
        select(LessonAnswer.try_count, LessonAnswer.item_digest, LessonAnswer.others).where(
            LessonAnswer.attempt_id == attempt.id, LessonAnswer.item_id == item_id
        )
    ).first()
    is_first = before is None or before.try_count == 0 or before.item_digest != digest
    others = before.others if before is not None and not is_first else None
    if item.is_prompt and is_first:
        others = _count_thought(attempt.team_id, digest, checked)
    values: dict[str, Any] = {
        "item_digest": digest,
        "response": checked.response.to_json(),
        "ratio": ratio,
        "given_text": checked.graded.given_text,
        "others": others,
        "answered_at": now,
        "try_count": 1 if is_first else LessonAnswer.try_count + 1,
    }
    if is_first:
        values["first_ratio"] = ratio
    first = {**values, "try_count": 1, "first_ratio": ratio}
    db.session.execute(
        insert_for(LessonAnswer)
        .values(attempt_id=attempt.id, item_id=item_id, **first)
        .on_conflict_do_update(index_elements=["attempt_id", "item_id"], set_=values)
    )
    return Checked(checked.frozen, checked.response, checked.graded, others or {})


def asked_item(attempt_id: int, spec: LessonSpec, item_id: str) -> tuple[Item, str]:
    """A question of the lesson, or one drawn for this attempt, with its digest.

    Raises:
        NotFoundError: If it is neither.
    """
    if item_id in spec.items:
        return spec.items[item_id], spec.digests[item_id]
    digest = db.session.scalar(
        select(LessonAnswer.item_digest).where(
            LessonAnswer.attempt_id == attempt_id,
            LessonAnswer.item_id == item_id,
            LessonAnswer.drawn_for != "",
        )
    )
    if digest is None:
        raise NotFoundError(_("这一课没有这道题。"))
    return plugin.items([digest])[digest], digest


def _count_thought(team_id: int, digest: str, checked: Checked) -> dict[str, float]:
    """Add a thought to the team's, and give the shares once enough have answered."""
    thought = checked.graded.given_text[:_MAX_THOUGHT]
    db.session.execute(
        insert_for(PromptThought)
        .values(team_id=team_id, item_digest=digest, thought=thought, people_count=1)
        .on_conflict_do_update(
            index_elements=["team_id", "item_digest", "thought"],
            set_={"people_count": PromptThought.people_count + 1},
        )
    )
    rows = db.session.execute(
        select(PromptThought.thought, PromptThought.people_count)
        .where(PromptThought.team_id == team_id, PromptThought.item_digest == digest)
        .order_by(PromptThought.people_count.desc())
        .limit(20)
    ).all()
    counts = {row.thought: row.people_count for row in rows}
    total = sum(counts.values())
    return {name: n / total for name, n in counts.items()} if total >= SHARES_FROM else {}


def outcome(attempt: AttemptView, spec: LessonSpec) -> Outcome:
    """What the reading came to.

    Raises:
        ConflictError: If something is left; a lesson is never handed in unread.
    """
    progress = queries.progress(attempt.id, spec)
    if not progress.is_complete:
        raise ConflictError(_("这一课还没有学完。"))
    done = [progress.answers[item_id] for item_id in progress.questions]
    first_right = sum(each.first_ratio == 1 for each in done)
    counts = {"sections": len(progress.sections), "questions": len(done), "first": first_right}
    zh = "读完 {sections} 个小节，答完 {questions} 题，{first} 题一次答对"
    en = "Sections read: {sections}, questions answered: {questions}, right at once: {first}"
    measures = {"answered_count": float(len(done))}
    if done:
        measures["right_first_ratio"] = first_right / len(done)
    return Outcome(1.0, measures, summary={"zh": zh.format(**counts), "en": en.format(**counts)})


def plain_question(item: Item) -> str:
    """A question in words, for lists."""
    return canonical.question_text(item)
