"""The board as a workbook: what the filters show, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cstrain.core.pathway.words import stage_state_word
from cstrain.core.people.access import TeamRef
from cstrain.core.people.models import Team
from cstrain.kit import jobs
from cstrain.kit.clock import local_day
from cstrain.kit.db import db
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import lazy, ngettext
from cstrain.kit.tables import Cell as TableCell
from cstrain.kit.tables import Column, Sheet, write_xlsx
from cstrain.reports.board_rows import BoardRow, columns, read_rows
from cstrain.reports.filters import BoardFilter
from cstrain.reports.queries import board_ids, chunks, digests_of

JOB = "board_export"
#: More rows than this are a job.
AT_ONCE = 2000
_CHUNK = 400


@jobs.register(JOB, title=lazy("导出看板"))
def export(job: jobs.JobContext) -> Mapping[str, Any]:
    """Write the workbook of a board: ``filter`` and ``team_ids``."""
    rows = db.session.execute(
        select(Team.id, Team.slug, Team.name, Team.timezone).where(
            Team.id.in_(job.data["team_ids"])
        )
    )
    teams = [TeamRef(*row) for row in rows]
    wanted = BoardFilter(**job.data["filter"])
    ids = board_ids(wanted, teams, job.now)
    body = workbook(ids, teams, job.now, lambda done: job.progress(done, len(ids)))
    job.new_file(file_name(job.now)).write_bytes(body)
    return {"text": ngettext("导出了 %(count)s 人。", len(ids))}


def file_name(now: datetime) -> str:
    """What the file is called."""
    return f"{_('认证看板')}-{local_day(now, 'Asia/Shanghai').isoformat()}.xlsx"


def workbook(
    ids: Sequence[int],
    teams: Sequence[TeamRef],
    now: datetime,
    progress: Callable[[int], None] = lambda _done: None,
) -> bytes:
    """The rows of these enrolments as a workbook; read and written in pieces."""
    stages = columns(digests_of(teams))
    sheet = Sheet(_("认证看板"), _headings(stages), _lines(ids, teams, len(stages), now, progress))
    return write_xlsx(sheet)


def _headings(stages: Sequence[str]) -> list[Column]:
    heads = [
        Column(_("店铺"), 18),
        Column(_("批次"), 16),
        Column(_("工号"), 12),
        Column(_("姓名"), 14),
        Column(_("路径"), 14),
        Column(_("现在的阶段"), 14),
    ]
    for stage in stages:
        heads += [
            Column(_("%(stage)s：状态", stage=stage), 12),
            Column(_("%(stage)s：日期", stage=stage), 12),
            Column(_("%(stage)s：成绩（%%）", stage=stage), 11),
            Column(_("%(stage)s：考了几次", stage=stage), 11),
        ]
    return [
        *heads,
        Column(_("证书编号"), 14),
        Column(_("证书状态"), 11),
        Column(_("有效期至"), 12),
        Column(_("卡在哪里"), 40),
        Column(_("从哪天起"), 12),
        Column(_("轮到谁"), 14),
    ]


def _lines(
    ids: Sequence[int],
    teams: Sequence[TeamRef],
    stage_count: int,
    now: datetime,
    progress: Callable[[int], None],
) -> Iterator[Sequence[TableCell]]:
    done = 0
    for piece in chunks(ids, _CHUNK):
        for row in read_rows(piece, teams, now):
            yield _line(row, stage_count)
        done += len(piece)
        progress(done)


def _line(row: BoardRow, stage_count: int) -> list[TableCell]:
    certificate_words = {
        "valid": _("有效"),
        "expired": _("已过期"),
        "suspended": _("已暂停"),
        "revoked": _("已撤销"),
    }
    line: list[TableCell] = [row.team.name, row.batch, row.employee_no, row.name, row.pathway]
    line.append(_("已完成") if row.is_completed else row.stage)
    for position in range(stage_count):
        cell = row.cells[position] if position < len(row.cells) else None
        if cell is None:
            line += [None, None, None, None]
            continue
        # As on the page: rounded down, so that no limit looks reached before it is.
        score = None if cell.score is None else int(cell.score * 1000 + 1e-9) / 10
        line += [stage_state_word(cell.state), cell.on, score, cell.attempt_count or None]
    held, why = row.certificate, row.stuck
    if held is None:
        line += [None, None, None]
    else:
        line += [held.number, certificate_words[held.status], held.valid_until_on]
    since = local_day(why.since_at, row.team.timezone) if why else None
    return [*line, row.stuck_text, since, row.turn_text]
