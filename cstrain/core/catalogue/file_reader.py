"""What the readers of content files in YAML share. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cstrain.core.catalogue.sources import Source
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

#: Where a value stands: keys of mappings and places in lists, from the outside in.
At = tuple[str | int, ...]


class FileReader:
    """Reads one file, collecting problems with their lines."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[ContentProblem] = []

    def complain(self, text: str, *at: str | int) -> None:
        """Note what is wrong with a value, and read on."""
        self.problems.append(self.source.problem(text, *at))

    def refuse_problems(self) -> None:
        """Stop where anything was wrong.

        Raises:
            ContentError: With every problem, in the order of the file.
        """
        if self.problems:
            raise ContentError(sorted(self.problems, key=lambda each: each.line))

    def whole(  # noqa: PLR0913 - a value, its place and its limits
        self,
        data: Mapping[str, Any],
        name: str,
        at: At,
        *,
        usual: int | None = None,
        least: int = 0,
        most: int,
    ) -> int:
        """A whole number within its limits; where it is none, one to read on with.

        Args:
            data: The mapping it stands in.
            name: Its key there.
            at: Where the mapping stands.
            usual: What it is where nothing is written; None where it must be.
            least: The smallest that is allowed.
            most: The greatest.
        """
        value = data.get(name, usual)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        text = _("%(key)s 要写 %(least)s 到 %(most)s 的整数", key=name, least=least, most=most)
        self.complain(text, *at, name)
        return least if usual is None else usual
