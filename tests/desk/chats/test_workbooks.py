"""Workbooks, and what is named like one. All data is made."""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter

from cstrain.desk.chats import importers
from cstrain.desk.chats.message import Refused, SourceMessage


def texts(found: list[SourceMessage | Refused]) -> list[str]:
    return [each.text if isinstance(each, SourceMessage) else each.reason for each in found]


def workbook(rows: list[list[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                sheet.write(number, place, value)
    return file.getvalue()


def test_a_workbook_with_serial_dates_and_ids_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "chat.xlsx"
    path.write_bytes(
        workbook(
            [
                ["山泉 2024 年 5 月"],
                ["时间", "角色", "客服", "买家", "内容"],
                [45413.5, "买家", "小美", 10026084786191, "在吗"],
                ["2024-05-01 12:00:05", "客服", "小美", 2206801478650123456, "在的"],
            ]
        )
    )

    found = list(importers.open_source(path))

    assert texts(found) == ["在吗", "id_digits_lost"]
    assert isinstance(found[0], SourceMessage)
    assert found[0].buyer == "10026084786191"
    assert found[0].line == 3


def test_a_page_of_html_named_as_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "chat.xls"
    path.write_text(
        "<html><head><meta charset='gb2312'></head><body><table><tr><th>时间<th>角色<th>买家"
        "<th>内容"
        "</tr><tr><td>2024-05-01 10:00:00</td><td>买家</td><td>tb1</td><td>在吗<br>亲 &amp; 好</td>"
        "</tr></table></body></html>",
        "gb18030",
    )

    assert texts(list(importers.open_source(path))) == ["在吗\n亲 & 好"]


def test_the_xml_that_spreadsheets_wrote_in_2003(tmp_path: Path) -> None:
    path = tmp_path / "chat.xls"
    rows = [["时间", "角色", "买家", "内容"], ["2024-05-01T10:00:00", "买家", "tb1", "在吗"]]
    cells = [
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row)
        for row in rows
    ]
    path.write_text(
        '<?xml version="1.0"?><Workbook><Worksheet><Table>'
        + "</Row>".join(cells)
        + '</Row><Row><Cell ss:Index="4"><Data>好</Data></Cell></Row>'
        + "</Table></Worksheet></Workbook>",
        "utf-8",
    )

    assert texts(list(importers.open_source(path))) == ["在吗", "no_time"]
