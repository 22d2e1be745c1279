"""What ``content check`` says about the whole bank: questions asked twice, counts, and habits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from cstrain.core.catalogue.catalogue import BankItem, Catalogue
from cstrain.core.items.bank import BankFigures, alike, check_bank, is_situation
from cstrain.core.items.item import KIND_NAMES, USE_NAMES, Use
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick


def advice(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """Questions that ask much the same."""
    bank = _written(catalogue)
    for pair in alike([entry.item for entry in bank.values()]):
        first, second = bank[pair.first], bank[pair.second]
        text = _(
            "题干和 %(id)s（%(path)s）有 %(percent)s %% 相同，换一个情景或删掉一题",
            id=pair.first,
            path=first.path,
            percent=round(pair.ratio * 100),
        )
        yield ContentProblem(second.path, second.item.line, text)


def lines(catalogues: Iterable[Catalogue]) -> Iterator[str]:
    """Figures of all questions, each once: by chapter, and how right replies are written."""
    bank: dict[str, BankItem] = {}
    chapters: dict[str, str] = {}
    for catalogue in catalogues:
        bank |= _written(catalogue)
        chapters |= _chapters(catalogue)
    by_chapter: dict[str, list[BankItem]] = defaultdict(list)
    by_lesson: dict[str, list[BankItem]] = defaultdict(list)
    for entry in bank.values():
        by_chapter[chapters.get(entry.lesson, entry.lesson)].append(entry)
        by_lesson[entry.lesson].append(entry)
    for name, entries in sorted(by_chapter.items()):
        yield _("章 %(name)s：%(counts)s", name=name, counts=_counts(entries))
    if bank:
        yield _("全部题：%(counts)s", counts=_counts(bank.values()))
        yield _("正确项：%(habits)s", habits=_habits(_figures(bank.values())))
    for lesson, entries in sorted(by_lesson.items()):
        figures = _figures(entries)
        if figures.is_told_by_length:
            habits = _habits(figures)
            yield _("注意：%(lesson)s 的题库：%(habits)s", lesson=lesson, habits=habits)


def _written(catalogue: Catalogue) -> dict[str, BankItem]:
    """The questions that belong to a lesson, not those made of something else."""
    return {
        item_id: entry
        for item_id, entry in catalogue.bank.items()
        if entry.lesson in catalogue.activities
    }


def _chapters(catalogue: Catalogue) -> Mapping[str, str]:
    """Lesson → what its chapter is called here: its number where lessons are numbered."""
    return {
        slug: str(chapter.number) if slug[:1].isdigit() else chapter.slug
        for chapter in catalogue.chapters
        for slug in chapter.lessons
    }


def _figures(entries: Iterable[BankItem]) -> BankFigures:
    return check_bank(entry.item for entry in entries)


def _counts(entries: Iterable[BankItem]) -> str:
    items = [entry.item for entry in entries]
    kinds = Counter(item.kind for item in items)
    levels = Counter(item.level for item in items)
    uses = Counter(item.use for item in items)
    situation_count = sum(map(is_situation, items))
    return _(
        "%(n)s 题，%(share)s 是情景题；难度 %(levels)s；用途 %(uses)s；题型 %(kinds)s",
        n=len(items),
        share=f"{situation_count / len(items):.0%}",
        levels=" / ".join(str(levels[level]) for level in (1, 2, 3)),
        uses=_("，").join(f"{_name(use, USE_NAMES[use])} {uses[use]}" for use in Use),
        kinds=_("，").join(
            f"{_name(kind, KIND_NAMES[kind])} {count}" for kind, count in kinds.most_common()
        ),
    )


def _name(value: StrEnum, chinese: str) -> str:
    """What content files call it."""
    return pick({"zh": chinese, "en": value.value})


def _habits(figures: BankFigures) -> str:
    if not figures.single_count:
        return _("没有单选题")
    text = _(
        "%(n)s 道单选里，%(longest)s 正确项最长，%(shortest)s 最短（碰巧是 %(chance)s）；"
        "写在第 1 / 2 / … 项的占 %(places)s",
        n=figures.single_count,
        longest=f"{figures.longest_right_ratio:.0%}",
        shortest=f"{figures.shortest_right_ratio:.0%}",
        chance=f"{figures.expected_ratio:.0%}",
        places=" / ".join(f"{count / figures.single_count:.0%}" for count in figures.right_counts),
    )
    if figures.true_ratio is None:
        return text
    return text + _("；判断题 %(share)s 是对的", share=f"{figures.true_ratio:.0%}")
