"""What colleagues have seen and customers have written: told by a short form, settled by staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, select, update

from cstrain.core.people.models import Identity
from cstrain.desk.cases.models import CaseTip
from cstrain.kit.db import db
from cstrain.kit.i18n import lazy as _


class TipKind(StrEnum):
    """Where it comes from."""

    OBSERVATION = "observation"
    REVIEW = "review"


KINDS: Final[Mapping[str, str]] = {
    TipKind.OBSERVATION: _("我看到的"),
    TipKind.REVIEW: _("顾客的评价"),
}
NEW, USED, PUT_BY = "new", "used", "put_by"
_LISTED_MOST: Final = 100


def tell(  # noqa: PLR0913 - what somebody tells
    team_id: int, kind: TipKind, said: str, product: str, *, by: int, now: datetime
) -> int:
    """Keep what somebody tells; gives its id."""
    row = CaseTip(
        team_id=team_id,
        kind=kind.value,
        text=said,
        product=product,
        by_person_id=by,
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def settle(tip_id: int, state: str) -> None:
    """Say what became of a tip: used, put_by, or new again."""
    db.session.execute(update(CaseTip).where(CaseTip.id == tip_id).values(state=state))


def waiting(team_ids: Sequence[int], *, state: str = NEW) -> Sequence[Row[*tuple[Any, ...]]]:
    """The tips of teams in a state, oldest first, with who told them. One statement."""
    return db.session.execute(
        select(
            CaseTip.id,
            CaseTip.team_id,
            CaseTip.kind,
            CaseTip.text,
            CaseTip.product,
            CaseTip.at,
            Identity.name.label("by_name"),
        )
        .outerjoin(Identity, Identity.person_id == CaseTip.by_person_id)
        .where(CaseTip.team_id.in_(team_ids), CaseTip.state == state)
        .order_by(CaseTip.id)
        .limit(_LISTED_MOST)
    ).all()


def own(person_id: int) -> Sequence[CaseTip]:
    """What somebody has told lately, newest first."""
    return db.session.scalars(
        select(CaseTip)
        .where(CaseTip.by_person_id == person_id)
        .order_by(CaseTip.id.desc())
        .limit(10)
    ).all()
