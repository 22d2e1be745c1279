"""A scenario tried in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cstrain.activities.live_practice.cli import practice
from tests.activities.live_practice.scenes import EXAMPLE, SMALL

SCRIPT = """\
您好，在的
48 小时内发货
!备注 内容=急件
+30 满 99 元包邮
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "shop" / "scenarios"
    folder.mkdir(parents=True)
    (folder / "small.md").write_text(SMALL, "utf-8")
    return folder / "small.md"


def run(*arguments: str, typed: str = "") -> tuple[int, list[str]]:
    result = CliRunner().invoke(practice, arguments, input=typed)
    return result.exit_code, result.output.splitlines()


def test_a_script_is_played_with_times_and_marks(small: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text(SCRIPT, "utf-8")

    code, told = run("play", str(small), "--script", str(script), "--seed", "2")

    assert code == 0
    assert told[:5] == [
        "00:00 顾客：今天拍几点发",
        "00:08 顾客：急用",
        "00:28 客服：您好，在的",
        "      greeting · 问发货 · 发货 missing · lacks fact:发货 · mood 70 (+0)",
        "00:48 客服：48 小时内发货",
    ]
    assert told[5].startswith("      right · 问发货 · 发货 right")
    assert told[-1].endswith("= 成交: paid")


def test_silence_is_played_to_the_end(small: Path) -> None:
    code, told = run("play", str(small))

    assert code == 0
    assert told[-1] == "03:08 = 走了: lost (slow)"


def test_lines_can_be_typed(small: Path) -> None:
    code, told = run("play", str(small), typed="你自己看\n")

    assert code == 0
    assert any("wrong · 问发货" in line for line in told)


def test_an_unknown_action_is_told(small: Path) -> None:
    code, told = run("play", str(small), typed="!送礼\n")

    assert code == 1
    assert told[-1].startswith("Error: no action 送礼; there are 改地址")


def test_good_files_pass(small: Path) -> None:
    assert run("check", str(small), str(EXAMPLE)) == (
        0,
        ["2 of 2 files can be played; 0 problems."],
    )


def test_problems_are_printed_with_path_and_line(small: Path) -> None:
    words = small.parent.parent / "words"
    words.mkdir()
    (words / "w.md").write_text(
        "---\nkind: forbidden_words\nslug: w\ntitle: {zh: 词, en: Words}\n---\n为什么。\n"
        "\n## 包邮\n",
        "utf-8",
    )
    broken = small.with_name("broken.md")
    broken.write_text(SMALL.replace("level: 1", "level: 9"), "utf-8")

    code, told = run("check", str(small), str(broken))

    assert code == 1
    assert told == [
        f"{broken}:6: level 要写成：1 到 3 的整数",
        f"{small}:35: 有违禁词“包邮”",
        "1 of 2 files can be played; 2 problems.",
    ]
