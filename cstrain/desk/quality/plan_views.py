"""Pages of plans and draws: what is drawn, how sure it makes one, and doing a draw again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active
from cstrain.core.people.access import (
    TeamRef,
    requires,
    row_of_my_team,
    staff_of_or_404,
    team_as,
    viewer,
)
from cstrain.core.people.models import Team
from cstrain.core.review.blind import MARKERS
from cstrain.desk.chats import typed
from cstrain.desk.quality import (
    coaching,
    jobs,
    lots,
    plan_queries,
    queries,
    service,
    versions,
    words,
)
from cstrain.desk.quality.buys import buys
from cstrain.desk.quality.framing import late_count
from cstrain.desk.quality.iso2859 import LIMITS, Level
from cstrain.desk.quality.models import SampleDraw, SamplingActivation
from cstrain.desk.quality.plan import Design, Plan, Window
from cstrain.desk.quality.plan_file import (
    MOST_DAYS,
    MOST_PER_AGENT,
    MOST_SIZE,
    SIZED,
    of_catalogue,
    published,
    written,
)
from cstrain.desk.quality.plan_forms import PlanForm, RedrawForm, filled, posted
from cstrain.desk.quality.views import bp
from cstrain.kit.clock import local_day, utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick

#: The plan that the page's sentence is about.
USUAL: Final = "every-agent"
_TITLE: Final = {"zh": "人人都抽", "en": "Some of everyone"}
_OWN_TITLE: Final = {"zh": "店里自己定的", "en": "As the shop has set"}


@bp.get("")
@requires(*MARKERS)
def index() -> ResponseReturnValue:
    """The plan as one sentence, what it buys, and the draws."""
    return _page(team_as(request.args.get("team", type=int), *MARKERS))


def _page(team: TeamRef, form: PlanForm | None = None, status: int = 200) -> ResponseReturnValue:
    running = plan_queries.in_force(team.id)
    plans = of_catalogue(active.for_team(team.slug))
    mine = next((each for each in running if each.slug == USUAL), None)
    asked = _asked(_edited(running, plans))
    form, now = form or filled(asked), utc_now()
    lately = plan_queries.lately(team.id, local_day(now, team.timezone))
    return render_template(
        "quality/plans.html",
        team=team,
        teams=viewer().teams_as(*MARKERS),
        form=form,
        mine=mine,
        others=[each for slug, each in sorted(plans.items()) if slug != USUAL],
        running={each.slug: each for each in running},
        draws=plan_queries.draws(team.id),
        due=_due(jobs.missing(now=now, team_id=team.id)),
        usual=USUAL,
        titles={slug: pick(each.title) for slug, each in plans.items()},
        lately=lately,
        buys=buys(asked, lately),
        others_buy={slug: buys(each, lately) for slug, each in plans.items() if slug != USUAL},
        asked=asked,
        picked=plan_queries.picked(team.id),
        coached=coaching.of_team(team.id, me=viewer().id),
        in_a_row=coaching.IN_A_ROW,
        designs=words.DESIGNS,
        hints=words.SIZES,
    ), status


def _edited(running: Sequence[SamplingActivation], plans: Mapping[str, Plan]) -> Plan:
    """The plan that the page's sentence is about, as it is in force, published or usual."""
    mine = next((each for each in running if each.slug == USUAL), None)
    if mine is not None:
        return queries.plan_of(mine.plan_digest)
    return plans.get(USUAL) or Plan(USUAL, _TITLE, per_agent=3)


def _asked(plan: Plan) -> Plan:
    """The plan with what the address asks about instead, to see what that would buy."""
    size = plan.size if "size" not in request.args else request.args.get("size", type=int)
    asked = replace(
        plan,
        per_agent=request.args.get("per_agent", plan.per_agent, type=int),
        every_days=request.args.get("every_days", plan.every_days, type=int),
        design=request.args.get("design", plan.design, type=Design),
        one_in=request.args.get("one_in", plan.one_in, type=float),
        limit=request.args.get("limit", plan.limit),
        level=request.args.get("level", plan.level, type=Level),
    )
    asked = replace(asked, size=size if asked.design in SIZED else None)
    is_sound = (
        1 <= asked.per_agent <= MOST_PER_AGENT
        and 1 <= asked.every_days <= MOST_DAYS
        and 1 <= asked.one_in <= MOST_SIZE
        and (asked.size is None or 1 <= asked.size <= MOST_SIZE)
        and asked.limit in LIMITS
    )
    return asked if is_sound else plan


def _due(due: Sequence[tuple[int, Window]]) -> list[tuple[int, int, date, date]]:
    """Of each plan in force how many windows wait to be drawn, and from when to when."""
    found: dict[int, list[Window]] = {}
    for activation_id, window in due:
        found.setdefault(activation_id, []).append(window)
    return [(key, len(each), each[0].first_on, each[-1].last_on) for key, each in found.items()]


@bp.post("")
@requires(*MARKERS)
def activate() -> ResponseReturnValue:
    """Put the sentence in force, or a published plan as it stands."""
    team = team_as(request.form.get("team", type=int), *MARKERS)
    plans = of_catalogue(active.for_team(team.slug))
    before = _edited(plan_queries.in_force(team.id), plans)
    slug, form, now = request.form.get("slug", USUAL), posted(before), utc_now()
    if slug == USUAL and not form.validate_on_submit():
        return _page(team, form, 422)
    try:
        with transaction():
            plan = (
                service.keep(_written(form, before))
                if slug == USUAL
                else published(active.for_team(team.slug), slug)
            )
            first_on = local_day(now, team.timezone)
            row = service.activate(team.id, plan, first_on=first_on, by=viewer().id, now=now)
    except ConflictError as error:
        flash(str(error), "note")
    else:
        text = _("启用了，从今天起算。密钥的哈希：%(hash)s", hash=row.commitment)
        flash(text, "passed")
    return redirect(url_for("quality.index", team=team.id))


