"""Writing sessions: draw, hear, pause, close. Nothing here commits or asks the clock."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Row, Table, bindparam, insert, update

from cstrain.activities.live_practice import arrivals, customer, orders, panel, queries
from cstrain.activities.live_practice.condition import Event
from cstrain.activities.live_practice.models import PracticePause, PracticeSession
from cstrain.activities.live_practice.play import Desk, Guest
from cstrain.activities.live_practice.scenario import ActionCode
from cstrain.activities.live_practice.spec import Forbidden, PracticeSpec, Settings
from cstrain.activities.live_practice.storing import desk_of, keep
from cstrain.activities.live_practice.timing import milliseconds, session_ms
from cstrain.kit.db import insert_row, run
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import AttemptView, Catalogue, catalogue_of, forbidden_words

MAX_TEXT_LENGTH: Final = 500
MAX_KEY_LENGTH: Final = 64
#: No line takes longer to type; what a page claims beyond it is cut.
MAX_TYPED_MS: Final = 3_600_000
_KEY = re.compile(rf"[A-Za-z0-9_.:-]{{1,{MAX_KEY_LENGTH}}}")
_CODE = re.compile(r"[a-z0-9]{1,8}")
#: What no database and no page can show: control characters and halves of characters.
_UNSHOWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")


class ForbiddenWordsError(InvalidError):
    """A line with forbidden words that has not gone out.

    Attributes:
        hits: Where they stand in the line, with what to say instead.
        may_insist: Whether it goes out when it is sent again on purpose.
    """

    def __init__(self, hits: Sequence[forbidden_words.Hit], *, may_insist: bool) -> None:
        self.hits = tuple(hits)
        self.may_insist = may_insist
        super().__init__(_("这句里有违禁词，还没有发出。"))


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that a page sends, checked for form only.

    Attributes:
        key: The page's own name for it.
        quick: The code of the quick reply it began as; empty for none.
        card: The number of a product.
        is_sure: Whether forbidden words were pointed out already.
    """

    customer_id: int
    key: str
    kind: str
    text: str = ""
    quick: str = ""
    card: str = ""
    action: object = None
    params: object = None
    typed_chars: int = 0
    typed_ms: int = 0
    pasted_chars: int = 0
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A session at a moment, for its page.

    Attributes:
        session: The row.
        lines: Those after the page's cursor.
    """

    session: Row[Any]
    settings: Settings
    desk: Desk
    lines: Sequence[Row[Any]]
    now: datetime
    now_ms: int


def read_sent(data: Mapping[str, Any]) -> Sent:
    """What a page sends.

    Raises:
        InvalidError: If it cannot be.
    """
    key, kind, quick = data.get("key"), data.get("kind"), data.get("quick") or ""
    customer_id, text, card = data.get("customer"), data.get("text", ""), data.get("card") or ""
    is_whole = isinstance(customer_id, int) and not isinstance(customer_id, bool)
    if not is_whole or not isinstance(key, str) or not _KEY.fullmatch(key):
        raise InvalidError(_("这一句读不懂，请刷新页面再试。"))
    is_kind = isinstance(kind, str) and kind in {"line", "card", "action"}
    if not is_kind or not isinstance(card, str):
        raise InvalidError(_("这一句读不懂，请刷新页面再试。"))
    if not isinstance(quick, str) or (quick and not _CODE.fullmatch(quick)):
        raise InvalidError(_("这一句读不懂，请刷新页面再试。"))
    text = _UNSHOWN.sub("", text).strip() if isinstance(text, str) else ""
    if kind == "line" and not text:
        raise InvalidError(_("还没有写字。"))
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidError(_("一句最多 %(n)s 字，请分开发。", n=MAX_TEXT_LENGTH))
    return Sent(
        customer_id=cast("int", customer_id),
        key=key,
        kind=str(kind),
        text=text,
        quick=quick,
        card=card,
        action=data.get("action"),
        params=data.get("params"),
        typed_chars=_count(data.get("typed_chars"), len(text)),
        typed_ms=_count(data.get("typed_ms"), MAX_TYPED_MS),
        pasted_chars=_count(data.get("pasted_chars"), len(text)),
        is_sure=data.get("sure") is True,
    )


def _count(value: object, most: int) -> int:
    """A count as a page claims it, from 0 to ``most``."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        return 0
    return most if value >= most else int(value)


