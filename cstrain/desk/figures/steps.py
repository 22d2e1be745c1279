"""The eight steps of reception, as far as a transcript shows them by rule. Pure.

问好 greet, 提问 ask, 分析 analyse, 推荐 recommend, 谈判 negotiate, 帮助 help, 核实 confirm,
告别 farewell. Not every step belongs to every conversation; which ones do not, the caller says.

Source: practitioners' reception flow.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeAlias

from cstrain.core.catalogue.catalogue import fold
from cstrain.desk.figures.kpi import Message, Role
from cstrain.desk.figures.transcript import (
    COURTESY,
    NOT_SEEN,
    Seen,
    Sign,
    affirmed,
    is_question,
    own_lines,
)

Lines: TypeAlias = Sequence[tuple[int, str]]


class Step(StrEnum):
    """A step of reception, in order."""

    GREET = "greet"
    ASK = "ask"
    ANALYSE = "analyse"
    RECOMMEND = "recommend"
    NEGOTIATE = "negotiate"
    HELP = "help"
    CONFIRM = "confirm"
    FAREWELL = "farewell"


BEFORE: Final[tuple[tuple[Step, Step], ...]] = (
    *((Step.GREET, later) for later in Step if later is not Step.GREET),
    (Step.ASK, Step.RECOMMEND),
    (Step.RECOMMEND, Step.CONFIRM),
    (Step.NEGOTIATE, Step.CONFIRM),
    *((each, Step.FAREWELL) for each in Step if each not in {Step.GREET, Step.FAREWELL}),
)
"""The weak order: which step does not come after which. The greeting is before anything else, the
customer is understood before the product, goods and address are repeated after the sale, the
farewell is last. Other steps have no order among them, and steps in one line are never reversed."""

_NEAR_END_LINES: Final = 3
"""A farewell is one of the agent's last lines; before that it is a phrase within the talk."""

# 在的 is a word by itself that begins a clause, also after 亲; 现在的 and 在的话 greet nobody.
_GREETING = re.compile(
    r"[您你]好(?![像奇])"
    r"|(?:^|[\W_])(?:嗯+|亲爱的|亲+|宝+|宝[贝子]|客服|小\w|我|一直|都)*"
    r"在(?:[的呢哦哈呀](?!话|时候|地)|(?=[\W_]|$))"
    r"|欢迎(?:光临|咨询|来到)|(?:早上|上午|中午|下午|晚上)好|早安|很高兴(?:为|能)"
    r"|(?<!还)有什么(?:问题)?[^,。?]{0,4}可以(?:帮|为)|\bhi\b|hello"
)
_ADDRESS = re.compile(r"^(?:亲|宝)")
_REASON = re.compile(
    r"因为|所以|由于|根据|考虑到|(?:照|按)(?:您|尺码|表|照|着)|您(?:说|讲)的|您(?:这个|的)(?:身高|体重|情况|需求)"
    r"|偏(?:大|小|厚|薄|软|硬)|(?<!不)适合|区别|相比|比[^,]{1,8}(?:更|要|好|厚|薄|轻|重|大|小)"
)
_FIGURE = re.compile(
    r"(?<!\d)\d{1,6}(?:\.\d{1,3})?\s*(?:克|g|kg|斤|厘米|cm|mm|米|寸|英寸|%|℃|度|小时|毫升|ml|升)"
)
_ADVICE = re.compile(
    r"推荐|建议(?:您|你)?(?:选|拍|拿|看|买|要|入|考虑|试)|(?:可以|不妨|给您|来)?(?:看看|试试)(?:这|那|我们|店里|下面)"
    r"|^(?:那|要不)?看看(?!订单|物流|差|页面|有没有|是不是|能不能|下)[^?]{2,}|搭配|可以搭|(?:您|你)(?:穿|拿|选)\s*[a-z\d]{1,4}\s*码?|适合(?:您|你)|(?:给|替)您定|一起(?:拍|带)|这[款件]更"
)
_POINTED_AT = re.compile(r"这款|https?://|(?<!补差)链接|卡片")
_HAGGLING = re.compile(
    r"便宜|优惠|打折|折扣|有折|贵|包邮|送(?:点|个|什么|东西)|赠品|减(?:点|些|一)|最低|抹零|抹掉|预算|砍|少(?:点|一点|些)|券"
)
_PRICE_TALK = re.compile(
    r"满\s*\d+|优惠|\d折|券|赠|送您|包邮|改价|最低|便宜|实付|划算|补差|底价|贵|价保|满减|活动价|下一档|会员价"
)
_HELPING = re.compile(
    r"(?:帮|替|为|给)您(?:改|备注|申请|登记|办|处理|催|拦|安排|免|留|取消|补|记|操作|联系|定)"
    r"|换(?:张卡|一?种付款)|找人付|代付|付款方式|点(?:一下)?[“\"「]|在订单里(?:点|申请)|补差链接"
    r"|(?:改|免|减)(?:掉|了)?[^,]{0,5}运费|运费[^,]{0,4}(?:改|免)|写进备注"
    r"|我(?:去|现在|来)(?:查|问|改|办|找|催|拦)"
)
_CONFIRMING = re.compile(
    r"核对|(?:地址|收货人|信息|订单|尺码|颜色|商品|款式)[^。?]{0,30}(?:对吗|对吧|对不对|没错吧|确认一?下|正确吗)"
    r"|(?:寄|发)(?:到|往)?[^。?]{1,30}(?:对吗|对吧|对不对|没错吧)|(?:确认|核实)(?:一?下)?(?:您的)?(?:收货)?(?:地址|信息|订单|尺码|商品|收货人)"
)
_CONFIRM_WORD = re.compile(r"核实|确认|备注")
_INQUIRING = re.compile(
    r"正在|(?:为|帮|替|给)您(?:查|核实)|核实(?:情况|处理|清楚)|去(?:核实|确认)|确认收货"
)
_FAREWELL = re.compile(
    r"再见|拜拜|晚安|祝(?:您|你)|(?:感谢|谢谢)(?:您|你)?(?:的|对)?(?:光临|支持|惠顾|咨询|理解|信任)"
    r"|欢迎(?:再|下)次?|随时(?:联系|找|问|来|留言|叫|咨询)|(?:有|还有)(?:事|问题|什么|疑问)[^。?]{0,8}(?:留言|找我|联系|来问|问我)"
    r"|慢慢看|再来问|耐心等|有事直接|还有(?:什么|其他|其它|别的)[^,。?]{0,8}帮|不打扰"
)


