"""A shop's FAQ, replies, products by table: bad rows, what changes, publishing, taking back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from cstrain.app import create_app
from cstrain.config import Settings
from cstrain.core.catalogue import active
from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.publish import check_files, publish
from cstrain.core.catalogue.sources import File, digest_of
from cstrain.core.people.access import Role
from cstrain.desk.replies import faq, products, replies, shop_rows, shop_table, shop_template, words
from cstrain.desk.replies.shop_table import Table
from cstrain.kit import jobs, tables
from cstrain.kit.db import transaction
from tests.desk import shop_content
from tests.plugins.databases import release
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop, SignIn

DELIVERY = """---
kind: faq
slug: faq-delivery
title: {zh: 发货, en: Dispatch}
---
## 今天拍什么时候发？
    别名: 几点发货, 多久发出

16:00 前付款今天发。

## 发什么快递？

默认发中通。
"""
RETURNS = """---
kind: faq
slug: faq-returns
title: {zh: 退换, en: Returns}
---
## 能退吗？

能，七天内。
"""
FOLDER = {
    "teams/demo+one/shop/faq/delivery.md": DELIVERY,
    "teams/demo+one/shop/faq/returns.md": RETURNS,
    "teams/demo+one/shop/replies/presales.md": shop_content.REPLIES,
    "teams/demo+one/shop/products/a.md": shop_content.PRODUCTS,
    "teams/demo+one/shop/words/a.md": shop_content.WORDS,
}
Cells = tuple[str, ...]
ASK: Cells = ("发货", "今天拍什么时候发？", "几点发货，多久发出", "16:00 前付款今天发。")
POST: Cells = ("发货", "发什么快递？", "", "默认发中通。")
BACK: Cells = ("退换", "能退吗？", "", "能，七天内。")
HI: Cells = (
    "售前",
    "快捷回复",
    "先应一声",
    "hi",
    "顾客第一次开口",
    "在的，我是{客服名}。您先说，我看着。",
)
TEE: Cells = (
    *("上衣", "圆领短袖", "SC-T01", "69", "八色", "200 克精梳棉", "200 克精梳棉；不闷", "夏天单穿"),
    *("白色略透", "长袖 T 厚一点", "长袖 T"),
)
PANTS: Cells = ("上衣", "直筒裤", "SC-K01", "139", "", "", "三色", "上班穿", "", "", "")


def table_of(*rows: Cells, of: Table = Table.FAQ) -> bytes:
    columns = [tables.Column(names[0]) for names in shop_table.HEADINGS[of].values()]
    return tables.write_xlsx(tables.Sheet("表", columns, [list(row) for row in rows]))


def reasons(of: Table, *rows: Cells) -> dict[int, list[str]]:
    _rows, problems = shop_rows.read(of, table_of(*rows, of=of))
    found: dict[int, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.number, []).append(problem.reason)
    return found


def test_what_the_shop_has_comes_back_from_the_template_unchanged() -> None:
    catalogue = shop_content.checked(FOLDER).catalogues["demo"]

    for table in Table:
        groups = shop_table.groups_of(catalogue, table)
        rows, problems = shop_rows.read(table, shop_template.template(table, groups))

        assert problems == []
        assert [row.said for row in rows] == [row.said for each in groups for row in each.rows]
        assert [row.key for row in rows] == [row.key for each in groups for row in each.rows]


def test_a_row_becomes_an_entry_that_reads_the_same() -> None:
    rows, _problems = shop_rows.read(Table.REPLIES, table_of(HI, of=Table.REPLIES))
    group = shop_table.new_group(Table.REPLIES, '售"前: #', rows[0].use)
    group = shop_table.Group(group.slug, group.title, group.use, group.path, tuple(rows))
    text, lines = shop_table.text_of(Table.REPLIES, group)

    (file,) = replies.files_of(shop_content.checked({group.path: text}).catalogues[""])

    (reply,) = file.entries
    assert file.title["zh"] == '售"前: #'
    assert (reply.purpose, reply.code, reply.when) == ("先应一声", "hi", "顾客第一次开口")
    assert [reply.line] == lines


@pytest.mark.parametrize("table", list(Table))
def test_the_empty_template_holds_an_example_that_is_never_taken(table: Table) -> None:
    assert shop_rows.read(table, shop_template.template(table, [])) == ([], [])


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        (("", "", "", ""), []),
        (("", "问", "", "答"), ["“分类”这一格空着"]),
        (("", "问", "", ""), ["“分类”这一格空着", "“答案”这一格空着"]),
        (("长" * 31, "问" * 101, "", "答"), ["“分类”有 31 字", "“问题”有 101 字"]),
        (("发货", "问", "", "长" * 501), ["501 字"]),
        (("发货", "问", "", "一\n## 又一问\n\n答"), ["以 # 开头"]),
        (("发货", "问\ue000", "", "答"), ["看不见"]),
        (("发货", "今天拍什么时候发？", "", "答"), ["“今天拍什么时候发？”和第 2 行重复"]),
        (("发货", "问", "几点发货", "答"), ["“几点发货”和第 2 行重复"]),
        (("退换", "问", "几点发货", "答"), []),
        (("发货", "问", "问，问一，问一", "答"), []),
    ],
)
def test_a_bad_row_is_named_with_every_reason(row: Cells, parts: list[str]) -> None:
    found = reasons(Table.FAQ, ASK, row)

    told = found.pop(3, [])
    assert found == {}
    assert len(told) == len(parts), told
    assert all(part in reason for part, reason in zip(parts, told, strict=True)), told


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({1: "随便"}, ["不认识用途“随便”"]),
        ({1: "", 2: "", 5: "长" * 121}, ["“用途”这一格空着", "“标题”这一格空着", "121 字"]),
        ({2: "", 3: "HI!", 5: ""}, ["“标题”这一格空着", "“正文”这一格空着", "短码 HI! 不行"]),
        ({3: ""}, ["“短码”这一格空着"]),
        ({3: "HI!", 4: "长" * 41}, ["“何时”有 41 字", "短码 HI! 不行"]),
        ({3: "hi"}, ["“hi”和第 2 行重复"]),
        ({5: "您好{姓名}"}, ["不认识 {姓名}"]),
        ({5: "在的，我是{客服名}。 您先说，我看着。"}, ["“正文”和第 2 行重复"]),
        ({1: "自动回复", 3: ""}, []),
    ],
)
def test_a_bad_reply_is_named_with_every_reason(
    changes: Mapping[int, str], parts: list[str]
) -> None:
    row = ["售前", "快捷回复", "再应一声", "hey", "", "我看看。"]
    for place, cell in changes.items():
        row[place] = cell

    told = reasons(Table.REPLIES, HI, tuple(row)).get(3, [])

    assert len(told) == len(parts), told
    assert all(part in reason for part, reason in zip(parts, told, strict=True)), told


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, []),
        ({2: "", 3: ""}, ["“编号”这一格空着", "“价格”这一格空着"]),
        ({2: "sc-t01"}, ["“sc-t01”和第 2 行重复"]),
        ({2: "SC K01"}, ["编号“SC K01”不行"]),
        ({3: "139 起"}, ["价格“139 起”不行"]),
        ({3: "L 码 139 元\n0"}, ["价格“0”不行"]),
        ({3: "S 129 元；L 139"}, []),
        ({6: "；", 7: ""}, ["“卖点”这一格空着", "“适合”这一格空着"]),
        ({1: "长" * 31}, ["31 字"]),
        ({8: "长" * 201}, ["“短处”有 201 字"]),
        ({6: "长" * 110}, ["先发的那句"]),
        ({1: ""}, ["“名称”这一格空着"]),
        ({1: "长 | 裤"}, ["“名称”里不能有竖线"]),
    ],
)
def test_a_bad_product_is_named_with_every_reason(
    changes: Mapping[int, str], parts: list[str]
) -> None:
    row = list(PANTS)
    for place, cell in changes.items():
        row[place] = cell

    told = reasons(Table.PRODUCTS, TEE, tuple(row)).get(3, [])

    assert len(told) == len(parts), told
    assert all(part in reason for part, reason in zip(parts, told, strict=True)), told


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        (("禁用", "最好 / 最佳", "最好的朋友", "", ""), []),
        (("", "", "", "", ""), []),
        (("禁用", "", "", "", ""), ["“词”这一格空着"]),
        (("禁用", "最好", "第一次", "", "长" * 61), ["“原因”有 61 字", "例外“第一次”里没有“最好”"]),
        (("禁用", "最好\nno.1", "", "", ""), ["“no.1”和第 2 行重复"]),
    ],
)
def test_a_bad_word_is_named_with_every_reason(row: Cells, parts: list[str]) -> None:
    told = reasons(Table.WORDS, ("绝对", "第一 / No.1", "第一次", "", ""), row).get(3, [])

    assert len(told) == len(parts), told
    assert all(part in reason for part, reason in zip(parts, told, strict=True)), told


@pytest.mark.parametrize("table", list(Table))
def test_a_row_with_only_its_class_names_each_empty_cell_once(table: Table) -> None:
    blank = ("",) * (len(shop_table.HEADINGS[table]) - 1)

    told = reasons(table, ("一类", *blank))[2]

    assert all(reason.endswith("这一格空着") for reason in told), told
    assert len(told) == len(set(told))


class Desk:
    """Somebody at the page of a shop's tables."""

    def __init__(self, app: Flask, client: FlaskClient, team: Shop) -> None:
        self.app, self.client, self.team = app, client, team

    def looked_at(self, *rows: Cells, of: Table = Table.FAQ) -> str:
        """Upload a table and let the job look at it; gives the report's address."""
        data = table_of(*rows, of=of)
        form = {"file": (io.BytesIO(data), "表.xlsx"), "team": str(self.team.id)}
        page = self.client.post(f"/shop-tables/{of.value}", data=form).location
        jobs.run_waiting(self.app)
        return self.client.get(page, headers={"HX-Request": "true"}).headers["HX-Redirect"]

    def report(self, *rows: Cells, of: Table = Table.FAQ) -> str:
        return self.client.get(self.looked_at(*rows, of=of)).text

    def bring(self, *rows: Cells, of: Table = Table.FAQ) -> str:
        """Upload, confirm, and let the jobs work; gives what the last page shows."""
        return self.work(f"{self.looked_at(*rows, of=of)}")

    def work(self, url: str) -> str:
        page = self.client.post(url).location
        jobs.run_waiting(self.app)
        return self.client.get(page).text

    def catalogue(self, slug: str | None = None) -> Catalogue:
        with self.app.app_context():
            active.active().reload()
            return active.for_team(slug or self.team.slug)

    def faq(self, slug: str | None = None) -> dict[str, dict[str, str]]:
        """Class → question → answer."""
        return {
            file.title["zh"]: {entry.question: entry.answer for entry in file.entries}
            for file in faq.files_of(self.catalogue(slug))
        }


MakeDesk = Callable[[Role], Desk]


@pytest.fixture
def make_desk(app: Flask, make_person: MakePerson, sign_in: SignIn, team: Shop) -> MakeDesk:
    active.install(app, shop_content.registry())
    texts = {path.replace("one", team.slug): text for path, text in FOLDER.items()}
    files = {path: File(digest_of(text.encode()), text.encode()) for path, text in texts.items()}
    with app.app_context(), transaction():
        checked = check_files(Builder(shop_content.registry()), files)
        publish(checked, origins={}, by=None, note="", now=NOW)
    return lambda role: Desk(app, sign_in(make_person(role)), team)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk(Role.TRAINER)


def test_a_table_replaces_the_shops_own_and_nobody_elses(desk: Desk) -> None:
    before = desk.faq("demo")
    report = desk.report(ASK, (*POST[:3], "默认发极兔。"), ("发票", "能开发票吗？", "", "能开。"))
    for said in ("默认发极兔", "没有变化"):
        assert (said in report) is (said == "没有变化")
    assert report.index("能开发票吗？") < report.index("能退吗？")
    assert desk.faq() == before

    done = desk.bring(ASK, (*POST[:3], "默认发极兔。"), ("发票", "能开发票吗？", "", "能开。"))

    assert "新增 1 条，更新 1 条，去掉 1 条" in done
    assert desk.faq() == {
        "发货": {"今天拍什么时候发？": "16:00 前付款今天发。", "发什么快递？": "默认发极兔。"},
        "发票": {"能开发票吗？": "能开。"},
    }
    assert desk.faq("demo") == before
    assert "没有变化" in desk.report(
        ASK, (*POST[:3], "默认发极兔。"), ("发票", "能开发票吗？", "", "能开。")
    )


