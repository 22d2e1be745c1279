"""From folders to a catalogue: layers, teams, and every problem at its own place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.publish import Checked, check_folders
from cstrain.core.items.item import Item
from tests.core.catalogue.conftest import BANK, CHAPTER, COURSE, LESSON, Folder

Check = Callable[..., Checked]


def lines(found: Checked) -> list[str]:
    return [f"{each.path}:{each.line}" for each in found.problems]


def test_a_course_becomes_chapters_activities_sections_and_a_bank(
    folder: Folder, checked: Check
) -> None:
    found = checked(folder())

    catalogue = found.catalogues[""]
    assert found.problems == ()
    assert [(each.number, each.lessons) for each in catalogue.chapters] == [(1, ("1.1",))]
    assert [each.slug for each in catalogue.lessons()] == ["1.1"]
    assert catalogue.activity("1.1").chapter == "c"
    assert catalogue.lesson_of("1.1.1") == catalogue.lesson_of("1.1") == "1.1"
    assert catalogue.section_title("1.1.1")["en"] == "First"
    assert catalogue.section_title("9.9") == {"zh": "9.9", "en": "9.9"}
    assert (catalogue.bank["t-1"].lesson, catalogue.bank["t-1"].section) == ("1.1", "1.1")
    assert isinstance(catalogue.bank["t-1"].item, Item)


def test_a_chapter_says_in_which_order_its_lessons_stand(folder: Folder, checked: Check) -> None:
    more = {f"c/1.{n}.md": LESSON.replace("1.1", f"1.{n}") for n in (2, 3, 4)}
    chapter = {"c/chapter.yaml": CHAPTER + 'lessons: ["1.3", "9.9", "1.2"]\n'}

    found = checked(folder(files={**COURSE, **more, **chapter}))

    assert found.problems == ()
    assert found.catalogues[""].chapters[0].lessons == ("1.3", "1.2", "1.1", "1.4")


def test_lessons_of_a_chapter_that_are_no_slugs_are_a_problem(
    folder: Folder, checked: Check
) -> None:
    found = checked(folder(files={**COURSE, "c/chapter.yaml": CHAPTER + "lessons: 1.1\n"}))

    assert lines(found) == ["c/chapter.yaml:4"]


def test_later_folders_lie_over_earlier_ones(folder: Folder, checked: Check) -> None:
    over = folder("over", {"c/1.1.md": LESSON.replace("催发货, en", "新标题, en")})

    found = checked(folder(), over)

    assert found.catalogues[""].activity("1.1").title["zh"] == "新标题"
    assert set(found.catalogues[""].bank) == {"t-1"}


def test_a_team_sees_its_own_files_over_the_shared_ones(folder: Folder, checked: Check) -> None:
    own = {
        "teams/cloud/c/1.1.md": LESSON.replace("催发货, en", "本店催发货, en"),
        "teams/cloud/x/2.md": LESSON.replace('"1.1"', '"2"').replace("1.1.1", "2.1"),
    }

    found = checked(folder(), folder("own", own))

    shared, cloud = found.catalogues[""], found.catalogues["cloud"]
    assert found.problems == ()
    assert (shared.activity("1.1").title["zh"], cloud.activity("1.1").title["zh"]) == (
        "催发货",
        "本店催发货",
    )
    assert (set(shared.activities), set(cloud.activities)) == ({"1.1"}, {"1.1", "2"})


def test_every_problem_of_every_file_comes_out_at_its_own_file(
    folder: Folder, checked: Check
) -> None:
    found = checked(
        folder(
            files={
                **COURSE,
                "c/bad.yaml": "number: one\ntitle: 一\n",
                "c/broken.md": "---\nkind: fake\n  slug: [\n---\n",
                "c/no-kind.md": "Hello\n",
                "c/odd.md": "---\nkind: odd\nslug: x\n---\n",
                "c/notes.docm": "x",
                "c/latin.md": b"---\nkind: fake\n---\n\xff\xfe",
                "c/no-slug.md": "---\nkind: fake\ntitle: {zh: 甲, en: A}\n---\n",
                "c/one-title.md": "---\nkind: fake\nslug: a\ntitle: 甲\n---\n",
                "c/same.md": LESSON,
                "c/2.questions.md": BANK.replace('"1.1"', '"7.7"'),
                "c/3.questions.md": BANK,
                "teams/cloud/c/4.md": "---\nkind: fake\nslug: b\ntitle: 甲\n---\n",
            }
        )
    )

    assert sorted(lines(found)) == [
        "c/2.questions.md:2",
        "c/3.questions.md:4",
        "c/bad.yaml:1",
        "c/bad.yaml:1",
        "c/bad.yaml:2",
        "c/broken.md:3",
        "c/latin.md:0",
        "c/no-kind.md:1",
        "c/no-slug.md:2",
        "c/notes.docm:0",
        "c/odd.md:2",
        "c/one-title.md:4",
        "c/same.md:3",
        "teams/cloud/c/4.md:4",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        LESSON.replace("{zh: 催发货, en: Dispatch}", "催发货"),
        LESSON.replace("title: {", "title: {{"),
        LESSON.replace("kind: fake", "kind: odd"),
    ],
)
def test_what_refers_to_a_broken_lesson_is_no_further_problem(
    folder: Folder, checked: Check, broken: str
) -> None:
    bank = BANK.replace("    难度: 1", "    难度: 1\n    小节: 1.1.1")

    found = checked(folder(files={**COURSE, "c/1.1.md": broken, "c/1.1.questions.md": bank}))

    assert {each.path for each in found.problems} == {"c/1.1.md"}


def test_a_folder_that_misses_the_course_below_it_says_so_once(
    folder: Folder, checked: Check
) -> None:
    own = {
        "teams/a/c/1.questions.md": BANK,
        "teams/a/c/2.questions.md": BANK.replace("t-1", "t-2"),
        "teams/a/c/odd.md": "---\nkind: odd\nslug: x\n---\n",
    }

    alone, over = checked(folder("own", own)), checked(folder(), folder("own", own))

    assert lines(alone) == ["teams/a/c/1.questions.md:2", "teams/a/c/odd.md:2"]
    assert "共 2 处" in alone.problems[0].problem
    assert lines(over) == ["teams/a/c/1.questions.md:4", "teams/a/c/odd.md:2"]


def test_a_problem_of_a_shared_file_is_told_once(folder: Folder, checked: Check) -> None:
    found = checked(
        folder(
            files={
                **COURSE,
                "c/no-kind.md": "Hello\n",
                "teams/a/c/1.1.md": LESSON,
                "teams/b/c/1.1.md": LESSON,
            }
        )
    )

    assert lines(found) == ["c/no-kind.md:1"]


@pytest.mark.parametrize(
    ("option", "told"),
    [("    小节: 1.1.9", "没有小节 1.1.9"), ("    小节: 1.1.1", None)],
)
def test_a_question_stands_in_a_section_that_exists(
    folder: Folder, checked: Check, option: str, told: str | None
) -> None:
    text = BANK.replace("    难度: 1", f"    难度: 1\n{option}")

    found = checked(folder(files={**COURSE, "c/1.1.questions.md": text}))

    assert [each.problem for each in found.problems] == ([told] if told else [])


def test_a_missing_folder_and_a_big_file_are_problems(
    folder: Folder, checked: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("cstrain.core.catalogue.sources.FILE_LIMIT_BYTES", 400)

    found = checked(folder(files={**COURSE, "c/media/a.png": b"x" * 401}), tmp_path / "nowhere")

    assert [each.problem for each in found.problems] == ["文件超过 64 MB", "没有这个内容文件夹"]


def test_hidden_files_are_left_out_but_a_folder_may_lie_below_a_hidden_one(
    folder: Folder, checked: Check
) -> None:
    found = checked(folder(".cache/content", {**COURSE, ".git/x.md": "x", "c/.draft.md": "x"}))

    assert found.problems == ()
    assert set(found.files) == set(COURSE)


def test_media_beside_a_file_get_an_address(folder: Folder, builder: Builder) -> None:
    found = check_folders(builder, [folder(files={**COURSE, "c/media/a b.png": b"png"})])

    digest = found.catalogues[""].paths["c/media/a b.png"]
    source = builder.load("c/1.1.md", found.files["c/1.1.md"], {"media/a b.png": digest}).source
    assert source is not None
    assert source.resolve("media/a b.png") == f"/media/{digest}/a b.png"
    assert source.resolve("media/other.png") is None
    assert source.resolve("section:1.1.1") == "/go/section/1.1.1"


def test_unchanged_files_are_loaded_once(folder: Folder, builder: Builder) -> None:
    root = folder()
    first = check_folders(builder, [root])
    (root / "c/1.1.md").write_text(LESSON.replace("先安抚, en", "先听, en"), encoding="utf-8")

    second = check_folders(builder, [root])
    builder.forget(second.files)

    assert first.catalogues[""].bank["t-1"].item is second.catalogues[""].bank["t-1"].item
    assert (
        first.catalogues[""].activity("1.1").spec is not second.catalogues[""].activity("1.1").spec
    )
    assert len(builder._memo) == len(COURSE)  # noqa: SLF001 - what is remembered
