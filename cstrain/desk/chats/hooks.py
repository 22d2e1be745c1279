"""Where the rooms above take part in the archive. They register while the app is wired.

    hooks.on_pasted.register(mark)      # def mark(conversation_id: int) -> str: where to go on
    hooks.panels.register(panel)        # def panel(conversation) -> Markup | str, on its page
    hooks.keeps.register(drawn)         # def drawn(ids) -> those of these that must not go
    hooks.unfinished.register(waits)    # def waits(id) -> condition: its work is not done yet

A panel that has nothing to show gives an empty text. Whoever keeps a conversation is asked inside
the transaction that would take it away. What is unfinished outlives the term of what was said.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from markupsafe import Markup
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from cstrain.core.people.hooks import Hook
from cstrain.desk.chats.models import ChatConversation

on_pasted: Hook[Callable[[int], str]] = Hook()
panels: Hook[Callable[[ChatConversation], Markup | str]] = Hook()
keeps: Hook[Callable[[Sequence[int]], Collection[int]]] = Hook()
unfinished: Hook[Callable[[InstrumentedAttribute[int]], ColumnElement[bool]]] = Hook()
