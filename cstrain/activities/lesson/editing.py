"""What an editor would still mend in a lesson. Pure.

``content check`` lists it; a lesson that has some of it can be published all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from cstrain.activities.lesson.spec import LessonSpec, PartKind
from cstrain.kit import chat, data_table, markdown
from cstrain.kit.i18n import gettext as _

#: Subsections of each section of the trade's syllabus; 0 where it names none.
SYLLABUS = {
    "1-role": {"1.1": 3, "1.2": 4, "1.3": 3, "1.4": 3, "1.5": 0},
    "2-basics": {"2.1": 3, "2.2": 4, "2.3": 4, "2.4": 0},
    "3-presales": {"3.1": 3, "3.2": 3, "3.3": 2, "3.4": 3, "3.5": 4, "3.6": 0},
    "4-aftersales": {"4.1": 0, "4.2": 3, "4.3": 5, "4.4": 4, "4.5": 4, "4.6": 0},
    "5-data": {"5.1": 3, "5.2": 3, "5.3": 4, "5.4": 3, "5.5": 2, "5.6": 0},
    "6-relations": {"6.1": 3, "6.2": 4, "6.3": 4, "6.4": 3, "6.5": 2, "6.6": 0},
    "7-team": {"7.1": 5, "7.2": 2, "7.3": 0},
}
COURSE_FOLDER = "chapters"

LEAST_MINUTES, MOST_MINUTES, MOST_PRACTICE_MINUTES = 5, 12, 20
#: An agent's line that a customer reads at a glance on a phone.
LINE_MAX_LENGTH = 30
CHARACTERS_PER_MINUTE, QUESTION_SECONDS = 450, 20

_FENCE_NAME = re.compile(r"[`~]{3,}\s*(\S*)")
_CHINESE = r"\u3400-\u9fff"
_STRAIGHT = re.compile(rf"(?<=[{_CHINESE}”’）》」])[,.?!;:](?=[{_CHINESE}“‘（《「”’）》」]|\s*$)")
_QUIET = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+|[\w.+-]+@[\w.-]+")
_OPTION = re.compile(r"(?: {4}|\t)\s*\S+[:：]")
_PICTURE = re.compile(r"\[图[^\]]*\]")
_LAW = re.compile(r"法|条例|办法|规定|解释|细则")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
#: In no list of simplified characters, and used in simplified text all the same.
_ALSO_SIMPLIFIED = frozenset("囧喆堃昇祇瞭")


def remarks(spec: LessonSpec) -> Iterator[tuple[int, str]]:
    """Give line and text of everything an editor would mend."""
    yield from _subsections(spec)
    yield from _minutes(spec)
    yield from _references(spec)
    for line, text in _lines(spec.body):
        yield spec.body_line + line - 1, text


def reading_minutes(spec: LessonSpec) -> float:
    """How long the text and its questions take somebody who reads at an ordinary pace."""
    length = len(re.sub(r"\s", "", markdown.plain(spec.body)))
    return length / CHARACTERS_PER_MINUTE + len(spec.items) * QUESTION_SECONDS / 60


def _subsections(spec: LessonSpec) -> Iterator[tuple[int, str]]:
    parts = PurePosixPath(spec.path).parts
    if len(parts) < 2 or parts[0] != COURSE_FOLDER:  # noqa: PLR2004 - a chapter's folder in it
        return
    count = SYLLABUS.get(parts[1], {}).get(spec.slug, 0)
    wanted = [f"{spec.slug}.{number}" for number in range(1, count + 1)]
    found = [part.number for part in spec.parts if part.kind is PartKind.SECTION]
    if count and found != wanted:
        names = "、".join(wanted)
        yield 1, _("大纲里这一节的小节依次是 %(names)s", names=names)


def _minutes(spec: LessonSpec) -> Iterator[tuple[int, str]]:
    most = MOST_PRACTICE_MINUTES if spec.is_practice else MOST_MINUTES
    needed = round(reading_minutes(spec))
    if not LEAST_MINUTES <= spec.minutes <= most:
        text = _(
            "minutes 要在 %(least)s 到 %(most)s 之间；照字数和题数算，这一课约 %(n)s 分钟",
            least=LEAST_MINUTES,
            most=most,
            n=needed,
        )
        yield 1, text
    elif spec.minutes < needed:
        text = _("minutes 写少了：照字数和题数算，这一课约 %(n)s 分钟", n=needed)
        yield 1, text


def _references(spec: LessonSpec) -> Iterator[tuple[int, str]]:
    for reference in spec.references:
        if _LAW.search(reference.name) and not _DATE.fullmatch(reference.dated):
            text = _("“%(name)s”要写施行日期，例如 2024-07-01", name=reference.name)
            yield 1, text


def _lines(body: str) -> Iterator[tuple[int, str]]:
    """What is to be mended in the text, line by line from 1."""
    fence = name = ""
    for number, line in enumerate(body.split("\n"), start=1):
        was_open, fence = fence, markdown.fence_of(line, fence)
        if fence and not was_open:
            name = _name(line)
            line = line.partition(name)[2] if name == data_table.FENCE else ""  # noqa: PLW2901
        elif was_open and fence and name == "对话":
            yield from ((number, text) for text in _said(line))
            continue
        elif was_open:
            continue
        yield from ((number, text) for text in _written(line))


def _name(line: str) -> str:
    match = _FENCE_NAME.search(line)
    return match[1] if match else ""


def _said(line: str) -> Iterator[str]:
    """A line of a chat; customers write as they like."""
    said = chat.read_line(line)
    if said is not None and said.voice is chat.Voice.CUSTOMER:
        yield from _traditional(line)
        return
    yield from _written(said.text if said else line)
    if said is not None and said.voice is chat.Voice.AGENT:
        length = len(re.sub(r"\s", "", _PICTURE.sub("", said.text)))
        if length > LINE_MAX_LENGTH:
            most = LINE_MAX_LENGTH
            yield _("客服这句有 %(n)s 字，一句最多 %(most)s 字，分两句发", n=length, most=most)


def _written(line: str) -> Iterator[str]:
    yield from _traditional(line)
    if _OPTION.match(line):
        return
    found = _STRAIGHT.search(_QUIET.sub(" ", line))
    if found:
        around = found.string[max(found.start() - 4, 0) : found.end() + 4].strip()
        yield _("中文里用了英文标点“%(mark)s”：%(around)s", mark=found[0], around=around)


def _traditional(line: str) -> Iterator[str]:
    found = "".join(dict.fromkeys(filter(_is_traditional, line)))
    if found:
        yield _("混进了繁体字：%(found)s", found=found)


@lru_cache(maxsize=8192)
def _is_traditional(character: str) -> bool:
    """Whether a character is in the list of Taiwan and not in that of the mainland."""
    if not "\u3400" <= character <= "\u9fff" or character in _ALSO_SIMPLIFIED:
        return False
    return not _is_in("gb2312", character) and _is_in("big5", character)


def _is_in(encoding: str, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