def test_who_has_published_sees_it_at_once_whichever_process_answers(
    desk: Desk, settings: Settings
) -> None:
    other = create_app(settings)
    other.config.update(TESTING=True)
    active.install(other, shop_content.registry())
    worker = Desk(other, other.test_client(), desk.team)
    with desk.client.session_transaction() as mine, worker.client.session_transaction() as kept:
        kept.update(mine)
    for each in (desk, worker):
        assert "能退吗？" in each.client.get("/faq").text

    desk.bring(ASK, POST, ("退换", "能退货吗？", "", "能。"))
    here = desk.client.get("/faq").text
    with desk.client.session_transaction() as mine, worker.client.session_transaction() as kept:
        kept.update(mine)
    there = worker.client.get("/faq").text
    release(other)

    assert "能退货吗？" in here
    assert "能退货吗？" in there


def test_taking_it_back_gives_the_table_before_and_then_what_lay_there(desk: Desk) -> None:
    before, invoice = desk.faq(), ("发票", "能开发票吗？", "", "能开。")
    desk.bring(invoice)
    assert "回到第一次传表格以前" in desk.client.get("/shop-tables/faq").text
    desk.bring(invoice, ("价格", "能便宜吗？", "", "页面价就是实价。"))
    page = desk.client.get("/shop-tables/faq").text
    assert "回到第一次传表格以前" not in page
    assert "现在的 2 条会换掉" in page
    # A browser would take a dialog out of a paragraph, away from the button that opens it.
    assert re.search(r"<p[^>]*>\s*<button[^>]*data-dialog", page) is None

    done = desk.work(f"/shop-tables/faq/{desk.team.id}/take-back")

    assert "已经撤回" in done
    assert desk.faq() == {"发票": {"能开发票吗？": "能开。"}}
    assert "回到第一次传表格以前" in desk.client.get("/shop-tables/faq").text
    desk.work(f"/shop-tables/faq/{desk.team.id}/take-back")
    assert desk.faq() == before
    assert "撤回最近一次" not in desk.client.get("/shop-tables/faq").text
    again = desk.client.post(f"/shop-tables/faq/{desk.team.id}/take-back")
    assert again.status_code == 404


