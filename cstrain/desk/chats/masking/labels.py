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
    #: Of whom is not said; a company's has no check digit.
    ACCOUNT = "account"
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

#: How a parcel's number is called.
PARCEL: Final = (
    r"(?:运|快递|物流|退货|寄回|寄件|面|退回|包裹|快件|换货)单?号码?"
    r"|运单|快递单|物流单|面单|单号"
)
#: Each begins with a letter, so that a text without them is passed over quickly.
_WORDS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.THING: (
        *(r"订单(?:编?号|id|ID|(?=[:：#\s\"]))", r"商品(?:id|ID|编[号码]|编码|号)"),
        *(
            f"{each}[单编]?号"
            for each in (
                *("交易", "流水", "服务", "服务单", "售后", "退款", "工单", "支付", "采购", "商户"),
                *("换货申请", "单据", "凭证"),
            )
        ),
        *(
            "货号",
            "款号",
            "型号",
            "条形?码",
            "批号",
            "批次",
            "编[号码]",
            "产品号",
            "链接",
            "券[号码]",
            "验证码",
        ),
        *("提货码", "会员[号卡]", "口令", "身高", "体重", "净重", "腰围", "胸围", "臀围", "脚长"),
        *(
            "尺[码寸]",
            "鞋码",
            "规格",
            "售价",
            "原价",
            "单价",
            "价格?",
            "到手",
            "实付",
            "合计",
            "满",
            "减",
        ),
        *("预算", "¥", "￥", r"\$"),
    ),
    Kind.PARCEL: (
        *(f"{each}(?:单?号码?|单)" for each in ("运", "快递", "物流", "面")),
        *(f"{each}单?号" for each in ("退货", "寄回", "寄件", "退回", "包裹", "快件", "换货")),
        "单号",
    ),
    Kind.CARRIER: (
        *("顺丰", "圆通", "中通", "申通", "韵达", "极兔", "京东快递", "京东物流", "邮政", "百世"),
        *("天天快递", "德邦", "丰网"),
    ),
    Kind.ID_CARD: ("身份证", "证件号"),
    Kind.BANK_CARD: (
        *("银行", "工行", "农行", "中行", "建行", "交行", "招行", "邮储", "卡号"),
        *("开户", "打款", "汇款"),
    ),
    Kind.ACCOUNT: ("账号", "帐号", "账户", "帐户", "对公"),
    Kind.PHONE: tuple(
        f"{each}(?![手表壳膜套架端版卡费会支型])"
        for each in (
            *(
                "电话",
                "手机",
                "号码",
                "联系",
                "致电",
                "拨打",
                "回电",
                "打给",
                "呼叫",
                "热线",
                "座机",
            ),
            *("固话", "传真"),
        )
    ),
}
_KINDS: Final = tuple(kind for kind, words in _WORDS.items() for _ in words)
_LABEL = re.compile("|".join(f"{word}()" for words in _WORDS.values() for word in words))
#: The name of a field, or a word of letters, right before a number.
_FIELD = re.compile(r"([A-Za-z_]*)[\"']?\s?[:：=-]?\s?[\"']?\Z")
_SOLD_FIELD = re.compile(r".*(?:sku|goods|order|item).*")
_THING_FIELD = re.compile(rf"(?:{_SOLD_FIELD.pattern}|.*(?:id|_?no|time|_at|ts|seq|code))")
_FIELDS: Final = (
    (re.compile(r".*(?:phone|mobile|tel|cell).*"), Kind.PHONE),
    (re.compile(r".*(?:tracking|waybill|express|ems)(?:_?no)?"), Kind.PARCEL),
    (re.compile(r"(?:.*id_?card.*|sfz)"), Kind.ID_CARD),
    (_THING_FIELD, Kind.THING),
)
#: What may stand between a label and what it names.
FILL: Final = (
    r"[\s:：=\"'#~～,，。.?？!！()（）"
    r"是为叫发我给下您你一多少呢吗的提供码号麻烦哦哈啊亲这个有方式]{0,14}"
)
_FILL = re.compile(FILL)
#: Letters that people write before a phone: what it is, or a size they had asked for.
_NO_CODE: Final = r"(?!(?:[TMVX]|X{0,2}[SL]|TEL|MOB|PHONE|VX|WX|QQ|DH|SJ)-)"
#: Letters that belong to a product's or a batch's number, or say who carries a parcel.
_LETTERS: Final = {
    Kind.THING: re.compile(rf"{FILL}{_NO_CODE}[A-Z]{{1,5}}[-_]", re.IGNORECASE),
    Kind.PARCEL: re.compile(
        rf"{FILL}(?:SF|YTO?|ZTO?|STO|YD|YUNDA|JD[A-Z]?|JT|DPK?|EMS)[\s:：-]{{0,2}}", re.IGNORECASE
    ),
}
#: So an item's code begins.
_CODE = re.compile(rf"(?<![A-Za-z0-9_-]){_NO_CODE}[A-Z]{{1,3}}-\Z")
_SIGNS_BEFORE: Final = 26
#: With one of these a phone's label begins, or the name of a field.
_MAYBE_PHONE = re.compile("[电手号联致拨回打呼热座固传A-Za-z]")
#: How many signs at most stand between a label that is not near and its number.
_FAR_SIGNS: Final = 12
_NEAR_ONLY: Final = (Kind.THING, Kind.PARCEL, Kind.CARRIER)


def may_be_called(view: str, start: int) -> bool:
    """Whether a phone's label may stand before a position of a view; quick."""
    return _MAYBE_PHONE.search(view, max(0, start - _SIGNS_BEFORE), start) is not None


def label_before(view: str, start: int) -> Label:
    """The last label before a position of a view."""
    before = view[max(0, start - _SIGNS_BEFORE) : start]
    field = _FIELD.search(before)
    if field and field[1]:
        name = field[1].lower()
        # People write 我的ID：138…; programs write no such colon.
        is_prose = "：" in field[0] and not _SOLD_FIELD.fullmatch(name)
        for pattern, kind in _FIELDS:
            if pattern.fullmatch(name) and not (is_prose and kind is Kind.THING):
                return Label(kind, is_near=True)
    last = None
    for last in _LABEL.finditer(before):  # noqa: B007 - the last is wanted
        pass
    unnamed = Label(Kind.THING, is_near=True) if _CODE.search(before) else NO_LABEL
    if last is None:
        return unnamed
    kind = _KINDS[(last.lastindex or 1) - 1]
    is_near = _FILL.fullmatch(before, last.end()) is not None
    if not is_near and kind in _LETTERS:
        is_near = _LETTERS[kind].fullmatch(before, last.end()) is not None
    if is_near or (kind not in _NEAR_ONLY and len(before) - last.end() <= _FAR_SIGNS):
        return Label(kind, is_near)
    return unnamed
