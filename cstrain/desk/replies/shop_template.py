"""The tables that a shop downloads: filled with what it has, to be changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cstrain.desk.replies import products, replies
from cstrain.desk.replies.replies import Use
from cstrain.desk.replies.shop_table import EXAMPLE, HEADINGS, USE_NAMES, Group, Row, Table
from cstrain.kit import tables
from cstrain.kit.i18n import gettext as _


def template(table: Table, groups: Sequence[Group]) -> bytes:
    """The table as the shop has it, to be changed; an example where it has nothing."""
    hints = {
        "group": _("同一分类的行放在一起，页面上也在一起。表里没有的分类和条目，发布后就没有了。"),
        "aliases": _("买家还会怎么问，几种之间用逗号隔开；可以空着。"),
        "code": _("1 到 8 个小写字母或数字，全店不重；快捷回复必填。"),
        "when": _("什么时候发，一句话；可以空着。"),
        "number": _("字母、数字和 - . _ /，最多 20 个，全店不重。"),
        "price": _("只写数；几种写“1.5 米床 329；1.8 米床 369”。"),
        "points": _("几样之间用分号隔开，第一样会先发。后面几格也这样写。"),
        "suits": _("接在“适合”后面念得通，几样之间用分号隔开，第一样会先发。"),
        "pair": _("接在“可以搭”后面念得通，几样之间用分号隔开；可以空着。"),
    }
    if table is Table.REPLIES:
        known = "、".join(f"{{{name}}}" for name in replies.VARIABLES)
        hints["text"] = _("要填的写在花括号里，只用这些：%(known)s", known=known)
    if table is Table.WORDS:
        hints["heading"] = _("一个词几种写法，中间写空格、斜线、空格：第一 / No.1。")
        hints["exceptions"] = _("带着这个词但没关系的话，逗号隔开；可以空着。")
        hints["instead"] = _("换成怎么说；可以空着。")
        hints["text"] = _("为什么不能说，最多 60 字；可以空着。")
    widths = {
        "text": 60,
        "heading": 30,
        "aliases": 30,
        "group": 16,
        "when": 24,
        "exceptions": 30,
        "instead": 30,
    }
    widths |= dict.fromkeys(products.FIELDS, 30)
    columns = [
        tables.Column(
            names[0],
            width=widths.get(name, 12),
            choices=tuple(USE_NAMES.values()) if name == "use" else (),
            hint=hints.get(name, ""),
        )
        for name, names in HEADINGS[table].items()
    ]
    rows = [row for group in groups for row in group.rows] or [_example(table)]
    cells = [[_cell(row, name) for name in HEADINGS[table]] for row in rows]
    return tables.write_xlsx(tables.Sheet(title(table), columns, cells))


def title(table: Table) -> str:
    """What a table holds, in the reader's language."""
    return {
        Table.FAQ: _("常见问答"),
        Table.REPLIES: _("话术"),
        Table.PRODUCTS: _("商品"),
        Table.WORDS: _("违禁词"),
    }[table]


def _cell(row: Row, name: str) -> str:
    if name == "use":
        return USE_NAMES[row.use] if row.use else ""
    own = {"group": row.group, "heading": row.heading, "text": row.text}
    return own[name] if name in own else row.options.get(name, "")


def _example(table: Table) -> Row:
    group = f"{EXAMPLE}（这一行不会导入）"
    if table is Table.FAQ:
        options = {"aliases": "几点发货，多久发出"}
        return Row(0, group, None, "今天拍什么时候发？", options, "16:00 前付款今天发。")
    if table is Table.PRODUCTS:
        options = {"number": "A-01", "price": "69", "points": "200 克精梳棉", "suits": "夏天单穿"}
        return Row(0, group, None, "圆领短袖", options, "")
    if table is Table.WORDS:
        options = {"exceptions": "第一次，第一件事", "instead": "这款上个月卖得多"}
        return Row(0, group, None, "第一 / No.1", options, "没有数据证明。")
    options = {"code": "hi", "when": "顾客第一次开口"}
    return Row(0, group, Use.QUICK, "先应一声", options, "在的，我是{客服名}。您先说，我看着。")
