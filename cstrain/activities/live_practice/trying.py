"""A scenario tried before it is published: its text, read, and a talk played anew. Pure.

Nothing is kept: text, seed and log come with every request, and the same ones give the same talk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import StringIO
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from cstrain.activities.live_practice import customer, reading
from cstrain.activities.live_practice.condition import Condition, Event, Mark, Said
from cstrain.activities.live_practice.scenario import ACTIONS, ActionCode, Scenario
from cstrain.kit import frontmatter
from cstrain.kit.errors import ContentError, ContentProblem, InvalidError
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import Source, forbidden_words

PATH: Final = "scenario.md"
#: The longest file that is read here, in characters; those of the course have some 5,000.
MAX_CHARS: Final = 40_000
#: How deep lists and mappings may lie in each other; the format needs eight.
MAX_DEPTH: Final = 20
MAX_EVENTS: Final = 120
MAX_LINE_CHARS: Final = 500
MAX_PARAM_CHARS: Final = 200
#: A talk is played for two hours at most; its own limit is an hour.
MAX_MS: Final = 7_200_000
MAX_SEED: Final = 999_999
_MAX_LOG_CHARS: Final = MAX_EVENTS * (MAX_LINE_CHARS + 600)
#: So many scenarios stay read: every line of a talk brings the whole file again.
_KEPT: Final = 32


@dataclass(frozen=True, slots=True)
class Log:
    """What has been done so far, and up to when time has gone."""

    events: tuple[Event, ...] = ()
    until_ms: int = 0

    def to_json(self) -> str:
        """As the page carries it."""
        events = [
            {
                "at_ms": each.at_ms,
                "kind": each.kind,
                "text": each.text,
                "action": each.action,
                "params": dict(each.params),
            }
            for each in self.events
        ]
        return json.dumps({"events": events, "until_ms": self.until_ms}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the talk: the customer's, or what the agent did with its mark."""

    at_ms: int
    said: Said | None = None
    event: Event | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk up to now."""

    condition: Condition
    entries: tuple[Entry, ...]

    @property
    def last_mark(self) -> Mark | None:
        """The last mark that there is."""
        return next((each.mark for each in reversed(self.entries) if each.mark), None)


@dataclass(frozen=True, slots=True)
class Opened:
    """A text, read as far as that goes.

    Attributes:
        scenario: None where it cannot be played.
        problems: Everything that is wrong, in the order of the lines.
    """

    scenario: Scenario | None = None
    problems: Sequence[ContentProblem] = field(default=())


def opened(text: str, path: str = PATH) -> Opened:
    """Read the text of a scenario file; what is wrong with it becomes problems.

    Args:
        text: The whole file.
        path: Where it will lie, for problems.
    """
    if len(text) > MAX_CHARS:
        return _refused(
            path, 1, _("文件有 %(n)s 字，最多 %(most)s 字", n=len(text), most=MAX_CHARS)
        )
    meta, body, line = frontmatter.split(text)
    try:
        _check_shape(path, meta)
        read = frontmatter.read(path, meta)
    except ContentError as error:
        return Opened(None, tuple(error.problems))
    if read.data.get("kind") != reading.MATERIAL:
        return _refused(path, 1, _("开头要有 kind: scenario"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    source = Source(path, digest, reading.MATERIAL, read, body, line)
    scenario, may_play, problems = reading.read(source)
    told = tuple(sorted(problems, key=lambda each: each.line))
    return Opened(scenario if may_play else None, told)


def _refused(path: str, line: int, text: str) -> Opened:
    return Opened(None, (ContentProblem(path, line, text),))


def _check_shape(path: str, meta: str) -> None:
    """Refuse what would grow or nest without measure, before anything is built of it.

    Raises:
        ContentError: If there is an alias, or too much depth.
    """
    depth = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(StringIO(meta)):
            line = event.start_mark.line + 2
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                text = _("这里不能用 & 和 * 引用别处的内容")
                raise ContentError([ContentProblem(path, line, text)])
            depth += isinstance(event, CollectionStartEvent)
            depth -= isinstance(event, CollectionEndEvent)
            if depth > MAX_DEPTH:
                text = _("一层套一层，超过 %(most)s 层", most=MAX_DEPTH)
                raise ContentError([ContentProblem(path, line, text)])
    except RecursionError:
        text = _("一层套一层，超过 %(most)s 层", most=MAX_DEPTH)
        raise ContentError([ContentProblem(path, 1, text)]) from None
    except (MarkedYAMLError, YAMLError, ValueError):
        return  # the reader says what is wrong, and where


@lru_cache(maxsize=_KEPT)
def _opened_once(text: str, path: str, language: str) -> Opened:
    del language  # the problems are written in it
    return opened(text, path)


def opened_once(text: str, language: str, path: str = PATH) -> Opened:
    """``opened``, remembered for a while."""
    if len(text) > MAX_CHARS:
        return opened(text, path)
    return _opened_once(text, path, language)


def read_log(text: str) -> Log:
    """Read a log that the page carried.

    Raises:
        InvalidError: If it is none, or is too long.
    """
    if not text:
        return Log()
    if len(text) > _MAX_LOG_CHARS:
        raise InvalidError(_too_long())
    try:
        given = json.loads(text)
        events = given["events"]
        if len(events) > MAX_EVENTS:
            raise InvalidError(_too_long())
        found = tuple(_event(each) for each in events)
        until_ms = _ms(given["until_ms"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidError(_("聊天记录读不懂，请从头再试。")) from None
    times = [each.at_ms for each in found]
    if times != sorted(times) or (times and until_ms < times[-1]):
        raise InvalidError(_("聊天记录读不懂，请从头再试。"))
    return Log(found, until_ms)


def _too_long() -> str:
    return _("一次最多试 %(most)s 句。请从头再试。", most=MAX_EVENTS)


def _event(given: Mapping[str, Any]) -> Event:
    """One event.

    Raises:
        ValueError: If it is none.
    """
    kind, text, action, params = (given[key] for key in ("kind", "text", "action", "params"))
    at_ms = _ms(given["at_ms"])
    if kind == "line" and isinstance(text, str) and 0 < len(text) <= MAX_LINE_CHARS:
        return Event(at_ms, "line", text)
    if kind != "action":
        raise ValueError
    return action_event(at_ms, action, params)


def action_event(at_ms: int, code: str, params: Mapping[str, Any]) -> Event:
    """An action on the order.

    Raises:
        ValueError: If there is none such, or a parameter is not one of its own.
    """
    fields = ACTIONS[ActionCode(code)].fields
    for name, value in params.items():
        if name not in fields or not isinstance(value, str) or len(value) > MAX_PARAM_CHARS:
            raise ValueError
    return Event(at_ms, "action", action=code, params=dict(params))


def _ms(given: object) -> int:
    """A time.

    Raises:
        ValueError: If it is none.
    """
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= MAX_MS:
        raise ValueError
    return given


def play(scenario: Scenario, seed: int, log: Log, *, words: Sequence[forbidden_words.Word]) -> Talk:
    """Play a log anew."""
    condition = customer.begin(scenario, seed, at_ms=0)
    entries: list[Entry] = []
    for event in log.events:
        condition, said, mark = customer.hear(scenario, seed, condition, event, words=words)
        entries += [Entry(each.at_ms, said=each) for each in said]
        entries.append(Entry(event.at_ms, event=event, mark=mark))
    condition, said = customer.advance(scenario, seed, condition, until_ms=log.until_ms)
    entries += [Entry(each.at_ms, said=each) for each in said]
    return Talk(condition, tuple(entries))


def gone_on(scenario: Scenario, seed: int, talk: Talk, until_ms: int) -> Talk:
    """The talk after more time has passed."""
    condition, said = customer.advance(scenario, seed, talk.condition, until_ms=until_ms)
    return Talk(condition, (*talk.entries, *(Entry(each.at_ms, said=each) for each in said)))


def written_out(scenario: Scenario, seed: int, talk: Talk) -> Talk:
    """The talk when the customer has sent what is being written."""
    while talk.condition.queue and talk.condition.next_ms is not None:
        talk = gone_on(scenario, seed, talk, talk.condition.next_ms)
    return talk


def answered(
    scenario: Scenario,
    seed: int,
    talk: Talk,
    event: Event,
    *,
    words: Sequence[forbidden_words.Word],
) -> Talk:
    """The talk after the agent's next event and what the customer says to it, if anything.

    The timers of silence do not count: those are for whoever lets time pass.
    """
    condition, said, mark = customer.hear(scenario, seed, talk.condition, event, words=words)
    entries = (*talk.entries, *(Entry(each.at_ms, said=each) for each in said))
    talk = Talk(condition, (*entries, Entry(event.at_ms, event=event, mark=mark)))
    if not condition.queue and condition.listening_ms is not None:
        talk = gone_on(scenario, seed, talk, condition.listening_ms)
    return written_out(scenario, seed, talk)


def waited(scenario: Scenario, seed: int, talk: Talk, seconds: int | None) -> Talk:
    """The talk after silence; None for as long as it takes until something happens."""
    now_ms = talk.condition.at_ms
    until_ms = talk.condition.next_ms if seconds is None else now_ms + seconds * 1000
    if talk.condition.is_gone or until_ms is None:
        return talk
    return gone_on(scenario, seed, talk, min(until_ms, MAX_MS))


def next_ms(log: Log, talk: Talk, after_s: int) -> int:
    """When the next event is, so many seconds later.

    Raises:
        InvalidError: If there are too many, or the time is over.
    """
    at_ms = talk.condition.at_ms + after_s * 1000
    if len(log.events) >= MAX_EVENTS or at_ms > MAX_MS:
        raise InvalidError(_too_long())
    return at_ms


def log_of(talk: Talk) -> Log:
    """The log of a talk."""
    events = tuple(each.event for each in talk.entries if each.event is not None)
    return Log(events, min(talk.condition.at_ms, MAX_MS))


def undone(log: Log) -> Log:
    """The log without the last event and what came after it."""
    events = log.events[:-1]
    return Log(events, events[-1].at_ms if events else 0)
