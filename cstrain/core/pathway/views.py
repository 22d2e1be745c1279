"""Pages of a trainer's turn: the queue, one trainee's gate, decisions by hand."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active
from cstrain.core.pathway import (
    attempts,
    by_hand,
    decisions,
    enrolments,
    forms,
    hooks,
    queries,
    standing,
    words,
)
from cstrain.core.pathway.definition import Stage
from cstrain.core.pathway.gates import Verdict
from cstrain.core.pathway.models import DecisionRow, Enrolment
from cstrain.core.pathway.rules import SignedOff
from cstrain.core.people.access import STAFF, Role, requires, staff_of_or_404, viewer
from cstrain.core.people.queries import people_with
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext, pick

queue = Blueprint("queue", __name__, template_folder="templates")
bp = Blueprint("pathway", __name__)
#: Every number of so many digits fits into a column of ids.
_ID_DIGITS = 18


@queue.get("/queue")
@requires(*STAFF)
def index() -> ResponseReturnValue:
    """What waits for the viewer: decisions, signatures, results to accept, second opinions."""
    return _queue_page(forms.SignOffForm(accepted="yes"))


def _queue_page(
    form: forms.SignOffForm, ticked: Container[int] = (), status: int = 200
) -> ResponseReturnValue:
    teams = viewer().team_ids(*STAFF)
    waiting = queries.waiting(teams)
    ready: list[tuple[queries.Waiting, str, str]] = []
    stuck: list[tuple[queries.Waiting, str, str]] = []
    for row in waiting:
        stage = standing.pinned(row.pathway_digest).stage(row.stage)
        shown = (row, pick(stage.title), pick(stage.gate.title))
        is_ready = row.state == "wait" and row.missing == (stage.sign_off_slot,)
        (ready if is_ready else stuck).append(shown)
    results = [
        (
            row,
            words.title_of(row.activity, active.for_team(viewer().teams[row.team_id].slug)),
            _attempt_url(row.kind, row.attempt_id),
        )
        for row in queries.unmarked(teams, _marked_by_rubrics())
    ]
    page = render_template(
        "pathway/queue.html",
        ready=ready,
        stuck=[each for each in stuck if each[0].state == "help"],
        results=results,
        proposals=queries.proposals(teams),
        parts=[part for each in hooks.queue_parts if (part := each())],
        actions=[action for each in hooks.queue_actions if (action := each())],
        form=form,
        ticked=ticked,
        me=viewer().id,
    )
    return page, status


def _marked_by_rubrics() -> list[str]:
    kinds = active.active().registry.kinds.values()
    return [kind.name for kind in kinds if not kind.is_accepted_or_refused]


def _attempt_url(kind: str, attempt_id: int) -> str | None:
    found = active.active().registry.kinds.get(kind)
    return found.attempt_url(attempt_id) if found else None


@queue.post("/queue/sign-off")
@requires(*STAFF)
def sign_off() -> ResponseReturnValue:
    """Sign for the ticked trainees, a whole class at once; each one stands for itself.

    Raises:
        NotFoundError: If one of them is not the viewer's to sign for.
    """
    form = forms.SignOffForm()
    ticked = _ticked()
    if not form.validate_on_submit() or not ticked:
        if not ticked:
            flash(_("先勾选要签字的学员。"), "failed")
        back = _id(request.form.get("back", ""))
        if back is not None:
            return _page(back, 422, sign_form=form)
        return _queue_page(form, {number for number, _stage in ticked}, 422)
    signed_count = 0
    for enrolment_id, stage_slug in ticked:
        with transaction():
            enrolment = _enrolment(enrolment_id)
            if enrolment.state != "active" or enrolment.stage != stage_slug:
                continue  # signed already, by an earlier click or somebody else
            stage = standing.pinned(enrolment.pathway_digest).stage(enrolment.stage)
            if not _may_sign(stage, enrolment.team_id):
                raise NotFoundError
            by_hand.sign_off(
                enrolment,
                accepted=form.accepted.data == "yes",
                reason=form.reason.data or "",
                by=viewer().id,
                now=utc_now(),
                stage_slug=stage_slug,
            )
        signed_count += 1
    if signed_count:
        flash(ngettext("签好了，%(count)s 人。", signed_count), "passed")
    if signed_count < len(ticked):
        text = ngettext("%(count)s 人已经签过，没有再签。", len(ticked) - signed_count)
        flash(text, "waiting")
    return redirect(safe_back())


def _ticked() -> list[tuple[int, str]]:
    """The enrolments to sign for, each with the stage that the page showed."""
    parts = [each.partition(":") for each in request.form.getlist("enrolment")]
    ticked = [(_id(text), stage) for text, _colon, stage in parts[:200]]
    return [(number, stage) for number, stage in ticked if number is not None]


def _id(text: str) -> int | None:
    """A row's number as a form holds it; None where it can be none."""
    return int(text) if text.isdecimal() and len(text) <= _ID_DIGITS else None


