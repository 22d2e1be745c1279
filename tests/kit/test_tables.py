"""Tables in and out: what people's spreadsheets hold, and what they must not do to us."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import pytest

from cstrain.kit import tables
from cstrain.kit.errors import InvalidError
from cstrain.kit.tables import Column, Row, Sheet

HEADINGS = {"no": ("工号", "employee no"), "name": ("姓名",)}


def workbook(*rows: list[tables.Cell], columns: int = 2) -> bytes:
    heads = [Column(name) for name in ("工号", "姓名", "日期")[:columns]]
    return tables.write_xlsx(Sheet("人员", heads, rows))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (64, "64"),
        (64.5, "64.5"),
        (13800138000.0, "13800138000"),
        ("007", "007"),
        (" 林 小满　", "林 小满"),
        ("=1+1", "=1+1"),
        ("@SUM(A1)", "@SUM(A1)"),
        ("https://example.invalid", "https://example.invalid"),
        ("🙂𠮷", "🙂𠮷"),
        (True, "TRUE"),
        (date(2026, 11, 2), "2026-11-02"),
        (datetime(2026, 11, 2, 9, 30, tzinfo=UTC), "2026-11-02 09:30:00"),
    ],
)
def test_a_written_cell_reads_as_its_text(cell: tables.Cell, text: str) -> None:
    data = workbook([cell])

    assert tables.read_rows(data)[1].cells[0] == text


def test_no_written_text_becomes_a_formula() -> None:
    data = workbook(["=1+1", "+1"])

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")

    assert b"<f>" not in sheet


def test_rows_keep_the_number_a_spreadsheet_shows() -> None:
    rows = tables.read_rows(workbook(["001", "甲"], [None, None], ["002", "乙"]))

    assert [row.number for row in rows] == [1, 2, 4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_the_ways_spreadsheets_save_it(encoding: str, delimiter: str) -> None:
    text = f'工号{delimiter}姓名\r\n"=""007"""{delimiter}"林，小满"\r\n'

    rows = tables.read_rows(text.encode(encoding))

    assert rows == [Row(1, ("工号", "姓名")), Row(2, ("007", "林，小满"))]


def test_headings_match_in_spite_of_stars_brackets_and_spaces() -> None:
    data = "姓 名*,Employee No（必填）,别的\n林小满,T1,x\n".encode()

    records = tables.read_records(data, HEADINGS, required=["no", "name"])

    assert [(record.number, record["no"], record["name"]) for record in records] == [
        (2, "T1", "林小满")
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"  \n", "空的"),
        (b"\n,,\n", "没有内容"),
        (b"PK\x03\x04 damaged", "打不开"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版"),
        (b"\x89PNG\r\n\x1a\n\0\0", "不是表格"),
        (b"a" * (tables.MAX_BYTES + 1), "太大"),
        (b"a\n" * (tables.MAX_ROWS + 1), "20000"),
        (("a," * 300 + "b").encode(), "列"),
        (b'"' + b"a" * 200_000 + b'",b', "读不下去"),
    ],
)
def test_a_bad_file_is_refused_with_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(InvalidError, match=words):
        tables.read_rows(data)


@pytest.mark.parametrize("heads", ["工号", "姓名", "工号,工号,姓名"])
def test_a_missing_or_doubled_column_is_refused(heads: str) -> None:
    with pytest.raises(InvalidError):
        tables.read_records(f"{heads}\n1,2,3\n".encode(), HEADINGS, required=["no", "name"])


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")

    with pytest.raises(InvalidError, match="不是表格"):
        tables.read_rows(file.getvalue())


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1048576"><c><v>1</v></c></row>',
    ],
)
def test_a_cell_at_the_end_of_the_sheet_does_not_fill_the_memory(cells: str) -> None:
    data = _with_sheet(cells)

    with pytest.raises(InvalidError, match="很远"):
        tables.read_rows(data)


def test_a_formatted_empty_cell_at_the_end_of_the_sheet_is_forgiven() -> None:
    data = _with_sheet(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="99"><c r="XFD99" s="1"/></row>'
    )

    assert tables.read_rows(data) == [Row(1, ("1",))]


def test_a_packed_bomb_is_not_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (129 * 1024 * 1024))

    with pytest.raises(InvalidError, match="展开"):
        tables.read_rows(file.getvalue())


def test_choices_of_any_length_and_with_commas_become_lists() -> None:
    choices = [f"店铺,{number}" for number in range(300)]

    data = tables.write_xlsx(Sheet("人员", [Column("店铺", choices=choices)], []))

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "choices!$A$1:$A$300" in sheet
    assert tables.read_rows(data) == [Row(1, ("店铺",))]


def _with_sheet(cells: str) -> bytes:
    """A workbook whose sheet holds exactly these cells."""
    source = zipfile.ZipFile(io.BytesIO(workbook(["a"])))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in source.namelist():
            text = source.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                head = text.index("<sheetData>") + len("<sheetData>")
                text = text[:head] + cells + text[text.index("</sheetData>") :]
            archive.writestr(name, text)
    return file.getvalue()
