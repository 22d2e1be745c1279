"""Two clauses beside each other: how much is shared, what conflicts."""

import re
from collections.abc import Sequence
from math import floor
from typing import Final

from cstrain.activities.live_practice.matching.clauses import Clause, Stance
from cstrain.activities.live_practice.matching.values import Value

#: Code of a conflict by the kind of the values; other kinds are their own code.
_CODES: Final = {
    "size": "size",
    "date": "date",
    "weekday": "date",
    "relday": "date",
    "span": "date",
    "day": "date",
    "clock": "date",
    "clock12": "date",
    "colour": "colour",
    "party": "party",
    "model": "number",
}
_WORDED: Final = frozenset(
    (
        "carrier",
        "payment",
        "fit",
        "wash",
        "store",
        "origin",
        "material",
        "place",
        "sex",
        "thickness",
        "route",
        "wire",
        "generation",
        "together",
    )
)
#: What share of the shared content must stand under the opposite sign.
OPPOSED: Final = 0.2
#: What share of each other's content two clauses hold that are alike but for a word.
ALIKE: Final = 0.6


def code_of(kind: str) -> str:
    """The code that a conflict of two values of a kind is reported with."""
    return _CODES.get(kind, kind if kind in _WORDED else "number")


def covered(part: Clause, window: Sequence[Clause]) -> float:
    """Share of a clause's content that others hold; 1 where it has none."""
    if not part.content:
        return 1.0
    have = {char for each in window for char in each.content}
    return sum(char in have for char in part.content) / len(part.content)


def opposed(one: Clause, other: Clause) -> bool:
    """Whether what both speak of is affirmed by one and denied by the other."""
    if one.is_bare or other.is_bare:
        return one.is_bare and other.is_bare and one.sign != other.sign
    if _of_another(one, other) or _of_another(other, one):
        return False
    mine = _signs(one)
    theirs = _signs(other)
    if one.content[-1:] == other.content[-1:] and one.signs[-1:] != other.signs[-1:]:
        is_open = 0 in one.signs[-1:] + other.signs[-1:]
        if not is_open:
            return True  # 开了还能换, 开了就换不了
    denied, other_denied = (
        {
            char
            for char, each in signs.items()
            if each == {-1} and char in mine.keys() & theirs.keys()
        }
        for signs in (mine, theirs)
    )
    if denied - other_denied and other_denied - denied:
        return True  # 只退不换, 只换不退
    shared = against = 0
    for char, signs in mine.items():
        if char in theirs:
            shared += 1
            if not signs & theirs[char] and 0 not in signs | theirs[char]:
                against += 1
    return bool(shared) and against >= OPPOSED * shared


_NOT_BY: Final = re.compile("不是(我们|您)")


def names_party(part: Clause, window: Sequence[Clause]) -> bool:
    """Whether others name who it was not, where a clause says only that."""
    party = _NOT_BY.search(part.text)
    return party is None or any(party[1] in each.text for each in window)


def _of_another(one: Clause, other: Clause) -> bool:
    """Whether one denies only who it was, and the other names nobody: 不是我们打的, 快打 110."""
    party = _NOT_BY.search(one.text)
    return party is not None and party[1] not in other.text


