"""The errors that every slice raises and ``cstrain.layout.answers`` turns into answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cstrain.kit.i18n import gettext as _


class CstrainError(Exception):
    """Anything the product itself refuses. The message is shown to people."""


class NotFoundError(CstrainError):
    """The thing does not exist, or the viewer may not know that it does (404)."""


class ForbiddenError(CstrainError):
    """The viewer is known and may not do this (403)."""


class LockedError(CstrainError):
    """The thing exists but is not open to the trainee yet (409)."""


class ConflictError(CstrainError):
    """Somebody, or an earlier click, has already changed what this wanted to change (409)."""


class InvalidError(CstrainError):
    """What was sent cannot be read or is not allowed (422)."""


@dataclass(frozen=True, slots=True)
class ContentProblem:
    """One thing that is wrong in one content file.

    Attributes:
        path: The file, relative to its content folder, with forward slashes.
        line: Line number from 1; 0 where the whole file is meant.
        problem: What is wrong and how to mend it, in the reader's language.
        missing: The section or activity that is referred to and not there; empty for any other
            problem. It is not told where that has a problem of its own already.
        place: Where it stands in words, for what a table brought in; empty for a file.
    """

    path: str
    line: int
    problem: str
    missing: str = ""
    place: str = ""

    def __str__(self) -> str:
        if self.place:
            return _("%(place)s：%(problem)s", place=self.place, problem=self.problem)
        return f"{self.path}:{self.line}: {self.problem}"


class ContentError(CstrainError):
    """Content that cannot be used, with every problem found."""

    def __init__(self, problems: Sequence[ContentProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
