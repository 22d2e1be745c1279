"""The pages of reviews: for trainers of the team alone, by keys or as a plain form."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cstrain import plugin
from cstrain.core.pathway import attempts
from cstrain.core.people.access import Role
from cstrain.core.review import trust, words
from cstrain.core.review.service import Draft
from cstrain.kit import i18n
from cstrain.kit.db import db, transaction
from cstrain.notices import service as inbox
from cstrain.notices.models import InboxMessage
from tests.core.pathway.conftest import COURSE
from tests.core.review.conftest import FULL, RUBRIC, SHORT, UNCLEAR, Desk
from tests.core.review.test_service import agreeing
from tests.plugins.shop import MakePerson, MakeTeam, Shop, SignIn, Someone

FORM = {"value-facts": "4", "value-words": "1", "comment": "不错"}


@pytest.fixture
def page(desk: Desk, sign_in: SignIn) -> FlaskClient:
    """The trainer's browser."""
    return sign_in(desk.trainer)


def test_the_queue_shows_who_waits_and_leads_to_the_page(desk: Desk, page: FlaskClient) -> None:
    desk.hand_in()
    review_id = desk.review().id

    shown = page.get("/queue").text
    answer = page.post(f"/reviews/{review_id}/claim")

    assert desk.trainee.name in shown
    assert f'action="/reviews/{review_id}/claim"' in shown
    assert "/queue/settle/" not in shown  # a rubric's marks are no yes or no
    assert answer.location == f"/reviews/{review_id}"
    assert desk.review().claimed_by == desk.trainer.id


def test_the_page_shows_the_transcript_beside_what_rules_propose(
    desk: Desk, page: FlaskClient
) -> None:
    desk.hand_in()

    shown = page.get(f"/reviews/{desk.review().id}").text

    assert '<li data-line="2" id="line-2">' in shown
    assert 'data-proposed="3" data-proposed-lines="2"' in shown
    assert "说错一处" in shown
    assert "没做到，整次最多 40 分" in shown
    assert "判得一样" not in shown  # three marks would say nothing


def test_what_is_unclear_says_so(desk: Desk, page: FlaskClient) -> None:
    desk.hand_in(request=UNCLEAR)

    shown = page.get(f"/reviews/{desk.review().id}").text

    assert 'data-key="facts" data-full="4" data-proposed=""' in shown
    assert "待判断" in shown
    assert "checked" not in shown.split('data-key="facts"')[1].split("</fieldset>")[0]


def test_a_plain_form_is_enough(desk: Desk, page: FlaskClient) -> None:
    desk.hand_in()
    review_id = desk.review().id

    kept = page.post(f"/reviews/{review_id}", data={**FORM, "action": "save"})
    between = desk.review().state
    done = page.post(f"/reviews/{review_id}", data={**FORM, "action": "complete"})

    assert (kept.location, between) == (f"/reviews/{review_id}", "drafted")
    assert done.location == f"/reviews/{review_id}?just=done"
    assert (desk.review().state, desk.review().comment) == ("done", "不错")


def test_numbers_of_lines_are_taken_as_an_input_method_writes_them(
    desk: Desk, page: FlaskClient
) -> None:
    desk.hand_in()
    url = f"/reviews/{desk.review().id}"
    page.post(url, data={"value-facts": "2", "lines-facts": "６，８、１０"})
    by_form = desk.marks()["facts"].lines
    mark = {"value": "2", "note": "", "lines": ["６，", "７"]}
    answer = page.post(f"{url}/draft", json={"marks": {"facts": mark}})

    assert by_form == ["6", "8", "10"]
    assert answer.status_code == 200
    assert desk.marks()["facts"].lines == ["6", "7"]


@pytest.fixture
def second(desk: Desk, make_person: MakePerson) -> Someone:
    """Somebody else of the team, who has learned what the exam asks for."""
    first, desk.trainee = desk.trainee, make_person(team=Shop(desk.trainer.team_id, "team-1", ""))
    desk.enrol()
    desk.learn("1.1", "1.2")
    found, desk.trainee = desk.trainee, first
    return found


