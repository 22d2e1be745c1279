"""A certificate as a PDF: A4 on its side, Chinese set in Noto Serif, the code drawn as lines.

Making one takes some 0.3 s once the libraries are loaded, most of it reading the font, so a job
does it and the file is kept by the digest of its texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import segno
from flask import current_app

from cstrain.config import Settings
from cstrain.core.certification.paper import Paper, Twice, paper_of
from cstrain.core.certification.queries import by_number
from cstrain.kit import duties, jobs
from cstrain.kit.clock import utc_now
from cstrain.kit.errors import InvalidError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import lazy

if TYPE_CHECKING:
    from datetime import datetime

    from fpdf import FPDF

KEEP_FOR = timedelta(days=30)
JOB = "certificate_pdf"
_FONT = "serif"

# The sheet, in millimetres.
_WIDTH, _HEIGHT = 297.0, 210.0
_EDGE = 11.0
_TEXT_WIDTH = 216.0
_CODE_SIZE = 27.0

_INK = (27, 35, 33)
_QUIET = (82, 91, 87)
_ACCENT = (11, 103, 97)
_HAIR = (178, 205, 200)


def file_of(paper: Paper) -> Path:
    """Where the PDF of these texts lies, or will lie."""
    settings: Settings = current_app.extensions["cstrain.settings"]
    return settings.var_dir / "files" / "certificates" / f"{paper.key}.pdf"


@jobs.register(JOB, title=lazy("生成证书 PDF"))
def make(job: jobs.JobContext) -> Mapping[str, Any]:
    """Make the file of one certificate: ``number``, ``verify_url``, and ``url`` to fetch it."""
    paper = paper_of(by_number(job.data["number"], now=job.now), job.data["verify_url"])
    target = file_of(paper)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(f".{job.id}")
    unfinished.write_bytes(render(paper))
    unfinished.replace(target)
    return {"text": _("证书做好了。"), "url": job.data["url"], "label": _("下载 PDF")}


@duties.daily(4, name="certification.forget_files")
def forget_files(now: datetime) -> None:
    """Delete files that were made a month ago; they are made again when they are asked for."""
    settings: Settings = current_app.extensions["cstrain.settings"]
    for path in (settings.var_dir / "files" / "certificates").glob("*"):
        if path.stat().st_mtime < (now - KEEP_FOR).timestamp():
            path.unlink(missing_ok=True)


def missing_characters(texts: Iterable[str]) -> str:
    """The characters that the font cannot print, each once, in order."""
    known = _known_characters()
    return "".join(dict.fromkeys(ch for text in texts for ch in text if ord(ch) not in known))


@cache
def _known_characters() -> frozenset[int]:
    # Imported late: fontTools and fpdf2 take a quarter of a second that no page needs.
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # noqa: PLC0415
    from pylopdf_fonts_zh_cn import serif_path  # noqa: PLC0415

    with TTFont(serif_path(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def refuse_unprintable(paper: Paper) -> None:
    """Stop where a character would be missing on the paper.

    Raises:
        InvalidError: If the font lacks one, with what to do instead.
    """
    missing = missing_characters(paper.texts())
    if missing:
        raise InvalidError(
            _(
                "PDF 的字库里没有“%(characters)s”，印出来会缺字。请打开证书页面直接打印，"
                "那里用的是电脑自己的字体。",
                characters=_("、").join(missing),
            )
        )


def render(paper: Paper) -> bytes:
    """The PDF of a certificate.

    Raises:
        InvalidError: If the font lacks a character.
    """
    from fpdf import FPDF  # noqa: PLC0415 - see above
    from pylopdf_fonts_zh_cn import serif_path  # noqa: PLC0415

    refuse_unprintable(paper)
    pdf = FPDF(orientation="landscape", format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.set_lang("zh-CN")
    pdf.set_title(f"{paper.title.zh} {paper.name}")
    pdf.set_creator("cstrain")
    pdf.set_creation_date(utc_now())
    pdf.add_font(_FONT, fname=serif_path())
    pdf.add_page()
    _frame(pdf)
    _head(pdf, paper)
    _body(pdf, paper)
    _foot(pdf, paper)
    return bytes(pdf.output())


def _frame(pdf: FPDF) -> None:
    """Two lines around the sheet, the inner one stepping in at the corners."""
    pdf.set_draw_color(*_ACCENT)
    pdf.set_line_width(0.9)
    pdf.rect(_EDGE, _EDGE, _WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE)
    pdf.set_line_width(0.25)
    near, step = _EDGE + 2.6, 5.0
    left, top, right, bottom = near, near, _WIDTH - near, _HEIGHT - near
    pdf.polygon(
        [
            *((left + step, top), (right - step, top), (right - step, top + step)),
            *((right, top + step), (right, bottom - step), (right - step, bottom - step)),
            *((right - step, bottom), (left + step, bottom), (left + step, bottom - step)),
            *((left, bottom - step), (left, top + step), (left + step, top + step)),
        ]
    )
    for x in (left, right - step):
        for y in (top, bottom - step):
            pdf.rect(x + 1.2, y + 1.2, step - 2.4, step - 2.4)


def _head(pdf: FPDF, paper: Paper) -> None:
    _line(pdf, 33, paper.title.zh, 38, _ACCENT, spacing=9, is_bold=True)
    if paper.title.en != paper.title.zh:
        _line(pdf, 52, paper.title.en, 12.5, _QUIET, spacing=1.1)
    middle = _WIDTH / 2
    pdf.set_draw_color(*_ACCENT)
    pdf.set_line_width(0.25)
    pdf.line(middle - 34, 64.5, middle - 3.2, 64.5)
    pdf.line(middle + 3.2, 64.5, middle + 34, 64.5)
    pdf.set_fill_color(*_ACCENT)
    pdf.polygon(
        [(middle, 63.1), (middle + 1.4, 64.5), (middle, 65.9), (middle - 1.4, 64.5)], style="F"
    )


def _body(pdf: FPDF, paper: Paper) -> None:
    _line(pdf, 73, str(paper.intro), 11.5, _QUIET)
    _line(pdf, 83, paper.name, 27, _INK, spacing=3 if len(paper.name) <= 4 else 0, is_bold=True)  # noqa: PLR2004 - a Chinese name
    pdf.set_draw_color(*_HAIR)
    pdf.set_line_width(0.25)
    pdf.line(_WIDTH / 2 - 46, 97.5, _WIDTH / 2 + 46, 97.5)
    _line(pdf, 99.5, str(paper.employee), 10, _QUIET)
    left = (_WIDTH - _TEXT_WIDTH) / 2
    for y, text, size, colour in (
        (112.0, paper.statement.zh, 14.0, _INK),
        (122.0, paper.statement.en, 10.5, _QUIET),
    ):
        pdf.set_text_color(*colour)
        pdf.set_font(_FONT, size=_fitting(pdf, text, size, _TEXT_WIDTH * 1.9))
        pdf.set_xy(left, y)
        pdf.multi_cell(_TEXT_WIDTH, size * 0.56, text, align="C", new_x="LEFT", new_y="NEXT")


def _foot(pdf: FPDF, paper: Paper) -> None:
    """Facts in a row, the code at the right."""
    top, left = 152.0, 32.0
    code_left = _WIDTH - left - _CODE_SIZE
    pdf.set_draw_color(*_HAIR)
    pdf.set_line_width(0.25)
    pdf.line(left, top - 5, _WIDTH - left, top - 5)
    width = (code_left - left - 6) / 2
    for index, (heading, text) in enumerate(paper.facts):
        x, y = left + (index % 2) * width, top + (index // 2) * 17
        _label(pdf, x, y, heading, width)
        pdf.set_text_color(*_INK)
        pdf.set_font(_FONT, size=_fitting(pdf, text.zh, 13, width - 4))
        pdf.set_xy(x, y + 4.6)
        pdf.cell(width, 6, text.zh)
        if text.en:
            at = x + pdf.get_string_width(text.zh) + 3
            pdf.set_text_color(*_QUIET)
            pdf.set_font(_FONT, size=9)
            pdf.set_xy(at, y + 4.9)
            pdf.cell(width, 6, text.en)
    _code(pdf, paper.verify_url, code_left, top)
    pdf.set_text_color(*_QUIET)
    pdf.set_font(_FONT, size=8)
    pdf.set_xy(code_left - 12, top + _CODE_SIZE + 1.2)
    pdf.cell(_CODE_SIZE + 24, 4, str(paper.verify), align="C")


def _label(pdf: FPDF, x: float, y: float, heading: Twice, width: float) -> None:
    pdf.set_text_color(*_QUIET)
    pdf.set_font(_FONT, size=8.5)
    pdf.set_xy(x, y)
    pdf.cell(width, 4.4, str(heading))


def _code(pdf: FPDF, url: str, left: float, top: float) -> None:
    """The QR code as filled runs of modules: sharp at any size."""
    rows = [list(row) for row in segno.make(url, error="m").matrix]
    size = _CODE_SIZE / len(rows)
    pdf.set_fill_color(*_INK)
    for y, row in enumerate(rows):
        start = None
        for x, is_dark in enumerate([*row, 0]):
            if is_dark and start is None:
                start = x
            elif not is_dark and start is not None:
                # A hair wider, so that no renderer shows gaps between the rows.
                pdf.rect(
                    left + start * size, top + y * size, (x - start) * size, size * 1.02, style="F"
                )
                start = None


def _line(  # noqa: PLR0913 - how a line looks
    pdf: FPDF,
    y: float,
    text: str,
    size: float,
    colour: tuple[int, int, int],
    *,
    spacing: float = 0,
    is_bold: bool = False,
) -> None:
    """One centred line, made smaller where it would be too long.

    The font has one weight; bold is its outline drawn along.
    """
    size = _fitting(pdf, text, size, _TEXT_WIDTH - spacing * len(text) * 0.3528)
    pdf.set_text_color(*colour)
    pdf.set_draw_color(*colour)
    pdf.set_char_spacing(spacing)
    with pdf.local_context(
        text_mode="FILL_STROKE" if is_bold else "FILL", line_width=size * 0.0075
    ):
        pdf.set_font(_FONT, size=size)
        pdf.set_xy((_WIDTH - _TEXT_WIDTH) / 2, y)
        pdf.cell(_TEXT_WIDTH, size * 0.4, text, align="C")
    pdf.set_char_spacing(0)


def _fitting(pdf: FPDF, text: str, size: float, width: float) -> float:
    """The largest size, up to ``size``, at which the text is no wider than ``width``."""
    pdf.set_font(_FONT, size=size)
    wide = float(pdf.get_string_width(text))
    return size if wide <= width else size * width / wide
