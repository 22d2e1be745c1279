"""Promises in an agent's lines, and whether the agent came back in time. Pure.

“稍等”, “我查一下马上回您”, “10 分钟内给您答复”, “明天 12 点前告诉您”. When parcels and money arrive
is no promise of this sort: whether it is true says the shop's content.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cstrain.desk.figures.kpi import DAY_S, HOUR_S, Message
from cstrain.desk.figures.transcript import Seen, bare, clauses, own_lines

DEFAULT_DUE_S: Final = 15 * 60
"""A promise without a time is kept within 15 minutes.

Source: 晓多's list of quality checks, 漏跟进 (said 稍等, nothing for 15 min).
"""

MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True)
class Promise:
    """One line that promises to come back.

    Attributes:
        index: The line.
        what: The clause that promises, folded in case and width.
        due_s: Seconds from the line to the stated time; None where none is stated.
        kept: Seen where the agent came back in time, not seen where the log goes on past the due
            time without that, unclear where the log ends before.
        kept_index: The line with which the agent came back, in time or late; None without one.
    """

    index: int
    what: str
    due_s: float | None
    kept: Seen
    kept_index: int | None


_HOLD = re.compile(
    r"(?<!不用)(?<!不必)(?<!无需)(?<!别)(?:稍稍?等|稍候|稍作等待|(?<!可以)等(?:一|我)?下(?![次单周个批架班午再])"
    r"|等一等|等(?:您|你)?我|片刻)(?!再)"
)
_ANSWER = re.compile(
    r"回复?(?:您|你)|答复(?:您|你)|回话|(?:给|跟|和)(?:您|你)(?:一?个)?(?:答复|回复|回电|回话|结果|准话|消息|说法|说|报|解决|单号)"
    r"|(?:告诉|通知|提醒|联系)(?:您|你)"
)
_LOOK = re.compile(
    r"(?:我(?!的)|帮您|为您|给您|替您|这边|小妹|正在|马上|这就|立刻|立即)[^,]{0,6}?"
    r"(?!.[询看]?(?:一下)?[到过了好清出收])(?:查|问|核实|核对|催|确认|看(?=一|下|看))[询看]?(?:一?下|一看)?"
)
_WORK = re.compile(r"(?:给您|为您|帮您|替您|我)[^,]{0,4}(?:处理|解决|办|弄|改|登记|安排|补|做)好?")
_SOON = re.compile(
    r"马上|立刻|立即|这就|尽快|第一时间|一会|待会|等会|稍后|回头|我(?:们)?(?:去|来|现在)?"
)
_THEY = re.compile(
    r"快递|师傅|站点|网点|配送|商家|系统|平台|专员|仓库会|物流|短信|您(?:可以|先)?(?:马上|立刻|尽快)"
)
_DONE = re.compile(r"已经?|刚才|刚刚|之前|前面|上次")
_CONDITION = re.compile(
    r"提供|发(?:我|给我|一下|过来)|报(?:下|一下)|告诉我|截(?:个)?图|拍(?:张|给我)|如果|要是|的话|收到"
)
_GOODS = re.compile(
    r"发货|发出|到账|送达|到货|揽收|签收|退款|付款|下单|拍下|寄出|能到|到的|生效|开始|结束|补货|物流|出库"
)

_DIGITS: Final = {each: value for value, each in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "半": 0.5,
}
# Bounded, and begun at its first character: a line of thousands of digits is read in no time.
_NUMBER = (
    r"(?<![\d.])\d{1,4}(?:\.\d{1,2})?"
    r"|(?<![一二两三四五六七八九十])[一二两三四五六七八九十]{1,4}|半"
)
_SPAN = re.compile(
    rf"(?P<n>{_NUMBER})\s*(?P<unit>秒|分钟|min|个?半(?:个)?(?:小时|钟头)|个?小时|h(?![a-z])|个?钟头|刻钟|个?工作日|天)"
)
_UNITS: Final = {
    "秒": 1,
    "分钟": MINUTE_S,
    "min": MINUTE_S,
    "小时": HOUR_S,
    "h": HOUR_S,
    "钟头": HOUR_S,
    "刻钟": 15 * MINUTE_S,
    "天": DAY_S,
}
_CLOCK = re.compile(
    rf"(?P<part>早上|上午|中午|下午|晚上|今晚|明晚|明早)?\s*(?P<h>{_NUMBER})\s*(?::\s*(?P<m>\d\d)|点(?:钟)?(?P<half>半)?)"
    r"\s*(?:(?:之|以)?前|左右|准时|我|回|给|告诉|联系|提醒)"
)
_DAYS: Final = (
    (re.compile(r"后天"), 2),
    (re.compile(r"明天|明日|明早|明晚|次日"), 1),
    (re.compile(r"今天|今日|今晚|下班前|当天"), 0),
)


def promises(
    messages: Sequence[Message], *, end_s: float | None = None, midnight_s: float = 0.0
) -> list[Promise]:
    """The promises of an agent's lines, at most one a line, in order.

    A promise is kept by a later line of the agent, written within the time, that says more than
    “稍等” again. What it says is not judged.

    Args:
        messages: One conversation, in order.
        end_s: Until when nothing more was said; the last message's time when omitted.
        midnight_s: When, on the clock of ``at_s``, a local midnight was; for promises by the
            clock and by the day. In practice it is negative.
    """
    if not messages:
        return []
    end_s = messages[-1].at_s if end_s is None else max(end_s, messages[-1].at_s)
    lines = dict(own_lines(messages))
    answers = [index for index, line in lines.items() if not _only_holds(line)]
    found = []
    for index, line in lines.items():
        what = _promised(line)
        if not what:
            continue
        said_s = messages[index].at_s
        due_s = _due_s(line, what, said_s - midnight_s)
        limit_s = said_s + (DEFAULT_DUE_S if due_s is None else due_s)
        back = next((each for each in answers if each > index), None)
        if back is not None and messages[back].at_s <= limit_s:
            kept = Seen.SEEN
        else:
            kept = Seen.NOT_SEEN if end_s > limit_s else Seen.UNCLEAR
        found.append(Promise(index, what, due_s, kept, back))
    return found


def _promised(line: str) -> str:
    """The clause that promises; empty where none does."""
    for clause in clauses(line):
        if _HOLD.search(clause):
            return clause
    is_conditional = bool(_CONDITION.search(line))
    return next((each for each in clauses(line) if _promises(each, is_conditional)), "")


def _promises(clause: str, is_conditional: bool) -> bool:  # noqa: FBT001 - told beside its line
    """Whether a clause without “稍等” promises, with a time or at once, to answer, work or look."""
    if _states_time(clause):
        has_work = _WORK.search(clause) or _LOOK.search(clause)
        return bool(_ANSWER.search(clause) or (has_work and not _GOODS.search(clause)))
    if is_conditional or _DONE.search(clause) or _THEY.search(clause) or "?" in clause:
        return False
    return bool(_LOOK.search(clause) or (_ANSWER.search(clause) and _SOON.search(clause)))


def _only_holds(line: str) -> bool:
    """Whether a line does no more than ask for patience: it does not keep a promise."""
    if not _promised(line):
        return False
    rest = line
    for pattern in (_SPAN, _HOLD, _LOOK, _ANSWER, _SOON, _FILLING):
        rest = pattern.sub("", rest)
    return len(bare(rest)) <= _FILLING_MAX_CHARS


_FILLING = re.compile(r"好的|请|您|麻烦|一下|在|还|呀|处理中|中|询|大概|左右|内|就好|正")
_FILLING_MAX_CHARS: Final = 2


def _states_time(clause: str) -> bool:
    return bool(
        _SPAN.search(clause)
        or _CLOCK.search(clause)
        or any(pattern.search(clause) for pattern, _days in _DAYS)
    )


def _due_s(line: str, what: str, clock_s: float) -> float | None:
    """Seconds to the stated time: in the clause that promises, else in one that belongs to it."""
    others = (each for each in clauses(line) if each != what and _belongs(each))
    for clause in (what, *others):
        due_s = _read_time(clause, clock_s)
        if due_s is not None:
            return due_s
    return None


def _belongs(clause: str) -> bool:
    """Whether a clause beside a promise carries it on: it tells of the work, or a time alone."""
    if _GOODS.search(clause):
        return False
    if any(pattern.search(clause) for pattern in (_HOLD, _ANSWER, _WORK, _LOOK)):
        return True
    return len(bare(_FILLING.sub("", _SPAN.sub("", _CLOCK.sub("", clause))))) <= _FILLING_MAX_CHARS


def _read_time(clause: str, clock_s: float) -> float | None:
    """Seconds from a time of day, itself in seconds since a midnight, to the time a clause names.

    “3-5 分钟” is five minutes; a day ends at midnight; working days get two days more for each week
    begun, as a weekend may lie between.
    """
    if span := _SPAN.search(clause):
        return _span_s(_number(span["n"]), span["unit"])
    days = next((days for pattern, days in _DAYS if pattern.search(clause)), None)
    today_s = math.floor(clock_s / DAY_S) * DAY_S
    if clock := _CLOCK.search(clause):
        of_day_s = _of_day_s(clock)
        if days is None:
            step_s = DAY_S if clock["part"] or clock["m"] or of_day_s > DAY_S / 2 else DAY_S / 2
            wait_s = today_s + of_day_s - clock_s
            return wait_s if wait_s > 0 else wait_s % step_s or step_s
        return max(today_s + days * DAY_S + of_day_s - clock_s, 0)
    return None if days is None else today_s + (days + 1) * DAY_S - clock_s


def _span_s(count: float, unit: str) -> float:
    if unit.endswith("工作日"):
        return (count + 2 * math.ceil(count / 5)) * DAY_S
    name = unit.lstrip("个")
    extra = 0.5 if name.startswith("半") else 0.0
    return (count + extra) * _UNITS[name.removeprefix("半").lstrip("个")]


def _of_day_s(clock: re.Match[str]) -> float:
    hour = _number(clock["h"])
    is_late = clock["part"] in {"下午", "晚上", "今晚", "明晚"} or (
        clock["part"] == "中午" and hour < 6  # noqa: PLR2004 - 中午 1 点
    )
    if is_late and hour < 12:  # noqa: PLR2004 - noon
        hour += 12
    minutes = 30 if clock["half"] else int(clock["m"] or 0)
    return hour * HOUR_S + minutes * MINUTE_S


def _number(text: str) -> float:
    """A number in figures or words up to 99; of “两三” the larger."""
    if text[0].isdigit():
        return float(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS[text[-1]]
    return 10 * (_DIGITS[tens[-1]] if tens else 1) + (_DIGITS[ones[-1]] if ones else 0)
