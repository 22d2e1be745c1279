"""Every format that can be read; what only one tool writes stands before what many do."""

from __future__ import annotations

from typing import Final

from cstrain.desk.chats.importers import (
    copied,
    generic,
    helpdesks,
    inline,
    jd,
    pdd,
    qidian,
    taobao,
    uneed,
    vendors,
)
from cstrain.desk.chats.importers.adapter import Format

ALL: Final[tuple[Format, ...]] = (
    jd.DONGDONG,
    taobao.PAGE,
    taobao.TOP,
    taobao.SQL,
    pdd.FORMAT,
    vendors.WORKBOOK,
    vendors.ASSISTANT,
    vendors.XIAODUO,
    qidian.FORMAT,
    helpdesks.INTERCOM,
    helpdesks.ZENDESK,
    helpdesks.CHATWOOT,
    uneed.FORMAT,
    jd.JDDC_BLOCKS,
    jd.JDDC,
    generic.TABLE,
    copied.FORMAT,
    inline.FORMAT,
    generic.JSON_LINES,
)
