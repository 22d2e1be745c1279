"""Sampled chats: plans in force, draws, what was drawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "sampling_activation",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("plan_digest", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("by_person_id", number, nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_person_id"],
            ["person.id"],
            name=op.f("fk_sampling_activation_by_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_sampling_activation_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampling_activation")),
    )
    with op.batch_alter_table("sampling_activation", schema=None) as batch_op:
        batch_op.create_index(
            "uq_sampling_activation_current",
            ["team_id", "slug"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
    op.create_table(
        "sample_draw",
        sa.Column("id", number, nullable=False),
        sa.Column("activation_id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("carried", sa.Double(), nullable=True),
        sa.Column("inspection", sa.Text(), nullable=False),
        sa.Column("left_over", sa.Double(), nullable=True),
        sa.Column("frame_count", sa.Integer(), nullable=False),
        sa.Column("frame_digest", sa.Text(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.Column("by_person_id", number, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activation_id"],
            ["sampling_activation.id"],
            name=op.f("fk_sample_draw_activation_id_sampling_activation"),
        ),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_sample_draw_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_sample_draw_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_draw")),
        sa.UniqueConstraint(
            "activation_id",
            "first_on",
            "number",
            name=op.f("uq_sample_draw_activation_id_first_on_number"),
        ),
    )
    with op.batch_alter_table("sample_draw", schema=None) as batch_op:
        batch_op.create_index("ix_sample_draw_team", ["team_id", "first_on"], unique=False)
        batch_op.create_index(
            "uq_sample_draw_in_force",
            ["activation_id", "first_on"],
            unique=True,
            sqlite_where=sa.text("state = 'in_force'"),
            postgresql_where=sa.text("state = 'in_force'"),
        )
    op.create_table(
        "sampled_chat",
        sa.Column("id", number, nullable=False),
        sa.Column("draw_id", number, nullable=False),
        sa.Column("conversation_id", number, nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["sample_draw.id"], name=op.f("fk_sampled_chat_draw_id_sample_draw")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampled_chat")),
        sa.UniqueConstraint(
            "draw_id",
            "conversation_id",
            name=op.f("uq_sampled_chat_draw_id_conversation_id"),
        ),
    )
    with op.batch_alter_table("sampled_chat", schema=None) as batch_op:
        batch_op.create_index("ix_sampled_chat_conversation", ["conversation_id"], unique=False)


def downgrade() -> None:
    op.drop_table("sampled_chat")
    op.drop_table("sample_draw")
    op.drop_table("sampling_activation")
