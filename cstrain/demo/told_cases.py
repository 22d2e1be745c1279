"""Cases that the demo shop's trainer has made of chats, what was said of them, and what came in."""

from __future__ import annotations

from typing import Final

from cstrain.demo.cast import CHENG
from cstrain.desk.cases.case_service import CaseDraft
from cstrain.desk.cases.tips import TipKind

#: Days between two documents, and days to read one.
RULE: Final = (3, 2)

#: Two to be mended, one to follow; the newest first.
CASES: Final = (
    CaseDraft(
        title="没打开商品页，就说预售单明天发",
        is_good=False,
        step="help",
        reason="promise",
        product="",
        happened=(
            "买家付了预售尾款，问几时发。客服照现货的规矩答“明天发”，没有打开商品页。"
            "第二天买家自己看到页面写的是五天后，退款走了。"
        ),
        chat=(
            "21:14 顾客：尾款付了\n"
            "21:14 顾客：今天能发吗 周六要穿\n"
            "21:16 客服：16:00 以后付的明天发\n"
            "21:17 顾客：那周五能到吧\n"
            "21:17 客服：应该可以的\n"
            "次日 19:40 顾客：页面写 5 天后发？？\n"
            "次日 19:52 客服：不好意思，这款是预售\n"
            "次日 19:53 顾客：昨天你说今天发 退了"
        ),
        better=("这款是预售，页面写的是五天后起发，周六赶不上。\n您要周六穿，我给您看看有现货的。"),
        question="买家付了预售尾款，问几时发。先做什么？",
        options=["打开商品页，照写的时间回", "回“16:00 前付款当天发”", "先说“应该可以”，免得他退"],
        explanation="16:00 前付款当天发，说的是现货。",
    ),
    CaseDraft(
        title="不改价，先把到手价算给他",
        is_good=True,
        step="negotiate",
        reason="price",
        product="",
        happened="买家嫌贵，又拿别家比价。客服没有改价，也没有说别家不好，最后成交。",
        chat=(
            "10:02 顾客：马甲 299 能便宜点不\n"
            "10:02 客服：单件不改价。够满 199 减 20，到手 279\n"
            "10:03 顾客：别家才 250\n"
            "10:04 客服：别家的我没见过，不好比\n"
            "10:04 客服：我们这件不合适，7 天里能退\n"
            "10:06 顾客：拍了"
        ),
        better="第一句就给了数：到手 279。比价时不评别家，只说自己能保证的。",
        question="买家说“别家才 250”，怎么回？",
        options=[
            "别家的没见过不好比，我们不合适 7 天能退",
            "别家那是仿的，质量不行",
            "那我给您改成 250",
        ],
        explanation="不改价，也不说别家不好。",
    ),
    CaseDraft(
        title="说了“稍等”，八分钟没回来",
        is_good=False,
        step="recommend",
        reason="response",
        product="",
        happened="买家报了身高体重问尺码。客服说“稍等”，八分钟后才答，买家已经在别家买了。",
        chat=(
            "20:31 顾客：165 112 斤穿什么码\n"
            "20:31 自动回复：在的，您说，我马上看。\n"
            "20:33 客服：稍等，我查一下\n"
            "20:38 顾客：？\n"
            "20:41 客服：久等了，建议 M\n"
            "20:41 顾客：在别家买了"
        ),
        better="165、112 斤一般拿 M。我对一下尺码表，两分钟内给您准话。",
        question="尺码要查一下，怎么跟买家说？",
        options=["先给个大概，说清几分钟内回", "稍等，我查一下", "您自己看一下尺码表"],
        explanation="“稍等”没有时间，买家不知道要等多久。",
    ),
)

#: Of which chat each is made: the buyer, see ``told_chats``.
BUYERS: Final = ("橘子汽水", "不吃香菜", "小满")

#: What came of the session on the last two, by title.
OUTCOMES: Final = {
    CASES[1].title: "比价时只说自己能保证的：到手价、7 天能退、送退货运费险。",
    CASES[2].title: "要查的先给个大概，说清几分钟内回，最多 3 分钟。",
}
AGREED: Final = (
    "阿敏把“先给大概”的三句话写进快捷短语，周五前。\n"
    "程亮下周抽五段问尺码的聊天，看有没有人再说空的“稍等”。"
)

#: By whom, what kind, what, about which product.
TIPS: Final = (
    (
        "S008",
        TipKind.OBSERVATION,
        "老秦回尺码前会先问平时穿什么牌子，买家答得很快，基本不用改第二次。",
        "直筒休闲裤",
    ),
    (
        CHENG,
        TipKind.REVIEW,
        "四星：杯子很好，问能不能放洗碗机，客服隔了半小时才说不能，已经放过了。",
        "保温杯 500 毫升",
    ),
)