def test_a_table_after_one_taken_back_is_taken_back_to_the_one_before(desk: Desk) -> None:
    desk.bring(("发票", "能开发票吗？", "", "能开。"))
    desk.bring(BACK)
    desk.work(f"/shop-tables/faq/{desk.team.id}/take-back")
    desk.bring(ASK)

    desk.work(f"/shop-tables/faq/{desk.team.id}/take-back")

    assert desk.faq() == {"发票": {"能开发票吗？": "能开。"}}


def test_a_job_begun_again_takes_back_once(desk: Desk) -> None:
    desk.bring(("发票", "能开发票吗？", "", "能开。"))
    desk.bring(BACK)
    page = desk.client.post(f"/shop-tables/faq/{desk.team.id}/take-back").location
    jobs.run_waiting(desk.app)

    with desk.app.app_context(), transaction() as session:
        values = {"state": "waiting", "ended_at": None}
        session.execute(
            update(jobs.Job).where(jobs.Job.id == int(page.split("/")[-1])).values(values)
        )
    jobs.run_waiting(desk.app)

    assert desk.faq() == {"发票": {"能开发票吗？": "能开。"}}


def test_the_two_tables_are_taken_back_apart(desk: Desk) -> None:
    desk.bring(("发票", "能开发票吗？", "", "能开。"))
    done = desk.bring((*HI[:5], "在的，您说。"), of=Table.REPLIES)
    assert "更新 1 条，去掉 1 条" in done

    desk.work(f"/shop-tables/faq/{desk.team.id}/take-back")

    assert set(desk.faq()) == {"发货", "退换"}
    (file,) = replies.files_of(desk.catalogue())
    assert [reply.text for reply in file.entries] == ["在的，您说。"]


