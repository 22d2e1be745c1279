"""A file that takes the place of another and holds nothing: a shop does without that one."""

from __future__ import annotations

from cstrain.core.catalogue.sources import Source
from cstrain.desk.replies.shop_table import Table

MATERIAL = "left_out"


def load(_source: Source) -> None:
    """Give nothing."""


def text_of(table: Table) -> str:
    """The file, which tells what table it stands for."""
    return f"---\nkind: {MATERIAL}\nof: {table.value}\n---\n"
