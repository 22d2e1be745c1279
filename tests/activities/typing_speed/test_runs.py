"""Runs through the pages: begin, type, hand in; the gate; what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cstrain.activities.typing_speed import queries, service
from cstrain.activities.typing_speed.models import TypingChunk, TypingRun
from cstrain.core.evidence.models import Evidence
from cstrain.core.pathway import attempts
from cstrain.core.pathway.models import Enrolment
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction
from tests.activities.typing_speed.typing_site import OFFICIAL, PRACTICE, WRONG, Site, keyed
from tests.plugins.shop import MakePerson, SignIn


def five_minutes(site: Site, **how: Any) -> str:
    """An official run that the clock ends."""
    typed = site.type_in(360, until_ms=299_500, **how)
    site.shift_start(300_500)
    return typed


def test_a_supervised_run_passes_the_gate(site: Site) -> None:
    site.begin(OFFICIAL, code=site.code())
    typed = five_minutes(site, wrong_every=60)

    answer = site.hand_in(typed, client_ms=300_000)

    assert answer.get_json() == {"url": site.url}
    with site.app.app_context():
        run, evidence = site.run(), site.evidence()
        assert run.verdict == "valid", run.result
        assert run.elapsed_ms == 300_000
        assert evidence.score == 1
        assert evidence.measures["net_cpm"] == pytest.approx(354 / 5)
        assert evidence.measures["best_net_cpm"] == evidence.measures["net_cpm"]
        assert evidence.measures["week_days_count"] == 1
        assert db.session.scalars(select(Enrolment.state)).one() == "completed"
    page = site.client.get(site.url).text
    assert "70.8" in page
    assert f"<del>{WRONG}</del>" in page


def test_without_a_code_a_person_must_look(site: Site) -> None:
    site.begin(OFFICIAL)
    site.hand_in(five_minutes(site), client_ms=300_000)

    with site.app.app_context():
        evidence = site.evidence()
        assert evidence.score is None
        assert site.run().is_recorded is False
        with transaction():
            attempts.settle(evidence.id, accepted=True, by=site.trainer.id, now=utc_now())

        assert site.run().is_recorded is True
        assert db.session.scalars(select(Enrolment.state)).one() == "completed"


def test_a_refused_run_stands_for_nothing(site: Site) -> None:
    site.begin(OFFICIAL)
    site.hand_in(five_minutes(site), client_ms=300_000)

    with site.app.app_context():
        with transaction():
            attempts.settle(site.evidence().id, accepted=False, by=site.trainer.id, now=utc_now())

        latest = db.session.scalars(select(Evidence).order_by(Evidence.id.desc())).first()
        assert latest is not None
        assert latest.score == 0
        assert latest.measures == {}


def test_too_slow_asks_for_practice(site: Site) -> None:
    site.begin(OFFICIAL, code=site.code())
    site.log = keyed(site.passage().replace("\n", "")[:150], until_ms=299_500)
    site.post("start", {})
    site.post("chunks", {"seq": 1, "events": site.log})
    site.shift_start(300_500)

    site.hand_in("".join(e[4] for e in site.log if e[1] == "e"), client_ms=300_000, seq=1)

    with site.app.app_context():
        shortfall = site.evidence().shortfalls[0]
        assert shortfall["target"] == "activity:typing-practice"
        assert shortfall["reason"] == "too_slow"
    assert site.client.post(OFFICIAL).status_code == 409
    assert "最好 30 字/分" in site.client.get("/course").text
    assert re.search(r'<h2 id="kind-\d+">打字 ', site.client.get("/practice").text)


def test_a_wrong_code_begins_nothing(site: Site) -> None:
    site.code()

    answer = site.client.post(OFFICIAL, data={"code": "WRONG1"})

    assert answer.status_code == 422
    assert "口令不对" in answer.text
    with site.app.app_context():
        assert db.session.scalars(select(TypingRun)).all() == []


def test_a_withdrawn_code_opens_nothing(site: Site) -> None:
    code = site.code()
    site.staff.post(f"/typing/proctor/{site.trainee.team_id}/withdraw")

    assert site.client.post(OFFICIAL, data={"code": code}).status_code == 422


def test_an_official_text_is_long_enough_and_unseen(site: Site) -> None:
    site.begin(OFFICIAL)
    first = site.passage()
    with site.app.app_context(), transaction():
        attempts.close(site.attempt_id, by=None, now=utc_now())
        seen = set(site.run().sources)
        again = queries.sources_seen(
            site.trainee.id, official=True, since=utc_now() - timedelta(days=1)
        )

    assert len(first.replace("\n", "")) >= 800
    assert set(again) == seen


def test_practice_is_recorded_and_offers_a_drill(site: Site) -> None:
    site.begin(PRACTICE)
    typed = site.type_in(120, wrong_every=30)
    site.hand_in(typed, finished=False)

    page = site.client.get(site.url).text
    assert "专练" in page
    with site.app.app_context():
        run = site.run()
        assert run.is_recorded
        assert run.result is not None
        wrong = run.result["worst"][0][0]
    drilled = site.begin(PRACTICE, drill=wrong)
    assert wrong in site.passage()
    assert site.client.get(drilled).status_code == 200


def test_a_drill_needs_sentences(site: Site) -> None:
    answer = site.client.post(PRACTICE, data={"drill": "鳜"})

    assert answer.status_code == 422
    assert "练习短文里没有这几个字" in answer.text


def test_a_chunk_counts_once_and_cannot_change(site: Site) -> None:
    site.begin(PRACTICE)
    site.post("start", {})
    first = {"seq": 1, "events": [[0, "k", "KeyN"]]}

    answers = [
        site.post("chunks", each).status_code
        for each in (first, first, {"seq": 1, "events": [[0, "k", "KeyM"]]})
    ]

    assert answers == [200, 200, 409]
    with site.app.app_context():
        assert len(db.session.scalars(select(TypingChunk)).all()) == 1


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("chunks", {"seq": 1, "events": [[0, "b"]]}, 409),
        ("start", {}, 200),
        ("chunks", {"seq": 0, "events": [[0, "b"]]}, 422),
        ("chunks", {"seq": True, "events": [[0, "b"]]}, 422),
        ("chunks", {"seq": 1, "events": "x"}, 422),
        ("chunks", {"seq": 1, "events": []}, 422),
        ("chunks", {"seq": 1, "events": [[0, "k", "😀\u0000"]]}, 409),
        ("chunks", [1], 422),
        ("finish", {"seq": 0}, 409),
        ("finish", "nonsense", 422),
    ],
)
def test_forged_posts_get_an_answer(site: Site, name: str, body: object, status: int) -> None:
    site.begin(PRACTICE)

    assert site.post(name, body).status_code == status


def test_what_the_browser_claims_is_not_believed(site: Site) -> None:
    site.begin(OFFICIAL, code=site.code())
    typed = five_minutes(site, wrong_every=10)

    site.hand_in(typed, client_ms=300_000, net_cpm=500, accuracy_ratio=1, passed=True)

    with site.app.app_context():
        assert site.evidence().measures["accuracy_ratio"] == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda typed: {"final_value": typed + "写进来的"}, "replay_differs"),
        (lambda _typed: {"seq": 40}, "chunk_missing"),
    ],
)
def test_a_doctored_end_is_noticed(
    site: Site, spoil: Callable[[str], dict[str, object]], code: str
) -> None:
    site.begin(OFFICIAL, code=site.code())
    typed = five_minutes(site)

    changes = spoil(typed)
    site.hand_in(str(changes.pop("final_value", typed)), client_ms=300_000, **changes)

    with site.app.app_context():
        run, evidence = site.run(), site.evidence()
        assert run.result is not None
        assert code in [flag["code"] for flag in run.result["flags"]]
        assert evidence.score != 1
        assert not run.is_recorded


def test_a_slowed_clock_gains_nothing(site: Site) -> None:
    site.begin(OFFICIAL, code=site.code())
    typed = five_minutes(site)
    site.shift_start(400_000)

    site.hand_in(typed, client_ms=300_000)

    with site.app.app_context():
        run = site.run()
        assert run.elapsed_ms is not None
        assert run.elapsed_ms >= 400_000
        assert site.evidence().score is None


def test_handing_in_twice_gives_the_same_address(site: Site) -> None:
    site.begin(PRACTICE)
    typed = site.type_in(60)

    answers = [site.hand_in(typed).get_json() for _ in range(2)]

    assert answers == [{"url": site.url}] * 2


def test_a_late_chunk_is_refused(site: Site) -> None:
    site.begin(PRACTICE)
    site.hand_in(site.type_in(60))

    assert site.post("chunks", {"seq": 9, "events": [[0, "b"]]}).status_code == 409


def test_a_run_that_nobody_finished_is_judged_at_the_deadline(site: Site) -> None:
    site.begin(OFFICIAL, code=site.code())
    site.type_in(100)

    with site.app.app_context(), transaction():
        attempts.close(site.attempt_id, by=None, now=utc_now())

    with site.app.app_context():
        assert site.run().elapsed_ms == 300_000
        assert site.run().net_cpm == pytest.approx(20)


def test_somebody_elses_run_is_not_there(
    site: Site, make_person: MakePerson, sign_in: SignIn
) -> None:
    site.begin(PRACTICE)
    other = sign_in(make_person())

    assert other.get(site.url).status_code == 404
    assert other.post(f"{site.url}/start", json={}).status_code == 404
    assert other.post(f"{site.url}/finish", json={}).status_code == 404
    assert other.post(f"{site.url}/hand-in").status_code == 404


def test_a_trainer_sees_the_run_and_its_text_only_afterwards(site: Site) -> None:
    site.begin(OFFICIAL)
    before = site.staff.get(site.url)
    site.hand_in(five_minutes(site), client_ms=300_000)

    assert "data-passage" not in before.text
    assert site.staff.get(site.url).status_code == 200
    assert "学员" in site.staff.get("/typing/proctor").text


def test_a_trainee_has_no_proctor_page(site: Site) -> None:
    assert site.client.get("/typing/proctor").status_code == 403
    path = f"/typing/proctor/{site.trainee.team_id}/code"
    assert site.client.post(path).status_code == 403


def test_questions_come_after_practice(site: Site) -> None:
    site.begin(PRACTICE)
    site.hand_in(site.type_in(60))

    asked = site.client.get(site.url).text
    first = re.findall(r'name="(recall-\d+)" value="(\w)"', asked)[:1]
    answered = site.client.post(site.url, data=dict(first))

    assert "打完记住了吗" in asked
    assert answered.status_code == 200


def test_old_logs_go_and_figures_stay(site: Site) -> None:
    site.begin(PRACTICE)
    site.hand_in(site.type_in(60))

    with site.app.app_context():
        with transaction():
            kept = service.forget_logs(now=utc_now())
        with transaction():
            gone = service.forget_logs(now=utc_now() + timedelta(days=91))

        assert (kept, gone > 0) == (0, True)
        assert site.run().net_cpm is not None


@pytest.mark.parametrize("url", [OFFICIAL, PRACTICE])
def test_the_first_page_says_what_is_asked(site: Site, url: str) -> None:
    page = site.client.get(url).text

    assert "分钟" in page
    assert "开始" in page


def test_an_unknown_activity_is_not_found(site: Site) -> None:
    assert site.client.get("/typing/nothing").status_code == 404


def test_home_and_practice_name_the_same_best(site: Site) -> None:
    site.begin(PRACTICE)
    site.hand_in(site.type_in(120, wrong_every=30), finished=False)

    practice = site.client.get("/practice").text
    best = re.search(r'<strong class="num">([\d.]+ 字/分)</strong>', practice)

    assert best is not None
    assert f"最好 {best[1]}" in site.client.get("/").text


def test_the_shops_answers_are_promised_only_where_they_are_typed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise, advice = "一半时候打本店的常见回答", "还没有一类连起来够 300 字"
    without = [client.get(PRACTICE).text for client in (site.client, site.staff)]
    monkeypatch.setattr("cstrain.activities.typing_speed.views.ready", lambda _catalogue: ["a"])
    with_some = site.client.get(PRACTICE).text

    assert [(promise in page, advice in page) for page in (*without, with_some)] == [
        (False, False),
        (False, True),
        (True, False),
    ]
