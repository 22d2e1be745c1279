"""Addresses in what was said. Pure.

An address is parts that follow each other: regions (省市区县镇), spots (路街村小区大厦), other
places (院厂校) and house numbers (号幢单元室). It is hidden where it has a house number at a spot,
or goes from regions down to a spot; the name of a city alone tells of nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from cstrain.desk.chats.masking.views import Span


class _Part(NamedTuple):
    kind: str
    start: int
    end: int


_HAN: Final = r"\u4e00-\u9fff"
_NUMERAL: Final = (
    r"(?:[0-9]{1,5}|[一二三四五六七八九十百]{1,4}|(?<![A-Za-z])[A-Za-z][0-9]{0,4}"
    r"|[甲乙丙丁东南西北]|[甲乙丙丁附][0-9]{1,4})"
)
_PART = re.compile(
    rf"(?P<house>{_NUMERAL}(?:\s?[-—－~]\s?[0-9A-Za-z]{{1,5}}){{0,3}}\s?"
    r"(?:号楼|号院|号门|号(?![码线链召称])|舍(?![不得弃])|栋|幢|棟|单元|楼(?![上下主梯房])|层(?!板)|室|弄|座(?![机椅垫])"
    r"|组|队|户|门(?![锁口板窗冰])|铺|房(?![间东子])|期|#))"
    r"|(?P<bare>(?<![0-9A-Za-z.])"
    r"(?:[0-9]{1,3}(?:\s?[-—－]\s?[0-9]{1,4}){1,3}|[A-Z]?[0-9]{3,4})"
    r"(?![0-9A-Za-z.％%:：*×]|\s?[元块件个克斤]))"
    rf"|[{_HAN}]{{1,9}}?(?:"
    r"(?P<region>省|自治区|特别行政区|自治州|自治县|市(?![场面价值民])|地区|新区|开发区|高新区|街道"
    r"|区(?![别间])|县|旗(?!舰)|镇|乡)"
    r"|(?P<spot>新村|小区|社区|花园|公寓|家园|大厦|大楼|广场|(?:大街|大道|路(?![上由过程镇])|街(?!道))(?:[东南西北中一二三四五六]段)?|胡同|巷|弄|邨"
    r"|村(?![委镇])|苑|宿舍|工业园|科技园|产业园|科技城|商务楼|家属院|华府|国际)"
    r"|(?P<place>(?:道|里|屯|庄|园|城|府|湾|庭|中心|学校|大学|学院|中学|小学|医院|公司|厂|驿站|站|坊|桥|港|院"
    r"|楼|营)(?![镇乡村区县市路街]|大[道街])))"
)
_MAYBE_HOUSE = re.compile(r"[号室栋幢棟弄座楼#单](?<=[0-9一二三四五六七八九十A-Za-z\s].)")
_MAYBE_REGION = re.compile(
    r"[省市区县州镇乡苑厦园村场寓路街]"
    rf"(?=\s?[0-9A-Z/／甲乙丙丁附]|[{_HAN}]{{1,9}}?[市区县镇乡村路街道苑园厦])"
)
_PROVINCE_AND_MORE = re.compile(
    r"(?:北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南"
    r"|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门)"
    r"(?!.*(?:省|自治区|特别行政区)).{2,}"
)
#: No address goes on behind one of these signs; what stands between them.
_CLAUSE = re.compile(r"[^。！？!?…:：()（）【】〔〕\[\]\"“”=*@<>|]+")
_REGION = re.compile("[省市区县州镇乡苑厦园村场寓路街]")
#: Words before a place that do not belong to it.
_LEAD_SIGNS: Final = (
    "我你您它他她们的了吗呢吧啊呀哦嗯哈是在到给往寄送发去住"
    "帮叫就说没不也还写填址换改请烦接把让离为从这某"
)
_LEAD = re.compile(
    rf".*(?:[改换变写填]成(?!都)|[{_LEAD_SIGNS}]"
    r"|收货人?|收件人?|快递|电话|手机|那个|直接|现在|目前|附近|经过|哪个|一个|有个|整个|所有|全国|其他)"
)
#: Words that end as a spot or place does and are none.
_NO_SPOT = re.compile(
    r".*(?:[知味频渠管报轨]道|[线电网套思]路|[这那哪家店心手嘴]里|[商京]城)"
    r"|(?:[一半上公铁回出同退马油水气多双单]|在|进|赛|通|地)(?:道|路|里|城|街)"
)
_GAP = re.compile(r"[\s,，、;；\-—]{0,2}")
#: So the parts of an address are written apart that begins with a region; others are a choice.
_SLASH = re.compile(r"\s?[/／]\s?")
#: A building's own name before its number or a room's.
_BUILDING = re.compile(rf"(?:(?![{_LEAD_SIGNS}])[{_HAN}]){{2,6}}")
_IN_BUILDING = re.compile(r".*(?:[栋幢棟室舍]|单元|号楼)|[0-9]+(?:\s?[-—－]\s?[0-9A-Za-z]+){2}.*")
_LABEL = re.compile(
    r"(?:地址|寄到|发到|送到|寄往|收货|邮寄|寄回|改到|改成|住在|家在|发往)[\s:：是为在到\"'成]{0,4}$"
)
_LABEL_SIGNS: Final = 8
#: What a house number alone must name to be hidden.
_HOUSE = re.compile(r"[栋幢棟弄座]|单元|号楼")
_HOUSE_OR_ROOM = re.compile(r"[栋幢棟室]|单元|号楼")
#: Roads there are called 道, as much else is elsewhere.
_ISLAND_ROAD = re.compile(
    rf"(?:中国)?(?:香港|九龙|新界|澳门|氹仔|台湾|台北|新北|高雄|台中|台南)[{_HAN}]{{0,12}}[道里坊围径]\s?[0-9]"
)
_TOWNSHIP = re.compile(r"(?:街道|镇|乡)$")


def addresses(view: str, since: int = 0) -> Iterable[Span]:
    """The addresses of a view.

    Args:
        view: In which they are looked for.
        since: What ends before this position need not be found.
    """
    is_maybe = _MAYBE_HOUSE.search(view) or _MAYBE_REGION.search(view)
    return _addresses(view, since) if is_maybe else ()


def _addresses(view: str, since: int) -> Iterator[Span]:
    for clause in _CLAUSE.finditer(view):
        start, end = clause.span()
        if end > since and (_MAYBE_HOUSE.search(view, start, end) or _REGION.search(clause[0])):
            yield from _in_clause(view, start, end)


def _in_clause(view: str, start: int, end: int) -> Iterator[Span]:
    for chain in _chains(view, start, end):
        parts = chain
        while parts:
            if _is_address(view, parts):
                yield Span(parts[0].start, parts[-1].end, "address")
                break
            if parts[0].kind not in ("house", "bare"):
                break
            parts = parts[1:]


def _chains(view: str, begin: int, stop: int) -> Iterator[list[_Part]]:
    """The parts of a clause that follow each other, without words before the first."""
    chain: list[_Part] = []
    for found in _PART.finditer(view, begin):
        if found.start() >= stop:
            break
        kind, start, end = found.lastgroup or "", found.start(), found.end()
        if kind not in ("house", "bare"):
            lead = _LEAD.match(view, start, found.start(kind))
            start = lead.end() if lead else start
        if chain and not _goes_on(view, chain, kind, start, end):
            yield chain
            chain = []
        if start == found.start(kind) and kind not in ("house", "bare"):
            continue
        if not _NO_SPOT.fullmatch(view, start, end):
            chain.append(_Part(kind, start, end))
    yield chain


def _goes_on(view: str, chain: Sequence[_Part], kind: str, start: int, end: int) -> bool:
    """Whether a part goes on from a chain: right behind it, or behind the name of a building."""
    behind = chain[-1].end
    if _GAP.fullmatch(view, behind, start):
        return True
    if chain[0].kind != "region":
        return False
    if _SLASH.fullmatch(view, behind, start):
        return view[end - 1] != "省"
    return (
        kind in ("house", "bare")
        and _BUILDING.fullmatch(view, behind, start) is not None
        and _IN_BUILDING.fullmatch(view, start, end) is not None
    )


def _is_address(view: str, parts: Sequence[_Part]) -> bool:
    kinds = [part.kind for part in parts]
    start, end = parts[0].start, parts[-1].end
    text = view[start:end]
    if kinds[0] == "bare":
        return False
    if kinds[0] == "house":
        return (
            len(kinds) > 1
            and not set(kinds) - {"house", "bare"}
            and _HOUSE.search(text) is not None
            and (kinds[-1] == "bare" or text[-1] in "室房户号" or "单元" in text)
        )
    spots, places = kinds.count("spot"), kinds.count("place")
    regions = kinds.count("region")
    if regions and _PROVINCE_AND_MORE.match(view, start, parts[0].end):
        regions += 1
    houses = len(kinds) - spots - places - kinds.count("region")
    if houses:
        if not spots and not places and regions == 1:
            return houses > 1
        return (
            regions + spots > 0
            or _HOUSE_OR_ROOM.search(text) is not None
            or _ISLAND_ROAD.match(text) is not None
        )
    goes_down = spots + places > 0 or _TOWNSHIP.search(text) is not None
    is_labelled = _LABEL.search(view, max(0, start - _LABEL_SIGNS), start) is not None
    if is_labelled:
        # 浙江省/江苏省/安徽省, 杭州市/宁波市/温州市
        is_one_kind = len({view[each.end - 1] for each in parts}) == 1
        is_list = is_one_kind or "省" in view[parts[0].end : end]
        is_district = regions > 2 and not is_list  # noqa: PLR2004
        return is_district or (regions > 0 and spots + places > 0)
    return regions > 1 and goes_down
