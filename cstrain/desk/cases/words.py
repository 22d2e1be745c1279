"""Who has not read what, as text for a chat group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from cstrain.desk.cases.queries import Late
from cstrain.kit.i18n import day
from cstrain.kit.i18n import gettext as _


def reminder(late: Sequence[Late], links: Mapping[int, str]) -> str:
    """One block a notice: its title, who is late, and where to read it.

    Args:
        late: In the order of notices.
        links: Notice id → its address.
    """
    blocks = []
    for notice_id, group in groupby(late, key=lambda each: each.notice_id):
        rows = list(group)
        names = _("、").join(each.name for each in rows)
        lines = [
            _("【%(title)s】应在 %(day)s 前读完", title=rows[0].title, day=day(rows[0].due_at)),
            _("还没读（%(n)s 人）：%(names)s", n=len(rows), names=names),
        ]
        if notice_id in links:
            lines.append(links[notice_id])
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)
