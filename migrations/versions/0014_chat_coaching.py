"""Coaching after a marked chat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "chat_coaching",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.Column("review_id", number, nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_person_id", number, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_chat_coaching_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_chat_coaching_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_chat_coaching_review_id_review")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_chat_coaching_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_coaching")),
    )
    op.create_index("ix_chat_coaching_team", "chat_coaching", ["team_id", "id"], unique=False)
    op.create_index("ix_chat_coaching_person", "chat_coaching", ["person_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("chat_coaching")
