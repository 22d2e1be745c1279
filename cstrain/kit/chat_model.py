"""A language model behind an OpenAI-compatible chat API, where an installation names one.

Nothing depends on it: every way in which it can fail gives None within the time limit, and who
asks goes on by rules. What is sent is masked here, so that no caller can forget it.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from flask import current_app

from cstrain.config import Settings
from cstrain.kit.masking import mask

MAX_ANSWER_BYTES: Final = 65_536
MAX_WORDS: Final = 300
_OK: Final = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChatModel:
    """Where the model is, and how long it may take.

    Attributes:
        url: Up to ``/v1``.
        limit_s: Seconds for a whole question, from the first byte to the last of the answer.
    """

    url: str
    name: str
    key: str = field(default="", repr=False)
    limit_s: float = 4.0

    def ask(self, system: str, text: str, wanted: str, *, names: Iterable[str] = ()) -> str | None:
        """Ask for one short text; None when none has come in time.

        Args:
            system: What it is to do.
            text: What it is to do it with.
            wanted: The key of the JSON object that it answers with, which holds the text.
            names: Names that are masked beside what looks like one.
        """
        known = tuple(names)
        sent = {
            "model": self.name,
            "temperature": 0,
            "max_tokens": MAX_WORDS,
            "stream": False,
            "response_format": {"type": "json_object"},
            "messages": [
                {"role": "system", "content": mask(system, known)},
                {"role": "user", "content": mask(text, known)},
            ],
        }
        # One question at a time: a slow model holds one of a process's few threads, never all.
        if not _turn.acquire(blocking=False):
            return None
        try:
            return said(self._post(json.dumps(sent).encode()), wanted)
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            log.warning("the language model gave nothing: %s", type(error).__name__)
            return None
        finally:
            _turn.release()

    def _post(self, body: bytes) -> bytes:
        """The body of the answer.

        Raises:
            TimeoutError: If it was not whole in time.
            ValueError: If it is no answer, or longer than any that is wanted.
        """
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        until_s = time.monotonic() + self.limit_s
        connection = kind(parts.hostname or "", parts.port, timeout=self.limit_s)
        connection.connect()
        # A timeout of the socket begins anew with every byte; this one does not.
        stop = threading.Timer(max(until_s - time.monotonic(), 0), _cut, (connection.sock,))
        stop.daemon = True
        stop.start()
        try:
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            if self.key:
                headers["Authorization"] = f"Bearer {self.key}"
            connection.request("POST", f"{parts.path}/chat/completions", body, headers)
            answer = _whole(connection.getresponse())
        finally:
            stop.cancel()
            connection.close()
        if time.monotonic() > until_s:
            raise TimeoutError
        return answer


_turn = threading.Lock()


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _whole(response: HTTPResponse) -> bytes:
    """A body of an expected length.

    Raises:
        ValueError: If it is no answer, or longer than any that is wanted.
    """
    if response.status != _OK:
        raise ValueError(f"status {response.status}")
    body = response.read(MAX_ANSWER_BYTES + 1)
    if len(body) > MAX_ANSWER_BYTES:
        raise ValueError("too long")
    return body


def said(body: bytes, wanted: str) -> str:
    """The text in an answer: a JSON object with that one key, inside the API's own.

    Raises:
        ValueError: If it is anything else.
    """
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError("not an answer of the chat API") from error
    if not isinstance(content, str):
        raise ValueError("no text")  # noqa: TRY004 - what a server sent, no mistake of ours
    found: Any = json.loads(content)
    if not isinstance(found, dict) or set(found) != {wanted}:
        raise ValueError("not the object that was asked for")
    text = found[wanted]
    if not isinstance(text, str) or not 0 < len(text.strip()) <= MAX_WORDS:
        raise ValueError("not a text of the length that was asked for")
    text = text.strip()
    if not all(each.isprintable() for each in text):
        raise ValueError("not a line of text")
    return text


def chat_model() -> ChatModel | None:
    """The model that this installation names; None without one."""
    settings: Settings = current_app.extensions["cstrain.settings"]
    if not settings.model_url:
        return None
    return ChatModel(
        settings.model_url, settings.model_name, settings.model_key, settings.model_limit_s
    )
