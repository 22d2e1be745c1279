"""A scenario tried in a terminal: files read from the disk, and a talk as lines of text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from cstrain.activities.live_practice import customer, reading
from cstrain.activities.live_practice.condition import Condition, Event, Mark, Said
from cstrain.activities.live_practice.scenario import ACTIONS, Scenario
from cstrain.kit import frontmatter
from cstrain.kit.errors import ContentError
from cstrain.plugin import Source, forbidden_words

#: A line that says nothing else is sent so long after the customer's last one.
ANSWER_MS: Final = 20_000
_WAIT = re.compile(r"\+(\d+)\s*")
_ACTION = re.compile(r"!\s*(\S+)\s*(.*)")


def load(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        ContentError: With every problem of the file.
    """
    return reading.load(_opened(path))


def words_beside(path: Path) -> list[forbidden_words.Word]:
    """The forbidden words of the shop a scenario lies in: ``shop/words/`` beside its folder."""
    found: list[forbidden_words.Word] = []
    for file in sorted((path.resolve().parent.parent / "words").glob("*.md")):
        try:
            found += forbidden_words.load(_opened(file)).entries
        except ContentError:
            continue  # `content check` tells what is wrong with it
    return found


def _opened(path: Path) -> Source:
    body = path.read_bytes()
    meta, text, line = frontmatter.split(body.decode("utf-8-sig"))
    read = frontmatter.read(str(path), meta)
    kind = str(read.data.get("kind", ""))
    return Source(str(path), hashlib.sha256(body).hexdigest(), kind, read, text, line)


def talk(
    scenario: Scenario,
    seed: int,
    lines: Iterable[str],
    words: Sequence[forbidden_words.Word],
) -> Iterator[str]:
    """Play a talk: what the agent types goes in, what happened comes out, line by line.

    A typed line is sent twenty seconds after the customer has finished. ``+90`` in front of it
    waits ninety seconds instead, alone it only waits; an empty line waits until something
    happens; ``!备注 内容=满减`` is an action on the order.

    Raises:
        ValueError: If an action is not known.
    """
    condition = customer.begin(scenario, seed, at_ms=0)
    for typed in lines:
        condition, said = _finished(scenario, seed, condition)
        yield from _shown(said)
        if condition.is_gone:
            break
        at_ms, text = _timing(condition, typed)
        if not text:
            condition, said = customer.advance(scenario, seed, condition, until_ms=at_ms)
            yield from _shown(said)
            continue
        event = _event(at_ms, text)
        condition, said, mark = customer.hear(scenario, seed, condition, event, words=words)
        yield from _shown(said)
        yield f"{_clock(at_ms)} 客服：{text}"
        yield f"      {_told(mark)}"
    while not condition.is_gone and condition.next_ms is not None:
        condition, said = customer.advance(scenario, seed, condition, until_ms=condition.next_ms)
        yield from _shown(said)
    ending = scenario.endings[condition.state]
    reason = f" ({ending.reason.value})" if ending.reason else ""
    yield f"{_clock(condition.at_ms)} = {ending.name}: {ending.kind.value}{reason}"


def _finished(scenario: Scenario, seed: int, condition: Condition) -> tuple[Condition, list[Said]]:
    """Let the customer finish what is being written."""
    said: list[Said] = []
    while condition.queue and condition.next_ms is not None:
        condition, lines = customer.advance(scenario, seed, condition, until_ms=condition.next_ms)
        said += lines
    return condition, said


def _timing(condition: Condition, typed: str) -> tuple[int, str]:
    """When a line is sent, and what is left of it."""
    typed = typed.strip()
    wait = _WAIT.match(typed)
    if wait:
        return condition.at_ms + int(wait[1]) * 1000, typed[wait.end() :]
    if not typed:
        return condition.next_ms or condition.at_ms, ""
    return condition.at_ms + ANSWER_MS, typed


def _event(at_ms: int, text: str) -> Event:
    """A line, or an action with its parameters.

    Raises:
        ValueError: If the action or a parameter is not known.
    """
    found = _ACTION.fullmatch(text)
    if found is None:
        return Event(at_ms, "line", text)
    code, form = next(
        ((code, form) for code, form in ACTIONS.items() if found[1] in {code.value, form.name}),
        (None, None),
    )
    if code is None or form is None:
        known = "、".join(each.name for each in ACTIONS.values())
        raise ValueError(f"no action {found[1]}; there are {known}")
    params: dict[str, str] = {}
    for pair in found[2].split():
        name, _equals, value = pair.partition("=")
        param = next((key for key, said in form.fields.items() if name in {key, said}), None)
        if param is None:
            raise ValueError(f"{form.name} has no {name}; it has {'、'.join(form.fields.values())}")
        params[param] = value
    return Event(at_ms, "action", action=code.value, params=params)


def _clock(at_ms: int) -> str:
    return f"{at_ms // 60_000:02}:{at_ms // 1000 % 60:02}"


def _shown(said: Iterable[Said]) -> Iterator[str]:
    for each in said:
        picture = f"[{each.picture}]" if each.picture else ""
        yield f"{_clock(each.at_ms)} 顾客：{picture}{each.text}"


def _told(mark: Mark) -> str:
    """A mark in one line."""
    parts = [f"{mark.turn} · {mark.state}"]
    parts += [f"{key} {state}" for key, state in mark.facts.items()]
    parts += [f"{code} {state}" for code, state in mark.actions.items()]
    parts += [f"forbidden {word}" for word in mark.forbidden]
    parts += [f"asked {key}" for key in mark.asked]
    if mark.needs_left:
        parts.append(f"lacks {', '.join(mark.needs_left)}")
    parts.append(f"mood {mark.mood} ({mark.mood_change:+})")
    return " · ".join(parts)
