"""Commands: check any figure of a typing test from outside."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import click

from cstrain.activities.typing_speed.alignment import alignment_statistics
from cstrain.activities.typing_speed.eventlog import (
    LogError,
    Replay,
    gaps_ms,
    keydowns_ms,
    parse,
    replay,
    replay_stream,
    rhythm,
    within,
)
from cstrain.activities.typing_speed.normalise import WidthPolicy
from cstrain.activities.typing_speed.scoring import Fixing, score

_TEXT_KEYS = ("transcribed", "input_stream", "log")
_MOST_CHARS = 5_000
_KINDS: Mapping[str, type] = {
    "transcribed": str,
    "input_stream": str,
    "backspace": str,
    "log": list,
    "finished": bool,
    "elapsed_ms": int,
    "limit_ms": int,
}
_WORDS: Mapping[type, str] = {
    str: "text",
    list: "an array of events",
    bool: "true or false",
    int: "a whole number of milliseconds, 0 or more",
}


@click.group("typing")
def commands() -> None:
    """Typing tests: recompute their figures."""


@commands.command("score")
def score_command() -> None:
    """Read one run as JSON on standard input and print its figures as JSON.

    The object has `presented` and one of `transcribed`, `input_stream` (with `backspace`, "<"
    unless given) and `log` (events as a page records them). Optional: `elapsed_ms` (a log knows
    its own), `finished` (false: the part not reached is untyped, not wrong), `limit_ms` (later
    events do not count), `normalise` ("lenient" or "strict").

    \b
    Example:
      echo '{"presented": "您好", "transcribed": "您号", "elapsed_ms": 1500}' |
        cstrain typing score
    """  # noqa: D301 - click reads the \b
    given = _read(sys.stdin.buffer.read())
    figures = _figures(given)
    click.echo(json.dumps(figures, indent=1))


def _read(data: bytes) -> dict[str, Any]:
    """Read the object on standard input, its fields checked.

    Raises:
        click.ClickException: If anything is wrong, saying how to mend it.
    """
    try:
        given = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(
            f"standard input is not JSON ({error}); give one object, see --help"
        ) from None
    if not isinstance(given, dict) or not isinstance(given.get("presented"), str):
        raise click.ClickException('give a JSON object with "presented", the text to be typed')
    sources = [key for key in _TEXT_KEYS if key in given]
    if len(sources) != 1:
        raise click.ClickException(
            f"give exactly one of {', '.join(_TEXT_KEYS)}, not {sources or 'none'}"
        )
    for key, kind in _KINDS.items():
        value = given.get(key)
        is_flag = isinstance(value, bool)
        fits = isinstance(value, kind) and is_flag is (kind is bool)
        if value is not None and (not fits or (isinstance(value, int) and value < 0)):
            raise click.ClickException(f'"{key}" must be {_WORDS[kind]}, not {value!r:.60}')
    if max(len(given["presented"]), len(given.get("transcribed") or "")) > _MOST_CHARS:
        raise click.ClickException(f"texts longer than {_MOST_CHARS} characters are not scored")
    return given


def _figures(given: dict[str, Any]) -> dict[str, Any]:
    """All figures of a run.

    Raises:
        click.ClickException: If the log or an option cannot be used.
    """
    elapsed_ms = given.get("elapsed_ms")
    extra: dict[str, Any] = {}
    fixing = None
    try:
        policy = WidthPolicy(given.get("normalise", "lenient"))
        if "log" in given:
            events = within(parse(given["log"]), given.get("limit_ms"))
            field = replay(events)
            if elapsed_ms is None:
                elapsed_ms = events[-1].at_ms if events else None
            beat = rhythm(events, elapsed_ms or 0)
            fixing = Fixing(field.fixed_count, field.fixes_count, beat.keydown_count)
            extra = {
                "keydown_count": beat.keydown_count,
                "keydown_gaps_ms": gaps_ms(keydowns_ms(events)),
                "composition_count": beat.composition_count,
                "commit_count": beat.commit_count,
                "commit_chars_mean": beat.commit_chars_mean,
                "commit_chars_max": beat.commit_chars_max,
                "pause_count": len(beat.pauses),
                "idle_ratio": beat.idle_ratio,
                "consistency_percent": beat.consistency_percent,
            }
        elif "input_stream" in given:
            stream = given["input_stream"]
            field = replay_stream(stream, given.get("backspace") or "<")
            fixing = Fixing(field.fixed_count, field.fixes_count, len(stream))
        else:
            field = Replay(given["transcribed"], (), 0, 0)
    except (LogError, ValueError) as error:
        raise click.ClickException(f"{error}; mend the input and try again") from None
    # Spaces at the ends are kept: published cases count them.
    result = score(
        given["presented"],
        field.text,
        elapsed_ms=elapsed_ms,
        finished=bool(given.get("finished")),
        fixing=fixing,
        policy=policy,
        trim=False,
    )
    statistics = alignment_statistics(
        result.presented.text[: result.alignment.prefix_chars], result.typed.text
    )
    return {
        "transcribed": field.text,
        **result.figures(),
        **extra,
        "optimal_alignment_count": statistics.alignment_count if statistics else None,
        "mean_alignment_length": statistics.mean_length if statistics else None,
        "msd_error_ratio_mean_alignment": result.alignment.edit_count / statistics.mean_length
        if statistics and statistics.mean_length
        else None,
    }


typing = commands
"""The name by which the application attaches the group."""
