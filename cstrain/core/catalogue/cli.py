"""``cstrain content``: check and publish."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from cstrain.config import Settings, shipped
from cstrain.core.catalogue import active, bank_check, folders
from cstrain.core.catalogue.places import Places
from cstrain.core.catalogue.publish import (
    Checked,
    active_revision,
    active_revision_id,
    advice_on,
    check_folders,
    check_over,
    publish_folders,
)
from cstrain.kit import i18n
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext


@click.group()
def content() -> None:
    """Check and publish the course."""


@content.command()
@click.option("--json", "as_json", is_flag=True, help="Print counts and problems as JSON.")
def check(*, as_json: bool) -> None:
    """Check what would be published and print every problem as path:line: problem.

    That is the content folders, with what was brought in through the pages laid over them.
    What an editor would mend, as a straight comma between Chinese words, is told too; it does
    not keep content from being published.

    \b
    Example:
      cstrain content check
      cstrain content check --json
    """  # noqa: D301 - Click needs the backspace itself
    settings: Settings = current_app.extensions["cstrain.settings"]
    checked, edits, looked_at = _whole(settings)
    places = Places(checked.files, edits, active.active().registry.tables)
    advisers = (bank_check.advice, *active.active().registry.advisers)
    advice = places.named(advice_on(checked, advisers))
    found = _located([*checked.problems, *advice])
    figures = counts(checked)
    if as_json:
        problems = [
            {"path": each.path, "line": each.line, "place": each.place, "problem": each.problem}
            for each in found
        ]
        told = {**figures, "notes": [looked_at, *notes(checked)], "problems": problems}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for line in (*map(str, found), looked_at, *notes(checked)):
            click.echo(line)
        click.echo(_counted(figures))
        click.echo(ngettext("%(count)s 处问题。", len(found)) if found else _("没有问题。"))
        if advice:
            text = ngettext("其中 %(count)s 处只是建议，不改也能发布。", len(advice))
            click.echo(text)
    if found:
        sys.exit(1)


def _whole(settings: Settings) -> tuple[Checked, Collection[str], str]:
    """Check what would be published; what of it came through pages, and a line on what it is."""
    try:
        revision = active_revision()
    except SQLAlchemyError:
        revision = None  # content may be checked where no site runs
    checked, edits = check_over(active.active().builder, settings.content_dirs, revision)
    if revision is None:
        return checked, edits, _("这里还没有发布过（或者连不上数据库），只查了内容文件夹。")
    if not edits:
        return checked, edits, _("查了内容文件夹；网页上没有传过什么。")
    text = ngettext("查了内容文件夹，连同网页上传来的 %(count)s 个文件。", len(edits))
    return checked, edits, text


@content.command()
def reload() -> None:
    """Publish the content folders; a running server takes it over within seconds.

    Nothing is published while there is any problem.

    \b
    Example:
      cstrain content reload
    """  # noqa: D301 - Click needs the backspace itself
    publish_changed()


def publish_changed(*, may_go_on: bool = False) -> None:
    """Publish the content folders, or print every problem and end with status 1.

    Args:
        may_go_on: With problems, go on with what was published before, where there is such.
    """
    settings: Settings = current_app.extensions["cstrain.settings"]
    builder = active.active().builder
    check_folders(builder, settings.content_dirs)  # beforehand, so that no writer has to wait
    with transaction():
        revision_id, checked = publish_folders(
            builder, settings.content_dirs, by=None, now=utc_now()
        )
    if settings.content_dirs != (shipped("content"),):
        where = os.pathsep.join(map(str, settings.content_dirs))
        click.echo(_("内容文件夹：%(folders)s", folders=where))
    if revision_id is not None:
        folders.published()
        text = _(
            "第 %(n)s 版内容已经发布：%(counts)s", n=revision_id, counts=_counted(counts(checked))
        )
        click.echo(text)
        return
    folders.refused(_told_by_language(settings))
    for problem in _located(checked.problems):
        click.echo(str(problem), err=True)
    before = active_revision_id()
    click.echo(_not_published(len(checked.problems), before), err=True)
    if not (may_go_on and before):
        sys.exit(1)


def _not_published(count: int, before: int) -> str:
    lines = [
        ngettext("警告：内容文件夹有 %(count)s 处问题，没有发布。", count),
        _("改好以后运行 cstrain content reload。"),
    ]
    if before:
        lines.append(_("现在用的还是上次发布的内容（第 %(n)s 版）。", n=before))
    return "\n".join(lines)


def _told_by_language(settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """The problems of the folders, path and words of each, in every language, for pages."""
    told = {}
    spoken = i18n.language()
    for language in i18n.LANGUAGES:
        i18n.speak(language)
        checked, _edits = check_over(
            active.active().builder, settings.content_dirs, active_revision()
        )
        told[language] = [
            (each.path, str(shown))
            for each, shown in zip(checked.problems, _located(checked.problems), strict=True)
        ]
    i18n.speak(spoken)
    return told


def _located(problems: Iterable[ContentProblem]) -> list[ContentProblem]:
    """The problems with the folder in their path where several lie over each other."""
    settings: Settings = current_app.extensions["cstrain.settings"]
    several = settings.content_dirs if len(settings.content_dirs) > 1 else ()
    return [
        next(
            (
                replace(each, path=str(folder / each.path))
                for folder in reversed(several)
                if not each.place and (folder / each.path).is_file()
            ),
            each,
        )
        for each in problems
    ]


def notes(checked: Checked) -> list[str]:
    """Figures of the bank, and what the kinds say for each team, as how far exams repeat."""
    kinds = active.active().registry.kinds.values()
    teams: dict[int, list[str]] = {}
    for slug, catalogue in checked.catalogues.items():
        teams.setdefault(id(catalogue), []).append(slug)
    said = [
        f"{'+'.join(slugs)}: {line}" if slugs[0] else line
        for slugs in teams.values()
        for kind in kinds
        for line in kind.notes(checked.catalogues[slugs[0]])
    ]
    return [*bank_check.lines(checked.catalogues.values()), *said]


def counts(checked: Checked) -> dict[str, Any]:
    """What the content holds: activities by kind, subsections, questions, materials.

    Questions made of materials are counted apart.
    Teams' own files count too; one that a team has in the place of another is no further one.
    """
    everything = checked.catalogues.values()
    kinds = {slug: each.kind for held in everything for slug, each in held.activities.items()}
    all_items = {item_id: each for held in everything for item_id, each in held.bank.items()}
    bank = {item_id: each for item_id, each in all_items.items() if not each.is_made}
    sections = {ref for held in everything for ref in held.sections}
    materials: dict[str, dict[Any, Any]] = {}
    for held in everything:
        for name, values in held.materials.items():
            by_path = {getattr(each, "path", id(each)): each for each in values}
            materials.setdefault(name, {}).update(by_path)
    by_section: dict[str, dict[str, Any]] = {}
    for entry in bank.values():
        row = by_section.setdefault(
            entry.lesson, {"count": 0, "kinds": Counter(), "levels": Counter(), "uses": Counter()}
        )
        row["count"] += 1
        row["kinds"][entry.item.kind.value] += 1
        row["levels"][str(entry.item.level)] += 1
        row["uses"][entry.item.use.value] += 1
    activities = Counter(kind.name for kind in kinds.values())
    return {
        "lessons": activities.get("lesson", 0),
        "subsections": len(sections) - activities.get("lesson", 0),
        "activities": dict(activities),
        "questions": {"total": len(bank), "by_section": by_section},
        "made_questions": len(all_items) - len(bank),
        "passages": _text_count(materials.get("typing_passages", {}).values()),
        "scenarios": len(materials.get("scenario", ())),
        "materials": {name: len(values) for name, values in materials.items()},
        "pathways": len(materials.get("pathway", ())),
    }


def _text_count(values: Iterable[Any]) -> int:
    """How many texts there are to type; a file of official ones holds many blocks."""
    return sum(len(getattr(value, "blocks", (value,))) for value in values)


def _counted(figures: Mapping[str, Any]) -> str:
    return _(
        "%(lessons)s 课，%(subsections)s 小节，%(questions)s 题（另有 %(made)s 题由问答生成），"
        "%(passages)s 段打字文字，%(scenarios)s 个情景，%(pathways)s 条路径。",
        lessons=figures["lessons"],
        subsections=figures["subsections"],
        questions=figures["questions"]["total"],
        made=figures["made_questions"],
        passages=figures["passages"],
        scenarios=figures["scenarios"],
        pathways=figures["pathways"],
    )
