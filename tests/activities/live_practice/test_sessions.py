"""Sessions as their page drives them: kept once, in order, by the server's clock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from cstrain.activities.live_practice import customer, queries, service
from cstrain.activities.live_practice.condition import Event
from cstrain.activities.live_practice.models import PracticeSession
from cstrain.core.pathway import attempts, sweeping
from cstrain.core.pathway.models import Attempt
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.plugin import GRACE_S, forbidden_words
from cstrain.testing import publish
from tests.activities.live_practice.practice_course import COURSE, PARCEL, Reception
from tests.plugins.shop import MakePerson, SignIn

RIGHT = "抱歉让您等了，今天 16 点前发货。"


def opened(reception: Reception, slug: str = "desk", scenario: str = "parcel-late") -> None:
    """Begin, and let the first customer say everything of the opening burst."""
    reception.begin(slug, scenario)
    reception.wait(3.1)
    reception.wait(8)


def test_from_the_first_line_to_a_solved_case(reception: Reception) -> None:
    reception.begin()
    assert reception.news()["customers"] == []
    first = reception.wait(3.1)
    reception.wait(5)

    reception.send(RIGHT)
    reception.wait(30)
    reception.act("note", text="发顺丰", flag="红")
    reception.send("给您备注上了，祝您生活愉快")
    over = reception.wait(40)

    assert [line["text"] for line in first["lines"]] == ["在吗", "在的，您说，我马上看。"]
    assert over["is_over"] is True
    assert over["next_in_ms"] is None
    assert [each.outcome for each in reception.customers()] == ["solved"]
    assert reception.finish().location == reception.url
    (row,) = reception.evidence()
    assert row.score == 1.0
    assert row.measures["facts_right_count"] == row.measures["actions_right_count"] == 1
    page = reception.client.get(reception.url)
    assert "山茶" in page.text
    assert "催的是发货" in page.text


def test_what_was_decided_counts_when_the_last_words_are_not_said_yet(
    reception: Reception,
) -> None:
    opened(reception)
    reception.send(RIGHT)
    reception.wait(30)
    reception.act("note", text="发顺丰", flag="红")
    reception.send("给您备注上了，祝您生活愉快")

    reception.finish()

    (customer,) = reception.customers()
    assert (customer.gone_ms, customer.outcome) == (None, "solved")
    assert "提前结束，还没接完" not in reception.client.get(reception.url).text


def test_the_state_is_what_the_page_was_promised(reception: Reception) -> None:
    opened(reception)
    state = reception.send(RIGHT).get_json()

    assert set(state) == {
        *("now_ms", "clock", "left_ms", "is_paused", "is_over", "next_in_ms", "cursor"),
        *("total", "arrived", "has_hints", "customers", "lines"),
    }
    (who,) = state["customers"]
    assert set(who) == {
        *("id", "nick", "is_returning", "arrived_ms", "waiting_since_ms", "is_gone", "outcome"),
        *("typing", "typing_in_ms", "hint", "number"),
    }
    (line,) = state["lines"]
    assert set(line) == {
        *("id", "customer", "at_ms", "clock", "role", "kind", "text", "picture", "action"),
        *("card", "mark"),
    }
    assert (line["role"], line["kind"], line["text"]) == ("agent", "text", RIGHT)
    assert line["mark"] == {"turn": "right", "text": "说到了"}
    assert (who["waiting_since_ms"], state["total"], state["left_ms"]) == (None, 1, None)
    assert state["cursor"] == line["id"]


def test_nobody_need_ask_before_something_happens(reception: Reception) -> None:
    reception.begin()
    state, asked = reception.news(), 0

    while not state["is_over"]:
        before_ms = state["now_ms"]
        state = reception.wait(state["next_in_ms"] / 1000)
        asked += 1

        assert state["now_ms"] > before_ms
        assert state["is_over"] or state["next_in_ms"] > 0

    told = {line.at_ms for line in reception.lines() if line.role == "buyer"}
    assert asked <= len(told) + 3  # one for each thing that is heard, few for what is not


def test_the_same_key_twice_is_one_line(reception: Reception) -> None:
    opened(reception)
    first = reception.send(RIGHT, key="same")
    again = reception.send("别的话", key="same")

    assert (first.status_code, again.status_code) == (200, 200)
    own = [line.text for line in reception.lines() if line.role == "agent"]
    assert own == [RIGHT]


def test_two_tabs_see_the_same_and_neither_loses_a_line(reception: Reception) -> None:
    opened(reception)
    who = reception.customer()
    reception.send("您好")
    other = reception.client.post(
        f"{reception.url}/send",
        json={"after": 0, "customer": who, "key": "tab2", "kind": "line", "text": RIGHT},
    ).get_json()

    mine = reception.news()

    said = [line["text"] for line in other["lines"]]
    assert said == ["在吗", "在的，您说，我马上看。", "昨天拍的怎么还没发", "您好", RIGHT]
    assert [line["text"] for line in mine["lines"]] == [RIGHT]


def test_lines_sent_at_once_are_all_kept_and_in_order(
    reception: Reception, sign_in: SignIn
) -> None:
    opened(reception)
    who = reception.customer()

    clients = [sign_in(reception.trainee) for _each in range(8)]

    def send(number: int) -> int:
        client = clients[number]
        body = {"after": 0, "customer": who, "key": f"t{number}", "kind": "line"}
        return client.post(
            f"{reception.url}/send", json={**body, "text": f"第{number}句"}
        ).status_code

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(send, range(8)))

    lines = reception.lines()
    assert codes == [200] * 8
    assert {line.text for line in lines if line.role == "agent"} == {f"第{n}句" for n in range(8)}
    assert [line.at_ms for line in lines] == sorted(line.at_ms for line in lines)


def test_what_is_stored_is_what_a_replay_of_the_log_gives(reception: Reception) -> None:
    opened(reception, scenario="vest-bargain")
    for text in (
        "在的亲",
        "单件不改价，您这单够满 199 减 20",
        "没有赠品，羊毛袜一盒 59 元",
        "稍等",
    ):
        reception.send(text)
        reception.wait(37)
    reception.send("最便宜的了", sure=True)
    reception.wait(700)

    (row,) = reception.customers()
    lines = reception.lines()
    with reception.app.app_context():
        found = attempts.get(reception.attempt_id)
        scenario = queries.finder(found, {row.scenario: row.digest})[row.scenario]
        words = forbidden_words.words_of(attempts.catalogue_of(found))
    log = customer.Log(
        begun_ms=row.arrived_ms,
        events=tuple(
            Event(line.at_ms, "line", text=line.text) for line in lines if line.role == "agent"
        ),
        until_ms=row.gone_ms,
    )
    condition, said, marks = customer.replay(scenario, row.seed, log, words=words)

    told = [(line.at_ms, line.text) for line in lines if line.role == "buyer"]
    assert [(each.at_ms, each.text) for each in said] == told
    assert [mark.to_json() for mark in marks] == [
        line.mark for line in lines if line.role == "agent"
    ]
    assert condition.gone_ms == row.gone_ms
    assert condition.state == row.ending


def test_a_session_looked_at_often_or_never_is_the_same(reception: Reception) -> None:
    reception.begin()
    for _minute in range(40):
        reception.wait(7)
    often = [(line.at_ms, line.role, line.text) for line in reception.lines()]
    seat = reception.session().plan[0]
    reception.finish()

    reception.cursor = 0
    reception.begin()
    _plant(reception, seat)
    reception.wait(280)

    assert [(line.at_ms, line.role, line.text) for line in reception.lines()] == often


def _plant(reception: Reception, seat: list[Any]) -> None:
    """Let the open session have the seat of another one."""
    with reception.app.app_context(), transaction() as session:
        session.execute(
            update(PracticeSession)
            .where(PracticeSession.attempt_id == reception.attempt_id)
            .values(plan=[seat])
        )


def test_a_pause_stops_the_clock_and_is_kept(reception: Reception) -> None:
    opened(reception)
    before = reception.state["now_ms"]

    paused = reception.ask("pause").get_json()
    reception.ask("pause")
    refused = reception.send(RIGHT)
    reception.shift(500)  # the pause moves with it, so it began 500 s ago
    still = reception.news()
    going = reception.ask("resume").get_json()

    assert (paused["is_paused"], paused["next_in_ms"]) == (True, None)
    assert refused.status_code == 409
    assert still["is_paused"] is True
    assert going["is_paused"] is False
    assert going["now_ms"] - before < 505_000
    ((from_at, until_at),) = reception.pauses()
    assert until_at is not None
    assert until_at >= from_at


def test_time_that_stood_still_does_not_count(reception: Reception) -> None:
    opened(reception)
    reception.ask("pause")
    with reception.app.app_context():
        paused_at = reception.session().paused_at
        now = utc_now() + timedelta(minutes=9)
        found = attempts.get(reception.attempt_id)
        with transaction():
            service.resume(found, by=reception.trainee.id, now=now)
            view = service.news(found, after=0, by=reception.trainee.id, now=now)

    assert paused_at is not None
    assert view.now_ms < 15_000
    assert view.desk.guests[0].gone_ms is None


def test_a_session_ended_by_hand_does_not_say_that_time_was_up(reception: Reception) -> None:
    opened(reception)
    reception.finish()

    page = reception.client.get(reception.url).text

    assert "提前结束，还没接完" in page
    assert "时间到" not in page


def test_an_assessment_that_time_ended_says_so(reception: Reception) -> None:
    opened(reception, "desk-exam", "")
    over = {"deadline_at": utc_now()}
    with reception.app.app_context(), transaction() as session:
        for model, key in ((Attempt, Attempt.id), (PracticeSession, PracticeSession.attempt_id)):
            session.execute(update(model).where(key == reception.attempt_id).values(over))
    reception.shift(GRACE_S + 1)

    page = reception.client.get(reception.url).text

    assert "时间到，还没接完" in page


def test_what_a_scenario_is_about_stands_there_after_it_was_served(reception: Reception) -> None:
    before = reception.client.get("/practice/desk").text
    opened(reception)
    reception.send(RIGHT)
    reception.wait(30)
    reception.act("note", text="发顺丰", flag="红")
    reception.send("给您备注上了，祝您生活愉快")
    reception.wait(40)
    reception.finish()

    after = reception.client.get("/practice/desk").text

    assert "怎么还没发</strong>" not in before.replace("昨天拍的怎么还没发", "")
    assert "在吗 昨天拍的怎么还没发" in before
    assert "<strong>怎么还没发</strong>" in after
    assert "接过 1 次，1 次有好结果" in after


def test_a_line_that_is_not_clear_tells_what_kind_of_thing_is_lacking(
    reception: Reception,
) -> None:
    opened(reception)

    reception.send("这个嘛，看情况")

    mark = next(line["mark"] for line in reception.state["lines"] if line["role"] == "agent")
    hint = reception.state["customers"][0]["hint"]
    assert mark["text"] == "还没说清：今天发"
    assert (hint["wants"], hint["how"]) == ("他有麻烦：要一个办法。", "要说清：今天发")


def test_an_assessment_has_no_pause_no_hints_and_ends_by_the_clock(reception: Reception) -> None:
    opened(reception, "desk-exam", "")
    state = reception.news()

    assert reception.ask("pause").status_code == 409
    assert state["has_hints"] is False
    assert {each["hint"] for each in state["customers"]} == {None}
    assert state["left_ms"] is not None
    reception.send("您好")
    assert reception.state["lines"][-1]["mark"] is None
    late = reception.wait(15 * 60)
    assert (late["left_ms"], late["is_over"], late["next_in_ms"]) == (0, True, None)
    refused = reception.send("还来得及吗")
    assert refused.status_code == 409


def test_the_sweep_closes_a_session_that_nobody_looked_at_again(reception: Reception) -> None:
    opened(reception, "desk-exam", "")
    reception.shift(15 * 60 + GRACE_S)

    with reception.app.app_context():
        assert sweeping.sweep(utc_now()) == 1

    (row,) = reception.evidence()
    assert row.score is None
    assert row.measures["customer_count"] == 2
    assert row.measures["answered_count"] == 0
    assert all(each.gone_ms is not None for each in reception.customers())
    assert all(line.at_ms <= 15 * 60 * 1000 for line in reception.lines())
    assert reception.ask("news").status_code == 409


def test_an_exam_waits_for_a_trainer_and_hides_the_veteran_until_then(
    reception: Reception,
) -> None:
    opened(reception, "desk-exam", "")
    reception.wait(60)  # both have come
    reception.send("您好")
    reception.finish()

    own = reception.client.get(reception.url).text
    theirs = reception.staff.get(reception.url).text

    assert "带教逐条确认以后才有成绩" in own
    assert "老客服会说" not in own
    assert "老客服会说" in theirs
    assert "山茶" in own


def test_beside_an_assessment_there_is_no_practice_with_its_answers(reception: Reception) -> None:
    opened(reception)
    practised = reception.url
    reception.finish()
    opened(reception, "desk-exam", "")

    result = reception.client.get(practised)
    begun = reception.client.post("/practice/desk/start", data={"scenario": "parcel-late"})
    reception.finish()

    assert (result.status_code, begun.status_code) == (409, 409)
    assert "老客服会说" not in result.text
    assert "老客服会说" in reception.client.get(practised).text
    reception.begin()


def test_no_assessment_begins_beside_a_practice_that_goes_on_giving_hints(
    reception: Reception,
) -> None:
    reception.begin()

    beside = reception.client.post("/practice/desk-exam/start")
    reception.finish()
    after = reception.client.post("/practice/desk-exam/start")

    assert beside.status_code == 409
    assert "先把它结束" in beside.text
    assert after.status_code == 302


@pytest.mark.parametrize("name", ["news", "send", "pause", "resume"])
def test_somebody_elses_session_is_not_there(
    reception: Reception, name: str, make_person: MakePerson, sign_in: SignIn
) -> None:
    opened(reception)
    body = {"customer": reception.customer(), "key": "x", "kind": "line", "text": "您好"}

    for client in (reception.staff, sign_in(make_person())):
        assert reception.ask(name, client, **body).status_code == 404
        assert client.post(f"{reception.url}/finish").status_code == 404
        assert client.get(f"{reception.url}/customer/{reception.customer()}").status_code == 404
    assert [line.role for line in reception.lines()] == ["buyer", "auto", "buyer"]


def test_staff_see_an_open_session_only_when_it_is_over(reception: Reception) -> None:
    opened(reception)

    assert reception.staff.get(reception.url).status_code == 409
    reception.finish()
    assert reception.staff.get(reception.url).status_code == 200


def test_forbidden_words_are_told_before_they_go_out(reception: Reception) -> None:
    opened(reception)
    text = "这是全网最便宜的"

    told = reception.send(text, key="w")
    insisted = reception.send(text, key="w", sure=True)

    assert told.status_code == 422
    (hit,) = told.get_json()["hits"]
    assert (hit["start"], hit["end"], hit["word"]) == (4, 7, "最便宜")
    assert (hit["instead"], hit["fits"]) == ("这个月的活动价", False)
    assert told.get_json()["may_insist"] is True
    assert insisted.status_code == 200
    assert reception.lines()[-1].mark["turn"] == "forbidden"


def test_an_assessment_can_keep_forbidden_words_back(reception: Reception) -> None:
    opened(reception, "desk-exam", "")

    answer = reception.send("这是全网最便宜的", sure=True)

    assert (answer.status_code, answer.get_json()["may_insist"]) == (422, False)
    assert "agent" not in {line.role for line in reception.lines()}


def test_actions_change_the_order_that_is_shown(reception: Reception) -> None:
    opened(reception)
    before = reception.client.get(f"{reception.url}/customer/{reception.customer()}").text

    refused = reception.act("change_price", amount=100)
    done = reception.act("change_address", address="浙江省宁波市鄞州区")
    after = reception.client.get(f"{reception.url}/customer/{reception.customer()}").text

    assert refused.status_code == 422
    assert "待发货" in refused.get_json()["error"]
    assert done.get_json()["lines"][-1]["text"] == "改地址：浙江省宁波市鄞州区"
    assert done.get_json()["lines"][-1]["action"] == "change_address"
    assert "宁波市鄞州区" not in before
    assert "宁波市鄞州区" in after


def test_a_product_card_is_sent_by_its_number(reception: Reception) -> None:
    opened(reception)

    line = reception.send("", kind="card", card="SC-V01").get_json()["lines"][-1]
    unknown = reception.send("", kind="card", card="SC-X99")

    assert (line["kind"], line["card"]) == ("card", "SC-V01")
    assert line["text"].startswith("轻羽绒马甲，299 元")
    assert unknown.status_code == 422


def test_nobody_can_be_answered_who_is_gone(reception: Reception) -> None:
    opened(reception)
    reception.wait(400)

    answer = reception.send(RIGHT)

    assert answer.status_code == 409
    assert "离开" in answer.get_json()["error"]


def test_a_mix_has_other_customers_at_once(reception: Reception) -> None:
    reception.begin(scenario="")

    state = reception.wait(60)

    assert (state["total"], state["arrived"]) == (2, 2)
    assert {each["nick"] for each in state["customers"]} == {"半糖去冰", "山茶"}


def test_another_scenario_is_chosen_only_before_it_begins(reception: Reception) -> None:
    reception.begin(scenario="vest-bargain")
    assert [seat[0] for seat in reception.session().plan] == ["vest-bargain"]
    reception.wait(4)

    again = reception.client.post("/practice/desk/start", data={"scenario": "parcel-late"})

    assert again.status_code in {302, 409}
    assert [seat[0] for seat in reception.session().plan] == ["vest-bargain"]


def test_an_unknown_scenario_cannot_be_chosen(reception: Reception) -> None:
    answer = reception.client.post("/practice/desk/start", data={"scenario": "nobody"})

    assert answer.status_code == 404


def test_new_content_changes_nothing_in_an_open_session(
    reception: Reception, tmp_path_factory: pytest.TempPathFactory
) -> None:
    opened(reception)
    changed = PARCEL.replace("今天 16 点前发货", "后天发货").replace("山茶", "别人")
    folder = tmp_path_factory.mktemp("newer")
    publish(reception.app, folder, {**COURSE, "practice/scenarios/parcel-late.md": changed})
    with reception.app.app_context():
        reception.app.extensions["cstrain.content"].reload()

    answer = reception.send(RIGHT)

    assert answer.get_json()["customers"][0]["nick"] == "山茶"
    assert reception.lines()[-1].mark["turn"] == "right"


def test_a_sent_line_takes_few_statements_and_little_room(reception: Reception) -> None:
    opened(reception)
    reception.send("您好")

    with reception.statements() as noted:
        reception.send(RIGHT)

    assert len(noted) <= 8, "\n".join(noted)
    assert len(str(tuple(reception.lines()[-1])).encode()) <= 2_000


BROKEN: tuple[dict[str, Any], ...] = (
    {"customer": None},
    {"customer": "1"},
    {"customer": True},
    {"key": ""},
    {"key": None},
    {"key": "x" * 65},
    {"key": "钥匙"},
    {"kind": "shout"},
    {"kind": None},
    {"text": ""},
    {"text": "  \x00\n "},
    {"text": None},
    {"text": "长" * 501},
    {"quick": "DROP TABLE"},
    {"quick": 5},
    {"card": ["x"]},
    {"kind": "card", "card": {}},
    {"after": -1},
    {"after": "0"},
    {"after": 10**30},
    {"kind": "action", "action": "explode"},
    {"kind": "action", "action": "note", "params": {"text": "\x00"}},
    {"kind": "action", "action": "note", "params": []},
    {"kind": "card", "card": "\x00"},
)


@pytest.mark.parametrize("change", BROKEN, ids=lambda change: str(change)[:40])
def test_what_cannot_be_is_refused_and_leaves_nothing(
    reception: Reception, change: dict[str, Any]
) -> None:
    opened(reception)
    before = reception.lines()
    body = {"customer": reception.customer(), "key": "b", "kind": "line", "text": "您好"}

    answer = reception.ask("send", **{**body, **change})

    assert answer.status_code == 422
    assert reception.lines() == before


def test_strange_figures_of_a_page_are_cut(reception: Reception) -> None:
    opened(reception)

    reception.send("您好", typed_chars=10**40, typed_ms=-5, pasted_chars="x")
    reception.send("在的\ud800", typed_chars=1e400, typed_ms=1e400, key="k-odd")

    one, two = [line for line in reception.lines() if line.role == "agent"]
    assert one.origin == {"typed_chars": 2}
    assert (two.text, two.origin) == ("在的", {"typed_chars": 2, "typed_ms": 3_600_000})


@pytest.mark.parametrize("customer_id", [0, -3, 10**6, 10**30])
def test_a_customer_who_is_not_of_the_session_is_not_there(
    reception: Reception, customer_id: int
) -> None:
    opened(reception)

    assert reception.send("您好", customer=customer_id).status_code == 404


def test_pictures_are_drawn_and_nothing_else_is_served(reception: Reception) -> None:
    good = reception.client.get("/practice/pictures/破损包裹.svg")

    assert good.mimetype == "image/svg+xml"
    assert "<script" not in good.text
    assert reception.client.get("/practice/pictures/..%2Fmodels.svg").status_code == 404
