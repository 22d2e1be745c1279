"""Importing people: the dry run of a table, and the import itself in pieces.

A small table's dry run is done at once, any other one and every import by a job. All rows are
looked at before the first is written; then they go in piece by piece, so that nobody waits for a
table of thousands. A job that begins again looks anew, and what it has written is unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select

from cstrain.core.people import handout, import_table, importing, sessions
from cstrain.core.people.access import TeamRef
from cstrain.core.people.import_table import RowProblem
from cstrain.core.people.importing import ImportPlan, RowState
from cstrain.core.people.models import Team
from cstrain.kit import jobs
from cstrain.kit.db import db
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import lazy
from cstrain.kit.uploads import Upload

KIND = "people"
CHECK, IMPORT = "people_check", "people_import"
#: More new people than this get no passwords: so many are not handed out from one list.
PASSWORDS_MAX = 1000
#: Rows of each kind that the report shows; the figures count them all.
PROBLEMS_SHOWN, CHANGES_SHOWN = 1000, 200
#: Rows written in one transaction, which with their passwords takes half a second.
_PIECE = 20


@dataclass(frozen=True, slots=True)
class Report:
    """What a dry run found, as its page shows it.

    Attributes:
        counts: State of a row → how many.
        bad_row_count: How many rows have problems; nothing is imported while there is one.
        problem_count: How many problems there are, with those that are not shown.
        problems: Row, column, reason.
        changes: What some rows will do.
    """

    counts: Mapping[str, int]
    bad_row_count: int
    problem_count: int
    problems: Sequence[tuple[int, str, str]]
    changes: Sequence[Mapping[str, Any]]

    @property
    def is_empty(self) -> bool:
        """Whether importing would change nothing."""
        return not any(n for state, n in self.counts.items() if state != RowState.UNCHANGED)


def look(
    upload: Upload,
    teams: Sequence[TeamRef],
    *,
    by: int,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Do the dry run of a table and keep its report.

    Raises:
        InvalidError: If it is no such table.
    """
    made = _planned(upload, teams, by=by, progress=progress)
    names = {team.id: team.name for team in teams}
    changing = [each for each in made.planned if each.state is not RowState.UNCHANGED]
    changing.sort(key=lambda each: each.state is RowState.NEW)  # what is known here comes first
    report = Report(
        counts={state.value: made.count(state) for state in RowState},
        bad_row_count=made.bad_row_count,
        problem_count=len(made.problems),
        problems=[(p.number, p.column, p.reason) for p in made.problems[:PROBLEMS_SHOWN]],
        changes=[
            {
                **asdict(each.row),
                "team": names.get(each.row.team_id, ""),
                "state": each.state,
                "changes": each.changes,
            }
            for each in changing[:CHANGES_SHOWN]
        ],
    )
    upload.tell(asdict(report))


def _planned(
    upload: Upload,
    teams: Sequence[TeamRef],
    *,
    by: int | None,
    progress: Callable[[int, int], None],
) -> ImportPlan:
    """What a table would do as things stand now, with every problem by its row."""
    rows, problems = import_table.read(upload.data(), teams=teams, default_team_id=upload.team_id)
    made = importing.plan(rows, by=by, progress=progress)
    made.problems = sorted([*problems, *made.problems], key=lambda problem: problem.number)
    return made


def _upload(job: jobs.JobContext) -> Upload:
    return Upload(KIND, job.by or 0, job.data["token"])


def _teams(job: jobs.JobContext) -> list[TeamRef]:
    rows = db.session.execute(
        select(Team.id, Team.slug, Team.name, Team.timezone).where(
            Team.id.in_(job.data["team_ids"])
        )
    )
    return [TeamRef(*row) for row in rows]


@jobs.register(CHECK, title=lazy("看看这份名单"))
def check(job: jobs.JobContext) -> Mapping[str, Any]:
    """Do the dry run of a large table: ``token``, ``team_ids``, and the report's ``url``."""
    upload = _upload(job)
    look(upload, _teams(job), by=job.by or 0, progress=job.progress)
    return upload.looked_at(_("看完了，还没有导入。"), job.data["url"])


