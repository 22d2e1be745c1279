from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from cstrain.kit.db import transaction
from tests.activities.live_practice.practice_course import Reception
from tests.kit.model_server import SLOW_S, ModelServer, answer, serving

WORDS = "先说几点发货"


@pytest.fixture
def model(reception: Reception) -> Iterator[ModelServer]:
    """A model, named by the installation; a customer has come."""
    with serving() as server:
        extensions = reception.app.extensions
        extensions["cstrain.settings"] = replace(
            extensions["cstrain.settings"],
            model_url=server.url,
            model_name="small",
            model_limit_s=1,
        )
        yield server


def arrived(reception: Reception, slug: str = "desk") -> Reception:
    reception.begin(slug)
    reception.news()
    reception.wait(12)
    return reception


def ask(reception: Reception) -> TestResponse:
    body = {"customer": reception.customer()}
    answered: TestResponse = reception.client.post(f"{reception.url}/hint", json=body)
    return answered


def test_a_hint_is_a_line_of_the_chat_that_is_marked(
    reception: Reception, model: ModelServer
) -> None:
    arrived(reception)

    answered = ask(reception)

    assert answered.get_json() == {"is_model": True, "text": WORDS}
    (line,) = [each for each in reception.news()["lines"] if each["role"] == "system"]
    assert (line["text"], line["mark"]) == (WORDS, None)
    assert "今天 16 点前发货" in json.dumps(model.asked, ensure_ascii=False)
    assert "山茶" not in json.dumps(model.asked, ensure_ascii=False)


def test_the_result_says_whose_words_they_are(reception: Reception, model: ModelServer) -> None:
    del model
    arrived(reception)
    ask(reception)
    reception.send("抱歉让您等了，今天 16 点前发货。")
    reception.finish()

    page = reception.client.get(reception.url).text

    assert WORDS in page
    assert "模型写的" in page


def test_a_hint_changes_no_measure(reception: Reception, model: ModelServer) -> None:
    """The same session with and without the model comes to the same."""
    found = []
    for is_asked in (True, False):
        arrived(reception)
        before = len(model.asked)
        if is_asked:
            ask(reception)
        reception.send("抱歉让您等了，今天 16 点前发货。")
        assert len(model.asked) - before == is_asked
        (line,) = [each for each in reception.lines() if each.role == "agent"]
        found.append((line.mark["turn"], line.mark["facts"]))
        reception.finish()
        (shown,) = reception.evidence()
        found.append((shown.score, shown.shortfalls))
        reception.cursor, reception.state = 0, {}

    assert found[:2] == found[2:]


@pytest.mark.parametrize("body", [b"<html>", answer("{}"), answer('{"hint": "我们最便宜"}')])
def test_the_rules_take_over_where_the_model_gives_nothing_fit(
    reception: Reception, model: ModelServer, body: bytes
) -> None:
    arrived(reception)
    model.body = body

    said = ask(reception).get_json()

    assert said["is_model"] is False
    assert "今天发" in said["text"]
    assert not [each for each in reception.lines() if each.role == "system"]


def test_the_rules_take_over_after_the_limit(reception: Reception, model: ModelServer) -> None:
    arrived(reception)
    model.pause_s = SLOW_S

    assert ask(reception).get_json()["is_model"] is False


def test_others_write_while_the_model_is_asked(reception: Reception, model: ModelServer) -> None:
    arrived(reception)

    def write() -> None:
        with reception.app.app_context(), transaction():
            pass

    model.meanwhile = write

    assert ask(reception).get_json()["is_model"] is True


def test_an_assessment_asks_no_model(reception: Reception, model: ModelServer) -> None:
    arrived(reception, "desk-exam")

    assert ask(reception).status_code == 409
    assert not model.asked
    assert "desk-ask" not in reception.client.get(reception.url).text


def test_without_a_model_nothing_is_offered(reception: Reception) -> None:
    arrived(reception)

    assert "desk-ask" not in reception.client.get(reception.url).text
    assert ask(reception).get_json()["is_model"] is False


def test_with_a_model_a_button_asks(reception: Reception, model: ModelServer) -> None:
    arrived(reception)

    assert "desk-ask" in reception.client.get(reception.url).text
    assert not model.asked


def test_nobody_asks_in_anothers_session(reception: Reception, model: ModelServer) -> None:
    arrived(reception)
    body = {"customer": reception.customer()}

    answered = reception.staff.post(f"{reception.url}/hint", json=body)

    assert answered.status_code in {403, 404}
    assert not model.asked
