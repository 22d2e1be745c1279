"""Reads about draws."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import InstrumentedAttribute, undefer

from cstrain.core.catalogue.models import ContentBlob
from cstrain.core.catalogue.sources import File, digest_of, open_source
from cstrain.desk.figures.kpi import Ratio
from cstrain.desk.quality.frame import notes_of
from cstrain.desk.quality.iso2859 import Inspection
from cstrain.desk.quality.models import SampledChat, SampleDraw, SamplingActivation
from cstrain.desk.quality.plan import Plan, Window, draw_name
from cstrain.desk.quality.plan_file import load
from cstrain.desk.quality.risk import Reason
from cstrain.desk.quality.sampling import Difference, Drawn, Record, State, verify
from cstrain.kit.db import db
from cstrain.kit.errors import NotFoundError
from cstrain.kit.i18n import gettext as _

_known: dict[str, Plan] = {}


def plan_of(digest: str) -> Plan:
    """The plan of a digest, as it was when it was put in force.

    Raises:
        NotFoundError: If the blob is missing, which a restored database could cause.
    """
    if digest not in _known:
        _known[digest] = _kept_plan(digest)
    return _known[digest]


def _kept_plan(digest: str) -> Plan:
    """The plan that is kept under a digest, with the digest that it really has.

    Raises:
        NotFoundError: If there is none.
    """
    body = db.session.scalar(select(ContentBlob.body).where(ContentBlob.digest == digest))
    if body is None:
        raise NotFoundError(_("找不到当时的抽样方案。"))
    return load(open_source("quality/kept.md", File(digest_of(body), body), {}))


def carried_into(
    activation_id: int, first_on: date, *, before_id: int | None = None
) -> float | None:
    """What the window before left over; None for the first, and where nothing is left over.

    Args:
        activation_id: The plan in force.
        first_on: Where the window begins.
        before_id: Only draws before this one, to see what there was when it was made.
    """
    statement = (
        select(SampleDraw.left_over)
        .where(SampleDraw.activation_id == activation_id, SampleDraw.first_on < first_on)
        .order_by(SampleDraw.first_on.desc(), SampleDraw.number.desc())
        .limit(1)
    )
    if before_id is not None:
        statement = statement.where(SampleDraw.id < before_id)
    return db.session.scalar(statement)


def frame_of_below(conversation_id: InstrumentedAttribute[int]) -> ScalarSelect[bytes]:
    """For statements: the newest frame out of which an agent below average had a chat taken."""
    return (
        select(SampleDraw.frame)
        .join(SampledChat, SampledChat.draw_id == SampleDraw.id)
        .where(
            SampledChat.conversation_id == conversation_id,
            SampledChat.reasons.contains(Reason.BELOW_AVERAGE),
        )
        .order_by(SampleDraw.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def standing_in(frame: bytes, person_id: int) -> tuple[Ratio, Ratio] | None:
    """How many who asked somebody and the others had answered, as a frame notes it.

    None where nothing is kept of it.
    """
    found = notes_of(frame).get("standings", {}).get(f"p{person_id}")
    return None if found is None else (Ratio(*found["own"]), Ratio(*found["others"]))


def record_of(draw_id: int) -> tuple[Record, Plan]:
    """All that is kept of a draw, and its plan.

    Raises:
        NotFoundError: If there is no such draw.
    """
    found = db.session.get(SampleDraw, draw_id, options=[undefer(SampleDraw.frame)])
    if found is None:
        raise NotFoundError(_("没有第 %(n)s 次抽样。", n=draw_id))
    active = db.session.get_one(SamplingActivation, found.activation_id)
    window = Window(found.first_on, found.last_on)
    record = Record(
        frame=found.frame,
        frame_digest=found.frame_digest,
        plan_digest=active.plan_digest,
        secret=active.secret,
        commitment=active.commitment,
        window=window.name,
        seed=found.seed,
        name=draw_name(active.slug, window, found.number),
        state=State(found.carried, Inspection(found.inspection)),
        drawn=[
            Drawn(*row)
            for row in db.session.execute(
                select(
                    SampledChat.conversation_id,
                    SampledChat.probability,
                    SampledChat.stratum,
                    SampledChat.reasons,
                ).where(SampledChat.draw_id == draw_id)
            )
        ],
        left_over=found.left_over,
    )
    return record, _kept_plan(active.plan_digest)


def verified(draw_id: int) -> tuple[Difference, ...]:
    """Do a draw again from what is kept; gives what does not fit.

    Raises:
        NotFoundError: If there is no such draw, or its plan is missing.
    """
    found = verify(*record_of(draw_id))
    draw = db.session.get_one(SampleDraw, draw_id)
    carried = carried_into(draw.activation_id, draw.first_on, before_id=draw_id)
    return found if draw.carried == carried else (*found, Difference.CARRIED)
