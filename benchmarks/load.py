"""A lean HTTP client on raw sockets, so that the client costs little of the two cores.

It keeps connections alive, sends one request at a time on each, and fails on any status that
was not asked for. Its own cost is inside every figure, the yardstick's too.
"""

from __future__ import annotations

import heapq
import selectors
import socket
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field


class UnexpectedAnswerError(Exception):
    """The server answered with another status than the script asks for."""


@dataclass(slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request_bytes(  # noqa: PLR0913 - the parts of a request
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
Script = Generator[bytes, Answer, None]


def repeat(request: bytes, status: int = 200) -> Script:
    """Ask for one thing over and over.

    Raises:
        UnexpectedAnswerError: If it answers another status.
    """
    while True:
        answer = yield request
        expect(answer, status)


def expect(answer: Answer, status: int) -> None:
    """Stop at an answer that is not the one asked for.

    Raises:
        UnexpectedAnswerError: If it has another status.
    """
    if answer.status != status:
        start = answer.body[:300].decode("utf-8", "replace")
        raise UnexpectedAnswerError(f"{answer.status} instead of {status}: {start}")


@dataclass(slots=True)
class _Connection:
    sock: socket.socket
    script: Script | None = None
    buffer: bytearray = field(default_factory=bytearray)
    need: int = -1
    head_end: int = -1
    sent_at_s: float = 0.0


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
    port: int, make_script: Callable[[int], Script], *, connections: int, seconds: float
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
        sock = _connect(port)
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


def run(port: int, script: Script) -> None:
    """Run one script to its end."""
    connection = _Connection(_connect(port), script)
    _send(connection, None)
    while True:
        connection.buffer += connection.sock.recv(262144)
        answer = _whole(connection)
        if answer is not None and not _send(connection, answer):
            connection.sock.close()
            return


def _send(connection: _Connection, answer: Answer | None) -> bool:
    """Send the script's next request; False when the script is through."""
    script = connection.script
    assert script is not None  # noqa: S101 - every connection of a round has one
    try:
        request = next(script) if answer is None else script.send(answer)
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


@dataclass(frozen=True, slots=True)
class Due:
    """A request of an open load.

    Attributes:
        at_s: Seconds from the start at which somebody wants it.
        lane: Whose connection it takes; requests of one lane wait for each other.
        kind: Under which name its wait is counted.
        request: What is sent, or what makes it when the lane is free; None when it is no longer
            wanted.
    """

    at_s: float
    lane: str
    kind: str
    port: int
    request: bytes | Callable[[], bytes | None]


@dataclass(slots=True)
class Waits:
    """What an open load came to: each kind's waits, and how many answers were none."""

    waits_s: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def note(self, due: Due, answer: Answer, at_s: float) -> None:
        """Count an answer that was complete ``at_s`` seconds from the start."""
        self.waits_s.setdefault(due.kind, []).append(at_s - due.at_s)
        if answer.status != 200:  # noqa: PLR2004 - everything that is asked for answers 200
            self.errors.append(f"{answer.status}: {answer.body[:200]!r}")

    def percentile_s(self, kind: str, share: float) -> float:
        """The wait that ``share`` of the requests of a kind kept under."""
        ordered = sorted(self.waits_s[kind])
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


#: Given what was asked, its answer and when that was whole, what the same lane wants next.
Follow = Callable[[Due, Answer, float], Due | None]


def at_their_time(dues: Sequence[Due], follow: Follow | None = None) -> Waits:
    """Send every request when it is due, however the server is; a wait begins at that time."""
    selector = selectors.DefaultSelector()
    lanes: dict[str, _Connection] = {}
    for due in dues:
        if due.lane not in lanes:
            lanes[due.lane] = _Connection(_connect(due.port))
            selector.register(lanes[due.lane].sock, selectors.EVENT_READ, due.lane)
    waiting = [(due.at_s, number, due) for number, due in enumerate(dues)]
    heapq.heapify(waiting)
    under_way: dict[str, list[Due]] = {lane: [] for lane in lanes}
    result, begun, number = Waits(), time.perf_counter(), len(dues)
    busy = 0
    while waiting or busy:
        now = time.perf_counter() - begun
        while waiting and waiting[0][0] <= now:
            due = heapq.heappop(waiting)[2]
            under_way[due.lane].append(due)
            if len(under_way[due.lane]) == 1:
                busy += _go_on(lanes[due.lane], under_way[due.lane])
        pause = max(waiting[0][0] - now, 0) if waiting else 5.0
        for key, _events in selector.select(pause):
            connection, lane = lanes[key.data], under_way[key.data]
            connection.buffer += connection.sock.recv(262144)
            answer = _whole(connection)
            if answer is not None:
                done, at_s = lane.pop(0), time.perf_counter() - begun
                result.note(done, answer, at_s)
                if follow and (wanted := follow(done, answer, at_s)):
                    heapq.heappush(waiting, (wanted.at_s, number, wanted))
                    number += 1
                busy += _go_on(connection, lane) - 1
    for connection in lanes.values():
        connection.sock.close()
    return result


def _go_on(connection: _Connection, lane: list[Due]) -> bool:
    """Send the first of a lane that is still wanted; whether there was one."""
    while lane:
        request = lane[0].request
        made = request if isinstance(request, bytes) else request()
        if made is not None:
            connection.sock.sendall(made)
            return True
        lane.pop(0)
    return False


def _connect(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock
