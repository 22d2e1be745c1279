"""From blocks to items. All problems are collected; nothing stops at the first."""

import re
from collections.abc import Callable
from dataclasses import replace

from cstrain.core.items import drawn, parts, rules
from cstrain.core.items.blocks import Block, Role, scan
from cstrain.core.items.body import read_body
from cstrain.core.items.item import MAX_LEVEL, MAX_POINTS, USE_NAMES, Item, Kind, Range, Use
from cstrain.kit import frontmatter
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def parse_items(
    path: str, text: str, *, first_line: int = 1, section: str | None = None
) -> tuple[list[Item], list[ContentProblem]]:
    """Read a bank file.

    Args:
        path: The file, for problems.
        text: The whole file; front matter, where there is some, names the section.
        first_line: The number of the text's first line in its file.
        section: What the questions test where neither they nor the front matter say.

    Returns:
        The items that have no problem themselves, in order, and every problem of the file by line.
    """
    problems: list[ContentProblem] = []
    meta, rest, rest_line = frontmatter.split(text)
    if meta:
        section = _bank_section(path, meta, first_line, problems) or section
    scanned = scan(path, rest, first_line=first_line + rest_line - 1)
    problems += scanned.problems
    for prose in scanned.prose:
        problems += _loose_text(path, prose.line, prose.text)
    items: list[Item] = []
    lines: dict[str, int] = {}
    for block in scanned.blocks:
        item, found = parse_item(block, section=section)
        problems += found
        option = block.options.get("id")
        if option is not None and option.value in lines:
            other = lines[option.value]
            message = _("编号 %(id)s 在第 %(line)s 行已经用过", id=option.value, line=other)
            problems.append(ContentProblem(path, option.line, message))
        elif item is not None:
            items.append(item)
        if option is not None:
            lines.setdefault(option.value, option.line)
    return items, sorted(problems, key=lambda problem: problem.line)


def parse_item(
    block: Block, *, section: str | None = None
) -> tuple[Item | None, list[ContentProblem]]:
    """Read one block.

    Args:
        block: What ``scan`` found.
        section: What the question tests where its option 小节 does not say.

    Returns:
        The item, None when there is any problem, and the problems by line.
    """
    found: list[tuple[int, str]] = []

    def note(line: int, text: str) -> None:
        found.append((line, text))

    body = read_body(block)
    found += body.problems
    item = _head(block, section, note)
    item = replace(item, stem_md=body.stem_md, explanation_md=body.explanation_md)
    item = parts.fill(item, body, note)
    rules.check(item, note)
    if item.ranges and item.formula:
        option = block.options.get("worked")
        for text in drawn.problems(item, option.value if option else None):
            note(block.options["ranges"].line, text)
    problems = [ContentProblem(block.path, line, text) for line, text in sorted(set(found))]
    return (None if problems else item), problems


def _bank_section(
    path: str, meta: str, first_line: int, problems: list[ContentProblem]
) -> str | None:
    try:
        document = frontmatter.read(path, meta, first_line=first_line + 1)
    except ContentError as error:
        problems += error.problems
        return None
    for key in sorted(document.data.keys() - {"section"}):
        message = _("题库开头不认识“%(key)s”，只写 section", key=key)
        problems.append(ContentProblem(path, document.line_of(key), message))
    section = document.data.get("section")
    if isinstance(section, str) and _NAME.fullmatch(section):
        return section
    message = _('题库开头要写明考哪一节，例如 section: "1.1"，要带引号')
    problems.append(ContentProblem(path, document.line_of("section"), message))
    return None


def _loose_text(path: str, first_line: int, text: str) -> list[ContentProblem]:
    """A bank's text outside blocks is a heading, or a question whose fence is wrong."""
    for number, line in enumerate(text.split("\n"), start=first_line):
        if line.strip() and not line.startswith("#"):
            message = _("这里的文字不在任何一题里（题库的题外只能写 # 标题）")
            return [ContentProblem(path, number, message)]
    return []


def _head(block: Block, section: str | None, note: Callable[[int, str], None]) -> Item:
    options = block.options
    item_id = options["id"].value if "id" in options else ""
    if "id" not in options:
        note(block.line, _("缺少编号：在题的第一行下面缩进四格写 编号: 1.1-01"))
    elif not _NAME.fullmatch(item_id):
        note(options["id"].line, _("编号只能用英文字母、数字和 . - _，最长 64 个"))
    use = Use.PRACTICE
    if "use" in options:
        named = Use.named(options["use"].value)
        if named is None:
            known = "、".join(USE_NAMES.values())
            note(options["use"].line, _("用途只能是：%(known)s", known=known))
        use = named or use
    ranges: tuple[Range, ...] = ()
    if "ranges" in options:
        ranges = _ranges(block, note)
    elif "worked" in options:
        note(options["worked"].line, _("验算要和参数一起写"))
    if "section" in options:
        section = options["section"].value
        if not _NAME.fullmatch(section):
            note(options["section"].line, _("小节要写小节号，例如 1.1.2"))
    return Item(
        id=item_id,
        kind=block.kind,
        stem_md="",
        explanation_md="",
        level=_whole(block, "level", MAX_LEVEL, _("难度"), note),
        points=_whole(block, "points", MAX_POINTS, _("分值"), note),
        use=use,
        section=section,
        is_prompt=block.role is Role.PROMPT,
        ranges=ranges,
        line=block.line,
    )


def _ranges(block: Block, note: Callable[[int, str], None]) -> tuple[Range, ...]:
    option = block.options["ranges"]
    if block.kind is not Kind.NUMERIC:
        note(option.line, _("只有数值题能写参数"))
        return ()
    try:
        return drawn.read_ranges(option.value)
    except drawn.FormulaError as error:
        note(option.line, str(error))
        return ()


def _whole(
    block: Block, option: str, most: int, label: str, note: Callable[[int, str], None]
) -> int:
    """A whole number from 1 to ``most``; 1 where the option is missing or wrong."""
    if option not in block.options:
        return 1
    value, line = block.options[option].value, block.options[option].line
    if value.isascii() and value.isdigit() and len(value) < len(str(most)) + 2:
        number = int(value)
        if 1 <= number <= most:
            return number
    note(line, _("%(label)s只能是 1 到 %(most)s 的整数", label=label, most=most))
    return 1
