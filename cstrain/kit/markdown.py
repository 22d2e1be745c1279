"""Markdown of lessons and questions as safe HTML.

Raw HTML is shown as text, links and files go only where ``resolve`` says, and everything passes
a sanitiser at the end. A line end is a line end, as people type it in a chat. Chats in a fence
``对话`` become bubbles, figures in a fence ``数据`` a table, a quote whose first line is bold
becomes a call-out.
"""

import re
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import escape
from pathlib import PurePosixPath
from typing import Final
from xml.etree.ElementTree import Element, SubElement

import nh3
from markdown import Markdown
from markdown.extensions.toc import slugify_unicode
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markupsafe import Markup

from cstrain.kit import chat, data_table

Resolve = Callable[[str], str | None]
"""Gives the address of ``media/a.png``, ``section:1.2`` or ``activity:quiz-ch1``; None: unknown.

Where it gives anything for ``figure:dispatch_limit``, the link's words stay with an empty place
``<span data-figure="dispatch_limit"></span>`` behind them, for what differs from shop to shop.
"""

CALLOUTS: Final = {"常见错误": "mistake", "便签": "note", "法条": "law"}
_OTHER_CALLOUT = "tip"
_CALLOUT = re.compile(r"\*\*(?P<title>[^*\n]+)\*\*[：:]?[ \t]*(?:\n|$)")
_KNOWN_CALLOUT = re.compile(rf"\*\*(?P<title>(?:{'|'.join(CALLOUTS)})[^*\n]*)\*\*[：:]?\s*")
_OURS = re.compile(r"(?:section|activity|figure):|media/")
_FIGURE = re.compile(r"figure:(?P<key>[a-z_]+)")
_OUTSIDE = re.compile(r"https?://", re.IGNORECASE)
_VIDEO = frozenset({".mp4", ".webm"})
_AUDIO = frozenset({".mp3", ".m4a", ".ogg"})

_QUOTED = re.compile(r"(?P<marks>(?: {0,3}>[ ]?)*)(?P<rest>.*)")
_LIST_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}\.)\s+\S")
_TABLE_RULE = re.compile(r"[\s>]*\|?\s*:?-+:?\s*\|[-:|\s]*$")
_PLAIN_LINE = re.compile(r"[^\s|#>]")
_PARTING = "\u2063"  # an invisible separator: a paragraph that is taken out again

_FENCE = re.compile(r"[ >]*(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$")
_MISSING = re.compile(r'<span class="is-missing">(.*?)</span>', re.DOTALL)
_TARGET = re.compile(r"\]\(\s*<?(?P<target>[^\s)>]+)|^ {0,3}\[[^\]]+\]:\s*<?(?P<defined>[^\s>]+)")

#: A tag, or the text up to the next one.
_PIECE = re.compile(r"""<(?P<close>/?)(?P<tag>[a-z0-9]+)(?:[^>"]|"[^"]*")*>|[^<]+""")
#: What is counted and measured, by its first character.
_UNITS = (
    "%‰℃°元块小角分万亿个件单条套只双张盒箱包袋瓶份次遍回人位名家店天日号周月年岁点时秒"
    "行句字页节课题步样种类项档倍米厘毫公千克斤寸码层组班台部本把根颗格道轮趟站幢楼度"
    "折星级段笔票封通场批列面支粒桩桶筐车卷身"
)
_LATIN_UNITS = "cm|mm|m|kg|g|ml|L|KB|MB|GB|px|pt|km"
_UNIT = re.compile(rf"(?<=\d) (?=[{_UNITS}]|(?:{_LATIN_UNITS})(?![A-Za-z]))")

_BRACKETS = r"\((?:[^()]|\([^()]*\))*\)"

_TAGS = {
    *(
        "a",
        "audio",
        "blockquote",
        "br",
        "caption",
        "code",
        "del",
        "div",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ),
    *("hr", "img", "li", "mark", "ol", "p", "pre", "span", "strong", "table", "tbody", "td", "th"),
    *("thead", "tr", "ul", "video"),
}
_ATTRIBUTES = {
    "*": {"class"},
    "a": {"href", "title", "download"},
    "audio": {"controls", "preload", "src", "aria-label"},
    "blockquote": {"data-kind"},
    "div": {"tabindex", "role", "aria-label"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
    "img": {"src", "alt", "title", "loading"},
    "ol": {"start"},
    "span": {"data-figure"},
    "td": {"data-value"},
    "th": {"scope"},
    "video": {"controls", "preload", "src", "aria-label"},
}
_cleaner = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https"},
    link_rel="noopener noreferrer",
)
_local = threading.local()


