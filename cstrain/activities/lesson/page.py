"""What the lesson page prints. Everything that many readers share is made once and kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from markupsafe import Markup

from cstrain import plugin
from cstrain.activities.lesson import service, terms
from cstrain.activities.lesson.progress import Progress
from cstrain.activities.lesson.queries import Kept
from cstrain.activities.lesson.spec import LessonSpec
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import language, pick
from cstrain.plugin import Catalogue, Item, Standing, glossary, grading, paper, responses

#: Stands in kept HTML for the reader's own token.
_CSRF = "%csrf-token%"
#: Stands in kept HTML where something of the reader's own belongs.
_MARK = "%mark%"
_KEPT_COUNT = 4000
_COURSE_COUNT = 200
_FRAME_COUNT = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """A lesson in the tree.

    Attributes:
        number: Its slug where that is a number, else empty.
        lock_stage: Whether its stage is not open yet.
    """

    slug: str
    number: str
    title: str
    url: str
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Course:
    """The chapters with their lessons, as a reader of this place and language sees them.

    Attributes:
        pieces: The tree's HTML around its entries, one piece more than there are entries.
        marked: Each entry's HTML while it is not begun, begun and done.
        marker: Finds the terms of the catalogue's glossary.
    """

    chapters: Sequence[tuple[str, Sequence[Entry]]]
    order: Mapping[str, int]
    entries: Sequence[Entry]
    pieces: Sequence[str]
    marked: Sequence[tuple[str, str, str]]
    marker: glossary.Marker

    def tree(self, tallies: Mapping[str, Any], current: str) -> Markup:
        """The tree with the reader's own ticks.

        Args:
            tallies: How the reader stands with each activity.
            current: The lesson that is shown.
        """
        html = []
        for entry, states, piece in zip(self.entries, self.marked, self.pieces, strict=False):
            tally = tallies.get(entry.slug)
            html.append(piece)
            state = 0 if tally is None else 2 if tally.done_at else int(bool(tally.open_attempt_id))
            found = states[state]
            if entry.slug == current:
                found = found.replace("<a ", '<a aria-current="page" ', 1)
            html.append(found)
        html.append(self.pieces[-1])
        return Markup("".join(html))  # noqa: S704 - rendered templates

    def beside(self, slug: str) -> tuple[Entry | None, Entry | None]:
        """The open lessons before and after one."""
        place = self.order.get(slug)
        if place is None:
            return None, None
        before = [each for each in self.entries[:place] if not each.is_locked]
        after = [each for each in self.entries[place + 1 :] if not each.is_locked]
        return (before[-1] if before else None), (after[0] if after else None)


#: With the catalogue each was made from, which keeps its identity from being given away.
_courses: dict[tuple[Any, ...], tuple[Catalogue, Course]] = {}
_asks: dict[tuple[Any, ...], list[str]] = {}
_frames: dict[tuple[Any, ...], Frame] = {}
_lefts: dict[tuple[Any, ...], tuple[LessonSpec, str]] = {}


def course(catalogue: Catalogue, standing: Standing | None) -> Course:
    """The tree. What of it is locked depends on the stage alone, so few of them are made."""
    place = None
    if standing is not None:
        place = (standing.pathway.digest, standing.position, standing.is_completed)
    # A catalogue is never changed, and kept as long as it is in force.
    key = (id(catalogue), place, language())
    found = _courses.get(key)
    if found is None:
        if len(_courses) > _COURSE_COUNT:
            _courses.clear()
        found = _courses[key] = (catalogue, _course(catalogue, standing))
    return found[1]


def _course(catalogue: Catalogue, standing: Standing | None) -> Course:
    chapters = []
    for chapter in catalogue.chapters:
        entries = []
        for slug in chapter.lessons:
            stage = standing.pathway.stage_of(slug) if standing is not None else None
            is_locked = (
                standing is not None
                and stage is not None
                and stage > standing.position
                and not standing.is_completed
            )
            entries.append(
                Entry(
                    slug=slug,
                    number=slug if slug[:1].isdigit() else "",
                    title=pick(catalogue.activities[slug].title),
                    url=catalogue.activities[slug].kind.start_url(slug),
                    is_locked=is_locked,
                )
            )
        is_numbered = any(entry.number for entry in entries)
        title = pick(chapter.title)
        chapters.append((f"{chapter.number} {title}" if is_numbered else title, tuple(entries)))
    flat = [entry for _title, entries in chapters for entry in entries]
    pieces = render_template("lesson/tree.html", chapters=chapters, mark=_MARK).split(_MARK)
    return Course(
        chapters=tuple(chapters),
        order={each.slug: n for n, each in enumerate(flat)},
        entries=tuple(flat),
        pieces=tuple(pieces),
        marked=tuple(
            (_entry(each, ""), _entry(each, "in_progress"), _entry(each, "passed")) for each in flat
        ),
        marker=glossary.Marker(glossary.terms_of(catalogue)),
    )


def _entry(entry: Entry, state: str) -> str:
    return render_template("lesson/entry.html", entry=entry, state=state)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question or prompt where it is asked.

    Attributes:
        slug: The lesson that asks.
        label: What it is called there; empty for a prompt.
        must_be_right: Whether it counts only when it is right.
    """

    slug: str
    item: Item
    digest: str
    label: str
    must_be_right: bool


