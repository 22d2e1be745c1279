"""What a message holds, told from its text. Pure."""

from __future__ import annotations

import html
import re

from cstrain.desk.chats.message import Kind

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
#: Not what is a placeholder of a platform that masks, as ``[地址]``.
_EMOJI = re.compile(
    r"(?:#E-\w{1,6}|\[(?!地址|姓名|电话|手机|税号|订单|数字|邮箱|时间|金额|链接)[\u4e00-\u9fff]{1,3}\]|/:[^\s\u4e00-\u9fff]{2,5}|\s){1,20}"
)
_IMAGE_URL = re.compile(
    r"https?://\S+\.(?:jpe?g|png|gif|webp|bmp)(?:[?_!]\S*)?", re.IGNORECASE | re.ASCII
)
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_IMAGES = frozenset({"[图片]", "[图片消息]", "【图片】", "<img>", "[image]", "[动画表情]"})
_SYSTEM = ("系统提示：", "系统提示:", "系统消息：", "【系统消息】", "[系统消息]")
_SYSTEM_WHOLE = frozenset({"用户发起转人工", "以上为历史消息", "以上是历史消息"})
_TAG = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]*>|(<[a-zA-Z/!][^<>]*>)", re.IGNORECASE)


def cleaned(text: str) -> str:
    """A content as it was meant: without HTML's entities and without what no database keeps."""
    if "&" in text and ";" in text:
        text = html.unescape(text)
    return storable(text).strip()


def storable(text: str) -> str:
    """The text with NUL and halves of characters replaced, which a database would refuse."""
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


def without_tags(text: str) -> str:
    """The text of a piece of HTML; a picture reads ``[图片]``."""
    text = re.sub(r"<img\b[^<>]*>", "[图片]", text, flags=re.IGNORECASE)
    text = _TAG.sub(lambda tag: "" if tag[1] else "\n", text)
    return cleaned(text)


def kind_of(text: str) -> Kind:
    """What a content is, by its text alone."""
    first = text[:1]
    if first in "[【<#/":
        if text in _IMAGES:
            return Kind.IMAGE
        return Kind.EMOJI if _EMOJI.fullmatch(text) else Kind.TEXT
    if first == "h" and _URL.fullmatch(text):
        return Kind.IMAGE if _IMAGE_URL.fullmatch(text) else Kind.LINK
    return Kind.RECALL if text.endswith("撤回了一条消息") else Kind.TEXT


def is_system(text: str) -> bool:
    """Whether the platform wrote this itself into the chat."""
    return text.startswith(_SYSTEM) or text in _SYSTEM_WHOLE
