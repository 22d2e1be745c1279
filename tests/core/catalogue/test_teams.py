"""What is one shop's own is seen by nobody else, whichever way they ask."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cstrain import testing
from cstrain.config import shipped
from cstrain.core.catalogue import active, bank_check
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.publish import Checked, advice_on, check_folders, team_paths, team_slugs
from cstrain.core.pathway import enrolments
from cstrain.core.pathway.definition import MATERIAL
from cstrain.core.people.access import Role
from cstrain.kit.db import transaction
from tests.core.catalogue.conftest import COURSE, LESSON, Folder
from tests.plugins.shop import NOW, MakePerson, MakeTeam, SignIn

DEMO_TEAMS = ("shanchali", "shanchali-sale")
GUIDE = Path(__file__).parents[3] / "docs" / "writing-content.md"
#: Written only where the demo shop's own modules, questions and answers are.
OWN_WORDS = (
    "山茶里",
    "SC-V01",
    "shop-company",
    "shop-products",
    "shop-incentives",
    "quiz-products",
)
OWN_ADDRESSES = (
    "/lesson/shop-company",
    "/lesson/shop-products",
    "/quiz/quiz-company",
    "/quiz/quiz-products",
    "/quiz/product-exam",
    "/go/activity/shop-products",
    "/go/activity/product-exam",
    "/go/section/shop-products",
)


def test_a_folder_of_two_teams_is_laid_over_the_shared_one_and_under_their_own() -> None:
    paths = ["c/1.md", "c/2.md", "c/3.md", "teams/a/c/3.md", "teams/a+b/c/2.md", "teams/a+b/c/3.md"]

    assert team_paths(paths, "a") == {
        "c/1.md": "c/1.md",
        "c/2.md": "teams/a+b/c/2.md",
        "c/3.md": "teams/a/c/3.md",
    }
    assert team_paths(paths, "b")["c/3.md"] == "teams/a+b/c/3.md"
    assert team_paths(paths, "c") == team_paths(paths, "") == {path: path for path in paths[:3]}


def test_a_lonely_plus_in_a_folders_name_gives_nothing_to_everybody() -> None:
    paths = ["c/1.md", "teams/+b/c/2.md"]

    assert team_slugs(paths) == ["b"]
    assert team_paths(paths, "") == {"c/1.md": "c/1.md"}
    assert team_paths(paths, "b")["c/2.md"] == "teams/+b/c/2.md"


def test_teams_that_share_all_files_share_the_catalogue(
    folder: Folder, checked: Callable[..., Checked]
) -> None:
    files: Mapping[str, str] = {
        **COURSE,
        "teams/a+b/c/1.1.md": LESSON.replace("催发货, en", "本店的催发货, en"),
    }

    catalogues = checked(folder("content", files)).catalogues

    assert catalogues["a"] is catalogues["b"]
    assert catalogues["a"].activity("1.1").title["zh"] == "本店的催发货"
    assert catalogues[""].activity("1.1").title["zh"] == "催发货"


def test_a_problem_of_a_shared_folder_is_told_once_at_its_file(
    folder: Folder, checked: Callable[..., Checked]
) -> None:
    files: Mapping[str, str] = {**COURSE, "teams/a+b/c/bad.md": "Hello"}

    problems = checked(folder("content", files)).problems

    assert [each.path for each in problems] == ["teams/a+b/c/bad.md"]


@pytest.fixture
def shipped_course(app: Flask) -> Flask:
    """The application with the shipped course in force."""
    testing.publish(app, shipped("content"), {})
    return app


def _texts(catalogue: Catalogue) -> Iterable[str]:
    """Everything that names or tells something: slugs, search texts, questions, pathways."""
    yield from catalogue.activities
    yield from (f"{entry.title}{entry.text}" for entry, _title, _text in catalogue.search_index)
    yield from (repr(entry.item) for entry in catalogue.bank.values())
    yield from (repr(value) for values in catalogue.materials.values() for value in values)
    yield from (repr((chapter.title, chapter.summary)) for chapter in catalogue.chapters)


def test_the_shipped_course_without_a_team_tells_nothing_of_the_demo_shop(
    shipped_course: Flask,
) -> None:
    with shipped_course.app_context():
        shared, demo = active.for_team("another-shop"), active.for_team(DEMO_TEAMS[0])

        told = [word for word in OWN_WORDS if any(word in text for text in _texts(shared))]
        missed = [word for word in OWN_WORDS if not any(word in text for text in _texts(demo))]

    assert told == []
    assert missed == []
    assert not shared.materials.get("faq")


def test_both_demo_teams_see_the_shop_on_pathways_with_the_stages_of_the_shared_ones(
    shipped_course: Flask,
) -> None:
    with shipped_course.app_context():
        ours, sale = (active.for_team(slug) for slug in DEMO_TEAMS)
        shared = active.for_team("another-shop")

    assert ours is sale
    assert {"shop-company", "product-exam", "quiz-company"} <= ours.activities.keys()
    assert len(ours.materials["faq"]) == 5
    assert _stages(ours) == _stages(shared)


def test_a_shop_without_a_product_module_is_told_to_write_it_and_asked_for_none(
    shipped_course: Flask,
) -> None:
    with shipped_course.app_context():
        catalogue = active.for_team("another-shop")
        pathways = {each.slug: each for each in catalogue.materials[MATERIAL]}

    stage = pathways["three-exams"].stage("post")

    assert stage.exams == ("post-presales",)
    assert not any(slug.startswith("shop-") for slug in stage.learn)
    assert "本店商品模块还没写" in repr(stage.gate.rule)
    fresh = [each for slug, each in pathways.items() if not slug.startswith("renewal")]
    # Who renews has learnt what the shop sells.
    assert all("模块还没写" in repr(pathway.stages) for pathway in fresh)


def _stages(catalogue: Catalogue) -> dict[str, list[str]]:
    """The stages of each pathway."""
    return {
        pathway.slug: [stage.slug for stage in pathway.stages]
        for pathway in catalogue.materials[MATERIAL]
    }


def test_the_files_that_the_guide_begins_with_are_a_whole_product_module(
    app: Flask, tmp_path: Path
) -> None:
    for path, text in _guides_files().items():
        _write(tmp_path / path, text)
    shared = (shipped("content") / "pathways" / "three-exams.yaml").read_text("utf-8")
    before, _old, after = re.split(r"^  - slug: (?:post|live)$", shared, flags=re.MULTILINE)
    pathway = tmp_path / "teams" / "my-shop" / "pathways" / "three-exams.yaml"
    _write(pathway, f"{before}{_guides_stage()}  - slug: live{after}")

    with app.app_context():
        registered = active.active()
        checked = check_folders(registered.builder, [shipped("content"), tmp_path])
        advice = advice_on(checked, (bank_check.advice, *registered.registry.advisers))

    assert list(map(str, (*checked.problems, *advice))) == []
    ours = checked.catalogues["my-shop"]
    (stage,) = (
        each.stage("post") for each in ours.materials[MATERIAL] if each.slug == "three-exams"
    )
    assert stage.exams == ("post-presales", "product-exam")
    assert "shop-products" in stage.learn


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _guides_files() -> dict[str, str]:
    """Path → text of the files that ``docs/writing-content.md`` shows to begin with."""
    files = r"^`(teams/my-shop/[^`]+)`：\n\n((?:    .*\n|\n)+)"
    found = re.findall(files, GUIDE.read_text("utf-8"), re.MULTILINE)
    return {path: f"{textwrap.dedent(text).strip()}\n" for path, text in found}


def _guides_stage() -> str:
    """The stage with a product module as the guide shows it."""
    found = re.search(r"^  - slug: post\n(?:  .*\n)+", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return textwrap.indent(textwrap.dedent(found[0]), "  ")


@pytest.fixture
def client_of(
    shipped_course: Flask, make_team: MakeTeam, make_person: MakePerson, sign_in: SignIn
) -> Callable[..., FlaskClient]:
    """Gives ``client_of(slug, role)``: somebody of a new team, a trainee on its usual pathway."""

    def make(slug: str, role: Role) -> FlaskClient:
        person = make_person(role, team=make_team(slug=slug))
        if role is Role.TRAINEE:
            with shipped_course.app_context(), transaction():
                enrolments.enrol(person.id, person.team_id, None, now=NOW)
        return sign_in(person)

    return make


@pytest.mark.parametrize(("slug", "is_told"), [("another-shop", True), (DEMO_TEAMS[0], False)])
def test_a_shop_is_told_that_the_people_in_the_lessons_are_an_example(
    client_of: Callable[..., FlaskClient], slug: str, *, is_told: bool
) -> None:
    client = client_of(slug, Role.TRAINEE)

    pages = {url: client.get(url).text for url in ("/course", "/lesson/1.1", "/lesson/1.2")}

    told = [url for url, page in pages.items() if "课里的人、店和商品是示例" in page]
    assert told == (["/course", "/lesson/1.1"] if is_told else [])


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.TRAINER])
def test_another_shop_finds_none_of_it_by_address_search_or_faq(
    client_of: Callable[..., FlaskClient], role: Role
) -> None:
    client = client_of("another-shop", role)

    answers = {url: client.get(url).status_code for url in OWN_ADDRESSES}
    pages = {url: client.get(url).text for url in ("/", "/course", "/practice", "/faq")}
    found = client.get("/search?q=运费险").text

    assert set(answers.values()) == {404}, answers
    assert not [(url, word) for url, text in pages.items() for word in OWN_WORDS if word in text]
    assert "还没有常见问答" in pages["/faq"]
    assert "退货运费谁出" not in found


@pytest.mark.parametrize("slug", DEMO_TEAMS)
def test_the_demo_shop_finds_all_of_it(client_of: Callable[..., FlaskClient], slug: str) -> None:
    client = client_of(slug, Role.TRAINER)

    assert {client.get(url).status_code for url in OWN_ADDRESSES} <= {200, 302}
    assert "退货运费谁出" in client.get("/search?q=运费险").text
    assert "退货运费谁出" in client.get("/faq").text
