"""The homes of trainers and managers: who waits, who is stuck, who may work today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import url_for

from cstrain.core.catalogue import active, folders
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.certification import duty_list
from cstrain.core.pathway import overview, queries, standing, words
from cstrain.core.people.access import Role, Viewer
from cstrain.core.review import queries as reviews
from cstrain.desk.cases import queries as notices
from cstrain.desk.quality import red_lines
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext, pick
from cstrain.layout.home import (
    SHORT_LIST,
    STATES,
    Action,
    FailedQuestion,
    Figure,
    ManagerHome,
    Person,
    Row,
    TrainerHome,
)

_PEOPLE_SHOWN = 12
#: A message to a chat group with more names than this is read by nobody.
_COPIED_MOST = 200


def trainer_home(me: Viewer, now: datetime) -> TrainerHome:
    """The home of somebody who trains."""
    teams = me.team_ids(Role.TRAINER, Role.MANAGER, Role.ADMINISTRATOR)
    progress = overview.progress(teams, now)
    first = queries.in_training(teams, limit=_COPIED_MOST)
    waiting = [row for row in first if row.state in {"help", "wait"}]
    catalogues = {
        team_id: active.for_team(me.teams[team_id].slug) for team_id in teams if team_id in me.teams
    }
    people = [_person(row, catalogues[row.team_id]) for row in first[:_PEOPLE_SHOWN]]
    ahead = reviews.ahead(me.team_ids(Role.TRAINER, Role.MANAGER), me=me.id, now=now)
    action: Action | None = Action(_("去处理"), url_for("queue.index"))
    mark = None
    if ahead.count:
        label = ngettext("批改下一份（共 %(count)s 份）", ahead.count)
        mark = Action(label, url_for("reviews.following"))
    if progress.waiting_count:
        sentence = ngettext("有 %(count)s 位学员在等你。", progress.waiting_count)
    elif ahead.count:
        sentence, action = ngettext("有 %(count)s 份要批改。", ahead.count), None
    else:
        sentence, action = _("没有人在等你。"), None
    return TrainerHome(
        sentence=sentence,
        mark=mark,
        action=action,
        waiting=[*map(_waiting_row, waiting[:SHORT_LIST]), *_late_rows(teams, now)],
        people=people,
        people_count=progress.active_count,
        people_url=url_for("roster.index"),
        failed=_failed(teams, catalogues),
        copy_text=_copy_text(first, catalogues),
    )


def _waiting_row(row: queries.InTraining) -> Row:
    stage = standing.pinned(row.pathway_digest).stage(row.stage)
    text = _("次数用完，等你决定") if row.state == "help" else _("等你签字或确认")
    url = url_for("pathway.enrolment_page", enrolment_id=row.enrolment_id)
    return Row(
        row.name, f"{pick(stage.gate.title)} · {text}", url, STATES[row.state], at=row.since_at
    )


def _late_rows(teams: Sequence[int], now: datetime) -> list[Row]:
    """What agents have not read in time, as one line; none where they have."""
    count = notices.overdue_count(teams, now=now)
    if not count:
        return []
    text = _("案例文档和通知，提醒可以复制到群里")
    title = ngettext("%(count)s 人次逾期没读", count)
    return [Row(title, text, url_for("notices.sent"), "needs_you")]


def _person(row: queries.InTraining, catalogue: Catalogue) -> Person:
    stage = standing.pinned(row.pathway_digest).stage(row.stage)
    turn = {
        "help": _("轮到你"),
        "wait": _("轮到你"),
        "repeat": _("轮到学员"),
        "open": _("轮到学员"),
    }
    return Person(
        name=row.name,
        url=url_for("pathway.enrolment_page", enrolment_id=row.enrolment_id),
        stage=pick(stage.title),
        done_count=row.learned_count,
        step_count=len(stage.learn),
        state=STATES[row.state],
        label=words.stage_state_word(row.state),
        missing=_missing(row, catalogue),
        whose_turn=turn.get(row.state, ""),
    )


def _missing(row: queries.InTraining, catalogue: Catalogue) -> str:
    """What a trainee still lacks, in words."""
    stage = standing.pinned(row.pathway_digest).stage(row.stage)
    lessons = len(stage.learn) - row.learned_count
    parts = [ngettext("%(count)s 节课", lessons)] if lessons > 0 else []
    for slug in row.missing:
        if slug == stage.sign_off_slot:
            parts.append(_("签字"))
        else:
            parts.append(words.title_of(slug, catalogue))
    return _("、").join(parts)


def _failed(teams: Sequence[int], catalogues: dict[int, Catalogue]) -> list[FailedQuestion]:
    catalogue = next(iter(catalogues.values()), None)
    if catalogue is None:
        return []
    rows: list[FailedQuestion] = []
    for kind in active.active().registry.kinds.values():
        for point in kind.weak_points(teams, 5):
            title = pick(catalogue.section_title(point.section))
            rows.append(
                FailedQuestion(
                    point.text,
                    f"{point.section} {title}",
                    url_for("catalogue.section", ref=point.section),
                    point.wrong_count,
                    point.answered_count,
                )
            )
    return rows[:5]


def _copy_text(rows: Sequence[queries.InTraining], catalogues: dict[int, Catalogue]) -> str:
    lines = [
        _(
            "%(name)s：还差 %(missing)s",
            name=row.name,
            missing=_missing(row, catalogues[row.team_id]),
        )
        for row in rows
        if row.missing or row.state == "open"
    ]
    return "\n".join(lines)


def manager_home(me: Viewer, now: datetime) -> ManagerHome:
    """The home of somebody who answers for the team."""
    teams = me.team_ids(Role.MANAGER, Role.ADMINISTRATOR)
    counts = duty_list.duty_counts(teams, now)
    progress = overview.progress(teams, now)
    on_duty = sum(count.on_duty_count for count in counts)
    needed = sum(count.needed_count for count in counts)
    missing = sum(count.missing_count for count in counts)
    due = sum(count.due_count for count in counts)
    board = url_for("board.index")
    slugs = [me.teams[team_id].slug for team_id in teams if team_id in me.teams]
    return ManagerHome(
        sentence=duty_list.sentence_of(counts),
        state="needs_you" if missing else "passed",
        figures=[
            Figure(
                _("今天可上岗"),
                str(on_duty),
                _("人"),
                _("需要 %(n)s 人", n=needed) if needed else "",
                "needs_you" if missing else "passed",
                url_for("board.duty"),
            ),
            Figure(_("七天内到期"), str(due), _("人"), state="needs_you" if due else ""),
            Figure(
                _("卡住"), str(progress.stuck_count), _("人"), url=url_for("board.index", stuck=1)
            ),
            Figure(
                _("等带教老师"), str(progress.waiting_count), _("人"), url=url_for("queue.index")
            ),
        ],
        stuck=[
            Row(
                row.name,
                f"{row.text} · {row.turn}",
                url_for("pathway.enrolment_page", enrolment_id=row.enrolment_id),
                "needs_you",
            )
            for row in overview.stuck_people(teams, now, limit=_PEOPLE_SHOWN)
        ],
        red_lines=[
            Row(line.name, _("看过这条聊天，再定要不要接着上岗"), line.url, "needs_you", at=line.at)
            for line in list(red_lines.recent(teams, me=me, now=now).values())[:SHORT_LIST]
        ],
        overrides=[
            Row(
                _("%(name)s：%(verdict)s", name=row.name, verdict=words.verdict_word(row.verdict)),
                _("%(by)s：%(reason)s", by=row.by_name, reason=row.reason),
                url_for("pathway.enrolment_page", enrolment_id=row.enrolment_id),
                "needs_you",
                at=row.at,
            )
            for row in queries.single_handed(teams, now, limit=SHORT_LIST)
        ],
        board=Action(_("看板"), board),
        duty_list=Action(_("打印今天的上岗名单"), url_for("board.duty")),
        unpublished=folders.unpublished(slugs),
    )