@jobs.register(IMPORT, title=lazy("导入名单"))
def import_people(job: jobs.JobContext) -> Mapping[str, Any]:
    """Import a table: ``token``, ``team_ids``, whether with ``passwords``; where to go on."""
    upload = _upload(job)
    kept: dict[str, Any] = dict(job.kept) or {"new": 0, "changed": 0, "rehired": 0, "people": []}
    if kept.get("is_all"):
        upload.forget()
        return _done(job, kept)  # it was all in when the worker died
    before = kept["new"] + kept["changed"] + kept["rehired"]
    made = _planned(upload, _teams(job), by=job.by, progress=lambda _done, _all: None)
    if made.problems:
        return _stopped(job, kept, made.problems)
    todo = [each for each in made.planned if each.state is not RowState.UNCHANGED]
    for start in range(0, len(todo), _PIECE):
        job.progress(before + start, before + len(todo))
        piece = todo[start : start + _PIECE]
        new = [each.row.employee_no for each in piece if each.state is RowState.NEW]
        hashes = {
            no: sessions.hash_password(handout.password_imported(job.data["token"], no))
            for no in (new if job.data["passwords"] else ())
        }
        with job.transaction():
            part = importing.plan([each.row for each in piece], by=job.by)
            if not part.problems:
                ids = importing.apply(part, password_hashes=hashes, by=job.by, now=job.now)
                kept = _counted(kept, part, ids, hashes)
                is_all = start + _PIECE >= len(todo)
                job.keep({**kept, "is_all": is_all, **_to_hand_out(job, kept)})
        if part.problems:
            return _stopped(job, kept, part.problems)
    upload.forget()
    return _done(job, kept)


def _counted(
    kept: Mapping[str, Any], part: ImportPlan, ids: Sequence[int], hashes: Mapping[str, str]
) -> dict[str, Any]:
    """What is kept, with one more piece."""
    new = [each.row.employee_no for each in part.planned if each.state is RowState.NEW]
    people = [(id_, no) for id_, no in zip(ids, new, strict=True) if no in hashes]
    counts = {state: kept[state] + part.count(state) for state in ("new", "changed", "rehired")}
    return {**counts, "people": [*kept["people"], *people]}


def _done(job: jobs.JobContext, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    text = _(
        "导入好了：新增 %(new)s 人，更新 %(changed)s 人，重新入职 %(rehired)s 人。",
        new=kept["new"],
        changed=kept["changed"],
        rehired=kept["rehired"],
    )
    if not kept["people"]:
        return {"text": text, "url": job.data["done_url"], "label": _("回到人员")}
    return {"text": text, **_to_hand_out(job, kept), "go_on": True}


def _to_hand_out(job: jobs.JobContext, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who has a first password by now, and where it stands; also where the rest went wrong."""
    if not kept["people"]:
        return {}
    # A job answers no request, so it cannot ask url_for.
    url = current_app.url_map.bind("").build("people_import.passwords", {"job_id": job.id})
    return {"people": kept["people"], "url": url, "label": _("看初始密码"), "own_only": True}


def _stopped(
    job: jobs.JobContext, kept: Mapping[str, Any], problems: Sequence[RowProblem]
) -> Mapping[str, Any]:
    """What is told when something has changed since the dry run."""
    done_count = kept["new"] + kept["changed"] + kept["rehired"]
    text = _("看过以后情况变了，一行也没有导入。")
    if done_count:
        text = _(
            "导入到一半情况变了：%(n)s 人已经导入。改好再传同一份表，他们不会重复。", n=done_count
        )
    lines = [
        _("第 %(row)s 行 %(column)s：%(reason)s", row=p.number, column=p.column, reason=p.reason)
        for p in problems
    ]
    return {
        "text": text,
        "problems": lines,
        "url": job.data["back"],
        "label": _("改好了，再传一次"),
        **_to_hand_out(job, kept),
    }