def steps(
    messages: Sequence[Message], *, not_applicable: Collection[Step] = ()
) -> Mapping[Step, Sign]:
    """What is seen of each step that applies, in the order of the steps.

    A sign rests on the first line that shows it, of a farewell on the last; a greeting is looked
    for in the agent's first turn only. Unclear are: a greeting
    that only an automatic reply or a form of address gives, a figure without a reason, a product
    only pointed at, an offer nobody asked for, a word of checking, a farewell in the midst.
    """
    lines = list(own_lines(messages))
    looks = {
        Step.GREET: _greet,
        Step.ASK: _ask,
        Step.ANALYSE: _analyse,
        Step.RECOMMEND: _recommend,
        Step.NEGOTIATE: _negotiate,
        Step.HELP: _help,
        Step.CONFIRM: _confirm,
        Step.FAREWELL: _farewell,
    }
    return {step: looks[step](messages, lines) for step in Step if step not in not_applicable}


def reversals(found: Mapping[Step, Sign]) -> list[tuple[Step, Step]]:
    """The pairs of ``BEFORE`` whose second step was seen in an earlier line than the first."""
    at = {
        step: sign.index
        for step, sign in found.items()
        if sign.seen is Seen.SEEN and sign.index is not None
    }
    return [
        (first, second)
        for first, second in BEFORE
        if first in at and second in at and at[second] < at[first]
    ]


def _first(lines: Lines, pattern: re.Pattern[str], seen: Seen = Seen.SEEN) -> Sign | None:
    """The first line that has the words."""
    for index, line in lines:
        if match := pattern.search(line):
            return Sign(seen, index, match[0])
    return None


def _affirmed(lines: Lines, pattern: re.Pattern[str]) -> Sign | None:
    """The first line that says it and does not deny it."""
    for index, line in lines:
        if said := affirmed(pattern, line):
            return Sign(Seen.SEEN, index, said)
    return None


def _greet(messages: Sequence[Message], lines: Lines) -> Sign:
    if found := _first(_first_turn(messages, lines), _GREETING):
        return found
    if lines and (match := _ADDRESS.search(lines[0][1])):
        return Sign(Seen.UNCLEAR, lines[0][0], match[0])
    for index, message in enumerate(messages):
        if message.role is Role.AGENT and message.is_auto:
            return Sign(Seen.UNCLEAR, index, fold(message.text))
    return NOT_SEEN


def _first_turn(messages: Sequence[Message], lines: Lines) -> Lines:
    """The agent's lines until the buyer speaks again; who greets later has not greeted first."""
    if not lines:
        return lines
    first = lines[0][0]
    later = (index for index, each in enumerate(messages) if each.role is Role.BUYER)
    end = next((index for index in later if index > first), len(messages))
    return [(index, line) for index, line in lines if index < end]


def _ask(_messages: Sequence[Message], lines: Lines) -> Sign:
    asked = (Sign(Seen.SEEN, index, line) for index, line in lines if is_question(line))
    return next(asked, NOT_SEEN)


def _analyse(_messages: Sequence[Message], lines: Lines) -> Sign:
    return _first(lines, _REASON) or _first(lines, _FIGURE, Seen.UNCLEAR) or NOT_SEEN


def _recommend(_messages: Sequence[Message], lines: Lines) -> Sign:
    return _affirmed(lines, _ADVICE) or _first(lines, _POINTED_AT, Seen.UNCLEAR) or NOT_SEEN


def _negotiate(messages: Sequence[Message], lines: Lines) -> Sign:
    """An answer to a customer who speaks of the price; a no is an answer too."""
    raised = next(
        (
            index
            for index, message in enumerate(messages)
            if message.role is Role.BUYER and _HAGGLING.search(fold(message.text))
        ),
        None,
    )
    for index, line in lines:
        if match := _PRICE_TALK.search(line):
            seen = Seen.SEEN if raised is not None and index > raised else Seen.UNCLEAR
            if seen is Seen.SEEN or raised is None:
                return Sign(seen, index, match[0])
    return NOT_SEEN


def _help(_messages: Sequence[Message], lines: Lines) -> Sign:
    done = [(index, COURTESY.sub("", line)) for index, line in lines]
    return _affirmed(done, _HELPING) or NOT_SEEN


def _confirm(_messages: Sequence[Message], lines: Lines) -> Sign:
    for index, line in lines:
        if not _INQUIRING.search(line) and (match := _CONFIRMING.search(line)):
            return Sign(Seen.SEEN, index, match[0])
    return _first(lines, _CONFIRM_WORD, Seen.UNCLEAR) or NOT_SEEN


def _farewell(_messages: Sequence[Message], lines: Lines) -> Sign:
    for place, (index, line) in enumerate(reversed(lines)):
        if match := _FAREWELL.search(line):
            return Sign(Seen.SEEN if place < _NEAR_END_LINES else Seen.UNCLEAR, index, match[0])
    return NOT_SEEN
