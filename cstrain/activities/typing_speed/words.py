"""Flags and advice in words, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cstrain.activities.typing_speed.checks import FlagCode
from cstrain.kit.i18n import duration, figure, percent
from cstrain.kit.i18n import gettext as _

_FEW_CHARS_A_COMMIT = 1.6
_MANY_PAUSES_RATIO = 0.15
_ACCURATE_RATIO = 0.95
_VERY_ACCURATE_RATIO = 0.97


@dataclass(frozen=True, slots=True)
class FlagLine:
    """A flag as a page shows it: ``severity`` is note, review, invalid or reject."""

    text: str
    severity: str


def flags(result: Mapping[str, Any]) -> list[FlagLine]:
    """What the checks noticed, in words."""
    return [
        FlagLine(_flag(FlagCode(flag["code"]), flag["numbers"]), flag["severity"])
        for flag in result["flags"]
    ]


def _flag(code: FlagCode, n: Mapping[str, float]) -> str:  # noqa: C901, PLR0911, PLR0912 - one a code
    match code:
        case FlagCode.CLOCK_MISMATCH:
            return _(
                "页面计时 %(client)s，服务器计时 %(server)s，对不上，按长的算",
                client=duration(n["client_ms"] / 1000),
                server=duration(n["server_ms"] / 1000),
            )
        case FlagCode.REPLAY_DIFFERS:
            return _("输入框里的文字和按键记录对不上")
        case FlagCode.BULK_INSERT:
            return _("有 %(n)s 个字一下子出现，前面没有按键", n=int(n["chars"]))
        case FlagCode.BLOCKED_INPUT:
            return _("试过粘贴、拖入或撤销 %(n)s 次，都没有生效", n=int(n["count"]))
        case FlagCode.KSPC_LOW:
            return _("平均每字只按 %(n)s 键，比任何输入法都少", n=figure(n["value"], 2))
        case FlagCode.TEXT_WITHOUT_KEYS:
            return _("%(n)s 的字出现前一秒没有按键，像语音或手写", n=percent(n["value"]))
        case FlagCode.SPEED_IMPLAUSIBLE:
            return _("净速度 %(n)s 字/分，比赛冠军也难做到", n=figure(n["value"]))
        case FlagCode.KEYS_TOO_FAST:
            return _("按键间隔的中位数只有 %(n)s 毫秒", n=figure(n["median_ms"], 0))
        case FlagCode.KEYS_TOO_EVEN:
            return _("按键间隔均匀得不像手打的")
        case FlagCode.LOG_REPEATED:
            return _("按键节奏和另一次完全一样")
        case FlagCode.ABOVE_OWN_BEST:
            return _(
                "比自己最好的 %(best)s 字/分高出很多，当面再打一次，到 %(again)s 就能确认",
                best=figure(n["best_net_cpm"]),
                again=int(n["retest_net_cpm"]),
            )
        case FlagCode.TOO_LITTLE:
            return _(
                "打了 %(chars)s 字，正确率 %(accuracy)s，用时 %(time)s，太少太短或错太多，不计成绩",
                chars=int(n["chars"]),
                accuracy=percent(n["accuracy_ratio"]),
                time=duration(n["elapsed_ms"] / 1000),
            )
        case FlagCode.IDLE:
            return _("停着没打的时间占 %(n)s", n=percent(n["idle_ratio"]))
        case FlagCode.TAIL_EMPTY:
            return _("到点前有 %(n)s没有输入", n=duration(n["empty_ms"] / 1000))
        case FlagCode.LEFT_PAGE:
            return _("离开页面 %(n)s 次，每次超过 3 秒", n=int(n["count"]))
        case FlagCode.CHUNK_MISSING:
            return _("有 %(n)s 段记录没有收到", n=int(n["count"]))
        case FlagCode.TIME_BACKWARDS:
            return _("记录里的时间往回走了 %(n)s 次", n=int(n["count"]))
        case FlagCode.LATE_EVENTS:
            return _("交了以后还有 %(n)s 个输入", n=int(n["count"]))


def advice(result: Mapping[str, Any]) -> list[str]:
    """What would help most next time, at most two pieces."""
    figures = result["figures"]
    tips = []
    if result["is_traditional"]:
        tips.append(_("输入法像是在繁体模式，切回简体，这些字就不会算错。"))
    accuracy = figures["accuracy_ratio"]
    if accuracy < _ACCURATE_RATIO:
        tips.append(_("先放慢，打准了再求快：正确率到 97 % 以后速度自己会上来。"))
    mean = result["commit_chars_mean"]
    if mean is not None and mean < _FEW_CHARS_A_COMMIT:
        tips.append(_("你平均每次上屏 %(n)s 个字，试试整句拼完再上屏。", n=figure(mean)))
    if (result["idle_ratio"] or 0) > _MANY_PAUSES_RATIO:
        tips.append(_("停顿占了 %(n)s 的时间，眼睛早半行看原文。", n=percent(result["idle_ratio"])))
    if not tips and accuracy >= _VERY_ACCURATE_RATIO:
        tips.append(_("准得很稳，下一次可以试着快一点。"))
    return tips[:2]
