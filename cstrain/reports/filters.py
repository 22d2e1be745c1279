"""What a board shows, as its address says it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

#: States of the board beside "all": on the way, retraining, waiting for a trainer, certified,
#: certificate ends within seven days.
STATES = ("open", "repeat", "waiting", "completed", "due")
#: Orders of the board: by employee number, by how long nothing has moved, by how far, by expiry.
SORTS = ("number", "since", "stage", "expiry")
_TEXT_LENGTH = 60


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which people a board shows; an empty text means all.

    Attributes:
        team: A team's slug.
        batch: The batch people came in with.
        stage: The slug of the stage they are in now.
        state: One of ``STATES``.
        stuck: Only those who do not get on.
        q: Part of a name or an employee number.
        sort: One of ``SORTS``.
        page: From 1.
    """

    team: str = ""
    batch: str = ""
    stage: str = ""
    state: str = ""
    stuck: bool = False
    q: str = ""
    sort: str = "number"
    page: int = 1

    @classmethod
    def read(cls, values: Mapping[str, str]) -> BoardFilter:
        """Read an address; what cannot be is left out."""
        page = values.get("page", "")
        state, sort = values.get("state", ""), values.get("sort", "")
        return cls(
            team=values.get("team", "")[:_TEXT_LENGTH],
            batch=values.get("batch", "")[:_TEXT_LENGTH],
            stage=values.get("stage", "")[:_TEXT_LENGTH],
            state=state if state in STATES else "",
            stuck=values.get("stuck") == "1",
            q=" ".join(values.get("q", "").replace("\0", "").split())[:_TEXT_LENGTH],
            sort=sort if sort in SORTS else "number",
            page=max(int(page), 1) if page.isdecimal() and len(page) <= 6 else 1,  # noqa: PLR2004 - as many as anybody has
        )

    def args(self, **changes: Any) -> dict[str, Any]:
        """The address with some fields changed, from its first page; defaults are left out."""
        changed = replace(self, **{"page": 1, **changes})
        plain = BoardFilter()
        return {
            name: int(value) if isinstance(value, bool) else value
            for name, value in asdict(changed).items()
            if value != getattr(plain, name)
        }

    @property
    def is_narrow(self) -> bool:
        """Whether anything but order and page is chosen."""
        return bool(self.args(sort="number"))
