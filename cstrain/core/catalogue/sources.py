"""Content files as they lie in folders or in a revision. Pure but for reading folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.frontmatter import Document, read, split
from cstrain.kit.i18n import gettext as _

TEXT_SUFFIXES = frozenset({".md", ".yaml"})
MEDIA_SUFFIXES = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"),
        *(".mp4", ".webm", ".mp3", ".m4a"),
        *(".pdf", ".xlsx", ".docx", ".pptx", ".csv", ".txt", ".zip"),
    }
)
#: Where the files lie that only some teams see.
TEAMS = "teams/"
FILE_LIMIT_BYTES = 64 * 1024 * 1024
#: Folder → what its YAML files are; elsewhere they are chapters.
_PLACES = {"pathways": "pathway", "rubrics": "rubric"}


def digest_of(body: bytes) -> str:
    """The name under which bytes are kept: SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class File:
    """One file of a revision."""

    digest: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Source:
    """A text file, opened: what a kind loads.

    Attributes:
        path: Relative to its content folder, forward slashes.
        digest: SHA-256 of the file.
        kind: ``kind:`` of the front matter, or what the place implies (``chapter``, ``pathway``,
            ``bank``, ``rubric``).
        meta: The front matter with its line numbers.
        body: The text after the front matter.
        body_line: The number of the body's first line.
        media: Path relative to this file → digest, for the files beside it.
    """

    path: str
    digest: str
    kind: str
    meta: Document
    body: str
    body_line: int
    media: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The folder the file lies in."""
        return str(PurePosixPath(self.path).parent)

    def problem(
        self, text: str, *location: str | int, line: int = 0, missing: str = ""
    ) -> ContentProblem:
        """A problem at a key of the front matter, or at a line."""
        return ContentProblem(self.path, line or self.meta.line_of(*location), text, missing)

    def resolve(self, target: str) -> str | None:
        """The address of a link target of this file; None when there is no such file."""
        if target.startswith(("section:", "activity:")):
            kind, _colon, slug = target.partition(":")
            return f"/go/{kind}/{slug}"
        if target.startswith("figure:"):
            return target  # each shop has its own; the page fills it in
        digest = self.media.get(target)
        return f"/media/{digest}/{PurePosixPath(target).name}" if digest else None


def read_folders(folders: Iterable[Path]) -> tuple[dict[str, File], list[ContentProblem]]:
    """Every content file of the folders, later folders over earlier ones.

    What begins with a dot is left out, and only that: a folder may itself lie below one.
    """
    files: dict[str, File] = {}
    problems: list[ContentProblem] = []
    for folder in folders:
        if not folder.is_dir():
            problems.append(ContentProblem(str(folder), 0, _("没有这个内容文件夹")))
            continue
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder).as_posix()
            hidden = any(part.startswith(".") for part in PurePosixPath(relative).parts)
            if hidden or not path.is_file():
                continue
            if path.suffix not in TEXT_SUFFIXES | MEDIA_SUFFIXES:
                problems.append(ContentProblem(relative, 0, _("不认识这种文件")))
            elif path.stat().st_size > FILE_LIMIT_BYTES:
                problems.append(ContentProblem(relative, 0, _("文件超过 64 MB")))
            else:
                body = path.read_bytes()
                files[relative] = File(digest_of(body), body)
    return files, problems


def owned(path: str) -> tuple[list[str], str]:
    """The teams that own a file, and its path as they see it; nobody for a shared one."""
    if not path.startswith(TEAMS):
        return [], path
    owners, _slash, below = path.removeprefix(TEAMS).partition("/")
    # What stands before or after a lonely plus is nobody, not the shared course.
    return [slug for slug in owners.split("+") if slug], below


def open_source(path: str, file: File, media: Mapping[str, str]) -> Source:
    """Read a text file's front matter.

    Raises:
        ContentError: If it is not UTF-8, or its YAML cannot be read, or it says no kind.
    """
    try:
        text = file.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContentError([ContentProblem(path, 0, _("不是 UTF-8 编码的文字文件"))]) from error
    if path.endswith(".yaml"):
        place = _PLACES.get(path.partition("/")[0], "chapter")
        return Source(path, file.digest, place, read(path, text, first_line=1), "", 1, media)
    meta_text, body, body_line = split(text)
    meta = read(path, meta_text)
    is_bank = path.endswith(".questions.md")
    kind: object = "bank" if is_bank else meta.data.get("kind")
    # Banks, chapters and pathways are known by their place.
    if not isinstance(kind, str) or (kind in {"bank", "chapter"} and not is_bank):
        raise ContentError([ContentProblem(path, 1, _("开头缺 kind，例如 kind: lesson"))])
    return Source(path, file.digest, kind, meta, body, body_line, media)


def media_beside(path: str, digests: Mapping[str, str]) -> dict[str, str]:
    """The media that ``path`` may show: path relative to it → digest.

    Args:
        path: The text file.
        digests: Path → digest of all files.
    """
    prefix = "" if (parent := str(PurePosixPath(path).parent)) == "." else f"{parent}/"
    return {
        other.removeprefix(prefix): digest
        for other, digest in digests.items()
        if other.startswith(f"{prefix}media/")
    }
