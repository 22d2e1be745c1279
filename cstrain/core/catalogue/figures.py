"""A shop's own figures, to which lessons refer by name: time limits, pass lines, caps. Pure.

## dispatch_limit | 发货时限 | Dispatch limit
    数值: 48 小时
    看哪里: 商家后台，规则中心，发货
    核对: 2026-11-20
    负责: 沈经理

A lesson writes ``[发货时限](figure:dispatch_limit)`` and shows each shop its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

from cstrain.core.catalogue import entries
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.entries import Entry
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.sources import Source
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.kit.markdown import kept_together

MATERIAL = "shop_figures"
#: Every figure that a lesson may ask for.
KEYS = (
    "dispatch_limit",
    "response_pass_line",
    "first_response_target",
    "reply_rate_pass_line",
    "price_protection",
    "return_freight_cap",
    "after_sales_deadline",
    "evidence_deadline",
    "review_period",
    "unpaid_close",
)
#: What stands for a figure that the shop has not set, in the language of the lessons.
NOT_SET = "以商家后台当日规则为准"
VALUE_MAX_LENGTH = 40
FORM = entries.Form(
    example="## dispatch_limit | 发货时限 | Dispatch limit",
    options={
        **dict.fromkeys(("数值", "value"), "value"),
        **dict.fromkeys(("看哪里", "where"), "where"),
        **dict.fromkeys(("核对", "checked"), "checked"),
        **dict.fromkeys(("负责", "owner"), "owner"),
    },
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACE = re.compile(r'<span data-figure="(?P<key>[a-z_]+)"></span>')
_TABLE = re.compile(r"<table\b.*?</table>\s*</div>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ShopFigure:
    """One figure as the shop has it.

    Attributes:
        value: With its unit, as people say it.
        where: Where it is looked up; empty where nobody wrote it.
        checked_on: When somebody last compared it.
        owner: Who keeps it.
    """

    key: str
    name: str
    english: str
    value: str
    where: str
    checked_on: date
    owner: str


@dataclass(frozen=True, slots=True)
class FigureFile:
    """The figures of one file."""

    slug: str
    title: Mapping[str, str]
    figures: tuple[ShopFigure, ...]
    lines: Mapping[str, int]
    path: str


def register(registry: Registry) -> None:
    """Let content hold a shop's figures. Called while the application is wired."""
    registry.add_material(MATERIAL, load)
    registry.checks.append(check)


def load(source: Source) -> FigureFile:
    """Read a file of the kind ``shop_figures``.

    Raises:
        ContentError: With every problem of the file.
    """
    read = entries.read(source, FORM)
    problems = read.problems
    figures: dict[str, ShopFigure] = {}
    lines: dict[str, int] = {}
    for entry in read.entries:
        found = _figure(source, entry, problems)
        if found is None:
            continue
        if found.key in figures:
            text = _("“%(key)s”和第 %(line)s 行重复", key=found.key, line=lines[found.key])
            problems.append(source.problem(text, line=entry.line))
        figures[found.key], lines[found.key] = found, entry.line
    if problems:
        raise ContentError(problems)
    return FigureFile(read.slug, read.title, tuple(figures.values()), lines, source.path)


def _figure(source: Source, entry: Entry, problems: list[ContentProblem]) -> ShopFigure | None:
    """One entry; None with a problem more when it cannot be read."""
    told = [part.strip() for part in entry.heading.replace("｜", "|").split("|")]
    key, name, english = (*told, "", "")[:3]
    options = entry.options
    checked_on = _date(options.get("checked", ""))
    wrong = []
    if len(told) != len(FORM.example.split("|")) or not all(told):
        wrong.append(_("标题写成“%(example)s”", example=FORM.example))
    elif key not in KEYS:
        wrong.append(_unknown(key))
    if not options.get("value") or not options.get("owner"):
        wrong.append(_("“%(key)s”要写数值和负责", key=key))
    elif len(options["value"]) > VALUE_MAX_LENGTH:
        most = VALUE_MAX_LENGTH
        wrong.append(_("“%(key)s”的数值最多 %(most)s 字，课里要放进一句话", key=key, most=most))
    if checked_on is None:
        wrong.append(_("“%(key)s”的核对写成 2026-11-20 这样的日期", key=key))
    if entry.text:
        wrong.append(_("“%(key)s”下面只写选项，不写正文", key=key))
    problems += [source.problem(text, line=entry.line) for text in wrong]
    if wrong or checked_on is None:
        return None
    where = options.get("where", "")
    return ShopFigure(key, name, english, options["value"], where, checked_on, options["owner"])


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _unknown(key: str) -> str:
    return _("没有“%(key)s”这个数，可以写：%(known)s", key=key, known="、".join(KEYS))


def problem_of(key: str) -> str:
    """What is wrong with a reference to a figure; empty for nothing."""
    return "" if key in KEYS else _unknown(key)


def files_of(catalogue: Catalogue) -> list[FigureFile]:
    """The files of figures that a team sees, in path order."""
    found = catalogue.materials.get(MATERIAL, ())
    return [each for each in found if isinstance(each, FigureFile)]


def figures_of(catalogue: Catalogue) -> dict[str, ShopFigure]:
    """A team's figures by key; one that the shop has not set is missing."""
    return {figure.key: figure for file in files_of(catalogue) for figure in file.figures}


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """Slugs and figures that two files share."""
    files = files_of(catalogue)
    yield from entries.shared_slugs([(file.slug, file.path) for file in files])
    seen: dict[str, str] = {}
    for file in files:
        for key, line in file.lines.items():
            if key in seen:
                text = _("“%(key)s”在 %(other)s 里已经有了", key=key, other=seen[key])
                yield ContentProblem(file.path, line, text)
            seen.setdefault(key, file.path)


def shown(html: str, figures: Mapping[str, ShopFigure]) -> str:
    """A text of ``kit.markdown.render`` with each figure behind the words that refer to it.

    Who checked it stands behind the figure; under the table where the figure is in a cell.
    """

    def in_table(table: re.Match[str]) -> str:
        keys = dict.fromkeys(place["key"] for place in _PLACE.finditer(table[0]))
        used = [figures[key] for key in keys if key in figures]
        cells = _PLACE.sub(lambda place: _value(figures.get(place["key"]), ""), table[0])
        notes = "<br>".join(f"{escape(each.name)}：{_checked(each)}" for each in used)
        return f'{cells}<p class="shop-notes">{notes}</p>' if notes else cells

    def in_text(place: re.Match[str]) -> str:
        figure = figures.get(place["key"])
        by = f'<span class="shop-by">（{_checked(figure)}）</span>' if figure else ""
        return _value(figure, by)

    return _PLACE.sub(in_text, _TABLE.sub(in_table, html))


def _value(figure: ShopFigure | None, by: str) -> str:
    if figure is None:
        return f'<span class="shop-value">：{NOT_SET}</span>'
    where = f' title="{escape(figure.where)}"' if figure.where else ""
    value = kept_together(escape(figure.value))
    return f'<span class="shop-value"{where}>：{value}{by}</span>'


def _checked(figure: ShopFigure) -> str:
    # Where there is no number, the place to look it up is what the reader needs.
    place = f"{escape(figure.where)}；" if figure.where and figure.value == NOT_SET else ""
    return f"{place}{escape(figure.owner)} {figure.checked_on.isoformat()} 核对"
