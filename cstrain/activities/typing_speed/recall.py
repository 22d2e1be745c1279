"""A question on what was just typed: so copying teaches, too."""

from __future__ import annotations

from collections.abc import Callable

from cstrain import plugin
from cstrain.kit.errors import InvalidError


class Question:
    """A question as one result page shows it.

    Attributes:
        name: The name of its fields.
        frozen: The question with its key and the order of its parts.
        public: What a browser may see of it.
        response: What was answered, ``None`` before.
        graded: What the answer is worth, ``None`` before.
    """

    def __init__(self, name: str, frozen: plugin.paper.FrozenItem) -> None:
        self.name = name
        self.frozen = frozen
        self.public = plugin.paper.present(frozen)
        self.response: plugin.responses.Response | None = None
        self.graded: plugin.grading.Graded | None = None

    def check(self, values: Callable[[str], list[str]]) -> None:
        """Take the answer out of a form, and grade it unless there is none.

        Raises:
            InvalidError: If the answer has another form than our page gives it.
        """
        raw = plugin.responses.raw_from_form(self.public, self.name, values)
        try:
            response = plugin.responses.clean_response(self.public, raw)
        except ValueError as error:
            raise InvalidError(str(error)) from error
        if response.is_empty:
            return
        self.response = response
        self.graded = plugin.grading.grade(self.frozen, response)
