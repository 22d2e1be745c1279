"""From content files to specs: the activity, practice passages, the official pool."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cstrain import plugin
from cstrain.activities.typing_speed import difficulty
from cstrain.activities.typing_speed.difficulty import LintCode, LintFinding
from cstrain.activities.typing_speed.draw import Block, chars_needed
from cstrain.activities.typing_speed.normalise import WidthPolicy, normalise
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.kit.markdown import render

MATERIAL: Final = "typing_passages"
_DEFAULT_PRACTICE: Final = "typing-practice"
_HEADING: Final = re.compile(r"^## +(?P<slug>\S+) *$")
_MAX_MINUTES: Final = 30
_DRAWS_AT_LEAST: Final = 2
"""A pool must feed two runs without showing a block twice."""


@dataclass(frozen=True, slots=True)
class TypingSpec:
    """A typing test, or typing practice.

    Attributes:
        slug: Its name.
        is_official: Whether its runs count for a gate.
        minutes: The time limit.
        min_net_cpm: The speed it asks for, ``None`` for none.
        min_accuracy_ratio: The accuracy it asks for, ``None`` for none.
        policy: How strictly widths are compared.
        practice: The activity that retrains who falls short.
        intro_html: What is said before it begins; safe HTML.
    """

    slug: str
    is_official: bool
    minutes: int
    min_net_cpm: float | None
    min_accuracy_ratio: float | None
    policy: WidthPolicy
    practice: str
    intro_html: str

    @property
    def limit_ms(self) -> int:
        """The time limit."""
        return self.minutes * 60_000


@dataclass(frozen=True, slots=True)
class Passage:
    """A practice passage.

    Attributes:
        slug: Its name.
        title: What people call it, ``{zh, en}``.
        band: Difficulty 1 to 3.
        text: What is typed, a line for each paragraph.
        items: Questions on it, to be asked afterwards.
        path: Its file.
        line: Where its text begins.
    """

    slug: str
    title: Mapping[str, str]
    band: int
    text: str
    items: tuple[plugin.Item, ...]
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class OfficialBlock:
    """A paragraph of the official pool; ``drawn`` is what the draw needs to know of it."""

    slug: str
    text: str
    line: int
    drawn: Block


@dataclass(frozen=True, slots=True)
class Pool:
    """A file of official blocks."""

    slug: str
    blocks: tuple[OfficialBlock, ...]
    path: str


def load_activity(source: plugin.Source) -> TypingSpec:
    """Read an activity file.

    Raises:
        ContentError: With every problem of the file.
    """
    data = source.meta.data
    problems: list[ContentProblem] = []

    def number(key: str, least: float, most: float, *, needed: bool) -> float | None:
        value = data.get(key)
        if value is None and not needed:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and least <= float(value or 0) <= most:
            return float(value or 0)
        text = _("%(key)s 要写成 %(least)s 到 %(most)s 的数", key=key, least=least, most=most)
        problems.append(source.problem(text, key))
        return None

    minutes = number("minutes", 1, _MAX_MINUTES, needed=True)
    official = data.get("official")
    if not isinstance(official, bool):
        problems.append(source.problem(_("official 要写 true 或 false"), "official"))
    least_cpm = number("min_net_cpm", 1, 300, needed=official is True)
    least_accuracy = number("min_accuracy_ratio", 0.5, 1, needed=official is True)
    policy = data.get("width", WidthPolicy.LENIENT.value)
    if policy not in set(WidthPolicy):
        problems.append(source.problem(_("width 要写 lenient 或 strict"), "width"))
        policy = WidthPolicy.LENIENT.value
    if problems:
        raise ContentError(problems)
    return TypingSpec(
        slug=str(data.get("slug", "")),
        is_official=official is True,
        minutes=int(minutes or 1),
        min_net_cpm=least_cpm,
        min_accuracy_ratio=least_accuracy,
        policy=WidthPolicy(policy),
        practice=str(data.get("practice", _DEFAULT_PRACTICE)),
        intro_html=render(source.body, source.resolve),
    )


def load_material(source: plugin.Source) -> Passage | Pool:
    """Read a practice passage, or a file of official blocks.

    Raises:
        ContentError: With every problem of the file.
    """
    pool = source.meta.data.get("pool")
    if pool == "practice":
        return _load_passage(source)
    if pool == "official":
        return _load_pool(source)
    raise ContentError([source.problem(_("pool 要写 practice 或 official"), "pool")])


def _load_passage(source: plugin.Source) -> Passage:
    data = source.meta.data
    lines = source.body.split("\n")
    rest = next((at for at, line in enumerate(lines) if line.startswith("///")), len(lines))
    text, first = _paragraphs(lines[:rest], source.body_line)
    problems = _lint(source, text, first, official=False)
    slug, title, band = data.get("slug"), data.get("title"), data.get("band", 1)
    if not isinstance(slug, str) or not slug:
        problems.append(source.problem(_("缺 slug（要带引号的短名）"), "slug"))
    if not isinstance(title, dict) or not {"zh", "en"} <= title.keys():
        problems.append(source.problem(_("title 要写成 {zh: 中文, en: English}"), "title"))
    if band not in {1, 2, 3}:
        problems.append(source.problem(_("band 要写 1、2 或 3"), "band"))
    items, wrong = plugin.parse.parse_items(
        source.path, "\n".join(lines[rest:]), first_line=source.body_line + rest
    )
    problems += wrong
    if problems:
        raise ContentError(problems)
    return Passage(str(slug), dict(title or {}), band, text, tuple(items), source.path, first)


def _load_pool(source: plugin.Source) -> Pool:
    problems: list[ContentProblem] = []
    blocks: list[OfficialBlock] = []
    slug: str | None = None
    held: list[str] = []
    begin = source.body_line

    def end(next_line: int) -> None:
        text, first = _paragraphs(held, begin)
        if slug is None:
            if text:
                wrong = _("每段前要有一行 ## 编号，例如 ## ob-001")
                problems.append(source.problem(wrong, line=first))
            return
        if "\n" in text:
            problems.append(source.problem(_("一个编号下只放一段"), line=first))
        problems.extend(_lint(source, text, first if text else next_line, official=True))
        found = difficulty.measure(text)
        drawn = Block(slug, found.chars, found.keys_per_char)
        blocks.append(OfficialBlock(slug, text, first, drawn))

    for number, line in enumerate(source.body.split("\n"), start=source.body_line):
        heading = _HEADING.match(line)
        if heading is None:
            held.append(line)
            continue
        end(number)
        slug, held, begin = heading["slug"], [], number + 1
    end(begin)
    if not blocks:
        problems.append(source.problem(_("没有一段，写 ## 编号 和它下面的一段文字")))
    if problems:
        raise ContentError(problems)
    return Pool(str(source.meta.data.get("slug", source.path)), tuple(blocks), source.path)


def _paragraphs(lines: Sequence[str], first_line: int) -> tuple[str, int]:
    """The paragraphs, a line for each, and the number of the first line that has text."""
    paragraphs: list[str] = []
    held: list[str] = []
    first = 0
    for number, line in enumerate([*lines, ""], start=first_line):
        if line.strip():
            first = first or number
            held.append(line.strip())
        elif held:
            paragraphs.append("".join(held))
            held = []
    return "\n".join(paragraphs), first or first_line


def _lint(source: plugin.Source, text: str, line: int, *, official: bool) -> list[ContentProblem]:
    """What is wrong with a text, in words."""
    findings = difficulty.lint(text, official=official)
    problems = [source.problem(_in_words(finding, official), line=line) for finding in findings]
    if rare := difficulty.rare_chars(text):
        problems.append(source.problem(_("有生僻字：%(chars)s", chars=" ".join(rare)), line=line))
    return problems


def _in_words(finding: LintFinding, official: bool) -> str:  # noqa: FBT001 - private
    """A finding in words that say what to do."""
    least, most = difficulty.BLOCK_CHARS if official else difficulty.PRACTICE_CHARS
    match finding.code:
        case LintCode.TOO_SHORT | LintCode.TOO_LONG:
            return _(
                "要 %(least)s–%(most)s 字，现在 %(count)s 字",
                least=least,
                most=most,
                count=int(finding.value),
            )
        case LintCode.PUNCTUATION_SHARE:
            share = f"{100 * finding.value:.1f}"
            return _("标点要占 8–12 %%，现在 %(share)s %%", share=share)
        case LintCode.ASCII_SHARE:
            share = f"{100 * finding.value:.1f}"
            return _("英文和数字不超过 15 %%，现在 %(share)s %%", share=share)
    return _("第 %(at)s 个字符 U+%(code)s 打不出来，请删掉", at=finding.at + 1, code=_code(finding))


def _code(finding: LintFinding) -> str:
    return f"{ord(finding.char):04X}"


def passages(catalogue: plugin.Catalogue) -> list[Passage]:
    """The practice passages of a catalogue: those written for it, then the ready answers."""
    return [*written(catalogue), *ready(catalogue)]


def written(catalogue: plugin.Catalogue) -> list[Passage]:
    """The practice passages that were written as such."""
    return [each for each in catalogue.materials.get(MATERIAL, ()) if isinstance(each, Passage)]


def ready(catalogue: plugin.Catalogue) -> list[Passage]:
    """What the shop's agents send as it stands, to type it; nothing that an official block has."""
    official = [_plain(block.text) for block in blocks(catalogue).values()]
    taken = {each.slug for each in written(catalogue)}
    return [
        Passage(slug, each.title, 1, text, (), each.path, 1)
        for each in catalogue.practice
        for number, text in enumerate(_joined(each.texts), start=1)
        if (slug := f"{each.slug}-{number}") not in taken
        and not any(block in _plain(text) for block in official)
    ]


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """A text as it is compared."""
    return normalise(text).text