def render(text: str, resolve: Resolve, *, id_prefix: str = "") -> str:
    """Give the HTML of a Markdown text.

    Args:
        text: Markdown without front matter and question blocks.
        resolve: Gives addresses; where it gives None the link's words or the picture's
            description stay, in an element of class ``is-missing``.
        id_prefix: Put before the ids of headings, to keep several texts on one page apart.

    Returns:
        HTML that is safe to put into a page as it is. Headings begin at ``h2``.
    """
    renderer: _Renderer | None = getattr(_local, "renderer", None)
    if renderer is None:
        renderer = _local.renderer = _Renderer()
    renderer.resolve, renderer.id_prefix = resolve, id_prefix
    return _kept_together(_cleaner.clean(renderer.reset().convert(text)))


def kept_together(text: str) -> str:
    """Put a no-break space between each number and the unit behind it."""
    return _UNIT.sub("\u00a0", text)


def _kept_together(html: str) -> str:
    """``kept_together`` for the text of a page, code excepted; a tag may stand in between."""
    out: list[str] = []
    quiet, before = "", ""  # the tag of code that is open; the character before this text
    for piece in _PIECE.finditer(html):
        tag = piece["tag"]
        if tag is None:
            text = piece[0] if quiet else kept_together(before + piece[0])[len(before) :]
            out.append(text)
            before = text[-1]
            continue
        out.append(piece[0])
        if piece["close"] and tag == quiet:
            quiet = ""
        elif not quiet and tag in {"code", "pre"}:
            quiet = tag
    return "".join(out)


def render_inline(text: str, resolve: Resolve) -> str:
    """Give the HTML of one short text, such as a reply to choose, without a paragraph around it.

    Marks that begin a list, a quote or a heading are taken as they stand.
    """
    plain_start = re.sub(r"(?m)^\s*(\d+)([.)])|^\s*([-+*>#|])(?!\*)", _escaped_mark, text)
    html = render(plain_start, resolve).strip()
    inner = html.removeprefix("<p>").removesuffix("</p>")
    return html if "<p>" in inner or len(inner) + 7 != len(html) else inner


def _escaped_mark(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}"


def dead_links(text: str, resolve: Resolve) -> list[str]:
    """Give the words of every link and picture that ``render`` leaves without an address."""
    lost = _MISSING.findall(render(text, resolve))
    return [Markup(words).striptags() for words in lost]  # noqa: S704 - render sanitises


def targets(text: str) -> Iterator[tuple[int, str]]:
    """Give line, from 1, and target of everything for which ``render`` asks ``resolve``."""
    for number, line in prose_lines(text):
        for match in _TARGET.finditer(re.sub(r"`[^`]*`", "", line)):
            target = match["target"] or match["defined"]
            if _OURS.match(target):
                yield number, target


def tables(text: str) -> Iterator[tuple[int, data_table.DataTable]]:
    """Give the line of the fence, from 1, and every table of figures."""
    fence, begun, caption = "", 0, None
    held: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        was_open, fence = fence, fence_of(line, fence)
        if fence and not was_open:
            begun, caption, held = number, _caption(line), []
        elif was_open and not fence and caption is not None:
            yield begun, data_table.read(caption, "\n".join(held))
        else:
            held.append(line.lstrip(" >"))


def table_problems(text: str) -> Iterator[tuple[int, str]]:
    """Give line, from 1, and text of what is wrong with the tables of figures of a text."""
    for begun, table in tables(text):
        for line, problem in data_table.problems(table):
            yield begun + line, problem


def _caption(line: str) -> str | None:
    """The caption behind the fence of a table of figures; None before anything else."""
    match = _FENCE.match(line)
    info = match["info"].strip() if match else ""
    name, _space, caption = info.replace("\u3000", " ").partition(" ")
    return caption.strip() if name == data_table.FENCE else None


def prose_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give number, from 1, and text of every line outside code fences."""
    fence = ""
    for number, line in enumerate(text.split("\n"), start=1):
        marker = fence_of(line, fence)
        if not fence and not marker:
            yield number, line
        fence = marker


def fence_of(line: str, fence: str) -> str:
    """Give the code fence that is open after a line.

    Args:
        line: The line.
        fence: What was open before it: backticks or tildes, empty for none.
    """
    match = _FENCE.match(line)
    if not fence:
        return match["fence"] if match else ""
    is_end = match and match["fence"].startswith(fence) and not match["info"].strip()
    return "" if is_end else fence


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Give the words of a Markdown text without its marks, for lists, history and search."""
    kept = [line for line in text.split("\n") if not _FENCE.match(line)]
    words = "\n".join(kept)
    words = re.sub(rf"!\[([^\]]*)\]{_BRACKETS}", r"［图：\1］", words)
    words = re.sub(rf"\[([^\]]+)\]{_BRACKETS}", r"\1", words)
    words = re.sub(r"(?m)^[|: \t]*-[-|: \t]*-[-|: \t]*$\n?", "", words)
    words = re.sub(r"(?m)^[ \t]*\|(.*)\|[ \t]*$", _cells, words)
    words = re.sub(r"(?m)^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?)+", "", words)
    words = re.sub(r"\*\*(.+?)\*\*|~~(.+?)~~|==(.+?)==|`([^`]+)`", _inner, words)
    words = re.sub(r"\\([\\`*_{}\[\]()#+\-.!|~])", r"\1", words)
    words = re.sub(r"[ \t]+", " ", words)
    return re.sub(r"\n\s*\n+", "\n", words).strip()


