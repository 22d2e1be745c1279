"""How long chats are kept, and which must stay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("chat_conversation", sa.Column("erased_by", sa.Integer(), nullable=True))
    op.create_table(
        "chat_retention",
        sa.Column("team_id", number, nullable=False),
        sa.Column("text_days", sa.Integer(), nullable=False),
        sa.Column("by_person_id", number, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_chat_retention_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_chat_retention_team_id_team")
        ),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_chat_retention")),
    )
    op.create_table(
        "chat_hold",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("conversation_id", number, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_person_id", number, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by_person_id", number, nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_chat_hold_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["released_by_person_id"],
            ["person.id"],
            name=op.f("fk_chat_hold_released_by_person_id_person"),
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_chat_hold_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_hold")),
    )
    op.create_index("ix_chat_hold_team", "chat_hold", ["team_id", "at"], unique=False)
    op.create_index(
        "uq_chat_hold_open",
        "chat_hold",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("chat_hold")
    op.drop_table("chat_retention")
    op.drop_column("chat_conversation", "erased_by")