def test_products_are_replaced_and_taken_back(desk: Desk) -> None:
    report = desk.report((*TEE[:3], "79", *TEE[4:]), PANTS, of=Table.PRODUCTS)
    for state in ("新增", "更新", "去掉"):
        assert f"{state}</td>" in report

    done = desk.bring((*TEE[:3], "79", *TEE[4:]), PANTS, of=Table.PRODUCTS)

    assert "新增 1 条，更新 1 条，去掉 2 条" in done
    (file,) = products.files_of(desk.catalogue())
    assert [(each.number, each.parts["price"]) for each in file.entries] == [
        ("SC-T01", ("79",)),
        ("SC-K01", ("139",)),
    ]
    assert "圆领短袖，79 元。" in desk.client.get("/products").text
    (others,) = products.files_of(desk.catalogue("demo"))
    assert [each.number for each in others.entries] == ["SC-T01", "SC-B01", "SC-B03"]

    desk.work(f"/shop-tables/products/{desk.team.id}/take-back")

    (file,) = products.files_of(desk.catalogue())
    assert [each.number for each in file.entries] == ["SC-T01", "SC-B01", "SC-B03"]


def test_a_product_may_not_say_what_is_forbidden(desk: Desk) -> None:
    report = desk.report((*PANTS[:6], "全网第一", *PANTS[7:]), of=Table.PRODUCTS)

    assert "第 2 行" in report
    assert "有违禁词“第一”" in report


def test_bad_rows_are_told_by_number_and_nothing_is_published(desk: Desk) -> None:
    before = desk.faq()
    url = desk.looked_at(
        ASK, ("发货", "", "", "我们是全网第一。"), ("发货", "卖得好吗？", "", "全网第一。")
    )
    page = desk.client.get(url)

    assert page.status_code == 422
    assert "第 3 行" in page.text
    assert "有违禁词“第一”，改说：这款上个月卖得多" in page.text
    assert "第 4 行" in page.text
    assert desk.client.post(url).status_code == 422
    assert desk.faq() == before


def test_the_same_rows_in_another_order_are_told_so(desk: Desk) -> None:
    report = desk.report(POST, ASK, BACK)

    assert "只是换了先后" in report
    assert "确认发布" in report


def test_classes_stand_as_in_the_table(desk: Desk) -> None:
    cup: Cells = ("杯子", "能装开水吗？", "", "能。")
    rows = (cup, BACK, ASK, POST, ("发票", "能开发票吗？", "", "能开。"))

    desk.bring(*rows)

    assert list(desk.faq()) == ["杯子", "退换", "发货", "发票"]
    page = desk.client.get("/faq").text
    assert page.index("能装开水吗？") < page.index("能退吗？") < page.index("发什么快递？")
    assert "没有变化" in desk.report(*rows)
    desk.bring(*rows, ("尺码", "偏大吗？", "", "正常。"))
    assert list(desk.faq()) == ["杯子", "退换", "发货", "发票", "尺码"]