def _cells(row: re.Match[str]) -> str:
    return " ".join(row[1].replace("|", " ").split())


def _inner(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group is not None)


def chat_html(lines: list[chat.ChatLine]) -> str:
    """Give a chat as a list of bubbles; the texts are escaped.

    Customers stand on the left. Where colleagues talk among themselves, who begins does.
    """
    names = list(dict.fromkeys(line.who for line in lines if line.voice is chat.Voice.AGENT))
    is_theirs = len(names) > 1 and not any(line.voice is chat.Voice.CUSTOMER for line in lines)
    left = names[0] if is_theirs else None
    bubbles = (_bubble(line, "colleague" if line.who == left else line.voice) for line in lines)
    return f'<ol class="chat">{"".join(bubbles)}</ol>'


def said(text: str) -> str:
    """Give the HTML of what somebody says in a chat: plain text with pictures named ``[图]``."""
    lines = escape(text).replace("\n", "<br>")
    return re.sub(r"\[图[^\]]{0,30}\]", r'<span class="chat-picture">\g<0></span>', lines)


def _bubble(line: chat.ChatLine, side: str) -> str:
    parts = []
    if line.at:
        parts.append(f'<span class="chat-time">{escape(line.at)}</span>')
    if line.who:
        parts.append(f'<span class="chat-who">{escape(line.who)}</span>')
    parts.append(f'<span class="chat-text">{said(line.text)}</span>')
    return f'<li class="chat-line chat-{side}">{" ".join(parts)}</li>'


def _chat_fence(source: str, *_args: object, **_options: object) -> str:
    return chat_html(chat.read(source))


def _data_fence(source: str, *_args: object, **_options: object) -> str:
    caption, _end, lines = source.partition("\n")
    return data_table.html(data_table.read(caption.removeprefix(_PARTING), lines))


class _Renderer(Markdown):
    """Python-Markdown with our extensions; one a thread, because converting changes it."""

    def __init__(self) -> None:
        self.resolve: Resolve = lambda _target: None
        self.id_prefix = ""
        super().__init__(
            output_format="html",
            extensions=[
                *("tables", "sane_lists", "nl2br", "toc", "pymdownx.superfences"),
                *("pymdownx.highlight", "pymdownx.tilde", "pymdownx.mark"),
            ],
            extension_configs={
                "tables": {"use_align_attribute": True},
                "toc": {"marker": "", "slugify": self._slug},
                "pymdownx.highlight": {"use_pygments": False},
                "pymdownx.tilde": {"subscript": False},
                "pymdownx.superfences": {
                    "disable_indented_code_blocks": True,
                    "custom_fences": [
                        {"name": "对话", "class": "chat", "format": _chat_fence},
                        {"name": data_table.FENCE, "class": "data", "format": _data_fence},
                    ],
                },
            },
        )
        self.preprocessors.deregister("html_block")
        self.inlinePatterns.deregister("html")
        self.preprocessors.register(_Captions(self), "captions", 28)  # before the fences are read
        self.preprocessors.register(_Parting(self), "parting", 15)  # the fences are out of the way
        self.treeprocessors.register(_Callouts(self), "callouts", 25)  # before the marks are read
        self.treeprocessors.register(_Finish(self), "finish", 15)  # after it

    def _slug(self, heading: str, separator: str) -> str:
        return self.id_prefix + slugify_unicode(heading, separator)


class _Captions(Preprocessor):
    """Puts the caption of a table of figures below its fence, behind which no words may stand."""

    def run(self, lines: list[str]) -> list[str]:
        written: list[str] = []
        fence = ""
        for line in lines:
            was_open, fence = fence, fence_of(line, fence)
            caption = _caption(line) if fence and not was_open else None
            if caption is None:
                written.append(line)
                continue
            before = line[: line.index(fence)]
            written += [f"{before}{fence}{data_table.FENCE}", f"{before}{_PARTING}{caption}"]
        return written


