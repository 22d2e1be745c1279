"""Sampling plans as content: from Markdown in ``quality/`` to values.

---
kind: sampling_plan
slug: every-agent
title: {zh: 每人抽 5 条, en: Five of each}
per_agent: 5
always: [complaint, forbidden]
extra_below: 3
advanced:
  every_days: 3
---
为什么这样抽，写给带教看。
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import product
from typing import Any, Final, TypeVar

from cstrain.core.catalogue.build import is_bilingual
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.file_reader import At, FileReader
from cstrain.core.catalogue.kinds import Registry
from cstrain.core.catalogue.sources import Source
from cstrain.desk.quality.iso2859 import LIMITS, Level
from cstrain.desk.quality.plan import MATERIAL, MAY_BE_ALWAYS, By, Design, Order, Plan
from cstrain.desk.quality.risk import POINTS, Reason
from cstrain.desk.quality.sampling import STAGES, TENURES
from cstrain.kit.errors import ContentProblem, NotFoundError
from cstrain.kit.i18n import gettext as _

E = TypeVar("E", bound=StrEnum)
_SLUG = re.compile(r"[a-z][a-z0-9-]*")
_FRONT: Final = frozenset(
    {"kind", "slug", "title", "per_agent", "always", "extra_below", "advanced"}
)
_EVERYWHERE: Final = frozenset({"design", "every_days", "second_ratio"})
#: Design → what else may be said of it.
_OF_DESIGN: Final[Mapping[Design, frozenset[str]]] = {
    Design.PER_AGENT: frozenset(),
    Design.SIMPLE: frozenset({"size"}),
    Design.PROPORTIONAL: frozenset({"size", "strata", "minimum"}),
    Design.NEYMAN: frozenset({"size", "strata", "minimum", "deviations"}),
    Design.SYSTEMATIC: frozenset({"one_in", "order"}),
    Design.RISK: frozenset({"size", "points", "base", "floor"}),
    Design.LOT: frozenset({"limit", "level"}),
}
MOST_PER_AGENT, MOST_DAYS = 200, 31
MOST_SIZE, _MOST_POINTS = 5000, 100.0
#: The designs that may be told how many in all.
SIZED: Final = frozenset(each for each, said in _OF_DESIGN.items() if "size" in said)
_USUAL: Final = Plan("usual", {}, per_agent=1)
_ADVANCED: Final = "advanced"


def register(registry: Registry) -> None:
    """Let content hold sampling plans. Called while the application is wired."""
    registry.add_material(MATERIAL, load)
    registry.checks.append(check)


def of_catalogue(catalogue: Catalogue) -> Mapping[str, Plan]:
    """The plans a team has, by slug."""
    return {each.slug: each for each in catalogue.materials.get(MATERIAL, ())}


def published(catalogue: Catalogue, slug: str) -> Plan:
    """The plan as published now.

    Raises:
        NotFoundError: If there is none of this slug.
    """
    found = of_catalogue(catalogue).get(slug)
    if found is None:
        raise NotFoundError(_("没有抽样方案 %(slug)s。", slug=slug))
    return found


def check(catalogue: Catalogue) -> Iterator[ContentProblem]:
    """Slugs that stand twice."""
    seen: set[str] = set()
    for plan in catalogue.materials.get(MATERIAL, ()):
        if plan.slug in seen:
            yield ContentProblem(plan.path, 1, _("抽样方案 %(slug)s 重复", slug=plan.slug))
        seen.add(plan.slug)


def load(source: Source) -> Plan:
    """Read a file of the kind ``sampling_plan``.

    Raises:
        ContentError: With every problem of the file.
    """
    return _Reader(source).plan()


class _Reader(FileReader):
    """Reads one file, collecting problems with their lines."""

    def plan(self) -> Plan:
        data = self.source.meta.data
        self.known(data, _FRONT, ())
        slug, title = data.get("slug"), data.get("title")
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
            self.complain(_("缺 slug（小写字母开头，字母、数字和 -）"), "slug")
        if not is_bilingual(title):
            self.complain(_("title 要写成 {zh: 中文, en: English}"), "title")
        plan = Plan(
            slug=str(slug),
            title=title if is_bilingual(title) else {},
            per_agent=self.whole(data, "per_agent", (), least=1, most=MOST_PER_AGENT),
            always=self.several(data, "always", MAY_BE_ALWAYS, ()),
            extra_below=self.whole(data, "extra_below", (), usual=0, most=MOST_PER_AGENT),
            note=self.source.body.strip(),
            path=self.source.path,
            digest=self.source.digest,
            **self.advanced(data),
        )
        self.check_whole(plan)
        self.refuse_problems()
        return plan

    def advanced(self, front: Mapping[str, Any]) -> dict[str, Any]:
        """What stands behind the front page; only what is written."""
        data = front.get(_ADVANCED)
        if data is None:
            return {}
        if not isinstance(data, dict):
            self.complain(_("advanced 下面一行一项，例如 every_days: 3"), _ADVANCED)
            return {}
        at = (_ADVANCED,)
        design = self.one_of(data, "design", tuple(Design), at)
        allowed = _EVERYWHERE | _OF_DESIGN[design or Design.PER_AGENT]
        self.known(data, allowed if design or "design" not in data else frozenset(data), at)
        readers: Mapping[str, Callable[[], Any]] = {
            "every_days": lambda: self.whole(data, "every_days", at, least=1, most=MOST_DAYS),
            "second_ratio": lambda: self.number(data, "second_ratio", at, least=0, most=1),
            "design": lambda: design or Design.PER_AGENT,
            "size": lambda: self.whole(data, "size", at, least=1, most=MOST_SIZE),
            "one_in": lambda: self.number(data, "one_in", at, least=1, most=MOST_SIZE),
            "order": lambda: self.one_of(data, "order", tuple(Order), at) or Order.CHANCE,
            "strata": lambda: self.several(data, "strata", tuple(By), at),
            "minimum": lambda: self.whole(data, "minimum", at, least=1, most=2),
            "deviations": lambda: self.numbers(data, "deviations", at),
            "points": lambda: self.points(data, at),
            "base": lambda: self.number(data, "base", at, least=0.1, most=_MOST_POINTS),
            "floor": lambda: self.number(data, "floor", at, least=0.0001, most=1),
            "limit": lambda: self.limit(data, at),
            "level": lambda: self.one_of(data, "level", tuple(Level), at) or Level.II,
        }
        return {name: read() for name, read in readers.items() if name in data}

    def check_whole(self, plan: Plan) -> None:
        """What one line alone does not show."""
        if plan.design is Design.LOT and (plan.always or plan.extra_below):
            text = _("按批验收（lot）看的是整批，不能同时写 always 和 extra_below")
            self.complain(text, _ADVANCED, "design")
        if not plan.strata:
            names = ", ".join(By)
            self.complain(_("strata 至少写一个：%(names)s", names=names), _ADVANCED, "strata")
        if plan.design is not Design.NEYMAN:
            return
        if By.AGENT in plan.strata:
            text = _("neyman 的 strata 从 stage、tenure 里选：一个人的波动事先不知道")
            self.complain(text, _ADVANCED, "strata")
            return
        values = {By.STAGE: STAGES, By.TENURE: TENURES}
        wanted = {"/".join(each) for each in product(*(values[by] for by in plan.strata))}
        if set(plan.deviations) != wanted:
            names = ", ".join(sorted(wanted))
            text = _("deviations 要给每一层写一个分数的标准差：%(names)s", names=names)
            self.complain(text, _ADVANCED, "deviations")

    # What the values are made of.

    def known(self, data: Mapping[str, Any], keys: frozenset[str], at: At) -> None:
        for key in data.keys() - keys:
            self.complain(_("这里不认识 %(key)s", key=key), *at, key)

    def one_of(self, data: Mapping[str, Any], name: str, values: tuple[E, ...], at: At) -> E | None:
        value = data.get(name)
        found = next((each for each in values if each.value == value), None)
        if found is None and name in data:
            names = ", ".join(values)
            self.complain(_("%(key)s 要写其中一个：%(names)s", key=name, names=names), *at, name)
        return found

    def several(
        self, data: Mapping[str, Any], name: str, values: tuple[E, ...], at: At
    ) -> tuple[E, ...]:
        """Some of the values, in their order."""
        given = data.get(name, [])
        if (
            isinstance(given, list)
            and all(isinstance(each, str) for each in given)
            and set(given) <= set(values)
            and len(set(given)) == len(given)
        ):
            return tuple(each for each in values if each.value in given)
        names = ", ".join(values)
        text = _("%(key)s 写成列表，从里面选，不重复：%(names)s", key=name, names=names)
        self.complain(text, *at, name)
        return ()

    def number(
        self, data: Mapping[str, Any], name: str, at: At, *, least: float, most: float
    ) -> float:
        value = data.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            value = math.nan
        if least <= value <= most:
            return float(value)
        limits = {"least": f"{least:g}", "most": f"{most:g}"}
        self.complain(_("%(key)s 要写 %(least)s 到 %(most)s 的数", key=name, **limits), *at, name)
        return least

    def numbers(self, data: Mapping[str, Any], name: str, at: At) -> dict[str, float]:
        given = data.get(name)
        if not isinstance(given, dict) or not given:
            self.complain(_("%(key)s 下面一行一项，写名字和数", key=name), *at, name)
            return {}
        inner = (*at, name)
        return {
            str(key): self.number(given, key, inner, least=0, most=_MOST_POINTS) for key in given
        }

    def points(self, data: Mapping[str, Any], at: At) -> dict[Reason, float]:
        """The usual points, with those that are written in place of theirs."""
        given = self.numbers(data, "points", at)
        names = ", ".join(Reason)
        for key in given.keys() - set(Reason):
            text = _("%(key)s 要写其中一个：%(names)s", key=key, names=names)
            self.complain(text, *at, "points", key)
        return {reason: given.get(reason, usual) for reason, usual in POINTS.items()}

    def limit(self, data: Mapping[str, Any], at: At) -> str:
        value = data.get("limit")
        found = next((each for each in LIMITS if _is_limit(value, each)), None)
        if found is None:
            names = ", ".join(LIMITS)
            text = _("%(key)s 要写其中一个：%(names)s", key="limit", names=names)
            self.complain(text, *at, "limit")
        return found or LIMITS[-1]


def _is_limit(value: object, limit: str) -> bool:
    """Whether it is this limit, with or without quotation marks and closing noughts."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        return float(value) == float(limit)
    except ValueError:
        return False


