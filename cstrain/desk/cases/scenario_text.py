"""A case as a scenario file: the first draft of a customer, for a trainer to try and finish. Pure.

What the customer said is kept turn by turn; what should have been said is the reply that the last
turn wants, and what the colleague said before that are right replies of the turns before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cstrain.desk.cases.tags import Reason
from cstrain.kit.chat import ChatLine, Voice

#: As many turns as one sitting has, and as many lines as a customer types at once.
TURNS_MOST: Final = 4
LINES_MOST: Final = 3
_LINE_SIGNS: Final = 60
_SHORT_SIGNS: Final = 4
#: With what customers take an answer; nobody need answer it.
_TAKEN: Final = re.compile(
    "(?:好|行|嗯|哦|噢|谢谢|谢了|知道了|明白了?|收到|了解了?|辛苦了?|ok"
    r"|[的了吧呢呀啊亲您你哈]|[^\w？?])+",
    re.IGNORECASE,
)
_NAMES: Final = ("一", "二", "三", "四")
#: What a scenario must say it is about.
_TOPICS: Final = {
    Reason.PRICE: "bargaining",
    Reason.KNOWLEDGE: "material",
    Reason.DELIVERY: "late_delivery",
    Reason.AFTER_SALES: "returns",
    Reason.PROMISE: "late_delivery",
}
_OTHER_TOPIC: Final = "asked_not_ordered"


@dataclass(frozen=True, slots=True)
class Turn:
    """What the customer said at once, and the first thing that was answered."""

    said: Sequence[str]
    answer: str


def turns(lines: Iterable[ChatLine]) -> list[Turn]:
    """The customer's turns in order, with the colleague's answers; automatic ones are none.

    An answer as short as 在的 ends no turn, and 在吗 or ？ alone begins none; 好的，谢谢 after an
    answer is nothing to be answered.
    """
    found: list[Turn] = []
    said: list[str] = []
    answer = ""
    for line in lines:
        if line.voice is Voice.CUSTOMER:
            if answer and _TAKEN.fullmatch(line.text):
                continue
            if len(answer) > _SHORT_SIGNS and len(line.text.strip()) > 1:
                found.append(Turn(said, answer))
                said, answer = [], ""
            said.append(_short(line.text))
        elif line.voice is Voice.AGENT and said and len(answer) <= _SHORT_SIGNS:
            answer = _short(line.text)
    if said:
        found.append(Turn(said, answer))
    return found


def _short(text: str) -> str:
    return " ".join(text.split())[:_LINE_SIGNS]


def draft(  # noqa: PLR0913 - what a case is made of
    *,
    slug: str,
    title: str,
    reason: str,
    happened: str,
    said: str,
    better: str,
    is_good: bool,
    lines: Iterable[ChatLine],
    question: str,
) -> str:
    """The text of a scenario file.

    A good chat is gone through as it went. A bad one goes on as it went until the right words are
    said; what the colleague said is never taken for right. After a wrong answer the customer asks
    once more, and then leaves.

    Args:
        slug: Of the file; small letters, digits, hyphens.
        title: In Chinese.
        reason: A code of ``tags.REASONS``; empty for none.
        happened: Begins the debrief.
        said: The words to say; its lines are right replies.
        better: What should have been said, or what was good; ends the debrief.
        is_good: Which of them.
        lines: The chat; where there is none, the customer asks the case's question.
        question: The case's.
    """
    last = [_short(line) for line in said.split("\n") if line.strip()]
    found = turns(lines)[-TURNS_MOST:] or [Turn([_short(question)], "")]
    states: dict[str, Any] = {}
    mended: dict[str, Any] = {}
    for place, turn in enumerate(found):
        is_last = place == len(found) - 1
        to = "成了" if is_last else _NAMES[place + 1]
        good = [turn.answer] if is_good and turn.answer else last
        right = {"去": to if is_good else "成了", "心情": 5}
        # Of a bad chat the same words are right everywhere, so one state to mend in is enough.
        again = f"再问{_NAMES[place]}" if is_good else "再问"
        states[_NAMES[place]] = {
            "说": [list(turn.said[:LINES_MOST])],
            "像": good,
            "对": right,
            "错": {"去": again, "心情": -20},
            "不明": {"去": "没成" if is_last else to, "心情": -10},
        }
        mended[again] = {
            "说": [["不对吧", "你再看看"]],
            "像": good,
            "对": right,
            "错": {"去": "没成", "心情": -20},
            "不明": {"去": "没成", "心情": -10},
        }
    is_after = reason == Reason.AFTER_SALES
    head: dict[str, Any] = {
        "kind": "scenario",
        "slug": slug,
        "title": {"zh": title, "en": f"Case: {title}"},
        "track": "aftersales" if is_after else "presales",
        "level": 1,
        "topics": [_TOPICS.get(Reason(reason), _OTHER_TOPIC) if reason else _OTHER_TOPIC],
        "minutes": max(len(found), 1),
        "sections": [],
        "顾客": {"昵称": "一位顾客"},
        "步骤": {"告别": "不评"},
        "开场": _NAMES[0],
        "状态": states | mended,
        "结局": {
            "成了": {"是": "solved", "说": [["好的，谢谢"]]},
            "没成": {"是": "lost", "因": "trust", "说": [["算了，我再看看"]]},
            "走了": {"是": "lost", "因": "slow"},
        },
    }
    # What JSON is, YAML is too; one state a line, so that people find their way.
    rows = [f"{key}: {_json(head[key])}" for key in head if key not in {"状态", "结局"}]
    for key in ("状态", "结局"):
        rows.append(f"{key}:")
        rows += [f"  {name}: {_json(value)}" for name, value in head[key].items()]
    heading = "好在哪" if is_good else "该怎么说"
    debrief = "\n\n".join(filter(None, (happened.strip(), f"{heading}：{better.strip()}")))
    made = "\n".join(["---", *rows, "---", debrief, ""])
    return "".join(sign for sign in made if sign.isprintable() or sign == "\n")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
