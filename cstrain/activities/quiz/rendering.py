"""The HTML of a paper's questions, made once for each answer and kept.

Most of a paper is the same for everybody: what a question shows depends on its digest, the order
of its choices, the answer and the language. Place, total and epoch are put in afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from cstrain.activities.quiz.papers import Question
from cstrain.activities.quiz.queries import Given, Judged
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import language
from cstrain.plugin import responses

#: Pieces of some two kilobytes each.
KEPT = 6000
# Characters for private use: no answer holds one (see core/items/text.py).
_NUMBER, _PLACE, _TOTAL, _EPOCH, _CURRENT = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"

_kept: dict[tuple[object, ...], str] = {}


def questions_html(
    questions: Sequence[Question], given: Mapping[int, Given], current: int
) -> Markup:
    """All questions of a paper with the answers that stand.

    Args:
        questions: The paper.
        given: The answers by place.
        current: The place shown first, where one is shown at a time.
    """
    total = str(len(questions))
    pieces = []
    for place, question in enumerate(questions):
        mine = given.get(place)
        piece = _piece(question, mine.response if mine else None)
        pieces.append(
            piece.replace(_NUMBER, str(place + 1))
            .replace(_PLACE, str(place))
            .replace(_TOTAL, total)
            .replace(_EPOCH, str(mine.epoch if mine else 0))
            .replace(_CURRENT, " is-current" if place == current else "")
        )
    return Markup("".join(pieces))  # noqa: S704 - pieces of a template, and numbers


def dots_html(answered: Sequence[bool], current: int) -> Markup:
    """The strip of numbers.

    Args:
        answered: By place, whether there is an answer.
        current: The place that is marked.
    """
    labels = (_("第 %(n)s 题，未答", n=_NUMBER), _("第 %(n)s 题，已答", n=_NUMBER))
    rows = []
    for place, is_answered in enumerate(answered):
        number = str(place + 1)
        said = labels[is_answered].replace(_NUMBER, number)
        mark = ' aria-current="true"' if place == current else ""
        rows.append(
            f'<li><a href="#q{number}" data-dot="{place}" aria-label="{escape(said)}"{mark}'
            f' class="{"is-answered" if is_answered else ""}">{number}</a></li>'
        )
    return Markup("".join(rows))  # noqa: S704 - numbers, and escaped words


def judged_html(judged: Judged, place: int, *, shows_key: bool) -> Markup:
    """One question of a closed attempt.

    Args:
        judged: The question with the answer.
        place: Its place on the paper.
        shows_key: Whether right answers, comments and the explanation are shown.
    """
    question, response = judged.question, judged.response
    key = (*_key(question, response), "judged", shows_key)
    piece = _kept.get(key)
    if piece is None:
        graded = judged.graded() if shows_key else None
        piece = _keep(key, _macros().judged(question, response, graded, _NUMBER))
    return Markup(piece.replace(_NUMBER, str(place + 1)))  # noqa: S704 - a piece of a template


def _piece(question: Question, response: responses.Response | None) -> str:
    key = _key(question, response)
    piece = _kept.get(key)
    if piece is None:
        made = _macros().item(question.public, response, _NUMBER, _PLACE, _TOTAL, _EPOCH, _CURRENT)
        piece = _keep(key, made)
    return piece


def _key(question: Question, response: responses.Response | None) -> tuple[object, ...]:
    return question.digest, question.frozen.order, question.points, response, language()


def _macros() -> Any:
    return current_app.jinja_env.get_template("quiz/question.html").module


def _keep(key: tuple[object, ...], made: object) -> str:
    if len(_kept) >= KEPT:
        _kept.clear()
    piece = _kept[key] = str(made)
    return piece
