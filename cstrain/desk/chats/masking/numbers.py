"""Phones, identity cards, bank cards, parcel and tax numbers in what was said. Pure.

A *run* is digits with little between them; its *groups* are digits with nothing between. What is
hidden begins and ends with a group, so no number begins inside another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from cstrain.desk.chats.masking.check_digits import (
    ID_DIGITS,
    OLD_ID_DIGITS,
    TAX_SIGNS,
    is_id_card,
    is_tax_number,
    meets_luhn,
)
from cstrain.desk.chats.masking.labels import (
    FILL,
    NO_LABEL,
    PARCEL,
    Kind,
    Label,
    label_before,
    may_be_called,
)
from cstrain.desk.chats.masking.phones import Number, Shape, is_day, is_phone, may_be_number
from cstrain.desk.chats.masking.views import (
    BETWEEN,
    Span,
    may_hold_number,
    phones_in_links,
    spoken,
)

_RUN = re.compile(f"[0-9](?:[{BETWEEN}]{{0,3}}[0-9]){{6,}}")
_SPOKEN_RUN = re.compile(f"[0-9](?:[{BETWEEN}]{{0,6}}[0-9]){{6,}}")
_DIGIT = re.compile(r"[0-9]")
_PHONE_FIELD = re.compile("phone|mobile|tel", re.IGNORECASE)
#: An identity card has so many digits before X, or with its last.
_ID_CARD_DIGITS: Final = (ID_DIGITS - 1, ID_DIGITS)
_GROUP = re.compile(r"[0-9]+")
_LEAST_DIGITS: Final = 7
#: So many digits without gaps are at most a landline's, and that only behind a label.
_MOST_LOCAL_DIGITS: Final = 8
_MOST_DIGITS: Final = 20
#: A label speaks of one number, and that has so many digits at least.
_LABELLED_DIGITS: Final = 8
_BEFORE_IN_TOKEN = re.compile(r"[A-Za-z0-9_]*\Z")
_BEHIND_IN_TOKEN = re.compile(r"[A-Za-z0-9_]*")
#: Letters that may stand right beside a number; others make it part of a code.
_KNOWN_LETTERS: Final = frozenset(
    (
        "",
        "tel",
        "phone",
        "mobile",
        "mob",
        "t",
        "m",
        "v",
        "vx",
        "wx",
        "wechat",
        "qq",
        "dh",
        "sj",
        "x",
    )
)
_EXTENSION = re.compile(r"[\ufe0f\u20e3]*(?:\s?(?:转|分机|-|—)\s?[0-9]{1,5}(?![0-9]))?")
_ABROAD = re.compile(
    r"(?:\+(?:852|853|886|81|82|1|44|61|65|60|66|84|7)[\s-]?|(?<![0-9])00(?:852|853|886)[\s-])"
    r"[0-9](?:[\s-]?[0-9]){6,10}(?![0-9])"
)
#: How the cards that are issued in China begin, with their count of digits.
_BANK_CARD = re.compile(
    r"62[0-9]{14,17}|4[0-9]{15}|436742[0-9]{13}|(?:5[1-5]|2[2-7]|35)[0-9]{14}"
    r"|9558[0-9]{12,15}|601[0-9]{13,16}|60[36][0-9]{13,16}|68[0-9]{14,17}|690755[0-9]{10,13}|9[04568][0-9]{14,17}"
)
#: A card's digits stand in such groups, one by one, or behind the first six.
_CARD_GROUPS: Final = frozenset((4, 8, 12))
_CARD_DIGITS: Final = range(16, 20)
_OLD_ID_SHAPES: Final = frozenset(((15,), (6, 6, 3), (6, 9), (12, 3)))
_PARCEL_DIGITS: Final = range(9, 21)
_ACCOUNT_DIGITS: Final = range(12, 21)
#: These may go on behind the first groups that would do.
_LONGEST: Final = ("tracking", "account")

_X = re.compile(r"[ -]?[Xx×](?![A-Za-z0-9])")
_PARCEL = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]{2,5})[ -]?[0-9](?:[ -]?[0-9]){8,15}(CN|cn)?(?![A-Za-z0-9])"
)
_CARRIERS: Final = frozenset(
    (
        *(
            "SF",
            "YT",
            "JD",
            "JT",
            "ZT",
            "ZTO",
            "STO",
            "YD",
            "YUNDA",
            "DP",
            "DPK",
            "BEST",
            "HT",
            "FW",
        ),
        *("UC", "YZ", "TT", "KY", "ANE"),
        *(f"JD{each}" for each in ("V", "X", "K", "E", "AZ", "VA", "VB", "VC", "VD", "VE")),
    )
)
_LABELLED_PARCEL = re.compile(
    rf"(?<!订)(?:{PARCEL}){FILL}"
    r"(?P<value>[A-Z]{1,6}[0-9A-Z]{0,3}[0-9]{7,18}[A-Z]{0,2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
#: What a shop numbers itself, also with a carrier's letters.
_BATCH = re.compile(rf"(?:批次|批号|货号|款号|型号|(?<![递流单裹])编[号码]){FILL}\Z")
_LETTER = re.compile("[A-Za-z]")
_PARCEL_LABEL = re.compile("单|快递|物流|运号|快件|包裹")
_TAX = re.compile(rf"[1-9AN][1-59][0-9]{{6}}[{TAX_SIGNS}]{{10}}", re.IGNORECASE)
_MAYBE_TAX = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")
_TAX_LABEL = re.compile("税|识别|信用|[sS][hH][:：]")
_LABELLED_TAX = re.compile(
    rf"(?:税号|税务登记号|识别号|信用代码|(?<![a-z])sh(?=[:：])){FILL}"
    r"(?P<value>[0-9A-Z](?:[ -]?[0-9A-Z]){14,19})(?![A-Za-z0-9])",
    re.IGNORECASE,
)


def numbers(view: str, since: int = 0) -> Iterable[Span]:
    """The personal numbers of a view, in no order; some may overlap.

    Args:
        view: In which they are looked for.
        since: What ends before this position need not be found.
    """
    if may_hold_number(view):
        return chain(_lettered(view), _in_runs(view, since))
    return _lettered(view) if _DIGIT.search(view) else ()


def _in_runs(view: str, since: int) -> Iterator[Span]:
    for run in _RUN.finditer(view):
        if run.end() > since:
            yield from _in_run(view, run, view, None)
    yield from phones_in_links(view)
    if "+" in view or "008" in view:
        yield from (Span(*each.span(), "phone") for each in _ABROAD.finditer(view))
    heard = spoken(view)
    if heard:
        read, places = heard
        for run in _SPOKEN_RUN.finditer(read):
            if places[run.end()] <= since:
                continue
            for start, end, what in _in_run(read, run, view, places):
                yield Span(places[start], places[end], what)


def may_hide(view: str) -> bool:
    """Whether a view may hold a personal number if its digits were others."""
    if not _DIGIT.search(view):
        return bool(may_hold_number(view))
    if "+" in view or _PHONE_FIELD.search(view) or _MAYBE_TAX.search(view) or any(_lettered(view)):
        return True
    heard = spoken(view)
    if heard and _SPOKEN_RUN.search(heard[0]):
        return True
    for run in _RUN.finditer(view):
        groups = list(_GROUP.finditer(view, *run.span()))
        label = label_before(view, run.start())
        for at, group in enumerate(groups):
            for number in _candidates(view, groups, at):
                if label.kind is not Kind.THING or len(number.digits) in _ID_CARD_DIGITS:
                    return True
            if len(group[0]) >= _LABELLED_DIGITS:
                label = NO_LABEL
    return False


def _in_run(
    read: str, run: re.Match[str], view: str, places: Sequence[int] | None
) -> Iterator[Span]:
    """The numbers of a run.

    Args:
        read: Where the run was found.
        run: Digits with little between.
        view: Where labels are looked for.
        places: For each position of ``read`` its own in ``view``; None where they are the same.
    """
    groups = list(_GROUP.finditer(read, *run.span()))
    begin = places[run.start()] if places else run.start()
    if len(groups) == 1 and len(run[0]) <= _MOST_LOCAL_DIGITS and not may_be_called(view, begin):
        return
    label: Label | None = None
    at = 0
    while at < len(groups):
        found = None
        for number in _candidates(read, groups, at):
            if label is None:
                label = label_before(view, begin)
            found = _found(number, label) or found
            if found and found.what not in _LONGEST:
                break
        if found or len(groups[at][0]) >= _LABELLED_DIGITS:
            label = label if label and label.kind is Kind.PARCEL else NO_LABEL
        at += 1
        while found and at < len(groups) and groups[at].start() < found.end:
            at += 1
        if found:
            yield found


def _candidates(view: str, groups: Sequence[re.Match[str]], at: int) -> Iterator[Number]:
    """What may be a number and begins with a group, the shortest first."""
    digits = ""
    shape: Shape = ()
    for last in range(at, len(groups)):
        digits += groups[last][0]
        shape = (*shape, len(groups[last][0]))
        if len(digits) > _MOST_DIGITS:
            return
        if len(digits) >= _LEAST_DIGITS and may_be_number(shape):
            start = groups[at].start()
            if last == at and not _stands_alone(view, *groups[at].span()):
                return
            own = groups[at : last + 1]
            is_alone = len(own) == len(groups)
            yield Number(view, start, groups[last].end(), digits, shape, own, is_alone)


def _found(number: Number, label: Label) -> Span | None:
    view, start = number.view, number.start
    what, end = _class_of(number, label)
    if what == "phone":
        extension = _EXTENSION.match(view, end)
        before = 1 if start and view[start - 1] in "+(（" else 0
        return Span(start - before, extension.end() if extension else end, what)
    return Span(start, end, what) if what else None


def _stands_alone(view: str, start: int, end: int) -> bool:
    """Whether digits are no part of a code of letters and digits."""
    if not (view[end : end + 1].isalnum() or view[start - 1 : start].isalnum()):
        return True
    before = _BEFORE_IN_TOKEN.search(view, max(0, start - 12), start)
    behind = _BEHIND_IN_TOKEN.match(view, end)
    return f"{before[0] if before else ''}{behind[0] if behind else ''}".lower() in _KNOWN_LETTERS


def _class_of(number: Number, label: Label) -> tuple[str, int]:
    """The class of a number and where it ends; an empty one for none."""
    end = number.end + _id_card_signs(number, label)
    if end > number.end or _is_id_card(number, label):
        return "id_card", end
    if is_phone(number, label):
        return "phone", end
    kind, is_near = label
    count = len(number.digits)
    if kind in (Kind.PARCEL, Kind.CARRIER) and is_near and count in _PARCEL_DIGITS:
        return "tracking", end
    what = ""
    if kind is Kind.THING:
        return what, end
    if _is_old_id_card(number, label):
        what = "id_card"
    elif _is_bank_card(number, label):
        what = "bank_card"
    elif kind is Kind.ACCOUNT and is_near and count in _ACCOUNT_DIGITS:
        what = "account"
    return what, end


def _id_card_signs(number: Number, label: Label) -> int:
    """How many signs behind 17 digits are the X, and its gap, with which an id card ends."""
    behind = len(number.digits) == ID_DIGITS - 1 and _X.match(number.view, number.end)
    if not behind:
        return 0
    if label.kind is Kind.ID_CARD or is_id_card(number.digits + "X"):
        return behind.end() - behind.start()
    return 0


def _is_id_card(number: Number, label: Label) -> bool:
    """Whether a number is an identity card's; behind a label a wrong check digit is a slip."""
    if len(number.digits) != ID_DIGITS:
        return False
    is_called = label.kind is Kind.ID_CARD and is_day(number.digits[6:14])
    return is_called or is_id_card(number.digits)


