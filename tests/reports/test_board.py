"""The board, the duty list, records and the export, against a count by hand."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import update

from cstrain.core.certification import duty_list
from cstrain.core.pathway import overview
from cstrain.core.pathway import queries as pathway_queries
from cstrain.core.people.access import TeamRef
from cstrain.core.people.models import Membership
from cstrain.kit import jobs
from cstrain.kit.db import transaction
from cstrain.reports import jobs as exports
from cstrain.reports import queries
from cstrain.reports.filters import BoardFilter
from tests.plugins.course import Course, Statements
from tests.plugins.shop import NOW, MakePerson, MakeTeam, SignIn
from tests.reports.places import Places, make_places

MOST_STATEMENTS = 8


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def places(course: Course, make_team: MakeTeam, make_person: MakePerson) -> Places:
    return make_places(course, make_team, make_person)


def names(app: Flask, places: Places, **wanted: object) -> list[str]:
    """Who is on the board of the shop with this filter, in order."""
    shop = places.shop
    team = TeamRef(shop.id, shop.slug, shop.name, "Asia/Shanghai")
    with app.app_context():
        page = queries.board_page(BoardFilter(**wanted), [team], NOW)  # type: ignore[arg-type]
    assert page.total == len(page.rows)
    return [row.name for row in page.rows]


def test_the_figures_are_those_counted_by_hand(places: Places, app: Flask) -> None:
    team_ids = [places.shop.id]

    with app.app_context():
        duty = duty_list.duty_counts(team_ids, NOW)
        sentence = duty_list.duty_sentence(team_ids, NOW)
        progress = overview.progress(team_ids, NOW)

    assert duty == [duty_list.DutyCount(places.shop.id, 2, 3, 1, 1)]
    assert sentence == "今天可上岗 2 人，缺 1 人，1 人本周到期。"
    assert progress == overview.Progress(active_count=6, stuck_count=4, waiting_count=2)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((23, 25, 3), "今天可上岗 23 人，缺 2 人，3 人本周到期。"),
        ((25, 25, 0), "今天可上岗 25 人，人手够。"),
        ((4, 0, 0), "今天可上岗 4 人。"),
    ],
)
def test_the_sentence_leaves_out_what_is_nought(
    counts: tuple[int, int, int], sentence: str
) -> None:
    on_duty, needed, this_week = counts

    text = duty_list.sentence_of([duty_list.DutyCount(1, on_duty, needed, this_week, 0)])

    assert text == sentence


def test_who_is_stuck_is_told_with_what_and_whose_turn(places: Places, app: Flask) -> None:
    with app.app_context():
        rows = overview.stuck_people([places.shop.id], NOW)

    assert [(row.name, row.turn) for row in rows] == [
        ("癸没动静", "轮到学员自己"),
        ("辛补学久", "轮到学员自己"),
        ("庚次数用完", "轮到带教老师"),
        ("己等签字", "轮到带教老师"),
    ]
    assert rows[0].text == "基础培训：4 天没有动静，还差基础考试"
    assert rows[1].text == "基础培训：补学 3 天还没过，差基础考试"
    assert rows[2].text == "基础培训：没有通过，要带教老师决定，已经等了 22 小时"
    assert rows[3].text == "实战：自己的都做完了，等带教老师确认，已经等了 5 小时"


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (
            {},
            "甲在岗 乙快到期 丙暂停 丁过期 己等签字 庚次数用完 辛补学久 壬补学中 癸没动静 子新来",
        ),
        ({"state": "open"}, "癸没动静 子新来"),
        ({"state": "repeat"}, "辛补学久 壬补学中"),
        ({"state": "waiting"}, "己等签字 庚次数用完"),
        ({"state": "completed"}, "甲在岗 乙快到期 丙暂停 丁过期"),
        ({"state": "due"}, "乙快到期"),
        ({"stuck": True, "sort": "since"}, "癸没动静 辛补学久 庚次数用完 己等签字"),
        ({"stage": "live"}, "己等签字"),
        ({"batch": "2025 老客服"}, "甲在岗 乙快到期 丙暂停 丁过期"),
        ({"q": "补学"}, "辛补学久 壬补学中"),
        ({"q": "%"}, ""),
        ({"sort": "expiry", "state": "completed"}, "丁过期 乙快到期 甲在岗 丙暂停"),
    ],
)
def test_filters_and_orders(
    places: Places, app: Flask, wanted: dict[str, object], shown: str
) -> None:
    found = names(app, places, **wanted)

    assert found == shown.split()


def test_a_row_tells_every_stage_and_the_certificate(places: Places, app: Flask) -> None:
    shop = places.shop
    team = TeamRef(shop.id, shop.slug, shop.name, "Asia/Shanghai")

    with app.app_context():
        page = queries.board_page(BoardFilter(), [team], NOW)
    rows = {row.name: row for row in page.rows}

    assert page.columns == ["基础培训", "岗位培训", "实战"]
    first = rows["甲在岗"].cells
    assert [cell and (cell.state, cell.score, cell.attempt_count) for cell in first] == [
        ("passed", 0.9, 1),
        ("passed", 0.85, 1),
        ("passed", None, 0),
    ]
    assert rows["甲在岗"].certificate is not None
    assert rows["甲在岗"].certificate.valid_until_on.isoformat() == "2027-11-01"
    failed = rows["庚次数用完"].cells
    assert failed[0] is not None
    assert (failed[0].state, failed[0].score, failed[0].attempt_count) == ("help", 0.5, 3)
    assert failed[1:] == (None, None)


def test_the_page_opens_for_staff_of_the_team_only(places: Places, sign_in: SignIn) -> None:
    seen = sign_in(places.trainer).get("/board").text
    other = sign_in(places.stranger).get("/board").text

    assert "甲在岗" in seen
    assert "别店客服" not in seen
    assert "甲在岗" not in other
    assert sign_in(places.stranger).get(f"/board?team={places.shop.slug}").status_code == 404
    assert sign_in(places.fresh).get("/board").status_code == 403


def test_an_address_says_only_what_is_chosen() -> None:
    wanted = BoardFilter.read({"state": "due", "page": "3", "stuck": "yes", "sort": "nonsense"})

    assert wanted.args(stuck=True) == {"state": "due", "stuck": 1}


def test_filters_live_in_the_address(places: Places, sign_in: SignIn) -> None:
    page = sign_in(places.manager).get("/board?state=repeat&page=7").text

    assert "辛补学久" in page
    assert "甲在岗" not in page


def test_the_duty_list_names_who_may_work_today(places: Places, sign_in: SignIn) -> None:
    page = sign_in(places.manager).get("/duty").text

    listed = [name for name in ("甲在岗", "乙快到期", "丙暂停", "丁过期", "戊离职") if name in page]
    assert listed == ["甲在岗", "乙快到期"]
    assert "2026年11月2日 星期一" in page
    assert "售前、售后" in page
    assert sign_in(places.stranger).get(f"/duty?team={places.shop.slug}").status_code == 404


def test_who_renews_reads_how_far_it_is_to_the_new_certificate(
    places: Places, course: Course, sign_in: SignIn
) -> None:
    course.enrol(places.certified)

    assert "到续证大约还要" in sign_in(places.certified).get("/").text
    assert "到上岗大约还要" in sign_in(places.fresh).get("/").text


def test_the_duty_list_is_paged_on_screen_and_whole_on_paper(
    places: Places, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duty_list, "DUTY_PAGE_SIZE", 1)
    client = sign_in(places.manager)

    first, second = client.get("/duty").text, client.get("/duty?page=2").text
    paper = client.get("/duty/print").text

    assert ("甲在岗" in first, "乙快到期" in first) != ("甲在岗" in second, "乙快到期" in second)
    assert "第 1 页，共 2 页，2 条" in first
    assert '<td class="fit num duty-number">2</td>' in second
    assert "甲在岗" in paper
    assert "乙快到期" in paper
    assert client.get("/duty?page=99").status_code == 200
    assert sign_in(places.stranger).get(f"/duty/print?team={places.shop.slug}").status_code == 404


@pytest.mark.parametrize(
    ("address", "names"),
    [("q=甲", ["甲在岗"]), ("state=due", ["乙快到期"]), ("q=甲&state=due", []), ("q=%25", [])],
)
def test_the_duty_list_is_narrowed_by_its_address(
    places: Places, sign_in: SignIn, address: str, names: list[str]
) -> None:
    page = sign_in(places.manager).get(f"/duty?{address}").text

    assert [name for name in ("甲在岗", "乙快到期") if name in page] == names


def test_a_certificate_goes_along_with_a_transfer(places: Places, app: Flask) -> None:
    with app.app_context(), transaction() as session:
        session.execute(
            update(Membership)
            .where(Membership.person_id == places.certified.id)
            .values(team_id=places.other.id)
        )

    with app.app_context():
        here, there = duty_list.duty_counts([places.shop.id, places.other.id], NOW)
        listed = duty_list.on_duty(places.other.id, today=NOW.date())

    assert (here.on_duty_count, there.on_duty_count) == (1, 2)
    assert "甲在岗" in {person.name for person in listed}


def test_the_record_tells_decisions_in_words_with_links(places: Places, sign_in: SignIn) -> None:
    page = sign_in(places.trainer).get(f"/records/{places.failed_out.id}").text

    assert "培训考核：等带教决定" in page
    assert page.count("培训考核：补学后再考") == 2
    assert "还差 30 %" in page
    assert page.count('href="/fake/attempts/') == 6  # three exams, three lessons
    assert page.count('<details class="record-fold">') == 1  # the lessons; what came last is open
    assert "考核和签字" in page


def test_the_record_folds_what_is_old(places: Places, sign_in: SignIn) -> None:
    page = sign_in(places.certified).get("/records").text
    newest, *old = page.partition(">依据<")[2].split('<details class="record-fold"><summary><h3>')

    assert newest.partition('id="group-1">')[2].startswith("实战</h3>")
    assert [each.partition("</h3>")[0] for each in old] == ["基础培训"]


def test_the_record_is_for_the_person_and_the_teams_staff(places: Places, sign_in: SignIn) -> None:
    path = f"/records/{places.failed_out.id}"

    answers = [
        sign_in(person).get(path).status_code
        for person in (places.failed_out, places.trainer, places.fresh, places.stranger)
    ]

    assert answers == [200, 200, 404, 404]
    assert "培训考核" in sign_in(places.failed_out).get("/records").text


def test_decisions_by_hand_stand_in_the_record_with_reason_and_who_is_alone(
    places: Places, course: Course, sign_in: SignIn, app: Flask, make_person: MakePerson
) -> None:
    trainee = make_person(team=places.other)
    enrolment_id = course.enrol(trainee)
    course.override(enrolment_id, places.stranger, reason="面试当场考过")

    page = sign_in(trainee).get("/records").text
    with app.app_context():
        shown = pathway_queries.single_handed([places.other.id], NOW + timedelta(days=1))

    assert "外人：面试当场考过" in page
    assert "一个人决定的" in page
    assert [(row.reason, row.stage) for row in shown] == [("面试当场考过", "basic")]


def test_pages_take_few_statements_however_many_rows(
    places: Places, course: Course, make_person: MakePerson, sign_in: SignIn, app: Flask
) -> None:
    client = sign_in(places.manager)
    paths = (
        "/board",
        "/board?stuck=1&sort=since",
        "/duty",
        "/duty/print",
        f"/records/{places.failed_out.id}",
    )
    few = {path: statements(app, client, path) for path in paths}
    for nth in range(45):
        person = make_person(team=places.shop, name=f"新人{nth}", batch="2026-11 班")
        course.enrol(person)
    for _nth in range(4):
        course.take(places.failed_out, "lesson")

    many = {path: statements(app, client, path) for path in paths}

    assert many == few
    assert max(many.values()) <= MOST_STATEMENTS


def test_the_export_holds_what_the_board_shows(places: Places, sign_in: SignIn) -> None:
    answer = sign_in(places.manager).post("/board/export", data={"stuck": "1", "sort": "since"})

    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [row["姓名"] for row in table] == ["癸没动静", "辛补学久", "庚次数用完", "己等签字"]
    assert table[2]["基础培训：成绩（%）"] == 50
    assert table[2]["基础培训：考了几次"] == 3
    assert table[3]["轮到谁"] == "轮到带教老师"


def test_a_long_export_is_a_job(
    places: Places, sign_in: SignIn, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 5)
    client = sign_in(places.manager)

    answer = client.post("/board/export", data={})
    jobs.run_waiting(app)

    assert "/jobs/" in answer.location
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "导出了 10 人" in page.text


def statements(app: Flask, client: FlaskClient, path: str) -> int:
    """How many statements a page takes, once content is in memory."""
    client.get(path)
    with Statements(app) as counted:
        assert client.get(path).status_code == 200
    # The look for newly published content, at most once a second, is counted whenever it comes.
    return 1 + sum("content_revision" not in statement for statement in counted.sent)
