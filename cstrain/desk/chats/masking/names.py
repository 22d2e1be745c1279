"""Names in what was said: behind a label, before a title, beside a phone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from cstrain.desk.chats.masking.views import Span

_HAN: Final = r"\u4e00-\u9fff"
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔"
    "汤温康施葛樊邢路岳齐梅庄辛管祝左涂谷祁耿牟卜詹关苗凌费纪靳盛童欧甄项裴席翁柯阮桂鲍卫屈丛柴缪尚"
    "游喻翟焦鲁蓝娄骆艾储窦党宫古甘景霍解柳隋倪殷聂章申佟舒冉米俞包洪安常颜赖冼闵闻敖迟邬邝麦伍蒙单"
    "伏晏宁鞠阎滕巫褚郁蔺冀商池湛阳荆苟戚桑阙虞仇蓬柏刁宗仲楚佘季匡刑华易毕文兰牛尤曲"
    "贝荣卓庞栾凤茅屠昌裘宣郜井巴蒲邰蔚巩晁冷阚简饶仝"
)
_DOUBLE: Final = (
    "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|轩辕|长孙|宇文|南宫|独孤|申屠"
)
#: Words that begin with the sign of a surname and are none.
_NO_NAME: Final = (
    r"(?!申请|方[便式向]|安[装排全静徽]|马[上桶]|[黄白金蓝米]色|高[级领兴]|黄金|古铜|常[用见规常年]|于[是昨今明上下本前]|任[何意务选]"
    r"|包[括邮裹装您]|何[时必]|付[款了钱费]|单[号位独子]|商[品家量务]"
    r"|周[末边]|项目|路[上由]|关[于闭机]|管家|温[馨水度]|康复|平台|毛病|江[浙苏西]|万[一能]|石[头材家]|龙凤|华[为东南北中西]|解[决释]|尚未"
    r"|谢谢|许多|费用|施工|盛惠|田园|程序|武汉|宁波|金[额牌]"
    r"|白[天班写等跑填条]|史上|严重|余[额款下]|席位|莫名|游戏|宗旨|陆续|童装|党员|章节|左[右边]|古代|艾灸"
    r"|钱[包款都]|舒服|季节|顾客|雷克|林肯|夏[天季]|苗条|文[字件案]|易[碎坏]|简单|冷[的冻藏]"
    r"|钟[点表]|丁[腈]|祝[您你愿]|楚[是]|游[泳客]|温州|苏州|杭州|常州|宁夏)"
)
_END: Final = (
    rf"(?=$|[^{_HAN}·]|电话|手机|地址|身份|联系|收货|收件|谢谢|女士|先生|小姐|号码|微信"
    r"|[的是住来呢啊吧呀哦哈吗收他她我你您在要已改和])"
)
_SURNAME: Final = rf"(?:{_DOUBLE}|[{_SURNAMES}])"
_PERSON: Final = (
    rf"{_NO_NAME}(?:(?:{_DOUBLE})(?:[{_HAN}]{{1,2}}?{_END}|[{_HAN}])"
    rf"|[{_SURNAMES}](?:[{_HAN}]{{1,2}}?{_END}|[{_HAN}]{{2}}))"
)
#: Whose name it is.
_RELATIVE: Final = (
    "[ :：]?[我他她]?(?:(?:男|女)?朋友|老公|老婆|爱人|对象|妈妈?|爸爸?|父亲|母亲|婆婆|公公"
    "|爷爷|奶奶|儿子|女儿|姐姐?|妹妹?|哥哥?|弟弟?|媳妇|同事|同学|室友|家人|领导)的?(?:名字|姓名)?"
)
_SHORT: Final = rf"{_NO_NAME}(?P<value>{_SURNAME}[{_HAN}]{{1,2}})"
_MAYBE_NAME = re.compile(
    "收货|收件|联系人|姓名|名字|名叫|我叫|他叫|她叫|签收人|取件人|寄件人|购买人|下单人|收款人|持卡人|开户人"
    r"|机主|户名|本人|抬头|先生|女士|小姐|〔|\[电|name|Name|NAME"
)
_BEHIND_LABEL = re.compile(
    r"(?:收货人|收件人|联系人|签收人|取件人|寄件人|购买人|下单人|收款人|持卡人|开户人|机主|姓名|名字|户名"
    r"|我叫|名叫|本人[叫是]|他叫|她叫|收货的?是|(?:收件|收货)(?=[\s:：])|抬头(?=[\s:：是叫为写填改]))"
    r"(?:姓名|名字|名|人)?(?:(?:应该|就)?(?:是|叫|为|写|填|改成|改为|换成|改|换))?"
    rf"(?:[\s:：=\"']*|(?<!叫){_RELATIVE}(?:[\s:：,，叫是]{{1,3}}|(?={_SURNAME}[{_HAN}]{{1,2}}?{_END})))"
    rf"(?P<value>{_PERSON})"
)
#: Behind a label and a colon a name need not begin with a known surname, if nothing else follows.
_STATED = re.compile(
    r"(?:收货人|收件人|联系人|签收人|姓名|户名|receiver_?name|real_?name)"
    r"[\"'】]?\s*[:：=]\s*[\"'【]?(?P<value>"
    rf"(?![{_HAN}]*(?:[组部处店司无谁未不没什同客服快递公信息电话地址仓库院校]|本人|先生|女士|小姐))"
    rf"[{_HAN}]{{2,4}}(?:[·•][{_HAN}]{{1,8}})*)(?=$|[^{_HAN}·]|电话|手机|地址)",
    re.IGNORECASE,
)
#: A name in letters stands only behind a label and a colon.
_IN_LETTERS = re.compile(
    r"(?:收货人|收件人|联系人|签收人|姓名|户名|receiver_?name|real_?name)"
    r"[\"'】]?\s*[:：=]\s*[\"'【]?(?P<value>(?!(?:null|none|nan|true|false|x+|id|sku)(?![A-Za-z]))"
    r"[A-Za-z]{2,20}(?:[ .·][A-Za-z]{2,20}){0,2})(?![A-Za-z0-9_@])",
    re.IGNORECASE,
)
#: “Name” alone begins a line or a part of one; a product's name has no two parts so.
_FORM = re.compile(
    r"(?:^|[\n,，;；。])\s{0,3}(?:[Ff]ull )?(?:Name|name|NAME)\s?[:：]\s{0,3}"
    r"(?P<value>[A-Z][a-z]{1,19}(?:[ .·][A-Z][a-z]{1,19}){0,2})(?=\s{0,3}(?:$|[^A-Za-z0-9\s_@'-]))"
)
_TITLE = re.compile("先生|女士|小姐")
_TITLED = re.compile(
    rf"(?:^|(?<=[^{_HAN}])|(?<=[是叫找给])){_NO_NAME}(?P<value>[{_SURNAMES}][{_HAN}]{{2}})"
    rf"(?=(?:先生|女士|小姐)(?:$|[^{_HAN}]|[您你的收签]))"
)
#: Right beside what else is written on a parcel.
_HIDDEN: Final = r"(?:〔(?:电话|地址)〕|\[电话[x0-9]{0,3}\])"
_APART: Final = r"[\s,，、;；/+:：。-]"
_BESIDE = (
    re.compile(rf"{_HIDDEN}{_APART}{{0,3}}{_SHORT}(?:收|先生|女士)?(?=$|{_APART})"),
    re.compile(rf"(?:^|(?<={_APART})){_SHORT}(?:收|先生|女士)?{_APART}{{0,3}}(?={_HIDDEN})"),
)
_ASKS_NAME = re.compile("姓名|收货人|收件人|联系人|名字|怎么称呼|贵姓")
_ONLY_NAME = re.compile(rf"\s*{_SHORT}[\s,，。.!！~～]*")
_MOST_SIGNS: Final = 8
#: At the end of how many signs of a message a question is looked for.
_QUESTION_SIGNS: Final = 20


def people(view: str) -> Iterable[Span]:
    """The names of a view; those beside a phone or address only once that is hidden."""
    return _people(view) if _MAYBE_NAME.search(view) else ()


def _people(view: str) -> Iterator[Span]:
    patterns = [_BEHIND_LABEL, _STATED, _IN_LETTERS]
    if "ame" in view or "NAME" in view:
        patterns.append(_FORM)
    if _TITLE.search(view):
        patterns.append(_TITLED)
    if "电话" in view or "地址" in view:
        patterns.extend(_BESIDE)
    for pattern in patterns:
        yield from (Span(*found.span("value"), "name") for found in pattern.finditer(view))


def answered_name(question: str, text: str) -> Span | None:
    """The name that a message is, where the one before it asks for one."""
    if len(text) > _MOST_SIGNS or not _ASKS_NAME.search(question[-_QUESTION_SIGNS:]):
        return None
    answer = _ONLY_NAME.fullmatch(text)
    return Span(*answer.span("value"), "name") if answer else None
