"""Find what is still kept of chats, whatever has been erased before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kept = sa.text("erased_by IS NULL")
    op.create_index(
        "ix_chat_conversation_kept",
        "chat_conversation",
        ["team_id", "day", "id"],
        sqlite_where=kept,
        postgresql_where=kept,
    )


def downgrade() -> None:
    op.drop_index("ix_chat_conversation_kept", "chat_conversation")