def test_after_one_stand_its_score_its_gate_and_the_next(
    desk: Desk, page: FlaskClient, second: Someone
) -> None:
    desk.hand_in()
    first = desk.review().id
    desk.trainee = second
    desk.hand_in()

    done = page.post(f"/reviews/{first}", data={**FORM, "action": "complete"})
    shown = page.get(done.location or "").text
    following = page.get(f"/reviews/next?after={first}")

    assert "批改完了，学员会收到通知。" in shown
    assert "<strong>100 分</strong>" in shown
    assert "“培训考核”还没有考完" in shown
    assert "下一份（还有 1 份）" in shown
    assert 'data-next="/reviews/next?after=' + str(first) + '" autofocus' in shown
    assert "autofocus" not in page.get(f"/reviews/{first}").text.partition("<main")[2]
    assert following.location == f"/reviews/{desk.review().id}"


def test_a_failed_review_says_so_and_a_practice_that_no_gate_looks_at_too(
    desk: Desk, page: FlaskClient
) -> None:
    desk.hand_in("drill")
    desk.mark()
    practice = page.get(f"/reviews/{desk.review().id}").text
    desk.hand_in()
    desk.mark({**SHORT, "words": Draft(is_marked=True, value=0)})
    failed = page.get(f"/reviews/{desk.review().id}").text

    assert "不算进关卡，成绩已经记下" in practice
    assert "都批完了，回到待办" in practice
    assert "“培训考核”没有通过，补学以后再考" in failed
    assert "<strong>37.5 分</strong>" in failed


def test_the_next_one_goes_round_and_leaves_out_what_others_are_at(
    desk: Desk, page: FlaskClient, second: Someone, sign_in: SignIn
) -> None:
    nothing = page.get("/reviews/next").location
    desk.hand_in()
    first = desk.review().id
    desk.trainee = second
    desk.hand_in()
    last = desk.review().id
    ways = [page.get(f"/reviews/next{end}").location for end in ("", f"?after={first}")]
    round_again = page.get(f"/reviews/next?after={last}").location
    odd = page.get("/reviews/next?after=x").location
    sign_in(desk.manager).post(f"/reviews/{first}/claim")

    assert nothing == "/queue"
    assert ways == [f"/reviews/{first}", f"/reviews/{last}"]
    assert (round_again, odd) == (f"/reviews/{first}", f"/reviews/{first}")
    assert page.get("/reviews/next").location == f"/reviews/{last}"
    assert sign_in(second).get("/reviews/next").status_code == 403


def test_what_is_open_is_shown_and_what_was_written_stays(desk: Desk, page: FlaskClient) -> None:
    desk.hand_in()
    form = {"value-facts": "2", "note-facts": "运费说反了", "action": "complete"}

    answer = page.post(f"/reviews/{desk.review().id}", data=form)

    assert answer.status_code == 422
    assert "没给满分，要选一行聊天做依据" in answer.text
    assert "还没打分" in answer.text
    assert "运费说反了" in answer.text
    assert answer.text.count("data-lacks") == 2


def test_each_mark_is_saved_as_it_is_given(desk: Desk, page: FlaskClient) -> None:
    desk.hand_in()
    url = f"/reviews/{desk.review().id}/draft"
    mark = {"value": "2", "note": "", "lines": ["2"]}

    first = page.post(url, json={"marks": {"facts": mark}})
    second = page.post(url, json={"comment": "还行"})

    assert first.get_json() == {
        "revision": 1,
        "score": "50 分",
        "open": "还有 1 项没批完",
        "lacks": {"words": "还没打分"},
        "skipped": [],
        "notice": "",
    }
    assert second.get_json()["revision"] == 2
    assert (desk.marks()["facts"].value, desk.review().comment) == (2, "还行")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"marks": []},
        {"comment": 3},
        {"marks": {"facts": 3}},
        {"marks": {"facts": {"value": 3, "note": "", "lines": []}}},
        {"marks": {"facts": {"value": "²", "note": "", "lines": []}}},
        {"marks": {"facts": {"value": "12", "note": "", "lines": []}}},
        {"marks": {"facts": {"value": "1", "note": "", "lines": [1]}}},
    ],
)
def test_a_draft_that_makes_no_sense_is_refused(
    desk: Desk, page: FlaskClient, body: object
) -> None:
    desk.hand_in()

    answer = page.post(f"/reviews/{desk.review().id}/draft", json=body)

    assert answer.status_code == 422
    assert desk.review().revision == 0


