"""Rows of a shop's table, read, with what is wrong with each. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from cstrain.core.catalogue.bank_table import RowProblem
from cstrain.core.catalogue.catalogue import fold
from cstrain.core.catalogue.entries import listed
from cstrain.core.catalogue.sources import Source
from cstrain.desk.replies import faq, products, replies, words
from cstrain.desk.replies.replies import Use
from cstrain.desk.replies.shop_table import (
    EXAMPLE,
    HEADINGS,
    KINDS,
    OPTIONS,
    USE_NAMES,
    Row,
    Table,
    filled,
    joined,
    new_group,
    one_line,
    parts,
)
from cstrain.kit import tables
from cstrain.kit.errors import ContentError
from cstrain.kit.frontmatter import Document
from cstrain.kit.i18n import gettext as _

MAX_ROWS: Final = 1000
GROUP_MAX_LENGTH: Final = 30
HEADING_MAX_LENGTH: Final = 100
_UNSEEN = frozenset({"Cc", "Co", "Cs", "Cn"})
#: What stands between ways of writing a word.
_FORMS: Final = re.compile(r"\s+[/／]\s+|\n")
#: Columns that may not be missing, and cells that may not be empty.
_NEEDED: Final[Mapping[Table, Sequence[str]]] = {
    Table.FAQ: ("group", "heading", "text"),
    Table.REPLIES: ("group", "use", "heading", "text"),
    Table.PRODUCTS: ("group", "heading", "number", *products.NEEDED),
    Table.WORDS: ("group", "heading"),
}
#: How many characters a cell may hold.
_MOST: Final[Mapping[Table, Mapping[str, int]]] = {
    Table.FAQ: {"heading": HEADING_MAX_LENGTH, "text": faq.ANSWER_MAX_LENGTH},
    Table.REPLIES: {
        "heading": HEADING_MAX_LENGTH,
        "when": replies.WHEN_MAX_LENGTH,
        "text": replies.REPLY_MAX_LENGTH,
    },
    Table.PRODUCTS: {
        "heading": products.NAME_MAX_LENGTH,
        **dict.fromkeys(products.FIELDS, products.LINE_MAX_LENGTH),
    },
    Table.WORDS: {"heading": HEADING_MAX_LENGTH, "text": words.REASON_MAX_LENGTH},
}
#: What is read in the place of a cell that has been told already.
_STANDS_IN: Final = {"code": "x", "number": "X", "price": "1"}
_LOADS: Final[Mapping[Table, Callable[[Source], object]]] = {
    Table.FAQ: faq.load,
    Table.REPLIES: replies.load,
    Table.PRODUCTS: products.load,
    Table.WORDS: words.load,
}
USES: Final[Mapping[str, Use]] = {
    "快捷回复": Use.QUICK,
    "自动回复": Use.AUTO,
    "催付": Use.URGE,
    "催付话术": Use.URGE,
    **{use.value: use for use in Use},
}


def read(table: Table, data: bytes) -> tuple[list[Row], list[RowProblem]]:
    """Read a table.

    Args:
        table: What it holds.
        data: XLSX or CSV, see ``kit.tables``.

    Returns:
        The rows that can be entries, in their order, and every problem of every row.

    Raises:
        InvalidError: If the file cannot be read, or a column is missing.
    """
    headings = HEADINGS[table]
    required = _NEEDED[table]
    rows: list[Row] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[str, ...], int] = {}
    for record in tables.read_records(data, headings, required=required, max_rows=MAX_ROWS):
        if record["group"].startswith(EXAMPLE):
            continue  # the template's own rows, left standing
        row = _row(table, record)
        reasons = [*_problems_of(table, record, row), *_repeats(table, row, seen)]
        problems += [RowProblem(row.number, reason) for reason in dict.fromkeys(reasons)]
        if not reasons:
            rows.append(row)
    return rows, problems


def _row(table: Table, record: tables.Record) -> Row:
    heading = one_line(record["heading"])
    if table is Table.WORDS:
        forms = (one_line(form) for form in _FORMS.split(record["heading"]))
        heading = " / ".join(filter(None, forms))
    options = {
        "aliases": joined(listed(record["aliases"].replace("\n", "，")), but=heading),
        "code": one_line(record["code"]),
        "when": one_line(record["when"]),
        "exceptions": "，".join(listed(one_line(record["exceptions"].replace("\n", "，")))),
        "instead": one_line(record["instead"]),
        "number": one_line(record["number"]),
        **{key: "；".join(products.parted(record[key])) for key in products.FIELDS},
        "price": "；".join(products.prices(record["price"])),
    }
    lines = (line.strip() for line in record["text"].splitlines())
    return Row(
        record.number,
        one_line(record["group"]),
        USES.get(record["use"].casefold()),
        heading,
        filled(options),
        (" " if table is Table.WORDS else "\n").join(lines).strip(),
    )


def _problems_of(table: Table, record: tables.Record, row: Row) -> Iterator[str]:
    """What is wrong with a row: of each cell the first thing, then what the file's reader says."""
    told = dict(_cell_problems(table, record, row))
    yield from told.values()
    written = re.sub(r"[\n\r\t]", "", "".join(record.values.values()))
    if any(unicodedata.category(char) in _UNSEEN for char in written):
        yield _("有看不见的字符，请删掉重打")
    # The rest of the row is looked at with words in the place of what has been told.
    stand_in = {name: _STANDS_IN.get(name, "…") for name in told}
    options = {name: stand_in[name] for name in stand_in if name in OPTIONS or name == "number"}
    heading, text = stand_in.get("heading", row.heading), stand_in.get("text", row.text)
    read = replace(row, heading=heading, options={**row.options, **options}, text=text)
    yield from _as_read(table, read)


