"""Clauses of a text: what each states, denies, asks or only assumes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cstrain.activities.live_practice.matching.normal import canonical, fold
from cstrain.activities.live_practice.matching.units import UNITS
from cstrain.activities.live_practice.matching.values import DAY, HOLE, Value, take_values


class Stance(StrEnum):
    """What a clause does with its words."""

    STATES = "states"
    ASKS = "asks"
    ASSUMES = "assumes"
    REPORTS = "reports"
    DOUBTS = "doubts"


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a text that says one thing.

    Attributes:
        span: Start and end in the text as written.
        text: Its words in the common form, holes for values, particles gone.
        stance: Whether it states that.
        values: The values, ``at`` their holes.
        signs: For each content character whether it is affirmed (1), denied (-1), or either (0).
        content: The content characters in order; ``signs`` is as long.
        sign: Of the clause as a whole: -1 where its own predicate is denied.
        is_bare: It has no content of its own, as in "可以的", "不行哦".
        corrects: It takes back what was said before: "说错了", "更正".
    """

    span: tuple[int, int]
    text: str
    stance: Stance
    values: tuple[Value, ...]
    content: str
    signs: tuple[int, ...]
    sign: int
    is_bare: bool
    corrects: bool


_PARTICLES: Final = re.compile(
    r"[您你]好|[亲哦呢哈呀啦哟噢喔嘛哒咯诶欸嗷呐滴啊嗯恩]+|的(?=$)|(?<!不)了(?=$)"
)
_BREAK: Final = re.compile(
    r"[。！!？?；;，,\n…~]+|(?<!\d)[:：](?!\d)|(?<![\d.])\.(?!\d)|、(?=.{4,})"
)
_ASKING: Final = re.compile(
    r"(?:吗|么|嘛|对吧|是吧)$|怕.{0,4}不$|(?!时不时|动不动|了不了)([^\W\d_不没])[不没]\1"
    r"|(?<![没不])(?<!没有)(?<!多少.)(?<!什么.)(?:啥|咋|什么|怎么样?|几[码件个条]|多少)$|(?:可以|[能行好是会有]).{0,8}不$|[到过了货]没有?$|是否|能否|可否|会否|有无|有没有|(?:什么|怎么|哪|几|多少|谁|吗).*呢$|请问|可不可|知不知"
)
_TAG: Final = re.compile(r"^(?:对吗|是吗|是吧|对吧|是不是|对不对|是这样吗|没错吧)$")
_REPORTED: Final = re.compile(
    r"(?<![跟和给向对帮])(?:您|别人|有人|网上|客户|顾客|买家|朋友|他们?|她|之前|人家|别家)(?:们|之前|刚才|刚刚|是|这边|一直|可能|也)*"
    r"(?:说|问|觉得|担心|以为|认为|怕|提到|写|意思)|的意思是|所谓|误以为|误会"
)
UNSURE: Final = re.compile(
    r"不(?:太|是很|大)?(?:确定|清楚|知道|好说|了解|敢保证|能保证|能确定|保证)|说不(?:准|好|定|死)"
    r"|没准|不一定|未必|拿不准|可能会?不|(?:无法|没法)(?:确定|确认|保证)|不(?:能|敢)(?:确认|说(?!不))"
    r"|不敢(?:给您)?(?:打包票|估|承诺)|估不[了准]|没(?:有)?(?:测|试)过"
)
_IF: Final = re.compile(
    "^(?:但|不过|另外|那|而且|亲)?(?:如果|要是|假如|假若|倘若|若是?|万一|一旦|只要|除非|要不是|当(?![天日前地然季场面下])|等(?!下|一下|于|不)|真(?=[退换要坏丢])|即使|就算|哪怕|不管|无论|不论|除了)"
)
_FIRST: Final = "用需要必会能可支行得是过错管论仅但只光单止同少货问准许断便好太"
#: A condition without its word: 不熨就是皱的, 不熨会皱, 拦不住您拒收; 不熨不平, not 不退不换.
_BARE_IF: Final = re.compile(
    rf"^(?:但|那|万一|真)?[拦找送拿取收查修洗寄追]不(?:住|到|回来?|着|掉|好|上)的?(?=到了|[给您你我就再补退])|"
    rf"^(?:但|那)?(?:(?:不|没)(?![{_FIRST}])[^\x00不没就会]{{1,5}}(?=就(?![行好])|会)"
    r"|不[熨烫洗晒付拍退换改补查问量](?=不[^用需要行成可熨烫洗晒付拍退换改补查问量]))"
)
_IF_END: Final = re.compile("(?:的话|(?<!小)时|的时候|之前|以前|期间)$")
_THEN: Final = re.compile(
    r"(?<=的话)|(?<=的时候)|(?<=[货单款收到账付拍签退寄发换完消封拆洗用剪标始束])[后前](?![台续面天期缀后])(?:的)?|(?:(?<=[货单收账付拍签完消封拆洗剪标始束])|(?<=[付退]款))[之以]前(?!的|$)|(?:之后|以后)(?!$)|(?<=[^\x00]{2})(?=就|则|那么|都(?!不是)|也)"
)
_THEN_CAN: Final = re.compile(
    "(?<=..)(?=(?:您|我们|这边|是)*(?<![不没无])(?:可以|能够|能|支持|会|给您|才))"
)
_CORRECTS: Final = re.compile(
    "更正|纠正|说错|打错|写错|发错了|看错|口误|记错|搞错|弄错|讲错|刚才.{0,4}错|^(?:抱歉)?(?:不对|错了)$|^(?:正确的?)?应该是|^应为|以.{0,4}为准说"
)
#: Words that hold a negation but deny nothing.
_LEXICAL: Final = re.compile(
    "不好意思|对不起|对不住|不客气|不用谢|不用客气|别客气|没关系|没事儿?|没问题|没有问题|不过|不仅|不但|不光|不只|不单|不管|不论|无论|不然|不同|不错|不少|"
    "不久|不断|差不多|不得不|了不起|不锈钢|不干胶|不粘|不可抗力|不良|不便|不妨|不等|不舒服|不满意|不喜欢|不合适|不合身|不想要|不需要的话|不愉快|"
    "不用(?:太)?(?:担心|着急|急)|不要(?:太)?(?:担心|着急|急)|不必(?:担心|着急)|别(?:太)?(?:担心|着急|急)|不着急|"
    "无理由|无忧|无线|无误|无疑|无比|未来|非常|除非|没错|要不(?!要)|免不了|说不定|不止|莫(?:名|非|代尔)|"
    "别离|不要的|不需要的(?!话)|不用的|没用的|特别|分别|区别|级别|性别|个别|差别|告别|识别|类别|别的|别人|别家|别处|辨别|丰富|没收到|没有收到|未收到|没有其他|没有其它|还没有等到|不知道您|不知您"
)
_NOT: Final = re.compile(
    "不是|没有|没法|无法|无需|毋需|未能|难以|不|没|无|未|勿|甭|非(?!要|得)|(?<!分)别|禁止|严禁|杜绝|忌|谢绝|拒绝(?!签收)|拒(?!收|签)|暂停|停止|怎么会|怎么可能|哪会|哪能|岂"
)
#: Words whose meaning is the denial of another word.
_DENIALS: Final = (
    (re.compile("[跟和与同](.{1,6}?)(?:没有?关系|无关|不相关|不相干|没影响)"), r"不涉\1"),
    (re.compile("^不(.{1,3})不(?:行|成|可以?)(?=$)"), r"要\1"),
    (re.compile("缺货|断货|无货|没货|售罄|卖完|卖光|抢光|抢完|脱销"), "不有货"),
    (
        re.compile(
            "[要得需]{0,2}(?:另外|额外)?(?:收费|要钱|付费|另付|额外付|加钱|(?<!参)加价|加收|另收)"
        ),
        "不免费",
    ),
    (re.compile("免单"), "免费"),
    (re.compile("被?驳回"), "不通过"),
    (re.compile("失败"), "不成功"),
    (re.compile("假货|高仿|仿品|山寨|冒牌|a货"), "不正品"),
    (re.compile("免(?=[熨烫])"), "不用"),
    (re.compile("掉色|褪色"), "褪色"),
    (
        re.compile(
            "([^\x00不])不(?:(?<!免不)了(?![多几])|到|出来?|上|下|动|开|(?<![对了]不)起|着|成"
            "|(?<!对不)住|掉|过[来去](?!年))"
        ),
        r"不能\1",
    ),
    (re.compile("没戏|不行|不成|不可(?!以)|不得(?!不)|不准|不让|不许|不予"), "不可以"),
    (re.compile("不再|不太|不大|并不|都不|也不|(?<!杜)绝不|从不|暂不|不会再"), "不"),
)
#: Words without a meaning of their own beside the predicate.
_LIGHT: Final = re.compile(
    "垫付|垫着|垫上|来回|可以|需要|一点|有点|目前|现在|一般|大概|左右|正常|情况|我们|自己|帮您|给您|为您|一下|进行|时候|时间|就是|还是|或者|因为|所以|但是|如果|的话|已经|应该|建议|"
    "这个|那个|这款|这边|那边|这些|那些|这样|什么|都是|全部|直接|确实|肯定|一定|绝对|统一|默认|全程|基本|通常|预计|大约|大约|差不多|最晚|最快|最迟|最多|至少|之内|以内|放心|"
    "您|我|他|她|它|咱|的|地|得|了|着|过|是|会|可|能|要|需|有|在|就|都|也|还|将|把|被|给|为|由|跟|和|与|及|或|这|那|个|来|去|让|用|请|很|太|真|只|才|再|又|从|对|向|于|以|之|所|而|且|但|并|则|该|本|此|每|各|等|们|吧|吗|么|好|行|帮|说|当|话|款|件|按|均|即|已|正|先|内|上|下|里|中|x00"
)
_SCOPE_END: Final = re.compile(
    "(?:可以|就|也(?=[可回说告退换给补])|才|而是|但|都(?=可)|一样|照样|仍然|依然|还是|还(?=[能可会])|(?<=家没人)|(?<=家里没人)|(?<=家没有人)|(?<=家里没有人)|(?<=[不没]在家)|的(?=\x00|[这那][单件款个]))"
)


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Clause, ...]:
    """The clauses of a text as written, in order."""
    folded = fold(text)
    clauses: list[Clause] = []
    for start, end, mark in _pieces(folded.text):
        raw = folded.text[start:end]
        asks = "?" in mark or "？" in mark
        is_tag = bool(_TAG.match(_words(raw)))
        parts = list(_parts(raw))
        for number, (low, high, assumes) in enumerate(parts):
            span = folded.span(start + low, start + high)
            asks_here = asks and number == len(parts) - 1
            made = _clause(raw[low:high], span, asks=asks_here, assumes=assumes)
            if is_tag and clauses:
                made = replace(made, stance=Stance.ASKS, is_bare=False)
                clauses[-1] = replace(clauses[-1], stance=Stance.ASKS)
            clauses.append(made)
    return tuple(clauses)


