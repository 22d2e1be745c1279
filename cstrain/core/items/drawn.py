"""Numeric questions whose numbers are drawn, so that every reader computes with others.

    参数: 全店 = 80000..120000/1000; 小周 = 24000..36000/500
    验算: 全店 = 100000, 小周 = 30000 => 30

    全店卖了 {全店} 元，小周卖了 {小周} 元。小周占百分之几？
    答案：{小周 / 全店 * 100} ± 0.01 %

The numbers of one attempt are the places of its values in their ranges; they are kept as the
``order`` of its frozen item. All arithmetic is exact (``Fraction``).
"""

import ast
import math
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from itertools import product

from cstrain.core.items.item import Item, Number, Range
from cstrain.kit.i18n import gettext as _

#: Decimals of a number in the text where the text does not say.
SHOWN_DECIMALS = 2
#: Draws that are looked at when a question is read: its corners, and some by chance.
TRIED = 48
MOST_VALUES = 10_000
_FIGURE = r"-?\d+(?:\.\d+)?"
_RANGE = re.compile(
    rf"(?P<name>[^\W\d]\w*)\s*[=＝]\s*(?P<first>{_FIGURE})\s*\.\.\s*(?P<last>{_FIGURE})"
    rf"(?:\s*/\s*(?P<step>{_FIGURE}))?"
)
_VALUE = re.compile(rf"(?P<name>[^\W\d]\w*)\s*[=＝]\s*(?P<value>{_FIGURE})")
_WORKED = re.compile(rf"(?P<values>.+?)\s*[=＝][>＞]\s*(?P<result>{_FIGURE})")
_GAP = re.compile(r"\{(?P<formula>[^{}:：]+)(?:[:：]\s*(?P<decimals>[0-6]))?\}")

Values = Mapping[str, Fraction]
Formula = Callable[[Values], Fraction]


class FormulaError(Exception):
    """Something in a formula cannot be computed; its text says what."""


def read_ranges(text: str) -> tuple[Range, ...]:
    """Read the option 参数.

    Raises:
        FormulaError: If it is written otherwise, or a range is empty or endless.
    """
    ranges = []
    for part in re.split(r"[;；]", text):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise FormulaError(_("参数写成“名字 = 最小..最大/步长”，几个之间用分号"))
        found = Range(match["name"], match["first"], match["last"], match["step"] or "1")
        if Fraction(found.step) <= 0 or not 2 <= count(found) <= MOST_VALUES:  # noqa: PLR2004 - else nothing is drawn
            message = _("参数“%(name)s”要有 2 到 %(most)s 个值", name=found.name, most=MOST_VALUES)
            raise FormulaError(message)
        ranges.append(found)
    if len({each.name for each in ranges}) < len(ranges):
        raise FormulaError(_("参数的名字写了两次"))
    return tuple(ranges)


def count(each: Range) -> int:
    """How many values a range has."""
    return math.floor((Fraction(each.last) - Fraction(each.first)) / Fraction(each.step)) + 1


def draw(ranges: Sequence[Range], rng: random.Random) -> tuple[int, ...]:
    """The places of the values that one attempt shows."""
    return tuple(rng.randrange(count(each)) for each in ranges)


def filled(item: Item, places: Sequence[int]) -> Item:
    """The question with its numbers and its key.

    Args:
        item: The question as written; one without ranges is given back as it is.
        places: By range; none for the first values of all.

    Raises:
        FormulaError: If a formula divides by zero, which reading has tried.
    """
    if not item.ranges or item.number is None:
        return item
    chosen = places or [0] * len(item.ranges)
    return _fill(item, values(item.ranges, chosen))


def values(ranges: Sequence[Range], places: Sequence[int]) -> dict[str, Fraction]:
    """The numbers at these places."""
    return {
        each.name: Fraction(each.first) + place * Fraction(each.step)
        for each, place in zip(ranges, places, strict=True)
    }


def _fill(item: Item, given: Values) -> Item:
    number = item.number or Number(Decimal(0))
    key = rounded(formula(item.formula)(given), key_decimals(number))
    return replace(
        item,
        stem_md=_worded(item.stem_md, given),
        explanation_md=_worded(item.explanation_md, given),
        number=replace(number, value=key),
        ranges=(),
        formula="",
    )


def key_decimals(number: Number) -> int:
    """To how many decimals a key is rounded: those of its tolerance."""
    exponent = number.tolerance.as_tuple().exponent
    return max(-exponent, 0) if number.tolerance and isinstance(exponent, int) else SHOWN_DECIMALS