def prepare(attempt: AttemptView, spec: PracticeSpec) -> None:
    """Draw who comes, and freeze it.

    Raises:
        ConflictError: If no scenario fits, which publishing had checked.
    """
    run(
        insert(cast("Table", PracticeSession.__table__)),
        {
            "attempt_id": attempt.id,
            "person_id": attempt.person_id,
            "team_id": attempt.team_id,
            "revision_id": attempt.revision_id,
            "settings": Settings.of(spec).to_json(),
            "plan": [] if spec.is_played else _draw(attempt, spec, only=None),
            "chosen": None,
            "started_at": attempt.started_at,
            "deadline_at": attempt.deadline_at,
            "engine": customer.ENGINE_VERSION,
        },
    )


def choose(attempt: AttemptView, spec: PracticeSpec, scenario: str) -> None:
    """Practise one scenario instead of a mix, as long as nobody has come.

    Raises:
        ConflictError: If it is an assessment, or somebody has come already.
        NotFoundError: If the session has no such scenario.
    """
    row = queries.session_of(attempt.id, is_locked=True)
    if spec.is_exam or row.closed_at is not None or queries.customers_of(attempt.id):
        raise ConflictError(_("这次已经开始了，换情景要等下一次。"))
    if scenario not in {each.slug for each in queries.candidates(spec, catalogue_of(attempt))}:
        raise NotFoundError(_("没有这个情景。"))
    plan = _draw(attempt, spec, only=scenario)
    run(_CHOOSE, {"of_attempt": attempt.id, "new_plan": plan, "slug": scenario})


def _draw(attempt: AttemptView, spec: PracticeSpec, *, only: str | None) -> list[list[Any]]:
    """The plan of a session: scenario, digest, seed and earliest arrival of each seat.

    Raises:
        ConflictError: If no scenario fits.
    """
    fitting = queries.candidates(spec, catalogue_of(attempt), attempt.scope)
    if only is not None:
        fitting = [
            each for each in queries.candidates(spec, catalogue_of(attempt)) if each.slug == only
        ]
    if not fitting:
        raise ConflictError(_("还没有合适的情景，请告诉带教老师。"))
    seats = arrivals.plan(spec, fitting, attempt.seed, queries.seen(attempt.person_id), only=only)
    digests = {each.slug: each.digest for each in fitting}
    return [[seat.scenario, digests[seat.scenario], seat.seed, seat.earliest_ms] for seat in seats]


_sessions = cast("Table", PracticeSession.__table__)
_pauses = cast("Table", PracticePause.__table__)
_OF_ATTEMPT = _sessions.c.attempt_id == bindparam("of_attempt")
_CHOOSE = (
    update(_sessions)
    .where(_OF_ATTEMPT)
    .values(plan=bindparam("new_plan", type_=_sessions.c.plan.type), chosen=bindparam("slug"))
)
_CLOSE = (
    update(_sessions)
    .where(_OF_ATTEMPT)
    .values(closed_at=bindparam("at"), paused_at=None, paused_ms=bindparam("new_ms"))
)
_KEEP_RESULT = (
    update(_sessions)
    .where(_OF_ATTEMPT)
    .values(result=bindparam("new_result", type_=_sessions.c.result.type))
)
_PAUSE = update(_sessions).where(_OF_ATTEMPT).values(paused_at=bindparam("at"))
_RESUME = update(_sessions).where(_OF_ATTEMPT).values(paused_at=None, paused_ms=bindparam("new_ms"))
_END_PAUSE = (
    update(_pauses)
    .where(_pauses.c.attempt_id == bindparam("of_attempt"), _pauses.c.until_at.is_(None))
    .values(until_at=bindparam("at"))
)


