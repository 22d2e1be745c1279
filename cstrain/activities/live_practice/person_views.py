"""Pages of sessions in which a trainer plays the customer, and what both pages ask."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain import plugin
from cstrain.activities.live_practice import person, person_service, queries, state
from cstrain.activities.live_practice.scenario import Line, LostReason, OutcomeKind, Scenario
from cstrain.activities.live_practice.service import View
from cstrain.activities.live_practice.views import KIND, bp, cursor_of, json_body, practice_of
from cstrain.activities.live_practice.words import outcome_title, reason_title, track_title
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

#: The longest amount that is read, in digits.
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is under way."""

    attempt_id: int
    name: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What the customer of a script says in one state, or at one end."""

    name: str
    lines: tuple[Line, ...]


@bp.get("/<slug>/play")
@plugin.requires(*plugin.STAFF)
def choose(slug: str) -> ResponseReturnValue:
    """With whom, and by which script; what is under way stands above."""
    activity, spec = _played(slug)
    people = plugin.trainees()
    names = {each.id: each.name for each in people}
    me = plugin.viewer()
    rows = person_service.under_way(me.team_ids(*plugin.STAFF))
    busy = {row.trainee_id for row in rows}
    scripts = sorted(
        queries.candidates(spec, plugin.catalogue()),
        key=lambda each: (each.track, each.level, each.slug),
    )
    return render_template(
        "live_practice/person_choose.html",
        activity=activity,
        spec=spec,
        people=[each for each in people if each.id not in busy and each.id != me.id],
        scripts=[
            (track_title(track), list(group))
            for track, group in groupby(scripts, key=attrgetter("track"))
        ],
        sessions=[
            Session(row.attempt_id, names.get(row.trainee_id, ""), row.player_id == me.id)
            for row in rows
        ],
    )


@bp.post("/<slug>/play")
@plugin.requires(*plugin.STAFF)
def open_session(slug: str) -> ResponseReturnValue:
    """Begin with a trainee, or go on with what one has begun.

    Raises:
        NotFoundError: If there is no such trainee or script.
        ConflictError: If another trainer practises with the trainee.
    """
    _activity, spec = _played(slug)
    person_id, chosen = request.form.get("person", 0, type=int), request.form.get("scenario", "")
    if person_id not in {each.id for each in plugin.trainees()}:
        raise NotFoundError(_("没有这位学员，可能已经离开。"))
    with transaction():
        attempt = plugin.start_for(person_id, slug)
        scripts = queries.candidates(spec, plugin.catalogue_of(attempt))
        scenario = next((each for each in scripts if each.slug == chosen), None)
        if chosen and scenario is None:
            raise NotFoundError(_("没有这个情景。"))
        person_service.open_session(
            attempt, player_id=plugin.viewer().id, scenario=scenario, now=utc_now()
        )
    return redirect(url_for("live_practice.play", attempt_id=attempt.id))


@bp.get("/<int:attempt_id>/play")
@plugin.requires()
def play(attempt_id: int) -> ResponseReturnValue:
    """The chat from the customer's side; the result once it is closed.

    Raises:
        NotFoundError: If the viewer does not play in it.
    """
    found = _seen(attempt_id)
    stamp = person_service.stamp(attempt_id, by=plugin.viewer().id)
    if not stamp.is_player:
        raise NotFoundError(_("没有这次作答。"))
    here = url_for("live_practice.attempt", attempt_id=attempt_id)
    if stamp.is_closed:
        return redirect(here)
    view = person_service.look(found, after=0, now=utc_now())
    (guest,) = view.desk.guests
    urls = {name: f"{here}/{name}" for name in ("say", "poll")}
    urls |= {"news": urls["poll"], "send": urls["say"], "result": here}
    urls["pictures"] = url_for("live_practice.picture", name="x").removesuffix("x.svg")
    return render_template(
        "live_practice/person.html",
        attempt=found,
        title=plugin.spec_of(found).title,
        name=plugin.name_of(found.person_id),
        script=guest.scenario,
        parts=_parts(guest.scenario),
        moods=[(code, person.mood_title(code)) for code in person.MOODS],
        outcomes=[
            (kind.value, outcome_title(kind))
            for kind in OutcomeKind
            if kind is not OutcomeKind.LOST
        ],
        reasons=[(reason.value, reason_title(reason)) for reason in LostReason],
        urls=urls,
        tag=stamp.tag,
        state_json=json.dumps(_to_json(view, stamp, after=0), ensure_ascii=False),
    )


@bp.get("/<int:attempt_id>/poll")
@plugin.requires()
def poll(attempt_id: int) -> ResponseReturnValue:
    """What is new for either side; without a body while nothing is. Two statements then.

    Raises:
        ConflictError: If the session is closed.
    """
    after = cursor_of({"after": request.args.get("after", 0, type=int)})
    stamp = person_service.stamp(attempt_id, by=plugin.viewer().id)
    if stamp.is_player:
        plugin.staff_of_or_404(stamp.team_id)
    if request.if_none_match.contains(stamp.tag):
        return _tagged(Response(status=304), stamp)
    if stamp.is_closed:
        raise ConflictError(_("这次作答已经交了。"))
    found = _seen(attempt_id) if stamp.is_player else plugin.open_attempt(attempt_id, KIND)
    view = person_service.look(found, after=after, now=utc_now())
    body = json.dumps(_to_json(view, stamp, after=after), ensure_ascii=False)
    return _tagged(Response(body, mimetype="application/json"), stamp)


@bp.post("/<int:attempt_id>/say")
@plugin.requires()
def say(attempt_id: int) -> ResponseReturnValue:
    """Take a line of the customer; it is kept when the answer comes."""
    data = json_body()
    found, after = _seen(attempt_id), cursor_of(data)
    spoken, me = person_service.read_spoken(data), plugin.viewer().id
    with transaction():
        view = person_service.say(found, spoken, after=after, by=me, now=utc_now())
    return state.to_json(view, after=after) | {"has_entered": True}


@bp.post("/<int:attempt_id>/end")
@plugin.requires()
def end(attempt_id: int) -> ResponseReturnValue:
    """The customer leaves and the session is closed; again it only leads to the result."""
    found, me = _seen(attempt_id), plugin.viewer().id
    ending = _ending(request.form)
    if found.is_open:
        with transaction():
            person_service.end(found, ending, by=me, now=utc_now())
        try:
            with transaction():  # takes the enrolment first, as whoever else closes it does
                plugin.finish(attempt_id)
        except ConflictError:
            pass  # the trainee was as quick
    return redirect(url_for("live_practice.attempt", attempt_id=attempt_id))


def _ending(form: Mapping[str, str]) -> str:
    """The ending that a form names: one of ``person.Endings``, empty for none.

    Raises:
        InvalidError: If the amount is none.
    """
    kind, amount = form.get("outcome", ""), form.get("amount", "").strip()
    if kind != OutcomeKind.PAID or not amount:
        return kind
    if not amount.isascii() or not amount.isdigit() or len(amount) > _MOST_DIGITS:
        raise InvalidError(_("成交多少元，写整数，例如 279。"))
    return f"{kind}:{amount}"


def _played(slug: str) -> tuple[plugin.Activity, Any]:
    """A published session in which a trainer plays.

    Raises:
        NotFoundError: If there is none of this slug.
    """
    activity, spec = practice_of(slug)
    if not spec.is_played:
        raise NotFoundError(_("没有这项内容，可能已经改版。"))
    return activity, spec


def _seen(attempt_id: int) -> plugin.AttemptView:
    """An attempt of a trainee whom the viewer looks after.

    Raises:
        NotFoundError: If it is none.
    """
    found = plugin.seen_attempt(attempt_id, KIND)
    plugin.staff_of_or_404(found.team_id)
    return found


def _to_json(view: View, stamp: person_service.Stamp, *, after: int) -> dict[str, Any]:
    told = state.to_json(view, after=after)
    return {**told, "has_entered": stamp.has_entered} if stamp.is_player else told


def _tagged(answer: Response, stamp: person_service.Stamp) -> Response:
    answer.set_etag(stamp.tag)
    answer.cache_control.private = True
    answer.cache_control.no_cache = True
    return answer


def _parts(script: Scenario) -> list[Part]:
    """What a script lets the customer say: state by state, when asked, when kept waiting."""
    parts = [
        Part(name, _lines((*each.say, *each.ask_again))) for name, each in script.states.items()
    ]
    told = [burst for each in script.told_when_asked.values() for burst in each.answer]
    silences = [each.silence for each in script.states.values()]
    urging = [burst for each in silences for burst in (*each.nudges, *each.complaints)]
    parts += [Part(_("问了才说"), _lines(told)), Part(_("等急了"), _lines(urging))]
    return [part for part in parts if part.lines]


def _lines(variants: Iterable[Sequence[Line]]) -> tuple[Line, ...]:
    """Every line of some variants, once."""
    return tuple(dict.fromkeys(line for burst in variants for line in burst))
