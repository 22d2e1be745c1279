"""Pictures that customers send, drawn by code: a small closed set. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

#: What trainers write → what it shows, in both languages.
PICTURES: Final[Mapping[str, Mapping[str, str]]] = {
    "破损包裹": {"zh": "纸箱塌了一角，胶带裂开", "en": "A box with a crushed corner and torn tape"},
    "污渍": {"zh": "衣服胸前有一块污渍", "en": "A stain on the chest of a garment"},
    "色差": {"zh": "手机页面上的颜色和实物不一样", "en": "The colour on the page and the real one"},
    "少件": {"zh": "两个位置，只有一件", "en": "Room for two pieces, one is there"},
    "错款": {"zh": "订单写的是上衣，收到的是裤子", "en": "The order says a top, trousers came"},
    "尺码标": {"zh": "领口的尺码标，写着 L", "en": "The label in the collar, it says L"},
    "物流截图": {"zh": "物流页面，三天没有更新", "en": "The parcel's page, no news for three days"},
    "付款失败截图": {"zh": "付款页面，付款失败", "en": "The payment page, payment failed"},
}
_WIDTH, _HEIGHT = 240, 180
_INK, _PALE, _RED = "#5b6470", "#e9ecef", "#c0392b"
_TABLE = (
    '<rect width="240" height="180" fill="#d9c7ae"/>'
    '<path d="M0 60h240M0 120h240" stroke="#cdb899"/>'
)
_SHIRT = "M70 30 95 20q25 22 50 0l25 10 30 35-25 20-15-15v90H80V70L65 85 40 65z"
_TROUSERS = "M85 20h70l15 140h-35l-15-95-15 95H70z"


def svg(name: str) -> str:
    """The picture as a document of its own, without scripts and links.

    Raises:
        KeyError: If there is no such picture.
    """
    return _drawn(name, PICTURES[name]["zh"])


@cache
def _drawn(name: str, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        f' width="{_WIDTH}" height="{_HEIGHT}" role="img"><title>{title}</title>'
        f"{_PARTS[name]}</svg>"
    )


def _text(x: int, y: int, said: str, size: int = 12, fill: str = _INK) -> str:
    font = 'font-family="sans-serif"'
    return f'<text x="{x}" y="{y}" {font} font-size="{size}" fill="{fill}">{said}</text>'


def _garment(path: str, fill: str, move: str = "") -> str:
    place = f' transform="{move}"' if move else ""
    style = f'fill="{fill}" stroke="{_INK}" stroke-width="2" stroke-linejoin="round"'
    return f'<path d="{path}" {style}{place}/>'


def _screen(inside: str) -> str:
    """A telephone's screen."""
    return (
        '<rect width="240" height="180" fill="#f4f5f7"/>'
        '<rect width="240" height="28" fill="#fff"/>'
        f'<path d="M0 28h240" stroke="{_PALE}"/>{inside}'
    )


def _dots(rows: tuple[tuple[str, str], ...]) -> str:
    """Stations of a parcel, the newest on top."""
    drawn = f'<path d="M24 56v{(len(rows) - 1) * 38}" stroke="#c6cbd1" stroke-width="2"/>'
    for place, (when, what) in enumerate(rows):
        y = 56 + place * 38
        fill = "#d9822b" if not place else "#c6cbd1"
        drawn += f'<circle cx="24" cy="{y}" r="6" fill="{fill}"/>'
        drawn += _text(40, y - 2, what) + _text(40, y + 13, when, 10, "#8a929b")
    return drawn


