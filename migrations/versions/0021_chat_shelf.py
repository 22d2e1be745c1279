"""List chats of a day by their time, and find what is still kept of lines that were no messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_chat_conversation_team_day", "chat_conversation")
    op.create_index(
        "ix_chat_conversation_team_day", "chat_conversation", ["team_id", "day", "began_at"]
    )
    # Of two indexes that serve alike SQLite takes the newer one: that of what is not erased yet.
    op.drop_index("ix_chat_conversation_kept", "chat_conversation")
    _create_kept()
    kept = sa.text("source IS NOT NULL")
    op.create_index(
        "ix_chat_refused_kept",
        "chat_refused",
        ["import_id"],
        sqlite_where=kept,
        postgresql_where=kept,
    )


def downgrade() -> None:
    op.drop_index("ix_chat_refused_kept", "chat_refused")
    op.drop_index("ix_chat_conversation_team_day", "chat_conversation")
    op.create_index("ix_chat_conversation_team_day", "chat_conversation", ["team_id", "day"])
    op.drop_index("ix_chat_conversation_kept", "chat_conversation")
    _create_kept()


def _create_kept() -> None:
    open_ = sa.text("erased_by IS NULL")
    op.create_index(
        "ix_chat_conversation_kept",
        "chat_conversation",
        ["team_id", "day", "id"],
        sqlite_where=open_,
        postgresql_where=open_,
    )
