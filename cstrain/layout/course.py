"""The whole course, and what there is to practise: the two lists of everything one can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from cstrain.core.catalogue import active, course_notes
from cstrain.core.catalogue.catalogue import Activity, Catalogue
from cstrain.core.evidence import ledger
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.core.pathway import queries, standing
from cstrain.core.pathway.locks import Lock
from cstrain.core.pathway.standing import Standing
from cstrain.core.people.access import STAFF, Viewer, requires, viewer
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db
from cstrain.kit.i18n import duration, figure, ngettext, percent, pick
from cstrain.kit.i18n import gettext as _
from cstrain.layout.home import best_result

course = Blueprint("course", __name__)
practice = Blueprint("practice", __name__)
_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Row:
    """Something to do.

    Attributes:
        number: A lesson's number, else empty.
        state: passed, in_progress, needs_you, locked or todo.
        detail: How it stands, or why it is locked, in words.
        url: None while it is locked.
        minutes: About how long it takes; 0 where that says nothing.
        is_done: A lesson that has been finished, though it may have to be relearned.
        is_optional: Not on the viewer's path.
    """

    title: str
    number: str
    state: str
    detail: str
    url: str | None
    minutes: int
    is_done: bool = False
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter's lessons, or a stage's exercises and exams."""

    title: str
    summary: str
    rows: Sequence[Row]

    @property
    def done_count(self) -> int:
        """How many are done."""
        return sum(row.is_done for row in self.rows)


@dataclass(frozen=True, slots=True)
class Exercise:
    """Something to practise as often as one likes.

    Attributes:
        kind: What kind it is, in words.
        state: ``passed`` where it has been practised, ``in_progress`` while an attempt is open,
            else ``todo``.
        best: The best result with its unit; empty before the first.
        latest: What the newest attempt came to.
        latest_at: When that was.
    """

    title: str
    kind: str
    state: str
    url: str | None
    lock: str
    attempt_count: int
    best: str
    latest: Markup | str
    latest_at: datetime | None


class _Reader:
    """What one viewer sees of the catalogue. Reads twice at most, the plan included."""

    def __init__(self, me: Viewer, now: datetime) -> None:
        self.me, self.now = me, now
        self.found: Standing | None = standing.of_person(me.id)
        self.is_staff = me.has(*STAFF)
        self.relearn: set[str] = set()

    def catalogue(self) -> Catalogue:
        """The viewer's content."""
        if self.found is not None:
            return self.found.catalogue()
        team = next(iter(self.me.teams.values()), None)
        return active.for_team(team.slug if team else None)

    def lock(self, activity: Activity) -> str:
        """Why it is closed, in words; empty when it is open."""
        if self.found is None:
            if self.is_staff:
                return ""
            return standing.lock_words(Lock("no_enrolment"), None)
        tally = self.found.tally(activity.slug)
        if tally.open_attempt_id is not None:
            return ""
        lock = self.found.lock(activity.slug, is_exam=activity.is_exam, now=self.now)
        return standing.lock_words(lock, self.found.pathway) if lock else ""

    def chapters(self, catalogue: Catalogue) -> list[Section]:
        """Every chapter with its lessons."""
        return [
            Section(
                title=_chapter_title(chapter.number, pick(chapter.title), chapter.lessons),
                summary=pick(chapter.summary),
                rows=[self.lesson(catalogue.activities[slug]) for slug in chapter.lessons],
            )
            for chapter in catalogue.chapters
        ]

    def lesson(self, activity: Activity) -> Row:
        """A lesson as a row."""
        slug, lock = activity.slug, self.lock(activity)
        state, detail = "todo", ""
        if lock:
            state, detail = "locked", lock
        elif self.found is not None:
            tally = self.found.tally(slug)
            if slug in self.relearn:
                state, detail = "needs_you", _("要补学")
            elif tally.done_at is not None:
                state, detail = "passed", _("学完了")
            elif tally.open_attempt_id is not None:
                state, detail = "in_progress", _("在学")
        return Row(
            title=pick(activity.title),
            number=slug if slug[:1].isdigit() else "",
            state=state,
            detail=detail,
            url=None if lock else activity.kind.start_url(slug),
            minutes=round(activity.minutes),
            is_done=self.found is not None and self.found.tally(slug).done_at is not None,
            is_optional=self.found is not None and self.found.pathway.stage_of(slug) is None,
        )

    def stages(self, catalogue: Catalogue) -> list[Section]:
        """Exercises and exams of each stage; without a path, everything there is."""
        if self.found is None:
            slugs = [each.slug for each in catalogue.activities.values() if not _teaches(each)]
            rows = [self.work(catalogue.activities[slug]) for slug in slugs]
            return [Section(_("全部练习和考试"), "", rows)] if rows else []
        sections, shown = [], set()
        for stage in self.found.pathway.stages:
            # What several stages offer for practice is listed where it opens first.
            slugs = [
                slug
                for slug in dict.fromkeys((*stage.practise, *stage.exams))
                if slug in catalogue.activities
                and slug not in shown
                and not _teaches(catalogue.activities[slug])
            ]
            shown.update(slugs)
            rows = [self.work(catalogue.activities[slug]) for slug in slugs]
            sections.append(Section(pick(stage.title), pick(stage.gate.title), rows))
        return [section for section in sections if section.rows]

    def work(self, activity: Activity) -> Row:
        """An exercise or an exam as a row."""
        slug, lock = activity.slug, self.lock(activity)
        state, detail = ("locked", lock) if lock else ("todo", "")
        if self.found is not None:
            tally = self.found.tally(slug)
            best = _("最好 %(ratio)s", ratio=self._best(activity, tally.best_score))
            if self._is_passed(activity):
                state, detail = "passed", _("这一关已经通过")
            elif tally.open_attempt_id is not None:
                state, detail = "in_progress", _("没做完，可以接着做")
            elif tally.attempt_count and not lock and not activity.is_exam:
                detail = ngettext("练过 %(count)s 次", tally.attempt_count)
            elif tally.best_score is not None and activity.is_exam:
                detail = _("%(best)s。%(lock)s", best=best, lock=lock) if lock else best
        return Row(
            title=pick(activity.title),
            number="",
            state=state,
            detail=detail or (_("随时可以练") if not activity.is_exam else _("可以开始")),
            url=None if state == "locked" else activity.kind.start_url(slug),
            minutes=round(activity.minutes),
        )

    def _best(self, activity: Activity, score: float | None) -> str:
        """The best of what counts, in what the kind keeps the best of; else the score."""
        kept = next((each for each in activity.kind.measures if each.name[:5] == "best_"), None)
        if self.found is not None and activity.is_exam and kept is not None:
            name = kept.name.removeprefix("best_")
            outcomes = [
                each.outcome for each in self.found.evidence() if each.activity == activity.slug
            ]
            marked = [each.measures for each in outcomes if each.score is not None]
            reached = [measures[name] for measures in marked if name in measures]
            if reached:
                return f"{figure(max(reached))} {pick(kept.unit)}"
        return percent(score)

    def _is_passed(self, activity: Activity) -> bool:
        """Whether the last stage that examines this is behind the viewer."""
        if self.found is None or not activity.is_exam:
            return False
        places = [
            index
            for index, stage in enumerate(self.found.pathway.stages)
            if activity.slug in stage.exams
        ]
        return bool(places) and (self.found.is_completed or max(places) < self.found.position)


