"""Pages of quizzes: before, the paper, the answers as they are given, the result, and print."""

from __future__ import annotations

import json
import random
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cstrain import plugin
from cstrain.activities.quiz import blueprint, queries, rendering, service
from cstrain.activities.quiz.papers import Question, question_of
from cstrain.activities.quiz.spec import QuizSpec
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import language

KIND: Final = "quiz"
VIEW_COOKIE: Final = "quiz_view"
#: Seeds of printed papers are short enough to write on paper.
SEEDS: Final = 10_000

bp = Blueprint(
    "quiz",
    __name__,
    url_prefix="/quiz",
    template_folder="templates",
    static_folder="static",
)


def _quiz(slug: str) -> tuple[plugin.Activity, QuizSpec]:
    """A published quiz.

    Raises:
        NotFoundError: If there is none of this slug.
    """
    return _as_quiz(plugin.activity(slug))


def _as_quiz(found: plugin.Activity) -> tuple[plugin.Activity, QuizSpec]:
    if found.kind.name != KIND:
        raise NotFoundError(_("没有这项内容，可能已经改版。"))
    return found, found.spec


@bp.get("/<slug>")
@plugin.requires()
def begin(slug: str) -> ResponseReturnValue:
    """What it is, the rules, how many attempts are left, and the button."""
    activity, spec = _quiz(slug)
    info = plugin.start_info(slug)
    me = plugin.viewer()
    past = () if info.open_attempt_id else plugin.past_outcomes(me.id, slug, limit=10)
    return render_template(
        "quiz/begin.html",
        activity=activity,
        spec=spec,
        info=info,
        minutes=None if spec.minutes is None else round(spec.minutes * me.extra_time_ratio),
        allowed=info.allowed_count or spec.attempts,
        past=past,
        is_staff=me.is_staff and not me.viewing_as_trainee,
        may_import=me.has(plugin.Role.TRAINER, plugin.Role.ADMINISTRATOR),
    )


@bp.post("/<slug>/start")
@plugin.requires()
def start(slug: str) -> ResponseReturnValue:
    """Begin an attempt, or go on with the open one."""
    _quiz(slug)
    with transaction():
        attempt_id = plugin.start(slug).id
    return redirect(url_for("quiz.attempt", attempt_id=attempt_id))


@bp.get("/<int:attempt_id>")
@plugin.requires()
def attempt(attempt_id: int) -> ResponseReturnValue:
    """The paper while the attempt is open, what came of it afterwards.

    Raises:
        ConflictError: To staff, while the trainee is still answering.
    """
    found = plugin.seen_attempt(attempt_id, KIND)
    now = utc_now()
    is_own = found.person_id == plugin.viewer().id
    if found.is_open and service.is_over(found, now):
        plugin.finish_overdue(attempt_id)
        found = plugin.seen_attempt(attempt_id, KIND)
    if not found.is_open:
        return _result_page(found, is_own=is_own)
    if not is_own:
        raise ConflictError(_("还在作答，交卷以后才能看。"))
    return _paper_page(found, now)


def _paper_page(found: plugin.AttemptView, now: datetime) -> ResponseReturnValue:
    with transaction(durably=False):  # the first answer given on the page takes it along
        epoch, questions, marked = service.open_page(found.id)
    given = queries.given(found.id, questions)
    spec: QuizSpec = plugin.spec_of(found)
    answered = [
        position in given and not given[position].response.is_empty
        for position in range(len(questions))
    ]
    current = answered.index(False) if False in answered else 0
    return render_template(
        "quiz/paper.html",
        spec=spec,
        attempt=found,
        epoch=epoch,
        questions_html=rendering.questions_html(questions, given, current),
        dots_html=rendering.dots_html(answered, current),
        marked=" ".join(map(str, marked)),
        view=_chosen_view(),
        now_ms=_ms(now),
        deadline_ms=None if found.deadline_at is None else _ms(found.deadline_at),
        words=_words_json(language()),
    )


def _chosen_view() -> str:
    return "all" if request.cookies.get(VIEW_COOKIE) == "all" else "one"


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@bp.post("/<int:attempt_id>/answer")
@plugin.requires()
def answer(attempt_id: int) -> ResponseReturnValue:
    """Take one answer; says ``saved`` only after the commit.

    Raises:
        InvalidError: If it is no JSON of an answer.
    """
    sent: Any = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise InvalidError(_("答案的格式不对"))
    now = utc_now()
    with transaction():
        taken = service.take_answer(
            attempt_id,
            service.Delivery(sent.get("position"), sent.get("response")),
            epoch=sent.get("epoch"),
            seq=sent.get("seq"),
            by=plugin.viewer().id,
            now=now,
        )
    return {"saved": True, "counted": taken.counted, "reason": taken.reason, "now_ms": _ms(now)}


