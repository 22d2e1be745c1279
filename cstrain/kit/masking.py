"""Text without what tells who somebody is, before it leaves the installation. Pure.

It rather hides too much than too little: a long number is hidden whether or not it is a phone's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

NAME: Final = "〔姓名〕"
ADDRESS: Final = "〔地址〕"
NUMBER: Final = "〔号码〕"
MAIL: Final = "〔邮箱〕"

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
#: Seven digits and more, also in groups and half hidden: phones, identity cards, parcels, cards.
_NUMBER = re.compile(r"(?<![\d.])\+?\d(?:[\s\-*()（）·]{0,4}[\d*]){6,}[xX]?", re.ASCII)
_PLACE = r"[\u4e00-\u9fff]{2,8}?(?:省|市|自治区|自治州|区|县|镇|乡|街道)"
_SPOT = (
    r"[\u4e00-\u9fffA-Za-z0-9]{1,12}?(?:路|街|大道|道|巷|弄|胡同|村|小区|花园|公寓|大厦|广场|苑|里"
    r"|座|号楼|号院|号|栋|幢|单元|楼|层|室)"
)
#: Places with the spots behind them, two places, or a street with its number.
_ADDRESS = re.compile(
    rf"(?:(?:{_PLACE})+(?:{_SPOT}[\s，,]?)*{_SPOT}|(?:{_PLACE}){{2,}}"
    rf"|{_SPOT}\d+\S{{0,6}}?(?:号|室|栋|幢|单元|楼)(?:{_SPOT})*)(?:\d{{1,5}}室?)?"
)
#: What stands after words that lead to a name, and before how somebody is addressed.
_CALLED = re.compile(
    r"((?:收货人|收件人|联系人|姓名|名字|我叫|名叫)[是叫:：\s]*|我姓)([\u4e00-\u9fff][\u4e00-\u9fff·*]{0,3})"
)
_TITLED = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff*]{0,2}(?=先生|女士|小姐|太太)")


def mask(text: str, names: Iterable[str] = ()) -> str:
    """A text with names, addresses, mail addresses and long numbers replaced by what they are.

    Args:
        text: Any text.
        names: Names that are known to occur, in full; single characters are left out.
    """
    for name in sorted({each.strip() for each in names}, key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, NAME)
    text = _MAIL.sub(MAIL, text)
    text = _ADDRESS.sub(ADDRESS, text)
    text = _NUMBER.sub(NUMBER, text)
    text = _CALLED.sub(rf"\1{NAME}", text)
    return _TITLED.sub(NAME, text)