def _teaches(activity: Activity) -> bool:
    return bool(activity.kind.sections(activity.spec))


def _chapter_title(number: int, title: str, lessons: Iterable[str]) -> str:
    """With its number where its lessons have numbers; a shop's own chapters have none."""
    return f"{number} {title}" if any(slug[:1].isdigit() for slug in lessons) else title


@course.get("/course")
@requires()
def index() -> ResponseReturnValue:
    """Every chapter and lesson with one's own progress, then exercises and exams by stage."""
    reader = _Reader(viewer(), utc_now())
    catalogue = reader.catalogue()
    if reader.found is not None:
        steps = queries.plan(reader.found.enrolment_id)
        reader.relearn = {step.activity for step in steps if step.done_at is None}
    chapters = reader.chapters(catalogue)
    on_path = [row for each in chapters for row in each.rows if not row.is_optional]
    left = sum(row.minutes for row in on_path if not row.is_done)
    return render_template(
        "layout/course.html",
        note=course_notes.of(catalogue),
        chapters=chapters,
        stages=reader.stages(catalogue),
        has_path=reader.found is not None,
        lesson_count=len(on_path),
        done_count=sum(row.is_done for row in on_path),
        left=duration(left * 60) if left else "",
        pathway=pick(reader.found.pathway.title) if reader.found is not None else "",
    )


@practice.get("/practice", endpoint="index")
@requires()
def exercises() -> ResponseReturnValue:
    """What can be practised as often as one likes, with the best and the newest result."""
    reader = _Reader(viewer(), utc_now())
    catalogue = reader.catalogue()
    found = [
        activity
        for activity in catalogue.activities.values()
        if not activity.is_exam and not _teaches(activity)
    ]
    views = _results(reader.me.id, [each.slug for each in found]) if reader.found else {}
    rows = [_exercise(reader, activity, views.get(activity.slug, ())) for activity in found]
    groups: dict[str, list[Exercise]] = {}
    for row in rows:
        if not row.lock:
            groups.setdefault(row.kind, []).append(row)
    return render_template(
        "layout/practice.html",
        groups=groups,
        locked_rows=[row for row in rows if row.lock],
    )


def _results(person_id: int, slugs: Sequence[str]) -> Mapping[str, Sequence[EvidenceView]]:
    """The person's newest outcomes by activity, newest first. One statement."""
    rows = db.session.scalars(
        ledger.standing_rows()
        .where(Evidence.person_id == person_id, Evidence.activity.in_(slugs))
        .order_by(Evidence.id.desc())
        .limit(_LOOKED_AT)
    )
    views: dict[str, list[EvidenceView]] = {}
    for row in rows:
        views.setdefault(row.activity, []).append(ledger.view(row))
    return views


def _exercise(reader: _Reader, activity: Activity, views: Sequence[EvidenceView]) -> Exercise:
    tally = reader.found.tally(activity.slug) if reader.found is not None else None
    lock = reader.lock(activity)
    latest = views[0] if views else None
    is_open = tally is not None and tally.open_attempt_id is not None
    return Exercise(
        title=pick(activity.title),
        kind=pick(activity.kind.title),
        state="in_progress" if is_open else "passed" if latest is not None else "todo",
        url=None if lock else activity.kind.start_url(activity.slug),
        lock=lock,
        attempt_count=tally.attempt_count if tally is not None else 0,
        best=best_result(activity, latest, tally.best_score if tally is not None else None),
        latest=activity.kind.render_evidence(latest) if latest is not None else "",
        latest_at=latest.at if latest is not None else None,
    )
