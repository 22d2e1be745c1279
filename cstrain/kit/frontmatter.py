"""YAML with line numbers: front matter of Markdown files, and whole data files.

YAML 1.2 by ruamel.yaml, because YAML 1.1 reads 10:30 as 630 and ``no`` as False.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

_FENCE = "---"


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a YAML text and where each part of it stands.

    Attributes:
        data: Plain dicts, lists, strings, numbers, booleans, dates and None.
        lines: Line number, from 1 in its file, by path into ``data``: ``("draw", 0, "count")``.
    """

    data: dict[str, Any]
    lines: Mapping[tuple[Hashable, ...], int] = field(default_factory=dict)

    def line_of(self, *location: Hashable) -> int:
        """Give the line of a part, or of the nearest part around it that has one."""
        for end in range(len(location), -1, -1):
            line = self.lines.get(location[:end])
            if line is not None:
                return line
        return 1


def split(text: str) -> tuple[str, str, int]:
    """Part a file into front matter and body.

    Args:
        text: The whole file, line ends as they come.

    Returns:
        The text between the first two lines ``---`` (empty when the file does not begin with one,
        or has no second), the body after it, and the number of the body's first line in the file.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].rstrip() != _FENCE:
        return "", "\n".join(lines), 1
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _FENCE:
            return "\n".join(lines[1:index]), "\n".join(lines[index + 1 :]), index + 2
    return "", "\n".join(lines), 1


def read(path: str, text: str, *, first_line: int = 2) -> Document:
    """Read a YAML mapping.

    Args:
        path: The file, for problems.
        text: The YAML; for front matter what ``split`` gave.
        first_line: The number of the text's first line in its file; 1 for a whole file.

    Returns:
        The mapping; empty for an empty text.

    Raises:
        ContentError: If it is no YAML, no mapping, or has a key twice.
    """
    try:
        data, lines = _compose(text, first_line)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        reason = " ".join((error.problem or error.context or "").split())
        _fail(path, line, _("YAML 读不懂：%(reason)s", reason=reason))
    except (YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())
        _fail(path, first_line, _("YAML 读不懂：%(reason)s", reason=reason))
    if data is None:
        return Document({}, {(): first_line})
    if not isinstance(data, dict):
        _fail(path, first_line, _("这里要写成“名称: 内容”的形式"))
    for key in data:
        if not isinstance(key, str):
            line = lines.get((str(key),), first_line)
            _fail(path, line, _("名称 %(key)s 要写成文字，加上引号", key=key))
    return Document(data, lines)


def _fail(path: str, line: int, text: str) -> NoReturn:
    raise ContentError([ContentProblem(path, line, text)])


def _compose(text: str, first_line: int) -> tuple[Any, dict[tuple[Hashable, ...], int]]:
    yaml = YAML(typ="safe", pure=True)
    constructor, parser = yaml.get_constructor_parser(StringIO(text))
    try:
        node = constructor.composer.get_single_node()
        if node is None:
            return None, {}
        lines: dict[tuple[Hashable, ...], int] = {}
        _walk(node, (), first_line, lines, set())
        return constructor.construct_document(node), lines
    finally:
        parser.dispose()


def _walk(
    node: Node,
    location: tuple[Hashable, ...],
    first_line: int,
    lines: dict[tuple[Hashable, ...], int],
    seen: set[int],
) -> None:
    lines.setdefault(location, first_line + node.start_mark.line)
    if id(node) in seen:  # an alias; walking it again could take for ever
        return
    seen.add(id(node))
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                continue  # a list as a key: the constructor or the check of the keys refuses it
            inner = (*location, str(key.value))
            lines[inner] = first_line + key.start_mark.line
            _walk(value, inner, first_line, lines, seen)
    elif isinstance(node, SequenceNode):
        items: Sequence[Node] = node.value
        for index, value in enumerate(items):
            _walk(value, (*location, index), first_line, lines, seen)
