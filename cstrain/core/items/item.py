"""The question as a value: kinds, uses and the parts of each kind."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cstrain.kit.i18n import gettext as _

MAX_LEVEL = 3
MAX_POINTS = 20


class Kind(StrEnum):
    """How a question is asked and answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUEFALSE = "truefalse"
    NUMERIC = "numeric"
    BLANKS = "blanks"
    ORDER = "order"
    MATCH = "match"
    SPOT = "spot"

    @classmethod
    def named(cls, name: str) -> "Kind | None":
        """Give the kind with this Chinese or English name, None when there is none."""
        plain = name.strip().lower()
        return _KINDS.get(plain) or _KINDS.get(plain.removesuffix("题"))


class Use(StrEnum):
    """Whether exams, practice or both may draw an item."""

    PRACTICE = "practice"
    EXAM = "exam"
    BOTH = "both"

    @classmethod
    def named(cls, name: str) -> "Use | None":
        """Give the use with this Chinese or English name, None when there is none."""
        return _USES.get(name.strip().lower())

    def allows(self, wanted: "Use") -> bool:
        """Tell whether an item of this use may be drawn for practice or for an exam."""
        return self is wanted or Use.BOTH in {self, wanted}


KIND_NAMES: dict[Kind, str] = {
    Kind.SINGLE: "单选",
    Kind.MULTIPLE: "多选",
    Kind.TRUEFALSE: "判断",
    Kind.NUMERIC: "数值",
    Kind.BLANKS: "填空",
    Kind.ORDER: "排序",
    Kind.MATCH: "配对",
    Kind.SPOT: "找错",
}
USE_NAMES: dict[Use, str] = {Use.PRACTICE: "练习", Use.EXAM: "考试", Use.BOTH: "都可"}
_KINDS = {name: kind for kind, chinese in KIND_NAMES.items() for name in (chinese, kind.value)}
_USES = {name: use for use, chinese in USE_NAMES.items() for name in (chinese, use.value)}


def kind_label(kind: Kind) -> str:
    """Give the name of a kind in the reader's language."""
    labels = {
        Kind.SINGLE: _("单选题"),
        Kind.MULTIPLE: _("多选题"),
        Kind.TRUEFALSE: _("判断题"),
        Kind.NUMERIC: _("数值题"),
        Kind.BLANKS: _("填空题"),
        Kind.ORDER: _("排序题"),
        Kind.MATCH: _("配对题"),
        Kind.SPOT: _("找错题"),
    }
    return labels[kind]


@dataclass(frozen=True, slots=True)
class Choice:
    """One reply to choose; the two of a true/false question are 对 and 错."""

    text: str
    is_right: bool
    feedback_md: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chat in which mistakes are to be found; only the agent's can be faulty."""

    text: str
    is_agent: bool
    is_faulty: bool = False
    feedback_md: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A left side and the right side that belongs to it; several may share one right side."""

    left: str
    right: str
    feedback_md: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """One gap of the stem and every way of filling it that counts."""

    accepted: tuple[str, ...]
    feedback_md: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sequence, which is kept in its right order."""

    text: str
    feedback_md: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """The right number: within ``tolerance`` of ``value``, both ends included."""

    value: Decimal
    tolerance: Decimal = Decimal(0)
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a number of the text may take, ends included; figures as written."""

    name: str
    first: str
    last: str
    step: str = "1"


@dataclass(frozen=True, slots=True)
class Item:
    """A checked question with its key.

    ``stem_md`` and the texts of the parts are Markdown. In the stem of a blanks question each gap
    is written ``⟦1⟧``, ``⟦2⟧`` … (see ``stem.py``). ``is_prompt`` marks a 启发 block: it is never
    graded. ``section`` is the section or subsection it tests. ``decoys`` are right sides of a
    match question that belong to nothing. ``ranges`` and ``formula`` are those of a numeric
    question whose numbers are drawn (``drawn.py``): its texts then hold ``{…}``, and the value of
    its number is that of no draw. ``shown_count`` is how many of the replies one attempt shows, the
    right one among them; 0 for all. ``line`` is where the block begins in its file.
    """

    id: str
    kind: Kind
    stem_md: str
    explanation_md: str
    level: int = 1
    points: int = 1
    use: Use = Use.PRACTICE
    section: str | None = None
    is_prompt: bool = False
    choices: tuple[Choice, ...] = ()
    lines: tuple[Line, ...] = ()
    pairs: tuple[Pair, ...] = ()
    decoys: tuple[str, ...] = ()
    blanks: tuple[Blank, ...] = ()
    steps: tuple[Step, ...] = ()
    number: Number | None = None
    ranges: tuple[Range, ...] = ()
    formula: str = ""
    shown_count: int = 0
    line: int = 0

    @property
    def rights(self) -> tuple[str, ...]:
        """The right sides of a match question, each once, in the order written."""
        return tuple(dict.fromkeys([*(pair.right for pair in self.pairs), *self.decoys]))