def _enrolment(enrolment_id: int) -> Enrolment:
    """An enrolment of the viewer's staff teams, held for writing; 404 for any other."""
    enrolment = decisions.locked_enrolment(enrolment_id)
    staff_of_or_404(enrolment.team_id)
    return enrolment


def _may_sign(stage: Stage, team_id: int) -> bool:
    """Whether the viewer holds a role that the stage's signature asks for."""
    roles = _signers(stage.gate.rule)
    mine = viewer().roles.get(team_id, frozenset())
    return bool(roles) and (
        not mine.isdisjoint(roles) or not mine.isdisjoint({Role.MANAGER, Role.ADMINISTRATOR})
    )


def _signers(rule: object) -> set[Role]:
    if isinstance(rule, SignedOff):
        return {Role(rule.role)}
    inner = getattr(rule, "rules", ())
    return {role for each in inner for role in _signers(each)}


@queue.post("/queue/settle/<int:evidence_id>")
@requires(Role.TRAINER, Role.MANAGER)
def settle(evidence_id: int) -> ResponseReturnValue:
    """Accept or refuse a result that was left unmarked."""
    accepted = request.form.get("accepted") == "yes"
    with transaction():
        attempt = attempts.unsettled(evidence_id)
        staff_of_or_404(attempt.team_id, Role.TRAINER, Role.MANAGER)
        attempts.settle(evidence_id, accepted=accepted, by=viewer().id, now=utc_now())
    flash(_("已确认，成绩生效。") if accepted else _("已退回，这次不算。"), "passed")
    return redirect(url_for("queue.index"))


@bp.post("/people/<int:person_id>/enrol")
@requires(*STAFF)
def enrol(person_id: int) -> ResponseReturnValue:
    """Put a trainee of one's team on a pathway.

    Raises:
        NotFoundError: If the person is no trainee there.
    """
    team_id = request.form.get("team", default=0, type=int)
    staff_of_or_404(team_id)
    with transaction():
        if person_id not in people_with(team_id, Role.TRAINEE):
            raise NotFoundError
        enrolments.enrol(person_id, team_id, request.form.get("pathway"), now=utc_now())
    flash(_("已安排，学员下次打开“今天”就能看到第一步。"), "passed")
    return redirect(url_for("roster.person", person_id=person_id))


@bp.get("/enrolments/<int:enrolment_id>")
@requires(*STAFF)
def enrolment_page(enrolment_id: int) -> ResponseReturnValue:
    """One trainee's current gate, with what a trainer may do about it."""
    return _page(enrolment_id)


