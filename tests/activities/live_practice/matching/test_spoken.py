"""How agents really put it: offers, comparisons, bare conditions, blanks for commas, doubts."""

import pytest

from cstrain.activities.live_practice.matching import Fact, FactState, find_fact, find_facts

RIGHT, WRONG, MISSING = FactState.RIGHT, FactState.WRONG, FactState.MISSING

BIGGER = Fact(
    "bigger",
    "加绒要大一码",
    also=("加绒大一码", "加绒要加一码"),
    wrong=("加绒和不加绒同码", "加绒不用加码"),
)
LINED = Fact(
    "lined",
    "加绒拿 33 码",
    (("加绒",),),
    ("加绒是 33", "加绒要 33"),
    ("加绒拿 31 码", "加绒拿 32 码"),
)
LOOSE = Fact("loose", "会空一圈", (("空", "正好"),), wrong=("被套正好",))
CUFF = Fact("cuff", "袖口是收的", (("袖", "宽"),))
CARRIER = Fact("carrier", "默认发中通")
PAID = Fact("paid", "付 178 元", (("178", "付", "实付"),))
OFF = Fact("off", "满 199 减 20")
WARM = Fact("warm", "6 小时不低于 65 ℃")
IRON = Fact("iron", "要熨")
ITCHES = Fact("itches", "会扎")
CLOSE = Fact("close", "M 会贴身一点", (("胸围",),))
SHIRT = Fact("shirt", "短袖是 2XL 码", (("短袖", "拍"),), ("短袖 2XL",), ("短袖 S 码", "S 码"))
WHEN = Fact("when", "哪天到说不准")
STAIN = Fact("stain", "洗不洗得掉不敢说", wrong=("肯定洗得掉",))
BACK = Fact("back", "寄回的运费您付", (("寄回",),), ("寄回来您付",), ("寄回的运费我们付",))
OUT = Fact("out", "换出那趟我们付", wrong=("换出去的运费您付", "换出去的运费不归店里付"))
TEN = Fact("ten", "补 10 元")
TAG = Fact(
    "tag", "剪了吊牌也给换", also=("发错的不看吊牌", "吊牌剪了不影响"), wrong=("剪了吊牌不能换",)
)
LAY = Fact("lay", "您先洗先铺", wrong=("先别铺",))
ASKED = Fact("asked", "要换浅蓝", also=("您说换浅蓝的",))

PARCELS = Fact("parcels", "这单分两个包裹发的", also=("分两包发的",))
CALL = Fact("call", "那个电话不是我们店打的")
NO_REFUND = Fact("no_refund", "这单没有退款")
REFUNDED = Fact("refunded", "寄回的运费我们出", also=("运费我们报销", "邮费我们付"))
INVOICE = Fact("invoice", "发票金额开 498 元", (("498", "实付"),), wrong=("可以多开",))
STOP = Fact("stop", "原来那件我们拦回来", also=("路上那件我们去拦", "到了您拒收"))
UNWORN = Fact("unworn", "没拆吊牌七天能退", also=("拆了吊牌退不了",))
REMOTE = Fact("remote", "内蒙古要补运费 12 元起", (("内蒙古", "12", "补"),))


