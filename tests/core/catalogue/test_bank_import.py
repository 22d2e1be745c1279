"""Questions by table: each kind, bad rows by number, publishing, repeating and taking back."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cstrain.config import Settings
from cstrain.core.catalogue import bank_import, bank_jobs, bank_table, edits
from cstrain.core.catalogue.active import Active
from cstrain.core.catalogue.catalogue import BankItem
from cstrain.core.catalogue.publish import active_revision_id
from cstrain.core.items.item import Kind, Use
from cstrain.core.people.access import Role
from cstrain.kit import jobs, tables
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.testing import SMALL_COURSE, FakeKind, install, publish
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop, SignIn, Someone

HEADS = [names[0] for names in bank_table.HEADINGS.values()]
Row = dict[str, str]

SINGLE: Row = {
    "课": "lesson",
    "题型": "单选",
    "题干": "先回哪一句？",
    "选项A": "等着",
    "选项B": "今天发",
    "答案": "B",
    "解析": "先给时限。",
}


def table(*rows: Row) -> bytes:
    cells = [[row.get(head, "") for head in HEADS] for row in rows]
    return tables.write_xlsx(tables.Sheet("题库", [tables.Column(head) for head in HEADS], cells))


def read_one(row: Row) -> bank_table.Question:
    questions, problems = bank_table.read(table(row))
    assert [problem.reason for problem in problems] == []
    return questions[0]


def reasons(row: Row) -> str:
    questions, problems = bank_table.read(table(SINGLE, row))
    assert len(questions) == 1
    assert {problem.number for problem in problems} == {3}
    return " ".join(problem.reason for problem in problems)


def with_options(kind: Kind, stem: str, answer: str, *options: str) -> Row:
    letters = zip(bank_table.OPTIONS, options, strict=False)
    cells = {f"选项{letter}": text for letter, text in letters}
    return {**SINGLE, "选项A": "", "选项B": "", "题型": kind, "题干": stem, "答案": answer} | cells


def test_a_single_choice() -> None:
    question = read_one({**SINGLE, "编号": "x-1", "难度": "2", "分值": "3", "用途": "考试"})

    item = question.item
    assert (item.id, item.kind, item.level, item.points) == ("x-1", Kind.SINGLE, 2, 3)
    assert item.use is Use.EXAM
    assert [(choice.text, choice.is_right) for choice in item.choices] == [
        ("等着", False),
        ("今天发", True),
    ]
    assert item.explanation_md == "先给时限。"


@pytest.mark.parametrize("answer", ["AC", "a、c", "Ａ，Ｃ", "C A"])
def test_the_letters_of_several(answer: str) -> None:
    item = read_one(with_options(Kind.MULTIPLE, "写哪些？", answer, "回电", "好评", "少件")).item

    assert [choice.is_right for choice in item.choices] == [True, False, True]


def test_the_other_kinds() -> None:
    truth = read_one(with_options(Kind.TRUEFALSE, "拆了就不能退。", "错误")).item
    number = read_one(with_options(Kind.NUMERIC, "转化率？", "47.64 ± 0.01 %")).item
    blanks = read_one(with_options(Kind.BLANKS, "插 ____ 旗。", "", "红 | 红色")).item
    order = read_one(with_options(Kind.ORDER, "排好。", "", "道歉", "核对", "补发")).item
    match = read_one(with_options(Kind.MATCH, "归哪班？", "", "咨询→售前", "退款 => 售后")).item
    spot = read_one(
        with_options(Kind.SPOT, "哪句错？", "B", "买家：在吗", "客服：明天一定到", "客服：今天发")
    ).item

    assert [choice.is_right for choice in truth.choices] == [False, True]
    assert number.number is not None
    assert (str(number.number.value), number.number.unit) == ("47.64", "%")
    assert blanks.blanks[0].accepted == ("红", "红色")
    assert [step.text for step in order.steps] == ["道歉", "核对", "补发"]
    assert [(pair.left, pair.right) for pair in match.pairs] == [
        ("咨询", "售前"),
        ("退款", "售后"),
    ]
    assert [(line.is_agent, line.is_faulty) for line in spot.lines] == [
        (False, False),
        (True, True),
        (True, False),
    ]


def test_the_template_has_an_example_of_each_kind_that_would_be_right() -> None:
    data = bank_table.template(["lesson"])

    assert bank_table.read(data) == ([], [])
    rows = [
        {head: "" if head == "编号" else cell for head, cell in zip(HEADS, row.cells, strict=False)}
        for row in tables.read_rows(data)[1:]
    ]
    assert [read_one(row).item.kind for row in rows] == list(Kind)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"题型": "论述"}, "不认识题型"),
        ({"课": ""}, "“课”这一格空着"),
        ({"题干": ""}, "“题干”这一格空着"),
        ({"答案": ""}, "选项的字母"),
        ({"答案": "C"}, "没有对应的选项"),
        ({"答案": "AB"}, "只写一个字母"),
        ({"题型": "多选", "答案": "A"}, "至少写两个字母"),
        ({"题型": "判断", "答案": "", "选项A": "", "选项B": ""}, "“答案”这一格空着"),
        ({"解析": ""}, "“解析”这一格空着"),
        ({"难度": "9"}, "难度"),
        ({"用途": "玩"}, "用途"),
        ({"编号": "有字"}, "编号"),
        ({"题干": "一\n///\n/// 题 | 判断\n    编号: y\n\n二\n\n答案：对\n\n解析：三"}, "///"),
        ({"题型": "判断", "答案": "对"}, "不用选项"),
        ({"题型": "填空", "题干": "没有空"}, "____"),
        ({"题型": "配对"}, "左边 => 右边"),
        ({"选项B": "以上都对"}, "以上"),
    ],
)
def test_a_bad_row_is_named_with_its_reason(changes: Row, word: str) -> None:
    assert word in reasons({**SINGLE, "编号": "other", **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"题型": "论述", "难度": "9", "解析": ""}, ["“解析”这一格空着", "不认识题型", "难度"]),
        ({"课": "", "题干": "", "用途": "玩"}, ["“课”这一格空着", "“题干”这一格空着", "用途"]),
        ({"答案": "", "难度": "9", "编号": "有字"}, ["选项的字母", "编号", "难度"]),
        ({"题型": "判断", "解析": ""}, ["“解析”这一格空着", "不用选项"]),
    ],
)
def test_everything_that_is_wrong_with_a_row_is_told_at_once(
    changes: Row, words: list[str]
) -> None:
    _questions, problems = bank_table.read(table({**SINGLE, "编号": "other", **changes}))

    told = [each.reason for each in problems]
    assert len(told) == len(words), told
    assert all(word in reason for word, reason in zip(words, told, strict=True)), told


def test_a_row_in_the_wrong_place_is_told_with_its_other_problems() -> None:
    row = {**SINGLE, "难度": "9"}

    _questions, problems = bank_table.read(table(row), lambda *place: [f"{place[0]} 不在"])

    assert ["难度" in problems[0].reason, problems[1].reason] == [True, f"{SINGLE['课']} 不在"]


def test_the_same_id_twice() -> None:
    questions, problems = bank_table.read(table({**SINGLE, "编号": "x"}, {**SINGLE, "编号": "x"}))

    assert len(questions) == 2
    assert [(each.number, "重复" in each.reason) for each in problems] == [(3, True)]


def test_the_same_question_twice_without_ids_is_told_so() -> None:
    _questions, problems = bank_table.read(table(SINGLE, {**SINGLE, "解析": "换了个说法。"}))

    assert [(each.number, each.reason[:11]) for each in problems] == [(3, "和第 2 行是同一道题")]


class Bank:
    """A trainer at the pages of the bank."""

    def __init__(self, app: Flask, client: FlaskClient, team: Shop, folder: Path) -> None:
        self.app, self.client, self.team, self.folder = app, client, team, folder

    def upload(self, data: bytes, name: str = "题.xlsx") -> TestResponse:
        form = {"file": (io.BytesIO(data), name), "team": str(self.team.id)}
        return self.client.post("/bank", data=form)

    def looked_at(self, data: bytes) -> str:
        """Upload a table and let the job look at it; gives the report's address."""
        page = self.upload(data).location
        jobs.run_waiting(self.app)
        watching = self.client.get(page, headers={"HX-Request": "true"})
        return watching.headers["HX-Redirect"]

    def work(self, answer: TestResponse) -> str:
        """Let the job of an answer work; gives what its page shows."""
        jobs.run_waiting(self.app)
        return self.client.get(answer.location).text

    def bring(self, *rows: Row) -> str:
        """Upload, confirm, and let the jobs work; gives what the last page shows."""
        return self.work(self.client.post(self.looked_at(table(*rows))))

    def items(self, team: Shop | None = None) -> dict[str, BankItem]:
        content: Active = self.app.extensions["cstrain.content"]
        with self.app.app_context():
            content.reload()
            return dict(content.for_team((team or self.team).slug).bank)


