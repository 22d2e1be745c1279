"""Runs: draw, begin, take in, judge. Nothing here commits or knows a request."""

from __future__ import annotations

import gzip
import json
import random
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update

from cstrain import plugin
from cstrain.activities.typing_speed import confusions, draw, judging, queries, spec
from cstrain.activities.typing_speed.checks import Verdict
from cstrain.activities.typing_speed.eventlog import LogError, parse
from cstrain.activities.typing_speed.judging import Delivery, Judged
from cstrain.activities.typing_speed.models import TypingChunk, TypingCode, TypingRun
from cstrain.activities.typing_speed.normalise import WidthPolicy
from cstrain.kit.db import db, insert_for
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

CODE_FOR: Final = timedelta(minutes=30)
PRACTICE_LOGS_FOR: Final = timedelta(days=90)
OFFICIAL_LOGS_FOR: Final = timedelta(days=730)
_CODE_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH: Final = 6
_MAX_CHUNKS: Final = 1_000
_MAX_CHUNK_EVENTS: Final = 5_000
_MAX_BODY_CHARS: Final = 20_000
_MAX_MS: Final = 24 * 60 * 60 * 1000
_DRILL_CHARS: Final = 150

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def prepare(
    attempt: plugin.AttemptView,
    given: spec.TypingSpec,
    rng: random.Random,
    *,
    limit_ms: int,
    now: datetime,
) -> TypingRun:
    """Draw the text of a run and freeze it.

    Args:
        attempt: The attempt that begins.
        given: The activity.
        rng: Decides the draw.
        limit_ms: The time limit of this person.
        now: The time.

    Raises:
        NotFoundError: If there is nothing to type.
    """
    catalogue = plugin.catalogue_of(attempt)
    if given.is_official:
        text, sources = _draw_official(
            catalogue, attempt.person_id, draw.chars_needed(limit_ms), rng, now=now
        )
    else:
        text, sources = _draw_practice(catalogue, attempt.person_id, rng)
    run = TypingRun(
        attempt_id=attempt.id,
        person_id=attempt.person_id,
        team_id=attempt.team_id,
        activity=attempt.activity,
        is_official=given.is_official,
        passage=text,
        sources=sources,
        policy=given.policy.value,
        limit_ms=limit_ms,
        drawn_at=now,
    )
    db.session.add(run)
    db.session.flush()
    return run


def _draw_official(
    catalogue: plugin.Catalogue,
    person_id: int,
    chars: int,
    rng: random.Random,
    *,
    now: datetime,
) -> tuple[str, list[str]]:
    blocks = spec.blocks(catalogue)
    if not blocks:
        raise NotFoundError(_("还没有正式打字段落，请告诉管理员。"))
    drawn = draw.draw(
        [block.drawn for block in blocks.values()],
        queries.sources_seen(person_id, official=True, since=now - queries.UNSEEN_FOR),
        chars=chars,
        rng=rng,
    )
    slugs = [block.slug for block in drawn]
    return "\n".join(blocks[slug].text for slug in slugs), slugs


def _draw_practice(
    catalogue: plugin.Catalogue, person_id: int, rng: random.Random
) -> tuple[str, list[str]]:
    """A passage never typed, the easiest band first; else the one typed longest ago.

    Half of the runs are on the shop's ready answers, where there are any.

    Raises:
        NotFoundError: If there is none.
    """
    groups = [group for group in (spec.written(catalogue), spec.ready(catalogue)) if group]
    if not groups:
        raise NotFoundError(_("还没有打字练习短文，请告诉管理员。"))
    passages = rng.choice(groups)
    seen = queries.sources_seen(person_id, official=False, since=_EARLIEST)
    fresh = [each for each in passages if each.slug not in seen]
    if fresh:
        easiest = min(each.band for each in fresh)
        chosen = rng.choice([each for each in fresh if each.band == easiest])
    else:
        chosen = min(passages, key=lambda each: seen[each.slug])
    return chosen.text, [chosen.slug]


