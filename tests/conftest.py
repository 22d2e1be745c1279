"""Fixtures of every test come from these plugins."""

from __future__ import annotations

pytest_plugins = [
    "tests.plugins.browser",
    "tests.plugins.databases",
    "tests.plugins.made_shop",
    "tests.plugins.shop",
    "tests.plugins.course",
    "tests.plugins.school",
]
