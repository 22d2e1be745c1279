"""The pack of a hand-over: a workbook and a page to print, with a list of checksums.

``sha256sum -c`` reads the list. Who took over stands in it once the successor has said so.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flask import current_app
from sqlalchemy import select

from cstrain.desk.chats import follow_ups, handover, queries, shown
from cstrain.desk.chats.erasing import PACK
from cstrain.desk.chats.follow_ups import FollowUp
from cstrain.desk.chats.handover import Handover
from cstrain.desk.chats.models import ChatHandover
from cstrain.desk.chats.shown import Line
from cstrain.desk.chats.views import READERS
from cstrain.kit import jobs
from cstrain.kit.clock import local_day
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import clock_time, language, lazy
from cstrain.kit.i18n import gettext as _
from cstrain.kit.tables import Cell, Column, Sheet, write_xlsx

#: A file in a zip has a time; one and the same gives the same bytes.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)


@jobs.register(PACK, title=lazy("做交接包"), roles=READERS)
def make(job: jobs.JobContext) -> Mapping[str, Any]:
    """Write the pack of a hand-over: ``handover``.

    Raises:
        NotFoundError: If there is no such hand-over.
    """
    row = db.session.get(ChatHandover, job.data["handover"])
    if row is None:
        raise NotFoundError
    found = handover.one(row.id, [row.team_id], 0)
    titled = _("交接包-%(n)s", n=row.id)
    name = f"{titled}-{local_day(job.now, found.timezone)}.zip"
    digest = ""
    while not digest:
        path = job.new_file(name)
        body = pack(found)
        path.write_bytes(body)
        with job.transaction():
            token = db.session.scalar(select(jobs.Job.file_token).where(jobs.Job.id == job.id))
            if token == path.name:
                digest = hashlib.sha256(body).hexdigest()
                db.session.get_one(ChatHandover, found.row.id).digest = digest
        if not digest:  # what stands in it was erased meanwhile
            path.unlink(missing_ok=True)
    return {"text": _("做好了，整包的校验码 %(digest)s", digest=digest)}


def pack(found: Handover) -> bytes:
    """A hand-over as a zip file."""
    items = follow_ups.by_id(handover.items_of(found.row.id))
    log = follow_ups.notes([each.id for each in items])
    chats = lines_of(items)
    files = {
        f"{_('交接单')}.xlsx": _workbook(found, items, log, chats),
        f"{_('交接单')}.html": current_app.jinja_env.get_template("chats/handover_pack.html")
        .render(
            found=found,
            language=language(),
            facts=_facts(found, len(items)),
            items=items,
            notes_of=lambda each: [row for row in log if row.follow_up_id == each.id],
            word=follow_ups.word,
            chats=chats,
        )
        .encode(),
    }
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in files.items())
    files[f"{_('校验清单')}.txt"] = sums.encode()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), body, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def lines_of(items: Sequence[FollowUp]) -> Mapping[int, Sequence[Line]]:
    """Conversation → its lines, for all of these at once."""
    said = queries.messages_of([each.conversation_id for each in items])
    teams = sorted({each.team_id for each in items})
    accounts = {each.id: each.name for each in queries.accounts(teams)}
    return {
        each.conversation_id: shown.stored(said[each.conversation_id], each.buyer, accounts, {})
        for each in items
    }


def why_word(code: str) -> str:
    """Why something is handed over."""
    return _("离职交接") if code == "leaves" else _("下班交班")


def _facts(found: Handover, count: int) -> Sequence[tuple[str, str]]:
    row = found.row
    taken = clock_time(row.taken_at) if row.taken_at else _("还没有确认")
    return [
        (_("店铺"), found.team),
        (_("交班"), found.from_name),
        (_("接班"), found.to_name),
        (_("原因"), why_word(row.why)),
        (_("说明"), row.note),
        (_("谁办的"), found.by_name),
        (_("交的时间"), clock_time(row.at)),
        (_("确认接手"), taken),
        (_("几件"), str(count)),
    ]


def _workbook(
    found: Handover,
    items: Sequence[FollowUp],
    log: Sequence[follow_ups.Note],
    chats: Mapping[int, Sequence[Line]],
) -> bytes:
    number = Column(_("编号"), 8)
    return write_xlsx(
        Sheet(
            _("交接单"),
            [Column(_("项目"), 14), Column(_("内容"), 50)],
            _facts(found, len(items)),
        ),
        Sheet(
            _("要跟进的"),
            [
                number,
                Column(_("要做什么"), 40),
                Column(_("最晚"), 12),
                Column(_("顾客"), 16),
                Column(_("子账号"), 14),
                Column(_("店铺"), 18),
                Column(_("聊天时间"), 18),
                Column(_("办完"), 18),
            ],
            (_item(each) for each in items),
        ),
        Sheet(
            _("处理日志"),
            [
                number,
                Column(_("时间"), 18),
                Column(_("谁"), 12),
                Column(_("做了什么"), 24),
                Column(_("说明"), 50),
            ],
            (
                [row.follow_up_id, _time(row.at), row.by, follow_ups.word(row), row.text]
                for row in log
            ),
        ),
        Sheet(
            _("聊天"),
            [
                number,
                Column(_("日期"), 14),
                Column(_("时间"), 10),
                Column(_("谁"), 16),
                Column(_("说了什么"), 70),
            ],
            _said(items, chats),
        ),
    )


def _time(at: datetime | None) -> str:
    return clock_time(at) if at else ""


def _item(each: FollowUp) -> Sequence[Cell]:
    return [
        each.id,
        each.task,
        each.due_on,
        each.buyer,
        each.account,
        each.shop,
        _time(each.began_at),
        _time(each.closed_at),
    ]


def _said(
    items: Sequence[FollowUp], chats: Mapping[int, Sequence[Line]]
) -> Iterator[Sequence[Cell]]:
    for each in items:
        who = ""
        for line in chats[each.conversation_id]:
            who = line.who or who
            text = _("已按规定删除") if line.text is None else line.text
            yield [each.id, line.day, line.time, who, text]
