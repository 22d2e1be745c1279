"""Serving simulated customers, and marking what came of it. Through the services only."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from cstrain.activities.live_practice import service as practice
from cstrain.activities.live_practice.orders import CHOICES, yuan
from cstrain.activities.live_practice.play import Desk, Guest
from cstrain.activities.live_practice.scenario import ACTIONS, NeededAction
from cstrain.core.catalogue.kinds import AttemptView
from cstrain.core.review import service as reviews
from cstrain.core.review.models import Review, ReviewMark
from cstrain.kit.db import db
from cstrain.kit.errors import ConflictError, InvalidError

_UNSAID: Final = "照聊天里说的"
_GOODBYE: Final = "好的，有事您再叫我。"
#: Characters a second, as somebody types who has done it for some weeks.
_TYPED_CPS: Final = 1.1
#: Marks that stand where rules could not tell, as a share of the best.
_USUAL_RATIO: Final = 0.9


def serve(attempt: AttemptView, *, skill: float, rng: random.Random) -> datetime:
    """Answer everybody who comes, the longest wait first.

    Args:
        attempt: A session, just begun.
        skill: Share of turns that are answered well, 0 to 1.
        rng: Decides who is answered how.

    Returns:
        When the last customer had gone, or the time was up.
    """
    now = attempt.started_at
    ends_at = attempt.deadline_at or now + timedelta(hours=1)
    count = 0
    while now < ends_at:
        desk = practice.news(attempt, after=0, by=attempt.person_id, now=now).desk
        waiting = [guest for guest in desk.guests if _waits(guest)]
        if waiting:
            guest = min(waiting, key=lambda each: each.condition.waiting_ms or 0)
            text, actions = _answer(guest, is_good=rng.random() < skill, rng=rng)
            typed_s = len(text) / _TYPED_CPS
            now = min(now + timedelta(seconds=typed_s + rng.uniform(1, 4)), ends_at)
            for data in (*actions, _line(text, typed_s)):
                count += 1
                sent = {**data, "customer": guest.id, "key": f"demo-{count}"}
                if not _send(attempt, sent, now=now):
                    break
        elif (then := _next_at(attempt, desk)) is None:
            break
        else:
            now = max(then, now + timedelta(milliseconds=1))
    return min(now, ends_at)


def _waits(guest: Guest) -> bool:
    """Whether a customer has said everything and waits for an answer."""
    talk = guest.condition
    return guest.gone_ms is None and talk.waiting_ms is not None and not talk.queue


def _answer(guest: Guest, *, is_good: bool, rng: random.Random) -> tuple[str, list[dict[str, Any]]]:
    """What to say to somebody who waits, and what to do with the order before."""
    state = guest.scenario.states.get(guest.condition.state)
    if state is None or not state.good_replies:
        return _GOODBYE, []
    if not is_good and state.bad_replies:
        return rng.choice(state.bad_replies), []
    done = {code for code, _params, _words in guest.actions}
    actions = [_action(need) for need in state.needs.actions if need.code.value not in done]
    return rng.choice(state.good_replies), actions


def _action(need: NeededAction) -> dict[str, Any]:
    return {"kind": "action", "action": need.code.value, "params": filled_in(need)}


def filled_in(need: NeededAction) -> dict[str, str]:
    """The form of an action as the customer needs it; what no rule names says little."""
    form = ACTIONS[need.code]
    params = {
        name: CHOICES.get(name, ("0" if name in form.numbers else _UNSAID,))[0]
        for name in form.fields
    }
    for rule in need.rules:
        wanted = rule.equals or "，".join(rule.contains[:1]) or yuan(rule.at_most or 0)
        is_more = rule.contains and params[rule.param] != _UNSAID
        params[rule.param] = f"{params[rule.param]}，{wanted}" if is_more else wanted
    return params


def _line(text: str, typed_s: float) -> dict[str, Any]:
    typed = {"typed_chars": len(text), "typed_ms": round(typed_s * 1000)}
    return {"kind": "line", "text": text, "sure": True, **typed}


def _send(attempt: AttemptView, data: dict[str, Any], *, now: datetime) -> bool:
    """Send one thing; False when the customer has gone meanwhile or the order forbids it."""
    sent = practice.read_sent(data)
    try:
        practice.send(attempt, sent, after=0, by=attempt.person_id, now=now)
    except (ConflictError, InvalidError):
        return sent.kind == "action"
    return True


def _next_at(attempt: AttemptView, desk: Desk) -> datetime | None:
    next_ms = None if desk.is_over else desk.next_ms()
    return None if next_ms is None else attempt.started_at + timedelta(milliseconds=next_ms)


def mark(person_id: int, *, by: int, comment: str, now: datetime) -> None:
    """Mark somebody's reception that waits: what rules propose stands, the rest is usual."""
    review = db.session.scalars(
        select(Review).where(Review.person_id == person_id, Review.state.in_(("open", "drafted")))
    ).one()
    drafts = {key: _draft(row) for key, row in reviews.marks_of(review.id).items()}
    reviews.save(review.id, drafts, by=by, now=now, comment=comment)
    reviews.complete(review.id, by=by, now=now)


def _draft(row: ReviewMark) -> reviews.Draft:
    if row.is_proposed_na:
        return reviews.Draft(is_marked=True)
    value = row.full if row.proposed is None else row.proposed
    if row.rule is None and row.full > 1:
        value = round(row.full * _USUAL_RATIO)
    lines = tuple(str(line) for line in row.proposed_lines)[:3] or ("1",)
    return reviews.Draft(is_marked=True, value=value, lines=lines if value < row.full else ())
