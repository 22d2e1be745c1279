"""Marked chats: what a review is about that is no attempt, and appeals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.alter_column("evidence_id", existing_type=number, nullable=True)
    op.create_table(
        "chat_review",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("conversation_id", number, nullable=False),
        sa.Column("account_id", number, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.Column("is_drawn", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", number, nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_chat_review_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_chat_review_person_id_person")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_chat_review_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_review")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_chat_review_conversation_id")),
    )
    with op.batch_alter_table("chat_review", schema=None) as batch_op:
        batch_op.create_index("ix_chat_review_person", ["person_id", "id"], unique=False)
    op.create_table(
        "chat_appeal",
        sa.Column("id", number, nullable=False),
        sa.Column("chat_review_id", number, nullable=False),
        sa.Column("review_id", number, nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("correction_id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_review_id"],
            ["chat_review.id"],
            name=op.f("fk_chat_appeal_chat_review_id_chat_review"),
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["review.id"], name=op.f("fk_chat_appeal_correction_id_review")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_chat_appeal_review_id_review")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_appeal")),
        sa.UniqueConstraint(
            "chat_review_id", "criterion", name=op.f("uq_chat_appeal_chat_review_id_criterion")
        ),
    )
    with op.batch_alter_table("chat_appeal", schema=None) as batch_op:
        batch_op.create_index("ix_chat_appeal_correction", ["correction_id"], unique=False)


def downgrade() -> None:
    op.drop_table("chat_appeal")
    op.drop_table("chat_review")
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.alter_column("evidence_id", existing_type=number, nullable=False)
