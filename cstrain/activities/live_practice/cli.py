"""Commands: try the matcher on any data from outside, and scenarios before they are published."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from cstrain.activities.live_practice import lint, rehearsal
from cstrain.activities.live_practice.matching import fact_of, read_reply
from cstrain.activities.live_practice.scenario import Scenario
from cstrain.kit.errors import ContentError, ContentProblem

_KEYS = {"reply", "references", "facts"}
_MOST_CHARS = 5_000
_MOST_SENTENCES = 500
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("practice")
def commands() -> None:
    """Live practice: try what its rules say of a reply, and play scenarios."""


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
    """  # noqa: D301, DOC501 - click reads the \b, and prints the docstring
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


@commands.command("check")
@click.argument("files", nargs=-1, required=True, type=_FILE)
def check_command(files: tuple[Path, ...]) -> None:
    """Read scenario files and print every problem as path:line: problem.

    Nothing is published. Sections and products are looked at by `cstrain content check`, which
    knows the whole course; forbidden words are those in `words/` beside the files' folder.

    \b
    Example:
      cstrain practice check shop/scenarios/*.md
    """  # noqa: D301 - click reads the \b
    problems: list[ContentProblem] = []
    scenarios: list[Scenario] = []
    for file in files:
        try:
            scenario = rehearsal.load(file)
        except ContentError as error:
            problems += error.problems
            continue
        scenarios.append(scenario)
        problems += lint.said_forbidden(scenario, rehearsal.words_beside(file))
        problems += lint.length(scenario)
    problems += lint.copies(scenarios)
    for problem in sorted(problems, key=lambda each: (each.path, each.line)):
        click.echo(str(problem))
    click.echo(f"{len(scenarios)} of {len(files)} files can be played; {len(problems)} problems.")
    if problems:
        sys.exit(1)


@commands.command("play")
@click.argument("file", type=_FILE)
@click.option("--seed", default=1, show_default=True, help="Another seed, other wording and times.")
@click.option("--script", type=click.File(encoding="utf-8"), help="The agent's lines, from a file.")
def play_command(file: Path, seed: int, script: TextIO | None) -> None:
    """Play a scenario as the agent; every line is followed by what the rules say of it.

    A line is sent twenty seconds after the customer has finished; `+90 text` waits ninety seconds
    instead, an empty line waits until something happens, `!备注 内容=满减` is an action on the
    order. The end of input leaves the customer alone.

    \b
    Example:
      cstrain practice play shop/scenarios/vest-bargain.md
    """  # noqa: D301 - click reads the \b
    for line in _played(file, seed, script or _typed()):
        click.echo(line)


def _played(file: Path, seed: int, lines: Iterable[str]) -> Iterator[str]:
    """The talk, line by line.

    Raises:
        click.ClickException: If the file or an action in a line is not right.
    """
    try:
        yield from rehearsal.talk(rehearsal.load(file), seed, lines, rehearsal.words_beside(file))
    except (ContentError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _typed() -> Iterator[str]:
    """What is typed, until the end of input."""
    while True:
        try:
            yield click.prompt("", prompt_suffix="> ", default="", show_default=False)
        except click.Abort:
            return


practice = commands
"""The name by which the application attaches the group."""
