"""What an answer is worth, by the rules printed in docs/writing-content.md."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from cstrain.core.items import numbers
from cstrain.core.items.canonical import given_text, number_text, right_text
from cstrain.core.items.item import Kind
from cstrain.core.items.paper import FrozenItem
from cstrain.core.items.responses import Response
from cstrain.core.items.text import same

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Part:
    """One row of a graded question. It tells the key: show it only when the key may be shown.

    Attributes:
        text: The reply, chat line, left side or number of the row; Markdown, for spot plain text.
        is_right: Whether the person handled this row rightly.
        is_picked: Whether it was chosen; None where rows are not chosen.
        is_key: Whether it should be chosen; None where rows are not chosen.
        given: What was put here (blanks, numeric, order, match), empty for nothing.
        right: What belongs here (the same kinds).
        feedback_md: The comment on this row.
    """

    text: str
    is_right: bool
    is_picked: bool | None = None
    is_key: bool | None = None
    given: str = ""
    right: str = ""
    feedback_md: str = ""


@dataclass(frozen=True, slots=True)
class Graded:
    """The worth of one answer.

    Attributes:
        ratio: 0 to 1, both included.
        is_right: Whether the ratio is 1.
        parts: The rows; choices and chat lines as shown, steps in their right order.
        given_text: The answer in words.
        right_text: The right answer in words.
    """

    ratio: float
    is_right: bool
    parts: tuple[Part, ...]
    given_text: str
    right_text: str


def grade(frozen: FrozenItem, response: Response | None) -> Graded:
    """Grade an answer; None and empty ones are worth 0."""
    given = response or Response(frozen.item.kind)
    ratio, parts = _GRADERS[frozen.item.kind](frozen, given)
    if given.is_empty:
        ratio = Fraction(0)
    return Graded(
        ratio=float(ratio),
        is_right=ratio == 1,
        parts=tuple(parts),
        given_text=given_text(frozen, response),
        right_text=right_text(frozen.item),
    )


def _single(frozen: FrozenItem, response: Response) -> tuple[Fraction, list[Part]]:
    _ratio, parts = _multiple(frozen, response)
    return Fraction(all(part.is_right for part in parts)), parts


def _multiple(frozen: FrozenItem, response: Response) -> tuple[Fraction, list[Part]]:
    choices = frozen.item.choices
    rows = [
        (choices[index].text, key in response.keys, choices[index].is_right, choices[index])
        for key, index in frozen.keys.items()
    ]
    parts = [
        Part(text, picked == is_key, picked, is_key, feedback_md=choice.feedback_md)
        for text, picked, is_key, choice in rows
    ]
    return _share_of_key(parts), parts


def _spot(frozen: FrozenItem, response: Response) -> tuple[Fraction, list[Part]]:
    keys = {index: key for key, index in frozen.keys.items()}
    parts = []
    for index, line in enumerate(frozen.item.lines):
        key = keys.get(index)
        if key is None:
            parts.append(Part(line.text, is_right=True))
        else:
            picked = key in response.keys
            parts.append(
                Part(
                    line.text,
                    picked == line.is_faulty,
                    picked,
                    line.is_faulty,
                    feedback_md=line.feedback_md,
                )
            )
    return _share_of_key(parts), parts


def _share_of_key(parts: Sequence[Part]) -> Fraction:
    """(Right picks - wrong picks) / rows to pick, at least 0."""
    hits = sum(bool(part.is_picked and part.is_key) for part in parts)
    misses = sum(bool(part.is_picked and not part.is_key) for part in parts)
    wanted = sum(bool(part.is_key) for part in parts)
    return max(Fraction(hits - misses, wanted), Fraction(0))


def _numeric(frozen: FrozenItem, response: Response) -> tuple[Fraction, list[Part]]:
    number = frozen.item.number
    typed = response.texts[0] if response.texts else ""
    is_right = number is not None and numbers.is_met(number, typed)
    return Fraction(is_right), [Part("", is_right, given=typed, right=number_text(frozen.item))]


def _blanks(frozen: FrozenItem, response: Response) -> tuple[Fraction, list[Part]]:
    blanks = frozen.item.blanks
    texts = [*response.texts, *[""] * (len(blanks) - len(response.texts))]
    parts = [
        Part(
            str(number),
            any(same(typed, accepted) for accepted in blank.accepted),
            given=typed,
            right=" / ".join(blank.accepted),
            feedback_md=blank.feedback_md,
        )
        for number, (typed, blank) in enumerate(zip(texts, blanks, strict=True), start=1)
    ]
    return _share(parts), parts


def _order(frozen: FrozenItem, response: Response) -> tuple[Fraction, list[Part]]:
    """Pairs of steps in the right relative order / all pairs; less than half of them is 0."""
    steps, keys = frozen.item.steps, frozen.keys
    given = [keys[key] for key in response.keys]
    texts = [steps[index].text for index in given] + [""] * (len(steps) - len(given))
    parts = [
        Part(
            step.text,
            text == step.text,
            given=text,
            right=step.text,
            feedback_md=step.feedback_md,
        )
        for step, text in zip(steps, texts, strict=True)
    ]
    pair_count = len(steps) * (len(steps) - 1) // 2
    in_order = sum(first < second for first, second in combinations(given, 2))
    ratio = Fraction(in_order, pair_count)
    return (ratio if ratio >= _HALF else Fraction(0)), parts


def _match(frozen: FrozenItem, response: Response) -> tuple[Fraction, list[Part]]:
    item, keys, chosen = frozen.item, frozen.keys, dict(response.pairs)
    parts = []
    for number, pair in enumerate(item.pairs, start=1):
        key = chosen.get(str(number))
        given = item.rights[keys[key]] if key is not None else ""
        parts.append(
            Part(
                pair.left,
                given == pair.right,
                given=given,
                right=pair.right,
                feedback_md=pair.feedback_md,
            )
        )
    return _share(parts), parts


def _share(parts: Sequence[Part]) -> Fraction:
    return Fraction(sum(part.is_right for part in parts), len(parts))


_GRADERS: dict[Kind, Callable[[FrozenItem, Response], tuple[Fraction, list[Part]]]] = {
    Kind.SINGLE: _single,
    Kind.MULTIPLE: _multiple,
    Kind.TRUEFALSE: _single,
    Kind.NUMERIC: _numeric,
    Kind.BLANKS: _blanks,
    Kind.ORDER: _order,
    Kind.MATCH: _match,
    Kind.SPOT: _spot,
}
