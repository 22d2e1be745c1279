"""What waits for the search index of chats may grow to 32 MB before it is sorted in.

An import settles it at its end; a search looks through it meanwhile. PostgreSQL only.
"""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX ix_chat_search_tokens SET (gin_pending_list_limit = 32768)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX ix_chat_search_tokens RESET (gin_pending_list_limit)")