@pytest.fixture
def trainer(make_person: MakePerson) -> Someone:
    return make_person(Role.TRAINER)


@pytest.fixture
def bank(app: Flask, tmp_path: Path, trainer: Someone, team: Shop, sign_in: SignIn) -> Bank:
    install(app, FakeKind())
    publish(app, tmp_path / "content")
    return Bank(app, sign_in(trainer), team, tmp_path / "content")


def test_nothing_is_published_before_it_is_confirmed(bank: Bank) -> None:
    report = bank.looked_at(table(SINGLE, {**SINGLE, "编号": "mine", "题干": "再回哪一句？"}))
    page = bank.client.get(report)
    assert page.status_code == 200
    assert "先回哪一句？" in page.text
    assert "1 题没有写编号，系统按题干编了一个" in page.text
    assert bank.items() == {}

    done = bank.client.post(report)
    again = bank.client.post(report)

    assert "排队中" in bank.client.get(done.location).text
    assert "新增 2 题" in bank.work(done)
    assert again.status_code == 404
    assert {entry.lesson for entry in bank.items().values()} == {"lesson"}
    assert "mine" in bank.items()
    assert bank.client.get(report).status_code == 404


def test_two_tables_for_one_lesson_at_once_keep_the_questions_of_both(
    bank: Bank, trainer: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = bank.client.post(bank.looked_at(table({**SINGLE, "编号": "mine"})))
    planned, other = vars(bank_jobs)["_planned"], [table({**SINGLE, "编号": "theirs"})]

    def while_another_publishes(job: jobs.JobContext) -> bank_import.ImportPlan:
        made: bank_import.ImportPlan = planned(job)
        while other:
            theirs = bank_import.plan(other.pop(), job.data["team"])
            with transaction():
                edits.publish(theirs, by=trainer.id, note="", now=NOW)
        return made

    monkeypatch.setattr(bank_jobs, "_planned", while_another_publishes)
    done = bank.work(asked)

    assert "新增 1 题" in done
    assert set(bank.items()) == {"mine", "theirs"}


def test_lessons_that_look_alike_in_a_path_lie_apart() -> None:
    paths = {vars(bank_import)["_own_path"](slug) for slug in ("a-b", "a_b", "A-b", "1.1")}

    assert len(paths) == 4
    assert {"imports/a-b.questions.md", "imports/1.1.questions.md"} <= paths


class KilledError(BaseException):
    """What no job catches, as nothing catches SIGKILL."""


def test_a_job_killed_after_publishing_publishes_once_and_leaves_no_table(
    bank: Bank, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = bank.client.post(bank.looked_at(table(SINGLE)))
    monkeypatch.setattr(jobs, "_end", killed)
    with pytest.raises(KilledError):
        jobs.run_waiting(bank.app)
    monkeypatch.undo()
    before = revision_of(bank.app)

    with bank.app.app_context():
        jobs.sweep(now=utc_now())
    done = bank.work(asked)

    assert "新增 1 题" in done
    assert revision_of(bank.app) == before
    assert list((settings.var_dir / "imports").iterdir()) == []
    assert len(bank.items()) == 1


def killed(*_arguments: object, **_named: object) -> None:
    raise KilledError


def revision_of(app: Flask) -> int:
    with app.app_context():
        return active_revision_id()


def test_what_no_longer_fits_when_it_is_published_is_told(bank: Bank) -> None:
    row = {**SINGLE, "编号": "x"}
    confirmed = bank.client.post(bank.looked_at(table(row)))
    taken = f'---\nsection: "lesson"\n---\n\n{read_one(row).text}'
    publish(bank.app, bank.folder, {**SMALL_COURSE, "course/lesson.questions.md": taken})

    done = bank.work(confirmed)

    assert "一题也没有发布" in done
    assert "第 2 行：编号 x 已经被 course/lesson.questions.md 用了" in done


def test_a_large_file_that_is_no_table_is_refused_by_the_job(bank: Bank) -> None:
    done = bank.work(bank.upload(b"\x00" * 40_000))

    assert "没做完" in done
    assert "不是表格" in done
    assert 'href="/bank"' in done


def test_the_same_table_again_changes_nothing(bank: Bank) -> None:
    bank.bring(SINGLE)
    before = bank.items()

    report = bank.client.get(bank.looked_at(table(SINGLE)))

    assert "没有新内容" in report.text
    bank.bring(SINGLE)
    assert bank.items() == before


def test_a_row_with_a_known_id_takes_its_place_and_others_stay(bank: Bank) -> None:
    bank.bring({**SINGLE, "编号": "one"}, {**SINGLE, "编号": "two", "题干": "第二句？"})

    bank.bring({**SINGLE, "编号": "one", "题干": "改过的？"})

    assert {item_id: entry.item.stem_md for item_id, entry in bank.items().items()} == {
        "one": "改过的？",
        "two": "第二句？",
    }


def test_bad_rows_are_listed_and_nothing_is_taken(bank: Bank) -> None:
    wrong = [
        {**SINGLE, "课": "nowhere"},
        {**SINGLE, "编号": "b", "小节": "lesson.9"},
        {**SINGLE, "编号": "c", "答案": "E"},
    ]

    report = bank.client.get(bank.looked_at(table(SINGLE, *wrong)))

    assert report.status_code == 422
    for words in ("第 3 行", "没有“nowhere”这一课", "第 4 行", "lesson.9", "第 5 行"):
        assert words in report.text
    assert "第 2 行" not in report.text
    assert bank.client.post(bank.looked_at(table(*wrong))).status_code == 422
    assert bank.items() == {}


def test_other_shops_see_nothing_of_it(bank: Bank, make_team: MakeTeam) -> None:
    bank.bring(SINGLE)

    assert bank.items(make_team()) == {}


def test_what_was_brought_in_can_be_taken_back(bank: Bank) -> None:
    bank.bring(SINGLE)
    assert "接待礼仪" in bank.client.get("/bank").text

    done = bank.work(bank.client.post(f"/bank/{bank.team.id}/lesson/take-back"))

    assert "已经撤回" in done
    assert bank.items() == {}
    assert bank.client.post(f"/bank/{bank.team.id}/lesson/take-back").status_code == 404


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x00\x01\x02", "只有一列\n一".encode()])
def test_what_is_no_table_is_refused_in_words(bank: Bank, data: bytes) -> None:
    answer = bank.upload(data)

    assert answer.status_code == 422
    assert "field-wrong" in answer.text


def test_only_trainers_come_here(
    bank: Bank, make_person: MakePerson, sign_in: SignIn, make_team: MakeTeam
) -> None:
    report = bank.looked_at(table(SINGLE))
    trainee = sign_in(make_person())
    other = sign_in(make_person(Role.TRAINER, team=make_team()))

    assert [trainee.get(path).status_code for path in ("/bank", report)] == [403, 403]
    assert trainee.post(report).status_code == 403
    assert [each(report).status_code for each in (other.get, other.post)] == [404, 404]
    assert other.post(f"/bank/{bank.team.id}/lesson/take-back").status_code == 404
    assert bank.items() == {}


def test_the_template_comes_as_a_file(bank: Bank) -> None:
    answer = bank.client.get("/bank/template.xlsx")

    assert answer.mimetype == tables.XLSX
    assert tables.read_rows(answer.data)[0].cells[0] == "编号"
