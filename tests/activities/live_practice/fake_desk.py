"""A reception desk without the machine behind it: customers who say what a script tells them.

The page is the real one in the real application; what it asks is answered from memory, in the
form of ``state.py``. Times are ms of the session, which began when the desk was made.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Blueprint, Flask, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from cstrain.activities.live_practice.panel import Action, Card, Field, Panel, Quick
from cstrain.activities.live_practice.pictures import svg
from cstrain.activities.live_practice.scenario import Order, OrderLine, PastOrder
from cstrain.activities.live_practice.state import hit_json
from cstrain.core.people.access import Role, TeamRef, Viewer, public
from cstrain.desk.replies.words import Hit, Word
from cstrain.kit import i18n
from cstrain.kit.clock import utc_now

#: How long a customer is seen typing before a line comes.
TYPING_MS: Final = 1000
FORBIDDEN: Final = {"最好": "很合身", "绝对": "我看到的是这样，介意就看另一款"}
TITLE: Final = {"zh": "售前接待：三位顾客", "en": "Pre-sales desk: three customers"}
QUICK: Final = (
    Quick("hi", "先应一声", "只说“在吗”的", "在的，看的哪款？", (), {"zh": "售前"}, "xyys"),
    Quick(
        "szupok",
        "报上衣码",
        "照尺码表对过再发",
        "照尺码表您拿{尺码}，{颜色}有货。\n想再宽些就大一码。",
        ("尺码", "颜色"),
        {"zh": "售前"},
        "bsym",
    ),
    Quick("szup", "问体重", "", "上衣报下体重，斤还是公斤也说一声。", (), {"zh": "售前"}, "wtz"),
    Quick("ship", "今天发吗", "16:00 前", "16:00 前付款今天发。", (), {"zh": "售前"}, "jtfm"),
)
PRODUCTS: Final = (
    Card(
        "SC-D01",
        "轻薄羽绒马甲",
        "299 元",
        "90 绒，叠起来一个水杯大。",
        (("材质", "90 白鸭绒，20D 尼龙"), ("规格", "黑、藏青；S–2XL")),
        "轻薄羽绒马甲 sc-d01 qbyrmj",
    ),
    Card(
        "SC-T01",
        "云棉圆领短袖",
        "69 元",
        "200 克精梳棉，微宽松。",
        (("材质", "200 克精梳棉"), ("短处", "白色略透")),
        "云棉圆领短袖 sc-t01 ymyldx",
    ),
)
ORDER: Final = Order(
    "8830",
    "待付款",
    (OrderLine("SC-D01", "轻薄羽绒马甲", "黑色 L", 1, 299.0),),
    0.0,
    279.0,
    "浙江省杭州市余杭区（收货人 陈* 138****2210）",
)


@dataclass
class Guest:
    """A customer of a script.

    Attributes:
        says: Bursts; the first on arrival, each next one after a line of the agent. A text of the
            form ``[图:名]`` is a picture.
        reply_ms: How long the customer takes to answer.
        leaves: What it comes to when all is said; None to stay.
    """

    nick: str
    says: Sequence[Sequence[str]]
    is_returning: bool = False
    arrives_ms: int = 0
    reply_ms: int = 150
    leaves: str | None = None
    hint: dict[str, str] | None = None
    order: Order | None = ORDER
    past_orders: tuple[PastOrder, ...] = ()
    heard: int = 0
    gone_ms: int | None = None
    waiting_since_ms: int | None = None
    actions: list[str] = field(default_factory=list)
    due: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class FakeDesk:
    """One session in memory.

    Attributes:
        posts: What the page asked, in order: the last part of the address.
        sent: Bodies of what was taken, in order.
    """

    guests: list[Guest]
    is_exam: bool = False
    forbidden: str = "warn"
    left_ms: int | None = None
    language: str = "zh"
    theme: str = "light"
    marks: Mapping[str, dict[str, str]] = field(default_factory=dict)
    extra_ms: int = 0
    posts: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    paused_ms: int | None = None
    is_finished: bool = False
    began: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        for guest in self.guests:
            guest.due = [(guest.arrives_ms, text) for text in guest.says[0]]

    def now_ms(self) -> int:
        """The session's time."""
        if self.paused_ms is not None:
            return self.paused_ms
        return int((time.monotonic() - self.began) * 1000) + self.extra_ms

    def add(self, number: int, at_ms: int, role: str, text: str, **more: object) -> None:
        """Add a line of a customer's chat."""
        seconds = at_ms // 1000
        self.lines.append(
            {
                "id": len(self.lines) + 1,
                "customer": number,
                "at_ms": at_ms,
                "clock": f"09:{41 + seconds // 60:02d}:{seconds % 60:02d}",
                "role": role,
                "kind": "text",
                "text": text,
                "picture": None,
                "mark": None,
                "card": None,
                "action": None,
                **more,
            }
        )

    def advance(self) -> None:
        """Let the customers say what is due."""
        now = self.now_ms()
        for number, guest in enumerate(self.guests, start=1):
            while guest.due and guest.due[0][0] <= now:
                at_ms, text = guest.due.pop(0)
                picture = text[3:-1] if text.startswith("[图:") else None
                kind = "picture" if picture else "text"
                self.add(
                    number, at_ms, "buyer", "" if picture else text, kind=kind, picture=picture
                )
                if guest.waiting_since_ms is None:
                    guest.waiting_since_ms = at_ms
                if not guest.due and guest.leaves and guest.heard >= len(guest.says) - 1:
                    guest.gone_ms = at_ms
                    self.add(number, at_ms, "system", "顾客离开了会话")

    def state(self, after: int) -> dict[str, Any]:
        """What the page is told."""
        self.advance()
        now = self.now_ms()
        here = [each for each in self.guests if each.arrives_ms <= now]
        due = [
            each.due[0][0] if each.due else each.arrives_ms
            for each in self.guests
            if each.due or each.arrives_ms > now
        ]
        is_over = len(here) == len(self.guests) and all(each.gone_ms is not None for each in here)
        return {
            "now_ms": now,
            "clock": "09:41:00",
            "left_ms": None if self.left_ms is None else max(self.left_ms - now, 0),
            "is_paused": self.paused_ms is not None,
            "is_over": is_over,
            "next_in_ms": max(min(due) - now, 0) if due and self.paused_ms is None else None,
            "cursor": len(self.lines),
            "total": len(self.guests),
            "arrived": len(here),
            "customers": [
                self._customer(number, guest)
                for number, guest in enumerate(self.guests, start=1)
                if guest.arrives_ms <= now
            ],
            "lines": [line for line in self.lines if line["id"] > after],
        }

    def _customer(self, number: int, guest: Guest) -> dict[str, Any]:
        is_gone = guest.gone_ms is not None
        due_in_ms = guest.due[0][0] - self.now_ms() if guest.due else None
        types_in_ms = None if due_in_ms is None else max(due_in_ms - TYPING_MS, 0)
        return {
            "id": number,
            "number": number,
            "nick": guest.nick,
            "is_returning": guest.is_returning,
            "arrived_ms": guest.arrives_ms,
            "waiting_since_ms": None if is_gone else guest.waiting_since_ms,
            "is_gone": is_gone,
            "outcome": guest.leaves if is_gone and not self.is_exam else None,
            "typing": types_in_ms == 0,
            "typing_in_ms": types_in_ms,
            "hint": guest.hint if not self.is_exam and not is_gone else None,
        }

    def take(self, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """Take a line, a card or an action."""
        self.advance()
        guest = self.guests[body["customer"] - 1]
        if any(each["key"] == body["key"] for each in self.sent):
            return self.state(body["after"]), 200
        if guest.gone_ms is not None:
            return {"error": "顾客已经离开了。"}, 409
        text = body.get("text") or ""
        hits = [
            hit_json(text, Hit(at, at + len(word), Word("", (word,), instead=instead)))
            for word, instead in FORBIDDEN.items()
            if (at := text.find(word)) >= 0
        ]
        may_insist = self.forbidden == "warn"
        if hits and self.forbidden != "silent" and not (may_insist and body.get("sure")):
            return {"error": "有违禁词。", "hits": hits, "may_insist": may_insist}, 422
        if body.get("action") == "change_price" and float(body["params"]["amount"]) > 1000:
            return {"error": "改不了这么多。"}, 422
        self.sent.append(body)
        now = self.now_ms()
        if body["kind"] == "action":
            words = "，".join(filter(None, body["params"].values()))
            guest.actions.append(words)
            done = f"{body['action']}：{words}"
            self.add(body["customer"], now, "agent", done, kind="action", action=body["action"])
            return self.state(body["after"]), 200
        card = body.get("card")
        self.add(
            body["customer"],
            now,
            "agent",
            text,
            kind="card" if card else "text",
            card=card,
            mark=self.marks.get(text),
        )
        guest.waiting_since_ms = None
        guest.heard += 1
        if guest.heard < len(guest.says):
            guest.due += [(now + guest.reply_ms, each) for each in guest.says[guest.heard]]
        return self.state(body["after"]), 200

    def panel(self, number: int) -> Panel:
        """The side of a customer."""
        guest = self.guests[number - 1]
        return Panel(
            customer_id=number,
            nick=guest.nick,
            is_returning=guest.is_returning,
            info=(("身高体重", "165 / 112 斤"),) if guest.is_returning else (),
            past_orders=guest.past_orders,
            order=guest.order,
            flag="红" if guest.actions else "",
            done=tuple(guest.actions),
            actions=_actions(guest.order),
        )


def _actions(order: Order | None) -> tuple[Action, ...]:
    """What can be done with an order; without one, little."""
    amount = Field("amount", "金额（元）", "number", "279")
    note = (
        Field("text", "内容", "text"),
        Field("flag", "旗子", "choice", "", (("红", "红"), ("黄", "黄")), is_required=False),
    )
    to = Field("to", "转给", "text", "", (("售后", "售后"), ("仓库", "仓库")))
    more = Field("note", "说明", "text", is_required=False)
    address = Field("address", "地址", "text", order.address if order else "")
    kind = Field("type", "类型", "choice", "", (("换货", "换货"),))
    rows = (
        ("change_address", "改地址", (address,)),
        ("change_freight", "改运费", (amount,)),
        ("change_price", "改价", (amount,)),
        ("note", "备注", note),
        ("create_return", "退换", (kind,)),
        ("refund", "退款", (amount,)),
        ("remind_payment", "催付", ()),
        ("register_intent", "登记意向", (more,)),
        ("hand_over", "转交", (to, more)),
    )
    late = "订单是“待付款”，不能做这一步。"
    never = {"create_return": late, "refund": late}
    free = {"register_intent", "hand_over"}
    return tuple(
        Action(
            code=code,
            title=title,
            costs_money=amount in fields,
            is_open=not (why := "" if code in free else never.get(code) or _without(order)),
            why_not=why,
            fields=fields,
        )
        for code, title, fields in rows
    )


def _without(order: Order | None) -> str:
    return "" if order else "这位顾客还没有订单。"


def viewer(desk: FakeDesk) -> Viewer:
    """The trainee at the desk."""
    return Viewer(
        id=1,
        employee_no="SC0927",
        name="林小雨",
        language=desk.language,
        theme=desk.theme,
        must_change_password=False,
        extra_time_ratio=1.0,
        session_token="",
        session_id=1,
        touched_at=utc_now(),
        roles={1: frozenset({Role.TRAINEE})},
        teams={1: TeamRef(1, "shancha", "山茶里旗舰店", "Asia/Shanghai")},
    )


def _page(desk: FakeDesk, at: str) -> str:
    g.viewer = viewer(desk)
    i18n.speak(desk.language)
    names = ("news", "send", "pause", "resume", "finish")
    view = {
        "attempt_id": 7,
        "is_exam": desk.is_exam,
        "has_hints": not desk.is_exam,
        "may_pause": not desk.is_exam,
        "forbidden": desk.forbidden,
        "total": len(desk.guests),
        "now_ms": 0,
        "deadline_ms": None,
        "urls": {
            **{name: f"{at}/{name}" for name in names},
            "customer": f"{at}/customer/",
            "result": f"{at}/result",
            "pictures": f"{at}/pictures/",
        },
        "quick": QUICK,
        "products": PRODUCTS,
    }
    state_json = json.dumps(desk.state(0), ensure_ascii=False)
    return render_template(
        "live_practice/desk.html", title=TITLE, attempt=None, desk=view, state_json=state_json
    )


def _ask(desk: FakeDesk, what: str, at: str) -> ResponseReturnValue:
    desk.posts.append(what)
    if what == "finish":
        desk.is_finished = True
        return redirect(f"{at}/result")
    body: dict[str, Any] = request.get_json()
    if desk.is_finished:
        return {"error": "已经结束了。"}, 409
    if what == "send":
        return desk.take(body)
    if what == "pause":
        desk.advance()
        desk.paused_ms = desk.now_ms()
    elif what == "resume" and desk.paused_ms is not None:
        passed = int((time.monotonic() - desk.began) * 1000)
        desk.extra_ms = desk.paused_ms - passed
        desk.paused_ms = None
    return desk.state(body["after"])


def install(app: Flask, desk: FakeDesk, at: str = "/fake") -> None:
    """Answer at ``at`` as the views of a session do; nobody need sign in."""

    def page() -> str:
        with desk.lock:
            return _page(desk, at)

    def ask(what: str) -> ResponseReturnValue:
        with desk.lock:
            return _ask(desk, what, at)

    def customer(number: int) -> str:
        i18n.speak(desk.language)
        return render_template("live_practice/customer.html", panel=desk.panel(number))

    def picture(name: str) -> ResponseReturnValue:
        return svg(name), {"Content-Type": "image/svg+xml"}

    if "live_practice" not in app.blueprints:
        files = Blueprint(
            "live_practice",
            "cstrain.activities.live_practice",
            url_prefix="/practice",
            template_folder="templates",
            static_folder="static",
        )
        app.register_blueprint(files)
    rule = app.add_url_rule
    rule(at, "fake.page", public(page))
    rule(f"{at}/<what>", "fake.ask", public(ask), methods=["POST"])
    rule(f"{at}/customer/<int:number>", "fake.customer", public(customer))
    rule(f"{at}/pictures/<name>.svg", "fake.picture", public(picture))
    rule(f"{at}/result", "fake.result", public(lambda: "<!doctype html><h1>结果</h1>"))