def test_a_taken_review_is_shown_and_taken_over_on_purpose(
    desk: Desk, page: FlaskClient, sign_in: SignIn
) -> None:
    desk.hand_in()
    url = f"/reviews/{desk.review().id}"
    page.post(f"{url}/claim")
    manager = sign_in(desk.manager)

    # The pages ask the real clock, the way's steps do not.
    shown = manager.get(url).text
    refused = manager.post(url, data={**FORM, "action": "complete"})
    taken = manager.post(f"{url}/claim", data={"take": "yes"})

    assert "正在批改这一份" in shown
    assert 'id="marking"' not in shown
    assert refused.status_code == 409
    assert taken.status_code == 302
    assert 'id="marking"' in manager.get(url).text


def test_a_foreign_review_is_not_there(
    desk: Desk, make_team: MakeTeam, make_person: MakePerson, sign_in: SignIn
) -> None:
    foreign = sign_in(make_person(Role.TRAINER, Role.MANAGER, team=make_team("别的店")))
    desk.hand_in()
    url = f"/reviews/{desk.review().id}"

    assert foreign.get(url).status_code == 404
    assert foreign.post(url, data=FORM).status_code == 404
    for action in ("claim", "correct", "withdraw", "draft"):
        assert foreign.post(f"{url}/{action}", data={"reason": "x"}).status_code == 404
    assert desk.trainee.name not in foreign.get("/reviews").text
    assert desk.trainee.name not in foreign.get("/queue").text
    team_url = f"/reviews/agreement/{desk.trainer.team_id}"
    assert foreign.post(team_url, data={}).status_code == 404


def test_a_trainee_has_no_reviews_to_see(desk: Desk, sign_in: SignIn) -> None:
    desk.hand_in()
    trainee = sign_in(desk.trainee)

    for path in ("/reviews", f"/reviews/{desk.review().id}", "/reviews/agreement"):
        assert trainee.get(path).status_code == 403


def test_ones_own_is_for_others(desk: Desk, make_person: MakePerson, sign_in: SignIn) -> None:
    both = make_person(Role.TRAINEE, Role.TRAINER, team=Shop(desk.trainer.team_id, "team-1", ""))
    desk.trainee = both
    desk.enrol()
    desk.learn("1.1", "1.2")
    desk.hand_in()
    client = sign_in(both)

    assert client.get(f"/reviews/{desk.review().id}").status_code == 403
    assert client.post(f"/reviews/{desk.review().id}", data=FORM).status_code == 403
    assert "自己的，等别人批" in client.get("/queue").text


def test_an_administrator_sees_the_queue_and_does_not_mark(
    desk: Desk, make_person: MakePerson, sign_in: SignIn
) -> None:
    team = Shop(desk.trainer.team_id, "team-1", "")
    client = sign_in(make_person(Role.ADMINISTRATOR, team=team))
    desk.hand_in()

    shown = client.get("/queue").text

    assert desk.trainee.name in shown
    assert "去批改" not in shown
    assert 'href="/reviews' not in shown
    assert client.get(f"/reviews/{desk.review().id}").status_code == 403


def test_a_correction_starts_from_what_was_given(desk: Desk, page: FlaskClient) -> None:
    desk.hand_in()
    desk.mark(SHORT)
    old = desk.review().id

    without = page.post(f"/reviews/{old}/correct", data={"reason": ""})
    begun = page.post(f"/reviews/{old}/correct", data={"reason": "看漏了"})
    shown = page.get(begun.location or "").text
    done = page.post(begun.location or "", data={**FORM, "action": "complete"})

    assert without.status_code == 422
    assert "运费说反了" in shown
    assert "为什么：看漏了" in shown
    assert "原来的成绩照样算" in shown
    assert f'href="/reviews/{old}"' in shown
    assert done.status_code == 302
    assert 'href="/reviews"' in page.get("/queue").text  # though nothing waits any more
    marked = page.get("/reviews?show=done").text
    assert "后来更正过" in marked
    assert "申诉在最上面" not in marked
    assert "以更正为准" in page.get(f"/reviews/{old}").text


def test_a_correction_is_given_up(desk: Desk, page: FlaskClient) -> None:
    desk.hand_in()
    desk.mark(SHORT)
    old = desk.review().id
    begun = page.post(f"/reviews/{old}/correct", data={"reason": "看漏了"}).location

    answer = page.post(f"{begun}/withdraw")

    assert answer.location == f"/reviews/{old}"
    assert "更正这次批改？" in page.get(f"/reviews/{old}").text
    assert "更正撤回了" in page.get(begun or "").text


