"""Product files: from Markdown to what agents say about a product, with every problem. Pure.

## 云棉圆领短袖 | SC-T01
    价格: 69
    卖点: 200 克精梳棉；八个颜色
    适合: 夏天单穿
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cstrain.core.catalogue import entries
from cstrain.core.catalogue.catalogue import Catalogue, SearchEntry, fold
from cstrain.core.catalogue.entries import Entry
from cstrain.core.catalogue.sources import Source
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

MATERIAL = "products"
NAME_MAX_LENGTH = 30
LINE_MAX_LENGTH = 200
READY_MAX_LENGTH = 120
#: What a line is read under → how it is written, in the order of a card.
FIELDS: Final[Mapping[str, str]] = {
    "price": "价格",
    "spec": "规格",
    "material": "材质",
    "points": "卖点",
    "suits": "适合",
    "weak": "短处",
    "compare": "比较",
    "pair": "搭配",
}
NEEDED: Final = ("price", "points", "suits")
FORM = entries.Form(
    example="## 云棉圆领短袖 | SC-T01",
    options={**{name: key for key, name in FIELDS.items()}, **{key: key for key in FIELDS}},
    keys=frozenset({entries.ORDER}),
)
#: How a line begins when it is sent, and what stands between its parts; customers read Chinese.
_SENT: Final[Mapping[str, tuple[str, str]]] = {
    "price": ("{name}，", "，"),
    "spec": ("{name}的规格：", "；"),
    "material": ("材质：", "；"),
    "points": ("", "；"),
    "suits": ("适合", "、"),
    "weak": ("先说一声：", "；"),
    "compare": ("", "；"),
    "pair": ("可以搭", "，或者"),
}
#: What parts name and number, and how a number is written.
BAR: Final = " | "
NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,19}")
_PRICE = re.compile(r"(?:(?P<of>.*\S)\s+)?(?P<amount>\d{1,6}(?:\.\d{1,2})?)\s*元?")
_PARTS = re.compile(r"[；;\n]")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing about a product.

    Attributes:
        key: Which, one of ``FIELDS``.
        text: As a card shows it.
        sentence: As it is sent.
    """

    key: str
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Product:
    """What agents say about one product.

    Attributes:
        anchor: Its place on the page, unique within a team's content.
        number: As the shop calls it, unique within the shop.
        parts: Key of ``FIELDS`` → what is said, never empty; prices are without their unit.
        line: Where it stands in its file.
    """

    anchor: str
    name: str
    number: str
    parts: Mapping[str, tuple[str, ...]]
    line: int

    @property
    def url(self) -> str:
        """Its place on the page of all products."""
        return f"/products#{self.anchor}"

    @property
    def lines(self) -> tuple[Line, ...]:
        """All that is known about it, in the order of a card."""
        return tuple(self._line(key) for key in FIELDS if key in self.parts)

    @property
    def ready(self) -> str:
        """What to send first: name and price, the first selling point, whom it suits first."""
        point, suited = self.parts["points"][0], self.parts["suits"][0]
        return f"{self._line('price').sentence}{point}。{_after('适合', suited)}。"

    @property
    def said(self) -> str:
        """All that agents may send about it."""
        return "\n".join((self.name, *(line.text for line in self.lines)))

    def _line(self, key: str) -> Line:
        parts = self.parts[key]
        if key == "price":
            parts = tuple(f"{part} 元" for part in parts)
        start, between = _SENT[key]
        sentence = f"{_after(start.format(name=self.name), between.join(parts))}。"
        return Line(key, "；".join(parts), sentence)


@dataclass(frozen=True, slots=True)
class ProductFile:
    """The products of one file: a class."""

    slug: str
    title: Mapping[str, str]
    entries: tuple[Product, ...]
    path: str
    order: int

    def search_entries(self) -> Iterator[SearchEntry]:
        """What the search box finds: name, number and every line; Enter copies what is ready."""
        for product in self.entries:
            text = f"{product.ready}\n{product.number}\n{product.said}"
            title = f"{product.name} · {product.number}"
            yield SearchEntry("product", title, text, product.url, answer=product.ready)


