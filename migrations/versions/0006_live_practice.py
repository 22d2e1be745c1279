"""Live practice: sessions, their pauses, customers and lines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "practice_session",
        sa.Column("attempt_id", number, autoincrement=False, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("revision_id", number, nullable=False),
        sa.Column("settings", json, nullable=False),
        sa.Column("plan", json, nullable=False),
        sa.Column("chosen", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_ms", number, nullable=False),
        sa.Column("engine", number, nullable=False),
        sa.Column("result", json, nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_practice_session_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_practice_session_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_practice_session_team_id_team")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_practice_session")),
    )
    with op.batch_alter_table("practice_session", schema=None) as batch_op:
        batch_op.create_index(
            "ix_practice_session_open",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
    op.create_table(
        "practice_pause",
        sa.Column("id", number, nullable=False),
        sa.Column("attempt_id", number, nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["practice_session.attempt_id"],
            name=op.f("fk_practice_pause_attempt_id_practice_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_pause")),
    )
    with op.batch_alter_table("practice_pause", schema=None) as batch_op:
        batch_op.create_index("ix_practice_pause_attempt", ["attempt_id"], unique=False)
    op.create_table(
        "practice_customer",
        sa.Column("id", number, nullable=False),
        sa.Column("attempt_id", number, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.Column("seat", number, nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("seed", number, nullable=False),
        sa.Column("nick", sa.Text(), nullable=False),
        sa.Column("is_returning", sa.Boolean(), nullable=False),
        sa.Column("arrived_ms", number, nullable=False),
        sa.Column("gone_ms", number, nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("is_good", sa.Boolean(), nullable=True),
        sa.Column("condition", json, nullable=False),
        sa.Column("waiting_since_ms", number, nullable=True),
        sa.Column("last_ms", number, nullable=False),
        sa.Column("next_ms", number, nullable=True),
        sa.Column("actions", json, nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["practice_session.attempt_id"],
            name=op.f("fk_practice_customer_attempt_id_practice_session"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_practice_customer_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_customer")),
        sa.UniqueConstraint(
            "attempt_id", "seat", name=op.f("uq_practice_customer_attempt_id_seat")
        ),
    )
    with op.batch_alter_table("practice_customer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_practice_customer_person", ["person_id", "scenario"], unique=False
        )
    op.create_table(
        "practice_line",
        sa.Column("id", number, nullable=False),
        sa.Column("attempt_id", number, nullable=False),
        sa.Column("customer_id", number, nullable=False),
        sa.Column("at_ms", number, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("mark", json, nullable=True),
        sa.Column("origin", json, nullable=True),
        sa.CheckConstraint(
            "role IN ('buyer','agent','auto','system')", name=op.f("ck_practice_line_role")
        ),
        sa.CheckConstraint(
            "kind IN ('text','picture','card','action')", name=op.f("ck_practice_line_kind")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["practice_session.attempt_id"],
            name=op.f("fk_practice_line_attempt_id_practice_session"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["practice_customer.id"],
            name=op.f("fk_practice_line_customer_id_practice_customer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_line")),
        sa.UniqueConstraint("attempt_id", "key", name=op.f("uq_practice_line_attempt_id_key")),
    )
    with op.batch_alter_table("practice_line", schema=None) as batch_op:
        batch_op.create_index("ix_practice_line_attempt", ["attempt_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("practice_line")
    op.drop_table("practice_customer")
    op.drop_table("practice_pause")
    op.drop_table("practice_session")
