"""Help desks from abroad: Chatwoot, Zendesk Chat, Intercom. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from cstrain.desk.chats.importers import texts
from cstrain.desk.chats.importers.adapter import (
    Format,
    Head,
    NotUnderstoodError,
    name_in,
    parts,
    said,
    understood,
    written_at,
)
from cstrain.desk.chats.importers.inputs import Input, text_of
from cstrain.desk.chats.message import Kind, Refused, Role, SourceMessage

_TEMPLATE: Final = 3
_CHATWOOT: Final = {0: Role.BUYER, 1: Role.AGENT, 2: Role.SYSTEM, _TEMPLATE: Role.AUTO}


def read_chatwoot(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of Chatwoot's API; private notes were not said to the customer."""
    yield from understood(
        given,
        given.records("payload", "messages"),
        _of_chatwoot,
        lambda record: name_in(record, "sender", "name") if _is_of_buyer(record) else "",
    )


def _is_of_buyer(record: Any) -> bool:
    return isinstance(record, dict) and record.get("message_type") in {0, "incoming"}


def _of_chatwoot(given: Input, line: int, record: Any, raw: str) -> SourceMessage:
    if not isinstance(record, dict) or "message_type" not in record:
        raise NotUnderstoodError("unknown_record")
    if record.get("private"):
        raise NotUnderstoodError("note")
    number = record["message_type"]
    named = {"incoming": 0, "outgoing": 1, "activity": 2, "template": _TEMPLATE}
    number = named.get(number, number) if isinstance(number, str) else number
    role = _CHATWOOT.get(number)
    if role is None:
        raise NotUnderstoodError("unknown_role", value=text_of(number))
    at = written_at(text_of(record.get("created_at")))
    files = record.get("attachments") or record.get("attachment") or []
    files = files if isinstance(files, list) else [files]
    urls = [text_of(_inner(each).get("data_url")) for each in files]
    content = text_of(record.get("content"))
    text = said(content or "\n".join(urls))
    sender = _inner(record.get("sender"))
    name = text_of(sender.get("name")) or text_of(sender.get("id"))
    message = SourceMessage(
        line,
        role,
        text,
        at[0],
        at[1],
        given.mapping.platform or "chatwoot",
        given.mapping.shop,
        buyer=name if role is Role.BUYER else "",
        account=name if role is Role.AGENT else "",
        conversation=text_of(record.get("conversation_id")),
        message_id=text_of(record.get("id")),
        kind=Kind.IMAGE if urls and not content else texts.kind_of(text),
        source=raw,
    )
    if role is Role.SYSTEM:
        message.kind = Kind.SYSTEM
    elif role is Role.AUTO or (
        role is Role.AGENT
        and text_of(record.get("sender_type")) in {"AgentBot", "Captain::Assistant"}
    ):
        message.role = Role.AUTO if role is Role.AUTO else Role.BOT
        message.auto_reason = "source"
    if text_of(record.get("content_type")) in {"cards", "form", "input_select"}:
        message.kind = Kind.CARD
    return message


