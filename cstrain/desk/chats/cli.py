"""Commands about real chats. What the product refuses ends in one line, see ``cstrain.cli``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import or_, select

from cstrain.core.people.models import Team
from cstrain.desk.chats import importing, looking, queries, sealing, service
from cstrain.desk.chats.importers import FORMATS, words
from cstrain.desk.chats.jobs import tally, told
from cstrain.desk.chats.models import ChatRefused
from cstrain.desk.chats.prepared import Counts, RefusedLine
from cstrain.desk.chats.seen import Seen
from cstrain.kit import chain
from cstrain.kit.chain import State
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import CstrainError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

_TEAM = click.option(
    "--team", "slug", default="", help="The team's slug; needed if there are more."
)
#: So many lines that were not understood are told of a file in the terminal.
_LINES_TOLD = 20
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def chats() -> None:
    """Bring real chats in, and see that nobody has changed them."""


@chats.command(name="import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE…",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(sorted(FORMATS)),
    help="What wrote the files; found out when it is not given.",
)
@click.option("--shop", default="", help="The shop of messages that do not name theirs.")
@_TEAM
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@_JSON
def import_chats(  # noqa: PLR0913 - one argument an option
    *,
    files: Sequence[Path],
    format_name: str | None,
    shop: str,
    slug: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring chats in from files, masked; what was brought in before is not stored again.

    A file that was interrupted is gone on with by the same command. --shop may also name the team,
    by its slug or name. Columns that were matched on the page for a file with the same headings
    are matched so here, and so are sides that were told there. Where nothing tells who is the
    agent, it is guessed, and the command says so. A file that cannot be read is named, the others
    come in, and the command ends with status 1.

    \b
    Example:
      cstrain chats import 十一月.csv --shop 云朵家居旗舰店 --dry-run --json
    """  # noqa: D301 - click reads the \b
    team_id = _team_id(slug, shop, is_needed=not dry_run)
    asked = {"format": format_name or "", "shop": shop}
    sum_of, seen = Counts(), Seen()
    lines: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    guessed: list[str] = []
    for file in files:
        refused: Sequence[RefusedLine | ChatRefused]
        try:
            settings = looking.as_before(file, asked, team_id=team_id)
            if looking.is_guessed(file, settings, team_id=team_id):
                guessed.append(file.name)
            if dry_run:
                refused = looked = list[RefusedLine]()
                counts = importing.look(file, settings, team_id=team_id, seen=seen, refused=looked)
                text = _("没有存，只是看看。会存 %(counted)s", counted=tally(counts))
            else:
                done = _bring_in(file, settings, team_id=team_id)
                counts, text = done.counts, told(done)
                refused = queries.refused(done.import_id, limit=importing.MAX_TOLD)
        except CstrainError as error:
            failed.append({"file": file.name, "problem": str(error)})
            click.echo(f"{file.name}: {error}", err=True)
            continue
        sum_of.add(counts)
        lines += [_line(file, each) for each in refused]
        if not as_json:
            click.echo(f"{file.name}: {text}")
            _tell_refused(refused, counts.rejected.total())
            if file.name in guessed:
                text = _("  谁是客服是按说话的样子认的；反了的话，到导入页面上撤回，改好再导。")
                click.echo(text)
    if as_json:
        counted = {"files": len(files) - len(failed), **sum_of.as_json()}
        told_of = {"rejected_lines": lines, "failed": failed, "guessed_roles": guessed}
        click.echo(json.dumps({**counted, **told_of}, ensure_ascii=False))
    if failed:
        sys.exit(1)


def _line(file: Path, refused: RefusedLine | ChatRefused) -> dict[str, Any]:
    return {
        "file": file.name,
        "line": refused.line,
        "reason": refused.reason,
        "words": words.reason(refused.reason, refused.details),
    }


def _bring_in(file: Path, settings: dict[str, Any], *, team_id: int) -> importing.Done:
    digest = importing.digest_of(file)
    with transaction():
        import_id = service.begin(
            team_id,
            file.name,
            digest,
            total_bytes=file.stat().st_size,
            settings=settings,
            by=None,
            now=utc_now(),
        )
    shows = sys.stderr.isatty()

    def tell(position: int, total: int) -> None:
        if shows and total:
            click.echo(f"\r{file.name} {position * 100 // total} %", nl=position >= total, err=True)

    return importing.bring_in(import_id, file, begin=lambda: transaction(durably=False), tell=tell)


def _tell_refused(refused: Sequence[RefusedLine | ChatRefused], count: int) -> None:
    for each in refused[:_LINES_TOLD]:
        what = words.reason(each.reason, each.details)
        click.echo(_("  第 %(line)s 行没有看懂：%(what)s", line=each.line, what=what))
    if count > _LINES_TOLD:
        click.echo(_("  还有 %(n)s 行，导入的页面上列着全部", n=count - _LINES_TOLD))


