"""Reviews by rubrics, their marks, and how far a team trusts the rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('open','drafted')")
_DONE = sa.text("state = 'done'")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "review",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", number, nullable=False),
        sa.Column("evidence_id", number, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.Column("enrolment_id", number, nullable=True),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("rubric", sa.Text(), nullable=False),
        sa.Column("rubric_digest", sa.Text(), nullable=False),
        sa.Column("is_exam", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", number, nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", number, nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_person_id", number, nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("raw_score", sa.Double(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("supersedes_id", number, nullable=True),
        sa.CheckConstraint(
            "score IS NULL OR (score >= 0 AND score <= 1)", name=op.f("ck_review_score")
        ),
        sa.CheckConstraint(
            "state IN ('open','drafted','done','withdrawn')", name=op.f("ck_review_state")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_review_{column}_{table}")
            )
            for column, table in (
                ("by_person_id", "person"),
                ("claimed_by", "person"),
                ("enrolment_id", "enrolment"),
                ("evidence_id", "evidence"),
                ("person_id", "person"),
                ("supersedes_id", "review"),
                ("team_id", "team"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index("ix_review_queue", ["team_id", "state", "opened_at"], unique=False)
        batch_op.create_index("ix_review_subject", ["kind", "subject_id"], unique=False)
        batch_op.create_index(
            "uq_review_open",
            ["kind", "subject_id"],
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        )
        batch_op.create_index(
            "uq_review_corrected",
            ["supersedes_id"],
            unique=True,
            sqlite_where=_DONE,
            postgresql_where=_DONE,
        )
    op.create_table(
        "review_mark",
        sa.Column("id", number, nullable=False),
        sa.Column("review_id", number, nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("full", number, nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("proposed", number, nullable=True),
        sa.Column("is_proposed_na", sa.Boolean(), nullable=False),
        sa.Column("proposed_lines", json, nullable=False),
        sa.Column("proposed_note", json, nullable=False),
        sa.Column("is_marked", sa.Boolean(), nullable=False),
        sa.Column("value", number, nullable=True),
        sa.Column("is_overruled", sa.Boolean(), nullable=False),
        sa.Column("is_auto", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lines", json, nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_review_mark_review_id_review")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_mark")),
        sa.UniqueConstraint(
            "review_id", "criterion", name=op.f("uq_review_mark_review_id_criterion")
        ),
    )
    op.create_table(
        "rule_trust",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("min_kappa", sa.Double(), nullable=True),
        sa.Column("min_count", number, nullable=False),
        sa.Column("by_person_id", number, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_rule_trust_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_rule_trust_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_trust")),
    )
    with op.batch_alter_table("rule_trust", schema=None) as batch_op:
        batch_op.create_index("ix_rule_trust_team", ["team_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("rule_trust", schema=None) as batch_op:
        batch_op.drop_index("ix_rule_trust_team")

    op.drop_table("rule_trust")
    op.drop_table("review_mark")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_index("uq_review_corrected", sqlite_where=_DONE, postgresql_where=_DONE)
        batch_op.drop_index("uq_review_open", sqlite_where=_OPEN, postgresql_where=_OPEN)
        batch_op.drop_index("ix_review_subject")
        batch_op.drop_index("ix_review_queue")

    op.drop_table("review")
