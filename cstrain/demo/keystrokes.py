"""A typing log as a person with an input method would leave it. Pure."""

from __future__ import annotations

import random
from typing import Any

from pypinyin import Style, lazy_pinyin

#: Characters that beginners confuse because they share their pinyin.
_CONFUSED = {"的": "得", "在": "再", "做": "作", "已": "以", "他": "她", "那": "哪", "帐": "账"}
#: Our page sends a chunk every 5 s; a minute a chunk keeps the demo quick and judges the same.
_CHUNK_MS = 60_000


def type_passage(
    passage: str, *, cpm: float, error_ratio: float, limit_ms: int, rng: random.Random
) -> tuple[list[list[list[Any]]], str, int, bool]:
    """Type a passage phrase by phrase until it ends or the time is over.

    Args:
        passage: The text to copy; line ends are not typed.
        cpm: Characters a minute, wrong ones included.
        error_ratio: Share of Chinese characters that come out as another one.
        limit_ms: The time limit.
        rng: Decides pauses and mistakes.

    Returns:
        The log in chunks, the field's final value, the last event's time, and whether the
        passage was typed to its end.
    """
    text = passage.replace("\n", "")
    events: list[list[Any]] = []
    typed, at = "", 0.0
    place = 0
    while place < len(text):
        phrase = _phrase(text, place, rng)
        wrong = "".join(
            _CONFUSED.get(ch, "了") if "一" <= ch <= "鿿" and rng.random() < error_ratio else ch
            for ch in phrase
        )
        duration = 60_000 / cpm * len(phrase) * rng.uniform(0.75, 1.25)
        left_ms = limit_ms - 400 - at
        if duration >= left_ms:  # the end of the time cuts the last phrase short
            wrong = wrong[: max(int(len(phrase) * left_ms / duration), 0)]
            duration = duration * len(wrong) / len(phrase)
            phrase = phrase[: len(wrong)]
        if not phrase:
            break
        _write(events, typed, phrase, wrong, at, duration, rng)
        typed += wrong
        at += duration
        place += len(phrase)
        if rng.random() < 0.01:  # noqa: PLR2004 - looks up now and then
            at += rng.uniform(2_100, 3_200)
    last_ms = int(events[-1][0]) if events else 0
    chunks: list[list[list[Any]]] = []
    for event in events:
        number = int(event[0]) // _CHUNK_MS
        while len(chunks) <= number:
            chunks.append([])
        chunks[number].append(event)
    return [chunk for chunk in chunks if chunk], typed, last_ms, place >= len(text)


def _phrase(text: str, place: int, rng: random.Random) -> str:
    """The next word or so: up to four Chinese characters, or one other character."""
    if not "一" <= text[place] <= "鿿":
        return text[place]
    end = place + 1
    most = place + rng.choice((1, 2, 2, 2, 3, 4))
    while end < min(most, len(text)) and "一" <= text[end] <= "鿿":
        end += 1
    return text[place:end]


def _write(  # noqa: PLR0913, PLR0917 - one step of the loop above, with all that it knows
    events: list[list[Any]],
    typed: str,
    phrase: str,
    result: str,
    at: float,
    duration: float,
    rng: random.Random,
) -> None:
    """Append the events of one phrase, in the order in which Chromium sends them."""
    is_chinese = "一" <= phrase[0] <= "鿿"
    letters = "".join(lazy_pinyin(phrase, style=Style.NORMAL)) if is_chinese else phrase
    letters = "".join(ch for ch in letters if ch.isascii() and ch.isalpha()) if is_chinese else "x"
    gap = duration / (len(letters) + 1)
    now = at
    for number, letter in enumerate(letters, start=1):
        now = at + gap * (number - rng.uniform(0.0, 0.5))
        events.append([int(now), "k", f"Key{letter.upper()}" if is_chinese else "Comma"])
        if is_chinese:
            if number == 1:
                events.append([int(now) + 1, "s"])
            events.append([int(now) + 2, "u", number])
    position = len(typed.encode("utf-16-le")) // 2
    if is_chinese:
        end = at + duration - gap * rng.uniform(0.1, 0.4)
        events.append([int(end), "k", "Space"])
        events.append([int(end) + 2, "c", result])
        events.append([int(end) + 2, "e", position, 0, result, "ime"])
    else:
        events.append([int(now) + 1, "e", position, 0, result, "insertText"])