def make_drill(attempt: plugin.AttemptView, chars: Sequence[str], rng: random.Random) -> None:
    """Let a practice run that has not begun exercise some characters instead.

    Raises:
        InvalidError: If it has begun, is official, or no sentence has the characters.
    """
    run = queries.run_of(attempt.id)
    if run.is_official or run.started_at is not None:
        raise InvalidError(_("这次已经开始了，不能换成专练。"))
    texts = [each.text for each in spec.passages(plugin.catalogue_of(attempt))]
    text = confusions.drill(chars, texts, chars=_DRILL_CHARS, rng=rng)
    if not text:
        raise InvalidError(_("练习短文里没有这几个字，换一篇练吧。"))
    run.passage, run.sources = text, []
    db.session.flush()


def supervise(attempt: plugin.AttemptView, code: str, *, now: datetime) -> None:
    """Open an official run by a trainer's code, before its first key.

    Raises:
        InvalidError: If the code opens nothing.
        ConflictError: If the run has begun.
    """
    run = queries.run_of(attempt.id)
    trainer_id = queries.opener(run.team_id, code.strip().upper(), now)
    if trainer_id is None or trainer_id == run.person_id:
        raise InvalidError(_("口令不对，或者已经过期。请带教老师看一眼打字监考页。"))
    if run.started_at is not None:
        raise ConflictError(_("这次已经开始打了，不能再补口令。"))
    run.supervised_by_person_id = trainer_id
    db.session.flush()


def issue_code(team_id: int, *, by: int, now: datetime) -> str:
    """Make a code that opens official runs of a team for half an hour; older ones end."""
    withdraw_codes(team_id, now=now)
    code = "".join(secrets.choice(_CODE_LETTERS) for _place in range(_CODE_LENGTH))
    db.session.add(
        TypingCode(
            team_id=team_id, code=code, by_person_id=by, created_at=now, expires_at=now + CODE_FOR
        )
    )
    db.session.flush()
    return code


def withdraw_codes(team_id: int, *, now: datetime) -> None:
    """End every code of a team."""
    db.session.execute(
        update(TypingCode)
        .where(TypingCode.team_id == team_id, TypingCode.expires_at > now)
        .values(expires_at=now)
    )


def begin(attempt_id: int, *, now: datetime) -> None:
    """Start the server's clock, once."""
    db.session.execute(
        update(TypingRun)
        .where(TypingRun.attempt_id == attempt_id, TypingRun.started_at.is_(None))
        .values(started_at=now)
    )


def take_chunk(attempt_id: int, seq: object, events: object, *, now: datetime) -> None:
    """Keep a numbered part of the log; the same one again changes nothing.

    Raises:
        InvalidError: If it has another form than our page gives it.
        ConflictError: If the run has not begun, or the number came with other events before.
    """
    number = _whole(seq, "seq", least=1, most=_MAX_CHUNKS)
    try:
        count = len(parse(events))
    except LogError as error:
        raise InvalidError(str(error)) from error
    if not 0 < count <= _MAX_CHUNK_EVENTS:
        raise InvalidError(_("一段记录要有 1 到 %(most)s 个事件。", most=_MAX_CHUNK_EVENTS))
    if queries.run_of(attempt_id).started_at is None:
        raise ConflictError(_("还没有开始计时。"))
    # No time stamp in the archive, so that equal events are equal bytes.
    body = gzip.compress(json.dumps(events, separators=(",", ":")).encode(), mtime=0)
    kept = db.session.scalar(
        insert_for(TypingChunk)
        .values(attempt_id=attempt_id, seq=number, body=body, received_at=now)
        .on_conflict_do_nothing(index_elements=["attempt_id", "seq"])
        .returning(TypingChunk.id)
    )
    if kept is not None:
        return
    earlier = db.session.scalar(
        select(TypingChunk.body).where(
            TypingChunk.attempt_id == attempt_id, TypingChunk.seq == number
        )
    )
    if earlier != body:
        raise ConflictError(_("这次测试在另一个页面里打着，请回到那个页面。"))