def news(attempt: AttemptView, *, after: int, by: int, now: datetime) -> View:
    """Let happen what has happened meanwhile, and give what is new.

    Args:
        attempt: The attempt, open.
        after: The page's cursor.
        by: Who asks.
        now: The time.

    Raises:
        NotFoundError: If it is not the attempt of ``by``.
        ConflictError: If it is closed.
    """
    row = own_session(attempt.id, by)
    desk, now_ms = catch_up(attempt, row, now)
    keep(attempt, desk)
    return view_of(row, desk, after, now, now_ms)


def send(attempt: AttemptView, sent: Sent, *, after: int, by: int, now: datetime) -> View:
    """Take in a line, a card or an action; a second delivery of the same changes nothing.

    Raises:
        NotFoundError: If it is not the attempt of ``by``, or there is no such customer.
        ConflictError: If session or customer are over, or the clock stands still.
        InvalidError: If the action or card is not possible.
        ForbiddenWordsError: If forbidden words keep it back.
    """
    row = own_session(attempt.id, by)
    if queries.is_known(attempt.id, sent.key):
        desk, now_ms = catch_up(attempt, row, now)
        keep(attempt, desk)
        return view_of(row, desk, after, now, now_ms)
    if row.paused_at is not None:
        raise ConflictError(_("现在暂停着，先点“继续”。"))
    if row.deadline_at is not None and now > row.deadline_at:
        raise ConflictError(_("时间到了，这一句没有发出。"))
    desk, now_ms = catch_up(attempt, row, now)
    guest = next((each for each in desk.guests if each.id == sent.customer_id), None)
    if guest is None:
        raise NotFoundError(_("没有这位顾客。"))
    if guest.gone_ms is not None:
        raise ConflictError(_("这位顾客已经离开，这一句没有发出。"))
    catalogue = catalogue_of(attempt)
    event, line = _event(sent, guest, catalogue, max(now_ms, desk.latest_ms))
    shop_words = forbidden_words.words_of(catalogue)
    mode = Settings.from_json(row.settings).forbidden
    hits = forbidden_words.hits(event.text, shop_words) if mode is not Forbidden.SILENT else []
    if hits and (mode is Forbidden.BLOCK or not sent.is_sure):
        raise ForbiddenWordsError(hits, may_insist=mode is Forbidden.WARN)

    desk.hear(guest, event, shop_words, line)
    desk.play(now_ms)
    keep(attempt, desk)
    return view_of(row, desk, after, now, now_ms)


def _event(
    sent: Sent, guest: Guest, catalogue: Catalogue, at_ms: int
) -> tuple[Event, dict[str, Any]]:
    """What was sent as an event for the customer, and as a line to be kept.

    Raises:
        InvalidError: If the action or card is not possible.
    """
    if sent.kind == "action":
        try:
            code, params = orders.read(sent.action, sent.params)
            did = orders.do(orders.after(guest.scenario.order, guest.actions), code, params)
        except orders.ActionError as error:
            raise InvalidError(str(error)) from error
        guest.actions.append([code.value, params, did])
        origin: dict[str, Any] = {"action": code.value, "params": params}
        return (
            Event(at_ms, "action", action=ActionCode(code), params=params),
            {"kind": "action", "text": did, "key": sent.key, "origin": origin},
        )
    if sent.kind == "card":
        card = panel.card(catalogue, sent.card)
        if card is None:
            raise InvalidError(_("店里没有这款商品。"))
        return (
            Event(at_ms, "card", text=card.ready, card=card.number),
            {"kind": "card", "text": card.ready, "key": sent.key, "origin": {"card": card.number}},
        )
    origin = {
        "quick": sent.quick,
        "typed_chars": sent.typed_chars,
        "typed_ms": sent.typed_ms,
        "pasted_chars": sent.pasted_chars,
    }
    kept = {name: value for name, value in origin.items() if value}
    return (
        Event(at_ms, "line", text=sent.text),
        {"kind": "text", "text": sent.text, "key": sent.key, "origin": kept},
    )


