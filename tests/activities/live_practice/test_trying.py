"""A scenario is tried before it is published: read, played anew, published, taken back."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cstrain.activities.live_practice import try_graph, trying
from cstrain.activities.live_practice.condition import Event
from cstrain.kit import jobs
from cstrain.kit.errors import InvalidError
from tests.activities.live_practice.practice_course import PARCEL, VEST, Reception

RIGHT, WRONG = "抱歉让您等了，今天 16 点前发货。", "明天才发货"


def _post(client: FlaskClient, do: str, text: str = PARCEL, **fields: str) -> TestResponse:
    return client.post("/practice/try", data={"text": text, "do": do, **fields})


def _log(answer: TestResponse) -> str:
    found = re.search(r'name="log" value="([^"]*)"', answer.text)
    assert found is not None
    return found[1].replace("&#34;", '"').replace("&quot;", '"').replace("&amp;", "&")


def _talk(answer: TestResponse) -> str:
    """What was said, as it is copied."""
    found = re.search(r'<pre id="try-transcript"[^>]*>(.*?)</pre>', answer.text, re.DOTALL)
    assert found is not None
    return found[1]


def _problems(text: str) -> str:
    return " ".join(each.problem for each in trying.opened(text).problems)


def test_a_log_gives_the_same_talk_however_it_was_made() -> None:
    scenario = trying.opened(PARCEL).scenario
    assert scenario is not None
    talk = trying.written_out(scenario, 3, trying.play(scenario, 3, trying.Log(), words=()))
    for text in ("在的", WRONG, RIGHT):
        event = Event(talk.condition.at_ms + 9_000, "line", text)
        talk = trying.answered(scenario, 3, talk, event, words=())
    talk = trying.waited(scenario, 3, talk, 30)
    log = trying.log_of(talk)
    assert trying.read_log(log.to_json()) == log
    again = trying.play(scenario, 3, log, words=())
    assert again == talk
    assert len(trying.undone(log).events) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("---\nkind: scenario\n" + "长" * 50_000 + "\n---\n", "最多 40000 字"),
        ("---\nkind: scenario\na: &x [1, 2]\nb: [*x, *x]\n---\n", "不能用 & 和 *"),
        ("---\nkind: scenario\na: " + "[" * 3_000 + "]" * 3_000 + "\n---\n", "超过 20 层"),
        ("---\nkind: scenario\na: " + "{a: " * 30 + "1" + "}" * 30 + "\n---\n", "超过 20 层"),
        ("---\nkind: lesson\n---\n", "kind: scenario"),
        ("没有开头", "kind: scenario"),
        ("---\nkind: scenario\na: [\n---\n", "YAML 读不懂"),
        ("---\nkind: scenario\na: " + "9" * 6_000 + "\n---\n", ""),
    ],
)
def test_hostile_files_become_problems(text: str, problem: str) -> None:
    opened = trying.opened(text)
    assert opened.scenario is None
    assert opened.problems
    assert problem in _problems(text)


@pytest.mark.parametrize(
    "log",
    [
        "[",
        "[]",
        '{"events": 3, "until_ms": 0}',
        '{"events": [3], "until_ms": 0}',
        '{"events": [], "until_ms": -1}',
        '{"events": [], "until_ms": 99999999999}',
        '{"events": [], "until_ms": true}',
        (
            '{"events": [{"at_ms": 9, "kind": "line", "text": "", "action": "", "params": {}}],'
            ' "until_ms": 9}'
        ),
        (
            '{"events": [{"at_ms": 9, "kind": "action", "text": "", "action": "rob",'
            ' "params": {}}], "until_ms": 9}'
        ),
        (
            '{"events": [{"at_ms": 9, "kind": "action", "text": "", "action": "note",'
            ' "params": {"x": "1"}}], "until_ms": 9}'
        ),
        (
            '{"events": [{"at_ms": 9, "kind": "line", "text": "a", "action": "", "params": {}}],'
            ' "until_ms": 3}'
        ),
        "[" * 100_000,
    ],
)
def test_hostile_logs_are_refused(log: str) -> None:
    with pytest.raises(InvalidError):
        trying.read_log(log)


def test_ten_thousand_events_are_refused() -> None:
    event = {"at_ms": 9, "kind": "line", "text": "a", "action": "", "params": {}}
    with pytest.raises(InvalidError, match="120"):
        trying.read_log(json.dumps({"events": [event] * 10_000, "until_ms": 9}))
    with pytest.raises(InvalidError, match="120"):
        trying.read_log(json.dumps({"events": [event] * 121, "until_ms": 9}))


def test_the_graph_shows_every_state_and_what_nothing_leads_to() -> None:
    text = PARCEL.replace("打断:\n  - {之间: [300, 320], 去: 还有没有}\n", "")
    opened = trying.opened(text)
    assert opened.scenario is not None, "a state nobody reaches can be looked at"
    assert "走不到状态“还有没有”" in _problems(text)
    drawn = try_graph.graph(opened.scenario)
    looks = {each.name: each.look for each in drawn.boxes}
    assert looks == {
        "催发": "state",
        "要备注": "state",
        "还有没有": "lost",
        "好了": "good",
        "不管了": "bad",
        "投诉了": "bad",
    }
    places = {(each.x, each.y) for each in drawn.boxes}
    assert len(places) == len(drawn.boxes)
    assert all(0 <= x <= drawn.width - try_graph.WIDTH for x, _y in places)


def test_staff_alone_try(reception: Reception) -> None:
    assert reception.staff.get("/practice/try").status_code == 200
    assert reception.client.get("/practice/try").status_code == 403
    assert _post(reception.client, "read").status_code == 403
    assert reception.client.post("/practice/try/take-back").status_code == 403
    assert reception.staff.get("/practice/try?team=99").status_code == 404
    assert reception.staff.get("/practice/try?scenario=nobody").status_code == 404


def test_a_talk_goes_on_from_click_to_click(reception: Reception) -> None:
    page = _post(reception.staff, "read")
    assert page.status_code == 200
    assert "昨天拍的怎么还没发" in _talk(page)
    page = _post(reception.staff, "say", line=WRONG, log=_log(page))
    assert "说得不对：今天发" in _talk(page)
    page = _post(reception.staff, "undo", log=_log(page))
    assert "说得不对" not in _talk(page)
    page = _post(reception.staff, "say", line=RIGHT, log=_log(page))
    assert "那给我备注一下要顺丰" in _talk(page)
    page = _post(reception.staff, "act-note", log=_log(page), **{"note-text": "要顺丰"})
    assert "谢谢" in _talk(page)
    assert "问题解决了" in page.text
    page = _post(reception.staff, "wait-90", log=_log(page))
    assert "已经走了" in page.text
    refused = _post(reception.staff, "say", line="再见", log=_log(page))
    assert refused.status_code == 422
    assert "顾客已经走了" in refused.text
    fresh = _post(reception.staff, "restart", log=_log(page))
    assert "谢谢" not in _talk(fresh)


def test_silence_is_tried_at_once(reception: Reception) -> None:
    page = _post(reception.staff, "read")
    page = _post(reception.staff, "wait-30", log=_log(page))
    said = len(_talk(page))
    page = _post(reception.staff, "wait-90", log=_log(page))
    assert len(_talk(page)) > said
    assert '<strong lang="zh-CN">投诉了</strong>' in page.text
    assert json.loads(_log(page))["events"] == []


def test_problems_keep_the_text(reception: Reception) -> None:
    broken = PARCEL.replace("开场: 催发", "开场: 没有的")
    page = _post(reception.staff, "read", broken)
    assert "第 " in page.text
    assert "没有的" in page.text
    assert "昨天拍的怎么还没发" in page.text, "the file is still in its box"
    bad = _post(reception.staff, "say", line="您好", log="[")
    assert bad.status_code == 422
    assert "聊天记录读不懂" in bad.text
    assert "kind: scenario" in bad.text


def test_a_published_scenario_is_opened_and_statements_are_few(reception: Reception) -> None:
    reception.staff.get("/practice/try")
    with reception.statements() as noted:
        page = reception.staff.get("/practice/try?scenario=parcel-late")
    assert "slug: parcel-late" in page.text
    assert len(noted) <= 8, noted
    with reception.statements() as noted:
        assert _post(reception.staff, "say", line=RIGHT, log=_log(page)).status_code == 200
    assert len(noted) <= 8, noted


def test_the_file_is_downloaded(reception: Reception) -> None:
    answer = _post(reception.staff, "download")
    assert answer.headers["Content-Disposition"].endswith("parcel-late.md")
    assert answer.get_data(as_text=True) == PARCEL


def test_it_is_published_and_taken_back(reception: Reception) -> None:
    text = PARCEL.replace("昨天拍的怎么还没发", "前天拍的还没动静")
    answer = _post(reception.staff, "publish", text)
    assert answer.status_code == 302
    jobs.run_waiting(reception.app)
    told = reception.staff.get(answer.location)
    assert "已经发布" in told.text
    page = reception.staff.get("/practice/try?scenario=parcel-late")
    assert "前天拍的还没动静" in page.text
    back = reception.staff.post(
        "/practice/try/take-back", data={"path": "practice/scenarios/parcel-late.md"}
    )
    assert back.status_code == 302
    jobs.run_waiting(reception.app)
    page = reception.staff.get("/practice/try?scenario=parcel-late")
    assert "前天拍的还没动静" not in page.text
    assert "昨天拍的怎么还没发" in page.text


def test_what_is_wrong_is_not_published(reception: Reception) -> None:
    unlike = PARCEL.replace("错例: [明天才发货]", "错例: [好的]")
    broken = _post(reception.staff, "publish", unlike)
    assert broken.status_code == 422
    assert "还有问题，没有发布" in broken.text
    away = _post(reception.staff, "publish", PARCEL.replace("slug: parcel-late", "slug: ../../x"))
    assert away.status_code == 422
    copied = _post(reception.staff, "publish", VEST.replace("slug: vest-bargain", "slug: copy"))
    assert copied.status_code == 302
    jobs.run_waiting(reception.app)
    told = reception.staff.get(copied.location)
    assert "没有发布" in told.text
    assert "一个模子" in told.text