def _words(raw: str) -> str:
    return _PARTICLES.sub("", "".join(raw.split()))


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Stretches between marks, with the mark that ends each."""
    last = 0
    for found in [*_BREAK.finditer(text), None]:
        stop, mark = (found.start(), found[0]) if found else (len(text), "")
        yield from _at_blanks(text, last, stop, mark)
        last = found.end() if found else stop


def _at_blanks(text: str, start: int, stop: int, mark: str) -> Iterator[tuple[int, int, str]]:
    """A blank parts clauses where three Chinese characters or more stand on both sides."""
    last = start
    for found in re.finditer(r"\s+", text[start:stop]):
        low, high = start + found.start(), start + found.end()
        before, after = text[last:low].strip(), text[high:stop].strip()
        if before and after and (found[0].count(" ") > 1 or _is_apart(before, after)):
            yield last, low, ""
            last = high
    while last < stop and text[last].isspace():
        last += 1
    while stop > last and text[stop - 1].isspace():
        stop -= 1
    if stop > last:
        yield last, stop, mark


#: A number that is not set apart from its words: 拿33 加绒的, 大一码 36上面没有.
_NUMBERED: Final = re.compile(r"[\u4e00-\u9fff][a-z\d]+$")
_NUMBER: Final = re.compile(r"[a-z\d]+(?=[\u4e00-\u9fff])")
_DENYING: Final = re.compile(f"[暂并都也]|{_NOT.pattern}")
_UNIT: Final = re.compile("|".join(sorted(map(re.escape, UNITS), key=len, reverse=True)))

#: A whole answer, which denies what was asked for and nothing that comes after it.
_NO: Final = re.compile(
    "(?:不行|不成|不可以|没有)的?[哦哈呢呀啊亲噢]+$|(?:不行|不可以)的$|[没断][货码]了[哦哈呢呀啊亲噢]*$"
)


def _is_apart(before: str, after: str) -> bool:
    """Whether a blank between two texts parts them as a comma does.

    Short texts and numbers are parted only where one is denied and must not deny the other.
    """
    if len(before) < 3 or len(after) < 3 or _NO.search(before):  # noqa: PLR2004
        return bool(_NO.search(before))
    denies = _NOT.search(_hide(before))
    if denies and not _LIGHT.sub("", _DENYING.sub("", canonical(_PARTICLES.sub("", before)))):
        return False  # what it denies comes after it: 不支持 货到付款
    if before[-1] >= "\u4e00" and after[0] >= "\u4e00":
        return bool(denies) or len(before) > 3  # noqa: PLR2004
    if not denies and not _NOT.search(_hide(after)):
        return False
    if before[-1] < "\u4e00":
        is_begun = after[0] >= "\u4e00" and not _UNIT.match(after)
        return is_begun and bool(_NUMBERED.search(before))
    number = _NUMBER.match(after)
    return number is not None and not _UNIT.match(after, number.end())


def _parts(raw: str) -> Iterator[tuple[int, int, bool]]:
    """Cut a stretch into what it assumes and what it says then."""
    assumes = bool(_IF.match(raw))
    bare = _BARE_IF.match(raw)
    cut = bare.end() if bare else _then(raw, assumes=assumes)
    if cut is None or not raw[:cut].strip() or not raw[cut:].strip():
        yield from _by_dates(raw, assumes=assumes or bool(_IF_END.search(_words(raw))))
        return
    yield 0, cut, True
    for low, high, deeper in _parts(raw[cut:]):
        yield cut + low, cut + high, deeper


def _then(raw: str, *, assumes: bool) -> int | None:
    """Where the consequence begins; None where there is no condition, or nothing after it."""
    for found in _THEN.finditer(raw):
        is_then = found[0] == "" and raw[found.start() : found.start() + 1] in set("就则那都也")
        is_order = "先" in raw[: found.start()]
        if found.end() < len(raw) and (assumes or not is_then) and not is_order:
            return found.end()
    can = _THEN_CAN.search(raw, 3) if assumes else None
    return can.start() if can else None


def _by_dates(raw: str, *, assumes: bool) -> Iterator[tuple[int, int, bool]]:
    """Cut before a second day or hour, which has its own predicate: 周三发货周五到."""
    last = 0
    end = None
    for found in DAY.finditer(raw):
        between = raw[end : found.start()].strip() if end is not None else ""
        rest = raw[found.end() :].strip()
        if len(between) > 1 and rest and not _JOINS.search(between):
            yield last, found.start(), assumes
            last = found.start()
        end = found.end()
    yield last, len(raw), assumes


_JOINS: Final = re.compile("^(?:到|至|或者?|和|及|以?前|以?后|内|-|~)+$")


def _clause(raw: str, span: tuple[int, int], *, asks: bool, assumes: bool) -> Clause:
    tight = "".join(raw.split())
    asking = tight.replace('"', "")
    stance = Stance.STATES
    doubts = UNSURE.search(asking)
    if asks or (not doubts and _ASKING.search(_ASK_TAIL.sub("", asking))):
        stance = Stance.ASKS
    elif _REPORTED.search(canonical(asking)):
        stance = Stance.REPORTS
    elif doubts:
        stance = Stance.DOUBTS
    elif assumes:
        stance = Stance.ASSUMES
    corrects = bool(_CORRECTS.search(_words(asking)))
    body, values = take_values(_PARTICLES.sub("", asking))
    text, content, signs, sign, values = _polarity(body, values)
    is_bare = not content and not values and bool(_BARE.search(text))
    return Clause(span, text, stance, values, content, signs, sign, is_bare, corrects)


_ASK_TAIL: Final = re.compile("[亲哦呢哈呀啦哟噢喔啊]+$")
_BARE: Final = re.compile("可以|不|没|是|有|会|对|好|嗯|无|能|行|要|用")


def _polarity(
    body: str, values: tuple[Value, ...]
) -> tuple[str, str, tuple[int, ...], int, tuple[Value, ...]]:
    """Content characters with their signs, the clause's own sign, and values with theirs."""
    for pattern, instead in _DENIALS:
        body = pattern.sub(instead, body)
    text = canonical(_hide(body))
    length = len(text)
    sign = [1] * length
    gone = [False] * length
    denied_who = set()
    for found in _NOT.finditer(text):
        low, high = found.span()
        gone[low:high] = [True] * (high - low)
        end = next((place for place in _ends(text, high)), length)
        scope = range(high, end)
        rest = _LIGHT.sub("", text[high:end])
        if not rest and text[end : end + 1] != "也":  # 没有也回 says that one answers
            scope = range(length)
        elif who := _denied_party(text, high, end, values):
            denied_who.add(who - 1)  # "不用您出" says that the other side pays
            continue
        else:
            _loosen(sign, low)
        of_what = _OF_WHAT.match(text, high)
        for place in scope:
            sign[place] = 0 if of_what and place >= of_what.end() else -sign[place]
    values = tuple(
        replace(each, low=_OTHER[str(each.low)], high=_OTHER[str(each.low)])
        if number in denied_who
        else each
        for number, each in enumerate(values)
    )
    for found in _LIGHT.finditer(text):
        gone[found.start() : found.end()] = [True] * len(found[0])
    holes = [place for place, char in enumerate(text) if char == HOLE]
    kept_values = tuple(
        replace(value, at=place, denied=sign[place] < 0 or _is_forbidden(text, place, value))
        for value, place in zip(values, holes, strict=True)
    )
    kept = [place for place in range(length) if not gone[place] and text[place] != HOLE]
    own = sign[-1] if length else 1
    content = "".join(text[place] for place in kept)
    return text, content, tuple(sign[place] for place in kept), own, kept_values


