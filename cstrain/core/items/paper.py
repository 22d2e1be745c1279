"""An item as one attempt shows it: frozen with its order, and public without its key."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from cstrain.core.items import drawn
from cstrain.core.items.item import (
    Blank,
    Choice,
    Item,
    Kind,
    Line,
    Number,
    Pair,
    Range,
    Step,
    Use,
)
from cstrain.kit import chat

_KEYS = "abcdefghijklmnopqrstuvwxyz"
_SHUFFLED = frozenset({Kind.SINGLE, Kind.MULTIPLE, Kind.ORDER, Kind.MATCH})


@dataclass(frozen=True, slots=True)
class FrozenItem:
    """An item with the order in which one attempt shows its movable parts.

    ``order`` gives, for each place shown, the index of the part in the item: of a choice, a step,
    a right side (``Item.rights``) or an agent's line; for a numeric question the places of the
    numbers drawn. It holds the key: never send it to a browser.
    """

    item: Item
    order: tuple[int, ...]

    @property
    def keys(self) -> dict[str, int]:
        """The index of the part behind each key that a browser knows."""
        if self.item.kind is Kind.NUMERIC:
            return {}
        return {_KEYS[place]: index for place, index in enumerate(self.order)}


@dataclass(frozen=True, slots=True)
class PublicChoice:
    """Something to choose, with the key that an answer names it by; ``text`` is Markdown."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class PublicLine:
    """A line of a chat; ``key`` is None where it cannot be marked. All is plain text."""

    key: str | None
    at: str
    who: str
    voice: str
    text: str


@dataclass(frozen=True, slots=True)
class PublicItem:
    """What a browser may see of a question: no key, no explanation, no comments.

    Attributes:
        id: The item's id.
        kind: How it is asked.
        points: What it is worth.
        stem_md: The question; gaps are ``⟦1⟧`` … (``stem.fill_blanks``).
        choices: Replies of single, multiple and truefalse; steps of order; right sides of match.
        lefts: Left sides of match, keyed 1, 2 …
        lines: The chat of spot.
        blank_count: Gaps of blanks.
        unit: Unit of numeric, to be printed after the field; empty for none.
    """

    id: str
    kind: Kind
    points: int
    stem_md: str
    choices: tuple[PublicChoice, ...] = ()
    lefts: tuple[PublicChoice, ...] = ()
    lines: tuple[PublicLine, ...] = ()
    blank_count: int = 0
    unit: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return asdict(self)


def freeze(item: Item, rng: random.Random) -> FrozenItem:
    """Draw the order of an item's parts.

    Choices, steps and right sides are shuffled, and steps never stand in the right order at
    first. True/false and chat lines keep theirs. Numbers to draw are drawn, and so are the wrong
    replies where a question has more than it shows.
    """
    if item.ranges:
        return frozen(item, drawn.draw(item.ranges, rng))
    order = _shown(item, rng) if item.shown_count else list(range(_movable_count(item)))
    if item.kind in _SHUFFLED:
        rng.shuffle(order)
    if item.kind is Kind.ORDER and len(order) > 1:
        while order == sorted(order):
            rng.shuffle(order)
    if item.kind is Kind.SPOT:
        order = [index for index, line in enumerate(item.lines) if line.is_agent]
    return FrozenItem(item, tuple(order))


def frozen(item: Item, order: Sequence[int]) -> FrozenItem:
    """An item as the attempt with this order shows it, its drawn numbers filled in."""
    return FrozenItem(drawn.filled(item, order), tuple(order))


def _shown(item: Item, rng: random.Random) -> list[int]:
    """The right reply and some of the wrong ones."""
    right = [index for index, choice in enumerate(item.choices) if choice.is_right]
    wrong = [index for index, choice in enumerate(item.choices) if not choice.is_right]
    return right + rng.sample(wrong, item.shown_count - len(right))


def _movable_count(item: Item) -> int:
    match item.kind:
        case Kind.ORDER:
            return len(item.steps)
        case Kind.MATCH:
            return len(item.rights)
    return len(item.choices)


def present(frozen: FrozenItem) -> PublicItem:
    """Give what a browser may see."""
    item = frozen.item
    texts: Sequence[str]
    match item.kind:
        case Kind.ORDER:
            texts = [step.text for step in item.steps]
        case Kind.MATCH:
            texts = item.rights
        case _:
            texts = [choice.text for choice in item.choices]
    is_chat = item.kind is Kind.SPOT
    keys = frozen.keys
    return PublicItem(
        id=item.id,
        kind=item.kind,
        points=item.points,
        stem_md=item.stem_md,
        choices=()
        if is_chat
        else tuple(PublicChoice(key, texts[index]) for key, index in keys.items()),
        lefts=tuple(PublicChoice(str(n), pair.left) for n, pair in enumerate(item.pairs, start=1)),
        lines=_public_lines(frozen) if is_chat else (),
        blank_count=len(item.blanks),
        unit=item.number.unit if item.number else "",
    )


def _public_lines(frozen: FrozenItem) -> tuple[PublicLine, ...]:
    keys = {index: key for key, index in frozen.keys.items()}
    shown = []
    for index, line in enumerate(frozen.item.lines):
        said = chat.read_line(line.text) or chat.ChatLine(chat.Voice.NOTE, "", line.text)
        shown.append(PublicLine(keys.get(index), said.at, said.who, said.voice.value, said.text))
    return tuple(shown)


def item_to_json(item: Item) -> dict[str, Any]:
    """Give an item as JSON values; what has its default value is left out."""
    data: dict[str, Any] = {}
    for field in fields(item):
        value = getattr(item, field.name)
        if value != field.default:
            data[field.name] = value
    if item.number is not None:
        number = item.number
        data["number"] = [f"{number.value:f}", f"{number.tolerance:f}", number.unit]
    for name in ("choices", "lines", "pairs", "blanks", "steps", "ranges"):
        if name in data:
            data[name] = [asdict(part) for part in data[name]]
    return data


def item_from_json(data: Mapping[str, Any]) -> Item:
    """Give back what ``item_to_json`` gave; trusts it."""
    values = dict(data)
    values["kind"] = Kind(values["kind"])
    values["use"] = Use(values.get("use", Use.PRACTICE))
    if "number" in values:
        value, tolerance, unit = values["number"]
        values["number"] = Number(Decimal(value), Decimal(tolerance), unit)
    parts: tuple[tuple[str, type[Choice | Line | Pair | Step | Range]], ...] = (
        ("choices", Choice),
        ("lines", Line),
        ("pairs", Pair),
        ("steps", Step),
        ("ranges", Range),
    )
    for name, part in parts:
        values[name] = tuple(part(**fields_) for fields_ in values.get(name, ()))
    values["decoys"] = tuple(values.get("decoys", ()))
    values["blanks"] = tuple(
        Blank(tuple(blank["accepted"]), blank.get("feedback_md", ""))
        for blank in values.get("blanks", ())
    )
    return Item(**values)


def to_json(frozen: FrozenItem) -> dict[str, Any]:
    """Give a frozen item as JSON values, whole: it can be graded when the content has changed."""
    return {"item": item_to_json(frozen.item), "order": list(frozen.order)}


def from_json(data: Mapping[str, Any]) -> FrozenItem:
    """Give back what ``to_json`` gave; trusts it."""
    return FrozenItem(item_from_json(data["item"]), tuple(data["order"]))