def test_words_are_replaced_and_hold_for_the_next_table(desk: Desk) -> None:
    assert "没有变化" in desk.report(
        ("绝对化用语", "第一 / No.1", "第一次，第一件事", "这款上个月卖得多", "没有数据证明。"),
        of=Table.WORDS,
    )

    done = desk.bring(("绝对化用语", "最好", "最好的朋友", "上个月卖得多", ""), of=Table.WORDS)

    assert "新增 1 条，更新 0 条，去掉 1 条" in done
    (file,) = words.files_of(desk.catalogue())
    assert [(word.forms, word.exceptions) for word in file.entries] == [
        (("最好",), ("最好的朋友",))
    ]
    assert file.why == "广告法不让说。"
    assert "“最好”" in desk.report((*ASK[:3], "我们最好。"))
    assert "确认发布" in desk.report((*ASK[:3], "我们第一。"))


def test_a_word_that_the_shop_says_itself_is_refused(desk: Desk) -> None:
    report = desk.report(("禁用", "中通", "", "", ""), of=Table.WORDS)

    assert "有违禁词“中通”" in report


def test_a_job_is_named_by_its_table_and_its_file(desk: Desk) -> None:
    form = {"file": (io.BytesIO(table_of(ASK)), "我的问答.xlsx"), "team": str(desk.team.id)}
    looked_at = desk.client.post("/shop-tables/faq", data=form).location
    jobs.run_waiting(desk.app)
    page = desk.client.get(looked_at)
    report = desk.client.get(looked_at, headers={"HX-Request": "true"}).headers["HX-Redirect"]

    assert "看看这份表格：常见问答 · 我的问答.xlsx" in page.text
    assert "常见问答 · 我的问答.xlsx：看完了，还没有发布。" in page.text
    published = desk.client.post(report).location
    assert "换成本店的：常见问答 · 我的问答.xlsx" in desk.client.get(published).text


def test_an_empty_table_is_refused(desk: Desk) -> None:
    form = {"file": (io.BytesIO(table_of()), "表.xlsx"), "team": str(desk.team.id)}
    page = desk.client.post("/shop-tables/faq", data=form).location
    jobs.run_waiting(desk.app)

    assert "表里一条也没有" in desk.client.get(page).text


def test_a_report_belongs_to_its_table_and_to_who_brought_it(make_desk: MakeDesk) -> None:
    mine, theirs = make_desk(Role.TRAINER), make_desk(Role.ADMINISTRATOR)
    url = mine.looked_at(ASK)

    assert mine.client.get(url.replace("/faq/", "/replies/")).status_code == 404
    assert theirs.client.get(url).status_code == 404
    assert theirs.client.get("/shop-tables/replies").status_code == 200


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.MANAGER])
def test_others_may_not(make_desk: MakeDesk, role: Role) -> None:
    client = make_desk(role).client

    assert client.get("/shop-tables/faq").status_code == 403
    assert client.get("/shop-tables/faq.xlsx").status_code == 403
    for page in ("/faq", "/replies", "/products", "/words"):
        assert "用表格换成本店的" not in client.get(page).text


def test_the_pages_show_the_way(desk: Desk) -> None:
    for page in ("/faq", "/replies", "/products", "/words"):
        assert "用表格换成本店的" in desk.client.get(page).text
    assert "现在的 3 条" in desk.client.get("/shop-tables/faq").text
    assert desk.client.get("/shop-tables/glossary").status_code == 404


def test_another_shop_is_not_found(desk: Desk, make_team: MakeTeam) -> None:
    other = make_team("别的店")

    for url in ("/shop-tables/faq", "/shop-tables/faq.xlsx"):
        assert desk.client.get(f"{url}?team={other.id}").status_code == 404
    assert desk.client.post(f"/shop-tables/faq/{other.id}/take-back").status_code == 404