def _after(start: str, words: str) -> str:
    """Words behind others, parted where a Latin word or a number follows a Chinese one."""
    is_run_on = start[-1:].isalpha() and words[0].isascii()
    return f"{start} {words}" if is_run_on else f"{start}{words}"


def parted(text: str) -> tuple[str, ...]:
    """What stands between semicolons, without empty parts and full stops."""
    parts = (" ".join(part.split()).rstrip("。") for part in _PARTS.split(text))
    return tuple(part for part in parts if part)


def prices(text: str) -> tuple[str, ...]:
    """Prices without their unit, as they are written otherwise."""
    return tuple(re.sub(r"(?<=\d)\s*元$", "", part) for part in parted(text))


def load(source: Source) -> ProductFile:
    """Read a file of the kind ``products``.

    Raises:
        ContentError: With every problem of the file.
    """
    read = entries.read(source, FORM)
    problems = list(read.problems)
    for entry in read.entries:
        problems.extend(
            source.problem(text, line=entry.line) for text in _problems_of(entry, _product(entry))
        )
    if problems:
        raise ContentError(problems)
    found = tuple(_product(entry) for entry in read.entries)
    return ProductFile(read.slug, read.title, found, source.path, read.order)


def _product(entry: Entry) -> Product:
    name, _bar, number = (part.strip() for part in entry.heading.partition(BAR))
    parts = {
        key: prices(value) if key == "price" else parted(value)
        for key, value in entry.options.items()
    }
    kept = {key: found for key, found in parts.items() if found}
    return Product(entry.anchor, name, number, kept, entry.line)


def _problems_of(entry: Entry, product: Product) -> Iterator[str]:
    if not NUMBER.fullmatch(product.number):
        yield _(
            "“%(q)s”缺编号，写成“名称 | 编号”，编号用字母、数字和 - . _ /，最多 20 个",
            q=entry.heading,
        )
    if len(product.name) > NAME_MAX_LENGTH:
        n, most = len(product.name), NAME_MAX_LENGTH
        yield _("“%(name)s”有 %(n)s 字，最多 %(most)s 字", name=product.name, n=n, most=most)
    for key, value in entry.options.items():
        if len(value) > LINE_MAX_LENGTH:
            n, most = len(value), LINE_MAX_LENGTH
            yield _("“%(name)s”有 %(n)s 字，最多 %(most)s 字", name=FIELDS[key], n=n, most=most)
    for price in product.parts.get("price", ()):
        found = _PRICE.fullmatch(price)
        if found is None or not float(found["amount"]):
            yield _("价格“%(price)s”不行，写“69”，几种写“1.5 米床 329；1.8 米床 369”", price=price)
    if entry.text:
        yield _("“%(q)s”下面只写缩进四格的几行", q=entry.heading)
    missing = [FIELDS[key] for key in NEEDED if key not in product.parts]
    if missing:
        yield _("“%(q)s”缺%(names)s", q=entry.heading, names="、".join(missing))
    elif len(product.ready) > READY_MAX_LENGTH:
        n, most = len(product.ready), READY_MAX_LENGTH
        yield _(
            "“%(q)s”先发的那句有 %(n)s 字，最多 %(most)s 字：价格、第一个卖点、第一个适合写短些",
            q=product.name,
            n=n,
            most=most,
        )


def files_of(catalogue: Catalogue) -> list[ProductFile]:
    """The classes of products of a team, in their order."""
    found = catalogue.materials.get(MATERIAL, ())
    return entries.in_order(each for each in found if isinstance(each, ProductFile))


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """Slugs that two files share, and numbers that two products share."""
    files = files_of(catalogue)
    yield from entries.shared_slugs([(file.slug, file.path) for file in files])
    numbers: dict[str, str] = {}
    for file in files:
        for product in file.entries:
            here, key = f"{file.path}:{product.line}", fold(product.number)
            if key in numbers:
                text = _(
                    "编号 %(number)s 和 %(other)s 重复", number=product.number, other=numbers[key]
                )
                yield ContentProblem(file.path, product.line, text)
            numbers.setdefault(key, here)
