"""What a person has shown, row by row, as a record prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import aliased

from cstrain.core.catalogue import active
from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.catalogue.kinds import EvidenceKind
from cstrain.core.evidence import ledger
from cstrain.core.evidence.models import Evidence
from cstrain.core.evidence.outcome import EvidenceView
from cstrain.core.pathway.words import title_of
from cstrain.core.people.models import Identity, Team
from cstrain.core.review.blind import is_hidden_from
from cstrain.kit.db import db
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of evidence.

    Attributes:
        activity: Its slug, or that of a signature.
        enrolment_id: To which it belongs; None for what was imported without one.
        account: What it came to, safe HTML.
        url: The attempt it stems from; None where there is none to look at.
        by_name: Who signed, settled or imported it; empty for the person's own doing.
        is_superseded: Whether a later row has corrected it.
        is_hidden: Whether the viewer still marks the same blind: no score and no words of it.
    """

    title: str
    activity: str
    enrolment_id: int | None
    source_kind: str
    score: float | None
    account: Markup
    url: str | None
    by_name: str
    is_superseded: bool
    at: datetime
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """A page of evidence, the newest first, as ``ui.pagination`` wants it."""

    rows: Sequence[Shown]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(-(-self.total // PAGE_SIZE), 1)


def evidence_page(
    person_id: int, team_ids: Sequence[int] | None, page: int, *, me: int
) -> EvidencePage:
    """A page of evidence, one statement.

    Corrected rows are there too; what only waited for its mark is not, once it has one.

    Args:
        person_id: Whose.
        team_ids: The teams whose part is shown; None for all.
        page: From 1; the first where there is no such page.
        me: Who looks: what one still marks blind does not tell its marks.
    """
    is_hidden = is_hidden_from(me, Evidence.kind, Evidence.source_id)
    later, actor = aliased(Evidence), aliased(Identity)
    query = (
        select(
            Evidence,
            later.id.label("later_id"),
            actor.name.label("by_name"),
            Team.slug,
            is_hidden.label("is_hidden"),
            func.count().over().label("total"),
        )
        .outerjoin(later, later.supersedes_id == Evidence.id)
        .outerjoin(actor, actor.person_id == Evidence.by_person_id)
        .join(Team, Team.id == Evidence.team_id)
        .where(
            Evidence.person_id == person_id,
            or_(Evidence.score.is_not(None), later.id.is_(None)),
            # A red line is a row of its own, which would tell by being there.
            or_(~is_hidden, Evidence.activity.not_like("flag:%")),
        )
        .order_by(Evidence.at.desc(), Evidence.id.desc())
        .limit(PAGE_SIZE)
    )
    if team_ids is not None:
        query = query.where(Evidence.team_id.in_(team_ids))
    rows = db.session.execute(query.offset((page - 1) * PAGE_SIZE)).all()
    if not rows and page > 1:
        page = 1
        rows = db.session.execute(query).all()
    shown = [_shown(row) for row in rows]
    return EvidencePage(shown, page, rows[0].total if rows else 0)


def _shown(row: Row[*tuple[Any, ...]]) -> Shown:
    view = ledger.view(row.Evidence)
    catalogue = active.for_team(row.slug)
    kind = active.active().registry.source_of(view.kind)
    if row.is_hidden:
        return _hidden(row, view, catalogue)
    return Shown(
        title=_title(view, catalogue),
        activity=view.activity,
        enrolment_id=row.Evidence.enrolment_id,
        source_kind=view.source_kind,
        score=view.outcome.score,
        account=_account(view, kind),
        url=kind.evidence_url(view) if kind else None,
        by_name=(row.by_name or "") if view.by_person_id != view.person_id else "",
        is_superseded=row.later_id is not None,
        at=view.at,
    )


def _hidden(row: Row[*tuple[Any, ...]], view: EvidenceView, catalogue: Catalogue) -> Shown:
    """That there is something, and why nothing is told of it."""
    return Shown(
        title=_title(view, catalogue),
        activity=view.activity,
        enrolment_id=row.Evidence.enrolment_id,
        source_kind=view.source_kind,
        score=None,
        account=escape(_("同一条还有一份等你单独评，评完再看。")),
        url=None,
        by_name="",
        is_superseded=False,
        at=view.at,
        is_hidden=True,
    )


def _title(view: EvidenceView, catalogue: Catalogue) -> str:
    if view.activity.startswith("sign-off:"):
        return _("签字")
    return title_of(view.activity, catalogue)


def _account(view: EvidenceView, kind: EvidenceKind | None) -> Markup:
    """The kind's own words; the stored summary when the kind is gone."""
    return kind.render_evidence(view) if kind else escape(pick(view.outcome.summary))
