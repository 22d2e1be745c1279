"""A shop's FAQ, replies, products or forbidden words as rows of a table, and rows as files. Pure.

One truth: a row becomes an entry of a file, and the entry is read like any other; so a table can
hold nothing that a file could not.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from cstrain.core.catalogue.bank_table import RowProblem
from cstrain.core.catalogue.catalogue import Catalogue, fold
from cstrain.core.catalogue.entries import LAST, ORDER, listed
from cstrain.core.catalogue.sources import Source, digest_of
from cstrain.desk.replies import faq, products, replies, words
from cstrain.desk.replies.faq import FaqEntry
from cstrain.desk.replies.products import Product
from cstrain.desk.replies.replies import Reply, Use
from cstrain.kit import tables
from cstrain.kit.errors import ContentError
from cstrain.kit.frontmatter import Document
from cstrain.kit.i18n import gettext as _

MAX_ROWS: Final = 1000
GROUP_MAX_LENGTH: Final = 30
HEADING_MAX_LENGTH: Final = 100
EXAMPLE: Final = "样例"
_UNSEEN = frozenset({"Cc", "Co", "Cs", "Cn"})
#: What stands between ways of writing a word.
_FORMS: Final = re.compile(r"\s+[/／]\s+|\n")


class Table(StrEnum):
    """What a table holds."""

    FAQ = "faq"
    REPLIES = "replies"
    PRODUCTS = "products"
    WORDS = "words"


HEADINGS: Final[Mapping[Table, Mapping[str, Sequence[str]]]] = {
    Table.FAQ: {
        "group": ("分类", "class"),
        "heading": ("问题", "question"),
        "aliases": ("别名", "aliases"),
        "text": ("答案", "answer"),
    },
    Table.REPLIES: {
        "group": ("分类", "class"),
        "use": ("用途", "use"),
        "heading": ("标题", "title"),
        "code": ("短码", "code"),
        "when": ("何时", "when"),
        "text": ("正文", "text"),
    },
    Table.PRODUCTS: {
        "group": ("分类", "class"),
        "heading": ("名称", "name"),
        "number": ("编号", "number"),
        **{key: (name, key) for key, name in products.FIELDS.items()},
    },
    Table.WORDS: {
        "group": ("分类", "class"),
        "heading": ("词", "word"),
        "exceptions": ("例外", "exceptions"),
        "instead": ("改说", "instead"),
        "text": ("原因", "reason"),
    },
}
#: What its files are.
KINDS: Final[Mapping[Table, str]] = {
    Table.FAQ: faq.MATERIAL,
    Table.REPLIES: replies.MATERIAL,
    Table.PRODUCTS: products.MATERIAL,
    Table.WORDS: words.MATERIAL,
}
#: Option lines of an entry: column → what the line is called.
OPTIONS: Final[Mapping[str, str]] = {
    "aliases": "别名",
    "code": "短码",
    "when": "何时",
    **products.FIELDS,
    "exceptions": "例外",
    "instead": "改说",
}
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
USE_NAMES: Final = {Use.QUICK: "快捷回复", Use.AUTO: "自动回复", Use.URGE: "催付"}


@dataclass(frozen=True, slots=True)
class Row:
    """One entry.

    Attributes:
        number: Its row, as a spreadsheet counts; 0 for what the shop has already.
        group: Its class.
        use: Where a reply is used; None for the others.
        options: Column → what it says; without empty ones.
        text: What is sent; empty for products, whose options are.
    """

    number: int
    group: str
    use: Use | None
    heading: str
    options: Mapping[str, str]
    text: str

    @property
    def key(self) -> tuple[str, Use | None, str]:
        """What makes it the same entry in another table."""
        return (self.group, self.use, fold(self.options.get("number", self.heading)))

    @property
    def said(self) -> tuple[str, Mapping[str, str], str]:
        """All that can change about it."""
        return (self.heading, self.options, self.text)

    @property
    def sent(self) -> str:
        """What of it customers read."""
        return self.text or "\n".join((self.heading, *self.options.values()))


@dataclass(frozen=True, slots=True)
class Group:
    """A class: one file.

    Attributes:
        path: Where it lies, as the shop sees it.
        order: The place that the file names.
        why: Why its words are forbidden; empty for the others.
    """

    slug: str
    title: Mapping[str, str]
    use: Use | None
    path: str
    rows: tuple[Row, ...] = field(default=())
    order: int = LAST
    why: str = ""

    @property
    def name(self) -> tuple[str, Use | None]:
        """What makes it the same class in a table."""
        return (self.title["zh"], self.use)


def groups_of(catalogue: Catalogue, table: Table) -> list[Group]:
    """What a shop has now."""
    if table is Table.FAQ:
        return [_group(file, map(_asked, file.entries)) for file in faq.files_of(catalogue)]
    if table is Table.PRODUCTS:
        return [_group(file, map(_sold, file.entries)) for file in products.files_of(catalogue)]
    if table is Table.WORDS:
        return [
            replace(_group(file, map(_forbidden, file.entries)), why=file.why)
            for file in words.files_of(catalogue)
        ]
    return [
        _group(file, map(_to_send, file.entries), file.use) for file in replies.files_of(catalogue)
    ]


_Said = tuple[str, Mapping[str, str], str]


def _asked(entry: FaqEntry) -> _Said:
    return entry.question, {"aliases": _joined(entry.aliases, but=entry.question)}, entry.answer


def _to_send(reply: Reply) -> _Said:
    return reply.purpose, {"code": reply.code, "when": reply.when}, reply.text


def _sold(product: Product) -> _Said:
    options = {key: "；".join(product.parts.get(key, ())) for key in products.FIELDS}
    return product.name, {"number": product.number, **options}, ""


def _forbidden(word: words.Word) -> _Said:
    options = {"exceptions": "，".join(word.exceptions), "instead": word.instead}
    return " / ".join(word.forms), options, word.reason


_File = faq.FaqFile | replies.ReplyFile | products.ProductFile | words.WordFile


def _group(file: _File, said: Iterable[_Said], use: Use | None = None) -> Group:
    rows = tuple(
        Row(0, file.title["zh"], use, heading, _filled(options), text)
        for heading, options, text in said
    )
    return Group(file.slug, file.title, use, file.path, rows, file.order)


def _filled(options: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in options.items() if value}


def new_group(table: Table, title: str, use: Use | None) -> Group:
    """A class that the shop did not have."""
    name = digest_of(f"{title}|{use or ''}".encode())[:8]
    path = f"shop/{table.value}/{MADE}{name}.md"
    return Group(f"{table.value}-{name}", {"zh": title, "en": title}, use, path)


#: How the names of files begin that only a table has brought.
MADE: Final = "table-"


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
    heading = _line(record["heading"])
    if table is Table.WORDS:
        forms = (_line(form) for form in _FORMS.split(record["heading"]))
        heading = " / ".join(filter(None, forms))
    options = {
        "aliases": _joined(listed(record["aliases"].replace("\n", "，")), but=heading),
        "code": _line(record["code"]),
        "when": _line(record["when"]),
        "exceptions": "，".join(listed(_line(record["exceptions"].replace("\n", "，")))),
        "instead": _line(record["instead"]),
        "number": _line(record["number"]),
        **{key: "；".join(products.parted(record[key])) for key in products.FIELDS},
        "price": "；".join(products.prices(record["price"])),
    }
    lines = (line.strip() for line in record["text"].splitlines())
    return Row(
        record.number,
        _line(record["group"]),
        USES.get(record["use"].casefold()),
        heading,
        _filled(options),
        (" " if table is Table.WORDS else "\n").join(lines).strip(),
    )


def _joined(aliases: Iterable[str], *, but: str) -> str:
    """Other ways to ask, each once, without the question itself."""
    found: dict[str, str] = {}
    for alias in aliases:
        found.setdefault(fold(_line(alias)), _line(alias))
    found.pop(fold(but), None)
    return "，".join(found.values())


def _line(text: str) -> str:
    """A cell on one line."""
    return " ".join(text.split())


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
    head, body = _parts(table, group)
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


def text_of(table: Table, group: Group) -> tuple[str, list[int]]:
    """A class as a file.

    Returns:
        The text, and the line of each row's heading, in the order of the rows.
    """
    head, body = _parts(table, group)
    # What JSON is, YAML is too.
    lines = ["---", *(f"{key}: {json.dumps(head[key], ensure_ascii=False)}" for key in head), "---"]
    first = len(lines) + 1
    found = [
        first + number for number, line in enumerate(body.split("\n")) if line.startswith("## ")
    ]
    return "\n".join([*lines, body]), found


def _parts(table: Table, group: Group) -> tuple[dict[str, object], str]:
    head: dict[str, object] = {
        "kind": KINDS[table],
        "slug": group.slug,
        "title": dict(group.title),
    }
    if group.use is not None and table is Table.REPLIES:
        head["use"] = group.use.value
    if group.order != LAST:
        head[ORDER] = group.order
    blocks = [f"{group.why}\n"] if group.why else []
    for row in group.rows:
        number = row.options.get("number")
        heading = f"{row.heading} | {number}" if number else row.heading
        options = [
            f"    {name}: {row.options[key]}" for key, name in OPTIONS.items() if key in row.options
        ]
        blocks.append("\n".join([f"## {heading}", *options, "", row.text, ""]))
    return head, "\n".join(blocks)
