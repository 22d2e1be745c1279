"""Files that are damaged, huge or malicious, and texts that break naive readers. All made."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cstrain.desk.chats import importers
from cstrain.desk.chats.importers import ColumnMapping, inputs
from cstrain.desk.chats.importers.adapter import NotUnderstoodError, exact_id
from cstrain.desk.chats.message import Refused, SourceMessage
from cstrain.kit.errors import InvalidError

MAPPING = ColumnMapping({"at": "t", "role": "r", "buyer": "b", "text": "c"})
HEAD = "t,r,b,c\n"
ROW = "2024-05-01 10:00:00,buyer,甲,在吗\n"


def texts(found: list[SourceMessage | Refused]) -> list[str]:
    return [each.text if isinstance(each, SourceMessage) else each.reason for each in found]


def read(text: str, **options: object) -> list[str]:
    return texts(list(importers.open_text(text, mapping=MAPPING, **options)))  # type: ignore[arg-type]  # as given


def said(content: str, **more: object) -> str:
    return json.dumps(
        {"t": "2024-05-01 10:00:00", "r": "buyer", "b": "甲", "c": content, **more},
        ensure_ascii=False,
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (said("一") + "\n{'c': 1}\n" + said("二"), ["一", "bad_json", "二"]),
        (said("一") + "\n" + said("二")[:-9], ["一", "cut_off"]),
        ("[" + said("一") + ",\n" + said("二") + ",\n" + said("三")[:20], ["一", "二", "cut_off"]),
        ("[" + said("一") + ',\n{"c": x}, ' + said("二") + "]", ["一", "bad_json", "二"]),
        ("[" + said("一") + "]\n\n完成\n", ["一", "noise"]),
        ("[" + said("一") + ',\n 5, "x", null]', ["一"] + ["unknown_record"] * 3),
        (said("一") + said("二"), ["一", "二"]),
        (json.dumps([json.loads(said("一"))], indent=2) + "\n" + said("二"), ["一", "二"]),
        (said("一", deep=json.loads("[" * 500 + "]" * 500)), ["一"]),
        (said("一") + "\n" + "[" * 5000 + "\n" + said("二"), None),
        (
            '{"t":"2024-05-01 10:00:00","r":"buyer","b":"甲","c":"\\ud83d半\\u0000"}',
            ["\ufffd半\ufffd"],
        ),
    ],
)
def test_damaged_json(text: str, found: list[str] | None) -> None:
    told = read(text, format="json_lines")

    assert found is None or told == found
    assert "一" in told or found is not None


def test_halves_of_characters_reach_no_database() -> None:
    text = json.dumps([json.loads(said("好", b="甲\ud83d\0"))])

    (found,) = importers.open_text(text, mapping=MAPPING)

    assert isinstance(found, SourceMessage)
    assert found.buyer == "甲\ufffd\ufffd"


def test_lists_of_json_larger_than_memory_should_hold_are_streamed() -> None:
    one = said("好" * 40)
    text = '{"total": 60000, "data": [' + ",\n".join([one] * 60_000) + '], "page": 1}\n'
    source = importers.open_text(text, mapping=MAPPING)

    tracemalloc.start()
    count = sum(isinstance(each, SourceMessage) for each in source)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 60_000
    assert peak < 64e6


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_file_that_a_disk_has_not_written_to_its_end_is_read_as_far_as_it_goes(
    encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "half.csv"
    path.write_bytes((HEAD + ROW * 300 + ROW[:-3]).encode(encoding) + b"\0" * 100_000)

    found = texts(list(importers.open_source(path, mapping=MAPPING)))

    assert found == ["在吗"] * 300 + ["cut_off"]


def test_an_endless_line_is_refused_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "MAX_LINE", 10_000)
    path = tmp_path / "chat.csv"
    path.write_text(HEAD + ROW + "x" * 25_000 + "\n" + ROW, "utf-8")

    assert texts(list(importers.open_source(path, mapping=MAPPING))) == [
        "在吗",
        "line_too_long",
        "在吗",
    ]


def test_a_large_file_is_streamed_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "chat.csv"
    with path.open("w", encoding="gb18030") as file:
        file.write(HEAD)
        for _each in range(40):
            file.write(ROW * 5000)

    tracemalloc.start()
    with importers.open_source(path, mapping=MAPPING) as source:
        positions = [
            source.position_bytes for number, _each in enumerate(source) if not number % 20_000
        ]
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert positions == sorted(positions)
    assert 0 < positions[0] < positions[-1] <= source.total_bytes
    assert peak < 20e6


def test_a_file_of_something_else_ends_with_a_reason_soon() -> None:
    text = "\n".join(f"第 {number} 行" for number in range(60_000))

    with pytest.raises(InvalidError, match="格式可能选错"):
        list(importers.open_text(text, format="copied"))


def workbook_of(sheet: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (workbook_of(b"<worksheet>" + b" " * (1 << 24)), "打不开"),
        (workbook_of(b'<sheetData><row r="1"><c r="XFD9999999"><v>1</v></c></row>'), "很远"),
    ],
)
def test_workbooks_that_would_fill_the_memory_are_refused(
    data: bytes, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "chat.xlsx"
    path.write_bytes(data)

    with pytest.raises(InvalidError, match=reason):
        list(importers.open_source(path))


def test_a_zip_bomb_is_refused_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importers.workbooks, "MAX_UNPACKED_BYTES", 1 << 20)
    path = tmp_path / "chat.xlsx"
    path.write_bytes(workbook_of(b"0" * (1 << 21)))

    with pytest.raises(InvalidError, match="太大"):
        list(importers.open_source(path))


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("abc", "abc"),
        ('="0012"', "0012"),
        ("'10026084786191", "10026084786191"),
        ("10026084786191.0", "10026084786191"),
        ("1.000E+3", "1000"),
        ("1.00E+3", None),
        ("1e5", None),
        ("1.00260847862E+13", None),
        ("2.2068014786501234E+18", None),
    ],
)
def test_ids_that_were_numbers(text: str, exact: str | None) -> None:
    if exact is None:
        with pytest.raises(NotUnderstoodError):
            exact_id(text)
    else:
        assert exact_id(text) == exact


CONTENT = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\u2028\u2029\x85"),
    min_size=1,
    max_size=30,
).filter(lambda text: text == text.strip() and "&" not in text and bool(text))


@settings(max_examples=150, deadline=None)
@given(st.lists(CONTENT | st.builds("{}\n{}".format, CONTENT, CONTENT), min_size=1, max_size=8))
def test_what_a_spreadsheet_writes_is_read_back(contents: list[str]) -> None:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["t", "r", "b", "c", "z"])
    for content in contents:
        writer.writerow(["2024-05-01 10:00:00", "buyer", "甲", content, "z"])

    assert read(file.getvalue(), format="table") == contents


@settings(max_examples=150, deadline=None)
@given(st.lists(CONTENT, min_size=1, max_size=8), st.sampled_from([None, 1]))
def test_what_json_writes_is_read_back(contents: list[str], indent: int | None) -> None:
    records = [json.loads(said(content)) for content in contents]

    assert read(json.dumps(records, indent=indent), format="json_lines") == contents
    assert read("\n".join(map(json.dumps, records)), format="json_lines") == contents


@settings(max_examples=150, deadline=None)
@given(st.lists(CONTENT, min_size=1, max_size=8))
def test_what_was_copied_is_read_back(contents: list[str]) -> None:
    lines = [
        f"{'山泉:美' if place % 2 else '甲**'} 2024-05-01 10:00:{place:02}\n{content}"
        for place, content in enumerate(contents)
    ]

    assert read("\n".join(lines), format="copied") == contents


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300), name=st.sampled_from(sorted(importers.FORMATS)))
def test_no_bytes_break_a_reader(
    data: bytes, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(data)
    found: list[SourceMessage | Refused] = []

    with suppress(InvalidError):
        found = list(importers.open_source(path, format=name))

    assert all(isinstance(each, SourceMessage | Refused) for each in found)