def _inner(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


_ZENDESK_ROLES: Final = {
    "visitor": Role.BUYER,
    "end_user": Role.BUYER,
    "agent": Role.AGENT,
    "trigger": Role.AUTO,
    "bot": Role.BOT,
    "answer_bot": Role.BOT,
    "system": Role.SYSTEM,
}


def read_zendesk(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of Zendesk Chat's export; who joined and left is a line of the system's."""
    for line, chat, raw in given.records("chats"):
        if not isinstance(chat, dict) or not ("history" in chat or "message" in chat):
            given.refuse(line, "unknown_record", raw)
            continue
        events = chat.get("history")
        if not isinstance(events, list):
            offline = {"type": "chat.msg", "msg": chat.get("message"), "sender_type": "Visitor"}
            events = [{**offline, "timestamp": chat.get("timestamp")}]
        name = name_in(chat, "visitor", "name")
        one = partial(_of_zendesk, chat)
        yield from understood(given, parts(line, events), one, name)


def _of_zendesk(
    chat: Mapping[str, Any], given: Input, line: int, event: Any, raw: str
) -> SourceMessage:
    if not isinstance(event, dict):
        raise NotUnderstoodError("unknown_record")
    sort = text_of(event.get("type"))
    at = written_at(text_of(event.get("timestamp")))
    who = text_of(event.get("sender_type")).casefold()
    name = text_of(event.get("name"))
    role = Role.SYSTEM
    text = texts.cleaned(text_of(event.get("msg")))
    if sort == "chat.msg":
        role = _zendesk_role(who, has_agent=bool(event.get("agent_id")))
    elif not text:
        text = f"{name} {sort}".strip()
    if not text:
        raise NotUnderstoodError("no_text")
    visitor = _inner(chat.get("visitor"))
    message = SourceMessage(
        line,
        role,
        text,
        at[0],
        at[1],
        given.mapping.platform or "zendesk",
        given.mapping.shop,
        buyer=text_of(visitor.get("id")) or text_of(visitor.get("name")),
        conversation=text_of(chat.get("id")),
        message_id=text_of(event.get("msg_id")),
        kind=Kind.SYSTEM if role is Role.SYSTEM else texts.kind_of(text),
        source=raw,
    )
    message.also_called = tuple(
        filter(None, (name_in(visitor, "name"), name if role is Role.BUYER else ""))
    )
    if role is not Role.BUYER and role is not Role.SYSTEM:
        message.account = name or text_of(event.get("agent_id"))
        message.auto_reason = "" if role is Role.AGENT else "source"
    rating = text_of(chat.get("rating"))
    if rating:
        message.extra = {"rating": rating}
    return message


def _zendesk_role(who: str, *, has_agent: bool) -> Role:
    if not who:
        return Role.AGENT if has_agent else Role.BUYER
    role = _ZENDESK_ROLES.get(who)
    if role is None:
        raise NotUnderstoodError("unknown_role", value=who)
    return role


_INTERCOM_ROLES: Final = {
    "user": Role.BUYER,
    "lead": Role.BUYER,
    "contact": Role.BUYER,
    "admin": Role.AGENT,
    "team": Role.AGENT,
    "bot": Role.BOT,
    "operator": Role.BOT,
}


def read_intercom(given: Input) -> Iterator[SourceMessage | Refused]:
    """Messages of Intercom's conversations; bodies are HTML; notes were not said to them."""
    for line, chat, raw in given.records("conversations"):
        if not isinstance(chat, dict) or "conversation_parts" not in chat:
            given.refuse(line, "unknown_record", raw)
            continue
        first = _inner(chat.get("source") or chat.get("conversation_message"))
        later = _inner(chat["conversation_parts"]).get("conversation_parts")
        events = [{"created_at": chat.get("created_at"), **first, "part_type": "comment"}]
        events += later if isinstance(later, list) else []
        buyer, called = _intercom_buyer(events)
        one = partial(_of_intercom, text_of(chat.get("id")), buyer)
        name = "".join(called[:1])
        for message in understood(given, parts(line, events), one, name):
            message.also_called = called
            yield message


def _intercom_buyer(events: list[Any]) -> tuple[str, tuple[str, ...]]:
    """The buyer's id, and names."""
    authors = [_inner(_inner(event).get("author")) for event in events]
    buyers = [
        author
        for author in authors
        if _INTERCOM_ROLES.get(text_of(author.get("type"))) is Role.BUYER
    ]
    names = dict.fromkeys(name_in(author, "name") for author in buyers)
    return next((text_of(author.get("id")) for author in buyers), ""), tuple(filter(None, names))


def _of_intercom(  # noqa: PLR0913, PLR0917 - what an event is a part of
    conversation: str, buyer: str, given: Input, line: int, event: Any, raw: str
) -> SourceMessage:
    if not isinstance(event, dict):
        raise NotUnderstoodError("unknown_record")
    sort = text_of(event.get("part_type"))
    if sort == "note":
        raise NotUnderstoodError("note")
    author = _inner(event.get("author"))
    who = text_of(author.get("type"))
    role = _INTERCOM_ROLES.get(who)
    text = texts.without_tags(text_of(event.get("body")))
    if event.get("redacted") and not text:
        text = "[撤回]"
    if not text:
        # Assigned, opened, closed: nothing was said, but it happened.
        if sort in {"", "comment"}:
            raise NotUnderstoodError("no_text")
        role, text = Role.SYSTEM, sort
    if role is None:
        raise NotUnderstoodError("unknown_role", value=who)
    at = written_at(text_of(event.get("created_at")))
    message = SourceMessage(
        line,
        role,
        text,
        at[0],
        at[1],
        given.mapping.platform or "intercom",
        given.mapping.shop,
        buyer=buyer,
        conversation=conversation,
        message_id=text_of(event.get("id")),
        kind=Kind.SYSTEM if role is Role.SYSTEM else texts.kind_of(text),
        source=raw,
    )
    if event.get("redacted"):
        message.kind = Kind.RECALL
    if role in {Role.AGENT, Role.BOT}:
        message.account = text_of(author.get("name")) or text_of(author.get("id"))
        message.auto_reason = "source" if role is Role.BOT else ""
    return message


def _has(head: Head, *keys: str) -> str:
    return "keys_known" if head.has_keys(*keys) else ""


CHATWOOT = Format(
    "chatwoot",
    {"zh": "Chatwoot 接口的 JSON", "en": "Chatwoot API JSON"},
    read_chatwoot,
    lambda head: _has(head, "message_type", "conversation_id"),
)
ZENDESK = Format(
    "zendesk",
    {"zh": "Zendesk Chat 导出的 JSON", "en": "Zendesk Chat JSON"},
    read_zendesk,
    lambda head: _has(head, "visitor", "history") or _has(head, "visitor", "offline_msg"),
)
INTERCOM = Format(
    "intercom",
    {"zh": "Intercom 会话的 JSON", "en": "Intercom conversations (JSON)"},
    read_intercom,
    lambda head: _has(head, "conversation_parts"),
)
