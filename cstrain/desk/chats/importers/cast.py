"""Who takes part in a text: found in a first reading, with who is buyer and who is not. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cstrain.desk.chats.importers import names
from cstrain.desk.chats.importers.headers import NO_NAME, Header, Style, header
from cstrain.desk.chats.importers.roles import WORDS_OF_ROLES, politeness
from cstrain.desk.chats.message import Role

_STAFF = re.compile("旗舰店|专卖店|专营店|官方|客服|售前|售后|店铺|店长")
_MAX_NAMES: Final = 100_000
#: So many lines of so many names are looked at to tell who speaks as agents do.
_MAX_SAMPLES: Final = 40


@dataclass(slots=True)
class Cast:
    """Who takes part, found in the first reading.

    Attributes:
        styles: How headers are written here.
        roles: Name as it stands → role.
        is_guessed: Whether nothing but the order of speaking told who is who.
    """

    styles: set[Style] = field(default_factory=set)
    roles: dict[str, Role] = field(default_factory=dict)
    is_guessed: bool = False

    def header(self, line: str) -> Header | None:
        """The line as a header of somebody who takes part."""
        found = header(line)
        if found and found.name in self.roles and found.style in self.styles:
            return found
        return None


def cast_of(lines: Iterable[tuple[int, str]], told: Mapping[str, Role]) -> Cast:
    """Who takes part, of the lines of a copied text.

    Args:
        lines: Numbered; each header on one line.
        told: Names whose roles a person has said.
    """
    counted: Counter[tuple[str, Style]] = Counter()
    out_of_order: Counter[str] = Counter()
    by_style: Counter[Style] = Counter()
    earlier: list[tuple[str, str]] = []
    first: Style | None = None
    samples: dict[str, list[str]] = {}
    speaker = ""
    for _number, line in lines:
        found = header(line.strip())
        if not found:
            if speaker in samples and len(samples[speaker]) < _MAX_SAMPLES:
                samples[speaker].append(line.strip())
            continue
        speaker = found.name
        if len(samples) < _MAX_SAMPLES:
            samples.setdefault(speaker, [])
        if len(counted) >= _MAX_NAMES and (found.name, found.style) not in counted:
            speaker = ""
            continue
        if first is None and not NO_NAME.fullmatch(found.name):
            first = found.style
        counted[found.name, found.style] += 1
        by_style[found.style] += 1
        _note_order(earlier, found, out_of_order)
    cast = Cast()
    if first is None:
        return cast
    likely = {
        name
        for (name, style), count in counted.items()
        if style == first and _is_name(name, count, out_of_order[name])
    }
    # A tool may leave the date off today's lines, so that one chat has two styles.
    cast.styles = {first} | {
        style
        for name, style in counted
        if name in likely and by_style[style] > 1 and style.brackets == first.brackets
    }
    for (name, style), count in counted.items():
        if style in cast.styles and _is_name(name, count, out_of_order[name]):
            cast.roles.setdefault(name, Role.BUYER)
    cast.roles, cast.is_guessed = roles_of(list(cast.roles), told, samples)
    return cast


def _note_order(earlier: list[tuple[str, str]], found: Header, out_of_order: Counter[str]) -> None:
    """Count a time that lies before its predecessor against whichever of the two does not fit."""
    # Of two days without a year nobody knows which is later.
    stamp = f"{found.day:>11}{found.clock:>8}{found.near}"
    if found.near and earlier and not earlier[-1][1].endswith(found.near):
        earlier.clear()
    if earlier and earlier[-1][1] > stamp:
        fits_without = len(earlier) < 2 or earlier[-2][1] <= stamp  # noqa: PLR2004 - the one before
        out_of_order[earlier[-1][0] if fits_without else found.name] += 1
        if fits_without:
            earlier.pop()
    earlier.append((found.name, stamp))
    del earlier[:-2]


def _is_name(name: str, count: int, misfits: int) -> bool:
    if names.split(name).is_of_shop or names.split(name).platform or names.is_masked(name):
        return True
    if NO_NAME.fullmatch(name):
        return False
    return count > misfits


def roles_of(
    speakers: Sequence[str], told: Mapping[str, Role], samples: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Role], bool]:
    """Who is buyer and who is not: by what is told, by names, by the others, by how they speak.

    Args:
        speakers: Names as they stand, in the order in which they first speak.
        told: Names whose roles a person has said.
        samples: Name → some lines of it.

    Returns:
        Name → role, and whether names told nothing, so that it is a guess.
    """
    roles = {name: told[name] if name in told else _role_by_name(name) for name in speakers}
    open_names = [name for name, role in roles.items() if role is None]
    staff: list[str] = []
    is_guessed = False
    if Role.AGENT not in roles.values():
        staff = [name for name in open_names if _STAFF.search(name)]
        if not staff and Role.BUYER in roles.values():
            staff = open_names
        elif not staff and len(open_names) > 1:
            staff = _by_speech(open_names, samples)
            is_guessed = True
    return {
        name: role or (Role.AGENT if name in staff else Role.BUYER) for name, role in roles.items()
    }, is_guessed


def people(roles: Mapping[str, Role]) -> dict[str, Role]:
    """Those of whom a person may be asked who they are; the platform's own name is sure."""
    return {name: role for name, role in roles.items() if role is not Role.SYSTEM}


def _role_by_name(name: str) -> Role | None:
    whole = names.split(name)
    if WORDS_OF_ROLES.get(name) is Role.SYSTEM:
        return Role.SYSTEM
    if whole.is_robot:
        return Role.BOT
    if whole.is_of_shop:
        return Role.AGENT
    return Role.BUYER if whole.platform or names.is_masked(name) else None


def _by_speech(speakers: Sequence[str], samples: Mapping[str, Sequence[str]]) -> list[str]:
    """Whoever speaks as agents do; where nobody does, all but the one who began."""
    shares = {name: politeness(samples.get(name, ())) for name in speakers}
    best = max(shares.values())
    politest = [name for name in speakers if shares[name] == best]
    return politest if len(politest) == 1 else list(speakers[1:])
