"""Every example of docs/questions.md is a good question that can be shown and graded."""

import random
import re
from pathlib import Path

import pytest

from cstrain.core.items.blocks import Role, scan
from cstrain.core.items.canonical import question_text
from cstrain.core.items.grading import grade
from cstrain.core.items.item import KIND_NAMES, Item, Kind
from cstrain.core.items.paper import FrozenItem, freeze, present
from cstrain.core.items.parse import parse_item
from cstrain.core.items.responses import Response, clean_response
from cstrain.kit.markdown import render

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
EXAMPLES = re.findall(
    r"^````markdown\n(.*?)^````$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
)


def item_of(example: str) -> Item:
    scanned = scan("questions.md", example)
    item, problems = parse_item(scanned.blocks[0])
    assert [*scanned.problems, *problems] == []
    assert item is not None
    return item


def right_response(frozen: FrozenItem) -> Response:
    """The answer that the key asks for."""
    item = frozen.item
    by_index = {index: key for key, index in frozen.keys.items()}
    chosen = [index for index, choice in enumerate(item.choices) if choice.is_right]
    chosen += [index for index, line in enumerate(item.lines) if line.is_faulty]
    chosen += range(len(item.steps))
    texts = [blank.accepted[0] for blank in item.blanks]
    texts += [f"{item.number.value} {item.number.unit}"] if item.number else []
    pairs = {str(n): by_index[item.rights.index(p.right)] for n, p in enumerate(item.pairs, 1)}
    keys = tuple(by_index[index] for index in chosen)
    return Response(item.kind, keys, tuple(sorted(pairs.items())), tuple(texts))


def test_the_page_shows_every_kind_and_a_prompt() -> None:
    blocks = [scan("questions.md", example).blocks[0] for example in EXAMPLES]

    assert {block.kind for block in blocks} == set(Kind)
    assert [block.role for block in blocks].count(Role.PROMPT) == 1
    for kind, name in KIND_NAMES.items():
        assert f"## {name} {kind}" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_shown_and_its_right_answer_is_worth_all(example: str) -> None:
    frozen = freeze(item_of(example), random.Random(7))
    public = present(frozen)

    sent = clean_response(public, right_response(frozen).to_json())
    graded = grade(frozen, sent)

    assert "<p>" in render(public.stem_md, lambda _target: None)
    assert question_text(frozen.item)
    assert graded.is_right
    assert graded.given_text
    assert graded.right_text
