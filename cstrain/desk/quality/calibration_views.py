"""Pages of calibration: begin, mark blind, compare side by side, agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.people.access import requires, row_of_my_team, team_as, viewer
from cstrain.core.review.agreement import Level
from cstrain.core.review.blind import MARKERS
from cstrain.core.review.rubric import Criterion, Rubric
from cstrain.core.review.versions import rubric_of
from cstrain.core.review.words import level_words, points
from cstrain.desk.chats import typed
from cstrain.desk.quality import agreeing, calibrating, calibration_queries
from cstrain.desk.quality.agreeing import Units
from cstrain.desk.quality.agreement_words import measured_words
from cstrain.desk.quality.calibration_models import Calibration
from cstrain.desk.quality.calibration_queries import Chat
from cstrain.desk.quality.views import bp
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick

_NA = "na"


@bp.get("/calibrations")
@requires(*MARKERS)
def calibrations() -> ResponseReturnValue:
    """The sessions of a team, and beginning one."""
    team = team_as(request.args.get("team", type=int), *MARKERS)
    return render_template(
        "quality/calibrations.html",
        team=team,
        teams=viewer().teams_as(*MARKERS),
        rows=calibration_queries.sessions(team.id),
        least=calibrating.LEAST_CHATS,
        most=calibrating.MOST_CHATS,
        title_max=calibrating.TITLE_MAX,
    )


@bp.post("/calibrations")
@requires(*MARKERS)
def calibrate() -> ResponseReturnValue:
    """Begin a session."""
    team = team_as(request.form.get("team", type=int), *MARKERS)
    title, count = request.form.get("title", ""), request.form.get("count", 0, type=int)
    try:
        with transaction():
            new_id = calibrating.begin(team.id, title, count, by=viewer().id, now=utc_now())
    except (ConflictError, InvalidError) as error:
        flash(str(error), "failed")
        return redirect(url_for("quality.calibrations", team=team.id))
    return redirect(url_for("quality.calibration", calibration_id=new_id))


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that may be agreed upon."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """An item of a chat, side by side.

    Attributes:
        given: What each gave, in words, by person.
        is_apart: Whether not all gave the same.
        value: The value that is agreed upon, else the one that all gave; empty where they differ:
            what most gave is no agreement.
        gold: What was agreed upon, in words; empty for nothing yet.
    """

    key: str
    title: str
    given: Mapping[int, str]
    is_apart: bool
    choices: Sequence[Choice]
    value: str
    gold: str
    note: str


@bp.get("/calibrations/<int:calibration_id>")
@requires(*MARKERS)
def calibration(calibration_id: int) -> ResponseReturnValue:
    """Who has marked; and once it is compared, everybody's marks side by side."""
    found = _session(calibration_id)
    chats, names = calibration_queries.chats(found.id)
    rubric = rubric_of(found.rubric_digest)
    if found.compared_at is not None:
        calibration_queries.fill(chats)
    done = Counter(
        part.person_id for chat in chats for part in chat.parts.values() if part.state == "done"
    )
    people = [person_id for person_id in names if found.compared_at is None or done[person_id]]
    return render_template(
        "quality/calibration.html",
        found=found,
        team_id=found.team_id,
        chats=[(chat, [_row(each, chat) for each in rubric]) for chat in chats],
        names=names,
        people=people,
        done=done,
        me=viewer().id,
        points=points,
        note_max=calibrating.NOTE_MAX,
    )


def _session(calibration_id: int) -> Calibration:
    return row_of_my_team(Calibration, calibration_id, *MARKERS)


def _said(criterion: Criterion, value: int | None) -> str:
    return _("不适用") if value is None else level_words(criterion, value)


def _key(value: int | None) -> str:
    return _NA if value is None else str(value)


def _row(criterion: Criterion, chat: Chat) -> Row:
    marks = chat.marks.get(criterion.key, {})
    given = set(marks.values())
    common = _key(next(iter(given))) if len(given) == 1 else ""
    agreed = chat.gold.get(criterion.key)
    values = [level.value for level in criterion.levels]
    choices = [Choice(str(each), level_words(criterion, each)) for each in values]
    if criterion.allows_na:
        choices.append(Choice(_NA, _("不适用")))
    return Row(
        criterion.key,
        pick(criterion.title),
        {person_id: _said(criterion, value) for person_id, value in marks.items()},
        len(given) > 1,
        choices,
        _key(agreed[0]) if agreed else common,
        _said(criterion, agreed[0]) if agreed else "",
        agreed[1] if agreed else "",
    )


