"""Signs in an agent's lines: apologies, repeats, questions again, lures, forbidden words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.core.catalogue.catalogue import fold
from cstrain.desk.figures import signs
from cstrain.desk.figures.kpi import Message, Role
from cstrain.desk.figures.promises import promises
from cstrain.desk.figures.steps import steps
from cstrain.desk.figures.transcript import Seen, Sign, bare, is_question
from cstrain.desk.replies.words import Word

A, B = Role.AGENT, Role.BUYER


def log(*lines: str) -> list[Message]:
    """Lines of the agent; those that begin with “买：” are the buyer's."""
    return [
        Message(B, index, line[2:]) if line.startswith("买：") else Message(A, index, line)
        for index, line in enumerate(lines)
    ]


def found(kept: list[Sign]) -> list[tuple[int | None, Seen]]:
    return [(each.index, each.seen) for each in kept]


@pytest.mark.parametrize(
    "line",
    [
        "非常抱歉亲",
        "对不住，您要的断码了",
        "不好意思，让您久等了",
        "是我们没做好。",
        "是我们让您白等",
    ],
)
def test_an_apology(line: str) -> None:
    assert found(signs.apologies(log(line))) == [(0, Seen.SEEN)]


@pytest.mark.parametrize("line", ["不用说抱歉", "没什么好抱歉的", "买：对不起，我拍错了", "好的"])
def test_no_apology(line: str) -> None:
    assert signs.apologies(log(line)) == []


def test_a_line_sent_again_is_told_with_its_first_place() -> None:
    messages = log("亲，满 199 减 20 哦", "买：多少", "满199减20!", "好的", "好的", "满 199 减 20")

    again = signs.repeats(messages)

    assert [(each.index, each.earlier) for each in again] == [(2, 0), (5, 0)]


def test_automatic_lines_and_the_buyers_are_never_repeats() -> None:
    welcome = Message(A, 0, "欢迎光临本店，请问有什么可以帮您", is_auto=True)

    assert signs.repeats([welcome, welcome, *log("买：什么时候发货呢", "买：什么时候发货呢")]) == []


@pytest.mark.parametrize(
    "line",
    [
        "上班穿还是户外穿？",
        "您平时穿什么码呢",
        "订单号是多少",
        "上衣报下体重",
        "截图发我",
        "请您提供下订单号",
        "要几件？",
        "看的哪款？",
        "家里落下没？",
    ],
)
def test_a_question(line: str) -> None:
    assert is_question(fold(line))


@pytest.mark.parametrize(
    "line",
    [
        "请问还有其他可以帮到您的吗?",
        "您好，请问有什么可以帮您?",
        "这边给您申请，可以吗?",
        "寄到武汉洪山，对吗?",
        "很高兴遇到您这么善解人意的客户",
        "好的呢",
        "别把验证码发给我",
    ],
)
def test_courtesy_and_checking_are_no_questions(line: str) -> None:
    assert not is_question(fold(line))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("您的订单号是多少？", "买：1234", "您的订单号是多少呢？"), [(2, Seen.SEEN)]),
        (("您的订单号是多少？", "买：1234", "单号发我"), [(2, Seen.UNCLEAR)]),
        (("报下体重", "买：60", "身高多少？", "买：170", "体重多少？"), [(4, Seen.UNCLEAR)]),
        (("您的订单号是多少？", "您的订单号是多少？"), []),
        (("寄到哪里？", "买：武汉", "地址是武汉，对吗？"), []),
        (("上班穿还是户外穿？", "买：上班", "腰围多少？"), []),
    ],
)
def test_a_question_put_again_after_the_customer_spoke(
    lines: tuple[str, ...], expected: list[tuple[int, Seen]]
) -> None:
    assert found(signs.asked_again(log(*lines))) == expected


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("您加我微信吧", Seen.SEEN),
        ("加个微信聊", Seen.SEEN),
        ("加 V 信给您优惠", Seen.SEEN),
        ("加我薇信", Seen.SEEN),
        ("＋微 abc123", Seen.SEEN),
        ("加 我 微 信", Seen.SEEN),
        ("我微信号是 abc123", Seen.SEEN),
        ("直接支付宝转账给我，便宜 20", Seen.SEEN),
        ("微信转给您报价", Seen.SEEN),
        ("咱们线下交易更便宜", Seen.SEEN),
        ("不方便就加我微信", Seen.SEEN),
        ("页面付不了，加我微信付", Seen.SEEN),
        ("没收到的话加我微信", Seen.SEEN),
        ("打到这张卡里", Seen.SEEN),
        ("可以微信沟通", Seen.UNCLEAR),
        ("有二维码", Seen.UNCLEAR),
        ("让您转账到别处的，都不是我们店。", Seen.UNCLEAR),
        ("有人说加我微信的，小心是骗子", Seen.UNCLEAR),
    ],
)
def test_a_lure_off_the_platform(line: str, seen: Seen) -> None:
    assert found(signs.lures(log(line))) == [(0, seen)]


