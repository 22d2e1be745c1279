"""Tables of draws, and of the chats that people are marked on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cstrain.kit.db import Id, Model


class SamplingActivation(Model):
    """A version of a plan put in force in a team, with the secret that its seeds are made of."""

    __tablename__ = "sampling_activation"
    __table_args__ = (
        Index(
            "uq_sampling_activation_current",
            "team_id",
            "slug",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    slug: Mapped[str]
    #: The version of the plan's file.
    plan_digest: Mapped[str]
    secret: Mapped[bytes]
    #: SHA-256 of the secret, shown from the beginning.
    commitment: Mapped[str]
    #: The first local day that is drawn from; windows are counted from it.
    first_on: Mapped[date]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    activated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SampleDraw(Model):
    """A plan carried out on the conversations of a window. Never changed but for its state."""

    __tablename__ = "sample_draw"
    __table_args__ = (
        UniqueConstraint("activation_id", "first_on", "number"),
        Index(
            "uq_sample_draw_in_force",
            "activation_id",
            "first_on",
            unique=True,
            sqlite_where=text("state = 'in_force'"),
            postgresql_where=text("state = 'in_force'"),
        ),
        Index("ix_sample_draw_team", "team_id", "first_on"),
    )

    id: Mapped[Id]
    activation_id: Mapped[int] = mapped_column(ForeignKey("sampling_activation.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: The window, local days, both included.
    first_on: Mapped[date]
    last_on: Mapped[date]
    #: From 1 within the window; more only after drawing again.
    number: Mapped[int] = mapped_column(Integer)
    #: in_force or replaced. A replaced one stays.
    state: Mapped[str] = mapped_column(default="in_force")
    #: Why it was drawn again; empty for the first.
    reason: Mapped[str] = mapped_column(default="")
    seed: Mapped[str]
    #: Version of the rules, ``sampling.RULES``.
    rules: Mapped[int] = mapped_column(Integer)
    #: What was taken over from the window before; see ``sampling.State``.
    carried: Mapped[float | None]
    inspection: Mapped[str]
    #: For the window after.
    left_over: Mapped[float | None]
    frame_count: Mapped[int] = mapped_column(Integer)
    #: Chats of each agent in the frame, by ``framing``'s key of the agent.
    agent_counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    frame_digest: Mapped[str]
    #: The packed frame, by which the draw can be repeated when its conversations are erased.
    frame: Mapped[bytes] = mapped_column(deferred=True)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class SampledChat(Model):
    """A conversation that a draw took."""

    __tablename__ = "sampled_chat"
    __table_args__ = (
        UniqueConstraint("draw_id", "conversation_id"),
        Index("ix_sampled_chat_conversation", "conversation_id"),
    )

    id: Mapped[Id]
    draw_id: Mapped[int] = mapped_column(ForeignKey("sample_draw.id"))
    #: No foreign key: the conversation may be erased when its time is over.
    conversation_id: Mapped[int]
    stratum: Mapped[str]
    probability: Mapped[float]
    #: Codes of ``risk.Reason`` by blanks.
    reasons: Mapped[str]


class ChatReview(Model):
    """A chat that somebody of the team is marked on: what a review in the queue is about."""

    __tablename__ = "chat_review"
    __table_args__ = (
        UniqueConstraint("conversation_id"),
        Index("ix_chat_review_person", "person_id", "id"),
        Index("ix_chat_review_team", "team_id", "id"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: No foreign key: the conversation may be erased when its time is over.
    conversation_id: Mapped[int]
    #: The account that is marked, and who was behind it then.
    account_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: Whether chance took it; what a trainer chose counts for no mean and no estimate.
    is_drawn: Mapped[bool]
    #: Why it was looked at, codes of ``risk.Reason`` by blanks.
    reasons: Mapped[str]
    #: When the chat took place.
    at: Mapped[datetime]
    opened_at: Mapped[datetime]
    #: Who chose it; None for what was drawn.
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    #: When the person had read the marks, and what the person said to them.
    acknowledged_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(default="")


class ChatAppeal(Model):
    """Somebody does not agree with a mark. Another trainer decides, in a correction."""

    __tablename__ = "chat_appeal"
    __table_args__ = (
        UniqueConstraint("chat_review_id", "criterion"),
        Index("ix_chat_appeal_correction", "correction_id"),
    )

    id: Mapped[Id]
    chat_review_id: Mapped[int] = mapped_column(ForeignKey("chat_review.id"))
    #: The marks that are not agreed with.
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    criterion: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]
    #: The review that decides it; whoever marked before must not be at it.
    correction_id: Mapped[int] = mapped_column(ForeignKey("review.id"))


class ChatCoaching(Model):
    """What a trainer went through with somebody after a chat.

    Nobody ticks it off: chats drawn later show whether it has helped.
    """

    __tablename__ = "chat_coaching"
    __table_args__ = (
        Index("ix_chat_coaching_team", "team_id", "id"),
        Index("ix_chat_coaching_person", "person_id", "id"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: The marks it came from, and the item.
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    criterion: Mapped[str]
    #: What was agreed.
    text: Mapped[str]
    by_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
