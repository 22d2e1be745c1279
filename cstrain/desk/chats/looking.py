"""A file before it is brought in: what it is, what would come of it, and what a person must say.

The report of this look lies beside the file in the data folder for a day, see ``kit.uploads``; what
it shows of chats is masked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from cstrain.desk.chats import importers, importing, reading
from cstrain.desk.chats.importers import ColumnMapping, Guess, Source
from cstrain.desk.chats.importers.mapping import KeptRoles, nameless
from cstrain.desk.chats.masking import mask
from cstrain.desk.chats.models import ChatImport
from cstrain.desk.chats.prepared import Conversation, Counts
from cstrain.kit.db import db
from cstrain.kit.errors import InvalidError

#: What holds messages as people have said it: a mapping is asked for.
MAPPED: Final = frozenset({"table", "json_lines"})
#: What tells sides by 0 and 1, which can be read both ways; what was said once holds for the next.
DIRECTED: Final = frozenset({"taobao_top", "taobao_sql"})
_LOOKED_AT: Final = 2_000
_SPEAKERS_SHOWN: Final = 12
_SAMPLE_CHARS: Final = 60
_PREVIEW_MESSAGES: Final = 30
_REMEMBERED: Final = 500


@dataclass(frozen=True, slots=True)
class Report:
    """What a look at a file found.

    Attributes:
        file: What it is called.
        settings: How it was read; with ``headings``, by which a mapping is remembered.
        format: What it is.
        reason: Why it is taken for that, a code.
        problem: Why it cannot be read so, in words; empty when it can.
        counts: See ``prepared.Counts``.
        preview: Its first conversation, see ``prepared.Conversation``, in JSON's types.
        samples: Heading → some values; empty where nothing is mapped.
        guessed: Field → heading, as guessed or remembered.
        role_values: What stands in the role's column, or who speaks, with who that is; empty
            where nobody knows.
        unsure: Codes of what should be looked at.
        is_remembered: Whether the mapping is that of an earlier file.
    """

    file: str
    digest: str
    total_bytes: int
    settings: Mapping[str, Any]
    format: str = ""
    encoding: str = ""
    reason: str = ""
    problem: str = ""
    counts: Mapping[str, Any] = field(default_factory=dict)
    preview: Mapping[str, Any] | None = None
    samples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    guessed: Mapping[str, str] = field(default_factory=dict)
    role_values: Mapping[str, str] = field(default_factory=dict)
    unsure: Sequence[str] = ()
    is_remembered: bool = False


def look(
    path: Path, file: str, settings: Mapping[str, Any], *, team_id: int, tell: importing.Tell
) -> dict[str, Any]:
    """Look at a file; gives a report as it is kept.

    Args:
        path: Where it lies.
        file: What it is called.
        settings: See ``ChatImport.settings``.
        team_id: Whose chats they would be.
        tell: Told how far it has read.
    """
    known: dict[str, Any] = {"settings": dict(settings)}
    try:
        detected = importers.detect(path, file)
        wanted = settings.get("format") or detected.format
        known |= {"format": wanted, "encoding": detected.encoding}
        known["reason"] = "named" if settings.get("format") else detected.reason
        if wanted in MAPPED:
            known |= _mapping(path, file, wanted, settings, team_id)
        else:
            known |= _speakers(path, file, wanted, settings, team_id)
        known["preview"] = _preview(path, file, known["settings"], team_id)
        counts = importing.look(path, known["settings"], team_id=team_id, name=file, tell=tell)
        known["counts"] = counts.as_json()
    except InvalidError as error:
        known["problem"] = str(error)
        known["counts"] = Counts().as_json()
    return asdict(Report(file, importing.digest_of(path), path.stat().st_size, **known))


def _mapping(
    path: Path, file: str, wanted: str, settings: Mapping[str, Any], team_id: int
) -> dict[str, Any]:
    """How columns are read: as said, as remembered of the same headings, or guessed."""
    with importers.open_source(path, name=file, format=wanted) as source:
        guess = source.look()
    headings = _headings(guess)
    said = settings.get("mapping") or remembered(headings, team_id=team_id)
    mapping, key_of = guess.mapping, importing.speaker_keys(team_id)
    kept: dict[str, Any] = {}
    if said:
        told = ColumnMapping.of_json(said, key_of)
        with importers.open_source(path, name=file, format=wanted, mapping=told) as source:
            guess = source.look()
        roles = KeptRoles(told.roles, key_of).over(guess.mapping.roles)
        mapping = replace(told, roles=roles)
        kept = replace(told, roles=nameless(dict(roles), key_of)).as_json()
    role_values = {value: mapping.role(value) or "" for value in guess.role_values}
    is_settled = bool(said and said.get("roles"))
    return {
        "settings": {**settings, "format": wanted, "mapping": kept, "headings": headings},
        "samples": {
            heading: [mask(value).text[:_SAMPLE_CHARS] for value in values]
            for heading, values in guess.samples.items()
        },
        "guessed": dict(mapping.columns),
        "role_values": role_values if 0 < len(role_values) <= _SPEAKERS_SHOWN else {},
        "unsure": [] if is_settled else list(guess.unsure),
        "is_remembered": bool(said) and not settings.get("mapping"),
    }


def as_before(path: Path, settings: Mapping[str, Any], *, team_id: int) -> dict[str, Any]:
    """Settings with what people have said of a file with the same headings, or sides, if anything.

    Raises:
        InvalidError: If the file cannot be read.
    """
    wanted = settings.get("format") or importers.detect(path, path.name).format
    if wanted in DIRECTED:
        said = remembered(wanted, team_id=team_id)
        told = {"format": wanted, "mapping": said, "headings": wanted} if said else {}
        return {**settings, **told}
    if wanted not in MAPPED:
        return dict(settings)
    with importers.open_source(path, format=wanted) as source:
        headings = _headings(source.look())
    said = remembered(headings, team_id=team_id)
    if not said:
        return dict(settings)
    return {**settings, "format": wanted, "mapping": said, "headings": headings}


def is_guessed(path: Path, settings: Mapping[str, Any], *, team_id: int) -> bool:
    """Whether it is a guess who of a file is the agent, which somebody should look at.

    Raises:
        InvalidError: If the file cannot be read.
    """
    said = settings.get("mapping")
    mapping = ColumnMapping.of_json(said, importing.speaker_keys(team_id)) if said else None
    wanted = settings.get("format") or None
    with importers.open_source(path, name=path.name, format=wanted, mapping=mapping) as source:
        for _each in islice(source, _LOOKED_AT):
            pass
        return source.has_guessed_roles


def _headings(guess: Guess) -> str:
    """By what a mapping is remembered: the digest of a table's headings."""
    return sha256("\x1f".join(guess.samples).encode()).hexdigest()