@pytest.mark.parametrize(
    "line",
    [
        "可以用微信支付",
        "微信零钱也行",
        "不能加微信，就在这里聊",
        "平台不允许线下交易",
        "请不要转账给陌生人",
        "我们不加微信的",
        "这里加不了微信",
        "加我们店会员有券",
        "买：能加微信吗",
        "转人工请稍等",
        "特别推荐这款",
    ],
)
def test_no_lure(line: str) -> None:
    assert signs.lures(log(line)) == []


@pytest.mark.parametrize("piece", ["1", "十", "不", "不微信", "地址", "我查", "有其他", "10分钟"])
def test_a_long_line_is_read_in_no_time(piece: str) -> None:
    line = piece * (4_000 // len(piece))
    messages = log("买：能便宜点吗", line)

    began_s = time.process_time()
    promises(messages)
    steps(messages)
    signs.lures(messages)
    signs.asked_again(messages)

    assert time.process_time() - began_s < 0.5


def test_forbidden_words_are_told_with_line_and_place() -> None:
    words = [Word("a", ("绝对",)), Word("b", ("第一",), ("第一次",))]
    messages = [
        *log("买：绝对好吗", "第一次来吗", "绝对是第一"),
        Message(A, 9, "绝对", is_auto=True),
    ]

    hits = signs.forbidden(messages, words)

    assert [(index, hit.start, hit.end, hit.word.name) for index, hit in hits] == [
        (2, 0, 2, "绝对"),
        (2, 3, 5, "第一"),
    ]


spoken = st.lists(
    st.builds(
        Message,
        role=st.sampled_from(Role),
        at_s=st.floats(0, 10_000),
        text=st.text(
            alphabet="亲您我加微信不别稍等查分钟天点前回内给半十两3:：，。？! 吗\n", max_size=20
        )
        | st.text(max_size=8),
        is_auto=st.booleans(),
    ),
    max_size=6,
).map(lambda some: sorted(some, key=lambda each: each.at_s))


@given(spoken)
def test_every_sign_rests_on_a_line_that_the_agent_wrote(messages: list[Message]) -> None:
    signs_found = [
        *signs.apologies(messages),
        *signs.repeats(messages),
        *signs.asked_again(messages),
        *signs.lures(messages),
    ]
    places = [each.index for each in signs_found]
    places += [each.index for each in promises(messages)]
    taken = [step for step in steps(messages).values() if step.seen is Seen.SEEN]
    places += [each.index for each in taken]

    for place in places:
        assert place is not None
        assert messages[place].role is A
        assert not messages[place].is_auto


@given(st.text(max_size=30))
def test_marks_at_the_end_do_not_tell_lines_apart(text: str) -> None:
    assert bare(f"{text}！") == bare(text)
