"""A lean HTTP client on raw sockets, so that the client costs little of the two cores.

It keeps connections alive, sends one request at a time on each, and fails on any status that
was not asked for. Its own cost is inside every figure, the yardstick's too.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field


class UnexpectedAnswerError(Exception):
    """The server answered with another status than the script asks for."""


@dataclass(slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request_bytes(
    method: str, path: str, *, cookie: str = "", body: bytes = b"", kind: str = "", more: str = ""
) -> bytes:
    """A whole request as sent."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: */*"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
        lines.append(f"Content-Type: {kind or 'application/x-www-form-urlencoded'}")
    if more:
        lines.append(more)
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


#: A script yields requests, gets each answer back, and ends when it is through.
Script = Iterator[bytes]


@dataclass(slots=True)
class _Connection:
    sock: socket.socket
    script: object = None
    buffer: bytearray = field(default_factory=bytearray)
    need: int = -1
    head_end: int = -1
    sent_at_s: float = 0.0
    due_s: float = 0.0


@dataclass(slots=True)
class Round:
    """What one round of load came to.

    Attributes:
        requests: Answers that came.
        seconds: How long the round took.
        waits_s: Each request's wait.
        scripts: Scripts that ran to their end.
    """

    requests: int = 0
    seconds: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    scripts: int = 0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    def percentile_s(self, share: float) -> float:
        """The wait that ``share`` of the requests kept under."""
        ordered = sorted(self.waits_s)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def drive(
    port: int, make_script: Callable[[int], object], *, connections: int, seconds: float
) -> Round:
    """Run scripts on several connections at once for about ``seconds``.

    Args:
        port: The server on this machine.
        make_script: Given a running number, a generator of request bytes that receives the
            ``Answer`` of each; a new one is made whenever one ends.
        connections: How many run at the same time.
        seconds: When to stop beginning requests.

    Raises:
        UnexpectedAnswerError: From a script that refuses an answer.
    """
    selector = selectors.DefaultSelector()
    result, number = Round(), 0
    begun = time.perf_counter()
    until = begun + seconds
    for _each in range(connections):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(sock, make_script(number))
        number += 1
        _send(connection, None)
        selector.register(sock, selectors.EVENT_READ, connection)
    busy = connections
    while busy:
        for key, _events in selector.select(5):
            connection = key.data
            chunk = connection.sock.recv(262144)
            if not chunk:
                raise UnexpectedAnswerError("the server closed the connection")
            connection.buffer += chunk
            answer = _whole(connection)
            if answer is None:
                continue
            now = time.perf_counter()
            result.requests += 1
            result.waits_s.append(now - connection.sent_at_s)
            if now >= until:
                busy -= 1
                selector.unregister(connection.sock)
                connection.sock.close()
                continue
            if not _send(connection, answer):
                result.scripts += 1
                connection.script = make_script(number)
                number += 1
                _send(connection, None)
    result.seconds = time.perf_counter() - begun
    return result


def _send(connection: _Connection, answer: Answer | None) -> bool:
    """Send the script's next request; False when the script is through."""
    try:
        request = next(connection.script) if answer is None else connection.script.send(answer)  # type: ignore[call-overload,attr-defined]  # a generator
    except StopIteration:
        return False
    connection.sent_at_s = time.perf_counter()
    connection.sock.sendall(request)
    return True


def _whole(connection: _Connection) -> Answer | None:
    """The answer, once all of it has come."""
    buffer = connection.buffer
    if connection.need < 0:
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(buffer[:end])
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        connection.head_end, connection.need = end + 4, end + 4 + length
    if len(buffer) < connection.need:
        return None
    head_text = bytes(buffer[: connection.head_end]).decode("latin-1")
    body = bytes(buffer[connection.head_end : connection.need])
    del buffer[: connection.need]
    connection.need = connection.head_end = -1
    lines = head_text.split("\r\n")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _colon, value = line.partition(":")
        key = name.lower()
        headers[key] = f"{headers[key]}\n{value.strip()}" if key in headers else value.strip()
    return Answer(int(lines[0].split(" ", 2)[1]), headers, body)


class Person:
    """Somebody signed in: keeps the cookies and the CSRF token."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.sock = socket.create_connection(("127.0.0.1", port))

    def ask(self, method: str, path: str, **values: str) -> Answer:
        """One request over the person's own connection, following no redirect."""
        from urllib.parse import urlencode  # noqa: PLC0415 - outside the measured path

        body = urlencode(values).encode()
        connection = _Connection(self.sock)
        self.sock.sendall(request_bytes(method, path, cookie=self.cookie, body=body))
        while True:
            connection.buffer += self.sock.recv(262144)
            answer = _whole(connection)
            if answer is not None:
                break
        for line in answer.headers.get("set-cookie", "").split("\n"):
            name, _equals, value = line.partition(";")[0].partition("=")
            if name:
                self.cookies[name] = value
        return answer

    @property
    def cookie(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def token(self, page: bytes) -> str:
        """The CSRF token of a page."""
        text = page.decode()
        at = text.index('name="csrf_token"')
        start = text.index('value="', at) + 7
        return text[start : text.index('"', start)]

    def sign_in(self, login: str, password: str) -> None:
        """Log in.

        Raises:
            UnexpectedAnswerError: If that fails.
        """
        page = self.ask("GET", "/login")
        answer = self.ask(
            "POST", "/login", login=login, password=password, csrf_token=self.token(page.body)
        )
        if answer.status != 302:  # noqa: PLR2004 - the redirect to the home page
            raise UnexpectedAnswerError(f"log-in of {login} answered {answer.status}")
