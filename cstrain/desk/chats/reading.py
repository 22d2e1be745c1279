"""Reading a file of chats to what may be kept of it: cut, marked, keyed, masked.

A large file is read in a process of its own beside the one that stores, because each needs a
core. What goes from one to the other is masked.

    python -m cstrain.desk.chats.reading     (started by ``beside`` alone)
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from cstrain.desk.chats import automatic, cutting, importers, nicks
from cstrain.desk.chats.importers import ColumnMapping, Source
from cstrain.desk.chats.importers.inputs import MAX_REFUSED
from cstrain.desk.chats.importers.roles import is_word
from cstrain.desk.chats.keys import Keys
from cstrain.desk.chats.masking import (
    mask,
    mask_beginning,
    mask_conversation,
    shown_buyer,
    without_nick,
)
from cstrain.desk.chats.message import Refused, SourceMessage
from cstrain.desk.chats.prepared import Batch, RefusedLine, originals, prepare
from cstrain.kit import i18n
from cstrain.kit.clock import utc_now
from cstrain.kit.errors import CstrainError, InvalidError
from cstrain.kit.processes import collect_rarely, die_with

#: So many messages are stored in one transaction; others wait so long for their turn to write.
BATCH_MESSAGES: Final = 10_000
#: Clocks and zones are wrong by so much at most.
_AHEAD: Final = timedelta(days=2)
#: So many refused lines are kept back for the next batch.
_REFUSED_AT_ONCE: Final = 5_000
#: So many conversations are read before their automatic replies are marked.
_READ_AHEAD: Final = 1_000
#: A smaller file is read before another process has started.
BESIDE_FROM_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read.

    Attributes:
        name: What the file was called.
        format: A name of ``importers.FORMATS``; empty to find it out.
        mapping: See ``importers.ColumnMapping``; empty to guess.
        cut: The fields of a ``cutting.CutRule``.
        shop: Of messages that do not tell their own.
        known: Automatic replies of the shop.
        conversations_done: So many conversations are passed over, because they are stored.
        refused_done: And so many refused lines.
        batch_messages: So many messages are stored in one transaction.
        text: What is read instead of the file, where somebody has pasted it.
        day: Of times that come without one.
        latest_at: A later time is none at which anybody has written.
    """

    path: Path
    name: str
    team_id: int
    secret: str = field(repr=False)
    format: str = ""
    mapping: Mapping[str, Any] = field(default_factory=dict)
    cut: Mapping[str, Any] = field(default_factory=dict)
    shop: str = ""
    known: frozenset[str] = frozenset()
    conversations_done: int = 0
    refused_done: int = 0
    batch_messages: int = field(default_factory=lambda: BATCH_MESSAGES)
    text: str = field(default="", repr=False)
    day: date | None = None
    latest_at: datetime = field(default_factory=lambda: utc_now() + _AHEAD)


def read(wanted: Wanted) -> Iterator[Batch]:
    """The batches of a file, in its order; at least one, which may be empty.

    Raises:
        InvalidError: If the file cannot be read at all.
    """
    with _opened(wanted) as source:
        refused: list[Refused] = []
        seen = [0]
        messages = _messages(source, refused, wanted, seen)
        keys = Keys(wanted.secret, wanted.team_id)
        to_pass, refused_to_pass = wanted.conversations_done, wanted.refused_done
        batch, done = Batch(), 0
        for conversation in _marked(cutting.cut(messages, _rule(wanted.cut)), wanted.known):
            done += len(conversation)
            if to_pass:
                to_pass -= 1
                continue
            taken = originals(conversation, keys)
            renamed = nicks.hide(conversation)
            masked = mask_conversation(conversation)
            if renamed:
                batch.masked["name"] += renamed
            for each in masked:
                if each.counts:
                    batch.masked.update(each.counts)
            batch.conversations.append(prepare(conversation, taken, masked))
            batch.message_count += len(conversation)
            if batch.message_count >= wanted.batch_messages or len(refused) >= _REFUSED_AT_ONCE:
                refused_to_pass = _finish(batch, refused, refused_to_pass, source)
                # Messages are held back until their conversation is whole, many of them at once.
                batch.position_bytes = batch.position_bytes * done // seen[0]
                yield batch
                batch = Batch()
        _finish(batch, refused, refused_to_pass, source)
        yield batch


def _rule(cut: Mapping[str, Any]) -> cutting.CutRule:
    """The rule as it is kept with an import."""
    rule = cutting.CutRule()
    by, gap_s = cut.get("by", rule.by), cut.get("gap_s", rule.gap_s)
    return cutting.CutRule(cutting.Cut(by), float(gap_s))


