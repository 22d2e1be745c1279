"""One question of customers with its answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One question of customers with its answer.

    Attributes:
        anchor: Its place on the page, unique within a team's content.
        aliases: Other ways customers ask it.
        answer: The words to send, as they are.
        line: Where it stands in its file.
    """

    anchor: str
    question: str
    aliases: tuple[str, ...]
    answer: str
    line: int

    @property
    def url(self) -> str:
        """Its place on the page of all entries."""
        return f"/faq#{self.anchor}"
