"""A shop's FAQ, replies, products or forbidden words as rows of a table, and rows as files. Pure.

One truth: a row becomes an entry of a file, and the entry is read like any other; so a table can
hold nothing that a file could not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from cstrain.core.catalogue.catalogue import Catalogue, fold
from cstrain.core.catalogue.entries import LAST, ORDER
from cstrain.core.catalogue.sources import digest_of
from cstrain.desk.replies import faq, products, replies, words
from cstrain.desk.replies.faq_entry import FaqEntry
from cstrain.desk.replies.products import Product
from cstrain.desk.replies.replies import Reply, Use

EXAMPLE: Final = "样例"


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
    return entry.question, {"aliases": joined(entry.aliases, but=entry.question)}, entry.answer


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
        Row(0, file.title["zh"], use, heading, filled(options), text)
        for heading, options, text in said
    )
    return Group(file.slug, file.title, use, file.path, rows, file.order)


def filled(options: Mapping[str, str]) -> dict[str, str]:
    """The options that say something."""
    return {name: value for name, value in options.items() if value}


def new_group(table: Table, title: str, use: Use | None) -> Group:
    """A class that the shop did not have."""
    name = digest_of(f"{title}|{use or ''}".encode())[:8]
    path = f"shop/{table.value}/{MADE}{name}.md"
    return Group(f"{table.value}-{name}", {"zh": title, "en": title}, use, path)


#: How the names of files begin that only a table has brought.
MADE: Final = "table-"


def joined(aliases: Iterable[str], *, but: str) -> str:
    """Other ways to ask, each once, without the question itself."""
    found: dict[str, str] = {}
    for alias in aliases:
        found.setdefault(fold(one_line(alias)), one_line(alias))
    found.pop(fold(but), None)
    return "，".join(found.values())


def one_line(text: str) -> str:
    """A cell on one line."""
    return " ".join(text.split())


def text_of(table: Table, group: Group) -> tuple[str, list[int]]:
    """A class as a file.

    Returns:
        The text, and the line of each row's heading, in the order of the rows.
    """
    head, body = parts(table, group)
    # What JSON is, YAML is too.
    lines = ["---", *(f"{key}: {json.dumps(head[key], ensure_ascii=False)}" for key in head), "---"]
    first = len(lines) + 1
    found = [
        first + number for number, line in enumerate(body.split("\n")) if line.startswith("## ")
    ]
    return "\n".join([*lines, body]), found


def parts(table: Table, group: Group) -> tuple[dict[str, object], str]:
    """A class as a file's front matter and its body."""
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
