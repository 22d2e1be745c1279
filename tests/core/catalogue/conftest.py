"""Content folders made of the fake kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cstrain.core.catalogue.build import Builder
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.publish import Checked, check_folders
from cstrain.testing import FakeKind

CHAPTER = "number: 1\ntitle: {zh: 第一章, en: One}\nsummary: {zh: 概要, en: Summary}\n"
LESSON = """\
---
kind: fake
slug: "1.1"
title: {zh: 催发货, en: Dispatch}
sections: {"1.1.1": {zh: 先安抚, en: First}}
---
顾客催发货时先安抚，再查单……
"""
BANK = """\
---
section: "1.1"
---
/// 题 | 判断
    编号: t-1
    难度: 1

先查单再安抚。

答案：错

解析：先处理情绪。
///
"""
COURSE: Mapping[str, str] = {
    "c/chapter.yaml": CHAPTER,
    "c/1.1.md": LESSON,
    "c/1.1.questions.md": BANK,
}

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Gives ``folder(name, {path: text or bytes})``."""

    def make(name: str = "content", files: Mapping[str, str | bytes] = COURSE) -> Path:
        root = tmp_path / name
        for path, body in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body if isinstance(body, bytes) else body.encode())
        root.mkdir(exist_ok=True)
        return root

    return make


@pytest.fixture
def builder() -> Builder:
    """A builder that knows the fake kind only."""
    registry = Registry()
    registry.add_kind(FakeKind(), distribution="tests")
    return Builder(registry)


@pytest.fixture
def checked(builder: Builder) -> Callable[..., Checked]:
    """Gives ``checked(*folders)``."""
    return lambda *folders: check_folders(builder, folders)
