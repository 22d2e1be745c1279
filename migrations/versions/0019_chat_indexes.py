"""Find what one import brought and what a shop is marked on, whatever else there is."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_chat_conversation_import", "chat_conversation", ["import_id", "id"])
    op.create_index("ix_chat_review_team", "chat_review", ["team_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_chat_review_team", "chat_review")
    op.drop_index("ix_chat_conversation_import", "chat_conversation")