def _page(enrolment_id: int, status: int = 200, **bound: object) -> ResponseReturnValue:
    found = standing.of_enrolment(enrolment_id)
    staff_of_or_404(found.team_id)
    catalogue = found.catalogue()
    evidence = found.evidence()
    timezone = viewer().teams[found.team_id].timezone
    decision = decisions.as_it_stands(found, evidence, timezone, now=utc_now())
    name, employee_no = queries.name_of(found.person_id)
    limited = [
        (slug, words.title_of(slug, catalogue), found.tally(slug), allowed)
        for slug, allowed in found.stage.gate.attempts.items()
    ]
    values: dict[str, object] = {
        "sign_form": forms.SignOffForm(accepted="yes"),
        "override_form": forms.OverrideForm(),
        "grant_form": forms.GrantForm(),
        **bound,
    }
    page = render_template(
        "pathway/enrolment.html",
        standing=found,
        name=name,
        employee_no=employee_no,
        # The buttons are the trainee's.
        lines=[replace(line, url=None) for line in words.lines(decision.finding, catalogue)],
        steps=[
            (
                step,
                words.title_of(step.activity, catalogue),
                [pick(catalogue.section_title(ref)) for ref in step.scope],
            )
            for step in queries.plan(enrolment_id)
        ],
        limited=limited,
        by_hand=queries.by_hand(enrolment_id),
        may_sign=_may_sign(found.stage, found.team_id),
        state_word=words.stage_state_word,
        verdict_word=words.verdict_word,
        **values,
    )
    return page, status


@bp.post("/enrolments/<int:enrolment_id>/grant")
@requires(Role.TRAINER, Role.MANAGER)
def grant(enrolment_id: int) -> ResponseReturnValue:
    """Give one more attempt."""
    form = forms.GrantForm()
    if not form.validate_on_submit():
        return _page(enrolment_id, 422, grant_form=form)
    with transaction():
        enrolment = _enrolment(enrolment_id)
        by_hand.grant_attempt(
            enrolment,
            form.activity.data or "",
            reason=form.reason.data or "",
            by=viewer().id,
            now=utc_now(),
        )
    flash(_("多给了一次机会，学员会收到通知。"), "passed")
    return redirect(url_for("pathway.enrolment_page", enrolment_id=enrolment_id))


@bp.post("/enrolments/<int:enrolment_id>/override")
@requires(Role.TRAINER, Role.MANAGER)
def override(enrolment_id: int) -> ResponseReturnValue:
    """Decide the gate by hand; a second person confirms where there is one."""
    form = forms.OverrideForm()
    if not form.validate_on_submit():
        return _page(enrolment_id, 422, override_form=form)
    with transaction():
        enrolment = _enrolment(enrolment_id)
        row = by_hand.override(
            enrolment,
            Verdict(form.verdict.data),
            reason=form.reason.data or "",
            by=viewer().id,
            now=utc_now(),
            stage_slug=request.form.get("stage"),
        )
        is_proposed = row.state == "proposed"
    flash(
        _("已提交，等另一位老师或主管确认后生效。")
        if is_proposed
        else _("已生效。店里没有第二个人能确认，这条会标在主管页上。"),
        "waiting" if is_proposed else "passed",
    )
    return redirect(url_for("pathway.enrolment_page", enrolment_id=enrolment_id))


@bp.post("/decisions/<int:decision_id>/second")
@requires(*STAFF)
def second(decision_id: int) -> ResponseReturnValue:
    """Agree with a proposed decision, or decline it; withdraw one's own.

    Raises:
        NotFoundError: If there is no such decision in the viewer's teams.
    """
    agrees = request.form.get("agrees") == "yes"
    with transaction():
        row = db.session.get(DecisionRow, decision_id)
        if row is None:
            raise NotFoundError
        enrolment = _enrolment(row.enrolment_id)
        is_own = row.by_person_id == viewer().id
        by_hand.second(row, enrolment, agrees=agrees, by=viewer().id, now=utc_now())
    declined = _("已撤回，决定没有生效。") if is_own else _("已否决，决定没有生效。")
    flash(_("已同意，决定生效。") if agrees else declined, "passed")
    return redirect(url_for("queue.index"))


def safe_back() -> str:
    """The page the form was on: an enrolment's, or the queue."""
    back = _id(request.form.get("back", ""))
    if back is not None:
        return url_for("pathway.enrolment_page", enrolment_id=back)
    return url_for("queue.index")
