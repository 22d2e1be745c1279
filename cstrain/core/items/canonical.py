"""Question, given answer and right answer as plain Chinese text, to be kept for ever."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from cstrain.core.items import drawn
from cstrain.core.items.item import Item, Kind
from cstrain.core.items.numbers import read_typed, shown
from cstrain.core.items.paper import FrozenItem, item_to_json
from cstrain.core.items.responses import Response
from cstrain.core.items.stem import fill_blanks
from cstrain.kit.markdown import plain

NOT_ANSWERED = "（没有作答）"
_EMPTY = "（空）"
_PLACING = ("line", "level", "use", "section", "points")


def item_digest(item: Item) -> str:
    """Give the SHA-256 (hex) of what is asked, its key and its comments.

    Line, level, use, section and points do not count: moving a question does not change it.
    """
    data = {name: v for name, v in item_to_json(item).items() if name not in _PLACING}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def question_text(item: Item, shown: Collection[int] = ()) -> str:
    """Give the question with everything there is to choose, in the order written.

    Of a question that shows some of its replies only those at the places ``shown`` are given.
    Numbers that are drawn are the first of their ranges, where nothing has drawn any.
    """
    item = drawn.filled(item, ())
    stem = plain(fill_blanks(item.stem_md, lambda number: f"＿＿＿({number})"))
    match item.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            rows = [
                f"- {plain(choice.text)}"
                for place, choice in enumerate(item.choices)
                if not item.shown_count or place in shown
            ]
        case Kind.ORDER:
            # Sorted by text, for the order written is the answer.
            rows = [f"- {text}" for text in sorted(plain(step.text) for step in item.steps)]
        case Kind.MATCH:
            rows = [f"- {plain(pair.left)}" for pair in item.pairs]
            rows.append(f"可选：{'；'.join(sorted(map(plain, item.rights)))}")
        case Kind.SPOT:
            rows = [f"- {line.text}" for line in item.lines]
        case _:
            rows = []
    return "\n".join([stem, *rows])


def right_text(item: Item) -> str:
    """Give the right answer; several choices or chat lines stand one a line."""
    match item.kind:
        case Kind.ORDER:
            return _sequence([step.text for step in item.steps])
        case Kind.MATCH:
            return "；".join(f"{plain(pair.left)} → {plain(pair.right)}" for pair in item.pairs)
        case Kind.SPOT:
            return "\n".join(line.text for line in item.lines if line.is_faulty)
        case Kind.BLANKS:
            return "；".join(
                f"{number}. {' / '.join(blank.accepted)}"
                for number, blank in enumerate(item.blanks, start=1)
            )
        case Kind.NUMERIC:
            return number_text(item)
        case _:
            return "\n".join(plain(choice.text) for choice in item.choices if choice.is_right)


def number_text(item: Item) -> str:
    """Give the right number of a numeric question with unit and tolerance."""
    number = item.number
    if number is None:
        return ""
    unit = f" {number.unit}" if number.unit else ""
    near = f"（误差 {shown(number.tolerance)} 以内）" if number.tolerance else ""
    return f"{shown(number.value)}{unit}{near}"


def given_text(frozen: FrozenItem, response: Response | None) -> str:
    """Give an answer as the person meant it, by texts and not by keys."""
    if response is None or response.is_empty:
        return NOT_ANSWERED
    item = frozen.item
    chosen = [frozen.keys[key] for key in response.keys]
    match item.kind:
        case Kind.ORDER:
            return _sequence([item.steps[index].text for index in chosen])
        case Kind.MATCH:
            return _given_pairs(frozen, dict(response.pairs))
        case Kind.SPOT:
            return "\n".join(item.lines[index].text for index in sorted(chosen))
        case Kind.BLANKS | Kind.NUMERIC:
            return _given_texts(item, response.texts)
        case _:
            return "\n".join(plain(item.choices[index].text) for index in sorted(chosen))


def _given_pairs(frozen: FrozenItem, rights: Mapping[str, str]) -> str:
    texts = {key: plain(frozen.item.rights[index]) for key, index in frozen.keys.items()}
    return "；".join(
        f"{plain(pair.left)} → {texts[rights[left]] if left in rights else _EMPTY}"
        for left, pair in ((str(n), pair) for n, pair in enumerate(frozen.item.pairs, start=1))
    )


def _given_texts(item: Item, texts: Sequence[str]) -> str:
    if item.kind is Kind.BLANKS:
        return "；".join(f"{n}. {text or _EMPTY}" for n, text in enumerate(texts, start=1))
    text, unit = texts[0], item.number.unit if item.number else ""
    typed = read_typed(text)
    return f"{text} {unit}" if unit and typed is not None and not typed.unit else text


def _sequence(texts: Iterable[str]) -> str:
    return " → ".join(map(plain, texts))