def remembered(headings: str, *, team_id: int) -> dict[str, Any]:
    """How the last file with these headings was read; empty where there was none."""
    rows = db.session.scalars(
        select(ChatImport.settings)
        .where(ChatImport.team_id == team_id)
        .order_by(ChatImport.id.desc())
        .limit(_REMEMBERED)
    )
    return next((dict(each["mapping"]) for each in rows if each.get("headings") == headings), {})


def _speakers(
    path: Path, file: str, wanted: str, settings: Mapping[str, Any], team_id: int
) -> dict[str, Any]:
    """Who speaks, where a person should confirm who is the agent."""
    said, known = settings.get("mapping") or {}, dict[str, Any]()
    if wanted in DIRECTED:
        is_new = bool(said)
        said = said or remembered(wanted, team_id=team_id)
        known["settings"] = {**settings, "format": wanted, "mapping": said, "headings": wanted}
        known["is_remembered"] = bool(said) and not is_new
    key_of = importing.speaker_keys(team_id)
    mapping = ColumnMapping.of_json(said, key_of) if said else None
    with importers.open_source(path, name=file, format=wanted, mapping=mapping) as source:
        for _each in islice(source, _LOOKED_AT):
            pass
        is_asked = source.has_guessed_roles or bool(said)
        return {**known, **(_asked(source) if is_asked else {})}


def _asked(source: Source) -> dict[str, Any]:
    shown = dict(islice(source.speakers.items(), _SPEAKERS_SHOWN))
    return {
        "role_values": {name: role.value for name, role in shown.items()},
        "unsure": ["roles_guessed"] if source.has_guessed_roles else [],
    }


def _preview(
    path: Path, file: str, settings: Mapping[str, Any], team_id: int
) -> dict[str, Any] | None:
    """The first conversation, as far as a page shows it."""
    wanted = importing.wanted_of(path, file, settings, team_id=team_id)
    for batch in reading.read(wanted):
        for each in batch.conversations:
            shown = each._replace(buyer_key=None, messages=each.messages[:_PREVIEW_MESSAGES])
            return {
                **shown._asdict(),
                "messages": [["", *one[1:]] for one in shown.messages],
            }
    return None


def preview_of(report: Report) -> Conversation | None:
    """The conversation that a report shows."""
    if report.preview is None:
        return None
    messages = [(b"", *one[1:]) for one in report.preview["messages"]]
    return Conversation(**{**report.preview, "messages": messages})