_PARTS: Final[Mapping[str, str]] = {
    "破损包裹": _TABLE
    + f'<path d="M45 65 120 45l75 20v75l-75 22-75-22z" fill="#c49a6c" stroke="{_INK}"'
    ' stroke-width="2" stroke-linejoin="round"/>'
    f'<path d="M45 65l75 20 75-20M120 85v77" fill="none" stroke="{_INK}" stroke-width="2"/>'
    '<path d="M82 55l75 20v30l-10-7-8 9-7-8V80L60 60z" fill="#e8d9b0" opacity=".9"/>'
    f'<path d="M195 140l-38 11 6-20-14-9 17-8-6-17 16 6 19-12z" fill="#3b2f24" stroke="{_INK}"/>'
    '<path d="M150 122l-14 4M152 151l-12 9M163 97l-9-8" stroke="#3b2f24" stroke-width="3"/>',
    "污渍": _TABLE
    + _garment(_SHIRT, "#f7f7f5")
    + '<path d="M108 82q8-14 22-8 18-4 19 12 9 12-6 18-6 13-20 6-18 4-18-12-6-10 3-16z"'
    ' fill="#8b6b3f" opacity=".75"/><circle cx="100" cy="116" r="4" fill="#8b6b3f" opacity=".7"/>'
    f'<circle cx="126" cy="92" r="40" fill="none" stroke="{_RED}" stroke-width="3"/>',
    "色差": _TABLE + '<rect x="14" y="14" width="92" height="152" rx="10" fill="#22262b"/>'
    '<rect x="20" y="26" width="80" height="128" fill="#fff"/>'
    + _garment(_SHIRT, "#1f4e8c", "translate(12 48) scale(.4)")
    + _text(42, 144, "页面", 11)
    + _garment(_SHIRT, "#6f9bd1", "translate(108 34) scale(.62)")
    + _text(166, 166, "实物", 13, "#3b2f24"),
    "少件": _TABLE
    + '<rect x="14" y="20" width="212" height="140" rx="6" fill="#c49a6c" stroke="#8d6a43"'
    ' stroke-width="4"/><path d="M120 20v140" stroke="#8d6a43" stroke-width="3"/>'
    + _garment(_SHIRT, "#f0f0ee", "translate(8 36) scale(.48)")
    + f'<rect x="136" y="48" width="74" height="84" fill="none" stroke="{_RED}"'
    ' stroke-width="3" stroke-dasharray="8 6"/>' + _text(164, 101, "？", 30, _RED),
    "错款": _TABLE
    + '<rect x="12" y="22" width="92" height="92" fill="#fff" stroke="#c6cbd1"/>'
    + _text(22, 40, "订单：上衣", 11)
    + _garment(_SHIRT, "#dfe7ee", "translate(24 46) scale(.28)")
    + _garment(_TROUSERS, "#4a5568", "translate(54 8)")
    + _text(22, 146, "收到：裤子", 13, "#3b2f24"),
    "尺码标": '<rect width="240" height="180" fill="#2f3e55"/>'
    '<path d="M0 0h240q-30 84-120 84T0 0z" fill="#24314a"/>'
    '<path d="M14 0q26 74 106 74T226 0" fill="none" stroke="#46597a" stroke-width="4"/>'
    '<rect x="84" y="62" width="72" height="86" rx="3" fill="#fbfaf6" stroke="#c6cbd1"/>'
    + _text(108, 112, "L", 40, "#22262b")
    + _text(95, 136, "170/92A", 12),
    "物流截图": _screen(
        _text(88, 19, "物流详情", 13, "#22262b")
        + _dots(
            (
                ("三天前 21:14", "离开【转运中心】"),
                ("三天前 08:02", "到达【转运中心】"),
                ("四天前 17:30", "快递员已揽收"),
            )
        )
        + _text(128, 158, "之后没有更新", 13, _RED)
    ),
    "付款失败截图": _screen(
        _text(96, 19, "收银台", 13, "#22262b")
        + f'<circle cx="120" cy="76" r="26" fill="none" stroke="{_RED}" stroke-width="4"/>'
        f'<path d="M110 66l20 20m0-20l-20 20" stroke="{_RED}" stroke-width="4"/>'
        + _text(88, 126, "付款失败", 16, "#22262b")
        + _text(62, 148, "银行卡余额不足或超出限额", 10, "#8a929b")
    ),
}