def rounded(value: Fraction, decimals: int) -> Decimal:
    """A number to so many decimals, halves away from zero, without needless zeros."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    short = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return short.to_integral_value() if short == short.to_integral_value() else short.normalize()


def _worded(text: str, given: Values) -> str:
    def put(match: re.Match[str]) -> str:
        value = formula(match["formula"])(given)
        if match["decimals"] is None:
            return f"{rounded(value, SHOWN_DECIMALS):f}"
        return f"{rounded(value, int(match['decimals'])):.{match['decimals']}f}"

    return _GAP.sub(put, text)


def problems(item: Item, worked: str | None) -> Iterator[str]:
    """What is wrong with the numbers of a question.

    Args:
        item: As written.
        worked: The option 验算, a worked example; None where there is none.
    """
    names = {each.name for each in item.ranges}
    written = [match["formula"] for match in _GAP.finditer(item.stem_md + item.explanation_md)]
    try:
        used = set().union(*(_names(text) for text in [item.formula, *written]))
    except FormulaError as error:
        yield str(error)
        return
    for name in sorted(used - names):
        yield _("{…} 里的“%(name)s”不在参数里", name=name)
    for name in sorted(names - used):
        yield _("参数“%(name)s”没有用到", name=name)
    if used - names:
        return
    tried = dict.fromkeys(_tried(item, written))
    yield from tried
    if worked is not None and not tried:
        yield from _worked(item, worked)


def _tried(item: Item, written: Sequence[str]) -> Iterator[str]:
    number = item.number or Number(Decimal(0))
    plain = [m["formula"] for m in _GAP.finditer(item.stem_md) if m["decimals"] is None]
    for places in _some(item.ranges):
        given = values(item.ranges, places)
        try:
            key = formula(item.formula)(given)
            for text in written:
                formula(text)(given)
            shown = [(text, formula(text)(given)) for text in plain]
        except FormulaError as error:
            yield str(error)
            return
        if not number.tolerance and not _is_short(key):
            yield _("有的数算出来除不尽，答案要写误差，例如 ± 0.01")
        for text, value in shown:
            if not _is_short(value):
                yield _("{%(text)s} 有时除不尽，写成 {%(text)s:2}", text=text)


def _some(ranges: Sequence[Range]) -> Iterator[tuple[int, ...]]:
    """The corners, and some draws by chance, the same each time."""
    corners = product(*((0, count(each) - 1) for each in ranges))
    yield from (places for places, _n in zip(corners, range(TRIED // 2), strict=False))
    rng = random.Random(1)  # noqa: S311 - a sample, no secret
    for _n in range(TRIED // 2):
        yield draw(ranges, rng)


def _is_short(value: Fraction) -> bool:
    """Whether two decimals, as shown, are the whole of a number."""
    return Fraction(value * 100).denominator == 1


def _worked(item: Item, text: str) -> Iterator[str]:
    match = _WORKED.fullmatch(text)
    parts = re.split(r"[,，;；]", match["values"]) if match else []
    read = [_VALUE.fullmatch(part.strip()) for part in parts]
    found = {each["name"]: Fraction(each["value"]) for each in read if each}
    if match is None or found.keys() != {each.name for each in item.ranges}:
        yield _("验算写成“参数 = 数, 参数 = 数 => 得数”，每个参数都要有")
        return
    number = item.number or Number(Decimal(0))
    key = rounded(formula(item.formula)(found), key_decimals(number))
    if abs(key - Decimal(match["result"])) > number.tolerance:
        message = _("验算不对：照公式得 %(key)s，写的是 %(result)s")
        yield message % {"key": f"{key:f}", "result": match["result"]}


# -- formulas ----------------------------------------------------------------------------------

_WIDTH = str.maketrans({"＋": "+", "－": "-", "−": "-", "×": "*", "÷": "/", "（": "(", "）": ")"})
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}
_FUNCTIONS: dict[str, Callable[[Fraction], Fraction]] = {
    "上取整": lambda value: Fraction(math.ceil(value)),
    "下取整": lambda value: Fraction(math.floor(value)),
}


@cache
def formula(text: str) -> Formula:
    """A formula that can be computed: numbers, names, + - * / and brackets, 上取整(), 下取整().

    Raises:
        FormulaError: If it holds anything else; computing raises it for a division by zero.
    """
    compiled = _compile(_parsed(text), text)

    def compute(given: Values) -> Fraction:
        try:
            return compiled(given)
        except ZeroDivisionError:
            raise FormulaError(_("公式“%(text)s”有时除以 0", text=text.strip())) from None

    return compute


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text.translate(_WIDTH).strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FormulaError(_("公式“%(text)s”看不懂", text=text.strip())) from None


def _names(text: str) -> set[str]:
    formula(text)
    nodes = ast.walk(_parsed(text))
    return {node.id for node in nodes if isinstance(node, ast.Name)} - _FUNCTIONS.keys()


def _compile(node: ast.expr, text: str) -> Formula:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            number = Fraction(str(value))
            return lambda _given: number
        case ast.Name(id=name):
            return lambda given: given[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            positive = _compile(inner, text)
            return lambda given: -positive(given)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            first, second, work = _compile(left, text), _compile(right, text), type(operator)
            return lambda given: _OPERATORS[work](first(given), second(given))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            inside = _compile(argument, text)
            return lambda given: _FUNCTIONS[name](inside(given))
    raise FormulaError(_("公式“%(text)s”里只能用数、参数、+ - * / 和括号", text=text.strip()))