class _Parting(Preprocessor):
    """Parts blocks as people mean them.

    A list or a table may follow a line of text without an empty line between them, and two quotes
    with an empty line between them are two.
    """

    def run(self, lines: list[str]) -> list[str]:
        parted: list[str] = []
        previous = quoted = (
            ""  # the last line; the marks of the last quote while only blanks follow
        )
        for index, line in enumerate(lines):
            match = _QUOTED.match(line)
            marks, rest = (match["marks"], match["rest"]) if match else ("", line)
            before = previous[len(marks) :] if marks and previous.startswith(marks) else previous
            begins_table = index + 1 < len(lines) and _TABLE_RULE.match(lines[index + 1])
            begins = _LIST_ITEM.match(rest) or ("|" in rest and begins_table)
            if begins and _PLAIN_LINE.match(before) and not _LIST_ITEM.match(before):
                parted.append(marks.rstrip())
            if marks and quoted and not previous.strip():
                parted += [_PARTING, ""]
            parted.append(line)
            if line.strip():
                quoted = marks
            previous = line
        return parted


class _Callouts(Treeprocessor):
    """Quotes whose first line is bold become call-outs."""

    def run(self, root: Element) -> None:
        for parent in list(root.iter()):
            for child in [child for child in parent if child.text == _PARTING]:
                parent.remove(child)
        for quote in root.iter("blockquote"):
            first = quote[0] if len(quote) else None
            if first is None or first.tag != "p":
                continue
            words = (first.text or "").lstrip()
            match = _CALLOUT.match(words) or _KNOWN_CALLOUT.match(words)
            if match is None:
                continue
            title = match["title"].strip()
            kinds = (kind for name, kind in CALLOUTS.items() if title.startswith(name))
            quote.set("class", "callout")
            quote.set("data-kind", next(kinds, _OTHER_CALLOUT))
            rest = words[match.end() :].strip()
            if rest:
                first.text = rest
            else:
                quote.remove(first)
            head = Element("p", {"class": "callout-title"})
            head.text = title
            quote.insert(0, head)


class _Finish(Treeprocessor):
    """Links, files, tables and headings as the pages want them."""

    md: _Renderer

    def run(self, root: Element) -> None:
        for element in list(root.iter()):
            match element.tag:
                case "a":
                    self._link(element)
                case "img":
                    self._file(element)
                case "th" | "td":
                    self._cell(element)
                case "h1":
                    element.tag = "h2"
        self._wrap_tables(root)

    def _link(self, link: Element) -> None:
        target = link.get("href", "")
        address = self._address(target)
        if address is None:
            _becomes(link, "span", {"class": "is-missing"})
            return
        if figure := _FIGURE.fullmatch(target):
            _becomes(link, "span", {"class": "shop-figure"})
            SubElement(link, "span", {"data-figure": figure["key"]})
            return
        link.set("href", address)
        if target.startswith("media/"):
            link.set("class", "attachment")
            link.set("download", PurePosixPath(target).name)
        elif _OUTSIDE.match(target):
            link.set("class", "is-outside")

    def _address(self, target: str) -> str | None:
        if _OURS.match(target):
            return self.md.resolve(target)
        return target if target.startswith("#") or _OUTSIDE.match(target) else None

    def _file(self, image: Element) -> None:
        target, words = image.get("src", ""), image.get("alt", "")
        address = self.md.resolve(target) if target.startswith("media/") else None
        suffix = PurePosixPath(target).suffix.lower()
        if address is None:
            _becomes(image, "span", {"class": "is-missing"})
            image.text = words
        elif suffix in _VIDEO | _AUDIO:
            attributes = {"controls": "", "preload": "metadata", "src": address}
            _becomes(image, "video" if suffix in _VIDEO else "audio", attributes)
            image.set("aria-label", words)
            image.text = ""
        else:
            image.set("src", address)
            image.set("loading", "lazy")

    @staticmethod
    def _cell(cell: Element) -> None:
        align = cell.attrib.pop("align", "")
        if align:
            cell.set("class", f"align-{align}")
        if cell.tag != "th":
            return
        if len(cell) or (cell.text or "").strip():
            cell.set("scope", "col")
        else:
            cell.tag = "td"

    def _wrap_tables(self, parent: Element) -> None:
        for index, child in enumerate(parent):
            if child.tag != "table":
                self._wrap_tables(child)
                continue
            # It can be scrolled, so it must be reachable by keyboard.
            attributes = {"tabindex": "0", "role": "group", "aria-label": "表格"}
            box = Element("div", {"class": "table-scroll", **attributes})
            box.append(child)
            box.tail, child.tail = child.tail, None
            parent[index] = box


def _becomes(element: Element, tag: str, attributes: dict[str, str]) -> None:
    element.tag = tag
    element.attrib.clear()
    element.attrib.update(attributes)
