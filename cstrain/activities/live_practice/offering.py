"""The single customers with whom a trainee can practise, as the page before offers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cstrain.activities.live_practice.queries import Met
from cstrain.activities.live_practice.scenario import TOPICS, Scenario
from cstrain.kit.i18n import gettext as _

#: From which patience at the start, of 100, a customer is called so.
PATIENT: Final = 70
HARDLY_PATIENT: Final = 55


@dataclass(frozen=True, slots=True)
class Offered:
    """A scenario that can be practised, and how it went so far.

    Attributes:
        opening: What the customer says first; title and topics would tell what it is about.
        patience: How patient the customer is, in words.
        met: None for one that the trainee has not served to an end.
    """

    scenario: Scenario
    opening: str
    patience: str
    topics: list[Any]
    met: Met | None


def offered(fitting: Sequence[Scenario], met: Mapping[str, Met]) -> list[tuple[int, list[Offered]]]:
    """The scenarios of each level, the easiest first."""
    levels: dict[int, list[Offered]] = {}
    for each in sorted(fitting, key=lambda each: (each.level, each.track, each.slug)):
        burst = each.states[each.opening].say[0]
        levels.setdefault(each.level, []).append(
            Offered(
                each,
                opening=" ".join(line.text or f"[{line.picture}]" for line in burst),
                patience=_patience(each.customer.patience),
                topics=[TOPICS[code] for code in each.topics],
                met=met.get(each.slug),
            )
        )
    return list(levels.items())


def _patience(patience: int) -> str:
    if patience >= PATIENT:
        return _("有耐心")
    return _("耐心一般") if patience >= HARDLY_PATIENT else _("没什么耐心")