@pytest.mark.parametrize(
    ("fact", "reply", "state"),
    [
        # a blank parts as a comma does, and then denies only what it stands in
        (BIGGER, "加绒得大一码 36上面没有了", RIGHT),
        (BIGGER, "加绒的要大一码，36 往上没有，这款没您的码。", RIGHT),
        (BIGGER, "加绒大一码 您这码往上没货", RIGHT),
        (BIGGER, "加绒要加一码 40往上没做", RIGHT),
        (BIGGER, "加绒不用大一码", WRONG),
        # who pays first is not who pays
        (REFUNDED, "您先垫付，我们报销", RIGHT),
        (REFUNDED, "寄回的运费您先垫着，回头报销给您", RIGHT),
        (REFUNDED, "运费您自己出", WRONG),
        (REFUNDED, "我们出", RIGHT),
        (REFUNDED, "运费您先垫付", MISSING),
        # a whole answer denies nothing that comes after it; nor does a bare condition
        (INVOICE, "不行的哈 实付多少开多少 498", RIGHT),
        (STOP, "之前那件我们拦，拦不住到了您拒收就好", RIGHT),
        (STOP, "原来那件我们拦不住", WRONG),
        (UNWORN, "拆了吊牌退不了，没拆七天能退", RIGHT),
        (UNWORN, "没拆吊牌七天也不能退", WRONG),
        (PAID, "付一百七十八", RIGHT),
        (Fact("answer", "17 点前回您"), "17 点前回您，没有也回", RIGHT),
        (Fact("answer", "查到没有都回您"), "没结果也回您", MISSING),
        (PAID, "付一百八", WRONG),
        (BIGGER, "加绒和不加绒同码", WRONG),
        (LINED, "先别付 加绒得拿33", RIGHT),
        (LINED, "别拍32 加绒拿33", RIGHT),
        (LINED, "先不拍 加绒要33", RIGHT),
        (LINED, "抱歉漏看了 加绒拿33", RIGHT),
        (LINED, "不加绒 32，加绒要 33，别拍 32。", RIGHT),
        (LINED, "先别付 加绒拿32", WRONG),
        (LINED, "加绒别拿33", WRONG),
        (Fact("cod", "不支持货到付款"), "暂不支持 货到付款", RIGHT),
        # what else is spoken of near the words of the fact
        (LOOSE, "被套是 220×240，您那床放进去会空一圈", RIGHT),
        (LOOSE, "被套大 放进去要空出一圈", RIGHT),
        (LOOSE, "这被套大些 芯子放里面会空一圈", RIGHT),
        (LOOSE, "被套正好", WRONG),
        (LOOSE, "放进去正好，不会空", WRONG),
        (CUFF, "袖口是宽的", MISSING),
        (CUFF, "袖子做宽了", MISSING),
        (CUFF, "袖口是收的 不宽", RIGHT),
        # what is offered instead
        (CARRIER, "默认中通，要顺丰补差价就行", RIGHT),
        (CARRIER, "默认发中通，换顺丰补差", RIGHT),
        (CARRIER, "发中通 想换顺丰可以补差", RIGHT),
        (CARRIER, "默认中通的哈 想快点换顺丰补差价", RIGHT),
        (CARRIER, "发的中通，指定顺丰要另付", RIGHT),
        (CARRIER, "默认发顺丰的", WRONG),
        (CARRIER, "默认发圆通", WRONG),
        (CARRIER, "默认韵达", WRONG),
        # what is lacking, or from where on
        (PAID, "付 178 元，差 21 才到满减，不用凑", RIGHT),
        (PAID, "两件 178，没到 199 减不了", RIGHT),
        (PAID, "付178，不满199", RIGHT),
        (PAID, "实付 178，还差21块到199", RIGHT),
        (OFF, "没到199减不了，满199减20", RIGHT),
        (OFF, "不满 199 不减，满 199 减 20", RIGHT),
        (OFF, "没到199也减20", WRONG),
        (OFF, "满299减20", WRONG),
        (PAID, "付 199", WRONG),
        (PAID, "实付 158 元", WRONG),
        # conditions without their word
        (IRON, "要熨才那么平，不熨就是皱的", RIGHT),
        (IRON, "要熨的，不熨会皱", RIGHT),
        (IRON, "得熨，没熨就是图上那样的褶", RIGHT),
        (IRON, "不熨不平", MISSING),
        (IRON, "不熨不行", RIGHT),
        (IRON, "不用熨", WRONG),
        (IRON, "不用熨就很平", WRONG),
        (Fact("back", "不退不换"), "定制的不退不换", RIGHT),
        # questions
        (ITCHES, "平时里面穿啥 怕扎不", MISSING),
        (ITCHES, "您怕扎不", MISSING),
        (ITCHES, "扎不扎", MISSING),
        (ITCHES, "您平时都咋穿", MISSING),
        (ITCHES, "会扎的", RIGHT),
        (ITCHES, "不扎", WRONG),
        # what is only compared with
        (CLOSE, "那看灰 M，比 L 胸围小 4 厘米", RIGHT),
        (CLOSE, "M 胸围比 L 小，贴身一点", RIGHT),
        (CLOSE, "L 胸围贴身一点", WRONG),
        (SHIRT, "短袖 2XL，比 S 大多了", RIGHT),
        (SHIRT, "160 斤照表是 2XL，S 别拍", RIGHT),
        (SHIRT, "短袖拿2XL，S码别选", RIGHT),
        (SHIRT, "短袖拍 S", WRONG),
        # doubts
        (WHEN, "哪天到说不准", RIGHT),
        (WHEN, "哪天到我说不准", RIGHT),
        (WHEN, "今天能发，哪天到不敢保证", RIGHT),
        (WHEN, "哪天能到，这个我不敢说", RIGHT),
        (WHEN, "周五能到", MISSING),
        (WARM, "6小时65度以上，12小时没测过", RIGHT),
        (WARM, "12 小时不低于 65 度", WRONG),
        (STAIN, "洗不洗得掉我不敢说", RIGHT),
        (STAIN, "能不能洗掉不一定", RIGHT),
        (STAIN, "肯定洗得掉", WRONG),
        (STAIN, "洗不洗得掉？", MISSING),
        # two parties in one turn
        (BACK, "换出的我们付 寄回的运费您付哈", RIGHT),
        (BACK, "寄回来的邮费您这边出，换出去的我们出", RIGHT),
        (BACK, "换出去的我们出，寄回来的邮费您这边出", RIGHT),
        (BACK, "照样退换，运费我们付", MISSING),
        (BACK, "寄回的运费我们付", WRONG),
        (OUT, "换出的我们付 寄回的运费您付哈", RIGHT),
        (OUT, "寄回来的邮费您这边出，换出去的我们出", RIGHT),
        (OUT, "换出那趟您付", WRONG),
        # another value is denied
        (TEN, "不用补40，破的这块给您补10块就够了", RIGHT),
        (TEN, "不是 40，给您补十块", RIGHT),
        (TEN, "40补不了，能补10块", RIGHT),
        (TEN, "补 40 元", WRONG),
        (TEN, "不补10元", WRONG),
        # what has nothing to do with it
        (TAG, "发错的跟吊牌没关系", RIGHT),
        (TAG, "这个和吊牌无关", RIGHT),
        (TAG, "吊牌剪了不影响的", RIGHT),
        (TAG, "吊牌剪了影响二次销售 退不了哦", WRONG),
        (TAG, "剪了吊牌就不给换了", WRONG),
        (LAY, "铺上就行 不用等它", RIGHT),
        (LAY, "您先铺上", RIGHT),
        (LAY, "先别铺", WRONG),
        # what the customer is quoted with, where the fact quotes it
        (ASKED, "周五20:41您说换浅蓝的，聊天记录里有", RIGHT),
        (ASKED, "记录里您说换浅蓝的", RIGHT),
        (ASKED, "您没说换浅蓝的", WRONG),
        (ASKED, "您说换深蓝的", WRONG),
        # another subject
        (PARCELS, "分两个包裹发的，杯子在另一个包裹", RIGHT),
        (PARCELS, "分两包发的，第二包明天到", RIGHT),
        (PARCELS, "分三个包裹发的", WRONG),
        (CALL, "电话不是我们打的，快打 110 和银行电话", RIGHT),
        (CALL, "现在就关 关完给家里人打个电话看看银行", MISSING),
        (CALL, "那个电话是我们店打的", WRONG),
        (NO_REFUND, "我看了，这单没有退款；真退钱，订单里原路回。", RIGHT),
        (NO_REFUND, "这单有退款的", WRONG),
        (REMOTE, "满 99 包邮不含内蒙古，要补运费 12 元起", RIGHT),
        (REMOTE, "内蒙古不包括在包邮里，补运费 12 元起", RIGHT),
        (REMOTE, "内蒙古不用补运费", WRONG),
        (Fact("battery", "不含电池"), "含电池的", WRONG),
        (Fact("blue", "可以换浅蓝"), "您说不可以换浅蓝", MISSING),
    ],
)
def test_state_of_a_fact_in_chat(fact: Fact, reply: str, state: FactState) -> None:
    assert find_fact(reply, fact).state is state


TOP, TROUSERS = Fact("top", "短袖拿 2XL"), Fact("trousers", "裤子拿 33 码")
ONE, BOTH = Fact("one", "单件付 89 元"), Fact("both", "到手付 158 元")


@pytest.mark.parametrize(
    ("facts", "reply", "states"),
    [
        ((TOP, TROUSERS), "照表拿 33 码", (MISSING, RIGHT)),
        ((TOP, TROUSERS), "短袖拿 2XL，裤子拿 33", (RIGHT, RIGHT)),
        ((TOP, TROUSERS), "照表拿 33，上面拿 2XL", (RIGHT, RIGHT)),
        ((TOP, TROUSERS), "短袖拿 33 码", (WRONG, RIGHT)),
        ((TOP, TROUSERS), "短袖拿 M", (WRONG, MISSING)),
        ((ONE, BOTH), "付 158 元", (MISSING, RIGHT)),
        ((ONE, BOTH), "付 99 元", (WRONG, MISSING)),
    ],
)
def test_facts_beside_each_other_do_not_spoil_each_other(
    facts: tuple[Fact, ...], reply: str, states: tuple[FactState, ...]
) -> None:
    assert tuple(each.state for each in find_facts(reply, facts)) == states
