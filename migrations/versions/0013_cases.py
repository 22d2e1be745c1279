"""Cases, the rule by which they go out to be read, and how long a page was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("least_s", number, nullable=False, server_default="0"))
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.alter_column("least_s", server_default=None)
    with op.batch_alter_table("notice_reading", schema=None) as batch_op:
        batch_op.add_column(sa.Column("read_s", number, nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("notice_reading", schema=None) as batch_op:
        batch_op.alter_column("read_s", server_default=None)
    op.create_table(
        "typical_case",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("is_good", sa.Boolean(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("happened", sa.Text(), nullable=False),
        sa.Column("better", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("options", json, nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", number, nullable=True),
        sa.Column("by_person_id", number, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice_id", number, nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_typical_case_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_typical_case_notice_id_notice")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_typical_case_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_typical_case")),
    )
    op.create_index("ix_typical_case_team", "typical_case", ["team_id", "id"], unique=False)
    op.create_index("ix_typical_case_notice", "typical_case", ["notice_id"], unique=False)
    op.create_table(
        "case_rule",
        sa.Column("team_id", number, nullable=False),
        sa.Column("every_days", number, nullable=False),
        sa.Column("read_days", number, nullable=False),
        sa.Column("by_person_id", number, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_case_rule_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_case_rule_team_id_team")),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_case_rule")),
    )


def downgrade() -> None:
    op.drop_table("case_rule")
    op.drop_table("typical_case")
    with op.batch_alter_table("notice_reading", schema=None) as batch_op:
        batch_op.drop_column("beat_at")
        batch_op.drop_column("read_s")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_column("least_s")
