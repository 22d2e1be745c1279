"""Moves of people within a stage to a new version of their pathway."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "version_move",
        sa.Column("id", number, nullable=False),
        sa.Column("enrolment_id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("cycle", number, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("from_digest", sa.Text(), nullable=False),
        sa.Column("to_digest", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_person_id", number, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_version_move_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_version_move_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_version_move_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_move")),
    )
    with op.batch_alter_table("version_move", schema=None) as batch_op:
        batch_op.create_index("ix_version_move_enrolment", ["enrolment_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("version_move", schema=None) as batch_op:
        batch_op.drop_index("ix_version_move_enrolment")

    op.drop_table("version_move")
