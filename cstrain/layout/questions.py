"""What ``templates/layout/questions.html`` needs from Python: question texts as safe HTML.

The texts of a question are Markdown that never changes while its digest stays, so the HTML of
each text is made once and kept. A file beside a bank or lesson is named ``media/<digest>/<name>``
by then (see ``core.items.media``), so that no page needs to know where a question came from.
"""

from __future__ import annotations

import re
from functools import lru_cache

from flask import Flask
from markupsafe import Markup, escape

from cstrain.core.items.item import Kind, kind_label
from cstrain.core.items.paper import PublicChoice, PublicItem
from cstrain.core.items.stem import fill_blanks
from cstrain.kit import markdown
from cstrain.kit.i18n import gettext as _

_KEPT = 8192
_FILE = re.compile(r"media/[0-9a-f]{64}/[^/]+")


def resolve(target: str) -> str | None:
    """The address of a link in a question; None for a file that was never published."""
    kind, colon, name = target.partition(":")
    if colon and kind in {"section", "activity"}:
        return f"/go/{kind}/{name}"
    return f"/{target}" if _FILE.fullmatch(target) else None


@lru_cache(maxsize=_KEPT)
def html(text: str) -> Markup:
    """A stem, an explanation or a comment."""
    return Markup(markdown.render(text, resolve))  # noqa: S704 - passed the sanitiser


@lru_cache(maxsize=_KEPT)
def inline_html(text: str) -> Markup:
    """A reply, a step or a side of a pair, without a paragraph around it."""
    return Markup(markdown.render_inline(text, resolve))  # noqa: S704 - passed the sanitiser


@lru_cache(maxsize=_KEPT)
def said_html(text: str) -> Markup:
    """A line of a chat to find faults in."""
    return Markup(markdown.kept_together(markdown.said(text)))  # noqa: S704 - escaped


@lru_cache(maxsize=_KEPT)
def plain(text: str) -> str:
    """A text where no HTML may stand: the entries of a list to choose from."""
    return markdown.plain(text)


def stem(public: PublicItem, name: str, texts: tuple[str, ...] = ()) -> Markup:
    """The stem with an input in each gap.

    Args:
        public: The question as shown.
        name: The name of its fields; gaps are ``name-1`` …
        texts: What was typed into the gaps.
    """
    written = html(public.stem_md)
    if public.kind is not Kind.BLANKS:
        return written

    def gap(number: int) -> str:
        given = texts[number - 1] if number <= len(texts) else ""
        label = escape(_("第 %(n)s 空", n=number))
        return (
            f'<input class="blank" type="text" name="{escape(name)}-{number}" '
            f'value="{escape(given)}" maxlength="500" autocomplete="off" aria-label="{label}">'
        )

    return Markup(fill_blanks(written, gap))  # noqa: S704 - every value is escaped


def ordered(public: PublicItem, keys: tuple[str, ...] = ()) -> list[PublicChoice]:
    """The steps of an order question as given so far, the ones not placed yet at the end."""
    steps = {choice.key: choice for choice in public.choices}
    placed = [steps[key] for key in keys if key in steps]
    return placed + [choice for choice in public.choices if choice.key not in keys]


def install(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.globals.update(question_stem=stem, question_order=ordered, kind_label=kind_label)
    app.jinja_env.filters.update(
        markdown=html, markdown_inline=inline_html, markdown_plain=plain, chat_said=said_html
    )
