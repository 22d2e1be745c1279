"""A shop's FAQ, replies or products as rows of a table, and rows as the files they become. Pure.

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
from cstrain.core.catalogue.entries import listed
from cstrain.core.catalogue.sources import Source, digest_of
from cstrain.desk.replies import faq, products, replies
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


class Table(StrEnum):
    """What a table holds."""

    FAQ = "faq"
    REPLIES = "replies"
    PRODUCTS = "products"


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
}
#: Option lines of an entry: column → what the line is called.
OPTIONS: Final[Mapping[str, str]] = {
    "aliases": "别名",
    "code": "短码",
    "when": "何时",
    **products.FIELDS,
}
#: Columns that may not be missing.
_NEEDED: Final = frozenset({"group", "use", "heading", "text", "number", *products.NEEDED})
_LOADS: Final[Mapping[Table, Callable[[Source], object]]] = {
    Table.FAQ: faq.load,
    Table.REPLIES: replies.load,
    Table.PRODUCTS: products.load,
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
    """

    slug: str
    title: Mapping[str, str]
    use: Use | None
    path: str
    rows: tuple[Row, ...] = field(default=())

    @property
    def name(self) -> tuple[str, Use | None]:
        """What makes it the same class in a table."""
        return (self.title["zh"], self.use)


def groups_of(catalogue: Catalogue, table: Table) -> list[Group]:
    """What a shop has now."""
    if table is Table.FAQ:
        return [
            _group(Group(file.slug, file.title, None, file.path), map(_asked, file.entries))
            for file in faq.files_of(catalogue)
        ]
    if table is Table.PRODUCTS:
        return [
            _group(Group(file.slug, file.title, None, file.path), map(_sold, file.entries))
            for file in products.files_of(catalogue)
        ]
    return [
        _group(Group(file.slug, file.title, file.use, file.path), map(_to_send, file.entries))
        for file in replies.files_of(catalogue)
    ]


_Said = tuple[str, Mapping[str, str], str]


def _asked(entry: FaqEntry) -> _Said:
    return entry.question, {"aliases": _joined(entry.aliases, but=entry.question)}, entry.answer


def _to_send(reply: Reply) -> _Said:
    return reply.purpose, {"code": reply.code, "when": reply.when}, reply.text


def _sold(product: Product) -> _Said:
    options = {key: "；".join(product.parts.get(key, ())) for key in products.FIELDS}
    return product.name, {"number": product.number, **options}, ""


def _group(group: Group, said: Iterable[_Said]) -> Group:
    rows = (
        Row(0, group.title["zh"], group.use, heading, _filled(options), text)
        for heading, options, text in said
    )
    return replace(group, rows=tuple(rows))


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
    required = [name for name in headings if name in _NEEDED]
    rows: list[Row] = []
    problems: list[RowProblem] = []
    seen: dict[tuple[str, ...], int] = {}
    for record in tables.read_records(data, headings, required=required, max_rows=MAX_ROWS):
        if record["group"].startswith(EXAMPLE):
            continue  # the template's own rows, left standing
        row = _row(record)
        reasons = [*_problems_of(table, record, row), *_repeats(table, row, seen)]
        problems += [RowProblem(row.number, reason) for reason in dict.fromkeys(reasons)]
        if not reasons:
            rows.append(row)
    return rows, problems


def _row(record: tables.Record) -> Row:
    heading = _line(record["heading"])
    options = {
        "aliases": _joined(listed(record["aliases"].replace("\n", "，")), but=heading),
        "code": _line(record["code"]),
        "when": _line(record["when"]),
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
        "\n".join(lines).strip(),
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
    heading, text = HEADINGS[table]["heading"][0], HEADINGS[table].get("text", ("",))[0]
    if not row.group:
        yield _("没有写分类")
    if len(row.group) > GROUP_MAX_LENGTH:
        yield _("“分类”有 %(n)s 字，最多 %(most)s 字", n=len(row.group), most=GROUP_MAX_LENGTH)
    if table is Table.REPLIES and not record["use"]:
        yield _("“%(name)s”这一格空着", name=HEADINGS[table]["use"][0])
    elif table is Table.REPLIES and row.use is None:
        yield _("不认识用途“%(name)s”，可以写：%(known)s", name=record["use"], known=_known_uses())
    if not row.heading:
        yield _("“%(name)s”这一格空着", name=heading)
    if len(row.heading) > HEADING_MAX_LENGTH:
        n, most = len(row.heading), HEADING_MAX_LENGTH
        yield _("“%(name)s”有 %(n)s 字，最多 %(most)s 字", name=heading, n=n, most=most)
    if text and not row.text:
        yield _("“%(name)s”这一格空着", name=text)
    if any(line.startswith("#") for line in row.text.split("\n")):
        yield _("“%(name)s”里不能有以 # 开头的一行", name=text)
        return
    written = re.sub(r"[\n\r\t]", "", "".join(record.values.values()))
    if any(unicodedata.category(char) in _UNSEEN for char in written):
        yield _("有看不见的字符，请删掉重打")
    # The rest of the row is looked at with words in the place of those that are missing.
    filled = (row.text or "…") if text else row.text
    yield from _as_read(table, replace(row, heading=row.heading or "…", text=filled))


def _known_uses() -> str:
    return "、".join(USE_NAMES.values())


def _as_read(table: Table, row: Row) -> Iterator[str]:
    """What is wrong with the row where it is read as the only entry of a file."""
    group = replace(new_group(table, row.group or "x", row.use or Use.AUTO), rows=(row,))
    head, body = _parts(table, group)
    meta = Document({**head, "use": (row.use or Use.AUTO).value} if "use" in head else head)
    source = Source(group.path, "", table.value, meta, body, 1)
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
    else:
        code = row.options.get("code", "")
        said += [(("code", code), code)] if code else []
        said += [(("text", fold("".join(row.text.split()))), HEADINGS[table]["text"][0])]
    for key, words in said:
        other = seen.setdefault(key, row.number)
        if key[-1] and other != row.number:
            yield _("“%(words)s”和第 %(n)s 行重复", words=words, n=other)


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
        "kind": table.value,
        "slug": group.slug,
        "title": dict(group.title),
    }
    if group.use is not None and table is Table.REPLIES:
        head["use"] = group.use.value
    blocks = []
    for row in group.rows:
        number = row.options.get("number")
        heading = f"{row.heading} | {number}" if number else row.heading
        options = [
            f"    {name}: {row.options[key]}" for key, name in OPTIONS.items() if key in row.options
        ]
        blocks.append("\n".join([f"## {heading}", *options, "", row.text, ""]))
    return head, "\n".join(blocks)