def pause(attempt: AttemptView, *, by: int, now: datetime) -> None:
    """Let the clock stand still; nothing when it does already.

    Raises:
        NotFoundError: If it is not the attempt of ``by``.
        ConflictError: If it is closed, or may not be paused.
    """
    row = own_session(attempt.id, by)
    if not Settings.from_json(row.settings).may_pause:
        raise ConflictError(_("这次不能暂停。"))
    if row.paused_at is None:
        desk, _now_ms = catch_up(attempt, row, now)
        keep(attempt, desk)
        run(_PAUSE, {"of_attempt": attempt.id, "at": now})
        insert_row(PracticePause, {"attempt_id": attempt.id, "from_at": now, "until_at": None})


def resume(attempt: AttemptView, *, by: int, now: datetime) -> None:
    """Let the clock go on; nothing when it does.

    Raises:
        NotFoundError: If it is not the attempt of ``by``.
        ConflictError: If it is closed.
    """
    row = own_session(attempt.id, by)
    if row.paused_at is not None:
        stood_ms = max(milliseconds(now - row.paused_at), 0)
        run(_RESUME, {"of_attempt": attempt.id, "new_ms": row.paused_ms + stood_ms})
        run(_END_PAUSE, {"of_attempt": attempt.id, "at": now})


def close(attempt: AttemptView, *, now: datetime) -> Desk:
    """End a session: everything up to its end happens first, whether or not anybody looked."""
    row = queries.session_of(attempt.id, is_locked=True)
    end = now if row.deadline_at is None else min(now, row.deadline_at)
    desk, _now_ms = catch_up(attempt, row, end)
    keep(attempt, desk)
    stood_ms = 0 if row.paused_at is None else max(milliseconds(now - row.paused_at), 0)
    run(_CLOSE, {"of_attempt": attempt.id, "at": now, "new_ms": row.paused_ms + stood_ms})
    run(_END_PAUSE, {"of_attempt": attempt.id, "at": now})
    return desk


def keep_result(attempt_id: int, result: Mapping[str, Any]) -> None:
    """Keep what a session came to."""
    run(_KEEP_RESULT, {"of_attempt": attempt_id, "new_result": dict(result)})


def own_session(attempt_id: int, by: int) -> Row[Any]:
    """The open session, held until the transaction ends.

    Raises:
        NotFoundError: If it is not the attempt of ``by``.
        ConflictError: If it is closed.
    """
    row = queries.session_of(attempt_id, is_locked=True)
    if row.person_id != by:
        raise NotFoundError(_("没有这次作答。"))
    if row.closed_at is not None:
        raise ConflictError(_("这次作答已经交了。"))
    return row


def catch_up(attempt: AttemptView, row: Row[Any], now: datetime) -> tuple[Desk, int]:
    """The reception as it is now; what happened meanwhile stands in its lines."""
    at = now if row.deadline_at is None else min(now, row.deadline_at)
    now_ms = session_ms(
        at, started_at=row.started_at, paused_at=row.paused_at, paused_ms=row.paused_ms
    )
    desk = desk_of(attempt, row, queries.customers_of(attempt.id))
    desk.play(now_ms)
    return desk, now_ms


def view_of(row: Row[Any], desk: Desk, after: int, now: datetime, now_ms: int) -> View:
    """A session as its page sees it after the cursor."""
    lines = queries.lines_of(row.attempt_id, after=after)
    return View(row, Settings.from_json(row.settings), desk, lines, now, now_ms)