def asked(slug: str, spec: LessonSpec, item_id: str, *, must_be_right: bool) -> Asked:
    """A question or prompt of the lesson itself."""
    item = spec.items[item_id]
    label = "" if item.is_prompt else _("随堂题 %(n)s", n=spec.questions.index(item_id) + 1)
    return Asked(slug, item, spec.digests[item_id], label, must_be_right)


def drawn(slug: str, kept: Mapping[str, Kept]) -> list[Asked]:
    """The bank questions that retraining drew."""
    found = [each.answered for each in kept.values() if each.answered.drawn_for]
    items = plugin.items([each.item_digest for each in found])
    return [
        Asked(
            slug,
            items[each.item_digest],
            each.item_digest,
            _("练习题 %(n)s", n=n),
            must_be_right=True,
        )
        for n, each in enumerate(found, start=1)
    ]


def ask(asked: Asked, kept: Kept | None, person_id: int, token: str) -> Markup:
    """The HTML of one question or prompt, with the answer kept of it.

    Made once for each order of its replies, answer and language; ``token`` is the reader's own.
    """
    if kept is not None and (kept.response is None or kept.answered.item_digest != asked.digest):
        kept = None
    response = json.dumps(kept.response, sort_keys=True) if kept is not None else ""
    others = json.dumps(kept.others, sort_keys=True) if kept is not None and kept.others else ""
    key = (
        *(asked.slug, asked.digest, asked.item.id, asked.label, asked.must_be_right),
        *(person_id % service.ORDER_COUNT, response, others, language()),
    )
    found = _asks.get(key)
    if found is None:
        if len(_asks) > _KEPT_COUNT:
            _asks.clear()
        found = _asks[key] = _ask(asked, kept, person_id).split(_CSRF)
    return Markup(token.join(found))  # noqa: S704 - a rendered template, and a signature


def _ask(asked: Asked, kept: Kept | None, person_id: int) -> str:
    shown = service.frozen(asked.item, person_id)
    item = shown.item
    public = paper.present(shown)
    response = responses.clean_response(public, kept.response) if kept is not None else None
    return render_template(
        "lesson/prompt.html" if item.is_prompt else "lesson/ask.html",
        asked=asked,
        item=item,
        public=public,
        response=response,
        graded=grading.grade(shown, response) if response is not None else None,
        shares=_shares(kept.others) if kept is not None else [],
        url=url_for("lesson.answer", slug=asked.slug, item_id=item.id),
        csrf=_CSRF,
    )


def _shares(others: Mapping[str, float]) -> list[tuple[str, float]]:
    """What others thought first, the most common first, in whole per cent that add up to 100."""
    whole = {thought: int(share * 100 + 1e-9) for thought, share in others.items()}
    cut_off = sorted(others, key=lambda thought: whole[thought] - others[thought] * 100)
    for thought in cut_off[: 100 - sum(whole.values())]:
        whole[thought] += 1
    ranked = sorted(others, key=lambda thought: -others[thought])
    return [(thought, whole[thought] / 100) for thought in ranked[:4]]


