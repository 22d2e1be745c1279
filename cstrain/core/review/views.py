"""Pages of reviews: the queue, the marking page, rules against trainers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from cstrain.core.catalogue import active
from cstrain.core.evidence import ledger
from cstrain.core.pathway import attempts
from cstrain.core.pathway.words import title_of
from cstrain.core.people.access import STAFF, Role, requires, staff_of_or_404, viewer
from cstrain.core.review import (
    blind,
    correcting,
    forms,
    hooks,
    queries,
    reading,
    refusing,
    service,
    trust,
    words,
)
from cstrain.core.review.following import followed
from cstrain.core.review.models import Review
from cstrain.core.review.queries import Found
from cstrain.core.review.rubric import applies, score
from cstrain.core.review.rubric_file import of_catalogue
from cstrain.core.review.service import Lack, UnfinishedError
from cstrain.core.review.subjects import About, marked_kind, marked_kinds
from cstrain.core.review.trust_words import agreement_sentence, compared_rows, only_people_can_tell
from cstrain.core.review.versions import rubric_of
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ForbiddenError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick

bp = Blueprint(
    "reviews",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/review",
)
MARKERS = (Role.TRAINER, Role.MANAGER)
_MANAGERS = (Role.MANAGER,)
_ID_DIGITS = 18


def queue_part() -> Markup:
    """The reviews that wait, for the page of all that waits; empty when there are none."""
    me = viewer()
    rows = queries.waiting(me.team_ids(*STAFF), me=me.id)
    if not rows:
        return Markup("")
    mine = me.team_ids(*MARKERS)
    page = render_template(
        "review/queue_part.html",
        rows=_listed(rows),
        me=me.id,
        mine=mine,
        ahead=queries.ahead(mine, me=me.id, now=utc_now()),
    )
    return Markup(page)  # noqa: S704 - our own template


def queue_action() -> Markup:
    """The way to every review, for those who mark: what is marked can be corrected there."""
    if not viewer().has(*MARKERS):
        return Markup("")
    return Markup(render_template("review/queue_action.html"))  # noqa: S704 - our own template


@dataclass(frozen=True, slots=True)
class _Row:
    """A review in a list.

    Attributes:
        title: What it is of.
        is_taken: Whether somebody else is at it.
        refused: Why the viewer must not mark it, in words; empty for nothing.
        about: What tells it from others; None for what stands for itself, and for who only looks.
    """

    found: Found
    title: str
    is_taken: bool
    refused: str
    about: About | None


def _listed(rows: list[Found]) -> list[_Row]:
    """Reviews as lists show them. One statement a kind that has something to say."""
    me, now = viewer(), utc_now()
    mine = set(me.team_ids(*MARKERS))
    own = [row.review for row in rows if row.review.team_id in mine]
    about = {key: said for kind in marked_kinds() for key, said in kind.about(own).items()}
    return [
        _Row(
            row,
            title_of(row.review.activity, active.for_team(me.teams[row.review.team_id].slug)),
            service.is_taken(row.review.claimed_by, row.review.claimed_at, me.id, now),
            refusing.words_of(row.refused),
            about.get(row.review.id),
        )
        for row in rows
    ]


@bp.get("/reviews")
@requires(*MARKERS)
def index() -> ResponseReturnValue:
    """What is to be marked, and what has been."""
    me = viewer()
    is_done = request.args.get("show") == "done"
    teams = me.team_ids(*MARKERS)
    rows = (queries.done if is_done else queries.waiting)(teams, me=me.id)
    return render_template(
        "review/index.html",
        rows=_listed(rows),
        is_done=is_done,
        me=me.id,
        points=words.points,
    )


def _found(review_id: int) -> Found:
    """A review of a team whose work the viewer marks, and not the viewer's own.

    Raises:
        NotFoundError: If somebody else alone marks it.
        ForbiddenError: If it is the viewer's own.
    """
    found = queries.found(review_id, me=viewer().id)
    staff_of_or_404(found.review.team_id, *MARKERS)
    if found.review.for_person_id not in {None, viewer().id}:
        raise NotFoundError(_("没有这次批改。"))
    if found.review.person_id == viewer().id:
        raise ForbiddenError(_("自己的成绩要由别人批改。"))
    return found


@bp.get("/reviews/<int:review_id>")
@requires(*MARKERS)
def page(review_id: int) -> ResponseReturnValue:
    """The transcript beside the rubric."""
    return _page(_found(review_id))


def _page(
    found: Found, status: int = 200, lacks: Sequence[Lack] | None = None
) -> ResponseReturnValue:
    review, me, now = found.review, viewer(), utc_now()
    rubric, marks = rubric_of(review.rubric_digest), service.marks_of(review.id)
    is_open = review.state in queries.OPEN
    compared = {}
    if is_open and not review.is_appeal:  # there the question is the mark, not the rule
        compared = {
            (each.criterion, each.full): each
            for each in trust.compared([review.team_id])[review.team_id]
            if each.rubric == review.rubric
        }
    grades = service.grades_of(marks)
    roles = me.roles.get(review.team_id, frozenset())
    teams = me.team_ids(*MARKERS)
    catalogue = active.for_team(me.teams[review.team_id].slug)
    kind = marked_kind(review.kind)
    is_offered = review.state == "done" and review.for_person_id is None
    is_hidden = found.is_hidden and (not is_open or review.supersedes_id is not None)
    refused = refusing.words_of(found.refused) if is_open and not is_hidden else ""
    may_mark = is_open and not is_hidden and not refused
    bounds = service.bounds_of(review, rubric) if may_mark else {}
    lacking = service.lacks_of(review, rubric, marks, bounds) if may_mark else ()
    said = None if lacks is None else {each.key: words.lack_words(each) for each in lacks}
    titles = {each.key: pick(each.title) for each in rubric}
    shown = render_template(
        "review/marking.html",
        found=found,
        review=review,
        title=title_of(review.activity, catalogue),
        rubric_title=pick(rubric.title),
        # An appeal in it tells the mark that is not agreed with.
        transcript="" if is_hidden else _transcript(review),
        sections=words.bound_by(
            words.sections_of(rubric, marks, compared=compared, lacks=said), bounds
        ),
        lacks=said,
        titles=titles,
        lacking={each.key: words.lack_words(each) for each in lacking},
        open_words=words.open_words(len(lacking)),
        ahead=queries.ahead(teams, me=me.id, now=now, after=review.id),
        followed=followed(review, catalogue) if review.state == "done" else None,
        is_just_done=request.args.get("just") == "done",
        offers=[offer(review) for offer in hooks.on_done] if is_offered else (),
        snippets=[pick(each) for each in rubric.snippets],
        score=words.score_words(score(rubric, grades)),
        final=words.points(review.score),
        raw=words.points(review.raw_score),
        is_open=is_open,
        is_taken=service.is_taken(review.claimed_by, review.claimed_at, me.id, now),
        refused=refused,
        is_hidden=is_hidden,
        own_url=_own_blind(review) if is_hidden else None,
        may_withdraw=kind is None or kind.may_withdraw(review),
        may_correct=review.for_person_id is None
        and (review.by_person_id == me.id or Role.MANAGER in roles),
        form=forms.CorrectionForm(),
    )
    return shown, status


def _own_blind(review: Review) -> str | None:
    """The way to the marking that the viewer has to end before seeing this one."""
    found = blind.own(review.kind, review.subject_id, viewer().id)
    return None if found is None else url_for("reviews.page", review_id=found)


def _transcript(review: Review) -> Markup:
    other = marked_kind(review.kind)
    if other is not None:
        return other.render_review(review)
    attempt = attempts.get(review.subject_id)
    kind = attempts.kind_of(attempt)
    shown = kind.render_review(attempt)
    if shown is None:
        shown = kind.render_evidence(ledger.view(attempts.standing_evidence(attempt.id)))
    return shown


@bp.post("/reviews/<int:review_id>")
@requires(*MARKERS)
def save(review_id: int) -> ResponseReturnValue:
    """Keep the whole form; with ``action=complete`` end the review, and show what it led to."""
    found = _found(review_id)
    me, now = viewer(), utc_now()
    drafts = reading.marks_in_form(rubric_of(found.review.rubric_digest))
    comment = request.form.get("comment", "")
    with transaction():
        service.save(review_id, drafts, by=me.id, now=now, comment=comment)
    if request.form.get("action") != "complete":
        flash(_("已保存，还没有完成批改。"), "passed")
        return redirect(url_for("reviews.page", review_id=review_id))
    try:
        with transaction():
            service.complete(review_id, by=me.id, now=now)
    except UnfinishedError as error:
        flash(str(error), "failed")
        return _page(_found(review_id), 422, error.lacks)
    if found.review.for_person_id is None:
        flash(_("批改完了，学员会收到通知。"), "passed")
    else:
        flash(_("评完了。只用来对照，不改成绩，本人看不到。"), "passed")
    return redirect(url_for("reviews.page", review_id=review_id, just="done"))


@bp.get("/reviews/next")
@requires(*MARKERS)
def following() -> ResponseReturnValue:
    """The next review that waits, behind the one named by ``after``; the queue where none does."""
    me, after = viewer(), request.args.get("after", "")
    is_id = after.isdecimal() and len(after) <= _ID_DIGITS
    found = queries.ahead(
        me.team_ids(*MARKERS), me=me.id, now=utc_now(), after=int(after) if is_id else 0
    )
    if found.review_id is None:
        flash(_("现在没有要批改的。"), "passed")
        return redirect(url_for("queue.index"))
    return redirect(url_for("reviews.page", review_id=found.review_id))


@bp.post("/reviews/<int:review_id>/draft")
@requires(*MARKERS)
def draft(review_id: int) -> ResponseReturnValue:
    """Keep one mark, or the comment, as it is given; answers what the marks come to so far."""
    found = _found(review_id)
    data = request.get_json(silent=True)
    drafts, comment = reading.marks_in_json(data)
    with transaction():
        saved = service.save(review_id, drafts, by=viewer().id, now=utc_now(), comment=comment)
    rubric = rubric_of(found.review.rubric_digest)
    return {
        "revision": saved.revision,
        "notice": _("存好了；电话、姓名这类遮住了") if saved.is_hidden else "",
        "score": words.score_words(saved.scored),
        "open": words.open_words(len(saved.lacks)),
        "lacks": {each.key: words.lack_words(each) for each in saved.lacks},
        "skipped": [each.key for each in rubric if applies(each, saved.grades) is False],
    }


@bp.post("/reviews/<int:review_id>/claim")
@requires(*MARKERS)
def claim(review_id: int) -> ResponseReturnValue:
    """Say that one is at it; ``take=yes`` takes it over from somebody else."""
    _found(review_id)
    is_taken_over = request.form.get("take") == "yes"
    with transaction():
        service.claim(review_id, by=viewer().id, now=utc_now(), is_taken_over=is_taken_over)
    return redirect(url_for("reviews.page", review_id=review_id))


@bp.post("/reviews/<int:review_id>/correct")
@requires(*MARKERS)
def correct(review_id: int) -> ResponseReturnValue:
    """Begin to mark again what is done."""
    found, form = _found(review_id), forms.CorrectionForm()
    if not form.validate_on_submit():
        flash(" ".join(form.problems()), "failed")
        return _page(found, 422)
    with transaction():
        new_id = correcting.correct(
            review_id, reason=form.reason.data or "", by=viewer().id, now=utc_now()
        )
    return redirect(url_for("reviews.page", review_id=new_id))


@bp.post("/reviews/<int:review_id>/withdraw")
@requires(*MARKERS)
def withdraw(review_id: int) -> ResponseReturnValue:
    """Give up a correction."""
    found = _found(review_id)
    with transaction():
        correcting.withdraw(review_id, by=viewer().id)
    flash(_("更正撤回了，原来的成绩不变。"), "passed")
    return redirect(url_for("reviews.page", review_id=found.review.supersedes_id))


@bp.get("/reviews/agreement")
@requires(*STAFF)
def agreement() -> ResponseReturnValue:
    """How far rules and trainers agree, criterion by criterion."""
    return _agreement_page()


def _agreement_page(
    bound: Mapping[int, forms.TrustForm] | None = None, status: int = 200
) -> ResponseReturnValue:
    me = viewer()
    teams = me.team_ids(*STAFF)
    settings, found = trust.trusts(teams), trust.compared(teams)
    parts = [each.agreement_parts(teams) for each in marked_kinds()]
    shown = []
    for team_id in teams:
        catalogue = active.for_team(me.teams[team_id].slug)
        setting = settings[team_id]
        form = (bound or {}).get(team_id) or forms.TrustForm(
            formdata=None,
            is_on=setting.min_kappa is not None,
            min_kappa=setting.min_kappa or 0.8,
            min_count=setting.min_count,
        )
        rubrics = of_catalogue(catalogue)
        rows = compared_rows(found[team_id], rubrics, setting)
        may_set = Role.MANAGER in me.roles.get(team_id, frozenset())
        sentence = agreement_sentence(found[team_id]) if rows else ""
        needs_person = only_people_can_tell(rubrics.values())
        more = [each[team_id] for each in parts if team_id in each]
        own = form if may_set else None
        shown.append((me.teams[team_id], sentence, rows, setting, own, needs_person, more))
    return render_template("review/agreement.html", teams=shown), status


@bp.post("/reviews/agreement/<int:team_id>")
@requires(*_MANAGERS)
def set_trust(team_id: int) -> ResponseReturnValue:
    """Set from when on rules alone may decide a team's practice."""
    staff_of_or_404(team_id, *_MANAGERS)
    form = forms.TrustForm()
    if not form.validate_on_submit():
        return _agreement_page({team_id: form}, 422)
    kappa = float(form.min_kappa.data) if form.is_on.data and form.min_kappa.data else None
    with transaction():
        trust.set_trust(
            team_id,
            min_kappa=kappa,
            min_count=form.min_count.data or trust.SHOWN_FROM,
            by=viewer().id,
            now=utc_now(),
        )
    flash(_("存好了，从下一次练习起算。"), "passed")
    return redirect(url_for("reviews.agreement"))