def note_finish(attempt_id: int, data: object, *, now: datetime) -> None:
    """Keep what the page says at the end; judging is the closing's business.

    Raises:
        InvalidError: If it has another form than our page gives it.
        ConflictError: If the run has not begun.
    """
    if not isinstance(data, dict):
        raise InvalidError(_("交卷的内容读不懂，请刷新页面再试。"))
    run = queries.run_of(attempt_id)
    if run.started_at is None:
        raise ConflictError(_("还没有开始计时。"))
    final_value, complete = data.get("final_value"), data.get("finished")
    if not isinstance(final_value, str) or len(final_value) > _MAX_BODY_CHARS:
        raise InvalidError(_("交卷的内容读不懂，请刷新页面再试。"))
    run.chunk_count = _whole(data.get("seq"), "seq", least=0, most=_MAX_CHUNKS)
    run.client_ms = _whole(data.get("client_ms"), "client_ms", least=0, most=_MAX_MS)
    run.is_complete = complete is True
    run.final_value = gzip.compress(json.dumps(final_value).encode(), mtime=0)
    run.finished_at = now
    db.session.flush()


def _whole(value: object, name: str, *, least: int, most: int) -> int:
    """A whole number within bounds.

    Raises:
        InvalidError: If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidError(
            _("%(name)s 要是 %(least)s 到 %(most)s 的整数。", name=name, least=least, most=most)
        )
    return value


def judge(attempt_id: int) -> Judged:
    """Judge a run from what has arrived, and keep what it came to."""
    run = queries.run_of(attempt_id)
    chunks, last_seq = queries.chunks_of(attempt_id)
    digest = judging.gap_digest(chunks)
    best = queries.own_best(run.person_id, before_attempt=attempt_id)
    final_value = server_ms = None
    if run.final_value is not None:
        final_value = json.loads(gzip.decompress(run.final_value))
    if run.finished_at is not None and run.started_at is not None:
        server_ms = int((run.finished_at - run.started_at).total_seconds() * 1000)
    judged = judging.judge(
        Delivery(
            passage=run.passage,
            policy=WidthPolicy(run.policy),
            limit_ms=run.limit_ms,
            is_official=run.is_official,
            chunks=chunks,
            missing_chunk_count=max(run.chunk_count or 0, last_seq) - len(chunks),
            client_ms=run.client_ms,
            server_ms=server_ms,
            is_complete=run.is_complete,
            final_value=final_value,
            own_best_net_cpm=best,
            is_repeated=queries.is_repeated(digest, attempt_id),
        )
    )
    run.verdict = judged.verdict.value
    # A personal best must not rest on a run that a person has still to look at.
    is_sure = judged.verdict is Verdict.VALID and run.supervised_by_person_id is not None
    run.is_recorded = judged.is_recorded and (is_sure or not run.is_official)
    run.elapsed_ms = judged.elapsed_ms
    run.net_cpm = judged.net_cpm
    run.accuracy_ratio = judged.accuracy_ratio
    run.typed = judged.typed
    run.gap_digest = judged.gap_digest
    run.result = {**judged.details, "best_before_cpm": best}
    db.session.flush()
    return judged


def accept(attempt_id: int) -> None:
    """Let a run's figures stand, after a trainer has looked at it."""
    run = queries.run_of(attempt_id)
    run.is_recorded = True
    db.session.flush()


def refuse(attempt_id: int) -> None:
    """Let a run's figures stand for nothing, after a trainer has refused it."""
    run = queries.run_of(attempt_id)
    run.is_recorded = False
    db.session.flush()


def forget_logs(*, now: datetime) -> int:
    """Delete logs whose time is over; the figures stay.

    Returns:
        How many chunks went.
    """
    old = select(TypingRun.attempt_id).where(
        (TypingRun.is_official & (TypingRun.drawn_at < now - OFFICIAL_LOGS_FOR))
        | (~TypingRun.is_official & (TypingRun.drawn_at < now - PRACTICE_LOGS_FOR))
    )
    count = db.session.scalar(
        select(func.count()).select_from(TypingChunk).where(TypingChunk.attempt_id.in_(old))
    )
    db.session.execute(delete(TypingChunk).where(TypingChunk.attempt_id.in_(old)))
    return count or 0


def figures_of(run: TypingRun) -> dict[str, Any]:
    """The figures of a judged run; empty before."""
    return dict(run.result["figures"]) if run.result else {}