def _written(form: PlanForm, before: Plan) -> bytes:
    return written(
        USUAL,
        _TITLE if form.design.data == Design.PER_AGENT else _OWN_TITLE,
        per_agent=form.per_agent.data or 0,
        always=form.reasons,
        extra_below=form.extra,
        every_days=form.every_days.data or 0,
        second_ratio=form.second_ratio(before),
        design=form.design.data,
        of_design=form.of_design(before),
    )


@bp.post("/<int:activation_id>/end")
@requires(*MARKERS)
def end(activation_id: int) -> ResponseReturnValue:
    """Draw by a plan no more."""
    found = _activation(activation_id)
    with transaction():
        service.end(activation_id, team_id=found.team_id, now=utc_now())
    flash(_("停用了，抽过的都留着。"), "passed")
    return redirect(url_for("quality.index", team=found.team_id))


def _activation(activation_id: int) -> SamplingActivation:
    return row_of_my_team(SamplingActivation, activation_id, *MARKERS)


@bp.post("/<int:activation_id>/draw")
@requires(*MARKERS)
def draw_now(activation_id: int) -> ResponseReturnValue:
    """Draw the windows of a plan that are over, without waiting for the night."""
    found = _activation(activation_id)
    now, drawn = utc_now(), 0
    for each_id, window in jobs.missing(now=now, team_id=found.team_id):
        if each_id != activation_id:
            continue
        try:
            with transaction():
                draw_id = service.draw(activation_id, window, by=viewer().id, now=now)
            jobs.queue(draw_id, now=now)
        except InvalidError as error:
            flash(f"{window.name.replace('/', '–')}：{error}", "note")
        else:
            drawn += 1
    if drawn:
        flash(_("抽好了，已经排进待办。"), "passed")
    return redirect(url_for("quality.index", team=found.team_id))


@bp.get("/draws/<int:draw_id>")
@requires(*MARKERS)
def show_draw(draw_id: int) -> ResponseReturnValue:
    """What a draw was made of, and what it took."""
    return _draw_page(_draw(draw_id), RedrawForm(formdata=None))


def _draw(draw_id: int) -> SampleDraw:
    found = db.session.get(SampleDraw, draw_id)
    if found is None:
        raise NotFoundError(_("没有第 %(n)s 次抽样。", n=draw_id))
    staff_of_or_404(found.team_id, *MARKERS)
    return found


def _draw_page(found: SampleDraw, form: RedrawForm, status: int = 200) -> ResponseReturnValue:
    plan_row = db.session.get_one(SamplingActivation, found.activation_id)
    window = Window(found.first_on, found.last_on)
    plan = queries.plan_of(plan_row.plan_digest)
    lot = None
    if plan.design is Design.LOT:
        of_plan = (each for _day, each in lots.lots_of({plan_row.id: plan}, me=viewer().id))
        lot = next((each for each in of_plan if each.draw_id == found.id), None)
    return render_template(
        "quality/draw.html",
        draw=found,
        activation=plan_row,
        plan=plan,
        lot=lot,
        rows=plan_queries.drawn(found.id),
        reasons=words.REASONS,
        unfit=words.UNFIT,
        late_count=_late_count(found),
        may_draw=versions.may_draw(plan_row, window),
        form=form,
    ), status


def _late_count(found: SampleDraw) -> int:
    """How many chats of its days came in after a draw; what was drawn again is not asked."""
    if found.state != service.IN_FORCE:
        return 0
    zone = db.session.get_one(Team, found.team_id).timezone
    window = Window(found.first_on, found.last_on)
    return late_count(found.team_id, zone, window, found.at, found.frame_count)


@bp.post("/draws/<int:draw_id>/verify")
@requires(*MARKERS)
def verify_draw(draw_id: int) -> ResponseReturnValue:
    """Do a draw again from what is kept, and say whether it comes out the same."""
    _draw(draw_id)
    differences = queries.verified(draw_id)
    for each in differences:
        flash(str(words.DIFFERENCES[each]), "failed")
    if not differences:
        flash(_("对得上：照存下的种子重抽一遍，一条不差。"), "passed")
    return redirect(url_for("quality.show_draw", draw_id=draw_id))


@bp.post("/draws/<int:draw_id>/again")
@requires(*MARKERS)
def redraw(draw_id: int) -> ResponseReturnValue:
    """Draw a window again, for instance after another file came in; the first draw stays."""
    found, form = _draw(draw_id), RedrawForm()
    if not form.validate_on_submit():
        flash(" ".join(form.problems()), "failed")
        return _draw_page(found, form, 422)
    window, now = Window(found.first_on, found.last_on), utc_now()
    with transaction():
        new_id = service.draw(
            found.activation_id,
            window,
            by=viewer().id,
            now=now,
            reason=typed.kept(form.reason.data),
        )
    jobs.queue(new_id, now=now)
    return redirect(url_for("quality.show_draw", draw_id=new_id))
