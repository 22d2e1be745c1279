"""Answers as a trainee would give them: the right one, or a mistake that people make. Pure."""

from __future__ import annotations

import random
from typing import Any

from cstrain.core.items.item import Item, Kind
from cstrain.core.items.paper import FrozenItem


def respond(  # noqa: PLR0911 - one return a kind
    frozen: FrozenItem, *, right: bool, rng: random.Random
) -> dict[str, Any]:
    """The JSON of an answer, as ``core/items/responses`` reads it.

    Raises:
        ValueError: If it is a kind of question that the demo does not know.
    """
    item, key_of = frozen.item, {index: key for key, index in frozen.keys.items()}
    match item.kind:
        case Kind.SINGLE | Kind.TRUEFALSE:
            fitting = [i for i, choice in enumerate(item.choices) if choice.is_right is right]
            return {"choice": key_of[rng.choice(fitting)]}
        case Kind.MULTIPLE:
            chosen = [i for i, choice in enumerate(item.choices) if choice.is_right]
            return {"choices": [key_of[i] for i in _spoiled(chosen, right=right, rng=rng)]}
        case Kind.SPOT:
            chosen = [i for i, line in enumerate(item.lines) if line.is_faulty]
            return {"choices": [key_of[i] for i in _spoiled(chosen, right=right, rng=rng)]}
        case Kind.ORDER:
            order = list(range(len(item.steps)))
            if not right:
                order.reverse()
            return {"order": [key_of[i] for i in order]}
        case Kind.MATCH:
            return {"pairs": _pairs(item, key_of, right=right)}
        case Kind.NUMERIC:
            return {"text": _number(item, right=right)}
        case Kind.BLANKS:
            texts = [blank.accepted[0] if right else "不清楚" for blank in item.blanks]
            return {"texts": texts}
    raise ValueError(f"no way to answer a {item.kind}")


def _spoiled(chosen: list[int], *, right: bool, rng: random.Random) -> list[int]:
    """All that is right, or only one of it."""
    return chosen if right else [rng.choice(chosen)] if len(chosen) > 1 else []


def _pairs(item: Item, key_of: dict[int, str], *, right: bool) -> dict[str, str]:
    rights = item.rights
    shift = 0 if right else 1
    return {
        str(number): key_of[(rights.index(pair.right) + shift) % len(rights)]
        for number, pair in enumerate(item.pairs, start=1)
    }


def _number(item: Item, *, right: bool) -> str:
    assert item.number is not None  # noqa: S101 - a numeric item has one
    value = item.number.value
    return f"{value if right else value * 2 + item.number.tolerance + 1}"
