"""``cstrain content check``: what it prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner, Result
from flask import Flask

from cstrain import testing
from cstrain.app import create_app
from cstrain.config import Settings
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.cli import content
from cstrain.core.catalogue.publish import publish_edit
from cstrain.core.people.access import Role
from cstrain.kit import i18n
from cstrain.kit.db import transaction
from cstrain.kit.errors import ContentProblem
from tests.core.catalogue.conftest import BANK, COURSE, LESSON, Folder
from tests.plugins.shop import NOW, MakePerson, MakeTeam, SignIn

SINGLE = "- [ ] 短\n- [x] 长长长长{n}"


class Strict(testing.FakeKind):
    """Would have every lesson shorter."""

    def advice(self, catalogue: Catalogue) -> Iterable[ContentProblem]:
        for activity in catalogue.activities.values():
            yield ContentProblem(activity.path, 3, "收一收")


def question(item_id: str, stem: str, replies: str = "") -> str:
    head = f"\n/// 题 | {'单选' if replies else '判断'}\n    编号: {item_id}\n\n"
    return f"{head}{stem}\n\n{replies or '答案：错'}\n\n解析：因为。\n///\n"


def test_a_problem_names_its_folder_where_several_lie_over_each_other(
    app: Flask, settings: Settings, folder: Folder
) -> None:
    testing.install(app, testing.FakeKind())
    below = folder("below", {"c/1.1.md": "Hello", "c/1.2.md": "Hello"})
    over = folder("over", {"c/1.1.md": LESSON.replace("zh: 催发货, en", "zh: 催发货, de")})

    app.extensions["cstrain.settings"] = replace(settings, content_dirs=(below, over))
    with app.app_context():
        several = CliRunner().invoke(content, ["check"]).output
    app.extensions["cstrain.settings"] = replace(settings, content_dirs=(over,))
    with app.app_context():
        one = CliRunner().invoke(content, ["check"]).output

    assert [line.split(": ")[0] for line in several.splitlines()[:2]] == [
        f"{over}/c/1.1.md:4",
        f"{below}/c/1.2.md:1",
    ]
    assert one.startswith("c/1.1.md:4: ")


def test_what_an_editor_would_mend_is_told_and_keeps_nobody_from_publishing(
    app: Flask, settings: Settings, folder: Folder
) -> None:
    testing.install(app, Strict())
    twice = BANK + question("t-2", "先查单再安抚顾客的那一句能不能发出去")
    files = {
        **COURSE,
        "c/1.1.questions.md": twice,
        "teams/a/c/1.1.questions.md": twice
        + question("t-3", "先查单再安抚顾客的那一句能不能发出去吗"),
    }
    app.extensions["cstrain.settings"] = replace(settings, content_dirs=(folder("all", files),))

    with app.app_context():
        checked = CliRunner().invoke(content, ["check"])
        published = CliRunner().invoke(content, ["reload"])

    lines = checked.output.splitlines()
    assert lines[0] == "c/1.1.md:3: 收一收"
    assert lines[1].startswith("teams/a/c/1.1.questions.md:")
    assert "t-2" in lines[1]
    assert checked.exit_code == 1
    assert "2 处问题。" in checked.output
    assert "其中 2 处只是建议，不改也能发布。" in checked.output
    assert published.exit_code == 0


def test_the_whole_bank_is_counted(app: Flask, settings: Settings, folder: Folder) -> None:
    testing.install(app, testing.FakeKind())
    bank = BANK + "".join(
        question(f"s-{n}", f"买家第{n * 7919}问", SINGLE.format(n=n)) for n in range(20)
    )
    files = {**COURSE, "c/1.1.questions.md": bank}
    app.extensions["cstrain.settings"] = replace(settings, content_dirs=(folder("all", files),))

    with app.app_context():
        chinese = CliRunner().invoke(content, ["check"]).output
        i18n.speak("en")
        output = CliRunner().invoke(content, ["check"]).output

    assert "章 1：21 题，95% 是情景题" in chinese
    assert "题型 单选 20，判断 1" in chinese
    assert (
        "chapter 1: 21 questions, 95% in a situation; levels 21 / 0 / 0; "
        "uses practice 21, exam 0, both 0; kinds single 20, truefalse 1"
    ) in output
    assert "right replies: the longest of all in 100% of 20 single-choice questions" in output
    assert "written 1st / 2nd / … in 0% / 100%; 0% of statements true" in output
    assert "warning: bank of 1.1: the longest of all" in output


def test_those_who_look_after_content_are_told_why_it_is_not_in_force(
    app: Flask,
    folder: Folder,
    make_team: MakeTeam,
    make_person: MakePerson,
    sign_in: SignIn,
) -> None:
    testing.install(app, testing.FakeKind())
    shop, other = make_team(), make_team()
    manager = make_person(Role.MANAGER, team=shop)
    stranger = make_person(Role.ADMINISTRATOR, team=other)
    settings: Settings = app.extensions["cstrain.settings"]
    app.extensions["cstrain.settings"] = replace(settings, content_dirs=(folder("all"),))

    def reload() -> Result:
        with app.app_context():
            return CliRunner().invoke(content, ["reload"])

    assert reload().exit_code == 0
    own = f"teams/{shop.slug}/c/own.md"
    path = folder("all", {own: "Hello"}) / own
    assert reload().exit_code == 1
    own_home, other_home = sign_in(manager).get("/").text, sign_in(stranger).get("/").text
    bank = sign_in(stranger).get("/bank").text
    path.unlink()
    assert reload().exit_code == 0
    after = sign_in(manager).get("/").text

    assert "内容文件夹有 1 处问题，没有发布" in own_home
    assert f"{own}:1" in own_home
    for page in (other_home, bank):
        assert "内容文件夹有 1 处问题，没有发布" in page
        assert "own.md" not in page
    assert "没有发布" not in after


class Needy(testing.FakeKind):
    """Wants the question that was brought in."""

    def check(self, catalogue: Catalogue) -> Iterable[ContentProblem]:
        if "t-9" not in catalogue.bank:
            yield ContentProblem("c/1.1.md", 1, "少一题")


def test_what_was_brought_in_through_the_pages_is_looked_at_too(
    app: Flask, folder: Folder, make_person: MakePerson
) -> None:
    testing.install(app, testing.FakeKind())
    settings: Settings = app.extensions["cstrain.settings"]
    app.extensions["cstrain.settings"] = replace(settings, content_dirs=(folder("all"),))
    by = make_person().id

    def run(command: str) -> Result:
        with app.app_context():
            return CliRunner().invoke(content, [command])

    before = run("check")
    run("reload")
    published = run("check")
    builder = app.extensions["cstrain.content"].builder
    with app.app_context(), transaction():
        bank = BANK.split("///")[0] + question("t-9", "先安抚")
        publish_edit(builder, {"imports/1.questions.md": bank.encode()}, by=by, note="", now=NOW)
    builder.registry.checks.append(Needy().check)
    with_edit = run("check")
    folder("all", {**COURSE, "c/1.1.questions.md": BANK + question("t-9", "先查单")})
    twice = run("check")

    assert "只查了内容文件夹" in before.output
    assert "网页上没有传过什么" in published.output
    assert "连同网页上传来的 1 个文件" in with_edit.output
    assert with_edit.exit_code == 0
    assert twice.exit_code == 1
    assert "题库表格 · 1.1 · 先安抚：编号 t-9 和 c/1.1.questions.md 重复" in twice.output


def test_content_is_checked_where_no_database_is(tmp_path: Path, folder: Folder) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    app = create_app(Settings(tmp_path, url, "a secret of the tests", (folder("all"),)))
    testing.install(app, testing.FakeKind())

    with app.app_context():
        done = CliRunner().invoke(content, ["check"])

    assert done.exit_code == 0
    assert "只查了内容文件夹" in done.output
