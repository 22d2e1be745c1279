"""What stands beside the chats: the customer, the order and what can be done; words to send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cstrain.activities.live_practice import orders
from cstrain.activities.live_practice.scenario import (
    ACTIONS,
    ActionCode,
    Order,
    PastOrder,
    Scenario,
)
from cstrain.activities.live_practice.words import action_title, field_title
from cstrain.plugin import Catalogue, products, replies


@dataclass(frozen=True, slots=True)
class Field:
    """What an action asks for.

    Attributes:
        kind: ``text``, ``number`` or ``choice``; a text may have choices to pick from.
        value: What it holds at first.
    """

    name: str
    label: str
    kind: str
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_required: bool = True
    max_length: int = orders.MAX_TEXT_LENGTH


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do with the order.

    Attributes:
        costs_money: Whether it is asked about again before it is done.
        why_not: Why it is not open now; empty when it is.
    """

    code: str
    title: str
    costs_money: bool
    is_open: bool
    why_not: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """The side of one customer.

    Attributes:
        info: What is known of the customer: label and text.
        order: The order as it is now; None without one.
        flag: The colour of the memo; empty for none.
        done: What else was done with the order, oldest first.
    """

    customer_id: int
    nick: str
    is_returning: bool
    info: tuple[tuple[str, str], ...]
    past_orders: tuple[PastOrder, ...]
    order: Order | None
    flag: str
    done: tuple[str, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Quick:
    """A quick reply.

    Attributes:
        title: Its class, ``{zh, en}``.
        variables: The gaps to fill.
        initials: The first letters of its purpose in pinyin.
    """

    code: str
    purpose: str
    when: str
    text: str
    variables: tuple[str, ...]
    title: Mapping[str, str]
    initials: str


@dataclass(frozen=True, slots=True)
class Card:
    """A product to send.

    Attributes:
        ready: What is said about it first.
        lines: All that is known: label and text.
        search: Name, number and pinyin initials, in small letters.
    """

    number: str
    name: str
    price: str
    ready: str
    lines: tuple[tuple[str, str], ...]
    search: str


def panel(customer_id: int, scenario: Scenario, actions: Sequence[Any]) -> Panel:
    """The side panel of a customer after the actions done so far."""
    who, standing = scenario.customer, orders.after(scenario.order, actions)
    return Panel(
        customer_id=customer_id,
        nick=who.nick,
        is_returning=who.is_returning,
        info=tuple(who.details.items()),
        past_orders=who.past_orders,
        order=standing.order,
        flag=standing.flag,
        done=standing.done,
        actions=tuple(_action(code, standing.order) for code in ActionCode),
    )


def _action(code: ActionCode, order: Order | None) -> Action:
    reason = orders.why_not(code, order)
    form = ACTIONS[code]
    return Action(
        code=code.value,
        title=action_title(code),
        costs_money=code in orders.COSTS_MONEY,
        is_open=not reason,
        why_not=reason,
        fields=tuple(_field(code, name, order) for name in form.fields),
    )


def _field(code: ActionCode, name: str, order: Order | None) -> Field:
    if name in ACTIONS[code].numbers:
        value = ""
        if order is not None and code is ActionCode.CHANGE_FREIGHT:
            value = orders.yuan(order.freight)
        elif order is not None and code is ActionCode.CHANGE_PRICE:
            value = orders.yuan(order.paid)
        return Field(name, field_title(name), "number", value)
    if name in orders.CHOICES:
        choices = tuple((each, each) for each in orders.CHOICES[name])
        is_required = name != "flag"
        return Field(name, field_title(name), "choice", "", choices, is_required=is_required)
    value = order.address if order is not None and name == "address" else ""
    choices = ()
    if name == "to":
        choices = tuple((each, each) for each in ("售前", "售后", "仓库", "主管"))
    is_required = name not in {"reason", "note"}
    return Field(name, field_title(name), "text", value, choices, is_required=is_required)


def quick_replies(catalogue: Catalogue) -> list[Quick]:
    """The shop's quick replies and words to urge payment, in the order of the files."""
    return [
        Quick(
            code=reply.code,
            purpose=reply.purpose,
            when=reply.when,
            text=reply.text,
            variables=reply.variables,
            title=file.title,
            initials=initials(reply.purpose),
        )
        for file in replies.files_of(catalogue)
        if file.use is not replies.Use.AUTO
        for reply in file.entries
    ]


def cards(catalogue: Catalogue) -> list[Card]:
    """The shop's products, in the order of the files."""
    return [_card(product) for file in products.files_of(catalogue) for product in file.entries]


def card(catalogue: Catalogue, number: object) -> Card | None:
    """The product of a number; None when the shop has none."""
    found = (
        product
        for file in products.files_of(catalogue)
        for product in file.entries
        if product.number == number
    )
    product = next(found, None)
    return _card(product) if product is not None else None


def _card(product: products.Product) -> Card:
    price = "；".join(f"{part} 元" for part in product.parts["price"])
    return Card(
        number=product.number,
        name=product.name,
        price=price,
        ready=product.ready,
        lines=tuple((products.FIELDS[line.key], line.text) for line in product.lines),
        search=f"{product.name} {product.number} {initials(product.name)}".lower(),
    )


def auto_reply(catalogue: Catalogue) -> str:
    """What the shop says by itself at a customer's first line; empty when it says nothing."""
    texts = (
        reply.text
        for file in replies.files_of(catalogue)
        if file.use is replies.Use.AUTO
        for reply in file.entries
        if not reply.variables
    )
    return next(texts, "")


@lru_cache(maxsize=2048)
def initials(text: str) -> str:
    """The first letters of a text in pinyin; other letters as they stand, small."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - its tables cost every start 0.1 s

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors=_latin)).lower()


def _latin(text: str) -> str:
    return "".join(each for each in text if each.isascii() and each.isalnum())