def test_the_trainee_sees_the_marking_when_it_is_done(desk: Desk) -> None:
    attempt_id = desk.hand_in()
    desk.save(SHORT)

    with desk.app.app_context():
        waiting = plugin.review_of(attempts.get(attempt_id))
    desk.complete()
    with desk.app.app_context():
        done = plugin.review_of(attempts.get(attempt_id))

    assert waiting == plugin.ReviewView(is_done=False)
    assert done is not None
    (section,) = done.sections
    facts = section.criteria[0]
    assert (done.score, done.by_name) == ("62.5 分", desk.trainer.name)
    assert (facts.given, facts.note, facts.lines) == ("2 / 4", "运费说反了", ["2"])
    assert (facts.is_overruled, facts.proposal) == (True, "3 / 4")


def test_the_trainee_sees_what_a_correction_has_changed_and_why(desk: Desk) -> None:
    attempt_id = desk.hand_in()
    desk.mark(SHORT)
    desk.correct()
    desk.mark(FULL)

    with desk.app.test_request_context():
        found = plugin.review_of(attempts.get(attempt_id))
        assert found is not None
        pieces = desk.app.jinja_env.get_template("review/pieces.html").module
        shown = str(pieces.marks(found))  # type: ignore[attr-defined]

    (was,) = found.earlier
    assert (found.score, was.score, was.by_name) == ("100 分", "62.5 分", desk.trainer.name)
    assert (found.reason, found.url) == ("看漏了一行", None)
    assert "为什么：看漏了一行" in shown
    assert "原来 62.5 分" in shown
    assert shown.count("更正以前：") == 1
    assert "更正以前：2 / 4" in shown


def test_the_record_shows_a_correction_beside_what_it_replaced(desk: Desk, sign_in: SignIn) -> None:
    desk.hand_in()
    client = sign_in(desk.trainee)
    desk.mark(SHORT)
    marked = client.get("/records").text
    desk.correct()
    desk.mark(FULL)
    corrected = client.get("/records").text

    assert "已被更正" not in marked  # it only waited before
    assert corrected.count("已被更正") == 1
    assert ">62 %<" in corrected
    assert ">100 %<" in corrected


def test_the_notice_leads_to_the_result(desk: Desk, sign_in: SignIn) -> None:
    attempt_id = desk.hand_in()
    desk.mark()
    with desk.app.app_context(), transaction():
        inbox.deliver(now=desk.now)
    client = sign_in(desk.trainee)

    with desk.app.app_context():
        message_id = db.session.scalar(
            select(InboxMessage.id).where(InboxMessage.topic == "review_done")
        )
    shown = client.get("/inbox").text

    assert "“标题exam”批改好了" in shown
    assert client.get(f"/inbox/{message_id}").location == f"/fake/attempts/{attempt_id}"


def test_rules_alone_are_named_as_such(desk: Desk, page: FlaskClient) -> None:
    agreeing(desk)
    with desk.app.app_context(), transaction():
        trust.set_trust(
            desk.trainer.team_id, min_kappa=0.5, min_count=4, by=desk.manager.id, now=desk.now
        )
    attempt_id = desk.hand_in("drill")

    with desk.app.app_context():
        found = plugin.review_of(attempts.get(attempt_id))

    assert found is not None
    assert (found.is_by_rules, found.by_name) == (True, "")
    assert "由规则评的" in page.get(f"/reviews/{desk.review().id}").text


def test_a_manager_sets_from_when_on_rules_decide(
    desk: Desk, page: FlaskClient, sign_in: SignIn
) -> None:
    team_id = desk.trainer.team_id
    manager, url = sign_in(desk.manager), f"/reviews/agreement/{desk.trainer.team_id}"
    form = {"is_on": "y", "min_kappa": "0.8", "min_count": "100"}

    by_trainer = page.post(url, data=form)
    wrong = manager.post(url, data={**form, "min_kappa": "0.1"})
    right = manager.post(url, data=form)
    with desk.app.app_context():
        on = trust.trusts([team_id])[team_id]
    manager.post(url, data={**form, "is_on": ""})
    with desk.app.app_context():
        off = trust.trusts([team_id])[team_id]

    assert (by_trainer.status_code, wrong.status_code, right.status_code) == (403, 422, 302)
    assert (on.min_kappa, on.min_count, off.min_kappa) == (0.8, 100, None)