def kept(before: Plan, design: Design) -> dict[str, Any]:
    """What a plan says of its design, as its file has it, as far as a design asks for it, too.

    What is usual is left out, so that the same page twice is the same plan.

    Args:
        before: The plan that is edited.
        design: How it draws from now on.
    """
    names = sorted(_OF_DESIGN[before.design] & _OF_DESIGN[design])
    said = {name: getattr(before, name) for name in names}
    return {name: _plain(value) for name, value in said.items() if value != getattr(_USUAL, name)}


def _plain(value: object) -> object:
    """A value of a plan as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): float(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return list(map(str, value))
    return str(value) if isinstance(value, StrEnum) else value


def written(  # noqa: PLR0913 - the fields of the page
    slug: str,
    title: Mapping[str, str],
    *,
    per_agent: int,
    always: Iterable[str],
    extra_below: int,
    every_days: int,
    second_ratio: float,
    design: str = Design.PER_AGENT,
    of_design: Mapping[str, Any] | None = None,
) -> bytes:
    """A plan as its file would be, made on a page.

    Args:
        slug: Its name.
        title: ``{zh, en}``.
        per_agent: See ``Plan``, as the others.
        always: Codes of reasons.
        extra_below: See ``Plan``.
        every_days: See ``Plan``.
        second_ratio: See ``Plan``.
        design: How the rest is drawn.
        of_design: What else is said of the design.
    """
    front = {
        "kind": MATERIAL,
        "slug": slug,
        "title": dict(title),
        "per_agent": per_agent,
        "always": list(always),
        "extra_below": extra_below,
        _ADVANCED: {
            "every_days": every_days,
            "second_ratio": second_ratio,
            **({} if design == Design.PER_AGENT else {"design": str(design)}),
            **(of_design or {}),
        },
    }
    # JSON is YAML, and quotes what a title may hold.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()]
    return "\n".join(["---", *lines, "---", ""]).encode()