@bp.post("/<int:attempt_id>/marks")
@plugin.requires()
def marks(attempt_id: int) -> ResponseReturnValue:
    """Take the places that are marked now, all of them.

    Raises:
        InvalidError: If it is not ``{"epoch": 1, "marked": [0, 3]}``.
    """
    sent: Any = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise InvalidError(_("答案的格式不对"))
    with transaction():
        taken = service.take_marks(
            attempt_id,
            sent.get("marked"),
            epoch=sent.get("epoch"),
            by=plugin.viewer().id,
            now=utc_now(),
        )
    return {"counted": taken.counted, "reason": taken.reason}


@bp.post("/<int:attempt_id>/save")
@plugin.requires()
def save(attempt_id: int) -> ResponseReturnValue:
    """Take all answers of the page, for browsers without scripts."""
    plugin.my_attempt(attempt_id, KIND)
    with transaction():
        taken = _take_page(attempt_id)
    if taken.reason:
        flash(_not_counted(taken.reason), "needs_you")
    else:
        flash(_("已保存。"), "passed")
    return redirect(url_for("quiz.attempt", attempt_id=attempt_id))


@bp.post("/<int:attempt_id>/hand-in")
@plugin.requires()
def hand_in(attempt_id: int) -> ResponseReturnValue:
    """Take what the page still holds and close the attempt; asks first when answers are open."""
    found = plugin.my_attempt(attempt_id, KIND)
    here = redirect(url_for("quiz.attempt", attempt_id=attempt_id))
    if not found.is_open:
        return here
    is_sure = request.form.get("sure") == "1"
    with transaction():
        taken = _take_page(attempt_id)
        is_open_elsewhere = taken.reason == "elsewhere"
        if is_sure and not is_open_elsewhere and taken.reason != "closed":
            plugin.finish(attempt_id)
    if is_open_elsewhere:
        flash(_("这份卷子已在别处继续，所以没有交。看一遍再交。"), "needs_you")
        return here
    if is_sure or taken.reason:
        return here
    still_open = queries.open_positions(attempt_id)
    return render_template(
        "quiz/hand_in.html",
        spec=plugin.spec_of(found),
        attempt=found,
        still_open=still_open,
        epoch=request.form.get("epoch", ""),
    )


def _take_page(attempt_id: int) -> service.Taken:
    """Keep what a posted page holds; nothing but its stamp when it held no questions.

    Raises:
        InvalidError: If its stamp cannot be.
    """
    is_whole = request.form.get("whole") == "1"

    def read(public: plugin.paper.PublicItem, name: str) -> object:
        if not is_whole:
            return None
        return plugin.responses.raw_from_form(public, name, request.form.getlist)

    stamp = service.Stamp(request.form.get("epoch", type=int), request.form.get("seq", type=int))
    return service.take_form(attempt_id, stamp, read, by=plugin.viewer().id, now=utc_now())


def _not_counted(reason: str) -> str:
    """Why what was posted does not count, in words."""
    words = {
        "elsewhere": _("这份卷子已在别处继续，刚才这一页的改动没有计入。下面是现在的答案。"),
        "late": _("时间已经到了，刚才的改动没有计入。"),
        "closed": _("已经交卷，刚才的改动没有计入。"),
    }
    return words[reason]


@dataclass(frozen=True, slots=True)
class Relearn:
    """A section to relearn."""

    title: Any
    url: str
    lost_ratio: float
    item_count: int


def _result_page(found: plugin.AttemptView, *, is_own: bool) -> ResponseReturnValue:
    spec: QuizSpec = plugin.spec_of(found)
    result = plugin.result(found)
    catalogue = plugin.catalogue_of(found)
    rows = queries.judged(found.id)
    relearn = [
        Relearn(
            catalogue.section_title(ref),
            url_for("catalogue.section", ref=ref),
            shortfall.lost_ratio,
            shortfall.item_count,
        )
        for shortfall in result.outcome.shortfalls
        if (ref := shortfall.target.removeprefix("section:")) in catalogue.sections
        or catalogue.page_of(ref) is not None
    ]
    me = plugin.viewer()
    shows_key = (not is_own and not me.viewing_as_trainee) or _shows_key(spec, result)
    return render_template(
        "quiz/result.html",
        spec=spec,
        attempt=found,
        result=result,
        state=_result_state(spec, result),
        rows=rows,
        wrong=[row for row in rows if not row.row.is_right],
        relearn=relearn,
        section_title=catalogue.section_title,
        shows_key=shows_key,
        bodies=[
            rendering.judged_html(each, place, shows_key=shows_key)
            for place, each in enumerate(rows)
        ],
        is_own=is_own,
        name="" if is_own else result.person_name,
    )


def _result_state(spec: QuizSpec, result: plugin.Result) -> str:
    """``passed``, ``failed``, or ``in_progress`` where nothing depends on it."""
    is_passed = _is_passed(spec, result)
    if is_passed is None:
        return "in_progress"
    return "passed" if is_passed else "failed"


