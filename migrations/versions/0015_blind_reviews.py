"""Blind second markings, who is kept from exams, and calibration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_BLIND = sa.text("for_person_id IS NOT NULL")
_CURRENT = sa.text("ended_at IS NULL")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("for_person_id", number, nullable=True))
        batch_op.add_column(sa.Column("beside_id", number, nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_review_for_person_id_person"), "person", ["for_person_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_review_beside_id_review"), "review", ["beside_id"], ["id"]
        )
        batch_op.create_index(
            "ix_review_for_person",
            ["for_person_id", "state"],
            unique=False,
            sqlite_where=_BLIND,
            postgresql_where=_BLIND,
        )
    op.create_table(
        "exam_bar",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_exam_bar_person_id_person")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_exam_bar_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_bar")),
    )
    with op.batch_alter_table("exam_bar", schema=None) as batch_op:
        batch_op.create_index(
            "uq_exam_bar_current",
            ["team_id", "person_id"],
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        )
    op.create_table(
        "calibration",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rubric_digest", sa.Text(), nullable=False),
        sa.Column("by_person_id", number, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_calibration_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_calibration_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration")),
    )
    with op.batch_alter_table("calibration", schema=None) as batch_op:
        batch_op.create_index("ix_calibration_team", ["team_id", "id"], unique=False)
    op.create_table(
        "calibration_chat",
        sa.Column("id", number, nullable=False),
        sa.Column("calibration_id", number, nullable=False),
        sa.Column("place", number, nullable=False),
        sa.Column("chat_review_id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["calibration_id"],
            ["calibration.id"],
            name=op.f("fk_calibration_chat_calibration_id_calibration"),
        ),
        sa.ForeignKeyConstraint(
            ["chat_review_id"],
            ["chat_review.id"],
            name=op.f("fk_calibration_chat_chat_review_id_chat_review"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_chat")),
        sa.UniqueConstraint(
            "calibration_id",
            "chat_review_id",
            name=op.f("uq_calibration_chat_calibration_id_chat_review_id"),
        ),
    )
    op.create_table(
        "calibration_part",
        sa.Column("id", number, nullable=False),
        sa.Column("chat_id", number, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["calibration_chat.id"],
            name=op.f("fk_calibration_part_chat_id_calibration_chat"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calibration_part_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_part")),
        sa.UniqueConstraint(
            "chat_id", "person_id", name=op.f("uq_calibration_part_chat_id_person_id")
        ),
    )
    op.create_table(
        "calibration_gold",
        sa.Column("id", number, nullable=False),
        sa.Column("chat_id", number, nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("value", number, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["calibration_chat.id"],
            name=op.f("fk_calibration_gold_chat_id_calibration_chat"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_gold")),
        sa.UniqueConstraint(
            "chat_id", "criterion", name=op.f("uq_calibration_gold_chat_id_criterion")
        ),
    )


def downgrade() -> None:
    op.drop_table("calibration_gold")
    op.drop_table("calibration_part")
    op.drop_table("calibration_chat")
    op.drop_table("calibration")
    op.drop_table("exam_bar")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_index("ix_review_for_person")
        batch_op.drop_constraint(batch_op.f("fk_review_beside_id_review"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_review_for_person_id_person"), type_="foreignkey")
        batch_op.drop_column("beside_id")
        batch_op.drop_column("for_person_id")
