"""Answers as they come from a browser, checked before anything else sees them.

The JSON of each kind:

=========  =====================================  =========================================
kind       JSON                                   meaning
=========  =====================================  =========================================
single     ``{"choice": "b"}``                    key of the chosen reply; null takes it back
truefalse  ``{"choice": "a"}``                    ``a`` 对, ``b`` 错
multiple   ``{"choices": ["a", "c"]}``            keys of the chosen replies, any order
spot       ``{"choices": ["b"]}``                 keys of the lines marked as faulty
order      ``{"order": ["c", "a", "b"]}``         keys of the steps, first to last
match      ``{"pairs": {"1": "c", "2": null}}``   right key by left key; null for none
numeric    ``{"text": "47.64 %"}``                as typed
blanks     ``{"texts": ["千牛", ""]}``             as typed, one a gap, missing ones are empty
=========  =====================================  =========================================
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cstrain.core.items import numbers
from cstrain.core.items.item import Kind
from cstrain.core.items.paper import PublicItem
from cstrain.core.items.text import visible
from cstrain.kit.i18n import gettext as _

MAX_TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Response:
    """A checked answer.

    Attributes:
        kind: The kind of question it answers.
        keys: Chosen keys; in the order of the page, for order in the order given.
        pairs: Left key and right key.
        texts: What was typed.
    """

    kind: Kind
    keys: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is answered (an answer taken back, too)."""
        return not (self.keys or self.pairs or any(self.texts))

    @property
    def is_number(self) -> bool:
        """Whether the first of what was typed is a number; a unit may follow it."""
        return bool(self.texts) and numbers.read_typed(self.texts[0]) is not None

    def to_json(self) -> dict[str, Any]:
        """Give the JSON that ``clean_response`` reads."""
        match self.kind:
            case Kind.SINGLE | Kind.TRUEFALSE:
                return {"choice": self.keys[0] if self.keys else None}
            case Kind.MULTIPLE | Kind.SPOT:
                return {"choices": list(self.keys)}
            case Kind.ORDER:
                return {"order": list(self.keys)}
            case Kind.MATCH:
                return {"pairs": dict(self.pairs)}
            case Kind.NUMERIC:
                return {"text": self.texts[0] if self.texts else ""}
            case Kind.BLANKS:
                return {"texts": list(self.texts)}


def clean_response(public: PublicItem, raw: object) -> Response:
    """Check an answer.

    Args:
        public: The question as shown.
        raw: What the browser sent, decoded from JSON.

    Returns:
        The answer: keys that exist, each once; texts on one line without control characters.

    Raises:
        ValueError: If it is not the JSON of this kind, names an unknown key or is too long.
    """
    field, read = _READERS[public.kind]
    if not isinstance(raw, Mapping) or set(raw) != {field}:
        raise ValueError(_("答案的格式不对"))
    return read(public, raw[field])


def raw_from_form(
    public: PublicItem, name: str, values: Callable[[str], Sequence[str]]
) -> dict[str, Any]:
    """Give the JSON of an answer that came as plain form fields, for ``clean_response``.

    Args:
        public: The question as shown.
        name: Name of the question's field. Radio buttons, check boxes and the one text field bear
            it; gaps are ``name-1`` …, the list of a left side ``name-1`` …, and the place of a
            step (1, 2 …) is ``name-a`` …
        values: Gives the values of a field, none for a missing one (``request.form.getlist``).
    """
    match public.kind:
        case Kind.SINGLE | Kind.TRUEFALSE:
            return {"choice": _first(values(name)) or None}
        case Kind.MULTIPLE | Kind.SPOT:
            return {"choices": list(values(name))}
        case Kind.ORDER:
            places = ((_first(values(f"{name}-{c.key}")), c.key) for c in public.choices)
            return {"order": [key for place, key in sorted(places, key=_place) if place]}
        case Kind.MATCH:
            fields = ((left.key, _first(values(f"{name}-{left.key}"))) for left in public.lefts)
            return {"pairs": dict(fields)}
        case Kind.NUMERIC:
            return {"text": _first(values(name))}
        case Kind.BLANKS:
            numbers = range(1, public.blank_count + 1)
            return {"texts": [_first(values(f"{name}-{number}")) for number in numbers]}


