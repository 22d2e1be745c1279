"""Names of files as they are shown."""

from __future__ import annotations

import pytest

from cstrain.kit.uploads import NAME_MAX_LENGTH, shown_name


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("常见问答 9 月.xlsx", "常见问答 9 月.xlsx"),
        ("\x00\u202e../../a.csv", "../../a.csv"),
        (None, ""),
        ("长" * 500, "长" * NAME_MAX_LENGTH),
    ],
)
def test_a_name_is_shown_without_what_cannot_be_seen(sent: str | None, shown: str) -> None:
    assert shown_name(sent) == shown
