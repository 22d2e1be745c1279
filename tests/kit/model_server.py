"""A small server that speaks the chat API, well or badly, for tests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Longer than a test waits for an answer.
SLOW_S = 3.0


def answer(content: str) -> bytes:
    """An answer of the API whose text is ``content``."""
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


@dataclass
class ModelServer:
    """What it answers, and what it was asked.

    Attributes:
        pause_s: Before the answer.
        drip_s: Between the bytes of the answer, each of which comes alone; 0 for all at once.
        meanwhile: What happens while somebody waits for it.
    """

    url: str = ""
    status: int = 200
    body: bytes = answer('{"hint": "先说几点发货"}')
    pause_s: float = 0.0
    drip_s: float = 0.0
    meanwhile: Callable[[], object] = lambda: None
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[ModelServer]:
    """Serve on a port of its own until the test is over."""
    told = ModelServer()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            told.keys.append(self.headers["Authorization"])
            told.meanwhile()
            over.wait(told.pause_s)
            try:
                self.send_response(told.status)
                self.send_header("Content-Length", str(len(told.body)))
                if told.status == 302:
                    self.send_header("Location", told.url)
                self.end_headers()
                if not told.drip_s:
                    self.wfile.write(told.body)
                    return
                for byte in told.body:
                    if over.is_set():
                        return
                    self.wfile.write(bytes([byte]))
                    time.sleep(told.drip_s)
            except OSError:
                pass  # who asked has gone

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield told
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