def _marked(
    conversations: Iterator[list[SourceMessage]], known: Collection[str]
) -> Iterator[list[SourceMessage]]:
    """Conversations with their automatic replies marked.

    What many conversations share is known only after many, so so many are read ahead.
    """
    known = {automatic.plain(each) for each in known}
    repeats = automatic.Repeats()
    while ahead := list(islice(conversations, _READ_AHEAD)):
        for conversation in ahead:
            repeats.add(conversation)
        repeated = repeats.found()
        for conversation in ahead:
            automatic.mark(conversation, known, repeated)
            yield conversation


def _opened(wanted: Wanted) -> Source:
    key_of = Keys(wanted.secret, wanted.team_id).of_speaker
    mapping = ColumnMapping.of_json(wanted.mapping, key_of) if wanted.mapping else None
    named = wanted.format or None
    if wanted.text:
        return importers.open_text(wanted.text, format=named, mapping=mapping, day=wanted.day)
    return importers.open_source(
        wanted.path, name=wanted.name, format=named, mapping=mapping, day=wanted.day
    )


def _messages(
    source: Iterable[SourceMessage | Refused],
    refused: list[Refused],
    wanted: Wanted,
    seen: list[int],
) -> Iterator[SourceMessage]:
    """The messages of a source, counted; what is none is put aside."""
    for each in source:
        if isinstance(each, SourceMessage):
            if each.at is not None and each.at > wanted.latest_at:
                nicks.hide([each])
                when = {"value": f"{each.at:%Y-%m-%d %H:%M}"}
                refused.append(Refused(each.line, "future_time", each.source, when))
                continue
            seen[0] += 1
            each.shop = each.shop or wanted.shop
            yield each
        else:
            refused.append(each)


def _finish(batch: Batch, refused: list[Refused], to_pass: int, source: Source) -> int:
    """Put what was refused by now into a batch; gives how many are still to be passed over."""
    passed = min(to_pass, len(refused))
    for each in refused[passed:]:
        line = each.source
        is_cut = len(line) >= MAX_REFUSED
        if len(each.buyer) > 1:
            line = line.replace(each.buyer, shown_buyer(each.buyer))
        details = dict(each.details)
        if each.reason == "unknown_role" and not is_word(details["value"]):
            # A column of names, taken for one of roles.
            line = without_nick(line, details["value"], said=False)
            details["value"] = shown_buyer(details["value"])
        masked = mask_beginning(line) if is_cut else mask(line)
        batch.masked.update(masked.counts)
        details = {name: mask(value).text for name, value in details.items()}
        batch.refused.append(RefusedLine(each.line, each.reason, details, masked.text))
    refused.clear()
    batch.format, batch.encoding = source.format, source.encoding
    batch.position_bytes, batch.total_bytes = source.position_bytes, source.total_bytes
    return to_pass - passed


def beside(wanted: Wanted) -> Generator[Batch, None, None]:
    """As ``read``, by another process; that one ends with this one, however this one ends.

    Raises:
        InvalidError: If the file cannot be read at all.
        RuntimeError: If the other process died.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "cstrain.desk.chats.reading"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin  # noqa: S101 - both are pipes
        assert process.stdout  # noqa: S101
        try:
            pickle.dump((os.getpid(), i18n.language(), wanted), process.stdin)
            process.stdin.close()
            while True:
                batch = pickle.load(process.stdout)  # noqa: S301 - our own process's
                if batch is None:
                    return
                if isinstance(batch, str):
                    raise InvalidError(batch)
                yield batch
        except EOFError:
            raise RuntimeError("the process that read the file died") from None
        finally:
            process.kill()


def batches(wanted: Wanted) -> Iterator[Batch]:
    """The batches of a file, read here or beside, as its size asks for."""
    is_large = wanted.path.stat().st_size >= BESIDE_FROM_BYTES
    return beside(wanted) if is_large else read(wanted)


def _serve() -> None:
    """What the other process does."""
    parent_pid, language, wanted = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's
    die_with(parent_pid)
    collect_rarely()
    i18n.speak(language)
    answer = sys.stdout.buffer
    with suppress(BrokenPipeError):
        try:
            for batch in read(wanted):
                pickle.dump(batch, answer, protocol=pickle.HIGHEST_PROTOCOL)
                answer.flush()
            pickle.dump(None, answer)
        except CstrainError as error:
            pickle.dump(str(error), answer)
        answer.flush()


if __name__ == "__main__":
    _serve()