def _is_old_id_card(number: Number, label: Label) -> bool:
    """Whether 15 digits, which have no check digit, are an identity card's by their groups too."""
    is_grouped_well = number.shape in _OLD_ID_SHAPES or label.kind is Kind.ID_CARD
    return is_grouped_well and len(number.digits) == OLD_ID_DIGITS and is_id_card(number.digits)


def _is_bank_card(number: Number, label: Label) -> bool:
    """Whether a number meets Luhn's rule, begins as cards do and stands in groups as on a card."""
    if len(number.digits) not in _CARD_DIGITS or not meets_luhn(number.digits):
        return False
    *first, _ = number.shape
    if first and set(number.shape) != {1} and set(first) - _CARD_GROUPS and first != [6]:
        return False
    is_called = label.kind in (Kind.BANK_CARD, Kind.ACCOUNT)
    return is_called or _BANK_CARD.fullmatch(number.digits) is not None


def _lettered(view: str) -> Iterator[Span]:
    """Parcel and tax numbers with letters in them."""
    if _LETTER.search(view):
        for found in _PARCEL.finditer(view):
            is_carried = found[2] or found[1].upper() in _CARRIERS
            if is_carried and not _BATCH.search(view, max(0, found.start() - 20), found.start()):
                yield Span(*found.span(), "tracking")
        if _PARCEL_LABEL.search(view):
            for found in _LABELLED_PARCEL.finditer(view):
                yield Span(*found.span("value"), "tracking")
    if _TAX_LABEL.search(view):
        for found in _LABELLED_TAX.finditer(view):
            yield Span(*found.span("value"), "tax")
    for found in _MAYBE_TAX.finditer(view):
        if _TAX.fullmatch(found[0]) and is_tax_number(found[0]):
            yield Span(*found.span(), "tax")
