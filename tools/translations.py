"""Keeps the English catalogue complete. The words in code and templates are Chinese.

    python -m tools.translations --update    extract, merge into the catalogue, compile
    python -m tools.translations --compile   make the .mo that the program reads
    python -m tools.translations --check     fail where an English word is missing, naming each

Marked words are found in every .py file and template under ``cstrain``: ``_("…")``,
``gettext("…")``, ``lazy("…")``, ``lazy_gettext("…")``, ``N_("…")`` (marked only, put into words
elsewhere), ``ngettext("…", count)``, whose one Chinese form stands for both English ones, and
``{% trans %}`` blocks; calls inside f-strings are not found. ``--check`` also refuses Chinese
words in a template outside all of these, but for lines with the comment
``{# i18n: as it stands #}`` (a language's own name, say).
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = ROOT / "cstrain"
TEMPLATE: Final = PACKAGE / "translations" / "messages.pot"
ENGLISH: Final = PACKAGE / "translations" / "en" / "LC_MESSAGES" / "messages.po"
METHODS: Final = [("**.py", "python"), ("**/templates/**.*", "jinja2")]
OPTIONS: Final = {"jinja2": {"silent": "false", "trimmed": "true"}}
KEYWORDS: Final = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy": None,
    "lazy_gettext": None,
    "ngettext": (1, 1),
}
CHINESE: Final = re.compile("[\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff]")
PLACE: Final = re.compile(r"%\((\w+)\)")
NOT_TEXT: Final = re.compile(
    r"\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL
)


def extract() -> Catalog:
    """All marked words; every message remembers the files it is in."""
    catalog = Catalog(project="cstrain", version="", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        str(PACKAGE),
        method_map=[("**/_shipped/**", "ignore"), *METHODS],
        options_map={"**/templates/**.*": OPTIONS["jinja2"]},
        keywords=KEYWORDS,
        comment_tags=("translators:",),
        strip_comment_tags=True,
    )
    for name, line, message, comments, context in found:
        where = [(f"cstrain/{name}", line)]
        catalog.add(message, locations=where, auto_comments=comments, context=context)
    return catalog


def english() -> Catalog:
    """The catalogue as it is committed; empty before the first one."""
    if not ENGLISH.is_file():
        return Catalog(locale="en", charset="utf-8", fuzzy=False)
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en", charset="utf-8", abort_invalid=True)


def update() -> None:
    """Bring the template and the catalogue up to date; words that went away go."""
    template = extract()
    catalog = english()
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    for file, words in ((TEMPLATE, template), (ENGLISH, catalog)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_written(words))
    print(f"{len(template)} messages, {sum(1 for _ in missing(catalog))} without English words")


def compile_all() -> None:
    """Write ``messages.mo`` beside the catalogue; without a catalogue there is nothing to do."""
    if ENGLISH.is_file():
        with ENGLISH.with_suffix(".mo").open("wb") as file:
            write_mo(file, english())


def check() -> Iterator[str]:
    """Everything that keeps the English pages from being English, one line each."""
    template, catalog = extract(), english()
    wanted = {_key(message): message for message in template if message.id}
    present = {_key(message) for message in catalog if message.id}
    for key in sorted(wanted.keys() - present):
        where = wanted[key].locations[0][0]
        yield f"{where}: {key[0]!r} is not in the catalogue; run `make translations`"
    for key in sorted(present - wanted.keys()):
        yield f"{_short(ENGLISH)}: {key[0]!r} is used nowhere; run `make translations`"
    if not TEMPLATE.is_file() or TEMPLATE.read_bytes() != _written(template):
        yield f"{_short(TEMPLATE)}: not what the code says; run `make translations`"
    yield from missing(catalog)
    yield from unmarked()


def missing(catalog: Catalog) -> Iterator[str]:
    """Messages without English words, with Chinese in them, or with other places to fill."""
    for message in catalog:
        if not message.id:
            continue
        forms = _forms(message)
        source = _key(message)[0]
        where = f"{_short(ENGLISH)}: {source!r}"
        if not all(forms):
            yield f"{where} has no English words"
        elif any(CHINESE.search(form) for form in forms):
            yield f"{where} has Chinese words in its English ones"
        elif any(not set(PLACE.findall(form)) <= set(PLACE.findall(source)) for form in forms):
            yield f"{where} has a %(place)s in English that Chinese has not"
        elif set(PLACE.findall(source)) - set(PLACE.findall(forms[-1])):
            yield f"{where} loses a %(place)s in English"


def unmarked() -> Iterator[str]:
    """Chinese words that a template prints without a mark, as ``file:line``."""
    for file in sorted(PACKAGE.rglob("templates/**/*.*")):
        text = file.read_text(encoding="utf-8")
        lines = zip(text.split("\n"), NOT_TEXT.sub(_blank, text).split("\n"), strict=True)
        for number, (line, printed) in enumerate(lines, start=1):
            if CHINESE.search(printed) and "i18n: as it stands" not in line:
                yield f"{_short(file)}:{number}: Chinese words without a mark: {line.strip()[:60]}"


def _blank(match: re.Match[str]) -> str:
    """As many line ends as the match has, so that line numbers stay right."""
    return "\n" * match[0].count("\n")


def _forms(message: Message) -> list[str]:
    """The English words: one form, or one and many."""
    words = message.string
    return [str(form) for form in words] if isinstance(words, list | tuple) else [str(words or "")]


def _key(message: Message) -> tuple[str, str]:
    """What tells one message from another."""
    return (message.id if isinstance(message.id, str) else message.id[0], message.context or "")


def _short(file: Path) -> str:
    return str(file.relative_to(ROOT))


def _written(catalog: Catalog) -> bytes:
    """The catalogue as bytes that depend on its words alone, so that diffs stay small."""
    out = io.BytesIO()
    write_po(out, catalog, width=100, omit_header=True, sort_output=True, no_location=True)
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    if catalog.locale:
        header += '"Language: en\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    return header.encode() + b"\n" + out.getvalue()


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(description="Keep the English catalogue complete.")
    does = parser.add_mutually_exclusive_group(required=True)
    does.add_argument("--update", action="store_true", help="extract, merge and compile")
    does.add_argument("--compile", action="store_true", help="make the .mo file")
    does.add_argument("--check", action="store_true", help="fail where an English word is missing")
    asked = parser.parse_args()
    if asked.check:
        problems = list(check())
        for problem in problems:
            print(problem, file=sys.stderr)
        return 1 if problems else 0
    if asked.update:
        update()
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
