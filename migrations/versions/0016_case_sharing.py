"""What people tell for cases, and sharing sessions on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "case_tip",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by_person_id", number, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_case_tip_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_case_tip_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tip")),
    )
    op.create_index("ix_case_tip_team", "case_tip", ["team_id", "state", "id"], unique=False)
    op.create_table(
        "sharing_session",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", number, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_sharing_session_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_sharing_session_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_session")),
    )
    op.create_index(
        "ix_sharing_session_team", "sharing_session", ["team_id", "starts_at"], unique=False
    )
    op.create_table(
        "shared_case",
        sa.Column("id", number, nullable=False),
        sa.Column("session_id", number, nullable=False),
        sa.Column("case_id", number, nullable=False),
        sa.Column("ordinal", number, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["typical_case.id"], name=op.f("fk_shared_case_case_id_typical_case")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sharing_session.id"],
            name=op.f("fk_shared_case_session_id_sharing_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_case")),
        sa.UniqueConstraint(
            "session_id", "case_id", name=op.f("uq_shared_case_session_id_case_id")
        ),
    )
    op.create_table(
        "sharing_attendance",
        sa.Column("id", number, nullable=False),
        sa.Column("session_id", number, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sharing_attendance_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sharing_session.id"],
            name=op.f("fk_sharing_attendance_session_id_sharing_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_attendance")),
        sa.UniqueConstraint(
            "session_id", "person_id", name=op.f("uq_sharing_attendance_session_id_person_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("sharing_attendance")
    op.drop_table("shared_case")
    op.drop_table("sharing_session")
    op.drop_table("case_tip")
