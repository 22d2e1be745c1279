from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from cstrain.config import SettingError, Settings
from cstrain.kit.chat_model import MAX_ANSWER_BYTES, ChatModel, said
from tests.kit.model_server import SLOW_S, ModelServer, answer, serving

LIMIT_S = 0.6


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving() as told:
        yield told


def ask(server: ModelServer, text: str = "顾客：在吗") -> str | None:
    return ChatModel(server.url, "small", "k-1", LIMIT_S).ask(
        "给提示", text, "hint", names=["山茶"]
    )


def test_it_asks_for_json_at_temperature_zero_and_gives_the_text(server: ModelServer) -> None:
    assert ask(server) == "先说几点发货"

    (asked,) = server.asked
    assert (asked["model"], asked["temperature"]) == ("small", 0)
    assert asked["response_format"] == {"type": "json_object"}
    assert server.keys == ["Bearer k-1"]


def test_nothing_that_tells_who_somebody_is_leaves(server: ModelServer) -> None:
    ask(server, "顾客：我叫陈小明，13812342210，浙江省杭州市余杭区文一西路969号，我是山茶")

    sent = json.dumps(server.asked, ensure_ascii=False)
    assert not [each for each in ("陈小明", "1381234", "文一西路", "山茶") if each in sent]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": null}}]}',
        b"\xff\xfe",
        b"[" * 50_000,
        answer("先说几点发货"),
        answer("[]"),
        answer('{"hint": 3}'),
        answer('{"hint": ""}'),
        answer('{"hint": "好", "mark": "wrong"}'),
        answer('{"hint": "a\\u0000b"}'),
        answer(json.dumps({"hint": "长" * 301})),
        answer('{"hint": "好"}') + b" " * MAX_ANSWER_BYTES,
    ],
)
def test_what_is_not_the_answer_that_was_asked_for_is_none(
    server: ModelServer, body: bytes
) -> None:
    server.body = body

    assert ask(server) is None


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500, 503])
def test_a_status_of_failure_is_none(server: ModelServer, status: int) -> None:
    server.status = status

    assert ask(server) is None
    assert len(server.asked) == 1


@pytest.mark.parametrize(("pause_s", "drip_s"), [(SLOW_S, 0.0), (0.0, 0.05)])
def test_the_limit_holds_for_the_whole_answer(
    server: ModelServer, pause_s: float, drip_s: float
) -> None:
    server.pause_s, server.drip_s = pause_s, drip_s
    begun = time.monotonic()

    assert ask(server) is None
    assert time.monotonic() - begun < LIMIT_S + 1


def test_nobody_there_is_none() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    assert ChatModel(f"http://127.0.0.1:{port}/v1", "small").ask("", "", "hint") is None


def test_who_asks_while_another_waits_gets_none_at_once(server: ModelServer) -> None:
    arrived, free = threading.Event(), threading.Event()

    def wait() -> None:
        arrived.set()
        free.wait(5)

    server.meanwhile = wait
    found: list[str | None] = []
    patient = ChatModel(server.url, "small", limit_s=10)
    first = threading.Thread(target=lambda: found.append(patient.ask("", "", "hint")))
    first.start()
    assert arrived.wait(5)

    assert patient.ask("", "", "hint") is None
    free.set()
    first.join()
    assert found == ["先说几点发货"]


def test_spaces_around_the_text_are_taken_off() -> None:
    assert said(answer('{"hint": "  好 "}'), "hint") == "好"


def test_there_is_no_model_by_default() -> None:
    assert not Settings.from_environment({}).model_url


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("ftp://127.0.0.1/v1", "m"),
        ("127.0.0.1:80", "m"),
        ("http://", "m"),
        ("http://h:99999/v1", "m"),
        ("http://h/v1\r\nX: y", "m"),
        ("http://127.0.0.1/v1", ""),
    ],
)
def test_a_model_that_cannot_be_is_told(url: str, name: str) -> None:
    with pytest.raises(SettingError, match="CSTRAIN_MODEL"):
        Settings.from_environment({"CSTRAIN_MODEL_URL": url, "CSTRAIN_MODEL_NAME": name})


def test_the_key_does_not_show() -> None:
    made = Settings.from_environment(
        {
            "CSTRAIN_MODEL_URL": "http://h/v1/",
            "CSTRAIN_MODEL_NAME": "m",
            "CSTRAIN_MODEL_KEY": "geheim",
        }
    )

    assert (made.model_url, made.model_key) == ("http://h/v1", "geheim")
    assert "geheim" not in repr(made)
