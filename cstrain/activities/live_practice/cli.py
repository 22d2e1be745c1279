"""Commands: try the matcher on any data from outside."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from cstrain.activities.live_practice.matching import fact_of, read_reply

_KEYS = {"reply", "references", "facts"}
_MOST_CHARS = 5_000
_MOST_SENTENCES = 500


@click.group("practice")
def commands() -> None:
    """Live practice: try what its rules say of a reply."""


@commands.command("match")
def match_command() -> None:
    """Read replies as JSON lines on standard input and print a verdict for each.

    A line is an object with `reply` (text; several lines of an agent joined by line ends) and
    `references` (replies that would be right), `facts` (what it must say: sentences, or objects
    with `key`, `text`, `about`, `also`, `wrong`), or both. The answer has `verdict` (right,
    wrong, unclear), `similarity` (0 to 1), `reason` and, for each fact, its `state` and `span`.

    \b
    Example:
      echo '{"facts": ["48 小时内发货"], "reply": "亲，两天内给您寄出哦"}' | cstrain practice match
    """  # noqa: D301 - click reads the \b
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            answer = _answer(given)
        except (ValueError, RecursionError) as error:
            raise click.ClickException(f"line {number}: {error}") from None
        click.echo(json.dumps(answer, ensure_ascii=False))


def _answer(given: Any) -> dict[str, Any]:
    """Verdict on one line.

    Raises:
        ValueError: If the line is not as described.
    """
    if not isinstance(given, Mapping):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for all of a line
    unknown = set(given) - _KEYS
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} is not known; use {sorted(_KEYS)}")
    reply = given.get("reply")
    if not isinstance(reply, str):
        raise ValueError("`reply` is a text")  # noqa: TRY004
    references = _list_of(given, "references")
    if not all(isinstance(each, str) for each in references):
        raise ValueError("`references` is a list of texts")
    facts = [fact_of(each) for each in _list_of(given, "facts")]
    if any(len(each) > _MOST_CHARS for each in (reply, *references)):
        raise ValueError(f"texts of more than {_MOST_CHARS} characters are not matched")
    reading = read_reply(reply, references=references, facts=facts)
    return {
        "verdict": str(reading.verdict),
        "similarity": round(reading.similarity, 4),
        "reason": reading.reason,
        "facts": [
            {"key": each.key, "state": str(each.state), "span": each.span} for each in reading.facts
        ],
    }


def _list_of(given: Mapping[str, Any], name: str) -> Sequence[Any]:
    """A list of the line.

    Raises:
        ValueError: If it is something else, or too long.
    """
    found = given.get(name, [])
    if not isinstance(found, list):
        raise ValueError(f"`{name}` is a list")  # noqa: TRY004
    if len(found) > _MOST_SENTENCES:
        raise ValueError(f"`{name}` has more than {_MOST_SENTENCES} sentences")
    return found


practice = commands
"""The name by which the application attaches the group."""
