"""Loaded files kept on disk between starts, so that a second start is quick.

The cache lies in the installation's own data folder, beside its secret and its database. It is
thrown away whenever any file of the programme has changed, because a newer programme may read
the same content otherwise.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import tempfile
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cstrain.config import PACKAGE
from cstrain.core.catalogue.kinds import GROUP

log = logging.getLogger(__name__)


@cache
def _programme() -> str:
    """A name for the state of the code, kinds from outside included: its files' sizes and times."""
    seen = hashlib.sha256()
    for path in sorted(_code()):
        state = path.stat()
        seen.update(f"{path}|{state.st_size}|{state.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:16]


def _code() -> set[Path]:
    files = set(PACKAGE.rglob("*.py"))
    for point in entry_points(group=GROUP):
        spec = find_spec(point.module.partition(".")[0])
        if spec is not None and spec.submodule_search_locations:
            for folder in spec.submodule_search_locations:
                files.update(Path(folder).rglob("*.py"))
        elif spec is not None and spec.origin is not None:
            files.add(Path(spec.origin))
    return files


def read(folder: Path) -> dict[Any, Any]:
    """What was kept by this programme; empty when nothing was, or it cannot be read."""
    try:
        kept: dict[Any, Any] = pickle.loads(_file(folder).read_bytes())  # noqa: S301 - our own file
    except FileNotFoundError:
        return {}
    except Exception as error:  # noqa: BLE001 - a broken cache only costs a second
        log.warning("the content cache cannot be read and is made anew: %s", error)
        return {}
    return kept


def write(folder: Path, loaded: dict[Any, Any]) -> None:
    """Keep what was loaded; a cache of another programme goes."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as file:
        pickle.dump(loaded, file, protocol=pickle.HIGHEST_PROTOCOL)
    Path(name).replace(_file(folder))
    for other in folder.glob("content-*.pickle"):
        if other != _file(folder):
            other.unlink(missing_ok=True)


def _file(folder: Path) -> Path:
    return folder / f"content-{_programme()}.pickle"