_COMPOUND: Final = re.compile(
    "大概|大约|大家|大小|大多|小时|小主|小心|小程序|小姐|小伙伴|多少|多久|多谢|多包涵|最多|至多|前后|左右|上下|上门|上面|下面|一下|等下|看下|查下|以上|以下|之上|之下|"
    "后台|售后|售前|最后|然后|稍后|后续|目前|之前|以前|之后|以后|提前|打开|开心|离开|开具|开票|高兴|长期|至少|不少|重新|最新|新疆|快递|快件|尽快|赶快|内容|之内|以内|另外|"
    "除外|外面|关于|关注|关系|相关|轻松|放松|真的|真是|假期|放假|买家|卖家|外套|内衣|早点|晚点|晚上|早上|线上下单|下单|短信|有关|深圳|长沙|高度|长度|厚度|重量|增值|减免"
)
#: Characters of which each denies the other where all else is the same.
_PAIRS: Final = (
    "大小 前后 上下 多少 高低 长短 厚薄 快慢 早晚 男女 新旧 冷热 内外 里外 左右 买卖 "
    "深浅 增减 加减 松紧 远近 开关 真假 软硬 干湿 轻重 升降 涨跌 贵便 进出 收发 先后 "
    "单双 整半 南北 东西 涨降 升跌 粗细 宽窄 好坏 生熟 荤素 "
)
_EACH_PAIR: Final = tuple(_PAIRS.split())
_ORDER: Final = re.compile("(?:先(.+?)(?:再|后|然后|才)|^(.{2,12}?)[完好后了](?:再|才))(.+)")


def substituted(one: Clause, other: Clause) -> bool:
    """Whether two clauses are the same but for a word in one place that nothing explains.

    审核通过 and 审核驳回, 圆领 and V 领: it may be another word for the same or its opposite.
    """
    if _is_another(one, other):
        return True
    mine, theirs = one.content, other.content
    start = 0
    while start < min(len(mine), len(theirs)) and mine[start] == theirs[start]:
        start += 1
    end = 0
    while end < min(len(mine), len(theirs)) - start and mine[-1 - end] == theirs[-1 - end]:
        end += 1
    longest = max(len(mine), len(theirs)) - start - end
    both = min(len(mine), len(theirs)) > start + end
    return both and longest <= min(SUBSTITUTED, start + end)


SUBSTITUTED: Final = 2
_IS: Final = re.compile("^([^\x00]{1,6}?)是([^\x00]{2,5})$")


def _is_another(one: Clause, other: Clause) -> bool:
    """Whether each calls the same thing something else: 这款是充电的, 这款是装电池的."""
    first, second = _IS.search(one.text), _IS.search(other.text)
    if not first or not second or first[1] != second[1]:
        return False
    if first[2] not in one.content or second[2] not in other.content:
        return False  # 是可以的 calls it nothing
    return 2 * _shared(first[2], second[2]) < max(len(first[2]), len(second[2]))


def contrasted(one: Clause, other: Clause) -> bool:
    """Whether two clauses are alike but for words that exclude each other, or their order.

    拍大一码 and 拍小一码, 签收前 and 签收后, 先付款后发货 and 先发货后付款.
    """
    mine, theirs = _COMPOUND.sub("", one.text), _COMPOUND.sub("", other.text)
    for pair in _EACH_PAIR:
        left, right = pair[0], pair[1]
        if (left in mine) != (right in mine) and (left in theirs) != (right in theirs):
            differ = (left in mine) == (right in theirs)
            if differ and _alike(one, other, left + right):
                return True
    if on_other_side(one.text, other.text) or _in_part(one.text, other.text):
        return True
    ships, ships_other = _shipper(one.text), _shipper(other.text)
    if ships and ships_other and ships != ships_other:
        return True
    return _alike(one, other, "") and reordered(one.text, other.text)


_SIDE: Final = re.compile("^(.{2,8}?)(?:[以之]?(?:(前)|后)(?!台|面|续|天)|[完好](?=[再才]))")


def on_other_side(one: str, other: str) -> bool:
    """Whether one is said of what comes before, the other of what comes after the same."""
    mine, theirs = _SIDE.search(one), _SIDE.search(other)
    return bool(mine and theirs and mine[1] == theirs[1] and mine[2] != theirs[2])


_BOTH_WAYS: Final = re.compile("来回")
_ONE_WAY: Final = re.compile(
    "单程|单边|去程|回程|[只仅光](?!要是)(?:[需要能管用]|[给帮为]您)*[包出付补报退担承负]"
)


