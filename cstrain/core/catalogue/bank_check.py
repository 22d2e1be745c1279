"""What ``content check`` says about the whole bank: questions asked twice, counts, and habits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from cstrain.core.catalogue.catalogue import BankItem, Catalogue
from cstrain.core.items.bank import BankFigures, alike, check_bank, is_situation
from cstrain.core.items.item import Use
from cstrain.kit.errors import ContentProblem
from cstrain.kit.i18n import gettext as _


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
        yield f"chapter {name}: {_counts(entries)}"
    if bank:
        yield f"all questions: {_counts(bank.values())}"
        yield f"right replies: {_habits(_figures(bank.values()))}"
    for lesson, entries in sorted(by_lesson.items()):
        figures = _figures(entries)
        if figures.is_told_by_length:
            yield f"warning: bank of {lesson}: {_habits(figures)}"


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
    kinds = Counter(item.kind.value for item in items)
    levels = Counter(item.level for item in items)
    uses = Counter(item.use for item in items)
    situation_count = sum(map(is_situation, items))
    return (
        f"{len(items)} questions, {situation_count / len(items):.0%} in a situation; "
        f"levels {' / '.join(str(levels[level]) for level in (1, 2, 3))}; "
        f"uses {', '.join(f'{use.value} {uses[use]}' for use in Use)}; "
        f"kinds {', '.join(f'{name} {count}' for name, count in kinds.most_common())}"
    )


def _habits(figures: BankFigures) -> str:
    if not figures.single_count:
        return "no single-choice questions"
    places = " / ".join(f"{count / figures.single_count:.0%}" for count in figures.right_counts)
    truths = "" if figures.true_ratio is None else f"; {figures.true_ratio:.0%} of statements true"
    return (
        f"the longest of all in {figures.longest_right_ratio:.0%} of {figures.single_count} "
        f"single-choice questions, the shortest in {figures.shortest_right_ratio:.0%} "
        f"(by chance {figures.expected_ratio:.0%}); written 1st / 2nd / … in {places}{truths}"
    )
