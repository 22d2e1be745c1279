"""Pages of agreement: one line first, the coefficients of one item a click deeper."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active
from cstrain.core.people.access import TeamRef, requires, team_as, viewer
from cstrain.core.review import blind
from cstrain.core.review.blind import MARKERS
from cstrain.core.review.rubric import Rubric
from cstrain.core.review.rubric_file import of_catalogue
from cstrain.core.review.words import points
from cstrain.desk.quality import (
    agreeing,
    agreement_queries,
    agreement_words,
    kind,
    pairs,
    reviewing,
    seconds,
)
from cstrain.desk.quality.views import bp
from cstrain.kit.clock import utc_now
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _


@bp.get("/agreement")
@requires(*MARKERS)
def agreement() -> ResponseReturnValue:
    """How far two who mark the same chat agree: items, people, who is kept from exams."""
    team, now = team_as(request.args.get("team", type=int), *MARKERS), utc_now()
    doubles = agreement_queries.doubles(team.id, now=now)
    counts = agreement_queries.counts(team.id, now=now)
    gold = agreement_queries.gold(team.id, now=now)
    graders, bars = agreeing.graders(doubles, gold, now=now), blind.bars(team.id)
    rubric = _rubric(team)
    same, marks = sum(each.same_count for each in doubles), sum(len(each.marks) for each in doubles)
    return render_template(
        "quality/agreement.html",
        team=team,
        teams=viewer().teams_as(*MARKERS),
        sentence=agreement_words.sentence(counts, same, marks),
        counts=counts,
        overturned=kind.overturned(team.id),
        items=[
            (key, full, agreement_words.title_of(rubric, key), agreement_words.same_words(pairs))
            for (key, full), pairs in _in_order(agreeing.by_item(doubles), rubric)
        ],
        graders=[
            (each, agreement_words.lean_words(each), agreement_words.drift_words(each))
            for each in graders
        ],
        names=agreement_queries.names({each.person_id for each in graders} | bars.keys()),
        bars=bars,
        pairs=pairs.of_team(team.id, me=viewer().id, now=now),
        points=points,
        rules=agreeing,
        days=agreement_queries.DAYS,
        no_doubles="" if doubles else _no_doubles(team),
    )


@bp.get("/agreement/figures")
@requires(*MARKERS)
def agreement_figures() -> ResponseReturnValue:
    """The coefficients of one item, or of the whole score, with intervals.

    Raises:
        NotFoundError: If no two have marked the item.
    """
    team, now = team_as(request.args.get("team", type=int), *MARKERS), utc_now()
    doubles = agreement_queries.doubles(team.id, now=now)
    key, full = request.args.get("item", ""), request.args.get("full", 0, type=int)
    rubric, apart = _rubric(team), []
    if key:
        pairs = agreeing.by_item(doubles).get((key, full))
        if pairs is None:
            raise NotFoundError
        criterion = rubric.get(key) if rubric else None
        is_ordered = full > 1 and (criterion is None or criterion.weight > 0)
        figures = agreeing.item_figures(pairs, full, is_ordered=is_ordered)
        lines = agreement_words.item_lines(figures)
        apart = agreement_words.confusion_lines(rubric, key, pairs, full)
        title = agreement_words.title_of(rubric, key)
    else:
        found = agreeing.total_figures(agreeing.scores_of(doubles))
        lines = agreement_words.total_lines(found) if found else []
        title = _("总分")
    return render_template(
        "quality/agreement_figures.html",
        team=team,
        title=title,
        lines=lines,
        apart=apart,
        count=len(doubles),
        shown_from=agreeing.SHOWN_FROM,
        no_doubles="" if doubles else _no_doubles(team),
    )


def _no_doubles(team: TeamRef) -> str:
    """What to say where no two have marked the same chat."""
    if seconds.is_wanted_in(team.id):
        return _("抽到的聊天评完以后，按方案里的比例自动请另一位再评一遍。")
    return _("在用的方案不请第二个人评。要比，就在“高级”里写一个比例。")


def _rubric(team: TeamRef) -> Rubric | None:
    return of_catalogue(active.for_team(team.slug)).get(reviewing.RUBRIC)


def _in_order(
    found: dict[tuple[str, int], agreeing.Pairs], rubric: Rubric | None
) -> list[tuple[tuple[str, int], agreeing.Pairs]]:
    """Items as the rubric has them; what it has no more comes last."""
    places = {each.key: place for place, each in enumerate(rubric or ())}
    return sorted(found.items(), key=lambda each: (places.get(each[0][0], len(places)), each[0]))