def _is_passed(spec: QuizSpec, result: plugin.Result) -> bool | None:
    """Whether the attempt passed: by the gate, else by the quiz's own mark."""
    if result.is_passed is not None:
        return result.is_passed
    score = result.outcome.score
    if spec.pass_ratio is None or score is None:
        return None
    return score >= spec.pass_ratio - service.EPSILON


def _shows_key(spec: QuizSpec, result: plugin.Result) -> bool:
    """Whether the trainee may see right answers now. Never while another attempt is open."""
    if result.open_attempt_id is not None and spec.is_exam:
        return False
    if spec.reveal == "after_pass":
        return _is_passed(spec, result) is True
    return spec.reveal == "always"


@bp.get("/<slug>/preview")
@plugin.requires(*plugin.STAFF)
def preview(slug: str) -> ResponseReturnValue:
    """A paper as a trainee sees it; nothing is kept."""
    catalogue = plugin.taught_catalogue(slug)
    activity, spec = _as_quiz(catalogue.activity(slug))
    questions = _drawn(catalogue, spec, _seed())
    return render_template(
        "quiz/paper.html",
        spec=spec,
        activity=activity,
        attempt=None,
        epoch=0,
        questions_html=rendering.questions_html(questions, {}, 0),
        dots_html=rendering.dots_html([False] * len(questions), 0),
        marked="",
        view=_chosen_view(),
        now_ms=0,
        deadline_ms=None,
        words=_words_json(language()),
    )


@bp.get("/<slug>/print")
@plugin.requires(*plugin.STAFF)
def printed(slug: str) -> ResponseReturnValue:
    """A drawn paper to print; with ``key=1`` its answers. The seed makes it the same again."""
    catalogue = plugin.taught_catalogue(slug)
    activity, spec = _as_quiz(catalogue.activity(slug))
    if "seed" not in request.args:
        seed = secrets.randbelow(SEEDS)
        return redirect(url_for("quiz.printed", slug=slug, seed=seed))
    seed = _seed()
    return render_template(
        "quiz/print.html",
        activity=activity,
        spec=spec,
        seed=seed,
        questions=_drawn(catalogue, spec, seed),
        with_key=request.args.get("key") == "1",
        another=secrets.randbelow(SEEDS),
    )


def _seed() -> int:
    seed = request.args.get("seed", 0, type=int)
    return seed % SEEDS


def _drawn(catalogue: plugin.Catalogue, spec: QuizSpec, seed: int) -> list[Question]:
    """The paper of a seed."""
    rng = random.Random(seed)  # noqa: S311 - a draw that can be repeated
    drawn = blueprint.draw(spec, catalogue.bank, {}, rng)
    return [question_of(entry, plugin.paper.freeze(entry.item, rng)) for entry in drawn]


@cache
def _words_json(spoken: str) -> str:
    """The same as JSON, made once for each language."""
    del spoken  # what ``_words`` speaks; part of the key
    return json.dumps(_words(), ensure_ascii=False)


def _words() -> dict[str, str]:
    """What the script of the paper says."""
    return {
        "saved": _("已保存"),
        "saving": _("保存中…"),
        "queued": _("还没存上"),
        "refused": _("没有保存"),
        "offline": _("网络断了。答案先留在这一页，恢复后自动保存；请不要关掉页面。"),
        "backOnline": _("网络恢复了，答案都存上了。"),
        "elsewhere": _("这份卷子已在别处继续。这一页的改动不再计入。"),
        "here": _("在这里继续"),
        "closed": _("这份卷子已经交了。"),
        "late": _("时间已经到了，这个改动没有计入。"),
        "seeResult": _("看结果"),
        "login": _("登录已结束。答案留在这一页：在新标签页登录后回来，会自动保存。"),
        "logIn": _("去登录"),
        "stale": _("页面开得太久了。答案已经留好，刷新后自动保存。"),
        "reload": _("刷新"),
        "restoring": _("正在补存上次没存上的答案…"),
        "timeLeft": _("还剩 {n} 分钟"),
        "timeUp": _("时间到，正在交卷…"),
        "timeUpOffline": _("时间到了，网络还没恢复。已经保存的答案会自动交卷。"),
        "allAnswered": _("全部答完了。"),
        "openOnes": _("还有 {n} 题没答："),
        "markedOnes": _("做了记号的："),
        "unsentOnes": _("有 {n} 个答案还没存上，正在重试；存上再交。"),
        "question": _("第 %(n)s 题", n="{n}"),
        "answered": _("第 %(n)s 题，已答", n="{n}"),
        "open": _("第 %(n)s 题，未答", n="{n}"),
        "answeredMarked": _("第 %(n)s 题，已答，有记号", n="{n}"),
        "openMarked": _("第 %(n)s 题，未答，有记号", n="{n}"),
        "mark": _("做记号"),
        "unmark": _("去掉记号"),
    }
