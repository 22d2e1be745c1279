"""A practice session as content: from front matter to a checked plan of who may come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cstrain.kit.errors import ContentError, ContentProblem
from cstrain.kit.i18n import gettext as _
from cstrain.plugin import Source

MAX_CUSTOMERS: Final = 40
MAX_AT_ONCE: Final = 8
MAX_MINUTES: Final = 120
LEVELS: Final = (1, 2, 3)
TRACKS: Final = ("presales", "aftersales", "orders")
DEFAULT_RUBRIC: Final = "live-practice"
#: What a customer takes where nothing tells.
MINUTES_A_CUSTOMER: Final = 5.0

_KEYS: Final = frozenset(
    {
        *("kind", "slug", "title", "use", "tracks", "topics", "levels", "scenarios", "customers"),
        *("minutes", "hints", "pausing", "rubric", "auto_reply", "forbidden", "attempts"),
        "customer",
    }
)
#: What has no meaning where a person plays the customer.
_OF_THE_MACHINE: Final = (
    *("customers", "tracks", "topics", "levels", "scenarios", "hints", "pausing", "auto_reply"),
    *("minutes", "attempts"),
)
_DIGITS = re.compile(r"\d+")


class Use(StrEnum):
    """Whether a session is for learning or counts."""

    PRACTICE = "practice"
    EXAM = "exam"


class Forbidden(StrEnum):
    """What happens to a line with forbidden words before it goes out."""

    WARN = "warn"
    BLOCK = "block"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class PracticeSpec:
    """A practice session or an assessment.

    Attributes:
        tracks: Whose scenarios come; empty for all.
        topics: Only scenarios with one of these; empty for all.
        levels: Allowed levels.
        scenarios: Exactly these may come; empty for a draw by track, topic and level.
        count: How many customers come.
        at_once: How many are open at the same time, at most.
        minutes: The time limit; None without one.
        rubric: By which a trainer marks.
        attempts: How many attempts there are where no gate says so.
        intro_md: What people read before they begin.
        path: The file.
        lines: Line by key of the front matter.
        is_played: A trainer plays the customer; nobody begins it alone.
    """

    slug: str
    title: Mapping[str, str]
    use: Use
    tracks: tuple[str, ...]
    topics: tuple[str, ...]
    levels: tuple[int, ...]
    scenarios: tuple[str, ...]
    count: int
    at_once: int
    minutes: int | None
    has_hints: bool
    may_pause: bool
    rubric: str
    auto_reply: bool
    forbidden: Forbidden
    attempts: int | None
    intro_md: str
    path: str
    lines: Mapping[str, int]
    is_played: bool = False

    @property
    def is_exam(self) -> bool:
        """Whether attempts count."""
        return self.use is Use.EXAM

    @property
    def about_minutes(self) -> float:
        """About how long it takes; customers at the same time take less than one by one."""
        return self.minutes or max(self.count * MINUTES_A_CUSTOMER / self.at_once, 5.0)

    def problem(
        self, text: str, key: str = "slug", *, line: int = 0, missing: str = ""
    ) -> ContentProblem:
        """A problem at a key, for checks that need the whole catalogue."""
        return ContentProblem(self.path, line or self.lines.get(key, 1), text, missing)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a session keeps of its file, so that later versions of it change nothing."""

    activity: str
    is_exam: bool
    at_once: int
    has_hints: bool
    may_pause: bool
    auto_reply: bool
    forbidden: Forbidden
    rubric: str
    is_played: bool = False

    @classmethod
    def of(cls, spec: PracticeSpec) -> Settings:
        """The settings of a file."""
        return cls(
            activity=spec.slug,
            is_exam=spec.is_exam,
            at_once=spec.at_once,
            has_hints=spec.has_hints,
            may_pause=spec.may_pause,
            auto_reply=spec.auto_reply,
            forbidden=spec.forbidden,
            rubric=spec.rubric,
            is_played=spec.is_played,
        )

    def to_json(self) -> dict[str, Any]:
        """As kept in a session."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {
            "forbidden": self.forbidden.value
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Settings:
        """As kept in a session."""
        return cls(**{**data, "forbidden": Forbidden(data["forbidden"])})


def load(source: Source) -> PracticeSpec:
    """Read a practice file.

    Raises:
        ContentError: With every problem found.
    """
    return _Reader(source).spec()


class _Reader:
    """Reads one file, collecting problems with their lines."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data: Mapping[str, Any] = source.meta.data
        self.problems: list[ContentProblem] = []

    def complain(self, text: str, *at: str | int) -> None:
        self.problems.append(self.source.problem(text, *at))

    def spec(self) -> PracticeSpec:
        for key in sorted(self.data.keys() - _KEYS):
            self.complain(_("不认识 %(key)s，可以写 %(known)s", key=key, known=_known(_KEYS)), key)
        slug = self.data.get("slug")
        if isinstance(slug, str) and _DIGITS.fullmatch(slug):
            self.complain(_("slug 不能全是数字"), "slug")
        use = self.one_of("use", Use, None)
        is_exam = use is Use.EXAM
        is_played = self.played(is_exam=is_exam)
        scenarios = self.names("scenarios")
        count, at_once = self.customers(len(scenarios))
        minutes = self.whole("minutes", 1, MAX_MINUTES)
        if is_exam and minutes is None:
            self.complain(_("考核要写 minutes，例如 20"), "minutes")
        if not is_exam and minutes is not None:
            self.complain(_("练习不限时，不写 minutes"), "minutes")
        spec = PracticeSpec(
            slug=str(slug),
            title=self.data.get("title") or {},
            use=use,
            tracks=self.names("tracks", TRACKS),
            topics=self.names("topics"),
            levels=self.levels(),
            scenarios=scenarios,
            count=count,
            at_once=at_once,
            minutes=minutes,
            has_hints=self.only_in_practice("hints", is_exam=is_exam) and not is_played,
            may_pause=self.only_in_practice("pausing", is_exam=is_exam) and not is_played,
            rubric=str(self.data.get("rubric", DEFAULT_RUBRIC)),
            auto_reply=self.flag("auto_reply", default=True) and not is_played,
            forbidden=self.one_of("forbidden", Forbidden, Forbidden.WARN),
            attempts=self.whole("attempts", 1, 100),
            intro_md=self.source.body.strip(),
            path=self.source.path,
            lines={key: self.source.meta.line_of(key) for key in _KEYS},
            is_played=is_played,
        )
        if self.problems:
            raise ContentError(self.problems)
        return spec

    def played(self, *, is_exam: bool) -> bool:
        value = self.data.get("customer")
        if value is None:
            return False
        if value != "person":
            self.complain(_("customer 只能写 person：由带教老师扮"), "customer")
        elif is_exam:
            self.complain(_("考核里的顾客不能由人扮"), "customer")
        for key in _OF_THE_MACHINE:
            if key in self.data:
                self.complain(_("顾客由人扮，不写 %(key)s", key=key), key)
        return True

    def one_of(self, key: str, kind: Any, default: Any) -> Any:
        value = self.data.get(key, default)
        if value in {each.value for each in kind}:
            return kind(value)
        known = _known(each.value for each in kind)
        self.complain(_("%(key)s 要写 %(known)s 中的一个", key=key, known=known), key)
        return next(iter(kind))

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.complain(_("%(key)s 要写 true 或 false", key=key), key)
            return default
        return value

    def only_in_practice(self, key: str, *, is_exam: bool) -> bool:
        value = self.flag(key, default=not is_exam)
        if is_exam and value:
            self.complain(_("考核里没有 %(key)s", key=key), key)
        return value and not is_exam

    def whole(self, key: str, least: int, most: int) -> int | None:
        value = self.data.get(key)
        if value is None or _is_whole(value, least, most):
            return value
        text = _("%(key)s 要写 %(least)s 到 %(most)s 的整数", key=key, least=least, most=most)
        self.complain(text, key)
        return None

    def names(self, key: str, known: Iterable[str] = ()) -> tuple[str, ...]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.complain(_("%(key)s 要写成列表，例如 [a, b]", key=key), key)
            return ()
        if len(set(value)) < len(value):
            self.complain(_("%(key)s 里有一个写了两次", key=key), key)
        strange = [each for each in value if known and each not in known]
        if strange:
            text = _("不认识 %(key)s，可以写 %(known)s", key=strange[0], known=_known(known))
            self.complain(text, key)
        return tuple(dict.fromkeys(value))

    def levels(self) -> tuple[int, ...]:
        value = self.data.get("levels", list(LEVELS))
        if (
            not isinstance(value, list)
            or not value
            or not all(_is_whole(each, LEVELS[0], LEVELS[-1]) for each in value)
        ):
            self.complain(_("levels 要列出难度 1、2、3 中的几个"), "levels")
            return LEVELS
        return tuple(sorted(set(value)))

    def customers(self, named_count: int) -> tuple[int, int]:
        value = self.data.get("customers", {})
        if not isinstance(value, dict) or not value.keys() <= {"count", "at_once"}:
            self.complain(_("customers 要写成 {count: 6, at_once: 3}"), "customers")
            return 1, 1
        count = value.get("count", named_count or 1)
        at_once = value.get("at_once", 1)
        if not _is_whole(count, 1, MAX_CUSTOMERS):
            self.complain(_("count 要写来几位顾客，最多 %(n)s", n=MAX_CUSTOMERS), "customers")
            count = 1
        if not _is_whole(at_once, 1, MAX_AT_ONCE):
            self.complain(_("at_once 要写同时接几位，最多 %(n)s", n=MAX_AT_ONCE), "customers")
            at_once = 1
        return count, min(at_once, count)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _known(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
