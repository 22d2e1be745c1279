"""Which content folders this installation publishes, and what kept them from being published.

Both are small files in the data folder: a restart knows the folders of before, and the pages of
those who look after content tell why a restart has not published them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from cstrain.config import KEPT_FOLDERS, Settings, shipped
from cstrain.core.catalogue.sources import TEAMS, owned
from cstrain.kit.i18n import language

_REFUSED = "content-problems.json"


def _settings() -> Settings:
    found: Settings = current_app.extensions["cstrain.settings"]
    return found


def published() -> None:
    """Remember that the folders of this process are in force."""
    settings = _settings()
    kept = settings.var_dir / KEPT_FOLDERS
    if settings.content_dirs == (shipped("content"),):
        kept.unlink(missing_ok=True)
    else:
        _write(kept, "".join(f"{folder}\n" for folder in settings.content_dirs))
    (settings.var_dir / _REFUSED).unlink(missing_ok=True)


def refused(problems: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Remember why the folders could not be published: language → path and words of each."""
    _write(_settings().var_dir / _REFUSED, json.dumps(problems, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class Unpublished:
    """What the folders hold is not in force.

    Attributes:
        problem_count: How many things are wrong.
        problems: Those of the shared course and of the reader's own shops, in words.
    """

    problem_count: int
    problems: Sequence[str]


def unpublished(team_slugs: Collection[str]) -> Unpublished | None:
    """Why the folders are not in force, as people of these shops may know it; None if they are."""
    try:
        told = json.loads((_settings().var_dir / _REFUSED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    found = told[language()]
    seen = [words for path, words in found if _concerns(path, team_slugs)]
    return Unpublished(len(found), seen)


def _concerns(path: str, team_slugs: Collection[str]) -> bool:
    return not path.startswith(TEAMS) or not set(owned(path)[0]).isdisjoint(team_slugs)


def _write(path: Path, text: str) -> None:
    """Write a file whole, for readers of the same moment."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
