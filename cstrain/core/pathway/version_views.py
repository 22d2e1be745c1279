"""The page on which managers move people within a stage to the version published now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain.core.catalogue import active
from cstrain.core.pathway import by_hand, decisions, forms, version_words, versions
from cstrain.core.pathway.models import Enrolment
from cstrain.core.pathway.words import stage_state_word
from cstrain.core.people.access import Role, requires, staff_of_or_404, viewer
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ConflictError, InvalidError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext

bp = Blueprint("versions", __name__, template_folder="templates")
MOVERS = (Role.MANAGER, Role.ADMINISTRATOR)
#: Every number of so many digits fits into a column of ids.
_ID_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Ticked:
    """Somebody to be moved, with what the page showed.

    Attributes:
        stage: The stage they were in.
        before: The version they were on.
        after: The version that was published.
    """

    enrolment_id: int
    stage: str
    before: str
    after: str


@bp.get("/versions")
@requires(*MOVERS)
def index() -> ResponseReturnValue:
    """Whom a new version of a pathway concerns, and what a move would change for each."""
    return _page(forms.ReasonForm(), None)


def _page(
    form: forms.ReasonForm, ticked: Collection[int] | None, status: int = 200
) -> ResponseReturnValue:
    me, now = viewer(), utc_now()
    groups = versions.behind(me.teams_as(*MOVERS))
    shown = []
    for group, people in zip(groups, versions.people(groups, now=now), strict=True):
        catalogue = active.for_team(group.team.slug)
        changes = version_words.changes(group.old, group.new, catalogue) if group.new else []
        rows = [(each, version_words.prospect(each, group, catalogue)) for each in people]
        if rows:
            shown.append((group, changes, rows))
    page = render_template(
        "pathway/versions.html",
        groups=shown,
        form=form,
        ticked=ticked,
        me=me.id,
        several=len(me.team_ids(*MOVERS)) > 1,
        left=sum(group.count for group in groups) - sum(len(rows) for _g, _c, rows in shown),
        can_move=any(
            prospect.how != "gone" and person.person_id != me.id
            for _group, _changes, rows in shown
            for person, prospect in rows
        ),
        state_word=stage_state_word,
    )
    return page, status


@bp.post("/versions")
@requires(*MOVERS)
def move() -> ResponseReturnValue:
    """Move the ticked people, all of whom must be the viewer's to move.

    Whoever has gone on since the page was shown is left out.
    """
    form, ticked = forms.ReasonForm(), _ticked()
    if not form.validate_on_submit() or not ticked:
        if not ticked:
            flash(_("先勾选要换到新版的人。"), "failed")
        return _page(form, {each.enrolment_id for each in ticked}, 422)
    with transaction():
        # In the order of their numbers, so that two managers do not wait for each other.
        ids = sorted({each.enrolment_id for each in ticked})
        held = {number: decisions.locked_enrolment(number) for number in ids}
        for enrolment in held.values():
            staff_of_or_404(enrolment.team_id, *MOVERS)
        reason = form.reason.data or ""
        moved_count = sum(_moved(held[each.enrolment_id], each, reason) for each in ticked)
    if moved_count:
        flash(ngettext("换好了，%(count)s 人。他们会收到通知。", moved_count), "passed")
    if moved_count < len(ticked):
        text = ngettext("%(count)s 人刚刚有变化，没有换，请再看一遍。", len(ticked) - moved_count)
        flash(text, "waiting")
    return redirect(url_for("versions.index"))


def _moved(enrolment: Enrolment, seen: Ticked, reason: str) -> bool:
    """Move one of them; False where they have gone on, or another version was published."""
    try:
        by_hand.move(
            enrolment,
            stage_slug=seen.stage,
            from_digest=seen.before,
            to_digest=seen.after,
            reason=reason,
            by=viewer().id,
            now=utc_now(),
        )
    except (ConflictError, InvalidError):
        return False
    return True


def _ticked() -> Sequence[Ticked]:
    """The people to move, each with the stage and the two versions that the page showed."""
    found = []
    for value in request.form.getlist("enrolment")[: versions.PEOPLE_SHOWN]:
        number, stage, before, after = (value.split(":") + [""] * 3)[:4]
        if number.isdecimal() and len(number) <= _ID_DIGITS:
            found.append(Ticked(int(number), stage, before, after))
    return found
