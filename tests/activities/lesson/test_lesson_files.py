"""A shop's own files in a lesson: who adds them, who sees them, and what is refused."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from cstrain.activities.lesson import file_views, files
from cstrain.activities.lesson.models import LessonFile
from cstrain.config import Settings
from cstrain.core.people.access import Role
from cstrain.kit import file_types
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db
from tests.activities.lesson.lesson_course import Class, enrol
from tests.plugins.course import Statements
from tests.plugins.made_files import MADE
from tests.plugins.shop import MakePerson, MakeTeam, SignIn

# werkzeug 3.1's test client leaves the file open that it sends a large form from.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SCRIPT = "<script>alert(1)</script>"


class Shop:
    """A trainer who keeps the files of the first lesson."""

    def __init__(self, lessons: Class, client: FlaskClient) -> None:
        self.lessons, self.client = lessons, client
        self.url = f"/lesson/1.1/files/{lessons.reader.team_id}"

    def add(
        self, *bodies: tuple[str, bytes], title: str = "", once: str = "1", url: str = ""
    ) -> TestResponse:
        sent: dict[str, Any] = {
            "files": [(io.BytesIO(body), name) for name, body in bodies],
            "title": title,
            "once": once,
        }
        return self.client.post(url or self.url, data=sent)

    def act(self, token: str, what: str, **form: str) -> int:
        return self.client.post(f"{self.url}/{token}/{what}", data=form).status_code

    def rows(self) -> list[LessonFile]:
        with self.lessons.app.app_context():
            return list(db.session.scalars(select(LessonFile).order_by(LessonFile.position)))

    def titles(self) -> list[str]:
        return [row.title for row in self.rows() if row.removed_at is None]

    def token(self, title: str) -> str:
        return next(row.token for row in self.rows() if row.title == title)

    def page(self) -> str:
        return self.client.get("/lesson/1.1").get_data(as_text=True)


@pytest.fixture
def shop(lessons: Class, make_person: MakePerson, sign_in: SignIn) -> Shop:
    return Shop(lessons, sign_in(make_person(Role.TRAINER)))


@pytest.fixture
def folder(settings: Settings, lessons: Class) -> Path:
    return settings.var_dir / "lesson-files" / str(lessons.reader.team_id)


def test_a_trainee_sees_what_a_trainer_adds_in_its_way(shop: Shop) -> None:
    for suffix, body in MADE.items():
        shop.add((f"甲 {suffix}.{suffix}", body))

    page = shop.lessons.page()

    assert re.search(r'<img src="/lesson/file/\w{32}" alt="甲 png"', page)
    assert re.search(r'<video controls [^>]*src="/lesson/file/\w{32}" aria-label="甲 mp4"', page)
    assert re.search(r'href="/lesson/file/\w{32}" download>.*甲 pptx.*PPTX · 1 KB', page)
    assert re.search(r'href="/lesson/file/\w{32}">.*甲 pdf.*PDF · 1 KB', page)
    assert "/files/" not in page


def test_an_empty_place_is_told_to_those_alone_who_can_fill_it(
    shop: Shop, make_person: MakePerson, sign_in: SignIn
) -> None:
    administrator, manager = (
        sign_in(make_person(role)) for role in (Role.ADMINISTRATOR, Role.MANAGER)
    )

    assert "这一课还没有本店资料" in shop.page()
    assert "这一课还没有本店资料" in administrator.get("/lesson/1.1").text
    assert "本店资料" not in manager.get("/lesson/1.1").text
    assert "本店资料" not in shop.lessons.page()


def test_other_lessons_do_not_show_it(shop: Shop) -> None:
    shop.add(("甲.png", MADE["png"]))

    assert "本店资料" not in shop.lessons.page("1.2")


def test_a_title_is_what_was_written_or_the_name_of_the_file(shop: Shop) -> None:
    shop.add(("a.png", MADE["png"]), title="  保温杯\u202e 正面\n ")
    shop.add(("杯 子.最终版.jpg", MADE["jpg"]))
    shop.add(("../../etc/passwd", MADE["pdf"]))
    shop.add((f"{'长' * 200}.webp", MADE["webp"]))
    shop.add((".png", MADE["docx"]))

    assert shop.titles() == ["保温杯 正面", "杯 子.最终版", "passwd", "长" * 80, ".png"]


def test_the_folders_of_a_name_are_left_out() -> None:
    assert files.title_of_file("C:\\我的图\\a\x00b\r\n.JPG") == "ab"


def test_several_at_once_keep_their_names_and_their_order(shop: Shop) -> None:
    shop.add(("甲.png", MADE["png"]), ("乙.pdf", MADE["pdf"]), title="不用")

    assert shop.titles() == ["甲", "乙"]


def test_they_are_put_in_order_renamed_and_removed(shop: Shop, folder: Path) -> None:
    shop.add(("甲.png", MADE["png"]), ("乙.pdf", MADE["pdf"]), ("丙.docx", MADE["docx"]))

    for title, way in (("丙", "up"), ("甲", "down"), ("丙", "up"), ("甲", "down")):
        assert shop.act(shop.token(title), "move", way=way) == 302
    assert shop.act(shop.token("乙"), "title", title="尺码表") == 302
    assert shop.act(shop.token("甲"), "title", title=" ") == 302
    removed = shop.token("丙")
    assert shop.act(removed, "remove") == 302

    assert shop.titles() == ["尺码表", "甲"]
    assert {each.name for each in folder.iterdir()} == {shop.token("甲"), shop.token("尺码表")}
    assert shop.client.get(f"/lesson/file/{removed}").status_code == 404
    assert [shop.act(removed, what) for what in ("remove", "move")] == [404, 404]


@pytest.mark.parametrize("suffix", list(MADE))
def test_a_file_comes_back_as_what_it_is(shop: Shop, suffix: str) -> None:
    shop.add((f"a.{suffix}", MADE[suffix]), title='店"铺/规则')
    answer = shop.lessons.client.get(f"/lesson/file/{shop.rows()[0].token}")
    kind = file_types.TYPES[suffix]
    is_shown = suffix not in {"pptx", "xlsx", "docx"}

    assert answer.data == MADE[suffix]
    assert answer.mimetype == kind.mime
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    how, _semicolon, name = answer.headers["Content-Disposition"].partition(";")
    assert how == ("inline" if is_shown else "attachment")
    assert name.endswith(f"''%E5%BA%97_%E9%93%BA_%E8%A7%84%E5%88%99.{suffix}")
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["a.png", "a.mp4", "a.pdf", "a.xlsx"])
@pytest.mark.parametrize(
    "body", [b"<script>alert(1)</script>", b"PK\x03\x04" + bytes(3_000), b"", b"GIF89a" + bytes(9)]
)
def test_what_is_none_of_them_is_refused_whatever_its_name(
    shop: Shop, folder: Path, name: str, body: bytes
) -> None:
    answer = shop.add((name, body))

    assert answer.status_code == 422
    assert "没有加上" in answer.text
    assert shop.rows() == []
    assert not folder.exists()


def test_the_bytes_say_what_it_is_not_the_name(shop: Shop) -> None:
    shop.add(("page.html", MADE["png"]))

    answer = shop.client.get(f"/lesson/file/{shop.rows()[0].token}")
    assert answer.mimetype == "image/png"
    assert "page.png" in answer.headers["Content-Disposition"]


def test_the_good_ones_of_several_are_taken_and_the_others_named(shop: Shop) -> None:
    answer = shop.add(("好.png", MADE["png"]), ("坏.png", b"bad"))

    told = shop.client.get(answer.location).text
    assert shop.titles() == ["好"]
    assert "“坏”没有加上" in told
    assert "加了 1 个文件" in told


def test_a_picture_of_more_than_its_limit_is_refused(shop: Shop) -> None:
    answer = shop.add(("大.png", MADE["png"] + bytes(file_types.TYPES["png"].limit_bytes)))

    assert answer.status_code == 422
    assert "超过 20 MB" in answer.text
    assert shop.rows() == []


def test_a_film_may_be_larger_than_any_other_upload(shop: Shop, folder: Path) -> None:
    film = MADE["mp4"] + bytes(30 * 1024 * 1024)

    answer = shop.add(("片.mp4", film))

    assert answer.status_code == 302
    assert (folder / shop.rows()[0].token).stat().st_size == len(film)


@pytest.mark.parametrize("where", ["/lesson/1.2/answer/1.2-t1", "other", "reader"])
def test_nowhere_else_and_for_nobody_else_is_the_limit_raised(
    shop: Shop, make_team: MakeTeam, where: str
) -> None:
    film, sender = MADE["mp4"] + bytes(17 * 1024 * 1024), shop
    url = f"/lesson/1.1/files/{make_team().id}" if where == "other" else ""
    url = where if where.startswith("/") else url
    if where == "reader":
        sender = Shop(shop.lessons, shop.lessons.client)
    # A form's token is read from the body before anything else, as it is in earnest.
    shop.lessons.app.config["WTF_CSRF_ENABLED"] = True

    answer = sender.add(("片.mp4", film), url=url)

    assert answer.status_code == 413


def test_a_film_comes_in_parts_and_never_whole_at_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_views, "PART_BYTES", 500)
    shop.add(("片.mp4", MADE["mp4"]))
    url, size = f"/lesson/file/{shop.rows()[0].token}", len(MADE["mp4"])

    def part(wanted: str) -> tuple[int, str | None, int]:
        answer = shop.lessons.client.get(url, headers={"Range": wanted})
        return answer.status_code, answer.headers.get("Content-Range"), len(answer.data)

    assert part("bytes=0-") == (206, f"bytes 0-499/{size}", 500)
    assert part("bytes=700-709") == (206, f"bytes 700-709/{size}", 10)
    assert part("bytes=-100") == (206, f"bytes {size - 100}-{size - 1}/{size}", 100)
    assert part(f"bytes={size}-") == (416, f"bytes */{size}", 0)
    assert part("bytes=0-1,5-6") == (200, None, size)
    assert part("apples=1-2")[0] in {200, 416}
    assert part("bytes=9-1") == (200, None, size)
    whole = shop.lessons.client.get(url)
    assert (whole.status_code, whole.data) == (200, MADE["mp4"])


def test_a_form_sent_twice_adds_once_and_another_form_again(shop: Shop, folder: Path) -> None:
    for _time in range(2):
        answer = shop.add(("甲.png", MADE["png"]), once="a")
    assert "刚才已经加上了" in shop.client.get(answer.location).text
    shop.add(("甲.png", MADE["png"]), once="b")

    assert shop.titles() == ["甲", "甲"]
    assert len(list(folder.iterdir())) == 2


def test_a_script_in_a_title_is_text(shop: Shop) -> None:
    for suffix in ("png", "mp4", "pdf"):
        shop.add((f"a.{suffix}", MADE[suffix]), title=f'{SCRIPT}"onload=')
    shop.client.post(f"{shop.url}/{shop.rows()[0].token}/title", data={"title": SCRIPT})

    for page in (shop.lessons.page(), shop.page(), shop.client.get(shop.url).text):
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page
        assert '"onload=' not in page


def test_another_team_neither_sees_nor_touches_it(
    shop: Shop, make_team: MakeTeam, make_person: MakePerson, sign_in: SignIn
) -> None:
    shop.add(("甲.png", MADE["png"]))
    token = shop.rows()[0].token
    other = make_team()
    trainer = make_person(Role.TRAINER, team=other)
    stranger = Shop(shop.lessons, sign_in(trainer))
    trainee = make_person(team=other)
    enrol(shop.lessons.app, trainee)

    assert "甲" not in sign_in(trainee).get("/lesson/1.1").text
    assert "甲" not in stranger.page()
    assert stranger.client.get(f"/lesson/file/{token}").status_code == 404
    assert stranger.client.get(shop.url).status_code == 404
    assert stranger.add(("乙.png", MADE["png"])).status_code == 404
    own = f"/lesson/1.1/files/{other.id}/{token}"
    for url in (f"{shop.url}/{token}", own):
        for what, form in (("title", {"title": "偷"}), ("move", {"way": "up"}), ("remove", {})):
            assert stranger.client.post(f"{url}/{what}", data=form).status_code == 404
    assert shop.titles() == ["甲"]


def test_a_trainee_may_add_nothing(shop: Shop) -> None:
    reader = Shop(shop.lessons, shop.lessons.client)

    assert reader.client.get(reader.url).status_code == 403
    assert reader.add(("甲.png", MADE["png"])).status_code == 403
    assert shop.rows() == []


@pytest.mark.parametrize("slug", ["first-exam", "nothing"])
def test_only_lessons_hold_files(shop: Shop, slug: str) -> None:
    url = shop.url.replace("1.1", slug)

    assert shop.client.get(url).status_code == 404
    assert shop.add(("甲.png", MADE["png"]), url=url).status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_not_found(shop: Shop, folder: Path) -> None:
    shop.add(("甲.png", MADE["png"]))
    (folder / shop.rows()[0].token).unlink()

    assert shop.client.get(f"/lesson/file/{shop.rows()[0].token}").status_code == 404


def test_the_page_asks_once_more_and_only_where_there_are_files(shop: Shop) -> None:
    def count() -> int:
        # The least of three: now and then a page also notes that the person was there.
        return min(sent_by_page() for _each in range(3))

    def sent_by_page() -> int:
        with Statements(shop.lessons.app) as counted:
            shop.lessons.page()
        return len(counted.sent)

    before = count()
    for number in range(12):
        shop.add((f"{number}.png", MADE["png"]), once=str(number))

    assert count() == before + 1


def test_a_lesson_holds_so_many_files_and_no_more(
    shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cstrain.activities.lesson.files.FILES_MAX", 2)

    answer = shop.add(*((f"{n}.png", MADE["png"] + bytes([n])) for n in range(3)))

    assert "最多放 2 个文件" in shop.client.get(answer.location).text
    assert len(shop.rows()) == len(list(folder.iterdir())) == 2


def test_through_a_trainees_eyes_there_is_nothing_to_keep(shop: Shop) -> None:
    shop.add(("甲.png", MADE["png"]))
    shop.client.post(f"/people/{shop.lessons.reader.id}/see")

    assert 'alt="甲"' in shop.page()
    assert "/files/" not in shop.page()
    assert shop.act(shop.token("甲"), "remove") == 403


def test_what_was_never_added_is_forgotten_after_a_day(shop: Shop, folder: Path) -> None:
    shop.add(("甲.png", MADE["png"]))
    (folder / "new-1").write_bytes(b"half")

    with shop.lessons.app.app_context():
        files.forget_unfinished(utc_now())
        assert (folder / "new-1").exists()
        files.forget_unfinished(utc_now() + timedelta(days=2))

    assert [each.name for each in folder.iterdir()] == [shop.token("甲")]
