"""Reply files: words to send, with a short code and gaps to fill. Pure.

## 先应一声
    短码: hi
    何时: 顾客第一次开口

在的，我是{客服名}。您先说，我看着。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cstrain.core.catalogue import entries
from cstrain.core.catalogue.catalogue import Catalogue, SearchEntry, fold
from cstrain.core.catalogue.entries import Entry
from cstrain.core.catalogue.sources import Source
from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _

MATERIAL = "replies"
REPLY_MAX_LENGTH = 120
WHEN_MAX_LENGTH = 40
#: What may stand between braces; tools that take the replies over know no other.
VARIABLES = (
    *("客服名", "买家称呼", "订单尾号", "商品", "尺码", "颜色", "金额", "时间", "日期"),
    *("快递", "单号", "地址", "原因"),
)
FORM = entries.Form(
    example="## 先应一声",
    options={"短码": "code", "code": "code", "何时": "when", "when": "when"},
    keys=frozenset({"use", entries.ORDER}),
)
_CODE = re.compile(r"[a-z0-9]{1,8}")
_VARIABLE = re.compile(r"\{([^{}\n]*)\}")


class Use(StrEnum):
    """When the replies of a file are sent."""

    QUICK = "quick"
    AUTO = "auto"
    URGE = "urge"


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing to send.

    Attributes:
        anchor: Its place on the page, unique within a team's content.
        purpose: What it is for.
        code: What agents type to find it; empty where it needs none.
        when: When to send it; may be empty.
        text: The words, with variables as ``{金额}``.
        line: Where it stands in its file.
    """

    anchor: str
    purpose: str
    code: str
    when: str
    text: str
    line: int

    @property
    def url(self) -> str:
        """Its place on the page of all replies."""
        return f"/replies#{self.anchor}"

    @property
    def pieces(self) -> tuple[tuple[str, bool], ...]:
        """The text cut at its variables: words, or the name of a variable and True."""
        cut = _VARIABLE.split(self.text)
        return tuple((piece, place % 2 == 1) for place, piece in enumerate(cut) if piece)

    @property
    def variables(self) -> tuple[str, ...]:
        """What is to be filled, each once, in the order of the text."""
        return tuple(dict.fromkeys(_VARIABLE.findall(self.text)))


@dataclass(frozen=True, slots=True)
class ReplyFile:
    """The replies of one file: a class with one use."""

    slug: str
    title: Mapping[str, str]
    use: Use
    entries: tuple[Reply, ...]
    path: str
    order: int

    def search_entries(self) -> Iterator[SearchEntry]:
        """What the search box finds; a reply that is to be filled opens instead of copying."""
        for reply in self.entries:
            title = f"{reply.purpose} · {reply.code}" if reply.code else reply.purpose
            answer = None if reply.variables else reply.text
            text = f"{reply.text}\n{reply.when}"
            yield SearchEntry("reply", title, text, reply.url, answer=answer)


def load(source: Source) -> ReplyFile:
    """Read a file of the kind ``replies``.

    Raises:
        ContentError: With every problem of the file.
    """
    read = entries.read(source, FORM)
    problems = list(read.problems)
    use = source.meta.data.get("use")
    if use not in set(Use):
        text = _("use 写 quick（快捷回复）、auto（自动回复）或 urge（催付话术）")
        problems.append(source.problem(text, "use"))
    for entry in read.entries:
        problems.extend(_problems_of(source, entry, needs_code=use == Use.QUICK))
    if problems:
        raise ContentError(problems)
    found = tuple(
        Reply(
            anchor=each.anchor,
            purpose=each.heading,
            code=each.options.get("code", ""),
            when=each.options.get("when", ""),
            text=each.text,
            line=each.line,
        )
        for each in read.entries
    )
    return ReplyFile(read.slug, read.title, Use(str(use)), found, source.path, read.order)


def _problems_of(source: Source, entry: Entry, *, needs_code: bool) -> Iterator[ContentProblem]:
    code, when = entry.options.get("code", ""), entry.options.get("when", "")
    if not code and needs_code:
        text = _("“%(q)s”缺短码，标题下面缩进四格写“短码: hi”", q=entry.heading)
        yield source.problem(text, line=entry.line)
    elif code and not _CODE.fullmatch(code):
        text = _("短码 %(code)s 不行，用 1 到 8 个小写字母或数字", code=code)
        yield source.problem(text, line=entry.line)
    if len(when) > WHEN_MAX_LENGTH:
        text = _("“何时”有 %(n)s 字，最多 %(most)s 字", n=len(when), most=WHEN_MAX_LENGTH)
        yield source.problem(text, line=entry.line)
    length = len("".join(entry.text.split()))
    if not length:
        yield source.problem(_("“%(q)s”没有要发的话", q=entry.heading), line=entry.line)
    elif length > REPLY_MAX_LENGTH:
        text = _(
            "“%(q)s”有 %(n)s 字，最多 %(most)s 字",
            q=entry.heading,
            n=length,
            most=REPLY_MAX_LENGTH,
        )
        yield source.problem(text, line=entry.line)
    for name in _VARIABLE.findall(entry.text):
        if name not in VARIABLES:
            known = "、".join(VARIABLES)
            text = _("不认识 {%(name)s}，可以写：%(known)s", name=name, known=known)
            yield source.problem(text, line=entry.line)
    if re.search(r"[{}]", _VARIABLE.sub("", entry.text)):
        text = _("“%(q)s”的花括号没有配对", q=entry.heading)
        yield source.problem(text, line=entry.line)


def files_of(catalogue: Catalogue) -> list[ReplyFile]:
    """The classes of replies of a team, in their order."""
    found = catalogue.materials.get(MATERIAL, ())
    return entries.in_order(each for each in found if isinstance(each, ReplyFile))


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """Slugs that two files share; codes and texts that two replies share."""
    files = files_of(catalogue)
    yield from entries.shared_slugs([(file.slug, file.path) for file in files])
    codes: dict[str, str] = {}
    texts: dict[str, str] = {}
    for file in files:
        for reply in file.entries:
            here = f"{file.path}:{reply.line}"
            if reply.code and reply.code in codes:
                text = _(
                    "短码 %(code)s 和 %(other)s 重复", code=reply.code, other=codes[reply.code]
                )
                yield ContentProblem(file.path, reply.line, text)
            words = fold("".join(reply.text.split()))
            if words in texts:
                text = _("“%(q)s”和 %(other)s 一字不差", q=reply.purpose, other=texts[words])
                yield ContentProblem(file.path, reply.line, text)
            codes.setdefault(reply.code, here)
            texts.setdefault(words, here)