@dataclass(frozen=True, slots=True)
class Item:
    """How far all agree on an item of a session.

    Attributes:
        same_count: On how many chats all alike.
        count: On how many chats two or more have given anything.
        alpha: Krippendorff's with its interval, in words where it is not defined.
        alpha_count: On how many chats it rests: two or more found that the item applies.
    """

    title: str
    same_count: int
    count: int
    alpha: str
    alpha_count: int


@bp.get("/calibrations/<int:calibration_id>/figures")
@requires(*MARKERS)
def calibration_figures(calibration_id: int) -> ResponseReturnValue:
    """How far all agree, item by item and on the whole score, over the chats of a session.

    Raises:
        NotFoundError: If the marks are not compared yet.
    """
    found = _session(calibration_id)
    if found.compared_at is None:
        raise NotFoundError
    chats, _names = calibration_queries.chats(found.id)
    calibration_queries.fill(chats)
    return render_template(
        "quality/calibration_figures.html",
        found=found,
        items=_items(rubric_of(found.rubric_digest), chats),
    )


def _items(rubric: Rubric, chats: Sequence[Chat]) -> list[Item]:
    found = []
    for each in rubric:
        level = Level.ORDINAL if each.full > 1 and each.weight > 0 else Level.NOMINAL
        units = tuple(tuple(chat.marks.get(each.key, {}).values()) for chat in chats)
        found.append(_item(pick(each.title), units, level))
    scores = tuple(
        tuple(part.score for part in chat.parts.values() if part.state == "done") for chat in chats
    )
    return [*found, _item(_("总分"), scores, Level.INTERVAL)]


def _item(title: str, given: Units, level: Level) -> Item:
    units = tuple(unit for unit in given if len(unit) > 1)
    alpha = agreeing.alpha_of(units, level)
    return Item(
        title,
        sum(len(set(unit)) == 1 for unit in units),
        len(units),
        measured_words(alpha),
        alpha.figure.n,
    )


@bp.post("/calibrations/<int:calibration_id>/compare")
@requires(*MARKERS)
def compare(calibration_id: int) -> ResponseReturnValue:
    """End the blind marking."""
    _session(calibration_id)
    try:
        with transaction():
            calibrating.compare(calibration_id, now=utc_now())
    except ConflictError as error:
        flash(str(error), "failed")
    return redirect(url_for("quality.calibration", calibration_id=calibration_id))


@bp.post("/calibrations/<int:calibration_id>/chats/<int:place>")
@requires(*MARKERS)
def agree(calibration_id: int, place: int) -> ResponseReturnValue:
    """Keep what was agreed upon for one chat."""
    found = _session(calibration_id)
    keys = [each.key for each in rubric_of(found.rubric_digest)]
    given = {key: request.form.get(f"value-{key}", "") for key in keys}
    notes = typed.kept_all({key: request.form.get(f"note-{key}", "") for key in keys})
    try:
        with transaction():
            calibrating.agree(calibration_id, place, given, notes)
    except (ConflictError, InvalidError) as error:
        flash(str(error), "failed")
    else:
        flash(_("第 %(n)s 条商定的分存好了。", n=place), "passed")
    return redirect(
        url_for("quality.calibration", calibration_id=calibration_id, _anchor=f"chat-{place}")
    )


@bp.post("/calibrations/<int:calibration_id>/close")
@requires(*MARKERS)
def close(calibration_id: int) -> ResponseReturnValue:
    """End a session."""
    _session(calibration_id)
    try:
        with transaction():
            calibrating.close(calibration_id, now=utc_now())
    except ConflictError as error:
        flash(str(error), "failed")
    else:
        flash(_("这次校准结束了。商定的分从现在起用来看谁对得齐。"), "passed")
    return redirect(url_for("quality.calibration", calibration_id=calibration_id))