def test_managers_are_told_what_no_rule_can_judge(desk: Desk, sign_in: SignIn) -> None:
    manager = sign_in(desk.manager)
    before = manager.get("/reviews/agreement").text

    desk.publish(
        **COURSE, **{"rubrics/reception.yaml": RUBRIC.replace("        rule: facts\n", "")}
    )

    assert "项只有人能判" not in before
    told = "“接待评分表”有 1 项只有人能判，用它评的练习总要等带教。"
    assert told in manager.get("/reviews/agreement").text


def test_in_english_one_is_no_plural() -> None:
    i18n.speak("en")
    said = [
        *(words.points(ratio) for ratio in (0.01, 0.5, None)),
        *(words.open_words(count) for count in (0, 1, 2)),
    ]
    i18n.speak("zh")

    assert said == [
        *("1 point", "50 points", "–"),
        *("All marked", "1 criterion still open", "2 criteria still open"),
    ]


def test_rules_against_trainers_are_told_in_plain_words_with_their_count(
    desk: Desk, page: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hand_in()
    desk.mark({**FULL, "facts": Draft(is_marked=True, value=3, lines=("2",))})

    few = page.get("/reviews/agreement").text
    monkeypatch.setattr(trust, "SHOWN_FROM", 2)
    desk.hand_in("drill")
    desk.mark()
    enough = page.get("/reviews/agreement").text
    desk.hand_in("drill")
    marking = page.get(f"/reviews/{desk.review().id}").text
    outside, _details, deeper = enough.partition('class="agreement-deeper"')

    assert "规则和带教 2 处判得一样的 2 处（100 %） · 还太少" in few
    assert "1 处里 1 处，太少" in few
    assert "太少，还差 29 处" in few
    assert "练习都等带教批改" in few
    assert "规则和带教 4 处判得一样的 3 处（75 %）<" in outside
    assert "2 处里 1 处（50 %）" in outside
    assert "kappa" not in outside.partition("<main")[2]
    assert "0.00（" in deeper
    assert "怎么看" in deeper
    assert "规则和带教 2 处判得一样的 1 处（50 %）" in marking


def test_a_trainers_first_page_says_what_is_to_be_marked(desk: Desk, page: FlaskClient) -> None:
    desk.hand_in("drill")
    before = page.get("/").text
    desk.mark()

    assert "有 1 份要批改。" in before
    assert '<a class="button button-primary" href="/reviews/next">' in before
    assert 'data-next="/reviews/next"' in before
    assert "没有人在等你。" in page.get("/").text


DEDUCTION = """\
slug: reception
title: {zh: 扣分表, en: By deduction}
style: deduction
bonus_most: 5
sections:
  - key: all
    title: {zh: 全部, en: All}
    criteria:
      - key: facts
        title: {zh: 事实, en: Facts}
        kind: scale
        most: 4
        weight: 20
        needs_evidence: true
        rule: facts
      - key: closing
        title: {zh: 好的结束语, en: A good closing}
        weight: 8
        bonus: true
      - key: words
        title: {zh: 红线, en: Red line}
        weight: 0
        cap: 0
"""


@pytest.mark.parametrize(
    ("given", "score", "raw_score"),
    [
        ({"facts": "4", "closing": "0", "words": "1"}, 1.0, 1.0),
        ({"facts": "1", "closing": "0", "words": "1"}, 0.85, 0.85),
        ({"facts": "1", "closing": "1", "words": "1"}, 0.90, 0.90),  # of 8 points 5 count
        ({"facts": "1", "closing": "1", "words": "0"}, 0.0, 0.90),
    ],
)
def test_a_rubric_that_takes_points_off_is_marked_on_the_page(
    desk: Desk,
    page: FlaskClient,
    given: dict[str, str],
    score: float,
    raw_score: float,
) -> None:
    desk.publish(**{"rubrics/reception.yaml": DEDUCTION})
    attempt_id = desk.hand_in("drill")
    review_id = desk.review().id
    shown = page.get(f"/reviews/{review_id}").text
    values = {f"value-{key}": value for key, value in given.items()}

    page.post(
        f"/reviews/{review_id}",
        data={**values, "lines-facts": "1", "lines-words": "1", "action": "complete"},
    )

    assert [cost in shown for cost in ("1（−15）", "没做到", "做到了（+8）", "没做到（")] == [
        True,
        True,
        True,
        False,
    ]
    done = desk.review()
    assert done.state == "done"
    assert done.score == pytest.approx(score)
    assert done.raw_score == pytest.approx(raw_score)
    assert desk.evidence(attempt_id).outcome.score == pytest.approx(score)
