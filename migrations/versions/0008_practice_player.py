"""Live practice: the trainer who plays the customer of a session."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "practice_player",
        sa.Column("attempt_id", number, autoincrement=False, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["practice_session.attempt_id"],
            name=op.f("fk_practice_player_attempt_id_practice_session"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_practice_player_person_id_person")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_practice_player")),
    )
    with op.batch_alter_table("practice_player", schema=None) as batch_op:
        batch_op.create_index("ix_practice_player_person", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("practice_player")