@dataclass(frozen=True, slots=True)
class State:
    """What of a lesson's page depends on how the reader stands.

    Attributes:
        is_preview: The viewer looks on.
        is_done: It was done before.
        is_relearning: A retraining plan asks for it.
        scope: The sections the plan asks for.
        has_drawn: Whether retraining has drawn its questions.
    """

    is_preview: bool = False
    is_done: bool = False
    is_relearning: bool = False
    scope: tuple[str, ...] = ()
    has_drawn: bool = False

    @property
    def tracks(self) -> bool:
        """Whether what the reader does is kept."""
        return not self.is_preview and not self.is_done


@dataclass(frozen=True, slots=True)
class Frame:
    """A lesson's page without what is a reader's own.

    Attributes:
        spec: The lesson, kept so that its identity is not given away.
        pieces: HTML, and at every second place the name of what belongs there.
    """

    spec: LessonSpec
    course: Course
    pieces: tuple[str, ...]


def filled(
    spec: LessonSpec,
    catalogue: Catalogue,
    course: Course,
    state: State,
    own: Mapping[str, str],
) -> Markup:
    """A lesson's page with the reader's own questions, ticks and counts in it.

    Args:
        spec: The lesson.
        catalogue: That of the reader's shop, whose figures the text shows.
        course: The tree it stands in; of this catalogue alone.
        state: How the reader stands.
        own: HTML by the id of a question or prompt, and by the names that begin with ``@``.
    """
    key = (id(spec), id(course), state, language())
    found = _frames.get(key)
    if found is None:
        if len(_frames) > _FRAME_COUNT:
            _frames.clear()
        before, after = course.beside(spec.slug)
        html = render_template(
            "lesson/frame.html",
            spec=spec,
            slug=spec.slug,
            url=url_for("lesson.lesson", slug=spec.slug),
            state=state,
            marked=terms.marked(spec, course.marker),
            before=before,
            after=after,
            note=plugin.course_notes.of(catalogue, spec.slug),
            mark=_MARK,
        )
        html = plugin.figures.shown(html, plugin.figures.figures_of(catalogue))
        found = _frames[key] = Frame(spec, course, tuple(html.split(_MARK)))
    pieces = [own.get(piece, "") if n % 2 else piece for n, piece in enumerate(found.pieces)]
    return Markup("".join(pieces))  # noqa: S704 - rendered templates, and figures


def left(spec: LessonSpec, progress: Progress, state: State) -> Markup:
    """What is left, as a list with the rule under it."""
    left_of = (progress.sections_left, progress.questions_left)
    key = (id(spec), state, left_of, progress.questions, language())
    found = _lefts.get(key)
    if found is None:
        if len(_lefts) > _KEPT_COUNT:
            _lefts.clear()
        html = render_template(
            "lesson/left.html", rows=rows(spec, progress), progress=progress, state=state
        )
        found = _lefts[key] = (spec, html)
    return Markup(found[1])  # noqa: S704 - a rendered template


@dataclass(frozen=True, slots=True)
class Left:
    """A row of "what is left": a section or a question."""

    anchor: str
    label: str
    is_done: bool
    is_question: bool


def rows(spec: LessonSpec, progress: Progress) -> list[Left]:
    """What the lesson asks for, in the order of reading, with what is done."""
    numbers = {item_id: n for n, item_id in enumerate(spec.questions, start=1)}
    sections, questions = set(progress.sections), set(progress.questions)
    found = []
    for part in spec.parts:
        if part.ref in sections:
            label = f"{part.number} {pick(part.title)}".strip()
            found.append(Left(part.ref, label, progress.has_opened(part.ref), is_question=False))
        for piece in part.pieces:
            if not isinstance(piece, str) and piece.id in questions:
                label = _("随堂题 %(n)s", n=numbers[piece.id])
                done = progress.has_done(piece.id)
                found.append(Left(f"ask-{piece.id}", label, done, is_question=True))
    drawn = [each for each in progress.questions if each not in numbers]
    for number, item_id in enumerate(drawn, start=1):
        label = _("练习题 %(n)s", n=number)
        found.append(Left(f"ask-{item_id}", label, progress.has_done(item_id), is_question=True))
    return found
