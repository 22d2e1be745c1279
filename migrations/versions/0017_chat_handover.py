"""What is still to be done after a chat, and hand-overs of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    time = sa.DateTime(timezone=True)
    op.create_table(
        "chat_follow_up",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("conversation_id", number, nullable=False),
        sa.Column("owner_id", number, nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("opened_at", time, nullable=False),
        sa.Column("closed_at", time, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["chat_conversation.id"],
            name=op.f("fk_chat_follow_up_conversation_id_chat_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["person.id"], name=op.f("fk_chat_follow_up_owner_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_chat_follow_up_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_follow_up")),
    )
    op.create_index("ix_chat_follow_up_owner", "chat_follow_up", ["owner_id", "closed_at"])
    op.create_index("ix_chat_follow_up_team", "chat_follow_up", ["team_id", "closed_at"])
    op.create_index(
        "uq_chat_follow_up_open",
        "chat_follow_up",
        ["conversation_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "chat_follow_up_note",
        sa.Column("id", number, nullable=False),
        sa.Column("follow_up_id", number, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("by_person_id", number, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("to_person_id", number, nullable=True),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_chat_follow_up_note_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"],
            ["chat_follow_up.id"],
            name=op.f("fk_chat_follow_up_note_follow_up_id_chat_follow_up"),
        ),
        sa.ForeignKeyConstraint(
            ["to_person_id"], ["person.id"], name=op.f("fk_chat_follow_up_note_to_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_follow_up_note")),
    )
    op.create_index("ix_chat_follow_up_note_of", "chat_follow_up_note", ["follow_up_id", "id"])
    op.create_table(
        "chat_handover",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("from_person_id", number, nullable=False),
        sa.Column("to_person_id", number, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_person_id", number, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("taken_at", time, nullable=True),
        sa.Column("job_id", number, nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_chat_handover_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["from_person_id"], ["person.id"], name=op.f("fk_chat_handover_from_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_chat_handover_team_id_team")
        ),
        sa.ForeignKeyConstraint(
            ["to_person_id"], ["person.id"], name=op.f("fk_chat_handover_to_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_handover")),
    )
    op.create_index("ix_chat_handover_team", "chat_handover", ["team_id", "id"])
    op.create_table(
        "chat_handover_item",
        sa.Column("handover_id", number, nullable=False),
        sa.Column("follow_up_id", number, nullable=False),
        sa.ForeignKeyConstraint(
            ["follow_up_id"],
            ["chat_follow_up.id"],
            name=op.f("fk_chat_handover_item_follow_up_id_chat_follow_up"),
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"],
            ["chat_handover.id"],
            name=op.f("fk_chat_handover_item_handover_id_chat_handover"),
        ),
        sa.PrimaryKeyConstraint("handover_id", "follow_up_id", name=op.f("pk_chat_handover_item")),
    )


def downgrade() -> None:
    op.drop_table("chat_handover_item")
    op.drop_table("chat_handover")
    op.drop_table("chat_follow_up_note")
    op.drop_table("chat_follow_up")
