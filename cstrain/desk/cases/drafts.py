"""What a case becomes in the shop's content, as what a trainer would have brought in. Pure.

A question and a quick reply are tables for the pages that take tables: looked at first, published
by who may publish there. A scenario is a file for the page on which scenarios are tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cstrain.core.catalogue import bank_table
from cstrain.desk.cases import scenario_text, text
from cstrain.desk.cases.models import TypicalCase
from cstrain.desk.replies import shop_table, shop_template
from cstrain.desk.replies.replies import Use
from cstrain.desk.replies.shop_table import Group, Row, Table
from cstrain.kit import tables
from cstrain.kit.chat import read

#: The class that replies from cases stand in.
REPLIES_CLASS: Final = "案例里的话"
_HEADING_SIGNS: Final = 30


def slug(case_id: int) -> str:
    """By what a case's question and scenario are known: made again, they are the same ones."""
    return f"case-{case_id}"


def to_say(case: TypicalCase) -> str:
    """The words themselves: what should have been said; of a good one the right answer.

    What is written of a good one tells why it was good, which is nothing to send.
    """
    return case.options[0] if case.is_good else case.better


def question_table(case: TypicalCase, lesson: str) -> bytes:
    """One question for a lesson; the right option stands at a place that the case's id gives."""
    right, *wrong = case.options
    place = case.id % len(case.options)
    options = [*wrong[:place], right, *wrong[place:]]
    cells = {
        "id": slug(case.id),
        "lesson": lesson,
        "kind": "单选",
        "stem": f"{text.plain(case.happened)}\n\n{text.plain(case.question)}",
        "answer": bank_table.OPTIONS[place],
        "explanation": text.plain(case.explanation or case.better),
    }
    for letter, option in zip(bank_table.OPTIONS, options, strict=False):
        cells[f"option_{letter}"] = text.plain(option)
    columns = [tables.Column(names[0]) for names in bank_table.HEADINGS.values()]
    row = [cells.get(name, "") for name in bank_table.HEADINGS]
    return tables.write_xlsx(tables.Sheet("题库", columns, [row]))


def replies_table(case: TypicalCase, groups: Sequence[Group]) -> bytes:
    """The shop's replies with one more, or with the case's own as it says now.

    Args:
        case: Its words become the reply.
        groups: What the shop has.
    """
    code = f"c{case.id}"
    row = Row(
        0,
        REPLIES_CLASS,
        Use.QUICK,
        case.title[:_HEADING_SIGNS],
        {"code": code, "when": case.title},
        to_say(case),
    )
    kept = [
        replace(each, rows=tuple(one for one in each.rows if one.options.get("code") != code))
        for each in groups
    ]
    own = next((each for each in kept if each.name == (REPLIES_CLASS, Use.QUICK)), None)
    if own is None:
        own = shop_table.new_group(Table.REPLIES, REPLIES_CLASS, Use.QUICK)
        kept.append(own)
    made = [replace(each, rows=(*each.rows, row)) if each is own else each for each in kept]
    return shop_template.template(Table.REPLIES, made)


def scenario(case: TypicalCase) -> str:
    """The first draft of a simulated customer."""
    return scenario_text.draft(
        slug=slug(case.id),
        title=case.title,
        reason=case.reason,
        happened=case.happened,
        said=to_say(case),
        better=case.better,
        is_good=case.is_good,
        lines=read(case.chat),
        question=case.question,
    )