@chats.command()
@_TEAM
@_JSON
def verify(*, slug: str, as_json: bool) -> None:
    """See whether the archive is what was brought in; ends with status 1 if not.

    Every file is a link of a chain: intact, erased by a later link, or broken. Keep the number and
    digest of the last link elsewhere: with them nobody can make the whole chain anew.

    \b
    Example:
      cstrain chats verify
    """  # noqa: D301 - click reads the \b
    slugs = [slug] if slug else db.session.scalars(select(Team.slug).order_by(Team.slug)).all()
    reports = {each: sealing.verify(_team_id(each, "", is_needed=True)) for each in slugs}
    heads = {
        each: chain.exported_head(service.chain_of(_team_id(each, "", is_needed=True)))
        for each in slugs
    }
    if as_json:
        click.echo(
            json.dumps(
                {each: _as_json(report, heads[each]) for each, report in reports.items()},
                ensure_ascii=False,
            )
        )
    else:
        for each, report in reports.items():
            _tell(each, report, heads[each])
    if not all(report.is_whole for report in reports.values()):
        sys.exit(1)


def _as_json(report: sealing.Report, head: Any) -> dict[str, Any]:
    return {
        "whole": report.is_whole,
        "head": dict(head),
        "links": [
            {
                "number": each.number,
                "subject": each.subject,
                "state": each.state.value,
                "rows": each.row_count,
                "erased_by": list(each.erased_by),
                "erased": each.erased_count,
                "broken_rows": list(each.rows),
            }
            for each in report.verdicts
        ],
        "strangers": list(report.strangers),
        "running": list(report.open_imports),
    }


def _tell(slug: str, report: sealing.Report, head: Any) -> None:
    """Say in lines what is to be said of a team's archive."""
    # The links of erasures are made of rows that are gone.
    imports = [each for each in report.verdicts if each.subject.startswith("import ")]
    rows = sum(each.row_count - each.erased_count for each in imports)
    for each in report.verdicts:
        if each.state is State.ERASED:
            numbers = ", ".join(map(str, each.erased_by))
            text = _(
                "%(n)s 号记录（%(what)s）：%(count)s 条消息已按 %(by)s 号记录删除",
                n=each.number,
                what=words.entry(each.subject),
                count=each.erased_count,
                by=numbers,
            )
            click.echo(f"{slug}: {text}")
        elif each.state is State.BROKEN:
            text = _(
                "%(n)s 号记录（%(what)s）：对不上了", n=each.number, what=words.entry(each.subject)
            )
            which = ", ".join(map(str, each.rows))
            click.echo(f"{slug}: {text} {which}".rstrip())
    if report.strangers:
        text = _("%(n)s 条消息不属于任何一次导入", n=len(report.strangers))
        click.echo(f"{slug}: {text}")
    if report.open_imports:
        numbers = ", ".join(map(str, report.open_imports))
        text = _("第 %(numbers)s 次导入还没有完，里面的消息导完才对", numbers=numbers)
        click.echo(f"{slug}: {text}")
    if report.is_whole:
        text = _(
            "完好：%(links)s 号记录，%(rows)s 条消息。最后一号的校验码 %(digest)s",
            links=len(report.verdicts),
            rows=rows,
            digest=str(head["digest"]) or "–",
        )
        click.echo(f"{slug}: {text}")


def _team_id(slug: str, shop: str, *, is_needed: bool) -> int:
    """The team that chats are of: named, or the only one.

    Raises:
        NotFoundError: If there is none of this slug, or none at all.
        InvalidError: If it is not clear which.
    """
    teams = db.session.execute(select(Team.id, Team.slug).order_by(Team.slug)).all()
    named = [row.id for row in teams if row.slug == slug]
    if shop and not slug:
        asked = select(Team.id).where(or_(Team.slug == shop, Team.name == shop))
        named = list(db.session.scalars(asked))
    if len(named) == 1:
        return int(named[0])
    if slug:
        known = "、".join(row.slug for row in teams)
        raise NotFoundError(
            _("没有代号是 %(slug)s 的店铺。现有：%(known)s。", slug=slug, known=known or "–")
        )
    if len(teams) == 1:
        return int(teams[0].id)
    if not is_needed:
        return 0
    if not teams:
        raise NotFoundError(_("还没有店铺。先用 cstrain people add --new-team 开一家。"))
    raise InvalidError(
        _("是哪家店铺的？用 --team 写代号：%(known)s。", known="、".join(row.slug for row in teams))
    )
