"""Made conversations, and the stand-ins for reading that tests of the archive need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cstrain.desk.chats import service
from cstrain.desk.chats.keys import Keys
from cstrain.desk.chats.masking import MaskedMessage
from cstrain.desk.chats.message import Precision, Role, SourceMessage
from cstrain.desk.chats.prepared import Batch, Counts, originals, prepare
from cstrain.desk.chats.storing import Store
from cstrain.desk.chats.summary import Words
from cstrain.kit.db import transaction
from tests.plugins.shop import NOW

SECRET = "a secret of the tests"


def said(
    role: Role,
    text: str,
    after_s: float | None = 0,
    *,
    buyer: str = "买家甲",
    account: str = "小美",
    line: int = 1,
    **more: object,
) -> SourceMessage:
    """A message so many seconds after the tests' morning; None for one without a time."""
    made = SourceMessage(
        line=line,
        role=role,
        text=text,
        at=None if after_s is None else NOW + timedelta(seconds=after_s),
        precision=Precision.NONE if after_s is None else Precision.SECOND,
        platform="taobao",
        shop="云朵家居",
        account=account,
        buyer=buyer,
        source=f"{role}: {text}",
    )
    for name, value in more.items():
        setattr(made, name, value)
    return made


def chat(
    *texts: str,
    begins_s: float = 0,
    gap_s: float = 20,
    buyer: str = "买家甲",
    account: str = "小美",
) -> list[SourceMessage]:
    """Buyer and agent in turn, the buyer first."""
    return [
        said(
            Role.AGENT if place % 2 else Role.BUYER,
            text,
            begins_s + place * gap_s,
            buyer=buyer,
            account=account,
            line=place + 1,
        )
        for place, text in enumerate(texts)
    ]


def batch_of(*conversations: Sequence[SourceMessage], team_id: int) -> Batch:
    """What the reader makes of conversations in which there is nothing to mask."""
    keys, made = Keys(SECRET, team_id), Batch(format="made", encoding="utf-8")
    for each in conversations:
        masked = [
            MaskedMessage(text=one.text, source=one.source, buyer="买**", counts={}) for one in each
        ]
        made.conversations.append(prepare(each, originals(each, keys), masked))
        made.message_count += len(each)
    return made


def brought_in(
    team_id: int,
    *batches: Batch,
    name: str = "a.csv",
    now: datetime = NOW,
    words: Words | None = None,
) -> Counts:
    """Store batches as one finished file; gives what that did."""
    with transaction():
        import_id = service.begin(team_id, name, name, total_bytes=1, settings={}, by=None, now=now)
        found = service.take(import_id, "test", now=now)
        store = Store(team_id, "Asia/Shanghai", import_id, words or Words(()), found.roll)
    for batch in batches:
        with transaction():
            store.add(batch)
            service.keep(store, batch, "test", now=now)
    with transaction():
        service.end(import_id, "test", "done", now=now)
    return store.counts
