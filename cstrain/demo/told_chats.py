"""Chats of the demo shop, all made up, and how its trainers marked them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

ZHOU, MIN, QIN = "小周", "阿敏", "老秦"
#: Sub-account → who sits behind it.
AGENTS: Final[Mapping[str, str]] = {ZHOU: "S010", MIN: "S011", QIN: "S012"}
#: Who says a line, as a table of chats names it.
_ROLES: Final[Mapping[str, str]] = {"买": "买家", "客": "客服", "自": "自动回复"}


@dataclass(frozen=True, slots=True)
class Lost:
    """A mark that is not full: its value, the lines it rests on, and why."""

    value: int
    lines: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ToldChat:
    """A chat, and its marks.

    Attributes:
        days_ago: On which day it took place.
        at: When it began, by the shop's clock.
        said: A line each: how many seconds after the line before, who, and what.
        lost: Criterion → the mark that is not full; the others are full, or as rules propose.
        cause: What the lost points come from, as the rubric numbers it.
        comment: About the whole.
        seen_otherwise: Marks in which whoever marked it blind beside the first differs.
    """

    agent: str
    buyer: str
    days_ago: int
    at: str
    said: str
    lost: Mapping[str, Lost] = field(default_factory=dict)
    cause: int = 0
    comment: str = "答得又快又准，照这样来。"
    seen_otherwise: Mapping[str, Lost] = field(default_factory=dict)

    def lines(self) -> Sequence[tuple[int, str, str]]:
        """Seconds, role and text of every line."""
        found = []
        for line in self.said.strip().splitlines():
            gap, who, text = line.strip().split(" ", 2)
            found.append((int(gap), _ROLES[who], text))
        return found


#: The chat whose marks stand after an appeal, and the one whose appeal waits.
SETTLED, WAITING = "毛球球", "向阳花开"
#: The chat after which the agent was coached.
COACHED: Final = "橘子汽水"

CHATS: Final = (
    ToldChat(
        ZHOU,
        "一只鹿",
        9,
        "20:14:05",
        """
        0 买 在吗 四件套会掉色吗
        1 自 在的，您说，我马上看。
        22 客 您好，在的。深色第一次单独洗，之后正常洗就行
        35 买 1.8 的床拍哪个
        28 客 拍 1.8 米床那款，369，被套是 220×240。您家被子多大？
        40 买 220×240 刚好
        20 客 那就对上了。16:00 后付的，明天从柯桥发中通
        30 买 拍了
        25 客 收到。地址在绍兴市区对吧？没问题我就备注发货了
        18 买 对
        """,
        seen_otherwise={"offer": Lost(2, ("7",), "尺寸问到位了，收尾可以提一句夏凉被。")},
    ),
    ToldChat(
        QIN,
        "北巷的猫",
        9,
        "10:40:11",
        """
        0 买 保温杯能装可乐吗
        1 自 在的，您说，我马上看。
        15 客 您好，本店保温杯 316 不锈钢内胆，6 小时不低于 65 ℃，欢迎选购
        20 买 我问能不能装可乐
        55 客 不能装碳酸饮料
        12 买 哦
        """,
        {
            "need": Lost(2, ("3", "4"), "第一句是整段贴的，没有答他问的。"),
            "warmth": Lost(2, ("5",), "说了不能，没有说为什么、那能装什么。"),
            "offer": Lost(2, ("6",), "他还没走，可以问一句平时装什么。"),
        },
        6,
        "快捷短语先看一眼再贴，对得上才发。",
        {"need": Lost(1, ("3", "4"), "贴错了话，买家得问两遍。")},
    ),
    ToldChat(
        MIN,
        "晚风",
        8,
        "18:22:40",
        """
        0 买 羊毛开衫怎么洗呀 我妈给扔洗衣机了
        1 自 在的，您说，我马上看。
        30 客 您好～先别急，现在拿出来了吗？
        20 买 刚拿出来 缩了一圈
        34 客 羊毛的只能手洗平铺，机洗会缩。您拿温水泡十分钟，铺平了轻轻拉一拉，能回来一些
        60 买 好的 不能退吧
        40 客 洗过的退不了，抱歉。您先试，拉不回来跟我说，我看看能怎么帮您
        25 买 谢谢你啊
        15 客 不客气，有事您再叫我
        """,
    ),
    ToldChat(
        QIN,
        SETTLED,
        7,
        "21:05:30",
        """
        0 买 羊毛袜我拆开穿了一下 扎脚 退
        1 自 在的，您说，我马上看。
        40 客 您好，贴身袜类拆封不退，下单时您勾了确认的
        25 买 那我要投诉你们
        70 客 我理解，扎脚确实不舒服。退这一条页面写了，我改不了
        30 客 您要是还没穿过另外两双，翻过来洗一次会软很多
        40 买 行吧
        """,
        {
            "warmth": Lost(1, ("3", "5"), "先讲规定，没有接住情绪，买家才说投诉。"),
            "need": Lost(2, ("3",), "没问是哪一双、穿了多久。"),
        },
        5,
        "规定没说错。顺序换一下：先接一句，再讲规定。",
        {"warmth": Lost(2, ("3",), "第 5 行接住了，可惜晚了两句。")},
    ),
    ToldChat(
        ZHOU,
        "南山南",
        6,
        "09:12:20",
        """
        0 买 裤子 30 码腰多少
        1 自 在的，您说，我马上看。
        18 客 您好，K01 的 30 码偏小半码，平时穿 30 的拿 31
        22 买 我平时 30
        15 客 那拿 31。卡其、黑、灰都有，您要哪个色？
        30 买 黑的
        12 客 好，139，满 99 包邮，16:00 前付今天发
        """,
    ),
    ToldChat(
        ZHOU,
        COACHED,
        5,
        "21:14:00",
        """
        0 买 尾款付了
        12 买 今天能发吗 周六要穿
        1 自 在的，您说，我马上看。
        112 客 您好，16:00 以后付的明天发
        60 买 那周五能到吧
        20 客 应该可以的
        80565 买 页面写 5 天后发？？你骗人 我要投诉
        720 客 不好意思，这款是预售
        50 买 昨天你说今天发 退了
        """,
        {
            "facts": Lost(0, ("4", "6"), "预售单照现货的规矩答，没有打开商品页。"),
            "handling": Lost(1, ("6",), "“应该可以”没有查，也没有备注。"),
            "speed": Lost(2, ("8",), "买家已经急了，这一句又让他等了 12 分钟。"),
            "warmth": Lost(2, ("8",), "错了先认，再说怎么办。"),
        },
        2,
        "手快是好事，报时间以前先看一眼商品页。",
    ),
    ToldChat(
        MIN,
        "小满",
        5,
        "20:31:00",
        """
        0 买 165 112 斤穿什么码
        1 自 在的，您说，我马上看。
        130 客 您好，稍等，我查一下
        300 买 ？
        190 客 久等了，建议 M
        25 买 在别家买了
        """,
        {
            "need": Lost(2, ("3",), "可以先给个大概。"),
            "speed": Lost(1, ("5",), "八分多钟。要查多久，先说一声。"),
            "offer": Lost(1, ("6",), "没有留一句，下次看得到别的款。"),
        },
        4,
        "“稍等”后面带上几分钟。",
    ),
    ToldChat(
        MIN,
        "不吃香菜",
        4,
        "10:02:10",
        """
        0 买 马甲 299 能便宜点不
        1 自 在的，您说，我马上看。
        20 客 您好，单件不改价。够满 199 减 20，到手 279
        40 买 别家才 250
        55 客 别家的我没见过，不好比
        12 客 我们这件不合适，7 天里能退，还送退货运费险
        110 买 拍了
        22 客 收到～您看一下地址和 M 码对不对，我备注
        """,
        comment="第一句就给了数，比价也没评别家。可以放进案例。",
    ),
    ToldChat(
        QIN,
        "阿七",
        4,
        "14:48:00",
        """
        0 买 前天拍的到哪了
        1 自 在的，您说，我马上看。
        36 客 您好，我看一下
        48 客 昨天 17:10 从柯桥出的，今天早上到杭州，正常明天送到
        20 买 好
        """,
    ),
    ToldChat(
        ZHOU,
        "十一月",
        3,
        "19:20:30",
        """
        0 买 这件预售几时发
        1 自 在的，您说，我马上看。
        30 客 您好，我打开商品页看一下，一分钟
        45 客 页面写的是付尾款后 5 天起发，您急着穿吗？
        25 买 周末要
        30 客 那赶不上。现货的云棉长袖 89，16:00 前付今天就发，我给您看看颜色？
        20 买 可以 要灰的
        """,
        comment="先看页面再报时间，赶不上还给了能行的。改过来了。",
    ),
    ToldChat(
        QIN,
        "榛果",
        3,
        "11:32:00",
        """
        0 买 新疆发吗 运费多少
        1 自 在的，您说，我马上看。
        24 客 您好，发的。新疆补运费 12 元起，看重量
        30 买 一件马甲
        28 客 一件 12 就够。拍下先别付，我改好运费您再付
        20 买 好了
        """,
    ),
    ToldChat(
        MIN,
        WAITING,
        2,
        "16:20:15",
        """
        0 买 收到的杯子盖子有划痕 差评了啊
        1 自 在的，您说，我马上看。
        40 客 您好，收到有划痕是我们没检好，对不住。能拍一张给我看看吗
        60 买 发了
        50 客 看到了。给您换一只，还是退 15 留着用？
        45 买 换吧
        38 客 好，我登记了，今天寄新的，旧的等新的到了再寄回，运费我们出
        20 买 行
        """,
        {
            "handling": Lost(2, ("7",), "说登记了，没有把换货单号告诉买家。"),
            "offer": Lost(2, ("5",), "可以先问急不急着用。"),
        },
        6,
        "接得住，办得也快。差一个单号。",
    ),
    ToldChat(
        ZHOU,
        "半糖",
        1,
        "13:05:00",
        """
        0 买 夏凉被能机洗吗
        1 自 在的，您说，我马上看。
        14 客 您好，能的，大豆纤维的，套洗衣袋冷水轻柔
        30 买 200×230 还有吗
        20 客 有，199，单件就够满减，到手 179
        """,
    ),
    ToldChat(
        QIN,
        "薄荷糖",
        1,
        "20:48:00",
        """
        0 买 拉链坏了 刚穿一次
        1 自 在的，您说，我马上看。
        260 客 您好，拍张照片
        50 买 发了 你们这质量 我要曝光
        200 客 给您换一件，您点一下申请换货
        30 买 怎么点
        150 客 我的订单里点进去就有
        """,
    ),
)
