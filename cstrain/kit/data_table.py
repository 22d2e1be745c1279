"""Tables of figures written as comma-separated lines, to sort and to compute with. Pure.

```数据 8 月客服销售（数据为教学编写）
客服,接待人数,付款人数
小周,310,152
阿敏,300,126
```

The first column names the rows. Another column is one of numbers when every cell that is filled
holds a number and nothing else; the unit stands in its heading.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from cstrain.kit.i18n import gettext as _

FENCE = "数据"
#: Says in a caption that the figures are made up for teaching.
MADE_UP = "教学编写"
MIN_ROWS = 2
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table as written.

    Attributes:
        rows: The cells under the head; those with too many or too few cells as they are.
        lines: The number of each row's line, from 1 for the head.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def is_number(self, column: int) -> bool:
        """Whether a column holds numbers."""
        cells = [row[column] for row in self.rows if column < len(row) and row[column]]
        return column > 0 and bool(cells) and all(_NUMBER.fullmatch(cell) for cell in cells)


def read(caption: str, text: str) -> DataTable:
    """Read the lines between the fences; empty ones are passed over."""
    found = [
        (number, tuple(cell.strip() for cell in next(csv.reader([line]))))
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    ]
    head = found[0][1] if found else ()
    return DataTable(
        caption=caption.strip(),
        head=head,
        rows=tuple(cells for _line, cells in found[1:]),
        lines=tuple(line for line, _cells in found[1:]),
    )


def problems(table: DataTable) -> Iterator[tuple[int, str]]:
    """Give line, from 0 for that of the fence, and text of what is wrong with a table."""
    if MADE_UP not in table.caption:
        yield 0, _("数据表的标题里要写明“%(words)s”", words=MADE_UP)
    if len(table.rows) < MIN_ROWS:
        yield 0, _("数据表除了表头至少要有 %(least)s 行", least=MIN_ROWS)
    if not all(table.head) or len(set(table.head)) != len(table.head):
        yield 1, _("数据表的表头每一格都要有名称，也不能重名")
    for line, row in zip(table.lines, table.rows, strict=True):
        if len(row) != len(table.head):
            text = _("这一行有 %(n)s 格，表头有 %(head)s 格", n=len(row), head=len(table.head))
            yield line, text


def html(table: DataTable) -> str:
    """Give the table; every text is escaped. Numbers stand right, their raw value beside them."""
    numbers = [table.is_number(column) for column in range(len(table.head))]
    head = "".join(
        f'<th scope="col"{_NUMBER_CLASS if is_number else ""}>{escape(name)}</th>'
        for name, is_number in zip(table.head, numbers, strict=True)
    )
    rows = []
    for row in table.rows:
        cells = [row[column] if column < len(row) else "" for column in range(len(table.head))]
        first = f'<th scope="row">{escape(cells[0])}</th>' if cells else ""
        rest = map(_cell, cells[1:], numbers[1:])
        rows.append(f"<tr>{first}{''.join(rest)}</tr>")
    caption = escape(table.caption)
    return (
        f'<div class="table-scroll" tabindex="0" role="group" aria-label="{caption}">'
        f'<table class="data-table"><caption><span>{caption}</span></caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


_NUMBER_CLASS = ' class="is-number"'


def _cell(text: str, is_number: bool) -> str:  # noqa: FBT001 - mapped over the columns
    if not is_number:
        return f"<td>{escape(text)}</td>"
    if not text:
        return f"<td{_NUMBER_CLASS}></td>"
    return f'<td{_NUMBER_CLASS} data-value="{text}">{Decimal(text):,}</td>'