#: Verbs whose denial says nothing against what they are about: 不含内蒙古, 不涉吊牌.
_OF_WHAT: Final = re.compile("涉|含|包[含括]")
_DONT: Final = re.compile("(?:码|号|的)?(?:就|您|先)*(?:别|勿|甭|不要|不)[拍选穿买拿要挑]")


def _is_forbidden(text: str, place: int, value: Value) -> bool:
    """Whether a size or colour is what is not to be taken: S 别拍."""
    return value.kind in {"size", "colour"} and bool(_DONT.fullmatch(text, place + 1))


def _loosen(sign: list[int], end: int) -> None:
    """What stands before a denied predicate may be its object (地址改不了) or not (有货不用等)."""
    for place in range(end - 1, -1, -1):
        if sign[place] < 0:
            break
        sign[place] = 0


def _ends(text: str, start: int) -> Iterator[int]:
    """Where the words that a negation before ``start`` denies may end."""
    for found in _SCOPE_END.finditer(text, start):
        is_apart = found.start() > start and text[found.start() - 1] not in "不没无"
        if is_apart or found[0] == "也":
            yield found.start()


def _denied_party(text: str, start: int, end: int, values: tuple[Value, ...]) -> int:
    """One more than the number of the first value of who pays between two places, or 0."""
    first = text.count(HOLE, 0, start)
    for number in range(first, first + text.count(HOLE, start, end)):
        if values[number].kind == "party":
            return number + 1
    return 0


_OTHER: Final = {"buyer": "seller", "seller": "buyer"}


def _hide(body: str) -> str:
    """Put a mark into words that only look like negations, so that they are not taken for one."""
    return _LEXICAL.sub(lambda found: _QUIET.get(found[0], found[0].translate(_SOFT)), body)


#: The same words in a spelling without the signs of a negation.
_SOFT: Final = {ord(a): b for a, b in zip("不没无未别非", "卟沒無朱刂匪", strict=True)}
_QUIET: Final = {"没问题": "可以", "没有问题": "可以", "没错": "是", "没事": "", "没关系": ""}