def _first(values: Sequence[str]) -> str:
    return values[0] if values else ""


def _place(placed: tuple[str, str]) -> tuple[int, str]:
    place, key = placed
    return (int(place) if place.isascii() and place.isdigit() and len(place) < 4 else 0), key  # noqa: PLR2004


def _one(public: PublicItem, value: object) -> Response:
    """Read one key.

    Raises:
        ValueError: If there is no such key.
    """
    if value is None or value == "":
        return Response(public.kind)
    return Response(public.kind, keys=_keys(public, [value]))


def _several(public: PublicItem, value: object) -> Response:
    """Read a set of keys.

    Raises:
        ValueError: If it is no list of different known keys.
    """
    chosen = _keys(public, value)
    return Response(public.kind, keys=tuple(sorted(chosen)))


def _sequence(public: PublicItem, value: object) -> Response:
    """Read a sequence of keys.

    Raises:
        ValueError: If it is no list of different known keys.
    """
    return Response(public.kind, keys=_keys(public, value))


def _keys(public: PublicItem, value: object) -> tuple[str, ...]:
    known = {choice.key for choice in public.choices} | {
        line.key for line in public.lines if line.key is not None
    }
    if not isinstance(value, list) or len(value) > len(known):
        raise ValueError(_("答案的格式不对"))
    keys = tuple(_known(key, known) for key in value)
    if len(set(keys)) != len(keys):
        raise ValueError(_("同一个选项选了两次"))
    return keys


def _known(key: object, known: Collection[str]) -> str:
    if not isinstance(key, str) or key not in known:
        raise ValueError(_("没有这个选项"))
    return key


def _pairs(public: PublicItem, value: object) -> Response:
    """Read the pairs.

    Raises:
        ValueError: If it is no mapping from known left to known right keys.
    """
    if not isinstance(value, Mapping) or len(value) > len(public.lefts):
        raise ValueError(_("答案的格式不对"))
    lefts = {left.key for left in public.lefts}
    rights = {choice.key for choice in public.choices}
    pairs = [
        (_known(left, lefts), _known(right, rights))
        for left, right in value.items()
        if right is not None and right != ""
    ]
    return Response(public.kind, pairs=tuple(sorted(pairs)))


def _text(public: PublicItem, value: object) -> Response:
    """Read one text.

    Raises:
        ValueError: If it is no text or too long.
    """
    return Response(public.kind, texts=(_typed(value),))


def _texts(public: PublicItem, value: object) -> Response:
    """Read one text a gap.

    Raises:
        ValueError: If it is no list of texts, or one too many or too long.
    """
    if not isinstance(value, list) or len(value) > public.blank_count:
        raise ValueError(_("答案的格式不对"))
    texts = [_typed(text) for text in value]
    texts += [""] * (public.blank_count - len(texts))
    return Response(public.kind, texts=tuple(texts))


def _typed(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(_("答案的格式不对"))  # noqa: TRY004 - what came from outside is a bad value
    if len(value) > MAX_TEXT_LENGTH:
        raise ValueError(_("答案太长，最多 %(most)s 个字", most=MAX_TEXT_LENGTH))
    return visible(value)


_READERS = {
    Kind.SINGLE: ("choice", _one),
    Kind.TRUEFALSE: ("choice", _one),
    Kind.MULTIPLE: ("choices", _several),
    Kind.SPOT: ("choices", _several),
    Kind.ORDER: ("order", _sequence),
    Kind.MATCH: ("pairs", _pairs),
    Kind.NUMERIC: ("text", _text),
    Kind.BLANKS: ("texts", _texts),
}