@lru_cache(maxsize=64)
def _joined(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Texts in their order, joined to passages; what cannot be typed is left out.

    A line stays a line. What is left at the end and too short for a passage goes to none.
    """
    least, most = difficulty.PRACTICE_CHARS
    found: list[str] = []
    held: list[str] = []
    for text in texts:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        chars = sum(map(len, lines))
        if chars > most or not _can_be_typed("\n".join(lines)):
            continue
        if sum(map(len, held)) + chars > most:
            held = []  # only where one text is longer than what there is room for
        held += lines
        if sum(map(len, held)) >= least:
            found.append("\n".join(held))
            held = []
    return tuple(found)


def _can_be_typed(text: str) -> bool:
    lengths = {LintCode.TOO_SHORT, LintCode.TOO_LONG}
    findings = {finding.code for finding in difficulty.lint(text, official=False)}
    return not findings - lengths and not difficulty.rare_chars(text)


def blocks(catalogue: plugin.Catalogue) -> dict[str, OfficialBlock]:
    """The official blocks of a catalogue by slug."""
    return {
        block.slug: block
        for each in catalogue.materials.get(MATERIAL, ())
        if isinstance(each, Pool)
        for block in each.blocks
    }


def check(catalogue: plugin.Catalogue, kind: str) -> list[ContentProblem]:
    """Problems that only show when all content is loaded."""
    problems: list[ContentProblem] = []
    seen: dict[str, str] = {}
    for each in catalogue.materials.get(MATERIAL, ()):
        named: Sequence[Any] = each.blocks if isinstance(each, Pool) else (each,)
        for one in named:
            if one.slug in seen:
                text = _("编号 %(id)s 和 %(path)s 重复", id=one.slug, path=seen[one.slug])
                problems.append(ContentProblem(each.path, one.line, text))
            seen[one.slug] = each.path
    problems += _leaks(catalogue)
    official = blocks(catalogue)
    pool_chars = sum(block.drawn.chars for block in official.values())
    for activity in catalogue.activities.values():
        if activity.kind.name != kind:
            continue
        spec: TypingSpec = activity.spec
        if spec.practice not in catalogue.activities:
            text = _("practice: 没有活动 %(slug)s", slug=spec.practice)
            problems.append(ContentProblem(activity.path, 1, text, spec.practice))
        needed = _DRAWS_AT_LEAST * chars_needed(spec.limit_ms)
        if spec.is_official and pool_chars < needed:
            text = _(
                "正式段落共 %(count)s 字，至少要 %(needed)s 字", count=pool_chars, needed=needed
            )
            problems.append(ContentProblem(activity.path, 1, text))
        if not spec.is_official and not written(catalogue):
            text = _("一篇练习短文也没有（pool: practice）")
            problems.append(ContentProblem(activity.path, 1, text))
    return problems


def _leaks(catalogue: plugin.Catalogue) -> list[ContentProblem]:
    """Official blocks that stand in a practice passage, too."""
    practice = [(each, _plain(each.text)) for each in written(catalogue)]
    return [
        ContentProblem(pool.path, block.line, _("练习 %(slug)s 里也有这一段", slug=passage.slug))
        for pool in catalogue.materials.get(MATERIAL, ())
        if isinstance(pool, Pool)
        for block in pool.blocks
        for official in (_plain(block.text),)
        for passage, text in practice
        if official in text
    ]