def _in_part(one: str, other: str) -> bool:
    """Whether one is said of the freight both ways, the other of one way only."""
    texts = (one, other)
    both, single = ([bool(each.search(text)) for text in texts] for each in (_BOTH_WAYS, _ONE_WAY))
    return both[0] != both[1] and (single[1] if both[0] else single[0])


#: Who sends the goods, each with what else it is called.
_SHIPPERS: Final = tuple(
    re.compile(
        rf"(?:{who})(?:的|仓库?|[这那]边|直接|统一|自己|安排|负责|[会来]|[给帮为]您)*(?:发货|代发|直发)"
    )
    for who in (
        "我们|店里|自家",
        "平台|官方|自营|保税仓|海外仓",
        "厂[家里商]|工厂|供[货应]商|品牌方?",
    )
)


def _shipper(text: str) -> set[int]:
    return {number for number, each in enumerate(_SHIPPERS) if each.search(text)}


def reordered(one: str, other: str) -> bool:
    """Whether two texts tell the same two steps, each in another order."""
    first, second = _ORDER.search(one), _ORDER.search(other)
    if not first or not second:
        return False
    begins, begins_other = first[1] or first[2], second[1] or second[2]
    return _shared(begins, begins_other) < _shared(begins, second[3])


#: What is done about goods: returned, exchanged, repaired, sent again.
_SERVICES: Final = (
    re.compile("退(?!出|休)"),
    re.compile("(?<![切兑])换(?!句|算|季)"),
    re.compile("维修|返修|修理|修好|寄修"),
    re.compile("补发|补寄"),
)


def of_other_service(one: str, other: str) -> bool:
    """Whether each of two texts names what is done about goods, and nothing of it is the same."""
    mine, theirs = (
        {number for number, each in enumerate(_SERVICES) if each.search(text)}
        for text in (one, other)
    )
    return bool(mine and theirs) and not mine & theirs


def is_other(fact: Sequence[Clause], reply: Sequence[Clause]) -> bool:
    """Whether a reply tells a fact's steps in another order, or is about another service."""
    says, said = ("".join(each.text for each in clauses) for clauses in (fact, reply))
    return reordered(says, said) or of_other_service(says, said)


def _alike(one: Clause, other: Clause, but: str) -> bool:
    """Whether each holds most of the other's content, some characters not counted."""
    mine, theirs = set(one.content) - set(but), set(other.content) - set(but)
    return len(mine & theirs) >= ALIKE * max(len(mine), len(theirs))


def _shared(one: str, other: str) -> int:
    return len(set(one) & set(other))


def _signs(clause: Clause) -> dict[str, set[int]]:
    signs: dict[str, set[int]] = {}
    for char, sign in zip(clause.content, clause.signs, strict=True):
        signs.setdefault(char, set()).add(sign)
    return signs


def same(one: Value, other: Value) -> bool | None:
    """Whether two values say the same; None where they cannot be compared.

    What is only compared with, lacking or offered differs from nothing: 比 L 小, 差 21 到满减;
    nor does it say who pays in the end that the buyer advances it: 您先垫付，我们报销.
    """
    is_same = _same(one, other)
    roles = {one.role, other.role}
    is_open = "than" in roles or ("advance" in roles and one.low == "buyer")
    return None if len(roles) > 1 and (is_same is False or is_open) else is_same


def _same(one: Value, other: Value) -> bool | None:
    if one.kind != other.kind:
        return _same_across(one, other)
    if _against(one, other):
        return False
    if one.kind == "weekday" and str(one.low)[0] == str(other.low)[0]:
        weeks = {str(one.low)[1:], str(other.low)[1:]}
        return True if len(weeks) == 1 else (None if "" in weeks else False)
    if one.kind == "relday" and floor(float(one.low)) == floor(float(other.low)):
        parts = {float(one.low) % 1, float(other.low) % 1}  # 明天 and 明晚 may be the same
        return len(parts) == 1 or 0 in parts
    return one.low == other.low and one.high == other.high


