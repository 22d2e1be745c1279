"""Terms of the glossary, marked where each part of a lesson first uses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cstrain.activities.lesson.spec import LessonSpec
from cstrain.plugin import Item, glossary


@dataclass(frozen=True, slots=True)
class Marked:
    """A lesson's text with its terms.

    Attributes:
        pieces: Part ref → its HTML and questions, in order.
        terms: Every term that is marked, once, in the order of reading.
    """

    pieces: Mapping[str, tuple[str | Item, ...]]
    terms: tuple[glossary.Term, ...]


def marked(spec: LessonSpec, marker: glossary.Marker) -> Marked:
    """Mark the first place of each term in each part; what it means stands once a page."""
    terms: dict[str, glossary.Term] = {}

    def show(term: glossary.Term, words: str) -> str:
        terms[term.anchor] = term
        meaning = f"term-{term.anchor}"
        return (
            f'<button class="term" type="button" popovertarget="{meaning}" '
            f'popovertargetaction="show" aria-describedby="{meaning}-text">{words}</button>'
        )

    pieces = {}
    for part in spec.parts:
        seen: set[str] = set()
        pieces[part.ref] = tuple(
            marker.mark(piece, seen, show) if isinstance(piece, str) else piece
            for piece in part.pieces
        )
    return Marked(pieces, tuple(terms.values()))