def _cell_problems(table: Table, record: tables.Record, row: Row) -> Iterator[tuple[str, str]]:
    """Column and what is wrong with its cell, each column at most once."""
    cells = {**row.options, "group": row.group, "heading": row.heading, "text": row.text}
    cells["use"] = record["use"]
    needed = {*_NEEDED[table], *(["code"] if row.use is Use.QUICK else [])}
    most = {"group": GROUP_MAX_LENGTH, **_MOST[table]}
    for column, (name, *_others) in HEADINGS[table].items():
        cell = cells.get(column, "")
        count = len("".join(cell.split())) if table is Table.REPLIES else len(cell)
        if not cell:
            if column in needed:
                yield column, _("“%(name)s”这一格空着", name=name)
        elif count > most.get(column, count):
            text = _(
                "“%(name)s”有 %(n)s 字，最多 %(most)s 字", name=name, n=count, most=most[column]
            )
            yield column, text
        elif column == "use" and row.use is None:
            known = "、".join(USE_NAMES.values())
            yield column, _("不认识用途“%(name)s”，可以写：%(known)s", name=cell, known=known)
        elif column == "number" and not products.NUMBER.fullmatch(cell):
            text = _("编号“%(number)s”不行，用字母、数字和 - . _ /，最多 20 个", number=cell)
            yield column, text
        elif column == "heading" and table is Table.PRODUCTS and products.BAR in cell:
            yield column, _("“%(name)s”里不能有竖线", name=name)
        elif column == "text" and any(line.startswith("#") for line in cell.split("\n")):
            yield column, _("“%(name)s”里不能有以 # 开头的一行", name=name)


def _as_read(table: Table, row: Row) -> Iterator[str]:
    """What is wrong with the row where it is read as the only entry of a file."""
    group = replace(new_group(table, row.group or "x", row.use or Use.AUTO), rows=(row,))
    head, body = parts(table, group)
    meta = Document({**head, "use": (row.use or Use.AUTO).value} if "use" in head else head)
    source = Source(group.path, "", KINDS[table], meta, body, 1)
    try:
        _LOADS[table](source)
    except ContentError as error:
        yield from (each.problem for each in error.problems)


def _repeats(table: Table, row: Row, seen: dict[tuple[str, ...], int]) -> Iterator[str]:
    """What the row says again; content tells it too, but by lines of files."""
    said: list[tuple[tuple[str, ...], str]] = []
    if table is Table.FAQ:
        said += [(("question", fold(row.heading)), row.heading)]
        own = [row.heading, *listed(row.options.get("aliases", ""))]
        said += [((row.group, fold(name)), name) for name in own]
    elif table is Table.PRODUCTS:
        number = row.options.get("number", "")
        said += [(("number", fold(number)), number)]
    elif table is Table.WORDS:
        said += [(("word", fold(form)), form) for form in row.heading.split(" / ")]
    else:
        code = row.options.get("code", "")
        said += [(("code", code), code)] if code else []
        said += [(("text", fold("".join(row.text.split()))), HEADINGS[table]["text"][0])]
    for key, saying in said:
        other = seen.setdefault(key, row.number)
        if key[-1] and other != row.number:
            yield _("“%(words)s”和第 %(n)s 行重复", words=saying, n=other)