def _same_across(one: Value, other: Value) -> bool | None:  # noqa: PLR0911 - one for each pair of kinds
    """The same for values of two kinds."""
    kinds = {one.kind, other.kind}
    if isinstance(one.low, str) or isinstance(other.low, str):
        return None
    if kinds == {"clock", "clock12"}:
        return one.low % _HALF_DAY == other.low % _HALF_DAY and not _against(one, other)
    if kinds == {"date", "day"}:
        return one.low % 100 == other.low % 100
    if kinds == {"duration", "workday"}:
        days = [
            each.low if each.kind == "workday" else float(each.low) / 1440 for each in (one, other)
        ]
        return None if days[0] == days[1] else False
    if "number" not in kinds:
        return None
    if (one.low, one.high) == (other.low, other.high):
        return not _against(one, other)
    return False if "money" in kinds else None


_HALF_DAY: Final = 720


def _against(one: Value, other: Value) -> bool:
    return {one.bound, other.bound} == {"<", ">"}


def within(one: Value, other: Value) -> bool:
    """Whether the second value, no range itself, lies inside the first, which is one."""
    if one.low == one.high or isinstance(one.low, str) or isinstance(other.low, str):
        return False
    if other.low != other.high:
        return False
    return one.kind == other.kind and one.low <= other.low and other.high <= one.high  # type: ignore[operator]


def elsewhere(part: Clause, other: Clause) -> bool:
    """Whether the other clause has another value and says the opposite of it.

    "M 码没货" says nothing of L, nor "不用补 40" of 10.
    """
    differ = [
        each.denied != mine.denied
        for mine in part.values
        for each in _beside(mine, part, other)
        if same(mine, each) is False
    ]
    return bool(differ) and (any(differ) or opposed(part, other))


_DAYS: Final = frozenset(("relday", "weekday", "date", "day"))


def unconfirmed(one: Clause, other: Clause) -> bool:
    """Whether both name a day, but in ways that only a calendar could compare: 今天 and 周三."""
    mine = [each for each in one.values if each.kind in _DAYS]
    theirs = [each for each in other.values if each.kind in _DAYS]
    return bool(mine and theirs) and all(same(a, b) is None for a in mine for b in theirs)


def conflict(part: Clause, other: Clause) -> str | None:
    """Code of the first value of a clause that the other contradicts, or None."""
    for value in part.values:
        compared = [
            (each, is_same)
            for each in _beside(value, part, other)
            if (is_same := same(value, each)) is not None
        ]
        if any(is_same and each.denied != value.denied for each, is_same in compared):
            return code_of(value.kind)
        if any(is_same for _each, is_same in compared):
            continue
        if any(each.denied == value.denied and not within(value, each) for each, _s in compared):
            return code_of(value.kind)
    return None


def _beside(value: Value, part: Clause, other: Clause) -> Sequence[Value]:
    """The values to hold one against: in order where both have several of the kind."""
    mine = [each for each in part.values if each.kind == value.kind]
    theirs = [each for each in other.values if each.kind == value.kind]
    if len(mine) > 1 and len(mine) == len(theirs):
        return (theirs[mine.index(value)],)
    # What another value of the clause is already the same as is not this one too: 120 高拿 130 码.
    rest = {(each.kind, each.low, each.high) for each in part.values if each.kind != value.kind}
    return [each for each in other.values if (each.kind, each.low, each.high) not in rest]


def values_agree(part: Clause, window: Sequence[Clause]) -> bool:
    """Whether every value of a clause stands in the others, affirmed or denied alike.

    Who advances what is paid need not be said.
    """
    return all(
        value.role == "advance"
        or any(
            same(value, each) and each.denied == value.denied
            for clause in window
            for each in clause.values
        )
        for value in part.values
    )


def is_stated(clause: Clause) -> bool:
    """Whether a clause states what it says."""
    return clause.stance is Stance.STATES
