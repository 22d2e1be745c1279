"""What the words before a number say that it is. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    """What a label speaks of."""

    NONE = ""
    #: An order, a product, a price or a size: nothing to hide.
    THING = "thing"
    PARCEL = "parcel"
    #: Who carries parcels; the number may also be the courier's phone.
    CARRIER = "carrier"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    PHONE = "phone"


class Label(NamedTuple):
    """A label.

    Attributes:
        kind: What it speaks of.
        is_near: Whether only words that fill a sentence stand between it and the number.
    """

    kind: Kind
    is_near: bool


NO_LABEL: Final = Label(Kind.NONE, is_near=False)

_ORDER: Final = (
    r"订单(?:编?号|id|(?=[:：#\s\"]))"
    r"|(?:交易|流水|服务单?|售后|退款|工单|支付|采购|商户|换货申请|单据|凭证)[单编]?号"
)
_PRODUCT: Final = (
    r"商品(?:id|编[号码]|编码|号)|[a-z_]*sku[a-z_]*|货号|款号|型号|条形?码|批号|编[号码]|产品号|链接"
    r"|券[号码]|验证码|提货码|会员[号卡]|口令"
    r"|(?<![a-z])(?:[a-z_]*id|[a-z_]*_?no|time|[a-z_]*_at|ts|seq)(?![a-z])"
)
_SIZE: Final = (
    r"身高|体重|净重|[腰胸臀]围|脚长|尺[码寸]|鞋码|规格|[售原价]价|价格?|到手|实付|合计|满|减|预算"
    r"|[¥￥$]"
)
PARCEL: Final = (
    r"(?:运|快递|物流|退货|寄回|寄件|面|退回|包裹|快件|换货)单?号码?"
    r"|运单|快递单|物流单|面单|单号"
)
_CARRIER: Final = (
    r"顺丰|圆通|中通|申通|韵达|极兔|京东快递|京东物流|邮政|百世|天天快递|德邦|丰网|ems"
)
_PHONE: Final = (
    r"电话|手机|号码|联系方式|联系|致电|拨打|回电|打给|呼叫|热线|座机|固话|传真"
    r"|tel|phone|mobile|cell"
)
_LABEL = re.compile(
    rf"(?P<thing>{_ORDER}|{_PRODUCT}|{_SIZE})|(?P<parcel>{PARCEL})|(?P<carrier>{_CARRIER})"
    r"|(?P<id_card>身份证|证件号|sfz)|(?P<bank_card>银行|[工农中建交招]行|邮储|卡号|账号|帐号|账户|开户|打款|汇款)"
    rf"|(?P<phone>(?:{_PHONE})(?![手表壳膜套架端版卡费会支型]))",
    re.IGNORECASE,
)
#: What may stand between a label and what it names.
FILL: Final = (
    r"[\s:：=\"'#~～,，。.?？!！()（）"
    r"是为叫发我给下您你一多少呢吗的提供码号麻烦哦哈啊亲这个有]{0,14}"
)
_FILL = re.compile(FILL)
_SIGNS_BEFORE: Final = 26
#: How many signs at most stand between a label that is not near and its number.
_FAR_SIGNS: Final = 12
_NEAR_ONLY: Final = (Kind.THING, Kind.PARCEL, Kind.CARRIER)


def label_before(view: str, start: int) -> Label:
    """The last label before a position of a view."""
    before = view[max(0, start - _SIGNS_BEFORE) : start]
    last = None
    for last in _LABEL.finditer(before):  # noqa: B007 - the last is wanted
        pass
    if last is None:
        return NO_LABEL
    kind = Kind(last.lastgroup or "")
    is_near = _FILL.fullmatch(before, last.end()) is not None
    if is_near or (kind not in _NEAR_ONLY and len(before) - last.end() <= _FAR_SIGNS):
        return Label(kind, is_near)
    return NO_LABEL
