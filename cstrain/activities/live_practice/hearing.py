"""What the customer makes of what the agent has said and done. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cstrain.activities.live_practice.matching import (
    FactState,
    Verdict,
    find_fact,
    find_facts,
    has_groups,
    is_like,
    read_reply,
    says_groups,
)
from cstrain.activities.live_practice.scenario import (
    ACTIONS,
    Branch,
    NeededAction,
    Needs,
    ParamRule,
    Scenario,
    State,
)

#: An action on the order as it was done: code and parameters.
Done = tuple[str, Mapping[str, str]]

#: The reason where all words are there, in a reply that is like none of the right ones.
UNLIKE: Final = "not_similar"
#: The reason where all was said that is needed, and something else that is not true.
OTHER_FACT: Final = "other_fact"

_PUNCTUATION = re.compile(r"[\s,.!?;:~…，。！？；：～、—\-]+")
_WHOM = r"(?:(?:跟|和|找|向)(?:仓库|快递|网点|财务|主管|组长|同事|店长)(?:那边)?)"
_HOLDING = re.compile(
    r"(?:您|你|请|麻烦|先|再)*(?:稍稍?等|稍候|等等|等一?下|等我|片刻)(?:一?下|片刻|一会儿?|会儿?)?"
    rf"|(?:我|这边|帮您|帮你|给您|给你|为您|马上|正在|现在|先|这就|还?在|去|{_WHOM})+(?:来)?"
    r"(?:查|看|翻|核实|问|核对|确认)(?![到过好清出])(?:一?下|一查|看|一看|查|翻|问|询|实|着)*"
    r"(?:(?:您|你)?(?:的|这|那)?(?:单子?|订单|物流|快递|仓库|网点|财务|主管|同事|库存|聊天|记录|备注|情况|页面))*"
    r"|(?<=分钟)翻一?下(?:聊天|记录)+"
    r"|(?:马上|一会儿?|很快|尽快|稍后|立刻)*(?:就)?(?:给(?:您|你))?"
    r"(?:(?:回|回复|答复|告诉)(?:您|你)|(?<=给[您你])(?:个?答复|个?回复|回话|个?消息|个?信儿?))"
    r"|(?:[一两三四五六七八九十半]|\d+)分钟(?:内|后)?"
)
_SEEN = re.compile(
    "(?:我|这边)?(?:已经)?(?:看到|收到|知道|明白|了解)了?"
    "|不好意思|抱歉|对不起|(?:让您|叫您)?久等了?"
)
_GREETING = re.compile(
    r"(?:您好|你好|早上好|上午好|下午好|晚上好|哈喽|hello|hi|在的|在呢|我在|在)+"
    r"|(?:欢迎|感谢|谢谢)?(?:光临|来到|咨询|惠顾)(?:本店|小店|我们)?"
    r"|(?:请问?)?(?:有)?(?:什么|啥)(?:可以|能)?(?:帮|为)(?:您|你|到您|到你|助您)?(?:的|做的)?|(?:什么|啥)事"
    r"|我是客服[^\W\d_]{0,3}|(?:您|你)(?:请|先)?说|请讲|请说"
)
#: What agents call customers; it says nothing.
_CALLING = re.compile(
    r"姐妹|小姐姐|小哥哥|姐姐|姐|哥|美女|帅哥|宝贝|宝宝|宝子|宝|家人们?|老板|老师|朋友|同学"
)
_FILLING = re.compile(
    r"亲爱的|亲|哦|呢|哈|呀|啊|的|好|嗯|了|哟|啦|吧|嘞|您|你|请|这边|小二|客服|吗"
)
_FILLING_MAX_CHARS: Final = 1
_APOLOGY = re.compile(
    r"(?<!不用)(?<!别)(?<!不必)(?:抱歉|对不起|不好意思|对不住|道歉|是我们(?:的错|不对|没做好)|久等)"
)

#: Words of sending away, of blame and of not caring; what they mean here, a person tells.
_BRUSH_OFF = re.compile(
    r"[您你]自(?:己|个)(?!定|决定|选|挑|留着|账号|的?号|看着)|(?:算|怪)[您你]|倒霉|别怪|没空|没功夫"
    r"|不(?:想|去|再)?管(?!是|怎)|管不|不归|(?:哪里?|怎么)知道|不清楚|没办法|别?不?买了|加钱|太贪|随便|反正"
    r"|[拿穿弄用]出来的|[您你](?:记)?错|别(?:问|催|烦|闹|赖)|也没用|没用(?!过)|[您你]出运费|活该|就算了"
    r"|爱.{1,4}不"
)


def is_holding(text: str) -> bool:
    """Whether a line only asks for patience: “稍等，我查一下”."""
    said = _SEEN.sub("", _PUNCTUATION.sub("", text).lower())
    return bool(_HOLDING.search(said)) and _is_bare(_GREETING.sub("", _HOLDING.sub("", said)))


def is_greeting(text: str) -> bool:
    """Whether a line only greets: “在的亲”, “好的”."""
    said = _PUNCTUATION.sub("", text).lower()
    return bool(said) and _is_bare(_GREETING.sub("", said))


def is_apology(text: str) -> bool:
    """Whether a line says sorry."""
    return bool(_APOLOGY.search(text))


def _is_bare(said: str) -> bool:
    return len(_FILLING.sub("", _CALLING.sub("", said))) <= _FILLING_MAX_CHARS


@dataclass(frozen=True, slots=True)
class Heard:
    """What was found in what the agent said.

    Attributes:
        verdict: Right, wrong or unclear, for the state's needs.
        facts: Key → ``right``, ``wrong`` or ``missing``: those needed, and others stated now.
        actions: Code of a needed action → ``right`` or ``wrong``; without those not yet done.
        needs_left: What is lacking.
    """

    verdict: Verdict
    reason: str
    facts: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)
    needs_left: tuple[str, ...] = ()
    similarity: float = 0.0


def hear_turn(  # noqa: PLR0913 - what was said, three times, each told by its name
    scenario: Scenario,
    state: State,
    *,
    visit_text: str,
    done: Sequence[Done],
    done_before: int = 0,
    known: Collection[str] = (),
    line: str = "",
    turn_text: str = "",
) -> Heard:
    """Judge what was said and done in a state so far.

    Args:
        scenario: What is true.
        state: What the customer wants.
        visit_text: What was said in this state.
        done: Actions on the order since the beginning.
        done_before: How many of them were done before this state.
        known: Keys of facts that earlier turns in this state have stated rightly.
        line: What was said just now; other facts are looked for in it.
        turn_text: What was said since the customer's last line; empty while the customer is
            still writing, so that only facts, words and actions can make the turn right.
    """
    facts = _needed(scenario, state, turn_text or line, known)
    needed = tuple(facts.items())
    facts |= _beside(scenario, line, facts)
    actions = {
        each.code.value: "right" if is_done(each, done) else "wrong"
        for each in state.needs.actions
        if is_done(each, done) or _is_spoilt(scenario, each, done[done_before:])
    }
    wrong = [key for key, found in needed if found == FactState.WRONG]
    if wrong:
        return Heard(Verdict.WRONG, f"fact_wrong:{wrong[0]}", facts, actions)
    if "wrong" in actions.values():
        code = next(code for code, found in actions.items() if found == "wrong")
        return Heard(Verdict.WRONG, f"action_wrong:{code}", facts, actions)
    left = needs_left(state.needs, needed, visit_text, done)
    if left:
        return Heard(Verdict.UNCLEAR, f"missing:{left[0]}", facts, actions, left)
    if state.needs:
        return _all_said(state, facts, actions, (visit_text, line))
    return _by_likeness(state, turn_text, line, facts)


def _all_said(
    state: State, facts: Mapping[str, str], actions: Mapping[str, str], texts: Sequence[str]
) -> Heard:
    """The verdict where nothing is lacking: right, unless something else said is not true.

    Where words alone were asked for, they must also be meant.
    """
    spoilt = next((key for key, found in facts.items() if found == FactState.WRONG), None)
    if spoilt is not None:
        return Heard(Verdict.WRONG, f"{OTHER_FACT}:{spoilt}", facts, actions)
    if state.needs.words and not state.needs.facts and not _is_like_right(state, *texts):
        return Heard(Verdict.UNCLEAR, UNLIKE, facts, actions, ("like",))
    return Heard(Verdict.RIGHT, "needs", facts, actions)


def _needed(scenario: Scenario, state: State, said: str, known: Collection[str]) -> dict[str, str]:
    """What was said of the facts that a state needs: now, or else before."""
    found = find_facts(said, [scenario.facts[key].fact for key in state.needs.facts])
    return {
        each.key: FactState.RIGHT.value
        if each.state is FactState.MISSING and each.key in known
        else each.state.value
        for each in found
    }


def _beside(scenario: Scenario, line: str, needed: Collection[str]) -> dict[str, str]:
    """What a line says of facts that are not asked for here.

    Where the file does not tell by which words a fact is meant, a contradiction here may well be
    about something else: it counts only in the states that ask for the fact. So it is with what
    states another fact rightly.
    """
    if not line:
        return {}
    found = find_facts(line, [each.fact for each in scenario.facts.values()])
    return {
        each.key: each.state.value
        for each in found
        if each.key not in needed
        and (
            each.state is FactState.RIGHT
            or (each.state is FactState.WRONG and scenario.facts[each.key].fact.about)
        )
    }


def stated(scenario: Scenario, text: str) -> dict[str, str]:
    """What a text says of any fact: key → ``right`` or ``wrong``, where nothing was asked for."""
    return _beside(scenario, text, ())


def _is_like_right(state: State, *texts: str) -> bool:
    """Whether one of some texts is like a right reply of a state, and not against it.

    Words alone say little: “拆了就换不了，没得商量” has those of “能换。拆过没有？”. They make a
    turn right together with a likeness, which never makes up for what is lacking.
    """
    good = state.good_replies
    return any(
        text in good or (is_like(text, good) and not _brushes_off(text, good))
        for text in dict.fromkeys(texts)
        if text
    )


def _brushes_off(text: str, references: Sequence[str]) -> bool:
    """Whether a text sends the customer away or blames them, as no right reply does."""
    said = {found[0] for found in _BRUSH_OFF.finditer(text)}
    return any(not any(each in reference for reference in references) for each in said)


def _by_likeness(state: State, turn_text: str, line: str, facts: Mapping[str, str]) -> Heard:
    """The verdict where a state asks for nothing by name: similarity to the right replies."""
    if not turn_text:
        return Heard(Verdict.UNCLEAR, "early", facts)
    if not state.good_replies:
        return Heard(Verdict.RIGHT, "any", facts)
    whole = read_reply(turn_text, references=state.good_replies)
    last = read_reply(line, references=state.good_replies) if line else whole
    best = whole if whole.verdict is not Verdict.UNCLEAR else last
    left = () if best.verdict is Verdict.RIGHT else ("like",)
    return Heard(best.verdict, best.reason, facts, {}, left, round(best.similarity, 3))


def needs_left(
    needs: Needs,
    facts: Sequence[tuple[str, str]],
    text: str,
    done: Sequence[Done],
) -> tuple[str, ...]:
    """What is lacking: ``fact:<key>``, ``words:<number from 0>``, ``action:<code>``."""
    return (
        *(f"fact:{key}" for key, found in facts if found != FactState.RIGHT),
        *(
            f"words:{index}"
            for index, group in enumerate(needs.words)
            if not says_groups(text, (group,))
        ),
        *(f"action:{each.code.value}" for each in needs.actions if not is_done(each, done)),
    )


def taken(scenario: Scenario, state: State, text: str, done: Sequence[Done]) -> Branch | None:
    """The first branch of a state that is taken after what was said in this turn, and done.

    Where its words are there and not meant none is taken, for what comes after it is not either.
    """
    for branch in state.branches:
        if holds(branch, scenario, text, done):
            return branch if is_meant(branch, state, text) else None
    return None


def is_meant(branch: Branch, state: State, text: str) -> bool:
    """Whether a branch that holds is meant.

    One that is right by words alone, and leads where the state's own right replies lead, asks for
    a likeness to them too.
    """
    when = branch.when
    by_words = branch.verdict == Verdict.RIGHT and not (when.facts or when.actions)
    leads_on = branch.move.to == state.on_right.to
    return not (by_words and leads_on) or _is_like_right(state, text)


def holds(branch: Branch, scenario: Scenario, text: str, done: Sequence[Done]) -> bool:
    """Whether what a branch waits for was said in this turn, and done."""
    when = branch.when
    return (
        says_groups(text, when.words)
        and all(is_done(each, done) for each in when.actions)
        and all(_is(FactState.RIGHT, scenario, key, text) for key in when.facts)
        and all(_is(FactState.WRONG, scenario, key, text) for key in when.told_wrong)
    )


def _is(state: FactState, scenario: Scenario, key: str, text: str) -> bool:
    return find_fact(text, scenario.facts[key].fact).state is state


def is_done(needed: NeededAction, done: Sequence[Done]) -> bool:
    """Whether an action was done as it is needed, whatever was done before or after."""
    numbers = ACTIONS[needed.code].numbers
    return any(
        code == needed.code
        and all(
            _obeys(rule, params.get(rule.param, ""), rule.param in numbers) for rule in needed.rules
        )
        for code, params in done
    )


def _is_spoilt(scenario: Scenario, needed: NeededAction, done: Sequence[Done]) -> bool:
    """Whether an action was done in a way that no later one of its kind makes up for.

    Not so where it serves another purpose of the scenario, or only lacks words: more can be
    written.
    """
    numbers = ACTIONS[needed.code].numbers
    exact = [rule for rule in needed.rules if not rule.contains]
    purposes = [
        each
        for state in scenario.states.values()
        for needs in (state.needs, *(branch.when for branch in state.branches))
        for each in needs.actions
        if each != needed
    ]
    return any(
        code == needed.code
        and not all(
            _obeys(rule, params.get(rule.param, ""), rule.param in numbers) for rule in exact
        )
        and not any(is_done(each, [(code, params)]) for each in purposes)
        for code, params in done
    )


def _obeys(rule: ParamRule, value: str, is_number: bool) -> bool:  # noqa: FBT001 - told by its place
    if rule.contains and not has_groups(value, (rule.contains,)):
        return False
    if is_number and (rule.at_most is not None or rule.equals is not None):
        try:
            amount = float(value)
            exact = None if rule.equals is None else float(rule.equals)
        except ValueError:
            return False
        return (rule.at_most is None or amount <= rule.at_most) and exact in {None, amount}
    return rule.equals is None or value.strip() == rule.equals
